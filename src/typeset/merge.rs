//! An issue and its publication → the manuscript that is typeset.
//!
//! The manuscript is two small files: `main.typ` calls the layout, and `issue.json`
//! is the layout's argument. Content, numbering and wording are decided here; a
//! layout decides looks only. Text enters Typst as JSON strings, never as markup.
//! `layouts/README.md` describes the JSON.

use serde_json::{Value as Json, json};
use typst::foundations::Bytes;

use super::fit::{self, Fit};
use super::title::{Breaker, Cut, shape};
use super::together;
use super::together::Piece;
use super::words;
use crate::issue::article::{Part, Text};
use crate::issue::body::{Align, Block, HeadingLevel, Run, Style, Table, plain_text};
use crate::issue::raw::{Level, Urgency};
use crate::issue::{Article, Attachment, Imprint, Issue, Kind};
use crate::publication::Publication;
use crate::publication::fonts::Role;
use crate::publication::layout::{Geometry, PageFacts};
use crate::source::text::ems;

/// An issue ready to be typeset.
#[derive(Debug, Clone)]
pub struct Manuscript {
    /// The Typst file that calls the layout.
    pub main: String,
    /// `issue.json`: the whole issue, worded as printed.
    pub data: Json,
    /// `fonts.json`: the families to try for each role.
    pub fonts: Json,
    /// `fit.json`: what is set tighter or looser than usual.
    pub fit: Fit,
    /// Whether the layout can be fitted.
    pub composed: bool,
    /// The titles whose lines cut what is one thing.
    pub cuts: Vec<Cut>,
    /// The facts about the pages that measuring depends on.
    pub geometry: Geometry,
    /// The pictures by the path that `issue.json` gives them.
    pub pictures: Vec<(String, Bytes)>,
}

impl Manuscript {
    /// The same issue with what fitting changes.
    pub fn fitted(&self, fit: &Fit) -> Self {
        let mut fitted = Manuscript { fit: fit.clone(), ..self.clone() };
        fitted.geometry.lines = fit.lines;
        fit.mark(&mut fitted.data);
        fitted
    }
}

/// The two-em dash that opens a subtitle: U+2015 twice. A pair of U+2014 may break across lines
/// or hang out of the line (typst#6735).
const SUBTITLE_DASH: &str = "――";

/// Merges an issue into its publication's layout.
pub fn merge(issue: &Issue, publication: &Publication) -> Manuscript {
    let merge = Merge {
        issue,
        page: publication.layout.manifest.page,
        title_ems: Box::new(publication.fonts.ems(Role::Xiaobiaosong)),
        breaker: publication
            .layout
            .manifest
            .page
            .composed
            .then(|| Breaker::new(names(issue, publication))),
    };
    let mut notes = Notes::new("issue".into());
    let editors_note = merge.blocks(&issue.editors_note, 0, None, &mut notes);
    let articles = issue.sections.iter().map(|section| section.articles.len()).sum::<usize>();
    let mut data = json!({
        "masthead": merge.masthead(publication),
        "contents": if articles > 1 { merge.contents() } else { Json::Null },
        "editors_note": editors_note,
        "notes": notes.list,
        "sections": merge.sections(),
        "attachments": merge.attachments(),
        "imprint": imprint(&issue.imprint),
        "document": document(issue, publication),
        "options": publication.options,
    });
    let composed = publication.layout.manifest.page.composed;
    if composed {
        fit::address(&mut data);
    }
    let layout = &publication.layout.name;
    Manuscript {
        main: format!(
            "#import \"/layouts/{layout}/main.typ\": issue\n#issue(json(\"/issue.json\"))\n"
        ),
        data,
        geometry: publication.layout.geometry(&publication.options),
        fonts: publication.fonts.chains(),
        fit: Fit::default(),
        composed,
        cuts: merge.breaker.map(Breaker::into_cuts).unwrap_or_default(),
        pictures: issue
            .pictures
            .iter()
            .enumerate()
            .map(|(index, picture)| (picture_path(index), Bytes::new(picture.bytes.clone())))
            .collect(),
    }
}

