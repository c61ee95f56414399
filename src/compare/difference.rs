//! The vocabulary of differences: kind, place, size, and the facts shown about each.

use kurbo::{Point, Rect};
use serde::Serialize;

use super::drawing::{Colour, Glyph};
use crate::publication::length::MM;

/// Places nearer than this are the same, in pt.
pub(super) const SAME: f64 = 0.005;

/// A page of the reference and the page that stands for it now, by their indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Couple {
    /// The page of the reference; `None` where a page was added.
    pub before: Option<usize>,
    /// The page now; `None` where a page was lost.
    pub now: Option<usize>,
}

/// The box that a mark covers on a page of one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// The page's index.
    pub page: usize,
    /// The box, in pt.
    pub ink: Rect,
}

impl Spot {
    /// The pixels of a mark that moved within the tolerance: the move explains their difference.
    /// `None` if the mark did not move: then its pixels have to be equal.
    pub(super) fn settled(page: usize, before: Rect, now: Rect) -> Option<Self> {
        let moved =
            [now.x0 - before.x0, now.y0 - before.y0, now.x1 - before.x1, now.y1 - before.y1];
        let is_moved = moved.iter().any(|by| by.abs() > SAME);
        is_moved.then(|| Spot { page, ink: before.union(now) })
    }

    /// A whole page.
    pub(super) fn sheet(page: usize, [width, height]: [f64; 2]) -> Self {
        Spot { page, ink: Rect::new(0.0, 0.0, width, height) }
    }

    /// The box, if it is on this page.
    pub fn on(self, page: Option<usize>) -> Option<Rect> {
        (Some(self.page) == page).then_some(self.ink)
    }
}

/// Where something is: a page, and a line of it, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The page.
    pub page: usize,
    /// The line, from the page's top.
    pub line: Option<usize>,
}

/// How far something moved, in pt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// To the right.
    pub right: f64,
    /// Down.
    pub down: f64,
}

impl Shift {
    pub(super) fn of(from: Point, to: Point) -> Self {
        Shift { right: to.x - from.x, down: to.y - from.y }
    }

    pub(super) fn between(from: &Glyph, to: &Glyph) -> Self {
        Shift::of(Point::new(from.x, from.y), Point::new(to.x, to.y))
    }

    pub(super) fn distance(self) -> f64 {
        self.right.hypot(self.down)
    }
}

/// The face and type size of a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Look {
    /// The PostScript name of the face.
    pub face: String,
    /// The type size, in pt.
    pub size: f64,
}

/// The kind of a difference.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names say it, and `id` and `args` are what is shown")]
pub enum Kind {
    TextAdded {
        text: String,
    },
    TextLost {
        text: String,
    },
    TextChanged {
        before: String,
        now: String,
    },
    Moved {
        shift: Shift,
        from: Place,
        lines: usize,
        is_across: bool,
    },
    Reflowed {
        lines: usize,
    },
    GlyphChanged {
        text: String,
    },
    FontChanged {
        before: Look,
        now: Look,
    },
    ColourChanged {
        before: Option<Colour>,
        now: Option<Colour>,
    },
    RuleWeight {
        before: f64,
        now: f64,
    },
    RuleLength {
        before: f64,
        now: f64,
    },
    RuleMoved {
        shift: Shift,
    },
    RuleLost {
        length: f64,
    },
    RuleAdded {
        length: f64,
    },
    PictureChanged {
        before: [u32; 2],
        now: [u32; 2],
    },
    PictureLost,
    PictureAdded,
    ShapeLost,
    ShapeAdded,
    Resized {
        before: [f64; 2],
        now: [f64; 2],
    },
    MarkMoved {
        shift: Shift,
    },
    PageAdded,
    PageLost,
    PageResized {
        before: [f64; 2],
        now: [f64; 2],
    },
    /// Pixels differ, but no drawn mark explains why.
    Appearance {
        ink: Rect,
    },
}

