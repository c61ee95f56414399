//! Comparing many issues: the memory of earlier runs, and faults in one issue or its publication.

use serde_json::Value as Json;

use super::{LONG, approved};
use crate::support::TempProject;

#[test]
fn what_did_not_change_since_is_not_drawn_again() {
    let project = approved();
    project.run(&["build"]).exit(0);
    let first = project.compared("p/2026-2");
    assert_eq!((&first["remembered"], &first["status"]), (&false.into(), &"same".into()));
    let again = project.compared("p/2026-2");
    assert_eq!((&again["remembered"], &again["rendered"]), (&true.into(), &0.into()));
    // Another reference, another layout or other settings: the issue is compared again.
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

/// A damaged memory of earlier runs costs only time.
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
    // The memory cannot be written.
    std::fs::remove_file(project.path(memory)).expect("it");
    std::fs::create_dir(project.path(memory)).expect("a folder");
    project.run(&["compare"]).exit(0).says("same: 2");
    project.change("issues/p/2026-2.toml", "部署", "布署");
    project.run(&["compare"]).exit(1).says("report out/compare.html");
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

/// The thread of a given-up issue goes on, and must not write any files.
#[test]
fn who_is_given_up_writes_nothing() {
    use jianbao::archive::compare::{Accept, Against, Memory, Plan, compare};
    use jianbao::archive::crew::{Crew, Watch};
    struct Late;
    impl Watch for Late {
        fn is_overdue(&self, _: &jianbao::source::project::IssuePath) -> bool {
            true
        }
    }
    let project = approved();
    project.change("issues/p/2026-2.toml", "部署", "布署");
    let reference = std::fs::read(project.path("approved/p/2026-2.pdf")).expect("a reference");
    let found = jianbao::source::project::Project::find(project.folder.path()).expect("a project");
    let fonts = jianbao::publication::fonts::FontPaths::default();
    let session = jianbao::pipeline::Session::open(found, &fonts).expect("a session");
    let issues = session.project.issues(&[]).expect("issues");
    let plan = Plan {
        against: Against::References,
        pictures: Some(project.path("pictures")),
        memory: Memory::default().into(),
        accept: Accept::Write,
    };
    let crew = Crew {
        jobs: 1,
        stop: Default::default(),
        watch: std::sync::Arc::new(Late),
        processes: None,
    };
    compare(&session.into(), issues, plan, &crew, |_, _| {}).expect("threads");
    assert!(!project.path("pictures").exists());
    let now = std::fs::read(project.path("approved/p/2026-2.pdf")).expect("a reference");
    assert!(now == reference);
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
