//! Laid-out pages × the issue's text → the place of each field on paper.
//!
//! Typst's own spans point into the layout's files, not into the issue. But the printed texts and
//! their order are known, so the pages are read and each piece of a line is compared with the
//! texts not yet wholly found. A piece that matches no text, such as a label or a bracket, is the
//! layout's.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;
use typst::layout::{FrameItem, Point, Transform};
use typst::text::TextItem;
use typst_layout::PagedDocument;

use super::frames::{self, ASCENT};
use crate::check::Places;
use crate::diag::{SourceFile, Span, Spanned};
use crate::issue::article::{self, Part, Position};
use crate::issue::form::{Key, KeyPath};
use crate::issue::imprint::Origin;
use crate::issue::raw::{Group, RawArticle, RawAttachment, RawImprint, RawIssue};
use crate::issue::{Date, Kind, Number};
use crate::publication::{Publication, RawPublication};
use crate::source::read;

/// A part of a field on one line of a page, in pt from the page's left top.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Place {
    /// The field.
    pub path: KeyPath,
    /// The line of its value, from 0.
    pub line: usize,
    /// The page, from 1.
    pub page: usize,
    /// Its left edge.
    pub x: f64,
    /// Its top.
    pub y: f64,
    /// Its width.
    pub w: f64,
    /// Its height.
    pub h: f64,
    /// Where the part begins in the field's value, in UTF-16 units.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
}

/// The places of all fields, in the order in which the pages are read.
pub fn places(
    document: &PagedDocument,
    file: &Arc<SourceFile>,
    publication: Option<&RawPublication>,
) -> Vec<Place> {
    let Some(raw) = read::read::<RawIssue>(file).value else { return Vec::new() };
    let mut texts = Texts { file, list: Vec::new() };
    texts.issue(&raw, publication);
    let mut search = Search::new(texts.list);
    let mut places = Vec::new();
    for (index, page) in document.pages().iter().enumerate() {
        let mut reader = Reader::default();
        frames::walk(&page.frame, Transform::identity(), &mut |here, item| {
            if let FrameItem::Text(text) = item {
                reader.text(text, here);
            }
        });
        for line in reader.lines {
            search.line(&line, index + 1, &mut places);
        }
    }
    places
}

/// The part of a printed text that a field gave.
pub struct OriginPart {
    /// The part, in characters of the text.
    pub part: Range<usize>,
    /// Where it is written.
    pub span: Span,
}

/// Where printed texts are written, by their characters without blanks; texts are given in the
/// order of the page. Words that are no field's have no origin.
pub fn origins<'a>(
    texts: impl Iterator<Item = &'a [char]>,
    file: &Arc<SourceFile>,
    publication: &Publication,
) -> Vec<Vec<OriginPart>> {
    let raw = read::read::<RawIssue>(file).value;
    let mut fields = Texts { file, list: Vec::new() };
    raw.iter().for_each(|raw| fields.issue(raw, Some(&publication.raw)));
    let mut search = Search::new(fields.list);
    texts
        .map(|chars| {
            let mut found = Vec::new();
            search.pieces(chars, |at, text, _, length| {
                let file = match text.path.first() == Some(&Key::from("publication")) {
                    true => &publication.file,
                    false => file,
                };
                let span = Span::new(file, text.place.clone());
                found.push(OriginPart { part: at..at + length, span });
            });
            found
        })
        .collect()
}

/// A printed text: one line of a field.
struct Text {
    path: KeyPath,
    /// Its bytes in the file.
    place: Range<usize>,
    line: usize,
    chars: Vec<char>,
    /// The place of each character in the field's value, in UTF-16 units.
    units: Vec<Range<usize>>,
}

/// The texts of an issue in the order in which they are printed.
struct Texts<'a> {
    file: &'a Arc<SourceFile>,
    list: Vec<Text>,
}

fn path(keys: &[Key]) -> KeyPath {
    keys.to_vec()
}

fn below(above: &[Key], key: impl Into<Key>) -> KeyPath {
    above.iter().cloned().chain([key.into()]).collect()
}

