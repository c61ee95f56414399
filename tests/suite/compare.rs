//! Issues against their references: what differs is found and called by its name.

use std::collections::BTreeMap;
use std::path::Path;

use image::RgbImage;
use jianbao::catalogue::{Catalogue, Lang};
use jianbao::compare::tolerance::Settings;
use jianbao::compare::{Comparison, Reference, compare};
use jianbao::show::comparison::{Entry, Status, html};
use serde_json::Value as Json;

use crate::browser::{browser, file_url};
use crate::support::{ISSUE, PUBLICATION, TempProject, root, tool};

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

    /// Says more in the publication.
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

#[test]
fn what_did_not_change_is_the_same() {
    let project = approved();
    project.run(&["compare"]).exit(0).says("issues: 2, same: 2, different: 0");
    assert!(!project.path("out").exists(), "nothing is left behind");
}

#[test]
fn a_swapped_character_is_a_changed_text() {
    let project = approved();
    project.change("issues/p/2026-2.toml", "部署", "布署");
    finds(&project.compared("p/2026-2"), "text-changed", "“部” → “布”");
}

#[test]
fn a_lost_comma_is_a_lost_text() {
    let project = approved();
    project.change("issues/p/2026-2.toml", "总结去年工作，", "总结去年工作");
    let found = project.compared("p/2026-2");
    finds(&found, "text-lost", "“，”");
    let kinds: Vec<String> = named(&found).into_keys().collect();
    assert!(!kinds.iter().any(|kind| kind == "appearance" || kind == "font-changed"), "{kinds:?}");
}

#[test]
fn a_rule_a_tenth_of_a_millimetre_thicker_is_named() {
    let project = approved();
    project.change("layouts/shared/system.typ", "masthead: 2pt", "masthead: 2pt + 0.1mm");
    let found = project.compared("p/2026-2");
    finds(&found, "rule-weight", "rule 0.71 mm thick → 0.81 mm");
    assert_eq!(named(&found).len(), 1, "{found:#}");
}

#[test]
fn a_red_two_percent_off_is_a_changed_colour() {
    let project = approved();
    project.change("layouts/shared/system.typ", "#e8442a", "#e3442a");
    let found = project.compared("p/2026-2");
    finds(&found, "colour-changed", "colour #e8442a → #e3442a");
    assert_eq!(named(&found).len(), 1, "{found:#}");
}

#[test]
fn a_line_half_a_millimetre_lower_is_a_moved_text() {
    let project = approved();
    let issuer = "dy: 5 * pitch, block(inset: (left";
    let lower = "dy: 5 * pitch + 0.5mm, block(inset: (left";
    project.change("layouts/shared/masthead.typ", issuer, lower);
    let found = project.compared("p/2026-2");
    finds(&found, "text-moved", "moved 0.50 mm down from page 1, line 3");
    assert_eq!(named(&found).len(), 1, "{found:#}");
}

#[test]
fn another_font_is_named() {
    let project = approved();
    let fonts = "[fonts]\nheiti = \"霞鹜文楷 GB 轻便版\"\n";
    project.change("issues/p/2026-2.toml", "会议总结", "**会议**总结");
    project.run(&["accept"]).exit(0);
    project.file("issues/p/publication.toml", format!("{PUBLICATION}{fonts}"));
    let found = project.compared("p/2026-2");
    finds(&found, "font-changed", "NotoSansSC-Medium 16 pt → LXGWWenKaiGBLite-Regular 16 pt");
}

#[test]
fn an_imprint_on_another_page_is_named() {
    let project = approved();
    let even = format!("{PUBLICATION}[options]\nimprint_on_even_page = true\n");
    project.file("issues/p/publication.toml", even);
    let found = project.compared("p/2026-2");
    finds(&found, "page-added", "a page more");
    finds(&found, "text-moved-page", "moved here from page 1, line");
}

#[test]
fn a_broken_reference_costs_only_its_issue() {
    let project = approved();
    let whole = std::fs::read(project.path("approved/p/2026-2.pdf")).expect("a reference");
    let run = |project: &TempProject, code: &str| {
        let run = project.run(&["compare"]);
        run.exit(1).says(code).says("same: 1, different: 0, without reference: 0, with errors: 1");
    };
    project.file("approved/p/2026-1.pdf", "");
    run(&project, "reference-empty");
    project.file("approved/p/2026-1.pdf", "no PDF at all");
    run(&project, "reference-damaged");
    project.file("approved/p/2026-1.pdf", &whole[..200]);
    run(&project, "reference-damaged");
    if tool("qpdf", &["--version"]) {
        let (from, to) =
            (project.path("approved/p/2026-2.pdf"), project.path("approved/p/2026-1.pdf"));
        let encrypt = ["--encrypt", "user", "owner", "256", "--"];
        let done = std::process::Command::new("qpdf").arg(&from).args(encrypt).arg(&to).status();
        assert!(done.expect("qpdf runs").success());
        run(&project, "reference-encrypted");
    }
}

