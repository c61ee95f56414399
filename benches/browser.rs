//! A browser with the seed → the time from a key press in the studio, and from a save under
//! `watch`, to the changed page on the screen.
//!
//! `JIANBAO_PRESSES` sets the number of presses (200). With 5,000 the memory of the program and of
//! the page should stay flat: both are printed on the way. The text is never the same twice, so the
//! engine's cache cannot make a press cheaper than an editor's.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use headless_chrome::protocol::cdp::{HeapProfiler, Performance};
use headless_chrome::{Browser, Tab};
use launch::launch;

#[path = "../tests/suite/browser.rs"]
#[expect(dead_code, reason = "the tests open files too")]
mod browser;
#[path = "../tests/suite/launch.rs"]
mod launch;

mod support {
    /// Prints that there is no browser.
    pub fn skipped(why: &str) {
        eprintln!("nothing is measured: {why}");
    }
}

const PATIENCE: Duration = Duration::from_secs(60);

/// Times each press from the key's event to the frame after the page was replaced.
const STOPWATCH: &str = "
    window.presses = [];
    let pressed = 0;
    document.addEventListener('keydown', () => { pressed = performance.now(); }, true);
    new MutationObserver((changes) => {
        if (pressed === 0 || !changes.some(({ target }) => target.classList.contains('paper'))) return;
        const from = pressed;
        pressed = 0;
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => window.presses.push(performance.now() - from);
            port2.postMessage(0);
        });
    }).observe(document.querySelector('.sheets'), { subtree: true, childList: true });
";

#[expect(clippy::disallowed_methods, reason = "a benchmark is for measuring time")]
fn now() -> Instant {
    Instant::now()
}

fn main() {
    let count = std::env::var("JIANBAO_PRESSES").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    let Some(browser) = browser::browser() else { return };
    let folder = project();
    let (mut process, address) = launch(folder.path(), "studio");
    let tab = browser.new_tab().expect("a tab");
    tab.set_default_timeout(PATIENCE);
    open(&tab, &address);
    // Type in the last line of the first article: the pages after it do not change.
    for (name, field) in [("body", "body"), ("title", "title")] {
        let selector = format!(
            ".sections > .card .field[data-key={field}] :is(input:not([type=file]), textarea)"
        );
        run(
            &tab,
            &format!(
                "{{ const field = document.querySelector({selector:?}); field.focus(); field.setSelectionRange(field.value.length, field.value.length); window.start = field.value.length; window.presses = []; }}"
            ),
        );
        press(&tab, name, count, process.id());
    }
    process.kill().expect("the program ends");
    process.wait().expect("the program has ended");
    saves(&browser, count.min(200));
}

/// When each changed page was on the screen, in the machine's time.
const SCREEN_TIMES: &str = "
    window.shown = [];
    new MutationObserver((changes) => {
        if (!changes.some(({ addedNodes }) => addedNodes.length > 0)) return;
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => window.shown.push(performance.timeOrigin + performance.now());
            port2.postMessage(0);
        });
    }).observe(document.getElementById('pages'), { childList: true });
";

/// The machine's time in ms.
#[expect(clippy::disallowed_methods, reason = "a benchmark is for measuring time")]
fn clock() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock that is right");
    since.as_secs_f64() * 1e3
}

fn saves(browser: &Browser, count: usize) {
    let folder = project();
    let (mut process, address) = launch(folder.path(), "watch");
    let tab = browser.new_tab().expect("a tab");
    tab.set_default_timeout(PATIENCE);
    tab.navigate_to(&address).expect("an address");
    tab.wait_until_navigated().expect("the preview opens");
    tab.wait_for_element("#pages svg").expect("the pages");
    std::thread::sleep(Duration::from_secs(2));
    run(&tab, SCREEN_TIMES);
    let path = folder.path().join("issues/fugong/2014-16.toml");
    let seed = std::fs::read_to_string(&path).expect("the seed");
    let at = seed.find("近年来，青岛市妇联").expect("the seed has it");
    let mut times: Vec<f64> = Vec::new();
    for save in 0..count {
        let text = format!("{}第{save}次{}", &seed[..at], &seed[at..]);
        // Most editors save by writing another file and renaming it.
        let beside = path.with_extension("toml~");
        std::fs::write(&beside, text).expect("a file");
        let saved = clock();
        std::fs::rename(&beside, &path).expect("it is renamed");
        let start = now();
        while number(&tab, "window.shown.length") < 1.0 {
            assert!(start.elapsed() < PATIENCE, "save {save} changes no page");
            std::thread::sleep(Duration::from_millis(5));
        }
        // Wait for all pages of a save, and for the findings that follow them.
        std::thread::sleep(Duration::from_millis(150));
        times.push(number(&tab, "window.shown.splice(0).at(-1)") - saved);
    }
    times.sort_by(f64::total_cmp);
    let share = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "watch  {count:5} saves    median {:6.1} ms  95 % {:6.1} ms  longest {:6.1} ms",
        share(0.5),
        share(0.95),
        share(1.0)
    );
    process.kill().expect("the program ends");
    process.wait().expect("the program has ended");
}

