//! Many issues: only changed issues are built, and a fault, a kill or a full disk costs only the
//! issues that it hits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use jianbao::archive::build::{self, Plan, Status};
use jianbao::archive::crew::{Crew, Watch};
use jianbao::diag::Code;
use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::{IssuePath, Project};
use serde_json::Value as Json;

use crate::support::{ISSUE, PUBLICATION, TempProject, root, tool};

/// A project with issues 1 to `count`, each with a text of its own.
fn archive(count: usize) -> TempProject {
    let project = TempProject::new();
    for number in 1..=count {
        let issue = ISSUE.replace("number = 1", &format!("number = {number}"));
        let text = format!("正文第{number}段。").repeat(number % 7 * 20 + 1);
        project.file(&format!("issues/p/2026-{number}.toml"), issue.replace("正文一段。", &text));
    }
    project
}

/// The PDFs of a project by name.
fn pdfs(project: &TempProject) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(project.path("out/p")).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        found.insert(name, std::fs::read(entry.path()).expect("a file"));
    }
    found
}

fn is_whole(pdf: &[u8]) -> bool {
    pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF")
}

fn start(project: &TempProject, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jianbao"));
    command.args(args).current_dir(project.folder.path()).env_clear().env("LANG", "en_US.UTF-8");
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

fn set_modified(path: &Path, seconds: u64) {
    let time = std::time::UNIX_EPOCH + Duration::from_secs(seconds);
    let file = std::fs::File::options().append(true).open(path).expect("the file");
    file.set_modified(time).expect("its time");
}

fn signal(child: &Child, signal: &str) {
    let id = child.id().to_string();
    Command::new("kill").args([signal, &id]).status().expect("kill is everywhere");
}

#[test]
fn touched_files_are_not_built_again_wherever_the_clock_jumps() {
    let project = archive(3);
    project.file("layouts/ours/layout.toml", "title = \"甲\"\nversion = \"1\"\n");
    project.run(&["build"]).exit(0).says("issues: 3, all built");
    let before = pdfs(&project);
    let files = ["issues/p/2026-1.toml", "issues/p/publication.toml", "layouts/ours/layout.toml"];
    for seconds in [1, 946_684_800, 4_102_444_800] {
        files.iter().for_each(|file| set_modified(&project.path(file), seconds));
        set_modified(&project.path("out/p/2026-2.pdf"), seconds);
        project.run(&["build"]).exit(0).says("built: 0, up to date: 3");
    }
    assert!(before == pdfs(&project));
}

#[test]
fn a_changed_file_counts_whatever_its_time_and_length() {
    let project = archive(2);
    let path = project.path("issues/p/2026-1.toml");
    set_modified(&path, 946_684_800);
    project.run(&["build"]).exit(0);
    let text = std::fs::read_to_string(&path).expect("the issue");
    project.file("issues/p/2026-1.toml", text.replace("标题", "题目"));
    set_modified(&path, 946_684_800);
    let run = project.run(&["build", "--explain"]);
    run.exit(0).says("built out/p/2026-1.pdf").says("because the issue changed").says("built: 1,");
}

#[test]
fn a_clock_that_runs_backwards_changes_nothing() {
    if !tool("faketime", &["-v"]) {
        return;
    }
    let project = archive(2);
    let at = |time: &str| {
        let mut command = Command::new("faketime");
        command.args([time, env!("CARGO_BIN_EXE_jianbao"), "build"]);
        let output = command.current_dir(project.folder.path()).env("LANG", "en").output();
        String::from_utf8_lossy(&output.expect("faketime starts").stderr).into_owned()
    };
    assert!(at("2031-05-05 10:00:00").contains("all built"));
    let before = pdfs(&project);
    assert!(at("1999-01-01 00:00:00").contains("up to date: 2"));
    let changed = ISSUE.replace("标题", "题目");
    project.file("issues/p/2026-1.toml", changed);
    assert!(at("1999-01-01 00:00:00").contains("built: 1, up to date: 1"));
    assert!(before["2026-1.pdf"] != pdfs(&project)["2026-1.pdf"]);
    project.run(&["build"]).exit(0).says("up to date: 2");
}

/// After a change: a dry run prints its cause for issue 1, and after a build the issue is up to
/// date.
#[track_caller]
fn because(project: &TempProject, args: &[&str], cause: &str) {
    let dry = [&["build", "--dry-run", "--explain", "issues/p/2026-1.toml"], args].concat();
    let before = pdfs(project);
    let run = project.run(&dry);
    run.exit(0).says("would build issues/p/2026-1.toml").says(&format!("because {cause}"));
    assert!(!run.stderr().replacen("because", "", 1).contains("because"), "{}", run.stderr());
    assert!(before == pdfs(project), "a dry run wrote something");
    let build = [&["build", "issues/p/2026-1.toml"], args].concat();
    project.run(&build).exit(0).says("all built");
    project.run(&build).exit(0).says("up to date: 1");
}

#[test]
fn every_kind_of_change_is_told_by_name() {
    let project = archive(1);
    let picture = std::fs::read_dir(root().join("issues/keji/pictures")).expect("the pictures");
    let picture = picture.flatten().map(|entry| entry.path()).find(|path| path.is_file());
    let picture = std::fs::read(picture.expect("a picture")).expect("a picture");
    let issue = ISSUE.replace("正文一段。", "正文一段。\n![图1　甲](a.png \"乙\")");
    project.file("issues/p/2026-1.toml", &issue).file("issues/p/a.png", &picture);
    let font = std::fs::read(root().join("fonts/NotoSansSC_500Medium.ttf")).expect("a font");
    project.file("own/heiti.ttf", &font);
    let named = format!("{PUBLICATION}[fonts]\nheiti = \"NotoSansSC-Medium\"\n");
    project.file("issues/p/publication.toml", &named);
    let fonts = ["--font-path", "own"];
    because(&project, &fonts, "there is no record of an earlier PDF");

    project.file("issues/p/2026-1.toml", issue.replace("标题", "题目"));
    because(&project, &fonts, "the issue changed");
    project.file("issues/p/publication.toml", named.replace("工作", "科技"));
    because(&project, &fonts, "publication.toml changed");
    // A byte after the end of a picture or a font changes no page, but changes the file.
    project.file("issues/p/a.png", [&picture[..], b"\0"].concat());
    because(&project, &fonts, "the picture a.png changed");
    project.file("own/heiti.ttf", [&font[..], b"\0"].concat());
    because(&project, &fonts, "the font for heiti changed");
    let section = std::fs::read_to_string(root().join("layouts/shared/section.typ")).expect("it");
    project.file("layouts/shared/section.typ", format!("{section}\n"));
    because(&project, &fonts, "the layout's file shared/section.typ changed");
    std::fs::remove_file(project.path("out/p/2026-1.pdf")).expect("the PDF");
    because(&project, &fonts, "its PDF is gone");
    let mut pdf = pdfs(&project)["2026-1.pdf"].clone();
    pdf[100] ^= 1;
    project.file("out/p/2026-1.pdf", &pdf);
    because(&project, &fonts, "its PDF is not the one that was written");

    let state = std::fs::read_to_string(project.path("out/.jianbao/state")).expect("the state");
    let (_, rest) = state.split_once("\"build\":\"").expect("a build");
    let build = rest.split('"').next().expect("a build");
    let other: String = build.chars().rev().collect();
    project.file("out/.jianbao/state", state.replace(build, &other));
    because(&project, &fonts, "the program was jianbao ");

    project
        .run(&["build", "--force", "--explain", "--font-path", "own"])
        .exit(0)
        .says("of --force");
    project.file("out/.jianbao/state", "no state at all");
    because(&project, &fonts, "there is no record of an earlier PDF");
}

#[test]
fn parallel_and_one_by_one_give_the_same_bytes() {
    let project = archive(24);
    project.run(&["build", "-j", "1"]).exit(0);
    let serial = pdfs(&project);
    for jobs in ["2", "8"] {
        project.run(&["build", "--force", "--jobs", jobs]).exit(0);
        assert!(serial == pdfs(&project), "{jobs} jobs");
    }
    // A single issue gets all threads.
    project.run(&["build", "--force", "-j", "8", "issues/p/2026-13.toml"]).exit(0);
    assert!(serial == pdfs(&project));
    assert_eq!(serial.len(), 24);
}

/// Panics when an issue is begun.
struct Bomb(&'static str);

impl Watch for Bomb {
    fn begun(&self, issue: &IssuePath) {
        assert!(issue.stem != self.0, "the engine broke down");
    }
}

#[test]
fn an_issue_that_panics_costs_only_itself() {
    let project = archive(12);
    let at = Project::find(project.folder.path()).expect("a project");
    let session = Arc::new(Session::open(at, &FontPaths::default()).expect("a session"));
    let issues = session.project.issues(&[]).expect("issues");
    let plan = Plan { output: project.path("out"), force: false, dry_run: false, locked: None };
    let mut outcomes = Vec::new();
    let crew = |watch| Crew { jobs: 3, stop: Arc::default(), watch, processes: None };
    let each = |issue: &IssuePath, outcome| outcomes.push((issue.clone(), outcome));
    let bomb = Arc::new(Bomb("2026-5"));
    build::build(&session, issues.clone(), plan.clone(), &crew(bomb), each).expect("a batch");
    let order: Vec<IssuePath> = outcomes.iter().map(|(issue, _)| issue.clone()).collect();
    assert_eq!(order, issues, "the order is that of the issues");
    for (issue, outcome) in &outcomes {
        if issue.stem == "2026-5" {
            assert_eq!(outcome.status, Status::Failed);
            assert_eq!(outcome.diagnostics[0].code, Code::EnginePanic);
            assert_eq!(outcome.diagnostics[0].args[0].1, "the engine broke down");
        } else {
            assert_eq!(outcome.status, Status::Built, "{}", issue.stem);
        }
    }
    // The next run builds what is missing and nothing else.
    let mut built = Vec::new();
    let each = |issue: &IssuePath, outcome: build::Outcome| {
        built.extend((outcome.status == Status::Built).then(|| issue.stem.clone()));
    };
    build::build(&session, issues, plan, &crew(Arc::new(())), each).expect("a batch");
    assert_eq!(built, ["2026-5"]);
}

#[test]
fn one_bad_issue_among_many_is_counted_and_said() {
    let project = archive(6);
    project.file("issues/p/2026-3.toml", "number = ");
    let run = project.run(&["build", "-j", "4"]);
    run.exit(1).says("2026-3.toml:1:10").says("issues: 6, built: 5, with errors: 1");
    project.run(&["build"]).exit(1).says("built: 0, up to date: 5, with errors: 1");
    project.file("issues/p/publication.toml", "name = \"甲\"\n");
    let run = project.run(&["build"]);
    run.exit(1).says("with errors: 6");
    assert_eq!(run.stderr().matches("key `issuer` is missing").count(), 1, "said once for all");
}

#[test]
fn killed_a_hundred_times_nothing_is_half_written() {
    let project = archive(40);
    project.run(&["build"]).exit(0);
    let right = pdfs(&project);
    std::fs::remove_dir_all(project.path("out")).expect("the output");
    let mut rng = Rng::with_seed(7);
    let mut kills = 0;
    while kills < 100 {
        if pdfs(&project).len() >= 40 {
            std::fs::remove_dir_all(project.path("out")).expect("the output");
        }
        let mut child = start(&project, &["build", "-j", "2"]);
        std::thread::sleep(Duration::from_millis(rng.u64(1..250)));
        child.kill().expect("the program is ours");
        child.wait().expect("it ends");
        kills += 1;
        for (name, pdf) in pdfs(&project) {
            if name.ends_with(".pdf") {
                assert!(right[&name] == pdf, "{name} after {kills} kills");
            }
        }
    }
    project.run(&["build"]).exit(0);
    assert!(right == pdfs(&project), "unfinished files were left");
    project.run(&["build"]).exit(0).says("built: 0, up to date: 40");
}

#[test]
fn an_interrupted_run_goes_on_where_it_stopped() {
    if !cfg!(unix) {
        return;
    }
    let project = archive(200);
    let child = start(&project, &["build", "-j", "1"]);
    while pdfs(&project).len() < 3 {
        std::thread::sleep(Duration::from_millis(2));
    }
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("stopped: of 200 issues built: "), "{said}");
    let built = pdfs(&project).len();
    assert!(built < 200 && pdfs(&project).values().all(|pdf| is_whole(pdf)));
    let rest = format!("built: {}, up to date: {built}", 200 - built);
    project.run(&["build"]).exit(0).says(&rest);
}

#[test]
fn two_runs_at_once_do_not_harm_each_other() {
    let project = archive(30);
    let both = [start(&project, &["build", "-j", "2"]), start(&project, &["build", "-j", "2"])];
    let mut built = 0;
    for child in both {
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        built += said.matches("built out/p/").count();
    }
    assert_eq!(built, 30, "each issue is built once");
    let together = pdfs(&project);
    project.run(&["build", "--force"]).exit(0);
    assert!(together == pdfs(&project));
}

#[test]
fn a_layout_that_is_edited_during_a_run_counts_for_the_next() {
    let project = archive(60);
    project.run(&["build"]).exit(0);
    let old = pdfs(&project);
    std::fs::remove_dir_all(project.path("out")).expect("the output");
    let mut child = start(&project, &["build", "-j", "1"]);
    while pdfs(&project).len() < 2 {
        std::thread::sleep(Duration::from_millis(2));
    }
    project.file(
        "layouts/shared/masthead.typ",
        "#let masthead(data) = [#data.name.join() #data.number #data.issuer #data.date]\n",
    );
    assert!(child.wait().expect("it ends").success());
    assert!(old == pdfs(&project), "one run, one layout");
    let run = project.run(&["build", "--explain"]);
    run.exit(0).says("issues: 60, all built").says("file shared/masthead.typ changed");
    let new = pdfs(&project);
    assert!(old.iter().all(|(name, pdf)| new[name] != *pdf));
}

/// A small disk of its own, if this user may mount one.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: PathBuf, options: &str) -> Option<Self> {
        std::fs::create_dir_all(&at).expect("a folder");
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", options, "none"]).arg(&at).stderr(Stdio::null());
        let mounted = command.status().is_ok_and(|status| status.success());
        if !mounted {
            use std::io::Write;
            let why = "SKIPPED a test: this user cannot mount a small disk";
            writeln!(std::io::stderr(), "{why}").ok();
        }
        mounted.then_some(Disk(at))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg(&self.0).status().ok();
    }
}