#[test]
fn what_did_not_change_since_is_not_drawn_again() {
    let project = approved();
    project.run(&["build"]).exit(0);
    let first = project.compared("p/2026-2");
    assert_eq!((&first["remembered"], &first["status"]), (&false.into(), &"same".into()));
    let again = project.compared("p/2026-2");
    assert_eq!((&again["remembered"], &again["rendered"]), (&true.into(), &0.into()));
    // Another reference, another layout, other settings: each is looked at.
    project.run(&["build"]).exit(0);
    let reference = std::fs::read(project.path("approved/p/2026-2.pdf")).expect("a reference");
    project.file("approved/p/2026-2.pdf", [reference, b"\n".to_vec()].concat());
    assert_eq!(project.compared("p/2026-2")["remembered"], false);
    assert_eq!(project.compared("p/2026-2")["remembered"], true);
    let more = "[compare]\nresolution = 90\n";
    project.publication(more);
    assert_eq!(project.compared("p/2026-2")["remembered"], false);
    assert_eq!(project.compared("p/2026-2")["remembered"], true);
    project.change("layouts/shared/system.typ", "masthead: 2pt", "masthead: 2.0pt");
    assert_eq!(project.compared("p/2026-2")["remembered"], false);
    assert_eq!(project.compared("p/2026-2")["remembered"], true);
    project.publication(&format!("[fonts]\nheiti = \"霞鹜文楷 GB 轻便版\"\n{more}"));
    let other = project.compared("p/2026-2");
    assert_eq!((&other["remembered"], &other["status"]), (&false.into(), &"same".into()));
    project.change("issues/p/2026-2.toml", "部署", "布署");
    assert_eq!(project.compared("p/2026-2")["status"], "differs");
}

/// What earlier runs found is only there to save work.
#[test]
fn a_broken_memory_harms_nobody() {
    let project = approved();
    project.run(&["build"]).exit(0);
    project.run(&["accept", "-n"]).exit(0);
    let memory = "out/.jianbao/compared";
    assert!(!project.path(memory).exists(), "a dry run writes nothing");
    project.run(&["compare"]).exit(0);
    let mut known: Json =
        serde_json::from_slice(&std::fs::read(project.path(memory)).expect("it")).expect("JSON");
    for issue in known["issues"].as_object_mut().expect("issues").values_mut() {
        issue["build"] = "aééééééé".into();
    }
    project.file(memory, known.to_string());
    project.run(&["compare"]).exit(0).says("same: 2");
    // It cannot be written.
    std::fs::remove_file(project.path(memory)).expect("it");
    std::fs::create_dir(project.path(memory)).expect("a folder");
    project.run(&["compare"]).exit(0).says("same: 2");
    project.change("issues/p/2026-2.toml", "部署", "布署");
    project.run(&["compare"]).exit(1).says("report out/compare.html");
}

#[test]
fn only_reports_of_this_program_are_taken_away() {
    let project = approved();
    project.file("docs/compare.html", "<p>mine").file("docs/compare/mine.png", "mine");
    let mine = || {
        let page = std::fs::read_to_string(project.path("docs/compare.html")).ok();
        assert_eq!(page.as_deref(), Some("<p>mine"));
        let files = std::fs::read_dir(project.path("docs/compare")).expect("a folder");
        assert_eq!(files.count(), 1);
    };
    project.run(&["compare", "-o", "docs"]).exit(0);
    mine();
    project.change("issues/p/2026-2.toml", "部署", "布署");
    project.run(&["compare", "-o", "docs"]).exit(2).says("no report of this program");
    mine();
    project.run(&["compare"]).exit(1).says("page 1, line").says(" mm²)");
    assert!(project.path("out/compare/p/2026-2_1_before.png").is_file());
    project.change("issues/p/2026-2.toml", "布署", "部署");
    project.run(&["compare"]).exit(0);
    assert!(!project.path("out/compare").exists() && !project.path("out/compare.html").exists());
}

