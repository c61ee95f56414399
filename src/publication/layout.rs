//! A layout's name and version → its manifest (`layout.toml`) and Typst files (版式).
//!
//! The layouts of this repository are compiled into the program. The files of a project's
//! own `layouts/` folder replace them one by one: a project can change one element of a
//! layout, or add a layout of its own that shares the element files.
//!
//! `layouts/official@1.0.0/` is a frozen version of a layout: a copy of all files that it could
//! read, arranged as in `layouts/`. Issues that pin the version are typeset from the copy alone.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use typst::foundations::Bytes;

use crate::diag::nearest::nearest;
use crate::diag::{Checked, Code, Diagnostic, SourceFile, Span, Spanned};
use crate::source::files::{self, Fault, FileError};
use crate::source::limits;
use crate::source::read;

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/layouts");

/// The folder of a project's own layouts.
pub const FOLDER: &str = "layouts";

/// The grid lines of a page by GB/T 9704-2012, 5.2.3.
pub const LINES: usize = 22;

/// The layout that a publication gets when it names none.
pub const DEFAULT: &str = "official";

/// A publication's `[options]`, by the option's name.
type Choices = BTreeMap<Spanned<String>, Spanned<toml::Value>>;

/// A layout's manifest, `layout.toml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What the layout is, in Chinese, in one line.
    pub title: String,
    /// Its version; a change of looks is a new version.
    pub version: String,
    /// The layout that it is based on: it has that one's options, and may import its files.
    #[serde(default)]
    pub base: Option<String>,
    /// What the program must know of its pages.
    #[serde(default)]
    pub page: PageFacts,
    /// Its options, by name.
    #[serde(default)]
    pub options: BTreeMap<String, LayoutOption>,
}

/// What merging and measuring must know of a layout's pages.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PageFacts {
    /// How many ems a line of a title may be wide. Without it titles break only at their `|`.
    pub title_width: Option<f64>,
    /// The same of a subtitle.
    pub subtitle_width: Option<f64>,
    /// How many ems a line of the name may be wide; a longer name breaks by sense. Without it the
    /// name breaks only at its `|`.
    pub name_width: Option<f64>,
    /// How many ems the issuer may be wide; organs that issue together, and a longer issuer, stand
    /// on several lines. Without it the issuer is one line.
    pub issuer_width: Option<f64>,
    /// The columns of the text. Defaults to `1`.
    pub columns: usize,
    /// Whether a cover goes before the text, whose pages carry no number. Defaults to `false`.
    pub cover: bool,
    /// Whether the program composes the pages: titles break by sense, what `/fit.json` says is
    /// fitted, and tables have a unit and notes of their own. Defaults to `false`, as layouts of
    /// before expect.
    pub composed: bool,
}

impl Default for PageFacts {
    fn default() -> Self {
        PageFacts {
            title_width: None,
            subtitle_width: None,
            name_width: None,
            issuer_width: None,
            columns: 1,
            cover: false,
            composed: false,
        }
    }
}

/// An option that a publication may set.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayoutOption {
    /// What it changes on the page.
    pub description: String,
    /// The value if nothing is said: a boolean, a whole number or a text.
    #[schemars(with = "Json")]
    pub default: toml::Value,
    /// The texts that may be chosen; any text if absent.
    #[serde(default)]
    pub choices: Vec<String>,
    /// The smallest and the largest whole number.
    #[serde(default)]
    pub range: Option<(i64, i64)>,
}

/// A layout with all files that it may read.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Its name: that of its folder.
    pub name: String,
    /// Its manifest.
    pub manifest: Manifest,
    /// Its files and the shared ones, by path below `layouts/`.
    pub files: Arc<BTreeMap<String, Bytes>>,
}

/// The layout version that an issue or a publication pins, with the place of the pin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The version.
    pub version: String,
    /// The place to report when the version does not exist.
    pub span: Span,
}

/// The built-in layouts, with the files of a project's `layouts/` laid over them.
#[derive(Debug, Clone)]
pub struct Layouts {
    files: BTreeMap<String, Bytes>,
}

