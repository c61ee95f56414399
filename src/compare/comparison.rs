//! Pairs of pages and their differences → the result of a comparison, in the order of the pages.

use std::collections::BTreeMap;

use super::difference::{Couple, Difference, Kind};

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
    /// The area that differs, in mm².
    pub area: f64,
    /// The likeness of the two, from 0 to 1.
    pub likeness: f64,
    /// Whether the pair counts as different.
    pub differs: bool,
}

impl Pair {
    /// A pair that looks the same.
    pub(super) fn same(couple: Couple, sheet: [f64; 2]) -> Self {
        let Couple { before, now } = couple;
        Pair { before, now, sheet, area: 0.0, likeness: 1.0, differs: false }
    }

    /// A pair without any likeness; `area` is that of the whole sheet.
    pub(super) fn other(couple: Couple, sheet: [f64; 2], area: f64) -> Self {
        let Couple { before, now } = couple;
        Pair { before, now, sheet, area, likeness: 0.0, differs: true }
    }
}

/// The result of comparing one issue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// The pages.
    pub pairs: Vec<Pair>,
    /// The differences, in the order of the pages.
    pub differences: Vec<Difference>,
    /// How many pages were drawn to compare their pixels, both sides counted.
    pub rendered: usize,
}

impl Comparison {
    /// Whether both look the same.
    pub fn is_same(&self) -> bool {
        !self.pairs.iter().any(|pair| pair.differs)
    }

    /// Takes the differences and sorts them by page; within a page, changes of the page come
    /// first, then changes of content, moves, and unnamed differences.
    pub(super) fn take(&mut self, mut found: Vec<Difference>) {
        let rank = |difference: &Difference| match difference.kind {
            Kind::PageAdded | Kind::PageLost | Kind::PageResized { .. } => 0,
            Kind::Moved { .. } | Kind::Reflowed { .. } => 2,
            Kind::Appearance { .. } => 3,
            _ => 1,
        };
        found.sort_by_key(|difference| (difference.place.page, rank(difference)));
        self.differences = found;
    }

    /// The differences on a pair.
    pub fn of(&self, pair: &Pair) -> impl Iterator<Item = &Difference> {
        let couple = Couple { before: pair.before, now: pair.now };
        self.differences.iter().filter(move |difference| difference.is_on(couple))
    }

    /// The number of differences of each kind.
    pub fn kinds(&self) -> BTreeMap<&'static str, usize> {
        let mut kinds = BTreeMap::new();
        for difference in &self.differences {
            *kinds.entry(difference.kind.id()).or_default() += 1;
        }
        kinds
    }
}
