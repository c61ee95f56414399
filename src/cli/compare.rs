//! `compare` and `accept`: issues → where their pages look different from their references.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jianbao::batch::compare::{
    self as batch, Memory, Outcome, Plan, Seen, Verdict, picture_name, pictured,
};
use jianbao::catalogue::Lang;
use jianbao::compare::reference::FOLDER;
use jianbao::compare::{Comparison, Side};
use jianbao::diag::{Diagnostic, Severity};
use jianbao::files::{self, WriteError};
use jianbao::pipeline::Session;
use jianbao::project::IssuePath;
use jianbao::show::comparison::{self, Entry, Status};
use serde_json::{Value as Json, json};

use super::args::{self, Accept, Against, Compare};
use super::build::key;
use super::progress::Progress;
use super::report::Report;
use super::{Exit, jobs, open_issues, silence_workers, stop_on_interrupt, unwritable};

/// The report, and the folder of its pictures.
const REPORT: (&str, &str) = ("compare.html", "compare");

/// More differences of one issue are for the report.
const SAID: usize = 12;

/// Compares the issues that the arguments name; one that is broken does not stop the others.
pub fn compare(args: &Compare, report: &mut Report) -> Exit {
    let (session, issues) = match open_issues(&args.common, &args.paths, report) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let output = args.output.clone().unwrap_or_else(|| session.project.root.join("out"));
    let pictures = output.join(REPORT.1);
    let is_new = !output.exists();
    // What an earlier run found is not what this one finds.
    clear(&output);
    let plan = Plan {
        jobs: jobs(args.jobs),
        against: match args.against {
            Against::References => batch::Against::References,
            Against::Typst => batch::Against::Typst,
        },
        pictures: Some(pictures),
        memory: Arc::new(Memory::read(&output)),
        accept: batch::Accept::No,
    };
    let memory = plan.memory.clone();
    let human = args.format == args::Comparison::Human;
    let orphans = if args.paths.is_empty() { orphans(&session, &issues) } else { Vec::new() };
    let run = run(session, issues, plan, args.quiet, report, |_, (entry, news), loud, report| {
        let differs = entry.comparison.pairs.iter().filter(|pair| pair.differs).count();
        let facts = [
            ("path", entry.file.clone()),
            ("pages", differs.to_string()),
            ("total", entry.pages.to_string()),
        ];
        report.diagnostics(news);
        match entry.status {
            Status::Same if loud && human => report.say("compare-same", &facts),
            Status::Same => {}
            Status::Differs => {
                report.say("compare-differs", &facts);
                tell(&entry.comparison, report);
            }
            Status::New => report.say("compare-new", &facts),
            Status::Failed => report.say("compare-failed", &facts),
        }
    });
    let run = match run {
        Ok(run) => run,
        Err(exit) => return exit,
    };
    for path in orphans {
        report.say("compare-orphan", &[("path", path)]);
    }
    let count = |status| run.entries.iter().filter(|entry| entry.status == status).count();
    let [same, differ, new, failed] =
        [Status::Same, Status::Differs, Status::New, Status::Failed].map(count);
    let facts = [
        ("total", run.total.to_string()),
        ("same", same.to_string()),
        ("differ", differ.to_string()),
        ("new", new.to_string()),
        ("failed", failed.to_string()),
        ("left", (run.total - run.entries.len()).to_string()),
    ];
    // What cannot be remembered is looked at again.
    memory.write().ok();
    let mut unwritten = run.unwritten;
    let path = output.join(REPORT.0);
    if differ > 0 && unwritten.is_none() && path.exists() && !is_ours(&path) {
        let error = std::io::Error::other(report.word("compare-not-ours"));
        unwritten = Some(WriteError { path: path.clone(), error });
        // Nothing would speak of the pictures.
        clear(&output);
    }
    tidy(&output.join(REPORT.1));
    if is_new {
        // It stays unless it is empty.
        std::fs::remove_dir(&output).ok();
    }
    if differ > 0 && unwritten.is_none() {
        let lang = if report.lang == Lang::Zh { "zh-CN" } else { "en" };
        let page = comparison::html(&run.entries, lang, &report.catalogue);
        unwritten = files::write(&path, page.as_bytes()).err();
        if unwritten.is_none() {
            report.say("compare-report", &[("path", run.session.project.shown(&path))]);
            report.say("compare-accept-hint", &[]);
        }
    }
    let clean = same == run.total;
    if !args.quiet || !clean {
        report.say("compare-summary", &facts);
        let remembered = run.entries.iter().filter(|entry| entry.remembered).count();
        if remembered > 0 && !args.quiet {
            report.say("compare-remembered", &[("count", remembered.to_string())]);
        }
    }
    match args.format {
        args::Comparison::Human => {}
        args::Comparison::Json => {
            let issues: Vec<Json> = run
                .entries
                .iter()
                .map(|entry| comparison::json(entry, &report.catalogue))
                .collect();
            report.json(&json!({
                "version": 1,
                "program": concat!("jianbao ", env!("CARGO_PKG_VERSION")),
                "stopped": run.stopped,
                "total": run.total,
                "same": same,
                "differs": differ,
                "new": new,
                "failed": failed,
                "issues": issues,
            }));
        }
        args::Comparison::Junit => {
            let text = comparison::junit(&run.entries, &report.catalogue);
            report.data(&text);
        }
    }
    if run.stopped {
        report.say("compare-stopped", &facts);
    }
    ended(unwritten.as_ref(), run.stopped, clean, report)
}