impl Layouts {
    /// Reads the project's `layouts/` folder, if it has one.
    pub fn open(root: &Path) -> Result<Self, FileError> {
        let mut files = BTreeMap::new();
        collect_built_in(&BUILT_IN, &mut files);
        let folder = root.join(FOLDER);
        // A link that leads nowhere, or a file, is not taken for a project without layouts.
        if folder.symlink_metadata().is_ok() {
            let mut own = Own { root, files: &mut files, left: limits::LAYOUT_BYTES };
            own.collect(&folder, "")?;
        }
        Ok(Layouts { files })
    }

    /// The names of the available layouts.
    pub fn names(&self) -> Vec<&str> {
        let names = self.files.keys().filter_map(|path| path.strip_suffix("/layout.toml"));
        names.filter(|name| !name.contains(['/', '@'])).collect()
    }

    /// The frozen versions of a layout, in the order of their names.
    pub fn frozen(&self, name: &str) -> Vec<&str> {
        let end = format!("/{name}/layout.toml");
        let folders = self.files.keys().filter_map(|path| path.strip_suffix(end.as_str()));
        folders.filter_map(|folder| folder.strip_prefix(name)?.strip_prefix('@')).collect()
    }

    /// The layout in the version that an issue pins: the frozen version, or the current one if it
    /// has that version.
    pub fn pinned(
        &self,
        wanted: Option<&Spanned<String>>,
        file: &Arc<SourceFile>,
        pin: &Pin,
    ) -> Checked<Layout> {
        let name = wanted.map_or(DEFAULT, |wanted| &wanted.value);
        let Pin { version, span } = pin;
        let folder = format!("{name}@{version}/");
        let files: BTreeMap<String, Bytes> = self
            .files
            .range(folder.clone()..)
            .map_while(|(path, bytes)| Some((path.strip_prefix(&folder)?.into(), bytes.clone())))
            .collect();
        if !files.is_empty() {
            return Layouts { files }.load(wanted, file);
        }
        let current = self.load(wanted, file);
        let Some(layout) = &current.value else { return current };
        if layout.manifest.version == *version {
            return current;
        }
        let mut known = self.frozen(name);
        known.push(&layout.manifest.version);
        let unknown = Diagnostic::error(Code::LayoutVersionUnknown, span.clone())
            .arg("layout", name)
            .arg("version", version)
            .arg("known", known.join(", "));
        Checked::failed(vec![unknown])
    }

    /// Loads the layout that a publication names in its `file`.
    pub fn load(
        &self,
        wanted: Option<&Spanned<String>>,
        file: &Arc<SourceFile>,
    ) -> Checked<Layout> {
        let name = wanted.map_or(DEFAULT, |wanted| &wanted.value);
        let known = !name.contains(['/', '@']);
        let manifest = self.files.get(&format!("{name}/layout.toml")).filter(|_| known);
        let Some(manifest) = manifest else {
            let range = wanted.map_or(0..0, |wanted| wanted.range.clone());
            let names = self.names();
            let mut unknown = Diagnostic::error(Code::LayoutUnknown, Span::new(file, range))
                .arg("layout", name)
                .arg("known", names.join(", "));
            if let Some(near) = nearest(name, &names) {
                unknown = unknown.arg("nearest", near).hint("nearest");
            }
            return Checked::failed(vec![unknown]);
        };
        self.open_layout(name, manifest)
    }

    /// The current layout of this name.
    pub fn by_name(&self, name: &str) -> Checked<Layout> {
        match self.files.get(&format!("{name}/layout.toml")) {
            Some(manifest) if self.names().contains(&name) => self.open_layout(name, manifest),
            _ => Checked::failed(Vec::new()),
        }
    }

