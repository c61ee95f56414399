//! Random requests, hostile in path, parameters, headers and body → answers of a studio that goes on.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::time::Duration;

use fastrand::Rng;

use crate::machine::{Attack, Place, is_long, now};

const SECRET: &str = "SECRET-OUTSIDE";

const NAMES: [&str; 24] = [
    "p",
    "p/2026-1",
    "../../outside",
    "..%2F..%2Foutside",
    "%2e%2e/%2e%2e/outside",
    "/etc",
    "%2Fetc",
    "linked",
    "linked/2026-1",
    "p/..",
    "p/2026-1%00",
    "p%5C2026-1",
    "p/.2026-1",
    "",
    "p/",
    "p//2026-1",
    "p/publication",
    "p/2026-1.toml",
    "C:%5Cx",
    "%F0%9F%92%A9",
    "%FF%FE",
    "p/2026-99",
    "lent",
    "lent/2026-1",
];

const ROUTES: [(&str, &str); 13] = [
    ("GET", "/api/project?x="),
    ("GET", "/api/search?q="),
    ("GET", "/api/units?publication="),
    ("POST", "/api/issues?x="),
    ("POST", "/api/publications?x="),
    ("POST", "/api/clean?x="),
    ("GET", "/api/history?issue="),
    ("GET", "/api/history/1?issue="),
    ("GET", "/api/export?as=pdf&issue="),
    ("GET", "/api/export?as=toml&issue="),
    ("POST", "/api/import?publication="),
    ("POST", "/api/pictures?issue="),
    ("GET", "/api/review?issue="),
];

fn body(rng: &mut Rng, name: &str) -> Vec<u8> {
    let nested = |open: &str, n: usize| open.repeat(n);
    match rng.u8(..9) {
        0 => Vec::new(),
        1 => format!("{{\"publication\":\"{name}\"}}").into_bytes(),
        2 => format!("{{\"publication\":\"p\",\"from\":\"{name}\"}}").into_bytes(),
        3 => format!("{{\"html\":\"{}\"}}", nested("<div>", 3000)).into_bytes(),
        4 => nested("[", 100_000).into_bytes(),
        5 => (0..rng.usize(..3000)).map(|_| rng.u8(..)).collect(),
        6 => b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        7 => format!("{{\"publication\":\"{name}\",\"name\":\"{name}\",\"html\":\"<p>\"}}")
            .into_bytes(),
        _ => "工作简报\n第9期\n标题\n这是一段正文。\n".as_bytes().to_vec(),
    }
}

/// The answer's code and its text; `None` if there was none in time.
fn ask(port: u16, request: &[u8]) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    // A server that refuses a body need not read it, so sending may fail.
    stream.write_all(request).ok();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    match (read, text.get(9..12).and_then(|code| code.parse().ok())) {
        (_, Some(code)) => Some((code, text)),
        // A connection that is closed without an answer is a refusal too.
        (Ok(_), None) => Some((400, text)),
        (Err(error), None) => {
            (error.kind() == std::io::ErrorKind::ConnectionReset).then_some((400, text))
        }
    }
}

#[test]
fn requests_at_random() {
    let mut attack = Attack::new("requests");
    let place = Place::new();
    place.file(
        "outside/publication.toml",
        format!("name = \"{SECRET}\"\nissuer = \"x\"\n[imprint]\nreport_to = [\"{SECRET}\"]\n"),
    );
    place.file("outside/2026-1.toml", SECRET);
    symlink(place.path("outside"), place.path("project/issues/linked")).expect("a link");
    std::fs::create_dir(place.path("project/issues/lent")).expect("a folder");
    symlink(
        place.path("outside/publication.toml"),
        place.path("project/issues/lent/publication.toml"),
    )
    .expect("a link");
    symlink(place.path("outside/2026-1.toml"), place.path("project/issues/lent/2026-1.toml"))
        .expect("a link");
    let mut studio = place.start(&["studio", "--no-open"], "");
    let begun = now();
    let url = loop {
        let said = studio.stderr();
        if let Some(url) = said.split_whitespace().find(|word| word.starts_with("http://")) {
            break url.to_string();
        }
        assert!(!studio.has_ended() && begun.elapsed() < Duration::from_secs(60), "{said}");
        std::thread::sleep(Duration::from_millis(10));
    };
    let port: u16 =
        url.split([':', '/']).nth(4).and_then(|port| port.parse().ok()).expect("a port");
    let token = url.split("token=").nth(1).expect("a token");
    let mut rng = Rng::with_seed(3);
    for n in 0..if is_long() { 3000 } else { 500 } {
        let (method, route) = ROUTES[rng.usize(..ROUTES.len())];
        let name = NAMES[rng.usize(..NAMES.len())];
        let method = if rng.u8(..10) == 0 {
            ["PUT", "DELETE", "HEAD", "OPTIONS", "X"][rng.usize(..5)]
        } else {
            method
        };
        let body = body(&mut rng, name);
        let kind =
            ["application/json", "text/plain", "image/png", "multipart/form-data"][rng.usize(..4)];
        let length = if rng.u8(..20) == 0 { rng.usize(..) } else { body.len() };
        let file = ["a.png", "..%2Fa.png", "a.txt", "2026-1.toml", "x.html", "%00"][rng.usize(..6)];
        let head = format!(
            "{method} {route}{name} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\n\
             connection: close\r\ncontent-type: {kind}\r\nx-filename: {file}\r\ncontent-length: {length}\r\n\r\n"
        );
        let input = format!("request {n}, {method} {route}{name}");
        let asked = now();
        // A body that is shorter than announced is waited for, so its answer may not come in time.
        let is_cut = length > body.len();
        attack.tried();
        if is_cut {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
            stream.write_all(&[head.as_bytes(), &body].concat()).ok();
            continue;
        }
        match ask(port, &[head.as_bytes(), &body].concat()) {
            None => attack.wrong(&input, "no answer"),
            Some((code, _)) if code >= 500 => attack.wrong(&input, &format!("answer {code}")),
            Some((_, text)) if text.contains(SECRET) => {
                attack.wrong(&input, "shows a file outside")
            }
            Some(_) => {}
        }
        attack.cost(&input, studio.measure(), asked.elapsed());
        if studio.has_ended() {
            attack.wrong(&input, &format!("the studio ended: {}", studio.stderr()));
            return;
        }
    }
    if studio.stderr().contains("panicked") {
        attack.wrong("the studio", &studio.stderr());
    }
    studio.kill();
    for (path, text) in [("outside/2026-1.toml", SECRET)] {
        if std::fs::read_to_string(place.path(path)).ok().as_deref() != Some(text) {
            attack.wrong(path, "changed");
        }
    }
}