/// The path to a group of articles.
fn above(group: Group<'_>) -> KeyPath {
    group.section.map_or(Vec::new(), |(at, _)| path(&["sections".into(), at.into()]))
}

impl Texts<'_> {
    fn issue(&mut self, raw: &RawIssue, publication: Option<&RawPublication>) {
        let root: &[Key] = &[];
        if let Some(publication) = publication {
            let of = |key: &str| vec![Key::from("publication"), key.into()];
            if let Some(organization) =
                publication.organization.as_ref().filter(|_| raw.meeting.is_none())
            {
                self.words(of("organization"), &organization.value, organization);
            }
            self.words(of("name"), &publication.name.value.replace('|', ""), &publication.name);
            if let Some(notice) = publication.notice.as_ref().filter(|_| raw.notice.is_none()) {
                self.words(of("notice"), &notice.value, notice);
            }
            if raw.issuer.is_none() {
                let issuer = publication.issuer.value.replace('|', "");
                self.words(of("issuer"), &issuer, &publication.issuer);
            }
        }
        self.option(&below(root, "notice"), &raw.notice, Kind::Line);
        self.option(&below(root, "meeting"), &raw.meeting, Kind::Line);
        self.option(&below(root, "label"), &raw.label, Kind::Line);
        if let Some(n) = &raw.number {
            self.words(below(root, "number"), &Number::Regular(n.value).to_string(), n);
        }
        if let Some(n) = &raw.supplement {
            self.words(below(root, "supplement"), &Number::Supplement(n.value).to_string(), n);
        }
        if let Some(n) = &raw.serial_number {
            self.words(below(root, "serial_number"), &format!("（总第{}期）", n.value), n);
        }
        if let Some(n) = &raw.copy_number {
            self.words(below(root, "copy_number"), &format!("{:06}", n.value), n);
        }
        self.option(&below(root, "issuer"), &raw.issuer, Kind::Issuer);
        if let Some((at, date)) = raw.date.as_ref().and_then(|at| Some((at, at.value.date?))) {
            self.words(below(root, "date"), &Date::from(date).to_string(), at);
        }
        let groups: Vec<(KeyPath, Group<'_>)> =
            raw.groups().map(|group| (above(group), group)).collect();
        if raw.articles().nth(1).is_some() {
            for (path, group) in &groups {
                self.section(path, *group);
                self.contents(path, group.articles);
            }
        }
        self.option(&below(root, "editors_note"), &raw.editors_note, Kind::Note);
        let mut attached = Vec::new();
        for (path, group) in &groups {
            self.section(path, *group);
            self.articles(path, group.articles, &mut attached);
        }
        for (path, attachment) in attached {
            self.text(&below(&path, "title"), &attachment.title, Kind::Title);
            self.text(&below(&path, "body"), &attachment.body, Kind::Body);
        }
        self.imprint(&raw.imprint, publication.map(|publication| &publication.imprint));
    }

    /// Adds the section's name, if the group is a section.
    fn section(&mut self, path: &[Key], group: Group<'_>) {
        if let Some((_, section)) = group.section {
            self.text(&below(path, "name"), &section.name, Kind::Section);
        }
    }

    fn contents(&mut self, above: &[Key], articles: &[Spanned<RawArticle>]) {
        for (at, article) in articles.iter().enumerate() {
            let path = below(&below(above, "articles"), at);
            match &article.value.contents_entry {
                Some(entry) => self.text(&below(&path, "contents_entry"), entry, Kind::Title),
                None => self.text(&below(&path, "title"), &article.value.title, Kind::Title),
            }
        }
    }

    fn articles<'r>(
        &mut self,
        above: &[Key],
        articles: &'r [Spanned<RawArticle>],
        attached: &mut Vec<(KeyPath, &'r RawAttachment)>,
    ) {
        for (at, Spanned { value: article, .. }) in articles.iter().enumerate() {
            let path = below(&below(above, "articles"), at);
            let parts = article::printed().into_iter();
            for part in parts.filter(|part| part.position != Position::Contents) {
                self.part(&path, part, article);
                if part.position != Position::Body {
                    continue;
                }
                for (at, Spanned { value: attachment, .. }) in
                    article.attachments.iter().enumerate()
                {
                    let path = below(&below(&path, "attachments"), at);
                    self.text(&below(&path, "title"), &attachment.title, Kind::Title);
                    attached.push((path, attachment));
                }
            }
        }
    }

    fn part(&mut self, above: &[Key], part: &Part, article: &RawArticle) {
        let path = below(above, part.key);
        for (at, text) in (part.of)(article).iter().enumerate() {
            match part.is_list {
                true => self.text(&below(&path, at), text, part.kind),
                false => self.text(&path, text, part.kind),
            }
        }
    }

    fn imprint(&mut self, own: &RawImprint, standing: Option<&RawImprint>) {
        let above = below(&[], "imprint");
        let of = |key: &str| path(&["publication".into(), "imprint".into(), key.into()]);
        let none = RawImprint::default();
        let imprint = own.over(standing.unwrap_or(&none));
        for (list, origin, units) in imprint.lists() {
            for (at, unit) in units.iter().enumerate() {
                match origin {
                    Origin::Issue => {
                        self.text(&below(&below(&above, list.key), at), unit, Kind::Line);
                    }
                    Origin::Publication => self.words(of(list.key), &unit.value, unit),
                }
            }
        }
        for (field, origin, text) in imprint.staff() {
            match origin {
                Origin::Issue => self.text(&below(&above, field.key), text, Kind::Line),
                Origin::Publication => self.words(of(field.key), &text.value, text),
            }
        }
        if let Some((origin, n)) = imprint.print_run() {
            let path = match origin {
                Origin::Issue => below(&above, "print_run"),
                Origin::Publication => of("print_run"),
            };
            self.words(path, &format!("共印{}份", n.value), n);
        }
    }

    /// Adds words that the program derives from a value; their place is the whole value.
    fn words<T>(&mut self, path: KeyPath, words: &str, value: &Spanned<T>) {
        let chars: Vec<char> = words.chars().filter(|c| !c.is_whitespace()).collect();
        let units = vec![0..0; chars.len()];
        let place = value.range.clone();
        self.list.push(Text { path, place, line: 0, chars, units });
    }

    fn option(&mut self, path: &[Key], text: &Option<Spanned<String>>, kind: Kind) {
        text.iter().for_each(|text| self.text(path, text, kind));
    }

    fn text(&mut self, path: &[Key], text: &Spanned<String>, kind: Kind) {
        let places = Places::new(self.file, text);
        let value = &text.value;
        // For each byte of the value, the byte of the file that it comes from.
        let file_bytes: Vec<usize> =
            (0..=value.len()).map(|at| places.range(at..at).start).collect();
        let mut units = Vec::with_capacity(value.len() + 1);
        let mut lines = Vec::with_capacity(value.len() + 1);
        let (mut unit, mut line) = (0, 0);
        for c in value.chars() {
            units.extend(std::iter::repeat_n(unit, c.len_utf8()));
            lines.extend(std::iter::repeat_n(line, c.len_utf8()));
            unit += c.len_utf16();
            line += usize::from(c == '\n');
        }
        units.push(unit);
        lines.push(line);
        let in_value = |byte: usize| file_bytes.partition_point(|&at| at < byte).min(value.len());
        for printed in places.printed(kind) {
            let kept =
                printed.chars.iter().zip(&printed.places).filter(|(c, _)| !c.is_whitespace());
            let (chars, places): (Vec<char>, Vec<Range<usize>>) =
                kept.map(|(c, place)| (*c, in_value(place.start)..in_value(place.end))).unzip();
            let (Some(first), Some(last)) = (places.first(), places.last()) else { continue };
            let place = file_bytes[first.start]..file_bytes[last.end];
            let line = lines[first.start];
            let units = places.iter().map(|place| units[place.start]..units[place.end]).collect();
            self.list.push(Text { path: path.to_vec(), place, line, chars, units });
        }
    }
}

