//! A reference and a PDF → where they look different, page by page, and what it is called.
//!
//! Both are drawn by one renderer that knows nothing of Typst, so that what is compared is the
//! file that goes out. Pages on which the same is drawn cost nothing more than reading them; of
//! the others the pixels are compared, and what is drawn, to give the difference its name.

mod marks;
mod pixels;
pub mod raster;
pub mod reference;
pub mod regions;
mod text;

use std::collections::{BTreeMap, HashMap};

use hayro_syntax::Pdf;
use kurbo::{Point, Rect};
use serde::Serialize;

use crate::drawing::{self, Colour, Drawing, Fault, Glyph, Reader};
use crate::length::MM;
use crate::limits;
use pixels::{Block, Mask};
use raster::{Raster, Rasteriser};
use regions::Region;
use text::Text;

/// How much may be off before it is a difference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tolerance {
    /// How far apart the colours of a pixel may be, from 0 to 1: each channel up to 0.01, and by
    /// pixelmatch's measure above, where pixels that only smooth an edge do not count either.
    pub colour: f64,
    /// How much of a page may differ, in mm².
    pub area: f64,
    /// How far text and rules may move, and how much thicker or longer rules may be, in mm.
    pub moved: f64,
    /// How alike a page must look to be the same although more differs: structural similarity,
    /// from 0 to 1. At 1 only `area` decides.
    pub likeness: f64,
}

impl Tolerance {
    /// For two PDFs of this program: the same is drawn to the last bit.
    pub const EXACT: Tolerance = Tolerance { colour: 0.0, area: 0.0, moved: 0.02, likeness: 1.0 };
    /// For PNG references, which were drawn by the same renderer, maybe on another processor: one
    /// step of a channel may be rounded otherwise.
    pub const SAME_RENDERER: Tolerance = Tolerance { colour: 0.005, ..Tolerance::EXACT };
    /// For the same page drawn by another renderer, whose edges are smoothed otherwise.
    pub const OTHER_RENDERER: Tolerance =
        Tolerance { colour: 0.4, area: 1.0, moved: 0.5, likeness: 1.0 };
    /// For a PDF that another program made.
    pub const FOREIGN: Tolerance = Tolerance { colour: 0.1, area: 1.0, moved: 0.5, likeness: 1.0 };
}

/// How a publication's issues are compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// Pixels to the inch.
    pub resolution: f64,
    /// What the publication says of its tolerance; the rest depends on the reference.
    pub own: Allowed,
    /// Parts of the page with a tolerance of their own.
    pub regions: Vec<Region>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { resolution: 100.0, own: Allowed::default(), regions: Vec::new() }
    }
}

/// A tolerance as somebody sets it: what is not said stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Allowed {
    /// See [`Tolerance::colour`].
    pub colour: Option<f64>,
    /// See [`Tolerance::area`].
    pub area: Option<f64>,
    /// See [`Tolerance::moved`].
    pub moved: Option<f64>,
    /// See [`Tolerance::likeness`].
    pub likeness: Option<f64>,
}

impl Allowed {
    /// Whether it says how much may look different, and not only how far things may move.
    fn is_of_looks(self) -> bool {
        self.colour.or(self.area).or(self.likeness).is_some()
    }

    /// The tolerance where `usual` is what nothing is said of.
    pub fn over(self, usual: Tolerance) -> Tolerance {
        Tolerance {
            colour: self.colour.unwrap_or(usual.colour),
            area: self.area.unwrap_or(usual.area),
            moved: self.moved.unwrap_or(usual.moved),
            likeness: self.likeness.unwrap_or(usual.likeness),
        }
    }
}

/// The tolerances of one comparison: the page's, and those of regions.
pub(crate) struct Tolerances<'a> {
    page: Tolerance,
    /// Whether somebody said how much of the page may look different.
    is_set: bool,
    /// Those that are not looked at first.
    regions: &'a [Zone],
}

/// What stands on both sides and moved no farther than it may, on a page of the new PDF: that its
/// pixels differ says nothing more.
pub(crate) struct Settled {
    page: usize,
    ink: Rect,
}

