//! Places on sheets × pages → sheets with their marks (裁切线、套准线、折线、订位).

use typst::layout::{Abs, Frame, FrameItem, Point, Ratio, Rect, Size, Transform};
use typst::syntax::Span;
use typst::visualize::{
    Curve, DashPattern, FillRule, FixedStroke, Geometry, LineCap, LineJoin, Paint, Shape,
};

use super::impose::{Plan, Scheme, Side};
use super::ink::{Ink, recoloured};
use super::write::{Layer, Sheet};

/// How far the print may reach beyond the trimmed sheet, and how far marks keep off it, in mm.
const BLEED: f64 = 3.0;
/// How long marks are, in mm.
const MARK: f64 = 5.0;
/// How thick their lines are, in pt.
const HAIR: f64 = 0.25;
/// The space that marks take on each side of the trimmed sheet, in mm.
pub const MARGIN: f64 = 10.0;
/// 6.3: two staples, at this distance from head and foot, in mm.
const STAPLES: f64 = 70.0;
/// The distance between the slug line and other marks, in mm.
const CLEAR: f64 = 2.0;
/// The side of a patch of the colour bar, in mm.
const PATCH: f64 = 4.0;

/// What is printed beside the trimmed sheet.
pub struct Marks<'a> {
    /// The slug line: issue, date, digest, sheet.
    pub slug: &'a Frame,
    /// The inks of the side.
    pub inks: Vec<Ink>,
}

/// A page of a copy: layers placed from the page's top left corner; a blank page has no layers.
pub struct Face {
    /// Its width and height.
    pub size: Size,
    /// The layers, the lowest first.
    pub layers: Vec<Layer>,
}

impl Face {
    /// A blank page.
    pub fn blank(size: Size) -> Self {
        Face { size, layers: Vec::new() }
    }

    /// A page that other copies share, `moved` to the right.
    pub fn new(frame: Frame, moved: Abs) -> Self {
        Face { size: frame.size(), layers: vec![shared(frame, moved)] }
    }

    /// The page as a sheet of its own size.
    pub fn into_sheet(self) -> Sheet {
        let whole = Rect::new(Point::zero(), self.size.to_point());
        Sheet { size: self.size, bleed: whole, trim: whole, layers: self.layers }
    }
}

/// A layer that other copies share, `moved` to the right.
pub fn shared(frame: Frame, moved: Abs) -> Layer {
    Layer { frame, at: Transform::translate(moved, Abs::zero()), shared: true }
}

/// A layer of a single copy.
pub fn own(frame: Frame, at: Point) -> Layer {
    Layer { frame, at: Transform::translate(at.x, at.y), shared: false }
}

/// One side of a sheet with its pages and marks.
pub fn sheet(
    plan: &Plan,
    trim: [f64; 4],
    side: &Side,
    pages: &[Face],
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
        for layer in &pages[slot.page].layers {
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
    // A red plate is aligned with a black one: if a side has both inks, marks are in both.
    let ink = match marks.inks.as_slice() {
        [only] => *only,
        _ => Ink::All,
    };
    let mut pen =
        Pen { frame: Frame::hard(Size::new(Abs::mm(plan.sheet.0), Abs::mm(plan.sheet.1))), ink };
    let (near, far) = (BLEED, BLEED + MARK);

    let (columns, rows) = plan.grid().expect("the plan was carried out");
    // Cut marks; a booklet is not cut in its fold.
    let cut = |count: usize, from: f64, length: f64| -> Vec<f64> {
        let inner = if matches!(plan.scheme, Scheme::CutStack | Scheme::Step) { count } else { 1 };
        (0..=inner).map(|at| from + length * at as f64 / inner as f64).collect()
    };
    let cuts = cut(columns, left, width);
    for &x in &cuts {
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
    // Registration marks keep clear of the cuts between four columns.
    let (off, beside) = (BLEED + MARK / 2.0, left + width * 0.3);
    for (x, y) in [
        (left - off, top + height / 2.0),
        (right + off, top + height / 2.0),
        (beside, top - off),
        (beside, bottom + off),
    ] {
        pen.register(x, y);
    }

    // Each ink in full, half and quarter strength, in the head's margin.
    let mut x = left + width * 0.76;
    for ink in marks.inks.iter().filter(|ink| **ink != Ink::All) {
        for tint in [1.0, 0.5, 0.25] {
            pen.patch(x, top - off - PATCH / 2.0, *ink, tint);
            x += PATCH;
        }
    }
    // The slug stands between two marks at the foot, where there is most room for it.
    let mut taken: Vec<(f64, f64)> = cuts.iter().map(|x| (*x, *x)).collect();
    taken.push((beside - MARK / 2.0, beside + MARK / 2.0));
    if plan.scheme == Scheme::Booklet {
        taken.push((middle, middle));
    }
    let (start, room) = widest_gap(taken);
    let mut slug = Frame::soft(marks.slug.size());
    slug.push_frame(Point::zero(), recoloured(marks.slug, ink, 1.0));
    let smaller = ((room - 2.0 * CLEAR) / slug.width().to_mm()).min(1.0);
    slug.transform(Transform::scale(Ratio::new(smaller), Ratio::new(smaller)));
    pen.frame.push_frame(Point::new(Abs::mm(start + CLEAR), Abs::mm(bottom + near + 0.5)), slug);
    pen.frame
}

/// Where the widest of the gaps between marks begins, and how wide it is.
fn widest_gap(mut taken: Vec<(f64, f64)>) -> (f64, f64) {
    taken.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut end, mut widest) = (taken[0].1, (taken[0].1, 0.0));
    for (start, stop) in taken {
        if start - end > widest.1 {
            widest = (end, start - end);
        }
        end = end.max(stop);
    }
    widest
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
