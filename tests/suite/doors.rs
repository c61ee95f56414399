//! Pipes, devices, sockets and links in place of files; results that cannot be written.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{ISSUE, PUBLICATION, TempProject};

/// How long any run of these tests may take, in hundredths of a second; what is endless takes longer.
const PATIENCE: usize = 12_000;

/// A run of the program in a project: its exit code, and what it printed.
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn program(project: &TempProject, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jianbao"));
    command.args(args).current_dir(project.folder.path()).env_clear().env("LANG", "en_US.UTF-8");
    command.stdin(Stdio::null());
    command
}

/// Runs the program with its output in files, so that a run that does not end can be ended.
fn run(project: &TempProject, args: &[&str]) -> Ran {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| File::create(folder.path().join(name)).expect("a file");
    let mut command = program(project, args);
    command.stdout(file("stdout")).stderr(file("stderr"));
    let code = ended(command, &format!("{args:?}"));
    let text = |name: &str| {
        let bytes = std::fs::read(folder.path().join(name)).expect("the output");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Ran { code, stdout: text("stdout"), stderr: text("stderr") }
}

fn ended(mut command: Command, what: &str) -> Option<i32> {
    let mut child = command.spawn().expect("the program starts");
    for _ in 0..PATIENCE {
        if let Some(status) = child.try_wait().expect("a status") {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().ok();
    child.wait().ok();
    panic!("{what} did not end");
}

impl Ran {
    #[track_caller]
    fn refused(&self, code: i32, said: &str) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        assert!(self.stderr.contains(said), "no {said:?} in:\n{}", self.stderr);
    }
}

fn pipe(path: &Path) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let made = Command::new("mkfifo").arg(path).status().expect("mkfifo");
    assert!(made.success());
}

fn link(to: impl AsRef<Path>, path: &Path) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::remove_file(path).ok();
    symlink(to, path).expect("a link");
}

const LOCKED: &str = "jianbao.lock";
const STATE: &str = "out/.jianbao/state";

/// The files of a project that a command reads by itself, and the exit code of one that cannot be
/// read: 2 where nothing can be done without it.
const OWN: [(&str, &[&str], i32); 9] = [
    (LOCKED, &["build"], 2),
    (LOCKED, &["verify"], 2),
    (STATE, &["build"], 2),
    (STATE, &["build", "--dry-run"], 2),
    ("out/.jianbao/lock", &["build"], 2),
    ("issues/p/publication.toml", &["build"], 1),
    ("issues/p/2026-1.toml", &["check"], 1),
    ("approved/p/2026-1.pdf", &["compare"], 1),
    ("approved/p/2026-1/1.png", &["compare"], 1),
];

#[test]
fn what_is_no_file_is_named_and_not_read() {
    for (path, args, code) in OWN {
        let project = TempProject::new();
        std::fs::remove_file(project.path(path)).ok();
        pipe(&project.path(path));
        run(&project, args).refused(code, "a pipe, not a file");
        std::fs::remove_file(project.path(path)).expect("it is still there");
        let _socket = UnixListener::bind(project.path(path)).expect("a socket");
        run(&project, args).refused(code, "a socket, not a file");
    }
}

#[test]
fn no_file_of_a_project_lies_behind_a_link_that_leads_out() {
    let outside = tempfile::tempdir().expect("a folder");
    let victim = outside.path().join("victim");
    for (path, args, code) in OWN {
        for to in [victim.as_path(), Path::new("/dev/zero")] {
            std::fs::write(&victim, "keep").expect("a file");
            let project = TempProject::new();
            link(to, &project.path(path));
            run(&project, args).refused(code, "leads out");
            assert!(project.path(path).is_symlink(), "{path}");
            assert_eq!(std::fs::read_to_string(&victim).expect("the victim"), "keep", "{path}");
        }
    }
    // Folders too, and what is written into them.
    for (path, args, code) in [
        ("out", &["build"], 2),
        ("out", &["press"], 2),
        ("out/.jianbao", &["build"], 2),
        ("out/p", &["build"], 2),
        ("out/press", &["press"], 2),
        ("out/press/p", &["press"], 2),
        ("approved", &["accept"], 2),
        ("approved/p", &["accept"], 2),
        ("layouts", &["build"], 2),
        ("layouts", &["layout"], 2),
    ] {
        let args: &[&str] =
            if args == &["layout"] { &["layout", "freeze", "official"] } else { args };
        std::fs::remove_file(&victim).ok();
        let project = TempProject::new();
        link(outside.path(), &project.path(path));
        run(&project, args).refused(code, "leads out");
        assert_eq!(std::fs::read_dir(outside.path()).expect("it").count(), 0, "{path} {args:?}");
    }
}

