//! Lists, search, new issues, imports, pictures.

use serde_json::{Value as Json, json};

use super::{Served, body_of, request};
use crate::support::{ISSUE, TempProject, root};

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
    let value = jianbao::issue::form::value(&text).expect("TOML");
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
fn a_pasted_page_has_bounds() {
    let project = TempProject::new();
    let served = Served::studio(&project);
    for html in ["<div>".repeat(300_000), "<p>甲".repeat(100_000)] {
        let body = json!({ "html": html }).to_string();
        let kind = [("content-type", "application/json")];
        let answer = request(&served, "POST", "/api/clean", &kind, body.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    }
}

#[test]
fn an_import_says_what_keeps_the_issue_from_building() {
    let project = TempProject::new();
    let served = Served::studio(&project);
    let send = |text: &str| {
        let path = "/api/import?publication=p";
        let answer = request(&served, "POST", path, &[("x-filename", "a.txt")], text.as_bytes());
        serde_json::from_str::<Json>(body_of(&answer)).unwrap_or_else(|_| panic!("{answer}"))
    };
    let text = "工作简报\n第7期\n某某办公室  2025年3月4日\n\n县里召开春耕会议\n　　三月一日，县里召开会议。\n";
    assert_eq!(send(text)["errors"], 0);
    assert_eq!(send(&text.replace("第7期", "第8期").replace("春耕", "春\u{e000}耕"))["errors"], 1);
    project.file("issues/p/publication.toml", "name = ");
    let refused = send(text);
    let said = refused["error"]["message"].as_str().unwrap_or_else(|| panic!("{refused}"));
    assert!(said.contains("issues/p/publication.toml") && !said.contains('{'), "{said}");
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
    // The ending is that of the format, whatever the name says.
    assert_eq!(drop("poly.html", &picture)["path"], "pictures/poly.png");
    assert_eq!(drop("2026-9.toml", &picture)["path"], "pictures/2026-9.png");
    assert_eq!(drop("d.PNG", &picture)["path"], "pictures/d.PNG");
    assert_eq!(drop("x.png", b"no picture")["error"]["code"], "studio-picture");
    assert_eq!(
        std::fs::read(project.path("issues/p/pictures/c.png")).expect("it is there"),
        b"another"
    );
}
