//! Font files × a publication's choice → one face for each role of type.
//!
//! Typst sees families named after the roles (`fangsong`, `heiti`, …), each holding
//! exactly one face. So a localised family name, a weight or a style in a font's
//! name table can never decide which face is used (typst#7468), and Typst never
//! picks a face that neither the publication nor the program named.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use ttf_parser::name_id;
use typst::foundations::Bytes;
use typst::text::{Font, FontInfo, FontVariant, FontWeight};
use typst::utils::hash128;
use typst_kit::fonts::{FontSource, FontStore};

use crate::diag::nearest::nearest;
use crate::diag::{Checked, Code, Diagnostic, SourceFile, Span, Spanned};
use crate::source::digest::Digest;
use crate::source::files::{self, Fault};
use crate::source::limits;

/// What a face is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// 小标宋: the nameplate and titles.
    Xiaobiaosong,
    /// 仿宋: the body.
    Fangsong,
    /// 楷体: subtitles, editor's notes, headings （一）.
    Kaiti,
    /// 黑体: section headers, headings 一、, strong emphasis.
    Heiti,
    /// 宋体: page numbers, quotes, and the stand-in for what a role's face lacks.
    Songti,
    /// Digits and Latin letters.
    Latin,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 6] =
        [Role::Xiaobiaosong, Role::Fangsong, Role::Kaiti, Role::Heiti, Role::Songti, Role::Latin];

    /// The name in TOML, in layouts, and to Typst.
    pub fn name(self) -> &'static str {
        match self {
            Role::Xiaobiaosong => "xiaobiaosong",
            Role::Fangsong => "fangsong",
            Role::Kaiti => "kaiti",
            Role::Heiti => "heiti",
            Role::Songti => "songti",
            Role::Latin => "latin",
        }
    }

    /// The name in Chinese.
    pub fn chinese(self) -> &'static str {
        match self {
            Role::Xiaobiaosong => "小标宋",
            Role::Fangsong => "仿宋",
            Role::Kaiti => "楷体",
            Role::Heiti => "黑体",
            Role::Songti => "宋体",
            Role::Latin => "数字和西文",
        }
    }

    /// The PostScript name of the open face that plays the role by default.
    fn default_face(self) -> &'static str {
        match self {
            Role::Xiaobiaosong => "NotoSerifSC-Bold",
            Role::Fangsong => "ZhuqueFangsong-Regular",
            Role::Kaiti => "LXGWWenKaiGBLite-Regular",
            Role::Heiti => "NotoSansSC-Medium",
            Role::Songti | Role::Latin => "NotoSerifSC-Regular",
        }
    }

    fn choice(self, fonts: &FontChoice) -> Option<&Spanned<String>> {
        match self {
            Role::Xiaobiaosong => fonts.xiaobiaosong.as_ref(),
            Role::Fangsong => fonts.fangsong.as_ref(),
            Role::Kaiti => fonts.kaiti.as_ref(),
            Role::Heiti => fonts.heiti.as_ref(),
            Role::Songti => fonts.songti.as_ref(),
            Role::Latin => fonts.latin.as_ref(),
        }
    }
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

/// The open set, compiled into the program: file name and bytes.
const BUILT_IN: [(&str, &[u8]); 5] = [
    ("NotoSerifSC_700Bold.ttf", include_bytes!("../../fonts/NotoSerifSC_700Bold.ttf")),
    (
        "LXGWZhuqueFangsong-Regular.ttf",
        include_bytes!("../../fonts/LXGWZhuqueFangsong-Regular.ttf"),
    ),
    ("LXGWWenKaiGBLite-Regular.ttf", include_bytes!("../../fonts/LXGWWenKaiGBLite-Regular.ttf")),
    ("NotoSansSC_500Medium.ttf", include_bytes!("../../fonts/NotoSansSC_500Medium.ttf")),
    ("NotoSerifSC_400Regular.ttf", include_bytes!("../../fonts/NotoSerifSC_400Regular.ttf")),
];

/// The metadata of the open set's files, in the order of [`BUILT_IN`], so that the program need
/// not parse the files when it starts. A test compares the metadata with the files.
const BUILT_IN_FACTS: &str = include_str!("../../fonts/built-in.json");

