//! Places on sheets × pages → sheets with their marks (裁切线、套准线、折线、订位).

use typst::layout::{Abs, Frame, FrameItem, Point, Ratio, Rect, Size, Transform};
use typst::syntax::Span;
use typst::visualize::{
    Curve, DashPattern, FillRule, FixedStroke, Geometry, LineCap, LineJoin, Paint, Shape,
};

use super::impose::{Plan, Scheme, Side};
use super::ink::Ink;
use crate::export::sheets::{Layer, Sheet};

/// How far the print may reach beyond the trimmed sheet, and how far marks keep off it, in mm.
const BLEED: f64 = 3.0;
/// How long marks are, in mm.
const MARK: f64 = 5.0;
/// How thick their lines are, in pt.
const HAIR: f64 = 0.25;
/// What marks take on each side of the trimmed sheet, in mm.
pub const MARGIN: f64 = 10.0;
/// 6.3: two staples, so far from head and foot, in mm.
const STAPLES: f64 = 70.0;
/// The side of a patch of the colour bar, in mm.
const PATCH: f64 = 4.0;

/// What is printed beside the trimmed sheet.
pub struct Marks<'a> {
    /// The slug line: issue, date, digest, sheet.
    pub slug: &'a Frame,
    /// The inks of the side; none on a side without any.
    pub inks: Vec<Ink>,
}

/// The layers of a page, from its top left corner; nothing for a blank.
pub type PageLayers = Vec<Layer>;

/// One side of a sheet with its pages and marks.
pub fn sheet(
    plan: &Plan,
    trim: [f64; 4],
    side: &Side,
    pages: &[PageLayers],
    marks: Option<Marks<'_>>,
) -> Sheet {
    let (w, h) = plan.page;
    let mut layers = Vec::new();
    for slot in &side.slots {
        let corner = Transform::translate(Abs::mm(slot.x), Abs::mm(slot.y));
        let at = match slot.turned {
            false => corner,
            true => corner
                .pre_concat(Transform::translate(Abs::mm(w), Abs::mm(h)))
                .pre_concat(Transform::scale(-Ratio::one(), -Ratio::one())),
        };
        for layer in &pages[slot.page] {
            layers.push(Layer { at: at.pre_concat(layer.at), ..layer.clone() });
        }
    }
    let size = Size::new(Abs::mm(plan.sheet.0), Abs::mm(plan.sheet.1));
    let [left, top, width, height] = trim;
    let bleed = if marks.is_some() { BLEED } else { 0.0 };
    if let Some(marks) = marks {
        let frame = drawn(plan, trim, &marks);
        layers.push(Layer { frame, at: Transform::identity(), shared: false });
    }
    let corner = |dx: f64, dy: f64| Point::new(Abs::mm(dx), Abs::mm(dy));
    Sheet {
        size,
        trim: Rect::new(corner(left, top), corner(left + width, top + height)),
        bleed: Rect::new(
            corner(left - bleed, top - bleed),
            corner(left + width + bleed, top + height + bleed),
        ),
        layers,
    }
}