    fn open_layout(&self, name: &str, manifest: &Bytes) -> Checked<Layout> {
        let mut diagnostics = Vec::new();
        let manifest = self.manifest(name, manifest, &mut diagnostics);
        let Some(manifest) = manifest else { return Checked::failed(diagnostics) };
        let folders = [Some(name), manifest.base.as_deref(), Some("shared")];
        let may_read = |path: &str| {
            let folder = path.split('/').next();
            folders.iter().any(|allowed| allowed.is_some() && *allowed == folder)
        };
        let files = self
            .files
            .iter()
            .filter(|(path, _)| may_read(path))
            .map(|(path, bytes)| (path.clone(), bytes.clone()))
            .collect();
        Checked::new(Layout { name: name.into(), manifest, files: Arc::new(files) }, diagnostics)
    }

    /// Reads the manifest of the layout `name` and adds the options of its base layout.
    fn manifest(&self, name: &str, bytes: &Bytes, found: &mut Vec<Diagnostic>) -> Option<Manifest> {
        let shown = format!("layouts/{name}/layout.toml");
        let file = read::decode(&shown, bytes.to_vec()).drain_into(found)?;
        let mut manifest = read::read::<Manifest>(&file).drain_into(found)?;
        if let Some(base) = &manifest.base {
            let Some(bytes) = self.files.get(&format!("{base}/layout.toml")) else {
                let known = self.names().join(", ");
                let span = Span::new(&file, 0..0);
                let unknown = Diagnostic::error(Code::LayoutUnknown, span);
                found.push(unknown.arg("layout", base).arg("known", known));
                return None;
            };
            let shown = format!("layouts/{base}/layout.toml");
            let file = read::decode(&shown, bytes.to_vec()).drain_into(found)?;
            let base = read::read::<Manifest>(&file).drain_into(found)?;
            for (option, value) in base.options {
                manifest.options.entry(option).or_insert(value);
            }
        }
        Some(manifest)
    }
}

fn collect_built_in(dir: &Dir<'static>, files: &mut BTreeMap<String, Bytes>) {
    for file in dir.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        files.insert(path, Bytes::new(file.contents()));
    }
    dir.dirs().for_each(|dir| collect_built_in(dir, files));
}

/// The greatest depth of folders in `layouts/`; a link may lead into a folder above itself.
const DEEPEST: usize = 8;

/// The files of a project's own layouts, while they are read.
struct Own<'a> {
    root: &'a Path,
    files: &'a mut BTreeMap<String, Bytes>,
    /// How many bytes they may still have.
    left: u64,
}

impl Own<'_> {
    fn collect(&mut self, folder: &Path, prefix: &str) -> Result<(), FileError> {
        let failed = |fault: Fault| FileError::new(folder, fault);
        files::resolve(self.root, folder).map_err(failed)?;
        for entry in std::fs::read_dir(folder).map_err(|error| failed(error.into()))? {
            let entry = entry.map_err(|error| failed(error.into()))?;
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            let path = format!("{prefix}{name}");
            // What cannot be read is an error: without it, a built-in file would take its place.
            let failed = |fault: Fault| FileError::new(&entry.path(), fault);
            let real = files::resolve(self.root, &entry.path()).map_err(failed)?;
            if real.is_dir() {
                if path.matches('/').count() > DEEPEST {
                    return Err(failed(Error::from(ErrorKind::InvalidInput).into()));
                }
                self.collect(&entry.path(), &format!("{path}/"))?;
            } else {
                let bytes = files::read_in(self.root, &real, self.left).map_err(failed)?;
                self.left -= bytes.len() as u64;
                self.files.insert(path, Bytes::new(bytes));
            }
        }
        Ok(())
    }
}

/// The facts about an issue's pages that measuring depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Whether the binding edge changes sides.
    pub duplex: bool,
    /// The columns of the text.
    pub columns: usize,
    /// Whether the pages before the text, a cover, carry no number.
    pub cover: bool,
    /// Whether the imprint stands on an even page wherever the text ends.
    pub even_imprint: bool,
    /// The grid lines of a page.
    pub lines: usize,
}

