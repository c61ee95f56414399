//! The data of one issue: the raw type, which is its TOML as written (`raw`), and the checked type
//! (here), which `check` makes of it. `form` edits an issue's TOML in place; `next` begins a new one.

pub mod form;
pub mod next;

pub mod article;
pub mod body;
pub mod imprint;
pub mod kind;
pub mod number;
pub mod raw;
pub mod table;

use std::path::PathBuf;

pub use article::{Article, Attachment};
use body::Block;
pub use imprint::Imprint;
pub use kind::Kind;
pub use number::{Date, Number};
use raw::{Level, Urgency};

/// An issue (期) that can be typeset.
#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    /// The number within the year (期号), or that of a supplement (增刊).
    pub number: Number,
    /// The cumulative number (总期号).
    pub serial_number: Option<u32>,
    /// The date of issue (编发日期).
    pub date: Date,
    /// The label beside the number (专刊, 特刊).
    pub label: Option<String>,
    /// The smaller line above the name: the meeting or the organization.
    pub above_name: Option<String>,
    /// The issuing unit (编发单位).
    pub issuer: String,
    /// The line at the masthead's top left (内部资料).
    pub notice: Option<String>,
    /// The classification (密级) and its period (保密期限).
    pub classification: Option<(Level, Option<String>)>,
    /// The urgency (紧急程度).
    pub urgency: Option<Urgency>,
    /// The copy number (份号).
    pub copy_number: Option<u32>,
    /// The editor's note (编者按) before the first article.
    pub editors_note: Vec<Block>,
    /// The sections (栏目); the first may be nameless.
    pub sections: Vec<Section>,
    /// The imprint (版记).
    pub imprint: Imprint,
    /// The pictures that the bodies name, in order of appearance.
    pub pictures: Vec<Picture>,
}

/// A section (栏目).
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its name; `None` for articles outside any section.
    pub name: Option<String>,
    /// Its articles.
    pub articles: Vec<Article>,
}

/// A picture that a body names.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The name in the body.
    pub name: String,
    /// The file, inside the project.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
}
