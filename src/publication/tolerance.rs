//! A publication's `[compare]` settings → the tolerance at each place of a page.
//!
//! This module does not depend on PDFs or pixels: `check::publication` reads the settings, and
//! `compare` queries the tolerance of a place.

use kurbo::Rect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::length::MM;

/// The limits up to which pages count as equal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tolerance {
    /// How far apart the colours of a pixel may be, from 0 to 1. Up to 0.01 the value limits each
    /// channel; above that it is pixelmatch's threshold, which also ignores anti-aliased pixels.
    pub colour: f64,
    /// How much of a page may differ, in mm².
    pub area: f64,
    /// How far text and rules may move, and how much thicker or longer rules may be, in mm.
    pub moved: f64,
    /// The structural similarity, from 0 to 1, from which a page counts as equal even where more
    /// than `area` differs. At 1 only `area` decides.
    pub likeness: f64,
}

impl Tolerance {
    /// For two PDFs of this program: equal pages are drawn identically, bit by bit.
    pub const EXACT: Tolerance = Tolerance { colour: 0.0, area: 0.0, moved: 0.02, likeness: 1.0 };
    /// For PNG references, which the same renderer drew, perhaps on another processor: rounding may
    /// change a channel by one step.
    pub const SAME_RENDERER: Tolerance = Tolerance { colour: 0.005, ..Tolerance::EXACT };
    /// For the same page drawn by another renderer, which smooths edges differently.
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
    /// The publication's own tolerance; the defaults of omitted values depend on the reference.
    pub own: Allowed,
    /// Parts of the page with a tolerance of their own.
    pub regions: Vec<Region>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { resolution: 100.0, own: Allowed::default(), regions: Vec::new() }
    }
}

/// A tolerance as a publication writes it: omitted values keep their defaults.
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
    /// Whether a value other than `moved` is written: one that limits visible differences.
    pub(crate) fn is_of_looks(self) -> bool {
        self.colour.or(self.area).or(self.likeness).is_some()
    }

    /// The tolerance, with omitted values taken from `usual`.
    pub fn over(self, usual: Tolerance) -> Tolerance {
        Tolerance {
            colour: self.colour.unwrap_or(usual.colour),
            area: self.area.unwrap_or(usual.area),
            moved: self.moved.unwrap_or(usual.moved),
            likeness: self.likeness.unwrap_or(usual.likeness),
        }
    }
}

/// A region as a publication names it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Region {
    /// The place.
    pub at: At,
    /// Whether differences in it are ignored.
    pub ignore: bool,
    /// Tolerances here; unset ones fall back to the page's.
    pub allowed: Allowed,
}

/// The place of a region.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub enum At {
    /// The place of a named part of the page.
    Named(Name),
    /// A box on every page: left, top, width and height, in mm from the page's left top corner.
    Box([f64; 4]),
}

/// What is found by itself on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Name {
    /// The page number (页码).
    PageNumber,
    /// Dates in the masthead and the imprint (日期).
    Date,
    /// The numbers of the issue in the masthead (期号、总期号).
    Number,
    /// Page 1 from the top to the masthead's rule (报头).
    Masthead,
    /// The last page from the first to the last rule of the imprint (版记).
    Imprint,
}

/// What a publication keeps as references.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Kept {
    /// The PDF that was circulated.
    #[default]
    Pdf,
    /// Its pages as PNG.
    Png,
}

/// One place of a region on a page of the new PDF.
pub(crate) struct Zone {
    /// The region's index in the settings; one region may have many zones.
    pub region: usize,
    /// The index of the page in the new PDF.
    pub page: usize,
    /// The box, in pt.
    pub ink: Rect,
    /// The region's tolerance; `None` where its differences are ignored.
    pub tolerance: Option<Tolerance>,
    /// Whether the publication limits the visible differences in the zone.
    pub is_set: bool,
}

impl Zone {
    /// Whether differences in it are ignored.
    pub fn is_ignored(&self) -> bool {
        self.tolerance.is_none()
    }

    fn holds(&self, page: usize, ink: Rect) -> bool {
        let zone = self.ink;
        self.page == page
            && zone.x0 <= ink.x0
            && zone.y0 <= ink.y0
            && ink.x1 <= zone.x1
            && ink.y1 <= zone.y1
    }
}

/// The tolerances of one comparison: one for the page, and one for each region.
pub(crate) struct Tolerances {
    /// The tolerance outside all regions.
    pub page: Tolerance,
    /// Whether the publication limits the visible differences of a page.
    pub is_set: bool,
    /// The regions on all pages, ignored ones first.
    pub zones: Vec<Zone>,
}

impl Tolerances {
    /// How far something may move, in pt.
    pub fn moved(&self, page: usize, ink: Rect) -> f64 {
        let own = self.zone(page, ink).map_or(Some(self.page), |zone| zone.tolerance);
        own.map_or(f64::INFINITY, |own| own.moved * MM)
    }

    /// The region that wholly contains a box; a box that merely overlaps one belongs to the page.
    fn zone(&self, page: usize, ink: Rect) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.holds(page, ink))
    }

    /// The region that contains all parts of a difference.
    pub fn zone_of(&self, page: usize, inks: &[Rect]) -> Option<&Zone> {
        let mut zones = inks.iter().map(|ink| self.zone(page, *ink));
        let first = zones.next()??;
        zones.all(|zone| zone.is_some_and(|zone| zone.region == first.region)).then_some(first)
    }
}
