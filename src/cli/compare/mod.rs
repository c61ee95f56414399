//! `compare`: issues → the differences of their pages from their references, and a report;
//! `accept`: issues → new references.

mod files;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jianbao::archive::compare::{
    self as batch, Memory, Outcome, Plan, Seen, Verdict, picture_name,
};
use jianbao::compare::reference::FOLDER;
use jianbao::compare::{Comparison, Side};
use jianbao::diag::catalogue::Lang;
use jianbao::diag::{Diagnostic, Severity};

use jianbao::compare::report::{self, Entry, Status};
use jianbao::pipeline::Session;
use jianbao::source::files::FileError;
use jianbao::source::project::IssuePath;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value as Json, json};

use crate::cli::args::{self, Accept, Against, Common, Compare};
use crate::cli::build::key;
use crate::cli::progress::Progress;
use crate::cli::report::Report;
use crate::cli::{Exit, crew, open_issues, output, unwritable};
use files::{PICTURES, ReportFiles};

/// The most differences printed for one issue; the report shows all.
const SHOWN: usize = 12;

/// Bytes of a file path that are percent-encoded in the report's links.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'/');

/// Compares the issues that the arguments name; one that is broken does not stop the others.
pub fn compare(args: &Compare, report: &mut Report) -> Exit {
    let (session, issues) = match open_issues(&args.common, &args.paths, report) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let output = match output(&session.project, args.output.as_ref(), "out", report) {
        Ok(output) => output,
        Err(exit) => return exit,
    };
    let files = ReportFiles::new(&output);
    let memory = Arc::new(Memory::read(&output));
    let plan = Plan {
        against: match args.against {
            Against::References => batch::Against::References,
            Against::Typst => batch::Against::Typst,
        },
        pictures: Some(files.pictures()),
        memory: memory.clone(),
        accept: batch::Accept::No,
    };
    let orphans = if args.paths.is_empty() { orphans(&session, &issues) } else { Vec::new() };
    let human = args.format == args::Comparison::Human;
    let (common, jobs, quiet) = (&args.common, args.jobs, args.quiet);
    let request = Request { session, issues, plan, common, jobs, quiet };
    let mut run = match request.run(report, |turn, report| turn.compared(human, report)) {
        Ok(run) => run,
        Err(exit) => return exit,
    };
    for path in orphans {
        report.say("compare-orphan", &[("path", path)]);
    }
    // An issue that cannot be remembered is compared again.
    memory.write().ok();
    run.write_report(&files, report);
    run.summary(args.quiet, report);
    run.print(args.format, report);
    run.ended(run.count(Status::Same) == run.total, report)
}

/// Accepts the current pages as the new references, for issues whose pages changed.
pub fn accept(args: &Accept, report: &mut Report) -> Exit {
    let (session, issues) = match open_issues(&args.common, &args.paths, report) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let output = match output(&session.project, None, "out", report) {
        Ok(output) => output,
        Err(exit) => return exit,
    };
    let memory = Arc::new(Memory::read(&output));
    let plan = Plan {
        against: batch::Against::References,
        pictures: None,
        memory: memory.clone(),
        accept: if args.dry_run { batch::Accept::DryRun } else { batch::Accept::Write },
    };
    let (common, jobs, quiet) = (&args.common, args.jobs, args.quiet);
    let request = Request { session, issues, plan, common, jobs, quiet };
    let run = match request.run(report, |turn, report| turn.accepted(args.dry_run, report)) {
        Ok(run) => run,
        Err(exit) => return exit,
    };
    let failed = run.count(Status::Failed);
    let accepted = match args.dry_run {
        true => 0,
        false => run.count(Status::Differs) + run.count(Status::New),
    };
    let facts = [
        ("total", run.total.to_string()),
        ("same", run.count(Status::Same).to_string()),
        ("accepted", accepted.to_string()),
        ("failed", failed.to_string()),
        ("left", run.left().to_string()),
    ];
    report.say("accept-summary", &facts);
    if !args.dry_run {
        // An issue that cannot be remembered is compared again.
        memory.write().ok();
    }
    run.ended(failed == 0, report)
}

/// The issues to compare, and the options of the comparison.
struct Request<'a> {
    session: Session,
    issues: Vec<IssuePath>,
    plan: Plan,
    common: &'a Common,
    jobs: Option<u16>,
    quiet: bool,
}

/// The issue that is reported next.
struct Turn<'a> {
    session: &'a Session,
    entry: &'a Entry,
    /// Its findings that were not reported with an earlier issue.
    news: &'a [Diagnostic],
    /// Whether issues that look the same are reported.
    loud: bool,
}

/// The results of a run.
struct Run {
    session: Arc<Session>,
    entries: Vec<Entry>,
    total: usize,
    stopped: bool,
    unwritten: Option<FileError>,
}

