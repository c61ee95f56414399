//! `issues/<publication>/publication.toml` → the settings shared by its issues, as written and as
//! checked. Only [`crate::check`] turns the first into the second.

pub mod fonts;
pub mod layout;
pub mod length;
pub mod tolerance;

pub mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use self::fonts::{FontChoice, FontSet};
use self::layout::Layout;
use self::tolerance::{Kept, Name, Settings};
use crate::diag::rules::{Level, Levels};
use crate::diag::{SourceFile, Spanned};
use crate::issue::imprint::{ImprintList, RawImprint};
use words::WordList;

/// A publication (刊物) as its `publication.toml` says it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "publication.toml")]
pub struct RawPublication {
    /// The name set large and red in the masthead (刊名), e.g. `妇工简报`.
    #[schemars(length(min = 1))]
    pub name: Spanned<String>,
    /// A smaller line above the name: the body whose bulletin it is.
    pub organization: Option<Spanned<String>>,
    /// The issuing unit (编发单位), left above the masthead's rule; a `|` stands between units that issue together.
    #[schemars(length(min = 1))]
    pub issuer: Spanned<String>,
    /// A line at the masthead's top left (e.g. 内部资料 注意保存).
    pub notice: Option<Spanned<String>>,
    /// The layout (版式): a folder of `layouts/`. Defaults to `official`.
    pub layout: Option<Spanned<String>>,
    /// The version of the layout to stay with, where it is not the newest; an issue may pin its own.
    #[schemars(length(min = 1))]
    pub layout_version: Option<Spanned<String>>,
    /// The author in the PDF's properties. Defaults to the issuer.
    pub author: Option<Spanned<String>>,
    /// Keywords in the PDF's properties.
    #[serde(default)]
    pub keywords: Vec<Spanned<String>>,
    /// Whether pages are fitted: lines pulled in or pushed on where the imprint would stand alone,
    /// where a page would have a hole, or page 1 no text. Defaults to `true`.
    pub copy_fit: Option<bool>,
    /// Options of the layout; `layout.toml` says which there are.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    pub options: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    /// The office's own fonts: the family name for a role.
    #[serde(default)]
    pub fonts: FontChoice,
    /// What stands in the imprint (版记) of every issue.
    #[serde(default)]
    pub imprint: RawImprint,
    /// The lists of the imprint that no issue may leave empty.
    #[serde(default)]
    pub required_lists: Vec<ImprintList>,
    /// The level of a rule; `jianbao rules` lists them.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Level>")]
    pub rules: BTreeMap<Spanned<String>, Level>,
    /// Words that are wrong, each with the right one; besides the program's own list.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub words: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Names of bodies and people that are written one way, each with the ways that are not.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Vec<String>>")]
    pub names: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    /// How `jianbao compare` looks at the issues.
    #[serde(default)]
    pub compare: RawCompare,
}

/// How issues are compared with their references.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCompare {
    /// What `jianbao accept` keeps. Defaults to `pdf`.
    #[serde(default)]
    pub references: Kept,
    /// Pixels to the inch. Defaults to `100`.
    #[schemars(range(min = 30, max = 300))]
    pub resolution: Option<Spanned<u32>>,
    /// How far apart the colours of a pixel may be, from 0 to 1; above 0.01, smoothed edges do not
    /// count. Defaults to 0 for PDFs of this program and to 0.1 for those of others.
    #[schemars(range(min = 0, max = 1))]
    pub colour: Option<Spanned<f64>>,
    /// How much of a page may differ, in mm². Defaults to 0, for PDFs of others to 1.
    #[schemars(range(min = 0, max = 1000000))]
    pub area: Option<Spanned<f64>>,
    /// How far text and rules may move, in mm. Defaults to 0.02, for PDFs of others to 0.5.
    #[schemars(range(min = 0, max = 1000))]
    pub moved: Option<Spanned<f64>>,
    /// How alike a page may look to be the same (structural similarity, 0 to 1). Defaults to 1.
    #[schemars(range(min = 0, max = 1))]
    pub likeness: Option<Spanned<f64>>,
    /// Parts of the page with a tolerance of their own.
    #[serde(default)]
    pub regions: Vec<Spanned<RawRegion>>,
}

/// A part of the page: by its name, or a box.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRegion {
    /// What stands there.
    pub name: Option<Name>,
    /// A box on every page: left, top, width and height in mm, from the page's left top corner.
    #[serde(rename = "box")]
    #[schemars(length(min = 4, max = 4))]
    pub corners: Option<Spanned<Vec<f64>>>,
    /// Whether it is not looked at.
    #[serde(default)]
    pub ignore: bool,
    /// As on the page.
    #[schemars(range(min = 0, max = 1))]
    pub colour: Option<Spanned<f64>>,
    /// As on the page.
    #[schemars(range(min = 0, max = 1000000))]
    pub area: Option<Spanned<f64>>,
    /// As on the page.
    #[schemars(range(min = 0, max = 1000))]
    pub moved: Option<Spanned<f64>>,
    /// As on the page.
    #[schemars(range(min = 0, max = 1))]
    pub likeness: Option<Spanned<f64>>,
}

/// A publication with everything that its issues share, checked.
pub struct Publication {
    /// Its id: the name of its folder in `issues/`.
    pub id: String,
    /// The settings as written, which have passed the checks.
    pub raw: RawPublication,
    /// Its layout.
    pub layout: Layout,
    /// The layout's options, each with a value.
    pub options: serde_json::Map<String, serde_json::Value>,
    /// The faces by role.
    pub fonts: Arc<FontSet>,
    /// How severe each rule is.
    pub levels: Levels,
    /// Words and names with the right way to write them.
    pub words: WordList,
    /// How issues are compared with their references.
    pub compare: Settings,
    /// The publication's TOML file.
    pub file: Arc<SourceFile>,
}
