//! A read page → what stands on it between masthead and imprint, by columns.

use serde::Serialize;

use super::super::area::{self, BODY, BOTTOM, CELL, TOLERANCE, TOP, WIDTH, imprint_rules};
use super::super::lines::{Content, Line};
use super::captions::{self, Kind};
use crate::publication::layout::Geometry;
use crate::source::text::is_han;

/// What stands at a place of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A table, its caption included.
    Table,
    /// A picture.
    Picture,
    /// A title, a section's header or a heading.
    Heading,
    /// Text.
    Paragraph,
}

/// A page between masthead and imprint.
pub struct Sheet<'a> {
    /// All that stands on the page.
    pub content: &'a Content,
    /// The lines of contents and text, by columns and then from the top.
    pub lines: Vec<&'a Line>,
    /// The middle of the masthead's rule.
    pub masthead: Option<f64>,
    /// Where the text may begin: under the masthead, or at the top.
    pub head: f64,
    /// The upper edge of the imprint; the type area's bottom where there is none.
    pub foot: f64,
    /// The left edges of the columns.
    pub columns: Vec<f64>,
    /// The width of a column.
    pub width: f64,
    /// Whether it is the cover or its back.
    pub is_cover: bool,
    /// The distance of two grid lines.
    pub pitch: f64,
}

/// A thing on a page, from its top to its bottom; a line, a rule of a table, a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item<'a> {
    pub what: What,
    pub top: f64,
    pub bottom: f64,
    pub line: Option<&'a Line>,
}

/// The pages of an issue.
pub fn sheets(contents: &[Content], geometry: Geometry) -> Vec<Sheet<'_>> {
    let is_empty = |content: &Content| content.lines.is_empty() && content.turned.is_empty();
    let cover = contents.iter().skip(1).take_while(|content| is_empty(content)).count() + 1;
    let cover = if geometry.cover { cover } else { 0 };
    let last = contents.len().saturating_sub(1);
    let sheet = |(index, content)| {
        let is_cover = index < cover;
        Sheet::new(content, geometry, (index, is_cover, index == last))
    };
    contents.iter().enumerate().map(sheet).collect()
}

/// Whether a line leads elsewhere by its words, as an entry of the contents does; the mark of a note
/// is no word.
pub fn is_entry(line: &Line) -> bool {
    line.marks.iter().any(|mark| mark.place.link > 0 && is_han(mark.c))
}

impl<'a> Sheet<'a> {
    fn new(content: &'a Content, geometry: Geometry, place: (usize, bool, bool)) -> Self {
        let (index, is_cover, is_last) = place;
        let masthead = content.rules.iter().find(|rule| index == 0 && !rule.is_black);
        let masthead = masthead.map(|rule| rule.y);
        let head = masthead.unwrap_or(TOP);
        let imprint = imprint_rules(content).next().filter(|_| is_last);
        let foot = imprint.map_or(BOTTOM, |rule| rule.y);
        let (columns, width) = area::columns(geometry, index);
        let is_text = |line: &&Line| line.baseline > head && line.baseline < foot;
        let mut lines: Vec<&Line> = content.lines.iter().filter(is_text).collect();
        let column = |line: &Line| columns.iter().rposition(|&left| line.left() > left - 1.0);
        lines.sort_by_key(|line| column(line).unwrap_or(0));
        let pitch = area::pitch(geometry);
        Sheet { content, lines, masthead, head, foot, columns, width, is_cover, pitch }
    }

    /// The blank between two grid lines.
    pub fn leading(&self) -> f64 {
        self.pitch - BODY
    }

    /// Whether a table on its side has the page for itself.
    pub fn is_landscape(&self) -> bool {
        !self.content.turned.is_empty()
    }

    /// Whether the page carries the imprint.
    pub fn has_imprint(&self) -> bool {
        self.foot < BOTTOM
    }

    /// The grid lines that the imprint takes, with its distance from the text.
    pub fn imprint_lines(&self) -> f64 {
        if self.has_imprint() { (BOTTOM - self.foot + self.leading()) / self.pitch } else { 0.0 }
    }