/// The search for texts on the pages, with how much of each has been found.
struct Search {
    texts: Vec<Text>,
    /// The number of characters of each text found so far.
    done: Vec<usize>,
    /// The texts of which a part has been found.
    begun: BTreeSet<usize>,
    /// The text that was found last.
    at: usize,
}

/// A match of fewer characters counts only if it is a whole text or the whole line.
const TELLING: usize = 4;

impl Search {
    fn new(texts: Vec<Text>) -> Self {
        Search { done: vec![0; texts.len()], texts, begun: BTreeSet::new(), at: 0 }
    }

    fn line(&mut self, line: &Line, page: usize, places: &mut Vec<Place>) {
        let chars: Vec<char> = line.marks.iter().map(|mark| mark.c).collect();
        self.pieces(&chars, |at, text, from, length| {
            let units = &text.units[from..from + length];
            places.push(place(text, units, &line.marks[at..at + length], page));
        });
    }

    /// Calls `see` with each piece of a line that is a text's: where it begins in the line, the
    /// text, where it begins in the text, and its length.
    fn pieces(&mut self, chars: &[char], mut see: impl FnMut(usize, &Text, usize, usize)) {
        let mut at = 0;
        while at < chars.len() {
            match self.best(&chars[at..]) {
                Some((index, length)) => {
                    let text = &self.texts[index];
                    see(at, text, self.done[index], length);
                    self.done[index] += length;
                    match self.done[index] < text.chars.len() {
                        true => self.begun.insert(index),
                        false => self.begun.remove(&index),
                    };
                    self.at = index;
                    at += length;
                }
                None => at += 1,
            }
        }
    }

