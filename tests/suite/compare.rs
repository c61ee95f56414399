//! Issues against their references: what differs is found and called by its name.

use std::collections::BTreeMap;
use std::path::Path;

use image::RgbImage;
use jianbao::catalogue::{Catalogue, Lang};
use jianbao::compare::{Comparison, Reference, Settings, compare};
use jianbao::show::comparison::{Entry, Status, html};
use serde_json::Value as Json;

use crate::browser::{browser, file_url};
use crate::support::{ISSUE, PUBLICATION, TempProject, root, tool};

const LONG: &str = "number = 2\ndate = 2026-01-12\n\n[[articles]]\ntitle = \"全市工作会议召开\"\nbody = '''\n会议总结去年工作，部署今年任务，要求各县区健全工作网络，全年新建服务站点，情况另行通报，各单位抓好落实，按月报告进度。\n各县区于二月底前制定任务清单，做到有人管、有人办。\n'''\n\n[imprint]\nreport_to = [\"上级单位\"]\nprint_run = 50\n";

/// A project whose issue has its reference, and the layouts in files so that they can be changed.
fn approved() -> TempProject {
    let project = TempProject::new();
    copy(&root().join("layouts"), &project.path("layouts"));
    project.file("issues/p/2026-2.toml", LONG);
    project.run(&["accept"]).exit(0).says("accepted approved/p/2026-2.pdf");
    project
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let (entry, to) = (entry.expect("an entry"), to);
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).expect("a copy")),
        }
    }
}

impl TempProject {
    /// Puts one text for another in a file.
    fn change(&self, path: &str, from: &str, to: &str) -> &Self {
        let text = std::fs::read_to_string(self.path(path)).expect("a file");
        assert!(text.contains(from), "no {from:?} in {path}");
        self.file(path, text.replacen(from, to, 1))
    }

    /// The result of comparing one issue.
    fn compared(&self, issue: &str) -> Json {
        let path = format!("issues/{issue}.toml");
        let run = self.run(&["compare", "--format", "json", &path]);
        let json: Json = serde_json::from_str(&run.stdout()).expect("JSON");
        json["issues"][0].clone()
    }
}

/// The differences as `kind: text`, each kind with its first text.
fn named(issue: &Json) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    for difference in issue["differences"].as_array().expect("differences") {
        let text = |key: &str| difference[key].as_str().expect("a text").to_string();
        named.entry(text("kind")).or_insert(text("text"));
    }
    named
}

#[track_caller]
fn finds(issue: &Json, kind: &str, text: &str) {
    assert_eq!(issue["status"], "differs", "{issue:#}");
    let named = named(issue);
    let said = named.get(kind).unwrap_or_else(|| panic!("no {kind} in {named:?}"));
    assert!(said.contains(text), "{kind}: {said}");
}

#[test]
fn what_did_not_change_is_the_same() {
    let project = approved();
    project.run(&["compare"]).exit(0).says("issues: 2, same: 2, different: 0");
    assert!(!project.path("out").exists(), "nothing is left behind");
}

#[test]
fn a_swapped_character_is_a_changed_text() {
    let project = approved();
    project.change("issues/p/2026-2.toml", "部署", "布署");
    finds(&project.compared("p/2026-2"), "text-changed", "“部” → “布”");
}

#[test]
fn a_lost_comma_is_a_lost_text() {
    let project = approved();
    project.change("issues/p/2026-2.toml", "总结去年工作，", "总结去年工作");
    let found = project.compared("p/2026-2");
    finds(&found, "text-lost", "“，”");
    let kinds: Vec<String> = named(&found).into_keys().collect();
    assert!(!kinds.iter().any(|kind| kind == "appearance" || kind == "font-changed"), "{kinds:?}");
}

