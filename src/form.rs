//! An issue's TOML edited as a form: each operation changes the bytes that it is about, and
//! leaves comments, order and look of all else as they are.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};
use toml_edit::{Array, Document, InlineTable, Item, Key as TomlKey, Table, Value};

use crate::read::string_offsets;

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub enum Key {
    /// The place in an array.
    Index(usize),
    /// The key in a table.
    Name(String),
}

impl From<&str> for Key {
    fn from(name: &str) -> Self {
        Key::Name(name.into())
    }
}

impl From<usize> for Key {
    fn from(index: usize) -> Self {
        Key::Index(index)
    }
}

/// The way to a value: `["sections", 0, "articles", 2, "title"]`.
pub type KeyPath = Vec<Key>;

/// An operation of a form.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
pub enum Op {
    /// Gives a key another value; null takes it away.
    Set {
        /// The key.
        path: KeyPath,
        /// Its value.
        #[cfg_attr(test, ts(type = "Value"))]
        value: Json,
    },
    /// Puts something new into an array.
    Insert {
        /// The array, which need not be there.
        path: KeyPath,
        /// Its place in it.
        at: usize,
        /// The value.
        #[cfg_attr(test, ts(type = "Value"))]
        value: Json,
    },
    /// Takes something out of an array.
    Remove {
        /// The value.
        path: KeyPath,
    },
    /// Moves something within its array, or into another of the same kind.
    Move {
        /// The value.
        path: KeyPath,
        /// Where it is afterwards.
        to: Target,
    },
    /// Puts a copy behind something in an array.
    Duplicate {
        /// The value.
        path: KeyPath,
    },
}

/// Where something is after it was moved.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub enum Target {
    /// Its place in the same array.
    At(usize),
    /// The whole way to it.
    Path(KeyPath),
}

/// An operation that the text does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The text is no TOML.
    #[error("not TOML")]
    Syntax,
    /// There is nothing of that path, or it is something else.
    #[error("nothing fits there")]
    Path,
}

/// Keys in the order in which an issue's tables are written; others stand behind these.
const ORDER: [&str; 12] = [
    "number",
    "supplement",
    "serial_number",
    "date",
    "name",
    "title",
    "subtitle",
    "contents_entry",
    "source",
    "contributor",
    "authors",
    "editors_note",
];
/// The long text, which is read best at the end of its table.
const LAST: &str = "body";

/// Applies operations in their order; all of them or none.
pub fn apply(text: &str, ops: &[Op]) -> Result<String, FormError> {
    let mut text = text.to_string();
    for op in ops {
        text = Form::new(&text)?.apply(op)?;
    }
    // What came out must be TOML, whatever went in.
    Form::new(&text).map(|_| ())?;
    Ok(text)
}

struct Form<'a> {
    text: &'a str,
    document: Document<&'a str>,
    headers: Vec<Header>,
}

/// The header of a table: `[imprint]`, `[[sections.articles]]`.
struct Header {
    path: KeyPath,
    /// Where its line begins.
    start: usize,
}

type Edited = Result<String, FormError>;

impl<'a> Form<'a> {
    fn new(text: &'a str) -> Result<Self, FormError> {
        let document = Document::parse(text).map_err(|_| FormError::Syntax)?;
        let mut headers = Vec::new();
        collect(document.as_table(), &mut Vec::new(), &mut headers);
        for header in &mut headers {
            header.start = text[..header.start].rfind('\n').map_or(0, |at| at + 1);
        }
        headers.sort_by_key(|header| header.start);
        Ok(Form { text, document, headers })
    }

    fn apply(&self, op: &Op) -> Edited {
        match op {
            Op::Set { path, value } => self.set(path, value),
            Op::Insert { path, at, value } => self.insert(path, *at, value),
            Op::Remove { path } => self.remove(path),
            Op::Move { path, to } => self.shift(path, to),
            Op::Duplicate { path } => self.duplicate(path),
        }
    }

    fn replaced(&self, range: Range<usize>, with: &str) -> String {
        [&self.text[..range.start], with, &self.text[range.end..]].concat()
    }

