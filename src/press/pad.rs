//! Pages of an issue → pages of a booklet: blanks are added and the imprint moves to the last
//! page.

use typst::introspection::Tag;
use typst::layout::{Abs, Frame, FrameItem, Transform};

use crate::page::area;
use crate::page::frames;
use crate::publication::layout::Geometry;

/// A page of a booklet: a frame, and how far to the right it is moved.
pub type Moved = (Frame, Abs);

/// Pads pages to `total`. 7.5: blank pages stand before the imprint's page, and then neither
/// carries a number. An imprint under the end of the text moves to a page of its own, so that no
/// blank page interrupts the text; that page has no number, since the issue has no such page.
pub fn pad(mut pages: Vec<Frame>, total: usize, geometry: Geometry) -> Vec<Option<Moved>> {
    let at_rest = |page: Frame| Some((page, Abs::zero()));
    let count = pages.len();
    if count >= total {
        return pages.into_iter().map(at_rest).collect();
    }
    let Some(top) = pages.last().and_then(imprint_top) else {
        let blanks = std::iter::repeat_with(|| None).take(total - count);
        return pages.into_iter().map(at_rest).chain(blanks).collect();
    };
    let Some(last) = pages.pop() else { return Vec::new() };
    let area = Abs::pt(area::BOTTOM);
    let text = part(&last, |y| y < top || y > area);
    let imprint = part(&last, |y| y >= top && y <= area);
    if has_ink(&part(&last, |y| y < top)) {
        pages.push(text);
    }
    let edge = |index| Abs::pt(area::left_edge(geometry, index));
    let moved = edge(total - 1) - edge(count - 1);
    let mut padded: Vec<Option<Moved>> = pages.into_iter().map(at_rest).collect();
    padded.resize_with(total - 1, || None);
    padded.push(Some((imprint, moved)));
    padded
}

/// The top of the imprint, if the layout marks one.
fn imprint_top(page: &Frame) -> Option<Abs> {
    let mut top = None;
    frames::walk(page, Transform::identity(), &mut |at, item| {
        if let FrameItem::Tag(Tag::Start(element, _)) = item
            && element.label().is_some_and(|label| label.resolve().as_str() == "imprint")
        {
            // The rule at the imprint's top extends upwards by half its weight.
            top = Some(at.ty - Abs::pt(0.5));
        }
    });
    top
}

/// The items of a page at heights that `keep` accepts.
fn part(page: &Frame, keep: impl Fn(Abs) -> bool) -> Frame {
    frames::map(page, Transform::identity(), &mut |at, item| {
        let stays = matches!(item, FrameItem::Tag(_)) || keep(at.ty);
        stays.then(|| item.clone())
    })
}

fn has_ink(frame: &Frame) -> bool {
    let mut found = false;
    frames::walk(frame, Transform::identity(), &mut |_, item| {
        found |= matches!(item, FrameItem::Text(_) | FrameItem::Shape(..) | FrameItem::Image(..));
    });
    found
}
