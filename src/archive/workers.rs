//! Many pieces of work → their results in order. The work is shared among as many threads as the
//! caller asks for; a piece that panics or takes too long costs only its own result.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use parking_lot::Mutex;

/// What the workers' threads are called.
pub const THREAD_NAME: &str = "jianbao-worker";

/// Layout recurses into nested tables and lists, so the stack must be deep.
const STACK_SIZE: usize = 32 << 20;

/// Marks a worker that has no item in hand.
const NONE: usize = usize::MAX;

/// Why a piece of work has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// The work panicked, with this message.
    Panicked(String),
    /// The work took too long. Its thread goes on until the program ends.
    GivenUp,
}

/// How long to wait for a result before checking for items that take too long.
const ASKED_EVERY: Duration = Duration::from_millis(500);

struct Shop<I, T> {
    items: Vec<I>,
    next: AtomicUsize,
    stop: Arc<AtomicBool>,
    /// How many threads one worker may use: more than one where there are fewer items than cores.
    threads: usize,
    work: Box<dyn Fn(&I) -> T + Send + Sync>,
    results: Sender<Message<T>>,
    /// The index of each worker's item; `NONE` if the worker has no item or its item was given up.
    hands: Mutex<Vec<Arc<AtomicUsize>>>,
}

enum Message<T> {
    Result(usize, Result<T, Lost>),
    WorkerLeft,
}

