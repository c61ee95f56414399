//! The texts that must be on the pages × the characters that are there → which text stands where,
//! each character booked once.
//!
//! The pages are read once, from text to text: a text that goes on is tried first, then the one
//! that follows in the issue, then one that begins with the next characters, whichever it is. What
//! is left over on the pages is then searched for what is still missing.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use super::said::{Part, Said};
use super::shown::Shown;
use super::{fold, reads_from_the_right};

/// So many characters tell a text from others, also behind a break.
const TELLING: usize = 4;
/// So many characters, with those of the texts that follow, find a text out of its order.
const WINDOW: usize = 8;
/// So many characters are a text's own, wherever they end.
const LONG: usize = 16;
/// The most texts that are kept open: those of the cells of a row that goes on on the next page.
const OPEN: usize = 256;
/// The most tables that go on at the same time.
const TABLES: usize = 4;
/// The most texts with the same beginning that are compared.
const ALIKE: usize = 32;

type Window = [char; WINDOW];

/// Characters of the pages that belong to a text.
struct Match {
    part: usize,
    length: usize,
    /// Whether they follow those that are already booked.
    goes_on: bool,
}

/// No text.
const NONE: u32 = u32::MAX;

/// Texts with the same beginning.
#[derive(Default)]
struct Alike {
    parts: Vec<u32>,
    /// So many of the first are wholly booked, which is never taken back.
    whole: Cell<usize>,
}

/// The account of an issue.
pub struct Book<'a> {
    said: &'a Said,
    shown: &'a [Shown],
    /// The characters of the issue, folded.
    chars: Vec<char>,
    /// The text that each character of the pages is booked for.
    home: Vec<u32>,
    /// How much of each text is booked.
    done: Vec<usize>,
    /// Where each text begins on the pages; meaningless while nothing of it is booked.
    first: Vec<usize>,
    /// Where the next character of each text should stand.
    after: Vec<usize>,
    /// The texts by their first characters.
    windows: HashMap<Window, Alike>,
    /// Short texts.
    wholes: HashMap<Vec<char>, Alike>,
    /// For each text, a text from which on to look for one that has not begun.
    fresh: Vec<u32>,
}

impl<'a> Book<'a> {
    /// Books all texts of the issue.
    pub fn new(said: &'a Said, shown: &'a [Shown]) -> Self {
        let count = said.parts.len();
        let chars: Vec<char> = said.chars.iter().map(|&c| fold(c)).collect();
        let mut windows: HashMap<Window, Alike> = HashMap::new();
        let mut wholes: HashMap<Vec<char>, Alike> = HashMap::new();
        for (at, part) in said.parts.iter().enumerate() {
            if let Some(window) = window(chars[part.range.start..].iter().copied()) {
                windows.entry(window).or_default().parts.push(at as u32);
            }
            if (TELLING..WINDOW).contains(&part.len()) {
                let whole = chars[part.range.clone()].to_vec();
                wholes.entry(whole).or_default().parts.push(at as u32);
            }
        }
        Book {
            said,
            shown,
            chars,
            home: vec![NONE; shown.len()],
            done: vec![0; count],
            first: vec![0; count],
            after: vec![0; count],
            windows,
            wholes,
            fresh: (0..=count as u32).collect(),
        }
    }

    /// The text whose character stands at a place of the pages.
    pub fn at(&self, place: usize) -> Option<usize> {
        Some(self.home[place]).filter(|&part| part != NONE).map(|part| part as usize)
    }

    /// Whether all of a text is on the pages.
    pub fn is_whole(&self, part: usize) -> bool {
        self.done[part] == self.part(part).len()
    }

    /// How much of a text, from its start, has been found.
    pub fn done(&self, part: usize) -> usize {
        self.done[part]
    }

    /// Where a text begins on the pages.
    pub fn first(&self, part: usize) -> usize {
        self.first[part]
    }