/// The metadata of one file of the open set.
#[derive(Serialize, Deserialize)]
struct Facts {
    file: String,
    digest: Digest,
    names: BTreeSet<String>,
    info: FontInfo,
}

/// Names under which the same design is sold; each name of a row matches the others.
///
/// Offices write the name that Word shows, which depends on the system.
const ALIASES: [&[&str]; 9] = [
    &["方正小标宋简体", "FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋_GBK"],
    &["仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong"],
    &["方正仿宋_GBK", "FZFangSong-Z02", "方正仿宋简体", "FZFangSong-Z02S"],
    &["楷体_GB2312", "KaiTi_GB2312", "楷体", "KaiTi"],
    &["方正楷体_GBK", "FZKai-Z03", "方正楷体简体", "FZKai-Z03S"],
    &["黑体", "SimHei"],
    &["方正黑体_GBK", "FZHei-B01", "方正黑体简体", "FZHei-B01S"],
    &["宋体", "SimSun", "新宋体", "NSimSun"],
    &["华文中宋", "STZhongsong"],
];

/// One available face.
#[derive(Clone)]
pub struct Face {
    /// Every family, full and PostScript name in its name table, in all languages.
    pub names: BTreeSet<String>,
    /// Typst's description of the face.
    pub info: FontInfo,
    /// The file that holds the face.
    pub origin: Origin,
    /// Its index within a collection.
    index: u32,
    /// The digest of its file, where known without reading the file.
    known: Option<Digest>,
    loaded: Arc<OnceLock<Option<Loaded>>>,
    covered: Arc<OnceLock<Vec<u64>>>,
}

/// A face's file, read once, so that the digest is of the same bytes that Typst uses.
#[derive(Clone)]
struct Loaded {
    font: Font,
    digest: Digest,
}

/// Where a face comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The program itself; the file's name in `fonts/`.
    BuiltIn(&'static str),
    /// A file of the office's own.
    File(PathBuf),
}

impl Face {
    fn new(data: &[u8], index: u32, origin: Origin) -> Option<Self> {
        let ttf = ttf_parser::Face::parse(data, index).ok()?;
        let names = ttf
            .names()
            .into_iter()
            .filter(|name| {
                matches!(
                    name.name_id,
                    name_id::FAMILY
                        | name_id::FULL_NAME
                        | name_id::POST_SCRIPT_NAME
                        | name_id::TYPOGRAPHIC_FAMILY
                )
            })
            .filter_map(|name| name.to_string())
            .collect();
        let info = FontInfo::new(data, index)?;
        Some(Face {
            names,
            info,
            origin,
            index,
            known: None,
            loaded: Arc::default(),
            covered: Arc::default(),
        })
    }

    /// The faces of the open set, from their stored metadata.
    fn built_in() -> impl Iterator<Item = Self> {
        let facts: Vec<Facts> =
            serde_json::from_str(BUILT_IN_FACTS).expect("fonts/built-in.json is ours");
        BUILT_IN.iter().zip(facts).map(|(&(name, _), facts)| Face {
            names: facts.names,
            info: facts.info,
            origin: Origin::BuiltIn(name),
            index: 0,
            known: Some(facts.digest),
            loaded: Arc::default(),
            covered: Arc::default(),
        })
    }

    /// The PostScript name, or another name if there is none.
    pub fn name(&self) -> &str {
        let plain = |name: &&String| name.is_ascii() && !name.contains(' ');
        let name = self.names.iter().filter(plain).max_by_key(|name| name.len());
        name.or(self.names.first()).map_or("", String::as_str)
    }

    /// The digest of its file, or of no bytes if the file can no longer be read.
    pub fn digest(&self) -> Digest {
        let read = || self.loaded().map_or_else(|| Digest::of(b""), |loaded| loaded.digest);
        self.known.unwrap_or_else(read)
    }

