//! Texts that stand on the pages in another order than in the issue, or with another owner.
//!
//! The titles and bodies of the articles are the backbone. What belongs to an article, such
//! as its source, is placed by the layout, but never within another article; a table or a picture
//! may float to the head or the foot of a page, but never between two texts that it does not
//! stand between. A text that several parts share may be booked for any of them, and has no place
//! of its own; only that of a title may be told from its line in the contents.

use std::collections::HashMap;
use std::ops::Range;

use super::book::Book;
use super::pictures::Drawn;
use super::said::{Part, Role, Said};
use super::shown::{Pages, Shown};
use super::{Fault, MOST, quote};
use crate::diag::Code;

struct Order<'a> {
    said: &'a Said,
    book: &'a Book<'a>,
    pages: &'a Pages<'a>,
    shown: &'a [Shown],
    /// Where each text begins; `None` for one that is not there or has no place of its own.
    first: Vec<Option<usize>>,
}

/// Texts that stand before the one that they follow, or with another owner.
pub fn disordered(
    said: &Said,
    book: &Book<'_>,
    pages: &Pages<'_>,
    shown: &[Shown],
    drawn: &Drawn,
) -> Vec<Fault> {
    let first = places(said, book, shown.len());
    let order = Order { said, book, pages, shown, first };
    let mut found = order.turned();
    if found.is_empty() {
        found.extend(order.foreign());
        found.extend(order.sections());
    }
    if found.is_empty() {
        found.extend(order.floats());
        found.extend(order.captions(drawn));
    }
    let fault = |(part, before): (usize, usize)| {
        let text = |part: usize| quote(said.text(&said.parts[part]));
        let other = text(before);
        Fault { other, ..Fault::new(Code::TextDisordered, Some(part), None, text(part)) }
    };
    found.into_iter().take(MOST).map(fault).collect()
}

/// Where the texts begin that have a place of their own.
fn places(said: &Said, book: &Book<'_>, end: usize) -> Vec<Option<usize>> {
    let text = |part: usize| said.text(&said.parts[part]);
    let is_entry = |part: usize| said.parts[part].role == Role::Contents;
    let is_there = |part: usize| book.is_whole(part) && book.first(part) < end;
    let mut first: Vec<Option<usize>> =
        (0..said.parts.len()).map(|part| is_there(part).then(|| book.first(part))).collect();
    // Whether a text is that of one part, or else of one part and one line of the contents.
    let mut counts: HashMap<&[char], (usize, usize)> = HashMap::new();
    for part in 0..said.parts.len() {
        let (others, entries) = counts.entry(text(part)).or_default();
        *(if is_entry(part) { entries } else { others }) += 1;
    }
    let mut entries: HashMap<Vec<char>, usize> = HashMap::new();
    for part in (0..said.parts.len()).filter(|&part| is_entry(part)) {
        entries.insert(text(part).to_vec(), part);
    }
    let mut told = vec![false; said.parts.len()];
    for heading in said.headings() {
        // A title stands before its own text, a section's name before the end of its first.
        let lines = heading.lines.clone();
        let whole: Vec<char> = lines.clone().flat_map(text).copied().collect();
        let Some(&entry) = entries.get(&whole) else { continue };
        let shared = counts[text(entry)];
        let alone = match lines.len() {
            1 => shared == (1, 1),
            _ => shared == (0, 1) && lines.clone().all(|line| counts[text(line)] == (1, 0)),
        };
        let limit = heading.before.and_then(|part| first[part]);
        let (Some(own), Some(listed), Some(limit)) = (first[lines.start], first[entry], limit)
        else {
            continue;
        };
        if !alone {
            continue;
        }
        told[entry] = true;
        lines.clone().for_each(|line| told[line] = true);
        let nearer = listed < limit && (listed > own || own > limit);
        if nearer {
            first[entry] = Some(own);
            let mut at = listed;
            for line in lines {
                first[line] = Some(at);
                at += said.parts[line].len();
            }
        }
    }
    for (part, first) in first.iter_mut().enumerate() {
        let (others, entries) = counts[text(part)];
        // The contents may have numbers of the layout's own.
        let is_number = said.parts[part].keys == "sections.articles.attachments.number";
        *first = first.filter(|_| (others + entries == 1 && !is_number) || told[part]);
    }
    first
}

