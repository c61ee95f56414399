//! Many issues and their references → which look different, with pictures of their pages.
//!
//! An issue that looks the same is remembered, and is not compared again until something changes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use serde::{Deserialize, Serialize};

use super::build::input_causes;
use super::crew::{Crew, diagnostic};
use super::journal::FOLDER;
use crate::compare::drawing::Fault;
use crate::compare::raster::Raster;
use crate::compare::reference;
use crate::compare::{Comparison, Reference, Side, Unreadable, compare as look};
use crate::diag::{Checked, Code, Diagnostic, Severity};
use crate::pipeline::inputs::{BUILD, Record};
use crate::pipeline::{Pdf, Session};
use crate::publication::tolerance::{Kept, Settings, Tolerance};
use crate::source::digest::Digest;
use crate::source::files::{self, FileError};
use crate::source::limits;
use crate::source::project::IssuePath;

/// What issues are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// Their references.
    References,
    /// The pages as Typst draws them: a test of the PDF itself.
    Typst,
}

/// How a run compares.
pub struct Plan {
    /// What the issues are compared with.
    pub against: Against,
    /// The folder for the pages that differ, as PNG; `None` where they are not shown.
    pub pictures: Option<PathBuf>,
    /// What earlier runs found.
    pub memory: Arc<Memory>,
    /// Whether what looks different becomes the reference.
    pub accept: Accept,
}

/// Whether references are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// References stay.
    No,
    /// References stay; those that would be written are reported.
    DryRun,
    /// References are written.
    Write,
}

/// One issue.
#[derive(Debug)]
pub struct Outcome {
    /// Whether its pages look the same.
    pub verdict: Verdict,
    /// Its reference, if it has one.
    pub reference: Option<PathBuf>,
    /// What was found in it.
    pub diagnostics: Vec<Diagnostic>,
    /// The files of references that were changed.
    pub accepted: Vec<PathBuf>,
    /// What could not be written; the run ends with it.
    pub unwritten: Option<FileError>,
}

/// The result of comparing an issue.
#[derive(Debug)]
pub enum Verdict {
    /// It looks the same.
    Same(Seen),
    /// It looks different.
    Differs(Seen),
    /// The issue has no reference yet; the number is its page count. When references are accepted,
    /// a broken reference, or one of another kind than the publication keeps, counts as missing.
    New(usize),
    /// The issue or its reference has errors.
    Failed,
}

/// The result of comparing pages.
#[derive(Debug)]
pub struct Seen {
    /// How many pages it has.
    pub pages: usize,
    /// The differences page by page; empty if the result is remembered.
    pub comparison: Comparison,
    /// Whether an earlier run found this already, and nothing changed since.
    pub remembered: bool,
}

/// The name of a picture of a page, in the folder of its publication.
pub fn picture_name(issue: &IssuePath, pair: usize, side: Side) -> String {
    let side = if side == Side::Before { "before" } else { "now" };
    format!("{}/{}_{}_{side}.png", issue.publication, issue.stem, pair + 1)
}

/// Picture file name, without its folder → stem of its issue; `None` for other files.
pub fn pictured(name: &str) -> Option<&str> {
    let name = name.strip_suffix("_before.png").or(name.strip_suffix("_now.png"))?;
    let (stem, page) = name.rsplit_once('_')?;
    (!page.is_empty() && page.bytes().all(|byte| byte.is_ascii_digit())).then_some(stem)
}

/// Removes the pictures of an issue that is not part of the report.
fn remove_pictures(pictures: Option<&Path>, issue: &IssuePath) {
    let folder = pictures.map(|pictures| (pictures, pictures.join(&issue.publication)));
    let Some((_, folder)) = folder.filter(|(home, folder)| files::is_in(home, folder)) else {
        return;
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if pictured(&entry.file_name().to_string_lossy()) == Some(&issue.stem) {
            std::fs::remove_file(entry.path()).ok();
        }
    }
}

