//! Several tabs, other editors, and a program that is killed: nothing that was typed is lost.

use std::time::Duration;

use serde_json::json;

use super::{Page, SEED, Studio, field, line, project};
use crate::browser::browser;

#[test]
fn two_tabs_on_one_file_see_each_other_and_a_change_on_disk_is_merged_or_asked_about() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(true));
    let one = Page::open_issue(&browser, &studio, "fugong/2014-16");
    let two = Page::open_issue(&browser, &studio, "fugong/2014-16");
    one.tab.activate().expect("the first tab");
    one.fill(&field(0, 0, "title"), "甲的标题");
    two.wait(
        "the other tab's title",
        &format!("document.querySelector({:?}).value === '甲的标题'", field(0, 0, "title")),
    );
    two.tab.activate().expect("the second tab");
    two.fill(&field(1, 0, "title"), "乙的标题");
    studio.wait_for_file(SEED, |text| text.contains("甲的标题") && text.contains("乙的标题"));

    // Another editor, outside: a line that nobody else touches.
    let text = studio.text(SEED).replace("serial_number = 312", "serial_number = 313");
    studio.project.file(SEED, &text);
    for page in [&one, &two] {
        page.wait(
            "the number from outside",
            "document.querySelector('.field[data-key=serial_number] input').value === '313'",
        );
    }

    // The other editor changes the same line while a tab has unsaved text in it.
    one.tab.activate().expect("the first tab");
    one.focus(&field(0, 0, "title"));
    one.run("document.activeElement.select()");
    one.insert("丙的标题");
    studio.project.file(SEED, text.replace("甲的标题", "外面的标题"));
    one.wait("the question", "document.querySelector('dialog.conflict')");
    one.wait("what differs", "document.querySelector('dialog.conflict .compare')?.shadowRoot.querySelector('.cm-content')");
    one.click("dialog.conflict [data-choice=mine]");
    let text = studio.wait_for_file(SEED, |text| text.contains("丙的标题"));
    assert!(text.contains("serial_number = 313") && text.contains("乙的标题"));
}

#[test]
fn nothing_is_lost_when_the_program_is_killed_in_the_middle_of_typing() {
    let Some(browser) = browser() else { return };
    let mut studio = Studio::start(project(true));
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    let body = field(1, 1, "body");
    page.fill(&body, "");
    let words =
        "The quick brown fox jumps over the lazy dog and goes on and on until it is told to stop";
    for (at, letter) in words.chars().enumerate() {
        if at == 30 {
            studio.kill();
        }
        if at == 60 {
            page.wait("the banner", "document.querySelector('.banner')?.hidden === false");
            studio.again();
        }
        page.insert(&letter.to_string());
    }
    page.wait("the connection", "document.querySelector('.save-state').dataset.state === 'saved'");
    assert_eq!(page.string(&format!("document.querySelector({body:?}).value")), words);
    studio.wait_for_file(SEED, |text| text.contains(words));

    // Kill the program and reopen the page: text typed meanwhile comes back from the page's copy.
    studio.kill();
    page.wait("the banner", "document.querySelector('.banner')?.hidden === false");
    page.fill(&body, "Written while nobody listened.");
    page.wait("a copy", "Object.keys(localStorage).some((key) => key.startsWith('jianbao.copy:'))");
    std::thread::sleep(Duration::from_millis(300));
    page.tab.close_target().expect("the tab is gone");
    studio.again();
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    page.wait(
        "the text",
        &format!("document.querySelector({body:?}).value === 'Written while nobody listened.'"),
    );
    studio.wait_for_file(SEED, |text| text.contains("Written while nobody listened."));
}

