//! 1,000 text files → the time to import them, as a ratio to building a tenth of them.

use std::time::Instant;

use jianbao::import::importer::{Importer, Options, Step};
use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::Project;

const IMPORTS: u32 = 1_000;

#[expect(clippy::disallowed_methods, reason = "a bench is a clock")]
fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(path("issues/fugong")).expect("a folder");
    let own = std::fs::read(format!("{root}issues/fugong/publication.toml")).expect("a sample");
    std::fs::write(path("issues/fugong/publication.toml"), own).expect("a file");
    let seed =
        std::fs::read_to_string(format!("{root}tests/seed/back-issue.txt")).expect("the seed");
    let files: Vec<_> = (1..=IMPORTS).map(|n| path(&format!("2014-{n}.txt"))).collect();
    for (n, file) in files.iter().enumerate() {
        std::fs::write(file, format!("第{}期\n2014年8月20日\n{seed}", n + 1)).expect("a file");
    }
    let project = Project::find(folder.path()).expect("a project");
    let start = Instant::now();
    let mut importer = Importer::new(&project, Options::default()).expect("an importer");
    for file in &files {
        let step = importer.import(file, &file.to_string_lossy());
        assert!(matches!(step, Step::Done(done) if done.issue.is_some() && done.error.is_none()));
    }
    importer.commit(0).expect("the issues are written");
    let imports = start.elapsed();
    let session = Session::open(project, &FontPaths::default()).expect("a session");
    let issues = session.project.issues(&[]).expect("the issues");
    let start = Instant::now();
    for issue in &issues[..(IMPORTS / 10) as usize] {
        let pdf = session.typeset(issue).then(|typeset| typeset.pdf());
        let pdf = pdf.value.expect("the issue builds");
        pdf.write_in(&path("out"), &issue.pdf(&path("out"))).expect("a PDF is written");
    }
    let builds = start.elapsed();
    println!("{IMPORTS} imports: {imports:.2?}; {} builds: {builds:.2?}", IMPORTS / 10);
    println!("imports / builds = {:.3}", imports.as_secs_f64() / builds.as_secs_f64());
}
