//! A line of text × fonts → findings on characters that are missing from the fonts, invisible, or
//! lookalikes of others.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::findings::Findings;
use super::printed::Printed;
use crate::diag::Code;
use crate::diag::show::visible::is_invisible;
use crate::issue::Kind;
use crate::publication::fonts::FontSet;
use crate::source::limits;

/// The check of one file's characters; each character is checked once.
pub struct Characters<'a> {
    fonts: &'a FontSet,
    seen: BTreeSet<char>,
}

impl<'a> Characters<'a> {
    /// A check for text to be printed with `fonts`.
    pub fn new(fonts: &'a FontSet) -> Self {
        Characters { fonts, seen: BTreeSet::new() }
    }

    /// Reports each invisible character of a file, wherever it stands: in a comment or a key, too, it
    /// can make a reader see another text than the program.
    pub fn check_unprinted(&mut self, found: &mut Findings<'_>) {
        let file = found.file.clone();
        for (at, c) in file.text.char_indices().filter(|&(_, c)| is_invisible(c)) {
            if !is_blank(c) && self.seen.insert(c) {
                let place = at..at + c.len_utf8();
                found.error(Code::ControlCharacter, place, [("codepoint", codepoint(c))]);
            }
        }
    }

    /// Reports each faulty character, once per file.
    pub fn check(&mut self, line: &Printed, kind: Kind, found: &mut Findings<'_>) {
        combining(line, found);
        for (at, &c) in line.chars.iter().enumerate() {
            if is_blank(c) || !self.seen.insert(c) {
                continue;
            }
            let place = line.places[at].clone();
            let facts = || [("char", c.to_string()), ("codepoint", codepoint(c))];
            if is_invisible(c) {
                found.error(Code::ControlCharacter, place, [("codepoint", codepoint(c))]);
                continue;
            }
            if is_private(c) {
                found.error(Code::PrivateUseCharacter, place, facts());
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
                if let Some(odd) = found.find(Code::CompatibilityCharacter, place.clone(), args) {
                    *odd = match known {
                        true => odd.clone().fix(place.clone(), plain),
                        false => odd.clone().hint("unknown"),
                    };
                }
            }
            if !self.fonts.covers(c) {
                found.error(Code::GlyphMissing, place, facts());
            } else if let Some((lacking, instead)) = self.stand_in(c, kind) {
                let args = [
                    ("char", c.to_string()),
                    ("codepoint", codepoint(c)),
                    ("lacking", lacking),
                    ("instead", instead),
                ];
                found.find(Code::GlyphStandIn, place, args);
            }
        }
    }

    /// The face that lacks a character, and the one that stands in for it.
    fn stand_in(&self, c: char, kind: Kind) -> Option<(String, String)> {
        // Chinese marks always come from 宋体 and Latin ones from the Latin face, whatever the text's
        // face. Full-width digits have a rule of their own.
        if c.is_ascii() || matches!(c, '０'..='９') || "“”‘’—―…·".contains(c) {
            return None;
        }
        let face = self.fonts.face(kind.role()).filter(|face| !face.has(c))?;
        let instead = self.fonts.stand_in(kind.role(), c)?;
        Some((face.shown().into(), instead.shown().into()))
    }
}

/// Reports the first row of combining marks that is too long to be shaped.
fn combining(line: &Printed, found: &mut Findings<'_>) {
    let mut start = 0;
    for (at, &c) in line.chars.iter().enumerate() {
        if !is_combining(c) {
            start = at + 1;
        } else if at - start == limits::COMBINING {
            let args = [("limit", limits::COMBINING.to_string())];
            return found.error(Code::TooManyMarks, line.place(start..at + 1), args);
        }
    }
}

/// Whether a character joins the cluster of the one before it.
fn is_combining(c: char) -> bool {
    // Half-width voicing marks, and vowels and finals of Hangul, join without being marks.
    is_combining_mark(c)
        || matches!(c, '\u{ff9e}' | '\u{ff9f}' | '\u{1160}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7ff}' | '\u{200d}')
}

fn codepoint(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

fn is_blank(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t' | ' ' | '\u{3000}' | '\u{a0}')
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
}

/// Whether a character is a radical or compatibility ideograph: it looks like an ordinary
/// character, but a search for that character does not find it.
fn is_compatibility(c: char) -> bool {
    let radical = matches!(c, '\u{2e80}'..='\u{2fdf}');
    let ideograph = matches!(c, '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}');
    // Twelve code points of the block are ordinary characters, which NFKC leaves unchanged.
    radical || ideograph && !std::iter::once(c).nfkc().eq([c])
}