impl Settled {
    /// What did not move at all has to have the same pixels.
    fn of(page: usize, before: Rect, now: Rect) -> Option<Self> {
        let moved =
            [now.x0 - before.x0, now.y0 - before.y0, now.x1 - before.x1, now.y1 - before.y1];
        let is_moved = moved.iter().any(|by| by.abs() > marks::SAME);
        is_moved.then(|| Settled { page, ink: before.union(now) })
    }
}

/// A region where it lies on a page of the new PDF.
pub(crate) struct Zone {
    /// Which region it is: one may be found in many places.
    region: usize,
    page: usize,
    ink: Rect,
    /// Nothing where the region is not looked at.
    tolerance: Option<Tolerance>,
    /// Whether somebody said how much of it may look different.
    is_set: bool,
}

impl Tolerances<'_> {
    /// What is allowed where something lies, with `moved` in pt.
    fn at(&self, page: usize, ink: Rect) -> Tolerance {
        let zone = self.zone(page, ink);
        let moved = |tolerance: Tolerance| Tolerance { moved: tolerance.moved * MM, ..tolerance };
        let anything = Tolerance { colour: 1.0, area: f64::MAX, moved: f64::MAX, likeness: 0.0 };
        zone.map_or(moved(self.page), |zone| zone.tolerance.map_or(anything, moved))
    }

    /// The region in which something lies with all that it covers: what only reaches into one is
    /// the page's.
    fn zone(&self, page: usize, ink: Rect) -> Option<&Zone> {
        let holds = |zone: Rect| {
            zone.x0 <= ink.x0 && zone.y0 <= ink.y0 && ink.x1 <= zone.x1 && ink.y1 <= zone.y1
        };
        self.regions.iter().find(|zone| zone.page == page && holds(zone.ink))
    }

    /// The region in which all of a difference lies.
    fn zone_of(&self, page: usize, inks: &[Rect]) -> Option<&Zone> {
        let mut zones = inks.iter().map(|ink| self.zone(page, *ink));
        let first = zones.next()??;
        zones.all(|zone| zone.is_some_and(|zone| zone.region == first.region)).then_some(first)
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
    fn of(from: Point, to: Point) -> Self {
        Shift { right: to.x - from.x, down: to.y - from.y }
    }

    fn between(from: &Glyph, to: &Glyph) -> Self {
        Shift::of(Point::new(from.x, from.y), Point::new(to.x, to.y))
    }

    fn distance(self) -> f64 {
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

/// What a difference is.
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
    /// Pixels differ where what is drawn gives no name for it.
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
            // It has no line to be found by.
            Kind::Appearance { ink } => vec![
                ("left", mm(ink.x0)),
                ("top", mm(ink.y0)),
                ("width", mm(ink.width())),
                ("height", mm(ink.height())),
            ],
        }
    }

    /// What lines of a page must have in common for this to be said of them together; empty where
    /// each is said for itself.
    fn group(&self) -> String {
        match self {
            Kind::Moved { shift, from, .. } => {
                format!("moved {} {:.1} {:.1}", from.page, shift.right, shift.down)
            }
            Kind::Reflowed { .. } => "reflowed".into(),
            Kind::FontChanged { .. } | Kind::ColourChanged { .. } => format!("{self:?}"),
            _ => String::new(),
        }
    }

    /// Whether it is one although the pixels are the same: less than a pixel is still seen in
    /// print.
    fn is_finer_than_pixels(&self) -> bool {
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

/// As much of a text as a message has room for.
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
    /// What it is.
    pub kind: Kind,
    /// Where it is, in the new PDF; for what is gone, in the reference.
    pub place: Place,
    /// What it covers in the reference: the page's index and a box in pt.
    pub before: Option<(usize, Rect)>,
    /// What it covers now.
    pub now: Option<(usize, Rect)>,
    /// How much of the page differs by it, in mm².
    pub size: f64,
}

impl Difference {
    fn new(
        kind: Kind,
        place: Place,
        before: Option<(usize, Rect)>,
        now: Option<(usize, Rect)>,
    ) -> Self {
        Difference { kind, place, before, now, size: 0.0 }
    }

    fn goes_on(&self, other: &Difference) -> bool {
        let page = |side: &Option<(usize, Rect)>| side.as_ref().map(|(page, _)| *page);
        page(&self.before) == page(&other.before) && page(&self.now) == page(&other.now)
    }

