//! The report as HTML and JUnit, and its pictures.

use image::RgbImage;
use jianbao::compare::report::{Entry, Status, html};
use jianbao::diag::catalogue::{Catalogue, Lang};

use super::{LONG, approved, of};
use crate::browser::{browser, file_url};
use crate::support::{ISSUE, PUBLICATION, TempProject};

#[test]
fn only_reports_of_this_program_are_taken_away() {
    let project = approved();
    project.file("docs/compare.html", "<p>mine").file("docs/compare/mine.png", "mine");
    let mine = || {
        let page = std::fs::read_to_string(project.path("docs/compare.html")).ok();
        assert_eq!(page.as_deref(), Some("<p>mine"));
        let files = std::fs::read_dir(project.path("docs/compare")).expect("a folder");
        assert_eq!(files.count(), 1);
    };
    project.run(&["compare", "-o", "docs"]).exit(0);
    mine();
    project.change("issues/p/2026-2.toml", "部署", "布署");
    project.run(&["compare", "-o", "docs"]).exit(2).says("no report of this program");
    mine();
    project.run(&["compare"]).exit(1).says("page 1, line").says(" mm²)");
    assert!(project.path("out/compare/p/2026-2_1_before.png").is_file());
    project.change("issues/p/2026-2.toml", "布署", "部署");
    project.run(&["compare"]).exit(0);
    assert!(!project.path("out/compare").exists() && !project.path("out/compare.html").exists());
}

#[test]
fn pictures_are_those_of_their_issue_and_of_the_report() {
    let project = TempProject::new();
    for (publication, stem) in [("a_b", "2026-2"), ("a", "b_2026-2")] {
        project.file(&format!("issues/{publication}/publication.toml"), PUBLICATION);
        project.file(&format!("issues/{publication}/{stem}.toml"), LONG);
    }
    project.run(&["accept"]).exit(0);
    project.change("issues/a/b_2026-2.toml", "部署", "布署");
    project.change("issues/a_b/2026-2.toml", "部署", "布署");
    project.run(&["compare"]).exit(1).says("different: 2");
    for page in ["a_b/2026-2_1_now.png", "a/b_2026-2_1_now.png"] {
        assert!(project.path(&format!("out/compare/{page}")).is_file(), "{page}");
    }
    let report = std::fs::read_to_string(project.path("out/compare.html")).expect("a report");
    assert!(report.contains("compare/a_b/2026-2_1_now.png"));
    // A reference whose first page differs and whose second cannot be read.
    let folder = project.path("approved/a/b_2026-2");
    std::fs::remove_file(project.path("approved/a/b_2026-2.pdf")).expect("a reference");
    std::fs::create_dir(&folder).expect("a folder");
    RgbImage::new(83, 117).save(folder.join("1.png")).expect("a picture");
    std::fs::write(folder.join("2.png"), "no picture").expect("a file");
    project.change("issues/a_b/2026-2.toml", "布署", "部署");
    project.run(&["compare"]).exit(1).says("reference-damaged");
    assert!(!project.path("out/compare").exists() && !project.path("out/compare.html").exists());
}

/// A report of so many pages, whose pictures are those of one page.
fn report(pages: usize) -> String {
    let issue = |body: &str| ISSUE.replace("正文一段。", body);
    let project = TempProject::new();
    project.run(&["build", "issues/p"]).exit(0);
    let before = std::fs::read(project.path("out/p/2026-1.pdf")).expect("a PDF");
    project.file("issues/p/2026-1.toml", issue("正文两段。"));
    project.run(&["build", "issues/p"]).exit(0);
    let now = std::fs::read(project.path("out/p/2026-1.pdf")).expect("a PDF");
    let comparison = of(before, now);
    assert!(!comparison.is_same());
    let entries: Vec<Entry> = (1..=pages)
        .map(|number| Entry {
            publication: "p".into(),
            stem: format!("2026-{number}"),
            file: format!("issues/p/2026-{number}.toml"),
            reference: None,
            status: Status::Differs,
            pages: 1,
            remembered: false,
            comparison: comparison.clone(),
            diagnostics: Vec::new(),
            seconds: 0.0,
            pictures: vec![[
                Some(format!("compare/{number}_before.png")),
                Some(format!("compare/{number}_now.png")),
            ]],
            accepted: Vec::new(),
        })
        .collect();
    html(&entries, "zh-CN", &Catalogue::new(Lang::Zh))
}