/// Compares `issues`, and gives each outcome to `each` in their order.
pub fn compare(
    session: &Arc<Session>,
    issues: Vec<IssuePath>,
    plan: Plan,
    crew: &Crew,
    mut each: impl FnMut(&IssuePath, Outcome),
) -> std::io::Result<()> {
    let run = Arc::new(Run { session: session.clone(), plan, crew: crew.clone() });
    let worker = run.clone();
    let work = move |issue: &IssuePath| worker.one(issue);
    crew.each(session, issues, work, |issue, outcome| {
        each(issue, outcome.unwrap_or_else(|lost| run.lost(issue, lost)));
    })
}

impl Outcome {
    fn new(verdict: Verdict, reference: Option<PathBuf>, diagnostics: Vec<Diagnostic>) -> Self {
        Outcome { verdict, reference, diagnostics, accepted: Vec::new(), unwritten: None }
    }

    fn failure(reference: Option<PathBuf>, diagnostics: Vec<Diagnostic>) -> Self {
        Outcome::new(Verdict::Failed, reference, diagnostics)
    }
}

/// A comparison of many issues.
struct Run {
    session: Arc<Session>,
    plan: Plan,
    crew: Crew,
}

impl Run {
    /// Compares one issue.
    fn one(&self, issue: &IssuePath) -> Outcome {
        let Checked { value, diagnostics } = self.session.publication(&issue.publication);
        let Some(publication) = value else { return Outcome::failure(None, diagnostics) };
        let (settings, kept) = (&publication.compare, publication.raw.compare.references);
        let case = Case { run: self, issue, settings, kept };
        let outcome = match self.plan.against {
            Against::Typst => case.against_typst(),
            Against::References => case.against_reference(),
        };
        if outcome.unwritten.is_some() {
            self.crew.stop();
        }
        outcome
    }

    /// The outcome of an issue whose worker was lost.
    fn lost(&self, issue: &IssuePath, lost: Diagnostic) -> Outcome {
        remove_pictures(self.plan.pictures.as_deref(), issue);
        Outcome::failure(None, vec![lost])
    }
}

/// One issue that is compared.
struct Case<'a> {
    run: &'a Run,
    issue: &'a IssuePath,
    settings: &'a Settings,
    kept: Kept,
}

/// The differences of the pages, and a picture that could not be written.
type Compared = Result<(Comparison, Option<FileError>), Unreadable>;

