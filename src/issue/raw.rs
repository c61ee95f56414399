//! One issue's TOML as written; every value that a check may report carries its place.

use schemars::JsonSchema;
use serde::Deserialize;

pub use super::article::{RawArticle, RawAttachment};
pub use super::imprint::RawImprint;
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
    // The schema requires the date although the type does not, so that an issue without a date
    // is still read and its other values are checked.
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

/// The articles of a section, or the articles outside any section.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// The section with its index among the sections; `None` for articles outside any section.
    pub section: Option<(usize, &'a RawSection)>,
    /// Its articles.
    pub articles: &'a [Spanned<RawArticle>],
}

impl RawIssue {
    /// The articles outside any section, if there are any, then each section.
    pub fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        let loose = Group { section: None, articles: &self.articles };
        let sections = self.sections.iter().enumerate().map(|(at, Spanned { value, .. })| Group {
            section: Some((at, value)),
            articles: &value.articles,
        });
        Some(loose).filter(|loose| !loose.articles.is_empty()).into_iter().chain(sections)
    }

    /// Every article, in the order in which they are printed.
    pub fn articles(&self) -> impl Iterator<Item = &RawArticle> {
        self.groups().flat_map(|group| group.articles).map(|article| &article.value)
    }
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
