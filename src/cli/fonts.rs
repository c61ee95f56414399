//! `fonts`: which faces play which roles, and what they cover.

use jianbao::diag::SourceFile;
use jianbao::publication::fonts::{Face, FontChoice, FontLibrary, Origin};

use super::Exit;
use super::args::Common;
use super::report::Report;

/// Lists the default roles, then every further face that a publication may name.
pub fn fonts(common: &Common, report: &mut Report) -> Exit {
    let library = match FontLibrary::open(&common.font_paths()) {
        Ok(library) => library,
        Err(error) => {
            report.fault("path-unreadable", &error.path, &error.error);
            return Exit::CannotRun;
        }
    };
    let nothing = std::sync::Arc::new(SourceFile { name: String::new(), text: String::new() });
    let set = library.cast(&FontChoice::default(), &nothing).value;
    let set = set.expect("the open set plays every role");
    let head = ["fonts-role", "fonts-face", "fonts-origin", "fonts-coverage"];
    let head = head.map(|id| report.word(id));
    let mut rows = vec![head.join(" | ")];
    for (role, face) in &set.roles {
        rows.push(row(&format!("{} {}", role.name(), role.chinese()), face, report));
    }
    for face in library.faces.iter().filter(|face| matches!(face.origin, Origin::File(_))) {
        rows.push(row("-", face, report));
    }
    report.print(&format!("{}\n", rows.join("\n")));
    Exit::Done
}

fn row(role: &str, face: &Face, report: &Report) -> String {
    let origin = match &face.origin {
        Origin::BuiltIn(file) => format!("{} ({file})", report.word("fonts-built-in")),
        Origin::File(path) => path.display().to_string(),
    };
    let han = face.info.coverage.iter().filter(|c| (0x4e00..=0x9fff).contains(c)).count();
    let names = face.names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    format!("{role} | {names} | {origin} | {han}")
}
