//! The studio's server: over HTTP and a WebSocket, as a browser would speak to it.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jianbao::catalogue::Lang;
use jianbao::diag::Diagnostic;
use jianbao::fonts::FontPaths;
use jianbao::pipeline::Session;
use jianbao::project::{IssuePath, Project};
use jianbao::serve::{Mode, Observer, Options, Server};
use serde_json::{Value as Json, json};
use tokio::sync::Notify;
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};
use zip::ZipArchive;

use crate::support::{ISSUE, PUBLICATION, TempProject, root};

struct Silent;

impl Observer for Silent {
    fn was_set(&self, _: &IssuePath, _: &[Diagnostic], _: bool) {}
}

/// A server of this process, which ends with the test.
pub struct Served {
    pub address: SocketAddr,
    pub token: String,
    url: String,
    stop: Arc<Notify>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Served {
    pub fn studio(project: &TempProject) -> Self {
        Self::new(project.folder.path(), false, None)
    }

    pub fn watch(project: &TempProject) -> Self {
        Self::new(project.folder.path(), true, None)
    }

    fn new(folder: &Path, watch: bool, password: Option<&str>) -> Self {
        Self::at([127, 0, 0, 1], folder, watch, password)
    }

    fn at(ip: [u8; 4], folder: &Path, watch: bool, password: Option<&str>) -> Self {
        let project = Project::find(folder).expect("a project");
        let session = Session::open(project, &FontPaths::default()).expect("a session");
        let mode = match watch {
            true => Mode::Watch(session.project.issues(&[]).expect("issues")),
            false => Mode::Studio,
        };
        let address = SocketAddr::from((ip, 0));
        let password = password.map(Into::into);
        let options = Options { mode, address, password, lang: Lang::En };
        let server = Server::open(session, options, Box::new(Silent)).expect("it listens");
        let (address, url) = (server.address(), server.url());
        let token = url.split("token=").nth(1).unwrap_or_default().to_string();
        let stop = Arc::new(Notify::new());
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.expect("a runtime");
            runtime
                .block_on(server.run(async move { stopped.notified().await }))
                .expect("it serves");
        });
        Served { address, token, url, stop, thread: Some(thread) }
    }

    pub fn open(&self, issue: &str) -> Channel {
        let mut channel = self.connect(&self.token, &[]).expect("a channel");
        channel.say(json!({ "t": "open", "issue": issue }));
        channel
    }

    fn connect(&self, token: &str, headers: &[(&'static str, &str)]) -> Option<Channel> {
        let stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
        let url = format!("ws://{}/api/live", self.address);
        let mut request = url.into_client_request().expect("a request");
        let bearer = format!("Bearer {token}");
        for (name, value) in [("authorization", bearer.as_str())].iter().chain(headers) {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        let config = tungstenite::protocol::WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let (socket, _) =
            tungstenite::client::client_with_config(request, stream, Some(config)).ok()?;
        Some(Channel { socket, seq: 0, state: Json::Null, text: String::new() })
    }

    fn json(&self, method: &str, path: &str, body: &[u8]) -> Json {
        let kind: &[(&str, &str)] =
            if method == "POST" { &[("content-type", "application/json")] } else { &[] };
        let answer = request(self, method, path, kind, body);
        let body = answer.split_once("\r\n\r\n").expect("a body").1;
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// A browser's channel, which remembers the last state.
pub struct Channel {
    socket: WebSocket<TcpStream>,
    seq: u64,
    state: Json,
    text: String,
}

impl Channel {
    pub fn say(&mut self, message: Json) {
        self.socket.send(Message::Text(message.to_string().into())).expect("it is sent");
    }

    fn next(&mut self) -> Json {
        loop {
            let message = self.socket.read().expect("a message within a minute");
            let Message::Text(text) = message else { continue };
            let message: Json = serde_json::from_str(&text).expect("JSON");
            if message["t"] == "state" {
                if let Some(text) = message["text"].as_str() {
                    self.text = text.into();
                }
                self.state = message.clone();
            }
            return message;
        }
    }

    /// The next message of a kind.
    pub fn until(&mut self, kind: &str) -> Json {
        loop {
            let message = self.next();
            if message["t"] == kind {
                return message;
            }
        }
    }

    /// Asks for something and waits until it is in the state.
    fn ask(&mut self, mut message: Json) -> Json {
        self.seq += 1;
        message["seq"] = self.seq.into();
        if message["base"].is_null() {
            message["base"] = self.state["rev"].clone();
        }
        self.say(message);
        while self.state["seq"] != self.seq {
            self.next();
        }
        self.state.clone()
    }

    fn edit(&mut self, text: &str) -> Json {
        self.text = text.into();
        self.ask(json!({ "t": "edit", "text": text }))
    }

    fn apply(&mut self, ops: Json) -> Json {
        self.ask(json!({ "t": "apply", "ops": ops }))
    }

    fn findings(&mut self) -> Vec<Json> {
        loop {
            let found = self.until("findings");
            if found["rev"] == self.state["rev"] {
                return found["findings"].as_array().expect("a list").clone();
            }
        }
    }
}

/// One request with the token; gives all of the answer.
pub fn request(
    served: &Served,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> String {
    let host = served.address.to_string();
    let bearer = format!("Bearer {}", served.token);
    let all = [("host", host.as_str()), ("authorization", bearer.as_str())];
    raw(served.address, method, path, all.iter().chain(headers), body)
}

fn raw<'a>(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: impl Iterator<Item = &'a (&'a str, &'a str)>,
    body: &[u8],
) -> String {
    let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    headers.for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
    stream.write_all(head.as_bytes()).expect("it is sent");
    // Who refuses a body need not read it.
    stream.write_all(body).ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok();
    String::from_utf8_lossy(&answer).into_owned()
}

fn body_of(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").expect("a body").1
}

fn disk(project: &TempProject) -> String {
    std::fs::read_to_string(project.path("issues/p/2026-1.toml")).expect("the issue")
}

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
    // The ruler's findings come too, with their page: here the layout is changed.
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
    // In the same paragraph: who comes second is asked.
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
fn a_file_that_changes_outside_is_merged_or_asked_about_and_never_overwritten() {
    let project = TempProject::new();
    let issue = ISSUE.replace("正文一段。", "一段。\n\n二段。\n\n三段。");
    project.file("issues/p/2026-1.toml", &issue);
    let served = Served::studio(&project);
    let mut channel = served.open("p/2026-1");
    channel.until("findings");
    // Nothing of ours: theirs is taken.
    let theirs = issue.replace("一段", "壹段");
    project.file("issues/p/2026-1.toml", &theirs);
    assert_eq!(channel.until("disk")["clean"], true);
    assert_eq!(channel.text, theirs);
    // Different paragraphs: merged.
    channel.edit(&theirs.replace("三段", "叁段"));
    let theirs = theirs.replace("标题", "新题");
    project.file("issues/p/2026-1.toml", &theirs);
    assert_eq!(channel.until("disk")["clean"], true);
    let both = theirs.replace("三段", "叁段");
    assert_eq!(channel.text, both);
    // The same paragraph: asked about. Nothing is saved before there is an answer.
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
    // What was not taken is in the history.
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
    // A page that was left open goes on: the same address, the same token.
    assert_eq!((second.address, &second.token), (first.address, &first.token));
    let mut channel = second.open("p/2026-1");
    let state = channel.until("state");
    assert_eq!((&state["text"], &state["recovered"]), (&json!(text), &json!(true)));
    // It also has a copy of its own, with a change that the server never saw.
    let later = text.replace("标题", "后改的题");
    channel.ask(json!({ "t": "edit", "base": 0, "base_text": text, "text": later }));
    channel.ask(json!({ "t": "save" }));
    assert_eq!(disk(&project), later);
}

#[test]
fn issues_are_listed_searched_made_and_imported() {
    let project = TempProject::new();
    let lists = "\n[imprint]\nreport_to = [\"甲部\", \"乙部\"]\nalso_to = [\"丙部\"]\n";
    let sections = "\n[[sections]]\nname = \"经验交流\"\n[[sections.articles]]\ntitle = \"栏内\"\nsource = \"某厂\"\nbody = \"文。\"\n";
    project.file("issues/p/2026-1.toml", format!("{ISSUE}{sections}{lists}"));
    let served = Served::studio(&project);
    let listed = served.json("GET", "/api/project", b"");
    let issue = &listed["publications"][0]["issues"][0];
    assert_eq!((&issue["id"], &issue["year"]), (&json!("p/2026-1"), &json!(2026)));
    assert_eq!(issue["titles"], json!(["标题", "栏内"]));
    assert!(listed["schema"]["issue"]["properties"]["sections"].is_object());
    let hits = served.json("GET", "/api/search?q=%E6%AD%A3%E6%96%87", b"");
    assert_eq!(hits[0]["path"], json!(["articles", 0, "body"]));
    assert_eq!((&hits[0]["from"], &hits[0]["to"]), (&json!(0), &json!(2)));
    let units = served.json("GET", "/api/units?publication=p", b"");
    assert_eq!(
        (&units["report_to"], &units["source"]),
        (&json!(["乙部", "甲部"]), &json!(["某厂"]))
    );
    let made =
        served.json("POST", "/api/issues", json!({ "publication": "p" }).to_string().as_bytes());
    assert_eq!(made["id"], "p/2026-2");
    let text = std::fs::read_to_string(project.path("issues/p/2026-2.toml")).expect("a new issue");
    let value = jianbao::form::value(&text).expect("TOML");
    assert_eq!((&value["number"], &value["date"]), (&json!(2), &json!("2026-01-12")));
    assert_eq!(value["imprint"], json!({ "report_to": ["甲部", "乙部"] }));
    assert_eq!(value["sections"][0]["name"], "经验交流");
    project.run(&["build", "issues/p/2026-2.toml"]).exit(0);
    // A back issue is dropped.
    let back = std::fs::read(root().join("tests/import/corpus/plain.txt"));
    let back = back.unwrap_or_else(|_| "工作简报\n第7期\n某某办公室  2025年3月4日\n\n县里召开春耕会议\n　　三月一日，县里召开会议，部署春耕生产。\n".into());
    let answer = request(
        &served,
        "POST",
        "/api/import?publication=p",
        &[("x-filename", "%E5%BE%80%E6%9C%9F.txt")],
        &back,
    );
    let imported: Json =
        serde_json::from_str(body_of(&answer)).unwrap_or_else(|_| panic!("{answer}"));
    let id = imported["id"].as_str().unwrap_or_else(|| panic!("{imported}")).to_string();
    assert!(project.path(&format!("issues/{id}.toml")).is_file());
    let listed = served.json("GET", "/api/project", b"");
    let issues = listed["publications"][0]["issues"].as_array().expect("issues").clone();
    assert!(issues.iter().any(|issue| issue["id"] == id && issue["review"] == true));
    served.json("POST", &format!("/api/review?issue={id}"), b"");
    let listed = served.json("GET", "/api/project", b"");
    let issues = listed["publications"][0]["issues"].as_array().expect("issues").clone();
    assert!(issues.iter().any(|issue| issue["id"] == id && issue["review"] == false));
}

#[test]
fn what_word_pastes_becomes_clean_text() {
    let project = TempProject::new();
    let served = Served::studio(&project);
    let html = "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><style>p.MsoNormal {mso-style:x}</style></head><body>\
        <!--StartFragment--><p class=MsoNormal style='text-indent:32.0pt'><b><span lang=ZH-CN style='font-family:黑体'>加强组织领导。</span></b>\
        <span lang=ZH-CN style='font-family:仿宋'>各地高度\r\n重视，<o:p></o:p></span></p>\
        <p class=MsoNormal>第二段*星号*。</p>\
        <table><tr><td><p>单位</p></td><td><p>数量</p></td></tr><tr><td>甲县</td><td>3</td></tr></table><!--EndFragment--></body></html>";
    let answer = served.json("POST", "/api/clean", json!({ "html": html }).to_string().as_bytes());
    let body = answer["body"].as_str().expect("a body");
    assert!(body.contains("**加强组织领导。**各地高度重视，\n"), "{body}");
    assert!(body.contains("第二段\\*星号\\*。"), "{body}");
    assert!(body.contains("| 单位 | 数量 |"), "{body}");
    assert!(!body.contains("mso") && !body.contains('<'), "{body}");
}

#[test]
fn pictures_lie_beside_the_issue_and_over_no_other_file() {
    let project = TempProject::new();
    let served = Served::studio(&project);
    let picture = std::fs::read(root().join("docs/page-1.png")).expect("a picture");
    let drop = |name: &str, bytes: &[u8]| {
        let answer = request(
            &served,
            "POST",
            "/api/pictures?issue=p/2026-1",
            &[("x-filename", name)],
            bytes,
        );
        serde_json::from_str::<Json>(body_of(&answer)).unwrap_or_else(|_| panic!("{answer}"))
    };
    assert_eq!(drop("a%20b.png", &picture)["path"], "pictures/a-b.png");
    assert_eq!(drop("a%20b.png", &picture)["path"], "pictures/a-b.png");
    project.file("issues/p/pictures/c.png", b"another");
    assert_eq!(drop("..%2F..%2Fc.png", &picture)["path"], "pictures/c-2.png");
    assert_eq!(drop("x.png", b"no picture")["error"]["code"], "studio-picture");
    assert_eq!(
        std::fs::read(project.path("issues/p/pictures/c.png")).expect("it is there"),
        b"another"
    );
}

/// All files of a project with their bytes, but for what the server keeps for itself.
fn files(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.ends_with("out/.jianbao/studio.json") {
            continue;
        }
        if path.is_dir() {
            files(&path, found);
        } else {
            found.insert(path.display().to_string(), std::fs::read(&path).expect("a file"));
        }
    }
}

#[test]
fn a_thousand_hostile_requests_are_refused_and_write_nothing() {
    let project = TempProject::new();
    let served = Served::studio(&project);
    let outside = project.path("outside.toml");
    std::fs::write(&outside, ISSUE).expect("a file");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc", project.path("issues/etc")).expect("a link");
    let mut before = BTreeMap::new();
    files(&project.path("issues/p"), &mut before);
    files(&project.path("out"), &mut before);
    let host = served.address.to_string();
    let bearer = format!("Bearer {}", served.token);
    let names = [
        "../../outside",
        "p/../../outside",
        "..%2F..%2Foutside",
        "p%2F..%2F..%2Foutside",
        "/etc/passwd",
        "p/%2e%2e/x",
        "etc/passwd",
        "p/2026-1%00",
        "p\\2026-1",
        "p/.2026-1",
        ".p/2026-1",
        "p",
        "",
        "p/",
        "/p/2026-1",
        "p/publication",
        "C:/x",
        "%F0%9F%92%A9/1",
        "p/2026-1.toml",
        "p/2026-1/..",
    ];
    let mut refused = 0;
    let mut refuse = |answer: String, asked: String| {
        let code: u16 = answer.get(9..12).and_then(|code| code.parse().ok()).unwrap_or(0);
        // A connection that is cut is a refusal as well.
        assert!(
            (400..500).contains(&code) || answer.is_empty(),
            "{asked}: {}",
            &answer[..answer.len().min(300)]
        );
        assert!(!answer.contains("root:"), "{asked}");
        refused += 1;
    };
    let mut ask = |method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]| {
        let answer = raw(served.address, method, path, headers.iter(), body);
        refuse(answer, format!("{method} {path} {headers:?}"));
    };
    let good = [("host", host.as_str()), ("authorization", bearer.as_str())];
    // Names that lead elsewhere.
    for name in names {
        for (method, path) in [
            ("GET", "/api/history"),
            ("GET", "/api/history/1"),
            ("GET", "/api/export"),
            ("POST", "/api/pictures"),
            ("GET", "/api/review"),
            ("POST", "/api/review"),
        ] {
            let path = format!("{path}?issue={}&as=toml", name.replace('\\', "%5C"));
            let headers = [good[0], good[1], ("x-filename", "a.png")];
            ask(method, &path, &headers, b"x");
        }
        if name != "p" {
            let headers = [good[0], good[1], ("x-filename", "a.txt")];
            let path = format!("/api/import?publication={}", name.replace('\\', "%5C"));
            ask("POST", &path, &headers, "工作简报\n第9期\n标题\n文。".as_bytes());
        }
        let json = [good[0], good[1], ("content-type", "application/json")];
        if name != "p" {
            ask(
                "POST",
                "/api/issues",
                &json,
                json!({ "publication": name }).to_string().as_bytes(),
            );
        }
        ask(
            "POST",
            "/api/issues",
            &json,
            json!({ "publication": "p", "from": name }).to_string().as_bytes(),
        );
    }
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc/passwd",
        "//etc/passwd",
        "/./../x",
        "/index.html/..",
        "/.git/config",
    ] {
        ask("GET", path, &good, b"");
    }
    // Wrong hosts, origins, tokens, on every way in.
    let paths = [
        ("GET", "/api/project"),
        ("GET", "/api/live"),
        ("GET", "/api/search?q=a"),
        ("POST", "/api/issues"),
        ("POST", "/api/import?publication=p"),
        ("POST", "/api/pictures?issue=p/2026-1"),
        ("POST", "/api/clean"),
        ("GET", "/api/export?issue=p/2026-1&as=toml"),
        ("GET", "/api/history?issue=p/2026-1"),
        ("GET", "/api/units?publication=p"),
    ];
    let port = served.address.port();
    let hosts = [
        "evil.example".to_string(),
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.evil:{port}"),
        "127.0.0.1".into(),
        "127.0.0.1:1".into(),
        format!("0.0.0.0:{port}"),
        format!("127.0.0.2:{port}"),
        format!("[::1]:{port}"),
        String::new(),
        format!("localhost:{port}:1"),
    ];
    let origins = [
        "http://evil.example".to_string(),
        "null".into(),
        format!("https://{host}"),
        format!("http://{host}.evil"),
        format!("http://localhost:{port}x"),
        "file://".into(),
        "http://127.0.0.1:1".into(),
        format!("http://{host}/"),
    ];
    let tokens = [
        "",
        "Bearer ",
        "Bearer x",
        "Basic Og==",
        &bearer[..bearer.len() - 1],
        &format!("{bearer}0"),
        &bearer.to_uppercase(),
        &"Bearer ".repeat(300),
    ];
    let mut rng = fastrand::Rng::with_seed(1);
    let json_kind = ("content-type", "application/json");
    let body = json!({ "publication": "p", "html": "x" }).to_string();
    for (method, path) in paths {
        for host in &hosts {
            ask(method, path, &[("host", host), good[1], json_kind], body.as_bytes());
        }
        ask(method, path, &[good[0], ("host", "evil.example"), good[1]], body.as_bytes());
        for origin in &origins {
            ask(method, path, &[good[0], good[1], ("origin", origin), json_kind], body.as_bytes());
        }
        for site in ["cross-site", "same-site", "x"] {
            ask(
                method,
                path,
                &[good[0], good[1], ("sec-fetch-site", site), json_kind],
                body.as_bytes(),
            );
        }
        for token in tokens {
            ask(method, path, &[good[0], ("authorization", token), json_kind], body.as_bytes());
            ask(
                method,
                path,
                &[good[0], ("cookie", &format!("jianbao-{port}={token}")), json_kind],
                body.as_bytes(),
            );
            ask(
                method,
                path,
                &[good[0], ("cookie", &format!("jianbao={}", served.token)), json_kind],
                body.as_bytes(),
            );
        }
        ask(method, path, &[good[0], json_kind], body.as_bytes());
        for _ in 0..12 {
            let guess: String = (0..64).map(|_| rng.digit(16)).collect();
            ask(
                method,
                path,
                &[good[0], ("authorization", &format!("Bearer {guess}")), json_kind],
                body.as_bytes(),
            );
        }
        for method in ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"] {
            ask(method, path, &good, b"");
        }
        ask("GET", &format!("/?token={}", &served.token[1..]), &[good[0]], b"");
    }
    // Bad JSON, bad names, bad kinds, huge bodies.
    let huge = vec![b'a'; 3 << 20];
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [
        "",
        "{",
        "null",
        "[]",
        "\"x\"",
        "{\"publication\":1}",
        "{\"publication\":\"p\",\"from\":{}}",
        "\u{0}",
        &deep,
    ] {
        for path in ["/api/issues", "/api/clean"] {
            ask("POST", path, &[good[0], good[1], json_kind], body.as_bytes());
            ask("POST", path, &[good[0], good[1], ("content-type", "text/plain")], body.as_bytes());
        }
        for path in ["/api/import?publication=p", "/api/pictures?issue=p/2026-1"] {
            ask("POST", path, &[good[0], good[1]], body.as_bytes());
            for name in ["%", "%zz", "%ff", "", "/", "..", "%00"] {
                ask("POST", path, &[good[0], good[1], ("x-filename", name)], body.as_bytes());
            }
        }
    }
    for path in ["/api/issues", "/api/clean", "/login"] {
        ask("POST", path, &[good[0], good[1], json_kind], &huge);
    }
    let too_large = vec![0; (32 << 20) + 1];
    for path in ["/api/import?publication=p", "/api/pictures?issue=p/2026-1"] {
        ask("POST", path, &[good[0], good[1], ("x-filename", "a.png")], &too_large);
    }
    for path in [
        "/api/search",
        "/api/history",
        "/api/export?issue=p/2026-1",
        "/api/export?issue=p/2026-1&as=exe",
        "/api/history/x?issue=p/2026-1",
        "/api/history/99?issue=p/2026-1",
        "/api/units",
        "/api/nothing",
        "/nothing.js",
    ] {
        if path != "/api/search" {
            ask("GET", path, &good, b"");
        }
    }
    // The live channel.
    for (token, headers) in [
        ("x", vec![]),
        ("", vec![]),
        (served.token.as_str(), vec![("origin", "http://evil.example")]),
    ] {
        assert!(served.connect(token, &headers).is_none());
    }
    for first in [
        "",
        "{",
        "{\"t\":\"open\"}",
        "{\"t\":\"save\",\"seq\":1}",
        "{\"t\":\"open\",\"issue\":\"../x\"}",
        "{\"t\":\"open\",\"issue\":\"etc/passwd\"}",
        "{\"t\":\"open\",\"issue\":7}",
    ] {
        let mut channel = served.connect(&served.token, &[]).expect("a channel");
        channel.socket.send(Message::Text(first.into())).expect("it is sent");
        assert_eq!(channel.next()["t"], "error", "{first}");
        assert!(
            channel.socket.read().is_ok_and(|message| message.is_close())
                || !channel.socket.can_read()
        );
    }
    let mut channel = served.open("p/2026-1");
    channel.until("findings");
    for message in [
        "{",
        "[]",
        "{\"t\":\"x\"}",
        "{\"t\":\"edit\"}",
        "{\"t\":\"apply\",\"seq\":1,\"base\":1,\"ops\":[{\"op\":\"write\"}]}",
        "{\"t\":\"apply\",\"seq\":1,\"base\":1,\"ops\":[{\"op\":\"set\",\"path\":[\"a\",9,\"b\"],\"value\":1}]}",
        "{\"t\":\"fix\",\"seq\":1,\"base\":1,\"finding\":99999}",
    ] {
        channel.socket.send(Message::Text(message.into())).expect("it is sent");
        channel.until("error");
    }
    let long = "x".repeat((1 << 20) + 1);
    channel.say(json!({ "t": "edit", "seq": 9, "base": 1, "text": long }));
    assert_eq!(channel.until("error")["code"], "studio-too-large");
    // The channel is closed, not the server, maybe before all is sent.
    let long = json!({ "t": "edit", "seq": 10, "base": 1, "text": "x".repeat(5 << 20) });
    channel.socket.send(Message::Text(long.to_string().into())).ok();
    while channel.socket.read().is_ok() {}
    let mut channel = served.open("p/2026-1");
    assert_eq!(channel.until("state")["text"], ISSUE);
    let mut after = BTreeMap::new();
    files(&project.path("issues/p"), &mut after);
    files(&project.path("out"), &mut after);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert!(before == after, "a file was changed");
    assert!(refused >= 1000, "{refused}");
}

