//! Malformed inputs in `tests/malformed/` → a finding with a place, within time and memory limits;
//! the file stays as it is. `UPDATE=1` generates the inputs anew from `WHOLE`, with a fixed seed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

use fastrand::Rng;
use jianbao::diag::{Diagnostic, Severity};
use jianbao::issue::raw::RawIssue;
use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::Project;
use jianbao::source::read;

use crate::support::{PUBLICATION, TempProject, pdf, root};

const COUNT: usize = 300;

fn folder() -> PathBuf {
    root().join("tests/malformed")
}

/// A small issue that uses every part of the format; the malformed inputs are made from it.
const WHOLE: &str = r#"number = 3
serial_number = 88
date = 2026-02-02
label = "专刊"
copy_number = 12
urgency = "特急"
editors_note = '''
编者按。
'''

[classification]
level = "秘密"
period = "1年"

[[sections]]
name = "工作动态"

[[sections.articles]]
title = "标题|两行"
subtitle = "副标题"
source = "办公室"
authors = ["张某某", "李某某"]
body = '''
**导语。**正文一段^[注释]。
- 一项；
|+ 表1
| 甲 | 乙 |
|---|--:|
| 丙 | 12 |
'''

[[sections.articles.attachments]]
title = "附件"
body = "附件正文。"

[imprint]
report_to = ["上级单位"]
print_run = 150
"#;

/// A random change to the issue that probably breaks it.
fn broken(rng: &mut Rng) -> Vec<u8> {
    let lines: Vec<&str> = WHOLE.lines().collect();
    let keyed: Vec<usize> = (0..lines.len()).filter(|&n| lines[n].contains(" = ")).collect();
    let at = keyed[rng.usize(..keyed.len())];
    let (key, value) = lines[at].split_once(" = ").expect("a key and its value");
    let put = |line: String| {
        let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        lines[at] = line;
        lines.join("\n").into_bytes()
    };
    match rng.u8(..24) {
        0 => put(format!("{key} = = {value}")),
        1 => put(format!("{key}x = {value}")),
        2 => put(format!("{key} {value}")),
        3 => put(format!("{key} = ")),
        4 => put(format!("{key} = {value}\n{key} = {value}")),
        5 => put(format!("{key} = [{value}")),
        6 => put(format!("{key} = {{ a = 1, a = 2 }}")),
        7 => put(format!("{key} = 2026-02-30")),
        8 => put(format!("{key} = {}", rng.i64(..))),
        9 => put(format!("{key} = \"\\q{value}\"")),
        10 => put(format!("{key} = 0x")),
        11 => put(format!("{key} = {}", "[".repeat(rng.usize(1..400)))),
        12 => put(format!("{}{key} = 1", "a.".repeat(rng.usize(1..300)))),
        13 => put(format!("[[{key}]]\n[{key}")),
        14 => put(format!("{key} = \"\u{7f}\u{1}\"")),
        15 => put(format!("{key} = 1e{}", rng.u16(..))),
        // Cut at any byte, even within a character.
        16 | 17 => {
            let bytes = WHOLE.as_bytes();
            bytes[..rng.usize(40..bytes.len() - 20)].to_vec()
        }
        18 => encoding_rs::GB18030.encode(WHOLE).0.into_owned(),
        19 => {
            let mut bytes = WHOLE.as_bytes().to_vec();
            for _ in 0..rng.usize(1..6) {
                let at = rng.usize(..bytes.len());
                bytes[at] = rng.u8(0x80..);
            }
            bytes
        }
        20 => {
            let mut bytes = WHOLE.as_bytes().to_vec();
            let at = rng.usize(..bytes.len());
            bytes.insert(at, 0);
            bytes
        }
        21 => {
            let (a, b) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
            let mut lines = lines.clone();
            lines.swap(a, b);
            lines.join("\n").into_bytes()
        }
        22 => (0..rng.usize(1..200)).map(|_| rng.u8(..)).collect(),
        _ => {
            let noise =
                ["'''", "\"\"\"", "[[", "]]", "{", "}", "\\", "=", "#", "|", "![](", "\u{e000}"];
            let mut text = WHOLE.to_string();
            for _ in 0..rng.usize(1..4) {
                let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
                text.insert_str(places[rng.usize(..places.len())], noise[rng.usize(..noise.len())]);
            }
            text.into_bytes()
        }
    }
}

