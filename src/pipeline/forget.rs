//! Finished issues → the moments at which Typst drops its cached results.
//!
//! Typst's cache belongs to the whole process and grows with every issue. Results for one issue
//! are of little use to the next; results for the layout are requested again and so stay.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A result is dropped when no issue has requested it again for so many rounds.
const KEPT_ROUNDS: usize = 2;
/// A result is dropped when no change of a live text has requested it again for so many changes.
const KEPT_CHANGES: usize = 10;

/// A result is dropped when so many layouts of the same issue, or of others beside it, have not
/// requested it again.
const KEPT_LAYOUTS: usize = 2;
/// The pages of a long issue.
const LONG: usize = 12;

/// Counts finished issues in rounds; a round is one issue per worker.
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
    /// Makes a round `issues` long.
    pub fn set_parallel(&self, issues: usize) {
        self.parallel.store(issues.max(1), Ordering::Relaxed);
    }

    /// Counts an issue, and tells whether it ends its round.
    fn ends(&self) -> bool {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        done.is_multiple_of(self.parallel.load(Ordering::Relaxed))
    }
}

/// Lets Typst forget when dropped, so that the cache shrinks however typesetting ended.
pub enum Forget {
    /// After an issue's file.
    Issue(Arc<Rounds>),
    /// After a change of a live text: the next change requests nearly the same results.
    Change,
}

impl Forget {
    /// Between two layouts of one issue of so many pages: those of a long one would add up to much
    /// memory; those of a short one share what Typst has not to do again.
    pub fn between(&self, pages: usize) {
        if pages >= LONG && matches!(self, Forget::Issue(_)) {
            comemo::evict(KEPT_LAYOUTS);
        }
    }
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