    fn loaded(&self) -> Option<&Loaded> {
        let load = || {
            let data = match &self.origin {
                Origin::BuiltIn(name) => {
                    let (_, data) = BUILT_IN.iter().find(|(file, _)| file == name)?;
                    Bytes::new(*data)
                }
                Origin::File(path) => Bytes::new(files::read(path, limits::FONT_BYTES).ok()?),
            };
            let digest = self.known.unwrap_or_else(|| Digest::of(&data));
            let font = Font::new(data, self.index)?;
            // Typst hashes a font's whole file at its first use. Hashing it here moves the work to
            // the thread that loads the font.
            hash128(&font);
            Some(Loaded { font, digest })
        };
        self.loaded.get_or_init(load).as_ref()
    }

    /// Whether the face has the character.
    pub fn has(&self, c: char) -> bool {
        // Typst stores coverage as runs and walks them from the start at each query; a bitmap is
        // faster.
        let covered = self.covered.get_or_init(|| {
            let mut bits = vec![0; (char::MAX as usize + 1) / 64];
            self.info.coverage.iter().for_each(|c| bits[c as usize / 64] |= 1 << (c % 64));
            bits
        });
        covered[c as usize / 64] >> (c as u32 % 64) & 1 == 1
    }

    /// The name shown to people: Chinese if the face has a Chinese name.
    pub fn shown(&self) -> &str {
        let chinese = self.names.iter().find(|name| !name.is_ascii());
        chinese.or(self.names.first()).map_or("", String::as_str)
    }

    /// Whether `wanted`, or another name of the same design, is among its names.
    fn is_called(&self, wanted: &str) -> bool {
        let aliases = ALIASES.iter().find(|row| row.contains(&wanted)).copied().unwrap_or(&[]);
        self.names.contains(wanted) || aliases.iter().any(|&alias| self.names.contains(alias))
    }
}

impl FontSource for Face {
    fn load(&self) -> Option<Font> {
        self.loaded().map(|loaded| loaded.font.clone())
    }
}

/// All faces that a publication may name: the open set and the fonts that the office adds.
pub struct FontLibrary {
    /// The faces, the office's before the open set.
    pub faces: Vec<Face>,
}

/// Further places to search for fonts.
#[derive(Debug, Clone, Default)]
pub struct FontPaths {
    /// Font files, or folders that are searched recursively.
    pub paths: Vec<PathBuf>,
    /// Whether the system's fonts may be named too.
    pub system: bool,
}

/// A folder or file of fonts that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {error}", path = path.display())]
pub struct FontPathError {
    /// The path as given.
    pub path: PathBuf,
    /// What went wrong.
    pub error: Fault,
}

impl FontLibrary {
    /// Collects the faces, in an order that depends on the files alone, not on the machine.
    pub fn open(paths: &FontPaths) -> Result<Self, FontPathError> {
        let mut found = Found::default();
        for path in &paths.paths {
            found
                .search(path)
                .map_err(|error| FontPathError { path: path.clone(), error: error.into() })?;
        }
        if paths.system {
            found.files.extend(typst_kit::fonts::system().map(|(font, _)| font.path));
        }
        let mut faces = Vec::new();
        for path in found.files {
            let data = files::read(&path, limits::FONT_BYTES)
                .map_err(|error| FontPathError { path: path.clone(), error })?;
            let count = ttf_parser::fonts_in_collection(&data).unwrap_or(1);
            let origin = Origin::File(path);
            faces.extend((0..count).filter_map(|index| Face::new(&data, index, origin.clone())));
        }
        faces.extend(Face::built_in());
        Ok(FontLibrary { faces })
    }

    /// Gives each role its face, as the publication chooses.
    pub fn cast(&self, choice: &FontChoice, file: &Arc<SourceFile>) -> Checked<FontSet> {
        let mut diagnostics = Vec::new();
        let mut set = FontSet::default();
        for role in Role::ALL {
            let face = match role.choice(choice) {
                Some(wanted) => self.find(wanted, file, &mut diagnostics),
                None => self.faces.iter().find(|face| {
                    matches!(face.origin, Origin::BuiltIn(_))
                        && face.names.contains(role.default_face())
                }),
            };
            if let Some(face) = face {
                set.push(role.name(), face);
                set.roles.push((role, face.clone()));
            }
        }
        for wanted in &choice.fallback {
            if let Some(face) = self.find(wanted, file, &mut diagnostics) {
                set.push(&format!("fallback-{}", set.fallback.len() + 1), face);
                set.fallback.push(face.clone());
            }
        }
        Checked::new(set, diagnostics)
    }

