//! Text and files over time: unsaved text survives a crash, and files keep their line ends and byte
//! order mark.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{PATH, Served, disk, three_paragraphs};
use crate::support::{ISSUE, TempProject};

#[test]
fn unsaved_text_outlives_the_program() {
    let project = TempProject::new();
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_jianbao"))
        .args(["studio", "--no-open"])
        .current_dir(project.folder.path())
        .env_clear()
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut said = String::new();
    let mut stderr = std::io::BufReader::new(program.stderr.take().expect("a pipe"));
    std::io::BufRead::read_line(&mut stderr, &mut said).expect("its address");
    let url = said.split("http://").nth(1).expect("an address");
    let (address, rest) = url.split_once('/').expect("an address");
    let token = rest.split("token=").nth(1).expect("a token")[..64].to_string();
    let (stop, address) = (Arc::default(), address.parse().expect("an address"));
    let first = Served { address, token, url: String::new(), stop, thread: None };
    let mut channel = first.open("p/2026-1");
    channel.until("findings");
    let text = channel.text.replace("正文", "未存的正文");
    channel.edit(&text);
    channel.until("findings");
    program.kill().expect("it is killed");
    program.wait().expect("it has gone");
    assert_eq!(disk(&project), ISSUE);
    let second = Served::studio(&project);
    // A page left open works after a restart: the address and the token are the same.
    assert_eq!((second.address, &second.token), (first.address, &first.token));
    let mut channel = second.open("p/2026-1");
    let state = channel.until("state");
    assert_eq!((&state["text"], &state["recovered"]), (&json!(text), &json!(true)));
    // The page also has its own copy, with a change that the server never received.
    let later = text.replace("标题", "后改的题");
    channel.ask(json!({ "t": "edit", "base": 0, "base_text": text, "text": later }));
    channel.ask(json!({ "t": "save" }));
    assert_eq!(disk(&project), later);
}

#[test]
fn a_file_keeps_who_may_write_it() {
    let project = TempProject::new();
    let served = Served::studio(&project);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = project.path("issues/p/2026-1.toml");
        let shared = std::fs::Permissions::from_mode(0o664);
        std::fs::set_permissions(&file, shared).expect("it is ours");
        let mut channel = served.open("p/2026-1");
        channel.until("findings");
        channel.edit(&ISSUE.replace("正文", "文"));
        channel.ask(json!({ "t": "save" }));
        let mode = std::fs::metadata(&file).expect("the issue").permissions().mode();
        assert_eq!(mode & 0o777, 0o664);
    }
}

#[test]
fn lines_end_as_they_did() {
    let project = TempProject::new();
    let issue = format!("\u{feff}{}", ISSUE.replace('\n', "\r\n"));
    project.file(PATH, &issue);
    let served = Served::studio(&project);
    let mut channel = served.open("p/2026-1");
    channel.until("findings");
    assert_eq!(channel.text, ISSUE);
    assert_eq!(channel.state["saved"], true);
    channel.apply(json!([
        { "op": "set", "path": ["articles", 0, "title"], "value": "新题" },
        { "op": "insert", "path": ["articles"], "at": 1, "value": { "title": "二", "body": "甲\r\n乙" } },
    ]));
    channel.edit(&channel.text.replace("正文", "\n正文"));
    channel.ask(json!({ "t": "save" }));
    let text = disk(&project);
    assert!(text.starts_with('\u{feff}') && text.contains("甲\r\n乙"), "{text:?}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert!(!text.contains("\r\r"), "{text:?}");
}

#[test]
fn watching_neither_shows_nor_takes_what_a_studio_has_not_saved() {
    let (project, issue) = three_paragraphs();
    let kept = project.path("out/.jianbao/unsaved/p/2026-1.json");
    let unsaved = json!({ "base": issue, "text": issue.replace("一段", "没存的") }).to_string();
    project.file("out/.jianbao/unsaved/p/2026-1.json", &unsaved);
    let served = Served::watch(&project);
    let mut channel = served.open("p/2026-1");
    channel.until("findings");
    assert_eq!(channel.text, issue);
    project.file(PATH, issue.replace("二段", "贰段"));
    channel.until("disk");
    channel.until("findings");
    assert_eq!(std::fs::read_to_string(kept).expect("it is still there"), unsaved);
}

#[test]
fn whoever_goes_last_leaves_nothing_unsaved() {
    let (project, issue) = three_paragraphs();
    let served = Served::studio(&project);
    let (mut one, two) = (served.open("p/2026-1"), served.open("p/2026-1"));
    one.until("findings");
    let text = issue.replace("一段", "最后写的");
    one.edit(&text);
    drop(two);
    drop(one);
    for _ in 0..600 {
        if disk(&project) == text {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the file is still\n{}", disk(&project));
}