/// The names that an issue and its publication bring along, which no title may cut.
fn names(issue: &Issue, publication: &Publication) -> impl Iterator<Item = String> {
    let raw = &publication.raw;
    let sections = issue.sections.iter().filter_map(|section| section.name.clone());
    let articles = issue.sections.iter().flat_map(|section| &section.articles);
    let units = issue.imprint.lists.iter().flat_map(|(_, units)| units.iter().cloned());
    let names = sections
        .chain(articles.filter_map(|article| article.source.clone()))
        .chain(units)
        .chain(raw.names.keys().map(|name| name.value.clone()))
        .chain(raw.organization.iter().map(|name| name.value.clone()))
        .chain([issue.issuer.clone()]);
    names.filter(|name| name.chars().count() > 2)
}

fn picture_path(index: usize) -> String {
    format!("/pictures/{}", index + 1)
}

/// The PDF's properties. The title names publication and number, as a catalogue would.
fn document(issue: &Issue, publication: &Publication) -> Json {
    let facts = &publication.raw;
    let first = issue.sections.iter().flat_map(|section| &section.articles).next();
    let mut keywords: Vec<&str> = facts.keywords.iter().map(|word| word.value.as_str()).collect();
    keywords.extend(issue.sections.iter().filter_map(|section| section.name.as_deref()));
    json!({
        "title": title_in_properties(issue, publication),
        "author": facts.author.as_ref().map_or_else(|| broken(&issue.issuer).join(" "), |author| author.value.clone()),
        "subject": first.map(|article| one_line(&article.title)),
        "keywords": keywords,
        "date": { "year": issue.date.year, "month": issue.date.month, "day": issue.date.day },
    })
}

fn title_in_properties(issue: &Issue, publication: &Publication) -> String {
    format!("{} {}年{}", one_line(&publication.raw.name.value), issue.date.year, issue.number)
}

/// The parts of a text between its `|`s.
fn broken(text: &str) -> Vec<&str> {
    text.split('|').map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn one_line(text: &str) -> String {
    broken(text).concat()
}

fn imprint(imprint: &Imprint) -> Json {
    let distribution: Vec<Json> = imprint
        .lists
        .iter()
        .map(|(label, list)| json!({ "label": format!("{label}："), "text": list.join("，") }))
        .collect();
    let staff: Vec<String> =
        imprint.staff.iter().map(|(label, text)| format!("{label}：{text}")).collect();
    json!({
        "distribution": distribution,
        "staff": staff,
        "print_run": imprint.print_run.map(|n| format!("共印{n}份")),
    })
}

struct Merge<'a> {
    issue: &'a Issue,
    page: PageFacts,
    /// The width of a text in a title's face.
    title_ems: Box<dyn Fn(&str) -> f64>,
    /// Breaks titles by sense, where the layout expects that.
    breaker: Option<Breaker>,
}