impl Order<'_> {
    fn part(&self, part: usize) -> &Part {
        &self.said.parts[part]
    }

    /// Texts of one flow that stand before the one that they follow.
    fn turned(&self) -> Vec<(usize, usize)> {
        let mut last: HashMap<u64, (usize, usize)> = HashMap::new();
        let turned = (0..self.first.len()).filter_map(|part| {
            let place = self.first[part]?;
            let (before, above) = last.insert(self.part(part).flow, (part, place))?;
            (place < above).then_some((part, before))
        });
        turned.collect()
    }

    /// Where each article's title or text begins, and where its last block does; in their order.
    fn articles(&self) -> Vec<(usize, usize, Range<usize>)> {
        let mut articles: Vec<(usize, usize, Range<usize>)> = Vec::new();
        for (at, part) in self.said.parts.iter().enumerate() {
            let (Some(article), Some(place)) = (part.article, self.first[at]) else { continue };
            if !matches!(part.role, Role::Title | Role::Body) {
                continue;
            }
            match articles.last_mut().filter(|(own, ..)| *own == article) {
                Some((.., range)) if part.role == Role::Body => range.end = place,
                Some(_) => {}
                None => articles.push((article, at, place..place)),
            }
        }
        articles
    }

    /// What belongs to an article and stands within another.
    fn foreign(&self) -> Vec<(usize, usize)> {
        let articles = self.articles();
        let within = |part: usize| {
            let own = self.part(part).article.filter(|_| self.part(part).role == Role::Loose)?;
            let place = self.first[part]?;
            let at = articles.partition_point(|(.., range)| range.start < place).checked_sub(1)?;
            let (article, title, range) = &articles[at];
            (*article != own && place < range.end).then_some((part, *title))
        };
        (0..self.first.len()).filter_map(within).collect()
    }

    /// Names of sections that stand before the end of the section before, or behind their own text.
    fn sections(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut above: Option<usize> = None;
        let mut name: Option<usize> = None;
        for (at, part) in self.said.parts.iter().enumerate() {
            let Some(place) = self.first[at] else { continue };
            let end = above.and_then(|above| self.first[above]);
            match part.role {
                Role::Section if end.is_some_and(|end| place < end) => {
                    found.extend(above.map(|above| (at, above)));
                }
                Role::Section => name = Some(at),
                Role::Body if part.is_of("sections") => {
                    if let Some(name) = name.take()
                        && self.first[name].is_some_and(|name| name > place)
                    {
                        found.push((at, name));
                    }
                    above = Some(at);
                }
                _ => {}
            }
        }
        found
    }

    /// The page of a character and its line's place there.
    fn line(&self, place: usize) -> (usize, f64) {
        let piece = &self.pages.pieces[self.shown[place].piece as usize];
        (piece.page, piece.place.ty.to_pt())
    }

    /// Tables in the midst of the text of a page that do not stand behind what they follow, and
    /// texts below them that do.
    fn floats(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        // What stands last on the page: a text of the backbone or a table, and where.
        let mut last: Option<(usize, usize)> = None;
        for place in 0..self.shown.len() {
            let Some(part) = self.book.at(place) else { continue };
            let block = self.part(part).table.map(|table| self.said.tables[table].start);
            let is_body = matches!(self.part(part).role, Role::Title | Role::Body);
            let Some(own) = block.or_else(|| is_body.then_some(part)) else { continue };
            if let Some((before, at)) = last
                && before != own
            {
                let ((page, above), (own_page, below)) = (self.line(at), self.line(place));
                let floats = block.is_some() || self.part(before).table.is_some();
                let same = self.part(before).chain() == self.part(own).chain();
                let known = self.first[own].is_some() && self.first[before].is_some();
                let inline = page == own_page && above < below;
                let midst = || self.is_midst(before, at) && self.is_midst(own, place);
                if floats && same && known && inline && own < before && midst() {
                    found.push((before, own));
                }
            }
            last = Some((own, place));
        }
        found
    }

    /// Whether text of the backbone stands above a block on its page, and below: what floats stands
    /// at the head or the foot.
    fn is_midst(&self, block: usize, place: usize) -> bool {
        if self.part(block).table.is_none() {
            return true;
        }
        let (page, own) = self.line(place);
        let is_text = |at: &usize| {
            let role = self.book.at(*at).map(|part| self.part(part).role);
            matches!(role, Some(Role::Title | Role::Body))
        };
        let on_page = |at: &usize| self.line(*at).0 == page;
        let above = (0..place).rev().take_while(on_page).find(is_text);
        let mut below = (place..self.shown.len()).take_while(on_page).filter(is_text);
        above.is_some_and(|at| self.line(at).1 < own) && below.any(|at| self.line(at).1 > own)
    }

    /// Captions that stand neither before nor behind their own picture or table.
    fn captions(&self, drawn: &Drawn) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (figure, own) in self.said.figures.iter().enumerate() {
            let caption = own.parts.start;
            let picture = drawn.of[figure].filter(|_| drawn.only[figure] && !own.parts.is_empty());
            let (Some(picture), Some(place)) =
                (picture, self.first.get(caption).copied().flatten())
            else {
                continue;
            };
            let picture = &self.pages.pictures[picture];
            if self.line(place).0 != picture.page {
                continue;
            }
            let piece = self.shown[place].piece as usize;
            let (from, to) = (picture.piece.min(piece), picture.piece.max(piece));
            let between = self
                .shown
                .iter()
                .enumerate()
                .filter(|(_, shown)| (from..to).contains(&(shown.piece as usize)));
            let strange = between.filter_map(|(at, _)| self.book.at(at)).find(|&at| at != caption);
            found.extend(strange.map(|other| (caption, other)));
        }
        found
    }
}
