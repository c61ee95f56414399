//! Conflicting edits of tabs and of the file → a merged text, or a question to a client.

use serde_json::{Value as Json, json};

use super::{PATH, Served, disk, three_paragraphs};
use crate::support::{ISSUE, TempProject};

#[test]
fn two_tabs_write_on_one_text() {
    let project = TempProject::new();
    project.file("issues/p/2026-1.toml", ISSUE.replace("正文一段。", "一段。\n\n二段。\n\n三段。"));
    let served = Served::studio(&project);
    let (mut one, mut two) = (served.open("p/2026-1"), served.open("p/2026-1"));
    one.until("findings");
    two.until("findings");
    // Both begin at the same revision, in different paragraphs.
    let (first, second) = (one.text.replace("一段", "壹段"), two.text.replace("三段", "叁段"));
    one.edit(&first);
    two.edit(&second);
    let both = first.replace("三段", "叁段");
    assert_eq!(two.text, both);
    while one.text != both {
        one.next();
    }
    // Edits in the same paragraph: the client whose edit comes second is asked.
    let (first, second) = (both.replace("二段", "贰段"), both.replace("二段", "第二段"));
    let rev = two.state["rev"].clone();
    one.edit(&first);
    two.seq += 1;
    two.say(json!({ "t": "edit", "seq": two.seq, "base": rev, "text": second }));
    let conflict = two.until("disk");
    assert_eq!((&conflict["clean"], &conflict["from"]), (&json!(false), &json!("tab")));
    assert_eq!(conflict["theirs"], first);
    let state = two.ask(json!({ "t": "resolve", "choice": "mine" }));
    assert_eq!(state["text"], second);
    while one.text != second {
        one.next();
    }
}

#[test]
fn a_file_that_changes_outside_is_merged_or_asked_about_and_never_overwritten() {
    let project = TempProject::new();
    let issue = ISSUE.replace("正文一段。", "一段。\n\n二段。\n\n三段。");
    project.file("issues/p/2026-1.toml", &issue);
    let served = Served::studio(&project);
    let mut channel = served.open("p/2026-1");
    channel.until("findings");
    // Without an edit of ours, the file's text is taken.
    let theirs = issue.replace("一段", "壹段");
    project.file("issues/p/2026-1.toml", &theirs);
    assert_eq!(channel.until("disk")["clean"], true);
    assert_eq!(channel.text, theirs);
    // Edits in different paragraphs are merged.
    channel.edit(&theirs.replace("三段", "叁段"));
    let theirs = theirs.replace("标题", "新题");
    project.file("issues/p/2026-1.toml", &theirs);
    assert_eq!(channel.until("disk")["clean"], true);
    let both = theirs.replace("三段", "叁段");
    assert_eq!(channel.text, both);
    // Edits in the same paragraph raise a question. Nothing is saved before the answer.
    channel.edit(&both.replace("二段", "我的"));
    let theirs = both.replace("二段", "他的");
    project.file("issues/p/2026-1.toml", &theirs);
    let conflict = channel.until("disk");
    assert_eq!((&conflict["clean"], &conflict["theirs"]), (&json!(false), &json!(theirs)));
    channel.seq += 1;
    channel.say(json!({ "t": "save", "seq": channel.seq }));
    assert_eq!(channel.until("error")["code"], "studio-conflict");
    assert_eq!(disk(&project), theirs);
    channel.ask(json!({ "t": "resolve", "choice": "mine" }));
    channel.ask(json!({ "t": "save" }));
    assert_eq!(disk(&project), both.replace("二段", "我的"));
    // The rejected text is in the history.
    let saves = served.json("GET", "/api/history?issue=p/2026-1", b"");
    let texts: Vec<String> = saves
        .as_array()
        .expect("saves")
        .iter()
        .map(|save| {
            let path = format!("/api/history/{}?issue=p/2026-1", save["id"]);
            served.json("GET", &path, b"")["text"].as_str().expect("a text").to_string()
        })
        .collect();
    assert!(texts.contains(&theirs), "{texts:?}");
    assert!(saves[0]["at"].as_str().expect("a time").starts_with("20"));
}

#[test]
fn a_question_between_tabs_stays_open_and_its_answer_takes_nothing_else_away() {
    let (project, issue) = three_paragraphs();
    let served = Served::studio(&project);
    let (mut one, mut two) = (served.open("p/2026-1"), served.open("p/2026-1"));
    one.until("findings");
    two.until("findings");
    let rev = two.state["rev"].clone();
    one.edit(&issue.replace("二段", "贰段"));
    two.seq += 1;
    let mine = issue.replace("二段", "第二段");
    two.say(json!({ "t": "edit", "seq": two.seq, "base": rev, "text": mine }));
    assert_eq!(two.until("disk")["from"], "tab");
    // The other client edits and saves: that is not an answer, and the second edit still waits.
    one.ask(json!({ "t": "save" }));
    one.edit(&issue.replace("二段", "贰段").replace("三段", "叁段"));
    while !two.text.contains("叁段") {
        two.until("state");
        assert_eq!(two.state["conflict"], "tab");
        assert!(two.state["seq"] != two.seq, "{}", two.state);
    }
    two.ask(json!({ "t": "resolve", "choice": "mine" }));
    let both = issue.replace("二段", "第二段").replace("三段", "叁段");
    assert_eq!((two.text.as_str(), &two.state["conflict"]), (both.as_str(), &Json::Null));
    // A later question about the file is independent.
    let later = both.replace("一段", "我的");
    two.edit(&later);
    project.file(PATH, issue.replace("一段", "他的").replace("二段", "贰段"));
    assert_eq!(two.until("disk")["from"], "disk");
    two.ask(json!({ "t": "resolve", "choice": "mine" }));
    assert_eq!(two.text, later);
}