impl Merge<'_> {
    fn masthead(&self, publication: &Publication) -> Json {
        let issue = self.issue;
        let level = |level| match level {
            Level::Mimi => "秘密",
            Level::Jimi => "机密",
            Level::Juemi => "绝密",
        };
        let classification = issue.classification.as_ref().map(|(rank, period)| match period {
            Some(period) => format!("{}★{period}", level(*rank)),
            None => level(*rank).to_string(),
        });
        let urgency = issue.urgency.map(|urgency| match urgency {
            Urgency::Teji => "特急",
            Urgency::Jiaji => "加急",
        });
        json!({
            "name": self.name(&publication.raw.name.value, self.page.name_width),
            "above_name": issue.above_name,
            "number": issue.number.to_string(),
            "serial_number": issue.serial_number.map(|n| format!("（总第{n}期）")),
            "label": issue.label,
            "issuer": self.issuer(),
            "date": issue.date.to_string(),
            "notice": issue.notice,
            "classification": classification,
            "urgency": urgency,
            "copy_number": issue.copy_number.map(|n| format!("{n:06}")),
        })
    }

    /// The issuer, each of its lines behind a break: organs that issue together, or the parts of one
    /// whose name is long.
    fn issuer(&self) -> String {
        let issuer = &self.issue.issuer;
        let Some(width) = self.page.issuer_width else { return issuer.clone() };
        let organs: Vec<&str> = issuer.split_whitespace().collect();
        if !issuer.contains('|') && organs.len() > 1 && ems(issuer) > width {
            return organs.join("\n");
        }
        self.name(issuer, Some(width)).join("\n")
    }

    /// The contents, grouped by section; an entry's target is its article's anchor.
    fn contents(&self) -> Json {
        let mut index = 0;
        let groups: Vec<Json> = self
            .issue
            .sections
            .iter()
            .map(|section| {
                let entries: Vec<Json> = section
                    .articles
                    .iter()
                    .map(|article| {
                        index += 1;
                        let entry = article.contents_entry.as_ref().unwrap_or(&article.title);
                        json!({ "text": self.entry(entry), "target": anchor(index) })
                    })
                    .collect();
                json!({ "section": section.name, "entries": entries })
            })
            .collect();
        json!(groups)
    }

    fn sections(&self) -> Json {
        let mut index = 0;
        let sections: Vec<Json> = self
            .issue
            .sections
            .iter()
            .map(|section| {
                // Levels in the PDF's structure: no level may be skipped (PDF/UA-1 7.4.2).
                let level = if section.name.is_some() { 2 } else { 1 };
                let articles: Vec<Json> = section
                    .articles
                    .iter()
                    .map(|article| {
                        index += 1;
                        self.article(article, index, level)
                    })
                    .collect();
                json!({ "name": section.name, "articles": articles })
            })
            .collect();
        json!(sections)
    }

    fn title(&self, title: &str) -> Vec<String> {
        self.lines(title, self.page.title_width, &self.title_ems)
    }

    fn lines(&self, text: &str, width: Option<f64>, ems: &dyn Fn(&str) -> f64) -> Vec<String> {
        match &self.breaker {
            Some(breaker) => breaker.lines(text, width, ems),
            None => shape::lines(text, width, ems),
        }
    }

    /// The lines of a name in the masthead, which holds `width` characters on a line.
    fn name(&self, name: &str, width: Option<f64>) -> Vec<String> {
        match &self.breaker {
            Some(breaker) => breaker.name(name, width),
            None => broken(name).into_iter().map(String::from).collect(),
        }
    }

    /// A title in the contents.
    fn entry(&self, title: &str) -> String {
        self.breaker.as_ref().map_or_else(|| one_line(title), |breaker| breaker.entry(title))
    }

    /// The lines of a subtitle, after its dash.
    fn subtitle(&self, subtitle: &str) -> Vec<String> {
        let dashed = match subtitle.starts_with(['―', '—', '－', '─']) {
            true => subtitle.to_string(),
            false => format!("{SUBTITLE_DASH}{subtitle}"),
        };
        self.lines(&dashed, self.page.subtitle_width, &ems)
    }

    fn article(&self, article: &Article, index: usize, level: usize) -> Json {
        let mut notes = Notes::new(anchor(index));
        let mut data = json!({
            "anchor": anchor(index),
            "level": level,
            "title": self.title(&article.title),
            "attachments": self.attachment_list(index),
            "source": article.source.as_ref().map(|source| format!("（{source}）")),
        });
        for (part, text) in &article.texts {
            data[part.key] = self.text(part, text, level, &mut notes);
        }
        data["body"] = self.blocks(&article.body, level, self.measure(), &mut notes).into();
        data["notes"] = json!(notes.list);
        data
    }

    /// A text of an article as the lines or blocks to print.
    fn text(&self, part: &Part, text: &Text, level: usize, notes: &mut Notes) -> Json {
        match text {
            Text::Blocks(blocks) => self.blocks(blocks, level, None, notes).into(),
            Text::Lines(lines) => match part.kind {
                Kind::Title => lines.iter().flat_map(|line| self.title(line)).collect(),
                Kind::Subtitle => lines.iter().flat_map(|line| self.subtitle(line)).collect(),
                _ if part.is_list => json!(lines),
                _ => json!(lines.first()),
            },
        }
    }

    /// Every attachment of the issue with the article it belongs to, counted from 1.
    fn attached(&self) -> impl Iterator<Item = (usize, &Attachment)> {
        let articles = self.issue.sections.iter().flat_map(|section| &section.articles);
        articles
            .enumerate()
            .flat_map(|(index, article)| article.attachments.iter().map(move |a| (index + 1, a)))
    }

    /// The list of attachments printed under an article's body (GB/T 9704 7.3.4).
    fn attachment_list(&self, article: usize) -> Vec<Json> {
        let all: Vec<_> = self.attached().collect();
        let own = all.iter().enumerate().filter(|(_, (of, _))| *of == article);
        own.map(|(at, (_, attachment))| {
            let number = if all.len() > 1 { format!("{}.", at + 1) } else { String::new() };
            json!({ "number": number, "title": one_line(&attachment.title), "target": attachment_anchor(at) })
        })
        .collect()
    }

    /// The attachments, which are printed on pages of their own (GB/T 9704 7.3.7).
    fn attachments(&self) -> Vec<Json> {
        let count = self.attached().count();
        self.attached()
            .enumerate()
            .map(|(at, (_, attachment))| {
                let mut notes = Notes::new(attachment_anchor(at));
                let body = self.blocks(&attachment.body, 2, self.measure(), &mut notes);
                let number = if count > 1 { (at + 1).to_string() } else { String::new() };
                json!({
                    "anchor": attachment_anchor(at),
                    "label": format!("附件{number}"),
                    "title": self.title(&attachment.title),
                    "body": body,
                    "notes": notes.list,
                })
            })
            .collect()
    }

    /// How many characters a line of the body holds, where the program composes the pages.
    fn measure(&self) -> Option<f64> {
        let characters = if self.page.columns > 1 { 13.0 } else { 28.0 };
        self.page.composed.then_some(characters)
    }

    /// Blocks below a heading of the structure level `base`, in lines of `measure` characters.
    fn blocks(
        &self,
        blocks: &[Block],
        base: usize,
        measure: Option<f64>,
        notes: &mut Notes,
    ) -> Vec<Json> {
        let mut open: Vec<HeadingLevel> = Vec::new();
        blocks
            .iter()
            .flat_map(|block| {
                if let Block::Heading { level, .. } = block {
                    open.retain(|above| above < level);
                    open.push(*level);
                }
                let mut list = vec![match block {
                    Block::Paragraph(line) => paragraph(line, measure, notes),
                    block => self.block(block, base + open.len(), notes),
                }];
                if let Block::Table(table) = block
                    && !self.page.composed
                {
                    list.extend(table.notes.iter().map(|line| paragraph(line, None, notes)));
                }
                list
            })
            .collect()
    }

    fn block(&self, block: &Block, depth: usize, notes: &mut Notes) -> Json {
        match block {
            Block::Paragraph(line) => paragraph(line, None, notes),
            Block::Heading { level, runs: line } => json!({
                "kind": "heading",
                "level": heading_number(*level),
                "depth": depth,
                "runs": runs(line, None, notes),
            }),
            Block::List(items) => {
                let items: Vec<Json> = items.iter().map(|item| runs(item, None, notes)).collect();
                json!({ "kind": "list", "items": items })
            }
            Block::Table(data) => table(data, self.page.composed, notes),
            Block::Figure { name, caption, alt, .. } => {
                let index = self.issue.pictures.iter().position(|picture| picture.name == *name);
                let index = index.expect("check loaded every picture that a body names");
                json!({
                    "kind": "figure",
                    "path": picture_path(index),
                    "caption": cell_runs(caption, notes),
                    "alt": alt,
                })
            }
        }
    }
}

