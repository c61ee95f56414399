//! A pair of pages as pixels, and the differences found on it → which of them count, and the
//! unnamed differences that remain.
//!
//! Regions are judged before the rest of the page, and each pixel is judged once: a pixel of a
//! region belongs to that region alone. A named difference counts if its pixels differ; differing
//! pixels that no named difference explains become a difference of their own.

use kurbo::Rect;

use super::comparison::Pair;
use super::difference::{Couple, Difference, Kind, Place, Spot};
use super::pages::Sheet;
use super::pixels::{self, Block, Mask};
use super::raster::Raster;
use crate::publication::length::MM;
use crate::publication::tolerance::{Tolerance, Tolerances, Zone};

/// The pixels of one pair of pages, and what is known of them so far.
pub struct Judge<'a> {
    tolerances: &'a Tolerances,
    scale: f64,
    /// Both pages, with pixels on sheets of one size.
    before: Sheet,
    now: Sheet,
    /// Every pixel that differs.
    exact: Mask,
    /// The pixels that differ by more than the page's tolerance, except those already judged.
    mask: Mask,
    /// Boxes whose pixels have been judged.
    taken: Vec<Block>,
    /// The regions that differ by more than their tolerance.
    exceeding: Vec<usize>,
    /// Whether the page outside of regions differs by more than its tolerance.
    on_page: bool,
    /// The extent of the differences.
    seen: Seen,
    /// The boxes of named differences.
    named: Vec<Block>,
}

/// The extent of the differences in a part of a page.
struct Seen {
    /// The area that differs, in mm².
    area: f64,
    /// The likeness, from 0 to 1.
    likeness: f64,
    /// The boxes that differ, with the number of differing pixels in each.
    places: Vec<(Block, usize)>,
}

impl Seen {
    fn exceeds(&self, allowed: Tolerance) -> bool {
        let is_unlike = allowed.likeness >= 1.0 || self.likeness < allowed.likeness;
        self.area > allowed.area && is_unlike
    }
}

impl<'a> Judge<'a> {
    /// A judge of two pages; `scale` is in pixels per pt.
    pub fn new(before: Sheet, now: Sheet, scale: f64, tolerances: &'a Tolerances) -> Self {
        let (old, new) = (&before.raster, &now.raster);
        let (width, height) = (old.width.max(new.width), old.height.max(new.height));
        let (before, now) = (before.grown(width, height), now.grown(width, height));
        let exact = Mask::of(&before.raster, &now.raster, 0.0);
        let mask = match tolerances.page.colour > 0.0 {
            true => Mask::of(&before.raster, &now.raster, tolerances.page.colour),
            false => exact.clone(),
        };
        Judge {
            tolerances,
            scale,
            before,
            now,
            exact,
            mask,
            taken: Vec::new(),
            exceeding: Vec::new(),
            on_page: false,
            seen: Seen { area: 0.0, likeness: 1.0, places: Vec::new() },
            named: Vec::new(),
        }
    }

    fn couple(&self) -> Couple {
        Couple { before: Some(self.before.page), now: Some(self.now.page) }
    }

    /// Both pages as they are compared.
    pub fn into_rasters(self) -> (Raster, Raster) {
        (self.before.raster, self.now.raster)
    }

    /// Excludes the boxes of marks that moved within the tolerance.
    pub fn settle(&mut self, settled: impl Iterator<Item = Rect>) {
        let blocks = settled.map(|ink| self.block(ink)).collect();
        self.take(blocks);
    }

    /// Judges the regions, in their order.
    pub fn regions(&mut self) {
        let (tolerances, page) = (self.tolerances, self.now.page);
        let zones: Vec<&Zone> = tolerances.zones.iter().filter(|zone| zone.page == page).collect();
        for zones in zones.chunk_by(|a, b| a.region == b.region) {
            let blocks: Vec<Block> = zones.iter().map(|zone| self.block(zone.ink)).collect();
            if let Some(own) = zones[0].tolerance {
                let seen = self.seen(&self.inside(&blocks, own.colour));
                if seen.exceeds(own) {
                    self.exceeding.push(zones[0].region);
                    self.add(seen);
                }
            }
            self.take(blocks);
        }
    }

    /// Judges the page outside of its regions.
    pub fn rest(&mut self) {
        let mut seen = self.seen(&self.mask);
        self.on_page = seen.exceeds(self.tolerances.page);
        if !self.on_page {
            seen.places.clear();
        }
        self.add(seen);
    }

