//! `import`: back issues in text, Word and other formats → issues.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jianbao::import::ImportError;
use jianbao::import::head::Given;
use jianbao::import::importer::{BATCH, Importer, Options, Outcome, Status, Step};
use jianbao::import::line::Remark;
use jianbao::issue::{Date, Number};
use jianbao::source::files::FileError;
use jianbao::source::project::Project;

use super::args::{Format, Import};
use super::report::Report;
use super::{Exit, project_error, unwritable};

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
    let project = match Project::find(&args.project) {
        Ok(project) => project,
        Err(error) => return project_error(&error, report),
    };
    let mut importer = match Importer::new(&project, options) {
        Ok(importer) => importer,
        Err(error) => {
            let name = args.publication.clone().unwrap_or_default();
            report.fail(error.code.id(), &[("name", name), ("known", error.detail)]);
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
    let mut run = Run { report, args, total: files.len(), done: 0, outcomes: Vec::new() };
    let mut waiting = Vec::new();
    for file in &files {
        match importer.import(&file.path, &file.name) {
            Step::Done(outcome) => run.tell(*outcome),
            Step::Waits(file) => waiting.push(*file),
        }
        if let Err(error) = importer.commit(BATCH) {
            return run.unwritable(&error);
        }
    }
    // Files without a number are finished last: they get numbers that no other file claims.
    for file in waiting {
        run.tell(importer.finish(file));
    }
    if let Err(error) = importer.commit(0) {
        return run.unwritable(&error);
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
    total: usize,
    done: usize,
    outcomes: Vec<Outcome>,
}

impl Run<'_> {
    /// Reports how a file was imported, and its doubtful places.
    fn tell(&mut self, outcome: Outcome) {
        self.done += 1;
        let id = match outcome.status {
            Status::Imported => "import-done",
            Status::WouldImport => "import-would",
            Status::Exists => "import-exists",
            Status::Failed => "import-failed",
        };
        let progress =
            if self.total > 1 { format!("[{}/{}] ", self.done, self.total) } else { String::new() };
        let issue = outcome.issue.clone().unwrap_or_default();
        let args = [("progress", progress), ("path", outcome.source.clone()), ("issue", issue)];
        self.report.say(id, &args);
        if let Some(ImportError { code, detail }) = &outcome.error {
            self.report.say(
                "import-why",
                &[("why", self.report.sentence(code.id(), &[("detail", detail.clone())]))],
            );
        }
        if self.args.format == Format::Human {
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

    fn unwritable(self, error: &FileError) -> Exit {
        unwritable(error, self.report)
    }

    fn end(self) -> Exit {
        let count = |status: Status| self.outcomes.iter().filter(|o| o.status == status).count();
        let imported = count(Status::Imported) + count(Status::WouldImport);
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
            let json =
                serde_json::to_string_pretty(&self.outcomes).expect("outcomes are plain JSON");
            self.report.data(&format!("{json}\n"));
        }
        self.report.say("import-summary", &args);
        if failed == 0 { Exit::Done } else { Exit::IssueErrors }
    }
}
