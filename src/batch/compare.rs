//! Many issues against their references: what look the same is remembered, what does not is shown.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::{Watch, diagnostic, input_causes, lost_diagnostic};
use crate::compare::raster::Raster;
use crate::compare::reference::{self, Kept};
use crate::compare::{
    Comparison, Reference, Settings, Side, Tolerance, Unreadable, compare as look,
};
use crate::diag::{Checked, Code, Diagnostic, Severity};
use crate::digest::Digest;
use crate::drawing::Fault;
use crate::export::{self, WriteError};
use crate::inputs::{BUILD, Record};
use crate::pipeline::{Pdf, Session};
use crate::project::IssuePath;
use crate::workers::{Lost, in_order};

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
    /// How many issues at the same time.
    pub jobs: usize,
    /// What with.
    pub against: Against,
    /// The folder for the pages that differ, as PNG; nothing if nobody wants to see them.
    pub pictures: Option<PathBuf>,
    /// What earlier runs found.
    pub memory: Arc<Memory>,
    /// Whether what looks different becomes the reference.
    pub accept: Accept,
}

/// Whether references are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// Nobody asks for that.
    No,
    /// It is only to be said which would be.
    DryRun,
    /// They are written.
    Write,
}

/// One issue.
#[derive(Debug)]
pub struct Outcome {
    /// What came of it.
    pub verdict: Verdict,
    /// Its reference, if it has one.
    pub reference: Option<PathBuf>,
    /// What was found in it.
    pub diagnostics: Vec<Diagnostic>,
    /// The files of references that were changed.
    pub accepted: Vec<PathBuf>,
    /// What could not be written; the run ends with it.
    pub unwritten: Option<WriteError>,
}

/// What came of comparing an issue.
#[derive(Debug)]
pub enum Verdict {
    /// It looks the same.
    Same(Seen),
    /// It looks different.
    Differs(Seen),
    /// It has no reference yet, and so many pages. Where references are made: none that can be
    /// read, or none of the kind that the publication keeps.
    New(usize),
    /// It has errors, or its reference has.
    Failed,
}

/// What was looked at.
#[derive(Debug)]
pub struct Seen {
    /// How many pages it has.
    pub pages: usize,
    /// Page by page; empty where it is remembered.
    pub comparison: Comparison,
    /// Whether an earlier run found this already, and nothing changed since.
    pub remembered: bool,
}

/// The name of a picture of a page, in the folder of its publication.
pub fn picture_name(issue: &IssuePath, pair: usize, side: Side) -> String {
    let side = if side == Side::Before { "before" } else { "now" };
    format!("{}/{}_{}_{side}.png", issue.publication, issue.stem, pair + 1)
}

/// The stem of the issue whose picture a file is, by its name without the folder.
pub fn pictured(name: &str) -> Option<&str> {
    let name = name.strip_suffix("_before.png").or(name.strip_suffix("_now.png"))?;
    let (stem, page) = name.rsplit_once('_')?;
    (!page.is_empty() && page.bytes().all(|byte| byte.is_ascii_digit())).then_some(stem)
}

/// Takes away the pictures of an issue of which no report will speak.
fn remove_pictures(folder: Option<&Path>, issue: &IssuePath) {
    let Some(folder) = folder.map(|folder| folder.join(&issue.publication)) else { return };
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
    stop: &Arc<AtomicBool>,
    watch: Arc<dyn Watch>,
    mut each: impl FnMut(&IssuePath, Outcome),
) -> std::io::Result<()> {
    session.set_parallel(plan.jobs.min(issues.len()));
    let (jobs, mine) = (plan.jobs, watch.clone());
    let pictures = plan.pictures.clone();
    let run = Run { session: session.clone(), plan, watch: watch.clone() };
    let stopped = stop.clone();
    let work = move |issue: &IssuePath| {
        watch.begun(issue);
        let outcome = run.one(issue);
        if outcome.unwritten.is_some() {
            stopped.store(true, Ordering::SeqCst);
        }
        watch.ended(issue);
        outcome
    };
    let overdue = move |issue: &IssuePath| mine.is_overdue(issue);
    in_order(issues, jobs, stop.clone(), work, overdue, |issue, result| {
        let failed = |lost: Lost| {
            remove_pictures(pictures.as_deref(), issue);
            failure(None, vec![lost_diagnostic(session, issue, lost)])
        };
        each(issue, result.unwrap_or_else(failed));
    })
}

fn failure(reference: Option<PathBuf>, diagnostics: Vec<Diagnostic>) -> Outcome {
    let verdict = Verdict::Failed;
    Outcome { verdict, reference, diagnostics, accepted: Vec::new(), unwritten: None }
}

