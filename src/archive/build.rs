//! Many issues → their PDFs. Only issues whose inputs or PDF changed are built, on all cores; a
//! fault in one issue does not stop the others.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use super::crew::{Crew, diagnostic};
use super::journal::{Journal, Known, Output, Stamp, State, output_is};
use super::lock::Lock;
use crate::check::read_picture;
use crate::diag::{Checked, Code, Diagnostic};
use crate::pipeline::inputs::{BUILD, Cause, Record, SharedInputs, differing};
use crate::pipeline::{Pdf, Session};
use crate::source::digest::Digest;
use crate::source::files::{self, FileError};
use crate::source::limits;
use crate::source::project::IssuePath;

/// How a batch is built.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The folder for the PDFs, each in a folder named after its publication.
    pub output: PathBuf,
    /// Whether issues are built although their PDFs are up to date.
    pub force: bool,
    /// Whether the run only reports what would be built, and writes nothing.
    pub dry_run: bool,
    /// The lock that every PDF must match, if any.
    pub locked: Option<Arc<Lock>>,
}

/// What became of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its PDF was made.
    Built,
    /// Its PDF is up to date.
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
    /// What the PDF was made from, and its digest; `None` if it has errors or is stale.
    pub record: Option<Record>,
    /// What was found in it.
    pub diagnostics: Vec<Diagnostic>,
    /// What could not be written; the batch ends with it.
    pub unwritten: Option<FileError>,
}

/// What became of an issue in [`verify`].
#[derive(Debug)]
pub enum Verdict {
    /// Its PDF would be the same.
    Same,
    /// Its PDF would be different, for these causes.
    Differs(BTreeSet<Cause>),
    /// Its PDF would be the same, but not what the lock records besides, for these causes.
    Misrecorded(BTreeSet<Cause>),
    /// The lock has no entry for the issue.
    Unlocked,
    /// It has errors now.
    Failed(Vec<Diagnostic>),
}

/// Builds `issues`, and gives each outcome to `each` in their order.
pub fn build(
    session: &Arc<Session>,
    issues: Vec<IssuePath>,
    plan: Plan,
    crew: &Crew,
    mut each: impl FnMut(&IssuePath, Outcome),
) -> Result<(), FileError> {
    let memory = if plan.dry_run {
        Memory::Read(State::read(&plan.output)?)
    } else {
        let journal = Journal::open(&plan.output, || crew.watch.waits())?;
        let folders: BTreeSet<&String> = issues.iter().map(|issue| &issue.publication).collect();
        let clean = |folder| files::clean(&plan.output, &plan.output.join(folder));
        folders.into_iter().for_each(clean);
        Memory::Journal(Mutex::new(journal))
    };
    let batch = Arc::new(Batch { session: session.clone(), plan, memory, crew: crew.clone() });
    let worker = batch.clone();
    let work = move |issue: &IssuePath| worker.one(issue);
    let ran = crew.each(session, issues, work, |issue, outcome| {
        each(issue, outcome.unwrap_or_else(|lost| batch.lost(issue, lost)));
    });
    // A worker that was given up keeps its share of the journal for ever: drop alone would not
    // unlock the folder.
    if let Memory::Journal(journal) = &batch.memory {
        lock(journal).close();
    }
    ran.map_err(|error| FileError::new(Path::new("-"), error))
}

/// Builds `issues` in memory and compares them with `lock`, in their order.
pub fn verify(
    session: &Arc<Session>,
    issues: Vec<IssuePath>,
    lock: &Arc<Lock>,
    crew: &Crew,
    mut each: impl FnMut(&IssuePath, Verdict),
) -> std::io::Result<()> {
    let (own, lock, setters) = (session.clone(), lock.clone(), crew.clone());
    let work = move |issue: &IssuePath| verdict(&own, issue, &lock, &setters);
    crew.each(session, issues, work, |issue, verdict| {
        each(issue, verdict.unwrap_or_else(|lost| Verdict::Failed(vec![lost])));
    })
}

fn verdict(session: &Session, issue: &IssuePath, lock: &Lock, crew: &Crew) -> Verdict {
    let Some(locked) = lock.issues.get(&issue.name()) else { return Verdict::Unlocked };
    match crew.pdf(session, issue) {
        Checked { value: Some(pdf), .. } if locked.agrees(&pdf.record) => Verdict::Same,
        Checked { value: Some(pdf), .. } => {
            let causes = lock_causes(session, issue, lock, locked, &pdf.record);
            match pdf.record.output == locked.output {
                true => Verdict::Misrecorded(causes),
                false => Verdict::Differs(causes),
            }
        }
        Checked { value: None, diagnostics } => Verdict::Failed(diagnostics),
    }
}