fn paragraph(line: &[Run], measure: Option<f64>, notes: &mut Notes) -> Json {
    json!({ "kind": "paragraph", "runs": runs(line, measure, notes) })
}

/// `noted`: whether the layout prints unit and notes.
fn table(table: &Table, noted: bool, notes: &mut Notes) -> Json {
    let columns: Vec<&str> = table
        .columns
        .iter()
        .map(|align| match align {
            Align::Left => "left",
            Align::Center => "center",
            Align::Right => "right",
        })
        .collect();
    let mut caption = table.caption.clone();
    if let Some(unit) = table.unit.as_ref().filter(|_| !noted) {
        caption.push(Run { style: Style::Plain, text: format!("（{unit}）") });
    }
    let caption = cell_runs(&caption, notes);
    let mut rows = |rows: &[Vec<Vec<Run>>]| -> Vec<Vec<Json>> {
        rows.iter().map(|row| row.iter().map(|cell| cell_runs(cell, notes)).collect()).collect()
    };
    let (head, rows) = (rows(&table.head), rows(&table.rows));
    let below = table.notes.iter().filter(|_| noted).map(|note| runs(note, None, notes));
    json!({
        "kind": "table",
        "caption": caption,
        "unit": table.unit.as_ref().filter(|_| noted),
        "summary": plain_text(&table.caption),
        "landscape": table.landscape,
        "columns": columns,
        "head": head,
        "rows": rows,
        "indents": table.indents,
        "notes": below.collect::<Vec<Json>>(),
    })
}

