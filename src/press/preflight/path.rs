//! The segments of a path → the thickness of its thinnest part, since rules may be drawn as areas.

use kurbo::{CubicBez, Point, Rect as Area, Shape as _};

/// A path that is read part by part, in the page's own space.
#[derive(Default)]
pub struct Path {
    corners: Vec<Point>,
    ink: Option<Area>,
    is_curved: bool,
    thin: Option<f64>,
}

/// A path with more corners is not a rule.
const CORNERS: usize = 8;

impl Path {
    /// Begins a part at a point.
    pub fn begin(&mut self, at: Point) {
        *self = Path { thin: self.thinnest(), ..Path::default() };
        self.line(at);
    }

    /// Goes straight to a point.
    pub fn line(&mut self, to: Point) {
        self.reach(Area::from_points(to, to));
        if self.corners.len() > CORNERS {
            self.corners.pop();
        }
        self.corners.push(to);
    }

    /// Goes to `end` in a curve that leaves towards `from`, by default from the point itself, and
    /// arrives from `to`.
    pub fn curve(&mut self, from: Option<Point>, to: Point, end: Point) {
        let start = self.corners.last().copied().unwrap_or(end);
        self.reach(CubicBez::new(start, from.unwrap_or(start), to, end).bounding_box());
        self.is_curved = true;
        self.line(end);
    }

    /// Extends the area that the part covers.
    fn reach(&mut self, area: Area) {
        self.ink = Some(self.ink.map_or(area, |ink| ink.union(area)));
    }

    /// The thickness of the thinnest part; the path ends there.
    pub fn thinnest(&mut self) -> Option<f64> {
        let Path { corners, ink, is_curved, thin } = std::mem::take(self);
        let part = ink.filter(|_| corners.len() > 1).map(|ink| {
            let mut side = ink.width().min(ink.height());
            // A slanted rule is measured by the distance of the corners from each side.
            if !is_curved && corners.len() <= CORNERS {
                let next = corners.iter().cycle().skip(1);
                for (from, to) in corners.iter().zip(next).filter(|(from, to)| from != to) {
                    let along = (*to - *from).normalize();
                    let off = corners.iter().map(|corner| along.cross(*corner - *from));
                    let (low, high) =
                        off.fold((0_f64, 0_f64), |(l, h), off| (l.min(off), h.max(off)));
                    side = side.min(high - low);
                }
            }
            side
        });
        match (thin, part) {
            (Some(thin), Some(part)) => Some(thin.min(part)),
            (thin, part) => thin.or(part),
        }
    }
}
