//! When Typst forgets what it remembers of issues that are done with.
//!
//! Its memory is the whole process's and grows with every issue. What it remembers of one issue
//! is of little use to the next; what it remembers of the layout is, and is asked for again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many rounds of issues Typst remembers something for that none of them has asked for again.
const KEPT_ROUNDS: usize = 2;
/// How many changes of a text Typst remembers something for that none of them has asked for again.
const KEPT_CHANGES: usize = 10;

/// Counts issues that are done with, in rounds: one issue of each worker.
pub struct Rounds {
    parallel: AtomicUsize,
    done: AtomicUsize,
}

impl Default for Rounds {
    fn default() -> Self {
        Rounds { parallel: AtomicUsize::new(1), done: AtomicUsize::new(0) }
    }
}

impl Rounds {
    /// Makes a round of so many issues.
    pub fn set_parallel(&self, issues: usize) {
        self.parallel.store(issues.max(1), Ordering::Relaxed);
    }

    /// Counts an issue; whether it ends its round.
    fn ends(&self) -> bool {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        done.is_multiple_of(self.parallel.load(Ordering::Relaxed))
    }
}

/// Lets Typst forget when dropped: an issue's memory goes with the issue, however typesetting
/// ended.
pub enum Forget {
    /// After an issue's file.
    Issue(Arc<Rounds>),
    /// After a change of a live text, whose next change asks for nearly the same.
    Change,
}

impl Drop for Forget {
    fn drop(&mut self) {
        match self {
            Forget::Issue(rounds) if rounds.ends() => comemo::evict(KEPT_ROUNDS),
            Forget::Issue(_) => {}
            Forget::Change => comemo::evict(KEPT_CHANGES),
        }
    }
}