impl Kind {
    /// The message's id in the catalogue.
    pub fn id(&self) -> &'static str {
        match self {
            Kind::TextAdded { .. } => "text-added",
            Kind::TextLost { .. } => "text-lost",
            Kind::TextChanged { .. } => "text-changed",
            Kind::Moved { is_across: false, .. } => "text-moved",
            Kind::Moved { .. } => "text-moved-page",
            Kind::Reflowed { .. } => "text-reflowed",
            Kind::GlyphChanged { .. } => "glyph-changed",
            Kind::FontChanged { .. } => "font-changed",
            Kind::ColourChanged { .. } => "colour-changed",
            Kind::RuleWeight { .. } => "rule-weight",
            Kind::RuleLength { .. } => "rule-length",
            Kind::RuleMoved { .. } => "rule-moved",
            Kind::RuleLost { .. } => "rule-lost",
            Kind::RuleAdded { .. } => "rule-added",
            Kind::PictureChanged { .. } => "picture-changed",
            Kind::PictureLost => "picture-lost",
            Kind::PictureAdded => "picture-added",
            Kind::ShapeLost => "shape-lost",
            Kind::ShapeAdded => "shape-added",
            Kind::Resized { .. } => "mark-resized",
            Kind::MarkMoved { .. } => "mark-moved",
            Kind::PageAdded => "page-added",
            Kind::PageLost => "page-lost",
            Kind::PageResized { .. } => "page-resized",
            Kind::Appearance { .. } => "appearance",
        }
    }

    /// The facts that the message names; lengths in mm.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let mm = |length: f64| format!("{:.2}", length / MM);
        let shift = |shift: &Shift| {
            vec![
                ("right", format!("{:.2}", shift.right / MM + 0.0)),
                ("down", format!("{:.2}", shift.down / MM + 0.0)),
                ("distance", mm(shift.distance())),
                ("way", way(*shift).into()),
            ]
        };
        let colour = |colour: &Option<Colour>| match colour {
            Some([r, g, b]) => format!("#{r:02x}{g:02x}{b:02x}"),
            None => "-".into(),
        };
        let look = |look: &Look| format!("{} {} pt", look.face, look.size);
        let size = |[width, height]: &[f64; 2]| format!("{:.1} × {:.1}", width / MM, height / MM);
        match self {
            Kind::TextAdded { text } | Kind::TextLost { text } | Kind::GlyphChanged { text } => {
                vec![("text", shortened(text))]
            }
            Kind::TextChanged { before, now } => {
                vec![("before", shortened(before)), ("now", shortened(now))]
            }
            Kind::Moved { shift: by, from, lines, .. } => {
                let mut args = shift(by);
                args.push(("page", from.page.to_string()));
                args.push(("line", from.line.unwrap_or(0).to_string()));
                args.push(("lines", lines.to_string()));
                args
            }
            Kind::Reflowed { lines } => vec![("lines", lines.to_string())],
            Kind::FontChanged { before, now } => {
                vec![("before", look(before)), ("now", look(now))]
            }
            Kind::ColourChanged { before, now } => {
                vec![("before", colour(before)), ("now", colour(now))]
            }
            Kind::RuleWeight { before, now } | Kind::RuleLength { before, now } => {
                vec![("before", mm(*before)), ("now", mm(*now))]
            }
            Kind::RuleMoved { shift: by } | Kind::MarkMoved { shift: by } => shift(by),
            Kind::RuleLost { length } | Kind::RuleAdded { length } => vec![("length", mm(*length))],
            Kind::PictureChanged { before, now } => {
                let pixels = |[columns, rows]: &[u32; 2]| format!("{columns} × {rows}");
                vec![("before", pixels(before)), ("now", pixels(now))]
            }
            Kind::Resized { before, now } | Kind::PageResized { before, now } => {
                vec![("before", size(before)), ("now", size(now))]
            }
            Kind::PictureLost
            | Kind::PictureAdded
            | Kind::ShapeLost
            | Kind::ShapeAdded
            | Kind::PageAdded
            | Kind::PageLost => Vec::new(),
            // Pixels belong to no line; a box locates them.
            Kind::Appearance { ink } => vec![
                ("left", mm(ink.x0)),
                ("top", mm(ink.y0)),
                ("width", mm(ink.width())),
                ("height", mm(ink.height())),
            ],
        }
    }

    /// The key by which lines of a page are reported together; empty for a kind that is reported
    /// line by line.
    pub(super) fn group(&self) -> String {
        match self {
            Kind::Moved { shift, from, .. } => {
                format!("moved {} {:.1} {:.1}", from.page, shift.right, shift.down)
            }
            Kind::Reflowed { .. } => "reflowed".into(),
            Kind::FontChanged { .. } | Kind::ColourChanged { .. } => format!("{self:?}"),
            _ => String::new(),
        }
    }

    /// Whether the difference counts even if the pixels are equal: less than a pixel is still
    /// visible in print.
    pub(super) fn is_finer_than_pixels(&self) -> bool {
        matches!(
            self,
            Kind::Moved { .. }
                | Kind::RuleWeight { .. }
                | Kind::RuleLength { .. }
                | Kind::RuleMoved { .. }
                | Kind::MarkMoved { .. }
                | Kind::Resized { .. }
                | Kind::Reflowed { .. }
                | Kind::PageAdded
                | Kind::PageLost
                | Kind::PageResized { .. }
        )
    }
}

