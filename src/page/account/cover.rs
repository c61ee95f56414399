//! What is drawn over text and pictures → whether it hides them; and whether ink can be told from
//! what lies under it.

use typst::layout::{Abs, Point, Rect, Transform};
use typst::visualize::{Curve, FixedStroke, Geometry, ImageKind, Paint, Shape};

use super::shown::{SMALLEST, contains, on_page};

/// Ink of less opacity lets through what is under it.
const SHEER: f32 = 0.3;
/// Ink that stands out from its ground less, by the contrast of WCAG, is hard to read: on white, a
/// grey of 80 % is not.
const CONTRAST: f32 = 1.6;
/// A line thinner than this part of the type's size may cross it.
const THIN: f64 = 0.1;

/// Red, green, blue and opacity, from 0 to 1.
pub type Colour = [f32; 4];
pub const WHITE: Colour = [1.0; 4];

/// A colour as red, green, blue and opacity, from 0 to 1; `None` for a pattern.
pub fn colour(paint: &Paint) -> Option<Colour> {
    let Paint::Solid(colour) = paint else { return None };
    let rgb = colour.to_rgb();
    Some([rgb.red, rgb.green, rgb.blue, rgb.alpha])
}

/// Whether ink can be told from what is under it.
pub fn differs(ink: Colour, under: Colour) -> bool {
    let under = over(under, WHITE);
    let (a, b) = (luminance(over(ink, under)), luminance(under));
    (a.max(b) + 0.05) / (a.min(b) + 0.05) >= CONTRAST
}

/// The colour that ink has on a ground.
fn over(ink: Colour, under: Colour) -> Colour {
    let alpha = ink[3];
    let mix = |at: usize| ink[at] * alpha + under[at] * (1.0 - alpha);
    [mix(0), mix(1), mix(2), 1.0]
}

fn luminance([red, green, blue, _]: Colour) -> f32 {
    let linear = |c: f32| match c <= 0.040_45 {
        true => c / 12.92,
        false => ((c + 0.055) / 1.055).powf(2.4),
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

/// Whether a paint hides what is under it.
fn is_opaque(paint: &Paint) -> bool {
    colour(paint).is_none_or(|[.., alpha]| alpha >= SHEER)
}

/// Whether a picture may have clear parts, as a seal over a date has.
pub fn is_clear_in_parts(kind: &ImageKind) -> bool {
    matches!(kind, ImageKind::Raster(raster) if raster.dynamic().color().has_alpha())
}

/// Something that is drawn over what has been laid out before.
pub struct Cover<'a> {
    /// The box that it fills, on the page.
    pub place: Rect,
    /// From the page to the shape; `None` for a box.
    shape: Option<(&'a Shape, Transform)>,
}

impl<'a> Cover<'a> {
    /// A picture.
    pub fn of_box(place: Rect) -> Self {
        Cover { place, shape: None }
    }

    /// A shape, unless nothing of it can be seen or it has no room.
    pub fn of_shape(shape: &'a Shape, here: Transform) -> Option<Self> {
        let is_thick = |stroke: &FixedStroke| stroke.thickness > Abs::pt(SMALLEST * THIN);
        let stroke = shape.stroke.as_ref().filter(|stroke| is_thick(stroke));
        let stroke = stroke.is_some_and(|stroke| is_opaque(&stroke.paint));
        let opaque = stroke || shape.fill.as_ref().is_some_and(is_opaque);
        let back = here.invert().filter(|_| opaque)?;
        Some(Cover { place: on_page(shape.bbox(true), here), shape: Some((shape, back)) })
    }

    /// Whether it hides a box that something of a size fills: two of its middle and the middles of
    /// its quarters.
    pub fn hides(&self, rect: Rect, size: Abs) -> bool {
        let point = |x: f64, y: f64| {
            let (width, height) = (rect.max.x - rect.min.x, rect.max.y - rect.min.y);
            Point::new(rect.min.x + width * x, rect.min.y + height * y)
        };
        let points = [(0.5, 0.5), (0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)];
        let covered = |point: &Point| contains(self.place, *point) && self.covers(*point, size);
        points.iter().map(|&(x, y)| point(x, y)).filter(covered).take(2).count() == 2
    }

    fn covers(&self, point: Point, size: Abs) -> bool {
        let Some((shape, back)) = self.shape else { return true };
        let point = point.transform(back);
        let filled = shape.fill.as_ref().is_some_and(is_opaque);
        let stroke = shape.stroke.as_ref();
        let stroke = stroke.filter(|stroke| is_opaque(&stroke.paint));
        let stroke = stroke.filter(|stroke| stroke.thickness > size * THIN);
        match &shape.geometry {
            Geometry::Line(end) => stroke.is_some_and(|stroke| on_line(point, *end, stroke)),
            Geometry::Rect(size) => {
                let inside = filled && contains(Rect::new(Point::zero(), size.to_point()), point);
                let edge = |stroke| Curve::rect(*size).stroke_contains(stroke, point);
                inside || stroke.is_some_and(edge)
            }
            Geometry::Curve(curve) => {
                let edge = |stroke| curve.stroke_contains(stroke, point);
                filled && curve.contains(shape.fill_rule, point) || stroke.is_some_and(edge)
            }
        }
    }
}

/// Whether a point is on the line from zero to an end.
fn on_line(point: Point, end: Point, stroke: &FixedStroke) -> bool {
    let (x, y) = (end.x.to_pt(), end.y.to_pt());
    let length = x.hypot(y);
    if length == 0.0 {
        return false;
    }
    let along = (point.x.to_pt() * x + point.y.to_pt() * y) / length;
    let aside = (point.x.to_pt() * y - point.y.to_pt() * x) / length;
    (0.0..=length).contains(&along) && aside.abs() <= stroke.thickness.to_pt() / 2.0
}
