//! A manuscript → the texts that its pages must show.
//!
//! Every string of the layout's data is taken for printed text, except under the keys that are
//! named here. So a new part of an issue is in the account before a layout knows it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use serde_json::{Map, Value as Json};

use super::shows;

/// What the layout gets beside the text.
const ASIDE: [&str; 2] = ["document", "options"];

/// Keys whose texts tell the layout something that is not printed: where a link leads, how a block
/// is set, what a picture shows to readers who cannot see it.
const UNPRINTED: [&str; 9] =
    ["anchor", "at", "target", "kind", "style", "path", "alt", "summary", "columns"];

/// The keys of all objects in the order of the page. A layout may keep another order: the account
/// only begins to look in this one. Other keys follow.
const ORDER: [&str; 33] = [
    "masthead",
    "contents",
    "notice",
    "copy_number",
    "classification",
    "urgency",
    "above_name",
    "section",
    "entries",
    "name",
    "label",
    "number",
    "serial_number",
    "issuer",
    "date",
    "mark",
    "text",
    "title",
    "subtitle",
    "editors_note",
    "caption",
    "unit",
    "head",
    "runs",
    "body",
    "items",
    "rows",
    "notes",
    "sections",
    "articles",
    "attachments",
    "source",
    "distribution",
];

/// What a text is to the order of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A line of the contents, or of the list of attachments.
    Contents,
    /// The name of a section.
    Section,
    /// The title of an article or an attachment, or the number above it.
    Title,
    /// A block of the text, but no table or picture.
    Body,
    /// What belongs to an article and is placed by the layout.
    Loose,
    /// Anything else: masthead and imprint, notes, tables.
    Other,
}

/// A text that must be on the pages.
#[derive(Debug)]
pub struct Part {
    /// Its characters in [`Said::chars`]; blanks do not count.
    pub range: Range<usize>,
    /// The keys under which the layout gets it, with dots between them.
    pub keys: String,
    /// Parts of one flow are printed in their order: the blocks of all bodies, the lines of titles,
    /// the cells of one table.
    pub flow: u64,
    /// The table that it is in, in [`Said::tables`].
    pub table: Option<usize>,
    /// Whether a layout may print it again on each page: a table's caption, unit and head.
    pub repeats: bool,
    /// The article or attachment that it belongs to.
    pub article: Option<usize>,
    /// What it is to the order.
    pub role: Role,
}

/// A picture that must be on the pages.
#[derive(Debug)]
pub struct Figure {
    /// The path under which the layout gets it.
    pub path: String,
    /// Its caption's text, or none; then the text before it ends where this begins.
    pub parts: Range<usize>,
}

/// A title or a section's name, which stands in the contents too.
pub struct Heading {
    /// Its lines.
    pub lines: Range<usize>,
    /// The block of text that it stands before.
    pub before: Option<usize>,
}

impl Part {
    /// Whether it stands under a key of the whole issue.
    pub fn is_of(&self, key: &str) -> bool {
        self.chain() == key
    }

    /// The key of the whole issue under which it stands.
    pub fn chain(&self) -> &str {
        self.keys.split('.').next().unwrap_or_default()
    }

    /// The number of its characters.
    pub fn len(&self) -> usize {
        self.range.len()
    }
}

/// The texts that the pages must show, one after the other.
#[derive(Debug, Default)]
pub struct Said {
    /// Their characters.
    pub chars: Vec<char>,
    /// The texts.
    pub parts: Vec<Part>,
    /// The texts of each table.
    pub tables: Vec<Range<usize>>,
    /// The pictures.
    pub figures: Vec<Figure>,
    /// The words of the options, which are the layout's own labels.
    pub labels: Vec<Vec<char>>,
    /// The number of articles and attachments so far.
    articles: usize,
}

/// The place of a text in the layout's data.
#[derive(Clone, Copy)]
struct Place<'a> {
    above: Option<&'a Place<'a>>,
    key: &'a str,
    flow: u64,
    /// Whether the texts below belong to the flow of the block that they are in.
    is_block: bool,
    table: Option<usize>,
    repeats: bool,
    article: Option<usize>,
}

