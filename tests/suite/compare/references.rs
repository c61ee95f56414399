//! References of all kinds: broken ones, PNG, those of other programs, and how they are accepted.

use std::path::Path;

use jianbao::compare::{Reference, compare};
use jianbao::publication::tolerance::Settings;

use super::{PNG, approved, approved_as, finds};
use crate::support::{PUBLICATION, TempProject, root, tool};

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

/// References as PNG have no glyph names, but every kind of difference shows in the pixels too.
#[test]
fn faults_are_seen_in_pages_as_png() {
    let project = approved_as(PNG);
    let faults = [
        ("layouts/shared/system.typ", "masthead: 2pt", "masthead: 2pt + 0.1mm"),
        ("layouts/shared/system.typ", "outer: 0.35mm", "outer: 0.6mm"),
        ("layouts/shared/system.typ", "#e8442a", "#e4442a"),
        ("layouts/shared/masthead.typ", "right, block(", "right, dy: 0.1mm, block("),
        ("layouts/shared/masthead.typ", "right, block(", "right, dx: 0.1mm, block("),
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

/// Another program's copy of an approved PDF looks the same but has other numbers.
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
    // A page with more marks than any real page.
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
    assert_eq!(refused.expect_err("too large").fault, jianbao::compare::drawing::Fault::TooLarge);
}

/// The built-in layouts, tested by the `compare` command. `jianbao accept --project tests/gallery`
/// accepts the current pages as new references.
#[test]
fn the_layouts_look_as_they_were_approved() {
    let project = TempProject::new();
    let gallery = root().join("tests/gallery").display().to_string();
    let run = project.run(&["compare", "--project", &gallery, "--output", "out"]);
    run.exit(0).says("issues: 7, same: 7");
}

#[test]
fn the_pdf_is_drawn_as_typst_draws_its_pages() {
    let project = approved();
    project.run(&["compare", "--against", "typst"]).exit(0).says("same: 2");
}
