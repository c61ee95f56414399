//! Characters of the pages that no text of the issue says, within such a text or right behind it.
//!
//! A label of the layout stands before a text, or is set off from it by more than a blank or by a
//! mark such as a bracket. What stands closer changes what the text says.

use super::book::Book;
use super::said::Said;
use super::shown::{Pages, Piece, Shown};
use super::{Fault, MOST, collide, quote, reads_from_the_right};
use crate::diag::Code;

/// What is booked, up to a place of the pages.
struct Reader<'a> {
    said: &'a Said,
    book: &'a Book<'a>,
    pages: &'a Pages<'a>,
    shown: &'a [Shown],
    /// How many characters of each text have been passed.
    passed: Vec<usize>,
    /// Where the last of them stands.
    last: Vec<usize>,
}

/// Texts with characters that they do not have, and texts printed again in the same breath.
pub fn added(said: &Said, book: &Book<'_>, pages: &Pages<'_>, shown: &[Shown]) -> Vec<Fault> {
    let count = said.parts.len();
    let (passed, last) = (vec![0; count], vec![0; count]);
    let mut reader = Reader { said, book, pages, shown, passed, last };
    let mut faults = Vec::new();
    let mut place = 0;
    while place < shown.len() && faults.len() < MOST {
        if let Some(part) = book.at(place) {
            reader.passed[part] += 1;
            reader.last[part] = place;
            place += 1;
            continue;
        }
        let end = (place..shown.len()).find(|&at| book.at(at).is_some()).unwrap_or(shown.len());
        faults.extend(reader.between(place, end));
        place = end;
    }
    faults
}

impl Reader<'_> {
    /// The fault of some characters that no text says.
    fn between(&self, start: usize, end: usize) -> Option<Fault> {
        if !collide::is_legible(self.piece(start)) {
            return None;
        }
        let before = start.checked_sub(1).and_then(|place| self.book.at(place));
        let behind = (end < self.shown.len()).then(|| self.book.at(end)).flatten();
        let joins = before.filter(|_| !self.shown[start].starts && self.is_line(start - 1, start));
        let leads = behind.filter(|_| !self.shown[end].starts && self.is_line(end - 1, end));
        if let Some(part) = before.filter(|&part| self.goes_on(part)) {
            let beside = self.is_line(start - 1, start)
                || end < self.shown.len() && self.is_line(end - 1, end);
            let within = behind == Some(part) && beside;
            if joins.is_some() && !self.is_hyphen(start, end) || within {
                return self.fault(Code::TextAdded, part, start, end);
            }
        }
        let interrupts = |part: &usize| {
            let page = self.shown[self.last[*part]].piece as usize;
            self.passed[*part] > 0 && self.pages.pieces[page].page == self.piece(end).page
        };
        if let Some(part) = leads.filter(interrupts) {
            return self.fault(Code::TextAdded, part, start, end);
        }
        let part = joins?;
        let text = self.said.text(&self.said.parts[part]);
        let more = self.shown[start..end].iter().map(|shown| shown.c);
        let again = text.iter().copied().map(super::fold);
        let keys = &self.said.parts[part].keys;
        // Words with which a layout forms lines: it names the attachments under the text too.
        let names = keys == "attachments.label";
        if !names && end - start >= text.len() && again.eq(more.take(text.len())) {
            return self.fault(Code::TextTwice, part, start, end);
        }
        let first = self.shown[start].c;
        // What stands in the masthead and the imprint are such words too.
        let forms = names || keys.starts_with("masthead.") || keys.starts_with("imprint.");
        let goes_on = first.is_alphanumeric() || text.last() == Some(&first);
        (goes_on && !forms).then(|| self.fault(Code::TextAdded, part, start, end)).flatten()
    }

    fn fault(&self, code: Code, part: usize, start: usize, end: usize) -> Option<Fault> {
        let text = self.said.text(&self.said.parts[part]);
        if text.iter().any(|&c| reads_from_the_right(c)) {
            return None;
        }
        let at = self.passed[part].min(text.len() - 1);
        let piece = self.piece(start);
        // A line ends what is quoted of the rest.
        let ends = (start..end).find(|&place| self.shown[place].ends).map_or(end, |at| at + 1);
        let more: Vec<char> = self.shown[start..ends].iter().map(|shown| shown.c).collect();
        let fault = match code {
            Code::TextTwice => Fault::new(code, Some(part), Some(piece.page), quote(text)),
            _ => Fault::new(code, Some(part), Some(piece.page), quote(&more)),
        };
        let other = quote(&text[at.saturating_sub(super::QUOTED / 2)..]);
        Some(Fault { at, other, ..fault })
    }

    fn piece(&self, place: usize) -> &Piece<'_> {
        &self.pages.pieces[self.shown[place].piece as usize]
    }

    /// Whether characters of a text are still to come.
    fn goes_on(&self, part: usize) -> bool {
        self.passed[part] < self.said.parts[part].len()
    }

    /// Whether two characters stand in one line.
    fn is_line(&self, a: usize, b: usize) -> bool {
        let (a, b) = (self.piece(a), self.piece(b));
        let apart = (a.place.ty - b.place.ty).abs();
        a.page == b.page && a.place.sx == b.place.sx && apart < a.text.size * 0.5
    }

    /// Whether some characters part a word at the end of its line.
    fn is_hyphen(&self, start: usize, end: usize) -> bool {
        let is_hyphen = matches!(self.shown[start].c, '-' | '\u{2010}');
        is_hyphen && end == start + 1 && end < self.shown.len() && self.shown[end].starts
    }
}
