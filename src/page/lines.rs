//! A laid-out page → its lines of glyphs, rules, sideways glyphs and pictures, by their place on
//! paper.

use std::collections::BTreeMap;

use typst::introspection::Location;
use typst::layout::{FrameItem, Point, Size, Transform};
use typst::text::TextItem;
use typst::visualize::{Color, Geometry, Paint, Shape};
use typst_layout::{Page, PagedDocument};

use super::frames::{self, ASCENT};
use super::parts::{Parts, Place};

/// A glyph; all lengths are in pt.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// The first of its characters; a two-em dash is one glyph in some faces.
    pub c: char,
    /// Its left edge, from the page's left.
    pub x: f64,
    /// Its advance width, justification included.
    pub advance: f64,
    /// Its type size.
    pub size: f64,
    /// How far the ink of a dash reaches above the baseline; 0 for other characters.
    pub rise: f64,
    /// The width of the blanks before it on its line.
    pub blank: f64,
    /// The heading that it belongs to.
    pub heading: Option<Heading>,
    /// The paragraph, cell and link that it belongs to.
    pub place: Place,
}

/// The heading that a glyph belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading {
    /// Whether the PDF's bookmarks list it: a section header or a title, not a heading in the text.
    pub is_title: bool,
    /// Identifies the heading, so that its lines can be told from another heading's.
    pub id: Location,
}

/// The glyphs of one baseline, from left to right.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The baseline, in pt from the page's top.
    pub baseline: f64,
    /// Its glyphs.
    pub marks: Vec<Mark>,
}

impl Line {
    /// Its text.
    pub fn text(&self) -> String {
        self.marks.iter().map(|mark| mark.c).collect()
    }

    /// The heading that it belongs to.
    pub fn heading(&self) -> Option<Heading> {
        // A bullet that is set by itself belongs to none.
        self.marks.iter().find_map(|mark| mark.heading)
    }

    /// The paragraph, cell and link that it belongs to.
    pub fn place(&self) -> Place {
        let inside = self.marks.iter().find(|mark| mark.place.paragraph > 0);
        inside.or(self.marks.first()).map_or(Place::default(), |mark| mark.place)
    }

    /// The top of its em boxes.
    pub fn top(&self) -> f64 {
        self.baseline - ASCENT * self.size()
    }

    /// The bottom of its em boxes.
    pub fn bottom(&self) -> f64 {
        self.baseline + (1.0 - ASCENT) * self.size()
    }

    /// Its left edge.
    pub fn left(&self) -> f64 {
        self.marks.first().map_or(0.0, |mark| mark.x)
    }

    /// Its right edge, without the space that justification adds after the last glyph.
    pub fn right(&self) -> f64 {
        self.marks.iter().map(Mark::right).fold(f64::MIN, f64::max)
    }

    /// The largest type size on it.
    pub fn size(&self) -> f64 {
        self.marks.iter().map(|mark| mark.size).fold(0.0, f64::max)
    }
}

impl Mark {
    /// Its right edge.
    pub fn right(&self) -> f64 {
        self.x + self.advance.min(self.size)
    }
}

/// A horizontal rule, in pt.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its left end, from the page's left.
    pub x: f64,
    /// Its middle, from the page's top.
    pub y: f64,
    /// Its length.
    pub length: f64,
    /// Its weight.
    pub weight: f64,
    /// Whether it is black, as all rules but the masthead's are.
    pub is_black: bool,
    /// The table that it belongs to, counted from 1; 0 for none.
    pub table: u32,
}

/// A vertical rule, in pt.
#[derive(Debug, Clone, PartialEq)]
pub struct Upright {
    /// Its middle, from the page's left.
    pub x: f64,
    /// Its upper end, from the page's top.
    pub top: f64,
    /// Its lower end.
    pub bottom: f64,
    /// Its weight.
    pub weight: f64,
}

/// A rectangle, in pt from the page's left and top.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Its left edge.
    pub x: f64,
    /// Its top.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// A glyph turned sideways, as in a landscape table: a box on the page, in pt.
#[derive(Debug, Clone, PartialEq)]
pub struct Turned {
    /// The first of its characters.
    pub c: char,
    /// Its left edge.
    pub left: f64,
    /// Its right edge.
    pub right: f64,
    /// Its top.
    pub top: f64,
    /// Its bottom.
    pub bottom: f64,
}

impl Content {
    /// Splits lines that share a baseline but belong to two columns: no glyph lies between `from`
    /// and `to`.
    pub fn part_columns(&mut self, from: f64, to: f64) {
        let lines = std::mem::take(&mut self.lines);
        for mut line in lines {
            let is_between = |mark: &Mark| mark.x < to && mark.right() > from;
            let right = match line.marks.iter().any(is_between) {
                true => Vec::new(),
                false => line.marks.split_off(line.marks.partition_point(|mark| mark.x < to)),
            };
            let baseline = line.baseline;
            let parts = [line, Line { baseline, marks: right }];
            self.lines.extend(parts.into_iter().filter(|part| !part.marks.is_empty()));
        }
    }
}

