//! Many issues → their PDFs: only those that need it, on all cores, each costing only itself.

pub mod compare;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::check::read_picture;
use crate::diag::{Checked, Code, Diagnostic, SourceFile, Span};
use crate::digest::Digest;
use crate::export::{self, WriteError};
use crate::inputs::{BUILD, Cause, Record, SharedInputs, differing};
use crate::limits;
use crate::lock::Lock;
use crate::pipeline::{Pdf, Session};
use crate::project::IssuePath;
use crate::state::{Journal, Known, Output, Stamp, State, output_is};
use crate::workers::{Lost, in_order};

/// How a batch is built.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The folder for the PDFs, each in a folder named after its publication.
    pub output: PathBuf,
    /// How many issues are set at the same time.
    pub jobs: usize,
    /// Whether issues are built that need not be.
    pub force: bool,
    /// Whether nothing is built or written: only what would be.
    pub dry_run: bool,
    /// What every PDF must be.
    pub locked: Option<Arc<Lock>>,
}

/// Who follows a batch. Called by the workers, at the same time.
pub trait Watch: Send + Sync {
    /// An issue is begun.
    fn begun(&self, _issue: &IssuePath) {}
    /// An issue is done with.
    fn ended(&self, _issue: &IssuePath) {}
    /// Whether an issue takes longer than [`limits::TIME`]: the library has no clock.
    fn is_overdue(&self, _issue: &IssuePath) -> bool {
        false
    }
    /// Another run has the output folder, and this one waits.
    fn waits(&self) {}
}

/// Nobody follows.
impl Watch for () {}

/// What became of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its PDF was made.
    Built,
    /// Its PDF is as it would be made.
    Fresh,
    /// Its PDF would be made, were this not a dry run.
    Stale,
    /// It has errors. An earlier PDF stays as it is.
    Failed,
}

/// One issue of a batch.
#[derive(Debug)]
pub struct Outcome {
    /// What became of it.
    pub status: Status,
    /// Why it was built, or would be.
    pub causes: BTreeSet<Cause>,
    /// Its PDF.
    pub path: PathBuf,
    /// What the PDF was made from, and what it is; nothing if it has errors or is stale.
    pub record: Option<Record>,
    /// What was found in it.
    pub diagnostics: Vec<Diagnostic>,
    /// What could not be written; the batch ends with it.
    pub unwritten: Option<WriteError>,
}

/// What became of an issue in [`verify`].
#[derive(Debug)]
pub enum Verdict {
    /// Its PDF would be the same.
    Same,
    /// It would be another, and these are the causes.
    Differs(BTreeSet<Cause>),
    /// The lock does not know it.
    Unlocked,
    /// It has errors now.
    Failed(Vec<Diagnostic>),
}

/// Builds `issues`, and gives each outcome to `each` in their order. Once `stop` is set, what is
/// begun is finished and nothing else is begun.
pub fn build(
    session: &Arc<Session>,
    issues: Vec<IssuePath>,
    plan: Plan,
    stop: &Arc<AtomicBool>,
    watch: Arc<dyn Watch>,
    mut each: impl FnMut(&IssuePath, Outcome),
) -> Result<(), WriteError> {
    let memory = if plan.dry_run {
        Memory::Read(State::read(&plan.output))
    } else {
        let journal = Journal::open(&plan.output, || watch.waits())?;
        let folders: BTreeSet<&String> = issues.iter().map(|issue| &issue.publication).collect();
        folders.into_iter().for_each(|folder| export::clean(&plan.output.join(folder)));
        Memory::Journal(Mutex::new(journal))
    };
    let (jobs, output) = (plan.jobs, plan.output.clone());
    let (mine, theirs) = (watch.clone(), watch.clone());
    let batch = Arc::new(Batch { session: session.clone(), plan, memory, watch: theirs });
    let (stopped, working) = (stop.clone(), batch.clone());
    session.set_parallel(jobs.min(issues.len()));
    let work = move |issue: &IssuePath| {
        watch.begun(issue);
        let outcome = working.one(issue);
        if outcome.unwritten.is_some() {
            stopped.store(true, Ordering::SeqCst);
        }
        watch.ended(issue);
        outcome
    };
    let report = |issue: &IssuePath, result: Result<Outcome, Lost>| {
        let lost = |lost| Outcome {
            status: Status::Failed,
            causes: BTreeSet::new(),
            path: issue.pdf(&output),
            record: None,
            diagnostics: vec![lost_diagnostic(session, issue, lost)],
            unwritten: None,
        };
        each(issue, result.unwrap_or_else(lost));
    };
    let threads = |error| WriteError { path: "-".into(), error };
    let overdue = |issue: &IssuePath| mine.is_overdue(issue);
    let ran = in_order(issues, jobs, stop.clone(), work, overdue, report).map_err(threads);
    // A worker that was given up keeps what it holds for ever.
    if let Memory::Journal(journal) = &batch.memory {
        lock(journal).close();
    }
    ran
}