impl Request<'_> {
    /// Compares, and gives each issue to `tell` as soon as it is its turn.
    fn run(self, report: &mut Report, tell: impl Fn(&Turn<'_>, &mut Report)) -> Result<Run, Exit> {
        let Request { session, issues, plan, common, jobs, quiet } = self;
        let session = Arc::new(session);
        let total = issues.len();
        let template = report.word("progress-build");
        let progress = Arc::new(Progress::new(total, quiet, &template, String::new()));
        let crew = crew(jobs, total, common, &progress);
        let (mut entries, mut unwritten) = (Vec::with_capacity(total), None);
        let mut reported = BTreeSet::new();
        let each = |issue: &IssuePath, outcome: Outcome| {
            let seconds = progress.took(issue).as_secs_f64();
            let (mut entry, error) = entry(&session, issue, outcome, seconds);
            if let Some(error) = error {
                unwritten.get_or_insert(error);
                return;
            }
            // Warnings are for `build` and `check`.
            entry.diagnostics.retain(|d| d.severity == Severity::Error);
            // A fault of a publication is reported once to people, not for each of its issues; the
            // output for programs lists all faults with each issue.
            let news = entry.diagnostics.iter().filter(|d| reported.insert(key(d)));
            let news: Vec<Diagnostic> = news.cloned().collect();
            let loud = !quiet && !progress.is_shown();
            let turn = Turn { session: &session, entry: &entry, news: &news, loud };
            progress.around(|| tell(&turn, report));
            progress.advance(String::new());
            entries.push(entry);
        };
        let ran = batch::compare(&session, issues, plan, &crew, each);
        progress.finish();
        if let Err(error) = ran {
            report.fail("no-threads", &[("detail", error.to_string())]);
            return Err(Exit::CannotRun);
        }
        let is_stopped = crew.stop.load(Ordering::SeqCst);
        let stopped = entries.len() < total && unwritten.is_none() && is_stopped;
        Ok(Run { session, entries, total, stopped, unwritten })
    }
}

impl Turn<'_> {
    /// Reports an issue that was compared. Issues that look the same are listed for people only.
    fn compared(&self, human: bool, report: &mut Report) {
        let entry = self.entry;
        let differs = entry.comparison.pairs.iter().filter(|pair| pair.differs).count();
        let facts = [
            ("path", entry.file.clone()),
            ("pages", differs.to_string()),
            ("total", entry.pages.to_string()),
        ];
        report.diagnostics(self.news);
        match entry.status {
            Status::Same if self.loud && human => report.say("compare-same", &facts),
            Status::Same => {}
            Status::Differs => {
                report.say("compare-differs", &facts);
                tell(&entry.comparison, report);
            }
            Status::New => report.say("compare-new", &facts),
            Status::Failed => report.say("compare-failed", &facts),
        }
    }

    /// Reports an issue whose reference was made, or would be in a dry run.
    fn accepted(&self, dry: bool, report: &mut Report) {
        report.diagnostics(self.news);
        let path = [("path", self.entry.file.clone())];
        match self.entry.status {
            Status::Same if self.loud => report.say("compare-same", &path),
            Status::Same => {}
            Status::Failed => report.say("compare-failed", &path),
            _ if dry => report.say("would-accept", &path),
            _ => {
                for path in &self.entry.accepted {
                    report.say("accepted", &[("path", self.session.project.shown(path))]);
                }
            }
        }
    }
}

impl Run {
    fn count(&self, status: Status) -> usize {
        self.entries.iter().filter(|entry| entry.status == status).count()
    }

    /// How many issues were not begun.
    fn left(&self) -> usize {
        self.total - self.entries.len()
    }

    /// Writes the report if pages differ, unless another program's file has its name.
    fn write_report(&mut self, files: &ReportFiles, report: &mut Report) {
        let is_wanted = self.count(Status::Differs) > 0 && self.unwritten.is_none();
        if is_wanted && !files.is_free() {
            let error = std::io::Error::other(report.word("compare-not-ours"));
            self.unwritten = Some(FileError::new(&files.page(), error));
            // Without a report the pictures have no use.
            files.clear();
        }
        files.remove_empty();
        if !is_wanted || self.unwritten.is_some() {
            return;
        }
        let lang = if report.lang == Lang::Zh { "zh-CN" } else { "en" };
        let html = report::html(&self.entries, lang, &report.catalogue);
        match files.write(&html) {
            Ok(()) => {
                let path = self.session.project.shown(&files.page());
                report.say("compare-report", &[("path", path)]);
                report.say("compare-accept-hint", &[]);
            }
            Err(error) => self.unwritten = Some(error),
        }
    }

