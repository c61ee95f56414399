//! Hostile requests → refusals; no file is written.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;
use tungstenite::Message;

use super::{Served, raw, request};
use crate::support::{ISSUE, PUBLICATION, TempProject};

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
#[expect(clippy::too_many_lines, reason = "a flat list of requests")]
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
        // A closed connection counts as a refusal too.
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
    // The server closes the channel, maybe before all is sent, and goes on serving.
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
