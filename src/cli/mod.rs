//! Arguments → exit code: runs one command. Only this folder knows clap, the terminal and the
//! environment.

mod help;

mod args;
mod build;
mod check;
mod compare;
mod fonts;
mod import;
mod layout;
mod measure;
mod new;
mod preflight;
mod press;
mod progress;
mod report;
mod rules;
mod serve;
mod trace;
mod verify;
mod worker;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;

use clap::{FromArgMatches, ValueEnum};
use jianbao::archive::crew::Crew;
use jianbao::archive::lock::{Lock, LockError};
use jianbao::archive::workers::THREAD_NAME;
use jianbao::diag::catalogue::Lang;
use jianbao::issue::raw::RawIssue;
use jianbao::pipeline::{Session, SessionError};
use jianbao::publication::RawPublication;
use jianbao::source::files::{self, FileError};
use jianbao::source::project::{IssuePath, Project, ProjectError};
use jianbao::source::read::schema;

use args::{Args, Command, Common, LangArg, LayoutCommand, SchemaOf};
use progress::Progress;
use report::Report;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything was done.
    Done = 0,
    /// Some issue has errors; the others were done.
    IssueErrors = 1,
    /// The command could not run: wrong usage, no project, a folder that cannot be written.
    CannotRun = 2,
    /// Ctrl-C stopped the command; issues that were begun are finished.
    Stopped = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Runs one command.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    let mut args: Vec<OsString> = args.into_iter().collect();
    if args.get(1).is_some_and(|word| word == "help") {
        // `help build` means `build --help`.
        args.remove(1);
        args.push("--help".into());
    }
    let mut report = Report::new(language(asked_language(&args)));
    let matches = help::command(&report.catalogue).try_get_matches_from(args);
    let args = match matches.and_then(|matches| Args::from_arg_matches(&matches)) {
        Ok(args) => args,
        Err(error) => {
            let asked = !error.use_stderr();
            match help::complaint(&error, &report.catalogue) {
                Some((message, hint)) => report.complain(&message, &hint),
                None if asked => report.printed(error.print()),
                None => report.tell(error.to_string().trim_end()),
            }
            return report.end(if asked { Exit::Done } else { Exit::CannotRun });
        }
    };
    let exit = command(args.command, &mut report);
    report.end(exit)
}

fn command(command: Command, report: &mut Report) -> Exit {
    match command {
        Command::Build(build) => build::build(&build, report),
        Command::Compare(args) => compare::compare(&args, report),
        Command::Accept(args) => compare::accept(&args, report),
        Command::Verify(args) => verify::verify(&args, report),
        Command::Layout { what: LayoutCommand::Freeze { name, project } } => {
            layout::freeze(&name, &project, report)
        }
        Command::Check(args) => check::check(&args, report),
        Command::Rules { format } => rules::rules(format, report),
        Command::Measure(args) => measure::measure(&args, report),
        Command::Press(args) => press::press(&args, report),
        Command::Trace(args) => trace::trace(&args, report),
        Command::Preflight(args) => preflight::preflight(&args, report),
        Command::Import(args) => import::import(&args, report),
        Command::Watch(args) => serve::watch(&args, report),
        Command::Studio(args) => serve::studio(&args, report),
        Command::New { what } => new::new(&what, report),
        Command::Fonts(common) => fonts::fonts(&common, report),
        Command::Worker(args) => worker::worker(&args, report),
        Command::Schema { of } => {
            let schema = match of {
                SchemaOf::Issue => schema::<RawIssue>(),
                SchemaOf::Publication => schema::<RawPublication>(),
            };
            let text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
            report.data(&format!("{text}\n"));
            Exit::Done
        }
    }
}

/// The language of `--lang`, found before the command line is parsed so that parse errors are in
/// that language too.
fn asked_language(args: &[OsString]) -> Option<LangArg> {
    let mut words = args.iter().filter_map(|word| word.to_str());
    let value = words.find_map(|word| match word.strip_prefix("--lang") {
        Some("") => Some(None),
        Some(rest) => rest.strip_prefix('=').map(Some),
        None => None,
    })?;
    LangArg::from_str(value.or_else(|| words.next())?, true).ok()
}

/// The language of `--lang`, else of the locale, else Chinese.
fn language(asked: Option<LangArg>) -> Lang {
    match asked {
        Some(LangArg::Zh) => Lang::Zh,
        Some(LangArg::En) => Lang::En,
        None => {
            let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
            if locale.is_some_and(|locale| locale.starts_with("en")) { Lang::En } else { Lang::Zh }
        }
    }
}

