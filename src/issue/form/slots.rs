//! An issue's TOML text → its parts and their byte ranges: values, tables, comments above them.

use std::ops::Range;

use toml_edit::{Array, Document, InlineTable, Item, Table, Value};

use crate::issue::form::{FormError, Key, KeyPath};

/// An issue's text with its values and the headers of its tables.
pub struct Form<'a> {
    /// The text.
    pub text: &'a str,
    document: Document<&'a str>,
    /// The headers in the order of the text.
    pub headers: Vec<Header>,
}

/// The header of a table: `[imprint]`, `[[sections.articles]]`.
pub struct Header {
    /// The table.
    pub path: KeyPath,
    /// Where the header's line begins.
    pub start: usize,
}

impl<'a> Form<'a> {
    /// Reads a text.
    pub fn new(text: &'a str) -> Result<Self, FormError> {
        let document = Document::parse(text).map_err(|_| FormError::Syntax)?;
        let mut headers = Vec::new();
        collect(document.as_table(), &mut Vec::new(), &mut headers);
        for header in &mut headers {
            header.start = text[..header.start].rfind('\n').map_or(0, |at| at + 1);
        }
        headers.sort_by_key(|header| header.start);
        Ok(Form { text, document, headers })
    }

    /// The text with other text in the place of some bytes.
    pub fn replaced(&self, range: Range<usize>, with: &str) -> String {
        [&self.text[..range.start], with, &self.text[range.end..]].concat()
    }

    /// The part of the document at a path.
    pub fn item(&self, path: &[Key]) -> Option<Found<'_>> {
        let mut found = Found::Item(self.document.as_item());
        for key in path {
            found = found.get(key)?;
        }
        Some(found)
    }

    /// The array written in some bytes, with its blanks and comments.
    pub fn array(&self, range: Range<usize>) -> Result<Array, FormError> {
        match self.text[range].parse() {
            Ok(Value::Array(array)) => Ok(array),
            _ => Err(FormError::Path),
        }
    }

    /// The inline table written in some bytes, with its blanks and comments.
    pub fn inline(&self, range: Range<usize>) -> Result<InlineTable, FormError> {
        match self.text[range].parse() {
            Ok(Value::InlineTable(table)) => Ok(table),
            _ => Err(FormError::Path),
        }
    }

    /// The header of a table.
    pub fn header(&self, path: &[Key]) -> Option<&Header> {
        self.headers.iter().find(|header| header.path == path)
    }

    /// The bytes of a table, with the comments above it and its subtables, without blanks at the
    /// end. Comments after a blank line at its end belong to no table and are left out.
    pub fn slot(&self, path: &[Key]) -> Option<Range<usize>> {
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

    /// The bytes of each table of an array.
    pub fn slots(&self, array: &[Key]) -> Vec<Range<usize>> {
        (0..)
            .map_while(|index| {
                let path: KeyPath = array.iter().cloned().chain([Key::Index(index)]).collect();
                self.slot(&path)
            })
            .collect()
    }

    /// The start of the line that contains a byte.
    pub fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |at| at + 1)
    }

    /// The start of the comments directly above a line.
    pub fn with_comments(&self, mut line: usize) -> usize {
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

/// Whether a line is a comment. A line that contains a long text's closing quotes is not.
fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#') && !line.contains("'''") && !line.contains("\"\"\"")
}

/// The number of bytes of blanks at the start of a text.
pub fn blank(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// Collects the headers of a table and of the tables in it.
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
pub enum Found<'a> {
    /// An entry of a table.
    Item(&'a Item),
    /// A table of an array of tables.
    Table(&'a Table),
    /// A value in an array or an inline table.
    Value(&'a Value),
}

impl<'a> Found<'a> {
    /// The part one step further along a path.
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

    /// The value that the part is, unless it is a table with a header.
    pub fn value(self) -> Option<&'a Value> {
        match self {
            Found::Item(item) => item.as_value(),
            Found::Value(value) => Some(value),
            Found::Table(_) => None,
        }
    }
}

/// The names in a path, without the indices of arrays.
pub fn names(path: &[Key]) -> Vec<&str> {
    path.iter()
        .filter_map(|key| match key {
            Key::Name(name) => Some(name.as_str()),
            Key::Index(_) => None,
        })
        .collect()
}