/// Does `work` on every item with `jobs` threads, and gives the results to `each` in the order
/// of the items. Once `stop` is set no new item is begun. Work that `overdue` says takes too long
/// is given up.
pub fn in_order<I, T>(
    items: Vec<I>,
    jobs: usize,
    stop: Arc<AtomicBool>,
    work: impl Fn(&I) -> T + Send + Sync + 'static,
    overdue: impl Fn(&I) -> bool,
    mut each: impl FnMut(&I, Result<T, Lost>),
) -> std::io::Result<()>
where
    I: Send + Sync + 'static,
    T: Send + 'static,
{
    let (results, received) = channel();
    let workers = jobs.clamp(1, items.len().max(1));
    let (next, threads) = (AtomicUsize::new(0), (jobs / workers).max(1));
    let (work, hands) = (Box::new(work), Mutex::default());
    let shop = Arc::new(Shop { items, next, stop, threads, work, results, hands });
    let mut hired = 0;
    for _ in 0..workers {
        match hire(&shop) {
            Ok(()) => hired += 1,
            // If the machine grants no further thread, go on with the threads there are.
            Err(error) if hired == 0 => return Err(error),
            Err(_) => break,
        }
    }
    let mut early = BTreeMap::new();
    let mut due = 0;
    while hired > 0 {
        let message = match received.recv_timeout(ASKED_EVERY) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => {
                give_up(&shop, &overdue);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        match message {
            Message::Result(at, result) => {
                early.insert(at, result);
                while let Some(result) = early.remove(&due) {
                    each(&shop.items[due], result);
                    due += 1;
                }
            }
            Message::WorkerLeft => hired -= 1,
        }
    }
    Ok(())
}

/// Reports items that take too long as given up, and hires a new worker for each.
fn give_up<I, T>(shop: &Arc<Shop<I, T>>, overdue: &impl Fn(&I) -> bool)
where
    I: Send + Sync + 'static,
    T: Send + 'static,
{
    let hands = shop.hands.lock().clone();
    for hand in hands {
        let at = hand.load(Ordering::SeqCst);
        let late = shop.items.get(at).is_some_and(overdue);
        if late && hand.compare_exchange(at, NONE, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            shop.results.send(Message::Result(at, Err(Lost::GivenUp))).ok();
            if hire(shop).is_err() {
                shop.results.send(Message::WorkerLeft).ok();
            }
        }
    }
}

/// Starts one worker.
fn hire<I, T>(shop: &Arc<Shop<I, T>>) -> std::io::Result<()>
where
    I: Send + Sync + 'static,
    T: Send + 'static,
{
    let current = Arc::new(AtomicUsize::new(NONE));
    // rayon never drops the pool of the current thread: hold the shop weakly, so that the shop can
    // be dropped.
    let (weak, hand) = (Arc::downgrade(shop), current.clone());
    let lost = move |panic: Box<dyn Any + Send>| {
        let at = hand.swap(NONE, Ordering::SeqCst);
        if let Some(shop) = weak.upgrade() {
            if at != NONE {
                shop.results.send(Message::Result(at, Err(said(&*panic)))).ok();
            }
            if hire(&shop).is_err() {
                shop.results.send(Message::WorkerLeft).ok();
            }
        }
    };
    let (threads, shop) = (shop.threads, shop.clone());
    let worker = move || {
        shop.hands.lock().push(current.clone());
        while !shop.stop.load(Ordering::SeqCst) {
            let at = shop.next.fetch_add(1, Ordering::SeqCst);
            let Some(item) = shop.items.get(at) else { break };
            current.store(at, Ordering::SeqCst);
            let result = catch_unwind(AssertUnwindSafe(|| (shop.work)(item)));
            if current.swap(NONE, Ordering::SeqCst) != at {
                // The item was given up meanwhile, and another worker has been hired.
                return;
            }
            let result = result.map_err(|panic| said(&*panic));
            shop.results.send(Message::Result(at, result)).ok();
        }
        let results = shop.results.clone();
        // Drop our share of the shop before reporting, so that the caller can free it.
        drop(shop);
        results.send(Message::WorkerLeft).ok();
    };
    in_own_pool(threads, worker, lost)
}

/// Runs `work` on a new thread that is a rayon pool of its own, usually of one thread: Typst and
/// krilla spread an issue's work over the pool in which they are called, and in a shared pool an
/// issue that waits for its own work would start on another issue's.
///
/// `lost` is called when a task that the engine spawned panics. A thread waiting for that task would
/// wait for ever, so the thread is parked.
pub(super) fn in_own_pool(
    threads: usize,
    work: impl FnOnce() + Send + 'static,
    lost: impl Fn(Box<dyn Any + Send>) + Send + Sync + 'static,
) -> std::io::Result<()> {
    let lost = move |panic: Box<dyn Any + Send>| {
        lost(panic);
        loop {
            std::thread::park();
        }
    };
    let worker = move || {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .stack_size(STACK_SIZE)
            .thread_name(|_| THREAD_NAME.into())
            .use_current_thread()
            .panic_handler(lost)
            .build();
        debug_assert!(pool.is_ok(), "the thread is new and in no pool");
        work();
    };
    let builder = std::thread::Builder::new().name(THREAD_NAME.into()).stack_size(STACK_SIZE);
    builder.spawn(worker).map(|_| ())
}

fn said(panic: &(dyn Any + Send)) -> Lost {
    Lost::Panicked(panic_text(panic))
}

/// The message of a panic.
pub fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| text.to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(items: Vec<usize>, work: fn(&usize) -> usize) -> Vec<Result<usize, Lost>> {
        let mut results = Vec::new();
        in_order(items, 4, Arc::default(), work, |_| false, |_, result| results.push(result))
            .expect("threads");
        results
    }

    #[test]
    fn results_come_in_order() {
        let results = run((0..100).collect(), |n| n * 2);
        assert_eq!(results, (0..100).map(|n| Ok(n * 2)).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_costs_only_its_item() {
        let results = run((0..20).collect(), |n| if *n == 7 { panic!("seven") } else { *n });
        assert_eq!(results.len(), 20);
        assert_eq!(results[7], Err(Lost::Panicked("seven".into())));
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 19);
    }

    #[test]
    fn a_panic_in_work_that_was_put_off_costs_only_its_item() {
        // krilla handles a page's content so: a task is spawned, then waited for.
        let results = run((0..20).collect(), |n| {
            let (n, done) = (*n, Arc::new(std::sync::OnceLock::new()));
            let later = done.clone();
            rayon::spawn(move || {
                later.get_or_init(|| if n % 9 == 5 { panic!("{n}") } else { n });
            });
            while let Some(rayon::Yield::Executed) = rayon::yield_now() {}
            *done.wait()
        });
        assert_eq!(results.len(), 20);
        let failed: Vec<usize> = (0..20).filter(|n| results[*n].is_err()).collect();
        assert_eq!(failed, [5, 14]);
    }

    #[test]
    fn one_item_may_use_all_threads_and_panic_on_any_of_them() {
        let threads = std::sync::Arc::new(AtomicUsize::new(0));
        let seen = threads.clone();
        let work = move |n: &usize| {
            seen.store(rayon::current_num_threads(), Ordering::SeqCst);
            let done = Arc::new(std::sync::OnceLock::<usize>::new());
            let later = done.clone();
            rayon::spawn(move || {
                later.get_or_init(|| panic!("late"));
            });
            while let Some(rayon::Yield::Executed) = rayon::yield_now() {}
            *n + *done.wait()
        };
        let mut results = Vec::new();
        in_order(vec![1], 4, Arc::default(), work, |_| false, |_, result| results.push(result))
            .expect("it");
        assert_eq!(results, [Err(Lost::Panicked("late".into()))]);
        assert_eq!(threads.load(Ordering::SeqCst), 4);
    }

    #[test]
    fn an_item_that_takes_too_long_is_given_up() {
        let work = |n: &usize| {
            // A given-up item keeps its thread; here the thread only sleeps.
            if *n == 2 {
                loop {
                    std::thread::park();
                }
            }
            *n
        };
        let mut results = Vec::new();
        let each = |_: &usize, result| results.push(result);
        in_order((0..6).collect(), 2, Arc::default(), work, |n| *n == 2, each).expect("threads");
        assert_eq!(results[2], Err(Lost::GivenUp));
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 5);
    }

    #[test]
    fn what_one_issue_puts_off_is_done_by_its_own_worker() {
        let results = run((0..50).collect(), |n| {
            let (n, me) = (*n, std::thread::current().id());
            rayon::join(|| (), || assert_eq!(std::thread::current().id(), me));
            n
        });
        assert!(results.iter().all(Result::is_ok));
    }

    #[test]
    fn nothing_new_is_begun_after_a_stop() {
        let stop = Arc::new(AtomicBool::new(false));
        let mut done = 0;
        let (work, flag) = (stop.clone(), stop);
        let work = move |n: &usize| {
            if *n == 3 {
                work.store(true, Ordering::SeqCst);
            }
        };
        in_order((0..1000).collect(), 1, flag, work, |_| false, |_, _| done += 1).expect("threads");
        assert_eq!(done, 4);
    }
}