    /// What it covers on a pair of pages. What only came or went has its place on one side; on
    /// the other its neighbours show where that is.
    fn inks(&self, before: Option<usize>, now: Option<usize>) -> Vec<Rect> {
        let at = |side: Option<(usize, Rect)>, page: Option<usize>| {
            side.filter(|(at, _)| Some(*at) == page).map(|(_, ink)| ink)
        };
        let (there, here) = (at(self.before, before), at(self.now, now));
        match self.kind {
            Kind::TextLost { .. } => there.into_iter().collect(),
            Kind::TextAdded { .. } => here.into_iter().collect(),
            _ => here.into_iter().chain(there).collect(),
        }
    }

    fn absorb(&mut self, other: Difference) {
        match (&mut self.kind, other.kind) {
            (Kind::Moved { lines, .. }, Kind::Moved { lines: more, .. })
            | (Kind::Reflowed { lines }, Kind::Reflowed { lines: more }) => *lines += more,
            _ => {}
        }
        let union = |side: &mut Option<(usize, Rect)>, more: Option<(usize, Rect)>| {
            if let (Some((_, ink)), Some((_, more))) = (side, more) {
                *ink = ink.union(more);
            }
        };
        union(&mut self.before, other.before);
        union(&mut self.now, other.now);
    }
}

/// What a PDF is compared with.
pub enum Reference {
    /// Another PDF.
    Pdf(Vec<u8>),
    /// Pages as pictures.
    Pictures {
        /// How many there are.
        pages: usize,
        /// Page by page, counted from 0.
        page: Box<dyn Fn(usize) -> Result<Raster, Fault>>,
        /// What may be off where nobody says otherwise.
        usual: Tolerance,
    },
}

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The reference.
    Before,
    /// The PDF as it is made now.
    Now,
}

/// A page of the reference and the page that stands for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The index of the page in the reference.
    pub before: Option<usize>,
    /// The index of the page now.
    pub now: Option<usize>,
    /// The width and height of the larger sheet, in pt.
    pub sheet: [f64; 2],
    /// How much of it differs, in mm².
    pub area: f64,
    /// How alike the two look, from 0 to 1.
    pub likeness: f64,
    /// Whether it counts as different.
    pub differs: bool,
}

/// What came of comparing one issue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// The pages.
    pub pairs: Vec<Pair>,
    /// What is different, in the order of the pages.
    pub differences: Vec<Difference>,
    /// How many pages were drawn to compare their pixels, both sides counted.
    pub rendered: usize,
}

impl Comparison {
    /// Whether both look the same.
    pub fn is_same(&self) -> bool {
        !self.pairs.iter().any(|pair| pair.differs)
    }
}

/// Why two cannot be compared, and which of them is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable {
    /// The side.
    pub side: Side,
    /// What is wrong with it.
    pub fault: Fault,
}

fn blamed<T>(side: Side, read: Result<T, Fault>) -> Result<T, Unreadable> {
    read.map_err(|fault| Unreadable { side, fault })
}

/// Compares a PDF with its reference. Of each page that differs, both sides are given to `show`,
/// with the index of its pair.
pub fn compare(
    reference: Reference,
    now: Vec<u8>,
    settings: &Settings,
    show: &mut dyn FnMut(usize, Side, &Raster),
) -> Result<Comparison, Unreadable> {
    match reference {
        Reference::Pdf(before) if before == now => {
            let now = blamed(Side::Now, drawing::open(now))?;
            Ok(Comparison { pairs: same(&now), ..Comparison::default() })
        }
        Reference::Pdf(before) => {
            let before = blamed(Side::Before, drawing::open(before))?;
            let now = blamed(Side::Now, drawing::open(now))?;
            let (before, now) =
                (Pages::read(&before, Side::Before)?, Pages::read(&now, Side::Now)?);
            with_pdf(&before, &now, settings, show)
        }
        Reference::Pictures { pages, page, usual } => {
            let now = blamed(Side::Now, drawing::open(now))?;
            let now = Pages::read(&now, Side::Now)?;
            let tolerance = settings.own.over(usual);
            with_pictures((pages, &*page), &now, settings, tolerance, show)
        }
    }
}