#[test]
fn a_rule_a_tenth_of_a_millimetre_thicker_is_named() {
    let project = approved();
    project.change("layouts/shared/system.typ", "masthead: 2pt", "masthead: 2pt + 0.1mm");
    let found = project.compared("p/2026-2");
    finds(&found, "rule-weight", "rule 0.71 mm thick → 0.81 mm");
    assert_eq!(named(&found).len(), 1, "{found:#}");
}

#[test]
fn a_red_two_percent_off_is_a_changed_colour() {
    let project = approved();
    project.change("layouts/shared/system.typ", "#e8442a", "#e3442a");
    let found = project.compared("p/2026-2");
    finds(&found, "colour-changed", "colour #e8442a → #e3442a");
    assert_eq!(named(&found).len(), 1, "{found:#}");
}

#[test]
fn a_line_half_a_millimetre_lower_is_a_moved_text() {
    let project = approved();
    let issuer = "dy: 5 * pitch, block(inset: (left";
    let lower = "dy: 5 * pitch + 0.5mm, block(inset: (left";
    project.change("layouts/shared/masthead.typ", issuer, lower);
    let found = project.compared("p/2026-2");
    finds(&found, "text-moved", "moved 0.50 mm down from page 1, line 3");
    assert_eq!(named(&found).len(), 1, "{found:#}");
}

#[test]
fn another_font_is_named() {
    let project = approved();
    let fonts = "[fonts]\nheiti = \"霞鹜文楷 GB 轻便版\"\n";
    project.change("issues/p/2026-2.toml", "会议总结", "**会议**总结");
    project.run(&["accept"]).exit(0);
    project.file("issues/p/publication.toml", format!("{PUBLICATION}{fonts}"));
    let found = project.compared("p/2026-2");
    finds(&found, "font-changed", "NotoSansSC-Medium 16 pt → LXGWWenKaiGBLite-Regular 16 pt");
}

#[test]
fn an_imprint_on_another_page_is_named() {
    let project = approved();
    let even = format!("{PUBLICATION}[options]\nimprint_on_even_page = true\n");
    project.file("issues/p/publication.toml", even);
    let found = project.compared("p/2026-2");
    finds(&found, "page-added", "a page more");
    finds(&found, "text-moved-page", "moved here from page 1, line");
}

#[test]
fn a_broken_reference_costs_only_its_issue() {
    let project = approved();
    let whole = std::fs::read(project.path("approved/p/2026-2.pdf")).expect("a reference");
    let run = |project: &TempProject, code: &str| {
        let run = project.run(&["compare"]);
        run.exit(1).says(code).says("same: 1, different: 0, without reference: 0, with errors: 1");
    };
    project.file("approved/p/2026-1.pdf", "");
    run(&project, "reference-empty");
    project.file("approved/p/2026-1.pdf", "no PDF at all");
    run(&project, "reference-damaged");
    project.file("approved/p/2026-1.pdf", &whole[..200]);
    run(&project, "reference-damaged");
    if tool("qpdf", &["--version"]) {
        let (from, to) =
            (project.path("approved/p/2026-2.pdf"), project.path("approved/p/2026-1.pdf"));
        let encrypt = ["--encrypt", "user", "owner", "256", "--"];
        let done = std::process::Command::new("qpdf").arg(&from).args(encrypt).arg(&to).status();
        assert!(done.expect("qpdf runs").success());
        run(&project, "reference-encrypted");
    }
}

#[test]
fn what_did_not_change_since_is_not_drawn_again() {
    let project = approved();
    project.run(&["build"]).exit(0);
    let first = project.compared("p/2026-2");
    assert_eq!((&first["remembered"], &first["status"]), (&false.into(), &"same".into()));
    let again = project.compared("p/2026-2");
    assert_eq!((&again["remembered"], &again["rendered"]), (&true.into(), &0.into()));
    // Another reference, another layout, other settings: each is looked at.
    project.run(&["build"]).exit(0);
    let reference = std::fs::read(project.path("approved/p/2026-2.pdf")).expect("a reference");
    project.file("approved/p/2026-2.pdf", [reference, b"\n".to_vec()].concat());
    assert_eq!(project.compared("p/2026-2")["remembered"], false);
    assert_eq!(project.compared("p/2026-2")["remembered"], true);
    project.file("issues/p/publication.toml", format!("{PUBLICATION}[compare]\nresolution = 90\n"));
    assert_eq!(project.compared("p/2026-2")["remembered"], false);
    project.change("issues/p/2026-2.toml", "部署", "布署");
    assert_eq!(project.compared("p/2026-2")["status"], "differs");
}

