//! The seed → the time from a key press, and from a save, to the message with the changed pages.
//!
//! One run measures the pages in memory alone, the studio's channel, and a file that is saved under
//! `watch`. The bench `browser` measures the time until the page shows the message.
//! `-- --soak` types 5,000 keys and prints the memory after each thousand.

use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jianbao::diag::catalogue::Lang;
use jianbao::diag::{Diagnostic, SourceFile};
use jianbao::page::screen::Screen;
use jianbao::pipeline::{Input, Session, Typeset};
use jianbao::publication::fonts::FontPaths;
use jianbao::serve::{Mode, Observer, Options, Patience, Server};
use jianbao::source::project::{IssuePath, Project};
use serde_json::{Value as Json, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

const KEYS: usize = 200;
const TYPED: &str = "今年以来各地认真贯彻落实会议精神结合实际创新方法抓好重点工作取得明显成效";

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Silent;

impl Observer for Silent {
    fn was_set(&self, _: &IssuePath, _: &[Diagnostic], _: bool) {}
}

#[expect(clippy::disallowed_methods, reason = "a benchmark is for measuring time")]
fn now() -> Instant {
    Instant::now()
}

/// The seed with `count` more characters, added to the middle of its longest paragraphs in turn.
fn typed(seed: &str, count: usize) -> String {
    let places: Vec<usize> = ["近年来，青岛市妇联", "近日，临沂市", "全省市妇联主席工作会议后"]
        .iter()
        .map(|part| seed.find(part).expect("the seed has it") + part.len())
        .collect();
    let word: Vec<char> = TYPED.chars().collect();
    let at = places[count / word.len() % places.len()];
    let new: String = word[..count % word.len() + 1].iter().collect();
    format!("{}{new}{}", &seed[..at], &seed[at..])
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let at = |part: f64| ms(times[((times.len() - 1) as f64 * part) as usize]);
    println!(
        "{what:34} median {:6.1} ms   95 % {:6.1} ms   worst {:6.1} ms   of {}",
        at(0.5),
        at(0.95),
        at(1.0),
        times.len()
    );
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("issues/fugong");
    let issues = folder.path().join("issues/fugong");
    std::fs::create_dir_all(&issues).expect("a folder");
    for file in ["publication.toml", "2014-16.toml"] {
        std::fs::copy(sample.join(file), issues.join(file)).expect("the sample");
    }
    folder
}

fn session(folder: &Path) -> Session {
    let project = Project::find(folder).expect("a project");
    Session::open(project, &FontPaths::default()).expect("a session")
}

fn serve(folder: &Path, watch: bool) -> Channel {
    let session = session(folder);
    let mode = match watch {
        true => Mode::Watch(session.project.issues(&[]).expect("issues")),
        false => Mode::Studio,
    };
    let address = ([127, 0, 0, 1], 0).into();
    let (lang, patience) = (Lang::Zh, Patience::default());
    let options = Options { mode, address, password: None, lang, patience };
    let server = Server::open(session, options, Box::new(Silent)).expect("it listens");
    let (address, url) = (server.address(), server.url());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime
            .expect("a runtime")
            .block_on(server.run(std::future::pending()))
            .expect("it serves");
    });
    let token = url.split("token=").nth(1).expect("a token");
    let url = format!("ws://{address}/api/live");
    let mut request = url.into_client_request().expect("a request");
    let bearer = format!("Bearer {token}");
    request.headers_mut().insert("authorization", bearer.parse().expect("a header"));
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let (socket, _) = tungstenite::client(request, stream).expect("a channel");
    let mut channel = Channel { socket, rev: Json::Null, bytes: 0 };
    channel.say(&json!({ "t": "open", "issue": "fugong/2014-16" }));
    channel.until("findings");
    channel
}

struct Channel {
    socket: WebSocket<TcpStream>,
    rev: Json,
    bytes: usize,
}

impl Channel {
    fn say(&mut self, message: &Json) {
        self.socket.send(Message::Text(message.to_string().into())).expect("it is sent");
    }

    fn until(&mut self, kind: &str) {
        loop {
            let message = self.socket.read().expect("a message");
            let Message::Text(text) = message else { continue };
            self.bytes = text.len();
            let message: Json = serde_json::from_str(&text).expect("JSON");
            if message["t"] == "state" {
                self.rev = message["rev"].clone();
            }
            if message["t"] == kind {
                return;
            }
        }
    }

    fn key(&mut self, seq: usize, text: &str) -> Duration {
        let begun = now();
        let rev = self.rev.clone();
        self.say(&json!({ "t": "edit", "seq": seq, "base": rev, "text": text }));
        self.until("pages");
        let took = begun.elapsed();
        self.until("findings");
        took
    }
}

/// The memory of this process in MB, if the system reports it.
fn memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<usize>().ok().map(|kb| kb / 1024)
}

fn main() {
    let folder = project();
    let path = folder.path().join("issues/fugong/2014-16.toml");
    let seed = std::fs::read_to_string(&path).expect("the seed");
    if std::env::args().any(|arg| arg == "--soak") {
        return soak(folder.path(), &seed);
    }
    {
        let session = session(folder.path());
        let issues = session.project.issues(&[]).expect("issues");
        let mut screen = Screen::default();
        let (mut laid, mut shown, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for count in 0..=KEYS {
            let text = typed(&seed, count);
            let file = Arc::new(SourceFile { name: "issues/fugong/2014-16.toml".into(), text });
            let begun = now();
            let (mut first, mut second) = (Duration::ZERO, Duration::ZERO);
            let laid_out = session.laid_out(Input::live(&issues[0], &file));
            if let Some(pages) = &laid_out.value {
                first = begun.elapsed();
                screen.show(&pages.document);
                second = begun.elapsed();
            }
            Typeset::of(laid_out);
            if count == 0 {
                println!("cold: laid out after {first:?}, shown after {second:?}");
            } else {
                laid.push(first);
                shown.push(second);
                all.push(begun.elapsed());
            }
        }
        report("in memory: key to layout", laid);
        report("in memory: key to sheets", shown);
        report("in memory: key to findings", all);
    }
    let mut studio = serve(folder.path(), false);
    let mut bytes = 0;
    let times = (0..KEYS)
        .map(|count| {
            let took = studio.key(count + 1, &typed(&seed, count));
            bytes = bytes.max(studio.bytes);
            took
        })
        .collect();
    report("studio: key to message", times);
    drop(studio);
    let mut watch = serve(folder.path(), true);
    let times = (0..KEYS)
        .map(|count| {
            let text = typed(&seed, count + 1);
            let begun = now();
            // Editors save by writing another file and renaming it.
            std::fs::write(path.with_extension("new"), text).expect("it is saved");
            std::fs::rename(path.with_extension("new"), &path).expect("it is saved");
            watch.until("pages");
            let took = begun.elapsed();
            watch.until("findings");
            took
        })
        .collect();
    report("watch: save to message", times);
}

fn soak(folder: &Path, seed: &str) {
    let mut studio = serve(folder, false);
    let mut times = Vec::new();
    for count in 0..5_000 {
        times.push(studio.key(count + 1, &typed(seed, count)));
        if count % 1_000 == 999 || count == 99 {
            let memory = memory().map_or("?".into(), |mb| mb.to_string());
            println!("{:5} keys: {memory} MB", count + 1);
        }
    }
    report("studio: key to message", times);
}
