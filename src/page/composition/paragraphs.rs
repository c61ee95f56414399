//! Pages → the lines of each paragraph: last lines of a few letters, and lines that are spread.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::area::{BODY, CELL, CLOSING, letters};
use super::super::lines::Line;
use super::super::measure::Finding;
use super::sheet::{Sheet, is_entry};
use crate::diag::Code;
use crate::source::text::is_han;

/// A paragraph whose last line is of a few letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShortEnd {
    /// The page of the last line, counted from 1.
    pub page: usize,
    /// The letters of the last line, marks of punctuation left out.
    pub letters: usize,
    /// The lines of the paragraph.
    pub lines: usize,
    /// The last line but one and the last.
    pub text: String,
}

/// The most letters of a last line that squeezing the lines above it can take in.
const SHORT: usize = 3;

/// The paragraphs of the text whose last line is short.
pub fn short_ends(sheets: &[Sheet<'_>]) -> Vec<ShortEnd> {
    let mut paragraphs: BTreeMap<u32, Vec<(usize, &Line)>> = BTreeMap::new();
    for (index, sheet) in sheets.iter().enumerate() {
        for line in sheet.lines.iter().filter(|line| is_body(line) && !is_entry(line)) {
            paragraphs.entry(line.place().paragraph).or_default().push((index, line));
        }
    }
    let short = paragraphs.values().filter_map(|lines| {
        let [.., (_, above), (index, last)] = lines.as_slice() else { return None };
        let letters = letters(last);
        (1..=SHORT).contains(&letters).then(|| ShortEnd {
            page: index + 1,
            letters,
            lines: lines.len(),
            text: above.text() + &last.text(),
        })
    });
    short.collect()
}

/// Whether a line belongs to a paragraph of the text, not to a title or a table.
fn is_body(line: &Line) -> bool {
    let place = line.place();
    place.paragraph > 0 && place.table == 0 && line.heading().is_none()
}

/// A line that is spread, by how much of an em.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread<'a> {
    pub line: &'a Line,
    pub ems: f64,
}

impl Spread<'_> {
    /// Whether a reader sees it.
    pub fn is_spread(&self) -> bool {
        self.ems > 0.08
    }

    /// Whether it is torn.
    pub fn is_loose(&self) -> bool {
        self.ems > 0.5
    }
}

/// The spread lines of each page.
pub fn spread<'a>(sheets: &[Sheet<'a>]) -> Vec<Vec<Spread<'a>>> {
    let of = |sheet: &Sheet<'a>| {
        let lines = sheet.lines.iter().filter(|line| is_body(line));
        lines.map(|line| Spread { line, ems: ems(line) }).filter(Spread::is_spread).collect()
    };
    sheets.iter().map(of).collect()
}

/// How far the Han characters of a line stand apart beyond their own distance. Justification
/// spreads all of them alike; where single ones are set apart, the others tell.
fn ems(line: &Line) -> f64 {
    let pairs = line.marks.windows(2).filter(|pair| {
        let [a, b] = pair else { return false };
        is_han(a.c) && is_han(b.c) && b.blank == 0.0 && a.size == b.size
    });
    let spread = pairs.map(|pair| {
        let size = pair[0].size;
        let set = if (size - BODY).abs() < 1e-6 { CELL } else { size };
        (pair[1].x - pair[0].x - set) / size
    });
    spread.reduce(f64::min).unwrap_or(0.0)
}

/// Entries of the contents, and other links, that end with a line of one character.
pub fn entries(sheets: &[Sheet<'_>], found: &mut Vec<Finding>) {
    let mut entries: BTreeMap<u32, Vec<(usize, Vec<char>)>> = BTreeMap::new();
    for (index, sheet) in sheets.iter().enumerate() {
        for line in &sheet.lines {
            for marks in line.marks.chunk_by(|a, b| a.place.link == b.place.link) {
                if marks[0].place.link > 0 {
                    let text = marks.iter().map(|mark| mark.c).collect();
                    entries.entry(marks[0].place.link).or_default().push((index, text));
                }
            }
        }
    }
    for lines in entries.values() {
        let [.., (_, above), (index, last)] = lines.as_slice() else { continue };
        if last.iter().filter(|&&c| !CLOSING.contains(c)).count() == 1 {
            let text = above.iter().chain(last).collect();
            found.push(Finding::new(Code::LoneCharacter, *index, text));
        }
    }
}

/// The lines that are spread, and those that are torn, by percents of an em.
pub fn loose(spread: &[Vec<Spread<'_>>], found: &mut Vec<Finding>) {
    for (index, lines) in spread.iter().enumerate() {
        for spread in lines {
            let code = if spread.is_loose() { Code::LooseLine } else { Code::LineSpread };
            let mut finding = Finding::new(code, index, spread.line.text());
            finding.count = Some((spread.ems * 100.0).round() as usize);
            found.push(finding);
        }
    }
}
