//! The common output of the readers: lines with their typography, pictures, remarks.

use super::code::RemarkCode;
use crate::diag::catalogue::Catalogue;

/// A file as lines, whatever its format.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The lines in their order.
    pub lines: Vec<Line>,
    /// The pictures that lines stand for.
    pub pictures: Vec<PictureFile>,
    /// Content that the reader could not carry over, for a person to check.
    pub remarks: Vec<Remark>,
    /// All text of the file, read in a second, simpler way as a check; `None` if there is no such
    /// way.
    pub raw: Option<String>,
}

/// A line or paragraph of the source.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Its line or paragraph number in the source, from 1.
    pub number: usize,
    /// Its text.
    pub pieces: Vec<Piece>,
    /// The object that the line is instead of text.
    pub object: Option<Object>,
    /// The alignment.
    pub align: Align,
    /// Blanks before the text, in ems.
    pub indent: f32,
    /// The type size in points, where the source has one.
    pub size: Option<f32>,
    /// Whether the whole line is red, as names of bulletins are.
    pub red: bool,
    /// The heading level that the source's own style gives the line.
    pub outline: Option<u8>,
    /// Blank lines before it.
    pub gap: usize,
    /// The line's place on the page.
    pub place: Place,
    /// Whether the line was cut off the line before, which it may rejoin.
    pub glued: bool,
}

/// A piece of a line's text in one face.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Bold, or in a face that stands for it (黑体).
    pub bold: bool,
    /// Italic, or in 楷体 among other faces.
    pub italic: bool,
    /// A note (注释) on the text before it.
    pub note: bool,
    /// A text that the word processor generated, such as the number of a list.
    pub restored: bool,
}

/// A part of the source that is not a line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// A table's cells.
    Table(Vec<Vec<String>>),
    /// A picture: its index in [`Source::pictures`], and its alternative text.
    Picture(usize, String),
}

/// The alignment of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left, or without any alignment in the source.
    #[default]
    Start,
    /// Centred.
    Center,
    /// At the right.
    End,
}

/// The place of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Place {
    /// In the text.
    #[default]
    Body,
    /// In a header or footer of the page.
    Margin,
    /// In a text box.
    Box,
}

/// A picture out of the source.
#[derive(Debug, Clone)]
pub struct PictureFile {
    /// The ending of its file: `png`, `jpg` or `webp`.
    pub extension: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A remark on something that a person should check.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Remark {
    /// The kind of remark.
    pub code: RemarkCode,
    /// The line or paragraph of the source; 0 for the file as a whole.
    pub line: usize,
    /// The text concerned, shortened.
    pub text: String,
    /// The label that the program chose, or the fact that the message names.
    pub detail: String,
    /// The confidence of a guess, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// The next likely label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead: Option<&'static str>,
}

impl Remark {
    /// A remark on a line, by its number and text.
    pub fn new(code: RemarkCode, line: usize, text: &str, detail: impl ToString) -> Self {
        let mut short: String = text.trim().chars().take(40).collect();
        if text.trim().chars().count() > 40 {
            short.push('…');
        }
        Remark {
            code,
            line,
            text: short,
            detail: detail.to_string(),
            confidence: None,
            instead: None,
        }
    }

    /// The remark in words: one sentence.
    pub fn sentence(&self, catalogue: &Catalogue) -> String {
        let label = |name: &str| catalogue.text(&format!("label-{name}"), &[]);
        let mut args = vec![("text", self.text.clone()), ("line", self.line.to_string())];
        match (self.confidence, self.instead) {
            (Some(confidence), Some(instead)) => {
                args.push(("percent", format!("{:.0}", confidence * 100.0)));
                args.push(("detail", label(&self.detail)));
                args.push(("instead", label(instead)));
            }
            _ => args.push(("detail", self.detail.clone())),
        }
        catalogue.text(self.code.id(), &args)
    }

    /// A remark on a line.
    pub fn on(line: &Line, code: RemarkCode, detail: impl ToString) -> Self {
        Remark::new(code, line.number, &line.text(), detail)
    }