    fn item(&self, path: &[Key]) -> Option<Found<'_>> {
        let mut found = Found::Item(self.document.as_item());
        for key in path {
            found = found.get(key)?;
        }
        Some(found)
    }

    /// An array of its own, with its blanks and comments.
    fn array(&self, range: Range<usize>) -> Result<Array, FormError> {
        match self.text[range].parse() {
            Ok(Value::Array(array)) => Ok(array),
            _ => Err(FormError::Path),
        }
    }

    fn inline(&self, range: Range<usize>) -> Result<InlineTable, FormError> {
        match self.text[range].parse() {
            Ok(Value::InlineTable(table)) => Ok(table),
            _ => Err(FormError::Path),
        }
    }

    fn set(&self, path: &[Key], value: &Json) -> Edited {
        let (key, above) = path.split_last().ok_or(FormError::Path)?;
        if value.is_null() {
            return match self.item(path) {
                None => Ok(self.text.into()),
                Some(_) => self.take_away(path),
            };
        }
        let Some(found) = self.item(path) else {
            let Key::Name(name) = key else { return Err(FormError::Path) };
            return self.add(above, name, value);
        };
        let old = found.value().ok_or(FormError::Path)?;
        let range = old.span().ok_or(FormError::Path)?;
        if let (Value::Array(_), Json::Array(new)) = (old, value) {
            return Ok(self.replaced(range.clone(), &array(&self.array(range)?, new)?));
        }
        let was_long = self.text[range.clone()].starts_with(['\'', '"'])
            && matches!(self.text.get(range.start..range.start + 3), Some("'''" | "\"\"\""));
        let was_date = matches!(old, Value::Datetime(_));
        Ok(self.replaced(range, &literal(key, value, was_long, was_date)?))
    }

    /// A key that is not there yet.
    fn add(&self, above: &[Key], name: &str, value: &Json) -> Edited {
        let is_tables = |value: &Json| {
            let items = value.as_array().is_some_and(|items| items.iter().any(Json::is_object));
            items || value.is_object()
        };
        if is_tables(value) {
            return Err(FormError::Path);
        }
        let line =
            format!("{} = {}\n", TomlKey::new(name), literal(&name.into(), value, false, false)?);
        let Some(found) = self.item(above) else {
            // Its table has no header yet.
            let names: Option<Vec<&str>> = above
                .iter()
                .map(|key| match key {
                    Key::Name(name) => Some(name.as_str()),
                    Key::Index(_) => None,
                })
                .collect();
            let header = format!("[{}]\n{line}", names.ok_or(FormError::Path)?.join("."));
            return Ok(self.appended(header.trim_end()));
        };
        match found {
            Found::Item(Item::Table(table)) | Found::Table(table) if !table.is_dotted() => {
                Ok(self.add_line(above, table, name, &line))
            }
            _ => {
                let Some(Value::InlineTable(table)) = found.value() else {
                    return Err(FormError::Path);
                };
                let range = table.span().ok_or(FormError::Path)?;
                let mut table = self.inline(range.clone())?;
                table.insert(name, plain(value)?);
                table.fmt();
                Ok(self.replaced(range, table.to_string().trim()))
            }
        }
    }

    fn add_line(&self, path: &[Key], table: &Table, name: &str, line: &str) -> String {
        let rank = |key: &str| match ORDER.iter().position(|known| *known == key) {
            _ if key == LAST => ORDER.len() + 1,
            Some(at) => at,
            None => ORDER.len(),
        };
        let mut keys: Vec<(usize, usize, usize)> = table
            .iter()
            .filter_map(|(key, item)| {
                let value = item.as_value()?.span()?;
                let start = table.key(key)?.span()?.start;
                Some((start, value.end, rank(key)))
            })
            .collect();
        keys.sort_unstable();
        let before = keys.iter().rev().take_while(|(_, _, of)| *of > rank(name)).last();
        if let Some((start, ..)) = before {
            let at = self.with_comments(self.line_start(*start));
            return self.replaced(at..at, line);
        }
        if let Some((_, end, _)) = keys.last() {
            return self.line_after(*end, line);
        }
        match self.header(path) {
            Some(header) => self.line_after(header.start, line),
            // The root without a key: before the first table.
            None => {
                let at = self
                    .headers
                    .first()
                    .map_or(self.text.len(), |first| self.with_comments(first.start));
                let gap = if at < self.text.len() { "\n" } else { "" };
                self.replaced(at..at, &format!("{line}{gap}"))
            }
        }
    }

    /// Puts a line behind the one that `at` stands on.
    fn line_after(&self, at: usize, line: &str) -> String {
        match self.text[at..].find('\n') {
            Some(end) => self.replaced(at + end + 1..at + end + 1, line),
            None => format!("{}\n{line}", self.text),
        }
    }

    fn insert(&self, path: &[Key], at: usize, value: &Json) -> Edited {
        if let Some(Value::Array(old)) = self.item(path).and_then(|found| found.value()) {
            let range = old.span().ok_or(FormError::Path)?;
            let mut new = self.array(range.clone())?;
            put(&mut new, at.min(old.len()), plain(value)?);
            return Ok(self.replaced(range, new.to_string().trim()));
        }
        if !value.is_object() {
            // A plain array that is not there yet.
            return match self.item(path) {
                None => self.set(path, &Json::Array(vec![value.clone()])),
                Some(_) => Err(FormError::Path),
            };
        }
        let names = names(path);
        let mut block = String::new();
        table_block(&names, value, &mut block)?;
        self.put_block(path, at, block.trim_end())
    }

    /// Puts the text of a table, and of what belongs to it, into an array of tables.
    fn put_block(&self, path: &[Key], at: usize, block: &str) -> Edited {
        let slots = self.slots(path);
        if let Some(slot) = slots.get(at) {
            return Ok(self.replaced(slot.start..slot.start, &format!("{block}\n\n")));
        }
        if let Some(slot) = slots.last() {
            return Ok(self.replaced(slot.end..slot.end, &format!("\n\n{block}")));
        }
        if self.item(path).is_some() {
            return Err(FormError::Path);
        }
        let (_, above) = path.split_last().ok_or(FormError::Path)?;
        if !above.is_empty() {
            self.item(above).ok_or(FormError::Path)?;
            let end = self.slot(above).ok_or(FormError::Path)?.end;
            return Ok(self.replaced(end..end, &format!("\n\n{block}")));
        }
        // Articles outside any section come before the sections, as on paper.
        let sections = Key::from("sections");
        let first = self.headers.iter().find(|header| header.path.first() == Some(&sections));
        match first.filter(|_| path != [sections.clone()]) {
            Some(first) => {
                let at = self.with_comments(first.start);
                Ok(self.replaced(at..at, &format!("{block}\n\n")))
            }
            None => Ok(self.appended(block)),
        }
    }

    fn appended(&self, block: &str) -> String {
        let text = self.text.trim_end();
        let gap = if text.is_empty() { "" } else { "\n\n" };
        format!("{text}{gap}{block}\n")
    }

    fn remove(&self, path: &[Key]) -> Edited {
        self.item(path).ok_or(FormError::Path)?;
        self.take_away(path)
    }

    fn take_away(&self, path: &[Key]) -> Edited {
        let (key, above) = path.split_last().ok_or(FormError::Path)?;
        if let Key::Index(index) = key
            && let Some(Value::Array(old)) = self.item(above).and_then(|found| found.value())
        {
            let range = old.span().ok_or(FormError::Path)?;
            let mut new = self.array(range.clone())?;
            take(&mut new, *index);
            return Ok(self.replaced(range, new.to_string().trim()));
        }
        let found = self.item(path).ok_or(FormError::Path)?;
        if found.value().is_none() {
            let slot = self.slot(path).ok_or(FormError::Path)?;
            let after = slot.end + blank(&self.text[slot.end..]);
            if after < self.text.len() {
                return Ok(self.replaced(slot.start..after, ""));
            }
            let before = self.text[..slot.start].trim_end().len();
            let end = if before == 0 { "" } else { "\n" };
            return Ok(self.replaced(before..after, end));
        }
        match self.item(above) {
            Some(Found::Item(Item::Table(table)) | Found::Table(table)) => {
                let Key::Name(name) = key else { return Err(FormError::Path) };
                let start = table.key(name).and_then(TomlKey::span).ok_or(FormError::Path)?.start;
                let end = found.value().and_then(Value::span).ok_or(FormError::Path)?.end;
                let start = self.line_start(start);
                let end = self.text[end..].find('\n').map_or(self.text.len(), |at| end + at + 1);
                Ok(self.replaced(start..end, ""))
            }
            Some(above) => {
                let Some(Value::InlineTable(table)) = above.value() else {
                    return Err(FormError::Path);
                };
                let Key::Name(name) = key else { return Err(FormError::Path) };
                let range = table.span().ok_or(FormError::Path)?;
                let mut table = self.inline(range.clone())?;
                table.remove(name);
                table.fmt();
                Ok(self.replaced(range, table.to_string().trim()))
            }
            None => Err(FormError::Path),
        }
    }

    fn shift(&self, path: &[Key], to: &Target) -> Edited {
        let (key, above) = path.split_last().ok_or(FormError::Path)?;
        let Key::Index(from) = key else { return Err(FormError::Path) };
        self.item(path).ok_or(FormError::Path)?;
        let to = match to {
            Target::At(to) => *to,
            Target::Path(target) => {
                let (Key::Index(to), array) = target.split_last().ok_or(FormError::Path)? else {
                    return Err(FormError::Path);
                };
                if array != above {
                    return self.shift_to(path, array, *to);
                }
                *to
            }
        };
        if let Some(Value::Array(old)) = self.item(above).and_then(|found| found.value()) {
            let range = old.span().ok_or(FormError::Path)?;
            let mut new = self.array(range.clone())?;
            let value = take(&mut new, *from);
            let to = to.min(new.len());
            put(&mut new, to, value);
            return Ok(self.replaced(range, new.to_string().trim()));
        }
        // What stands between the tables stays where it is: only their texts change places.
        let slots = self.slots(above);
        let mut texts: Vec<&str> = slots.iter().map(|slot| &self.text[slot.clone()]).collect();
        let moved = texts.remove(*from);
        texts.insert(to.min(texts.len()), moved);
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for (slot, own) in slots.iter().zip(texts) {
            text.push_str(&self.text[at..slot.start]);
            text.push_str(own);
            at = slot.end;
        }
        text.push_str(&self.text[at..]);
        Ok(text)
    }

    /// Moves a table into another array: its headers then say so.
    fn shift_to(&self, path: &[Key], array: &[Key], to: usize) -> Edited {
        let slot = self.slot(path).ok_or(FormError::Path)?;
        let (old, new) = (names(path), names(array));
        if old.last() != new.last() {
            return Err(FormError::Path);
        }
        let mut block = String::new();
        let mut at = slot.start;
        for header in self.headers.iter().filter(|header| header.path.starts_with(path)) {
            let line_end =
                self.text[header.start..].find('\n').map_or(self.text.len(), |n| header.start + n);
            let line = &self.text[header.start..line_end];
            let (open, close) =
                if line.trim_start().starts_with("[[") { ("[[", "]]") } else { ("[", "]") };
            let rest = line.split_once(close).map_or("", |(_, rest)| rest);
            block.push_str(&self.text[at..header.start]);
            let own: Vec<&str> =
                new.iter().copied().chain(names(&header.path).split_off(old.len())).collect();
            block.push_str(&format!("{open}{}{close}{rest}", own.join(".")));
            at = line_end;
        }
        block.push_str(&self.text[at..slot.end]);
        // The array that it goes into may stand behind the one it leaves, and in it.
        let without = self.take_away(path)?;
        Form::new(&without)?.put_block(array, to, &block)
    }

    fn duplicate(&self, path: &[Key]) -> Edited {
        let (key, above) = path.split_last().ok_or(FormError::Path)?;
        let Key::Index(index) = key else { return Err(FormError::Path) };
        self.item(path).ok_or(FormError::Path)?;
        if let Some(Value::Array(old)) = self.item(above).and_then(|found| found.value()) {
            let range = old.span().ok_or(FormError::Path)?;
            let mut new = self.array(range.clone())?;
            let copy = new.get(*index).cloned().ok_or(FormError::Path)?;
            put(&mut new, index + 1, copy);
            return Ok(self.replaced(range, new.to_string().trim()));
        }
        let slot = self.slot(path).ok_or(FormError::Path)?;
        let block = self.text[slot.clone()].to_string();
        Ok(self.replaced(slot.end..slot.end, &format!("\n\n{block}")))
    }

    fn header(&self, path: &[Key]) -> Option<&Header> {
        self.headers.iter().find(|header| header.path == path)
    }

    /// The text of a table with the comments above it and the tables in it, without blank ends.
    /// Comments behind a blank line are nobody's, and stay where they are.
    fn slot(&self, path: &[Key]) -> Option<Range<usize>> {
        let first = self.headers.iter().position(|header| header.path.starts_with(path))?;
        let start = self.with_comments(self.headers[first].start);
        let next = self.headers[first..].iter().find(|header| !header.path.starts_with(path));
        let end = next.map_or(self.text.len(), |next| self.with_comments(next.start));
        let mut own = self.text[start..end].trim_end();
        while let Some((before, last)) = own.rsplit_once("\n\n")
            && last.lines().all(is_comment)
        {
            own = before.trim_end();
        }
        Some(start..start + own.len())
    }

    fn slots(&self, array: &[Key]) -> Vec<Range<usize>> {
        (0..)
            .map_while(|index| {
                let path: KeyPath = array.iter().cloned().chain([Key::Index(index)]).collect();
                self.slot(&path)
            })
            .collect()
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |at| at + 1)
    }

    /// Where the comments begin that stand right above a line.
    fn with_comments(&self, mut line: usize) -> usize {
        while line > 0 {
            let above = self.line_start(line - 1);
            if !is_comment(&self.text[above..line]) {
                break;
            }
            line = above;
        }
        line
    }
}

