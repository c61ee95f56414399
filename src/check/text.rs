//! What is wrong with a text as such: characters that cannot be printed.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, SourceFile, Span};
use crate::fonts::FontSet;
use crate::read::{Spanned, string_offsets};

/// Looks at the printed texts of one file, each character's fault once.
pub struct TextCheck<'a> {
    file: &'a Arc<SourceFile>,
    fonts: &'a FontSet,
    seen: BTreeSet<char>,
    /// What was found.
    pub found: Vec<Diagnostic>,
}

impl<'a> TextCheck<'a> {
    /// A look at `file`, to be printed with `fonts`.
    pub fn new(file: &'a Arc<SourceFile>, fonts: &'a FontSet) -> Self {
        TextCheck { file, fonts, seen: BTreeSet::new(), found: Vec::new() }
    }

    /// Looks at one text.
    pub fn check(&mut self, text: &Spanned<String>) {
        let bad = |c: char| self.fault(c).map(|code| (c, code));
        let faults: Vec<_> = text
            .value
            .char_indices()
            .filter_map(|(at, c)| bad(c).map(|(c, code)| (at, c, code)))
            .collect();
        for (at, c, code) in faults {
            if self.seen.insert(c) {
                let span = self.place(text, at..at + c.len_utf8());
                let number = format!("U+{:04X}", u32::from(c));
                self.found
                    .push(Diagnostic::error(code, span).arg("char", c).arg("codepoint", number));
            }
        }
    }

    fn fault(&self, c: char) -> Option<Code> {
        if matches!(c, '\n' | '\r' | '\t' | ' ' | '\u{3000}' | '\u{a0}') {
            None
        } else if c.is_control() {
            Some(Code::ControlCharacter)
        } else {
            (!self.fonts.covers(c)).then_some(Code::GlyphMissing)
        }
    }

    /// The bytes of the file where a part of a text stands.
    pub fn place(&self, text: &Spanned<String>, part: std::ops::Range<usize>) -> Span {
        place(self.file, text, part)
    }
}

/// The bytes of `file` where a part of a text stands.
pub fn place(file: &Arc<SourceFile>, text: &Spanned<String>, part: std::ops::Range<usize>) -> Span {
    let token = &file.text[text.range.clone()];
    let offsets = string_offsets(token, text.range.start);
    let at =
        |offset: usize| offsets.get(offset).or(offsets.last()).copied().unwrap_or(text.range.start);
    let start = at(part.start);
    // The end is that of the last character, not the start of the next: a line end may lie between.
    let end = at(part.end).max(start);
    Span::new(file, start..end)
}