/// Makes what looks different the reference.
pub fn accept(args: &Accept, report: &mut Report) -> Exit {
    let (session, issues) = match open_issues(&args.common, &args.paths, report) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let output = session.project.root.join("out");
    let plan = Plan {
        jobs: jobs(args.jobs),
        against: batch::Against::References,
        pictures: None,
        memory: Arc::new(Memory::read(&output)),
        accept: if args.dry_run { batch::Accept::DryRun } else { batch::Accept::Write },
    };
    let memory = plan.memory.clone();
    let dry = args.dry_run;
    let run =
        run(session, issues, plan, args.quiet, report, |session, (entry, news), loud, report| {
            report.diagnostics(news);
            let path = [("path", entry.file.clone())];
            match entry.status {
                Status::Same if loud => report.say("compare-same", &path),
                Status::Same => {}
                Status::Failed => report.say("compare-failed", &path),
                _ if dry => report.say("would-accept", &path),
                _ => {
                    let paths = entry.accepted.iter().map(|path| session.project.shown(path));
                    paths.for_each(|path| report.say("accepted", &[("path", path)]));
                }
            }
        });
    let run = match run {
        Ok(run) => run,
        Err(exit) => return exit,
    };
    let count = |statuses: &[Status]| {
        run.entries.iter().filter(|entry| statuses.contains(&entry.status)).count()
    };
    let (same, failed) = (count(&[Status::Same]), count(&[Status::Failed]));
    let facts = [
        ("total", run.total.to_string()),
        ("same", same.to_string()),
        ("accepted", if dry { 0 } else { count(&[Status::Differs, Status::New]) }.to_string()),
        ("failed", failed.to_string()),
        ("left", (run.total - run.entries.len()).to_string()),
    ];
    report.say("accept-summary", &facts);
    if run.stopped {
        report.say("compare-stopped", &facts);
    }
    if !dry {
        // What cannot be remembered is looked at again.
        memory.write().ok();
    }
    ended(run.unwritten.as_ref(), run.stopped, failed == 0, report)
}

fn ended(unwritten: Option<&WriteError>, stopped: bool, clean: bool, report: &mut Report) -> Exit {
    match (unwritten, stopped, clean) {
        (Some(error), ..) => unwritable(error, report),
        (_, true, _) => Exit::Stopped,
        (.., true) => Exit::Done,
        _ => Exit::IssueErrors,
    }
}