/// Whether a line is a comment. One that ends a long text is none.
fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#') && !line.contains("'''") && !line.contains("\"\"\"")
}

/// How many bytes of blanks a text begins with.
fn blank(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn collect(table: &Table, path: &mut KeyPath, headers: &mut Vec<Header>) {
    for (key, item) in table.iter() {
        path.push(key.into());
        let mut one = |table: &Table, path: &mut KeyPath| {
            if let Some(span) = table.span().filter(|_| !table.is_implicit() && !table.is_dotted())
            {
                headers.push(Header { path: path.clone(), start: span.start });
            }
            collect(table, path, headers);
        };
        match item {
            Item::Table(table) => one(table, path),
            Item::ArrayOfTables(tables) => {
                for (index, table) in tables.iter().enumerate() {
                    path.push(index.into());
                    one(table, path);
                    path.pop();
                }
            }
            _ => {}
        }
        path.pop();
    }
}

/// A part of the document.
#[derive(Clone, Copy)]
enum Found<'a> {
    Item(&'a Item),
    Table(&'a Table),
    Value(&'a Value),
}

impl<'a> Found<'a> {
    fn get(self, key: &Key) -> Option<Found<'a>> {
        match (self, key) {
            (Found::Item(Item::Table(table)) | Found::Table(table), Key::Name(name)) => {
                table.get(name).map(Found::Item)
            }
            (Found::Item(Item::ArrayOfTables(tables)), Key::Index(index)) => {
                tables.get(*index).map(Found::Table)
            }
            _ => match (self.value()?, key) {
                (Value::Array(array), Key::Index(index)) => array.get(*index).map(Found::Value),
                (Value::InlineTable(table), Key::Name(name)) => table.get(name).map(Found::Value),
                _ => None,
            },
        }
    }

    fn value(self) -> Option<&'a Value> {
        match self {
            Found::Item(item) => item.as_value(),
            Found::Value(value) => Some(value),
            Found::Table(_) => None,
        }
    }
}

fn names(path: &[Key]) -> Vec<&str> {
    path.iter()
        .filter_map(|key| match key {
            Key::Name(name) => Some(name.as_str()),
            Key::Index(_) => None,
        })
        .collect()
}

/// A table with its header, and the tables in it.
fn table_block(names: &[&str], value: &Json, block: &mut String) -> Result<(), FormError> {
    let table = value.as_object().ok_or(FormError::Path)?;
    block.push_str(&format!("[[{}]]\n", names.join(".")));
    let rank = |key: &str| match ORDER.iter().position(|known| *known == key) {
        _ if key == LAST => ORDER.len() + 1,
        Some(at) => at,
        None => ORDER.len(),
    };
    let mut keys: Vec<&String> = table.keys().collect();
    keys.sort_by_key(|key| rank(key));
    let is_tables = |value: &Json| {
        value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(Json::is_object))
    };
    for key in keys.iter().filter(|key| !is_tables(&table[**key]) && !table[**key].is_null()) {
        let value = literal(&key.as_str().into(), &table[*key], false, false)?;
        block.push_str(&format!("{} = {value}\n", TomlKey::new(key.as_str())));
    }
    for key in keys.iter().filter(|key| is_tables(&table[**key])) {
        for item in table[*key].as_array().into_iter().flatten() {
            block.push('\n');
            let below: Vec<&str> = names.iter().copied().chain([key.as_str()]).collect();
            table_block(&below, item, block)?;
        }
    }
    Ok(())
}