/// Builds `issues` in memory and compares them with `lock`, in their order.
pub fn verify(
    session: &Arc<Session>,
    issues: Vec<IssuePath>,
    lock: &Arc<Lock>,
    jobs: usize,
    stop: &Arc<AtomicBool>,
    watch: Arc<dyn Watch>,
    mut each: impl FnMut(&IssuePath, Verdict),
) -> std::io::Result<()> {
    let (own, lock) = (session.clone(), lock.clone());
    session.set_parallel(jobs.min(issues.len()));
    let mine = watch.clone();
    let overdue = move |issue: &IssuePath| mine.is_overdue(issue);
    let work = move |issue: &IssuePath| {
        watch.begun(issue);
        let verdict = match lock.issues.get(&issue.name()) {
            None => Verdict::Unlocked,
            Some(locked) => match own.typeset(issue).then(|typeset| typeset.pdf()) {
                Checked { value: Some(pdf), .. } if pdf.record.output == locked.output => {
                    Verdict::Same
                }
                Checked { value: Some(pdf), .. } => {
                    Verdict::Differs(lock_causes(&own, issue, &lock, locked, &pdf.record))
                }
                Checked { value: None, diagnostics } => Verdict::Failed(diagnostics),
            },
        };
        watch.ended(issue);
        verdict
    };
    in_order(issues, jobs, stop.clone(), work, overdue, |issue, result| {
        let failed = |lost| Verdict::Failed(vec![lost_diagnostic(session, issue, lost)]);
        each(issue, result.unwrap_or_else(failed));
    })
}

fn lost_diagnostic(session: &Session, issue: &IssuePath, lost: Lost) -> Diagnostic {
    match lost {
        Lost::Panicked(said) => diagnostic(session, issue, Code::EnginePanic).arg("detail", said),
        Lost::GivenUp => {
            diagnostic(session, issue, Code::TooSlow).arg("seconds", limits::TIME.as_secs())
        }
    }
}

fn diagnostic(session: &Session, issue: &IssuePath, code: Code) -> Diagnostic {
    let name = session.project.shown(&issue.path);
    let file = Arc::new(SourceFile { name, text: String::new() });
    Diagnostic::error(code, Span::new(&file, 0..0))
}

/// Why a PDF is not the one of the lock, from what both were made from.
fn lock_causes(
    session: &Session,
    issue: &IssuePath,
    lock: &Lock,
    locked: &Record,
    now: &Record,
) -> BTreeSet<Cause> {
    let before = lock.shared.get(&locked.shared);
    let mut causes = record_causes(session, issue, before, locked);
    if locked.issue != now.issue {
        causes.insert(Cause::Issue);
    }
    causes.extend(differing(&locked.pictures, &now.pictures).map(Cause::Picture));
    if causes.is_empty() {
        causes.insert(Cause::Unknown);
    }
    causes
}

/// Why an issue that was made as `record` says would be made otherwise, its own file and
/// pictures apart.
fn record_causes(
    session: &Session,
    issue: &IssuePath,
    before: Option<&SharedInputs>,
    record: &Record,
) -> BTreeSet<Cause> {
    let pin = record.layout_version.as_deref();
    if session.shares(&issue.publication, pin, &record.shared) {
        return BTreeSet::new();
    }
    let mut causes = match (before, session.shared_inputs(&issue.publication, pin)) {
        (Some(before), Some((_, now))) => before.causes(&now),
        _ => BTreeSet::new(),
    };
    if causes.is_empty() {
        causes.insert(Cause::Publication);
    }
    causes
}

/// Why an issue that was made as `record` says, by the program `build`, would be made otherwise.
fn input_causes(
    session: &Session,
    issue: &IssuePath,
    shared: Option<&SharedInputs>,
    build: &str,
    record: &Record,
) -> BTreeSet<Cause> {
    let mut causes = record_causes(session, issue, shared, record);
    // Within one version the program itself may have changed.
    if build != BUILD && !causes.iter().any(|c| matches!(c, Cause::Program(..))) {
        // It comes from a file that anything may have happened to.
        let program =
            |build: &str| format!("jianbao {}", build.chars().take(8).collect::<String>());
        causes.insert(Cause::Program(program(build), program(BUILD)));
    }
    let changed = |bytes: std::io::Result<Vec<u8>>, before: &Digest| {
        bytes.map_or(true, |bytes| Digest::of(&bytes) != *before)
    };
    if changed(std::fs::read(&issue.path), &record.issue) {
        causes.insert(Cause::Issue);
    }
    for (picture, before) in &record.pictures {
        let now = read_picture(&session.project.root, &issue.path, picture);
        if now.map_or(true, |now| Digest::of(&now.bytes) != *before) {
            causes.insert(Cause::Picture(picture.clone()));
        }
    }
    causes
}

