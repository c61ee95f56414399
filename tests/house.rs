//! Sources as text → faults in the shape of the source tree: folders are floors, and imports point
//! down. No outside tool is needed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The folders of `src/` from the ground up. A folder may use those before it, never one after it,
/// so that no circle can run through two folders. ARCHITECTURE.md says what each is for.
const FLOORS: [&str; 14] = [
    "diag",
    "source",
    "issue",
    "publication",
    "check",
    "typeset",
    "page",
    "compare",
    "press",
    "pipeline",
    "import",
    "archive",
    "serve",
    "cli",
];

/// The most entries of `src/`: as many as a person takes in at a look.
const ENTRIES: usize = 16;

/// The most lines of a file of Rust or TypeScript.
const LINES: usize = 700;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder with one of these endings, in a fixed order.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() && !entry.ends_with("node_modules") {
            found.extend(files(&entry, endings));
        } else if endings.iter().any(|ending| entry.to_string_lossy().ends_with(ending)) {
            found.push(entry);
        }
    }
    found
}

/// A line without its comment. A `//` within a string cuts the rest of the line too, which is
/// harmless because no import follows a string.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// The first names after `from::` in a text of Rust: of `crate::read`, of `crate::{a::B, c}`, over
/// several lines too.
fn first_names(text: &str, from: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut names = Vec::new();
    for (at, _) in text.match_indices(&format!("{from}::")) {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &text[at + from.len() + 2..];
        let Some(group) = rest.strip_prefix('{') else {
            names.push(word(rest));
            continue;
        };
        let (mut depth, mut begins) = (1, true);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => begins = true,
                c if begins && depth == 1 && !c.is_whitespace() => {
                    names.push(word(&group[at..]));
                    begins = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

/// The folders that a file of `src/` uses: by `crate::` and `jianbao::`, and by as many `super::`
/// as lead out of its own folder. Unit tests do not count: they may start at the top.
fn uses(file: &Path, text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let text: String = text.lines().flat_map(|line| [code(line), "\n"]).collect();
    let mut names = first_names(&text, "crate");
    names.extend(first_names(&text, "jianbao"));
    let inside = file.strip_prefix(root().join("src")).expect("a file of src");
    let depth = inside.components().count() - usize::from(file.ends_with("mod.rs"));
    // Within an inline module one more `super` is needed to leave the folder; no inline module
    // does so.
    let out = vec!["super"; depth].join("::");
    names.extend(first_names(&text, &out).into_iter().filter(|_| depth > 0));
    names
}

#[test]
fn imports_point_down() {
    let floor = |name: &str| FLOORS.iter().position(|floor| *floor == name);
    let source = root().join("src");
    let mut up = Vec::new();
    let mut arrows: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files(&source, &[".rs"]) {
        let inside = file.strip_prefix(&source).expect("a file of src");
        let Some(folder) = inside.parent().and_then(|folder| folder.iter().next()) else {
            // lib.rs and main.rs name every folder.
            continue;
        };
        let folder = folder.to_str().expect("a plain name");
        let own = floor(folder).unwrap_or_else(|| panic!("src/{folder} has no floor in FLOORS"));
        let text = std::fs::read_to_string(&file).expect("a source file");
        for used in uses(&file, &text) {
            let Some(at) = floor(&used) else { continue };
            if at > own {
                up.push(format!("{} uses {used}, which stands above {folder}", inside.display()));
            } else if at < own {
                *arrows.entry(FLOORS[own]).or_default() += 1;
            }
        }
    }
    assert!(up.is_empty(), "imports that point up:\n{}", up.join("\n"));
    // Test the import reader itself: every floor but the lowest imports another.
    for folder in &FLOORS[1..] {
        assert!(arrows.contains_key(folder), "no import was read in src/{folder}");
    }
}

#[test]
fn imports_are_read_as_rust_writes_them() {
    let text = "use crate::read;\nuse crate::{\n    diag::{Code, Span},\n    source,\n};\nlet x = crate::page::read(xcrate::no);";
    assert_eq!(first_names(text, "crate"), ["read", "diag", "source", "page"]);
    let file = root().join("src/press/copies.rs");
    assert_eq!(uses(&file, "use super::super::page::Ink; use super::job;"), ["page"]);
    let file = root().join("src/press/mod.rs");
    assert_eq!(uses(&file, "use super::page::Ink; // super::serve"), ["page"]);
}

#[test]
fn a_person_takes_the_tree_in_at_a_look() {
    let entries = std::fs::read_dir(root().join("src")).expect("src").count();
    assert!(entries <= ENTRIES, "src/ has {entries} entries, more than {ENTRIES}");
}

#[test]
fn every_folder_says_what_goes_in_and_what_comes_out() {
    for floor in FLOORS {
        let file = root().join("src").join(floor).join("mod.rs");
        let text = std::fs::read_to_string(&file).expect("a folder has a mod.rs");
        assert!(text.starts_with("//! "), "src/{floor}/mod.rs has no comment at its top");
    }
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut long = Vec::new();
    for folder in ["src", "tests", "benches", "examples"] {
        for file in files(&root().join(folder), &[".rs", ".ts"]) {
            let lines = std::fs::read_to_string(&file).expect("a source file").lines().count();
            if lines > LINES {
                long.push(format!("{}: {lines} lines", file.display()));
            }
        }
    }
    assert!(long.is_empty(), "files of more than {LINES} lines:\n{}", long.join("\n"));
}

/// What opens a file by its name, in std.
const DOORS: [&str; 8] = [
    "fs::read(",
    "read_to_string(",
    "fs::write(",
    "fs::copy(",
    "File::open",
    "File::create",
    "OpenOptions",
    "NamedTempFile",
];

/// The lines of a file of `src/` that open files by themselves. Unit tests may.
fn own_doors(text: &str) -> Vec<(usize, &str)> {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let opens = |(_, line): &(usize, &str)| DOORS.iter().any(|door| code(line).contains(door));
    text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(opens).collect()
}

#[test]
fn files_are_read_and_written_in_one_way() {
    let source = root().join("src");
    let mut own = Vec::new();
    for file in files(&source, &[".rs"]) {
        let inside = file.strip_prefix(&source).expect("a file of src");
        let text = std::fs::read_to_string(&file).expect("a source file");
        let found = own_doors(&text);
        if inside.starts_with("source/files") {
            continue;
        }
        own.extend(found.iter().map(|(at, line)| format!("{}:{at}: {line}", inside.display())));
    }
    assert!(own.is_empty(), "use source::files instead:\n{}", own.join("\n"));
    // Test the search itself.
    let text =
        "let a = std::fs::read(path);\n// fs::read(\n#[cfg(test)]\nmod tests { File::open(path) }";
    assert_eq!(own_doors(text).len(), 1);
}
