//! A manuscript × its laid-out pages → what the issue says and its pages do not show.
//!
//! A layout is a program that may forget a part. So each text of the manuscript is booked for
//! characters of the pages (`book`), once; what cannot be booked is missing, what is left and could
//! be booked again stands there twice. Where a text is written is only looked up for a finding.

mod added;
mod book;
mod collide;
mod cover;
mod order;
mod pictures;
mod said;
mod shown;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use typst::foundations::Bytes;
use typst_layout::PagedDocument;

use self::book::Book;
use self::said::Said;
use self::shown::{Pages, Shown};
use super::places;
use crate::diag::{Code, Diagnostic, SourceFile, Span};
use crate::publication::Publication;
use crate::publication::length::MM;
use crate::typeset::merge::Manuscript;

/// The most characters of a text that a message quotes.
const QUOTED: usize = 16;
/// The most findings of a kind: a layout that prints nothing needs no more.
const MOST: usize = 50;

/// From the top of the page to the bottom of the type area (GB/T 9704, 7.4.1), in pt.
const TYPE_AREA_BOTTOM: f64 = 262.0 * MM;

/// Whether a character leaves ink of its own; other characters are not compared.
fn shows(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !is_format(c)
}

/// Characters that only direct how others are set.
fn is_format(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0100}'..='\u{e01ef}')
}

/// Whether a character is of a script that reads from right to left.
fn reads_from_the_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// A character as it is compared: a layout may set capitals, and a minus for a hyphen.
fn fold(c: char) -> char {
    match c {
        'A'..='Z' => c.to_ascii_lowercase(),
        '\u{2212}' => '-',
        '\u{80}'..='\u{2dff}' => c.to_lowercase().next().unwrap_or(c),
        _ => c,
    }
}

/// A fault of the pages.
struct Fault {
    code: Code,
    /// The text of the manuscript that it is about; `None` for the layout's own words.
    part: Option<usize>,
    /// The character of the text that it begins with.
    at: usize,
    /// Whether it is about the picture behind the text.
    after: bool,
    /// The page, from 0.
    page: Option<usize>,
    /// The characters to quote.
    text: String,
    /// What it collides with or stands before.
    other: String,
    hint: &'static str,
}

/// What the pages do not show as the issue says it, at its place in the issue or the publication.
pub fn findings(
    document: &PagedDocument,
    manuscript: &Manuscript,
    file: &Arc<SourceFile>,
    publication: &Publication,
) -> Vec<Diagnostic> {
    let said = Said::of(&manuscript.data);
    let faults = faults(&said, &shown::read(document), &manuscript.pictures);
    if faults.is_empty() {
        return Vec::new();
    }
    let texts = said.parts.iter().map(|part| said.text(part));
    let origins = places::origins(texts, file, publication);
    let place = |part: usize, at: usize| {
        let own = origins[part].iter().find(|origin| origin.part.contains(&at));
        let longest = || origins[part].iter().max_by_key(|origin| origin.part.len());
        let own = || own.or_else(longest).map(|origin| origin.span.clone());
        let by_key = || key_in(file, said.parts[part].keys.strip_prefix("masthead.")?);
        // A label stands before what it names.
        let named = || origins[part..].iter().flatten().next().map(|origin| origin.span.clone());
        by_key().or_else(own).or_else(named).unwrap_or_else(|| Span::new(file, 0..0))
    };
    let diagnostic = |fault: Fault| {
        let at = fault.at;
        let span = fault.part.map_or_else(|| Span::new(file, 0..0), |part| place(part, at));
        let span = if fault.after { picture_behind(span) } else { span };
        let found = match fault.code {
            Code::TextTwice => Diagnostic::warning(fault.code, span),
            _ => Diagnostic::error(fault.code, span),
        };
        let keys = fault.part.map_or("", |part| &said.parts[part].keys);
        let found = found
            .hint(fault.hint)
            .arg("text", fault.text)
            .arg("other", fault.other)
            .arg("key", keys);
        match fault.page {
            Some(page) => found.page(page + 1),
            None => found,
        }
    };
    faults.into_iter().map(diagnostic).collect()
}

