//! Requests over HTTP and a WebSocket, as a browser sends them → the answers of a studio's server.

mod gate;
mod hostile;
mod keeping;
mod names;
mod patience;
mod project;
mod questions;
mod writing;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jianbao::diag::Diagnostic;
use jianbao::diag::catalogue::Lang;
use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::serve::{Mode, Observer, Options, Patience, Server};
use jianbao::source::project::{IssuePath, Project};
use serde_json::{Value as Json, json};
use tokio::sync::Notify;
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

use crate::support::{ISSUE, TempProject};

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
        Self::with(ip, folder, watch, password, Patience::default())
    }

    fn with(
        ip: [u8; 4],
        folder: &Path,
        watch: bool,
        password: Option<&str>,
        patience: Patience,
    ) -> Self {
        let project = Project::find(folder).expect("a project");
        let session = Session::open(project, &FontPaths::default()).expect("a session");
        let mode = match watch {
            true => Mode::Watch(session.project.issues(&[]).expect("issues")),
            false => Mode::Studio,
        };
        let address = SocketAddr::from((ip, 0));
        let password = password.map(Into::into);
        let options = Options { mode, address, password, lang: Lang::En, patience };
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

/// A browser's channel, which keeps the last state.
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

    /// Sends a request and waits for the state that answers it.
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

/// Sends one request with the token; returns the whole answer.
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
    // A server that refuses a body need not read it, so sending may fail.
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

const PATH: &str = "issues/p/2026-1.toml";

/// A project whose issue has three paragraphs.
fn three_paragraphs() -> (TempProject, String) {
    let project = TempProject::new();
    let issue = ISSUE.replace("正文一段。", "一段。\n\n二段。\n\n三段。");
    project.file(PATH, &issue);
    (project, issue)
}