/// Why a record differs from the locked one: what differs between the two.
fn lock_causes(
    session: &Session,
    issue: &IssuePath,
    lock: &Lock,
    locked: &Record,
    now: &Record,
) -> BTreeSet<Cause> {
    let pin = now.layout_version.as_deref();
    let mut causes = match lock.shared.get(&locked.shared) {
        _ if locked.shared == now.shared => BTreeSet::new(),
        Some(before) => record_causes(session, issue, Some(before), pin, &locked.shared),
        None => {
            let (before, now) = (locked.shared.clone(), now.shared.clone());
            BTreeSet::from([Cause::Recorded("shared", before, now)])
        }
    };
    if locked.issue != now.issue {
        causes.insert(Cause::Issue);
    }
    causes.extend(differing(&locked.pictures, &now.pictures).map(Cause::Picture));
    causes.extend(misrecorded(locked, now));
    if causes.is_empty() {
        causes.insert(Cause::Unknown);
    }
    causes
}

/// What else a record says of the same issue or the same PDF than it should.
fn misrecorded(locked: &Record, now: &Record) -> impl Iterator<Item = Cause> {
    let said = |record: &Record| {
        let version = record.layout_version.as_deref().unwrap_or("-").to_string();
        [version, record.bytes.to_string(), record.pages.to_string()]
    };
    let (issue, output) = (locked.issue == now.issue, locked.output == now.output);
    let names = [("layout_version", issue), ("bytes", output), ("pages", output)];
    let wrong = names.into_iter().zip(said(locked)).zip(said(now));
    wrong.filter_map(|(((name, same), before), now)| {
        (same && before != now).then_some(Cause::Recorded(name, before, now))
    })
}

/// Which inputs that issues share changed since those with the name `key`.
fn record_causes(
    session: &Session,
    issue: &IssuePath,
    before: Option<&SharedInputs>,
    pin: Option<&str>,
    key: &str,
) -> BTreeSet<Cause> {
    if session.shares(&issue.publication, pin, key) {
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

/// Which inputs changed since `record` was made by the program `build`.
pub(super) fn input_causes(
    session: &Session,
    issue: &IssuePath,
    shared: Option<&SharedInputs>,
    build: &str,
    record: &Record,
) -> BTreeSet<Cause> {
    let pin = record.layout_version.as_deref();
    let mut causes = record_causes(session, issue, shared, pin, &record.shared);
    // The program may have changed without a new version number.
    if build != BUILD && !causes.iter().any(|c| matches!(c, Cause::Program(..))) {
        // The name comes from a file that may be damaged: it may be short or not ASCII.
        let program =
            |build: &str| format!("jianbao {}", build.chars().take(8).collect::<String>());
        causes.insert(Cause::Program(program(build), program(BUILD)));
    }
    let now = files::read_in(&session.project.root, &issue.path, limits::FILE_BYTES);
    if now.map_or(true, |bytes| Digest::of(&bytes) != record.issue) {
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
    crew: Crew,
}

impl Batch {
    /// Builds one issue, unless its PDF is up to date.
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
        let made = self.crew.pdf(&self.session, issue);
        let Checked { value, mut diagnostics } = made;
        let Some(pdf) = value else { return outcome(Status::Failed, None, diagnostics) };
        if let Some((refusal, why)) = self.refuse(issue, &pdf.record) {
            diagnostics.push(refusal);
            return Outcome { causes: why, ..outcome(Status::Failed, None, diagnostics) };
        }
        if self.crew.gave_up(issue) {
            // The issue has been reported as too slow: its earlier PDF stays.
            return outcome(Status::Failed, None, diagnostics);
        }
        match self.write(issue, &path, &pdf) {
            Ok(()) => outcome(Status::Built, Some(pdf.record), diagnostics),
            Err(error) => {
                self.crew.stop();
                Outcome { unwritten: Some(error), ..outcome(Status::Failed, None, diagnostics) }
            }
        }
    }

    /// The outcome of an issue whose work was lost: it panicked or took too long.
    fn lost(&self, issue: &IssuePath, lost: Diagnostic) -> Outcome {
        Outcome {
            status: Status::Failed,
            causes: BTreeSet::new(),
            path: issue.pdf(&self.plan.output),
            record: None,
            diagnostics: vec![lost],
            unwritten: None,
        }
    }

    /// Why an issue must be built; empty if its PDF is up to date.
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
        match output_is(&self.plan.output, path, known) {
            Output::Same => {}
            Output::Touched(stamp) => {
                // With the new stamp the next run need not read the PDF again; a failure to add the
                // stamp costs only that reading.
                if let Memory::Journal(journal) = &self.memory {
                    lock(journal).add(&issue.name(), record, stamp, || None).ok();
                }
            }
            Output::Altered => drop(causes.insert(Cause::OutputAltered)),
            Output::Missing => drop(causes.insert(Cause::OutputMissing)),
        }
        causes
    }

    /// The error of an issue whose PDF does not match the lock, when the plan has a lock.
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
        (!locked.agrees(record)).then(differs)
    }

    fn write(&self, issue: &IssuePath, path: &Path, pdf: &Pdf) -> Result<(), FileError> {
        let Memory::Journal(journal) = &self.memory else { return Ok(()) };
        files::write_in(&self.plan.output, path, &pdf.bytes)?;
        let stamp = Stamp::of(path).map_err(|error| FileError::new(path, error))?;
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
    journal.lock()
}
