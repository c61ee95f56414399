//! What a publication declares about comparing → how much may differ, at each place of a page.
//!
//! Nothing here knows of PDFs or pixels: `publication` reads the settings, and the rest of
//! `compare` asks for the tolerance of a place.

use kurbo::Rect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::length::MM;

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
    /// The publication's own tolerance; values that it leaves out depend on the reference.
    pub own: Allowed,
    /// Parts of the page with a tolerance of their own.
    pub regions: Vec<Region>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { resolution: 100.0, own: Allowed::default(), regions: Vec::new() }
    }
}

/// A tolerance as a publication writes it: values that it leaves out keep their usual ones.
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
    /// Whether a value limits how much may look different, and not only how far things may move.
    pub(crate) fn is_of_looks(self) -> bool {
        self.colour.or(self.area).or(self.likeness).is_some()
    }

    /// The tolerance, with the values of `usual` where none is written.
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
    /// Where it is.
    pub at: At,
    /// Whether differences in it are ignored.
    pub ignore: bool,
    /// Tolerances here; unset ones fall back to the page's.
    pub allowed: Allowed,
}

/// Where a region is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub enum At {
    /// Where something of this name stands.
    Named(Name),
    /// A box on every page: left, top, width and height, in mm from the page's left top corner.
    Box([f64; 4]),
}

/// Parts of a page that are found by themselves.
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

/// A region where it lies on a page of the new PDF.
pub(crate) struct Zone {
    /// The region's index in the settings: one region may be found in many places.
    pub region: usize,
    /// The index of the page in the new PDF.
    pub page: usize,
    /// The box, in pt.
    pub ink: Rect,
    /// The region's tolerance; `None` where its differences are ignored.
    pub tolerance: Option<Tolerance>,
    /// Whether the publication limits how much of it may look different.
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

/// The tolerances of one comparison: the page's, and those of regions.
pub(crate) struct Tolerances {
    /// What is allowed outside of regions.
    pub page: Tolerance,
    /// Whether the publication limits how much of a page may look different.
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

    /// The region in which something lies with all that it covers: what only reaches into a
    /// region belongs to the page.
    fn zone(&self, page: usize, ink: Rect) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.holds(page, ink))
    }

    /// The region in which all of a difference lies.
    pub fn zone_of(&self, page: usize, inks: &[Rect]) -> Option<&Zone> {
        let mut zones = inks.iter().map(|ink| self.zone(page, *ink));
        let first = zones.next()??;
        zones.all(|zone| zone.is_some_and(|zone| zone.region == first.region)).then_some(first)
    }
}
