//! An issue → its PDF, in a process of its own, whose memory is bounded and which can be ended.
//!
//! An issue that takes all memory, overflows the stack or never ends takes only its process with it.
//! A process sets one issue after the other and writes no file: killed, it leaves nothing behind.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use parking_lot::Mutex;

use super::wire::Answer;
use super::workers::{in_own_pool, panic_text};
use crate::diag::Checked;
use crate::pipeline::inputs::BUILD;
use crate::pipeline::{Pdf, Session};
use crate::source::project::IssuePath;

/// The worker processes of a run.
pub struct Processes {
    command: Box<dyn Fn() -> Command + Send + Sync>,
    idle: Mutex<Vec<Process>>,
    /// The processes at work, by the name of their issue.
    busy: Mutex<BTreeMap<String, Arc<Mutex<Child>>>>,
    /// Set once no process could be started.
    unavailable: AtomicBool,
}

/// Why a process has not answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Death {
    /// It asked for more memory than it may have.
    Memory,
    /// It was killed from outside.
    Killed,
    /// It ended otherwise; what it said last.
    Other(String),
}

/// How often, and after which time each, an ended process is asked for its status.
const ENDING: usize = 200;
const MOMENT: Duration = Duration::from_millis(5);

struct Process {
    child: Arc<Mutex<Child>>,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    said: ChildStderr,
}

impl Processes {
    /// Processes that `command` starts. The command must end in [`serve`], over standard input and
    /// output.
    pub fn new(command: impl Fn() -> Command + Send + Sync + 'static) -> Self {
        Processes {
            command: Box::new(command),
            idle: Mutex::default(),
            busy: Mutex::default(),
            unavailable: AtomicBool::new(false),
        }
    }

    /// Sets an issue in a process; `None` if the system gives no process, or not of this program.
    pub fn set(&self, issue: &IssuePath) -> Option<std::result::Result<Checked<Pdf>, Death>> {
        match self.set_once(issue)? {
            // Somebody else killed it, maybe the system, which needed memory and chose any process.
            Err(Death::Killed) => self.set_once(issue),
            answer => Some(answer),
        }
    }

    fn set_once(&self, issue: &IssuePath) -> Option<std::result::Result<Checked<Pdf>, Death>> {
        let idle = self.idle.lock().pop();
        let mut process = idle.or_else(|| self.start())?;
        self.busy.lock().insert(issue.name(), process.child.clone());
        let answer = process.ask(issue);
        self.busy.lock().remove(&issue.name());
        Some(match answer {
            Ok(Answer::Set(pdf)) => {
                self.idle.lock().push(process);
                Ok(pdf)
            }
            Ok(Answer::Panicked(said)) => Err(Death::Other(said)),
            Ok(Answer::Ready(_)) | Err(_) => Err(process.death()),
        })
    }

    /// Ends the process that sets an issue.
    pub fn kill(&self, issue: &IssuePath) {
        if let Some(child) = self.busy.lock().get(&issue.name()) {
            // A process that has just ended by itself cannot be killed, and need not.
            child.lock().kill().ok();
        }
    }

    fn start(&self) -> Option<Process> {
        if self.unavailable.load(Ordering::SeqCst) {
            return None;
        }
        let process = Process::start((self.command)());
        if process.is_none() {
            self.unavailable.store(true, Ordering::SeqCst);
        }
        process
    }
}

impl Process {
    /// Starts a process, and waits until it is ready; `None` if it is not of this build: the
    /// program's file may have been replaced since this run began.
    fn start(mut command: Command) -> Option<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().ok()?;
        let pipes = child.stdin.take().zip(child.stdout.take()).zip(child.stderr.take());
        let ((requests, answers), said) = pipes?;
        let child = Arc::new(Mutex::new(child));
        let mut process = Process { child, requests, answers: BufReader::new(answers), said };
        match Answer::read(&mut process.answers) {
            Ok(Answer::Ready(build)) if build == BUILD => Some(process),
            _ => None,
        }
    }

    fn ask(&mut self, issue: &IssuePath) -> Result<Answer> {
        let request = serde_json::to_string(&(&issue.publication, &issue.stem))?;
        writeln!(self.requests, "{request}")?;
        self.requests.flush()?;
        Answer::read(&mut self.answers)
    }

    /// Why it ended.
    fn death(mut self) -> Death {
        let mut said = Vec::new();
        // A process that has not ended by itself answers in a form that is not ours. Its last words
        // come first, since they end with it.
        let mut child = self.child.lock();
        let ended = (0..ENDING).find_map(|_| {
            std::thread::sleep(MOMENT);
            child.try_wait().ok().flatten()
        });
        child.kill().ok();
        child.wait().ok();
        drop(child);
        self.said.by_ref().take(1 << 16).read_to_end(&mut said).ok();
        let said = String::from_utf8_lossy(&said).trim().to_string();
        // These are the words of Rust's runtime.
        if said.contains("memory allocation of") {
            return Death::Memory;
        }
        match (said.lines().last(), ended) {
            (Some(last), _) => Death::Other(last.into()),
            (None, Some(status)) if was_killed(status) => Death::Killed,
            (None, Some(status)) => Death::Other(status.to_string()),
            (None, None) => Death::Other(String::new()),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let mut child = self.child.lock();
        // It sets no issue now, or its issue has been given up.
        child.kill().ok();
        child.wait().ok();
    }
}

/// Whether somebody else ended a process, and not a fault of its own.
fn was_killed(status: ExitStatus) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        const KILL: i32 = 9;
        const TERM: i32 = 15;
        matches!(status.signal(), Some(KILL | TERM))
    }
    #[cfg(not(unix))]
    {
        let _ = status;
        false
    }
}

/// The life of a worker process: sets the issues that `requests` names, and writes the answers.
/// Returns when there are no more requests, even if an issue is in work: the run that asked for it
/// has ended.
pub fn serve(
    session: Arc<Session>,
    threads: usize,
    requests: impl BufRead,
    answers: impl Write + Send + 'static,
) -> Result<()> {
    let answers = Arc::new(Mutex::new(answers));
    Answer::Ready(BUILD.into()).write(&mut *answers.lock())?;
    let (names, asked) = channel::<(String, String)>();
    let panicked = answers.clone();
    let lost = move |panic: &(dyn std::any::Any + Send)| {
        // The run ends this process once it has read this.
        Answer::Panicked(panic_text(panic)).write(&mut *panicked.lock()).ok();
    };
    let failed = lost.clone();
    let set_all = move || {
        for (publication, stem) in asked {
            let path = session.project.publication(&publication).join(format!("{stem}.toml"));
            let issue = IssuePath { publication, stem, path };
            let pdf = || session.typeset(&issue).then(|typeset| typeset.pdf());
            let written = match catch_unwind(AssertUnwindSafe(pdf)) {
                Ok(pdf) => Answer::Set(pdf).write(&mut *answers.lock()),
                Err(panic) => return failed(&*panic),
            };
            if written.is_err() {
                return;
            }
        }
    };
    in_own_pool(threads, set_all, move |panic| lost(&*panic))?;
    for line in requests.lines() {
        if names.send(serde_json::from_str(&line?)?).is_err() {
            break;
        }
    }
    Ok(())
}
