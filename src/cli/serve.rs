//! `watch` and `studio`: issues in the browser.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;

use jianbao::diag::{Diagnostic, Severity};
use jianbao::pipeline::Session;
use jianbao::serve::{Mode, Observer, Options, Patience, ServeError, Server};
use jianbao::source::project::{IssuePath, Project};
use tokio::sync::Notify;

use super::args::{Browser, Studio, Watch};
use super::report::Report;
use super::{Exit, open, open_issues};

/// Shows the pages of issues while they are written.
pub fn watch(args: &Watch, report: &mut Report) -> Exit {
    let (session, issues) = match open_issues(&args.common, &args.paths, report) {
        Ok(opened) => opened,
        Err(exit) => return exit,
    };
    let terminal = Terminal { report: Mutex::new(report.again()), said: Mutex::default() };
    let address = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), args.browser.port.unwrap_or(0));
    let lang = report.lang;
    let options = Options {
        mode: Mode::Watch(issues),
        address,
        password: None,
        lang,
        patience: Patience::default(),
    };
    serve(session, options, Box::new(terminal), &args.browser, "watch-serves", report)
}

/// Serves the studio.
pub fn studio(args: &Studio, report: &mut Report) -> Exit {
    begin(&args.common.project);
    let session = match open(&args.common, report) {
        Ok(session) => session,
        Err(exit) => return exit,
    };
    let ip = args.bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let password = match ip.is_loopback() {
        true => None,
        false => match password(report) {
            Some(password) => Some(password),
            None => {
                report.fail("studio-password-short", &[]);
                return Exit::CannotRun;
            }
        },
    };
    let address = SocketAddr::new(ip, args.browser.port.unwrap_or(0));
    let (lang, patience) = (report.lang, Patience::default());
    let options = Options { mode: Mode::Studio, address, password, lang, patience };
    serve(session, options, Box::new(Silent), &args.browser, "studio-serves", report)
}

/// Makes an empty folder a project, for an editor who starts there; other folders are left alone.
fn begin(folder: &Path) {
    let is_empty = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    if is_empty && Project::find(folder).is_err() {
        // If the folder cannot be made, opening the project reports the reason.
        std::fs::create_dir(folder.join("issues")).ok();
    }
}

/// The shortest password that is accepted; shorter ones are easy to guess.
const SHORTEST: usize = 8;

/// The password for clients on the network: prompted for on a terminal, else the first line of
/// stdin.
fn password(report: &mut Report) -> Option<String> {
    let password = if std::io::stdin().is_terminal() {
        rpassword::prompt_password(format!("{} ", report.word("studio-password-ask"))).ok()?
    } else {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).ok()?;
        line.trim_end_matches(['\n', '\r']).to_string()
    };
    (password.chars().count() >= SHORTEST).then_some(password)
}

fn serve(
    session: Session,
    options: Options,
    observer: Box<dyn Observer>,
    browser: &Browser,
    said: &'static str,
    report: &mut Report,
) -> Exit {
    let server = match Server::open(session, options, observer) {
        Ok(server) => server,
        Err(error) => {
            let (address, detail) = match &error {
                ServeError::Address(address, error) => (address.to_string(), error.to_string()),
                ServeError::System(detail) => (String::new(), detail.clone()),
            };
            report.fail("serve-address", &[("address", address), ("detail", detail)]);
            return Exit::CannotRun;
        }
    };
    let url = server.url();
    report.say(said, &[("url", url.clone())]);
    // Without a browser on this machine, the printed address can be opened elsewhere.
    if !browser.no_open && open::that_detached(&url).is_err() {
        report.say("serve-no-browser", &[]);
    }
    let stop = Arc::new(Notify::new());
    let stopped = stop.clone();
    // Where signals cannot be had, Ctrl-C ends the program as before.
    ctrlc::set_handler(move || stop.notify_one()).ok();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let served = runtime.and_then(|runtime| {
        let served = runtime.block_on(server.run(async move { stopped.notified().await }));
        // Do not wait for a long export.
        runtime.shutdown_background();
        served
    });
    match served {
        Ok(()) => Exit::Done,
        Err(error) => {
            let detail = error.to_string();
            report.fail("serve-address", &[("address", url), ("detail", detail)]);
            Exit::CannotRun
        }
    }
}

/// Prints nothing: a studio reports everything in the browser.
struct Silent;

impl Observer for Silent {
    fn was_set(&self, _: &IssuePath, _: &[Diagnostic], _: bool) {}
}

/// Prints findings in the terminal.
struct Terminal {
    report: Mutex<Report>,
    said: Mutex<BTreeMap<String, Vec<Diagnostic>>>,
}

impl Observer for Terminal {
    fn was_set(&self, issue: &IssuePath, found: &[Diagnostic], pages: bool) {
        let mut said = self.said.lock();
        let mut report = self.report.lock();
        let before = said.insert(issue.name(), found.to_vec());
        // Findings that were there before have been printed already.
        let is_new = |d: &&Diagnostic| !before.as_ref().is_some_and(|before| is_known(d, before));
        let new: Vec<Diagnostic> = found.iter().filter(is_new).cloned().collect();
        report.diagnostics(&new);
        let count = |severity| found.iter().filter(|d| d.severity == severity).count().to_string();
        let args = [
            ("issue", issue.name()),
            ("errors", count(Severity::Error)),
            ("warnings", count(Severity::Warning)),
            ("advice", count(Severity::Advice)),
        ];
        report.say(if pages { "watch-set" } else { "watch-failed" }, &args);
    }
}

/// Whether a finding was there before, wherever it has moved to.
fn is_known(diagnostic: &Diagnostic, before: &[Diagnostic]) -> bool {
    let same = |old: &Diagnostic| {
        let text = |d: &Diagnostic| {
            d.span.as_ref().map(|span| span.file.text.get(span.range.clone()).map(str::to_string))
        };
        (old.code, &old.args) == (diagnostic.code, &diagnostic.args)
            && text(old) == text(diagnostic)
    };
    before.iter().any(same)
}