#[test]
fn pictures_are_those_of_their_issue_and_of_the_report() {
    let project = TempProject::new();
    for (publication, stem) in [("a_b", "2026-2"), ("a", "b_2026-2")] {
        project.file(&format!("issues/{publication}/publication.toml"), PUBLICATION);
        project.file(&format!("issues/{publication}/{stem}.toml"), LONG);
    }
    project.run(&["accept"]).exit(0);
    project.change("issues/a/b_2026-2.toml", "部署", "布署");
    project.change("issues/a_b/2026-2.toml", "部署", "布署");
    project.run(&["compare"]).exit(1).says("different: 2");
    for page in ["a_b/2026-2_1_now.png", "a/b_2026-2_1_now.png"] {
        assert!(project.path(&format!("out/compare/{page}")).is_file(), "{page}");
    }
    let report = std::fs::read_to_string(project.path("out/compare.html")).expect("a report");
    assert!(report.contains("compare/a_b/2026-2_1_now.png"));
    // A reference whose first page differs and whose second cannot be read.
    let folder = project.path("approved/a/b_2026-2");
    std::fs::remove_file(project.path("approved/a/b_2026-2.pdf")).expect("a reference");
    std::fs::create_dir(&folder).expect("a folder");
    RgbImage::new(83, 117).save(folder.join("1.png")).expect("a picture");
    std::fs::write(folder.join("2.png"), "no picture").expect("a file");
    project.change("issues/a_b/2026-2.toml", "布署", "部署");
    project.run(&["compare"]).exit(1).says("reference-damaged");
    assert!(!project.path("out/compare").exists() && !project.path("out/compare.html").exists());
}

#[test]
fn accept_replaces_what_cannot_be_read() {
    let project = approved();
    for broken in ["", "no PDF at all"] {
        project.file("approved/p/2026-1.pdf", broken);
        project.run(&["accept", "-n"]).exit(0).says("would be accepted issues/p/2026-1.toml");
        project.run(&["accept"]).exit(0).says("accepted approved/p/2026-1.pdf");
        project.run(&["compare"]).exit(0);
    }
}

#[test]
fn accept_changes_the_kind_of_references() {
    let project = approved();
    project.publication(PNG);
    project.run(&["accept", "-n"]).exit(0).says("would be accepted issues/p/2026-1.toml");
    project.run(&["accept"]).exit(0).says("accepted approved/p/2026-1/1.png").says("accepted: 2");
    assert!(!project.path("approved/p/2026-1.pdf").exists());
    project.run(&["accept"]).exit(0).says("the same as before: 2");
    project.publication("");
    project.run(&["accept"]).exit(0).says("accepted approved/p/2026-1.pdf");
    assert!(!project.path("approved/p/2026-1").exists());
    project.run(&["compare"]).exit(0);
}

#[test]
fn every_issue_says_what_is_wrong_with_its_publication() {
    let project = approved();
    project.publication("[compare]\ncolour = 2.0\n");
    let run = project.run(&["compare", "--format", "junit"]);
    let (xml, said) = (run.exit(1).stdout(), run.stderr());
    assert_eq!(xml.matches("<error ").count(), 2, "{xml}");
    assert!(!xml.contains("message=\"\""), "{xml}");
    assert_eq!(said.matches("value-range").count(), 1, "{said}");
}

/// A worker that was given up goes on by itself, and must not write any more.
#[test]
fn who_is_given_up_writes_nothing() {
    use jianbao::batch::{Crew, Watch};
    use jianbao::batch::compare::{Accept, Against, Memory, Plan, compare};
    struct Late;
    impl Watch for Late {
        fn is_overdue(&self, _: &jianbao::project::IssuePath) -> bool {
            true
        }
    }
    let project = approved();
    project.change("issues/p/2026-2.toml", "部署", "布署");
    let reference = std::fs::read(project.path("approved/p/2026-2.pdf")).expect("a reference");
    let found = jianbao::project::Project::find(project.folder.path()).expect("a project");
    let fonts = jianbao::fonts::FontPaths::default();
    let session = jianbao::pipeline::Session::open(found, &fonts).expect("a session");
    let issues = session.project.issues(&[]).expect("issues");
    let plan = Plan {
        against: Against::References,
        pictures: Some(project.path("pictures")),
        memory: Memory::default().into(),
        accept: Accept::Write,
    };
    let crew = Crew { jobs: 1, stop: Default::default(), watch: std::sync::Arc::new(Late) };
    compare(&session.into(), issues, plan, &crew, |_, _| {}).expect("threads");
    assert!(!project.path("pictures").exists());
    let now = std::fs::read(project.path("approved/p/2026-2.pdf")).expect("a reference");
    assert!(now == reference);
}

