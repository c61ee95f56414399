//! `layout freeze`: the files of a layout as they are now → a version that issues can pin.

use std::path::Path;

use jianbao::publication::layout::{FOLDER, Layouts};
use jianbao::source::files;
use jianbao::source::project::Project;

use super::report::Report;
use super::{Exit, project_error, unwritable};

/// Copies every file that the layout may read; an existing version is left as it is.
pub fn freeze(name: &str, project: &Path, report: &mut Report) -> Exit {
    let project = match Project::find(project) {
        Ok(project) => project,
        Err(error) => return project_error(&error, report),
    };
    let folder = project.root.join(FOLDER);
    let layouts = match Layouts::open(&project.root) {
        Ok(layouts) => layouts,
        Err(error) => {
            report.fault("path-unreadable", &error.path, &error.error);
            return Exit::CannotRun;
        }
    };
    let layout = layouts.by_name(name);
    report.diagnostics(&layout.diagnostics);
    let Some(layout) = layout.value else {
        let known = layouts.names().join(", ");
        report.fail("layout-not-there", &[("layout", name.into()), ("known", known)]);
        return Exit::CannotRun;
    };
    let main = format!("{name}/main.typ");
    if !layout.files.contains_key(&main) {
        report.fail("layout-without-main", &[("path", format!("layouts/{main}"))]);
        return Exit::CannotRun;
    }
    let version = format!("{name}@{}", layout.manifest.version);
    let target = folder.join(&version);
    let shown = project.shown(&target);
    if target.exists() {
        report.fail("exists-already", &[("path", shown)]);
        return Exit::CannotRun;
    }
    // Copy to a temporary folder and rename it, so that nobody can pin half a layout.
    let unfinished = folder.join(format!(".{version}"));
    std::fs::remove_dir_all(&unfinished).ok();
    for (path, bytes) in layout.files.iter() {
        if let Err(error) = files::write_in(&project.root, &unfinished.join(path), bytes) {
            std::fs::remove_dir_all(&unfinished).ok();
            return unwritable(&error, report);
        }
    }
    if let Err(error) = std::fs::rename(&unfinished, &target) {
        return unwritable(&files::FileError::new(&target, error), report);
    }
    let version = layout.manifest.version.clone();
    report.say("frozen", &[("path", shown), ("version", version)]);
    Exit::Done
}
