//! The list of issues: an import, the history, the search, the next issue, a first publication.

use super::{Page, SEED, Studio, field, project};
use crate::browser::browser;
use crate::support::{TempProject, root};

#[test]
fn a_docx_is_dropped_and_its_doubts_are_shown() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(true));
    let page = Page::open(&browser, &studio.address);
    page.wait("the list", "document.querySelector('.issue-row')");
    page.drop_file(".list-view", &root().join("tests/import/25-code.docx"));
    page.wait("the imported issue", "document.querySelector('.form .card.article')");
    let path = format!("issues/{}.toml", page.string("location.hash.replace('#/issue/', '')"));
    let issue = studio.issue(&path);
    let title =
        page.string("document.querySelector('.card.article .field[data-key=title] input').value");
    assert!(studio.text(&path).contains(&title) && !title.is_empty(), "{issue:?}");
    page.wait("the pages", "document.querySelector('.paper svg')");
}

#[test]
fn history_search_and_the_next_issue() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(true));
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    page.fill(&field(0, 0, "title"), "改过的标题");
    page.wait_until_saved();
    // History: the save before the change is there, and comes back.
    page.click("header.bar > button:not(.icon-button)");
    page.wait("a save", "document.querySelector('.history-list button')");
    page.click(".history-list li:last-child button");
    page.wait(
        "the difference",
        "document.querySelector('.history-view .compare')?.shadowRoot.querySelector('.cm-merge-b')",
    );
    page.click(".history-view footer button");
    studio.wait_for_file(SEED, |text| text.contains("title = \"多举措推动"));

    page.click("header.bar .back");
    page.fill("input[type=search]", "巾帼科技示范基地");
    page.wait("what was found", "document.querySelector('.found mark')");
    page.click(".found");
    page.wait("the field", "document.activeElement?.closest('.field')");
    assert!(page.string("document.activeElement.value").contains("巾帼科技示范基地"));

    page.click("header.bar .back");
    page.click(".list-bar .primary");
    page.click("dialog [type=submit]");
    page.wait(
        "the next issue",
        "document.querySelector('.field[data-key=number] input')?.value === '17'",
    );
    assert_eq!(
        page.string("document.querySelector('.field[data-key=serial_number] input').value"),
        "313"
    );
}

#[test]
fn a_publication_is_made_in_an_empty_folder() {
    let Some(browser) = browser() else { return };
    let empty = TempProject { folder: tempfile::tempdir().expect("a temporary folder") };
    let studio = Studio::start(empty);
    let page = Page::open(&browser, &studio.address);
    page.click(".empty .primary");
    page.fill("#publication-name", "工作简报");
    page.fill("#publication-issuer", "某某单位办公室");
    page.click("dialog [type=submit]");
    page.wait(
        "the publication",
        "document.querySelector('.publication h2')?.innerText.includes('工作简报')",
    );
    page.click(".publication .empty button");
    page.wait("the form", "document.querySelector('.form .field')");
}
