//! Names of issues, publications and pictures that lead out of the project → nothing is found.

use std::path::Path;

use super::{Served, body_of, request};
use crate::support::{ISSUE, PUBLICATION, TempProject};

const SECRET: &str = "SECRETOUTSIDE";

/// A folder with what must never be seen, outside of any project.
fn outside() -> tempfile::TempDir {
    let outside = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        std::fs::write(outside.path().join(name), text).expect("a file");
    };
    file("publication.toml", &format!("{PUBLICATION}[imprint]\nreport_to = [\"{SECRET}\"]\n"));
    file("2026-1.toml", &ISSUE.replace("标题", SECRET));
    file("a.png", SECRET);
    outside
}

/// What a hostile client sends in place of a name, as it stands in an address.
fn names(outside: &Path) -> Vec<String> {
    let absolute = outside.display().to_string();
    let escaped = absolute.replace('/', "%2F");
    let mut names: Vec<String> = [
        "..",
        "../..",
        "../../outside",
        "%2e%2e",
        "%2e%2e%2f%2e%2e",
        "..%2Foutside",
        ".",
        "",
        "p%00",
        "%00",
        "p/..",
        "p/../p",
        "p\\..",
        "c:",
        "linked",
        "linked/../linked",
        "p/.",
        "/etc",
        "%2Fetc",
        "etc/passwd",
        "..%252Foutside",
        "p%0A",
        "P",
        "p ",
        "inherits",
    ]
    .map(String::from)
    .into();
    names.extend([absolute, escaped]);
    names
}

#[test]
fn a_hostile_name_finds_nothing() {
    let outside = outside();
    let project = TempProject::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(outside.path(), project.path("issues/linked")).expect("a link");
        std::fs::create_dir(project.path("issues/inherits")).expect("a folder");
        let publication = outside.path().join("publication.toml");
        symlink(publication, project.path("issues/inherits/publication.toml")).expect("a link");
        let issue = outside.path().join("2026-1.toml");
        symlink(issue, project.path("issues/p/2026-7.toml")).expect("a link");
    }
    let served = Served::studio(&project);
    let mut tried = 0;
    for name in names(outside.path()) {
        let issue = format!("{name}/2026-1");
        let kind = [("content-type", "application/json"), ("x-filename", "a.txt")];
        let plain: String = name.chars().filter(|c| !c.is_control()).collect();
        let plain = plain.replace('\\', "\\\\");
        for (method, path, body) in [
            ("GET", format!("/api/units?publication={name}"), String::new()),
            ("GET", format!("/api/history?issue={issue}"), String::new()),
            ("GET", format!("/api/history/1?issue={issue}"), String::new()),
            ("GET", format!("/api/review?issue={issue}"), String::new()),
            ("POST", format!("/api/review?issue={issue}"), String::new()),
            ("GET", format!("/api/export?as=toml&issue={issue}"), String::new()),
            ("GET", format!("/api/export?as=toml&issue=p/{name}"), String::new()),
            ("POST", format!("/api/pictures?issue={issue}"), SECRET.into()),
            ("POST", format!("/api/import?publication={name}"), "标题\n正文。".into()),
            ("POST", "/api/issues".into(), format!("{{\"publication\":\"{plain}\"}}")),
            (
                "POST",
                "/api/issues".into(),
                format!("{{\"publication\":\"p\",\"from\":\"{plain}/2026-1\"}}"),
            ),
            (
                "POST",
                "/api/publications".into(),
                format!("{{\"id\":\"{plain}\",\"name\":\"\",\"issuer\":\"\"}}"),
            ),
        ] {
            // A publication whose file is a link out is there, but nothing of that file is.
            let may_be_found = name == "inherits" || path.contains("/publications") && name == "P";
            let path = path.replace(' ', "%20").replace('\\', "%5C");
            let answer = request(&served, method, &path, &kind, body.as_bytes());
            assert!(!answer.contains(SECRET), "{method} {path}: {answer}");
            let refused = answer.starts_with("HTTP/1.1 4");
            assert!(refused || may_be_found, "{method} {path} {body}: {answer}");
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried}");
    for path in ["/api/project", "/api/search?q=SECRET", "/api/units?publication=p"] {
        let answer = request(&served, "GET", path, &[], b"");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(!body_of(&answer).contains(SECRET), "{path}: {answer}");
    }
    let answer = request(&served, "GET", "/api/export?as=toml&issue=p/2026-7", &[], b"");
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    assert_eq!(std::fs::read_dir(outside.path()).expect("it").count(), 3);
}

#[test]
#[cfg(unix)]
fn the_studios_own_files_are_no_links_out_of_the_project() {
    use std::os::unix::fs::symlink;
    let outside = outside();
    let victim = outside.path().join("victim");
    let kept = || std::fs::read_to_string(&victim).expect("the victim");
    std::fs::write(&victim, "[]").expect("a file");
    for place in ["studio.json", "review/p/2026-1.json", "unsaved/p/2026-1.json"] {
        let project = TempProject::new();
        let path = project.path("out/.jianbao").join(place);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        symlink(&victim, &path).expect("a link");
        let served = Served::studio(&project);
        let mut channel = served.open("p/2026-1");
        channel.until("state");
        channel.edit(&ISSUE.replace("正文", "改文"));
        served.json("GET", "/api/review?issue=p/2026-1", b"");
        served.json("POST", "/api/review?issue=p/2026-1", b"");
        drop(channel);
        drop(served);
        assert_eq!(kept(), "[]", "{place}");
    }
    for place in ["history/p/2026-1", "history", "review", "unsaved"] {
        let project = TempProject::new();
        let path = project.path("out/.jianbao").join(place);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        symlink(outside.path(), &path).expect("a link");
        let served = Served::studio(&project);
        let mut channel = served.open("p/2026-1");
        channel.until("state");
        channel.edit(&ISSUE.replace("正文", "改文"));
        channel.ask(serde_json::json!({ "t": "save" }));
        let answer = request(&served, "GET", "/api/history?issue=p/2026-1", &[], b"");
        assert!(!answer.contains("victim"), "{answer}");
        drop(channel);
        drop(served);
        assert_eq!(std::fs::read_dir(outside.path()).expect("it").count(), 4, "{place}");
    }
}
