//! A table of a body, and how its lines are written.

use super::body::Run;

/// A table (表).
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The caption (表题) above it.
    pub caption: Vec<Run>,
    /// The unit (单位) of its numbers, above it at the right, `|+ caption | 单位：亿元`.
    pub unit: Option<String>,
    /// Whether the table is turned sideways on a page of its own (横排), `|+ caption | 横排`.
    pub landscape: bool,
    /// The alignment of each column.
    pub columns: Vec<Align>,
    /// The head's rows, repeated on each page.
    pub head: Vec<Vec<Vec<Run>>>,
    /// The other rows.
    pub rows: Vec<Vec<Vec<Run>>>,
    /// How many ems the first cell of each of these rows is set in: the full-width blanks before it.
    pub indents: Vec<usize>,
    /// The notes (表注) under it: lines that begin with 注： or 资料来源：.
    pub notes: Vec<Vec<Run>>,
}

/// What stands before a table.
#[derive(Default)]
pub(super) struct Caption {
    pub runs: Vec<Run>,
    pub unit: Option<String>,
    pub landscape: bool,
}

/// The alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the left, `|:---|`.
    Left,
    /// Centred, `|---|` or `|:---:|`.
    Center,
    /// At the right, `|---:|`.
    Right,
}

/// The text of a caption's line, behind its mark: the caption, the unit of the table's numbers, and
/// whether the table lies on its side.
pub(crate) fn caption_parts(line: &str) -> (&str, Option<&str>, bool) {
    let (line, landscape) = match line.rsplit_once('|') {
        Some((line, word)) if word.trim() == LANDSCAPE => (line, true),
        _ => (line, false),
    };
    match line.rsplit_once('|') {
        Some((line, unit)) if UNITS.iter().any(|word| unit.trim().starts_with(word)) => {
            (line, Some(unit), landscape)
        }
        _ => (line, None, landscape),
    }
}

/// The word after a caption that turns its table sideways.
pub const LANDSCAPE: &str = "横排";

/// How the unit of a table's numbers begins, behind its caption.
const UNITS: [&str; 2] = ["单位：", "计量单位："];

/// How a note under a table begins.
pub(super) const NOTES: [&str; 7] =
    ["注：", "注1：", "备注：", "说明：", "资料来源：", "数据来源：", "来源："];

/// The cells of a table's row, each with its place in the line.
pub(crate) fn cells(line: &str) -> Vec<(usize, &str)> {
    let mut cells = Vec::new();
    let mut start = 1;
    let mut escaped = false;
    for (at, c) in line.char_indices().skip(1) {
        if c == '|' && !escaped {
            let cell = &line[start..at];
            cells.push((start + cell.len() - cell.trim_start().len(), cell.trim()));
            start = at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    let rest = &line[start..];
    if !rest.trim().is_empty() {
        cells.push((start + rest.len() - rest.trim_start().len(), rest.trim()));
    }
    cells
}

pub(crate) fn is_rule(cell: &str) -> bool {
    cell.contains('-') && cell.chars().all(|c| matches!(c, '-' | ':'))
}

pub(super) fn align(cell: &str) -> Align {
    match (cell.starts_with(':'), cell.ends_with(':')) {
        (true, false) => Align::Left,
        (false, true) => Align::Right,
        _ => Align::Center,
    }
}
