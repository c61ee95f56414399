//! The studio as an editor uses it: in a real browser, by mouse, keyboard and input method.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use headless_chrome::browser::tab::ModifierKey;
use headless_chrome::protocol::cdp::{Browser as BrowserDomain, Emulation, Input};
use headless_chrome::{Browser, Tab};
use serde_json::{Value, json};

use crate::browser::browser;
use crate::support::{TempProject, root, tool};

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
        let (process, address) = launch(&project);
        Studio { project, process, address }
    }

    /// As by a power cut: nothing is said, nothing is saved.
    fn kill(&mut self) {
        self.process.kill().expect("the program is killed");
        self.process.wait().expect("the program ends");
    }

    fn again(&mut self) {
        (self.process, self.address) = launch(&self.project);
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

fn launch(project: &TempProject) -> (Child, String) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_jianbao"))
        .args(["studio", "--no-open"])
        .current_dir(project.folder.path())
        .env("LANG", "zh_CN.UTF-8")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(process.stderr.take().expect("its talk")).lines();
    let address = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| {
            let from = line.find("http://")?;
            let end = |c: char| c.is_whitespace() || !c.is_ascii();
            line[from..].split(end).next().map(String::from)
        })
        .expect("the program says its address");
    // Read to the end, or the program would wait for a reader.
    std::thread::spawn(move || lines.for_each(drop));
    (process, address)
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

    /// What a script gives, as JSON.
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

    /// Waits until a script gives something true.
    #[track_caller]
    fn wait(&self, what: &str, script: &str) {
        let start = now();
        let script = format!("Boolean({script})");
        while self.value(&script) != json!(true) {
            if start.elapsed() > PATIENCE {
                let seen = self.string("document.body.innerText.slice(0, 3000)");
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

fn section(at: usize) -> String {
    format!(".sections > .card:nth-child({})", at + 1)
}

#[test]
fn the_seed_is_written_from_an_empty_studio_and_exported_as_the_command_line_builds_it() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(false));
    let page = Page::open(&browser, &studio.address);
    page.click(".publication .empty button");
    page.wait("the form", "document.querySelector('.form .field')");
    let path = format!("issues/{}.toml", page.string("location.hash.replace('#/issue/', '')"));
    // Whatever the new issue begins with goes.
    while page.value("document.querySelectorAll('.card').length") != json!(0) {
        page.click(".form-body .card .remove");
    }

    let seed: toml::Table =
        std::fs::read_to_string(root().join(SEED)).expect("the seed").parse().expect("TOML");
    page.fill(".field[data-key=number] input", &seed["number"].to_string());
    page.fill(".field[data-key=serial_number] input", &seed["serial_number"].to_string());
    page.focus(".field[data-key=date] input");
    // What is typed into a date depends on the system's order of day, month and year.
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
    // A mistake of one's own is said at once, and gone when it is mended.
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
    // On into the section before.
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
fn text_pasted_from_word_comes_clean_and_a_dropped_picture_lies_beside_the_issue() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(true));
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    let body = field(1, 1, "body");
    page.fill(&body, "");
    let word = r#"<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{mso-style-parent:""}</style></head><body>
        <!--StartFragment--><p class=MsoNormal style='text-indent:32.0pt;mso-char-indent-count:2.0'><b><span lang=EN-US style='mso-bidi-font-family:"Times New Roman"'>一是抓好落实。</span></b><span>全市召开会议，<o:p></o:p></span></p>
        <p class=MsoNormal><span>会后各县区分头部署。</span></p>
        <table class=MsoTableGrid border=1><tr><td><p>县区</p></td><td><p>站点</p></td></tr><tr><td><p>甲县</p></td><td><p>18</p></td></tr></table><!--EndFragment--></body></html>"#;
    page.run(&format!(
        "(() => {{
            const area = document.querySelector({body:?});
            area.focus();
            const data = new DataTransfer();
            data.setData('text/html', {html});
            data.setData('text/plain', 'plain');
            area.dispatchEvent(new ClipboardEvent('paste', {{ bubbles: true, cancelable: true, clipboardData: data }}));
        }})()",
        html = json!(word)
    ));
    let text = studio.wait_for_file(SEED, |text| text.contains("会后各县区分头部署。"));
    assert!(text.contains("**一是抓好落实。**全市召开会议，\n"), "{text}");
    assert!(text.contains("| 甲县 | 18 |"), "{text}");
    assert!(!text.contains("mso") && !text.contains("<p"), "{text}");
    // A picture is dropped into the text, and lies beside the issue.
    page.drop_file(&body, &root().join("issues/keji/pictures/activities-2021-2025.png"));
    studio.wait_for_file(SEED, |text| text.contains("](pictures/activities-2021-2025.png)"));
    assert!(studio.project.path("issues/fugong/pictures/activities-2021-2025.png").is_file());
    page.wait("it on the page", "document.querySelector('.paper image')");
    page.focus(&body);
    page.keys(&[ModifierKey::Ctrl], "z");
    studio.wait_for_file(SEED, |text| !text.contains("pictures/"));
    // The browser's own undo takes the paste back.
    page.focus(&body);
    page.keys(&[ModifierKey::Ctrl], "z");
    studio.wait_for_file(SEED, |text| !text.contains("会后各县区分头部署。"));
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

    // And the same line, while one has typed something that is not saved.
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

    // Both are killed: what was typed while the program was away comes back with the page.
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
    // TOML that is none: the form says so and waits.
    page.keys(&[ModifierKey::Ctrl], "e");
    page.keys(&[ModifierKey::Ctrl], "Home");
    page.insert("number = = 1\n");
    page.wait("an error", "document.querySelector('.findings-list li.error')");
    page.keys(&[ModifierKey::Ctrl], "e");
    page.wait("the reason", "document.querySelector('.form > .banner')?.hidden === false && document.querySelector('.form-body').inert");
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
    // Where it is shown one can click, too, from another field.
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