    fn find(
        &self,
        wanted: &Spanned<String>,
        file: &Arc<SourceFile>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<&Face> {
        // An exact name is preferred to an alias, and in a family the weight nearest to regular.
        let weight = |face: &&Face| face.info.variant.weight.distance(FontWeight::REGULAR);
        let by_name =
            self.faces.iter().filter(|face| face.names.contains(&wanted.value)).min_by_key(weight);
        let face = by_name.or_else(|| self.faces.iter().find(|face| face.is_called(&wanted.value)));
        if face.is_none() {
            let names: Vec<&str> =
                self.faces.iter().flat_map(|face| face.names.iter().map(String::as_str)).collect();
            let mut unknown =
                Diagnostic::error(Code::FontUnknown, Span::new(file, wanted.range.clone()))
                    .arg("font", &wanted.value);
            if let Some(near) = nearest(&wanted.value, &names) {
                unknown = unknown.arg("nearest", near).hint("nearest");
            }
            diagnostics.push(unknown);
        }
        face
    }
}

/// The files of fonts in the folders that were searched.
#[derive(Default)]
struct Found {
    files: BTreeSet<PathBuf>,
    /// The folders without links: links may form a circle.
    folders: BTreeSet<PathBuf>,
}

impl Found {
    fn search(&mut self, path: &Path) -> std::io::Result<()> {
        if !std::fs::metadata(path)?.is_dir() {
            self.files.insert(path.to_path_buf());
            return Ok(());
        }
        if !self.folders.insert(path.canonicalize()?) {
            return Ok(());
        }
        for entry in std::fs::read_dir(path)? {
            let path = entry?.path();
            let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
            if !hidden && (path.is_dir() || is_font(&path)) {
                self.search(&path)?;
            }
        }
        Ok(())
    }
}

fn is_font(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
    matches!(extension.as_str(), "ttf" | "otf" | "ttc" | "otc")
}

/// The roles whose faces are tried, in this order, for characters that another role's face lacks.
const STAND_INS: [Role; 5] =
    [Role::Songti, Role::Fangsong, Role::Kaiti, Role::Heiti, Role::Xiaobiaosong];

/// The faces that one publication uses, by role.
#[derive(Default)]
pub struct FontSet {
    /// Each role with its face.
    pub roles: Vec<(Role, Face)>,
    /// Faces for rare characters.
    pub fallback: Vec<Face>,
    /// The same faces as Typst's fonts.
    pub store: FontStore,
    /// The families of marks, once they are known.
    marks: OnceLock<Json>,
}

impl FontSet {
    fn push(&mut self, family: &str, face: &Face) {
        let family = family.to_string();
        let info = FontInfo { family, variant: FontVariant::default(), ..face.info.clone() };
        self.store.push((face.clone(), info));
    }

    /// The faces; a face with several roles is listed once for each.
    pub fn faces(&self) -> impl Iterator<Item = &Face> {
        self.roles.iter().map(|(_, face)| face).chain(&self.fallback)
    }

    /// Starts to load the faces on other threads, because typesetting will need them soon.
    pub fn preload(&self) {
        let mut begun: Vec<&Origin> = Vec::new();
        for (_, face) in &self.roles {
            if !begun.contains(&&face.origin) {
                begun.push(&face.origin);
                let face = face.clone();
                std::thread::spawn(move || face.loaded().is_some());
            }
        }
    }