    /// What stands in a column, or across it, from the top.
    pub fn items(&self, column: usize) -> Vec<Item<'a>> {
        let (left, right) = (self.columns[column], self.columns[column] + self.width);
        let meets = |from: f64, to: f64| from < right - 1.0 && to > left + 1.0;
        let inside = |top: f64, bottom: f64| top >= self.head - 1.0 && bottom <= self.foot + 1.0;
        let lines = self.lines.iter().filter(|line| meets(line.left(), line.right()));
        let lines = lines.map(|&line| {
            let what = if line.place().table > 0 {
                What::Table
            } else if line.heading().is_some() {
                What::Heading
            } else {
                What::Paragraph
            };
            Item { what, top: line.top(), bottom: line.bottom(), line: Some(line) }
        });
        let rules = self.content.rules.iter().filter(|rule| rule.table > 0);
        let rules = rules.filter(|rule| meets(rule.x, rule.x + rule.length));
        let rules =
            rules.map(|rule| Item { what: What::Table, top: rule.y, bottom: rule.y, line: None });
        let pictures = self.content.pictures.iter().filter(|p| meets(p.x, p.x + p.width));
        let pictures = pictures.map(|picture| {
            let bottom = picture.y + picture.height;
            Item { what: What::Picture, top: picture.y, bottom, line: None }
        });
        let mut items: Vec<Item<'_>> =
            lines.chain(rules).chain(pictures).filter(|it| inside(it.top, it.bottom)).collect();
        items.sort_by(|a, b| a.top.total_cmp(&b.top));
        items
    }

    /// The lower edge of what stands in a column.
    pub fn bottom(&self, column: usize) -> Option<f64> {
        self.items(column).iter().map(|item| item.bottom).reduce(f64::max)
    }

    /// The empty grid lines at a column's end.
    pub fn empty(&self, column: usize) -> f64 {
        (self.foot - self.bottom(column).unwrap_or(self.head - self.leading())) / self.pitch
    }

    /// Whether anything of the text stands on the page.
    pub fn has_text(&self) -> bool {
        self.is_landscape() || !self.lines.is_empty() || !self.content.pictures.is_empty()
    }

    /// What stands first in a column, and the first line of it: a caption belongs to its table.
    pub fn first(&self, column: usize) -> Option<(What, Option<&'a Line>)> {
        let items = self.items(column);
        let first = items.first()?;
        let line = items.iter().find_map(|item| item.line);
        let caption =
            first.line.and_then(|line| captions::number(line).map(|(kind, _)| (line, kind)));
        let is_caption = caption.is_some_and(|(line, kind)| {
            kind == Kind::Table && captions::is_caption(self, line, kind)
        });
        Some((if is_caption { What::Table } else { first.what }, line))
    }

    /// The column in which a line begins.
    pub fn column(&self, line: &Line) -> Option<usize> {
        self.columns.iter().rposition(|&left| line.left() > left - CELL)
    }

    /// The first line of text under a place.
    pub fn first_below(&self, y: f64) -> Option<&'a Line> {
        let below = self.lines.iter().filter(|line| line.top() > y - TOLERANCE);
        below.min_by(|a, b| a.top().total_cmp(&b.top())).copied()
    }

    /// The lower edge of the last entry of the contents, which end before the first title.
    pub fn contents_bottom(&self) -> Option<f64> {
        let titles = self.lines.iter().filter(|line| line.heading().is_some());
        let title = titles.map(|line| line.top()).fold(self.foot, f64::min);
        let entries = self.lines.iter().filter(|line| line.baseline < title && is_entry(line));
        entries.map(|line| line.bottom()).reduce(f64::max)
    }

    /// The rule across the page that closes the contents, or the foot of the box around them.
    pub fn closing_rule(&self) -> Option<f64> {
        let is_inside = |y: &f64| *y > self.head + TOLERANCE && *y < self.foot - TOLERANCE;
        let rules = self.content.rules.iter();
        let long = rules.filter(|rule| rule.is_black && rule.table == 0);
        let long = long.filter(|rule| rule.length > WIDTH * 0.9).map(|rule| rule.y);
        let boxes = self.content.boxes.iter().map(|area| area.y + area.height);
        long.chain(boxes).find(is_inside)
    }
}