/// The marks of a side.
fn drawn(plan: &Plan, [left, top, width, height]: [f64; 4], marks: &Marks<'_>) -> Frame {
    let (right, bottom) = (left + width, top + height);
    // A red plate has to be laid over a black one: where there are both, marks are in both.
    let ink = match marks.inks.as_slice() {
        [] => Ink::Black,
        [only] => *only,
        _ => Ink::All,
    };
    let mut pen =
        Pen { frame: Frame::hard(Size::new(Abs::mm(plan.sheet.0), Abs::mm(plan.sheet.1))), ink };
    let (near, far) = (BLEED, BLEED + MARK);

    let (columns, rows) = plan.grid().expect("the plan was carried out");
    // Where the knife goes; a booklet is not cut in its fold.
    let cut = |count: usize, from: f64, length: f64| -> Vec<f64> {
        let inner = if matches!(plan.scheme, Scheme::CutStack | Scheme::Step) { count } else { 1 };
        (0..=inner).map(|at| from + length * at as f64 / inner as f64).collect()
    };
    for x in cut(columns, left, width) {
        pen.line((x, top - near), (x, top - far), false);
        pen.line((x, bottom + near), (x, bottom + far), false);
    }
    for y in cut(rows, top, height) {
        pen.line((left - near, y), (left - far, y), false);
        pen.line((right + near, y), (right + far, y), false);
    }
    let middle = left + width / 2.0;
    if plan.scheme == Scheme::Booklet {
        pen.line((middle, top - near), (middle, top - far), true);
        pen.line((middle, bottom + near), (middle, bottom + far), true);
        // Staples sit in the fold; their height is marked at the sheet's sides.
        for y in [top + STAPLES, bottom - STAPLES] {
            for (x, out) in [(left, -1.0), (right, 1.0)] {
                pen.line((x + out * near, y), (x + out * far, y), false);
                pen.line((x + out * far, y - 1.0), (x + out * far, y + 1.0), false);
            }
        }
    }
    let (off, quarter) = (BLEED + MARK / 2.0, left + width / 4.0);
    for (x, y) in [
        (left - off, top + height / 2.0),
        (right + off, top + height / 2.0),
        (quarter, top - off),
        (quarter, bottom + off),
    ] {
        pen.register(x, y);
    }

    // Each ink in full, half and quarter strength, in the head's margin.
    let mut x = left + width * 0.75;
    for ink in marks.inks.iter().filter(|ink| **ink != Ink::All) {
        for tint in [1.0, 0.5, 0.25] {
            pen.patch(x, top - off - PATCH / 2.0, *ink, tint);
            x += PATCH;
        }
    }
    let slug = super::recoloured(marks.slug, ink);
    let at = Point::new(Abs::mm(left + width * 0.75 - 40.0), Abs::mm(bottom + near + 0.5));
    pen.frame.push_frame(at, slug);
    pen.frame
}

struct Pen {
    frame: Frame,
    ink: Ink,
}

impl Pen {
    fn stroke(&self, dashed: bool) -> FixedStroke {
        let dash = dashed
            .then(|| DashPattern { array: vec![Abs::pt(2.0), Abs::pt(1.5)], phase: Abs::zero() });
        FixedStroke {
            paint: Paint::Solid(self.ink.tint(1.0)),
            thickness: Abs::pt(HAIR),
            cap: LineCap::Butt,
            join: LineJoin::Miter,
            dash,
            miter_limit: Ratio::new(4.0),
        }
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64), dashed: bool) {
        let start = Point::new(Abs::mm(from.0), Abs::mm(from.1));
        let end = Point::new(Abs::mm(to.0), Abs::mm(to.1));
        let shape = Geometry::Line(end - start).stroked(self.stroke(dashed));
        self.frame.push(start, FrameItem::Shape(shape, Span::detached()));
    }

    /// A cross in a circle (套准线).
    fn register(&mut self, x: f64, y: f64) {
        let arm = MARK / 2.0;
        self.line((x - arm, y), (x + arm, y), false);
        self.line((x, y - arm), (x, y + arm), false);
        let circle = Curve::ellipse(Size::splat(Abs::mm(arm)));
        let shape = Geometry::Curve(circle).stroked(self.stroke(false));
        let corner = Point::new(Abs::mm(x - arm / 2.0), Abs::mm(y - arm / 2.0));
        self.frame.push(corner, FrameItem::Shape(shape, Span::detached()));
    }

    fn patch(&mut self, x: f64, y: f64, ink: Ink, tint: f64) {
        let shape = filled(Geometry::Rect(Size::splat(Abs::mm(PATCH))), ink, tint);
        let corner = Point::new(Abs::mm(x), Abs::mm(y));
        self.frame.push(corner, FrameItem::Shape(shape, Span::detached()));
    }
}

/// An area of one ink.
pub fn filled(geometry: Geometry, ink: Ink, tint: f64) -> Shape {
    Shape {
        geometry,
        fill: Some(ink.tint(tint).into()),
        fill_rule: FillRule::NonZero,
        stroke: None,
    }
}