#[test]
fn accept_touches_only_what_looks_different() {
    let project = approved();
    let stamp = |path: &str| {
        std::fs::metadata(project.path(path)).and_then(|m| m.modified()).expect("a file")
    };
    let before = (stamp("approved/p/2026-1.pdf"), stamp("approved/p/2026-2.pdf"));
    project.change("issues/p/2026-2.toml", "部署", "布署");
    project.run(&["accept", "-n"]).exit(0).says("would be accepted issues/p/2026-2.toml");
    assert_eq!(stamp("approved/p/2026-2.pdf"), before.1);
    project.run(&["accept"]).exit(0).says("accepted approved/p/2026-2.pdf").says("accepted: 1");
    assert_eq!(stamp("approved/p/2026-1.pdf"), before.0);
    project.run(&["compare"]).exit(0);
    let files = std::fs::read_dir(project.path("approved/p")).expect("a folder").count();
    assert_eq!(files, 2);
}

#[test]
fn pages_as_png_are_references_too() {
    let project = TempProject::new();
    project.file(
        "issues/p/publication.toml",
        format!("{PUBLICATION}[compare]\nreferences = \"png\"\n"),
    );
    project.run(&["accept"]).exit(0).says("accepted approved/p/2026-1/1.png");
    let size = std::fs::metadata(project.path("approved/p/2026-1/1.png")).expect("it").len();
    assert!(size < 60_000, "{size} bytes");
    project.run(&["compare"]).exit(0);
    project.change("issues/p/2026-1.toml", "一段", "两段");
    finds(&project.compared("p/2026-1"), "appearance", "looks different");
    project.run(&["accept"]).exit(0);
    project.run(&["compare"]).exit(0);
}

/// Pictures have no names, but whatever the drawings show the pixels show too.
#[test]
fn faults_are_seen_in_pages_as_png() {
    let project = approved_as(PNG);
    let faults = [
        ("layouts/shared/system.typ", "masthead: 2pt", "masthead: 2pt + 0.1mm"),
        ("layouts/shared/system.typ", "outer: 0.35mm", "outer: 0.6mm"),
        ("layouts/shared/system.typ", "#e8442a", "#e4442a"),
        ("layouts/shared/masthead.typ", "right, dy: 5 * pitch,", "right, dy: 5 * pitch + 0.1mm,"),
        (
            "layouts/shared/masthead.typ",
            "right, dy: 5 * pitch,",
            "right, dx: 0.1mm, dy: 5 * pitch,",
        ),
        ("issues/p/2026-2.toml", "部署", "布署"),
        ("issues/p/2026-2.toml", "总结去年工作，", "总结去年工作"),
    ];
    project.run(&["compare"]).exit(0);
    for (path, from, to) in faults {
        project.change(path, from, to);
        let found = project.compared("p/2026-2");
        assert_eq!(found["status"], "differs", "{to}");
        finds(&found, "appearance", "mm from the top");
        assert!(found["pages"][0]["area"].as_f64().is_some_and(|area| area > 0.0), "{to}");
        project.change(path, to, from);
    }
    project.run(&["compare"]).exit(0);
}

/// Glyphs are drawn on whole pixels, so that the pixels may be the same.
#[test]
fn a_part_of_a_line_that_moved_less_than_a_pixel_is_named() {
    let project = approved();
    for by in ["0.1pt", "0.2pt", "0.3pt"] {
        let raised = format!("show \"会议总结去年\": set text(baseline: -{by})\n  body\n}}");
        let text = std::fs::read_to_string(project.path("layouts/shared/page.typ")).expect("it");
        let (head, _) = text.rsplit_once("body\n}").expect("the page's body");
        project.file("layouts/shared/page.typ", format!("{head}{raised}"));
        finds(&project.compared("p/2026-2"), "text-reflowed", "runs on differently");
        project.file("layouts/shared/page.typ", text);
    }
}

#[test]
fn a_region_hides_only_what_lies_in_it() {
    let project = approved();
    // A box around the middle of the masthead's rule, and of nothing else.
    project.change("layouts/shared/system.typ", "masthead: 2pt", "masthead: 4pt");
    let rule = box_of(of_kind(&project.compared("p/2026-2"), "rule-weight"), "now");
    let area = format!("[95.0, {}, 20.0, {}]", rule[0] - 3.0, rule[1] + 6.0);
    let ignored = format!("[compare]\n[[compare.regions]]\nbox = {area}\nignore = true\n");
    project.publication(&ignored);
    finds(&project.compared("p/2026-2"), "rule-weight", "thick");
    project.publication(&ignored.replace("[95.0", "[0.0").replace("20.0", "210.0"));
    project.run(&["compare"]).exit(0);
}

