//! Laid-out pages → what a ruler would find on them, against GB/T 9704-2012 and practice.
//!
//! The instrument reads the finished pages, not the layout's intentions. It says of
//! each finding by which clause it is one, and never calls practice a clause.

pub mod page;

use std::collections::BTreeMap;

use serde::Serialize;
use typst_layout::PagedDocument;

use crate::text::is_shapely;
use page::{Content, Line, Rule};

/// Points in a millimetre.
pub const MM: f64 = 72.0 / 25.4;

const TOP: f64 = 37.0 * MM;
const HEIGHT: f64 = 225.0 * MM;
const BOTTOM: f64 = TOP + HEIGHT;
const WIDTH: f64 = 156.0 * MM;
const BINDING: f64 = 28.0 * MM;
const OUTER: f64 = 26.0 * MM;
const BODY: f64 = 16.0;
const TITLE: f64 = 22.0;
const FOLIO: f64 = 14.0;
const LINES: usize = 22;
const CHARACTERS: usize = 28;
const CELL: f64 = WIDTH / CHARACTERS as f64;
const PITCH: f64 = (HEIGHT - BODY) / (LINES - 1) as f64;
/// How far an em box reaches above its baseline.
const ASCENT: f64 = 0.88;
/// What is measured to be in its place; the standard itself allows ± 1 mm.
const TOLERANCE: f64 = 0.1 * MM;

/// Steps from glyph to glyph that differ by less are even.
const EVEN: f64 = 0.01;

/// How strongly a rule is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// 规定: the standard demands it.
    Must,
    /// 一般: the standard's usual case.
    Usual,
    /// 推荐: the standard advises it.
    Advised,
    /// 实务: practice; no clause says so.
    Practice,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $id:literal, $strength:ident, $clause:expr;)*) => {
        /// A rule of the page, by a stable name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum PageRule { $($(#[$doc])* $variant,)* }

        impl PageRule {
            /// Every rule.
            pub const ALL: &[PageRule] = &[$(PageRule::$variant,)*];

            /// The stable kebab-case name, which is also the message's id in the catalogue.
            pub fn id(self) -> &'static str {
                match self { $(PageRule::$variant => $id,)* }
            }

            /// How strongly it is meant.
            pub fn strength(self) -> Strength {
                match self { $(PageRule::$variant => Strength::$strength,)* }
            }

            /// The clause of GB/T 9704-2012; `None` for practice.
            pub fn clause(self) -> Option<&'static str> {
                match self { $(PageRule::$variant => $clause,)* }
            }
        }
    };
}

rules! {
    /// Ink outside the type area.
    TypeArea = "type-area", Must, Some("5.2.1");
    /// A line of body type whose baseline is off the grid of 22 lines.
    BaselineGrid = "baseline-grid", Usual, Some("5.2.3");
    /// A page whose full lines have not 28 characters.
    CharactersPerLine = "characters-per-line", Usual, Some("5.2.3");
    /// Lines of text that run into each other or into a rule.
    Overlap = "overlap", Practice, None;
    /// The masthead's rule is not as wide as the type area.
    MastheadRule = "masthead-rule", Must, Some("7.2.7");
    /// The masthead takes more than a third of page 1.
    MastheadHeight = "masthead-height", Practice, None;
    /// The imprint's last rule is not on the type area's bottom on the last page.
    ImprintPlace = "imprint-place", Must, Some("7.4.1");
    /// A rule of the imprint of another weight or length.
    ImprintRule = "imprint-rule", Must, Some("7.4.1");
    /// A page number that is missing, or not in its place.
    PageNumber = "page-number", Must, Some("7.5");
    /// A last line of one character (孤字).
    LoneCharacter = "lone-character", Practice, None;
    /// A mark that may not begin or end a line.
    MarkAtEdge = "mark-at-edge", Practice, None;
    /// A title with fewer than two lines of body under it on its page.
    TitleAtFoot = "title-at-foot", Practice, None;
    /// A title whose lines form neither a trapezium nor a rhombus.
    TitleShape = "title-shape", Must, Some("7.3.1");
}

/// Something that a rule does not allow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: PageRule,
    /// How strongly it is meant.
    pub strength: Strength,
    /// Its clause in GB/T 9704-2012; `null` for practice.
    pub clause: Option<&'static str>,
    /// The page, counted from 1.
    pub page: usize,
    /// How far off, in mm; for counts and shapes, the count.
    pub off: f64,
    /// The text that it is about.
    pub text: String,
}

