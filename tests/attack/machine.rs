//! A command → how it ended, how long it took, and how much memory it had.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What a run may take of the machine's memory, in bytes: that of one issue, and not more.
pub const MEMORY: u64 = 1 << 30;
/// What a run may take of time before it is killed, and counted as wrong.
pub const TIME: Duration = Duration::from_secs(90);

/// Whether everything is tried.
pub fn is_long() -> bool {
    std::env::var("ATTACK").is_ok_and(|value| value == "long")
}

/// A project in a temporary folder.
pub struct Place {
    folder: tempfile::TempDir,
}

pub const PUBLICATION: &str = "name = \"工作简报\"\nissuer = \"某某办公室\"\n";
pub const ISSUE: &str = "number = 1\ndate = 2026-01-05\n\n[[articles]]\ntitle = \"标题\"\nbody = '''\n正文一段。\n'''\n";

impl Place {
    /// A project with one good issue.
    pub fn new() -> Self {
        let place = Place { folder: tempfile::tempdir().expect("a temporary folder") };
        place.file("project/issues/p/publication.toml", PUBLICATION);
        place.file("project/issues/p/2026-1.toml", ISSUE);
        place
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn file(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// Runs the program in the project.
    pub fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Ended {
        let args: Vec<_> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        let started = self.start(&args, "");
        started.end()
    }

    /// Starts the program in the project. `limits` is a shell command that bounds it.
    pub fn start<A: AsRef<OsStr>>(&self, args: &[A], limits: &str) -> Running {
        let outputs = ["stdout", "stderr"].map(|name| self.path(name));
        let [stdout, stderr] = outputs.each_ref().map(|path| File::create(path).expect("a file"));
        let mut command = Command::new("sh");
        // The machine is shared: whatever is found here, it does not take all of its memory.
        command.arg("-c").arg(format!("ulimit -v 12000000; {limits}\nexec \"$0\" \"$@\""));
        command.arg(env!("CARGO_BIN_EXE_jianbao")).args(args);
        command.current_dir(self.path("project")).env_clear();
        command.env("LANG", "en_US.UTF-8").env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent");
        command.stdin(Stdio::null()).stdout(stdout).stderr(stderr);
        let child = command.spawn().expect("the program starts");
        Running { child, begun: now(), memory: 0, outputs }
    }
}

/// A run that has not ended.
pub struct Running {
    child: Child,
    begun: Instant,
    memory: u64,
    outputs: [PathBuf; 2],
}

impl Running {
    /// Waits for its end, and looks at its memory meanwhile.
    pub fn end(mut self) -> Ended {
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the child is ours") {
                break Some(status);
            }
            if self.begun.elapsed() > TIME {
                self.child.kill().ok();
                self.child.wait().ok();
                break None;
            }
            self.measure();
            std::thread::sleep(Duration::from_millis(4));
        };
        let time = self.begun.elapsed();
        let [stdout, stderr] = self.outputs.each_ref().map(|path| text(path));
        Ended { status, stdout, stderr, memory: self.memory, time }
    }

    /// The processes that it has started. Its threads start them.
    pub fn children(&self) -> Vec<u32> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let of = |thread: std::fs::DirEntry| {
            std::fs::read_to_string(thread.path().join("children")).unwrap_or_default()
        };
        let all: Vec<String> = threads.into_iter().flatten().flatten().map(of).collect();
        all.iter().flat_map(|ids| ids.split_whitespace()).filter_map(|id| id.parse().ok()).collect()
    }

    /// The highest memory of its processes so far; each process counts for itself.
    pub fn measure(&mut self) -> u64 {
        let all = self.children().into_iter().chain([self.child.id()]);
        let most = all.map(memory_of).max().unwrap_or(0);
        self.memory = self.memory.max(most);
        self.memory
    }

    pub fn stderr(&self) -> String {
        text(&self.outputs[1])
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("the child is ours").is_some()
    }

    pub fn kill(mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

/// The highest resident memory of a process, in bytes.
fn memory_of(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
}

/// How a run ended.
pub struct Ended {
    /// `None` if it had to be killed.
    status: Option<ExitStatus>,
    pub stdout: String,
    pub stderr: String,
    pub memory: u64,
    pub time: Duration,
}

impl Ended {
    /// The exit code; `None` if a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    /// What no input may make of a run: no end, a signal, a panic, the memory of a machine.
    fn fault(&self) -> Option<String> {
        let said = || self.stderr.chars().take(300).collect::<String>();
        match self.status {
            None => Some(format!("not ended after {TIME:?}: {}", said())),
            Some(status) if !matches!(status.code(), Some(0..=2)) => {
                Some(format!("{status}: {}", said()))
            }
            _ if self.stderr.contains("panicked at") => Some(format!("panic: {}", said())),
            _ if self.stderr.contains("broke down") => Some(format!("engine: {}", said())),
            _ if self.memory > MEMORY => Some(format!("{} MB", self.memory >> 20)),
            _ => None,
        }
    }
}

/// The figures of an attack.
pub struct Attack {
    name: &'static str,
    tried: usize,
    wrong: Vec<String>,
    memory: (u64, String),
    time: (Duration, String),
}

impl Attack {
    pub fn new(name: &'static str) -> Self {
        Attack {
            name,
            tried: 0,
            wrong: Vec::new(),
            memory: Default::default(),
            time: Default::default(),
        }
    }

    /// Counts a run, and looks whether it did what no run may do.
    pub fn ran(&mut self, input: &str, ended: &Ended) {
        self.tried += 1;
        if let Some(fault) = ended.fault() {
            self.wrong(input, &fault);
        }
        self.cost(input, ended.memory, ended.time);
    }

    /// Counts something that is not a run of its own.
    pub fn tried(&mut self) {
        self.tried += 1;
    }

    pub fn cost(&mut self, input: &str, memory: u64, time: Duration) {
        if memory > self.memory.0 {
            self.memory = (memory, input.into());
        }
        if time > self.time.0 {
            self.time = (time, input.into());
        }
    }

    pub fn wrong(&mut self, input: &str, fault: &str) {
        self.wrong.push(format!("{input}: {fault}"));
    }
}

impl Drop for Attack {
    /// Prints the figures, and fails if something was wrong.
    fn drop(&mut self) {
        let Attack { name, tried, wrong, memory, time } = self;
        // Not `eprintln!`, which the test harness captures.
        writeln!(
            std::io::stderr(),
            "ATTACK {name}: tried {tried}, wrong {}, highest memory {} MB ({}), longest time {:.1} s ({})",
            wrong.len(),
            memory.0 >> 20,
            memory.1,
            time.0.as_secs_f64(),
            time.1,
        )
        .ok();
        if !std::thread::panicking() {
            assert!(wrong.is_empty(), "{}:\n{}", name, wrong.join("\n"));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is about time")]
pub fn now() -> Instant {
    Instant::now()
}