impl Case<'_> {
    fn session(&self) -> &Session {
        &self.run.session
    }

    fn pdf(&self) -> Checked<Pdf> {
        self.run.crew.pdf(self.session(), self.issue)
    }

    fn against_typst(&self) -> Outcome {
        let made = self.session().typeset(self.issue);
        let made = made.then(|typeset| typeset.pdf().map(|pdf| (typeset, pdf)));
        let Checked { value, diagnostics } = made;
        let Some((typeset, pdf)) = value else { return Outcome::failure(None, diagnostics) };
        let scale = self.settings.resolution / 72.0;
        let document = typeset.document.clone();
        let pages = document.pages().len();
        let page = move |index: usize| {
            let page = document.pages().get(index).ok_or(Fault::Damaged)?;
            Ok(typst_page(page, scale))
        };
        let (page, usual) = (Box::new(page), Tolerance::OTHER_RENDERER);
        let compared = self.look(Reference::Pictures { pages, page, usual }, &pdf);
        self.outcome(None, &pdf, compared, diagnostics)
    }

    fn against_reference(&self) -> Outcome {
        let memory = &self.run.plan.memory;
        let root = &self.session().project.root;
        let found = match reference::find(root, self.issue, self.kept) {
            Ok(Some(found)) => found,
            Ok(None) => return self.without_reference(),
            Err(error) => return self.unreadable(&error),
        };
        let (path, digest) = (found.path.clone(), found.digest);
        let asked = Asked { reference: digest, settings: Digest::of_value(self.settings) };
        let accepts = self.run.plan.accept != Accept::No;
        // A reference of the other kind is replaced even if it looks the same.
        let is_other = accepts && found.kind() != self.kept;
        if !is_other && let Some(pages) = memory.knows(self.session(), self.issue, &asked) {
            let comparison = Comparison::default();
            let verdict = Verdict::Same(Seen { pages, comparison, remembered: true });
            return Outcome::new(verdict, Some(path), Vec::new());
        }
        let Checked { value, diagnostics } = self.pdf();
        let Some(pdf) = value else { return Outcome::failure(Some(path), diagnostics) };
        let compared = self.look(found.open(), &pdf);
        let is_replaced = match &compared {
            Ok((comparison, _)) => is_other && comparison.is_same(),
            Err(Unreadable { side, fault }) => {
                let is_broken = matches!(fault, Fault::Empty | Fault::Damaged);
                accepts && *side == Side::Before && is_broken
            }
        };
        if is_replaced {
            return self.as_new(&pdf, diagnostics);
        }
        let mut outcome = self.outcome(Some(path), &pdf, compared, diagnostics);
        match &outcome.verdict {
            Verdict::Same(_) => memory.keep(self.issue, &pdf.record, asked),
            Verdict::Differs(_) => self.accept(&pdf, &mut outcome),
            _ => {}
        }
        outcome
    }

    fn unreadable(&self, error: &FileError) -> Outcome {
        let session = self.session();
        let path = session.project.shown(&error.path);
        let found = match &error.error {
            fault @ (files::Fault::Kind(_) | files::Fault::Outside(_)) => fault.diagnostic(&path),
            files::Fault::Large(_) => {
                diagnostic(session, self.issue, Code::ReferenceTooLarge).arg("path", path)
            }
            fault => {
                let unreadable = diagnostic(session, self.issue, Code::ReferenceUnreadable);
                unreadable.arg("path", path).arg("detail", fault)
            }
        };
        Outcome::failure(None, vec![found])
    }

    fn without_reference(&self) -> Outcome {
        let Checked { value, diagnostics } = self.pdf();
        let Some(pdf) = value else { return Outcome::failure(None, diagnostics) };
        self.as_new(&pdf, diagnostics)
    }

    fn as_new(&self, pdf: &Pdf, diagnostics: Vec<Diagnostic>) -> Outcome {
        let mut outcome = Outcome::new(Verdict::New(pdf.pages), None, diagnostics);
        self.accept(pdf, &mut outcome);
        outcome
    }

    /// Makes the PDF the new reference if the run accepts.
    fn accept(&self, pdf: &Pdf, outcome: &mut Outcome) {
        if self.run.plan.accept != Accept::Write || self.run.crew.gave_up(self.issue) {
            return;
        }
        let (root, resolution) = (&self.session().project.root, self.settings.resolution);
        match reference::accept(root, self.issue, self.kept, resolution, &pdf.bytes) {
            Ok(files) => outcome.accepted = files,
            Err(error) => outcome.unwritten = Some(error),
        }
    }

    /// Compares, and writes the pages that differ as pictures.
    fn look(&self, reference: Reference, pdf: &Pdf) -> Compared {
        let mut unwritten = None;
        let pictures = self.run.plan.pictures.as_deref();
        let mut show = |pair: usize, side: Side, raster: &Raster| {
            let is_wanted = unwritten.is_none() && !self.run.crew.gave_up(self.issue);
            if let Some(folder) = pictures.filter(|_| is_wanted) {
                let path = folder.join(picture_name(self.issue, pair, side));
                unwritten = files::write_in(folder, &path, &raster.png()).err();
            }
        };
        let compared = look(reference, pdf.bytes.clone(), self.settings, &mut show);
        if compared.is_err() {
            remove_pictures(pictures, self.issue);
        }
        Ok((compared?, unwritten))
    }

    fn outcome(
        &self,
        reference: Option<PathBuf>,
        pdf: &Pdf,
        compared: Compared,
        mut diagnostics: Vec<Diagnostic>,
    ) -> Outcome {
        match compared {
            Ok((comparison, unwritten)) => {
                let is_same = comparison.is_same();
                let seen = Seen { pages: pdf.pages, comparison, remembered: false };
                let verdict = if is_same { Verdict::Same(seen) } else { Verdict::Differs(seen) };
                Outcome { unwritten, ..Outcome::new(verdict, reference, diagnostics) }
            }
            Err(unreadable) => {
                let code = match (unreadable.side, unreadable.fault) {
                    (Side::Now, _) => Code::RendererRefuses,
                    (_, Fault::Empty) => Code::ReferenceEmpty,
                    (_, Fault::Encrypted) => Code::ReferenceEncrypted,
                    (_, Fault::Damaged) => Code::ReferenceDamaged,
                    (_, Fault::TooLarge) => Code::ReferenceTooLarge,
                };
                let path = reference.as_deref().unwrap_or(Path::new("-"));
                let path = self.session().project.shown(path);
                diagnostics.push(diagnostic(self.session(), self.issue, code).arg("path", path));
                debug_assert!(diagnostics.iter().any(|d| d.severity == Severity::Error));
                Outcome::failure(reference, diagnostics)
            }
        }
    }
}

