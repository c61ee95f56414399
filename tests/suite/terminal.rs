//! Names and texts with what steers a terminal → output that shows it and obeys none of it.

use serde_json::Value as Json;

use crate::support::{ISSUE, PUBLICATION, TempProject};

/// A title for the window, red, backwards, a line of its own.
const EVIL: &str = "\u{1b}]0;x\u{7}\u{1b}[31m\u{202e}\u{9b}\u{2066}\nerror: forged";

/// Asserts that nothing in a text steers a terminal.
#[track_caller]
fn is_tame(text: &str) {
    let wild = |c: &char| {
        c.is_control() && *c != '\n'
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let found: Vec<char> = text.chars().filter(wild).collect();
    assert!(found.is_empty(), "{found:?} in {text}");
    assert!(!text.lines().any(|line| line.starts_with("error: forged")), "{text}");
}

#[test]
fn no_output_obeys_what_stands_in_a_file_or_a_name() {
    let project = TempProject::new();
    let escaped = "\\u001b[31m\\u202e\\u009b\\u2066";
    let name = format!("a{EVIL}.txt");
    project
        .file(
            "issues/p/publication.toml",
            format!("{PUBLICATION}[words]\n\"正文{escaped}\" = \"{escaped}\"\n"),
        )
        .file(
            "issues/p/2026-1.toml",
            ISSUE.replace("\"标题\"", &format!("\"标题{escaped}\" # \u{202e}")),
        )
        .file(
            &format!("issues/p/2026-2{EVIL}.toml"),
            ISSUE.replace("正文", "![\u{202e}](\u{2066}.png)\n"),
        )
        .file("issues/p/2026-3.toml", format!("{ISSUE}\n# \u{1b}[2J\n"))
        .file(&name, "工作简报\n\n标题\u{1b}[31m\n正文。\u{202e}\n")
        .file("out/approved/x.pdf", "");
    let commands: [&[&str]; 14] = [
        &["build", "--explain"],
        &["check"],
        &["check", "--format", "short"],
        &["check", "--fix"],
        &["build", "--lock"],
        &["verify"],
        &["compare"],
        &["measure"],
        &["import", &name],
        &["import", "--dry-run", "--publication", EVIL, &name],
        &["preflight", &name],
        &["trace", &name],
        &["new", "issue", EVIL],
        &["check", EVIL, "--project", EVIL],
    ];
    for args in commands {
        let run = project.run(args);
        is_tame(&run.stderr());
        is_tame(&run.stdout());
    }
    for wrong in [EVIL.to_string(), format!("--{EVIL}"), format!("--format={EVIL}")] {
        is_tame(&project.run(&["check", &wrong]).stderr());
        is_tame(&project.run(&[&wrong]).stderr());
    }
    let run = project.run(&["check", "--format", "json", "issues/p/2026-1.toml"]);
    let json: Json = serde_json::from_str(&run.stdout()).expect("JSON");
    assert!(json["findings"].as_array().is_some_and(|found| !found.is_empty()), "{json}");
}

#[test]
fn what_steers_a_terminal_is_found_wherever_it_stands() {
    let project = TempProject::new();
    let says = |place: &str, text: &str, issue: String| {
        project.file("issues/p/2026-1.toml", issue);
        project.run(&["check", "--format", "short"]).exit(1);
        let said = project.run(&["check", "--format", "short"]).stdout();
        assert!(said.contains(&format!("2026-1.toml:{place}: error[{text}")), "{said}");
    };
    for odd in ["\u{202a}", "\u{202e}", "\u{2066}", "\u{2069}", "\u{200e}", "\u{200f}", "\u{61c}"] {
        says("1:14", "control-character]", ISSUE.replacen('\n', &format!(" # {odd}\n"), 1));
        says("5:11", "control-character]", ISSUE.replace("标题", &format!("标{odd}题")));
    }
    says("5:11", "control-character]", ISSUE.replace("标题", "标\\u001b题"));
    says("1:14", "toml-syntax]", ISSUE.replacen('\n', " # \u{1b}\n", 1));
    let project = TempProject::new();
    project.file("issues/p/publication.toml", format!("{PUBLICATION}# \u{202e}\n"));
    let run = project.run(&["check", "--format", "short"]);
    assert!(run.exit(1).stdout().contains("publication.toml:3:3: error[control-character]"));
}
