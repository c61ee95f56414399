//! A laid-out page → its lines of glyphs, rules, sideways glyphs and pictures, by their place on
//! paper.

use std::collections::BTreeMap;

use typst::foundations::{Smart, StyleChain};
use typst::introspection::{Location, Tag};
use typst::layout::{FrameItem, Point, Transform};
use typst::model::HeadingElem;
use typst::text::TextItem;
use typst::visualize::{Color, Geometry, Paint};
use typst_layout::Page;

use super::frames::{self, ASCENT};

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
    /// The heading that it belongs to.
    pub heading: Option<Heading>,
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
        self.marks.first().and_then(|mark| mark.heading)
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
    /// The pictures' left top corners.
    pub pictures: Vec<(f64, f64)>,
}

/// Reads a page.
pub fn read(page: &Page) -> Content {
    let mut reader = Reader::default();
    frames::walk(&page.frame, Transform::identity(), &mut |here, item| reader.item(here, item));
    // Lines of blanks alone leave no ink.
    let mut lines: Vec<Line> =
        reader.lines.into_values().filter(|line| !line.marks.is_empty()).collect();
    lower_raised_marks(&mut lines);
    for line in &mut lines {
        line.marks.sort_by(|a, b| a.x.total_cmp(&b.x));
    }
    reader.rules.sort_by(|a, b| a.y.total_cmp(&b.y));
    Content { lines, rules: reader.rules, turned: reader.turned, pictures: reader.pictures }
}

/// Merges the raised marks of notes into the line that they are raised from.
fn lower_raised_marks(lines: &mut Vec<Line>) {
    let mut at = 0;
    while at + 1 < lines.len() {
        let (upper, lower) = (&lines[at], &lines[at + 1]);
        let rise = lower.baseline - upper.baseline;
        // A mark leans on text; smaller type of another column, or of a cell, does not.
        let leans = |raised: &Mark| {
            lower.marks.iter().any(|mark| (raised.x - mark.right()).abs() < mark.size / 4.0)
        };
        let is_raised = upper.size() < lower.size() && rise < lower.size() / 2.0;
        if is_raised && upper.marks.iter().any(leans) {
            let raised = lines.remove(at);
            lines[at].marks.extend(raised.marks);
        } else {
            at += 1;
        }
    }
}

#[derive(Default)]
struct Reader {
    lines: BTreeMap<i64, Line>,
    rules: Vec<Rule>,
    turned: Vec<Turned>,
    pictures: Vec<(f64, f64)>,
    headings: Vec<Heading>,
}

/// The steps to a pt to which baselines are rounded; equal ones form one line.
const BASELINES_PER_PT: f64 = 50.0;

impl Reader {
    fn item(&mut self, here: Transform, item: &FrameItem) {
        match item {
            FrameItem::Text(text) => self.text(text, here),
            FrameItem::Shape(shape, _) => {
                if let (Geometry::Line(to), Some(stroke)) = (&shape.geometry, &shape.stroke) {
                    let (from, to) = (Point::zero().transform(here), to.transform(here));
                    if (from.y - to.y).to_pt().abs() < 1e-6 {
                        self.rules.push(Rule {
                            x: from.x.min(to.x).to_pt(),
                            y: from.y.to_pt(),
                            length: (to.x - from.x).to_pt().abs(),
                            weight: stroke.thickness.to_pt(),
                            is_black: is_black(&stroke.paint),
                        });
                    }
                }
            }
            FrameItem::Image(..) => {
                let corner = Point::zero().transform(here);
                self.pictures.push((corner.x.to_pt(), corner.y.to_pt()));
            }
            FrameItem::Tag(Tag::Start(element, _)) => {
                if let (Some(heading), Some(id)) =
                    (element.to_packed::<HeadingElem>(), element.location())
                {
                    let bookmarked = heading.bookmarked.get(StyleChain::default());
                    let is_title = bookmarked != Smart::Custom(false);
                    self.headings.push(Heading { is_title, id });
                }
            }
            FrameItem::Tag(Tag::End(id, ..)) => {
                self.headings.retain(|heading| heading.id != *id);
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &TextItem, here: Transform) {
        let heading = self.headings.last().copied();
        let size = text.size.to_pt();
        let origin = Point::zero().transform(here);
        let is_turned = here.kx.get().abs() > 1e-9 || here.ky.get().abs() > 1e-9;
        let key = (origin.y.to_pt() * BASELINES_PER_PT).round() as i64;
        let mut pen = text.size * 0.0;
        for glyph in &text.glyphs {
            let advance = glyph.x_advance.at(text.size);
            let x = pen + glyph.x_offset.at(text.size);
            pen += advance;
            let own = text.text.get(usize::from(glyph.range.start)..);
            let c = own.and_then(|own| own.chars().next());
            let Some(c) = c.filter(|c| !c.is_whitespace()) else { continue };
            if is_turned {
                let corners = [
                    Point::new(x, -text.size * ASCENT).transform(here),
                    Point::new(x + advance.min(text.size), text.size * (1.0 - ASCENT))
                        .transform(here),
                ];
                let (a, b) = (corners[0], corners[1]);
                self.turned.push(Turned {
                    c,
                    left: a.x.min(b.x).to_pt(),
                    right: a.x.max(b.x).to_pt(),
                    top: a.y.min(b.y).to_pt(),
                    bottom: a.y.max(b.y).to_pt(),
                });
                continue;
            }
            let rise = if c == DASH { ink_above(text, glyph.id) } else { 0.0 };
            let (x, advance) = ((origin.x + x).to_pt(), advance.to_pt());
            let fresh = || Line { baseline: origin.y.to_pt(), marks: Vec::new() };
            let line = self.lines.entry(key).or_insert_with(fresh);
            line.marks.push(Mark { c, x, advance, size, rise, heading });
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

fn is_black(paint: &Paint) -> bool {
    matches!(paint, Paint::Solid(colour) if colour.to_rgb() == Color::BLACK.to_rgb())
}