/// A page as Typst draws it.
fn typst_page(page: &typst_layout::Page, scale: f64) -> Raster {
    let options = typst_render::RenderOptions {
        pixel_per_pt: scale.into(),
        ..typst_render::RenderOptions::default()
    };
    let pixmap = typst_render::render(page, &options);
    let (width, height) = (pixmap.width() as usize, pixmap.height() as usize);
    Raster { width, height, pixels: pixmap.take() }
}

/// What a comparison depends on besides the issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    reference: Digest,
    settings: Digest,
}

/// An issue that looked the same, and what its PDF was made from at that time.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    build: String,
    record: Record,
    asked: Asked,
}

/// Which issues looked the same in earlier runs: `.jianbao/compared` in the output folder, where
/// there is such a folder. Issues that cannot be read from it are compared again.
#[derive(Debug, Default)]
pub struct Memory {
    output: Option<PathBuf>,
    known: Mutex<BTreeMap<String, Known>>,
}

/// The format of the memory; another one is not read.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    issues: BTreeMap<String, Known>,
}

impl Memory {
    /// Reads the memory of an output folder; an empty memory if there is none.
    pub fn read(output: &Path) -> Self {
        let folder = output.join(FOLDER);
        if !folder.is_dir() {
            return Memory::default();
        }
        let path = folder.join("compared");
        let file = files::read_in(output, &path, limits::RECORD_BYTES).ok();
        let file = file.and_then(|bytes| serde_json::from_slice::<File>(&bytes).ok());
        let known = file.filter(|file| file.version == VERSION).map(|file| file.issues);
        Memory { output: Some(output.into()), known: Mutex::new(known.unwrap_or_default()) }
    }

    /// Writes the memory to its folder, if its content changed.
    pub fn write(&self) -> Result<(), FileError> {
        let Some(output) = &self.output else { return Ok(()) };
        let issues = self.known.lock().clone();
        let text = serde_json::to_vec(&File { version: VERSION, issues });
        let path = output.join(FOLDER).join("compared");
        let text = text.expect("it is plain data");
        let written = files::read_in(output, &path, limits::RECORD_BYTES);
        if written.is_ok_and(|written| written == text) {
            return Ok(());
        }
        files::write_in(output, &path, &text)
    }

    /// How many pages an issue has, if it looked the same and nothing changed since.
    fn knows(&self, session: &Session, issue: &IssuePath, asked: &Asked) -> Option<usize> {
        // Clone the entry, so that other workers can use the memory while this issue's files are
        // read.
        let known = {
            let all = self.known.lock();
            all.get(&issue.name()).filter(|known| known.asked == *asked)?.clone()
        };
        let causes = input_causes(session, issue, None, &known.build, &known.record);
        causes.is_empty().then_some(known.record.pages)
    }

    fn keep(&self, issue: &IssuePath, record: &Record, asked: Asked) {
        let known = Known { build: BUILD.into(), record: record.clone(), asked };
        let mut all = self.known.lock();
        all.insert(issue.name(), known);
    }
}
