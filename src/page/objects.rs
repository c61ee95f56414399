//! Laid-out pages → where the tables and pictures stand that fitting can change.

use typst::foundations::Value;
use typst::introspection::{MetadataElem, Tag};
use typst::layout::{FrameItem, Point, Transform};
use typst_layout::PagedDocument;

use super::area;
use super::frames;
use crate::publication::layout::Geometry;

/// A table or picture on the pages.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Its place in `issue.json`, as the layout puts it beside it.
    pub at: String,
    /// The page where it begins, counted from 1.
    pub page: usize,
    /// Its top, in pt from the page's.
    pub top: f64,
    /// The height of a picture, in pt; `None` for a table.
    pub picture: Option<f64>,
}

/// The label under which a layout says where a table or picture stands.
const LABEL: &str = "object";

/// The tables and pictures, page by page.
pub fn objects(document: &PagedDocument) -> Vec<Object> {
    let mut found: Vec<Object> = Vec::new();
    for (index, page) in document.pages().iter().enumerate() {
        frames::walk(&page.frame, Transform::identity(), &mut |here, item| match item {
            FrameItem::Tag(Tag::Start(element, _)) => {
                let is_ours =
                    element.label().is_some_and(|label| label.resolve().as_str() == LABEL);
                let data = element.to_packed::<MetadataElem>().filter(|_| is_ours);
                if let Some(Value::Str(at)) = data.map(|data| &data.value) {
                    let top = Point::zero().transform(here).y.to_pt();
                    let page = index + 1;
                    found.push(Object { at: at.to_string(), page, top, picture: None });
                }
            }
            FrameItem::Image(_, size, _) => {
                if let Some(object) = found.last_mut().filter(|object| object.page == index + 1) {
                    object.picture.get_or_insert(size.y.to_pt());
                }
            }
            _ => {}
        });
    }
    found
}

/// How much smaller a picture of this height must be, so that it fits where `hole` lines are free,
/// with its caption and the distances around it.
pub fn scale(picture: f64, hole: usize, geometry: Geometry) -> f64 {
    let pitch = area::pitch(geometry);
    ((hole as f64 - AROUND) * pitch / picture).clamp(0.0, 1.0)
}

/// The grid lines that a caption and the distances around a picture take.
const AROUND: f64 = 2.1;
