//! What stays the same from issue to issue: `issues/<publication>/publication.toml`.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::check::text::{Kind, TextCheck};
use crate::check::words::WordList;
use crate::compare::reference::Kept;
use crate::compare::regions::{At, Name, Region};
use crate::compare::{Allowed, Settings};
use crate::diag::{Checked, Code, Diagnostic, SourceFile, Span};
use crate::fonts::{FontLibrary, FontSet};
use crate::issue::raw::RawImprint;
use crate::layout::{Layout, Layouts, Pin};
use crate::read::{Spanned, read};
use crate::rules::{Level, Levels};

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
    /// The issuing unit (编发单位), left on the line above the masthead's rule.
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

/// A list of the imprint (版记).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ImprintList {
    /// 报.
    ReportTo,
    /// 送.
    SendTo,
    /// 发.
    DistributeTo,
}

/// Family names for the roles of type. Any name in a font's name table will do.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FontChoice {
    /// 小标宋: the nameplate and titles.
    pub xiaobiaosong: Option<Spanned<String>>,
    /// 仿宋: the body.
    pub fangsong: Option<Spanned<String>>,
    /// 楷体: subtitles, editor's notes, headings （一）.
    pub kaiti: Option<Spanned<String>>,
    /// 黑体: section headers, headings 一、, strong emphasis.
    pub heiti: Option<Spanned<String>>,
    /// 宋体: page numbers, and the stand-in for characters that a role's face lacks.
    pub songti: Option<Spanned<String>>,
    /// Digits and Latin letters among Chinese text.
    pub latin: Option<Spanned<String>>,
    /// Further families for rare characters, asked in this order.
    #[serde(default)]
    pub fallback: Vec<Spanned<String>>,
}

/// A publication with everything that its issues share, checked.
pub struct Publication {
    /// Its name in paths: that of its folder in `issues/`.
    pub id: String,
    /// The checked facts as written.
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
    /// The file that says so.
    pub file: Arc<SourceFile>,
}

impl Publication {
    /// Checks a publication: its layout, options, fonts, and the text of its fields.
    /// `pin` is what an issue says of the layout's version; it goes before the publication's own.
    pub fn check(
        id: &str,
        file: &Arc<SourceFile>,
        pin: Option<&Pin>,
        layouts: &Layouts,
        library: &FontLibrary,
    ) -> Checked<Self> {
        let mut found = Vec::new();
        let Some(raw) = read::<RawPublication>(file).drain_into(&mut found) else {
            return Checked::failed(found);
        };
        let own = raw.layout_version.as_ref().map(|version| Pin {
            version: version.value.clone(),
            span: Span::new(file, version.range.clone()),
        });
        let layout = match pin.or(own.as_ref()) {
            Some(pin) => layouts.pinned(raw.layout.as_ref(), file, pin),
            None => layouts.load(raw.layout.as_ref(), file),
        };
        let layout = layout.drain_into(&mut found);
        let options = layout.as_ref().and_then(|layout| match pin {
            Some(_) => Some(layout.options_it_knows(&raw)),
            None => layout.options(&raw, file).drain_into(&mut found),
        });
        let fonts = library.cast(&raw.fonts, file).drain_into(&mut found);
        let (Some(layout), Some(options), Some(fonts)) = (layout, options, fonts) else {
            return Checked::failed(found);
        };
        let compare = settings(&raw.compare, file).drain_into(&mut found);
        let Some(compare) = compare else { return Checked::failed(found) };
        let levels = Levels::new(&raw.rules, file, &mut found);
        let words = WordList::new(&raw);
        let mut text = TextCheck::new(file, &fonts, &words);
        text.line(&raw.name, Kind::Nameplate);
        let head = [raw.organization.as_ref(), Some(&raw.issuer), raw.notice.as_ref()];
        head.into_iter().flatten().for_each(|field| text.line(field, Kind::Line));
        raw.imprint.texts().for_each(|field| text.line(field, Kind::Line));
        let mut said = text.finish();
        levels.apply(&mut said);
        found.extend(said);
        let (id, fonts, file) = (id.into(), Arc::new(fonts), file.clone());
        let publication =
            Publication { id, raw, layout, options, fonts, levels, words, compare, file };
        Checked::new(publication, found)
    }
}

/// How the issues are compared: a region has a name or a box, not both.
fn settings(raw: &RawCompare, file: &Arc<SourceFile>) -> Checked<Settings> {
    let value = |value: &Option<Spanned<f64>>| value.as_ref().map(|value| value.value);
    let mut found = Vec::new();
    let mut regions = Vec::new();
    for region in &raw.regions {
        let corners = region.value.corners.as_ref().map(|corners| &corners.value[..]);
        let at = match (region.value.name, corners) {
            (Some(name), None) => At::Named(name),
            (None, Some(&[left, top, width, height])) => At::Box([left, top, width, height]),
            _ => {
                let span = Span::new(file, region.range.clone());
                found.push(Diagnostic::error(Code::RegionPlace, span));
                continue;
            }
        };
        let RawRegion { colour, area, moved, likeness, .. } = &region.value;
        let [colour, area, moved, likeness] = [colour, area, moved, likeness].map(value);
        let allowed = Allowed { colour, area, moved, likeness };
        regions.push(Region { at, ignore: region.value.ignore, allowed });
    }
    let resolution = raw.resolution.as_ref().map(|resolution| f64::from(resolution.value));
    let resolution = resolution.unwrap_or(Settings::default().resolution);
    let [colour, area, moved, likeness] =
        [&raw.colour, &raw.area, &raw.moved, &raw.likeness].map(value);
    match found.is_empty() {
        true => {
            let own = Allowed { colour, area, moved, likeness };
            Checked::new(Settings { resolution, own, regions }, found)
        }
        false => Checked::failed(found),
    }
}
