//! `build`: issues → PDFs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jianbao::archive::build::{self, Outcome, Plan, Status};
use jianbao::archive::lock::Lock;
use jianbao::diag::show;
use jianbao::diag::{Code, Diagnostic, Severity};
use jianbao::pipeline::Session;
use jianbao::pipeline::inputs::Cause;
use jianbao::source::files::{self, FileError};
use jianbao::source::project::IssuePath;
use serde_json::{Value as Json, json};

use super::args::Build;
use super::progress::Progress;
use super::report::Report;
use super::verify::altered;
use super::{Exit, crew, open_issues, output, read_lock, unwritable};

/// Builds the issues that the arguments name; one bad issue does not stop the others.
pub fn build(args: &Build, report: &mut Report) -> Exit {
    let (session, issues) = match open_issues(&args.common, &args.paths, report) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let session = Arc::new(session);
    let lock = match read_lock(&session, report) {
        Ok(lock) => lock,
        Err(exit) => return exit,
    };
    // Nobody should wait for a report that then cannot be written.
    if let Some(Err(error)) = args.report.as_deref().map(files::can_be_named) {
        return unwritable(&error, report);
    }
    if args.locked && lock.is_none() {
        report.fail("lock-none", &[]);
        return Exit::CannotRun;
    }
    // An altered lock vouches for nothing.
    if let Some(lock) = lock.as_ref().filter(|_| args.locked)
        && altered(lock, report)
    {
        return Exit::IssueErrors;
    }
    let template = report.word("progress-build");
    let waits = report.word("output-taken");
    let progress = Arc::new(Progress::new(issues.len(), args.quiet, &template, waits));
    let output = match output(&session.project, args.output.as_ref(), "out", report) {
        Ok(output) => output,
        Err(exit) => return exit,
    };
    let plan = Plan {
        output,
        force: args.force,
        dry_run: args.dry_run,
        locked: lock.clone().filter(|_| args.locked).map(Arc::new),
    };
    let total = issues.len();
    let crew = crew(args.jobs, total, &args.common, &progress);
    let lock = lock.filter(|_| !args.locked);
    let mut tally = Tally::new(args, &session, &progress, lock, total);
    let each = |issue: &IssuePath, outcome| tally.count(issue, outcome, report);
    let ran = build::build(&session, issues, plan, &crew, each);
    progress.finish();
    // However the run ended, finished issues are reported and entered in the lock.
    let ended = ran.err().or(tally.unwritten.take());
    let stopped = ended.is_none() && tally.seen < total && crew.stop.load(Ordering::SeqCst);
    let kept = tally.keep_lock(stopped || ended.is_some());
    if let Some(error) = ended.as_ref().or(kept.as_ref().err()) {
        unwritable(error, report);
    }
    tally.summary(stopped || ended.is_some(), report);
    if let Some(file) = &args.report
        && let Err(error) = tally.write_report(file, stopped)
    {
        return unwritable(&error, report);
    }
    match (ended.is_some() || kept.is_err(), stopped, tally.failed) {
        (true, ..) => Exit::CannotRun,
        (_, true, _) => Exit::Stopped,
        (_, _, 0) => Exit::Done,
        _ => Exit::IssueErrors,
    }
}

/// The counts and results of a run.
struct Tally<'a> {
    args: &'a Build,
    session: &'a Session,
    progress: &'a Progress,
    lock: Option<Lock>,
    said: BTreeSet<String>,
    unwritten: Option<FileError>,
    report: Vec<Json>,
    shared: BTreeMap<String, Json>,
    total: usize,
    seen: usize,
    built: usize,
    fresh: usize,
    stale: usize,
    failed: usize,
    pages: usize,
    with_warnings: usize,
}