    fn part(&self, part: usize) -> &'a Part {
        &self.said.parts[part]
    }

    /// The characters of a text that are not booked yet.
    fn rest(&self, part: usize) -> &[char] {
        let range = &self.part(part).range;
        &self.chars[range.start + self.done[part]..range.end]
    }

    /// The length of the match of some characters with the pages from a place on.
    fn common(&self, text: &[char], place: usize, end: usize) -> usize {
        let pages = self.shown[place..end].iter().zip(&self.home[place..end]);
        let same = |((shown, home), c): &((&Shown, &u32), &char)| **home == NONE && shown.c == **c;
        pages.zip(text).take_while(same).count()
    }

    /// Reads a part of the pages.
    pub fn read(&mut self, range: Range<usize>) {
        let mut open: Vec<usize> = Vec::new();
        let mut tables: Vec<usize> = Vec::new();
        let mut next = self.next(0);
        let mut place = range.start;
        while place < range.end {
            let follows = self.choose(place, range.end, next, &open);
            let again = || self.again(place, range.end, &tables);
            let found = match follows.is_none().then(again).flatten() {
                Some(length) => Err(length),
                None => self.longer(follows, place, range.end).ok_or(1),
            };
            let Match { part, length, goes_on } = match found {
                Ok(found) => found,
                Err(length) => {
                    place += length;
                    continue;
                }
            };
            open.retain(|&other| other != part);
            if !goes_on {
                self.release(part);
            }
            self.take(part, place, length);
            place += length;
            if !self.is_whole(part) {
                open.push(part);
                if open.len() > OPEN {
                    open.remove(0);
                }
            }
            next = self.next(part + 1);
            if let Some(table) = self.part(part).table {
                tables.retain(|&other| other != table);
                if !self.is_whole(self.said.tables[table].end - 1) {
                    tables.push(table);
                }
                if tables.len() > TABLES {
                    tables.remove(0);
                }
            }
        }
    }

    /// The text that follows, or one that begins at its place; a few characters that a line does not
    /// end with may be the start of a longer one.
    fn longer(&self, follows: Option<Match>, place: usize, end: usize) -> Option<Match> {
        let Some(own) = follows else { return self.anywhere(place, end) };
        let is_short = own.length < TELLING && !self.shown[place + own.length - 1].ends;
        let other = is_short.then(|| self.anywhere(place, end)).flatten();
        other.filter(|other| other.length >= WINDOW).or(Some(own))
    }

    /// The length of a caption or head that is printed again, of a table that goes on.
    fn again(&self, place: usize, end: usize, tables: &[usize]) -> Option<usize> {
        let heads = |table: &usize| {
            let parts = self.said.tables[*table].clone();
            parts.take_while(|&part| self.part(part).repeats).filter(|&part| self.is_whole(part))
        };
        let starts = self.shown[place].starts && self.home[place] == NONE;
        let length = |part: usize| {
            let text = &self.chars[self.part(part).range.clone()];
            (self.common(text, place, end) == text.len()).then_some(text.len())
        };
        starts.then(|| tables.iter().rev().flat_map(heads).find_map(length)).flatten()
    }

    /// The first text from one on of which nothing has been booked.
    fn next(&mut self, from: usize) -> usize {
        let mut at = from;
        while at < self.done.len() && self.done[at] > 0 {
            at = (self.fresh[at] as usize).max(at + 1);
        }
        let mut walk = from;
        while walk < at {
            let onward = (self.fresh[walk] as usize).max(walk + 1);
            self.fresh[walk] = at as u32;
            walk = onward;
        }
        at
    }

    /// The text that goes on at a place, or the one that follows.
    fn choose(&self, place: usize, end: usize, next: usize, open: &[usize]) -> Option<Match> {
        let Shown { c, starts, in_margin, .. } = self.shown[place];
        if self.home[place] != NONE {
            return None;
        }
        let fits = |part: usize, goes_on: bool| {
            let rest = self.rest(part);
            let length = self.common(rest, place, end);
            // A few characters are the end of a text only where they stand alone.
            let ends = || length > 0 && self.shown[place + length - 1].ends;
            let whole = length == rest.len() && (!goes_on || length >= TELLING || ends());
            if in_margin && is_number(rest) {
                return None;
            }
            // Only a narrow cell has lines of fewer characters.
            let breaks = || match goes_on && self.part(part).table.is_none() {
                true => length >= TELLING,
                false => length > 0 && (starts || length >= TELLING),
            };
            (whole || breaks() && self.breaks(place, length)).then_some(Match {
                part,
                length,
                goes_on,
            })
        };
        let begun = || {
            let mut begun = open.iter().rev().filter(|&&part| self.rest(part).first() == Some(&c));
            begun.find_map(|&part| fits(part, true))
        };
        // A table or a picture may stand elsewhere: then the text behind it follows.
        let behind = |part: &usize| {
            let block = self.said.tables[self.said.parts.get(*part)?.table?].clone();
            (block.start == *part).then_some(block.end)
        };
        let is_fresh = |part: &usize| self.done.get(*part) == Some(&0);
        let following = || {
            let ahead = std::iter::successors(Some(next), behind).take(TABLES).filter(is_fresh);
            ahead.into_iter().find_map(|part| fits(part, false))
        };
        match (starts.then(begun).flatten(), following()) {
            (Some(old), Some(new)) if new.length < old.length => Some(old),
            (old, new) => new.or(old),
        }
    }

    /// Whether a text may go on elsewhere behind a match: lines end where pieces end, and a layout
    /// may put something into a text, but no two texts are alike for long.
    fn breaks(&self, place: usize, length: usize) -> bool {
        length > 0 && (self.shown[place + length - 1].ends || length >= LONG)
    }

    /// A text that begins at a place, whatever the order.
    fn anywhere(&self, place: usize, end: usize) -> Option<Match> {
        if self.home[place] != NONE {
            return None;
        }
        let begins = |part: u32| {
            let part = part as usize;
            let length = self.common(&self.chars[self.part(part).range.clone()], place, end);
            let longer = length > self.done[part];
            let fits = longer && (length == self.part(part).len() || self.breaks(place, length));
            fits.then_some(Match { part, length, goes_on: false })
        };
        let longest = |alike: &Alike| {
            let is_left = |part: &&u32| !self.is_whole(**part as usize);
            let parts = &alike.parts[alike.whole.get()..];
            let whole = parts.iter().position(|part| is_left(&part)).unwrap_or(parts.len());
            alike.whole.set(alike.whole.get() + whole);
            let left = parts[whole..].iter().filter(is_left);
            let found = left.take(ALIKE).filter_map(|&part| begins(part));
            found.reduce(|best, other| if other.length > best.length { other } else { best })
        };
        let ahead = || self.shown[place..end].iter().map(|shown| shown.c);
        let by_window = || longest(self.windows.get(&window(ahead())?)?);
        let by_whole = || {
            let ahead: Vec<char> = ahead().take(WINDOW - 1).collect();
            let lengths = (TELLING..=ahead.len()).rev().filter(|_| self.shown[place].starts);
            lengths.into_iter().find_map(|length| {
                let found = longest(self.wholes.get(&ahead[..length])?)?;
                (found.length == length).then_some(found)
            })
        };
        by_window().or_else(by_whole)
    }

    /// Searches what is left over in a part of the pages for the texts that are missing, first
    /// between those before and behind them.
    pub fn seek(&mut self, range: Range<usize>) {
        let missing: Vec<usize> = (0..self.done.len()).filter(|&at| !self.is_whole(at)).collect();
        if missing.is_empty() {
            return;
        }
        for &part in &missing {
            let text = &self.chars[self.part(part).range.clone()];
            let little = text.len() <= WINDOW || self.done[part] < text.len() / 2;
            if little || text.iter().any(|&c| reads_from_the_right(c)) {
                self.release(part);
            }
        }
        let mut left = Left::new(self, range.clone());
        let mut behind = vec![range.end; self.done.len() + 1];
        for part in (0..self.done.len()).rev() {
            let whole = self.is_whole(part) && range.contains(&self.first[part]);
            behind[part] = if whole { self.first[part] } else { behind[part + 1] };
        }
        let mut before = range.start;
        // Where the last text of the masthead, of the contents and so on ends.
        let (said, mut ends): (&Said, HashMap<&str, usize>) = (self.said, HashMap::new());
        let mut missing = missing.into_iter().peekable();
        for (part, &behind) in behind[1..].iter().enumerate() {
            let chain = said.parts[part].chain();
            if missing.next_if_eq(&part).is_some() {
                // On a cover the end of the masthead stands behind the contents.
                let own = || ends.get(chain).copied().unwrap_or(range.start).min(behind);
                let from = if before <= behind { before } else { own() };
                self.seek_one(part, from..behind, &mut left);
            }
            if self.is_whole(part) && range.contains(&self.first[part]) {
                before = self.after[part];
                ends.insert(chain, before);
            }
        }
    }

    fn seek_one(&mut self, part: usize, between: Range<usize>, left: &mut Left) {
        let rest = self.rest(part).to_vec();
        if rest.iter().any(|&c| reads_from_the_right(c)) {
            return self.gather(part, &rest, between, left);
        }
        if self.done[part] > 0 && rest.len() < TELLING {
            return;
        }
        let key = rest[..rest.len().min(TELLING)].to_vec();
        let Some(places) = left.places.get(&key) else { return };
        let (number, single) = (is_number(&rest), rest.len() == 1);
        let digits = rest.iter().all(char::is_ascii_digit);
        // Of two texts that are alike, one may have been booked in the other's place.
        let text = self.said.text(self.part(part));
        let alike = self.said.parts.iter().filter(|other| self.said.text(other) == text);
        let regions: BTreeSet<&str> = match number || single {
            true => alike.map(Part::chain).collect(),
            false => BTreeSet::new(),
        };
        let is_there = |other: usize| regions.contains(self.part(other).chain());
        let behind = |place: usize| (place..left.end).find_map(|place| self.at(place));
        let fits = |place: usize, near: bool| {
            // A few characters may be the layout's own, such as the number of a page.
            let own = || match left.all.get(&place).and_then(|before| *before) {
                Some(before) => {
                    let told = near || !number && !single;
                    let precedes = || !digits && behind(place).is_some_and(is_there);
                    // A line of its own is no number or label of the layout.
                    let line = || !digits && self.shown[place].starts && self.shown[place].ends;
                    told || is_there(before) || precedes() || line()
                }
                None => !number,
            };
            let joins = !number && (near || !single);
            let alone = || joins || left.is_alone(self, place, rest.len());
            let telling = rest.len() >= TELLING || own() && alone();
            telling && self.common(&rest, place, left.end) == rest.len()
        };
        let near = places.range(between).copied().take(ALIKE).find(|&place| fits(place, true));
        let far = || places.iter().copied().take(ALIKE).find(|&place| fits(place, false));
        let found = near.or_else(far);
        if let Some(place) = found {
            left.places.entry(key).or_default().remove(&place);
            self.take(part, place, rest.len());
        }
    }

    /// Books a text whose pieces may stand in any order: from right to left lines are laid out as
    /// they are seen.
    fn gather(&mut self, part: usize, text: &[char], between: Range<usize>, left: &Left) {
        let mut wanted: BTreeMap<char, usize> = BTreeMap::new();
        text.iter().for_each(|&c| *wanted.entry(c).or_default() += 1);
        let mut found = Vec::new();
        let free = |place: &usize| self.home[*place] == NONE;
        for place in left.all.range(between).map(|(place, _)| *place).filter(free) {
            if let Some(count) = wanted.get_mut(&self.shown[place].c).filter(|count| **count > 0) {
                *count -= 1;
                found.push(place);
            }
        }
        if found.len() == text.len() {
            found.iter().for_each(|&place| self.take(part, place, 1));
        }
    }

    /// Texts that stand on the pages once more, each with that place; `allows` tells whether a text
    /// may.
    pub fn repeated(
        &self,
        range: Range<usize>,
        allows: impl Fn(usize, usize) -> bool,
    ) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut place = range.start;
        while place < range.end {
            // A mark of the layout, such as the dot of a list, may stand close before a text.
            let is_mark = |before: usize| {
                self.home[before] == NONE && !self.shown[before].c.is_alphanumeric()
            };
            let starts = self.shown[place].starts || place > range.start && is_mark(place - 1);
            if self.home[place] != NONE || !starts {
                place += 1;
                continue;
            }
            let ahead = || self.shown[place..range.end].iter().map(|shown| shown.c);
            let alike = window(ahead()).and_then(|key| self.windows.get(&key));
            let whole = |part: &&u32| {
                let text = &self.chars[self.part(**part as usize).range.clone()];
                self.common(text, place, range.end) == text.len()
            };
            let by_window = alike.and_then(|alike| alike.parts.iter().take(ALIKE).find(whole));
            let by_whole = || {
                let ahead: Vec<char> = ahead().take(WINDOW - 1).collect();
                let mut lengths = (TELLING..=ahead.len()).rev();
                lengths.find_map(|length| {
                    self.wholes.get(&ahead[..length])?.parts.iter().take(ALIKE).find(whole)
                })
            };
            let Some(&part) = by_window.or_else(by_whole) else {
                place += 1;
                continue;
            };
            let part = part as usize;
            if !allows(part, place) {
                found.push((part, place));
            }
            place += self.part(part).len();
        }
        found
    }

    /// Books characters of the pages for a text.
    fn take(&mut self, part: usize, place: usize, length: usize) {
        if self.done[part] == 0 {
            self.first[part] = place;
        }
        self.home[place..place + length].fill(part as u32);
        self.done[part] += length;
        self.after[part] = place + length;
    }

    /// Takes back what has been booked for a text.
    fn release(&mut self, part: usize) {
        if self.done[part] > 0 {
            let booked = self.first[part]..self.after[part];
            for home in self.home[booked].iter_mut().filter(|home| **home == part as u32) {
                *home = NONE;
            }
            self.done[part] = 0;
        }
    }
}

