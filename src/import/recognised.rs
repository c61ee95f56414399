//! A recognised source → the issue's TOML, and an account of every line for a person to check.

use serde::Serialize;

use super::code::{ErrorCode, FurnitureKind, ImportError};
use super::draft::Draft;
use super::facts::Facts;
use super::ledger::{Ledger, Lost};
use super::line::{Line, PictureFile};
use super::markup;
use super::recognise::{Guess, rounded};
use super::reflow::Furniture;
use super::write;
use super::write::Head;
use crate::issue::raw::RawIssue;

/// A source that was recognised, before number and date are settled.
pub struct Recognised {
    /// The issue, as far as the source states it.
    pub draft: Draft,
    /// The account of every part of the source.
    pub ledger: Ledger,
    /// The lines as they were recognised.
    pub lines: Vec<Line>,
    /// Their labels.
    pub guesses: Vec<Guess>,
    /// The lines that are not text of the issue.
    pub furniture: Vec<Furniture>,
    /// The pictures.
    pub pictures: Vec<PictureFile>,
}

/// A part of the source that is not in the issue.
#[derive(Debug, Clone, Serialize)]
pub struct Aside {
    /// The line or paragraph.
    pub line: usize,
    /// The text without blanks.
    pub text: String,
    /// The kind of furniture.
    pub kind: FurnitureKind,
}

/// A line and its label.
#[derive(Debug, Clone, Serialize)]
pub struct Labelled {
    /// The line or paragraph.
    pub line: usize,
    /// Its text, shortened.
    pub text: String,
    /// The label.
    pub label: &'static str,
    /// The confidence, from 0 to 1.
    pub confidence: f32,
    /// The weightiest features, and their weights.
    pub reasons: Vec<(&'static str, f32)>,
}

impl Recognised {
    /// The issue's TOML, once the ledger has proved that no text is lost.
    pub fn toml(&self, head: &Head, facts: &Facts) -> Result<String, ImportError> {
        let stem = head.number.file_stem(head.date.year);
        let text = write::toml(&self.draft, head, &facts.imprint).replace(markup::STEM, &stem);
        let issue: RawIssue =
            toml::from_str(&text).map_err(|error| ImportError::new(ErrorCode::Lost, error))?;
        let standing = facts.standing();
        match self.ledger.check(&self.lines, &issue, &facts.imprint, &standing) {
            Ok(()) => Ok(text),
            Err(Lost { line, source, issue }) => {
                Err(ImportError::new(ErrorCode::Lost, format!("{line}: {source} → {issue}")))
            }
        }
    }

    /// The parts of the source that are not in the issue.
    pub fn aside(&self) -> Vec<Aside> {
        let lines = self.furniture.iter().map(|furniture| Aside {
            line: furniture.line.number,
            text: furniture.line.content(),
            kind: furniture.kind,
        });
        let parts = self.ledger.aside().map(|(at, text, kind)| Aside {
            line: self.lines[at].number,
            text: text.into(),
            kind,
        });
        let mut aside: Vec<Aside> = lines.chain(parts).collect();
        aside.sort_by_key(|aside| aside.line);
        aside
    }

    /// The label of each line.
    pub fn labelled(&self) -> Vec<Labelled> {
        let lines = self.lines.iter().zip(&self.guesses);
        lines
            .map(|(line, guess)| Labelled {
                line: line.number,
                text: line.text().trim().chars().take(40).collect(),
                label: guess.label.name(),
                confidence: rounded(guess.confidence),
                reasons: guess.reasons.iter().take(4).copied().collect(),
            })
            .collect()
    }
}