    /// A remark on a file as a whole.
    pub fn of_file(code: RemarkCode, detail: impl ToString) -> Self {
        Remark::new(code, 0, "", detail)
    }
}

impl Line {
    /// A line of plain text.
    pub fn plain(number: usize, text: &str) -> Self {
        let piece = Piece { text: text.trim().into(), ..Piece::default() };
        Line { number, pieces: vec![piece], indent: indent(text), ..Line::default() }
    }

    /// Its text without notes.
    pub fn text(&self) -> String {
        self.pieces.iter().filter(|p| !p.note).map(|p| p.text.as_str()).collect()
    }

    /// All content of the line without blanks: the characters that must not be lost.
    pub fn content(&self) -> String {
        match &self.object {
            Some(Object::Table(rows)) => squeeze(&rows.concat().concat()),
            Some(Object::Picture(..)) => String::new(),
            None => squeeze(&self.pieces.iter().map(|p| p.text.as_str()).collect::<String>()),
        }
    }

    /// Takes a text out, wherever the line has it.
    pub fn take_out(&mut self, text: &str) {
        let cells = match &mut self.object {
            Some(Object::Table(rows)) => rows.iter_mut().flatten().collect(),
            _ => Vec::new(),
        };
        let pieces = self.pieces.iter_mut().map(|piece| &mut piece.text);
        for own in pieces.chain(cells).filter(|own| own.contains(text)) {
            *own = own.replace(text, "");
        }
    }

    /// Whether all its text is bold.
    pub fn is_bold(&self) -> bool {
        let mut text = self.pieces.iter().filter(|p| !p.text.trim().is_empty()).peekable();
        text.peek().is_some() && text.all(|p| p.bold)
    }

    /// The pieces from the character `from` on and before `to`, without blanks at the ends.
    pub fn slice(&self, from: usize, to: usize) -> Vec<Piece> {
        let mut at = 0;
        let mut pieces: Vec<Piece> = Vec::new();
        for piece in &self.pieces {
            let length = piece.text.chars().count();
            // A note stays with the text before it.
            let (start, end) = (from.max(at) - at, to.min(at + length).max(at) - at);
            if piece.note {
                if (at > from || from == 0) && at <= to {
                    pieces.push(piece.clone());
                }
                continue;
            }
            if start < end {
                let text = piece.text.chars().skip(start).take(end - start).collect();
                pieces.push(Piece { text, ..piece.clone() });
            }
            at += length;
        }
        if let Some(first) = pieces.first_mut() {
            first.text = first.text.trim_start().into();
        }
        if let Some(last) = pieces.last_mut() {
            last.text = last.text.trim_end().into();
        }
        pieces.retain(|piece| !piece.text.is_empty());
        pieces
    }
}

/// Blanks before a text in ems: a full-width space is one, a tab two.
pub fn indent(text: &str) -> f32 {
    let blanks = text.chars().take_while(|c| c.is_whitespace());
    blanks
        .map(|c| {
            if c == '\u{3000}' {
                1.0
            } else if c == '\t' {
                2.0
            } else {
                0.5
            }
        })
        .sum()
}

/// Whether a character is invisible: joiners, byte order marks, soft hyphens, directions.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{fdd0}')
        || (c.is_control() && !c.is_whitespace())
}

/// A text without blanks and invisible characters.
pub fn squeeze(text: &str) -> String {
    text.chars().filter(|&c| !c.is_whitespace() && !is_invisible(c)).collect()
}

/// Full-width digits, letters and brackets as their half-width ones, character by character.
pub fn fold(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
                char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
            }
            '（' => '(',
            '）' => ')',
            '［' => '[',
            '］' => ']',
            '：' => ':',
            '．' => '.',
            '－' | '–' => '-',
            '／' => '/',
            c => c,
        })
        .collect()
}

/// Appends a text to an optional one, with a full-width blank between them.
pub fn append(to: &mut Option<String>, text: &str) {
    match to {
        Some(before) => {
            before.push('\u{3000}');
            before.push_str(text);
        }
        None => *to = Some(text.into()),
    }
}
