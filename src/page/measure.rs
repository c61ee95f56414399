//! Laid-out pages → their measures, and findings where they break GB/T 9704-2012 or practice.
//!
//! The finished pages are measured, not the layout's settings. Each finding names the clause of its
//! rule, if there is one; practice is never called a clause.

use std::collections::BTreeMap;

use serde::Serialize;
use typst_layout::PagedDocument;

use super::area::{
    self, BODY, BOTTOM, CELL, CLOSING, GUTTER, OPENING, TOLERANCE, TOP, WIDTH, columns,
    imprint_rules, left_edge,
};
use super::composition::{self, Composition, is_entry};
use super::frames::ASCENT;
use super::lines::{self, Content, Line, Mark, Rule};
use crate::diag::Code;
use crate::diag::rules::{self, Strength};
use crate::publication::layout::Geometry;
use crate::publication::length::{Length, MM};
use crate::source::text::is_shapely;

const FOLIO: f64 = 14.0;
/// The lines of a full masthead: a mark, the line above the name, the name, number, issuer.
const MASTHEAD_LINES: usize = 5;
/// How much higher than a third of the page a full masthead, or one with a name of several lines,
/// may be, in grid lines.
const MASTHEAD_MORE: f64 = 2.0;

/// Marks before the items of a list and the entries of the contents.
const BULLETS: &str = "●■◆▲";

/// Steps from glyph to glyph that differ by less count as even.
const EVEN: f64 = 0.01;

/// A place where a page breaks a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: Code,
    /// How binding the rule is.
    pub strength: Strength,
    /// The rule's clause in GB/T 9704-2012; `null` for practice.
    pub clause: Option<&'static str>,
    /// The page, counted from 1.
    pub page: usize,
    /// The distance from the right place; `null` where the finding is not about a place.
    pub off: Option<Length>,
    /// The number counted, for a rule that counts.
    pub count: Option<usize>,
    /// The text concerned.
    pub text: String,
}

impl Finding {
    /// A finding on a page, counted from 0.
    pub(super) fn new(rule: Code, index: usize, text: String) -> Self {
        let rules::Rule { strength, clause, .. } =
            rules::of(rule).expect("what is measured is a rule");
        let (clause, page) = (clause.map(|clause| clause.number), index + 1);
        Finding { rule, strength, clause, page, off: None, count: None, text }
    }
}

/// A rule on a page, from the page's left and top edges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleMeasure {
    /// Left end.
    pub x: Length,
    /// Middle.
    pub y: Length,
    /// Length.
    pub length: Length,
    /// Weight.
    pub weight: Length,
}

/// The measures of one page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PageMeasure {
    /// The page, counted from 1.
    pub page: usize,
    /// The type area's left edge; its top is at 37 mm, its size 156 × 225 mm.
    pub type_area_left: Length,
    /// Lines of text in the type area; on a page with columns, the lines of the fullest column.
    pub lines: usize,
    /// Whether text fills the page, or each of its columns, from the first grid line to the last.
    pub full: bool,
    /// The most frequent number of characters in the page's full lines with evenly spaced glyphs.
    pub characters: Option<usize>,
    /// The number of characters of each full line, from the top.
    pub full_lines: Vec<usize>,
    /// From the page's top to the top of the first line.
    pub first_line_top: Option<Length>,
    /// From the page's top to the bottom of the last line in the type area.
    pub last_line_bottom: Option<Length>,
    /// The largest distance of a body baseline from the grid.
    pub baseline_off: Length,
    /// The page number's text.
    pub page_number: Option<String>,
    /// The rules, from the top.
    pub rules: Vec<RuleMeasure>,
}

/// The measures of an issue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measure {
    /// From the page's top to the masthead's rule.
    pub masthead_height: Option<Length>,
    /// From the page's top to the imprint's last rule on the last page.
    pub imprint_bottom: Option<Length>,
    /// Each page.
    pub pages: Vec<PageMeasure>,
    /// How text, tables, pictures and imprint are shared out over the pages.
    pub composition: Composition,
    /// The broken rules.
    pub findings: Vec<Finding>,
}

