//! Captions → tables and pictures that stand in another order than their numbers.

use super::super::lines::Line;
use super::super::measure::Finding;
use super::sheet::{Sheet, What};
use crate::diag::Code;

/// What a caption names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Table,
    Picture,
}

/// The numbered captions out of order. Numbers begin anew with each title.
pub fn order(sheets: &[Sheet<'_>], found: &mut Vec<Finding>) {
    let mut last = (0, 0);
    for (index, sheet) in sheets.iter().enumerate() {
        let side = sheet.content.side.lines.first();
        let upright = sheet.lines.iter().copied().filter(|line| {
            let is_title = line.heading().is_some_and(|heading| heading.is_title);
            is_title || number(line).is_some_and(|(kind, _)| is_caption(sheet, line, kind))
        });
        for line in side.into_iter().chain(upright) {
            if line.heading().is_some_and(|heading| heading.is_title) {
                last = (0, 0);
            }
            let Some((kind, number)) = number(line) else { continue };
            let last = if kind == Kind::Table { &mut last.0 } else { &mut last.1 };
            if number < *last {
                found.push(Finding::new(Code::TableOrder, index, line.text()));
            }
            *last = number.max(*last);
        }
    }
}

/// The kind and the number that a line begins with, as a caption does.
pub fn number(line: &Line) -> Option<(Kind, usize)> {
    let (first, rest) = line.marks.split_first()?;
    let kind = match first.c {
        '表' => Kind::Table,
        '图' => Kind::Picture,
        _ => return None,
    };
    // A blank parts the number from a year behind it.
    let mut end = rest.first()?.x;
    let digits = rest.iter().take_while(|mark| {
        let is_close = mark.x - end < mark.size / 4.0;
        end = mark.x + mark.advance;
        mark.c.is_ascii_digit() && is_close
    });
    let digits: String = digits.map(|mark| mark.c).collect();
    Some((kind, digits.parse().ok()?))
}

/// Whether a line that begins like a caption stands over a table or under a picture.
pub fn is_caption(sheet: &Sheet<'_>, line: &Line, kind: Kind) -> bool {
    let Some(column) = sheet.column(line).filter(|_| line.place().table == 0) else { return false };
    sheet.items(column).iter().any(|item| match (kind, item.what) {
        (Kind::Table, What::Table) => {
            item.top > line.baseline && item.top - line.bottom() < sheet.pitch
        }
        (Kind::Picture, What::Picture) => (line.top() - item.bottom).abs() < sheet.pitch,
        _ => false,
    })
}
