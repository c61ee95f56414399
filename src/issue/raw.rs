//! One issue's TOML as written; every value that a check may blame carries its place.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::diag::Spanned;

/// One issue (期) as its `<year>-<number>.toml` says it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "One issue of a publication")]
pub struct RawIssue {
    /// The issue number within the year (期号), printed 第×期.
    #[schemars(range(min = 1, max = 99999))]
    pub number: Option<Spanned<u32>>,
    /// The number of a supplement (增刊), instead of `number`; counted apart.
    #[schemars(range(min = 1, max = 99999))]
    pub supplement: Option<Spanned<u32>>,
    /// The cumulative number since the first issue (总期号), printed （总第×期）.
    #[schemars(range(min = 1, max = 999999))]
    pub serial_number: Option<Spanned<u32>>,
    /// The date of issue (编发日期), a TOML date such as `2014-08-20`.
    // Required all the same: without it an issue is read so that the rest can be checked.
    #[schemars(required, with = "String", extend("format" = "date"))]
    pub date: Option<Spanned<toml::value::Datetime>>,
    /// The version of the layout to stay with, so that a new house style does not change this issue.
    #[schemars(length(min = 1))]
    pub layout_version: Option<Spanned<String>>,
    /// A label beside the number (专刊, 特刊).
    #[schemars(length(min = 1))]
    pub label: Option<Spanned<String>>,
    /// The meeting whose bulletin this is (会议简报): a smaller line above the name.
    #[schemars(length(min = 1))]
    pub meeting: Option<Spanned<String>>,
    /// The issuing unit of this issue, where it is not the publication's.
    #[schemars(length(min = 1))]
    pub issuer: Option<Spanned<String>>,
    /// A line at the masthead's top left, where it is not the publication's; empty for none.
    pub notice: Option<Spanned<String>>,
    /// The classification (密级和保密期限).
    pub classification: Option<RawClassification>,
    /// The urgency (紧急程度).
    pub urgency: Option<Urgency>,
    /// The copy number (份号), up to six digits; only for controlled copies.
    #[schemars(range(min = 1, max = 999999))]
    pub copy_number: Option<Spanned<u32>>,
    /// The editor's note (编者按) before the first article.
    pub editors_note: Option<Spanned<String>>,
    /// Articles outside any section; they stand before the sections.
    #[serde(default)]
    pub articles: Vec<Spanned<RawArticle>>,
    /// The sections (栏目) in their order.
    #[serde(default)]
    pub sections: Vec<Spanned<RawSection>>,
    /// What this issue's imprint (版记) says otherwise than the publication's.
    #[serde(default)]
    pub imprint: RawImprint,
}

/// A section (栏目).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSection {
    /// The section's name without brackets, e.g. `妇工动态`.
    #[schemars(length(min = 1))]
    pub name: Spanned<String>,
    /// Its articles in their order.
    #[serde(default)]
    pub articles: Vec<Spanned<RawArticle>>,
}

/// An article (文章).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
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

/// The imprint (版记): who gets the issue, and who made it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawImprint {
    /// 报: superiors, in order of precedence.
    pub report_to: Option<Vec<Spanned<String>>>,
    /// 送: equals.
    pub send_to: Option<Vec<Spanned<String>>>,
    /// 发: subordinates.
    pub distribute_to: Option<Vec<Spanned<String>>>,
    /// 本期增发: those who get this issue besides.
    pub also_to: Option<Vec<Spanned<String>>>,
    /// The number of copies, printed 共印×份.
    #[schemars(range(min = 1, max = 999999))]
    pub print_run: Option<Spanned<u32>>,
    /// 责任编辑.
    pub editor: Option<Spanned<String>>,
    /// 审核.
    pub reviewer: Option<Spanned<String>>,
    /// 签发.
    pub approved_by: Option<Spanned<String>>,
    /// 电话.
    pub phone: Option<Spanned<String>>,
    /// 邮箱.
    pub email: Option<Spanned<String>>,
}

impl RawImprint {
    /// Every text in it.
    pub fn texts(&self) -> impl Iterator<Item = &Spanned<String>> {
        let lists = [&self.report_to, &self.send_to, &self.distribute_to, &self.also_to];
        let fields = [&self.editor, &self.reviewer, &self.approved_by, &self.phone, &self.email];
        lists.into_iter().flatten().flatten().chain(fields.into_iter().flatten())
    }
}

/// The classification (密级和保密期限).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawClassification {
    /// The level (密级).
    pub level: Level,
    /// The period (保密期限), e.g. `1年`.
    #[schemars(length(min = 1))]
    pub period: Option<Spanned<String>>,
}

/// A level of classification (密级). Translations turn the lower two round, hence the pinyin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Level {
    /// 秘密, the lowest.
    #[serde(rename = "秘密")]
    Mimi,
    /// 机密.
    #[serde(rename = "机密")]
    Jimi,
    /// 绝密, the highest.
    #[serde(rename = "绝密")]
    Juemi,
}

/// The urgency of an issue (紧急程度).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Urgency {
    /// 特急.
    #[serde(rename = "特急")]
    Teji,
    /// 加急.
    #[serde(rename = "加急")]
    Jiaji,
}
