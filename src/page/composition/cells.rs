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
/// The longest word that a cell never breaks, in characters; of this length it is one by itself.
const WORD: usize = 4;

/// A cell: the index of its last page, and its lines.
#[derive(Default)]
struct Cell {
    index: usize,
    lines: Vec<Vec<Mark>>,
}

/// What is wrong in cells.
pub fn cells(sheets: &[Sheet<'_>], found: &mut Vec<Finding>) {
    let mut cells: BTreeMap<u32, Cell> = BTreeMap::new();
    for (index, sheet) in sheets.iter().enumerate() {
        let side = &sheet.content.side;
        for line in sheet.content.lines.iter().chain(&side.lines) {
            for marks in line.marks.chunk_by(|a, b| a.place.cell == b.place.cell) {
                if marks[0].place.cell > 0 {
                    let cell = cells.entry(marks[0].place.cell).or_default();
                    cell.index = index;
                    cell.lines.push(marks.to_vec());
                }
            }
        }
        at_rules(index, &sheet.content.lines, &sheet.content.uprights, found);
        at_rules(index, &side.lines, &side.uprights, found);
    }
    found.extend(cells.into_values().filter_map(|cell| broken(&cell)));
}

/// A word or number that goes on in the next line of its cell, or else a last line of one character.
fn broken(cell: &Cell) -> Option<Finding> {
    let lines: Vec<Vec<char>> =
        cell.lines.iter().map(|marks| marks.iter().map(|mark| mark.c).collect()).collect();
    let [.., last] = lines.as_slice() else { return None };
    if lines.len() < 2 {
        return None;
    }
    let text: String = lines.iter().flatten().collect();
    let mut end = 0;
    for line in &lines[..lines.len() - 1] {
        end += line.len();
        if is_within_word(&text, end) {
            return Some(Finding::new(Code::WordBroken, cell.index, text));
        }
    }
    let letters = last.iter().filter(|&&c| !CLOSING.contains(c)).count();
    (letters == 1).then(|| Finding::new(Code::LoneCharacter, cell.index, text))
}

/// Whether a break before the character `at` of a cell's text tears a number or a word.
fn is_within_word(text: &str, at: usize) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let (before, after) = (chars[at - 1], chars[at]);
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    if is_number(before) && (is_number(after) || matches!(after, '%' | '％' | '‰')) {
        return before.is_ascii_digit() || after.is_ascii_digit();
    }
    if !is_han(before) || !is_han(after) {
        return false;
    }
    let start = at - chars[..at].iter().rev().take_while(|&&c| is_han(c)).count();
    let piece = chars[start..].iter().take_while(|&&c| is_han(c)).count();
    if piece < WORD || (piece == WORD && chars.iter().filter(|&&c| is_han(c)).count() == WORD) {
        return true;
    }
    let mut end = 0;
    words::lengths(text).into_iter().any(|length| {
        let start = end;
        end += length;
        length <= WORD && start < at && at < end
    })
}

/// Figures that stand over a rule beside them, or too near to one; one finding for each line.
fn at_rules(index: usize, lines: &[Line], uprights: &[Upright], found: &mut Vec<Finding>) {
    for line in lines.iter().filter(|line| line.marks.iter().any(|mark| mark.place.cell > 0)) {
        let beside: Vec<&Upright> = uprights
            .iter()
            .filter(|rule| rule.top < line.baseline && rule.bottom > line.baseline - 1.0)
            .collect();
        let nearest = line
            .marks
            .iter()
            .filter(|mark| mark.place.cell > 0)
            .filter(|mark| mark.c.is_ascii_digit() || is_han(mark.c));
        let nearest = nearest.flat_map(|mark| {
            beside.iter().map(move |rule| (distance(mark, rule), mark.place.cell))
        });
        let Some((gap, cell)) = nearest.min_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
        if gap < FROM_RULE - 0.05 {
            let own = line.marks.iter().filter(|mark| mark.place.cell == cell);
            let text = own.map(|mark| mark.c).collect();
            let mut finding = Finding::new(Code::FigureAtRule, index, text);
            finding.off = Some(Length(gap.max(0.0)));
            found.push(finding);
        }
    }
}

/// The distance of a glyph from the edge of a rule; negative for one that the rule crosses.
fn distance(mark: &Mark, rule: &Upright) -> f64 {
    let (left, right) = (mark.x - rule.x, rule.x - mark.right());
    left.max(right) - rule.weight / 2.0
}
