//! The parts of an issue as an import fills them: an issue without what its source does not state.

use super::imprint::Imprint;
use super::line::Remark;
use super::markup::Paragraph;
use super::masthead::Masthead;

/// An issue taken from a source, before a person has checked it.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The masthead.
    pub masthead: Masthead,
    /// The editor's note before all articles.
    pub note: Vec<Paragraph>,
    /// The sections; the first may be nameless.
    pub sections: Vec<Section>,
    /// The imprint.
    pub imprint: Imprint,
    /// What a person should look at.
    pub remarks: Vec<Remark>,
}

/// A section of a draft.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// Its name.
    pub name: Option<String>,
    /// Its articles.
    pub articles: Vec<Article>,
}

/// An article of a draft.
#[derive(Debug, Clone, Default)]
pub struct Article {
    /// The lines of the title; empty where the source has no title.
    pub title: Vec<String>,
    /// The lines of the subtitle.
    pub subtitle: Vec<String>,
    /// The line in the contents, where it differs from the title.
    pub entry: Option<String>,
    /// The source (来源).
    pub source: Option<String>,
    /// The contributor (供稿).
    pub contributor: Option<String>,
    /// The authors (撰稿人).
    pub authors: Vec<String>,
    /// The editor's note.
    pub note: Vec<Paragraph>,
    /// The text.
    pub body: Vec<Paragraph>,
    /// The attachments.
    pub attachments: Vec<Attachment>,
}

/// An attachment of a draft.
#[derive(Debug, Clone, Default)]
pub struct Attachment {
    /// The lines of its title.
    pub title: Vec<String>,
    /// Its text.
    pub body: Vec<Paragraph>,
}

impl Draft {
    /// All articles in their order.
    pub fn articles(&self) -> impl Iterator<Item = &Article> {
        self.sections.iter().flat_map(|section| &section.articles)
    }

    /// All articles in their order, to be changed.
    pub fn articles_mut(&mut self) -> impl Iterator<Item = &mut Article> {
        self.sections.iter_mut().flat_map(|section| &mut section.articles)
    }
}

impl Article {
    /// Whether the source, the contributor or an author is known.
    pub fn has_byline(&self) -> bool {
        self.source.is_some() || self.contributor.is_some() || !self.authors.is_empty()
    }
}
