//! The pairs of pages, drawn → the comparison: sizes are compared here, pixels by the judge.

use super::comparison::{Comparison, Pair, Side};
use super::difference::{Couple, Difference, Kind, Place, Spot};
use super::judge::Judge;
use super::pages::Sheet;
use super::raster::Raster;
use crate::publication::length::MM;
use crate::publication::tolerance::{Settings, Tolerances};
use crate::source::limits;

/// Receives each side of a page pair that differs, with the index of the pair.
pub type Show<'a> = &'a mut dyn FnMut(usize, Side, &Raster);

/// A comparison under way: pair by pair, the pixels decide which of the differences found count.
pub struct Inspection<'a> {
    /// Pixels per pt.
    scale: f64,
    tolerances: Tolerances,
    /// The differences found so far.
    pub found: Vec<Difference>,
    /// The pairs so far.
    pub comparison: Comparison,
    show: Show<'a>,
}

impl<'a> Inspection<'a> {
    /// An inspection of pairs whose drawings differ by `found`.
    pub fn new(
        settings: &Settings,
        tolerances: Tolerances,
        found: Vec<Difference>,
        show: Show<'a>,
    ) -> Self {
        let (scale, comparison) = (settings.resolution / 72.0, Comparison::default());
        Inspection { scale, tolerances, found, comparison, show }
    }

    /// Inspects the next pair of pages. Pixels in `settled` differ for a known reason.
    pub fn pair(&mut self, before: Option<Sheet>, now: Option<Sheet>, settled: &[Spot]) {
        let pair = match (before, now) {
            (Some(before), Some(now)) => self.both(before, now, settled),
            (Some(before), None) => self.alone(Side::Before, before),
            (None, Some(now)) => self.alone(Side::Now, now),
            (None, None) => return,
        };
        self.comparison.pairs.push(pair);
    }

    /// A page without a partner: all of it differs.
    fn alone(&mut self, side: Side, sheet: Sheet) -> Pair {
        self.show(side, &sheet.raster);
        let couple = match side {
            Side::Before => Couple { before: Some(sheet.page), now: None },
            Side::Now => Couple { before: None, now: Some(sheet.page) },
        };
        let area = in_mm2(sheet.size);
        for difference in self.found.iter_mut().filter(|difference| difference.is_on(couple)) {
            if matches!(difference.kind, Kind::PageLost | Kind::PageAdded) {
                difference.size = area;
            }
        }
        Pair::other(couple, sheet.size, area)
    }

    /// Compares two pages: their sizes, and then their pixels.
    fn both(&mut self, before: Sheet, now: Sheet, settled: &[Spot]) -> Pair {
        let couple = Couple { before: Some(before.page), now: Some(now.page) };
        if before.is_resized(&now) {
            let kind = Kind::PageResized { before: before.size, now: now.size };
            let place = Place { page: now.page + 1, line: None };
            let whole = |sheet: &Sheet| Some(Spot::sheet(sheet.page, sheet.size));
            self.found.push(Difference::new(kind, place, whole(&before), whole(&now)));
        }
        let (old, new) = (&before.raster, &now.raster);
        let pixels = old.width.max(new.width) as f64 * old.height.max(new.height) as f64;
        if pixels > limits::PAGE_PIXELS {
            // One page is wide and one is high: each is small, but a sheet with room for both is
            // too large.
            self.show(Side::Before, &before.raster);
            self.show(Side::Now, &now.raster);
            let sheet = before.sheet_with(&now);
            return Pair::other(couple, sheet, in_mm2(sheet));
        }
        let mut judge = Judge::new(before, now, self.scale, &self.tolerances);
        judge.settle(settled.iter().filter_map(|spot| spot.on(couple.now)));
        judge.regions();
        judge.rest();
        self.found.retain_mut(|difference| !difference.is_on(couple) || judge.weigh(difference));
        self.found.extend(judge.unnamed());
        let pair = judge.pair();
        if pair.differs {
            let (before, now) = judge.into_rasters();
            self.show(Side::Before, &before);
            self.show(Side::Now, &now);
        }
        pair
    }

    /// Passes on one side of the pair under inspection.
    fn show(&mut self, side: Side, raster: &Raster) {
        (self.show)(self.comparison.pairs.len(), side, raster);
    }

    /// The result, once all pairs have been inspected.
    pub fn finish(mut self) -> Comparison {
        self.comparison.take(self.found);
        self.comparison
    }
}

/// The area of a sheet, in mm².
fn in_mm2([width, height]: [f64; 2]) -> f64 {
    width * height / (MM * MM)
}