/// A value as it is written behind a key.
fn literal(key: &Key, value: &Json, long: bool, date: bool) -> Result<String, FormError> {
    let name = match key {
        Key::Name(name) => name.as_str(),
        Key::Index(_) => "",
    };
    if let Json::String(text) = value {
        if (date || name == "date") && text.parse::<toml::value::Datetime>().is_ok() {
            return Ok(text.clone());
        }
        if long || text.contains('\n') || name == LAST {
            return Ok(long_text(text));
        }
    }
    Ok(plain(value)?.to_string().trim().to_string())
}

/// A text of several lines: what stands in it stands in the file as it is, if TOML lets it.
fn long_text(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let end = if text.is_empty() { "" } else { "\n" };
    let is_raw = |c: char| c == '\n' || c == '\t' || !c.is_control();
    if text.chars().all(is_raw) && !text.contains("'''") {
        return format!("'''\n{text}{end}'''");
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '"' => escaped.extend(['\\', c]),
            c if is_raw(c) => escaped.push(c),
            c => escaped.push_str(&format!("\\u{:04X}", u32::from(c))),
        }
    }
    format!("\"\"\"\n{escaped}{end}\"\"\"")
}

fn plain(value: &Json) -> Result<Value, FormError> {
    Ok(match value {
        Json::Null => return Err(FormError::Path),
        Json::Bool(value) => (*value).into(),
        Json::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64().ok_or(FormError::Path)?.into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => {
            Value::Array(items.iter().map(plain).collect::<Result<Array, FormError>>()?)
        }
        Json::Object(table) => {
            let mut inline = InlineTable::new();
            for (key, value) in table.iter().filter(|(_, value)| !value.is_null()) {
                inline.insert(key, plain(value)?);
            }
            Value::InlineTable(inline)
        }
    })
}

