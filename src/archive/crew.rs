//! Many issues, and what to do with each → the results in the order of the issues.
//!
//! An issue that panics or takes too long costs only itself: its result is a diagnostic.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::workers::{Lost, in_order};
use crate::diag::{Code, Diagnostic, SourceFile, Span};
use crate::pipeline::Session;
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
}

impl Crew {
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
        let overdue = |issue: &IssuePath| self.watch.is_overdue(issue);
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
