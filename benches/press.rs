//! The seed → time and bytes of 500 numbered copies compared with one, without writing files.
//!
//! `JIANBAO_COPIES` sets the number of copies. Both are made alternately in one run; the shortest
//! time of each counts.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jianbao::pipeline::Session;
use jianbao::press::ink::Colours;
use jianbao::press::{Copies, Job, Parts, copies};
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::{IssuePath, Project};

const ROUNDS: usize = 5;

/// The seed in a project of its own, with a single unit in its imprint so that one copy is allowed.
fn project(print_run: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("issues/fugong");
    let issues = folder.path().join("issues/fugong");
    std::fs::create_dir_all(&issues).expect("a folder");
    let publication = std::fs::read_to_string(sample.join("publication.toml")).expect("the sample");
    let (head, _) = publication.split_once("[imprint]").expect("an imprint");
    let imprint = format!("[imprint]\nreport_to = [\"某单位\"]\nprint_run = {print_run}\n");
    std::fs::write(issues.join("publication.toml"), format!("{head}{imprint}")).expect("a file");
    std::fs::copy(sample.join("2014-16.toml"), issues.join("2014-16.toml")).expect("the seed");
    folder
}

#[expect(clippy::disallowed_methods, reason = "a benchmark is for measuring time")]
fn made(count: usize, code: bool) -> (Duration, usize) {
    let folder = project(count);
    let list = format!("单位,份数\n某单位,{count}\n").into_bytes();
    let list = Arc::new(copies::read("copies.csv", list).value.expect("a list"));
    let copies = Copies { list, first_number: 1, watermark: code, code, apart: false };
    let job =
        Job { colours: Colours::Spot, parts: Parts::Whole, imposition: None, copies: Some(copies) };
    // Empty Typst's cache, so that each run begins with nothing.
    comemo::evict(0);
    let start = Instant::now();
    let project = Project::find(folder.path()).expect("a project");
    let session = Session::open(project, &FontPaths::default()).expect("a session");
    let issue: IssuePath = session.project.issues(&[]).expect("the seed").remove(0);
    let pressed = session.press(&issue, &job);
    let took = start.elapsed();
    let pressed = pressed.value.expect("the copies");
    (took, pressed.files.iter().map(|file| file.bytes.len()).sum())
}

fn main() {
    let count = std::env::var("JIANBAO_COPIES").ok().and_then(|n| n.parse().ok()).unwrap_or(500);
    for (what, code) in [("numbered", false), ("numbered, with code and watermark", true)] {
        let (mut one, mut many) = (Duration::MAX, Duration::MAX);
        let (mut one_bytes, mut many_bytes) = (0, 0);
        for _ in 0..ROUNDS {
            let (took, bytes) = made(1, code);
            (one, one_bytes) = (one.min(took), bytes);
            let (took, bytes) = made(count, code);
            (many, many_bytes) = (many.min(took), bytes);
        }
        let allowed = 2 * one_bytes + 1024 * count;
        println!("{what}: 1 copy {:.3} s, {one_bytes} bytes", one.as_secs_f64());
        println!("  {count} copies {:.3} s, {many_bytes} bytes", many.as_secs_f64());
        println!("  time: {:.2} times one copy", many.as_secs_f64() / one.as_secs_f64());
        println!(
            "  bytes: {:.2} of 2 times one copy and 1 KiB a copy",
            many_bytes as f64 / allowed as f64
        );
    }
}