#[test]
fn the_token_becomes_a_cookie_and_leaves_the_address() {
    let project = TempProject::new();
    let served = Served::studio(&project);
    let host = served.address.to_string();
    let get = |path: &str, cookie: &str| {
        let headers = [("host", host.as_str()), ("cookie", cookie)];
        raw(served.address, "GET", path, headers.iter(), b"")
    };
    let answer = get(&format!("/?token={}", served.token), "");
    assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("location: /\r\n"), "{answer}");
    let cookie = answer.split("set-cookie: ").nth(1).expect("a cookie").split("\r\n").next();
    let cookie = cookie.expect("a cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let pair = cookie.split(';').next().expect("a pair");
    assert!(get("/api/project", pair).starts_with("HTTP/1.1 200"));
    assert!(get("/api/project", "").starts_with("HTTP/1.1 401"));
    let page = get("/", "");
    assert!(page.contains("content-security-policy: default-src 'none'"), "{page}");
    assert!(page.starts_with("HTTP/1.1 401") && page.contains("open the address"), "{page}");
    assert!(get("/", pair).contains("<script"), "with the cookie it is the studio");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let kept = std::fs::metadata(project.path("out/.jianbao/studio.json")).expect("it is kept");
        assert_eq!(kept.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn an_office_network_is_asked_for_a_password() {
    let project = TempProject::new();
    project.file("issues/p/publication.toml", PUBLICATION);
    let served = Served::new(project.folder.path(), false, Some("一二三四五六七八"));
    let host = served.address.to_string();
    let login = |password: &str| {
        let body = format!("password={password}");
        let kind = ("content-type", "application/x-www-form-urlencoded");
        raw(
            served.address,
            "POST",
            "/login",
            [("host", host.as_str()), kind].iter(),
            body.as_bytes(),
        )
    };
    let page = raw(served.address, "GET", "/", [("host", host.as_str())].iter(), b"");
    assert!(page.contains("type=\"password\""), "{page}");
    assert!(login("wrong").starts_with("HTTP/1.1 401"));
    assert!(login("").starts_with("HTTP/1.1 401"));
    let encoded: String = "一二三四五六七八".bytes().map(|byte| format!("%{byte:02X}")).collect();
    let answer = login(&encoded);
    assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("set-cookie"), "{answer}");
    // The program itself takes no short one, and none of an address that is not its own.
    let run = project.run(&["studio", "--no-open", "--bind", "0.0.0.0"]);
    run.exit(2).says("--bind needs a password");
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
#[cfg(unix)]
fn nothing_is_written_through_a_link_that_leads_out() {
    let project = TempProject::new();
    let outside = tempfile::tempdir().expect("a folder");
    std::fs::write(outside.path().join("publication.toml"), PUBLICATION).expect("a file");
    std::os::unix::fs::symlink(outside.path(), project.path("issues/link")).expect("a link");
    let served = Served::studio(&project);
    for (path, body) in [
        ("/api/issues", r#"{"publication":"link"}"#),
        ("/api/import?publication=link&name=a.txt", "标题"),
    ] {
        let kind = [("content-type", "application/json")];
        let answer = request(&served, "POST", path, &kind, body.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    assert_eq!(std::fs::read_dir(outside.path()).expect("the folder").count(), 1);
}

#[test]
fn all_addresses_of_an_office_are_served() {
    let project = TempProject::new();
    let served = Served::at([0, 0, 0, 0], project.folder.path(), false, Some("一二三四五六七八"));
    let port = served.address.port();
    assert!(!served.url.contains("0.0.0.0"), "{}", served.url);
    let here = SocketAddr::from(([127, 0, 0, 1], port));
    for host in [format!("localhost:{port}"), format!("127.0.0.1:{port}")] {
        let page = raw(here, "GET", "/", [("host", host.as_str())].iter(), b"");
        assert!(page.starts_with("HTTP/1.1 200"), "{host}: {page}");
    }
    let other = format!("evil.example:{port}");
    let page = raw(here, "GET", "/", [("host", other.as_str())].iter(), b"");
    assert!(page.starts_with("HTTP/1.1 421"), "{page}");
}

const PATH: &str = "issues/p/2026-1.toml";

/// A project whose issue has three paragraphs.
fn three_paragraphs() -> (TempProject, String) {
    let project = TempProject::new();
    let issue = ISSUE.replace("正文一段。", "一段。\n\n二段。\n\n三段。");
    project.file(PATH, &issue);
    (project, issue)
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
    // The other goes on and saves: that is no answer, and what was sent is not taken yet.
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
    // A later question, about the file, has nothing to do with it.
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
    // A file that is gone comes back only when somebody says so.
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
