//! Access: token, password, addresses.

use std::net::SocketAddr;

use super::{Served, raw};
use crate::support::{PUBLICATION, TempProject};

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
    // The program refuses a network address without a password.
    let run = project.run(&["studio", "--no-open", "--bind", "0.0.0.0"]);
    run.exit(2).says("--bind needs a password");
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
