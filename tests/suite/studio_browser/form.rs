//! The form: an issue written from nothing, findings, cards that move, composition, and places on
//! the pages.

use std::path::{Path, PathBuf};
use std::time::Duration;

use headless_chrome::browser::tab::ModifierKey;
use headless_chrome::protocol::cdp::Browser as BrowserDomain;
use serde_json::json;

use super::{PATIENCE, Page, SEED, Studio, field, now, project};
use crate::browser::browser;
use crate::support::root;

#[test]
fn the_seed_is_written_from_an_empty_studio_and_exported_as_the_command_line_builds_it() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(false));
    let page = Page::open(&browser, &studio.address);
    page.click(".publication .empty button");
    page.wait("the form", "document.querySelector('.form .field')");
    let path = format!("issues/{}.toml", page.string("location.hash.replace('#/issue/', '')"));
    // Remove the cards that a new issue begins with.
    while page.value("document.querySelectorAll('.card').length") != json!(0) {
        page.click(".form-body .card .remove");
    }

    let seed: toml::Table =
        std::fs::read_to_string(root().join(SEED)).expect("the seed").parse().expect("TOML");
    page.fill(".field[data-key=number] input", &seed["number"].to_string());
    page.fill(".field[data-key=serial_number] input", &seed["serial_number"].to_string());
    page.focus(".field[data-key=date] input");
    // Set the date by script: the keys to type depend on the locale's order of day, month, year.
    page.run(&format!(
        "document.activeElement.value = '{}'; document.activeElement.dispatchEvent(new InputEvent('input', {{ bubbles: true }}))",
        seed["date"]
    ));
    let sections = seed["sections"].as_array().expect("sections");
    for (at, written) in sections.iter().enumerate() {
        page.click(".group > .adders button:first-child");
        page.wait("a section", &format!("document.querySelector('{}')", section(at)));
        // The caret is in the section's name.
        page.insert(written["name"].as_str().expect("a name"));
        for (number, article) in
            written["articles"].as_array().expect("articles").iter().enumerate()
        {
            if number > 0 {
                page.click(&format!("{} > .card-content > .adders button", section(at)));
            }
            for (key, value) in article.as_table().expect("an article") {
                let selector = field(at, number, key);
                page.run(&format!(
                    "{{ const more = document.querySelector({selector:?}).closest('details'); if (more) more.open = true; }}"
                ));
                let text = value.as_str().expect("a text");
                page.fill(&selector, text.strip_suffix('\n').unwrap_or(text));
            }
        }
    }
    page.wait_until_saved();
    studio
        .wait_for_file(&path, |text| text.parse::<toml::Table>().is_ok_and(|issue| issue == seed));

    let downloads = studio.project.path("downloads");
    std::fs::create_dir_all(&downloads).expect("a folder");
    let exported = export(&page, &downloads, "pdf");
    studio.project.run(&["build", &path]).exit(0);
    let built = studio.project.path(&path.replace("issues/", "out/").replace(".toml", ".pdf"));
    let built = std::fs::read(built).expect("the PDF of the command line");
    assert!(exported == built, "{} and {} bytes differ", exported.len(), built.len());
}

/// Exports by the menu and gives the file that the browser saved.
fn export(page: &Page, downloads: &Path, form: &str) -> Vec<u8> {
    let allow = BrowserDomain::SetDownloadBehavior {
        behavior: BrowserDomain::SetDownloadBehaviorBehaviorOption::Allow,
        browser_context_id: None,
        download_path: Some(downloads.display().to_string()),
        events_enabled: None,
    };
    page.tab.call_method(allow).expect("downloads are allowed");
    page.click(".menu-box > button");
    page.click(&format!(".menu [data-as={form}]"));
    let start = now();
    loop {
        let files: Vec<PathBuf> = std::fs::read_dir(downloads)
            .expect("the folder")
            .map(|entry| entry.expect("a file").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == form))
            .collect();
        if let Some(file) = files.first() {
            return std::fs::read(file).expect("the download");
        }
        assert!(start.elapsed() < PATIENCE, "nothing was downloaded");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_finding_stands_beside_its_field_and_its_button_fixes_it() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(true));
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    // The seed's own slip: a half-width comma between Chinese words.
    let beside = format!("{}:has(.fix)", field_box(1, 0, "body"));
    page.wait("a fix", &format!("document.querySelector({beside:?})"));
    let before = page.value("document.querySelectorAll('.findings-list li').length");
    assert!(studio.text(SEED).contains("发展道路,推动"));
    page.click(&format!("{} .fix", field_box(1, 0, "body")));
    studio.wait_for_file(SEED, |text| {
        !text.contains("发展道路,推动") && text.contains("发展道路，推动")
    });
    page.wait(
        "one finding less",
        &format!("document.querySelectorAll('.findings-list li').length < {before}"),
    );
    assert!(
        page.string(&format!("document.querySelector({:?}).value", field(1, 0, "body")))
            .contains("发展道路，推动")
    );
    // A mistake is shown at once, and disappears when corrected.
    page.fill(&field(0, 0, "title"), "");
    page.wait(
        "an error",
        &format!(
            "document.querySelector({:?}).closest('.field').querySelector('li.error')",
            field(0, 0, "title")
        ),
    );
    page.insert("题目");
    page.wait("no error", "document.querySelectorAll('li.error').length === 0");
}

