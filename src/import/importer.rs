//! Files → issues in the project. Existing issues are not overwritten.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

use serde::Serialize;

use super::code::{ErrorCode, ImportError, RemarkCode};
use super::facts::Facts;
use super::head::{self, Given};
use super::line::{Line, PictureFile, Remark, Source, squeeze};
use super::recognised::{Aside, Labelled, Recognised};
use super::{reader, recognise};
use crate::diag::Diagnostic;
use crate::diag::show::visible;
use crate::issue::{Number, next};
use crate::source::digest::Digest;
use crate::source::files::{self, FileError, Staged};
use crate::source::limits;
use crate::source::project::{PUBLICATION_FILE, Project};

/// The number of files that are moved into place at the same time.
const WRITERS: usize = 8;
/// The number of issues written before they are moved into place together.
pub const BATCH: usize = 64;

/// The options of the command line about the issues.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The publication; else the one that the masthead names, else the only one.
    pub publication: Option<String>,
    /// The folder for the issues; else that of the publication.
    pub output: Option<PathBuf>,
    /// Number and date, where the source does not state them.
    pub given: Given,
    /// Whether to write nothing.
    pub dry_run: bool,
}

/// The outcome for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The issue was written, and builds as far as is known.
    Imported,
    /// The issue was written, and does not build before a person has mended it.
    Faulty,
    /// The issue would be written, but for the dry run.
    WouldImport,
    /// The file's issue exists already, and was left as it is.
    Exists,
    /// The file did not become an issue.
    Failed,
}

/// The result of importing a file.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The file.
    pub source: String,
    /// The outcome.
    pub status: Status,
    /// The issue, as shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// The issue's file, if it was written.
    #[serde(skip)]
    pub path: Option<PathBuf>,
    /// What keeps the issue from building.
    #[serde(skip)]
    pub found: Vec<Diagnostic>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ImportError>,
    /// The remarks for a person to check, in the order of the source.
    pub remarks: Vec<Remark>,
    /// The parts of the source that are not in the issue.
    pub furniture: Vec<Aside>,
    /// The label of each line.
    pub lines: Vec<Labelled>,
}

/// Imports files into one project, each on its own.
pub struct Importer<'a> {
    project: &'a Project,
    options: Options,
    publications: Vec<Facts>,
    /// Issues of earlier imports, by the fingerprint of their file.
    known: BTreeMap<String, PathBuf>,
    /// Issues written in this run, or that would be written.
    taken: BTreeSet<PathBuf>,
    /// Files that are written but not yet moved into place.
    staged: Vec<Vec<Staged>>,
    folders: Vec<PathBuf>,
}

/// A file that has no number: numbered files are written first.
pub struct Waiting {
    source: String,
    facts: usize,
    recognised: Recognised,
    given: Given,
    fingerprint: String,
}

/// A file after its first step.
pub enum Step {
    /// The import is finished.
    Done(Box<Outcome>),
    /// The file has no number of its own, and waits for the others.
    Waits(Box<Waiting>),
}

impl<'a> Importer<'a> {
    /// An importer into `project`. Fails if the publication in `options` does not exist, or cannot
    /// be read.
    pub fn new(project: &'a Project, options: Options) -> Result<Self, ImportError> {
        let publications = Facts::all(project);
        let known: Vec<&str> = publications.iter().map(|facts| facts.id.as_str()).collect();
        if let Some(asked) = &options.publication
            && !known.contains(&asked.as_str())
        {
            let file = project.publication(asked).join(PUBLICATION_FILE);
            let known = known.join(", ");
            return Err(match file.is_file() {
                true => ImportError::new(ErrorCode::PublicationFaulty, project.shown(&file)),
                false => ImportError::named(ErrorCode::PublicationUnknown, asked, known),
            });
        }
        if publications.is_empty() {
            // A publication may be there that cannot be read.
            let faulty = next::publications(project).first().map(|id| project.publication(id));
            return Err(match faulty.map(|folder| folder.join(PUBLICATION_FILE)) {
                Some(file) => ImportError::new(ErrorCode::PublicationFaulty, project.shown(&file)),
                None => ImportError::new(ErrorCode::NoPublications, ""),
            });
        }
        Ok(Importer {
            project,
            options,
            publications,
            known: BTreeMap::new(),
            taken: BTreeSet::new(),
            staged: Vec::new(),
            folders: Vec::new(),
        })
    }

