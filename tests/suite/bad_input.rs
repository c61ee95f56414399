//! Bad input → a finding with place, message and hint, exit code 1, and no file overwritten.

use crate::support::{ISSUE, PUBLICATION, TempProject};

const OLD: &[u8] = b"an earlier PDF";

/// Builds a project with one faulty file; place, message and hint must be printed.
#[track_caller]
fn refused(file: &str, content: impl AsRef<[u8]>, place: &str, message: &str, hint: &str) {
    let project = TempProject::new();
    project.file("out/p/2026-1.pdf", OLD).file(file, content);
    refused_in(&project, place, message, hint);
}

#[track_caller]
fn refused_in(project: &TempProject, place: &str, message: &str, hint: &str) {
    project.run(&["build"]).exit(1).says(place).says(message).says(&format!("help: {hint}"));
    let kept = std::fs::read(project.path("out/p/2026-1.pdf")).expect("the earlier PDF");
    assert_eq!(kept, OLD, "the earlier PDF was overwritten");
    let files = std::fs::read_dir(project.path("out/p")).expect("the folder").count();
    assert_eq!(files, 1, "something was left beside it");
}

const FILE: &str = "issues/p/2026-1.toml";

#[test]
fn broken_toml() {
    refused(
        FILE,
        ISSUE.replace("number = 1", "number = = 1"),
        "2026-1.toml:1:10",
        "error[toml-syntax]",
        "check the quotes",
    );
    refused(
        FILE,
        ISSUE.replace("'''\n正文", "正文"),
        "2026-1.toml:6:8",
        "error[toml-syntax]",
        "check the quotes",
    );
}

#[test]
fn a_missing_title() {
    let issue = ISSUE.replace("title = \"标题\"\n", "");
    refused(FILE, issue, "2026-1.toml:4:1", "the key `title` is missing", "add title = … here");
}

#[test]
fn an_unknown_key_with_the_nearest_known_one() {
    let issue = ISSUE.replace("title", "titel = \"标\"\ntitle");
    refused(FILE, issue, "2026-1.toml:5:1", "unknown key `titel`", "did you mean `title`?");
    let publication = format!("{PUBLICATION}[options]\nduplx = true\n");
    refused(
        "issues/p/publication.toml",
        publication,
        "publication.toml:4:1",
        "unknown key `duplx`",
        "did you mean `duplex`?",
    );
}

#[test]
fn everything_wrong_is_said_at_once() {
    let project = TempProject::new();
    project.file(FILE, "nummer = 1\ndate = \"2026\"\n[[articles]]\nbody = 3\n");
    let run = project.run(&["build"]);
    run.exit(1)
        .says("`nummer`")
        .says("`date` must be a date")
        .says("`title` is missing")
        .says("`articles[0].body` must be text");
}

#[test]
fn a_date_that_does_not_exist() {
    let issue = ISSUE.replace("2026-01-05", "2026-02-30");
    refused(FILE, issue, "2026-1.toml:2:8", "there is no date 2026-02-30", "write year-month-day");
}

#[test]
fn a_missing_picture() {
    let issue = ISSUE.replace("正文一段。", "正文。\n![图1](no.png)");
    refused(
        FILE,
        issue,
        "2026-1.toml:8:7",
        "cannot find the picture `no.png`",
        "its path starts at",
    );
}

#[test]
fn a_picture_outside_the_project() {
    let outside = tempfile::NamedTempFile::new().expect("a temporary file");
    let path = outside.path().display().to_string();
    let issue = ISSUE.replace("正文一段。", &format!("![图1]({path})"));
    refused(FILE, issue, "2026-1.toml:7:7", "is outside the project", "copy it into the project");
}

#[cfg(unix)]
#[test]
fn a_picture_that_is_a_link_out_of_the_project() {
    let outside = tempfile::NamedTempFile::new().expect("a temporary file");
    let project = TempProject::new();
    std::os::unix::fs::symlink(outside.path(), project.path("issues/p/a.png")).expect("a link");
    project.file("out/p/2026-1.pdf", OLD).file(FILE, ISSUE.replace("正文一段。", "![图1](a.png)"));
    refused_in(&project, "2026-1.toml:7:7", "is outside the project", "copy it into the project");
}

