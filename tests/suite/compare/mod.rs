//! Issues compared with their references: differences are found and named.

mod differences;
mod references;
mod reports;
mod runs;
mod tolerances;

use std::collections::BTreeMap;
use std::path::Path;

use jianbao::compare::{Comparison, Reference, compare};
use jianbao::publication::tolerance::Settings;
use serde_json::Value as Json;

use crate::support::{PUBLICATION, TempProject, root};

const LONG: &str = "number = 2\ndate = 2026-01-12\n\n[[articles]]\ntitle = \"全市工作会议召开\"\nbody = '''\n会议总结去年工作，部署今年任务，要求各县区健全工作网络，全年新建服务站点，情况另行通报，各单位抓好落实，按月报告进度。\n各县区于二月底前制定任务清单，做到有人管、有人办。\n'''\n\n[imprint]\nreport_to = [\"上级单位\"]\nprint_run = 50\n";

/// A project whose issue has its reference, and the layouts in files so that they can be changed.
fn approved() -> TempProject {
    let project = approved_as("");
    assert!(project.path("approved/p/2026-2.pdf").is_file());
    project
}

/// The same, with pages as PNG.
const PNG: &str = "[compare]\nreferences = \"png\"\n";

/// The same, with more in its publication.
fn approved_as(compare: &str) -> TempProject {
    let project = TempProject::new();
    copy(&root().join("layouts"), &project.path("layouts"));
    project.publication(compare).file("issues/p/2026-2.toml", LONG);
    project.run(&["accept"]).exit(0).says("accepted approved/p/2026-2");
    project
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let (entry, to) = (entry.expect("an entry"), to);
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).expect("a copy")),
        }
    }
}

impl TempProject {
    /// Puts one text for another in a file.
    fn change(&self, path: &str, from: &str, to: &str) -> &Self {
        let text = std::fs::read_to_string(self.path(path)).expect("a file");
        assert!(text.contains(from), "no {from:?} in {path}");
        self.file(path, text.replacen(from, to, 1))
    }

    /// Appends to the publication's file.
    fn publication(&self, more: &str) -> &Self {
        self.file("issues/p/publication.toml", format!("{PUBLICATION}{more}"))
    }

    /// The result of comparing one issue.
    fn compared(&self, issue: &str) -> Json {
        let path = format!("issues/{issue}.toml");
        let run = self.run(&["compare", "--format", "json", &path]);
        let json: Json = serde_json::from_str(&run.stdout()).expect("JSON");
        json["issues"][0].clone()
    }
}

/// The differences as `kind: text`, each kind with its first text.
fn named(issue: &Json) -> BTreeMap<String, String> {
    let mut named = BTreeMap::new();
    for difference in issue["differences"].as_array().expect("differences") {
        let text = |key: &str| difference[key].as_str().expect("a text").to_string();
        named.entry(text("kind")).or_insert(text("text"));
    }
    named
}

#[track_caller]
fn finds(issue: &Json, kind: &str, text: &str) {
    assert_eq!(issue["status"], "differs", "{issue:#}");
    let named = named(issue);
    let said = named.get(kind).unwrap_or_else(|| panic!("no {kind} in {named:?}"));
    assert!(said.contains(text), "{kind}: {said}");
}

/// The first difference of a kind.
#[track_caller]
fn of_kind<'a>(issue: &'a Json, kind: &str) -> &'a Json {
    let all = issue["differences"].as_array().expect("differences");
    all.iter().find(|d| d["kind"] == kind).unwrap_or_else(|| panic!("no {kind} in {issue:#}"))
}

/// The top and the height of what a difference covers on one side, in mm.
fn box_of(difference: &Json, side: &str) -> [f64; 2] {
    [1, 3].map(|at| difference[side]["box"][at].as_f64().expect("a length"))
}

/// Two PDFs compared in memory.
fn of(before: Vec<u8>, now: Vec<u8>) -> Comparison {
    let mut show = |_, _, _: &_| {};
    compare(Reference::Pdf(before), now, &Settings::default(), &mut show).expect("two PDFs")
}