/// The line at the head of a file that begins with a key, or the header of its table.
fn key_in(file: &Arc<SourceFile>, key: &str) -> Option<Span> {
    let mut start = 0;
    let mut is_head = true;
    for line in file.text.split_inclusive('\n') {
        is_head &= !line.starts_with('[');
        let rest = line.strip_prefix(key).map(str::trim_start);
        let sets = is_head && rest.is_some_and(|rest| rest.starts_with(['=', '.']));
        if sets || line.trim() == format!("[{key}]") {
            return Some(Span::new(file, start..start + line.trim_end().len()));
        }
        start += line.len();
    }
    None
}

/// The first line of a picture behind a place, or that place.
fn picture_behind(span: Span) -> Span {
    let rest = span.file.text.get(span.range.end..).unwrap_or_default();
    let Some(at) = rest.find("\n![") else { return span };
    let line = rest[at + 1..].lines().next().unwrap_or_default();
    let start = span.range.end + at + 1;
    Span::new(&span.file, start..start + line.len())
}

fn faults(said: &Said, pages: &Pages<'_>, files: &[(String, Bytes)]) -> Vec<Fault> {
    let (shown, text, seen) = ordered(pages);
    let mut book = Book::new(said, &shown);
    book.read(0..text);
    book.read(text..seen);
    book.seek(0..text);
    book.seek(text..seen);
    let page = |place: usize| pages.pieces[shown[place].piece as usize].page;
    let mut faults = Vec::new();
    let missing: Vec<(usize, usize)> = (0..said.parts.len())
        .filter(|&part| !book.is_whole(part))
        .map(|part| (part, book.done(part)))
        .take(MOST)
        .collect();
    // In columns a table goes on above where it ends.
    let turns = |place: usize| {
        let place_of = |place: usize| &pages.pieces[shown[place].piece as usize].place;
        let before = (0..place).rev().find(|&at| book.at(at).is_some());
        before.is_some_and(|before| {
            let (before, own) = (place_of(before), place_of(place));
            own.ty < before.ty && own.tx > before.tx
        })
    };
    let twice = book.repeated(0..text, |part, place| {
        let own = &said.parts[part];
        let again = own.repeats && (page(place) > page(book.first(part)) || turns(place));
        let label = || said.labels.iter().any(|label| label == said.text(own));
        // A layout names the attachments under the text too.
        let names = own.keys == "attachments.label";
        again
            || names
            || label()
            || !collide::is_legible(&pages.pieces[shown[place].piece as usize])
    });
    for (part, place) in twice.into_iter().take(MOST) {
        let text = quote(said.text(&said.parts[part]));
        faults.push(Fault::new(Code::TextTwice, Some(part), Some(page(place)), text));
    }
    faults.extend(added::added(said, &book, pages, &shown[..text]));
    let drawn = pictures::drawn(said, pages, files);
    faults.extend(pictures::faults(said, pages, &drawn));
    faults.extend(order::disordered(said, &book, pages, &shown[..text], &drawn));
    let long = long_imprint(said, &book, pages, &shown[..seen]);
    let mut placed = off_sheet(said, &book, pages, &shown[..seen]);
    placed.extend(collisions(pages, &book, &shown[..seen]));
    // An imprint taller than a page runs off the sheet and over itself: one finding says why.
    let in_imprint = |fault: &Fault| fault.part.is_some_and(|part| is_imprint(said, part));
    placed.retain(|fault| long.is_none() || !in_imprint(fault));
    faults.extend(long);
    faults.extend(placed);
    if !missing.is_empty() {
        book.read(seen..shown.len());
        book.seek(seen..shown.len());
    }
    for (part, done) in missing {
        let rest = quote(&said.text(&said.parts[part])[done..]);
        let hidden = book.is_whole(part);
        let page = hidden.then(|| page(book.first(part)));
        let hint = if hidden { "hidden" } else { "hint" };
        let fault = Fault::new(Code::TextMissing, Some(part), page, rest);
        faults.push(Fault { hint, at: done, ..fault });
    }
    faults
}

impl Fault {
    fn new(code: Code, part: Option<usize>, page: Option<usize>, text: String) -> Self {
        Fault { code, part, at: 0, after: false, page, text, other: String::new(), hint: "hint" }
    }
}

