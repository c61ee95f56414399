//! The commands end to end.

use crate::support::{ISSUE, PUBLICATION, TempProject, root};

#[test]
fn a_new_project_builds_at_once() {
    let project = TempProject::new();
    project.run(&["new", "project", "fresh"]).exit(0).says("created");
    project.run(&["build", "--project", "fresh"]).exit(0);
    assert!(project.path("fresh/out/jianbao/2026-1.pdf").is_file());
}

#[test]
fn a_new_publication_and_its_next_issues_build_at_once() {
    let project = TempProject::new();
    project.run(&["new", "publication", "tongxun"]).exit(0);
    project.run(&["new", "issue", "tongxun"]).exit(0);
    let next =
        std::fs::read_to_string(project.path("issues/tongxun/2026-2.toml")).expect("an issue");
    assert!(next.starts_with("number = 2\nserial_number = 2\ndate = 2026-01-12\n"), "{next}");
    project.run(&["new", "issue", "tongxun", "--date", "2027-01-04"]).exit(0);
    assert!(project.path("issues/tongxun/2027-1.toml").is_file());
    project.run(&["build"]).exit(0).says("issues: 4, all built");
}

#[test]
fn new_leaves_what_exists_as_it_is() {
    let project = TempProject::new();
    project.run(&["new", "publication", "p"]).exit(2).says("exists already");
    let kept =
        std::fs::read_to_string(project.path("issues/p/publication.toml")).expect("the file");
    assert_eq!(kept, PUBLICATION);
    project.run(&["new", "publication", "../x"]).exit(2).says("cannot be the name");
    project.run(&["new", "issue", "q"]).exit(2).says("publications: p");
    project.run(&["new", "issue", "--date", "2026-02-30"]).exit(2).says("there is no date");
    project.file("issues/p/2026-1.toml", ISSUE.replace("2026-01-05", "9999-12-25"));
    project.run(&["new", "issue"]).exit(2).says("after 9999-12-31");
    assert!(!project.path("issues/p/10000-1.toml").exists());
}

#[test]
fn issues_are_named_by_file_or_folder() {
    let project = TempProject::new();
    project.file("issues/q/publication.toml", PUBLICATION).file("issues/q/2026-1.toml", ISSUE);
    project.run(&["build", "issues/p"]).exit(0).says("issues: 1, all built");
    project.run(&["build", "issues/q/2026-1.toml", "--output", "pdf"]).exit(0);
    assert!(project.path("pdf/q/2026-1.pdf").is_file());
    assert!(!project.path("out/q").exists());
    project.run(&["build", "issues/q/publication.toml"]).exit(2).says("is neither an issue");
    project.run(&["build", "issues/none.toml"]).exit(2).says("cannot read");
}

#[test]
fn a_command_that_cannot_run_says_why() {
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let path = elsewhere.path().display().to_string();
    let project = TempProject::new();
    project.run(&["build", "--project", &path]).exit(2).says("has a folder issues");
    project.run(&["build", "--font-path", "none"]).exit(2).says("cannot read none");
    project.file("blocked", "a file where a folder should be");
    project.run(&["build", "--output", "blocked"]).exit(2).says("cannot write");
    project.run(&["bild"]).exit(2).says("build");
}

#[test]
fn messages_come_in_two_languages() {
    let project = TempProject::new();
    project.file("issues/p/2026-1.toml", "number = 1\n");
    project.run(&["build", "--lang", "zh"]).exit(1).says("缺少键 “date”");
    project.run_with(&["build"], &[("LANG", "zh_CN.UTF-8")]).exit(1).says("错误");
    project.run(&["build"]).exit(1).says("the key `date` is missing");
}

#[test]
fn fonts_lists_roles_and_own_faces() {
    let project = TempProject::new();
    let own = root().join("fonts/NotoSansSC_500Medium.ttf").display().to_string();
    let run = project.run(&["fonts", "--font-path", &own]);
    run.exit(0);
    for role in ["xiaobiaosong", "fangsong", "kaiti", "heiti", "songti", "latin"] {
        assert!(run.stdout().contains(role), "{}", run.stdout());
    }
    assert!(run.stdout().lines().any(|line| line.starts_with("- | ") && line.contains(&own)));
}

#[test]
fn a_publication_names_its_own_font_by_any_of_its_names() {
    let project = TempProject::new();
    project.file(
        "issues/p/publication.toml",
        format!("{PUBLICATION}[fonts]\nfangsong = \"霞鹜文楷 GB 轻便版\"\n"),
    );
    project.run(&["build"]).exit(0);
}

#[test]
fn a_projects_layout_lies_over_the_built_in_one_file_by_file() {
    let project = TempProject::new();
    project.run(&["build"]).exit(0);
    let plain = std::fs::read(project.path("out/p/2026-1.pdf")).expect("a PDF");
    let own = "#let masthead(data) = [#data.name.join() #data.number #data.issuer #data.date]\n";
    project.file("layouts/shared/masthead.typ", own);
    project.run(&["build"]).exit(0);
    assert!(plain != std::fs::read(project.path("out/p/2026-1.pdf")).expect("a PDF"));
    project.file("layouts/shared/masthead.typ", "#let masthead(data) = data.nothing\n");
    project.run(&["build"]).exit(1).says("layouts/shared/masthead.typ:1:");
}