    /// The text that matches the start of a line's rest, and the length of the match.
    fn best(&self, rest: &[char]) -> Option<(usize, usize)> {
        let fits = |index: usize| {
            let text = &self.texts[index];
            let left = &text.chars[self.done[index]..];
            let length = left.iter().zip(rest).take_while(|(a, b)| a == b).count();
            let whole = length == left.len() || length == rest.len() && length > 1;
            (length > 0 && (whole || length >= TELLING)).then_some((index, length))
        };
        // A text partly found is tried first, then the texts that follow in print.
        let fresh = (self.at..self.texts.len()).chain(0..self.at);
        let fresh = fresh.filter(|&index| self.done[index] == 0);
        self.begun.iter().rev().copied().chain(fresh).find_map(fits)
    }
}

fn place(text: &Text, units: &[Range<usize>], marks: &[Mark], page: usize) -> Place {
    let edge = |pick: fn(&Mark) -> f64, fold: fn(f64, f64) -> f64, from: f64| {
        marks.iter().map(pick).fold(from, fold)
    };
    let left = edge(|mark| mark.left, f64::min, f64::MAX);
    let top = edge(|mark| mark.top, f64::min, f64::MAX);
    let right = edge(|mark| mark.right, f64::max, f64::MIN);
    let bottom = edge(|mark| mark.bottom, f64::max, f64::MIN);
    let round = |pt: f64| (pt * 100.0).round() / 100.0;
    Place {
        path: text.path.clone(),
        line: text.line,
        page,
        x: round(left),
        y: round(top),
        w: round(right - left),
        h: round(bottom - top),
        from: units.first().map_or(0, |unit| unit.start),
        to: units.last().map_or(0, |unit| unit.end),
    }
}