/// The runs of a table's cell or a caption, with the lengths of their words, between which it breaks.
fn cell_runs(cell: &[Run], notes: &mut Notes) -> Json {
    let mut pieces = runs(cell, None, notes);
    for piece in pieces.as_array_mut().into_iter().flatten() {
        let text = piece["text"].as_str().unwrap_or_default();
        if piece["together"] == false && text.chars().nth(1).is_some() {
            let words = words::lengths(text);
            if words.len() > 1 {
                piece["words"] = json!(words);
            }
        }
    }
    pieces
}

/// Runs as a layout gets them: a piece that must stay on one line is a run of its own. Where the
/// lines hold `measure` characters, a number parts from its unit rather than spread a line.
fn runs(runs: &[Run], measure: Option<f64>, notes: &mut Notes) -> Json {
    let mut pieces: Vec<(Json, Piece)> = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let is_note = |index: usize| runs.get(index).is_some_and(|run| run.style == Style::Note);
        if run.style == Style::Note {
            let (mark, target) = notes.add(&run.text);
            // A punctuation mark after the note's mark could otherwise begin a line.
            let next = runs.get(index + 1).map_or("", |next| &next.text);
            let after =
                if is_note(index + 1) { "" } else { &next[..together::leading_marks(next)] };
            let note = json!({ "style": "note", "text": mark, "target": target, "after": after });
            pieces.push((note, (String::new(), false)));
            continue;
        }
        let is_noted = index > 0 && is_note(index - 1);
        let taken = if is_noted { together::leading_marks(&run.text) } else { 0 };
        let style = json!({ "style": style(run.style) });
        let own = together::pieces(&run.text[taken..]).into_iter();
        pieces.extend(own.map(|piece| (style.clone(), piece)));
    }
    if let Some(measure) = measure {
        pieces = together::part_units(pieces, measure - 2.0, measure);
    }
    let runs = pieces.into_iter().map(|(mut run, (text, together))| {
        if run.get("text").is_none() {
            (run["text"], run["together"]) = (text.into(), together.into());
        }
        run
    });
    runs.collect()
}

/// The notes (注释) of an article, gathered while its text is merged.
struct Notes {
    anchor: String,
    list: Vec<Json>,
}

impl Notes {
    fn new(anchor: String) -> Self {
        Notes { anchor, list: Vec::new() }
    }

    /// Adds a note; returns its mark in the text and its anchor.
    fn add(&mut self, text: &str) -> (String, String) {
        let number = self.list.len() + 1;
        let (mark, anchor) = (format!("[{number}]"), format!("{}-note-{number}", self.anchor));
        let run = Run { style: Style::Plain, text: text.into() };
        let text = runs(&[run], None, &mut Notes::new(String::new()));
        self.list.push(json!({ "mark": mark, "runs": text, "anchor": anchor }));
        (mark, anchor)
    }
}

fn anchor(index: usize) -> String {
    format!("article-{index}")
}

fn attachment_anchor(at: usize) -> String {
    format!("attachment-{}", at + 1)
}

fn heading_number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::First => 1,
        HeadingLevel::Second => 2,
        HeadingLevel::Third => 3,
        HeadingLevel::Fourth => 4,
    }
}

fn style(style: Style) -> Json {
    match style {
        Style::Plain => "plain".into(),
        Style::Strong => "strong".into(),
        Style::Emphasis => "emphasis".into(),
        Style::Lead => "lead".into(),
        Style::Heading(level) => format!("heading-{}", heading_number(level)).into(),
        Style::Note => "note".into(),
    }
}