fn press(tab: &Arc<Tab>, name: &str, count: usize, program: u32) {
    for at in 0..count {
        if at > 0 && at % 25 == 0 {
            // Select the typed text: the next press replaces it, so that the issue does not grow.
            run(
                tab,
                "{ const field = document.activeElement; field.setSelectionRange(window.start, field.value.length); }",
            );
        }
        let letter = [at / 25 % 26, at % 25][at % 2] + 7 * (at / 650);
        let letter = char::from(b'a' + u8::try_from(letter % 26).expect("a letter"));
        tab.press_key(&letter.to_string()).expect("a key");
        let start = now();
        while number(tab, "window.presses.length") <= at as f64 {
            assert!(start.elapsed() < PATIENCE, "press {at} changes no page");
            std::thread::sleep(Duration::from_millis(2));
        }
        // Editors do not type faster than this.
        std::thread::sleep(Duration::from_millis(60));
        if count >= 1000 && (at + 1) % 500 == 0 {
            memory(tab, at + 1, program);
        }
    }
    run(tab, "window.presses.sort((a, b) => a - b)");
    let share = |share: f64| {
        number(tab, &format!("window.presses[Math.floor(window.presses.length * {share})]"))
    };
    println!(
        "{name:6} {count:5} presses  median {:6.1} ms  95 % {:6.1} ms  longest {:6.1} ms",
        share(0.5),
        share(0.95),
        share(0.9999)
    );
}

/// Prints the memory of the program and of the page, after a garbage collection in the page.
fn memory(tab: &Arc<Tab>, presses: usize, program: u32) {
    tab.call_method(HeapProfiler::CollectGarbage(None)).expect("a collection");
    let metrics = tab.call_method(Performance::GetMetrics(None)).expect("metrics").metrics;
    let metric = |name: &str| {
        metrics.iter().find(|metric| metric.name == name).map_or(0.0, |metric| metric.value)
    };
    let status = std::fs::read_to_string(format!("/proc/{program}/status")).unwrap_or_default();
    let resident =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("?").trim();
    println!(
        "       {presses:5} presses  program {resident}  page {:.1} MB in {} nodes",
        metric("JSHeapUsedSize") / 1e6,
        metric("Nodes")
    );
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let issues = folder.path().join("issues/fugong");
    std::fs::create_dir_all(&issues).expect("a folder");
    for name in ["publication.toml", "2014-16.toml"] {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("issues/fugong").join(name);
        std::fs::copy(sample, issues.join(name)).expect("a sample");
    }
    folder
}

fn open(tab: &Arc<Tab>, address: &str) {
    tab.navigate_to(address).expect("an address");
    tab.wait_until_navigated().expect("the studio opens");
    tab.call_method(Performance::Enable { time_domain: None }).expect("metrics");
    run(tab, "location.hash = '#/issue/fugong/2014-16'");
    tab.wait_for_element(".paper svg").expect("the pages");
    tab.wait_for_element(".sections .card").expect("the form");
    // Findings and thumbnails come after the pages.
    std::thread::sleep(Duration::from_secs(5));
    run(tab, STOPWATCH);
}

fn run(tab: &Arc<Tab>, script: &str) {
    tab.evaluate(script, false).unwrap_or_else(|error| panic!("{script}: {error}"));
}

fn number(tab: &Arc<Tab>, script: &str) -> f64 {
    let object = tab.evaluate(script, false).unwrap_or_else(|error| panic!("{script}: {error}"));
    object.value.and_then(|value| value.as_f64()).unwrap_or(f64::NAN)
}
