//! Pages → what stands too near to a rule, to the contents, to a note, or to a table or picture.

use super::super::area::{BODY, CELL, TOLERANCE};
use super::super::lines::Line;
use super::super::measure::Finding;
use super::captions::{self, Kind};
use super::sheet::{Item, Sheet, What};
use crate::diag::Code;
use crate::publication::length::Length;

/// The least distance between text and what it must not touch, in grid lines: a little more than
/// lines of text have between them.
const APART: f64 = 0.5;
/// The least distance of text from the outer rules of a table and from a picture, in grid lines.
const CLOSE: f64 = 0.25;

/// What stands too near to something above it.
pub fn distances(sheets: &[Sheet<'_>], found: &mut Vec<Finding>) {
    for (index, sheet) in sheets.iter().enumerate().filter(|(_, sheet)| !sheet.is_landscape()) {
        let mut near = Vec::new();
        if index == 0 {
            near.extend(under_rule(sheet).or_else(|| under_contents(sheet)));
        }
        for column in 0..sheet.columns.len() {
            objects(sheet, column, &mut near);
        }
        notes(sheet, &mut near);
        found.extend(near.into_iter().map(|(gap, text)| {
            let mut finding = Finding::new(Code::TooNear, index, text);
            finding.off = Some(Length(gap));
            finding
        }));
    }
}

/// The first text or box under the masthead's rule, or under the rule that closes the contents.
fn under_rule(sheet: &Sheet<'_>) -> Option<(f64, String)> {
    let rules = sheet.masthead.into_iter().chain(sheet.closing_rule());
    let mut under = rules.filter_map(|y| {
        let line = sheet.first_below(y)?;
        let boxes = sheet.content.boxes.iter().filter(|area| area.y > y + TOLERANCE);
        let top = boxes.map(|area| area.y).fold(line.top(), f64::min);
        Some((top - y, line.text()))
    });
    under.find(|(gap, _)| *gap < APART * sheet.pitch)
}

/// The text that follows the contents without a rule between.
fn under_contents(sheet: &Sheet<'_>) -> Option<(f64, String)> {
    let bottom = sheet.contents_bottom()?;
    let line = sheet.first_below(bottom)?;
    let gap = line.top() - bottom;
    (gap < APART * sheet.pitch).then(|| (gap, line.text()))
}

/// Text that is glued to a caption, a table or a picture.
fn objects(sheet: &Sheet<'_>, column: usize, near: &mut Vec<(f64, String)>) {
    let items = sheet.items(column);
    for pair in items.windows(2) {
        let (above, below) = (&pair[0], &pair[1]);
        let gap = below.top - above.bottom;
        if least(sheet, above, below).is_some_and(|least| gap < least * sheet.pitch - TOLERANCE) {
            let line = below.line.or(above.line);
            near.push((gap, line.map(Line::text).unwrap_or_default()));
        }
    }
}

/// The least distance between two neighbours, in grid lines; `None` for what belongs together.
fn least(sheet: &Sheet<'_>, above: &Item<'_>, below: &Item<'_>) -> Option<f64> {
    let caption = |item: &Item<'_>| {
        item.line
            .and_then(captions::number)
            .map(|(kind, _)| kind)
            .filter(|&kind| item.line.is_some_and(|line| captions::is_caption(sheet, line, kind)))
    };
    let is_text = |item: &Item<'_>| matches!(item.what, What::Paragraph | What::Heading);
    // Units and notes of a table are smaller than the text, and belong to it.
    let is_own = |item: &Item<'_>| item.line.is_some_and(|line| line.size() < BODY - 1.0);
    let (over, under) = (caption(above), caption(below));
    match (is_text(above), is_text(below)) {
        (true, true) => {
            let is_apart = over == Some(Kind::Picture) || under == Some(Kind::Table);
            let is_one = above.line.map(Line::place) == below.line.map(Line::place);
            (is_apart && !is_one).then_some(APART)
        }
        (true, false) if over == Some(Kind::Picture) => Some(APART),
        (false, true) if under == Some(Kind::Table) => Some(APART),
        (true, false) => (over.is_none() && !is_own(above)).then_some(CLOSE),
        (false, true) => (under.is_none() && !is_own(below)).then_some(CLOSE),
        (false, false) => (above.what != below.what).then_some(CLOSE),
    }
}

/// Text that follows an editor's note without a distance. A note is inset on both sides.
fn notes(sheet: &Sheet<'_>, near: &mut Vec<(f64, String)>) {
    let is_inset = |line: &Line, column: usize| {
        let left = sheet.columns[column];
        let right = left + sheet.width;
        line.left() > left + 1.5 * CELL && line.right() < right - 1.5 * CELL
    };
    for group in sheet.lines.chunk_by(|a, b| a.place().paragraph == b.place().paragraph) {
        let (first, last) = (group[0], group[group.len() - 1]);
        // A note of one line is known by its usual label alone.
        let is_group = group.len() > 1 || first.text().starts_with("编者按");
        let Some(column) = sheet.column(first).filter(|_| is_group) else { continue };
        let place = first.place();
        let is_text = place.paragraph > 0 && place.table == 0 && first.heading().is_none();
        let edge = sheet.columns[column] + 2.0 * CELL;
        let is_note = group.iter().all(|line| is_inset(line, column))
            && group[1..].iter().all(|line| (line.left() - edge).abs() < CELL / 2.0);
        let below = sheet.lines.iter().filter(|line| sheet.column(line) == Some(column));
        let below = below.filter(|line| line.top() > last.bottom() - TOLERANCE);
        let Some(next) = below.min_by(|a, b| a.top().total_cmp(&b.top())) else { continue };
        let gap = next.top() - last.bottom();
        if is_text && is_note && !is_inset(next, column) && gap < APART * sheet.pitch {
            near.push((gap, next.text()));
        }
    }
}
