//! A laid-out page → its lines of glyphs, its rules and its pictures, as they stand on paper.

use std::collections::BTreeMap;

use typst::layout::{Frame, FrameItem, Transform};
use typst::visualize::Geometry;
use typst_layout::Page;

/// A glyph: its character, left edge, advance and size in pt.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// The first character that it stands for.
    pub c: char,
    /// Its left edge, from the page's left.
    pub x: f64,
    /// How far the pen moves on, justification included.
    pub advance: f64,
    /// Its type size.
    pub size: f64,
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

    /// Its left edge.
    pub fn left(&self) -> f64 {
        self.marks.first().map_or(0.0, |mark| mark.x)
    }

    /// Its right edge. The space that justification puts behind a glyph is not part of it.
    pub fn right(&self) -> f64 {
        let end = |mark: &Mark| mark.x + mark.advance.min(mark.size);
        self.marks.iter().map(end).fold(f64::MIN, f64::max)
    }

    /// The largest type size on it.
    pub fn size(&self) -> f64 {
        self.marks.iter().map(|mark| mark.size).fold(0.0, f64::max)
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
}

/// What stands on a page, each kind from the top.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    /// The lines of text.
    pub lines: Vec<Line>,
    /// The horizontal rules.
    pub rules: Vec<Rule>,
}

/// Reads a page.
pub fn read(page: &Page) -> Content {
    let mut reader = Reader::default();
    reader.walk(&page.frame, Transform::identity());
    // A line of blanks alone has nothing on paper.
    let mut lines: Vec<Line> =
        reader.lines.into_values().filter(|line| !line.marks.is_empty()).collect();
    for line in &mut lines {
        line.marks.sort_by(|a, b| a.x.total_cmp(&b.x));
    }
    reader.rules.sort_by(|a, b| a.y.total_cmp(&b.y));
    Content { lines, rules: reader.rules }
}

#[derive(Default)]
struct Reader {
    lines: BTreeMap<i64, Line>,
    rules: Vec<Rule>,
}

/// Baselines nearer than this many to a pt are one.
const BASELINES_PER_PT: f64 = 50.0;

impl Reader {
    fn walk(&mut self, frame: &Frame, at: Transform) {
        for (point, item) in frame.items() {
            let here = at.pre_concat(Transform::translate(point.x, point.y));
            let (x, y) = (here.tx.to_pt(), here.ty.to_pt());
            match item {
                FrameItem::Group(group) => {
                    self.walk(&group.frame, here.pre_concat(group.transform));
                }
                FrameItem::Text(text) => {
                    let key = (y * BASELINES_PER_PT).round() as i64;
                    let fresh = || Line { baseline: y, marks: Vec::new() };
                    let line = self.lines.entry(key).or_insert_with(fresh);
                    let size = text.size.to_pt();
                    let mut pen = x;
                    for glyph in &text.glyphs {
                        let advance = glyph.x_advance.at(text.size).to_pt();
                        let x = pen + glyph.x_offset.at(text.size).to_pt();
                        pen += advance;
                        let c = text.text[usize::from(glyph.range.start)..].chars().next();
                        let marks = c.map(|c| Mark { c, x, advance, size });
                        line.marks.extend(marks.filter(|mark| !mark.c.is_whitespace()));
                    }
                }
                FrameItem::Shape(shape, _) => {
                    if let (Geometry::Line(to), Some(stroke)) = (&shape.geometry, &shape.stroke)
                        && to.y.to_pt().abs() < 1e-6
                    {
                        let (length, weight) = (to.x.to_pt(), stroke.thickness.to_pt());
                        self.rules.push(Rule { x, y, length, weight });
                    }
                }
                _ => {}
            }
        }
    }
}
