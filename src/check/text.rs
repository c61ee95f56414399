//! What is wrong with a text as such: its characters, marks, numbers, dates and words.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use super::printed::{Places, Printed};
use super::words::WordList;
use super::{dates, marks, numbers, words};
use crate::diag::{Code, Diagnostic, MAX_FINDINGS, SourceFile, Span};
use crate::fonts::FontSet;
use crate::issue::{Date, Kind};
use crate::limits;
use crate::read::Spanned;

/// Looks at the printed texts of one file, one after the other.
pub struct TextCheck<'a> {
    pub(super) file: &'a Arc<SourceFile>,
    pub(super) words: &'a WordList,
    /// The date of issue.
    pub(super) date: Option<Date>,
    /// The dash of the first range of numbers, that range, and the dash's place.
    pub(super) first_dash: Option<(String, String, Range<usize>)>,
    /// Words that are said once only.
    pub(super) said: BTreeSet<String>,
    undated: bool,
    fonts: &'a FontSet,
    seen: BTreeSet<char>,
    found: Vec<Diagnostic>,
}

impl<'a> TextCheck<'a> {
    /// A look at `file`, to be printed with `fonts`.
    pub fn new(file: &'a Arc<SourceFile>, fonts: &'a FontSet, words: &'a WordList) -> Self {
        TextCheck {
            file,
            words,
            date: None,
            first_dash: None,
            said: BTreeSet::new(),
            undated: false,
            fonts,
            seen: BTreeSet::new(),
            found: Vec::new(),
        }
    }

    /// The same for an issue, with its date.
    pub fn of_issue(self, date: Option<Date>) -> Self {
        TextCheck { date, undated: date.is_none(), ..self }
    }

    /// Everything that was found.
    pub fn finish(self) -> Vec<Diagnostic> {
        self.found
    }

    /// Looks at a text of one line.
    pub fn line(&mut self, text: &Spanned<String>, kind: Kind) {
        let length = text.value.chars().count();
        if length > limits::LINE {
            let args = [("length", length.to_string()), ("limit", limits::LINE.to_string())];
            self.error(Code::TextTooLong, text.range.clone(), args);
            return;
        }
        self.look(&Places::new(self.file, text), kind);
    }

    /// Looks at a body or a note.
    pub fn body(&mut self, text: &Spanned<String>, places: &Places<'_>, kind: Kind) {
        self.look(places, kind);
        let mut start = 0;
        for line in text.value.split_inclusive('\n') {
            let written = line.trim_end_matches(['\n', '\r']);
            let kept = written.trim_end_matches([' ', '\t', '\u{3000}', '\u{a0}']);
            if !kept.is_empty() && kept.len() < written.len() {
                let place = places.range(start + kept.len()..start + written.len());
                if let Some(found) = self.find(Code::TrailingBlank, place.clone(), []) {
                    *found = found.clone().fix(place, "");
                }
            }
            start += line.len();
        }
    }

    fn look(&mut self, places: &Places<'_>, kind: Kind) {
        let lines = places.printed(kind);
        for (at, line) in lines.iter().enumerate() {
            self.characters(line, kind);
            marks::half_width(line, self);
            marks::unbalanced(line, lines.get(at + 1), self);
            marks::quote_separator(line, self);
            numbers::ranges(line, self);
            numbers::full_width(line, self);
            numbers::with_ge(line, self);
            dates::dates(line, self);
            words::words(line, self);
            if self.undated {
                dates::relative(line, self);
            }
        }
    }

    /// A finding, unless there are more than anybody reads.
    pub(super) fn find<const N: usize>(
        &mut self,
        code: Code,
        place: Range<usize>,
        args: [(&'static str, String); N],
    ) -> Option<&mut Diagnostic> {
        // One more than is shown, so that it is said that there are more.
        (self.found.len() <= MAX_FINDINGS).then_some(())?;
        let mut found = Diagnostic::warning(code, Span::new(self.file, place));
        found.args.extend(args);
        self.found.push(found);
        self.found.last_mut()
    }

    fn error<const N: usize>(
        &mut self,
        code: Code,
        place: Range<usize>,
        args: [(&'static str, String); N],
    ) {
        let mut found = Diagnostic::error(code, Span::new(self.file, place));
        found.args.extend(args);
        self.found.push(found);
    }

    /// Each character's fault, once in a file.
    fn characters(&mut self, line: &Printed, kind: Kind) {
        for (at, &c) in line.chars.iter().enumerate() {
            if is_blank(c) || !self.seen.insert(c) {
                continue;
            }
            let place = line.places[at].clone();
            let facts = || [("char", c.to_string()), ("codepoint", codepoint(c))];
            if is_invisible(c) {
                self.error(Code::ControlCharacter, place, facts());
                continue;
            }
            if is_private(c) {
                self.error(Code::PrivateUseCharacter, place, facts());
                continue;
            }
            if is_compatibility(c) {
                let plain: String = std::iter::once(c).nfkc().collect();
                let known = plain != c.to_string();
                let args = [
                    ("char", c.to_string()),
                    ("codepoint", codepoint(c)),
                    ("plain", plain.clone()),
                ];
                if let Some(found) = self.find(Code::CompatibilityCharacter, place.clone(), args) {
                    *found = match known {
                        true => found.clone().fix(place.clone(), plain),
                        false => found.clone().hint("unknown"),
                    };
                }
            }
            if !self.fonts.covers(c) {
                self.error(Code::GlyphMissing, place, facts());
            } else if let Some((lacking, instead)) = self.stand_in(c, kind) {
                let args = [
                    ("char", c.to_string()),
                    ("codepoint", codepoint(c)),
                    ("lacking", lacking),
                    ("instead", instead),
                ];
                self.find(Code::GlyphStandIn, place, args);
            }
        }
    }

    /// The face that lacks a character, and the one that stands in for it.
    fn stand_in(&self, c: char, kind: Kind) -> Option<(String, String)> {
        // Chinese marks come from 宋体 and Latin ones from the Latin face whatever the text's face.
        // Full-width digits have a finding of their own.
        if c.is_ascii() || matches!(c, '０'..='９') || "“”‘’—―…·".contains(c) {
            return None;
        }
        let face = self.fonts.face(kind.role()).filter(|face| !face.has(c))?;
        let instead = self.fonts.stand_in(kind.role(), c)?;
        Some((face.shown().into(), instead.shown().into()))
    }
}

fn codepoint(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

fn is_blank(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t' | ' ' | '\u{3000}' | '\u{a0}')
}

/// Han characters, and 〇.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{3ffff}' | '〇')
}

/// Characters that show nothing and come along with pasted text.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
}

/// Radicals and compatibility ideographs: they look like a character and are found as another.
fn is_compatibility(c: char) -> bool {
    let radical = matches!(c, '\u{2e80}'..='\u{2fdf}');
    let ideograph = matches!(c, '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}');
    // Twelve of that block are characters in their own right.
    radical || ideograph && !std::iter::once(c).nfkc().eq([c])
}
