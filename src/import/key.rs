//! The texts of an issue: each has a key, under which the ledger keeps account of it.

use std::fmt::{self, Display, Formatter};

/// A text of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The label beside the number.
    Label,
    /// The line above the name.
    Meeting,
    /// The issuer.
    Issuer,
    /// The line at the top left.
    Notice,
    /// The editor's note before all articles.
    Note,
    /// An editor's note whose article has not begun yet.
    NextNote,
    /// The name of a section, counted among the sections that have one.
    Section(usize),
    /// A text of an article, counted through all sections.
    Article(usize, ArticleText),
    /// A list or a person of the imprint, by the key of the TOML.
    Imprint(&'static str),
}

/// A text of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArticleText {
    /// The title.
    Title,
    /// The subtitle.
    Subtitle,
    /// The line in the contents.
    Entry,
    /// The source.
    Source,
    /// The contributor.
    Contributor,
    /// The authors.
    Authors,
    /// The editor's note.
    Note,
    /// The body.
    Body,
    /// The title of an attachment.
    AttachmentTitle(usize),
    /// The body of an attachment.
    AttachmentBody(usize),
}

impl Display for Key {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Key::Label => f.write_str("label"),
            Key::Meeting => f.write_str("meeting"),
            Key::Issuer => f.write_str("issuer"),
            Key::Notice => f.write_str("notice"),
            Key::Note => f.write_str("note"),
            Key::NextNote => f.write_str("next-note"),
            Key::Section(at) => write!(f, "s{at}"),
            Key::Article(at, text) => write!(f, "a{at}.{text}"),
            Key::Imprint(key) => write!(f, "imprint.{key}"),
        }
    }
}

impl Display for ArticleText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            ArticleText::Title => f.write_str("title"),
            ArticleText::Subtitle => f.write_str("subtitle"),
            ArticleText::Entry => f.write_str("entry"),
            ArticleText::Source => f.write_str("source"),
            ArticleText::Contributor => f.write_str("contributor"),
            ArticleText::Authors => f.write_str("authors"),
            ArticleText::Note => f.write_str("note"),
            ArticleText::Body => f.write_str("body"),
            ArticleText::AttachmentTitle(at) => write!(f, "x{at}.title"),
            ArticleText::AttachmentBody(at) => write!(f, "x{at}.body"),
        }
    }
}