/// The pages of a PDF that is the same as its reference.
fn same(now: &Pdf) -> Vec<Pair> {
    let pair = |(index, page): (usize, &hayro_syntax::page::Page<'_>)| {
        let (width, height) = page.render_dimensions();
        let sheet = [f64::from(width), f64::from(height)];
        Pair::same(Some(index), Some(index), sheet)
    };
    now.pages().iter().enumerate().map(pair).collect()
}

impl Pair {
    fn same(before: Option<usize>, now: Option<usize>, sheet: [f64; 2]) -> Self {
        Pair { before, now, sheet, area: 0.0, likeness: 1.0, differs: false }
    }
}

/// A PDF with what is drawn on its pages.
struct Pages<'a> {
    pdf: &'a Pdf,
    drawings: Vec<Drawing>,
    faces: Vec<String>,
}

impl<'a> Pages<'a> {
    fn read(pdf: &'a Pdf, side: Side) -> Result<Self, Unreadable> {
        let mut reader = Reader::new(pdf);
        let pages = 0..pdf.pages().len();
        let drawings: Result<_, _> = pages.map(|page| reader.page(page)).collect();
        Ok(Pages { pdf, drawings: blamed(side, drawings)?, faces: reader.faces })
    }

    fn is_ours(&self) -> bool {
        // Whoever writes our PDF once more keeps our name and adds its own.
        let is_as_written = self.pdf.metadata().producer.is_none();
        let creator = drawing::creator(self.pdf);
        is_as_written && creator.is_some_and(|creator| creator.starts_with("jianbao "))
    }

    fn text(&self, pages: impl Iterator<Item = usize>) -> Text<'_> {
        let pages = pages.map(|page| (page, &self.drawings[page])).collect();
        Text { pages, faces: &self.faces }
    }

    fn sheet(&self, page: usize) -> [f64; 2] {
        [self.drawings[page].width, self.drawings[page].height]
    }
}

fn with_pdf(
    before: &Pages<'_>,
    now: &Pages<'_>,
    settings: &Settings,
    show: &mut dyn FnMut(usize, Side, &Raster),
) -> Result<Comparison, Unreadable> {
    let is_ours = before.is_ours();
    let usual = if is_ours { Tolerance::EXACT } else { Tolerance::FOREIGN };
    let tolerance = settings.own.over(usual);
    let couples = coupled(before, now);
    let is_same = |couple: &(Option<usize>, Option<usize>)| match couple {
        (Some(o), Some(n)) => {
            let digest = before.drawings[*o].digest;
            digest.is_some() && digest == now.drawings[*n].digest
        }
        _ => false,
    };
    let changed: Vec<_> = couples.iter().filter(|couple| !is_same(couple)).collect();
    let zones = regions::zones(settings, &before.drawings, &now.drawings, &couples, tolerance);
    let is_set = settings.own.is_of_looks();
    let tolerances = Tolerances { page: tolerance, is_set, regions: &zones };
    let partner: HashMap<usize, usize> =
        couples.iter().filter_map(|(o, n)| Some(((*n)?, (*o)?))).collect();
    let (mut found, mut settled) = (Vec::new(), Vec::new());
    for couple in &changed {
        match couple {
            (Some(o), Some(n)) => {
                let (old, new) = (&before.drawings[*o], &now.drawings[*n]);
                found.extend(marks::differences((*o, old), (*n, new), &tolerances, &mut settled));
            }
            (Some(o), None) => found.push(whole_page(Kind::PageLost, *o, before, Side::Before)),
            (None, Some(n)) => found.push(whole_page(Kind::PageAdded, *n, now, Side::Now)),
            (None, None) => {}
        }
    }
    let old_text = before.text(changed.iter().filter_map(|(o, _)| *o));
    let new_text = now.text(changed.iter().filter_map(|(_, n)| *n));
    found.extend(text::differences(&old_text, &new_text, &partner, &tolerances, &mut settled));
    // What is on a page that has no partner is said by that.
    let has_partner = |difference: &Difference| {
        let lost = |page: usize| !couples.contains(&(Some(page), None));
        let came = |page: usize| !couples.contains(&(None, Some(page)));
        // Text that went there from another page is said all the same.
        let is_own =
            matches!(difference.kind, Kind::PageLost | Kind::PageAdded | Kind::Moved { .. });
        is_own
            || difference.now.is_none_or(|(page, _)| came(page))
                && difference.before.is_none_or(|(page, _)| lost(page))
    };
    found.retain(has_partner);
    // Another program writes the same place with other digits, and glyphs put on whole pixels
    // would then be a pixel apart.
    let rasters = |pdf| match Rasteriser::new(pdf, settings.resolution) {
        rasters if is_ours => rasters,
        rasters => rasters.exact(),
    };
    let (old_rasters, new_rasters) = (rasters(before.pdf), rasters(now.pdf));
    let mut comparison = Comparison::default();
    for (index, couple) in couples.iter().enumerate() {
        if is_same(couple) {
            let sheet = couple.1.map_or([0.0; 2], |page| now.sheet(page));
            comparison.pairs.push(Pair::same(couple.0, couple.1, sheet));
            continue;
        }
        let old = couple.0.map(|page| blamed(Side::Before, old_rasters.page(page))).transpose()?;
        let new = couple.1.map(|page| blamed(Side::Now, new_rasters.page(page))).transpose()?;
        comparison.rendered += usize::from(old.is_some()) + usize::from(new.is_some());
        let sizes = (couple.0.map(|page| before.sheet(page)), couple.1.map(|page| now.sheet(page)));
        let here = settled.iter().filter(|settled| Some(settled.page) == couple.1);
        let settled = here.map(|settled| settled.ink).collect();
        let sheets = Sheets { old, new, sizes, couple: *couple, settled };
        look(index, sheets, settings, &tolerances, &mut found, &mut comparison, show);
    }
    comparison.finish(found);
    Ok(comparison)
}