/// What a run came to.
struct Ran {
    session: Arc<Session>,
    entries: Vec<Entry>,
    total: usize,
    stopped: bool,
    unwritten: Option<WriteError>,
}

/// Compares, and gives each issue to `say` as soon as it is its turn, with those of its findings
/// that no issue before it had.
fn run(
    session: Session,
    issues: Vec<IssuePath>,
    plan: Plan,
    quiet: bool,
    report: &mut Report,
    say: impl Fn(&Session, (&Entry, &[Diagnostic]), bool, &mut Report),
) -> Result<Ran, Exit> {
    let session = Arc::new(session);
    let total = issues.len();
    let template = report.word("progress-build");
    let progress = Arc::new(Progress::new(total, quiet, &template, String::new()));
    let stop = stop_on_interrupt();
    silence_workers();
    let (mut entries, mut unwritten) = (Vec::with_capacity(total), None);
    let mut said = BTreeSet::new();
    let each = |issue: &IssuePath, outcome: Outcome| {
        let seconds = progress.took(issue).as_secs_f64();
        let (mut entry, error) = entry(&session, issue, outcome, seconds);
        if let Some(error) = error {
            unwritten.get_or_insert(error);
            return;
        }
        // Warnings are for `build` and `check`.
        entry.diagnostics.retain(|d| d.severity == Severity::Error);
        // What is wrong with a publication is said once, not for each of its issues; for programs
        // each issue has all that is wrong with it.
        let news = entry.diagnostics.iter().filter(|d| said.insert(key(d)));
        let news: Vec<Diagnostic> = news.cloned().collect();
        let loud = !quiet && !progress.is_shown();
        progress.around(|| say(&session, (&entry, &news), loud, report));
        progress.advance(String::new());
        entries.push(entry);
    };
    let ran = batch::compare(&session, issues, plan, &stop, progress.clone(), each);
    progress.finish();
    if let Err(error) = ran {
        report.fail("no-threads", &[("detail", error.to_string())]);
        return Err(Exit::CannotRun);
    }
    let stopped = entries.len() < total && unwritten.is_none() && stop.load(Ordering::SeqCst);
    Ok(Ran { session, entries, total, stopped, unwritten })
}

fn entry(
    session: &Session,
    issue: &IssuePath,
    outcome: Outcome,
    seconds: f64,
) -> (Entry, Option<WriteError>) {
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
        page.map(|_| format!("{}/{}", REPORT.1, in_address(&picture_name(issue, at, side))))
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

/// A file's name, or its path in a folder, as part of an address.
fn in_address(name: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
            char::from(byte).into()
        }
        _ => format!("%{byte:02X}"),
    };
    name.bytes().map(byte).collect()
}

fn tell(comparison: &Comparison, report: &mut Report) {
    for difference in comparison.differences.iter().take(SAID) {
        let text = comparison::with_size(difference, &report.catalogue);
        report.say("compare-line", &[("text", text)]);
    }
    let more = comparison.differences.len().saturating_sub(SAID);
    if more > 0 {
        report.say("compare-more", &[("count", more.to_string())]);
    }
}

/// Takes away the report of an earlier run, and only what is ours.
fn clear(output: &Path) {
    let page = output.join(REPORT.0);
    if is_ours(&page) {
        std::fs::remove_file(page).ok();
    }
    let folder = output.join(REPORT.1);
    for folder in folders(&folder) {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if pictured(&entry.file_name().to_string_lossy()).is_some() {
                std::fs::remove_file(entry.path()).ok();
            }
        }
        files::clean(&folder);
    }
    tidy(&folder);
}

/// Whether a file is a report that this program wrote.
fn is_ours(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(1024).read_to_end(&mut head));
    read.is_ok() && comparison::is_report(&head)
}

/// The folders of the publications' pictures.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.map(|entry| entry.path()).collect()
}

/// Takes away folders without pictures. They stay where somebody else put something into them.
fn tidy(folder: &Path) {
    folders(folder).iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
    std::fs::remove_dir(folder).ok();
}

/// References whose issues are not there.
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