/// What is known of earlier runs.
enum Memory {
    Read(State),
    Journal(Mutex<Journal>),
}

struct Batch {
    session: Arc<Session>,
    plan: Plan,
    memory: Memory,
    watch: Arc<dyn Watch>,
}

impl Batch {
    fn one(&self, issue: &IssuePath) -> Outcome {
        let path = issue.pdf(&self.plan.output);
        let known = self.with_state(|state| {
            let known = state.issues.get(&issue.name())?.clone();
            let shared = state.shared.get(&known.record.shared).cloned();
            Some((known, shared))
        });
        let causes = self.causes(issue, &path, known.as_ref());
        let outcome = |status, record, diagnostics| Outcome {
            status,
            causes: causes.clone(),
            path: path.clone(),
            record,
            diagnostics,
            unwritten: None,
        };
        if causes.is_empty() {
            let record = known.map(|(known, _)| known.record);
            let refusal = record.as_ref().and_then(|record| self.refuse(issue, record));
            return match refusal {
                Some((refusal, why)) => {
                    Outcome { causes: why, ..outcome(Status::Failed, None, vec![refusal]) }
                }
                None => outcome(Status::Fresh, record, Vec::new()),
            };
        }
        if self.plan.dry_run {
            return outcome(Status::Stale, None, Vec::new());
        }
        let made = self.session.typeset(issue).then(|typeset| typeset.pdf());
        let Checked { value, mut diagnostics } = made;
        let Some(pdf) = value else { return outcome(Status::Failed, None, diagnostics) };
        if let Some((refusal, why)) = self.refuse(issue, &pdf.record) {
            diagnostics.push(refusal);
            return Outcome { causes: why, ..outcome(Status::Failed, None, diagnostics) };
        }
        if self.watch.is_overdue(issue) {
            // The issue was reported as too slow: its earlier PDF stays.
            return outcome(Status::Failed, None, diagnostics);
        }
        match self.write(issue, &path, &pdf) {
            Ok(()) => outcome(Status::Built, Some(pdf.record), diagnostics),
            Err(error) => {
                Outcome { unwritten: Some(error), ..outcome(Status::Failed, None, diagnostics) }
            }
        }
    }

    /// Why an issue must be built; nothing if it need not be.
    fn causes(
        &self,
        issue: &IssuePath,
        path: &Path,
        known: Option<&(Known, Option<SharedInputs>)>,
    ) -> BTreeSet<Cause> {
        let Some((known, shared)) = known else { return BTreeSet::from([Cause::New]) };
        let (build, record) = (&known.build, &known.record);
        let mut causes = input_causes(&self.session, issue, shared.as_ref(), build, record);
        if self.plan.force {
            causes.insert(Cause::Forced);
        }
        match output_is(path, known) {
            Output::Same => {}
            Output::Touched(stamp) => {
                // Looked at once, it need not be read again. That this cannot be noted harms nobody.
                if let Memory::Journal(journal) = &self.memory {
                    lock(journal).add(&issue.name(), record, stamp, || None).ok();
                }
            }
            Output::Altered => drop(causes.insert(Cause::OutputAltered)),
            Output::Missing => drop(causes.insert(Cause::OutputMissing)),
        }
        causes
    }

    /// Why a PDF may not be made where the lock must not change.
    fn refuse(&self, issue: &IssuePath, record: &Record) -> Option<(Diagnostic, BTreeSet<Cause>)> {
        let lock = self.plan.locked.as_ref()?;
        let Some(locked) = lock.issues.get(&issue.name()) else {
            let missing = diagnostic(&self.session, issue, Code::LockMissing);
            return Some((missing, BTreeSet::new()));
        };
        let differs = || {
            let causes = lock_causes(&self.session, issue, lock, locked, record);
            (diagnostic(&self.session, issue, Code::LockDiffers), causes)
        };
        (locked.output != record.output).then(differs)
    }

    fn write(&self, issue: &IssuePath, path: &Path, pdf: &Pdf) -> Result<(), WriteError> {
        let Memory::Journal(journal) = &self.memory else { return Ok(()) };
        export::write(path, &pdf.bytes)?;
        let stamp =
            Stamp::of(path).map_err(|error| WriteError { path: path.to_path_buf(), error })?;
        let pin = pdf.record.layout_version.as_deref();
        let inputs =
            || self.session.shared_inputs(&issue.publication, pin).map(|(_, inputs)| inputs);
        lock(journal).add(&issue.name(), &pdf.record, stamp, inputs)
    }

    fn with_state<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        match &self.memory {
            Memory::Read(state) => look(state),
            Memory::Journal(journal) => look(lock(journal).state()),
        }
    }
}

fn lock(journal: &Mutex<Journal>) -> MutexGuard<'_, Journal> {
    journal.lock().unwrap_or_else(PoisonError::into_inner)
}