    /// A function that measures a text in ems: ASCII characters by the advances of the role's face,
    /// all others as full width.
    pub fn ems(&self, role: Role) -> impl Fn(&str) -> f64 + use<> {
        let face = self.roles.iter().find(|(own, _)| *own == role).map(|(_, face)| face.clone());
        let ascii = OnceCell::new();
        let advances = move || -> Vec<f64> {
            let font = face.as_ref().and_then(|face| face.load());
            let face = font
                .as_ref()
                .and_then(|font| ttf_parser::Face::parse(font.data(), font.index()).ok());
            let advance = |c: char| {
                let face = face.as_ref()?;
                let units = face.glyph_hor_advance(face.glyph_index(c)?)?;
                Some(f64::from(units) / f64::from(face.units_per_em()))
            };
            ('\0'..='\x7f').map(|c| advance(c).unwrap_or(0.5)).collect()
        };
        move |text| {
            let width = |c: char| match c.is_ascii() {
                true => ascii.get_or_init(&advances)[c as usize],
                false => 1.0,
            };
            text.chars().map(width).sum()
        }
    }

    /// Whether any face has the character.
    pub fn covers(&self, c: char) -> bool {
        self.roles.iter().map(|(_, face)| face).chain(&self.fallback).any(|face| face.has(c))
    }

    /// The face that plays a role.
    pub fn face(&self, role: Role) -> Option<&Face> {
        self.roles.iter().find(|(of, _)| *of == role).map(|(_, face)| face)
    }

    /// The face that stands in for a character that the role's own face lacks.
    pub fn stand_in(&self, role: Role, c: char) -> Option<&Face> {
        let roles = STAND_INS.iter().filter(|&&other| other != role);
        let faces = roles.filter_map(|&role| self.face(role)).chain(&self.fallback);
        faces.into_iter().find(|face| face.has(c))
    }

    /// For each role the families to try in turn, as `fonts.json` lists them for layouts.
    pub fn chains(&self) -> Json {
        let fallback = (1..=self.fallback.len()).map(|n| format!("fallback-{n}"));
        let stand_ins = || STAND_INS.map(|role| role.name().to_string());
        let chain = |role: Role| {
            let mut chain = vec![role.name().to_string()];
            chain.extend(stand_ins().into_iter().filter(|name| name != role.name()));
            chain.extend(fallback.clone());
            json!(chain)
        };
        let chains = Role::ALL.into_iter().map(|role| (role.name().to_string(), chain(role)));
        chains.chain([("marks".into(), self.marks.get_or_init(|| self.marks()).clone())]).collect()
    }

    /// For each role the family that sets its Chinese marks: its own where its quotes are as wide
    /// as a character, as Chinese ones are, else 宋体.
    fn marks(&self) -> Json {
        let is_full = |role: &Role| {
            let font = self.face(*role).and_then(Face::load)?;
            let face = ttf_parser::Face::parse(font.data(), font.index()).ok()?;
            let full = |c| face.glyph_hor_advance(face.glyph_index(c)?);
            let own = ['“', '”', '‘', '’'].map(full);
            Some(own.iter().all(|advance| *advance == Some(face.units_per_em())))
        };
        let family = |role: Role| if is_full(&role) == Some(true) { role } else { Role::Songti };
        let marks = Role::ALL.into_iter().map(|role| (role.name(), family(role).name()));
        json!(marks.collect::<BTreeMap<_, _>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_the_open_set_is_what_its_files_say() {
        let facts: Vec<Facts> = BUILT_IN
            .iter()
            .map(|&(file, data)| {
                let face = Face::new(data, 0, Origin::BuiltIn(file)).expect("a font");
                let digest = Digest::of(data);
                Facts { file: file.into(), digest, names: face.names, info: face.info }
            })
            .collect();
        let current = serde_json::to_string(&facts).expect("plain data") + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fonts/built-in.json");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &current).expect("the facts are written");
        }
        let written = std::fs::read_to_string(path).expect("the facts are there");
        assert!(
            written == current,
            "fonts/built-in.json is stale: run UPDATE=1 cargo test open_set"
        );
    }

    #[test]
    fn the_names_of_the_open_set_are_those_of_postscript() {
        let names: Vec<String> = Face::built_in().map(|face| face.name().into()).collect();
        let expected: Vec<&str> =
            [Role::Xiaobiaosong, Role::Fangsong, Role::Kaiti, Role::Heiti, Role::Songti]
                .map(Role::default_face)
                .to_vec();
        assert_eq!(names, expected);
    }
}
