//! What every reader makes of its source: lines with their typography.

use super::code::RemarkCode;
use crate::diag::catalogue::Catalogue;

/// A file as lines, whatever it came from.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The lines in their order.
    pub lines: Vec<Line>,
    /// The pictures that lines stand for.
    pub pictures: Vec<PictureFile>,
    /// What the reader could not carry over, for a person to look at.
    pub remarks: Vec<Remark>,
    /// All text of the file, read a second and simpler way; `None` where there is no other way.
    pub raw: Option<String>,
}

/// A line or paragraph of the source.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Its line or paragraph number in the source, from 1.
    pub number: usize,
    /// Its text.
    pub pieces: Vec<Piece>,
    /// What it is instead of text.
    pub object: Option<Object>,
    /// How it stands.
    pub align: Align,
    /// Blanks before the text, in ems.
    pub indent: f32,
    /// The type size in points, where the source has one.
    pub size: Option<f32>,
    /// Whether all of it is red, as names of bulletins are.
    pub red: bool,
    /// The level that the source's own style gives it as a heading.
    pub outline: Option<u8>,
    /// Blank lines before it.
    pub gap: usize,
    /// Where on the page it stands.
    pub place: Place,
    /// Whether it was cut off the line before, which it may rejoin.
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
    /// Not in the source's text but made by its word processor: the number of a list.
    pub restored: bool,
}

/// Something that is not a line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// A table's cells.
    Table(Vec<Vec<String>>),
    /// A picture: its place in [`Source::pictures`], and its words for those who cannot see it.
    Picture(usize, String),
}

/// How a line stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left, or as the source says nothing.
    #[default]
    Start,
    /// Centred.
    Center,
    /// At the right.
    End,
}

/// Where a line stands.
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

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Remark {
    /// What.
    pub code: RemarkCode,
    /// The line or paragraph of the source; 0 for the file as a whole.
    pub line: usize,
    /// The text that it is about, shortened.
    pub text: String,
    /// What the program took it for, or the fact that the message names.
    pub detail: String,
    /// How sure the program is, from 0 to 1, where it guessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// What it may be instead.
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

    /// All that it says, without blanks: what must not be lost.
    pub fn content(&self) -> String {
        match &self.object {
            Some(Object::Table(rows)) => squeeze(&rows.concat().concat()),
            Some(Object::Picture(..)) => String::new(),
            None => squeeze(&self.pieces.iter().map(|p| p.text.as_str()).collect::<String>()),
        }
    }

    /// Whether all its text is bold.
    pub fn is_bold(&self) -> bool {
        let mut text = self.pieces.iter().filter(|p| !p.text.trim().is_empty()).peekable();
        text.peek().is_some() && text.all(|p| p.bold)
    }

    /// The pieces from the character `from` on and before `to`, blanks at the ends taken off.
    pub fn slice(&self, from: usize, to: usize) -> Vec<Piece> {
        let mut at = 0;
        let mut pieces: Vec<Piece> = Vec::new();
        for piece in &self.pieces {
            let length = piece.text.chars().count();
            // A note goes with the text before it.
            let (start, end) = (from.max(at) - at, to.min(at + length).max(at) - at);
            if piece.note {
                if at > from && at <= to {
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

/// Marks that nobody sees: joiners, byte order marks, soft hyphens, directions.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{fdd0}')
        || (c.is_control() && !c.is_whitespace())
}

/// A text without blanks and without marks that nobody sees.
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

/// Adds a text to one that may stand already, with a full-width blank between them.
pub fn append(to: &mut Option<String>, text: &str) {
    match to {
        Some(before) => {
            before.push('\u{3000}');
            before.push_str(text);
        }
        None => *to = Some(text.into()),
    }
}
