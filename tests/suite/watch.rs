//! `watch`: over HTTP and a WebSocket, with files that are really written.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::studio::{Channel, Served, request};
use crate::support::{ISSUE, TempProject};

#[test]
fn a_save_shows_the_changed_page_and_errors_go_by_themselves() {
    let project = TempProject::new();
    let served = Served::watch(&project);
    let mut channel = served.open("p/2026-1");
    let pages = channel.until("pages");
    assert_eq!(pages["pages"].as_array().expect("pages").len(), 1);
    let key = pages["pages"][0]["key"].clone();
    channel.until("findings");
    // Some editors write the file in place.
    project.file("issues/p/2026-1.toml", ISSUE.replace("正文一段", "另一段文字"));
    let pages = channel.until("pages");
    assert_ne!(pages["pages"][0]["key"], key);
    assert!(pages["pages"][0]["svg"].as_str().expect("a sheet").starts_with("<svg"));
    // Broken TOML is reported as a finding, and the last pages stay.
    channel.until("findings");
    project.file("issues/p/2026-1.toml", ISSUE.replace("number = 1", "number = "));
    let found = channel.until("findings");
    assert_eq!(found["pages"], false);
    assert_eq!(found["findings"][0]["rule"], "toml-syntax");
    // Some editors write another file and rename it.
    project.file("issues/p/.2026-1.toml.swp", ISSUE);
    std::fs::rename(
        project.path("issues/p/.2026-1.toml.swp"),
        project.path("issues/p/2026-1.toml"),
    )
    .expect("it is renamed");
    let pages = channel.until("pages");
    assert_eq!(pages["pages"][0]["key"], key);
    let found = channel.until("findings");
    assert_eq!(found["pages"], true);
    // Some editors rename the old file and write a new one.
    let mut key = key;
    for text in ["第一次", "第二次"] {
        let (issue, old) = (project.path("issues/p/2026-1.toml"), "issues/p/2026-1.toml~");
        std::fs::rename(&issue, project.path(old)).expect("it is renamed");
        project.file("issues/p/2026-1.toml", ISSUE.replace("正文一段", text));
        std::fs::remove_file(project.path(old)).expect("it is removed");
        key = loop {
            let now = channel.until("pages")["pages"][0]["key"].clone();
            if !now.is_null() && now != key {
                break now;
            }
        };
    }
}

#[test]
fn publication_layout_and_pictures_set_the_issue_anew() {
    let project = TempProject::new();
    let picture = image_bytes(40);
    project
        .file("issues/p/pictures/a.png", &picture)
        .file(
            "issues/p/2026-1.toml",
            ISSUE.replace("正文一段。", "正文一段。\n![图一](pictures/a.png)"),
        )
        .file(
            "layouts/ours/layout.toml",
            "title = \"我们的\"\nversion = \"1.0.0\"\nbase = \"official\"\n",
        )
        .file("layouts/ours/main.typ", "#import \"/layouts/official/main.typ\": issue\n");
    let served = Served::watch(&project);
    let mut channel = served.open("p/2026-1");
    let mut key = channel.until("pages")["pages"][0]["key"].clone();
    let mut changed = |what: &str, channel: &mut Channel| {
        let now = channel.until("pages")["pages"][0]["key"].clone();
        assert_ne!(now, key, "{what}");
        key = now;
    };
    project.file("issues/p/pictures/a.png", image_bytes(90));
    changed("the picture", &mut channel);
    let publication = "name = \"学习简报\"\nissuer = \"某某办公室\"\nlayout = \"ours\"\n";
    project.file("issues/p/publication.toml", publication);
    changed("the publication", &mut channel);
    let layout = "#import \"/layouts/official/main.typ\": bulletin\n#let issue(data) = { [前言]; bulletin(data) }\n";
    project.file("layouts/ours/main.typ", layout);
    changed("the layout", &mut channel);
}

fn image_bytes(height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 60, height);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&vec![128; 60 * height as usize]).expect("pixels");
    drop(writer);
    bytes
}

#[test]
fn nobody_writes_through_watch_and_nothing_else_is_served() {
    let project = TempProject::new();
    let served = Served::watch(&project);
    let mut channel = served.open("p/2026-1");
    channel.until("findings");
    channel.say(serde_json::json!({ "t": "edit", "seq": 1, "base": 1, "text": "x = 1" }));
    channel.say(serde_json::json!({ "t": "save", "seq": 2 }));
    assert!(request(&served, "GET", "/api/project", &[], b"").starts_with("HTTP/1.1 404"));
    assert!(request(&served, "GET", "/api/issues", &[], b"").contains("p/2026-1"));
    assert!(request(&served, "GET", "/watch.js", &[], b"").starts_with("HTTP/1.1 200"));
    assert_eq!(
        std::fs::read_to_string(project.path("issues/p/2026-1.toml")).expect("the issue"),
        ISSUE
    );
}

/// The program on the command line: it prints its address and its findings, and Ctrl-C ends it
/// cleanly.
#[cfg(unix)]
#[test]
fn the_terminal_says_what_is_found_and_ctrl_c_ends() {
    let project = TempProject::new();
    let mut program = Command::new(env!("CARGO_BIN_EXE_jianbao"))
        .args(["watch", "--no-open"])
        .current_dir(project.folder.path())
        .env_clear()
        .env("LANG", "en_US.UTF-8")
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(program.stderr.take().expect("a pipe")).lines();
    let mut until = |part: &str| loop {
        let line = lines.next().expect("the program goes on").expect("a line");
        if line.contains(part) {
            return line;
        }
    };
    assert!(until("watching").contains("http://127.0.0.1:"));
    until("p/2026-1: set; errors 0");
    project.file("issues/p/2026-1.toml", ISSUE.replace("date", "dat"));
    until("did you mean `date`?");
    until("p/2026-1: not set");
    project.file("issues/p/2026-1.toml", ISSUE);
    until("p/2026-1: set; errors 0");
    let kill = Command::new("kill").args(["-INT", &program.id().to_string()]).status();
    assert!(kill.expect("kill is there").success());
    assert_eq!(program.wait().expect("it ends").code(), Some(0));
}