fn field_box(section: usize, article: usize, key: &str) -> String {
    format!(
        ".sections > .card:nth-child({}) .articles > .card:nth-child({}) .field[data-key={key}]",
        section + 1,
        article + 1
    )
}

fn section(at: usize) -> String {
    format!(".sections > .card:nth-child({})", at + 1)
}

fn titles(text: &str) -> Vec<Vec<String>> {
    let issue: toml::Table = text.parse().expect("TOML");
    let sections = issue["sections"].as_array().expect("sections");
    let articles = |section: &toml::Value| {
        section.get("articles").and_then(|articles| articles.as_array()).cloned()
    };
    let title = |article: &toml::Value| {
        article["title"].as_str().expect("a title").chars().take(3).collect()
    };
    sections
        .iter()
        .map(|section| articles(section).unwrap_or_default().iter().map(title).collect())
        .collect()
}

#[test]
fn articles_move_by_keyboard_and_by_mouse_and_a_removal_is_taken_back() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(true));
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    assert_eq!(titles(&studio.text(SEED)), [vec!["多举措"], vec!["青岛市", "临沂市"]]);
    page.focus(&field(1, 0, "title"));
    page.keys(&[ModifierKey::Alt], "ArrowDown");
    let order = |wanted: [Vec<&'static str>; 2]| {
        studio.wait_for_file(SEED, |text| titles(text) == wanted);
    };
    order([vec!["多举措"], vec!["临沂市", "青岛市"]]);
    assert!(
        page.string("document.activeElement.value").starts_with("青岛市"),
        "the focus moves along"
    );
    // Move the article into the section before.
    page.focus(&field(1, 0, "title"));
    page.keys(&[ModifierKey::Alt], "ArrowUp");
    order([vec!["多举措", "临沂市"], vec!["青岛市"]]);

    page.run(
        "(() => {
            const cards = document.querySelectorAll('.card.article');
            const grip = cards[2].querySelector('.grip');
            const data = new DataTransfer();
            const at = (target, type, y) => target.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data, clientY: y }));
            at(grip, 'dragstart', 0);
            const box = cards[0].getBoundingClientRect();
            at(cards[0], 'dragover', box.top + 2);
            at(cards[0], 'drop', box.top + 2);
            at(grip, 'dragend', 0);
        })()",
    );
    studio.wait_for_file(SEED, |text| titles(text)[0] == ["青岛市", "多举措", "临沂市"]);

    let before = studio.text(SEED);
    assert!(before.starts_with("# A real back issue"), "comments survive");
    page.click(&format!("{} .articles > .card:nth-child(2) .remove", section(0)));
    studio.wait_for_file(SEED, |text| titles(text)[0] == ["青岛市", "临沂市"]);
    page.click(".toast button");
    studio.wait_for_file(SEED, |text| text == before);
}

#[test]
fn a_composition_is_never_broken_and_sent_only_when_it_is_done() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(true));
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    let title = field(0, 0, "title");
    page.fill(&title, "");
    page.wait_until_saved();
    for step in ["n", "ni", "ni h", "ni hao"] {
        page.compose(step);
    }
    // Meanwhile someone else changes the issue.
    let elsewhere = studio.text(SEED).replace("serial_number = 312", "serial_number = 999");
    studio.project.file(SEED, &elsewhere);
    page.wait(
        "the number from elsewhere",
        "document.querySelector('.field[data-key=serial_number] input').value === '999'",
    );
    assert_eq!(page.string(&format!("document.querySelector({title:?}).value")), "ni hao");
    assert!(!studio.text(SEED).contains("ni hao"), "an unfinished composition is not sent");
    page.compose("你好");
    page.insert("你好");
    page.insert("，同志们");
    assert_eq!(page.string(&format!("document.querySelector({title:?}).value")), "你好，同志们");
    studio.wait_for_file(SEED, |text| {
        text.contains("title = \"你好，同志们\"") && text.contains("serial_number = 999")
    });
}

#[test]
fn a_click_on_a_line_goes_to_its_field_and_a_field_shows_its_place() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(true));
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    page.focus(&field(1, 1, "body"));
    page.wait("the place", "[...document.querySelectorAll('.mark')].some((mark) => !mark.hidden)");
    let marked = page.value("[...document.querySelectorAll('.sheet')].findIndex((sheet) => !sheet.querySelector('.mark').hidden)");
    assert!(
        marked.as_i64().is_some_and(|page| page >= 4),
        "the last article stands on page {marked}"
    );
    page.wait(
        "the place in sight",
        "(() => { const box = document.querySelector('.mark:not([hidden])').getBoundingClientRect(); return box.top > 0 && box.bottom < innerHeight; })()",
    );
    // A click on the shown place works from another field, too.
    page.focus(".field[data-key=number] input");
    page.focus(&field(1, 1, "body"));
    page.run("document.querySelector('.mark:not([hidden])').scrollIntoView({ block: 'center', behavior: 'instant' })");
    let place = page.value("(() => { const box = document.querySelector('.mark:not([hidden])').getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()");
    page.run("document.activeElement.blur()");
    let point = headless_chrome::browser::tab::point::Point {
        x: place[0].as_f64().expect("x"),
        y: place[1].as_f64().expect("y"),
    };
    page.tab.click_point(point).expect("a click");
    page.wait(
        "the field",
        &format!("document.activeElement === document.querySelector({:?})", field(1, 1, "body")),
    );
}
