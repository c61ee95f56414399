//! Parts of the page that have a tolerance of their own, found by what stands in them.
//!
//! A region has a name or a box. A named one is looked for on both sides, so that it is found
//! where it stands now and where it stood, also in a PDF that another program made.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use kurbo::Rect;
use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Allowed, Settings, Tolerance, Zone};
use crate::drawing::{Drawing, Glyph, Rule};
use crate::length::MM;

/// A region as a publication names it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Region {
    /// Where it is.
    pub at: At,
    /// Whether it is not looked at.
    pub ignore: bool,
    /// What may be off in it; what is not said is as on the page.
    pub allowed: Allowed,
}

/// Where a region is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub enum At {
    /// Where something of this name stands.
    Named(Name),
    /// A box on every page: left, top, width and height, in mm from the page's left top corner.
    Box([f64; 4]),
}

/// What is found by itself on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Name {
    /// The page number (页码).
    PageNumber,
    /// Dates in the masthead and the imprint (日期).
    Date,
    /// The numbers of the issue in the masthead (期号、总期号).
    Number,
    /// Page 1 from the top to the masthead's rule (报头).
    Masthead,
    /// The last page from the first to the last rule of the imprint (版记).
    Imprint,
}

/// The regions of all pages, those that are not looked at first.
pub(crate) fn zones(
    settings: &Settings,
    before: &[Drawing],
    now: &[Drawing],
    couples: &[(Option<usize>, Option<usize>)],
    page: Tolerance,
) -> Vec<Zone> {
    let mut zones = Vec::new();
    for (index, region) in settings.regions.iter().enumerate() {
        let tolerance = (!region.ignore).then(|| region.allowed.over(page));
        let is_set = region.allowed.is_of_looks() || settings.own.is_of_looks();
        for (old, new) in couples {
            let Some(new) = new else { continue };
            let sides = [(before, *old), (now, Some(*new))];
            for (drawings, at) in sides {
                let Some((drawing, at)) = at.and_then(|at| Some((drawings.get(at)?, at))) else {
                    continue;
                };
                let is_last = at + 1 == drawings.len();
                let found = match region.at {
                    At::Box([left, top, width, height]) => {
                        let mm = Rect::new(left, top, left + width, top + height);
                        vec![mm.scale_from_origin(MM)]
                    }
                    At::Named(name) => find(name, drawing, at == 0, is_last),
                };
                // Ink may stand out of its box by what it is off.
                zones.extend(found.into_iter().map(|ink| Zone {
                    region: index,
                    page: *new,
                    ink: ink.inflate(1.0, 1.0),
                    tolerance,
                    is_set,
                }));
            }
        }
    }
    zones.sort_by_key(|zone| (zone.tolerance.is_some(), zone.region));
    zones
}

static PAGE_NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[—–－\-·]*\d{1,3}[—–－\-·]*$"));
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"[\d〇○一二三四五六七八九]{4}年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日",
    )
});
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"（?总?第[\d〇○一二三四五六七八九十百]+期）?"));

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of ours")
}

fn find(name: Name, drawing: &Drawing, is_first: bool, is_last: bool) -> Vec<Rect> {
    let outside = |line: &Vec<&Glyph>| {
        let y = line[0].y;
        y > drawing.height * 0.85 || y < drawing.height * 0.1
    };
    match name {
        Name::PageNumber => lines(drawing)
            .iter()
            .filter(|line| outside(line) && PAGE_NUMBER.is_match(&text(line)))
            .filter_map(|line| ink(line))
            .collect(),
        Name::Date => {
            let parts = [masthead(drawing, is_first), imprint(drawing, is_last)];
            matches(&DATE, drawing, &parts)
        }
        Name::Number => matches(&NUMBER, drawing, &[masthead(drawing, is_first)]),
        Name::Masthead => masthead(drawing, is_first).into_iter().collect(),
        Name::Imprint => imprint(drawing, is_last).into_iter().collect(),
    }
}

/// Glyphs of one baseline, from left to right.
fn lines(drawing: &Drawing) -> Vec<Vec<&Glyph>> {
    let mut lines: BTreeMap<i64, Vec<&Glyph>> = BTreeMap::new();
    for glyph in drawing.glyphs.iter().filter(|glyph| !glyph.text.trim().is_empty()) {
        lines.entry((glyph.y * 2.0).round() as i64).or_default().push(glyph);
    }
    let mut lines: Vec<_> = lines.into_values().collect();
    lines.iter_mut().for_each(|line| line.sort_by(|a, b| a.x.total_cmp(&b.x)));
    lines
}

fn text(line: &[&Glyph]) -> String {
    line.iter().map(|glyph| glyph.text.as_str()).collect()
}

fn ink(glyphs: &[&Glyph]) -> Option<Rect> {
    glyphs.iter().map(|glyph| glyph.ink).reduce(|a, b| a.union(b))
}

fn matches(pattern: &Regex, drawing: &Drawing, parts: &[Option<Rect>]) -> Vec<Rect> {
    let is_in =
        |line: &Vec<&Glyph>| parts.iter().flatten().any(|part| part.contains(line[0].ink.center()));
    let mut found = Vec::new();
    for line in lines(drawing).iter().filter(|line| is_in(line)) {
        let text = text(line);
        for hit in pattern.find_iter(&text) {
            let mut at = 0;
            let inside = |glyph: &&&Glyph| {
                let here = at;
                at += glyph.text.len();
                hit.range().contains(&here)
            };
            let glyphs: Vec<&Glyph> = line.iter().filter(inside).copied().collect();
            found.extend(ink(&glyphs));
        }
    }
    found
}

fn wide_rules(drawing: &Drawing) -> Vec<&Rule> {
    let is_wide = |rule: &&Rule| rule.is_level() && rule.length() > drawing.width * 0.6;
    let mut rules: Vec<&Rule> = drawing.rules.iter().filter(is_wide).collect();
    rules.sort_by(|a, b| a.ink.y0.total_cmp(&b.ink.y0));
    rules
}

fn masthead(drawing: &Drawing, is_first: bool) -> Option<Rect> {
    let rules = wide_rules(drawing);
    let rule = rules.iter().find(|rule| rule.ink.y1 < drawing.height / 2.0)?;
    is_first.then(|| Rect::new(0.0, 0.0, drawing.width, rule.ink.y1))
}

fn imprint(drawing: &Drawing, is_last: bool) -> Option<Rect> {
    let rules = wide_rules(drawing);
    let low: Vec<_> = rules.iter().filter(|rule| rule.ink.y0 > drawing.height / 2.0).collect();
    let (first, last) = (low.first()?, low.last()?);
    is_last.then(|| Rect::new(0.0, first.ink.y0, drawing.width, last.ink.y1))
}
