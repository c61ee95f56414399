//! A changed issue → its differences, each found and named by its kind.

use image::RgbImage;

use super::{LONG, approved, box_of, finds, named, of, of_kind};
use crate::support::{ISSUE, PUBLICATION, TempProject};

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
    let issuer = "place(bottom + left, block(";
    let lower = "place(bottom + left, dy: 0.5mm, block(";
    project.change("layouts/shared/masthead.typ", issuer, lower);
    let found = project.compared("p/2026-2");
    finds(&found, "text-moved", "moved 0.50 mm down from page 1, line 3");
    assert_eq!(named(&found).len(), 1, "{found:#}");
}

/// Glyphs are drawn on whole pixels: a small move may leave the pixels the same.
#[test]
fn a_part_of_a_line_that_moved_less_than_a_pixel_is_named() {
    let project = approved();
    for by in ["0.1pt", "0.2pt", "0.3pt"] {
        let raised = format!("show \"会议总结去年\": set text(baseline: -{by})\n  body\n}}");
        let text = std::fs::read_to_string(project.path("layouts/shared/page.typ")).expect("it");
        let (head, _) = text.rsplit_once("body\n}").expect("the page's body");
        project.file("layouts/shared/page.typ", format!("{head}{raised}"));
        finds(&project.compared("p/2026-2"), "text-reflowed", "runs on differently");
        project.file("layouts/shared/page.typ", text);
    }
}

#[test]
fn a_line_that_came_or_went_is_shown_in_its_place() {
    let project = approved();
    let line = "各县区于二月底前制定任务清单，做到有人管、有人办。\n";
    project.change("issues/p/2026-2.toml", line, "");
    let found = project.compared("p/2026-2");
    let lost = of_kind(&found, "text-lost");
    assert!(lost["text"].as_str().is_some_and(|text| text.contains("各县区于二月底前")), "{lost}");
    let (before, now) = (box_of(lost, "before"), box_of(lost, "now"));
    assert!((now[0] - before[0]).abs() < 30.0, "{lost}");
    project.run(&["accept"]).exit(0);
    project.change("issues/p/2026-2.toml", "按月报告进度。\n", &format!("按月报告进度。\n{line}"));
    let found = project.compared("p/2026-2");
    let added = of_kind(&found, "text-added");
    let (before, now) = (box_of(added, "before"), box_of(added, "now"));
    assert!((now[0] - before[0]).abs() < 30.0, "{added}");
    assert_eq!(added["line"], lost["line"], "{added} {lost}");
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

/// A PDF with other bytes and the same drawing is recognised without rendering.
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