struct Run {
    session: Arc<Session>,
    plan: Plan,
    watch: Arc<dyn Watch>,
}

impl Run {
    fn one(&self, issue: &IssuePath) -> Outcome {
        let Checked { value, diagnostics } = self.session.publication(&issue.publication);
        let Some(publication) = value else { return failure(None, diagnostics) };
        let (settings, kept) = (&publication.compare, publication.raw.compare.references);
        match self.plan.against {
            Against::Typst => self.against_typst(issue, settings),
            Against::References => self.against_reference(issue, settings, kept),
        }
    }

    fn against_typst(&self, issue: &IssuePath, settings: &Settings) -> Outcome {
        let made = self.session.typeset(issue);
        let made = made.then(|typeset| typeset.pdf().map(|pdf| (typeset, pdf)));
        let Checked { value, diagnostics } = made;
        let Some((typeset, pdf)) = value else { return failure(None, diagnostics) };
        let scale = settings.resolution / 72.0;
        let document = typeset.document.clone();
        let pages = document.pages().len();
        let page = move |index: usize| {
            let page = document.pages().get(index).ok_or(Fault::Damaged)?;
            Ok(typst_page(page, scale))
        };
        let (page, usual) = (Box::new(page), Tolerance::OTHER_RENDERER);
        let seen = self.look(issue, Reference::Pictures { pages, page, usual }, &pdf, settings);
        self.outcome(issue, None, &pdf, seen, diagnostics)
    }

    fn against_reference(&self, issue: &IssuePath, settings: &Settings, kept: Kept) -> Outcome {
        let root = &self.session.project.root;
        let found = match reference::find(root, issue, kept) {
            Ok(found) => found,
            Err(error) => {
                let path = self.session.project.shown(&reference::pdf(root, issue));
                let unreadable = diagnostic(&self.session, issue, Code::ReferenceUnreadable);
                let unreadable = unreadable.arg("path", path).arg("detail", error);
                return failure(None, vec![unreadable]);
            }
        };
        let Some(found) = found else { return self.without_reference(issue, settings, kept) };
        let (path, digest) = (found.path.clone(), found.digest);
        let asked = Asked { reference: digest, settings: Digest::of_value(settings) };
        let accepts = self.plan.accept != Accept::No;
        // The other kind of reference is to be replaced, the same look or not.
        let is_other = accepts && found.kind() != kept;
        let known =
            if is_other { None } else { self.plan.memory.knows(&self.session, issue, &asked) };
        if let Some(pages) = known {
            let comparison = Comparison::default();
            let verdict = Verdict::Same(Seen { pages, comparison, remembered: true });
            let reference = Some(path);
            let (diagnostics, accepted) = (Vec::new(), Vec::new());
            return Outcome { verdict, reference, diagnostics, accepted, unwritten: None };
        }
        let Checked { value, diagnostics } = self.pdf(issue);
        let Some(pdf) = value else { return failure(Some(path), diagnostics) };
        let seen = self.look(issue, found.open(), &pdf, settings);
        let is_replaced = match &seen {
            Ok((comparison, _)) => is_other && comparison.is_same(),
            Err(Unreadable { side, fault }) => {
                let is_broken = matches!(fault, Fault::Empty | Fault::Damaged);
                accepts && *side == Side::Before && is_broken
            }
        };
        if is_replaced {
            return self.as_new(issue, settings, kept, &pdf, diagnostics);
        }
        let mut outcome = self.outcome(issue, Some(path), &pdf, seen, diagnostics);
        match &outcome.verdict {
            Verdict::Same(_) => self.plan.memory.keep(issue, &pdf.record, asked),
            Verdict::Differs(_) => {
                self.accept(issue, settings, kept, &pdf, &mut outcome);
            }
            _ => {}
        }
        outcome
    }

    fn pdf(&self, issue: &IssuePath) -> Checked<Pdf> {
        self.session.typeset(issue).then(|typeset| typeset.pdf())
    }

    fn without_reference(&self, issue: &IssuePath, settings: &Settings, kept: Kept) -> Outcome {
        let Checked { value, diagnostics } = self.pdf(issue);
        let Some(pdf) = value else { return failure(None, diagnostics) };
        self.as_new(issue, settings, kept, &pdf, diagnostics)
    }