    fn summary(&self, quiet: bool, report: &mut Report) {
        if quiet && self.count(Status::Same) == self.total {
            return;
        }
        let facts = [
            ("total", self.total.to_string()),
            ("same", self.count(Status::Same).to_string()),
            ("differ", self.count(Status::Differs).to_string()),
            ("new", self.count(Status::New).to_string()),
            ("failed", self.count(Status::Failed).to_string()),
        ];
        report.say("compare-summary", &facts);
        let remembered = self.entries.iter().filter(|entry| entry.remembered).count();
        if remembered > 0 && !quiet {
            report.say("compare-remembered", &[("count", remembered.to_string())]);
        }
    }

    /// Prints the result for programs.
    fn print(&self, format: args::Comparison, report: &mut Report) {
        let words = &report.catalogue;
        match format {
            args::Comparison::Human => {}
            args::Comparison::Json => {
                let issues = self.entries.iter().map(|entry| report::json(entry, words));
                let issues: Vec<Json> = issues.collect();
                report.json(&json!({
                    "version": 1,
                    "program": concat!("jianbao ", env!("CARGO_PKG_VERSION")),
                    "stopped": self.stopped,
                    "total": self.total,
                    "same": self.count(Status::Same),
                    "differs": self.count(Status::Differs),
                    "new": self.count(Status::New),
                    "failed": self.count(Status::Failed),
                    "issues": issues,
                }));
            }
            args::Comparison::Junit => report.data(&report::junit(&self.entries, words)),
        }
    }

    /// The exit code; `clean`: no issue failed or differed.
    fn ended(&self, clean: bool, report: &mut Report) -> Exit {
        if self.stopped {
            report.say("compare-stopped", &[("left", self.left().to_string())]);
        }
        match (&self.unwritten, self.stopped, clean) {
            (Some(error), ..) => unwritable(error, report),
            (_, true, _) => Exit::Stopped,
            (.., true) => Exit::Done,
            _ => Exit::IssueErrors,
        }
    }
}

fn entry(
    session: &Session,
    issue: &IssuePath,
    outcome: Outcome,
    seconds: f64,
) -> (Entry, Option<FileError>) {
    let (status, seen, pages) = match outcome.verdict {
        Verdict::Same(seen) => (Status::Same, Some(seen), 0),
        Verdict::Differs(seen) => (Status::Differs, Some(seen), 0),
        Verdict::New(pages) => (Status::New, None, pages),
        Verdict::Failed => (Status::Failed, None, 0),
    };
    let none = Seen { pages, comparison: Comparison::default(), remembered: false };
    let Seen { pages, comparison, remembered } = seen.unwrap_or(none);
    let differing = comparison.pairs.iter().enumerate().filter(|(_, pair)| pair.differs);
    let picture = |at: usize, side: Side, page: Option<usize>| {
        let name = picture_name(issue, at, side);
        page.map(|_| format!("{PICTURES}/{}", utf8_percent_encode(&name, ESCAPED)))
    };
    let pictures = differing
        .map(|(at, pair)| {
            [picture(at, Side::Before, pair.before), picture(at, Side::Now, pair.now)]
        })
        .collect();
    let entry = Entry {
        publication: issue.publication.clone(),
        stem: issue.stem.clone(),
        file: session.project.shown(&issue.path),
        reference: outcome.reference.map(|path| session.project.shown(&path)),
        status,
        pages,
        remembered,
        comparison,
        diagnostics: outcome.diagnostics,
        seconds,
        pictures,
        accepted: outcome.accepted,
    };
    (entry, outcome.unwritten)
}

fn tell(comparison: &Comparison, report: &mut Report) {
    for difference in comparison.differences.iter().take(SHOWN) {
        let text = report::with_size(difference, &report.catalogue);
        report.say("compare-line", &[("text", text)]);
    }
    let more = comparison.differences.len().saturating_sub(SHOWN);
    if more > 0 {
        report.say("compare-more", &[("count", more.to_string())]);
    }
}

/// References without an issue.
fn orphans(session: &Session, issues: &[IssuePath]) -> Vec<String> {
    let there: BTreeSet<(&str, &str)> =
        issues.iter().map(|issue| (issue.publication.as_str(), issue.stem.as_str())).collect();
    let mut orphans = Vec::new();
    let folder = session.project.root.join(FOLDER);
    for publication in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        for reference in std::fs::read_dir(publication.path()).into_iter().flatten().flatten() {
            let path: PathBuf = reference.path();
            let is_pdf = path.extension().is_some_and(|extension| extension == "pdf");
            let name = publication.file_name();
            let stem = if is_pdf { path.file_stem() } else { path.file_name() };
            let (name, stem) = (name.to_string_lossy(), stem.unwrap_or_default().to_string_lossy());
            if (is_pdf || path.is_dir()) && !there.contains(&(&*name, &*stem)) {
                orphans.push(session.project.shown(&path));
            }
        }
    }
    orphans.sort();
    orphans
}
