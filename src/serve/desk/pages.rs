//! Laid-out pages and findings → messages, each with the sheets that its client lacks.

use std::sync::Arc;

use typst_layout::PagedDocument;

use crate::diag::catalogue::Lang;
use crate::diag::{Diagnostic, SourceFile};
use crate::page::places::Place;
use crate::page::screen::Screen;
use crate::serve::messages;
use crate::serve::protocol::{self, Findings, Message, Page, PageSize, Places};

/// The pages of an open issue, and the findings of the text that was typeset last.
pub struct Pages {
    screen: Screen,
    /// The revision that the sheets show.
    rev: u64,
    /// Counts the sets of sheets.
    shows: u64,
    /// The message with the places of the fields on the sheets; empty before the first.
    places: String,
    found: Vec<Diagnostic>,
    /// The text that was typeset, and its revision.
    found_in: Arc<SourceFile>,
    found_rev: u64,
}

/// The sheets that a client has.
#[derive(Default)]
pub struct Seen {
    glyphs: usize,
    keys: Vec<String>,
    shows: u64,
}

impl Pages {
    /// No pages, and no findings.
    pub fn new() -> Self {
        Pages {
            screen: Screen::default(),
            rev: 0,
            shows: 0,
            places: String::new(),
            found: Vec::new(),
            found_in: Arc::new(SourceFile { name: String::new(), text: String::new() }),
            found_rev: 0,
        }
    }

    /// Takes new pages.
    pub fn show(&mut self, document: &PagedDocument, rev: u64) {
        self.screen.show(document);
        self.rev = rev;
        self.shows += 1;
    }

    /// Takes the places of the fields on the pages.
    pub fn place(&mut self, places: Vec<Place>) {
        self.places = Message::Places(Places { rev: self.rev, places }).json();
    }

    /// Takes the findings of a text, even if the text could not be laid out.
    pub fn find(&mut self, found: Vec<Diagnostic>, file: Arc<SourceFile>, rev: u64) {
        (self.found, self.found_in, self.found_rev) = (found, file, rev);
    }

    /// The findings.
    pub fn found(&self) -> &[Diagnostic] {
        &self.found
    }

    /// A finding by its index. `rev`: the revision of the list that the index refers to; with an
    /// older list the index would hit the wrong finding.
    pub fn finding(&self, place: usize, rev: Option<u64>) -> Option<&Diagnostic> {
        let is_this = rev.is_none_or(|rev| rev == self.found_rev);
        self.found.get(place).filter(|_| is_this)
    }

    /// The sheets that a client does not have, as a message; nothing where it has all.
    pub fn sheets(&self, seen: &mut Seen) -> Option<String> {
        if seen.shows == self.shows {
            return None;
        }
        let sheets = &self.screen.sheets;
        let pages = sheets.iter().enumerate().map(|(index, sheet)| {
            let svg = (!seen.keys.contains(&sheet.key)).then_some(&*sheet.svg);
            Page { n: index + 1, key: &sheet.key, svg }
        });
        let (w, h) = self.screen.size;
        let message = Message::Pages(protocol::Pages {
            rev: self.rev,
            size: PageSize { w, h },
            glyphs: self.screen.glyphs[seen.glyphs..].concat(),
            pages: pages.collect(),
        });
        let message = message.json();
        *seen = Seen {
            glyphs: self.screen.glyphs.len(),
            keys: sheets.iter().map(|sheet| sheet.key.clone()).collect(),
            shows: self.shows,
        };
        Some(message)
    }

    /// The places of the fields on the sheets, as a message; `None` before the first.
    pub fn places(&self) -> Option<&str> {
        Some(self.places.as_str()).filter(|places| !places.is_empty())
    }

    /// The findings as a message. `rev`: the revision that clients have.
    pub fn findings(&self, lang: Lang, rev: u64) -> String {
        let findings = messages::findings(&self.found, &self.found_in, messages::catalogue(lang));
        let pages = self.rev == rev;
        Message::Findings(Findings { rev: self.found_rev, pages, findings }).json()
    }
}