#[test]
fn a_full_disk_breaks_nothing() {
    let project = archive(30);
    let Some(_disk) = Disk::mount(project.path("out"), "size=300k") else { return };
    let run = project.run(&["build"]);
    run.exit(2).says("cannot write").says("No space left").says("stopped").says("not reached");
    let kept = pdfs(&project);
    assert!(!kept.is_empty() && kept.len() < 30, "{}", kept.len());
    assert!(kept.values().all(|pdf| is_whole(pdf)));
    assert!(kept.keys().all(|name| name.ends_with(".pdf")), "{:?}", kept.keys());
    // When the disk has room again, the next run builds the rest.
    let grow =
        Command::new("mount").args(["-o", "remount,size=9m"]).arg(project.path("out")).status();
    assert!(grow.is_ok_and(|status| status.success()));
    project.run(&["build"]).exit(0).says("issues: 30, built: ");
    assert!(kept.iter().all(|(name, pdf)| pdfs(&project)[name] == *pdf));
    project.run(&["build"]).exit(0).says("up to date: 30");
}

#[test]
fn a_folder_that_cannot_be_written_breaks_nothing() {
    let project = archive(2);
    project.run(&["build"]).exit(0);
    let before = pdfs(&project);
    let Some(_disk) = Disk::mount(project.path("locked"), "ro") else { return };
    let run = project.run(&["build", "--output", "locked"]);
    run.exit(2).says("cannot write").says("Read-only file system");
    assert!(before == pdfs(&project));
    // A dry run needs no write access.
    project.run(&["build", "-n", "--output", "locked"]).exit(0).says("would be built: 2");
}