fn with_pictures(
    (pages, page): (usize, &dyn Fn(usize) -> Result<Raster, Fault>),
    now: &Pages<'_>,
    settings: &Settings,
    tolerance: Tolerance,
    show: &mut dyn FnMut(usize, Side, &Raster),
) -> Result<Comparison, Unreadable> {
    if pages == 0 {
        return Err(Unreadable { side: Side::Before, fault: Fault::Empty });
    }
    let count = now.drawings.len();
    let some = |index: usize, of: usize| (index < of).then_some(index);
    let couples: Vec<_> =
        (0..pages.max(count)).map(|index| (some(index, pages), some(index, count))).collect();
    let zones = regions::zones(settings, &[], &now.drawings, &couples, tolerance);
    let is_set = settings.own.is_of_looks();
    let tolerances = Tolerances { page: tolerance, is_set, regions: &zones };
    // Pictures say nothing of places, so that less than a pixel has to be seen in the pixels.
    let rasters = Rasteriser::new(now.pdf, settings.resolution).exact();
    let (mut found, mut comparison) = (Vec::new(), Comparison::default());
    for (index, couple) in couples.iter().enumerate() {
        let old = couple.0.map(|index| blamed(Side::Before, page(index))).transpose()?;
        let new = couple.1.map(|index| blamed(Side::Now, rasters.page(index))).transpose()?;
        comparison.rendered += usize::from(new.is_some());
        let in_pt = |pixels: usize| pixels as f64 * 72.0 / settings.resolution;
        let drawn = old.as_ref().map(|old| [in_pt(old.width), in_pt(old.height)]);
        let size = couple.1.map(|page| now.sheet(page));
        let is_same_size =
            |old: &Raster, new: &Raster| (old.width, old.height) == (new.width, new.height);
        let drawn = match (&old, &new) {
            // A pixel more or less is the rounding of a page's size.
            (Some(old), Some(new)) if is_same_size(old, new) => size,
            _ => drawn,
        };
        match (couple.0, couple.1) {
            (Some(_), None) => found.push(of_sheet(Kind::PageLost, index, drawn, Side::Before)),
            (None, Some(_)) => found.push(of_sheet(Kind::PageAdded, index, size, Side::Now)),
            _ => {}
        }
        let (sizes, settled) = ((drawn, size), Vec::new());
        let sheets = Sheets { old, new, sizes, couple: *couple, settled };
        look(index, sheets, settings, &tolerances, &mut found, &mut comparison, show);
    }
    comparison.finish(found);
    Ok(comparison)
}

