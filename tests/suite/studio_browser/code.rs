//! The TOML view, and a file with the lines of Windows.

use std::time::Duration;

use headless_chrome::browser::tab::ModifierKey;
use serde_json::json;

use super::{Page, SEED, Studio, field, project};
use crate::browser::browser;

/// What the code view has, line by line.
const CODE: &str = "[...document.querySelector('.code').shadowRoot.querySelectorAll('.cm-line')].map((line) => line.innerText.replace('\\n', ''))";

#[test]
fn form_and_toml_stay_in_step_and_the_code_view_completes_from_the_schema() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(true));
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    page.fill(&field(0, 0, "subtitle"), "表单里写的");
    page.keys(&[ModifierKey::Ctrl], "e");
    page.wait("the code", "document.querySelector('.code')?.shadowRoot.querySelector('.cm-content')?.innerText.includes('表单里写的')");
    page.wait("the comment", "document.querySelector('.code').shadowRoot.querySelector('.cm-content').innerText.includes('# A real back issue')");
    page.keys(&[ModifierKey::Ctrl], "End");
    page.insert("\n[imprint]\npri");
    page.run("document.querySelector('.code').shadowRoot.querySelector('.cm-content').focus()");
    page.tab.press_key("n").expect("a key");
    page.wait("a completion", "document.querySelector('.code').shadowRoot.querySelector('.cm-tooltip-autocomplete')?.innerText.includes('印数')");
    std::thread::sleep(Duration::from_millis(120));
    page.key("Enter");
    page.insert("150");
    studio.wait_for_file(SEED, |text| text.contains("print_run = 150"));
    page.keys(&[ModifierKey::Ctrl], "e");
    page.wait(
        "the field",
        "document.querySelector('.field[data-key=print_run] input')?.value === '150'",
    );
    // Invalid TOML: the form shows the error and waits.
    page.keys(&[ModifierKey::Ctrl], "e");
    page.keys(&[ModifierKey::Ctrl], "Home");
    page.insert("number = = 1\n");
    page.wait("an error", "document.querySelector('.findings-list li.error')");
    page.keys(&[ModifierKey::Ctrl], "e");
    page.wait("the reason", "document.querySelector('.form > .banner')?.hidden === false && document.querySelector('.form-body').inert");
}

#[test]
fn a_file_with_the_lines_of_windows_keeps_them_and_a_closed_issue_is_saved() {
    let Some(browser) = browser() else { return };
    let project = project(true);
    let seed = std::fs::read_to_string(project.path(SEED)).expect("the seed");
    project.file(SEED, seed.replace('\n', "\r\n"));
    let studio = Studio::start(project);
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    page.keys(&[ModifierKey::Ctrl], "e");
    page.wait("the code", "document.querySelector('.code')");
    let shown = page.value(&format!("{CODE}.slice(0, 6)"));
    assert_eq!(shown, json!(seed.lines().take(6).collect::<Vec<_>>()));
    page.keys(&[ModifierKey::Ctrl], "Home");
    page.insert("# ");
    page.wait_until_saved();
    studio.wait_for_file(SEED, |text| text == format!("# {seed}").replace('\n', "\r\n"));
    // With the caret on the issue number, its place on the pages is marked, although its digits
    // occur elsewhere too. Long lines wrap on the screen, so press the key several times.
    let in_number = "document.querySelector('.code').shadowRoot.querySelector('.cm-activeLine')?.innerText.startsWith('number')";
    for _ in 0..30 {
        page.key("ArrowDown");
        if page.value(in_number) == json!(true) {
            break;
        }
    }
    page.key("End");
    page.wait("the place", "[...document.querySelectorAll('.mark')].some((mark) => !mark.hidden)");
    page.run(
        "(() => {
            const mark = document.querySelector('.mark:not([hidden])');
            const sheet = mark.closest('.sheet');
            window.place = { sheet, x: mark.offsetLeft + mark.offsetWidth / 2, y: mark.offsetTop + mark.offsetHeight / 2 };
        })()",
    );
    // Move the caret elsewhere, so that the pages scroll; then scroll back to the page.
    page.keys(&[ModifierKey::Ctrl], "End");
    std::thread::sleep(Duration::from_millis(800));
    page.run("place.sheet.scrollIntoView({ block: 'start', behavior: 'instant' })");
    let place = page.value("(() => { const box = place.sheet.getBoundingClientRect(); return [box.x + place.x, box.y + place.y]; })()");
    let point = headless_chrome::browser::tab::point::Point {
        x: place[0].as_f64().expect("x"),
        y: place[1].as_f64().expect("y"),
    };
    page.tab.click_point(point).expect("a click");
    page.wait("the caret in the number", in_number);
    // Three changes at once, then leave the issue: no change waits for another's answer.
    page.keys(&[ModifierKey::Ctrl], "e");
    page.wait("the form", "document.querySelector('.form .field')");
    let title = field(0, 0, "title");
    page.run(&format!(
        "(() => {{
            const title = document.querySelector({title:?});
            for (const text of ['甲', '甲乙', '甲乙丙']) {{
                title.value = text;
                title.dispatchEvent(new InputEvent('input', {{ bubbles: true }}));
            }}
            location.hash = '#/';
        }})()"
    ));
    studio.wait_for_file(SEED, |text| text.contains("title = \"甲乙丙\""));
}