#[test]
fn a_line_that_came_or_went_is_shown_in_its_place() {
    let project = approved();
    let line = "各县区于二月底前制定任务清单，做到有人管、有人办。\n";
    project.change("issues/p/2026-2.toml", line, "");
    let found = project.compared("p/2026-2");
    let lost = of_kind(&found, "text-lost");
    assert!(lost["text"].as_str().is_some_and(|text| text.contains("各县区于二月底前")), "{lost}");
    let (before, now) = (box_of(lost, "before"), box_of(lost, "now"));
    assert!((now[0] - before[0]).abs() < 30.0, "{lost}");
    project.run(&["accept"]).exit(0);
    project.change("issues/p/2026-2.toml", "按月报告进度。\n", &format!("按月报告进度。\n{line}"));
    let found = project.compared("p/2026-2");
    let added = of_kind(&found, "text-added");
    let (before, now) = (box_of(added, "before"), box_of(added, "now"));
    assert!((now[0] - before[0]).abs() < 30.0, "{added}");
    assert_eq!(added["line"], lost["line"], "{added} {lost}");
}

#[test]
fn what_may_differ_may_differ_whatever_it_is_called() {
    let project = approved();
    let is_same = |compare: &str| {
        project.publication(&format!("[compare]\n{compare}"));
        project.compared("p/2026-2")["status"] == "same"
    };
    let region =
        |name: &str, allowed: &str| format!("[[compare.regions]]\nname = \"{name}\"\n{allowed}\n");
    // A character: how much of the page, how alike.
    project.change("issues/p/2026-2.toml", "部署", "布署");
    assert!(!is_same(""));
    assert!(!is_same("area = 1.0\n") && is_same("area = 30.0\n"));
    assert!(!is_same("likeness = 1.0\n") && !is_same("likeness = 0.99\n"));
    assert!(is_same("likeness = 0.1\n"));
    assert!(is_same("colour = 1.0\narea = 1000000\nmoved = 1000\nlikeness = 0\n"));
    assert!(!is_same(&region("date", "area = 10000\ncolour = 1\nlikeness = 0")));
    // The date, which has a region.
    project.file("issues/p/2026-2.toml", LONG.replace("2026-01-12", "2026-01-13"));
    assert!(!is_same(""));
    assert!(is_same(&region("date", "area = 10000\ncolour = 1\nlikeness = 0")));
    assert!(is_same(&region("date", "area = 30")) && !is_same(&region("date", "area = 0.5")));
    assert!(!is_same(&region("date", "likeness = 0.9999")));
    // A line that moved, and a rule.
    project.file("issues/p/2026-2.toml", LONG);
    let (from, to) = ("left, dy: 5 * pitch,", "left, dy: 5 * pitch + 0.5mm,");
    project.change("layouts/shared/masthead.typ", from, to);
    assert!(!is_same("moved = 0.4\n") && is_same("moved = 0.6\n"));
    assert!(!is_same("area = 1000\nmoved = 0.4\n"), "what moved is said however little it is");
    assert!(is_same(&region("masthead", "moved = 0.6")));
    assert!(!is_same(&region("imprint", "moved = 0.6")));
}

/// Regions in pages as PNG: of what differs in one, something is shown.
#[test]
fn what_differs_in_a_region_is_shown() {
    let project = approved_as(PNG);
    let region =
        |name: &str, allowed: &str| format!("[[compare.regions]]\nname = \"{name}\"\n{allowed}\n");
    project.change("layouts/shared/system.typ", "#e8442a", "#c8442a");
    project.publication(&format!("{PNG}{}", region("masthead", "moved = 1.0")));
    let found = project.compared("p/2026-2");
    finds(&found, "appearance", "mm from the top");
    assert!(found["pages"][0]["area"].as_f64().is_some_and(|area| area > 10.0), "{found:#}");
    project.change("layouts/shared/system.typ", "#c8442a", "#e8442a");
    // What is not looked at does not count for another region that it lies in.
    project.change("issues/p/2026-2.toml", "2026-01-12", "2026-01-13");
    let masthead = region("masthead", "colour = 0.02");
    let date = region("date", "ignore = true");
    project.publication(&format!("{PNG}{masthead}"));
    assert_eq!(project.compared("p/2026-2")["status"], "differs");
    for both in [format!("{masthead}{date}"), format!("{date}{masthead}")] {
        project.publication(&format!("{PNG}{both}"));
        assert_eq!(project.compared("p/2026-2")["status"], "same", "{both}");
    }
}

