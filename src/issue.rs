//! One issue, checked: what [`crate::merge`] may rely on.

pub mod body;
pub mod number;
pub mod raw;

use std::path::PathBuf;

use body::Block;
pub use number::{Date, Number};
use raw::{Level, Urgency};

/// An issue (期) that can be set.
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
    /// The smaller line above the name: the meeting's or the organization's.
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

/// An article (文章).
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// The title (标题), `|` where its lines break.
    pub title: String,
    /// The subtitle (副标题).
    pub subtitle: Option<String>,
    /// The line in the contents.
    pub contents_entry: Option<String>,
    /// Where it comes from (来源), in the words that stand in its parentheses.
    pub source: Option<String>,
    /// The editor's note (编者按).
    pub editors_note: Vec<Block>,
    /// The text (正文).
    pub body: Vec<Block>,
    /// The attachments (附件), in order.
    pub attachments: Vec<Attachment>,
}

/// An attachment (附件).
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// The title (标题), `|` where its lines break.
    pub title: String,
    /// The text.
    pub body: Vec<Block>,
}

/// The imprint (版记).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imprint {
    /// 报.
    pub report_to: Vec<String>,
    /// 送.
    pub send_to: Vec<String>,
    /// 发.
    pub distribute_to: Vec<String>,
    /// 本期增发.
    pub also_to: Vec<String>,
    /// 共印×份.
    pub print_run: Option<u32>,
    /// The people and contacts, each with its printed label (责任编辑, 审核, 签发, 电话, 邮箱).
    pub staff: Vec<(&'static str, String)>,
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