    fn as_new(
        &self,
        issue: &IssuePath,
        settings: &Settings,
        kept: Kept,
        pdf: &Pdf,
        diagnostics: Vec<Diagnostic>,
    ) -> Outcome {
        let verdict = Verdict::New(pdf.pages);
        let mut outcome = Outcome {
            verdict,
            reference: None,
            diagnostics,
            accepted: Vec::new(),
            unwritten: None,
        };
        self.accept(issue, settings, kept, pdf, &mut outcome);
        outcome
    }

    fn accept(
        &self,
        issue: &IssuePath,
        settings: &Settings,
        kept: Kept,
        pdf: &Pdf,
        outcome: &mut Outcome,
    ) {
        // Who was given up has been said to have failed.
        if self.plan.accept != Accept::Write || self.watch.is_overdue(issue) {
            return;
        }
        let root = &self.session.project.root;
        match reference::accept(root, issue, kept, settings.resolution, &pdf.bytes) {
            Ok(files) => outcome.accepted = files,
            Err(error) => outcome.unwritten = Some(error),
        }
    }

    /// Compares, and writes down the pages that differ.
    fn look(
        &self,
        issue: &IssuePath,
        reference: Reference,
        pdf: &Pdf,
        settings: &Settings,
    ) -> Result<(Comparison, Option<WriteError>), Unreadable> {
        let mut unwritten = None;
        let mut show = |pair: usize, side: Side, raster: &Raster| {
            let is_wanted = unwritten.is_none() && !self.watch.is_overdue(issue);
            if let Some(folder) = self.plan.pictures.as_ref().filter(|_| is_wanted) {
                let path = folder.join(picture_name(issue, pair, side));
                unwritten = export::write(&path, &raster.png()).err();
            }
        };
        let compared = look(reference, pdf.bytes.clone(), settings, &mut show);
        if compared.is_err() {
            remove_pictures(self.plan.pictures.as_deref(), issue);
        }
        Ok((compared?, unwritten))
    }

    fn outcome(
        &self,
        issue: &IssuePath,
        reference: Option<PathBuf>,
        pdf: &Pdf,
        seen: Result<(Comparison, Option<WriteError>), Unreadable>,
        mut diagnostics: Vec<Diagnostic>,
    ) -> Outcome {
        match seen {
            Ok((comparison, unwritten)) => {
                let is_same = comparison.is_same();
                let seen = Seen { pages: pdf.pages, comparison, remembered: false };
                let verdict = if is_same { Verdict::Same(seen) } else { Verdict::Differs(seen) };
                Outcome { verdict, reference, diagnostics, accepted: Vec::new(), unwritten }
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
                let path = self.session.project.shown(path);
                diagnostics.push(diagnostic(&self.session, issue, code).arg("path", path));
                debug_assert!(diagnostics.iter().any(|d| d.severity == Severity::Error));
                failure(reference, diagnostics)
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

/// An issue that looked the same, and what it was made from then.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    build: String,
    record: Record,
    asked: Asked,
}

/// Which issues looked the same in earlier runs: `.jianbao/compared` in the output folder, where
/// there is such a folder. Whatever cannot be read in it is looked at again.
#[derive(Debug, Default)]
pub struct Memory {
    folder: Option<PathBuf>,
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
    /// What is known in an output folder.
    pub fn read(output: &Path) -> Self {
        let folder = output.join(".jianbao");
        if !folder.is_dir() {
            return Memory::default();
        }
        let file = std::fs::read(folder.join("compared")).ok();
        let file = file.and_then(|bytes| serde_json::from_slice::<File>(&bytes).ok());
        let known = file.filter(|file| file.version == VERSION).map(|file| file.issues);
        Memory { folder: Some(folder), known: Mutex::new(known.unwrap_or_default()) }
    }

    /// Writes down what is known now.
    pub fn write(&self) -> Result<(), WriteError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let issues = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = serde_json::to_vec(&File { version: VERSION, issues });
        let (path, text) = (folder.join("compared"), text.expect("it is plain data"));
        if std::fs::read(&path).is_ok_and(|written| written == text) {
            return Ok(());
        }
        export::write(&path, &text)
    }

    /// How many pages an issue has that looked the same when all was as it is now.
    fn knows(&self, session: &Session, issue: &IssuePath, asked: &Asked) -> Option<usize> {
        // Others look up theirs while this one's files are read.
        let known = {
            let all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            all.get(&issue.name()).filter(|known| known.asked == *asked)?.clone()
        };
        let causes = input_causes(session, issue, None, &known.build, &known.record);
        causes.is_empty().then_some(known.record.pages)
    }

    fn keep(&self, issue: &IssuePath, record: &Record, asked: Asked) {
        let known = Known { build: BUILD.into(), record: record.clone(), asked };
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(issue.name(), known);
    }
}
