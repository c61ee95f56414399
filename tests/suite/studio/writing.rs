//! An issue written as a form or as text: pages, findings, fixes, exports.

use std::io::{Cursor, Read, Write};
use std::net::TcpStream;

use serde_json::json;
use zip::ZipArchive;

use super::{PATH, Served, disk};
use crate::support::{ISSUE, TempProject, root};

#[test]
fn an_issue_is_written_as_a_form_and_saved() {
    let project = TempProject::new();
    let issue = format!("# 注释\n{ISSUE}");
    project.file("issues/p/2026-1.toml", &issue);
    let served = Served::studio(&project);
    let mut channel = served.open("p/2026-1");
    channel.until("findings");
    assert_eq!(channel.text, issue);
    assert_eq!(channel.state["value"]["articles"][0]["title"], "标题");
    let path = json!(["articles", 0, "title"]);
    let state = channel.apply(json!([
        { "op": "set", "path": path, "value": "新标题" },
        { "op": "insert", "path": ["articles"], "at": 1, "value": { "title": "第二篇", "body": "文。" } },
        { "op": "set", "path": ["imprint", "report_to"], "value": ["甲部", "乙部"] },
    ]));
    assert_eq!(state["value"]["articles"][1]["title"], "第二篇");
    assert_eq!(state["saved"], false);
    assert!(channel.text.starts_with("# 注释\nnumber = 1"));
    assert_eq!(disk(&project), issue, "nothing is written before it is saved");
    let pages = channel.until("pages");
    assert!(pages["glyphs"].as_str().expect("outlines").starts_with("<symbol id=\"g"));
    let places = channel.until("places");
    let title = places["places"].as_array().expect("places").iter().find(|p| p["path"] == path);
    assert_eq!(title.expect("the title has a place")["page"], 1);
    let state = channel.ask(json!({ "t": "save" }));
    assert_eq!(state["saved"], true);
    assert_eq!(disk(&project), channel.text);
    // The pages are those of the command line, and so are the print versions.
    project.run(&["build", "-q"]).exit(0);
    let pdf = exported(&served, "pdf");
    assert!(pdf == std::fs::read(project.path("out/p/2026-1.pdf")).expect("a PDF"));
    project.run(&["press"]).exit(0);
    project.run(&["press", "--plates"]).exit(0);
    let plates = exported(&served, "plates");
    let mut plates = ZipArchive::new(Cursor::new(plates)).expect("an archive");
    let names = plates.file_names().map(|name| name.expect("a name").into_owned());
    let names: Vec<String> = names.collect();
    assert_eq!(names.len(), 3, "{names:?}");
    for name in names {
        let mut bytes = Vec::new();
        plates.by_name(&name).expect("a file").read_to_end(&mut bytes).expect("its bytes");
        let path = format!("out/press/{}", name.replacen('-', "/", 1));
        assert!(
            bytes == std::fs::read(project.path(&path)).expect("a file of the press"),
            "{name}"
        );
    }
}

/// An issue as the studio hands it out.
fn exported(served: &Served, form: &str) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut stream = TcpStream::connect(served.address).expect("a connection");
    let head = format!(
        "GET /api/export?issue=p/2026-1&as={form} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n",
        served.address, served.token
    );
    stream.write_all(head.as_bytes()).expect("it is sent");
    stream.read_to_end(&mut answer).expect("an answer");
    let at = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a body") + 4;
    answer.split_off(at)
}

#[test]
fn only_changed_pages_are_sent_and_outlines_once() {
    let project = TempProject::new();
    let long = ISSUE.replace("正文一段。", &"春夏秋冬东西南北。\n".repeat(90));
    project.file("issues/p/2026-1.toml", &long);
    let served = Served::studio(&project);
    let mut channel = served.open("p/2026-1");
    let first = channel.until("pages");
    let count = first["pages"].as_array().expect("pages").len();
    assert!(count > 3);
    assert!(first["pages"].as_array().expect("pages").iter().all(|page| page["svg"].is_string()));
    let end = long.rfind('。').expect("a stop");
    channel.edit(&format!("{}春{}", &long[..end], &long[end..]));
    let pages = channel.until("pages");
    let changed: Vec<bool> = pages["pages"]
        .as_array()
        .expect("pages")
        .iter()
        .map(|page| page["svg"].is_string())
        .collect();
    assert_eq!(changed.iter().filter(|changed| **changed).count(), 1, "{changed:?}");
    assert_eq!(pages["glyphs"], "");
    let sheet = pages["pages"][count - 1]["svg"].as_str().expect("the last page");
    assert!(sheet.contains("<use href=\"#g") && !sheet.contains("<symbol"), "{}", &sheet[..400]);
    assert!(sheet.len() < 60_000, "{}", sheet.len());
}

