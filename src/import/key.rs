//! The texts of an issue → the keys under which the ledger books them.

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
    /// A text of [`crate::issue::article::PARTS`], by its key in the TOML.
    Part(&'static str),
    /// The title of an attachment.
    AttachmentTitle(usize),
    /// The body of an attachment.
    AttachmentBody(usize),
}

impl ArticleText {
    /// The title.
    pub const TITLE: Self = Self::Part("title");
    /// The subtitle.
    pub const SUBTITLE: Self = Self::Part("subtitle");
    /// The line in the contents.
    pub const ENTRY: Self = Self::Part("contents_entry");
    /// The source.
    pub const SOURCE: Self = Self::Part("source");
    /// The contributor.
    pub const CONTRIBUTOR: Self = Self::Part("contributor");
    /// The authors.
    pub const AUTHORS: Self = Self::Part("authors");
    /// The editor's note.
    pub const NOTE: Self = Self::Part("editors_note");
    /// The body.
    pub const BODY: Self = Self::Part("body");
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
            ArticleText::Part(key) => f.write_str(key),
            ArticleText::AttachmentTitle(at) => write!(f, "x{at}.title"),
            ArticleText::AttachmentBody(at) => write!(f, "x{at}.body"),
        }
    }
}