#[test]
fn a_question_between_tabs_waits_for_its_answer() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(true));
    let one = Page::open_issue(&browser, &studio, "fugong/2014-16");
    let two = Page::open_issue(&browser, &studio, "fugong/2014-16");
    // The second tab's edit is on its way for as long as the first one's takes.
    two.run(
        "(() => {
            const { send } = WebSocket.prototype;
            const held = [];
            WebSocket.prototype.send = function (message) { held.push([this, message]); };
            window.go = () => {
                WebSocket.prototype.send = send;
                for (const [socket, message] of held) send.call(socket, message);
            };
        })()",
    );
    two.tab.activate().expect("the second tab");
    two.fill(&field(0, 0, "title"), "乙的标题");
    one.tab.activate().expect("the first tab");
    one.fill(&field(0, 0, "title"), "甲的标题");
    studio.wait_for_file(SEED, |text| text.contains("甲的标题"));
    two.run("go()");
    two.wait("the question", "document.querySelector('dialog.conflict')");
    one.fill(&field(1, 0, "title"), "甲的另一个标题");
    studio.wait_for_file(SEED, |text| text.contains("甲的另一个标题"));
    one.wait_until_saved();
    std::thread::sleep(Duration::from_millis(300));
    two.wait("it still", "document.querySelector('dialog.conflict')");
    two.tab.activate().expect("the second tab");
    two.click("dialog.conflict [data-choice=mine]");
    studio.wait_for_file(SEED, |text| {
        text.contains("\"乙的标题\"") && text.contains("甲的另一个标题")
    });
}

#[test]
fn what_is_typed_while_the_program_is_away_meets_what_the_file_has_become() {
    let Some(browser) = browser() else { return };
    let mut studio = Studio::start(project(true));
    let before = studio.text(SEED);
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    let title = field(0, 0, "title");
    let value = format!("document.querySelector({title:?}).value");
    page.fill(&title, "改过的标题");
    studio.wait_for_file(SEED, |text| text.contains("改过的标题"));
    page.wait_until_saved();
    let away = "document.querySelector('.banner')?.hidden === false";
    studio.kill();
    page.wait("the banner", away);
    // A character typed and deleted again leaves the text unchanged.
    page.insert("啊");
    assert_eq!(page.string(&value), "改过的标题啊");
    page.key("Backspace");
    assert_eq!(page.string(&value), "改过的标题");
    // The file gets its old text back: an open tab must not restore its own version.
    studio.project.file(SEED, &before);
    page.run("location.hash = '#/'");
    page.run("localStorage.clear()");
    studio.again();
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    page.fill(&title, "再改的标题");
    page.wait_until_saved();
    studio.kill();
    page.wait("the banner", away);
    studio.project.file(SEED, &before);
    studio.again();
    page.wait("the connection", "document.querySelector('.banner').hidden");
    page.wait_until_saved();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(studio.text(SEED), before);
    assert!(page.string(&value).starts_with("多举措"), "{}", page.string(&value));
    // A title that was changed in both places is asked about.
    studio.kill();
    page.wait("the banner", away);
    page.fill(&title, "离线的标题");
    let outside = before.replace("title = \"多举措", "title = \"外面多举措");
    assert!(outside != before);
    studio.project.file(SEED, &outside);
    studio.again();
    page.wait("the question", "document.querySelector('dialog.conflict')");
    assert_eq!(studio.text(SEED), outside);
    page.click("dialog.conflict [data-choice=mine]");
    studio.wait_for_file(SEED, |text| {
        text == before.replace(&line(&before, "title = \"多举措"), "title = \"离线的标题\"")
    });
}

#[test]
fn copies_of_several_tabs_come_back_and_a_second_tab_shows_all_outlines() {
    let Some(browser) = browser() else { return };
    let mut studio = Studio::start(project(true));
    let one = Page::open_issue(&browser, &studio, "fugong/2014-16");
    let two = Page::open_issue(&browser, &studio, "fugong/2014-16");
    let lost = "[...document.querySelectorAll('.paper use')].filter((use) => !document.getElementById(use.getAttribute('href').slice(1))).length";
    two.tab.activate().expect("the second tab");
    two.fill(&field(1, 1, "title"), "一");
    two.wait_until_saved();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(two.value(lost), json!(0));
    studio.kill();
    for (page, at, text) in [(&one, 0, "甲没发出的"), (&two, 1, "乙没发出的")] {
        page.tab.activate().expect("a tab");
        page.wait("the banner", "document.querySelector('.banner')?.hidden === false");
        page.fill(&field(at, 0, "title"), text);
        page.wait(
            "a copy",
            &format!("Object.values(localStorage).some((copy) => copy.includes({text:?}))"),
        );
    }
    one.tab.close_target().expect("the tab is gone");
    two.tab.close_target().expect("the tab is gone");
    studio.again();
    let _page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    studio.wait_for_file(SEED, |text| text.contains("甲没发出的") && text.contains("乙没发出的"));
}