#[test]
fn what_comes_while_a_question_is_open_is_merged_with_its_answer() {
    let (project, issue) = three_paragraphs();
    let served = Served::studio(&project);
    let (mut one, mut two) = (served.open("p/2026-1"), served.open("p/2026-1"));
    one.until("findings");
    two.until("findings");
    one.edit(&issue.replace("一段", "我的"));
    project.file(PATH, issue.replace("一段", "他的"));
    assert_eq!(one.until("disk")["from"], "disk");
    two.until("disk");
    two.edit(&two.text.replace("三段", "叁段"));
    one.ask(json!({ "t": "resolve", "choice": "merged", "text": issue.replace("一段", "两人的") }));
    let all = issue.replace("一段", "两人的").replace("三段", "叁段");
    assert_eq!(one.text, all);
    while two.text != all || !two.state["conflict"].is_null() {
        two.next();
    }
    one.ask(json!({ "t": "save" }));
    assert_eq!(disk(&project), all);
}

#[test]
fn a_file_that_became_unreadable_or_is_gone_is_not_written_over_unasked() {
    let (project, issue) = three_paragraphs();
    let served = Served::studio(&project);
    let mut channel = served.open("p/2026-1");
    channel.until("findings");
    let mine = issue.replace("一段", "我的");
    channel.edit(&mine);
    let gbk = b"title = \"\xb1\xea\xcc\xe2\"\n";
    project.file(PATH, gbk);
    channel.seq += 1;
    channel.say(json!({ "t": "save", "seq": channel.seq }));
    let error = channel.until("error");
    assert_eq!(error["code"], "studio-not-saved");
    assert!(error["message"].as_str().is_some_and(|message| message.contains("UTF-8")), "{error}");
    assert_eq!(std::fs::read(project.path(PATH)).expect("the file"), gbk);
    // A deleted file is written again only after a client has chosen so.
    std::fs::remove_file(project.path(PATH)).expect("it goes");
    channel.seq += 1;
    channel.say(json!({ "t": "save", "seq": channel.seq }));
    assert_eq!(channel.until("disk")["gone"], true);
    assert_eq!(channel.until("error")["code"], "studio-conflict");
    assert!(!project.path(PATH).exists());
    channel.ask(json!({ "t": "resolve", "choice": "mine" }));
    assert_eq!(channel.text, mine);
    channel.ask(json!({ "t": "save" }));
    assert_eq!(disk(&project), mine);
}

#[test]
fn a_value_that_became_another_is_asked_about() {
    let (project, issue) = three_paragraphs();
    let served = Served::studio(&project);
    let mut channel = served.open("p/2026-1");
    channel.until("findings");
    let theirs = issue.replace("标题", "外面的题");
    project.file(PATH, &theirs);
    channel.until("disk");
    let path = json!(["articles", 0, "title"]);
    channel.seq += 1;
    channel.say(json!({
        "t": "apply", "seq": channel.seq, "base": channel.state["rev"], "was": [[0, "标题"]],
        "ops": [{ "op": "set", "path": path, "value": "离线的题" }],
    }));
    let question = channel.until("disk");
    assert_eq!((&question["from"], &question["theirs"]), (&json!("tab"), &json!(theirs)));
    channel.ask(json!({ "t": "resolve", "choice": "theirs" }));
    assert_eq!(channel.text, theirs);
}

#[test]
fn a_change_of_a_text_that_is_forgotten_overwrites_nothing() {
    let (project, issue) = three_paragraphs();
    let served = Served::studio(&project);
    let mut channel = served.open("p/2026-1");
    channel.until("findings");
    channel.seq += 1;
    let old = issue.replace("三段。\n", "");
    channel.say(json!({ "t": "edit", "seq": channel.seq, "base": 999, "text": old }));
    assert_eq!(channel.until("disk")["theirs"], issue);
    channel.ask(json!({ "t": "resolve", "choice": "theirs" }));
    let set = json!([{ "op": "set", "path": ["number"], "value": 9 }]);
    channel.seq += 1;
    channel.say(json!({ "t": "apply", "seq": channel.seq, "base": 999, "ops": set }));
    assert_eq!(channel.until("error")["code"], "studio-base");
    assert_eq!(channel.text, issue);
}