/// Measures an issue's pages.
pub fn measure(document: &PagedDocument, geometry: Geometry) -> Measure {
    let contents = read(document, geometry);
    let (composition, composed) = composition::judge(&contents, geometry);
    let mut ruler = Ruler { geometry, contents: &contents, findings: Vec::new() };
    let pages = (0..contents.len()).map(|index| ruler.page(index)).collect();
    ruler.page_numbers();
    ruler.masthead();
    ruler.imprint();
    ruler.feet();
    ruler.findings.extend(composed);
    let masthead = contents.first().and_then(|page| page.rules.iter().find(|rule| !rule.is_black));
    let imprint = contents.last().and_then(|page| imprint_rules(page).last());
    Measure {
        masthead_height: masthead.map(|rule| Length(rule.y)),
        imprint_bottom: imprint.map(|rule| Length(rule.y)),
        pages,
        composition,
        findings: ruler.findings,
    }
}

/// The content of all pages, with the lines of two columns apart.
pub(super) fn read(document: &PagedDocument, geometry: Geometry) -> Vec<Content> {
    let mut contents = lines::read_all(document);
    if geometry.columns == 2 {
        for (index, content) in contents.iter_mut().enumerate() {
            let middle = left_edge(geometry, index) + WIDTH / 2.0;
            content.part_columns(
                middle - GUTTER / 2.0 + CELL / 2.0,
                middle + GUTTER / 2.0 - CELL / 2.0,
            );
        }
    }
    contents
}

struct Ruler<'a> {
    geometry: Geometry,
    contents: &'a [Content],
    findings: Vec<Finding>,
}

/// A column of the text on one page: the whole type area where there is only one column.
struct Column<'a> {
    left: f64,
    width: f64,
    lines: Vec<&'a Line>,
}

impl<'a> Ruler<'a> {
    fn find(&mut self, rule: Code, index: usize, text: String) -> &mut Finding {
        self.findings.push(Finding::new(rule, index, text));
        self.findings.last_mut().expect("one was just pushed")
    }

    fn find_off(&mut self, rule: Code, index: usize, off: f64, text: String) {
        self.find(rule, index, text).off = Some(Length(off));
    }

    fn left(&self, index: usize) -> f64 {
        left_edge(self.geometry, index)
    }

    /// The lines in the type area, and the lines below it.
    fn lines(&self, index: usize) -> (Vec<&'a Line>, Vec<&'a Line>) {
        self.contents[index].lines.iter().partition(|line| line.baseline < BOTTOM)
    }

    fn page(&mut self, index: usize) -> PageMeasure {
        let content = &self.contents[index];
        let left = self.left(index);
        let (inside, below) = self.lines(index);
        self.edges(index, &inside);
        self.turned(index);
        self.overlaps(index, &inside, &content.rules);
        let columns = self.columns(index);
        let body: Vec<&Line> = columns.iter().flat_map(|column| &column.lines).copied().collect();
        let baseline_off = self.grid(index, &body);
        let (characters, full_lines) = self.characters(index, &columns);
        self.titles(index, &body);
        for column in &columns {
            self.line_ends(index, column);
        }
        let top = |line: &&Line| Length(line.top());
        let bottom = |line: &&Line| Length(line.bottom());
        let fullest = columns.iter().map(|column| column.lines.len()).max().unwrap_or(0);
        PageMeasure {
            page: index + 1,
            type_area_left: Length(left),
            lines: if columns.len() > 1 { fullest } else { inside.len() },
            full: columns.iter().all(|column| column.lines.len() == self.geometry.lines),
            characters,
            full_lines,
            first_line_top: inside.first().map(top),
            last_line_bottom: inside.last().map(bottom),
            baseline_off: Length(baseline_off),
            page_number: below.last().map(|line| line.text()),
            rules: content.rules.iter().map(measured).collect(),
        }
    }