    /// Reads and recognises a file, and writes its issue if the number is known. `name` is the
    /// file as shown to people.
    pub fn import(&mut self, path: &Path, name: &str) -> Step {
        match self.recognised(path, name) {
            Err(error) => Step::Done(Box::new(Outcome::new(name).failed(error))),
            Ok(waiting) if waiting.has_number() => Step::Done(Box::new(self.finish(waiting))),
            Ok(waiting) => Step::Waits(Box::new(waiting)),
        }
    }

    fn recognised(&self, path: &Path, name: &str) -> Result<Waiting, ImportError> {
        let (source, bytes) = reader::read(path)?;
        let fingerprint = fingerprint(&bytes);
        let facts = self.publication(&source)?;
        let recognised = recognise(source, &self.publications[facts])?;
        let given = self.options.given.or(Given::by_name(name));
        Ok(Waiting { source: name.into(), facts, recognised, given, fingerprint })
    }

    /// The publication given in the options, else the one whose name is in the first lines, else
    /// the only one.
    fn publication(&self, source: &Source) -> Result<usize, ImportError> {
        let ids = || self.publications.iter().map(|facts| facts.id.as_str()).collect::<Vec<_>>();
        if let Some(asked) = &self.options.publication {
            let found = ids().iter().position(|id| id == asked);
            return Ok(found.expect("it was looked for before"));
        }
        let head: Vec<String> = source.lines.iter().take(20).map(Line::content).collect();
        let named = |facts: &Facts| {
            let name = squeeze(&facts.name);
            let at = head.iter().any(|line| {
                line.trim_matches(['《', '》']).ends_with(&name)
                    && line.chars().count() <= name.chars().count() + 20
            });
            at.then_some(name.len())
        };
        let found = self.publications.iter().enumerate();
        let found = found.filter_map(|(at, facts)| named(facts).map(|length| (length, at))).max();
        match (found, self.publications.as_slice()) {
            (Some((_, at)), _) => Ok(at),
            (None, [_]) => Ok(0),
            (None, _) => Err(ImportError::new(ErrorCode::WhichPublication, ids().join(", "))),
        }
    }

    /// Settles number and date, proves that no text is lost, and writes the issue.
    pub fn finish(&mut self, waiting: Waiting) -> Outcome {
        let Waiting { source, facts, mut recognised, given, fingerprint } = waiting;
        let facts = self.publications[facts].clone();
        let folder = self.options.output.clone();
        let folder = folder.unwrap_or_else(|| self.project.publication(&facts.id));
        let home = self.options.output.clone().unwrap_or_else(|| self.project.root.clone());
        self.look_into(&home, &folder);
        let mut outcome = Outcome {
            remarks: std::mem::take(&mut recognised.draft.remarks),
            furniture: recognised.aside(),
            lines: recognised.labelled(),
            ..Outcome::new(&source)
        };
        if let Some(path) = self.known.get(&fingerprint) {
            outcome.issue = Some(self.project.shown(path));
            return outcome;
        }
        let origin = origin(&source, &fingerprint);
        let free = |year| self.free_number(&folder, year);
        let (head, remarks) = head::settle(&recognised.draft, given, origin, free);
        outcome.remarks.splice(0..0, remarks);
        let path = folder.join(format!("{}.toml", head.number.file_stem(head.date.year)));
        outcome.issue = Some(self.project.shown(&path));
        let toml = match recognised.toml(&head, &facts) {
            Ok(toml) => toml,
            Err(error) => return outcome.failed(error),
        };
        if path.exists() || self.taken.contains(&path) {
            let taken = Remark::of_file(RemarkCode::NumberTaken, self.project.shown(&path));
            outcome.remarks.insert(0, taken);
            return outcome;
        }
        if self.options.dry_run {
            outcome.status = Status::WouldImport;
        } else {
            match stage(&home, &path, &toml, &recognised.pictures) {
                Ok(files) => self.staged.push(files),
                Err(error) => {
                    return outcome.failed(ImportError::new(ErrorCode::Unwritable, error));
                }
            }
            outcome.status = Status::Imported;
            outcome.path = Some(path.clone());
        }
        self.taken.insert(path.clone());
        self.known.insert(fingerprint, path);
        outcome
    }

