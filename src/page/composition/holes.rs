//! Pages → the empty lines at their ends, where the text goes on behind them.

use super::super::lines::Line;
use super::super::measure::Finding;
use super::HOLE;
use super::sheet::{Sheet, What};
use crate::diag::Code;

/// The empty grid lines at a page's end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hole {
    pub lines: usize,
    /// What stands first behind them.
    pub before: Option<What>,
    /// The first line of it.
    pub text: String,
}

/// How much of a grid line counts as a whole one: tables and pictures leave fractions.
const ROUND: f64 = 0.1;

/// The hole of each page.
pub fn holes(sheets: &[Sheet<'_>]) -> Vec<Hole> {
    let is_text = |sheet: &Sheet<'_>| sheet.has_text() && !sheet.is_landscape();
    let end = sheets.iter().rposition(is_text).unwrap_or(0);
    (0..sheets.len())
        .map(|index| {
            let sheet = &sheets[index];
            let next = sheets[index + 1..].iter().find(|next| is_text(next));
            match next {
                Some(next) if index < end && is_text(sheet) && !sheet.is_cover => {
                    if begins_with_attachment(next) {
                        Hole::default()
                    } else {
                        hole(sheet, next)
                    }
                }
                _ => Hole::default(),
            }
        })
        .collect()
}

/// The largest hole at the end of a page's columns.
fn hole(sheet: &Sheet<'_>, next: &Sheet<'_>) -> Hole {
    let mut worst = Hole::default();
    for column in 0..sheet.columns.len() {
        let lines = (sheet.empty(column) + ROUND).floor().max(0.0) as usize;
        if lines > worst.lines {
            let behind = column + 1;
            let before =
                if behind < sheet.columns.len() { sheet.first(behind) } else { next.first(0) };
            let text = before.and_then(|(_, line)| line).map(Line::text).unwrap_or_default();
            worst = Hole { lines, before: before.map(|(what, _)| what), text };
        }
    }
    worst
}

/// Whether a page is a new one by wish: an attachment begins on it.
fn begins_with_attachment(sheet: &Sheet<'_>) -> bool {
    let label = sheet.lines.first().filter(|line| line.heading().is_some());
    label.is_some_and(|line| {
        let text = line.text();
        text.strip_prefix("附件").is_some_and(|n| n.chars().all(|c| c.is_ascii_digit()))
    })
}

/// The holes of more lines than a heading leaves.
pub fn findings(holes: &[Hole], found: &mut Vec<Finding>) {
    for (index, hole) in holes.iter().enumerate().filter(|(_, hole)| hole.lines > HOLE) {
        let mut finding = Finding::new(Code::PageHole, index, hole.text.clone());
        finding.count = Some(hole.lines);
        found.push(finding);
    }
}
