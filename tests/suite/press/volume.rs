//! The bound volume of a year.

use super::{all_text, page_count};
use crate::support::{ISSUE, TempProject, places};

#[test]
fn a_year_is_bound_in_one_volume() {
    let project = TempProject::new();
    let issue = |number: u32| {
        ISSUE
            .replace("number = 1", &format!("number = {number}"))
            .replace("2026-01-05", &format!("2026-{number:02}-05"))
            .replace("标题", &format!("标题{number}"))
    };
    for number in [1, 2, 10] {
        project.file(&format!("issues/p/2026-{number}.toml"), issue(number));
    }
    project.run(&["press", "--volume"]).exit(0).says("out/press/p/2026-volume.pdf");
    let bytes = std::fs::read(project.path("out/press/p/2026-volume.pdf")).expect("a volume");
    let pages: Vec<String> = places(&bytes)
        .iter()
        .map(|page| page.glyphs.iter().map(|(text, _)| text.as_str()).collect::<String>())
        .collect();
    assert!(pages[0].contains("2026年合订本"), "{}", pages[0]);
    assert!(pages[2].contains("目录") && pages[2].contains("2026年第10期"));
    // Cover and contents take two leaves; each one-page issue begins on a right-hand page.
    assert_eq!(pages.len(), 4 + 6);
    for (index, number) in [1, 2, 10].into_iter().enumerate() {
        let page = &pages[4 + 2 * index];
        assert!(page.contains(&format!("标题{number}")), "{page}");
        assert!(page.contains("—1—") || page.contains("— 1 —"), "its own number stays: {page}");
        assert!(page.contains(&format!("合订本第 {} 页", 2 * index + 1)), "{page}");
    }
    let document = lopdf::Document::load_mem(&bytes).expect("a PDF");
    let contents = document.get_toc().expect("bookmarks").toc;
    let entries: Vec<(usize, String, usize)> =
        contents.iter().map(|entry| (entry.level, entry.title.clone(), entry.page)).collect();
    let expected: Vec<(usize, String, usize)> = [1, 2, 10]
        .into_iter()
        .enumerate()
        .flat_map(|(index, number)| {
            let page = 5 + 2 * index;
            [(1, format!("工作简报 2026年第{number}期"), page), (2, format!("标题{number}"), page)]
        })
        .collect();
    assert_eq!(entries, expected);
    project
        .run(&["press", "--volume", "--impose", "booklet", "--signature", "8", "--marks"])
        .exit(0);
    let sheets = std::fs::read(project.path("out/press/p/2026-volume-booklet.pdf")).expect("it");
    assert_eq!(page_count(&sheets), 6, "10 pages are 12: signatures of 8 and 4");
}

#[test]
fn each_year_has_a_volume_of_its_own() {
    let project = TempProject::new();
    project.file("issues/p/2025-9.toml", ISSUE.replace("2026-01", "2025-12").replace("= 1", "= 9"));
    let made = project.run(&["press", "--volume"]);
    made.exit(0).says("out/press/p/2025-volume.pdf").says("out/press/p/2026-volume.pdf");
    let text = |year: &str| {
        let bytes = std::fs::read(project.path(&format!("out/press/p/{year}-volume.pdf")));
        all_text(&bytes.expect("a volume"))
    };
    assert!(text("2025").contains("第9期") && !text("2025").contains("2026年"));
    assert!(text("2026").contains("第1期") && !text("2026").contains("2025年"));
}
