//! A text of the TOML → its printed characters, each with its place in the file.

use std::ops::Range;
use std::sync::Arc;

use crate::diag::{SourceFile, Span, Spanned};
use crate::issue::Kind;
use crate::issue::{body, table};
use crate::publication::fonts::Role;
use crate::source::read::string_offsets;

impl Kind {
    /// The role whose face the text is typeset in.
    pub fn role(self) -> Role {
        match self {
            Kind::Nameplate | Kind::Title => Role::Xiaobiaosong,
            Kind::Subtitle | Kind::Note => Role::Kaiti,
            Kind::Section => Role::Heiti,
            Kind::Issuer | Kind::Line | Kind::Body => Role::Fangsong,
        }
    }
}

/// A line of text as printed, without marks of emphasis and the like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Printed {
    /// The characters.
    pub chars: Vec<char>,
    /// The bytes of the file that each character comes from.
    pub places: Vec<Range<usize>>,
}

impl Printed {
    /// The bytes of the file that some of its characters come from.
    pub fn place(&self, part: Range<usize>) -> Range<usize> {
        match (self.places.get(part.start), self.places[..part.end].last()) {
            (Some(first), Some(last)) if part.start < part.end => first.start..last.end,
            _ => 0..0,
        }
    }

    /// The characters as text.
    pub fn text(&self, part: Range<usize>) -> String {
        self.chars[part].iter().collect()
    }
}

/// The places of one text's bytes in its file, computed once.
pub struct Places<'a> {
    file: &'a Arc<SourceFile>,
    value: &'a str,
    offsets: Vec<usize>,
}

impl<'a> Places<'a> {
    /// The places of `text` in `file`.
    pub fn new(file: &'a Arc<SourceFile>, text: &'a Spanned<String>) -> Self {
        let offsets = string_offsets(&file.text[text.range.clone()], text.range.start);
        Places { file, value: &text.value, offsets }
    }

    /// The bytes of the file that hold a part of the text.
    pub fn range(&self, part: Range<usize>) -> Range<usize> {
        let last = self.offsets.last().copied().unwrap_or(0);
        let at = |offset: usize| self.offsets.get(offset).copied().unwrap_or(last);
        let start = at(part.start);
        start..at(part.end).max(start)
    }

    /// The same bytes, with the file.
    pub fn span(&self, part: Range<usize>) -> Span {
        Span::new(self.file, self.range(part))
    }

    /// The printed lines of the text; each note follows the line that contains it.
    pub fn printed(&self, kind: Kind) -> Vec<Printed> {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in self.value.split_inclusive('\n') {
            let at = start + line.len() - line.trim_start().len();
            start += line.len();
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            if kind.has_marks() {
                self.body_line(at, line, &mut lines);
            } else {
                lines.push(self.plain(at..at + line.len(), kind.breaks_at_bars()));
            }
        }
        lines
    }

    fn body_line(&self, at: usize, line: &str, lines: &mut Vec<Printed>) {
        let end = at + line.len();
        if let Some(rest) = line.strip_prefix("|+") {
            let (text, unit, _) = table::caption_parts(rest);
            self.marked(at + 2..at + 2 + text.len(), lines);
            if let Some(unit) = unit {
                let from = at + 2 + text.len() + 1;
                self.marked(from..from + unit.len(), lines);
            }
        } else if line.starts_with('|') {
            let cells = table::cells(line);
            if !cells.iter().all(|(_, cell)| table::is_rule(cell)) {
                for (from, cell) in cells {
                    self.marked(at + from..at + from + cell.len(), lines);
                }
            }
        } else if let Some((caption, _)) = line
            .strip_prefix("![")
            .filter(|rest| rest.ends_with(')'))
            .and_then(|rest| rest.split_once("]("))
        {
            self.marked(at + 2..at + 2 + caption.len(), lines);
        } else if line.starts_with("- ") {
            self.marked(at + 2..end, lines);
        } else {
            self.marked(at..end, lines);
        }
    }

    fn plain(&self, range: Range<usize>, bars: bool) -> Printed {
        let mut printed = Printed::default();
        for (at, c) in self.value[range.clone()].char_indices() {
            if !(bars && c == '|') {
                self.push(&mut printed, range.start + at, c);
            }
        }
        printed
    }

    /// A line with marks of emphasis, notes and backslashes.
    fn marked(&self, range: Range<usize>, lines: &mut Vec<Printed>) {
        let text = &self.value[range.clone()];
        let brackets = body::Brackets::new(text);
        let mut printed = Printed::default();
        let mut notes = Vec::new();
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            if let Some(end) = brackets.note_end(text, at) {
                notes.push(self.plain(range.start + at + 2..range.start + end - 1, false));
                at = end;
                continue;
            }
            let next = text[at + c.len_utf8()..].chars().next();
            match (c, next) {
                ('\\', Some(next)) => {
                    self.push(&mut printed, range.start + at + 1, next);
                    at += 1 + next.len_utf8();
                    continue;
                }
                ('*', _) => {}
                _ => self.push(&mut printed, range.start + at, c),
            }
            at += c.len_utf8();
        }
        lines.push(printed);
        lines.extend(notes);
    }

    fn push(&self, printed: &mut Printed, at: usize, c: char) {
        printed.chars.push(c);
        printed.places.push(self.range(at..at + c.len_utf8()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(body: &str) -> Vec<String> {
        let text = format!("k = '''{body}'''");
        let range = 4..text.len();
        let file = Arc::new(SourceFile { name: "f".into(), text });
        let text = Spanned { value: body.to_string(), range };
        let places = Places::new(&file, &text);
        let lines = places.printed(Kind::Body);
        for line in &lines {
            for (c, place) in line.chars.iter().zip(&line.places) {
                assert!(file.text[place.clone()].contains(*c), "{c} {place:?}");
            }
        }
        lines.into_iter().map(|line| line.chars.into_iter().collect()).collect()
    }

    #[test]
    fn marks_are_not_printed() {
        assert_eq!(printed("**甲。**乙*丙*\n- 丁"), ["甲。乙丙", "丁"]);
        assert_eq!(printed("|+ 表1 | 横排\n| 甲 | 乙 |\n|---|:--|"), [" 表1 ", "甲", "乙"]);
        assert_eq!(printed("![图1](a(b).png \"说\")"), ["图1"]);
        assert_eq!(printed("甲^[注]乙\\*"), ["甲乙*", "注"]);
    }
}
