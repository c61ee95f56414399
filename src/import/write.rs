//! A draft → TOML in the style of issues written by hand.

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value};

use super::draft::{Article, Attachment, Draft, Section};

use super::markup::{self, Paragraph};
use crate::issue::imprint::{LISTS, STAFF};
use crate::issue::raw::RawImprint;
use crate::issue::{Date, Number};
use crate::source::toml_text;

/// The head of an issue, which every issue must have though its source may lack it.
#[derive(Debug, Clone)]
pub struct Head {
    /// The comment at the top: where the issue comes from.
    pub origin: String,
    /// The number.
    pub number: Number,
    /// The cumulative number.
    pub serial: Option<u32>,
    /// The date.
    pub date: Date,
    /// What a person must decide about the number.
    pub number_note: Option<String>,
    /// What a person must decide about the date.
    pub date_note: Option<String>,
}

/// The placeholder texts where the source has none.
pub const NO_TITLE: &str = "（无标题）";
const NO_BODY: &str = "（原文此处没有正文）";

/// Writes a draft. `standing` is the publication's imprint, which an issue does not repeat.
pub fn toml(draft: &Draft, head: &Head, standing: &RawImprint) -> String {
    let mut document = DocumentMut::new();
    let root = document.as_table_mut();
    let (key, n) = match head.number {
        Number::Regular(n) => ("number", n),
        Number::Supplement(n) => ("supplement", n),
    };
    put(root, key, i64::from(n), head.number_note.as_deref());
    if let Some(serial) = head.serial {
        put(root, "serial_number", i64::from(serial), None);
    }
    let Date { year, month, day } = head.date;
    let date = format!("{year:04}-{month:02}-{day:02}");
    let date: toml_edit::Datetime = date.parse().expect("a day of the calendar");
    put(root, "date", date, head.date_note.as_deref());
    let masthead = &draft.masthead;
    let texts = [
        ("label", &masthead.label),
        ("meeting", &masthead.meeting),
        ("issuer", &masthead.issuer),
        ("notice", &masthead.notice),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            put(root, key, text.as_str(), None);
        }
    }
    if let Some((level, period)) = &masthead.classification {
        let mut table = toml_edit::InlineTable::new();
        table.insert("level", (*level).into());
        if let Some(period) = period {
            table.insert("period", period.as_str().into());
        }
        put(root, "classification", table, None);
    }
    if let Some(urgency) = masthead.urgency {
        put(root, "urgency", urgency, None);
    }
    if !draft.note.is_empty() {
        put(root, "editors_note", block(&markup::body(&draft.note)), None);
    }
    let mut sections = ArrayOfTables::new();
    for section in &draft.sections {
        let articles = articles(section);
        match &section.name {
            Some(name) => {
                let mut table = new_table();
                put(&mut table, "name", name.as_str(), None);
                table.insert("articles", Item::ArrayOfTables(articles));
                sections.push(table);
            }
            None => {
                root.insert("articles", Item::ArrayOfTables(articles));
            }
        }
    }
    if !sections.is_empty() {
        root.insert("sections", Item::ArrayOfTables(sections));
    }
    let imprint = imprint(draft, standing);
    if !imprint.is_empty() {
        root.insert("imprint", Item::Table(imprint));
    }
    let text = document.to_string();
    format!("# {}\n{text}", head.origin)
}

fn new_table() -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table
}

fn articles(section: &Section) -> ArrayOfTables {
    section.articles.iter().map(|article| self::article(article, section.name.as_deref())).collect()
}