    /// Whether a difference of these pages counts. If it does, its size is measured.
    pub fn weigh(&mut self, difference: &mut Difference) -> bool {
        let inks = difference.own_inks(self.couple());
        let zone = self.tolerances.zone_of(self.now.page, &inks);
        if zone.is_some_and(Zone::is_ignored) {
            return false;
        }
        let blocks: Vec<Block> =
            difference.inks(self.couple()).map(|ink| self.block(ink)).collect();
        // A tolerance of looks applies to named differences as well.
        let (is_set, exceeds) = match zone {
            Some(zone) => (zone.is_set, self.exceeding.contains(&zone.region)),
            None => (self.tolerances.is_set, self.on_page),
        };
        let is_unseen = self.differing(&blocks) == 0 || is_set && !exceeds;
        if is_unseen && !difference.kind.is_finer_than_pixels() {
            return false;
        }
        difference.size = self.in_mm2(self.covered(&blocks));
        self.named.extend(blocks);
        true
    }

    /// The places beyond the tolerance that no named difference explains.
    pub fn unnamed(&self) -> impl Iterator<Item = Difference> {
        let is_unnamed = |place: &Block| !self.named.iter().any(|named| named.meets(*place));
        let places = self.seen.places.iter().filter(move |(place, _)| is_unnamed(place));
        places.map(|(place, pixels)| {
            let edges = [place.left, place.top, place.right, place.bottom];
            let [left, top, right, bottom] = edges.map(|edge| edge as f64 / self.scale);
            let ink = Rect::new(left, top, right, bottom);
            let at = |page| Some(Spot { page, ink });
            let place = Place { page: self.now.page + 1, line: None };
            let (before, now) = (at(self.before.page), at(self.now.page));
            let unnamed = Difference::new(Kind::Appearance { ink }, place, before, now);
            Difference { size: self.in_mm2(*pixels), ..unnamed }
        })
    }

    /// The result, once the differences have been weighed.
    pub fn pair(&self) -> Pair {
        let differs = !self.exceeding.is_empty()
            || self.on_page
            || !self.named.is_empty()
            || self.before.is_resized(&self.now);
        let Couple { before, now } = self.couple();
        let sheet = self.before.sheet_with(&self.now);
        Pair { before, now, sheet, area: self.seen.area, likeness: self.seen.likeness, differs }
    }

    fn add(&mut self, seen: Seen) {
        self.seen.area += seen.area;
        self.seen.likeness = self.seen.likeness.min(seen.likeness);
        self.seen.places.extend(seen.places);
    }

    fn take(&mut self, blocks: Vec<Block>) {
        blocks.iter().for_each(|block| self.mask.clear(*block));
        self.taken.extend(blocks);
    }

    /// The pixels in `blocks` that differ by more than `colour`, except those already judged.
    fn inside(&self, blocks: &[Block], colour: f64) -> Mask {
        let mut inside = match colour == self.tolerances.page.colour {
            true => self.mask.clone(),
            false => Mask::of(&self.before.raster, &self.now.raster, colour),
        };
        self.taken.iter().for_each(|block| inside.clear(*block));
        inside.keep(blocks);
        inside
    }

    fn seen(&self, mask: &Mask) -> Seen {
        let places = mask.places();
        let likeness = match places.iter().copied().reduce(Block::with) {
            Some(around) => pixels::likeness(&self.before.raster, &self.now.raster, around),
            None => 1.0,
        };
        let area = self.in_mm2(mask.count(mask.all()));
        let places = places.into_iter().map(|place| (place, mask.count(place))).collect();
        Seen { area, likeness, places }
    }

    /// The number of differing pixels in `blocks`, counted box by box.
    fn differing(&self, blocks: &[Block]) -> usize {
        blocks.iter().map(|block| self.exact.count(*block)).sum()
    }

    /// The number of differing pixels that `blocks` cover. Boxes far apart are counted one by one,
    /// because the pixels between them do not belong to the difference.
    fn covered(&self, blocks: &[Block]) -> usize {
        let Some(around) = blocks.iter().copied().reduce(Block::with) else { return 0 };
        let apart: usize = blocks.iter().copied().map(Block::pixels).sum();
        match around.pixels() <= apart {
            true => self.exact.count(around),
            false => self.differing(blocks),
        }
    }

    /// The pixels of a box in pt, with a margin of one pixel.
    fn block(&self, ink: Rect) -> Block {
        let Raster { width, height, .. } = self.now.raster;
        let edge = |at: f64, most: usize| (at.max(0.0) as usize).min(most);
        Block {
            left: edge((ink.x0 * self.scale).floor() - 1.0, width),
            top: edge((ink.y0 * self.scale).floor() - 1.0, height),
            right: edge((ink.x1 * self.scale).ceil() + 1.0, width),
            bottom: edge((ink.y1 * self.scale).ceil() + 1.0, height),
        }
    }

    fn in_mm2(&self, pixels: usize) -> f64 {
        pixels as f64 / (self.scale * self.scale) / (MM * MM)
    }
}