#[test]
fn what_a_killed_run_left_is_cleaned_up() {
    let project = archive(1);
    project.file("out/p/.jianbao-abc123.tmp", "half a PDF").file("out/p/notes.txt", "mine");
    project.run(&["build"]).exit(0);
    let names: Vec<String> = pdfs(&project).into_keys().collect();
    assert_eq!(names, ["2026-1.pdf", "notes.txt"]);
}

#[test]
fn a_report_says_what_became_of_each_issue() {
    let project = archive(3);
    project.file("issues/p/2026-2.toml", "number = 1\n");
    project.run(&["build", "--report", "report.json"]).exit(1);
    let report: Json =
        serde_json::from_slice(&std::fs::read(project.path("report.json")).expect("it"))
            .expect("a report is JSON");
    assert_eq!((&report["version"], &report["total"]), (&1.into(), &3.into()));
    assert_eq!((&report["built"], &report["failed"]), (&2.into(), &1.into()));
    let issues = report["issues"].as_array().expect("issues");
    let status: Vec<&str> = issues.iter().filter_map(|issue| issue["status"].as_str()).collect();
    assert_eq!(status, ["built", "failed", "built"]);
    assert_eq!(issues[0]["issue"], "p/2026-1");
    assert_eq!(issues[0]["pages"], 1);
    let bytes = pdfs(&project)["2026-1.pdf"].len();
    assert_eq!(issues[0]["bytes"], bytes);
    assert_eq!(issues[0]["digest"].as_str().map(str::len), Some(64));
    assert!(issues[0]["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0));
    assert_eq!(issues[0]["causes"][0]["id"], "cause-new");
    assert_eq!(issues[1]["findings"][0]["rule"], "key-missing");
    assert_eq!(issues[1]["findings"][0]["place"]["line"], 1);
    let shared = issues[0]["inputs"]["shared"].as_str().expect("a key");
    assert_eq!(report["shared"][shared]["layout"], "official 2.0.0");
}

#[test]
fn quiet_is_quiet_and_a_pipe_gets_plain_lines() {
    let project = archive(2);
    assert_eq!(project.run(&["build", "--quiet"]).exit(0).stderr(), "");
    assert_eq!(project.run(&["build", "--quiet"]).exit(0).stderr(), "");
    let run = project.run(&["build", "--force"]);
    let lines = ["built out/p/2026-1.pdf (pages: 1)", "built out/p/2026-2.pdf (pages: 1)"];
    assert_eq!(run.stderr(), format!("{}\n{}\nissues: 2, all built\n", lines[0], lines[1]));
}

#[test]
fn a_lock_tells_what_would_differ_and_why() {
    let project = archive(3);
    project.run(&["verify"]).exit(2).says("has no jianbao.lock").says("build --lock");
    project.run(&["build", "--locked"]).exit(2).says("has no jianbao.lock");
    project.run(&["build"]).exit(0);
    assert!(!project.path("jianbao.lock").exists(), "nobody asked for a lock");
    project.run(&["build", "--lock"]).exit(0).says("up to date: 3");
    let lock = std::fs::read_to_string(project.path("jianbao.lock")).expect("the lock");
    assert_eq!(lock.matches("[issues.\"p/2026-").count(), 3);
    for fact in ["engine = \"typst 0.", "program = \"jianbao 0.", "layout = \"official 2.0.0\""] {
        assert!(lock.contains(fact), "{fact}");
    }
    project.run(&["build", "--force", "-j", "1"]).exit(0);
    let again = std::fs::read_to_string(project.path("jianbao.lock")).expect("the lock");
    assert_eq!(lock, again, "the same project, the same lock");
    project.run(&["verify"]).exit(0).says("same issues/p/2026-1.toml").says("same: 3");
    for (from, to) in [("jianbao 0.", "jianbao 9."), ("[shared.", "[shared.0")] {
        project.file("jianbao.lock", lock.replace(from, to));
        project.run(&["verify"]).exit(1).says("jianbao.lock was altered").says("same: 3");
    }
    project.file("jianbao.lock", &lock);

    let issue = ISSUE.replace("标题", "题目");
    project.file("issues/p/2026-1.toml", &issue);
    let before = pdfs(&project);
    let run = project.run(&["verify"]);
    run.exit(1).says("differs issues/p/2026-1.toml").says("because the issue changed");
    run.says("same: 2, not the same: 1");
    let run = project.run(&["build", "--locked"]);
    run.exit(1).says("error[lock-differs]").says("because the issue changed");
    assert!(before == pdfs(&project), "a refused PDF was written");
    assert_eq!(lock, std::fs::read_to_string(project.path("jianbao.lock")).expect("the lock"));
    project.run(&["build"]).exit(0);
    let new = std::fs::read_to_string(project.path("jianbao.lock")).expect("the lock");
    let differ = new.lines().zip(lock.lines()).filter(|(a, b)| a != b).count();
    assert!((1..=4).contains(&differ), "one issue's lines: {differ}");
    project.run(&["build", "--locked"]).exit(0);
    project.run(&["verify", "--quiet"]).exit(0);

    project.file(
        "layouts/shared/masthead.typ",
        "#let masthead(data) = [#data.name.join() #data.number #data.issuer #data.date]\n",
    );
    let run = project.run(&["verify"]);
    run.exit(1).says("file shared/masthead.typ changed").says("not the same: 3");
    std::fs::remove_dir_all(project.path("layouts")).expect("the layouts");
    std::fs::remove_file(project.path("issues/p/2026-3.toml")).expect("an issue");
    project.file("issues/p/2026-4.toml", ISSUE.replace("number = 1", "number = 4"));
    let run = project.run(&["verify"]);
    run.exit(1).says("gone issues/p/2026-3.toml").says("not in jianbao.lock issues/p/2026-4.toml");
    project.run(&["build", "--locked"]).exit(1).says("error[lock-missing]");
    project.run(&["build"]).exit(0);
    let new = std::fs::read_to_string(project.path("jianbao.lock")).expect("the lock");
    assert!(!new.contains("p/2026-3") && new.contains("p/2026-4"));
    project.run(&["verify"]).exit(0);
    project.file("jianbao.lock", "version = 1\nissues = 3\n");
    project.run(&["verify"]).exit(2).says("cannot read jianbao.lock");
    project.run(&["build"]).exit(2).says("cannot read jianbao.lock");
}

#[test]
fn an_altered_lock_is_named() {
    let project = archive(1);
    project.run(&["build", "--lock"]).exit(0);
    let lock = std::fs::read_to_string(project.path("jianbao.lock")).expect("the lock");
    let line = |key: &str| {
        let own = lock.split("[issues.").nth(1).expect("an issue");
        own.lines().find(|line| line.starts_with(key)).expect("a key").to_string()
    };
    let other = |line: &str| {
        let at = line.find('"').expect("a text") + 1;
        let digit = if line.as_bytes()[at] == b'0' { "1" } else { "0" };
        format!("{}{digit}{}", &line[..at], &line[at + 1..])
    };
    let output = line("output");
    for (from, to, cause) in [
        (line("pages"), "pages = 7".into(), "records pages = 7, and it is 1"),
        (line("bytes"), "bytes = 12".into(), "records bytes = 12, and it is"),
        (output.clone(), other(&output), "jianbao.lock was altered"),
    ] {
        project.file("jianbao.lock", lock.replace(&from, &to));
        project.run(&["verify"]).exit(1).says(cause).says("not the same: 1");
        for args in [&["build", "--locked"][..], &["build", "--locked", "-f"]] {
            project.run(args).exit(1).says(cause);
        }
    }
    // The parts that issues share.
    project.file("jianbao.lock", lock.replace("jianbao 0.", "jianbao 9."));
    project.run(&["verify"]).exit(1).says("jianbao.lock was altered: its part shared.");
    project.run(&["build", "--locked"]).exit(1).says("jianbao.lock was altered: its part shared.");
    project.run(&["build", "--locked", "-f"]).exit(1).says("was altered: its part shared.");
    // What builds without --locked writes the lock anew.
    project.run(&["build"]).exit(0);
    let new = std::fs::read_to_string(project.path("jianbao.lock")).expect("the lock");
    assert_eq!(lock, new);
    project.run(&["verify"]).exit(0);
    // A comment changes the issue and not its PDF.
    let issue = std::fs::read_to_string(project.path("issues/p/2026-1.toml")).expect("the issue");
    project.file("issues/p/2026-1.toml", format!("# 说明\n{issue}"));
    project.run(&["verify"]).exit(0);
    project.run(&["build", "--locked"]).exit(0);
}

#[test]
fn a_new_house_style_does_not_change_the_old_years() {
    let project = archive(2);
    let pinned = format!("layout_version = \"2.0.0\"\n{ISSUE}");
    project.file("issues/p/2026-1.toml", &pinned);
    project.run(&["build", "--lock"]).exit(0);
    let before = pdfs(&project);
    let freeze = project.run(&["layout", "freeze", "official"]);
    freeze.exit(0).says("kept version 2.0.0 in layouts/official@2.0.0");
    project.run(&["layout", "freeze", "official"]).exit(2).says("exists already");
    project.run(&["layout", "freeze", "officiel"]).exit(2).says("there is no layout");
    project.run(&["build"]).exit(0).says("up to date: 2");

    // The new layout version has another masthead, and an option that publication.toml uses at
    // once.
    let manifest =
        std::fs::read_to_string(root().join("layouts/official/layout.toml")).expect("it");
    let manifest = manifest.replace("version = \"2.0.0\"", "version = \"3.0.0\"");
    let option = "\n[options.colour]\ndescription = \"甲\"\ndefault = \"red\"\n";
    project.file("layouts/official/layout.toml", manifest + option);
    project.file(
        "layouts/shared/masthead.typ",
        "#let masthead(data) = [#data.name.join() #data.number #data.issuer #data.date]\n",
    );
    let publication = format!("{PUBLICATION}[options]\ncolour = \"blue\"\n");
    project.file("issues/p/publication.toml", publication);
    let run = project.run(&["build", "--explain"]);
    run.exit(0).says("the layout was official 2.0.0 and is official 3.0.0");
    let after = pdfs(&project);
    assert!(before["2026-1.pdf"] == after["2026-1.pdf"], "the old year changed");
    assert!(before["2026-2.pdf"] != after["2026-2.pdf"], "the new year did not");
    project.run(&["verify"]).exit(0);

    // A publication can pin the old version too; a version that does not exist is an error at its
    // line.
    let publication = format!("{PUBLICATION}layout_version = \"2.0.0\"\n");
    project.file("issues/p/publication.toml", publication);
    project.run(&["build"]).exit(0);
    assert!(before == pdfs(&project));
    project.file("issues/p/2026-1.toml", pinned.replace("2.0.0", "0.9"));
    let run = project.run(&["build"]);
    run.exit(1).says("2026-1.toml:1:18").says("has no version 0.9").says("versions: 2.0.0, 3.0.0");
    assert!(before == pdfs(&project));
}
