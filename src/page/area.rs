//! The numbers of the page that it is judged by: type area, grid, body type, tolerance; all in pt.

use crate::publication::layout::Geometry;
use crate::publication::length::MM;

use super::lines::{Content, Line, Rule};

pub(super) const TOP: f64 = 37.0 * MM;
pub(super) const HEIGHT: f64 = 225.0 * MM;
/// The bottom of the type area.
pub(crate) const BOTTOM: f64 = TOP + HEIGHT;
pub(super) const WIDTH: f64 = 156.0 * MM;
const BINDING: f64 = 28.0 * MM;
const OUTER: f64 = 26.0 * MM;
pub(super) const BODY: f64 = 16.0;
pub(super) const CELL: f64 = WIDTH / 28.0;
pub(super) const GUTTER: f64 = 2.0 * CELL;
/// The tolerance of a measured place; the standard itself allows ± 1 mm.
pub(super) const TOLERANCE: f64 = 0.1 * MM;

/// Marks that may not end a line.
pub(super) const OPENING: &str = "“‘（《〈【〔「『［｛";
/// Marks that may not begin a line.
pub(super) const CLOSING: &str = "，。、；：？！”’）》〉】〕」』］｝";

/// The distance of two grid lines, which fitting may have changed.
pub(super) fn pitch(geometry: Geometry) -> f64 {
    (HEIGHT - BODY) / (geometry.lines.max(2) - 1) as f64
}

/// The left edge of the type area.
pub(crate) fn left_edge(geometry: Geometry, index: usize) -> f64 {
    if geometry.duplex && index % 2 == 1 { OUTER } else { BINDING }
}

/// The left edges of the columns on a page, and their width.
pub(super) fn columns(geometry: Geometry, index: usize) -> (Vec<f64>, f64) {
    let count = geometry.columns;
    let width = (WIDTH - GUTTER * (count - 1) as f64) / count as f64;
    let left = left_edge(geometry, index);
    ((0..count).map(|n| left + n as f64 * (width + GUTTER)).collect(), width)
}

/// The weight of the frame of a table, which ends each of its pages.
const FRAME: f64 = 1.0;

/// The outer rules of an imprint: black, as wide as the type area, and of a weight that no other
/// rule has.
pub(super) fn imprint_rules(content: &Content) -> impl Iterator<Item = &Rule> {
    let is_outer = |rule: &&Rule| {
        rule.table == 0
            && rule.is_black
            && rule.length > WIDTH * 0.9
            && (0.3 * MM..0.6 * MM).contains(&rule.weight)
            && (rule.weight - FRAME).abs() > 1e-6
    };
    content.rules.iter().filter(is_outer)
}

/// The letters of a line: its characters without marks of punctuation.
pub(super) fn letters(line: &Line) -> usize {
    line.marks.iter().filter(|mark| !CLOSING.contains(mark.c) && !OPENING.contains(mark.c)).count()
}