/// What another program makes of an approved PDF looks the same and has other digits.
#[test]
fn a_reference_written_by_another_program_raises_no_alarm() {
    let project = approved();
    let (ours, theirs) = (project.path("ours.pdf"), project.path("approved/p/2026-2.pdf"));
    std::fs::rename(&theirs, &ours).expect("a reference");
    let shown = |path: &Path| path.display().to_string();
    let to = format!("-sOutputFile={}", shown(&theirs));
    let flags = ["-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite"].map(String::from).to_vec();
    let programs = [
        ("pdftocairo", "-v", vec!["-pdf".into(), shown(&ours), shown(&theirs)]),
        ("gs", "-v", [flags, vec![to, shown(&ours)]].concat()),
    ];
    for (program, version, args) in programs {
        if !tool(program, &[version]) {
            continue;
        }
        let run = std::process::Command::new(program).args(args).status();
        assert!(run.expect("it runs").success());
        let found = project.compared("p/2026-2");
        assert_eq!(found["status"], "same", "{program} {found:#}");
        project.change("issues/p/2026-2.toml", "部署", "布署");
        finds(&project.compared("p/2026-2"), "text-changed", "“部” → “布”");
        project.change("issues/p/2026-2.toml", "布署", "部署");
    }
}

/// Small files that ask for much memory.
#[test]
fn pages_without_measure_cost_only_their_issue() {
    let project = approved_as(PNG);
    let picture = |path: &str, width: u32, height: u32| {
        let picture = image::GrayImage::new(width, height);
        picture.save(project.path(path)).expect("a picture");
    };
    picture("approved/p/2026-1/1.png", 1, 9_000_000);
    project.run(&["compare"]).exit(1).says("reference-too-large").says("same: 1, different: 0");
    picture("approved/p/2026-1/1.png", 29_000, 1);
    project.publication(&format!("{PNG}resolution = 300\n"));
    finds(&project.compared("p/2026-1"), "page-resized", "2455.3 × 0.1");
    // A page of more marks than anybody draws.
    let content = "1 1 9 9 re f ".repeat(600_000);
    let (page, length) =
        (b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>", content.len());
    let pdf = [
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n".to_vec(),
        b"2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n3 0 obj".to_vec(),
        page.to_vec(),
        format!("endobj\n4 0 obj<</Length {length}>>stream\n{content}\nendstream endobj\n").into(),
        b"trailer<</Size 5/Root 1 0 R>>\n%%EOF\n".to_vec(),
    ]
    .concat();
    let mut show = |_, _, _: &_| {};
    let other = [pdf.clone(), b"\n".to_vec()].concat();
    let refused = compare(Reference::Pdf(pdf), other, &Settings::default(), &mut show);
    assert_eq!(refused.expect_err("too large").fault, jianbao::drawing::Fault::TooLarge);
}

#[test]
fn a_page_more_and_a_page_less_are_named() {
    let project = approved();
    let body = "各县区健全工作网络，全年新建服务站点。\n".repeat(30);
    project.change("issues/p/2026-2.toml", "各县区于", &format!("{body}各县区于"));
    let found = project.compared("p/2026-2");
    finds(&found, "page-added", "a page more");
    finds(&found, "text-moved-page", "moved here from page 1");
    project.run(&["accept"]).exit(0);
    project.change("issues/p/2026-2.toml", &body, "");
    finds(&project.compared("p/2026-2"), "page-lost", "a page less");
}

#[test]
fn a_picture_compressed_otherwise_is_named() {
    let project = TempProject::new();
    let mut picture = RgbImage::new(300, 200);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        pixel.0 = [(x * 7 % 256) as u8, (y * 5 % 256) as u8, ((x + y) * 3 % 256) as u8];
    }
    let jpeg = |quality| {
        let mut bytes = Vec::new();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
        picture.write_with_encoder(encoder).expect("a picture");
        bytes
    };
    let issue = ISSUE.replace("正文一段。", "正文一段。\n![图1　示意](a.jpg \"示意\")");
    project.file("issues/p/a.jpg", jpeg(95)).file("issues/p/2026-1.toml", issue);
    project.run(&["accept"]).exit(0);
    project.run(&["compare"]).exit(0);
    project.file("issues/p/a.jpg", jpeg(85));
    finds(&project.compared("p/2026-1"), "picture-changed", "300 × 200");
}