/// The content of a page, each kind from the top.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    /// The lines of text.
    pub lines: Vec<Line>,
    /// The horizontal rules.
    pub rules: Vec<Rule>,
    /// The glyphs turned sideways.
    pub turned: Vec<Turned>,
    /// The pictures.
    pub pictures: Vec<Area>,
    /// The boxes with a rule all around.
    pub boxes: Vec<Area>,
    /// The vertical rules of tables.
    pub uprights: Vec<Upright>,
    /// What a table on its side holds, as it is read when the page is turned: its own left and top
    /// are at the page's bottom and left, so that its places from the left are negative.
    pub side: Side,
}

/// The lines of a table on its side, and its vertical rules.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Side {
    /// The lines of text.
    pub lines: Vec<Line>,
    /// The vertical rules.
    pub uprights: Vec<Upright>,
}

/// Reads all pages. A paragraph, a table or a cell may go on from one to the next.
pub fn read_all(document: &PagedDocument) -> Vec<Content> {
    let mut parts = Parts::default();
    document.pages().iter().map(|page| read_with(page, &mut parts)).collect()
}

/// Reads a page by itself.
pub fn read(page: &Page) -> Content {
    read_with(page, &mut Parts::default())
}

fn read_with(page: &Page, parts: &mut Parts) -> Content {
    let mut reader =
        Reader { parts, content: Content::default(), lines: [(); 2].map(|_| BTreeMap::new()) };
    frames::walk(&page.frame, Transform::identity(), &mut |here, item| reader.item(here, item));
    let Reader { mut content, lines: [upright, turned], .. } = reader;
    content.lines = sorted(upright);
    content.side.lines = sorted(turned);
    content.rules.sort_by(|a, b| a.y.total_cmp(&b.y));
    if !content.turned.is_empty() {
        let tables = content.rules.iter().filter(|rule| rule.table > 0);
        let turned = tables.map(|rule| Upright {
            x: -rule.y,
            top: rule.x,
            bottom: rule.x + rule.length,
            weight: rule.weight,
        });
        content.side.uprights = turned.collect();
    }
    content
}

/// Lines from the top, their glyphs from the left.
fn sorted(lines: BTreeMap<i64, Line>) -> Vec<Line> {
    // Lines of blanks alone leave no ink.
    let mut lines: Vec<Line> = lines.into_values().filter(|line| !line.marks.is_empty()).collect();
    lower_raised_marks(&mut lines);
    for line in &mut lines {
        line.marks.sort_by(|a, b| a.x.total_cmp(&b.x));
    }
    lines
}

/// The most that a bullet is off the baseline of its line: half of the body's type.
const OFF_LINE: f64 = 8.0;
/// The most that raised marks are above the baseline of their line: half of a title's type.
const BELOW_RAISED: f64 = 11.0;

/// Merges the raised marks of notes, and bullets, which stand in the middle of a line, into the line
/// that they belong to. A line of another column may stand between the two.
fn lower_raised_marks(lines: &mut Vec<Line>) {
    let is_bullet = |line: &Line| line.marks.iter().all(|mark| "●■◆▲".contains(mark.c));
    let mut at = 0;
    while at < lines.len() {
        let home = match is_bullet(&lines[at]) {
            true => beside(lines, at),
            false => leans_on(lines, at),
        };
        let Some(home) = home else {
            at += 1;
            continue;
        };
        let own = lines.remove(at);
        lines[home - usize::from(home > at)].marks.extend(own.marks);
    }
}

/// The line before which a bullet stands.
fn beside(lines: &[Line], at: usize) -> Option<usize> {
    let bullet = &lines[at];
    let gap = |line: &Line| {
        let behind = line.marks.iter().map(|mark| mark.x - bullet.left()).filter(|gap| *gap > 0.0);
        behind.fold(f64::MAX, f64::min)
    };
    let is_near =
        |other: &usize| *other != at && (lines[*other].baseline - bullet.baseline).abs() < OFF_LINE;
    let near = (0..lines.len()).filter(is_near);
    near.min_by(|a, b| gap(&lines[*a]).total_cmp(&gap(&lines[*b])))
}

/// The line on whose text raised marks lean, the next one or one near: smaller type of another
/// column, or of a cell, does not.
fn leans_on(lines: &[Line], at: usize) -> Option<usize> {
    let upper = &lines[at];
    let leans = |lower: &Line, raised: &Mark| {
        lower.marks.iter().any(|mark| (raised.x - mark.right()).abs() < mark.size / 4.0)
    };
    let is_near =
        |below: &usize| *below == at + 1 || lines[*below].baseline - upper.baseline < BELOW_RAISED;
    (at + 1..lines.len()).take_while(is_near).find(|&below| {
        let lower = &lines[below];
        let is_raised = lower.baseline - upper.baseline < lower.size() / 2.0;
        let is_raised = is_raised && upper.size() < lower.size();
        is_raised && upper.marks.iter().any(|mark| leans(lower, mark))
    })
}