#[test]
fn accept_touches_only_what_looks_different() {
    let project = approved();
    let stamp = |path: &str| {
        std::fs::metadata(project.path(path)).and_then(|m| m.modified()).expect("a file")
    };
    let before = (stamp("approved/p/2026-1.pdf"), stamp("approved/p/2026-2.pdf"));
    project.change("issues/p/2026-2.toml", "部署", "布署");
    project.run(&["accept", "-n"]).exit(0).says("would be accepted issues/p/2026-2.toml");
    assert_eq!(stamp("approved/p/2026-2.pdf"), before.1);
    project.run(&["accept"]).exit(0).says("accepted approved/p/2026-2.pdf").says("accepted: 1");
    assert_eq!(stamp("approved/p/2026-1.pdf"), before.0);
    project.run(&["compare"]).exit(0);
    let files = std::fs::read_dir(project.path("approved/p")).expect("a folder").count();
    assert_eq!(files, 2);
}

#[test]
fn pages_as_png_are_references_too() {
    let project = TempProject::new();
    project.file(
        "issues/p/publication.toml",
        format!("{PUBLICATION}[compare]\nreferences = \"png\"\n"),
    );
    project.run(&["accept"]).exit(0).says("accepted approved/p/2026-1/1.png");
    let size = std::fs::metadata(project.path("approved/p/2026-1/1.png")).expect("it").len();
    assert!(size < 60_000, "{size} bytes");
    project.run(&["compare"]).exit(0);
    project.change("issues/p/2026-1.toml", "一段", "两段");
    finds(&project.compared("p/2026-1"), "appearance", "looks different");
    project.run(&["accept"]).exit(0);
    project.run(&["compare"]).exit(0);
}

#[test]
fn a_page_more_and_a_page_less_are_named() {
    let project = approved();
    let body = "各县区健全工作网络，全年新建服务站点。\n".repeat(30);
    project.change("issues/p/2026-2.toml", "各县区于", &format!("{body}各县区于"));
    let found = project.compared("p/2026-2");
    finds(&found, "page-added", "a page more");
    finds(&found, "text-moved-page", "moved here from page 1");
    project.run(&["accept"]).exit(0);
    project.change("issues/p/2026-2.toml", &body, "");
    finds(&project.compared("p/2026-2"), "page-lost", "a page less");
}

#[test]
fn a_picture_compressed_otherwise_is_named() {
    let project = TempProject::new();
    let mut picture = RgbImage::new(300, 200);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        pixel.0 = [(x * 7 % 256) as u8, (y * 5 % 256) as u8, ((x + y) * 3 % 256) as u8];
    }
    let jpeg = |quality| {
        let mut bytes = Vec::new();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
        picture.write_with_encoder(encoder).expect("a picture");
        bytes
    };
    let issue = ISSUE.replace("正文一段。", "正文一段。\n![图1　示意](a.jpg \"示意\")");
    project.file("issues/p/a.jpg", jpeg(95)).file("issues/p/2026-1.toml", issue);
    project.run(&["accept"]).exit(0);
    project.run(&["compare"]).exit(0);
    project.file("issues/p/a.jpg", jpeg(85));
    finds(&project.compared("p/2026-1"), "picture-changed", "300 × 200");
}