#[test]
fn regions_are_left_out_where_a_publication_says_so() {
    let project = approved();
    let regions = "[compare]\n[[compare.regions]]\nname = \"date\"\nignore = true\n[[compare.regions]]\nname = \"number\"\nignore = true\n";
    project.file("issues/p/publication.toml", format!("{PUBLICATION}{regions}"));
    project.change("issues/p/2026-2.toml", "2026-01-12", "2026-01-13");
    project.run(&["compare"]).exit(0);
    project.file("issues/p/publication.toml", PUBLICATION);
    finds(&project.compared("p/2026-2"), "text-changed", "“2” → “3”");
    let wrong = "[compare]\ncolour = 2.0\n[[compare.regions]]\nignore = true\n";
    project.file("issues/p/publication.toml", format!("{PUBLICATION}{wrong}"));
    project.run(&["compare"]).exit(1).says("value-range");
    project.file(
        "issues/p/publication.toml",
        format!("{PUBLICATION}{}", &wrong.replace("2.0", "0.5")),
    );
    project.run(&["compare"]).exit(1).says("region-place");
}

/// The program's own layouts, by the command that its users have: `jianbao accept --project
/// tests/gallery` makes the references anew.
#[test]
fn the_layouts_look_as_they_were_approved() {
    let project = TempProject::new();
    let gallery = root().join("tests/gallery").display().to_string();
    let run = project.run(&["compare", "--project", &gallery, "--output", "out"]);
    run.exit(0).says("issues: 7, same: 7");
}

#[test]
fn how_many_work_at_once_changes_nothing() {
    let project = TempProject::new();
    for number in 2..9 {
        let issue = LONG.replace("number = 2", &format!("number = {number}"));
        project.file(&format!("issues/p/2026-{number}.toml"), issue);
    }
    project.run(&["accept", "-j", "1"]).exit(0);
    project.run(&["compare", "-j", "4"]).exit(0).says("issues: 8, same: 8");
    project.run(&["compare", "-j", "1"]).exit(0).says("issues: 8, same: 8");
}

/// Other bytes of the same pages: what is drawn is the same, and nothing is rendered to know it.
#[test]
fn pages_that_did_not_change_raise_no_alarm() {
    let paragraphs: String =
        (0..900).map(|n| format!("第{n}条，各县区健全工作网络，全年新建服务站点{n}个，情况另行通报，各单位抓好落实。\n")).collect();
    let issue = LONG.replace("各县区于二月底", &format!("{paragraphs}各县区于二月底"));
    let project = TempProject::new();
    project.file("issues/p/2026-2.toml", issue);
    project.run(&["build", "issues/p/2026-2.toml"]).exit(0);
    let before = std::fs::read(project.path("out/p/2026-2.pdf")).expect("a PDF");
    let now = [before.as_slice(), b"\n"].concat();
    let comparison = of(before, now);
    assert!(comparison.is_same() && comparison.differences.is_empty());
    assert!(comparison.pairs.len() > 50, "{} pages", comparison.pairs.len());
    assert_eq!(comparison.rendered, 0);
}

/// Two PDFs compared in memory.
fn of(before: Vec<u8>, now: Vec<u8>) -> Comparison {
    let mut show = |_, _, _: &_| {};
    compare(Reference::Pdf(before), now, &Settings::default(), &mut show).expect("two PDFs")
}

/// A report of so many pages, whose pictures are those of one page.
fn report(pages: usize) -> String {
    let issue = |body: &str| ISSUE.replace("正文一段。", body);
    let project = TempProject::new();
    project.run(&["build", "issues/p"]).exit(0);
    let before = std::fs::read(project.path("out/p/2026-1.pdf")).expect("a PDF");
    project.file("issues/p/2026-1.toml", issue("正文两段。"));
    project.run(&["build", "issues/p"]).exit(0);
    let now = std::fs::read(project.path("out/p/2026-1.pdf")).expect("a PDF");
    let comparison = of(before, now);
    assert!(!comparison.is_same());
    let entries: Vec<Entry> = (1..=pages)
        .map(|number| Entry {
            publication: "p".into(),
            stem: format!("2026-{number}"),
            file: format!("issues/p/2026-{number}.toml"),
            reference: None,
            status: Status::Differs,
            pages: 1,
            remembered: false,
            comparison: comparison.clone(),
            diagnostics: Vec::new(),
            seconds: 0.0,
            pictures: vec![[
                Some(format!("compare/{number}_before.png")),
                Some(format!("compare/{number}_now.png")),
            ]],
            accepted: Vec::new(),
        })
        .collect();
    html(&entries, "zh-CN", &Catalogue::new(Lang::Zh))
}