    /// The lines between masthead and imprint, by columns.
    fn columns(&self, index: usize) -> Vec<Column<'a>> {
        let content = &self.contents[index];
        let mut head = content.rules.iter().find(|rule| !rule.is_black).map(|rule| rule.y);
        if self.geometry.columns > 1 && index == 0 {
            // The contents span the columns, which begin at the first header or title.
            let mut titles = content.lines.iter().filter(|line| line.heading().is_some());
            head = Some(
                titles.next().map_or(BOTTOM, |line| line.baseline - area::pitch(self.geometry)),
            );
        }
        let is_last = index + 1 == self.contents.len();
        let foot = is_last.then(|| imprint_rules(content).next().map(|rule| rule.y)).flatten();
        let (inside, _) = self.lines(index);
        let body = inside
            .into_iter()
            .filter(|line| head.is_none_or(|y| line.baseline > y))
            .filter(|line| foot.is_none_or(|y| line.baseline < y));
        let (edges, width) = columns(self.geometry, index);
        let mut columns: Vec<Column> =
            edges.into_iter().map(|left| Column { left, width, lines: vec![] }).collect();
        for line in body {
            // Lines that span the columns, such as the contents, belong to no column.
            let home = columns
                .iter_mut()
                .find(|c| line.left() >= c.left - CELL && line.right() <= c.left + c.width + CELL);
            if let Some(home) = home {
                home.lines.push(line);
            }
        }
        columns
    }

    fn edges(&mut self, index: usize, lines: &[&Line]) {
        let left = self.left(index);
        for line in lines {
            let (Some(first), Some(last)) = (line.marks.first(), line.marks.last()) else {
                continue;
            };
            // A bullet has a size of its own: its ink is the line's.
            let letters = line.marks.iter().filter(|mark| !BULLETS.contains(mark.c));
            let Some(size) = letters.map(|mark| mark.size).reduce(f64::max) else { continue };
            // The blank half of a punctuation mark's cell may hang over a line's edge.
            let before = if OPENING.contains(first.c) { first.size / 2.0 } else { 0.0 };
            let after = if CLOSING.contains(last.c) { last.size / 2.0 } else { 0.0 };
            let over = [
                left - line.left() - before,
                line.right() - after - left - WIDTH,
                TOP - (line.baseline - ASCENT * size),
                line.baseline + (1.0 - ASCENT) * size - BOTTOM,
            ];
            let over = over.into_iter().fold(f64::MIN, f64::max);
            if over > TOLERANCE {
                self.find_off(Code::TypeArea, index, over, line.text());
            }
        }
    }

    /// Checks that sideways glyphs are in the type area too.
    fn turned(&mut self, index: usize) {
        let left = self.left(index);
        let over = self.contents[index].turned.iter().map(|mark| {
            [left - mark.left, mark.right - left - WIDTH, TOP - mark.top, mark.bottom - BOTTOM]
                .into_iter()
                .fold(f64::MIN, f64::max)
        });
        let over = over.fold(f64::MIN, f64::max);
        if over > TOLERANCE {
            let text = self.contents[index].turned.iter().map(|mark| mark.c).collect();
            self.find_off(Code::TypeArea, index, over, text);
        }
    }

    /// Reports glyphs whose em boxes overlap another line's glyphs or a rule.
    fn overlaps(&mut self, index: usize, lines: &[&Line], rules: &[Rule]) {
        let top = |line: &Line| line.baseline - ASCENT * line.size();
        let bottom = |line: &Line| line.baseline + (1.0 - ASCENT) * line.size();
        for (position, upper) in lines.iter().enumerate() {
            for rule in rules {
                let deep = (rule.y - top(upper)).min(bottom(upper) - rule.y);
                let meets = |mark: &Mark| mark.x < rule.x + rule.length && mark.right() > rule.x;
                if deep > TOLERANCE && upper.marks.iter().any(meets) {
                    self.find_off(Code::Overlap, index, deep, upper.text());
                }
            }
            for lower in &lines[position + 1..] {
                if let Some(deep) = overlap(upper, lower).filter(|&deep| deep > TOLERANCE) {
                    self.find_off(Code::Overlap, index, deep, lower.text());
                }
            }
            for mark in &self.contents[index].turned {
                let deep = (mark.bottom - top(upper)).min(bottom(upper) - mark.top);
                let meets = |m: &Mark| m.x < mark.right && m.right() > mark.left;
                if deep > TOLERANCE && upper.marks.iter().any(meets) {
                    self.find_off(Code::Overlap, index, deep, upper.text());
                    break;
                }
            }
        }
    }

    /// Checks clause 7.5: every page has its number in its place, except the cover, and except a
    /// blank page before the imprint together with the imprint's page.
    fn page_numbers(&mut self) {
        let count = self.contents.len();
        let is_blank = |index: usize| {
            let content = &self.contents[index];
            let has_text = content.lines.iter().any(|line| line.baseline < BOTTOM);
            !has_text && content.turned.is_empty()
        };
        let after_blank = count > 1 && is_blank(count - 2);
        let mut number = 0;
        for index in 0..count {
            let (_, below) = self.lines(index);
            let is_front = self.geometry.cover && number == 0;
            let is_imprint = after_blank && number > 0 && index + 1 == count;
            let goes_without = is_blank(index) || is_imprint;
            match below.last() {
                None if is_front || goes_without => {}
                None => {
                    self.find(Code::PageNumber, index, String::new());
                }
                Some(folio) if goes_without => {
                    self.find(Code::PageNumber, index, folio.text());
                }
                Some(folio) => {
                    number += 1;
                    self.page_number(index, number, folio);
                }
            }
        }
    }

    fn page_number(&mut self, index: usize, number: usize, folio: &Line) {
        let left = self.left(index);
        let outside_left = self.geometry.duplex && index % 2 == 1;
        let inset = if outside_left { folio.left() - left } else { left + WIDTH - folio.right() };
        let dash = folio.marks.first().map_or(0.0, |mark| mark.rise);
        let drop = folio.baseline - dash - BOTTOM - 7.0 * MM;
        let off = (inset - FOLIO).abs().max(drop.abs());
        let text = folio.text();
        if off > TOLERANCE || text != format!("—{number}—") {
            self.find_off(Code::PageNumber, index, off, text);
        }
    }

    /// Compares baselines of body type with the grid; titles, centred in their own lines, do not
    /// count.
    fn grid(&mut self, index: usize, body: &[&Line]) -> f64 {
        let mut worst: f64 = 0.0;
        let pitch = area::pitch(self.geometry);
        // Contents in a smaller size have lines of their own, their heading among them.
        let is_small = |line: &&&Line| is_entry(line) && line.size() < BODY - 0.1;
        let contents = body.iter().filter(is_small).map(|line| line.baseline);
        let contents = contents.fold(0.0, f64::max);
        let on_grid = body.iter().filter(|line| line.baseline > contents);
        for line in on_grid.filter(|line| (line.size() - BODY).abs() < 1e-6) {
            let rows = (line.baseline - TOP - ASCENT * BODY) / pitch;
            let off = (rows - rows.round()).abs() * pitch;
            worst = worst.max(off);
            if off > TOLERANCE {
                self.find_off(Code::BaselineGrid, index, off, line.text());
            }
        }
        worst
    }

    /// Counts the characters of a page's full lines: the most frequent count of the evenly
    /// spaced lines, and the count of each line.
    ///
    /// A single line may have one character less, where a mark may not begin the next line;
    /// the most frequent count must be exact.
    fn characters(&mut self, index: usize, columns: &[Column]) -> (Option<usize>, Vec<usize>) {
        let mut even: BTreeMap<usize, Vec<&Line>> = BTreeMap::new();
        let mut counts = Vec::new();
        for column in columns {
            for line in column.lines.iter().filter(|line| (line.size() - BODY).abs() < 1e-6) {
                let starts = (line.left() - column.left).abs() < TOLERANCE;
                if !starts || line.right() < column.left + column.width - CELL / 2.0 {
                    continue;
                }
                counts.push(line.marks.len());
                let mut steps = line.marks.windows(2).map(|pair| pair[1].x - pair[0].x);
                let first = line.marks.get(1).map_or(0.0, |mark| mark.x - line.left());
                if steps.all(|step| (step - first).abs() < EVEN) {
                    even.entry(line.marks.len()).or_default().push(line);
                }
            }
        }
        let Some((&count, lines)) = even.iter().max_by_key(|(_, lines)| lines.len()) else {
            return (None, counts);
        };
        let expected = (columns[0].width / CELL).round() as usize;
        // A single line is no evidence: it may be stretched to avoid a last line of one character.
        if count != expected && lines.len() > 1 {
            self.find(Code::CharactersPerLine, index, lines[0].text()).count = Some(count);
        }
        (Some(count), counts)
    }

    fn titles(&mut self, index: usize, body: &[&Line]) {
        for lines in body.chunk_by(|a, b| a.heading().is_some() && a.heading() == b.heading()) {
            if lines[0].heading().is_some_and(|heading| heading.is_title) && lines.len() > 1 {
                let widths: Vec<f64> = lines.iter().map(|l| l.right() - l.left()).collect();
                if !is_shapely(&widths, lines[0].size() / 2.0) {
                    self.find(Code::TitleShape, index, lines[0].text()).count = Some(lines.len());
                }
            }
        }
    }

    /// Reports a heading at a column's foot with fewer than two lines of its body under it.
    fn feet(&mut self) {
        let columns: Vec<(usize, Column)> = (0..self.contents.len())
            .flat_map(|index| self.columns(index).into_iter().map(move |column| (index, column)))
            .collect();
        let lines: Vec<(usize, usize, &Line)> = columns
            .iter()
            .enumerate()
            .flat_map(|(at, (index, c))| c.lines.iter().map(move |line| (at, *index, *line)))
            .collect();
        let mut heads: Vec<usize> = Vec::new();
        for (at, &(column, _, line)) in lines.iter().enumerate() {
            // A subtitle belongs to the title above; unlike a paragraph it is not indented.
            let follows = at > 0 && heads.last() == Some(&(at - 1));
            let indented = (line.left() - columns[column].1.left - 2.0 * CELL).abs() < TOLERANCE;
            let is_subtitle = follows && line.text().starts_with('―') && !indented;
            if line.heading().is_some() || is_subtitle {
                heads.push(at);
            }
        }
        for (at, &head) in heads.iter().enumerate() {
            let (column, index, line) = lines[head];
            let next = heads.get(at + 1).copied().unwrap_or(lines.len());
            let under = lines[head + 1..next].iter().filter(|line| line.0 == column).count();
            let goes_on = next - head - 1 > under;
            // A section's header is at the foot, and its first title is on the next page.
            let is_title = line.heading().is_some_and(|heading| heading.is_title);
            let of = &columns[column].1;
            let has_picture = self.contents[index]
                .pictures
                .iter()
                .any(|p| p.y > line.baseline && p.x >= of.left - CELL && p.x < of.left + of.width);
            let is_alone = is_title && next == head + 1 && next < lines.len();
            let parted = is_alone && lines[next].0 != column;
            if under < 2 && !has_picture && (goes_on || parted) {
                self.find(Code::HeadingAtFoot, index, line.text()).count = Some(under);
            }
        }
    }

    /// Reports marks at the wrong end of a line, and last lines of one character; a mark after that
    /// character does not count.
    fn line_ends(&mut self, index: usize, column: &Column) {
        let edge = column.left + column.width;
        for line in &column.lines {
            let (first, last) = (line.marks[0].c, line.marks[line.marks.len() - 1].c);
            let begins_badly = CLOSING.contains(first) && line.left() - column.left < CELL / 2.0;
            let ends_badly = OPENING.contains(last) && edge - line.right() < CELL;
            if begins_badly || ends_badly {
                self.find(Code::MarkAtEdge, index, line.text());
            }
        }
        let pitch = area::pitch(self.geometry);
        for pair in column.lines.windows(2) {
            let (above, line) = (pair[0], pair[1]);
            let follows = above.right() > edge - CELL
                && (line.baseline - above.baseline - pitch).abs() < TOLERANCE;
            let letters = line.marks.iter().filter(|mark| !CLOSING.contains(mark.c)).count();
            if follows && letters <= 1 && (line.left() - column.left).abs() < TOLERANCE {
                self.find(Code::LoneCharacter, index, line.text()).count = Some(letters);
            }
        }
    }

    fn masthead(&mut self) {
        let rule = self.contents.first().and_then(|c| c.rules.iter().find(|r| !r.is_black));
        let Some(rule) = rule else { return };
        let off = (rule.length - WIDTH).abs();
        if off > TOLERANCE {
            self.find_off(Code::MastheadRule, 0, off, String::new());
        }
        // On a cover the rule parts the name from the contents, wherever that looks well.
        if self.geometry.cover {
            return;
        }
        let above = self.contents[0].lines.iter().filter(|line| line.baseline < rule.y);
        let sizes: Vec<f64> = above.map(Line::size).collect();
        let largest = sizes.iter().copied().fold(0.0, f64::max);
        let names = sizes.iter().filter(|&&size| size > largest - 0.5).count();
        let more = if names > 1 || sizes.len() >= MASTHEAD_LINES { MASTHEAD_MORE } else { 0.0 };
        let pitch = area::pitch(self.geometry);
        let over = rule.y - 297.0 * MM / 3.0 - more * pitch;
        if over > TOLERANCE {
            self.find_off(Code::MastheadHeight, 0, over, String::new());
        }
    }

    /// Checks that the imprint is at the bottom of the last page and on no other page.
    fn imprint(&mut self) {
        let Some((last, before)) = self.contents.split_last() else { return };
        for (index, content) in before.iter().enumerate() {
            if let Some(rule) = imprint_rules(content).last() {
                self.find_off(Code::ImprintPlace, index, BOTTOM - rule.y, String::new());
            }
        }
        let index = before.len();
        let rules: Vec<&Rule> = imprint_rules(last).collect();
        let (Some(first), Some(bottom)) = (rules.first(), rules.last()) else { return };
        let off = (bottom.y - BOTTOM).abs();
        if off > TOLERANCE {
            self.find_off(Code::ImprintPlace, index, off, String::new());
        }
        let wrong = |rule: &Rule, mm: f64| {
            (rule.length - WIDTH).abs().max(0.0) > TOLERANCE || (rule.weight - mm * MM).abs() > 1e-6
        };
        let inner = last.rules.iter().filter(|rule| rule.y > first.y && rule.y < bottom.y);
        let outer = [*first, *bottom].into_iter().map(|rule| (rule, 0.35));
        for (rule, mm) in outer.chain(inner.map(|rule| (rule, 0.25))) {
            if wrong(rule, mm) {
                let off = (rule.weight - mm * MM).abs().max((rule.length - WIDTH).abs());
                self.find_off(Code::ImprintRule, index, off, String::new());
                break;
            }
        }
    }
}

/// How far glyphs of the upper line reach into the glyphs below them. Each glyph counts with its
/// own size, because a small mark beside a large name is part of the same line.
fn overlap(upper: &Line, lower: &Line) -> Option<f64> {
    let apart = lower.baseline - upper.baseline;
    let deep = |m: &Mark| {
        let below = lower.marks.iter().filter(|n| m.x < n.right() && n.x < m.right());
        below.map(|n| (1.0 - ASCENT) * m.size + ASCENT * n.size - apart).reduce(f64::max)
    };
    upper.marks.iter().filter_map(deep).reduce(f64::max)
}

fn measured(rule: &Rule) -> RuleMeasure {
    RuleMeasure {
        x: Length(rule.x),
        y: Length(rule.y),
        length: Length(rule.length),
        weight: Length(rule.weight),
    }
}
