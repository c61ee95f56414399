//! The page itself: accessibility by axe, the committed build compared with its sources, and the
//! tests of its modules.

use std::path::PathBuf;
use std::process::Command;

use headless_chrome::protocol::cdp::Emulation;
use serde_json::json;

use super::{Page, SEED, Studio, field, line, project};
use crate::browser::browser;
use crate::support::{root, skipped, tool};

/// A view, and how to enter it from the view before.
type View<'a> = (&'a str, Box<dyn Fn() + 'a>);

/// The views of an open issue.
fn editor_views<'a>(studio: &'a Studio, page: &'a Page) -> Vec<View<'a>> {
    vec![
        ("form", Box::new(|| page.wait("the form", "document.querySelector('.form .field')"))),
        (
            "a field with an error",
            Box::new(|| {
                page.fill(&field(0, 0, "title"), "");
                page.wait("an error", "document.querySelector('.field li.error')");
            }),
        ),
        (
            "conflict",
            Box::new(|| {
                page.fill(&field(0, 0, "title"), "我的标题");
                page.wait_until_saved();
                page.insert("改");
                let text = studio.text(SEED);
                let theirs = text.replace(&line(&text, "title = "), "title = \"外面的标题\"");
                studio.project.file(SEED, theirs);
                page.wait("the question", "document.querySelector('dialog.conflict .compare')");
            }),
        ),
        (
            "export menu",
            Box::new(|| {
                page.click("dialog.conflict [data-choice=mine]");
                page.click(".menu-box > button");
            }),
        ),
        ("keys", Box::new(|| page.key("F1"))),
        (
            "history",
            Box::new(|| {
                page.run("document.querySelector('dialog')?.remove()");
                page.wait_until_saved();
                page.click("header.bar > button:not(.icon-button)");
                page.click(".history-list button");
                page.wait("the difference", "document.querySelector('.history-view .compare')");
            }),
        ),
        (
            "code",
            Box::new(|| {
                page.run("document.querySelector('dialog')?.remove()");
                page.click(".switch button:last-child");
                page.wait("the code", "document.querySelector('.code')");
            }),
        ),
    ]
}

/// The views of the list, entered from an open issue.
fn list_views(page: &Page) -> Vec<View<'_>> {
    vec![
        (
            "list",
            Box::new(|| {
                page.click("header.bar .back");
                page.wait("the list", "document.querySelector('.issue-row')");
            }),
        ),
        (
            "search",
            Box::new(|| {
                page.fill("input[type=search]", "妇联");
                page.wait("what was found", "document.querySelector('.found')");
            }),
        ),
        ("new issue", Box::new(|| page.click(".list-bar .primary"))),
        (
            "doubts",
            Box::new(|| {
                page.run("document.querySelector('dialog')?.remove(); localStorage.setItem('jianbao.view', 'form')");
                page.drop_file(".list-view", &root().join("tests/import/25-code.docx"));
                page.wait("the imported issue", "document.querySelector('.form .card.article')");
                page.wait("its doubts", "document.querySelector('.doubts:not([hidden])')");
            }),
        ),
    ]
}

#[test]
fn axe_finds_no_violation_in_any_view() {
    let Some(browser) = browser() else { return };
    let axe = root().join("src/serve/web/node_modules/axe-core/axe.min.js");
    let Ok(axe) = std::fs::read_to_string(axe) else {
        skipped("axe-core is not there (npm ci in src/serve/web)");
        return;
    };
    let studio = Studio::start(project(true));
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    let mut views = editor_views(&studio, &page);
    views.extend(list_views(&page));
    for dark in ["light", "dark"] {
        let scheme =
            Emulation::MediaFeature { name: "prefers-color-scheme".into(), value: dark.into() };
        page.tab
            .call_method(Emulation::SetEmulatedMedia { media: None, features: Some(vec![scheme]) })
            .expect("a colour scheme");
        page.run("document.querySelector('dialog')?.remove(); location.hash = '#/issue/fugong/2014-16'; localStorage.setItem('jianbao.view', 'form')");
        for (name, enter) in &views {
            // The same file is not imported twice.
            if (*name, dark) == ("doubts", "dark") {
                continue;
            }
            enter();
            // The content security policy forbids foreign scripts; the debugger may run them.
            page.tab.evaluate(&axe, false).expect("axe");
            let found = page.value("axe.run(document).then(({ violations }) => violations.map(({ id, help, nodes }) => [id, help, nodes.map(({ html, failureSummary }) => [html.slice(0, 200), failureSummary])]))");
            assert_eq!(found, json!([]), "{name}, {dark}");
        }
    }
}

/// The folder of the page's sources, where node and its packages are; else the test is skipped.
fn page_sources() -> Option<PathBuf> {
    let web = root().join("src/serve/web");
    if !tool("node", &["--version"]) {
        return None;
    }
    if !web.join("node_modules/esbuild").exists() {
        skipped("esbuild is not there (npm ci in src/serve/web)");
        return None;
    }
    Some(web)
}

#[test]
fn the_committed_page_is_what_its_sources_give() {
    let Some(web) = page_sources() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let built = Command::new("node").arg("build.mjs").arg(folder.path()).current_dir(&web).status();
    assert!(built.expect("node starts").success());
    for name in [
        "studio/index.html",
        "studio/studio.js",
        "studio/studio.css",
        "studio/LICENSES.txt",
        "watch/index.html",
        "watch/watch.js",
        "watch/watch.css",
    ] {
        let now = std::fs::read(folder.path().join(name)).expect("a built file");
        let committed = std::fs::read(web.join("dist").join(name)).expect("a committed file");
        assert!(now == committed, "run npm run build: dist/{name} is out of date");
    }
}

/// Runs the TypeScript tests of the modules that need no browser.
#[test]
fn the_pages_modules_pass_their_own_tests() {
    let Some(web) = page_sources() else { return };
    let run = Command::new("node").arg("test/run.mjs").current_dir(&web).output();
    let run = run.expect("node starts");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
}