#[test]
fn a_report_of_a_thousand_pages_loads_the_pictures_that_are_looked_at() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = folder.path().join("compare.html");
    std::fs::write(&page, report(1000)).expect("a report");
    std::fs::create_dir(folder.path().join("compare")).expect("a folder");
    for number in 1..=1000 {
        for side in ["before", "now"] {
            let name = format!("compare/{number}_{side}.png");
            RgbImage::new(83, 117).save(folder.path().join(name)).expect("a picture");
        }
    }
    let tab = browser.new_tab().expect("a tab");
    tab.navigate_to(&file_url(&page)).and_then(|tab| tab.wait_until_navigated()).expect("it opens");
    let ask = |expression: &str| {
        let answer = tab.evaluate(expression, true).expect("an answer");
        answer.value.unwrap_or_default()
    };
    let loaded = "document.images.length";
    let decoded = "Promise.all([...document.images].map(i => i.decode())).then(() => [...document.images].filter(i => i.naturalWidth == 83).length)";
    assert_eq!(ask("document.querySelectorAll('#pages li').length"), 1000);
    assert_eq!(ask(decoded), 2, "both sides of the first page are shown");
    assert_eq!(ask(loaded), 2, "and no other picture was asked for");
    let text = |selector: &str| ask(&format!("document.querySelector('{selector}').textContent"));
    assert!(text("#facts").as_str().is_some_and(|facts| facts.contains("p/2026-1 第 1 页")));
    // Keys: the next page, the one before, other views.
    for (key, page) in [("j", 2), ("ArrowDown", 3), ("k", 2)] {
        tab.press_key(key).expect("a key");
        let facts = text("#facts");
        assert!(facts.as_str().is_some_and(|f| f.contains(&format!("p/2026-{page} "))), "{facts}");
    }
    assert_eq!(ask(decoded), 2);
    for (key, class) in [("2", "overlay"), ("3", "blink"), ("4", "slider")] {
        tab.press_key(key).expect("a key");
        assert_eq!(ask("document.querySelectorAll('.sheet').length"), 1);
        assert_eq!(ask(&format!("document.querySelectorAll('.sheet.{class} img').length")), 2);
    }
    // The slider cuts where it stands.
    ask(
        "document.getElementById('cut').value = 20; document.getElementById('cut').dispatchEvent(new Event('input'))",
    );
    let cut = ask("getComputedStyle(document.querySelector('.slider img + img')).clipPath");
    assert_eq!(cut, "inset(0px 0px 0px 20%)");
    // Blinking hides one side and shows it again.
    tab.press_key("3").expect("a key");
    let hides = "new Promise(done => { const seen = new Set(); const look = setInterval(() => { seen.add(getComputedStyle(document.querySelector('.blink img + img')).visibility); if (seen.size == 2) { clearInterval(look); done(true) } }, 50) })";
    assert_eq!(ask(hides), true);
    tab.press_key("1").expect("a key");
    // Outlines, and the difference that is chosen by click.
    let outlines = ask("document.querySelectorAll('.outline').length").as_u64().expect("a number");
    assert!(outlines >= 2, "{outlines}");
    tab.find_element("#differences button").and_then(|b| b.click().map(|_| ())).expect("a click");
    assert_eq!(ask("document.querySelectorAll('.outline.chosen').length"), 2);
    tab.press_key("o").expect("a key");
    assert_eq!(ask("getComputedStyle(document.querySelector('.outline')).display"), "none");
    // A click on a page of the list.
    tab.find_element("#pages li:nth-child(5) button")
        .and_then(|b| b.click().map(|_| ()))
        .expect("a click");
    assert!(text("#facts").as_str().is_some_and(|facts| facts.contains("p/2026-5 ")));
    // The filter by size.
    let filter = |least: &str| {
        ask(&format!(
            "document.getElementById('size').value = '{least}'; document.getElementById('size').dispatchEvent(new Event('input'))"
        ));
        ask("document.querySelectorAll('#pages li:not([hidden])').length")
    };
    assert_eq!(filter("100000"), 0);
    assert_eq!(text("#facts"), "没有符合条件的页。");
    assert_eq!(filter("0.1"), 1000);
    assert_eq!(ask(loaded), 2);
}

#[test]
fn the_pdf_is_drawn_as_typst_draws_its_pages() {
    let project = approved();
    project.run(&["compare", "--against", "typst"]).exit(0).says("same: 2");
}

#[test]
fn junit_names_what_differs() {
    let project = approved();
    project.change("issues/p/2026-2.toml", "部署", "布<署");
    let xml = project.run(&["compare", "--format", "junit"]).exit(1).stdout();
    assert!(xml.contains("tests=\"2\" failures=\"1\" errors=\"0\""), "{xml}");
    assert!(xml.contains("<testcase classname=\"p\" name=\"2026-2\""), "{xml}");
    assert!(xml.contains("“部” → “布&lt;”"), "{xml}");
    assert!(xml.contains(" mm²)"), "how much of the page: {xml}");
}
