//! The cells of tables → words and numbers that are broken in them, lone characters, and text at
//! their rules; of tables on their side too.

use std::collections::BTreeMap;

use super::super::area::CLOSING;
use super::super::lines::{Line, Mark, Upright};
use super::super::measure::Finding;
use super::sheet::Sheet;
use crate::diag::Code;
use crate::publication::length::Length;
use crate::source::text::is_han;
use crate::typeset::words;

/// The least distance of a figure from a rule beside it, in pt.
const FROM_RULE: f64 = 2.0;
/// Distances that were set to be equal differ by less.
const EVEN: f64 = 0.05;
/// The longest word that a cell never breaks, in characters; of this length it is one by itself.
const WORD: usize = 4;
/// The longest name; what is longer, or has marks between clauses, is text and breaks as text does.
const NAME: usize = 12;

/// A cell: its table, the index of its last page, and its lines.
#[derive(Default)]
struct Cell {
    table: u32,
    index: usize,
    lines: Vec<Vec<char>>,
}

/// What is wrong in cells.
pub fn cells(sheets: &[Sheet<'_>], found: &mut Vec<Finding>) {
    let mut cells: BTreeMap<u32, Cell> = BTreeMap::new();
    for (index, sheet) in sheets.iter().enumerate() {
        let side = &sheet.content.side;
        for line in sheet.content.lines.iter().chain(&side.lines) {
            for marks in line.marks.chunk_by(|a, b| a.place.cell == b.place.cell) {
                let place = marks[0].place;
                if place.cell > 0 {
                    let cell = cells.entry(place.cell).or_default();
                    (cell.table, cell.index) = (place.table, index);
                    cell.lines.push(marks.iter().map(|mark| mark.c).collect());
                }
            }
        }
        let upright = at_rules(&sheet.content.lines, &sheet.content.uprights);
        let near = upright.into_iter().chain(at_rules(&side.lines, &side.uprights));
        found.extend(worst(index, near.collect()));
    }
    let cells: Vec<Cell> = cells.into_values().filter(|cell| cell.lines.len() > 1).collect();
    for table in cells.chunk_by(|a, b| (a.table, a.index) == (b.table, b.index)) {
        let broken: Vec<&Cell> = table.iter().filter(|cell| cell.is_broken()).collect();
        found.extend(broken.first().map(|cell| {
            let mut finding = Finding::new(Code::WordBroken, cell.index, cell.text());
            finding.count = Some(broken.len());
            finding
        }));
        let lone = table.iter().filter(|cell| !cell.is_broken() && cell.ends_alone());
        found.extend(lone.map(|cell| Finding::new(Code::LoneCharacter, cell.index, cell.text())));
    }
}

impl Cell {
    fn text(&self) -> String {
        self.lines.iter().flatten().collect()
    }

    /// Whether a word or number goes on in the next line.
    fn is_broken(&self) -> bool {
        let text = self.text();
        let mut end = 0;
        self.lines[..self.lines.len() - 1].iter().any(|line| {
            end += line.len();
            is_within_word(&text, end)
        })
    }

    /// Whether the last line is of one character.
    fn ends_alone(&self) -> bool {
        let last = self.lines.last().map_or(&[][..], Vec::as_slice);
        last.iter().filter(|&&c| !CLOSING.contains(c)).count() == 1
    }
}

/// Whether a break before the character `at` of a cell's text tears a number or a word.
fn is_within_word(text: &str, at: usize) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let (before, after) = (chars[at - 1], chars[at]);
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    if is_number(before) && (is_number(after) || matches!(after, '%' | '％' | '‰')) {
        return before.is_ascii_digit() || after.is_ascii_digit();
    }
    let clauses = chars.iter().filter(|&&c| "，。；、".contains(c)).count();
    let is_text = clauses > 1 || chars.len() > NAME;
    if !is_han(before) || !is_han(after) || is_text {
        return false;
    }
    if chars.iter().filter(|&&c| is_han(c)).count() <= WORD {
        return true;
    }
    let mut end = 0;
    words::lengths(text).into_iter().any(|length| {
        let start = end;
        end += length;
        length <= WORD && start < at && at < end
    })
}

/// The lines of cells with a figure over a rule beside it, or too near to one: distance and text.
fn at_rules(lines: &[Line], uprights: &[Upright]) -> Vec<(f64, String)> {
    let mut near = Vec::new();
    for line in lines.iter().filter(|line| line.marks.iter().any(|mark| mark.place.cell > 0)) {
        let beside: Vec<&Upright> = uprights
            .iter()
            .filter(|rule| rule.top < line.baseline && rule.bottom > line.baseline - 1.0)
            .collect();
        let own = line.marks.iter().filter(|mark| mark.place.cell > 0);
        let own = own.filter(|mark| mark.c.is_ascii_digit() || is_han(mark.c));
        let gaps = own.flat_map(|mark| {
            beside.iter().map(move |rule| (distance(mark, rule), mark.place.cell))
        });
        let nearest = gaps.min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((gap, cell)) = nearest.filter(|(gap, _)| *gap < FROM_RULE - EVEN) {
            let text = line.marks.iter().filter(|mark| mark.place.cell == cell);
            near.push((gap.max(0.0), text.map(|mark| mark.c).collect()));
        }
    }
    near
}

/// One finding for the lines of a page that are at their rules, with the worst of them.
fn worst(index: usize, near: Vec<(f64, String)>) -> Option<Finding> {
    let count = near.len();
    let (gap, text) = near.into_iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
    let mut finding = Finding::new(Code::FigureAtRule, index, text);
    (finding.off, finding.count) = (Some(Length(gap)), Some(count));
    Some(finding)
}

/// The distance of a glyph from the edge of a rule; negative for one that the rule crosses.
fn distance(mark: &Mark, rule: &Upright) -> f64 {
    let (left, right) = (mark.x - rule.x, rule.x - mark.right());
    left.max(right) - rule.weight / 2.0
}