fn whole_page(kind: Kind, page: usize, pages: &Pages<'_>, side: Side) -> Difference {
    of_sheet(kind, page, Some(pages.sheet(page)), side)
}

fn of_sheet(kind: Kind, page: usize, sheet: Option<[f64; 2]>, side: Side) -> Difference {
    let [width, height] = sheet.unwrap_or_default();
    let ink = Some((page, Rect::new(0.0, 0.0, width, height)));
    let (before, now) = if side == Side::Before { (ink, None) } else { (None, ink) };
    Difference::new(kind, Place { page: page + 1, line: None }, before, now)
}

/// Which page of the reference each page stands for: by their order where there are as many, else
/// by the text that they share.
fn coupled(before: &Pages<'_>, now: &Pages<'_>) -> Vec<(Option<usize>, Option<usize>)> {
    let (olds, news) = (before.drawings.len(), now.drawings.len());
    if olds == news {
        return (0..olds).map(|page| (Some(page), Some(page))).collect();
    }
    let shared = text::shared(&before.text(0..olds), &now.text(0..news));
    // A page without text still stands for the next one like it.
    let worth = |o: usize, n: usize| {
        // Two pages of which nobody knows all are not the same for that.
        let digest = before.drawings[o].digest;
        let is_same = digest.is_some() && digest == now.drawings[n].digest;
        shared.get(&(o, n)).copied().unwrap_or(0) * 2 + usize::from(is_same) * 100 + 1
    };
    let mut best = vec![vec![0; news + 1]; olds + 1];
    for o in (0..olds).rev() {
        for n in (0..news).rev() {
            let both = worth(o, n) + best[o + 1][n + 1];
            best[o][n] = both.max(best[o + 1][n]).max(best[o][n + 1]);
        }
    }
    let (mut o, mut n, mut couples) = (0, 0, Vec::new());
    while o < olds || n < news {
        if o < olds && n < news && best[o][n] == worth(o, n) + best[o + 1][n + 1] {
            couples.push((Some(o), Some(n)));
            (o, n) = (o + 1, n + 1);
        } else if o < olds && (n == news || best[o][n] == best[o + 1][n]) {
            couples.push((Some(o), None));
            o += 1;
        } else {
            couples.push((None, Some(n)));
            n += 1;
        }
    }
    couples
}

/// Both sides of a pair.
struct Sheets {
    old: Option<Raster>,
    new: Option<Raster>,
    sizes: (Option<[f64; 2]>, Option<[f64; 2]>),
    couple: (Option<usize>, Option<usize>),
    /// See [`Settled`].
    settled: Vec<Rect>,
}

