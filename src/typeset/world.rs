//! A manuscript × a layout × fonts → the world that Typst sees, which contains nothing else.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::{Value as Json, json};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use super::merge::Manuscript;
use crate::publication::fonts::FontSet;
use crate::publication::layout::Layout;

/// The path of the data that `main.typ` reads.
const DATA: &str = "/issue.json";
/// The path of the list of families to try for each role.
const FONTS: &str = "/fonts.json";
/// The path of what fitting changes.
const FIT: &str = "/fit.json";

/// The world of one issue. The manuscript is its own; layout and fonts are shared.
#[derive(Clone)]
pub struct BulletinWorld {
    manuscript: BTreeMap<String, Bytes>,
    main: Source,
    layout: LayoutSources,
    fonts: Arc<FontSet>,
}

/// A layout's files, parsed once and shared by all issues typeset with it.
#[derive(Debug, Clone)]
pub struct LayoutSources {
    sources: Arc<BTreeMap<String, Source>>,
    files: Arc<BTreeMap<String, Bytes>>,
}

static LIBRARY: LazyLock<LazyHash<Library>> =
    LazyLock::new(|| LazyHash::new(Library::builder().build()));

impl LayoutSources {
    /// Parses a layout's Typst files.
    pub fn new(layout: &Layout) -> Self {
        let sources = layout
            .files
            .iter()
            .filter(|(path, _)| path.ends_with(".typ"))
            .filter_map(|(path, bytes)| {
                let text = std::str::from_utf8(bytes).ok()?;
                let path = format!("/layouts/{path}");
                let source = Source::new(file_id(&path)?, text.into());
                Some((path, source))
            })
            .collect();
        LayoutSources { sources: Arc::new(sources), files: layout.files.clone() }
    }
}

impl BulletinWorld {
    /// The world in which `manuscript` is typeset.
    pub fn new(manuscript: &Manuscript, layout: &LayoutSources, fonts: &Arc<FontSet>) -> Self {
        let mut files = BTreeMap::new();
        files.insert(DATA.into(), Bytes::from_string(manuscript.data.to_string()));
        files.insert(FONTS.into(), Bytes::from_string(manuscript.fonts.to_string()));
        files.insert(FIT.into(), Bytes::from_string(json!(manuscript.fit).to_string()));
        files.extend(manuscript.pictures.iter().cloned());
        BulletinWorld {
            manuscript: files,
            main: main(&manuscript.main),
            layout: layout.clone(),
            fonts: fonts.clone(),
        }
    }

    /// The world of another Typst file and its data, with the same layout and fonts and without
    /// pictures.
    pub fn with(&self, text: &str, data: &Json) -> Self {
        let data = (DATA.into(), Bytes::from_string(data.to_string()));
        let shared =
            [FONTS, FIT].into_iter().filter_map(|path| self.manuscript.get_key_value(path));
        let shared = shared.map(|(path, bytes)| (path.clone(), bytes.clone()));
        BulletinWorld {
            manuscript: shared.chain([data]).collect(),
            main: main(text),
            layout: self.layout.clone(),
            fonts: self.fonts.clone(),
        }
    }

    /// The available faces.
    pub fn fonts(&self) -> &FontSet {
        &self.fonts
    }

    fn bytes(&self, path: &str) -> Option<Bytes> {
        let in_layout = || self.layout.files.get(path.strip_prefix("/layouts/")?);
        self.manuscript.get(path).or_else(in_layout).cloned()
    }
}

fn main(text: &str) -> Source {
    // Every issue uses the same paths, because a process can intern only some 65,000 file ids.
    Source::new(file_id("/main.typ").expect("the path is well-formed"), text.into())
}

fn file_id(path: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).ok()?).intern())
}

impl World for BulletinWorld {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.store.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        let path = id.vpath().get_with_slash();
        let source = self.layout.sources.get(path).filter(|source| source.id() == id);
        source.cloned().ok_or_else(|| FileError::NotFound(path.into()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.vpath().get_with_slash();
        if matches!(id.root(), VirtualRoot::Package(_)) {
            return Err(FileError::AccessDenied);
        }
        self.bytes(path).ok_or_else(|| FileError::NotFound(path.into()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.store.font(index)
    }

    /// Always `None`: the library has no clock, and an issue's date is in its data.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