/// An array with other values; those that it has already keep their comments.
fn array(old: &Array, new: &[Json]) -> Result<String, FormError> {
    let new: Vec<Value> = new.iter().map(plain).collect::<Result<_, _>>()?;
    let same = |(a, b): &(&Value, &Value)| match (a, b) {
        (Value::String(a), Value::String(b)) => a.value() == b.value(),
        (Value::Integer(a), Value::Integer(b)) => a.value() == b.value(),
        _ => false,
    };
    let head = old.iter().zip(&new).take_while(same).count();
    let room = old.len().min(new.len()) - head;
    let tail = (0..room)
        .take_while(|n| {
            old.get(old.len() - 1 - n).is_some_and(|a| same(&(a, &new[new.len() - 1 - n])))
        })
        .count();
    let mut array = old.clone();
    for _ in head..old.len() - tail {
        take(&mut array, head);
    }
    for (index, value) in new[head..new.len() - tail].iter().enumerate() {
        put(&mut array, head + index, value.clone());
    }
    Ok(array.to_string().trim().to_string())
}

/// The blanks and comments before the place `at` of an array: what stands on the line of the value
/// before it, and the rest.
fn gap(array: &Array, at: usize) -> (String, String) {
    let gap = match array.get(at) {
        Some(value) => value.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or(""),
        None => array.trailing().as_str().unwrap_or(""),
    };
    let (line, rest) = gap.split_at(gap.find('\n').unwrap_or(0));
    (line.into(), rest.into())
}

fn set_gap(array: &mut Array, at: usize, gap: &str) {
    match array.get_mut(at) {
        Some(value) => value.decor_mut().set_prefix(gap),
        None => array.set_trailing(gap),
    }
}