/// A project with one issue.
fn project(bytes: &[u8]) -> TempProject {
    let project = TempProject::new();
    std::fs::remove_file(project.path("issues/p/2026-1.toml")).expect("the issue");
    project.file("issues/p/2026-3.toml", bytes);
    project
}

fn found(project: &TempProject) -> (bool, Vec<Diagnostic>) {
    let at = Project::find(project.folder.path()).expect("a project");
    let session = Session::open(at, &FontPaths::default()).expect("a session");
    let issues = session.project.issues(&[]).expect("the issue");
    let pdf = pdf(&session, &issues[0]);
    (pdf.value.is_some(), pdf.diagnostics)
}

fn is_refused(bytes: &[u8]) -> bool {
    let read = read::decode("f", bytes.to_vec()).value;
    read.is_none_or(|file| read::read::<RawIssue>(&file).value.is_none())
}

fn make_anew() {
    std::fs::create_dir_all(folder()).expect("a folder");
    for entry in std::fs::read_dir(folder()).expect("the folder") {
        std::fs::remove_file(entry.expect("an entry").path()).expect("an old one");
    }
    let mut rng = Rng::with_seed(2014);
    let mut kept = BTreeSet::new();
    while kept.len() < COUNT {
        let bytes = broken(&mut rng);
        // Keep only inputs that no longer parse as an issue.
        if is_refused(&bytes) && kept.insert(bytes.clone()) {
            let name = format!("{:03}.toml", kept.len());
            std::fs::write(folder().join(name), bytes).expect("a malformed issue");
        }
    }
}

fn inputs() -> Vec<(String, Vec<u8>)> {
    let mut inputs: Vec<_> = std::fs::read_dir(folder())
        .expect("the malformed inputs are kept")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(&path).expect("an input"))
        })
        .collect();
    inputs.sort();
    inputs
}

#[test]
fn every_malformed_input_ends_in_a_finding_with_a_place() {
    if std::env::var_os("UPDATE").is_some() {
        make_anew();
    }
    let inputs = inputs();
    assert!(inputs.len() >= COUNT);
    for (name, bytes) in inputs {
        let (sender, receiver) = channel();
        let content = bytes.clone();
        let work = std::thread::spawn(move || {
            let project = project(&content);
            let found = found(&project);
            let now = std::fs::read(project.path("issues/p/2026-3.toml")).expect("the input");
            sender.send((found, now)).ok();
        });
        let answer = receiver.recv_timeout(Duration::from_secs(5));
        let ((built, found), now) = answer.unwrap_or_else(|error| match work.join() {
            Err(_) => panic!("{name} panics"),
            Ok(()) => panic!("{name}: {error}"),
        });
        assert!(!built && now == bytes, "{name}");
        let errors = found.iter().filter(|d| d.severity == Severity::Error);
        let mut places = errors.map(|d| d.span.as_ref().expect("a place"));
        let first = places.next().unwrap_or_else(|| panic!("{name} has no error"));
        assert_eq!(first.file.name, "issues/p/2026-3.toml", "{name}");
        for span in found.iter().filter_map(|d| d.span.as_ref()) {
            let (line, column) = span.line_column();
            assert!(line >= 1 && column >= 1 && span.length() <= span.file.text.len(), "{name}");
        }
    }
}

/// All of them in one project, built by one program with a gigabyte.
#[cfg(target_os = "linux")]
#[test]
fn all_of_them_together_take_less_than_a_gigabyte() {
    let project = TempProject::new();
    std::fs::remove_file(project.path("issues/p/2026-1.toml")).expect("the issue");
    project.file("issues/p/publication.toml", PUBLICATION);
    for (name, bytes) in inputs() {
        project.file(&format!("issues/p/{name}"), bytes);
    }
    for command in ["check --format short", "build"] {
        let program = env!("CARGO_BIN_EXE_jianbao");
        let output = Command::new("sh")
            .args(["-c", &format!("ulimit -v 1048576; exec '{program}' {command} --lang en")])
            .current_dir(project.folder.path())
            .output()
            .expect("sh starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{command}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}