impl<'a> Tally<'a> {
    fn new(
        args: &'a Build,
        session: &'a Session,
        progress: &'a Progress,
        lock: Option<Lock>,
        total: usize,
    ) -> Self {
        Tally {
            lock: lock.or(args.lock.then(Lock::default)).filter(|_| !args.dry_run),
            args,
            session,
            progress,
            said: BTreeSet::new(),
            unwritten: None,
            report: Vec::new(),
            shared: BTreeMap::new(),
            total,
            seen: 0,
            built: 0,
            fresh: 0,
            stale: 0,
            failed: 0,
            pages: 0,
            with_warnings: 0,
        }
    }

    fn count(&mut self, issue: &IssuePath, outcome: Outcome, report: &mut Report) {
        let took = self.progress.took(issue);
        let pin = outcome.record.as_ref().and_then(|record| record.layout_version.as_deref());
        let shared =
            || self.session.shared_inputs(&issue.publication, pin).map(|(_, inputs)| inputs);
        if self.args.report.is_some() {
            self.report.push(self.entry(issue, &outcome, took.as_secs_f64(), report));
            if let Some(record) = &outcome.record
                && !self.shared.contains_key(&record.shared)
            {
                self.shared.insert(record.shared.clone(), json!(shared()));
            }
        }
        if let Some(error) = outcome.unwritten {
            // A write error is not the issue's fault: the next run builds this issue and those
            // after.
            self.progress.around(|| report.diagnostics(&outcome.diagnostics));
            self.unwritten.get_or_insert(error);
            return;
        }
        self.seen += 1;
        let (count, id) = match outcome.status {
            Status::Built => (&mut self.built, "built"),
            Status::Fresh => (&mut self.fresh, "fresh"),
            Status::Stale => (&mut self.stale, "stale"),
            Status::Failed => (&mut self.failed, "failed"),
        };
        *count += 1;
        let pages = outcome.record.as_ref().map_or(0, |record| record.pages);
        if outcome.status == Status::Built {
            self.pages += pages;
        }
        // For many issues only errors are printed; `check` prints the warnings.
        let brief = self.args.quiet || self.total > 1;
        let warned = outcome.record.as_ref().is_some_and(|record| record.warnings > 0);
        if warned && (brief || outcome.status == Status::Fresh) {
            self.with_warnings += 1;
        }
        if let (Some(lock), Some(record)) = (&mut self.lock, &outcome.record) {
            lock.enter(&issue.name(), record, shared);
        }
        let path = match outcome.status {
            Status::Failed | Status::Stale => &issue.path,
            _ => &outcome.path,
        };
        let path = self.session.project.shown(path);
        let refused = outcome.diagnostics.iter().any(|d| d.code == Code::LockDiffers);
        let explain = (self.args.explain && outcome.status != Status::Fresh) || refused;
        // Pipes get a line for each issue; a terminal shows the progress bar instead.
        let loud = match outcome.status {
            Status::Failed => true,
            Status::Fresh => false,
            Status::Stale => true,
            Status::Built => !self.progress.is_shown() || self.args.explain,
        };
        // A fault of a publication is reported once, not for each of its issues.
        let new: Vec<Diagnostic> = outcome
            .diagnostics
            .iter()
            .filter(|d| !brief || d.severity == Severity::Error || refused)
            .filter(|d| self.said.insert(key(d)))
            .cloned()
            .collect();
        if !new.is_empty() || ((loud || explain) && (!self.args.quiet || refused)) {
            self.progress.around(|| {
                report.diagnostics(&new);
                if self.args.quiet && !refused {
                    return;
                }
                if loud {
                    report.say(id, &[("path", path), ("pages", pages.to_string())]);
                }
                if explain {
                    causes(&outcome.causes, report);
                }
            });
        }
        let so_far = [("pages", self.pages.to_string()), ("failed", self.failed.to_string())];
        self.progress.advance(report.sentence("progress-pages", &so_far));
    }

