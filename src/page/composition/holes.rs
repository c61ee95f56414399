//! Pages → the empty lines at their ends, where the text goes on behind them.

use super::sheet::{Sheet, What};

/// The empty grid lines at a page's end.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Hole {
    pub lines: usize,
    /// What stands first behind them.
    pub before: Option<What>,
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
            worst = Hole { lines, before };
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