/// A rule on a page, in mm from the page's edges; its weight in mm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleMeasure {
    /// Left end.
    pub x: f64,
    /// Middle.
    pub y: f64,
    /// Length.
    pub length: f64,
    /// Weight.
    pub weight: f64,
}

/// What the ruler says of one page. Lengths are in mm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PageMeasure {
    /// The page, counted from 1.
    pub page: usize,
    /// The type area's left edge; its top is at 37, its size 156 × 225.
    pub type_area_left: f64,
    /// Lines of text in the type area.
    pub lines: usize,
    /// Whether text of the body's size fills the page from the first grid line to the last.
    pub full: bool,
    /// The characters of this page's full lines whose glyphs stand at even steps.
    pub characters: Option<usize>,
    /// From the page's top to the top of the first line.
    pub first_line_top: Option<f64>,
    /// From the page's top to the bottom of the last line in the type area.
    pub last_line_bottom: Option<f64>,
    /// The largest distance of a body baseline from the grid.
    pub baseline_off: f64,
    /// The page number's text.
    pub page_number: Option<String>,
    /// The rules, from the top.
    pub rules: Vec<RuleMeasure>,
}

/// What the ruler says of an issue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measure {
    /// From the page's top to the masthead's rule, in mm.
    pub masthead_height: Option<f64>,
    /// From the page's top to the imprint's last rule on the last page, in mm.
    pub imprint_bottom: Option<f64>,
    /// Each page.
    pub pages: Vec<PageMeasure>,
    /// What is not as it should be.
    pub findings: Vec<Finding>,
}

/// Measures an issue's pages. `duplex`: whether the binding edge changes sides.
pub fn measure(document: &PagedDocument, duplex: bool) -> Measure {
    let pages: Vec<Content> = document.pages().iter().map(page::read).collect();
    let mut ruler = Ruler { duplex, findings: Vec::new() };
    let last = pages.len().saturating_sub(1);
    let measures = pages
        .iter()
        .enumerate()
        .map(|(index, content)| ruler.page(index, index == last, content))
        .collect();
    let masthead = pages.first().and_then(|page| page.rules.first()).map(|rule| rule.y / MM);
    let imprint = pages.last().and_then(|page| page.rules.last()).map(|rule| rule.y / MM);
    Measure {
        masthead_height: masthead,
        imprint_bottom: imprint,
        pages: measures,
        findings: ruler.findings,
    }
}

struct Ruler {
    duplex: bool,
    findings: Vec<Finding>,
}

impl Ruler {
    fn find(&mut self, rule: PageRule, index: usize, off: f64, text: String) {
        let (strength, clause) = (rule.strength(), rule.clause());
        self.findings.push(Finding { rule, strength, clause, page: index + 1, off, text });
    }

    fn page(&mut self, index: usize, is_last: bool, content: &Content) -> PageMeasure {
        let even = index % 2 == 1;
        let left = if self.duplex && even { OUTER } else { BINDING };
        let (inside, below): (Vec<&Line>, Vec<&Line>) =
            content.lines.iter().partition(|line| line.baseline < BOTTOM);
        self.edges(index, left, &inside);
        self.overlaps(index, &inside, &content.rules);
        self.page_number(index, left, &below);
        let body = self.body(index, is_last, content, &inside);
        let baseline_off = self.grid(index, &body);
        let characters = self.characters(index, left, &body);
        self.titles(index, &body);
        self.last_lines(index, left, &body);
        if index == 0 {
            self.masthead(content);
        }
        if is_last {
            self.imprint(index, content);
        }
        let top = |line: &Line| (line.baseline - ASCENT * line.size()) / MM;
        let bottom = |line: &Line| (line.baseline + (1.0 - ASCENT) * line.size()) / MM;
        PageMeasure {
            page: index + 1,
            type_area_left: left / MM,
            lines: inside.len(),
            full: body.len() == LINES,
            characters,
            first_line_top: inside.first().map(|line| top(line)),
            last_line_bottom: inside.last().map(|line| bottom(line)),
            baseline_off: baseline_off / MM,
            page_number: below.last().map(|line| line.text()),
            rules: content.rules.iter().map(in_mm).collect(),
        }
    }

