//! A page of a PDF → whether it can be drawn with bounded effort: how many operators draw it, those
//! of a form each time that it is drawn.
//!
//! The interpreter reports only what is drawn. States that are saved, paths that are built and forms
//! that draw nothing cost it time and memory unseen.

use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Dict, Name, Object, Stream};
use hayro_syntax::page::{Page, Resources};
use kurbo::{Affine, BezPath, CubicBez, Point};

use crate::source::limits;
use crate::source::unpacked;

/// Content of fewer bytes cannot have too many operators.
const SMALL: usize = 1 << 18;

/// The greatest depth of forms within forms; a form may contain itself.
const DEEPEST: usize = 32;

/// Whether a page's operators are within the limits.
pub fn is_within(page: &Page<'_>) -> bool {
    if !unpacked::content_is_within(page) {
        return false;
    }
    let content = page.page_stream().unwrap_or_default();
    if content.len() < SMALL && !has_forms(page.resources()) {
        return true;
    }
    Count { operators: 0 }.is_within(content, page.resources(), 0)
}

fn has_forms(resources: &Resources<'_>) -> bool {
    let mut names = resources.x_objects.keys();
    names.any(|name| resources.get_x_object(&name).is_some_and(|stream| is_form(&stream)))
}

fn is_form(stream: &Stream<'_>) -> bool {
    // A reader takes an object of no kind for a form.
    stream.dict().get::<Name<'_>>("Subtype").is_none_or(|kind| kind.as_str() != "Image")
}

/// The lines between the control points of a path, which are never shorter than its curves.
fn lines(path: &BezPath) -> impl Iterator<Item = (Point, Point)> {
    path.segments().flat_map(|segment| {
        let CubicBez { p0, p1, p2, p3 } = segment.to_cubic();
        [(p0, p1), (p1, p2), (p2, p3)]
    })
}

/// The height of all edges of a path on a page, in pt.
pub fn edges(path: &BezPath, transform: Affine, page: f64) -> f64 {
    let height = |(from, to): (Point, Point)| ((transform * to).y - (transform * from).y).abs();
    lines(path).map(|line| height(line).min(page)).sum()
}

/// How many dashes a line along a path has; a renderer makes a line of each.
pub fn dashes(path: &BezPath, dashes: &[f32]) -> f64 {
    let period: f64 = dashes.iter().map(|dash| f64::from(dash.abs())).sum();
    match period > 0.0 {
        true => lines(path).map(|(from, to)| (to - from).hypot()).sum::<f64>() / period,
        false => 0.0,
    }
}

/// How many operators it takes as long to carry out as to begin a form.
const FORM: usize = 50;

struct Count {
    operators: usize,
}

impl Count {
    fn is_within(&mut self, content: &[u8], resources: &Resources<'_>, depth: usize) -> bool {
        let mut saved = 0_usize;
        let mut operators = UntypedIter::new(content);
        while let Some(instruction) = operators.next() {
            self.operators += 1;
            let name = match &instruction.operator[..] {
                b"q" => {
                    saved += 1;
                    None
                }
                b"Q" => {
                    saved = saved.saturating_sub(1);
                    None
                }
                b"Do" => instruction.operands().find_map(|operand| match operand {
                    Object::Name(name) => Some(name),
                    _ => None,
                }),
                _ => None,
            };
            if self.operators > limits::OPERATIONS || saved > limits::SAVED_STATES {
                return false;
            }
            let form = name.and_then(|name| resources.get_x_object(name)).filter(is_form);
            let Some(form) = form else { continue };
            self.operators += FORM;
            if depth == DEEPEST {
                return false;
            }
            // A form that cannot be unpacked is not drawn.
            let Ok(content) = form.decoded_data() else { continue };
            let own = form.dict().get::<Dict<'_>>("Resources").map(Resources::new);
            if !self.is_within(&content, own.as_ref().unwrap_or(resources), depth + 1) {
                return false;
            }
        }
        true
    }
}