impl Layout {
    /// The geometry of its pages with a publication's options.
    pub fn geometry(&self, options: &Map<String, Json>) -> Geometry {
        // A layout without the option is for duplex printing, as the standard assumes.
        let duplex = options.get("duplex").and_then(Json::as_bool).unwrap_or(true);
        let even_imprint =
            options.get("imprint_on_even_page").and_then(Json::as_bool).unwrap_or(false);
        let PageFacts { columns, cover, .. } = self.manifest.page;
        Geometry { duplex, columns, cover, even_imprint, lines: LINES }
    }

    /// The layout's options with a publication's choices: every option has a value.
    pub fn options(&self, choices: &Choices, file: &Arc<SourceFile>) -> Checked<Map<String, Json>> {
        let mut diagnostics = Vec::new();
        let mut options: Map<String, Json> = self
            .manifest
            .options
            .iter()
            .map(|(name, option)| (name.clone(), to_json(&option.default)))
            .collect();
        let known: Vec<&str> = self.manifest.options.keys().map(String::as_str).collect();
        for (key, chosen) in choices {
            let Some(option) = self.manifest.options.get(&key.value) else {
                let span = Span::new(file, key.range.clone());
                let mut unknown = Diagnostic::error(Code::KeyUnknown, span)
                    .arg("key", &key.value)
                    .arg("known", known.join(", "));
                if let Some(near) = nearest(&key.value, &known) {
                    unknown = unknown.arg("nearest", near).hint("nearest");
                }
                diagnostics.push(unknown);
                continue;
            };
            let span = Span::new(file, chosen.range.clone());
            match option.refuse(&key.value, &chosen.value, span) {
                Some(refusal) => diagnostics.push(refusal),
                None => {
                    options.insert(key.value.clone(), to_json(&chosen.value));
                }
            }
        }
        Checked::new(options, diagnostics)
    }

    /// The options of an old version, which ignores choices of options that it does not have.
    pub fn options_it_knows(&self, choices: &Choices) -> Map<String, Json> {
        let option = |(name, option): (&String, &LayoutOption)| {
            let chosen = choices.iter().find(|(key, _)| key.value == *name);
            let chosen = chosen.map(|(_, chosen)| &chosen.value);
            let fits = |value: &&toml::Value| option.accepts(value);
            (name.clone(), to_json(chosen.filter(fits).unwrap_or(&option.default)))
        };
        self.manifest.options.iter().map(option).collect()
    }
}

impl LayoutOption {
    fn accepts(&self, value: &toml::Value) -> bool {
        let nowhere = Arc::new(SourceFile { name: String::new(), text: String::new() });
        self.refuse("", value, Span::new(&nowhere, 0..0)).is_none()
    }

    /// The error for a value that the option does not allow; `None` for an allowed value.
    fn refuse(&self, key: &str, value: &toml::Value, span: Span) -> Option<Diagnostic> {
        if !self.default.same_type(value) {
            return Some(
                Diagnostic::error(Code::ValueType, span)
                    .arg("key", key)
                    .arg("expected", self.default.type_str())
                    .arg("written", value.type_str()),
            );
        }
        if let Some(text) = value.as_str()
            && !self.choices.is_empty()
            && !self.choices.iter().any(|choice| choice == text)
        {
            return Some(
                Diagnostic::error(Code::ValueChoice, span)
                    .arg("key", key)
                    .arg("written", text)
                    .arg("choices", self.choices.join(", ")),
            );
        }
        let (min, max) = self.range?;
        let number = value.as_integer()?;
        (!(min..=max).contains(&number)).then(|| {
            Diagnostic::error(Code::ValueRange, span)
                .arg("key", key)
                .arg("min", min)
                .arg("max", max)
        })
    }
}

fn to_json(value: &toml::Value) -> Json {
    match value {
        toml::Value::Boolean(value) => (*value).into(),
        toml::Value::Integer(value) => (*value).into(),
        toml::Value::Float(value) => (*value).into(),
        other => other.as_str().map_or_else(|| other.to_string(), str::to_string).into(),
    }
}
