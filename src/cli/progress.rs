//! Events of the workers → a progress bar on the terminal, and the time that each issue takes. The
//! clock is here because the library has none.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jianbao::archive::crew::Watch;
use jianbao::diag::show::visible;
use jianbao::source::limits;
use jianbao::source::project::IssuePath;

/// How many issue names the line shows.
const NAMES: usize = 3;

/// Follows the workers of a batch.
pub struct Progress {
    bar: ProgressBar,
    waits: String,
    begun: Instant,
    issues: Mutex<Times>,
}

#[derive(Default)]
struct Times {
    current: BTreeMap<String, Instant>,
    took: BTreeMap<String, Duration>,
}

impl Progress {
    /// A bar for `total` issues if stderr is a terminal; else only the clock. `template` is the
    /// line under the bar, `waits` the message while another run has the folder.
    pub fn new(total: usize, quiet: bool, template: &str, waits: String) -> Self {
        let shown = std::io::stderr().is_terminal() && !quiet;
        let bar = if shown {
            ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr_with_hz(8))
        } else {
            ProgressBar::hidden()
        };
        if shown {
            // A broken template in the catalogue must not stop the batch: keep the default style.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(250));
        }
        Progress {
            bar,
            waits: visible::line(&waits).into_owned(),
            begun: now(),
            issues: Mutex::default(),
        }
    }

    /// Whether the bar is shown, in place of a line for each issue.
    pub fn is_shown(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// One issue more, with what has been done so far in words.
    pub fn advance(&self, so_far: String) {
        self.bar.set_prefix(so_far);
        self.bar.inc(1);
    }

    /// Prints something above the bar.
    pub fn around<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// How long an issue took.
    pub fn took(&self, issue: &IssuePath) -> Duration {
        let mut times = self.issues.lock();
        times.took.remove(&issue.name()).unwrap_or_default()
    }

    /// How long it has been.
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    fn show_names(&self, times: &Times) {
        let names: Vec<&str> = times.current.keys().take(NAMES).map(String::as_str).collect();
        let more = if times.current.len() > NAMES { " …" } else { "" };
        let names = names.join("  ");
        self.bar.set_message(format!("{}{more}", visible::line(&names)));
    }
}

impl Watch for Progress {
    fn begun(&self, issue: &IssuePath) {
        let mut times = self.issues.lock();
        times.current.insert(issue.name(), now());
        self.show_names(&times);
    }

    fn ended(&self, issue: &IssuePath) {
        let mut times = self.issues.lock();
        let name = issue.name();
        if let Some(begun) = times.current.remove(&name) {
            times.took.insert(name, begun.elapsed());
        }
        self.show_names(&times);
    }

    fn is_overdue(&self, issue: &IssuePath) -> bool {
        let times = self.issues.lock();
        times.current.get(&issue.name()).is_some_and(|begun| begun.elapsed() > limits::TIME)
    }

    fn waits(&self) {
        if self.bar.is_hidden() {
            eprintln!("{}", self.waits);
        } else {
            self.bar.println(&self.waits);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "progress is about time, and no PDF sees it")]
fn now() -> Instant {
    Instant::now()
}