/// The workers for a run over so many issues: the number of `--jobs`, else the number of cores.
fn crew(jobs: Option<u16>, issues: usize, common: &Common, progress: &Arc<Progress>) -> Crew {
    let cores = || available_parallelism().map_or(1, |cores| cores.get());
    let jobs = jobs.map_or_else(cores, usize::from);
    silence_workers();
    // One issue alone needs no protection from others, and begins sooner in this process.
    let processes = (issues > 1).then(|| worker::processes(common, (jobs / issues).max(1)));
    Crew {
        jobs,
        stop: stop_on_interrupt(),
        watch: progress.clone(),
        processes: processes.flatten().map(Arc::new),
    }
}

/// A flag that the first Ctrl-C sets. The second ends the program at once, which is safe because
/// files are written whole.
fn stop_on_interrupt() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    // If no handler can be set, Ctrl-C ends the program at once.
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::SeqCst) {
            #[expect(clippy::disallowed_methods, reason = "there is nobody left to return to")]
            std::process::exit(Exit::Stopped as i32);
        }
    })
    .ok();
    stop
}

/// Silences the panic messages of workers: a panic becomes a diagnostic of its issue instead.
fn silence_workers() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(THREAD_NAME) {
            usual(panic);
        }
    }));
}

fn unwritable(error: &FileError, report: &mut Report) -> Exit {
    report.fault("path-unwritable", &error.path, &error.error);
    Exit::CannotRun
}

/// The folder for what a command makes: the one that the user named, else `usual` in the project.
/// A usual folder that is a link out of the project was not chosen by the user, and is refused.
fn output(
    project: &Project,
    named: Option<&PathBuf>,
    usual: &str,
    report: &mut Report,
) -> Result<PathBuf, Exit> {
    let folder = match named {
        Some(named) => return Ok(named.clone()),
        None => project.root.join(usual),
    };
    let there = folder.ancestors().find(|folder| folder.symlink_metadata().is_ok());
    match files::resolve(&project.root, there.unwrap_or(&folder)) {
        Ok(_) => Ok(folder),
        Err(fault) => {
            report.fault("output-unusable", &folder, &fault);
            Err(Exit::CannotRun)
        }
    }
}

/// Reads `jianbao.lock`.
fn read_lock(session: &Session, report: &mut Report) -> Result<Option<Lock>, Exit> {
    Lock::read(&session.project.root).map_err(|error| {
        let detail = match &error {
            LockError::Unreadable(fault) => fault.words(&report.catalogue),
            error => error.to_string(),
        };
        report.fail("lock-unreadable", &[("detail", detail)]);
        Exit::CannotRun
    })
}

/// Opens the project that a command works on.
fn open(common: &Common, report: &mut Report) -> Result<Session, Exit> {
    let project = Project::find(&common.project).map_err(|error| project_error(&error, report))?;
    let fonts = common.font_paths();
    Session::open(project, &fonts).map_err(|error| {
        let (path, fault) = match &error {
            SessionError::Layouts(error) => (&error.path, &error.error),
            SessionError::Fonts(error) => (&error.path, &error.error),
        };
        report.fault("path-unreadable", path, fault);
        Exit::CannotRun
    })
}

/// Opens the project that a command works on, with the issues that its paths name.
fn open_issues(
    common: &Common,
    paths: &[PathBuf],
    report: &mut Report,
) -> Result<(Session, Vec<IssuePath>), Exit> {
    let session = open(common, report)?;
    let listing = session.project.listing(paths).map_err(|error| project_error(&error, report))?;
    let left_out = listing.left_out.iter().map(|path| session.project.left_out(path));
    report.leave_out(left_out.collect());
    let issues: Vec<IssuePath> = listing.issues.into_iter().collect();
    if issues.is_empty() {
        report.fail("nothing-to-build", &[]);
        return Err(Exit::CannotRun);
    }
    Ok((session, issues))
}

fn project_error(error: &ProjectError, report: &mut Report) -> Exit {
    match error {
        ProjectError::NoProject(path) => {
            report.fail("no-project", &[("path", path.display().to_string())]);
        }
        ProjectError::NotAnIssue(path) => {
            report.fail("not-an-issue", &[("path", path.display().to_string())]);
        }
        ProjectError::Unreadable(path, error) => {
            let path = path.display().to_string();
            report.fail("path-unreadable", &[("path", path), ("detail", error.to_string())]);
        }
    }
    Exit::CannotRun
}
