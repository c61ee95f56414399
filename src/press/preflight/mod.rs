//! A PDF, ours or any other → whether it can be printed (印前检查), and if not, why.
//!
//! The file is read operator by operator, as the printer's software reads it. `drawing` reads PDFs
//! too, with hayro's interpreter, which resolves each colour and skips unreadable content;
//! preflight interprets content on its own because it needs the inks unresolved and must know of
//! anything unread.

mod boxes;
mod content;
mod inks;
mod path;
mod stream;

use std::collections::{BTreeMap, BTreeSet};

use hayro_syntax::Pdf;
use serde::Serialize;

use crate::compare::drawing::{self, Fault, unharmed};
use crate::press::impose::Imposed;
use boxes::{lie_in_one_another, measured};
use content::Interpreter;
use inks::SCREEN;

/// The smallest type that is readable in print, in pt.
pub const SMALLEST_TYPE: f64 = 5.0;
/// The thinnest line that does not break off on the plate, in pt.
pub const THINNEST_LINE: f64 = 0.2;
/// The lowest resolution of a picture; below it pixels show, in dpi.
pub const LOWEST_RESOLUTION: f64 = 150.0;
/// The resolution that pictures should have, in dpi.
pub const GOOD_RESOLUTION: f64 = 300.0;

/// The result for a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preflight {
    /// Whether the file can be printed.
    pub pass: bool,
    /// Each page.
    pub pages: Vec<PageFacts>,
    /// Each font, and whether the file embeds it.
    pub fonts: BTreeMap<String, bool>,
    /// The imposition that the file's keywords name.
    pub imposed: Option<Imposed>,
    /// Everything that is not as it should be.
    pub findings: Vec<Finding>,
}

/// The facts of a page. Lengths are in pt unless they say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PageFacts {
    /// The page, from 1.
    pub page: usize,
    /// The sheet's width and height, in mm.
    pub media: (f64, f64),
    /// The trimmed page's width and height, in mm.
    pub trim: Option<(f64, f64)>,
    /// The width and height that print may reach, in mm.
    pub bleed: Option<(f64, f64)>,
    /// The inks that are used; `RGB` for the colours of a screen.
    pub inks: BTreeSet<String>,
    /// The smallest type.
    pub smallest_type: Option<f64>,
    /// The thinnest line.
    pub thinnest_line: Option<f64>,
    /// The lowest resolution of a picture at its printed size, in dpi.
    pub lowest_resolution: Option<f64>,
    /// Whether the page uses transparency.
    pub transparency: bool,
    /// Whether anything on the page could not be read, so that its print is unknown.
    pub unread: bool,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The check that found it: its id in the catalogue.
    pub check: &'static str,
    /// Whether the file cannot be printed because of this.
    pub fails: bool,
    /// The page, from 1; `None` for the whole file.
    pub page: Option<usize>,
    /// The value found.
    pub what: String,
    /// The limit that the value is compared with.
    pub limit: String,
}

/// The greatest depth of nested forms or colour spaces that is followed: a file may contain
/// cycles.
const DEEPEST: usize = 12;

/// Checks whether a file can be printed. `inks` are the only inks that it may use; empty for any.
pub fn preflight(bytes: Vec<u8>, inks: &[String]) -> Result<Preflight, Fault> {
    let pdf = drawing::load(bytes)?;
    unharmed(|| Ok(look(&pdf, inks)))
}

fn look(pdf: &Pdf, inks: &[String]) -> Preflight {
    let mut fonts = BTreeMap::new();
    let mut boxes = Vec::new();
    let mut pages = Vec::new();
    let mut left = content::MOST;
    for (index, page) in pdf.pages().iter().enumerate() {
        let mut facts = PageFacts { page: index + 1, ..measured(page) };
        boxes.push(lie_in_one_another(page));
        let mut interpreter = Interpreter::new(&mut facts, &mut fonts, &mut left);
        let read = unharmed(|| {
            interpreter.page(page);
            Ok(())
        });
        facts.unread |= read.is_err();
        pages.push(facts);
    }
    let keywords = pdf.metadata().keywords.as_deref().map(String::from_utf8_lossy);
    let imposed = keywords.and_then(|keywords| Imposed::parse(&keywords));
    let findings = findings(&pages, &boxes, &fonts, imposed, inks);
    let pass = !findings.iter().any(|finding| finding.fails);
    Preflight { pass, pages, fonts, imposed, findings }
}

fn findings(
    pages: &[PageFacts],
    boxes: &[bool],
    fonts: &BTreeMap<String, bool>,
    imposed: Option<Imposed>,
    inks: &[String],
) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut find = |check, fails, page, what: String, limit: String| {
        found.push(Finding { check, fails, page, what, limit });
    };
    if pages.is_empty() {
        find("preflight-empty", true, None, String::new(), String::new());
    }
    for (font, _) in fonts.iter().filter(|(_, embedded)| !**embedded) {
        find("preflight-font", true, None, font.clone(), String::new());
    }
    for (facts, lie) in pages.iter().zip(boxes) {
        let page = Some(facts.page);
        if facts.unread {
            find("preflight-unread", true, page, String::new(), String::new());
        }
        if !lie {
            find("preflight-box", true, page, String::new(), String::new());
        }
        if facts.trim.is_none() {
            find("preflight-no-trim", false, page, String::new(), String::new());
        }
        for ink in &facts.inks {
            if ink == SCREEN {
                find("preflight-screen", true, page, ink.clone(), String::new());
            } else if !inks.is_empty() && ink != "All" && !inks.contains(ink) {
                find("preflight-ink", true, page, ink.clone(), inks.join(", "));
            }
        }
        let short = |value: f64| format!("{value:.2}");
        if let Some(size) = facts.smallest_type.filter(|size| *size < SMALLEST_TYPE) {
            find("preflight-type", true, page, short(size), SMALLEST_TYPE.to_string());
        }
        if let Some(width) = facts.thinnest_line.filter(|width| *width < THINNEST_LINE) {
            find("preflight-line", true, page, short(width), THINNEST_LINE.to_string());
        }
        if let Some(dpi) = facts.lowest_resolution.filter(|dpi| *dpi < GOOD_RESOLUTION) {
            let fails = dpi < LOWEST_RESOLUTION;
            let limit = if fails { LOWEST_RESOLUTION } else { GOOD_RESOLUTION };
            find("preflight-picture", fails, page, format!("{dpi:.0}"), limit.to_string());
        }
        if facts.transparency {
            find("preflight-transparency", true, page, String::new(), String::new());
        }
    }
    if let Some(imposed) = imposed
        && imposed.sides() != pages.len()
    {
        find("preflight-count", true, None, pages.len().to_string(), imposed.sides().to_string());
    }
    found
}
