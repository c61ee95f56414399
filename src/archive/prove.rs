//! Issues that were just written → whether each one builds.

use std::sync::Arc;

use super::crew::Crew;
use crate::diag::{Diagnostic, Severity};
use crate::pipeline::Session;
use crate::source::project::IssuePath;

/// Builds `issues` in memory, and gives what keeps each one from building to `report`, in their
/// order; nothing is written.
pub fn prove(
    session: &Arc<Session>,
    issues: Vec<IssuePath>,
    crew: &Crew,
    mut report: impl FnMut(&IssuePath, Vec<Diagnostic>),
) -> std::io::Result<()> {
    // The series of earlier proofs lack these issues.
    issues.iter().for_each(|issue| session.forget_series(&issue.publication));
    let own = session.clone();
    let work = move |issue: &IssuePath| {
        own.typeset(issue).then(|typeset| typeset.pdf().map(drop)).diagnostics
    };
    crew.each(session, issues, work, |issue, found| {
        let mut found = found.unwrap_or_else(|lost| vec![lost]);
        found.retain(|diagnostic| diagnostic.severity == Severity::Error);
        report(issue, found);
    })
}
