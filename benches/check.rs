//! A thousand issues → the time of `check` as a ratio to building them, which should be below a
//! tenth.
//!
//! `JIANBAO_ISSUES` sets the number of issues. Both read the same files in one run, one after the
//! other.

use std::path::Path;
use std::time::{Duration, Instant};

use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::{IssuePath, Project};

/// Makes `count` issues of the seed's size, each with words of its own: fifty a year.
fn project(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("issues/fugong");
    let issues = folder.path().join("issues/fugong");
    std::fs::create_dir_all(&issues).expect("a folder");
    std::fs::copy(sample.join("publication.toml"), issues.join("publication.toml"))
        .expect("the sample's publication");
    let seed = std::fs::read_to_string(sample.join("2014-16.toml")).expect("the sample");
    for serial in 1..=count {
        let (year, number) = (1990 + (serial - 1) / 50, (serial - 1) % 50 + 1);
        let (month, day) = (1 + number / 5, 1 + number % 5 * 5);
        let text = seed
            .replace(
                "number = 16\nserial_number = 312\n",
                &format!("number = {number}\nserial_number = {serial}\n"),
            )
            .replace("2014-08-20", &format!("{year}-{month:02}-{day:02}"))
            // Typst caches layouts: no two issues may have a paragraph in common.
            .replace("妇联", &format!("妇联{serial}组"));
        std::fs::write(issues.join(format!("{year}-{number}.toml")), text).expect("an issue");
    }
    folder
}

#[expect(clippy::disallowed_methods, reason = "a benchmark is for measuring time")]
fn timed(
    folder: &Path,
    name: &str,
    work: impl Fn(&Session, &IssuePath) -> usize,
) -> (Duration, usize) {
    let start = Instant::now();
    let project = Project::find(folder).expect("a project");
    let session = Session::open(project, &FontPaths::default()).expect("a session");
    let issues = session.project.issues(&[]).expect("the issues");
    let found = issues.iter().map(|issue| work(&session, issue)).sum();
    let took = start.elapsed();
    println!("{name:6} {:6} issues  {:8.2} s  {found} findings", issues.len(), took.as_secs_f64());
    (took, found)
}

fn main() {
    let count = std::env::var("JIANBAO_ISSUES").ok().and_then(|n| n.parse().ok()).unwrap_or(1000);
    let folder = project(count);
    let (check, _) = timed(folder.path(), "check", |session, issue| {
        let checked = session.check(issue);
        assert!(checked.value.is_some(), "{}: {:?}", issue.stem, checked.diagnostics);
        checked.diagnostics.len()
    });
    let (build, _) = timed(folder.path(), "build", |session, issue| {
        let pdf = session.typeset(issue).then(|typeset| typeset.pdf());
        assert!(pdf.value.is_some(), "{}: {:?}", issue.stem, pdf.diagnostics);
        pdf.diagnostics.len()
    });
    let ratio = check.as_secs_f64() / build.as_secs_f64();
    println!("check / build = {ratio:.4}");
}