#[test]
fn a_report_of_a_thousand_pages_loads_the_pictures_that_are_looked_at() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = folder.path().join("compare.html");
    std::fs::write(&page, report(1000)).expect("a report");
    std::fs::create_dir(folder.path().join("compare")).expect("a folder");
    for number in 1..=1000 {
        for side in ["before", "now"] {
            let name = format!("compare/{number}_{side}.png");
            RgbImage::new(83, 117).save(folder.path().join(name)).expect("a picture");
        }
    }
    let tab = browser.new_tab().expect("a tab");
    tab.navigate_to(&file_url(&page)).and_then(|tab| tab.wait_until_navigated()).expect("it opens");
    let ask = |expression: &str| {
        let answer = tab.evaluate(expression, true).expect("an answer");
        answer.value.unwrap_or_default()
    };
    let loaded = "document.images.length";
    let decoded = "Promise.all([...document.images].map(i => i.decode())).then(() => [...document.images].filter(i => i.naturalWidth == 83).length)";
    assert_eq!(ask("document.querySelectorAll('#pages li').length"), 1000);
    assert_eq!(ask(decoded), 2, "both sides of the first page are shown");
    assert_eq!(ask(loaded), 2, "and no other picture was asked for");
    let text = |selector: &str| ask(&format!("document.querySelector('{selector}').textContent"));
    assert!(text("#facts").as_str().is_some_and(|facts| facts.contains("p/2026-1 第 1 页")));
    // Keys: the next page, the one before, other views.
    for (key, page) in [("j", 2), ("ArrowDown", 3), ("k", 2)] {
        tab.press_key(key).expect("a key");
        let facts = text("#facts");
        assert!(facts.as_str().is_some_and(|f| f.contains(&format!("p/2026-{page} "))), "{facts}");
    }
    assert_eq!(ask(decoded), 2);
    for (key, class) in [("2", "overlay"), ("3", "blink"), ("4", "slider")] {
        tab.press_key(key).expect("a key");
        assert_eq!(ask("document.querySelectorAll('.sheet').length"), 1);
        assert_eq!(ask(&format!("document.querySelectorAll('.sheet.{class} img').length")), 2);
    }
    // The slider cuts where it stands.
    ask(
        "document.getElementById('cut').value = 20; document.getElementById('cut').dispatchEvent(new Event('input'))",
    );
    let cut = ask("getComputedStyle(document.querySelector('.slider img + img')).clipPath");
    assert_eq!(cut, "inset(0px 0px 0px 20%)");
    // Blinking hides one side and shows it again.
    tab.press_key("3").expect("a key");
    let hides = "new Promise(done => { const seen = new Set(); const look = setInterval(() => { seen.add(getComputedStyle(document.querySelector('.blink img + img')).visibility); if (seen.size == 2) { clearInterval(look); done(true) } }, 50) })";
    assert_eq!(ask(hides), true);
    tab.press_key("1").expect("a key");
    // Outlines, and the difference that is chosen by click.
    let outlines = ask("document.querySelectorAll('.outline').length").as_u64().expect("a number");
    assert!(outlines >= 2, "{outlines}");
    tab.find_element("#differences button").and_then(|b| b.click().map(|_| ())).expect("a click");
    assert_eq!(ask("document.querySelectorAll('.outline.chosen').length"), 2);
    tab.press_key("o").expect("a key");
    assert_eq!(ask("getComputedStyle(document.querySelector('.outline')).display"), "none");
    // A click on a page of the list.
    tab.find_element("#pages li:nth-child(5) button")
        .and_then(|b| b.click().map(|_| ()))
        .expect("a click");
    assert!(text("#facts").as_str().is_some_and(|facts| facts.contains("p/2026-5 ")));
    // The filter by size.
    let filter = |least: &str| {
        ask(&format!(
            "document.getElementById('size').value = '{least}'; document.getElementById('size').dispatchEvent(new Event('input'))"
        ));
        ask("document.querySelectorAll('#pages li:not([hidden])').length")
    };
    assert_eq!(filter("100000"), 0);
    assert_eq!(text("#facts"), "没有符合条件的页。");
    assert_eq!(filter("0.1"), 1000);
    assert_eq!(ask(loaded), 2);
}

#[test]
fn junit_names_what_differs() {
    let project = approved();
    project.change("issues/p/2026-2.toml", "部署", "布<署");
    let xml = project.run(&["compare", "--format", "junit"]).exit(1).stdout();
    assert!(xml.contains("tests=\"2\" failures=\"1\" errors=\"0\""), "{xml}");
    assert!(xml.contains("<testcase classname=\"p\" name=\"2026-2\""), "{xml}");
    assert!(xml.contains("“部” → “布&lt;”"), "{xml}");
    assert!(xml.contains(" mm²)"), "how much of the page: {xml}");
}
