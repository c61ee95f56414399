//! Back issues that are larger than any issue can be → refusals, before the work that grows.

use super::{DOCUMENT, document, zip};
use crate::support::TempProject;

#[test]
fn a_source_has_only_so_much_of_everything() {
    let project = TempProject::new();
    let page = |inside: &str| format!("<html><body>{inside}").into_bytes();
    let formatting: String = (0..2_000).map(|n| format!("<b a={n}>")).collect();
    let attributes: String = (0..50_000).map(|n| format!("a{n} ")).collect();
    let lines = "　　关于做好工作的通知\n".repeat(60_000);
    let title = "关于做好工作的通知\n　　正文如下，请各单位认真办理，并及时反馈有关情况。\n";
    let cases: [(&str, Vec<u8>); 10] = [
        ("div.html", page(&"<div>".repeat(100_000))),
        ("tables.html", page(&"<table><tr><td>".repeat(5_000))),
        ("siblings.html", page(&"<p>甲</p>".repeat(300_000))),
        ("formatting.html", page(&format!("<p>{formatting}甲{}", "</p><p>乙".repeat(2_000)))),
        ("attributes.html", page(&format!("<p {attributes}>甲"))),
        ("lines.txt", lines.into_bytes()),
        ("line.txt", "报：甲单位 送：乙单位 ".repeat(30_000).into_bytes()),
        ("titles.txt", title.repeat(4_000).into_bytes()),
        ("lists.md", "- ".repeat(100_000).into_bytes()),
        ("elements.docx", zip(&[(DOCUMENT, document(&"<w:p/>".repeat(1_100_000)).as_bytes())])),
    ];
    for (name, bytes) in &cases {
        project.file(&format!("in/{name}"), bytes);
    }
    let run = project.run(&["import", "in"]);
    run.exit(1).says("not imported: 10");
    for (name, _) in cases {
        let said = run.stderr();
        let at = said.find(&format!("did not import in/{name}"));
        let reason = said[at.unwrap_or_else(|| panic!("{name}: {said}"))..].lines().nth(1);
        let reason = reason.unwrap_or_default();
        let is_size = ["an issue can have", "nested too deep", "unpacks to more"];
        assert!(is_size.iter().any(|words| reason.contains(words)), "{name}: {reason}");
    }
}

#[test]
fn numbers_of_lists_are_bounded_as_word_bounds_them() {
    let project = TempProject::new();
    let level = |at: u32, start: u32, format: &str, text: &str| {
        format!(
            "<w:lvl w:ilvl=\"{at}\"><w:start w:val=\"{start}\"/><w:numFmt w:val=\"{format}\"/><w:lvlText w:val=\"{text}\"/></w:lvl>"
        )
    };
    let long = "%1".repeat(1 << 20);
    let levels = [
        level(0, 4_000_000_000, "lowerLetter", "%1、"),
        level(1, 32_000, "upperLetter", &long),
        level(4_000_000_000, 1, "decimal", "%1"),
    ];
    let numbering = format!(
        "<w:numbering><w:abstractNum w:abstractNumId=\"0\">{}</w:abstractNum><w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num></w:numbering>",
        levels.concat()
    );
    let listed = |level: u32| {
        format!(
            "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr><w:r><w:t>各单位要认真做好各项工作，并及时上报。</w:t></w:r></w:p>"
        )
    };
    let document = document(&(listed(0) + &listed(1) + &listed(4_000_000_000)));
    let parts = [(DOCUMENT, document.as_bytes()), ("word/numbering.xml", numbering.as_bytes())];
    project.file("in/list.docx", zip(&parts));
    project.run(&["import", "in"]).exit(0);
    let files = std::fs::read_dir(project.path("issues/p")).expect("the folder").flatten();
    let made = files.filter(|file| file.file_name() != "publication.toml");
    let made: Vec<String> =
        made.map(|file| std::fs::read_to_string(file.path()).expect("text")).collect();
    let made = made.iter().find(|text| text.contains("及时上报")).expect("an issue");
    assert!(made.contains("a、各单位") && made.len() < 2_000, "{made}");
}