    /// Writes `jianbao.lock`. Issues that are gone leave it when the whole project was built.
    fn keep_lock(&mut self, unfinished: bool) -> Result<(), FileError> {
        let Some(mut lock) = self.lock.take() else { return Ok(()) };
        if self.args.paths.is_empty() && !unfinished {
            let root = self.session.project.root.join("issues");
            lock.issues.retain(|name, _| root.join(format!("{name}.toml")).is_file());
        }
        lock.write(&self.session.project.root)
    }

    fn summary(&self, stopped: bool, report: &mut Report) {
        let total = self.total;
        let number = |n: usize| n.to_string();
        let facts = [
            ("total", number(total)),
            ("built", number(self.built)),
            ("fresh", number(self.fresh)),
            ("stale", number(self.stale)),
            ("failed", number(self.failed)),
            ("left", number(total - self.seen)),
            ("pages", number(self.pages)),
            ("seconds", format!("{:.1}", self.progress.elapsed().as_secs_f64())),
            ("warned", number(self.with_warnings)),
        ];
        let clean = self.failed == 0 && self.seen == total;
        if self.args.quiet && clean {
            return;
        }
        let id = match (stopped, self.args.dry_run) {
            (true, _) => "summary-stopped",
            (_, true) => "summary-dry",
            _ if clean && self.fresh == 0 => "summary-clean",
            _ if clean => "summary-fresh",
            _ if self.fresh == 0 => "summary",
            _ => "summary-mixed",
        };
        report.say(id, &facts);
        if self.with_warnings > 0 && !self.args.quiet {
            report.say("summary-warned", &facts);
        }
    }

    fn entry(&self, issue: &IssuePath, outcome: &Outcome, seconds: f64, report: &Report) -> Json {
        let shown = |path: &Path| self.session.project.shown(path);
        let status = match outcome.status {
            Status::Built => "built",
            Status::Fresh => "fresh",
            Status::Stale => "stale",
            Status::Failed => "failed",
        };
        let record = outcome.record.as_ref();
        let causes: Vec<Json> = outcome
            .causes
            .iter()
            .map(|cause| json!({ "id": cause.id(), "text": report.sentence(cause.id(), &cause.args()) }))
            .collect();
        let diagnostics: Vec<Json> =
            outcome.diagnostics.iter().map(|d| show::json::finding(d, &report.catalogue)).collect();
        json!({
            "issue": issue.name(),
            "file": shown(&issue.path),
            "output": shown(&outcome.path),
            "status": status,
            "seconds": (seconds * 1e6).round() / 1e6,
            "pages": record.map(|record| record.pages),
            "bytes": record.map(|record| record.bytes),
            "digest": record.map(|record| record.output),
            "inputs": record.map(|record| json!({
                "issue": record.issue,
                "pictures": record.pictures,
                "shared": record.shared,
            })),
            "causes": causes,
            "findings": diagnostics,
        })
    }

    fn write_report(&self, file: &Path, stopped: bool) -> Result<(), FileError> {
        let text = serde_json::to_string_pretty(&json!({
            "version": 1,
            "program": concat!("jianbao ", env!("CARGO_PKG_VERSION")),
            "stopped": stopped,
            "seconds": self.progress.elapsed().as_secs_f64(),
            "total": self.total,
            "built": self.built,
            "fresh": self.fresh,
            "stale": self.stale,
            "failed": self.failed,
            "pages": self.pages,
            "issues": self.report,
            "shared": self.shared,
        }));
        let text = text.expect("a report is plain JSON") + "\n";
        files::write_named(file, text.as_bytes())
    }
}

/// Prints a line for each cause.
pub fn causes(causes: &BTreeSet<Cause>, report: &mut Report) {
    for cause in causes {
        let text = report.sentence(cause.id(), &cause.args());
        report.say("because", &[("cause", text)]);
    }
}

/// A diagnostic's code, place and arguments: diagnostics with equal keys are reported once.
pub fn key(diagnostic: &Diagnostic) -> String {
    let place = diagnostic.span.as_ref().map(|span| (&span.file.name, span.range.start));
    format!("{:?} {place:?} {:?}", diagnostic.code, diagnostic.args)
}