/// Puts a value into an array, on a line of its own where the others have one.
fn put(array: &mut Array, at: usize, mut value: Value) {
    let neighbour = if at < array.len() { Some(at) } else { at.checked_sub(1) };
    let (line, rest) = gap(array, at);
    let before = neighbour.map(|at| gap(array, at).1).unwrap_or_default();
    // Comments above a value stay with it.
    let indent = before.rfind('\n').map(|at| before[at..].to_string());
    let own = indent.unwrap_or_else(|| if at == 0 { String::new() } else { " ".into() });
    let rest = if at == 0 && rest.is_empty() && !array.is_empty() { " ".into() } else { rest };
    value.decor_mut().set_prefix(format!("{line}{own}"));
    value.decor_mut().set_suffix("");
    if at < array.len() || !line.is_empty() {
        set_gap(array, at, &rest);
    }
    array.insert_formatted(at, value);
}

/// Takes a value out of an array with the comment on its line, and no other.
fn take(array: &mut Array, at: usize) -> Value {
    let (line, own) = gap(array, at);
    let (_, rest) = gap(array, at + 1);
    let value = array.remove(at);
    let rest =
        if at == 0 && !own.contains('\n') && at < array.len() { String::new() } else { rest };
    let comments = own.rfind('\n').map_or("", |end| &own[..end]);
    set_gap(array, at, &format!("{line}{comments}{rest}"));
    value
}

/// A TOML text as JSON, dates as texts; `None` where it is no TOML.
pub fn value(text: &str) -> Option<Json> {
    let (table, errors) = DeTable::parse_recoverable(text);
    errors.is_empty().then(|| table_value(table.get_ref()))
}

fn table_value(table: &DeTable<'_>) -> Json {
    table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect()
}

fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().into()
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().ok().into(),
        DeValue::Boolean(value) => (*value).into(),
        DeValue::Datetime(date) => date.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => table_value(table),
    }
}

/// The fields of a TOML text, for asking which one a byte stands in.
pub struct Fields<'a> {
    text: &'a str,
    root: toml::Spanned<DeTable<'a>>,
}

/// A place in a field's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InField {
    /// The field.
    pub path: KeyPath,
    /// Where in its value, in UTF-16 units, as programs for the web count; nothing where the
    /// whole field is meant.
    pub part: Option<Range<usize>>,
}

impl<'a> Fields<'a> {
    /// The fields of a text; of what is wrong with it, as many as can be made out.
    pub fn new(text: &'a str) -> Self {
        Fields { text, root: DeTable::parse_recoverable(text).0 }
    }

    /// The innermost field that some bytes of the text stand in.
    pub fn at(&self, range: Range<usize>) -> Option<InField> {
        let mut path = Vec::new();
        let leaf = self.table(self.root.get_ref(), &range, &mut path);
        if path.is_empty() {
            return None;
        }
        let part = leaf.and_then(|(value, span)| {
            let DeValue::String(value) = value else { return None };
            (range.start > span.start || range.end < span.end).then_some(())?;
            let offsets = string_offsets(&self.text[span.clone()], span.start);
            let at = |byte: usize| offsets.partition_point(|&at| at < byte).min(value.len());
            let units = |to: usize| {
                let to = (0..=to).rev().find(|&to| value.is_char_boundary(to)).unwrap_or(0);
                value[..to].encode_utf16().count()
            };
            Some(units(at(range.start))..units(at(range.end)))
        });
        Some(InField { path, part })
    }

