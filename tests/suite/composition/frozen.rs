//! Issues that pin a version of their layout look as they did when that version was frozen.

use std::path::Path;

use crate::support::{TempProject, root};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to),
            false => std::fs::copy(entry.path(), to).map(drop).expect("a file"),
        }
    }
}

/// The layouts of `tests/frozen` are those of the version 1.0.0, and its pictures the pages that
/// the program made with them then.
#[test]
fn old_layouts_look_as_they_did() {
    let project = TempProject::new();
    std::fs::remove_dir_all(project.path("issues")).expect("issues");
    copy(&root().join("tests/frozen"), project.folder.path());
    let run = project.run(&["compare"]);
    run.exit(0);
    let said = run.stdout() + &run.stderr();
    assert!(said.contains("same: 5, different: 0"), "{said}");
}
