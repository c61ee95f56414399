//! An article (文章): as written, as checked, and the table of its texts.
//!
//! A new text is a field of [`RawArticle`] and a row of [`PARTS`]. It is then checked, shown to the
//! layout under its key, found on paper, and kept in its place when the TOML is edited.

use std::slice;

use schemars::JsonSchema;
use serde::Deserialize;

use super::body::Block;
use super::kind::Kind;
use crate::diag::Spanned;

/// An article (文章).
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawArticle {
    /// The title (标题). A `|` says where a long title breaks.
    #[schemars(length(min = 1))]
    pub title: Spanned<String>,
    /// The subtitle (副标题) without its dash, which the program sets. A `|` breaks it.
    #[schemars(length(min = 1))]
    pub subtitle: Option<Spanned<String>>,
    /// The article's line in the contents, where it is not the title.
    #[schemars(length(min = 1))]
    pub contents_entry: Option<Spanned<String>>,
    /// Where it comes from (来源), without parentheses: （青岛市妇联）.
    #[schemars(length(min = 1))]
    pub source: Option<Spanned<String>>,
    /// Who sent it (供稿), printed （青岛市妇联供稿）.
    #[schemars(length(min = 1))]
    pub contributor: Option<Spanned<String>>,
    /// Who wrote it (作者), printed （撰稿人：张某某　李某某）.
    #[serde(default)]
    pub authors: Vec<Spanned<String>>,
    /// The editor's note (编者按) before this article.
    pub editors_note: Option<Spanned<String>>,
    /// The text (正文): one line is one paragraph; see the README for its few marks.
    pub body: Spanned<String>,
    /// Its attachments (附件): named under the body, set on pages of their own.
    #[serde(default)]
    pub attachments: Vec<Spanned<RawAttachment>>,
}

/// An attachment (附件) of an article.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawAttachment {
    /// Its title (标题), without 附件 and its number. A `|` says where a long title breaks.
    #[schemars(length(min = 1))]
    pub title: Spanned<String>,
    /// The text, with the marks of an article's body.
    pub body: Spanned<String>,
}

/// A text that an article may have.
#[derive(Debug)]
pub struct Part {
    /// Its key in the TOML.
    pub key: &'static str,
    /// The kind of text, which decides how it is checked.
    pub kind: Kind,
    /// The place where it is printed.
    pub position: Position,
    /// Whether the key holds a list of texts.
    pub is_list: bool,
    /// Its texts in an article: a list gives any number, another key at most one.
    pub of: fn(&RawArticle) -> &[Spanned<String>],
}

/// Where a text of an article is printed, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// In the contents, instead of the title.
    Contents,
    /// The title.
    Title,
    /// Between title and body.
    Head,
    /// The body, with the names of the attachments under it.
    Body,
    /// In the parentheses after the body, which hold all texts of this position.
    Source,
}

impl Part {
    /// Whether a `|` marks a line break; a line of the contents has it too, like the title it
    /// replaces.
    pub fn has_bars(&self) -> bool {
        self.kind.breaks_at_bars() || self.position == Position::Contents
    }
}

/// Parts are compared by key.
impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

/// The texts of an article in the order in which they are written; the body, the longest, is last.
#[rustfmt::skip]
pub static PARTS: [Part; 8] = [
    Part { key: "title", kind: Kind::Title, position: Position::Title, is_list: false, of: |raw| slice::from_ref(&raw.title) },
    Part { key: "subtitle", kind: Kind::Subtitle, position: Position::Head, is_list: false, of: |raw| raw.subtitle.as_slice() },
    Part { key: "contents_entry", kind: Kind::Line, position: Position::Contents, is_list: false, of: |raw| raw.contents_entry.as_slice() },
    Part { key: "source", kind: Kind::Line, position: Position::Source, is_list: false, of: |raw| raw.source.as_slice() },
    Part { key: "contributor", kind: Kind::Line, position: Position::Source, is_list: false, of: |raw| raw.contributor.as_slice() },
    Part { key: "authors", kind: Kind::Line, position: Position::Source, is_list: true, of: |raw| &raw.authors },
    Part { key: "editors_note", kind: Kind::Note, position: Position::Head, is_list: false, of: |raw| raw.editors_note.as_slice() },
    Part { key: "body", kind: Kind::Body, position: Position::Body, is_list: false, of: |raw| slice::from_ref(&raw.body) },
];

/// The texts of an article in the order of the page.
pub fn printed() -> Vec<&'static Part> {
    let mut parts: Vec<&Part> = PARTS.iter().collect();
    parts.sort_by_key(|part| part.position);
    parts
}

/// An article (文章), checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// The title (标题), `|` where its lines break.
    pub title: String,
    /// The line in the contents.
    pub contents_entry: Option<String>,
    /// The texts other than title and body that the layout gets under their own keys: subtitle
    /// (副标题), editor's note (编者按). A text that the article lacks is present but empty.
    pub texts: Vec<(&'static Part, Text)>,
    /// The origin (来源), as printed between the parentheses.
    pub source: Option<String>,
    /// The text (正文).
    pub body: Vec<Block>,
    /// The attachments (附件), in order.
    pub attachments: Vec<Attachment>,
}

/// A checked text of an article.
#[derive(Debug, Clone, PartialEq)]
pub enum Text {
    /// A text of one line, or each of a list.
    Lines(Vec<String>),
    /// A text with marks.
    Blocks(Vec<Block>),
}

/// An attachment (附件), checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// The title (标题), `|` where its lines break.
    pub title: String,
    /// The text.
    pub body: Vec<Block>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_text_of_an_article_is_a_part() {
        let schema = crate::source::read::schema::<RawArticle>();
        let keys = schema["properties"].as_object().expect("keys").keys().map(String::as_str);
        let keys: BTreeSet<&str> = keys.filter(|key| *key != "attachments").collect();
        assert_eq!(PARTS.iter().map(|part| part.key).collect::<BTreeSet<_>>(), keys);
        assert_eq!(PARTS.last().map(|part| part.key), Some("body"));
    }
}