struct Reader<'a> {
    parts: &'a mut Parts,
    content: Content,
    /// The lines of upright type, and of type that is turned sideways.
    lines: [BTreeMap<i64, Line>; 2],
}

/// The steps to a pt to which baselines are rounded; equal ones form one line.
const BASELINES_PER_PT: f64 = 50.0;

impl Reader<'_> {
    fn item(&mut self, here: Transform, item: &FrameItem) {
        match item {
            FrameItem::Text(text) => self.text(text, here),
            FrameItem::Shape(shape, _) => self.shape(shape, here),
            FrameItem::Image(_, size, _) => self.content.pictures.push(area(*size, here)),
            FrameItem::Tag(tag) => self.parts.see(tag),
            _ => {}
        }
    }

    fn shape(&mut self, shape: &Shape, here: Transform) {
        let Some(stroke) = &shape.stroke else { return };
        let weight = stroke.thickness.to_pt();
        let to = match shape.geometry {
            Geometry::Line(to) => to,
            Geometry::Rect(size) => {
                self.content.boxes.push(area(size, here));
                return;
            }
            Geometry::Curve(_) => return,
        };
        let (from, to) = (Point::zero().transform(here), to.transform(here));
        let table = self.parts.table();
        if (from.y - to.y).to_pt().abs() < 1e-6 {
            self.content.rules.push(Rule {
                x: from.x.min(to.x).to_pt(),
                y: from.y.to_pt(),
                length: (to.x - from.x).to_pt().abs(),
                weight,
                is_black: is_black(&stroke.paint),
                table,
            });
        } else if table > 0 && (from.x - to.x).to_pt().abs() < 1e-6 {
            let (top, bottom) = (from.y.min(to.y).to_pt(), from.y.max(to.y).to_pt());
            self.content.uprights.push(Upright { x: from.x.to_pt(), top, bottom, weight });
        }
    }

    fn text(&mut self, text: &TextItem, here: Transform) {
        let (heading, place) = (self.parts.heading(), self.parts.place());
        let size = text.size.to_pt();
        let origin = Point::zero().transform(here);
        let is_turned = here.kx.get().abs() > 1e-9 || here.ky.get().abs() > 1e-9;
        // The baseline, and where the text begins on it; turned text runs up the page.
        let (baseline, start) = if is_turned {
            (origin.x.to_pt(), -origin.y.to_pt())
        } else {
            (origin.y.to_pt(), origin.x.to_pt())
        };
        let key = (baseline * BASELINES_PER_PT).round() as i64;
        let (mut pen, mut blank) = (text.size * 0.0, 0.0);
        for glyph in &text.glyphs {
            let advance = glyph.x_advance.at(text.size);
            let x = pen + glyph.x_offset.at(text.size);
            pen += advance;
            let own = text.text.get(usize::from(glyph.range.start)..);
            let c = own.and_then(|own| own.chars().next());
            let Some(c) = c.filter(|c| !c.is_whitespace()) else {
                blank += advance.to_pt();
                continue;
            };
            if is_turned {
                let corners = [
                    Point::new(x, -text.size * ASCENT).transform(here),
                    Point::new(x + advance.min(text.size), text.size * (1.0 - ASCENT))
                        .transform(here),
                ];
                let (a, b) = (corners[0], corners[1]);
                self.content.turned.push(Turned {
                    c,
                    left: a.x.min(b.x).to_pt(),
                    right: a.x.max(b.x).to_pt(),
                    top: a.y.min(b.y).to_pt(),
                    bottom: a.y.max(b.y).to_pt(),
                });
            }
            let rise = if c == DASH { ink_above(text, glyph.id) } else { 0.0 };
            let (x, advance) = (start + x.to_pt(), advance.to_pt());
            let fresh = || Line { baseline, marks: Vec::new() };
            let line = self.lines[usize::from(is_turned)].entry(key).or_insert_with(fresh);
            let blank = std::mem::take(&mut blank);
            line.marks.push(Mark { c, x, advance, size, rise, blank, heading, place });
        }
    }
}

/// The dash beside a page number, which is measured by its ink.
const DASH: char = '—';

/// How far a glyph's ink reaches above the baseline. The outline must be read, which is too slow
/// for every glyph.
fn ink_above(text: &TextItem, glyph: u16) -> f64 {
    let face = text.font.ttf();
    let ink = face.glyph_bounding_box(ttf_parser::GlyphId(glyph));
    let top = ink.map_or(0.0, |ink| f64::from(ink.y_max));
    top / f64::from(face.units_per_em()) * text.size.to_pt()
}

fn area(size: Size, here: Transform) -> Area {
    let (a, b) = (Point::zero().transform(here), size.to_point().transform(here));
    Area {
        x: a.x.min(b.x).to_pt(),
        y: a.y.min(b.y).to_pt(),
        width: (b.x - a.x).to_pt().abs(),
        height: (b.y - a.y).to_pt().abs(),
    }
}

fn is_black(paint: &Paint) -> bool {
    matches!(paint, Paint::Solid(colour) if colour.to_rgb() == Color::BLACK.to_rgb())
}