/// Compares the pixels of a pair, and weighs what is known of its differences.
fn look(
    index: usize,
    sheets: Sheets,
    settings: &Settings,
    tolerances: &Tolerances<'_>,
    found: &mut Vec<Difference>,
    comparison: &mut Comparison,
    show: &mut dyn FnMut(usize, Side, &Raster),
) {
    let Sheets { old, new, sizes, couple, settled } = sheets;
    let scale = settings.resolution / 72.0;
    let in_mm2 = |pixels: usize| pixels as f64 / (scale * scale) / (MM * MM);
    let larger = |a: [f64; 2], b: [f64; 2]| [a[0].max(b[0]), a[1].max(b[1])];
    let (before, now) = match (old, new) {
        (Some(before), Some(now)) => (before, now),
        (before, now) => {
            for (side, raster) in [(Side::Before, before), (Side::Now, now)] {
                raster.iter().for_each(|raster| show(index, side, raster));
            }
            let sheet = sizes.0.or(sizes.1).unwrap_or_default();
            let area = sheet[0] * sheet[1] / (MM * MM);
            for difference in found.iter_mut() {
                let is_here = |side: Option<(usize, Rect)>, page: Option<usize>| {
                    page.is_some() && side.map(|(page, _)| page) == page
                };
                let is_page = matches!(difference.kind, Kind::PageLost | Kind::PageAdded);
                let here =
                    is_here(difference.before, couple.0) || is_here(difference.now, couple.1);
                if is_page && here {
                    difference.size = area;
                }
            }
            let (before, now) = couple;
            let pair = Pair { before, now, sheet, area, likeness: 0.0, differs: true };
            comparison.pairs.push(pair);
            return;
        }
    };
    let (from, to) = (sizes.0.unwrap_or_default(), sizes.1.unwrap_or_default());
    let sheet = larger(from, to);
    let (before_page, page) = (couple.0.unwrap_or_default(), couple.1.unwrap_or_default());
    if (from[0] - to[0]).abs() > 0.5 || (from[1] - to[1]).abs() > 0.5 {
        let kind = Kind::PageResized { before: from, now: to };
        let whole = |page, size: [f64; 2]| Some((page, Rect::new(0.0, 0.0, size[0], size[1])));
        let place = Place { page: page + 1, line: None };
        found.push(Difference::new(kind, place, whole(before_page, from), whole(page, to)));
    }
    let (width, height) = (before.width.max(now.width), before.height.max(now.height));
    if width as f64 * height as f64 > limits::PAGE_PIXELS {
        // One wide and one high: each is small, a sheet that has room for both is not.
        show(index, Side::Before, &before);
        show(index, Side::Now, &now);
        let area = sheet[0] * sheet[1] / (MM * MM);
        let (before, now) = couple;
        comparison.pairs.push(Pair { before, now, sheet, area, likeness: 0.0, differs: true });
        return;
    }
    let on_sheet = |raster: Raster| match (raster.width, raster.height) == (width, height) {
        true => raster,
        false => raster.on_sheet(width, height),
    };
    let (before, now) = (on_sheet(before), on_sheet(now));
    let block = |ink: Rect| {
        let edge = |at: f64, most: usize| (at.max(0.0) as usize).min(most);
        Block {
            left: edge((ink.x0 * scale).floor() - 1.0, width),
            top: edge((ink.y0 * scale).floor() - 1.0, height),
            right: edge((ink.x1 * scale).ceil() + 1.0, width),
            bottom: edge((ink.y1 * scale).ceil() + 1.0, height),
        }
    };
    let exact = Mask::of(&before, &now, 0.0);
    let mut mask = match tolerances.page.colour > 0.0 {
        true => Mask::of(&before, &now, tolerances.page.colour),
        false => exact.clone(),
    };
    let exceeds = |area: f64, likeness: f64, allowed: Tolerance| {
        area > allowed.area && (allowed.likeness >= 1.0 || likeness < allowed.likeness)
    };
    let alike = |places: &[Block]| match places.iter().copied().reduce(Block::with) {
        Some(around) => pixels::likeness(&before, &now, around),
        None => 1.0,
    };
    // Where more differs than may: in which regions, and in which places with how many pixels.
    let mut exceeding: Vec<usize> = Vec::new();
    let mut seen_places: Vec<(Block, usize)> = Vec::new();
    let (mut area, mut likeness) = (0.0, 1.0_f64);
    // What a region has is no other's.
    let mut taken: Vec<Block> = settled.into_iter().map(block).collect();
    taken.iter().for_each(|block| mask.clear(*block));
    let zones: Vec<&Zone> = tolerances.regions.iter().filter(|zone| zone.page == page).collect();
    for zones in zones.chunk_by(|a, b| a.region == b.region) {
        let blocks: Vec<Block> = zones.iter().map(|zone| block(zone.ink)).collect();
        if let Some(own) = zones[0].tolerance {
            let mut inside = match own.colour == tolerances.page.colour {
                true => mask.clone(),
                false => Mask::of(&before, &now, own.colour),
            };
            taken.iter().for_each(|block| inside.clear(*block));
            inside.keep(&blocks);
            let (covered, places) = (in_mm2(inside.count(inside.all())), inside.places());
            let alike = alike(&places);
            if exceeds(covered, alike, own) {
                exceeding.push(zones[0].region);
                seen_places.extend(places.iter().map(|place| (*place, inside.count(*place))));
                (area, likeness) = (area + covered, likeness.min(alike));
            }
        }
        blocks.iter().for_each(|block| mask.clear(*block));
        taken.extend(blocks);
    }
    let (covered, places) = (in_mm2(mask.count(mask.all())), mask.places());
    let on_rest = alike(&places);
    let on_page = exceeds(covered, on_rest, tolerances.page);
    (area, likeness) = (area + covered, likeness.min(on_rest));
    if on_page {
        seen_places.extend(places.iter().map(|place| (*place, mask.count(*place))));
    }
    // What the differences of this page cover, and whether anything is to be seen of them.
    let mut named: Vec<Block> = Vec::new();
    let mut facts = false;
    found.retain_mut(|difference| {
        let here = difference.now.filter(|(at, _)| *at == page).map(|(_, ink)| ink);
        let there = difference.before.filter(|(at, _)| *at == before_page).map(|(_, ink)| ink);
        let is_here = match (difference.now, difference.before) {
            (Some(_), _) => here.is_some(),
            (None, _) => there.is_some(),
        };
        if !is_here {
            return true;
        }
        let zone = tolerances.zone_of(page, &difference.inks(couple.0, couple.1));
        if zone.is_some_and(|zone| zone.tolerance.is_none()) {
            return false;
        }
        let blocks: Vec<Block> = here.into_iter().chain(there).map(block).collect();
        let seen = |mask: &Mask| blocks.iter().map(|block| mask.count(*block)).sum::<usize>();
        // Who says how much may look different means it, whatever the difference is called.
        let (is_set, exceeds) = match zone {
            Some(zone) => (zone.is_set, exceeding.contains(&zone.region)),
            None => (tolerances.is_set, on_page),
        };
        let is_nothing = seen(&exact) == 0 || is_set && !exceeds;
        if is_nothing && !difference.kind.is_finer_than_pixels() {
            return false;
        }
        difference.size = in_mm2(blocks.iter().copied().reduce(Block::with).map_or(0, |all| {
            // Two places apart are counted apart, or what lies between would count too.
            let together = (all.right - all.left) * (all.bottom - all.top);
            let apart: usize = blocks.iter().map(|b| (b.right - b.left) * (b.bottom - b.top)).sum();
            if together <= apart { exact.count(all) } else { seen(&exact) }
        }));
        facts = true;
        named.extend(blocks);
        true
    });
    for (place, pixels) in seen_places {
        if named.iter().any(|named| named.meets(place)) {
            continue;
        }
        let at = |edge: usize| edge as f64 / scale;
        let ink = Rect::new(at(place.left), at(place.top), at(place.right), at(place.bottom));
        let where_ = Place { page: page + 1, line: None };
        let (kind, both) =
            (Kind::Appearance { ink }, (Some((before_page, ink)), Some((page, ink))));
        let mut difference = Difference::new(kind, where_, both.0, both.1);
        difference.size = in_mm2(pixels);
        found.push(difference);
    }
    let resized = (from[0] - to[0]).abs() > 0.5 || (from[1] - to[1]).abs() > 0.5;
    let differs = !exceeding.is_empty() || on_page || facts || resized;
    if differs {
        show(index, Side::Before, &before);
        show(index, Side::Now, &now);
    }
    let (before, now) = couple;
    comparison.pairs.push(Pair { before, now, sheet, area, likeness, differs });
}

impl Comparison {
    /// Puts the differences into the order of the pages, the largest first on each.
    fn finish(&mut self, mut found: Vec<Difference>) {
        let rank = |difference: &Difference| match difference.kind {
            Kind::PageAdded | Kind::PageLost | Kind::PageResized { .. } => 0,
            Kind::Moved { .. } | Kind::Reflowed { .. } => 2,
            Kind::Appearance { .. } => 3,
            _ => 1,
        };
        found.sort_by_key(|difference| (difference.place.page, rank(difference)));
        self.differences = found;
    }

    /// The differences of a pair.
    pub fn of(&self, pair: &Pair) -> impl Iterator<Item = &Difference> {
        let (before, now) = (pair.before, pair.now);
        self.differences.iter().filter(move |difference| match difference.now {
            Some((page, _)) => now == Some(page),
            None => difference.before.map(|(page, _)| page) == before,
        })
    }

    /// How often each kind of difference is there.
    pub fn kinds(&self) -> BTreeMap<&'static str, usize> {
        let mut kinds = BTreeMap::new();
        for difference in &self.differences {
            *kinds.entry(difference.kind.id()).or_default() += 1;
        }
        kinds
    }
}
