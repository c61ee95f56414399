//! Publication, layout, fonts, issue → digests of all that a PDF was made from, and why another
//! run would make another PDF.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::publication::Publication;
use crate::source::digest::Digest;
use crate::typeset::export::STANDARDS_NAME;

/// The sources that this program was compiled from, as a hash: a finer name than the version.
pub const BUILD: &str = env!("JIANBAO_BUILD");

/// The inputs that the issues of a publication share; equal values have equal influence on PDFs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedInputs {
    /// This program and its version.
    pub program: String,
    /// Typst and its version.
    pub engine: String,
    /// The standards that the PDF conforms to.
    pub options: String,
    /// The layout and its version.
    pub layout: String,
    /// `publication.toml`.
    pub publication: Digest,
    /// The face of each role, and the faces for rare characters.
    pub fonts: BTreeMap<String, FontInput>,
    /// The files that the layout may read, by path below `layouts/`.
    pub layout_files: BTreeMap<String, Digest>,
}

/// A face and its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FontInput {
    /// The face's name.
    pub face: String,
    /// Its file.
    pub digest: Digest,
}

/// The record of one issue: the inputs that are its own, and the PDF made from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The issue's file.
    pub issue: Digest,
    /// The PDF.
    pub output: Digest,
    /// The PDF's length in bytes.
    pub bytes: u64,
    /// The PDF's pages.
    pub pages: usize,
    /// How many warnings were given.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub warnings: usize,
    /// The version of the layout that the issue pins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout_version: Option<String>,
    /// The name of its [`SharedInputs`]; see [`SharedInputs::key`].
    pub shared: String,
    /// The pictures, by the names that the issue gives them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pictures: BTreeMap<String, Digest>,
}

impl Record {
    /// Whether two records are of the same PDF. Its inputs may differ: a comment in an issue and a new
    /// version of the program need not show.
    pub fn agrees(&self, other: &Record) -> bool {
        (self.output, self.bytes, self.pages) == (other.output, other.bytes, other.pages)
    }
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Why an issue is built, or why its PDF would now be another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The user forces a rebuild.
    Forced,
    /// No earlier PDF is on record.
    New,
    /// The PDF is missing.
    OutputMissing,
    /// The PDF has been altered since it was written.
    OutputAltered,
    /// The issue's file changed.
    Issue,
    /// The publication's file changed.
    Publication,
    /// Another layout, or another version of it: before, now.
    Layout(String, String),
    /// A file of the layout changed.
    LayoutFile(String),
    /// A picture changed.
    Picture(String),
    /// A role has another face, or the face's file changed.
    Font(String),
    /// Other standards of the PDF.
    Options,
    /// Another version of the program: before, now.
    Program(String, String),
    /// Another version of Typst: before, now.
    Engine(String, String),
    /// The record of the same PDF says something else of it: what, and the value before and now.
    Recorded(&'static str, String, String),
    /// The inputs are the same, and yet the PDF would be another.
    Unknown,
}

impl Cause {
    /// The message's id in the catalogue.
    pub fn id(&self) -> &'static str {
        match self {
            Cause::Forced => "cause-forced",
            Cause::New => "cause-new",
            Cause::OutputMissing => "cause-output-missing",
            Cause::OutputAltered => "cause-output-altered",
            Cause::Issue => "cause-issue",
            Cause::Publication => "cause-publication",
            Cause::Layout(..) => "cause-layout",
            Cause::LayoutFile(_) => "cause-layout-file",
            Cause::Picture(_) => "cause-picture",
            Cause::Font(_) => "cause-font",
            Cause::Options => "cause-options",
            Cause::Program(..) => "cause-program",
            Cause::Engine(..) => "cause-engine",
            Cause::Recorded(..) => "cause-recorded",
            Cause::Unknown => "cause-unknown",
        }
    }

    /// The facts that the message names.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        match self {
            Cause::Layout(before, now)
            | Cause::Program(before, now)
            | Cause::Engine(before, now) => {
                vec![("before", before.clone()), ("now", now.clone())]
            }
            Cause::Recorded(name, before, now) => {
                vec![("name", (*name).into()), ("before", before.clone()), ("now", now.clone())]
            }
            Cause::LayoutFile(name) | Cause::Picture(name) | Cause::Font(name) => {
                vec![("name", name.clone())]
            }
            _ => Vec::new(),
        }
    }
}

impl SharedInputs {
    /// What the issues of `publication` share; `file` is the digest of its file.
    pub fn new(publication: &Publication, file: Digest) -> Self {
        let layout = &publication.layout;
        let font = |face: &crate::publication::fonts::Face| FontInput {
            face: face.name().into(),
            digest: face.digest(),
        };
        let roles =
            publication.fonts.roles.iter().map(|(role, face)| (role.name().into(), font(face)));
        let fallback = publication.fonts.fallback.iter().enumerate();
        let fallback = fallback.map(|(at, face)| (format!("fallback-{}", at + 1), font(face)));
        SharedInputs {
            program: concat!("jianbao ", env!("CARGO_PKG_VERSION")).into(),
            engine: concat!("typst ", env!("JIANBAO_TYPST")).into(),
            options: STANDARDS_NAME.into(),
            layout: format!("{} {}", layout.name, layout.manifest.version),
            publication: file,
            fonts: roles.chain(fallback).collect(),
            layout_files: layout
                .files
                .iter()
                .map(|(path, bytes)| (path.clone(), Digest::of(bytes)))
                .collect(),
        }
    }

    /// A short name for these inputs, derived from their content.
    pub fn key(&self) -> String {
        Digest::of_value(self).to_string()[..16].into()
    }

    /// Why issues made from `self` would come out otherwise if made from `now`.
    pub fn causes(&self, now: &SharedInputs) -> BTreeSet<Cause> {
        let mut causes = BTreeSet::new();
        if self.program != now.program {
            causes.insert(Cause::Program(self.program.clone(), now.program.clone()));
        }
        if self.engine != now.engine {
            causes.insert(Cause::Engine(self.engine.clone(), now.engine.clone()));
        }
        if self.options != now.options {
            causes.insert(Cause::Options);
        }
        if self.publication != now.publication {
            causes.insert(Cause::Publication);
        }
        if self.layout != now.layout {
            causes.insert(Cause::Layout(self.layout.clone(), now.layout.clone()));
        }
        causes.extend(differing(&self.layout_files, &now.layout_files).map(Cause::LayoutFile));
        causes.extend(differing(&self.fonts, &now.fonts).map(Cause::Font));
        causes
    }
}

/// The names under which two maps hold different values.
pub fn differing<'a, T: PartialEq>(
    before: &'a BTreeMap<String, T>,
    now: &'a BTreeMap<String, T>,
) -> impl Iterator<Item = String> + 'a {
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != now.get(*name)).cloned()
}