    fn table<'t>(
        &self,
        table: &'t DeTable<'a>,
        range: &Range<usize>,
        path: &mut KeyPath,
    ) -> Option<(&'t DeValue<'a>, Range<usize>)> {
        let inside = |span: &Range<usize>| {
            span.start <= range.start && range.start < span.end.max(span.start + 1)
        };
        for (key, value) in table.iter() {
            path.push(key.get_ref().as_ref().into());
            if inside(&key.span())
                && !matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_))
            {
                return None;
            }
            if let Some(found) = self.value(value, range, path) {
                return found;
            }
            path.pop();
        }
        None
    }

    /// The value that the bytes stand in, if it is in this one; `Some(None)` for a table itself.
    fn value<'t>(
        &self,
        value: &'t toml::Spanned<DeValue<'a>>,
        range: &Range<usize>,
        path: &mut KeyPath,
    ) -> Option<Option<(&'t DeValue<'a>, Range<usize>)>> {
        let span = value.span();
        let inside = span.start <= range.start && range.start < span.end;
        match value.get_ref() {
            DeValue::Table(table) => {
                let depth = path.len();
                let found = self.table(table, range, path);
                if path.len() > depth {
                    return Some(found);
                }
                inside.then_some(None)
            }
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(index.into());
                    if let Some(found) = self.value(item, range, path) {
                        return Some(found);
                    }
                    path.pop();
                }
                inside.then_some(None)
            }
            leaf => inside.then_some(Some((leaf, span))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUE: &str = "# 期首注释\nnumber = 1 # 期号\ndate = 2026-01-05\n\n\
        # 第一栏\n[[sections]]\nname = \"动态\" # 栏名\n\n\
        # 第一篇\n[[sections.articles]]\ntitle = '甲'\nsource = '来源' # 出处\nbody = '''\n一段\n# 不是注释\n[[sections]]\n'''\n\n\
        [[sections.articles]]\n# 标题上\ntitle = \"乙\"\nbody = '''\n二段\n'''\n\n\
        [[sections]]\nname = \"交流\"\n\n[[sections.articles]]\ntitle = \"丙\"\nbody = \"三段\"\n\n\
        # 版记\n[imprint]\nreport_to = [\n  \"甲部\", # 首\n  \"乙部\",\n]\n";

    fn keys(path: &str) -> KeyPath {
        path.split('.').map(|key| key.parse().map_or(Key::from(key), Key::Index)).collect()
    }

    fn set(path: &str, value: impl Into<Json>) -> Op {
        Op::Set { path: keys(path), value: value.into() }
    }

    #[track_caller]
    fn applied(text: &str, op: Op) -> String {
        apply(text, &[op]).expect("the operation fits")
    }

    /// The text that an operation makes is the old one with `from` replaced by `to`, byte for byte.
    #[track_caller]
    fn changes(op: Op, from: &str, to: &str) {
        assert_eq!(ISSUE.matches(from).count(), 1, "{from:?}");
        assert_eq!(applied(ISSUE, op), ISSUE.replacen(from, to, 1));
    }

    #[test]
    fn a_value_is_changed_and_nothing_else() {
        changes(set("number", 12), "number = 1 #", "number = 12 #");
        changes(set("date", "2026-02-01"), "2026-01-05", "2026-02-01");
        changes(set("sections.0.name", "新\"闻"), "\"动态\"", "'新\"闻'");
        changes(
            set("sections.0.articles.0.body", "新\n段"),
            "'''\n一段\n# 不是注释\n[[sections]]\n'''",
            "'''\n新\n段\n'''",
        );
        changes(set("sections.1.articles.0.body", "三\n四"), "\"三段\"", "'''\n三\n四\n'''");
        changes(set("imprint.report_to.1", "丙部"), "\"乙部\"", "\"丙部\"");
    }

    #[test]
    fn a_key_is_added_where_it_belongs_and_taken_away_alone() {
        changes(set("serial_number", 3), "# 期号\n", "# 期号\nserial_number = 3\n");
        changes(
            set("sections.0.articles.1.source", "某"),
            "title = \"乙\"\n",
            "title = \"乙\"\nsource = \"某\"\n",
        );
        changes(set("sections.0.articles.0.source", Json::Null), "source = '来源' # 出处\n", "");
        changes(set("imprint.editor", "李"), "\"乙部\",\n]\n", "\"乙部\",\n]\neditor = \"李\"\n");
        let text = applied("number = 1\n", set("imprint.editor", "李"));
        assert_eq!(text, "number = 1\n\n[imprint]\neditor = \"李\"\n");
        let text = applied("", set("number", 1));
        assert_eq!(text, "number = 1\n");
    }

    #[test]
    fn lists_keep_their_look_and_their_comments() {
        let list = |items: &[&str]| set("imprint.report_to", items.to_vec());
        changes(list(&["甲部", "丙部", "乙部"]), "  \"乙部\",", "  \"丙部\",\n  \"乙部\",");
        let insert = Op::Insert { path: keys("imprint.report_to"), at: 2, value: "丙".into() };
        changes(insert, "  \"乙部\",", "  \"乙部\",\n  \"丙\",");
        let text = applied(
            "a = 1\n",
            Op::Insert { path: keys("imprint.send_to"), at: 0, value: "丙".into() },
        );
        assert_eq!(text, "a = 1\n\n[imprint]\nsend_to = [\"丙\"]\n");
        changes(list(&["甲部"]), "\n  \"乙部\",", "");
        changes(list(&["乙部"]), "\n  \"甲部\", # 首", "");
        changes(Op::Remove { path: keys("imprint.report_to.0") }, "\n  \"甲部\", # 首", "");
        let text =
            applied("l = [\"甲\", \"乙\"]\n", Op::Move { path: keys("l.0"), to: Target::At(1) });
        assert_eq!(value(&text), value("l = [\"乙\", \"甲\"]"));
    }

    #[test]
    fn articles_move_with_their_comments() {
        let first = "# 第一篇\n[[sections.articles]]\ntitle = '甲'\nsource = '来源' # 出处\nbody = '''\n一段\n# 不是注释\n[[sections]]\n'''";
        let second = "[[sections.articles]]\n# 标题上\ntitle = \"乙\"\nbody = '''\n二段\n'''";
        let swapped =
            ISSUE.replacen(&format!("{first}\n\n{second}"), &format!("{second}\n\n{first}"), 1);
        let op = |from: &str, to| Op::Move { path: keys(from), to: Target::At(to) };
        assert_eq!(applied(ISSUE, op("sections.0.articles.0", 1)), swapped);
        assert_eq!(applied(&swapped, op("sections.0.articles.1", 0)), ISSUE);
        let moved = applied(ISSUE, op("sections.1", 0));
        let names = &value(&moved).expect("TOML")["sections"];
        assert_eq!((&names[0]["name"], &names[1]["name"]), (&"交流".into(), &"动态".into()));
        assert_eq!(names[1]["articles"][0]["title"], "甲");
        assert!(moved.contains("# 第一栏\n[[sections]]\nname = \"动态\" # 栏名"));
        // Into another section, and out of all sections.
        let target = Target::Path(keys("sections.1.articles.0"));
        let moved = applied(ISSUE, Op::Move { path: keys("sections.0.articles.0"), to: target });
        let sections = value(&moved).expect("TOML");
        assert_eq!(sections["sections"][1]["articles"][0]["title"], "甲");
        assert_eq!(sections["sections"][1]["articles"][1]["title"], "丙");
        assert!(moved.contains(first) && moved.contains("# 版记\n[imprint]"));
        let target = Target::Path(keys("articles.0"));
        let moved = applied(ISSUE, Op::Move { path: keys("sections.0.articles.1"), to: target });
        assert_eq!(value(&moved).expect("TOML")["articles"][0]["title"], "乙");
        assert!(moved.contains("[[articles]]\n# 标题上"));
    }

    #[test]
    fn articles_come_and_go() {
        let article = serde_json::json!({ "body": "文", "title": "丁", "attachments": [{ "title": "件", "body": "b" }] });
        let block = "[[sections.articles]]\ntitle = \"丁\"\nbody = '''\n文\n'''\n\n[[sections.articles.attachments]]\ntitle = \"件\"\nbody = '''\nb\n'''";
        let insert =
            |at| Op::Insert { path: keys("sections.0.articles"), at, value: article.clone() };
        changes(insert(0), "# 第一篇\n", &format!("{block}\n\n# 第一篇\n"));
        changes(insert(9), "二段\n'''\n", &format!("二段\n'''\n\n{block}\n"));
        let back =
            applied(&applied(ISSUE, insert(1)), Op::Remove { path: keys("sections.0.articles.1") });
        assert_eq!(back, ISSUE);
        let twice = applied(ISSUE, Op::Duplicate { path: keys("sections.0.articles.0") });
        assert_eq!(twice.matches("# 第一篇").count(), 2);
        assert_eq!(applied(&twice, Op::Remove { path: keys("sections.0.articles.1") }), ISSUE);
        // What stands apart behind an article is not the article's.
        let apart = "number = 1\n\n[[articles]]\ntitle = \"甲\"\nbody = \"\"\n\n# 待办\n# 未定\n";
        let gone = applied(apart, Op::Remove { path: keys("articles.0") });
        assert_eq!(gone, "number = 1\n\n# 待办\n# 未定\n");
        let loose = Op::Insert {
            path: keys("articles"),
            at: 0,
            value: serde_json::json!({ "title": "零", "body": "" }),
        };
        changes(loose, "# 第一栏\n", "[[articles]]\ntitle = \"零\"\nbody = '''\n'''\n\n# 第一栏\n");
        let none = applied(
            "number = 1\n\n[[articles]]\ntitle = \"甲\"\nbody = \"\"\n",
            Op::Remove { path: keys("articles.0") },
        );
        assert_eq!(none, "number = 1\n");
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        for op in [
            set("sections.7.name", "x"),
            set("sections.0.articles.0.title.0", "x"),
            set("sections", "x"),
            Op::Remove { path: keys("sections.9") },
            Op::Remove { path: keys("imprint.report_to.9") },
            Op::Move { path: keys("sections.0.articles.5"), to: Target::At(0) },
            Op::Duplicate { path: keys("number") },
            Op::Insert { path: keys("number"), at: 0, value: serde_json::json!({}) },
            Op::Remove { path: Vec::new() },
        ] {
            assert!(apply(ISSUE, std::slice::from_ref(&op)).is_err(), "{op:?}");
        }
        assert_eq!(apply("a = [", &[set("a", 1)]), Err(FormError::Syntax));
    }

    #[test]
    fn any_text_comes_back_as_it_was() {
        let odd: Vec<char> = "甲'\"\\\n\t\u{7}#[]=\r".chars().collect();
        let mut rng = fastrand::Rng::with_seed(9);
        for _ in 0..3_000 {
            let text: String = (0..rng.usize(0..12)).map(|_| odd[rng.usize(..odd.len())]).collect();
            for key in ["title", "body"] {
                let path = format!("sections.0.articles.0.{key}");
                let read = value(&applied(ISSUE, set(&path, text.as_str()))).expect("TOML");
                let read =
                    read["sections"][0]["articles"][0][key].as_str().expect("a text").to_string();
                let wanted = text.replace("\r\n", "\n");
                assert_eq!(read.trim_end_matches('\n'), wanted.trim_end_matches('\n'), "{text:?}");
            }
        }
    }

    #[test]
    fn a_byte_knows_its_field() {
        let fields = Fields::new(ISSUE);
        let at = |part: &str| {
            let start = ISSUE.find(part).expect("it is there");
            fields.at(start..start + part.len())
        };
        let field = |path: &str, part| Some(InField { path: keys(path), part });
        assert_eq!(at("二段"), field("sections.0.articles.1.body", Some(0..2)));
        assert_eq!(at("不是"), field("sections.0.articles.0.body", Some(5..7)));
        assert_eq!(at("丙"), field("sections.1.articles.0.title", Some(0..1)));
        assert_eq!(at("乙部"), field("imprint.report_to.1", Some(0..2)));
        assert_eq!(at("2026-01-05"), field("date", None));
        assert_eq!(at("name = \"交流\"").map(|found| found.path), Some(keys("sections.1.name")));
    }
}
