//! Pairs of PDFs → the time to compare changed pages, and whether unchanged pages are skipped.
//!
//! `cargo bench --bench compare`: 1,000 pages. `-- --pages 100`: fewer. One core is measured: it
//! reads both PDFs, draws each page twice at 100 dpi, and names the differences.

#[path = "shared/archive.rs"]
mod archive;

use std::path::Path;
use std::time::Instant;

use jianbao::compare::{Comparison, Reference, compare};
use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::publication::tolerance::Settings;
use jianbao::source::project::Project;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = args.iter().position(|arg| arg == "--pages").and_then(|at| args.get(at + 1));
    let pages: usize = number.and_then(|number| number.parse().ok()).unwrap_or(1000);
    let folder = tempfile::tempdir().expect("a temporary folder");
    archive::generate(folder.path(), pages.div_ceil(5));
    let before = built(folder.path(), pages);
    change(folder.path());
    let now = built(folder.path(), pages);
    let count: usize = before.iter().map(|(pages, _)| pages).sum();

    let unchanged = |looked: &mut Looked, (_, pdf): &(usize, Vec<u8>)| {
        // A PDF with other bytes and the same drawing: only reading the drawing shows that.
        let other = [pdf.as_slice(), b"\n"].concat();
        looked.add(of(pdf.clone(), other));
    };
    let mut looked = Looked::default();
    let begun = clock();
    before.iter().for_each(|pair| unchanged(&mut looked, pair));
    let time = begun.elapsed().as_secs_f64();
    println!("{:<58}{:>8}", "unchanged pages", looked.pages);
    println!("{:<58}{:>8}", "  false alarms (none)", looked.alarms);
    println!("{:<58}{:>8}", "  drawn (none)", looked.rendered);
    println!("{:<58}{:>8.1}", "  pages a second", looked.pages as f64 / time);

    // Reset the memory peak: building the archives took more memory than comparing takes.
    std::fs::write("/proc/self/clear_refs", "5").ok();
    let low = peak();
    let mut looked = Looked::default();
    let (begun, busy) = (clock(), on_core());
    for ((_, before), (_, now)) in before.iter().zip(&now) {
        looked.add(of(before.clone(), now.clone()));
    }
    let time = begun.elapsed().as_secs_f64();
    let used = busy.zip(on_core()).map_or(time, |(before, after)| after - before);
    println!("{:<58}{:>8}", "changed pages", looked.alarms);
    println!("{:<58}{:>8}", "  of", count);
    let rate = |seconds: f64| looked.pages as f64 / seconds;
    println!("{:<58}{:>8.1}", "  pages a second of a core (at least 40)", rate(used));
    println!("{:<58}{:>8.1}", "  pages a second by the clock", rate(time));
    if let (Some(low), Some(high)) = (low, peak()) {
        println!("{:<58}{:>8}", "  memory at most, MB more than before", (high - low) / 1024);
    }
}

fn of(before: Vec<u8>, now: Vec<u8>) -> Comparison {
    let mut show = |_, _, _: &_| {};
    compare(Reference::Pdf(before), now, &Settings::default(), &mut show).expect("two PDFs")
}

#[derive(Default)]
struct Looked {
    pages: usize,
    alarms: usize,
    rendered: usize,
}

impl Looked {
    fn add(&mut self, comparison: Comparison) {
        self.pages += comparison.pairs.len();
        self.alarms += comparison.pairs.iter().filter(|pair| pair.differs).count();
        self.rendered += comparison.rendered;
    }
}

/// The PDFs of an archive with their page counts, until they have `pages` pages.
fn built(root: &Path, pages: usize) -> Vec<(usize, Vec<u8>)> {
    let project = Project::find(root).expect("the archive");
    let session = Session::open(project, &FontPaths::default()).expect("a session");
    let issues = session.project.issues(&[]).expect("issues");
    let (mut pdfs, mut count) = (Vec::new(), 0);
    for issue in issues {
        if count >= pages {
            break;
        }
        let pdf = session.typeset(&issue).then(|typeset| typeset.pdf());
        let pdf = pdf.value.expect("it is set");
        count += pdf.pages;
        pdfs.push((pdf.pages, pdf.bytes));
    }
    pdfs
}

/// Changes a character that is on every page, without changing the length of a line.
fn change(root: &Path) {
    let folder = root.join("issues/p");
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("an issue");
        std::fs::write(entry.path(), text.replace('的', "地")).expect("an issue");
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench is about time")]
fn clock() -> Instant {
    Instant::now()
}

/// The time that this thread ran on a core, in seconds, so that other programs do not count.
fn on_core() -> Option<f64> {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    times.split_whitespace().next()?.parse::<f64>().ok().map(|nanoseconds| nanoseconds / 1e9)
}

/// The most memory that this process had, in kB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
