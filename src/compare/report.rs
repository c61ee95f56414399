//! Compared issues → reports for programs (JSON, JUnit) and for people (a page of HTML).

use std::fmt::Write as _;
use std::path::PathBuf;

use kurbo::Rect;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::{Value as Json, json};

use super::{Comparison, Difference, Pair, Spot};
use crate::diag::Diagnostic;
use crate::diag::catalogue::Catalogue;
use crate::diag::show::json::finding;
use crate::publication::length::MM;

/// The outcome of comparing an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The issue looks like its reference.
    Same,
    /// The issue looks different.
    Differs,
    /// The issue has no reference.
    New,
    /// The issue or its reference has errors.
    Failed,
}

impl Status {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Status::Same => "same",
            Status::Differs => "differs",
            Status::New => "new",
            Status::Failed => "failed",
        }
    }
}

/// One issue that was compared.
#[derive(Debug)]
pub struct Entry {
    /// The publication.
    pub publication: String,
    /// The name of the issue's file without `.toml`.
    pub stem: String,
    /// The issue's file, as shown to people.
    pub file: String,
    /// The reference, as shown to people.
    pub reference: Option<String>,
    /// The outcome.
    pub status: Status,
    /// The number of pages, as far as is known.
    pub pages: usize,
    /// Whether an earlier run found the issue unchanged.
    pub remembered: bool,
    /// The comparison, page by page.
    pub comparison: Comparison,
    /// The findings.
    pub diagnostics: Vec<Diagnostic>,
    /// The time taken.
    pub seconds: f64,
    /// The pictures of each pair that differs, relative to the report: before and now.
    pub pictures: Vec<[Option<String>; 2]>,
    /// The files of references that were changed.
    pub accepted: Vec<PathBuf>,
}

/// A difference in words.
pub fn sentence(difference: &Difference, words: &Catalogue) -> String {
    words.text(&format!("difference-{}", difference.kind.id()), &difference.kind.args())
}

/// The place of a difference, and the difference in words.
pub fn with_place(difference: &Difference, words: &Catalogue) -> String {
    let page = ("page", difference.place.page.to_string());
    let text = ("text", sentence(difference, words));
    match difference.place.line {
        Some(line) => words.text("difference-in-line", &[page, ("line", line.to_string()), text]),
        None => words.text("difference-on-page", &[page, text]),
    }
}

/// The place of a difference, the difference in words, and the area that differs.
pub fn with_size(difference: &Difference, words: &Catalogue) -> String {
    let text = with_place(difference, words);
    match format!("{:.2}", difference.size) {
        none if none == "0.00" => text,
        area => words.text("difference-with-size", &[("text", text), ("area", area)]),
    }
}

/// Whether a file that begins like this is a report of ours.
pub fn is_report(head: &[u8]) -> bool {
    let mark = b"<meta name=\"generator\" content=\"jianbao compare\">";
    head.windows(mark.len()).any(|bytes| bytes == mark)
}

/// An issue as JSON; lengths in mm.
pub fn json(entry: &Entry, words: &Catalogue) -> Json {
    let findings: Vec<Json> = entry.diagnostics.iter().map(|d| finding(d, words)).collect();
    let comparison = &entry.comparison;
    let number = |index: Option<usize>| index.map(|index| index + 1);
    let pages: Vec<Json> = comparison
        .pairs
        .iter()
        .map(|pair| {
            json!({
                "before": number(pair.before),
                "now": number(pair.now),
                "differs": pair.differs,
                "area": round(pair.area, 2),
                "likeness": round(pair.likeness, 4),
            })
        })
        .collect();
    let differences: Vec<Json> = comparison
        .differences
        .iter()
        .map(|difference| {
            let facts: serde_json::Map<String, Json> = difference
                .kind
                .args()
                .into_iter()
                .map(|(name, value)| (name.to_string(), value.into()))
                .collect();
            let at = |side: Option<Spot>| {
                side.map(|spot| json!({ "page": spot.page + 1, "box": in_mm(spot.ink) }))
            };
            json!({
                "kind": difference.kind.id(),
                "text": sentence(difference, words),
                "page": difference.place.page,
                "line": difference.place.line,
                "area": round(difference.size, 2),
                "before": at(difference.before),
                "now": at(difference.now),
                "facts": facts,
            })
        })
        .collect();
    json!({
        "issue": format!("{}/{}", entry.publication, entry.stem),
        "file": entry.file,
        "reference": entry.reference,
        "status": entry.status.name(),
        "remembered": entry.remembered,
        "rendered": comparison.rendered,
        "page_count": entry.pages,
        "pages": pages,
        "differences": differences,
        "findings": findings,
        "seconds": round(entry.seconds, 3),
    })
}

