//! Bytes of an issue's TOML → the field that contains them.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::issue::form::KeyPath;
use crate::source::read::string_offsets;

/// The fields of a TOML text, to be looked up by byte.
pub struct Fields<'a> {
    text: &'a str,
    root: toml::Spanned<DeTable<'a>>,
}

/// A place in a field's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InField {
    /// The field.
    pub path: KeyPath,
    /// The part of its value, in UTF-16 units, which JavaScript counts in; `None` for the whole
    /// field.
    pub part: Option<Range<usize>>,
}

impl<'a> Fields<'a> {
    /// The fields of a text; where the text is not valid TOML, as many as the parser recovers.
    pub fn new(text: &'a str) -> Self {
        Fields { text, root: DeTable::parse_recoverable(text).0 }
    }

    /// The innermost field that contains some bytes of the text.
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

    /// The value inside this one that contains the bytes; `Some(None)` for a table itself.
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
    use crate::issue::form::tests::{ISSUE, keys};

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
