//! Pages in a real browser: a headless Chromium that reaches this machine and nothing else.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use headless_chrome::{Browser, LaunchOptions};

use crate::support::skipped;

/// Names of the program, by system and package.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

const ARGS: [&str; 4] = [
    "--disable-quic",
    "--disable-component-update",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

/// A browser with a profile of its own. Without Chromium, prints that a test is skipped and
/// returns `None`.
pub fn browser() -> Option<Browser> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|program| program.is_file());
    let Some(program) = found else {
        skipped(&format!("none of {} is installed", NAMES.join(", ")));
        return None;
    };
    Some(launch(program))
}

fn launch(program: PathBuf) -> Browser {
    let options = LaunchOptions {
        path: Some(program),
        // Chromium's sandbox does not work for root in a container.
        sandbox: false,
        // Any port that is free.
        port: Some(0),
        window_size: Some((1280, 900)),
        idle_browser_timeout: Duration::from_secs(300),
        args: ARGS.map(OsStr::new).to_vec(),
        ..LaunchOptions::default()
    };
    Browser::new(options).expect("the browser starts")
}

/// The address of a file.
pub fn file_url(path: &Path) -> String {
    format!("file://{}", path.display())
}

#[test]
fn a_page_runs_in_the_browser() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("page.html");
    let page = "<!doctype html><title>一</title><script>document.title = '简报'</script>";
    std::fs::write(&path, page).expect("a page");
    let tab = browser.new_tab().expect("a tab");
    tab.navigate_to(&file_url(&path)).expect("an address");
    tab.wait_until_navigated().expect("the page opens");
    assert_eq!(tab.get_title().expect("a title"), "简报");
}