fn way(shift: Shift) -> &'static str {
    match (shift.down.abs() >= shift.right.abs(), shift.down > 0.0, shift.right > 0.0) {
        (true, true, _) => "down",
        (true, false, _) => "up",
        (false, _, true) => "right",
        (false, _, false) => "left",
    }
}

/// The beginning of a text, as long as fits in a message.
fn shortened(text: &str) -> String {
    const ROOM: usize = 40;
    let mut short: String = text.chars().take(ROOM).collect();
    if text.chars().count() > ROOM {
        short.push('…');
    }
    short
}

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The kind.
    pub kind: Kind,
    /// The place in the new PDF; of lost content, in the reference.
    pub place: Place,
    /// The box in the reference.
    pub before: Option<Spot>,
    /// The box now.
    pub now: Option<Spot>,
    /// The area that differs, in mm².
    pub size: f64,
}

impl Difference {
    pub(super) fn new(kind: Kind, place: Place, before: Option<Spot>, now: Option<Spot>) -> Self {
        Difference { kind, place, before, now, size: 0.0 }
    }

    /// A page of the reference that is gone.
    pub(super) fn page_lost(page: usize, size: [f64; 2]) -> Self {
        let place = Place { page: page + 1, line: None };
        Difference::new(Kind::PageLost, place, Some(Spot::sheet(page, size)), None)
    }

    /// A page that the reference does not have.
    pub(super) fn page_added(page: usize, size: [f64; 2]) -> Self {
        let place = Place { page: page + 1, line: None };
        Difference::new(Kind::PageAdded, place, None, Some(Spot::sheet(page, size)))
    }

    /// Whether another difference is on the same pages.
    pub(super) fn goes_on(&self, other: &Difference) -> bool {
        let pages = |one: &Difference| [one.before, one.now].map(|side| side.map(|spot| spot.page));
        pages(self) == pages(other)
    }

    /// Whether the difference is reported on a pair of pages: on its page now, if it has one.
    pub(super) fn is_on(&self, couple: Couple) -> bool {
        match (self.now, self.before) {
            (Some(spot), _) => spot.on(couple.now).is_some(),
            (None, spot) => spot.is_some_and(|spot| spot.on(couple.before).is_some()),
        }
    }

    /// The boxes of the difference on a pair of pages: now, and in the reference.
    pub(super) fn inks(&self, couple: Couple) -> impl Iterator<Item = Rect> + use<> {
        let here = self.now.and_then(|spot| spot.on(couple.now));
        let there = self.before.and_then(|spot| spot.on(couple.before));
        here.into_iter().chain(there)
    }

    /// The boxes on a pair of pages that decide in which region the difference lies. Added or lost
    /// text has a box of its own on one side only; on the other, its box is that of the marks next
    /// to it.
    pub(super) fn own_inks(&self, couple: Couple) -> Vec<Rect> {
        let couple = match self.kind {
            Kind::TextLost { .. } => Couple { now: None, ..couple },
            Kind::TextAdded { .. } => Couple { before: None, ..couple },
            _ => couple,
        };
        self.inks(couple).collect()
    }

    /// Absorbs another difference of the same group.
    pub(super) fn absorb(&mut self, other: Difference) {
        match (&mut self.kind, other.kind) {
            (Kind::Moved { lines, .. }, Kind::Moved { lines: more, .. })
            | (Kind::Reflowed { lines }, Kind::Reflowed { lines: more }) => *lines += more,
            _ => {}
        }
        let union = |side: &mut Option<Spot>, more: Option<Spot>| {
            if let (Some(spot), Some(more)) = (side, more) {
                spot.ink = spot.ink.union(more.ink);
            }
        };
        union(&mut self.before, other.before);
        union(&mut self.now, other.now);
    }
}
