//! A raw issue → the error that it has more text, or more parts, than the limits allow.
//!
//! The amount is taken from the lines as written, before anything is checked or typeset: the
//! memory and time that an issue costs grow with it.

use std::ops::Range;
use std::sync::Arc;

use super::printed::Places;
use crate::diag::{Code, Diagnostic, SourceFile, Span, Spanned};
use crate::issue::article::PARTS;
use crate::issue::raw::{RawArticle, RawImprint, RawIssue};
use crate::issue::table;
use crate::source::limits;

/// The parts that the start of a table counts for; its cells are counted apart.
const TABLE: usize = 10;
/// The parts that a note counts for.
const NOTE: usize = 3;

/// The error that an issue is too large, at the line that exceeds a limit.
pub fn excess(raw: &RawIssue, file: &Arc<SourceFile>) -> Option<Diagnostic> {
    let mut amount = Amount { file, characters: 0, parts: 0 };
    amount.issue(raw).err().map(|error| *error)
}

/// The error that the imprint of a publication is too large.
pub fn excess_of_imprint(raw: &RawImprint, file: &Arc<SourceFile>) -> Option<Diagnostic> {
    let mut amount = Amount { file, characters: 0, parts: 0 };
    amount.lines(raw.texts()).err().map(|error| *error)
}

/// The amount so far.
struct Amount<'a> {
    file: &'a Arc<SourceFile>,
    characters: usize,
    parts: usize,
}

type Fits = Result<(), Box<Diagnostic>>;

impl Amount<'_> {
    fn issue(&mut self, raw: &RawIssue) -> Fits {
        raw.editors_note.iter().try_for_each(|note| self.body(note))?;
        raw.articles().try_for_each(|article| self.article(article))?;
        self.lines(raw.imprint.texts())
    }

    fn article(&mut self, raw: &RawArticle) -> Fits {
        for part in &PARTS {
            match part.kind.has_marks() {
                true => (part.of)(raw).iter().try_for_each(|text| self.body(text))?,
                false => self.lines((part.of)(raw).iter())?,
            }
        }
        for attachment in &raw.attachments {
            self.lines(std::iter::once(&attachment.value.title))?;
            self.body(&attachment.value.body)?;
        }
        Ok(())
    }

    /// Texts of one line each, which have a limit of their own.
    fn lines<'t>(&mut self, mut texts: impl Iterator<Item = &'t Spanned<String>>) -> Fits {
        texts.try_for_each(|text| self.add(text.value.chars().count(), 1, || text.range.clone()))
    }

    fn body(&mut self, text: &Spanned<String>) -> Fits {
        let mut start = 0;
        let mut is_row = false;
        for line in text.value.split('\n') {
            let place = start..start + line.len();
            start = place.end + 1;
            let was_row = is_row;
            is_row = line.trim_start().starts_with('|');
            if line.trim().is_empty() {
                continue;
            }
            let file = self.file;
            let place = || Places::new(file, text).range(place.clone());
            let characters = line.chars().count();
            if characters > limits::PARAGRAPH {
                let long = self.error(Code::ParagraphTooLong, place());
                let long = long.arg("length", characters).arg("limit", limits::PARAGRAPH);
                return Err(Box::new(long));
            }
            let cells = if is_row { table::cells(line.trim()).len() } else { 0 };
            let table = if is_row && !was_row { TABLE } else { 0 };
            // Marks come in pairs; two asterisks are one mark.
            let marks = line.matches('*').count() / 2;
            let notes = line.matches("^[").count() * NOTE;
            self.add(characters, 1 + cells + table + marks + notes, place)?;
        }
        Ok(())
    }

    fn add(&mut self, characters: usize, parts: usize, place: impl Fn() -> Range<usize>) -> Fits {
        self.characters += characters;
        self.parts += parts;
        let (code, limit) = match () {
            () if self.parts > limits::PARTS => (Code::TooManyParts, limits::PARTS),
            () if self.characters > limits::CHARACTERS => {
                (Code::TooManyCharacters, limits::CHARACTERS)
            }
            () => return Ok(()),
        };
        Err(Box::new(self.error(code, place()).arg("limit", limit)))
    }

    fn error(&self, code: Code, place: Range<usize>) -> Diagnostic {
        Diagnostic::error(code, Span::new(self.file, place))
    }
}