#[test]
fn findings_know_their_fields_and_can_be_put_right() {
    let project = TempProject::new();
    let issue = ISSUE.replace("正文一段。", "第一段。\n有台帐,须整理。");
    project.file("issues/p/2026-1.toml", &issue);
    let served = Served::studio(&project);
    let mut channel = served.open("p/2026-1");
    let found = channel.findings();
    let wrong = found.iter().find(|found| found["rule"] == "word-wrong").expect("台帐 is found");
    assert_eq!(wrong["path"], json!(["articles", 0, "body"]));
    assert_eq!((&wrong["from"], &wrong["to"]), (&json!(6), &json!(8)));
    let (start, end) = (wrong["start"].as_u64(), wrong["end"].as_u64());
    let units: Vec<u16> = issue.encode_utf16().collect();
    let part = &units[start.expect("a place") as usize..end.expect("a place") as usize];
    assert_eq!(String::from_utf16_lossy(part), "台帐");
    assert!(wrong["fix"]["title"].as_str().expect("a title").contains("台账"));
    channel.ask(json!({ "t": "fix", "finding": wrong["id"] }));
    assert_eq!(channel.text, issue.replace("台帐", "台账"));
    let found = channel.findings();
    assert!(found.iter().all(|found| found["rule"] != "word-wrong"), "{found:?}");
    // Findings of the page measurement come too, with their page: here from a changed layout.
    let page = std::fs::read_to_string(root().join("layouts/shared/page.typ")).expect("a layout");
    project.file(
        "layouts/shared/page.typ",
        page.replace("leading: leading", "leading: leading - 0.2pt"),
    );
    let served = Served::studio(&project);
    let mut channel = served.open("p/2026-1");
    channel.until("findings");
    channel.edit(&issue.replace("第一段。", &"春夏秋冬东西南北".repeat(200)));
    let found = channel.findings();
    let grid = found.iter().find(|found| found["rule"] == "baseline-grid");
    assert!(grid.is_some_and(|grid| grid["page"].as_u64() > Some(0)), "{found:?}");
}

#[test]
fn typing_on_without_waiting_loses_nothing() {
    let project = TempProject::new();
    let served = Served::studio(&project);
    let mut channel = served.open("p/2026-1");
    channel.until("findings");
    let (base, mut text) = (channel.state["rev"].clone(), channel.text.clone());
    for c in "今日天气晴朗适宜出行".chars() {
        text = text.replace("。\n", &format!("{c}。\n"));
        channel.seq += 1;
        let seq = channel.seq;
        channel.say(json!({ "t": "edit", "seq": seq, "base": base, "text": text }));
    }
    while channel.state["seq"] != channel.seq {
        let message = channel.next();
        assert_ne!(message["t"], "disk", "{message}");
    }
    let state = channel.ask(json!({ "t": "save" }));
    assert_eq!(state["saved"], true);
    assert_eq!(disk(&project), text);
}

#[test]
fn a_fix_is_that_of_the_findings_that_were_shown_and_words_are_the_reader_s() {
    let project = TempProject::new();
    project.file(PATH, ISSUE.replace("正文一段。", "有台帐,须整理。"));
    let served = Served::studio(&project);
    let mut channel = served.open("p/2026-1");
    let mut chinese = served.connect(&served.token, &[]).expect("a channel");
    chinese.say(json!({ "t": "open", "issue": "p/2026-1", "lang": "zh" }));
    let found = channel.findings();
    let shown = channel.state["rev"].clone();
    let wrong = found.iter().find(|found| found["rule"] == "word-wrong").expect("台帐 is found");
    let theirs = chinese.findings();
    let same = theirs.iter().find(|found| found["rule"] == "word-wrong").expect("台帐 is found");
    assert!(same["message"].as_str().is_some_and(|said| !said.is_ascii()), "{same}");
    assert!(same["message"] != wrong["message"], "{same}");
    let id = wrong["id"].clone();
    let text = channel.text.replace(",须", "，须");
    channel.edit(&text);
    channel.findings();
    channel.seq += 1;
    channel.say(json!({ "t": "fix", "seq": channel.seq, "base": shown, "finding": id }));
    assert_eq!(channel.until("error")["code"], "studio-fix-gone");
    assert_eq!(channel.text, text);
}
