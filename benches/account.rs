//! The account of the pages as a part of typesetting, in time of one thread.
//!
//! `cargo bench --bench account`: 200 issues of 6 pages, the samples, and one issue of 1 MB, each
//! typeset cold. `-- --issues 20`: fewer.

#[path = "shared/archive.rs"]
mod archive;

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use jianbao::page::account;
use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::Project;

/// The account may take so much of typesetting, in percent.
const MOST: f64 = 2.0;
/// An issue is read so often; the shortest time counts.
const ROUNDS: usize = 3;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = args.iter().position(|arg| arg == "--issues").and_then(|at| args.get(at + 1));
    let issues: usize = number.and_then(|number| number.parse().ok()).unwrap_or(200);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (many, large) = (folder.path().join("many"), folder.path().join("large"));
    archive::generate(&many, issues);
    one_large(&large);
    println!("account of typesetting (at most {MOST} %)");
    measure("issues of 6 pages", &many);
    measure("samples", Path::new(env!("CARGO_MANIFEST_DIR")));
    measure("one issue of 900 KB", &large);
}

/// Writes an issue almost as long as an issue may be, half of it in cells.
fn one_large(root: &Path) {
    let folder = root.join("issues/p");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("publication.toml"), "name = '工作简报'\nissuer = '某某办公室'\n")
        .expect("a publication");
    let mut toml = String::from("number = 1\ndate = 2026-01-05\n");
    for article in 0..20 {
        write!(toml, "[[articles]]\ntitle = '第{article}篇工作情况'\nbody = '''\n")
            .expect("a text");
        for line in 0..90 {
            let text = "各县市区认真落实，推动工作取得新的成效，".repeat(4);
            writeln!(toml, "第{article}篇第{line}段：{text}").expect("a text");
        }
        toml.push_str("|+ 进度\n| 单位 | 数 |\n|---|---|\n");
        for row in 0..100 {
            writeln!(toml, "| 某某县 | {row} |").expect("a text");
        }
        toml.push_str("'''\n");
    }
    std::fs::write(folder.join("2026-1.toml"), toml).expect("an issue");
}

fn measure(what: &str, root: &Path) {
    let project = Project::find(root).expect("a project");
    let session = Session::open(project, &FontPaths::default()).expect("a session");
    let (mut all, mut own, mut pages) = (Duration::ZERO, Duration::ZERO, 0);
    for at in session.project.issues(&[]).expect("issues") {
        let start = now();
        let typeset = session.typeset(&at).value.expect("an issue without errors");
        all += start.elapsed();
        pages += typeset.document.pages().len();
        let publication = session.publication(&at.publication).value.expect("a publication");
        let text = std::fs::read_to_string(&at.path).expect("an issue");
        let file = jianbao::diag::SourceFile { name: at.name(), text };
        let file = std::sync::Arc::new(file);
        let round = || {
            let start = now();
            let found =
                account::findings(&typeset.document, &typeset.manuscript, &file, &publication);
            assert!(found.is_empty(), "{found:?}");
            start.elapsed()
        };
        own += (0..ROUNDS).map(|_| round()).min().unwrap_or_default();
    }
    let share = own.as_secs_f64() / all.as_secs_f64() * 100.0;
    let verdict = if share <= MOST { "" } else { "  TOO MUCH" };
    let (all, own) = (all.as_secs_f64() * 1e3, own.as_secs_f64() * 1e3);
    println!("{what:<24}{pages:>6} pages{all:>10.1} ms{own:>9.2} ms{share:>8.2} %{verdict}");
}

#[expect(clippy::disallowed_methods, reason = "this is about time")]
fn now() -> Instant {
    Instant::now()
}