    /// The lines between masthead and imprint.
    fn body<'a>(
        &self,
        index: usize,
        is_last: bool,
        content: &Content,
        inside: &[&'a Line],
    ) -> Vec<&'a Line> {
        let head = (index == 0).then(|| content.rules.first().map(|rule| rule.y)).flatten();
        // The imprint begins at the first of its rules: all of them reach over the type area.
        let wide =
            |rule: &&Rule| (rule.length - WIDTH).abs() < TOLERANCE && is_imprint(rule.weight);
        let foot = is_last.then(|| content.rules.iter().find(wide).map(|rule| rule.y)).flatten();
        inside
            .iter()
            .filter(|line| head.is_none_or(|y| line.baseline > y))
            .filter(|line| foot.is_none_or(|y| line.baseline < y))
            .copied()
            .collect()
    }

    fn edges(&mut self, index: usize, left: f64, lines: &[&Line]) {
        for line in lines {
            let (Some(first), Some(last)) = (line.marks.first(), line.marks.last()) else {
                continue;
            };
            // A mark at a line's edge may lend half of its cell, which is blank, to the margin.
            let before = if OPENING.contains(first.c) { first.size / 2.0 } else { 0.0 };
            let after = if CLOSING.contains(last.c) { last.size / 2.0 } else { 0.0 };
            let over = [
                left - line.left() - before,
                line.right() - after - left - WIDTH,
                TOP - (line.baseline - ASCENT * line.size()),
                line.baseline + (1.0 - ASCENT) * line.size() - BOTTOM,
            ];
            let over = over.into_iter().fold(f64::MIN, f64::max);
            if over > TOLERANCE {
                self.find(PageRule::TypeArea, index, over / MM, line.text());
            }
            let begins_badly = CLOSING.contains(first.c) && line.left() - left < CELL / 2.0;
            let ends_badly = OPENING.contains(last.c) && left + WIDTH - line.right() < CELL;
            if begins_badly || ends_badly {
                self.find(PageRule::MarkAtEdge, index, 0.0, line.text());
            }
        }
    }

    /// Lines whose em boxes cross each other or a rule, and share a stretch of the page's width.
    fn overlaps(&mut self, index: usize, lines: &[&Line], rules: &[Rule]) {
        for (position, upper) in lines.iter().enumerate() {
            for rule in rules {
                let above = rule.y - (upper.baseline - ASCENT * upper.size());
                let below = upper.baseline + (1.0 - ASCENT) * upper.size() - rule.y;
                let apart = upper.right() <= rule.x || rule.x + rule.length <= upper.left();
                if above.min(below) > TOLERANCE && !apart {
                    self.find(PageRule::Overlap, index, above.min(below) / MM, upper.text());
                }
            }
            for lower in &lines[position + 1..] {
                let bottom = upper.baseline + (1.0 - ASCENT) * upper.size();
                let top = lower.baseline - ASCENT * lower.size();
                let apart = upper.right() <= lower.left() || lower.right() <= upper.left();
                if bottom - top > TOLERANCE && !apart {
                    self.find(PageRule::Overlap, index, (bottom - top) / MM, lower.text());
                }
            }
        }
    }

    fn page_number(&mut self, index: usize, left: f64, below: &[&Line]) {
        let Some(folio) = below.last() else {
            self.find(PageRule::PageNumber, index, 0.0, String::new());
            return;
        };
        let outside_left = self.duplex && index % 2 == 1;
        let inset = if outside_left { folio.left() - left } else { left + WIDTH - folio.right() };
        // 7 mm to the dash, which stands some four tenths of its size above the baseline.
        let drop = folio.baseline - FOLIO * 0.4 - BOTTOM - 7.0 * MM;
        let off = (inset - FOLIO).abs().max(drop.abs() - 1.0 * MM);
        let text = folio.text();
        if off > TOLERANCE || text != format!("—{}—", index + 1) {
            self.find(PageRule::PageNumber, index, off / MM, text);
        }
    }

    /// Baselines of body type against the grid; titles stand centred in lines of their own.
    fn grid(&mut self, index: usize, body: &[&Line]) -> f64 {
        let mut worst: f64 = 0.0;
        for line in body.iter().filter(|line| (line.size() - BODY).abs() < 1e-6) {
            let rows = (line.baseline - TOP - ASCENT * BODY) / PITCH;
            let off = (rows - rows.round()).abs() * PITCH;
            worst = worst.max(off);
            if off > TOLERANCE {
                self.find(PageRule::BaselineGrid, index, off / MM, line.text());
            }
        }
        worst
    }

    /// How many characters the full lines of a page have whose glyphs stand at even steps.
    ///
    /// A single line may have one less, where a mark may not begin the next; the page's
    /// usual count may not.
    fn characters(&mut self, index: usize, left: f64, body: &[&Line]) -> Option<usize> {
        let mut lines: BTreeMap<usize, Vec<&Line>> = BTreeMap::new();
        for line in body.iter().filter(|line| (line.size() - BODY).abs() < 1e-6) {
            let steps: Vec<f64> = line.marks.windows(2).map(|pair| pair[1].x - pair[0].x).collect();
            let even = steps.iter().all(|step| (step - steps[0]).abs() < EVEN);
            let full =
                (line.left() - left).abs() < TOLERANCE && line.right() > left + WIDTH - CELL / 2.0;
            if even && full {
                lines.entry(line.marks.len()).or_default().push(line);
            }
        }
        let (&count, lines) = lines.iter().max_by_key(|(_, lines)| lines.len())?;
        // One line alone may be stretched, so that no last line of one character follows it.
        if count != CHARACTERS && lines.len() > 1 {
            self.find(PageRule::CharactersPerLine, index, count as f64, lines[0].text());
        }
        Some(count)
    }

    fn titles(&mut self, index: usize, body: &[&Line]) {
        let is_title = |line: &Line| line.size() >= TITLE - 1e-6;
        let mut at = 0;
        while at < body.len() {
            let lines = body[at..].iter().take_while(|line| is_title(line)).count();
            if lines > 1 {
                let widths: Vec<f64> =
                    body[at..at + lines].iter().map(|line| line.right() - line.left()).collect();
                if !is_shapely(&widths) {
                    self.find(PageRule::TitleShape, index, lines as f64, body[at].text());
                }
            }
            if lines > 0 && body.len() - at - lines < 2 {
                self.find(
                    PageRule::TitleAtFoot,
                    index,
                    (body.len() - at - lines) as f64,
                    body[at].text(),
                );
            }
            at += lines.max(1);
        }
    }

    /// A paragraph's last line of one character, a mark behind it not counted.
    fn last_lines(&mut self, index: usize, left: f64, body: &[&Line]) {
        for pair in body.windows(2) {
            let (above, line) = (pair[0], pair[1]);
            let follows = above.right() > left + WIDTH - CELL
                && (line.baseline - above.baseline - PITCH).abs() < TOLERANCE;
            let letters = line.marks.iter().filter(|mark| !CLOSING.contains(mark.c)).count();
            if follows && letters <= 1 && (line.left() - left).abs() < TOLERANCE {
                self.find(PageRule::LoneCharacter, index, 1.0, line.text());
            }
        }
    }

    fn masthead(&mut self, content: &Content) {
        let Some(rule) = content.rules.first() else { return };
        let off = (rule.length - WIDTH).abs();
        if off > TOLERANCE {
            self.find(PageRule::MastheadRule, 0, off / MM, String::new());
        }
        let over = rule.y - 297.0 * MM / 3.0;
        if over > TOLERANCE {
            self.find(PageRule::MastheadHeight, 0, over / MM, String::new());
        }
    }

    fn imprint(&mut self, index: usize, content: &Content) {
        let Some(last) = content.rules.last() else {
            self.find(PageRule::ImprintPlace, index, 0.0, String::new());
            return;
        };
        let off = (last.y - BOTTOM).abs();
        if off > TOLERANCE {
            self.find(PageRule::ImprintPlace, index, off / MM, String::new());
        }
        let (length, weight) = ((last.length - WIDTH).abs(), (last.weight - 0.35 * MM).abs());
        if length > TOLERANCE || weight > 1e-6 {
            self.find(PageRule::ImprintRule, index, length.max(weight) / MM, String::new());
        }
    }
}

/// Marks that may not end a line.
const OPENING: &str = "“‘（《〈【〔「『［｛";
/// Marks that may not begin a line.
const CLOSING: &str = "，。、；：？！”’）》〉】〕」』］｝";

fn is_imprint(weight: f64) -> bool {
    [0.35, 0.25].iter().any(|mm| (weight - mm * MM).abs() < 1e-6)
}

fn in_mm(rule: &Rule) -> RuleMeasure {
    RuleMeasure {
        x: rule.x / MM,
        y: rule.y / MM,
        length: rule.length / MM,
        weight: rule.weight / MM,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn practice_is_never_called_a_clause() {
        for rule in PageRule::ALL {
            let practice = rule.strength() == Strength::Practice;
            assert_eq!(rule.clause().is_none(), practice, "{}", rule.id());
        }
    }
}