/// The characters of the pages: first those of the text, then those of page heads and the like,
/// then those that cannot be seen; with the ends of the first two.
fn ordered(pages: &Pages<'_>) -> (Vec<Shown>, usize, usize) {
    let is_text = |shown: &&Shown| !shown.in_margin;
    let seen = || pages.chars.iter().filter(|shown| shown.seen);
    let mut ordered: Vec<Shown> = seen().filter(is_text).copied().collect();
    let text = ordered.len();
    ordered.extend(seen().filter(|shown| !is_text(shown)));
    let all = ordered.len();
    ordered.extend(pages.chars.iter().filter(|shown| !shown.seen));
    (ordered, text, all)
}

fn is_imprint(said: &Said, part: usize) -> bool {
    said.parts[part].keys.starts_with("imprint.")
}

/// The first text of the imprint that stands below the type area: the imprint is one block, which
/// no page can hold.
fn long_imprint(said: &Said, book: &Book<'_>, pages: &Pages<'_>, shown: &[Shown]) -> Option<Fault> {
    let piece = |place: usize| &pages.pieces[shown[place].piece as usize];
    let below = |place: &usize| piece(*place).core.max.y.to_pt() > TYPE_AREA_BOTTOM;
    let mut own = (0..shown.len()).filter(below).filter_map(|place| Some((book.at(place)?, place)));
    let (part, place) = own.find(|(part, _)| is_imprint(said, *part))?;
    let text = quote(said.text(&said.parts[part]));
    Some(Fault::new(Code::ImprintTooLong, Some(part), Some(piece(place).page), text))
}

/// Texts that reach over the edge of the sheet, each once; the layout's own words once a page.
fn off_sheet(said: &Said, book: &Book<'_>, pages: &Pages<'_>, shown: &[Shown]) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for (place, c) in shown.iter().enumerate().filter(|(_, shown)| shown.off) {
        let piece = &pages.pieces[c.piece as usize];
        let (part, page) = (book.at(place), Some(piece.page));
        let is_new = faults
            .last()
            .is_none_or(|last| last.part != part || part.is_none() && last.page != page);
        if is_new && faults.len() < MOST {
            let text = match part {
                Some(part) => quote(said.text(&said.parts[part])),
                None => piece.text.text.chars().take(QUOTED).collect(),
            };
            let at = part.map_or(0, |part| place.saturating_sub(book.first(part)));
            faults.push(Fault { at, ..Fault::new(Code::OffSheet, part, page, text) });
        }
    }
    faults
}

/// Texts that lie on others.
fn collisions(pages: &Pages<'_>, book: &Book<'_>, shown: &[Shown]) -> Vec<Fault> {
    let found = collide::collisions(pages);
    if found.is_empty() {
        return Vec::new();
    }
    let mut of_piece: HashMap<u32, Range<usize>> = HashMap::new();
    for (place, c) in shown.iter().enumerate() {
        of_piece.entry(c.piece).or_insert(place..place).end = place + 1;
    }
    let part = |(piece, glyph): (usize, usize)| {
        let mut places = of_piece.get(&(piece as u32))?.clone();
        book.at(places.find(|&place| shown[place].glyph as usize == glyph)?)
    };
    let text = |(piece, _): (usize, usize)| -> String {
        pages.pieces[piece].text.text.chars().take(QUOTED).collect()
    };
    let is_seen = |(piece, _): (usize, usize)| of_piece.contains_key(&(piece as u32));
    let fault = |collide::Collision { upper, lower }: collide::Collision| {
        let part = part(upper).or_else(|| part(lower));
        let page = Some(pages.pieces[upper.0].page);
        let other = text(lower);
        Fault { other, ..Fault::new(Code::TextOverlap, part, page, text(upper)) }
    };
    let seen = found.into_iter().filter(|found| is_seen(found.upper) && is_seen(found.lower));
    let mut faults: Vec<Fault> = seen.map(fault).collect();
    // The faces of a text part it into pieces, which all lie on the other.
    faults.dedup_by_key(|fault| (fault.part, fault.page));
    faults.truncate(MOST);
    faults
}

fn quote(text: &[char]) -> String {
    text.iter().take(QUOTED).collect()
}