impl Said {
    /// The printed texts of the layout's data.
    pub fn of(data: &Json) -> Self {
        let mut said = Said::default();
        let Some(data) = data.as_object() else { return said };
        let root = Place {
            above: None,
            key: "",
            flow: 0,
            is_block: false,
            table: None,
            repeats: false,
            article: None,
        };
        let words = data.get("options").and_then(Json::as_object).into_iter().flat_map(Map::values);
        let words = words.filter_map(Json::as_str).map(|word| word.chars().filter(|&c| shows(c)));
        said.labels = words.map(Iterator::collect).collect();
        said.object(data, &root, |key| !ASIDE.contains(&key));
        said
    }

    /// The characters of a text.
    pub fn text(&self, part: &Part) -> &[char] {
        &self.chars[part.range.clone()]
    }

    fn object(
        &mut self,
        object: &Map<String, Json>,
        place: &Place<'_>,
        prints: impl Fn(&str) -> bool,
    ) {
        let rank = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
        let mut keys: Vec<(usize, &String, &Json)> =
            object.iter().map(|(key, value)| (rank(key), key, value)).collect();
        keys.sort_by_key(|(rank, key, _)| (*rank, *key));
        for (_, key, value) in keys {
            if UNPRINTED.contains(&key.as_str()) || !prints(key) {
                continue;
            }
            let repeats = matches!(key.as_str(), "caption" | "unit" | "head");
            self.value(
                value,
                &Place {
                    above: Some(place),
                    key,
                    flow: if place.is_block { place.flow } else { flow(place, key) },
                    repeats: place.repeats || place.table.is_some() && repeats,
                    ..*place
                },
            );
        }
    }