#[test]
fn regions_are_left_out_where_a_publication_says_so() {
    let project = approved();
    let regions = "[compare]\n[[compare.regions]]\nname = \"date\"\nignore = true\n[[compare.regions]]\nname = \"number\"\nignore = true\n";
    project.file("issues/p/publication.toml", format!("{PUBLICATION}{regions}"));
    project.change("issues/p/2026-2.toml", "2026-01-12", "2026-01-13");
    project.run(&["compare"]).exit(0);
    project.file("issues/p/publication.toml", PUBLICATION);
    finds(&project.compared("p/2026-2"), "text-changed", "“2” → “3”");
    let wrong = "[compare]\ncolour = 2.0\n[[compare.regions]]\nignore = true\n";
    project.file("issues/p/publication.toml", format!("{PUBLICATION}{wrong}"));
    project.run(&["compare"]).exit(1).says("value-range");
    project.file(
        "issues/p/publication.toml",
        format!("{PUBLICATION}{}", &wrong.replace("2.0", "0.5")),
    );
    project.run(&["compare"]).exit(1).says("region-place");
}

/// The program's own layouts, by the command that its users have: `jianbao accept --project
/// tests/gallery` makes the references anew.
#[test]
fn the_layouts_look_as_they_were_approved() {
    let project = TempProject::new();
    let gallery = root().join("tests/gallery").display().to_string();
    let run = project.run(&["compare", "--project", &gallery, "--output", "out"]);
    run.exit(0).says("issues: 7, same: 7");
}

#[test]
fn how_many_work_at_once_changes_nothing() {
    let project = TempProject::new();
    for number in 2..9 {
        let issue = LONG.replace("number = 2", &format!("number = {number}"));
        project.file(&format!("issues/p/2026-{number}.toml"), issue);
    }
    project.run(&["accept", "-j", "1"]).exit(0);
    project.run(&["compare", "-j", "4"]).exit(0).says("issues: 8, same: 8");
    project.run(&["compare", "-j", "1"]).exit(0).says("issues: 8, same: 8");
}

/// Other bytes of the same pages: what is drawn is the same, and nothing is rendered to know it.
#[test]
fn pages_that_did_not_change_raise_no_alarm() {
    let paragraphs: String =
        (0..900).map(|n| format!("第{n}条，各县区健全工作网络，全年新建服务站点{n}个，情况另行通报，各单位抓好落实。\n")).collect();
    let issue = LONG.replace("各县区于二月底", &format!("{paragraphs}各县区于二月底"));
    let project = TempProject::new();
    project.file("issues/p/2026-2.toml", issue);
    project.run(&["build", "issues/p/2026-2.toml"]).exit(0);
    let before = std::fs::read(project.path("out/p/2026-2.pdf")).expect("a PDF");
    let now = [before.as_slice(), b"\n"].concat();
    let comparison = of(before, now);
    assert!(comparison.is_same() && comparison.differences.is_empty());
    assert!(comparison.pairs.len() > 50, "{} pages", comparison.pairs.len());
    assert_eq!(comparison.rendered, 0);
}

/// Two PDFs compared in memory.
fn of(before: Vec<u8>, now: Vec<u8>) -> Comparison {
    let mut show = |_, _, _: &_| {};
    compare(Reference::Pdf(before), now, &Settings::default(), &mut show).expect("two PDFs")
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
fn the_pdf_is_drawn_as_typst_draws_its_pages() {
    let project = approved();
    project.run(&["compare", "--against", "typst"]).exit(0).says("same: 2");
}

#[test]
fn junit_names_what_differs() {
    let project = approved();
    project.change("issues/p/2026-2.toml", "部署", "布<署");
    let xml = project.run(&["compare", "--format", "junit"]).exit(1).stdout();
    assert!(xml.contains("tests=\"2\" failures=\"1\" errors=\"0\""), "{xml}");
    assert!(xml.contains("<testcase classname=\"p\" name=\"2026-2\""), "{xml}");
    assert!(xml.contains("“部” → “布&lt;”") || xml.contains("&lt;"), "{xml}");
}