/// A character on paper, in pt.
struct Mark {
    c: char,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

/// Glyphs on one baseline that were laid out one after the other.
struct Line {
    /// The baseline's place across the direction of reading, in hundredths of a pt.
    baseline: i64,
    marks: Vec<Mark>,
}

/// Reads a page in the order in which it was laid out.
#[derive(Default)]
struct Reader {
    lines: Vec<Line>,
}

impl Reader {
    fn text(&mut self, text: &TextItem, here: Transform) {
        let origin = Point::zero().transform(here);
        let turned = here.kx.get().abs() > 1e-9;
        let across = if turned { origin.x } else { origin.y };
        let baseline = (across.to_pt() * 100.0).round() as i64;
        if self.lines.last().is_none_or(|line| (line.baseline - baseline).abs() > 2) {
            self.lines.push(Line { baseline, marks: Vec::new() });
        }
        let Some(line) = self.lines.last_mut() else { return };
        let mut pen = text.size * 0.0;
        // A glyph may represent several characters, and several glyphs one character.
        let mut seen: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        for glyph in &text.glyphs {
            let (from, advance) = (pen, glyph.x_advance.at(text.size));
            pen += advance;
            let edges = (from.to_pt(), (from + advance.min(text.size)).to_pt());
            let known = seen.entry(glyph.range().start).or_insert(edges);
            known.1 = known.1.max(edges.1);
        }
        let mut edges = None;
        for (at, c) in text.text.char_indices() {
            edges = seen.get(&at).copied().or(edges);
            let Some((left, right)) = edges.filter(|_| !c.is_whitespace()) else { continue };
            let size = text.size;
            let corner = |x: f64, y| Point::new(typst::layout::Abs::pt(x), y).transform(here);
            let (a, b) = (corner(left, size * -ASCENT), corner(right, size * (1.0 - ASCENT)));
            line.marks.push(Mark {
                c,
                left: a.x.min(b.x).to_pt(),
                right: a.x.max(b.x).to_pt(),
                top: a.y.min(b.y).to_pt(),
                bottom: a.y.max(b.y).to_pt(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::form::value;
    use crate::pipeline::{Input, Session};
    use crate::publication::fonts::FontPaths;
    use crate::source::project::Project;
    use serde_json::Value as Json;

    fn at<'a>(value: &'a Json, path: &[Key]) -> &'a Json {
        path.iter().fold(value, |value, key| match key {
            Key::Name(name) => &value[name],
            Key::Index(index) => &value[index],
        })
    }

    /// The characters of a field that are printed, without marks.
    fn letters(text: &str) -> String {
        text.chars().filter(|c| !c.is_whitespace() && !"*|\\".contains(*c)).collect()
    }

    #[test]
    fn every_letter_of_the_samples_has_its_place() {
        let project = Project::find(env!("CARGO_MANIFEST_DIR").as_ref()).expect("a project");
        let session = Session::open(project, &FontPaths::default()).expect("a session");
        let issues = session.project.issues(&[]).expect("issues");
        assert!(issues.len() >= 4);
        for issue in issues {
            let text = std::fs::read_to_string(&issue.path).expect("a sample");
            let file = Arc::new(SourceFile { name: session.project.shown(&issue.path), text });
            let typeset = session.typeset(Input::live(&issue, &file)).value.expect("it is set");
            let publication = session.publication(&issue.publication).value;
            let places = places(&typeset.document, &file, publication.as_ref().map(|p| &p.raw));
            let value = value(&file.text).expect("TOML");
            // Line by line, the text at the places equals the field's text.
            let mut said: BTreeMap<String, (Json, Vec<(usize, usize)>)> = BTreeMap::new();
            for place in places.iter().filter(|place| place.path[0] != "publication".into()) {
                let field = at(&value, &place.path);
                assert!(!field.is_null(), "{:?}", place.path);
                let entry = said.entry(format!("{:?}", place.path));
                entry.or_insert((field.clone(), Vec::new())).1.push((place.from, place.to));
                assert!(place.w > 0.0 && place.h > 0.0 && place.x > 0.0 && place.y > 0.0);
            }
            let mut bodies = 0;
            for (path, (field, parts)) in &said {
                let Some(field) = field.as_str().filter(|_| path.contains("body")) else {
                    continue;
                };
                bodies += 1;
                let units: Vec<u16> = field.encode_utf16().collect();
                let mut covered = vec![false; units.len()];
                for &(from, to) in parts {
                    assert!(from < to && to <= units.len(), "{path} {from} {to}");
                    covered[from..to].fill(true);
                }
                let left: Vec<u16> = units
                    .iter()
                    .zip(&covered)
                    .filter(|(_, covered)| !**covered)
                    .map(|(u, _)| *u)
                    .collect();
                let left = letters(&String::from_utf16(&left).expect("whole characters"));
                // A picture's name, a table's rules and a note's mark are not printed.
                let left: String = left.chars().filter(|c| !c.is_ascii()).collect();
                assert!(
                    left.chars().count() <= field.matches("![").count() * 40,
                    "{} {path}: {left}",
                    issue.stem
                );
            }
            assert!(bodies > 0, "{}", issue.stem);
        }
    }
}