#[test]
fn links_within_a_project_and_folders_that_were_named_are_used() {
    let outside = tempfile::tempdir().expect("a folder");
    let project = TempProject::new();
    link(outside.path(), &project.path("out"));
    run(&project, &["build", "-o", "out"]).refused(0, "all built");
    assert!(outside.path().join("p/2026-1.pdf").is_file());
    // The project itself may be reached by a link.
    let project = TempProject::new();
    let by_link = outside.path().join("project");
    symlink(project.folder.path(), &by_link).expect("a link");
    let at = by_link.display().to_string();
    run(&project, &["build", "--project", &at]).refused(0, "all built");
    // A PDF, a lock and an issue behind links within the project: the links stay.
    let project = TempProject::new();
    let issue = std::fs::read(project.path("issues/p/2026-1.toml")).expect("the issue");
    project.file("texts/one.toml", issue).file("locks/lock", "").file("out/kept.pdf", "old");
    link("../../texts/one.toml", &project.path("issues/p/2026-1.toml"));
    link("../kept.pdf", &project.path("out/p/2026-1.pdf"));
    run(&project, &["build"]).refused(0, "all built");
    assert!(project.path("out/p/2026-1.pdf").is_symlink());
    assert!(std::fs::read(project.path("out/kept.pdf")).expect("it").starts_with(b"%PDF"));
}

#[test]
fn a_layout_that_cannot_be_read_is_not_replaced_by_the_built_in_one() {
    for place in ["layouts", "layouts/shared", "layouts/shared/a.typ", "layouts/official@1.0.0"] {
        for to in ["/dev/zero", "nowhere"] {
            let project = TempProject::new();
            link(to, &project.path(place));
            assert_eq!(run(&project, &["build"]).code, Some(2), "{place} → {to}");
        }
    }
    let project = TempProject::new();
    project.file("kept/masthead.typ", "#panic(\"read\")\n").file("layouts/README.md", "");
    link(project.path("kept"), &project.path("layouts/shared"));
    project.run(&["build"]).exit(1).says("read");
    project.file(
        "layouts/own/layout.toml",
        "title = \"版式\"\nversion = \"1.0.0\"\nbase = \"official\"\n",
    );
    project.run(&["layout", "freeze", "own"]).exit(2).says("own/main.typ");
}

#[test]
fn a_pdf_replaces_nothing_but_a_file() {
    let outside = tempfile::tempdir().expect("a folder");
    let victim = outside.path().join("victim.pdf");
    std::fs::write(&victim, "keep").expect("a file");
    let project = TempProject::new();
    link(&victim, &project.path("out/p/2026-1.pdf"));
    run(&project, &["build"]).refused(2, "leads out");
    assert_eq!(std::fs::read_to_string(&victim).expect("the victim"), "keep");
    let project = TempProject::new();
    pipe(&project.path("out/p/2026-1.pdf"));
    run(&project, &["build"]).refused(2, "a pipe, not a file");
}

#[test]
fn what_the_user_names_is_read_within_bounds_or_refused() {
    let project = TempProject::new();
    pipe(&project.path("pipe"));
    pipe(&project.path("fonts/pipe.ttf"));
    let endless = |what: &str| match what {
        "pipe" => "a pipe, not a file",
        _ => "a device, not a file",
    };
    for what in ["pipe", "/dev/zero"] {
        for args in [
            &["trace", what][..],
            &["preflight", what],
            &["press", "--copies", what],
            &["fonts", "--font-path", what],
        ] {
            run(&project, args).refused(2, endless(what));
        }
        run(&project, &["import", what]).refused(1, endless(what));
    }
    run(&project, &["build", "--font-path", "fonts"]).refused(2, "a pipe, not a file");
    // A file that is too large is not read at all.
    let sparse = File::create(project.path("large.pdf")).expect("a file");
    sparse.set_len(1 << 40).expect("a sparse file");
    for args in [
        &["trace", "large.pdf"][..],
        &["preflight", "large.pdf"],
        &["press", "--copies", "large.pdf"],
        &["fonts", "--font-path", "large.pdf"],
    ] {
        run(&project, args).refused(2, "larger than");
    }
    run(&project, &["import", "large.pdf"]).refused(1, "larger than 64 MB");
    // Folders of fonts may form a circle.
    let project = TempProject::new();
    for name in ["fonts/a", "fonts/b", "fonts/c"] {
        link(".", &project.path(name));
    }
    run(&project, &["fonts", "--font-path", "fonts"]).refused(0, "");
}

