//! `verify`: issues → a report on whether they would still build to the PDFs of `jianbao.lock`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jianbao::archive::build::{self, Verdict};
use jianbao::archive::lock::Lock;
use jianbao::source::project::IssuePath;

use super::args::Verify;
use super::build::causes;
use super::progress::Progress;
use super::report::Report;
use super::{Exit, crew, open_issues, read_lock};

/// Builds in memory and compares with the lock; nothing is written.
pub fn verify(args: &Verify, report: &mut Report) -> Exit {
    let (session, issues) = match open_issues(&args.common, &args.paths, report) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let lock = match read_lock(&session, report) {
        Ok(Some(lock)) => Arc::new(lock),
        Ok(None) => {
            report.fail("lock-none", &[]);
            return Exit::CannotRun;
        }
        Err(exit) => return exit,
    };
    let session = Arc::new(session);
    let gone = if args.paths.is_empty() { gone(&lock, &issues) } else { Vec::new() };
    let total = issues.len() + gone.len();
    let (template, waits) = (report.word("progress-build"), String::new());
    let progress = Arc::new(Progress::new(issues.len(), args.quiet, &template, waits));
    let crew = crew(args.jobs, issues.len(), &args.common, &progress);
    let (mut same, mut seen) = (0, gone.len());
    let each = |issue: &IssuePath, verdict| {
        let path = session.project.shown(&issue.path);
        seen += 1;
        same += usize::from(matches!(verdict, Verdict::Same));
        let loud = !args.quiet && !progress.is_shown();
        progress.around(|| tell(&path, verdict, loud, report));
        progress.advance(String::new());
    };
    let ran = build::verify(&session, issues, &lock, &crew, each);
    progress.finish();
    if let Err(error) = ran {
        report.fail("no-threads", &[("detail", error.to_string())]);
        return Exit::CannotRun;
    }
    let altered = altered(&lock, report);
    for issue in gone {
        report.say("verify-gone", &[("path", issue.display().to_string())]);
    }
    let facts = [
        ("total", total.to_string()),
        ("same", same.to_string()),
        ("differ", (seen - same).to_string()),
        ("left", (total - seen).to_string()),
    ];
    let stopped = seen < total && crew.stop.load(Ordering::SeqCst);
    if !args.quiet || same < total {
        report.say(if stopped { "verify-stopped" } else { "verify-summary" }, &facts);
    }
    match (stopped, same == total && !altered) {
        (true, _) => Exit::Stopped,
        (_, true) => Exit::Done,
        _ => Exit::IssueErrors,
    }
}

fn tell(path: &str, verdict: Verdict, loud: bool, report: &mut Report) {
    let path = [("path", path.to_string())];
    match verdict {
        Verdict::Same if loud => report.say("verify-same", &path),
        Verdict::Same => {}
        Verdict::Differs(why) => {
            report.say("verify-differs", &path);
            causes(&why, report);
        }
        Verdict::Misrecorded(why) => {
            report.say("verify-misrecorded", &path);
            causes(&why, report);
        }
        Verdict::Unlocked => report.say("verify-unlocked", &path),
        Verdict::Failed(diagnostics) => {
            report.diagnostics(&diagnostics);
            report.say("verify-failed", &path);
        }
    }
}

/// Names each part of the lock that was altered, and tells whether there is one.
pub fn altered(lock: &Lock, report: &mut Report) -> bool {
    let altered = lock.altered();
    for key in &altered {
        report.say("verify-altered", &[("key", key.to_string())]);
    }
    !altered.is_empty()
}

/// The issues of the lock whose files no longer exist.
fn gone(lock: &Lock, issues: &[IssuePath]) -> Vec<PathBuf> {
    let there: BTreeSet<String> = issues.iter().map(IssuePath::name).collect();
    let gone = lock.issues.keys().filter(|name| !there.contains(*name));
    gone.map(|name| PathBuf::from(format!("issues/{name}.toml"))).collect()
}
