//! `import`: back issues in text, Word and other formats → issues.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jianbao::archive::crew::Crew;
use jianbao::archive::prove::prove;
use jianbao::diag::show::json;
use jianbao::import::head::Given;
use jianbao::import::importer::{BATCH, Importer, Options, Outcome, Status, Step};
use jianbao::import::line::Remark;
use jianbao::issue::{Date, Number};
use jianbao::pipeline::Session;
use jianbao::source::project::IssuePath;

use super::args::{Format, Import};
use super::progress::Progress;
use super::report::Report;
use super::{Exit, crew, open, unwritable};

/// The kinds of files that are imported from a folder; other files in it are ignored.
const EXTENSIONS: [&str; 13] = [
    "txt", "text", "docx", "doc", "wps", "rtf", "odt", "html", "htm", "shtml", "md", "markdown",
    "pdf",
];

/// Imports the files that the arguments name; one bad file does not stop the others.
pub fn import(args: &Import, report: &mut Report) -> Exit {
    let options = match options(args, report) {
        Ok(options) => options,
        Err(exit) => return exit,
    };
    let session = match open(&args.common, report) {
        Ok(session) => Arc::new(session),
        Err(exit) => return exit,
    };
    let mut importer = match Importer::new(&session.project, options) {
        Ok(importer) => importer,
        Err(error) => {
            report.fail(error.code.id(), &error.facts());
            return Exit::CannotRun;
        }
    };
    let mut files = Vec::new();
    for path in &args.files {
        if let Err(error) = collect(path, &mut files) {
            let path = path.display().to_string();
            report.fail("path-unreadable", &[("path", path), ("detail", error.to_string())]);
            return Exit::CannotRun;
        }
    }
    let single = args.number.is_some() || args.serial_number.is_some() || args.date.is_some();
    if files.is_empty() || single && files.len() > 1 {
        let id = if files.is_empty() { "import-no-files" } else { "import-one-file" };
        report.fail(id, &[]);
        return Exit::CannotRun;
    }
    let progress = Arc::new(Progress::new(files.len(), true, "", String::new()));
    let crew = crew(None, files.len(), &args.common, &progress);
    let (written, outcomes) = (Vec::new(), Vec::new());
    let total = files.len();
    let mut run = Run { report, args, session: &session, crew, total, done: 0, written, outcomes };
    let mut waiting = Vec::new();
    for file in &files {
        if run.is_stopped() {
            break;
        }
        match importer.import(&file.path, &file.name) {
            Step::Done(outcome) => run.written.push(*outcome),
            Step::Waits(file) => waiting.push(*file),
        }
        if let Err(exit) = run.take(&mut importer, BATCH) {
            return exit;
        }
    }
    // Files without a number are finished last: they get numbers that no other file claims.
    for file in waiting {
        if run.is_stopped() {
            break;
        }
        run.written.push(importer.finish(file));
        if let Err(exit) = run.take(&mut importer, BATCH) {
            return exit;
        }
    }
    if let Err(exit) = run.take(&mut importer, 0) {
        return exit;
    }
    run.end()
}

fn options(args: &Import, report: &mut Report) -> Result<Options, Exit> {
    let date = match &args.date {
        Some(text) => match text.parse::<toml::value::Datetime>().ok().and_then(|d| d.date) {
            Some(date) => Some(Date::from(date)),
            None => {
                report.fail("date-invalid", &[("date", text.clone())]);
                return Err(Exit::CannotRun);
            }
        },
        None => None,
    };
    Ok(Options {
        publication: args.publication.clone(),
        output: args.output.clone(),
        given: Given { number: args.number.map(Number::Regular), serial: args.serial_number, date },
        dry_run: args.dry_run,
    })
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct File {
    path: PathBuf,
    name: String,
}

/// A file, or the files of a folder and of those in it, in the order of their names.
fn collect(path: &Path, files: &mut Vec<File>) -> std::io::Result<()> {
    let shown = |path: &Path| {
        let parts = path.components().map(|part| part.as_os_str().to_string_lossy());
        parts.collect::<Vec<_>>().join("/").replace("//", "/")
    };
    if !std::fs::metadata(path)?.is_dir() {
        files.push(File { path: path.into(), name: shown(path) });
        return Ok(());
    }
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(path)? {
        found.insert(entry?.path());
    }
    for path in found {
        let name =
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // Word names the lock file of an open document `~$…`.
        if name.starts_with('.') || name.starts_with("~$") {
            continue;
        }
        // Do not follow symbolic links: they may form a circle.
        let kind = std::fs::symlink_metadata(&path)?;
        let extension =
            path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        if kind.is_dir() || kind.is_file() && EXTENSIONS.contains(&extension.as_str()) {
            collect(&path, files)?;
        }
    }
    Ok(())
}

struct Run<'a> {
    report: &'a mut Report,
    args: &'a Import,
    session: &'a Arc<Session>,
    crew: Crew,
    total: usize,
    done: usize,
    /// What is not reported yet: its issues may not be in place, and were not built.
    written: Vec<Outcome>,
    outcomes: Vec<Outcome>,
}

