//! The regions of a publication → where they lie on the pages, by their content.
//!
//! A region has a name or a box. A named region is searched on both sides, so that it is found
//! both where it is now and where it was, also in a PDF that another program made.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use kurbo::Rect;
use regex::Regex;

use super::difference::Couple;
use super::drawing::{Drawing, Glyph, Rule};
use crate::publication::length::MM;
use crate::publication::tolerance::{At, Name, Settings, Tolerance, Tolerances, Zone};

/// The tolerances of a comparison: `page` outside of regions, and the tolerances of the regions
/// where they lie on the pages of both sides.
pub fn tolerances(
    settings: &Settings,
    page: Tolerance,
    before: &[Drawing],
    now: &[Drawing],
    couples: &[Couple],
) -> Tolerances {
    let is_set = settings.own.is_of_looks();
    let mut zones = Vec::new();
    for (index, region) in settings.regions.iter().enumerate() {
        let tolerance = (!region.ignore).then(|| region.allowed.over(page));
        let is_set = region.allowed.is_of_looks() || is_set;
        for couple in couples {
            let Some(page) = couple.now else { continue };
            let sides = [(before, couple.before), (now, couple.now)];
            let found =
                sides.into_iter().flat_map(|(drawings, at)| places(region.at, drawings, at));
            // Ink may extend beyond its box by a little.
            let found = found.map(|ink| ink.inflate(1.0, 1.0));
            zones.extend(found.map(|ink| Zone { region: index, page, ink, tolerance, is_set }));
        }
    }
    zones.sort_by_key(|zone| (!zone.is_ignored(), zone.region));
    Tolerances { page, is_set, zones }
}

/// Where a region lies on a page of one side.
fn places(region: At, drawings: &[Drawing], page: Option<usize>) -> Vec<Rect> {
    let drawing = page.and_then(|page| Some((page, drawings.get(page)?)));
    let Some((page, drawing)) = drawing else { return Vec::new() };
    match region {
        At::Box([left, top, width, height]) => {
            vec![Rect::new(left, top, left + width, top + height).scale_from_origin(MM)]
        }
        At::Named(name) => find(name, drawing, page == 0, page + 1 == drawings.len()),
    }
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