fn window(chars: impl Iterator<Item = char>) -> Option<Window> {
    let mut window = ['\0'; WINDOW];
    let mut count = 0;
    for (slot, c) in window.iter_mut().zip(chars) {
        *slot = c;
        count += 1;
    }
    (count == WINDOW).then_some(window)
}

/// What no text has been booked for.
struct Left {
    /// The places of characters, each with the text that was booked last before it.
    all: BTreeMap<usize, Option<usize>>,
    /// The end of the part of the pages.
    end: usize,
    /// Where some characters stand, up to [`TELLING`] of them.
    places: BTreeMap<Vec<char>, BTreeSet<usize>>,
}

impl Left {
    fn new(book: &Book<'_>, range: Range<usize>) -> Self {
        let mut left = Left { all: BTreeMap::new(), end: range.end, places: BTreeMap::new() };
        let mut before = None;
        let free = |place: usize| range.contains(&place) && book.home[place] == NONE;
        for place in range.clone() {
            if !free(place) {
                before = book.at(place);
                continue;
            }
            left.all.insert(place, before);
            let ahead = (place..place + TELLING).take_while(|&place| free(place));
            let ahead: Vec<char> = ahead.map(|place| book.shown[place].c).collect();
            for length in 1..=ahead.len() {
                left.places.entry(ahead[..length].to_vec()).or_default().insert(place);
            }
        }
        left
    }

    /// Whether nothing of the same piece of text is left over beside some characters.
    fn is_alone(&self, book: &Book<'_>, place: usize, length: usize) -> bool {
        let shown = &book.shown;
        let free = |place: usize| self.all.contains_key(&place) && book.home[place] == NONE;
        // The brackets of a section's name are the layout's own.
        let is_bracket = |at: usize| "[]【】".contains(shown[at].c);
        let parted = |a: usize, b: usize| {
            let apart = !free(a) || !free(b) || shown[a].piece != shown[b].piece;
            apart || is_bracket(a) || is_bracket(b)
        };
        let end = place + length;
        let starts = shown[place].starts || place == 0 || parted(place - 1, place);
        starts && (shown[end - 1].ends || parted(end - 1, end))
    }
}

/// Whether a text is a short number, as that of a page is.
fn is_number(text: &[char]) -> bool {
    let is_digit = |c: &char| c.is_ascii_digit() || "〇一二三四五六七八九十".contains(*c);
    text.len() < TELLING && text.iter().all(is_digit)
}
