//! Mouse, keyboard and input method in a real browser → the studio's pages and files.

mod code;
mod form;
mod list;
mod page;
mod paste;
mod together;

use std::path::Path;
use std::process::Child;
use std::sync::Arc;
use std::time::{Duration, Instant};

use headless_chrome::browser::tab::ModifierKey;
use headless_chrome::protocol::cdp::Input;
use headless_chrome::{Browser, Tab};
use serde_json::{Value, json};

use crate::launch::launch;
use crate::support::{TempProject, root};

const PATIENCE: Duration = Duration::from_secs(60);
const SEED: &str = "issues/fugong/2014-16.toml";

#[expect(clippy::disallowed_methods, reason = "a browser is waited for")]
fn now() -> Instant {
    Instant::now()
}

/// The program, serving a project.
struct Studio {
    project: TempProject,
    process: Child,
    address: String,
}

impl Studio {
    fn start(project: TempProject) -> Self {
        let (process, address) = launch(project.folder.path(), "studio");
        Studio { project, process, address }
    }

    /// Kills the program without a chance to save, as a power cut would.
    fn kill(&mut self) {
        self.process.kill().expect("the program is killed");
        self.process.wait().expect("the program ends");
    }

    fn again(&mut self) {
        (self.process, self.address) = launch(self.project.folder.path(), "studio");
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.project.path(path)).expect("the issue's file")
    }

    fn issue(&self, path: &str) -> toml::Table {
        self.text(path).parse().expect("an issue that is TOML")
    }

    /// Waits until the file on disk is as it should be.
    #[track_caller]
    fn wait_for_file(&self, path: &str, fits: impl Fn(&str) -> bool) -> String {
        let start = now();
        loop {
            let text = std::fs::read_to_string(self.project.path(path)).unwrap_or_default();
            if fits(&text) {
                return text;
            }
            assert!(start.elapsed() < PATIENCE, "{path} is still\n{text}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A project with the seed's publication, and the seed too where it is wanted.
fn project(with_seed: bool) -> TempProject {
    let project = TempProject { folder: tempfile::tempdir().expect("a temporary folder") };
    copy(&project, "issues/fugong/publication.toml");
    if with_seed {
        copy(&project, SEED);
    }
    project
}

fn copy(project: &TempProject, path: &str) {
    project.file(path, std::fs::read(root().join(path)).expect("a sample"));
}

/// One tab of the browser.
struct Page {
    tab: Arc<Tab>,
}

impl Page {
    fn open(browser: &Browser, address: &str) -> Self {
        let tab = browser.new_tab().expect("a tab");
        tab.set_default_timeout(PATIENCE);
        tab.navigate_to(address).expect("an address");
        tab.wait_until_navigated().expect("the studio opens");
        let page = Page { tab };
        page.wait("the studio", "document.querySelector('header.bar')");
        page
    }

    /// Opens the studio in Chinese, on one issue.
    fn open_issue(browser: &Browser, studio: &Studio, issue: &str) -> Self {
        let page = Page::open(browser, &studio.address);
        page.run("localStorage.setItem('jianbao.language', 'zh'); localStorage.setItem('jianbao.view', 'form')");
        page.run(&format!("location.hash = '#/issue/{issue}'"));
        page.wait("the form", "document.querySelector('.form .field')");
        page.wait("the pages", "document.querySelector('.paper svg')");
        page
    }

    fn run(&self, script: &str) {
        self.tab.evaluate(script, true).unwrap_or_else(|error| panic!("{script}: {error}"));
    }

    /// The value of a script, as JSON.
    fn value(&self, script: &str) -> Value {
        let script = format!("(async () => JSON.stringify((await ({script})) ?? null))()");
        let object =
            self.tab.evaluate(&script, true).unwrap_or_else(|error| panic!("{script}: {error}"));
        let text = object.value.and_then(|value| value.as_str().map(String::from));
        serde_json::from_str(&text.unwrap_or_else(|| panic!("{script} gives nothing")))
            .expect("JSON")
    }

    fn string(&self, script: &str) -> String {
        self.value(script).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the value of a script is true.
    #[track_caller]
    fn wait(&self, what: &str, script: &str) {
        let start = now();
        let script = format!("Boolean({script})");
        while self.value(&script) != json!(true) {
            if start.elapsed() > PATIENCE {
                let seen = self.string(
                    "(document.querySelector('dialog[open]')?.innerText ?? '')
                        + document.body.innerText.slice(0, 3000)",
                );
                panic!("no {what} in:\n{seen}");
            }
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    #[track_caller]
    fn wait_until_saved(&self) {
        self.wait("saved text", "document.querySelector('.save-state')?.dataset.state === 'saved'");
    }

    fn click(&self, selector: &str) {
        let element = self.tab.wait_for_element(selector);
        let element = element.unwrap_or_else(|error| panic!("{selector}: {error}"));
        element.scroll_into_view().expect("it can be scrolled to");
        element.click().unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    fn focus(&self, selector: &str) {
        let element = self.tab.wait_for_element(selector);
        element
            .and_then(|element| element.focus().map(drop))
            .unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Puts text in at the caret, as the clipboard or an input method does.
    fn insert(&self, text: &str) {
        self.tab.send_character(text).expect("text goes in");
    }

    /// Replaces what stands in a field.
    fn fill(&self, selector: &str, text: &str) {
        self.focus(selector);
        self.run("document.activeElement.select()");
        if text.is_empty() { self.key("Delete") } else { self.insert(text) }
    }

    fn key(&self, key: &str) {
        self.tab.press_key(key).expect("a key");
    }

    fn keys(&self, modifiers: &[ModifierKey], key: &str) {
        self.tab.press_key_with_modifiers(key, Some(modifiers)).expect("keys");
    }

    fn compose(&self, text: &str) {
        let length = text.chars().count() as u32;
        let composition = Input::ImeSetComposition {
            text: text.into(),
            selection_start: length,
            selection_end: length,
            replacement_start: None,
            replacement_end: None,
        };
        self.tab.call_method(composition).expect("a composition");
    }

    /// Drops a file on an element.
    fn drop_file(&self, selector: &str, path: &Path) {
        let bytes = std::fs::read(path).expect("a file");
        let name = path.file_name().expect("a name").to_string_lossy();
        self.run(&format!(
            "(() => {{
                const data = new DataTransfer();
                data.items.add(new File([new Uint8Array({})], {name:?}));
                const target = document.querySelector({selector:?});
                for (const type of ['dragover', 'drop']) {{
                    target.dispatchEvent(new DragEvent(type, {{ bubbles: true, cancelable: true, dataTransfer: data }}));
                }}
            }})()",
            json!(bytes)
        ));
    }
}

/// A field of the form, by the place of its article and its key.
fn field(section: usize, article: usize, key: &str) -> String {
    format!(
        ".sections > .card:nth-child({}) .articles > .card:nth-child({}) .field[data-key={key}] :is(input:not([type=file]), textarea)",
        section + 1,
        article + 1
    )
}

/// The line of an issue that begins so.
fn line(text: &str, start: &str) -> String {
    text.lines().find(|line| line.starts_with(start)).expect("a line").to_string()
}