#[test]
fn axe_finds_no_violation_in_any_view() {
    let Some(browser) = browser() else { return };
    let axe = root().join("src/studio/web/node_modules/axe-core/axe.min.js");
    let Ok(axe) = std::fs::read_to_string(axe) else {
        // As for an outside tool that is not there.
        tool("axe-core (npm ci in src/studio/web)", &[]);
        return;
    };
    let studio = Studio::start(project(true));
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    type View<'a> = (&'a str, Box<dyn Fn() + 'a>);
    let mut views: Vec<View<'_>> = vec![
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
    ];
    views.push((
        "list",
        Box::new(|| {
            page.click("header.bar .back");
            page.wait("the list", "document.querySelector('.issue-row')");
        }),
    ));
    views.push((
        "search",
        Box::new(|| {
            page.fill("input[type=search]", "妇联");
            page.wait("what was found", "document.querySelector('.found')");
        }),
    ));
    views.push(("new issue", Box::new(|| page.click(".list-bar .primary"))));
    views.push((
        "doubts",
        Box::new(|| {
            page.run("document.querySelector('dialog')?.remove(); localStorage.setItem('jianbao.view', 'form')");
            page.drop_file(".list-view", &root().join("tests/import/25-code.docx"));
            page.wait("the imported issue", "document.querySelector('.form .card.article')");
            page.wait("its doubts", "document.querySelector('.doubts:not([hidden])')");
        }),
    ));
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
            // The program's policy forbids scripts from elsewhere in the page; the debugger may.
            page.tab.evaluate(&axe, false).expect("axe");
            let found = page.value("axe.run(document).then(({ violations }) => violations.map(({ id, help, nodes }) => [id, help, nodes.map(({ html, failureSummary }) => [html.slice(0, 200), failureSummary])]))");
            assert_eq!(found, json!([]), "{name}, {dark}");
        }
    }
}

#[test]
fn the_committed_page_is_what_its_sources_give() {
    let web = root().join("src/studio/web");
    if !web.join("node_modules/esbuild").exists() {
        tool("esbuild (npm ci in src/studio/web)", &[]);
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let built = Command::new("node").arg("build.mjs").arg(folder.path()).current_dir(&web).status();
    assert!(built.expect("node starts").success());
    for name in ["index.html", "studio.js", "studio.css", "LICENSES.txt"] {
        let now = std::fs::read(folder.path().join(name)).expect("a built file");
        let committed = std::fs::read(web.join("dist").join(name)).expect("a committed file");
        assert!(now == committed, "run npm run build: dist/{name} is out of date");
    }
}

/// What the code view has, line by line.
const CODE: &str = "[...document.querySelector('.code').shadowRoot.querySelectorAll('.cm-line')].map((line) => line.innerText.replace('\\n', ''))";

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
    // A key and its end leave nothing behind.
    page.insert("啊");
    assert_eq!(page.string(&value), "改过的标题啊");
    page.key("Backspace");
    assert_eq!(page.string(&value), "改过的标题");
    // The file goes back to what it was: an open tab does not know better.
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

fn line(text: &str, start: &str) -> String {
    text.lines().find(|line| line.starts_with(start)).expect("a line").to_string()
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
    // A click on the number goes to the number, wherever else its digits stand.
    // Long lines are several on the screen.
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
    // The caret goes elsewhere, and the pages with it; then back to the page.
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
    // Three changes at once, and away: none waits for another's answer.
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

#[test]
fn a_picture_lands_where_it_is_dropped() {
    let Some(browser) = browser() else { return };
    let studio = Studio::start(project(true));
    let page = Page::open_issue(&browser, &studio, "fugong/2014-16");
    let body = field(1, 1, "body");
    page.fill(&body, "第一行\n第二行\n第三行");
    let picture = root().join("issues/keji/pictures/activities-2021-2025.png");
    page.run(&format!(
        "(() => {{
            const target = document.querySelector({body:?});
            target.scrollIntoView({{ block: 'center' }});
            const box = target.getBoundingClientRect();
            const style = getComputedStyle(target);
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array({})], 'p.png'));
            const clientY = box.top + parseFloat(style.paddingTop) + 0.5 * parseFloat(style.lineHeight);
            target.dispatchEvent(new DragEvent('drop', {{ bubbles: true, cancelable: true, dataTransfer: data, clientX: box.right - 20, clientY }}));
        }})()",
        json!(std::fs::read(picture).expect("a picture"))
    ));
    let text = studio.wait_for_file(SEED, |text| text.contains("](pictures/p.png)"));
    assert!(text.contains("第一行\n!["), "{text}");
}