    fn value(&mut self, value: &Json, place: &Place<'_>) {
        match value {
            Json::String(text) => self.push(text.chars(), place),
            Json::Array(list) if list.iter().all(is_run) => {
                let texts = list.iter().flat_map(|run| [&run["text"], &run["after"]]);
                self.push(texts.filter_map(Json::as_str).flat_map(str::chars), place);
            }
            Json::Array(list) => list.iter().for_each(|item| self.value(item, place)),
            Json::Object(object) => match object.get("kind").and_then(Json::as_str) {
                // A float may leave the flow of the text around it.
                Some("table" | "figure") => {
                    let (start, table) = (self.parts.len(), self.tables.len());
                    let flow = mix(place.flow, &table.to_string());
                    let table = Some(table);
                    self.tables.push(start..start);
                    self.object(object, &Place { flow, table, ..*place }, |_| true);
                    let parts = start..self.parts.len();
                    self.tables.last_mut().expect("it was pushed").end = parts.end;
                    if let Some(path) = object.get("path").and_then(Json::as_str) {
                        self.figures.push(Figure { path: path.into(), parts });
                    }
                }
                Some(_) => self.object(object, &Place { is_block: true, ..*place }, |_| true),
                None => {
                    let begins = ["articles", "attachments"].contains(&place.key);
                    let article = place.article.or_else(|| begins.then_some(self.articles));
                    self.articles += usize::from(begins);
                    self.object(object, &Place { article, ..*place }, |_| true);
                }
            },
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    fn push(&mut self, chars: impl Iterator<Item = char>, place: &Place<'_>) {
        let start = self.chars.len();
        self.chars.extend(chars.filter(|&c| shows(c)));
        let range = start..self.chars.len();
        if !range.is_empty() {
            let &Place { flow, table, repeats, article, .. } = place;
            let keys = place.keys();
            let role = if table.is_some() { Role::Other } else { role(&keys) };
            self.parts.push(Part { range, keys, flow, table, repeats, article, role });
        }
    }

    /// The titles of articles and the names of sections.
    pub fn headings(&self) -> impl Iterator<Item = Heading> {
        let is_body = |part: &usize| self.parts[*part].role == Role::Body;
        let mut before = vec![None; self.parts.len()];
        let mut next = None;
        for part in (0..self.parts.len()).rev() {
            next = Some(part).filter(is_body).or(next);
            before[part] = next;
        }
        let mut start = 0;
        std::iter::from_fn(move || {
            let is_heading =
                |part: &usize| matches!(self.parts[*part].role, Role::Section | Role::Title);
            start = (start..self.parts.len()).find(is_heading)?;
            let (role, keys) = (self.parts[start].role, &self.parts[start].keys);
            let alike = |part: &Part| {
                role == Role::Title
                    && part.keys == *keys
                    && part.article == self.parts[start].article
            };
            let more = self.parts[start + 1..].iter().take_while(|part| alike(part)).count();
            let lines = start..start + 1 + more;
            let own = before[start].filter(|&body| {
                role == Role::Section || self.parts[body].article == self.parts[start].article
            });
            start = lines.end;
            Some(Heading { lines, before: own })
        })
    }
}

impl Place<'_> {
    fn keys(&self) -> String {
        match self.above {
            Some(above) if !above.key.is_empty() => format!("{}.{}", above.keys(), self.key),
            _ => self.key.into(),
        }
    }
}

/// The flow of a text: titles and numbers stand in one with the blocks that follow, and so
/// do the lines of the contents.
fn flow(place: &Place<'_>, key: &str) -> u64 {
    match (place.key, key) {
        ("articles" | "attachments", "title" | "label") => mix(place.flow, "body"),
        ("contents", _) | ("entries", "text") => place.flow,
        _ => mix(place.flow, key),
    }
}

/// What a text under some keys is to the order of the pages.
fn role(keys: &str) -> Role {
    let Some((chain, rest)) = keys.split_once('.') else { return Role::Other };
    match (chain, rest.strip_prefix("articles.").unwrap_or(rest)) {
        ("contents", _) => Role::Contents,
        ("sections", "name") => Role::Section,
        ("sections", "title") | ("attachments", "title" | "label") => Role::Title,
        ("sections" | "attachments", body) if body.starts_with("body.") => Role::Body,
        // The list of attachments below a text is their contents.
        ("sections", "attachments.title") => Role::Contents,
        ("sections", own) if !own.starts_with("notes.") => Role::Loose,
        _ => Role::Other,
    }
}

/// Whether a value is a piece of a running text.
fn is_run(value: &Json) -> bool {
    value.get("style").is_some()
}

fn mix(above: u64, key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (above, key).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn texts(data: &Json) -> Vec<String> {
        let said = Said::of(data);
        said.parts.iter().map(|part| said.text(part).iter().collect()).collect()
    }

    #[test]
    fn every_text_is_printed_in_the_order_of_the_page() {
        let data = json!({
            "document": { "title": "属性" },
            "imprint": { "distribution": [{ "label": "报：", "text": "甲，乙" }], "print_run": null },
            "masthead": { "name": ["工作", "简报"], "date": "2026年1月5日" },
            "sections": [{ "name": "动态", "articles": [{
                "anchor": "article-1",
                "level": 1,
                "title": ["标题"],
                "body": [
                    { "kind": "paragraph", "runs": [
                        { "style": "plain", "text": "一 段", "together": false },
                        { "style": "note", "text": "[1]", "target": "n", "after": "：" },
                    ] },
                    { "kind": "table", "caption": [], "summary": "表", "columns": ["left"],
                      "head": [[[{ "style": "plain", "text": "头" }]]], "rows": [] },
                ],
                "novelty": "新的一部分",
            }] }],
        });
        let expected = [
            "工作",
            "简报",
            "2026年1月5日",
            "动态",
            "标题",
            "一段[1]：",
            "头",
            "新的一部分",
            "报：",
            "甲，乙",
        ];
        assert_eq!(texts(&data), expected);
        let said = Said::of(&data);
        let repeated: Vec<usize> =
            (0..said.parts.len()).filter(|&at| said.parts[at].repeats).collect();
        assert_eq!(repeated, [6]);
    }
}