fn article(article: &Article, section: Option<&str>) -> Table {
    let mut table = new_table();
    let title = if article.title.is_empty() {
        section.unwrap_or(NO_TITLE).to_string()
    } else {
        article.title.join("|")
    };
    let untitled = "待核：原文没有标题";
    put(&mut table, "title", title, article.title.is_empty().then_some(untitled));
    if !article.subtitle.is_empty() {
        put(&mut table, "subtitle", article.subtitle.join("|"), None);
    }
    let texts = [
        ("contents_entry", &article.entry),
        ("source", &article.source),
        ("contributor", &article.contributor),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            put(&mut table, key, text.as_str(), None);
        }
    }
    if !article.authors.is_empty() {
        put(
            &mut table,
            "authors",
            article.authors.iter().map(String::as_str).collect::<Array>(),
            None,
        );
    }
    if !article.note.is_empty() {
        put(&mut table, "editors_note", block(&markup::body(&article.note)), None);
    }
    put_body(&mut table, &article.body);
    if !article.attachments.is_empty() {
        let attachments = article.attachments.iter().map(attachment).collect();
        table.insert("attachments", Item::ArrayOfTables(attachments));
    }
    table
}

fn attachment(attachment: &Attachment) -> Table {
    let mut table = new_table();
    let (title, note) = match attachment.title.as_slice() {
        [] => (NO_TITLE.to_string(), Some("待核：原文没有标题")),
        lines => (lines.join("|"), None),
    };
    put(&mut table, "title", title, note);
    put_body(&mut table, &attachment.body);
    table
}

fn put_body(table: &mut Table, body: &[Paragraph]) {
    match body {
        [] => put(table, "body", block(&format!("{NO_BODY}\n")), Some("待核：原文没有正文")),
        body => put(table, "body", block(&markup::body(body)), None),
    }
}

/// Adds a key, with a comment above it where a person must decide.
fn put(table: &mut Table, key: &str, value: impl Into<Value>, note: Option<&str>) {
    table.insert(key, Item::Value(value.into()));
    if let (Some(note), Some(mut key)) = (note, table.key_mut(key)) {
        key.leaf_decor_mut().set_prefix(format!("# {note}\n"));
    }
}

/// A text of several lines: as a literal where TOML allows one and the text does not end with a
/// quotation mark, else escaped.
fn block(text: &str) -> Value {
    let apart = !text.trim_end_matches('\n').ends_with('\'');
    let value = toml_text::unescaped(text).filter(|_| apart).and_then(|value| value.parse().ok());
    value.unwrap_or_else(|| text.into())
}

/// The part of the imprint that differs from the publication's standing one.
fn imprint(draft: &Draft, standing: &RawImprint) -> Table {
    let mut table = new_table();
    let own = &draft.imprint;
    if own.lists.is_empty() && own.texts.is_empty() && own.print_run.is_none() {
        return table;
    }
    for list in &LISTS {
        let standing: Option<Vec<&str>> =
            (list.of)(standing).map(|list| list.iter().map(|unit| unit.value.as_str()).collect());
        let key = list.key;
        let own = own.lists.iter().find(|(known, _)| *known == key).map(|(_, list)| list);
        match (own, standing) {
            (Some(own), standing) if standing.as_deref().is_none_or(|s| s != own.as_slice()) => {
                put(&mut table, key, self::list(own), None);
            }
            // The source has an imprint without this list.
            (None, Some(standing)) if !standing.is_empty() && !draft.imprint.lists.is_empty() => {
                put(&mut table, key, Array::new(), None);
            }
            _ => {}
        }
    }
    for field in &STAFF {
        let standing = (field.of)(standing).map(|text| text.value.as_str());
        let key = field.key;
        let own = own.texts.iter().find(|(known, _)| *known == key).map(|(_, text)| text.as_str());
        match own {
            Some(own) if standing != Some(own) => put(&mut table, key, own, None),
            None if standing.is_some() => put(&mut table, key, "", None),
            _ => {}
        }
    }
    if let Some(run) = own.print_run {
        put(&mut table, "print_run", i64::from(run), None);
    }
    table
}

fn list(units: &[String]) -> Array {
    let mut array: Array = units.iter().map(String::as_str).collect();
    if units.len() > 1 {
        array.iter_mut().for_each(|unit| unit.decor_mut().set_prefix("\n  "));
        array.set_trailing("\n");
        array.set_trailing_comma(true);
    }
    array
}