fn round(number: f64, places: i32) -> f64 {
    let scale = 10f64.powi(places);
    (number * scale).round() / scale
}

/// Left, top, width and height.
fn in_mm(ink: Rect) -> [f64; 4] {
    [ink.x0, ink.y0, ink.width(), ink.height()].map(|pt| round(pt / MM, 2))
}

/// All issues as JUnit XML, for continuous integration.
pub fn junit(entries: &[Entry], words: &Catalogue) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = write_junit(&mut writer, entries, words);
    debug_assert!(written.is_ok(), "memory can be written");
    String::from_utf8(writer.into_inner()).expect("it was written from text") + "\n"
}

fn write_junit(
    writer: &mut Writer<Vec<u8>>,
    entries: &[Entry],
    words: &Catalogue,
) -> std::io::Result<()> {
    let count = |status: &[Status]| {
        entries.iter().filter(|entry| status.contains(&entry.status)).count().to_string()
    };
    let seconds: f64 = entries.iter().map(|entry| entry.seconds).sum();
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let attributes = [
        ("name", "jianbao compare".to_string()),
        ("tests", entries.len().to_string()),
        ("failures", count(&[Status::Differs, Status::New])),
        ("errors", count(&[Status::Failed])),
        ("time", format!("{seconds:.3}")),
    ];
    let borrowed = |(name, value): &(&'static str, String)| (*name, visible(value));
    let attributes: Vec<(&str, String)> = attributes.iter().map(borrowed).collect();
    fn pairs<'a>(list: &'a [(&'a str, String)]) -> impl Iterator<Item = (&'a str, &'a str)> {
        list.iter().map(|(name, value)| (*name, value.as_str()))
    }
    let suites = writer.create_element("testsuites").with_attributes(pairs(&attributes));
    suites.write_inner_content(|writer| {
        let suite = writer.create_element("testsuite").with_attributes(pairs(&attributes));
        suite.write_inner_content(|writer| {
            for entry in entries {
                let attributes = [
                    ("classname", visible(&entry.publication)),
                    ("name", visible(&entry.stem)),
                    ("file", visible(&entry.file)),
                    ("time", format!("{:.3}", entry.seconds)),
                ];
                let case = writer.create_element("testcase").with_attributes(pairs(&attributes));
                let Some((tag, message, text)) = failure(entry, words) else {
                    case.write_empty()?;
                    continue;
                };
                case.write_inner_content(|writer| {
                    let attributes =
                        [("type", entry.status.name().to_string()), ("message", visible(&message))];
                    let failure = writer.create_element(tag).with_attributes(pairs(&attributes));
                    failure.write_text_content(BytesText::new(&visible(&text)))?;
                    Ok(())
                })?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

/// XML allows no control characters, not even escaped ones.
fn visible(text: &str) -> String {
    let keep =
        |c: char| c == '\n' || c == '\t' || !(c.is_control() || "\u{fffe}\u{ffff}".contains(c));
    text.chars().map(|c| if keep(c) { c } else { '\u{fffd}' }).collect()
}

fn failure(entry: &Entry, words: &Catalogue) -> Option<(&'static str, String, String)> {
    let differs = entry.comparison.pairs.iter().filter(|pair| pair.differs).count();
    match entry.status {
        Status::Same => None,
        Status::New => Some(("failure", words.text("compare-status-new", &[]), String::new())),
        Status::Differs => {
            let count = [("pages", differs.to_string()), ("total", entry.pages.to_string())];
            let mut text = String::new();
            for difference in &entry.comparison.differences {
                writeln!(text, "{}", with_size(difference, words)).expect("a string takes text");
            }
            Some(("failure", words.text("compare-status-differs", &count), text))
        }
        Status::Failed => {
            let said: Vec<String> =
                entry.diagnostics.iter().map(|d| words.words(d).message).collect();
            let first = said.first().cloned().unwrap_or_default();
            Some(("error", first, said.join("\n")))
        }
    }
}

/// The HTML report in one file, apart from the pictures.
pub fn html(entries: &[Entry], lang: &str, words: &Catalogue) -> String {
    let pages: Vec<Json> = entries.iter().flat_map(|entry| pages(entry, words)).collect();
    let notes: Vec<String> = entries.iter().filter_map(|entry| note(entry, words)).collect();
    let count = |status| entries.iter().filter(|entry| entry.status == status).count().to_string();
    let facts = [
        ("total", entries.len().to_string()),
        ("same", count(Status::Same)),
        ("differ", count(Status::Differs)),
        ("new", count(Status::New)),
        ("failed", count(Status::Failed)),
    ];
    let named: serde_json::Map<String, Json> = WORDS
        .iter()
        .map(|id| (id.to_string(), words.text(&format!("report-{id}"), &[]).into()))
        .collect();
    let data = json!({
        "words": named,
        "summary": words.text("compare-summary", &facts),
        "notes": notes,
        "pages": pages,
    });
    // A `<` in the data could begin the tag that ends the script.
    let data = data.to_string().replace('<', "\\u003c");
    include_str!("report/report.html")
        .replace("{lang}", lang)
        .replace("{title}", &words.text("report-title", &[]))
        .replace("{style}", include_str!("report/report.css"))
        .replace("{script}", include_str!("report/report.js"))
        .replace("{data}", &data)
}

/// The words of the report, `report-…` in the catalogue.
const WORDS: [&str; 24] = [
    "title",
    "side",
    "overlay",
    "blink",
    "slider",
    "outlines",
    "before",
    "now",
    "none-before",
    "none-now",
    "filter-size",
    "filter-kind",
    "all-kinds",
    "shown",
    "keys",
    "key-page",
    "key-difference",
    "key-mode",
    "key-outlines",
    "key-zoom",
    "zoom",
    "area",
    "likeness",
    "nothing",
];

fn pages(entry: &Entry, words: &Catalogue) -> Vec<Json> {
    let differing = entry.comparison.pairs.iter().filter(|pair| pair.differs);
    let issue = format!("{}/{}", entry.publication, entry.stem);
    let page = |(pair, pictures): (&Pair, &[Option<String>; 2])| {
        let percent = |ink: Rect| {
            let [width, height] = pair.sheet;
            let part = |length: f64, of: f64| round(length / of * 100.0, 3);
            [
                part(ink.x0, width),
                part(ink.y0, height),
                part(ink.width(), width),
                part(ink.height(), height),
            ]
        };
        let differences: Vec<Json> = entry
            .comparison
            .of(pair)
            .map(|difference| {
                let here = |side: Option<Spot>, page: Option<usize>| {
                    side.and_then(|spot| spot.on(page)).map(percent)
                };
                json!({
                    "kind": difference.kind.id(),
                    "name": words.text(&format!("kind-{}", difference.kind.id()), &[]),
                    "text": sentence(difference, words),
                    "line": difference.place.line,
                    "area": round(difference.size, 2),
                    "before": here(difference.before, pair.before),
                    "now": here(difference.now, pair.now),
                })
            })
            .collect();
        let shown = pair.now.or(pair.before).map_or(0, |page| page + 1).to_string();
        json!({
            "name": words.text("report-page", &[("issue", issue.clone()), ("page", shown)]),
            "before": pictures[0],
            "now": pictures[1],
            "ratio": round(pair.sheet[0] / pair.sheet[1].max(1.0), 4),
            "area": round(pair.area, 2),
            "likeness": round(pair.likeness, 4),
            "differences": differences,
        })
    };
    differing.zip(&entry.pictures).map(page).collect()
}

fn note(entry: &Entry, words: &Catalogue) -> Option<String> {
    let said = match entry.status {
        Status::Same | Status::Differs => return None,
        Status::New => words.text("compare-status-new", &[]),
        Status::Failed => entry.diagnostics.first().map(|d| words.words(d).message)?,
    };
    Some(format!("{}: {said}", entry.file))
}
