//! The texts of one file × the rules of text → findings on characters, marks, numbers, dates and
//! words.

use std::sync::Arc;

use super::characters::Characters;
use super::dates::Dates;
use super::findings::Findings;
use super::numbers::{self, Ranges};
use super::printed::Places;
use super::punctuation;
use super::words;
use crate::diag::{Code, Diagnostic, SourceFile, Spanned};
use crate::issue::{Date, Kind};
use crate::publication::fonts::FontSet;
use crate::publication::words::WordList;
use crate::source::limits;

/// The check of the printed texts of one file, one after the other.
pub struct TextCheck<'a> {
    characters: Characters<'a>,
    ranges: Ranges,
    dates: Dates,
    words: &'a WordList,
    found: Findings<'a>,
}

impl<'a> TextCheck<'a> {
    /// A check of `file`, which will be printed with `fonts`.
    pub fn new(file: &'a Arc<SourceFile>, fonts: &'a FontSet, words: &'a WordList) -> Self {
        let mut found = Findings::new(file);
        let mut characters = Characters::new(fonts);
        characters.check_unprinted(&mut found);
        let (ranges, dates) = (Ranges::default(), Dates::default());
        TextCheck { characters, ranges, dates, words, found }
    }

    /// The same check for an issue with this date.
    pub fn of_issue(self, date: Option<Date>) -> Self {
        TextCheck { dates: Dates::of_issue(date), ..self }
    }

    /// The same check, which keeps more findings than are shown.
    pub fn unlimited(self) -> Self {
        TextCheck { found: self.found.unlimited(), ..self }
    }

    /// All findings.
    pub fn finish(self) -> Vec<Diagnostic> {
        self.found.finish()
    }

    /// Checks a text of one line.
    pub fn line(&mut self, text: &Spanned<String>, kind: Kind) {
        let length = text.value.chars().count();
        if length > limits::LINE {
            let args = [("length", length.to_string()), ("limit", limits::LINE.to_string())];
            self.found.error(Code::TextTooLong, text.range.clone(), args);
            return;
        }
        self.look(&Places::new(self.found.file, text), kind);
    }

    /// Checks a body or a note.
    pub fn body(&mut self, text: &Spanned<String>, places: &Places<'_>, kind: Kind) {
        self.look(places, kind);
        let mut start = 0;
        for line in text.value.split_inclusive('\n') {
            let written = line.trim_end_matches(['\n', '\r']);
            let kept = written.trim_end_matches([' ', '\t', '\u{3000}', '\u{a0}']);
            if !kept.is_empty() && kept.len() < written.len() {
                let place = places.range(start + kept.len()..start + written.len());
                if let Some(found) = self.found.find(Code::TrailingBlank, place.clone(), []) {
                    *found = found.clone().fix(place, "");
                }
            }
            start += line.len();
        }
    }

    fn look(&mut self, places: &Places<'_>, kind: Kind) {
        let lines = places.printed(kind);
        let found = &mut self.found;
        for (at, line) in lines.iter().enumerate() {
            self.characters.check(line, kind, found);
            punctuation::half_width(line, found);
            punctuation::unbalanced(line, lines.get(at + 1), found);
            punctuation::quote_separator(line, found);
            self.ranges.check(line, found);
            numbers::full_width(line, found);
            numbers::with_ge(line, found);
            self.dates.check(line, found);
            words::words(line, self.words, found);
            self.dates.relative(line, found);
        }
    }
}