#[test]
fn a_picture_that_is_none() {
    let project = TempProject::new();
    project.file("issues/p/a.png", "not a picture").file("out/p/2026-1.pdf", OLD);
    project.file(FILE, ISSUE.replace("正文一段。", "![图1](a.png)"));
    refused_in(&project, "2026-1.toml:7:7", "of a format that", "use PNG");
    // The right first bytes and nothing after them.
    project.file("issues/p/a.png", b"\x89PNG\r\n\x1a\n");
    project.run(&["build"]).exit(1).says("error[picture-corrupt]");
}

#[test]
fn an_unknown_layout() {
    let publication = format!("{PUBLICATION}layout = \"offical\"\n");
    refused(
        "issues/p/publication.toml",
        publication,
        "publication.toml:3:10",
        "there is no layout `offical`",
        "did you mean `official`?",
    );
}

#[test]
fn an_unknown_font() {
    let publication = format!("{PUBLICATION}[fonts]\nheiti = \"汉仪大黑\"\n");
    refused(
        "issues/p/publication.toml",
        publication,
        "publication.toml:4:9",
        "there is no font `汉仪大黑`",
        "name the folder",
    );
}

#[test]
fn a_character_that_no_font_has() {
    let issue = ISSUE.replace("正文一段。", "正文𒀀一段。");
    refused(FILE, issue, "2026-1.toml:7:3", "no font has `𒀀` (U+12000)", "check the character");
    let issue = ISSUE.replace("title = \"标题\"", "title = \"\\U00012000题\"");
    refused(FILE, issue, "2026-1.toml:5:10", "no font has `𒀀`", "check the character");
}

#[test]
fn another_encoding() {
    let (gbk, file) = (b"number = 1 # \xb1\xea\xcc\xe2\n", FILE);
    refused(file, gbk, "2026-1.toml:1:14", "the file is not UTF-8", "save it as UTF-8");
}

#[test]
fn text_is_data_and_never_code() {
    let project = TempProject::new();
    let text = "#panic(\"x\") $x$ <l> @a _c_ [d] `e` // f /* g */ = h \\#include \"/etc/passwd\"";
    project.file(FILE, ISSUE.replace("正文一段。", text));
    project.run(&["build"]).exit(0);
    let pdf = std::fs::read(project.path("out/p/2026-1.pdf")).expect("a PDF");
    let printed = crate::support::without_blanks(&crate::support::pdf_text(&pdf));
    let expected = crate::support::without_blanks(&text.replace("\\#", "#"));
    assert!(printed.contains(&expected), "{printed}");
}

#[test]
fn one_bad_issue_does_not_stop_the_others() {
    let project = TempProject::new();
    project.file("issues/p/2026-2.toml", "number = ");
    project.run(&["build"]).exit(1).says("issues: 2, built: 1, with errors: 1");
    assert!(project.path("out/p/2026-1.pdf").is_file());
    assert!(!project.path("out/p/2026-2.pdf").exists());
}

#[test]
fn a_text_that_the_layout_refuses_is_found_in_the_issue() {
    let project = TempProject::new();
    let blocks = std::fs::read_to_string(crate::support::root().join("layouts/shared/runs.typ"))
        .expect("the layout");
    // A layout that fails on one line of the text.
    let refusing = blocks.replace(
        "#let set-runs(",
        "#let refuse(runs) = assert(runs.all(run => not run.text.contains(\"禁词\")), message: \"refused\")\n#let set-runs(",
    );
    let (head, rest) = refusing.split_once("#let set-runs(").expect("the function");
    let (line, rest) = rest.split_once('\n').expect("its first line");
    assert!(line.trim_end().ends_with(['{', '(']) || line.contains('='), "{line}");
    let call = format!(
        "{head}#let set-runs-as-it-was({line}\n{rest}\n#let set-runs(runs, ..rest) = {{ refuse(runs); set-runs-as-it-was(runs, ..rest) }}\n"
    );
    project.file("layouts/shared/runs.typ", call);
    let body = "第一段。\n第二段。\n第三段有禁词在里面。\n第四段。";
    project.file(FILE, ISSUE.replace("正文一段。", body));
    project
        .run(&["build"])
        .exit(1)
        .says("2026-1.toml:9:1")
        .says("error[typesetting]")
        .says("layouts/shared/runs.typ:")
        .says("this text brings it about");
}