#[test]
fn a_report_goes_where_its_name_leads() {
    let project = TempProject::new();
    let report = |path: &str| run(&project, &["build", "--force", "--report", path]);
    let is_report =
        |text: &str| assert!(text.starts_with("{\n") && text.ends_with("}\n"), "{text}");
    // A link is written through, and stays.
    let outside = tempfile::tempdir().expect("a folder");
    let target = outside.path().join("report.json");
    for before in [None, Some("old")] {
        before.into_iter().for_each(|text| std::fs::write(&target, text).expect("a file"));
        link(&target, &project.path("link.json"));
        report("link.json").refused(0, "all built");
        assert!(project.path("link.json").is_symlink());
        is_report(&std::fs::read_to_string(&target).expect("the report"));
    }
    // A pipe gets the report, and stays a pipe.
    pipe(&project.path("pipe"));
    report("pipe").refused(2, "nobody reads from this pipe");
    let path = project.path("pipe");
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        File::open(path).expect("the pipe").read_to_string(&mut text).expect("a report");
        text
    });
    report("pipe").refused(0, "all built");
    is_report(&reader.join().expect("a reader"));
    // Behind a link, so that a program which replaces what it writes to replaces the link alone.
    link("/dev/full", &project.path("full"));
    report("full").refused(2, "cannot write full");
    link("/dev/stdout", &project.path("stdout"));
    let ran = report("stdout");
    ran.refused(0, "all built");
    is_report(&ran.stdout);
    assert!(project.path("full").is_symlink() && project.path("stdout").is_symlink());
    report(".").refused(2, "cannot write");
    report("out").refused(2, "a folder, not a file");
    let ran = report("nowhere/report.json");
    ran.refused(2, "cannot write nowhere");
    assert!(!project.path("nowhere").exists());
}

/// Commands that print a result, and their project.
const PRINT: [&[&str]; 12] = [
    &["check", "--format", "json"],
    &["check", "--format", "sarif"],
    &["check", "--format", "short"],
    &["measure"],
    &["measure", "--format", "json"],
    &["compare", "--format", "json"],
    &["compare", "--format", "junit"],
    &["preflight", "out/p/2026-1.pdf"],
    &["schema", "issue"],
    &["rules"],
    &["fonts"],
    &["--help"],
];

#[test]
fn a_result_that_cannot_be_printed_is_no_success() {
    let project = TempProject::new();
    project.file("issues/p/2026-1.toml", ISSUE.replace("正文一段。", "见台帐 。"));
    run(&project, &["build"]).refused(0, "built");
    for args in PRINT {
        let full = || File::options().write(true).open("/dev/full").expect("a full device");
        let mut command = program(&project, args);
        command.stdout(full()).stderr(Stdio::null());
        assert_eq!(ended(command, "a full disk"), Some(2), "{args:?}");
        // A reader that has what it wanted closes its pipe.
        let mut command = program(&project, args);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("the program starts");
        drop(child.stdout.take());
        let ran = child.wait_with_output().expect("it ends");
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert!(!stderr.contains("panicked") && !stderr.contains("roken pipe"), "{stderr}");
        assert!(ran.status.code().is_some_and(|code| code < 2), "{args:?} {stderr}");
    }
    let mut command = program(&project, &["schema", "issue"]);
    let full = File::options().write(true).open("/dev/full").expect("a full device");
    let ran = command.stdout(full).output().expect("it ends");
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert!(stderr.contains("not all of the result could be printed"), "{stderr}");
}

#[test]
fn names_that_are_not_utf_8_are_named() {
    let project = TempProject::new();
    let odd = |folder: &str, name: &[u8]| project.path(folder).join(OsStr::from_bytes(name));
    run(&project, &["build", "--lock"]).refused(0, "all built");
    let file = odd("issues/p", b"2026-\xff2.toml");
    if std::fs::write(&file, ISSUE).is_err() {
        // Some systems have no such names.
        return;
    }
    let said = "issues/p/2026-\u{fffd}2.toml";
    for args in [&["build"][..], &["verify"], &["check"], &["compare"], &["measure"], &["press"]] {
        run(&project, args).refused(1, said);
        run(&project, args).refused(1, "[file-name]");
    }
    let ran = run(&project, &["check", "--format", "json"]);
    assert!(ran.code == Some(1) && ran.stdout.contains(said), "{}", ran.stdout);
    assert_eq!(run(&project, &["build"]).stderr.matches("[file-name]").count(), 1);
    assert_eq!(run(&project, &["check", "--fix"]).stderr.matches("[file-name]").count(), 1);
    std::fs::remove_file(file).expect("the file");
    let folder = odd("issues", b"\xc3");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("publication.toml"), PUBLICATION).expect("a file");
    run(&project, &["build"]).refused(1, "issues/\u{fffd}");
    // Other files may have any name.
    std::fs::remove_dir_all(folder).expect("the folder");
    std::fs::write(odd("issues/p", b"\xff.txt"), "").expect("a file");
    run(&project, &["build"]).refused(0, "up to date");
}