    /// The first number that no issue of a year uses.
    fn free_number(&self, folder: &Path, year: u16) -> Number {
        let free = |n: &u32| {
            let path = folder.join(format!("{}.toml", Number::Regular(*n).file_stem(year)));
            !path.exists() && !self.taken.contains(&path)
        };
        Number::Regular((1..).find(free).expect("there are more numbers than files"))
    }

    /// Moves the staged issues into place, if there are `at_least` so many; returns whether no issue
    /// waits.
    pub fn commit(&mut self, at_least: usize) -> Result<bool, FileError> {
        if self.staged.len() < at_least {
            return Ok(self.staged.is_empty());
        }
        commit(std::mem::take(&mut self.staged)).map(|()| true)
    }

    /// Records which issues of a folder came from which files.
    fn look_into(&mut self, home: &Path, folder: &Path) {
        if self.folders.iter().any(|known| known == folder) {
            return;
        }
        self.folders.push(folder.into());
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|extension| extension != "toml") {
                continue;
            }
            let bytes = files::read_in(home, &path, limits::FILE_BYTES).unwrap_or_default();
            for fingerprint in fingerprints(&String::from_utf8_lossy(&bytes)) {
                self.known.insert(fingerprint.into(), path.clone());
            }
        }
    }
}

impl Waiting {
    /// Whether the source, the file's name or the command line gives a number.
    fn has_number(&self) -> bool {
        let masthead = &self.recognised.draft.masthead;
        masthead.number.or(self.given.number).is_some() || masthead.serial.is_some()
    }
}

impl Outcome {
    /// The outcome of a file whose issue exists already.
    fn new(source: &str) -> Self {
        Outcome {
            source: source.into(),
            status: Status::Exists,
            issue: None,
            path: None,
            found: Vec::new(),
            error: None,
            remarks: Vec::new(),
            furniture: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Takes what keeps the issue from building.
    pub fn proved(&mut self, found: Vec<Diagnostic>) {
        self.status = if found.is_empty() { Status::Imported } else { Status::Faulty };
        self.found = found;
    }

    fn failed(self, error: ImportError) -> Self {
        Outcome { status: Status::Failed, issue: None, error: Some(error), ..self }
    }
}

/// A part of the digest that is long enough to recognise a file.
fn fingerprint(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string()[..16].to_string()
}

/// The comment at the top of an issue.
fn origin(source: &str, fingerprint: &str) -> String {
    let source = visible::line(source);
    format!("由 jianbao import 转自 {source}（指纹 {fingerprint}）")
}

/// The fingerprints in the comments of an issue's TOML.
fn fingerprints(toml: &str) -> impl Iterator<Item = &str> {
    let comments = toml.lines().filter(|line| line.starts_with('#'));
    comments.filter_map(|line| line.rsplit_once("（指纹 ")?.1.strip_suffix('）'))
}

/// Stages the files of an issue, which belong to the folder `home`: the pictures first, the issue
/// last.
fn stage(
    home: &Path,
    path: &Path,
    toml: &str,
    pictures: &[PictureFile],
) -> Result<Vec<Staged>, FileError> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = path.parent().unwrap_or(home);
    let mut staged = Vec::new();
    for (at, picture) in pictures.iter().enumerate() {
        let name = format!("{stem}-{}.{}", at + 1, picture.extension);
        let file = folder.join("pictures").join(name);
        let known = files::read_in(home, &file, limits::PICTURE_BYTES);
        if known.is_ok_and(|known| known == picture.bytes) {
            continue;
        }
        if file.symlink_metadata().is_ok() {
            let error = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(FileError::new(&file, error));
        }
        staged.push(files::stage_in(home, &file, &picture.bytes)?);
    }
    staged.push(files::stage_in(home, path, toml.as_bytes())?);
    Ok(staged)
}

/// Moves the files of many issues into place, several at a time, because the disk is slow.
fn commit(staged: Vec<Vec<Staged>>) -> Result<(), FileError> {
    let queue = Mutex::new(staged.into_iter());
    let next = || queue.lock().next();
    let work = || {
        while let Some(files) = next() {
            files.into_iter().try_for_each(Staged::commit)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(work)).collect();
        let done = workers.into_iter().map(|w| w.join().expect("a writer does not panic"));
        done.collect::<Vec<_>>().into_iter().collect()
    })
}