impl Run<'_> {
    fn is_stopped(&self) -> bool {
        self.crew.stop.load(Ordering::SeqCst)
    }

    /// Moves issues into place if there are `at_least` so many, and reports whether they build.
    fn take(&mut self, importer: &mut Importer<'_>, at_least: usize) -> Result<(), Exit> {
        match importer.commit(at_least) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(error) => return Err(unwritable(&error, self.report)),
        }
        let mut outcomes = std::mem::take(&mut self.written);
        let project = &self.session.project;
        // An issue that was written outside the project's folder belongs to no publication.
        let issue = |path: &PathBuf| project.issues(std::slice::from_ref(path)).ok();
        let issues = outcomes.iter().filter_map(|outcome| issue(outcome.path.as_ref()?)).flatten();
        let issues: Vec<IssuePath> = issues.collect();
        if !issues.is_empty() {
            let proved = prove(self.session, issues, &self.crew, |issue, found| {
                let name = Some(project.shown(&issue.path));
                let of = outcomes.iter_mut().find(|o| o.path.is_some() && o.issue == name);
                of.into_iter().for_each(|outcome| outcome.proved(found.clone()));
            });
            if let Err(error) = proved {
                self.report.fail("no-threads", &[("detail", error.to_string())]);
                return Err(Exit::CannotRun);
            }
        }
        outcomes.into_iter().for_each(|outcome| self.tell(outcome));
        Ok(())
    }

    /// Reports how a file was imported, and its doubtful places.
    fn tell(&mut self, outcome: Outcome) {
        self.done += 1;
        let id = match outcome.status {
            Status::Imported => "import-done",
            Status::Faulty => "import-faulty",
            Status::WouldImport => "import-would",
            Status::Exists => "import-exists",
            Status::Failed => "import-failed",
        };
        let progress =
            if self.total > 1 { format!("[{}/{}] ", self.done, self.total) } else { String::new() };
        let issue = outcome.issue.clone().unwrap_or_default();
        let args = [("progress", progress), ("path", outcome.source.clone()), ("issue", issue)];
        self.report.say(id, &args);
        if let Some(error) = &outcome.error {
            let why = self.report.sentence(error.code.id(), &error.facts());
            self.report.say("import-why", &[("why", why)]);
        }
        if self.args.format == Format::Human {
            self.report.diagnostics(&outcome.found);
            outcome.remarks.iter().for_each(|remark| self.remark(remark));
            for aside in outcome.furniture.iter().filter(|_| outcome.status != Status::Exists) {
                let kind = self.report.word(aside.kind.id());
                let args = [
                    ("line", aside.line.to_string()),
                    ("text", aside.text.clone()),
                    ("kind", kind),
                ];
                self.report.say("import-aside", &args);
            }
        }
        self.outcomes.push(outcome);
    }

    fn remark(&mut self, remark: &Remark) {
        let words = remark.sentence(&self.report.catalogue);
        let id = if remark.line > 0 { "import-at-line" } else { "import-at-file" };
        self.report.say(id, &[("line", remark.line.to_string()), ("words", words)]);
    }

    fn end(self) -> Exit {
        let count = |status: Status| self.outcomes.iter().filter(|o| o.status == status).count();
        let faulty = count(Status::Faulty);
        let imported = count(Status::Imported) + count(Status::WouldImport) + faulty;
        let (exists, failed) = (count(Status::Exists), count(Status::Failed));
        let doubts =
            self.outcomes.iter().filter(|o| o.status != Status::Exists && !o.remarks.is_empty());
        let args = [
            ("total", self.total.to_string()),
            ("imported", imported.to_string()),
            ("exists", exists.to_string()),
            ("failed", failed.to_string()),
            ("doubts", doubts.count().to_string()),
        ];
        if self.args.format == Format::Json {
            let of = |outcome: &Outcome| {
                let mut json = serde_json::to_value(outcome).expect("outcomes are plain JSON");
                let found = outcome.found.iter();
                let found: Vec<_> =
                    found.map(|found| json::finding(found, &self.report.catalogue)).collect();
                if !found.is_empty() {
                    json["findings"] = found.into();
                }
                json
            };
            let json = self.outcomes.iter().map(of).collect();
            self.report.json(&json);
        }
        self.report.say("import-summary", &args);
        if faulty > 0 {
            self.report.say("import-faulty-summary", &[("count", faulty.to_string())]);
        }
        match (self.is_stopped(), failed + faulty) {
            (true, _) => Exit::Stopped,
            (_, 0) => Exit::Done,
            _ => Exit::IssueErrors,
        }
    }
}
