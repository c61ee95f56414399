//! Many issues, and what to do with each → the results in the order of the issues.
//!
//! An issue that panics or takes too long costs only itself: its result is a diagnostic.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::process::{Death, Processes};
use super::workers::{Lost, in_order};
use crate::diag::{Checked, Code, Diagnostic, SourceFile, Span};
use crate::pipeline::{Pdf, Session};
use crate::source::limits;
use crate::source::project::IssuePath;

/// Follows the issues of a run. Called by the workers, at the same time.
pub trait Watch: Send + Sync {
    /// An issue is begun.
    fn begun(&self, _issue: &IssuePath) {}
    /// An issue is done with.
    fn ended(&self, _issue: &IssuePath) {}
    /// Whether an issue takes longer than [`limits::TIME`]. The caller answers, since the library
    /// has no clock.
    fn is_overdue(&self, _issue: &IssuePath) -> bool {
        false
    }
    /// Another run has the output folder, and this one waits.
    fn waits(&self) {}
}

/// A watch that ignores every event.
impl Watch for () {}

/// The workers of a run.
#[derive(Clone)]
pub struct Crew {
    /// How many issues are worked on at the same time.
    pub jobs: usize,
    /// Once set, no further issue is begun; issues in work are finished.
    pub stop: Arc<AtomicBool>,
    /// Follows the run.
    pub watch: Arc<dyn Watch>,
    /// The processes in which issues are set; without them they are set in this one.
    pub processes: Option<Arc<Processes>>,
}

impl Crew {
    /// Sets an issue, in a process where there are some.
    ///
    /// A process reads the publication anew. If that has changed since this run began, the issue is
    /// set here, from what the run has read, so that all issues of a run are made from the same.
    pub(super) fn pdf(&self, session: &Session, issue: &IssuePath) -> Checked<Pdf> {
        let here = || session.typeset(issue).then(|typeset| typeset.pdf());
        let same = |pdf: &Pdf| {
            let pin = pdf.record.layout_version.as_deref();
            session.shares(&issue.publication, pin, &pdf.record.shared)
        };
        let answer = self.processes.as_ref().and_then(|processes| processes.set(issue));
        let lost = match answer {
            None => return here(),
            Some(Ok(made)) => match &made.value {
                Some(pdf) if !same(pdf) => return here(),
                _ => return made,
            },
            Some(Err(_)) if self.gave_up(issue) => lost_diagnostic(session, issue, Lost::GivenUp),
            Some(Err(Death::Killed)) => diagnostic(session, issue, Code::WorkerKilled),
            Some(Err(Death::Other(said))) => lost_diagnostic(session, issue, Lost::Panicked(said)),
            Some(Err(Death::Memory)) => diagnostic(session, issue, Code::TooMuchMemory)
                .arg("limit", limits::WORKER_BYTES >> 20),
        };
        Checked::failed(vec![lost])
    }

    /// Does `work` on each issue, and gives the results to `report` in the order of the issues:
    /// an error where the work panicked or was given up.
    pub(super) fn each<T: Send + 'static>(
        &self,
        session: &Session,
        issues: Vec<IssuePath>,
        work: impl Fn(&IssuePath) -> T + Send + Sync + 'static,
        mut report: impl FnMut(&IssuePath, Result<T, Diagnostic>),
    ) -> std::io::Result<()> {
        session.set_parallel(self.jobs.min(issues.len()));
        let watch = self.watch.clone();
        let watched = move |issue: &IssuePath| {
            watch.begun(issue);
            let result = work(issue);
            watch.ended(issue);
            result
        };
        let overdue = |issue: &IssuePath| {
            let overdue = self.watch.is_overdue(issue);
            if overdue && let Some(processes) = &self.processes {
                processes.kill(issue);
            }
            overdue
        };
        in_order(issues, self.jobs, self.stop.clone(), watched, overdue, |issue, result| {
            report(issue, result.map_err(|lost| lost_diagnostic(session, issue, lost)));
        })
    }

    /// Lets the workers finish their issues and begin no further ones.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    /// Whether an issue has been given up: it has been reported as too slow, and writes nothing.
    pub(super) fn gave_up(&self, issue: &IssuePath) -> bool {
        self.watch.is_overdue(issue)
    }
}

fn lost_diagnostic(session: &Session, issue: &IssuePath, lost: Lost) -> Diagnostic {
    match lost {
        Lost::Panicked(said) => diagnostic(session, issue, Code::EnginePanic).arg("detail", said),
        Lost::GivenUp => {
            diagnostic(session, issue, Code::TooSlow).arg("seconds", limits::TIME.as_secs())
        }
    }
}

/// An error of an issue as a whole.
pub(super) fn diagnostic(session: &Session, issue: &IssuePath, code: Code) -> Diagnostic {
    let name = session.project.shown(&issue.path);
    let file = Arc::new(SourceFile { name, text: String::new() });
    Diagnostic::error(code, Span::new(&file, 0..0))
}
