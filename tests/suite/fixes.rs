//! `check`: what it prints, and what `--fix` changes.

use serde_json::Value as Json;

use crate::support::{ISSUE, PUBLICATION, TempProject};

const FILE: &str = "issues/p/2026-1.toml";

fn slips() -> String {
    let issue = ISSUE.replace("正文一段。", "道路,推动。  # 不是注释\n建立台帐１２处。");
    issue.replace("number = 1\n", "number   =   1   # 期号,正刊\n\n")
}

#[test]
fn sure_fixes_change_nothing_else() {
    let project = TempProject::new();
    project.file(FILE, slips());
    project
        .run(&["check", "--fix"])
        .exit(0)
        .says("issues/p/2026-1.toml:8:3 [half-width-mark] “,” → “，”")
        .says("put right issues/p/2026-1.toml (places: 3)")
        .says("errors: 0, warnings: 0, advice: 0");
    let expected = slips().replace("道路,", "道路，").replace("台帐", "台账").replace("１２", "12");
    assert_eq!(std::fs::read_to_string(project.path(FILE)).expect("the issue"), expected);
    // `check` writes no PDF, and leaves no other file beside the issue.
    assert!(!project.path("out").exists());
    assert_eq!(std::fs::read_dir(project.path("issues/p")).expect("the folder").count(), 2);
}

#[test]
fn all_fixes_are_made_in_one_run_however_many_errors_there_are() {
    let project = TempProject::new();
    // A thousand pictures that no fix mends, two thousand marks that one does, and as many warnings.
    let body: String = (0..1_000)
        .map(|n| format!("![图](无{n}.png)\n道路,推动,第{n}次。\n**夯实{n}\n**基础{n}\n"))
        .collect();
    project.file(FILE, ISSUE.replace("正文一段。", &body));
    project.run(&["check", "--fix"]).exit(1).says("(places: 2000)");
    let mended = std::fs::read_to_string(project.path(FILE)).expect("the issue");
    assert_eq!(mended, ISSUE.replace("正文一段。", &body.replace(',', "，")));
    project.run(&["check", "--fix"]).exit(1);
    assert_eq!(std::fs::read_to_string(project.path(FILE)).expect("the issue"), mended);
}

#[test]
fn words_that_contradict_each_other_are_named_and_not_put_in() {
    for (words, text, named) in [
        ("'甲' = '甲，乙'\n'，乙' = '、甲'", "甲和甲", "publication.toml:4:7"),
        ("'甲乙' = '乙甲'\n'乙甲' = '甲乙'", "甲乙和乙甲", "publication.toml:5:8"),
        ("'台账' = '台帐'", "台账和台帐", "publication.toml:4:8"),
        // Only beside other text or beside another word is there a wrong word again.
        ("'子丑' = '寅'\n'卯寅' = '卯子丑'", "卯子丑和子丑", "publication.toml:5:8"),
        ("'子丑' = '寅'\n'卯寅' = '辰'", "卯子丑", ""),
        // Another rule's fix makes the wrong word again.
        ("'，丙' = ',丙'", "甲，丙", ""),
        ("'丙' = ',丁'\n'，丁' = '丙'", "甲丙", "publication.toml:5:8"),
    ] {
        let project = TempProject::new();
        project.file("issues/p/publication.toml", format!("{PUBLICATION}[words]\n{words}\n"));
        project.file(FILE, ISSUE.replace("正文一段。", text));
        let run = project.run(&["check", "--fix"]);
        run.exit(0);
        let says = run.stderr().contains("[words-contradict]");
        assert_eq!(says, !named.is_empty(), "{words}\n{}", run.stderr());
        run.says(named);
        let once = std::fs::read_to_string(project.path(FILE)).expect("the issue");
        assert!(once.len() < ISSUE.len() + 60, "{words}: {once}");
        let run = project.run(&["check", "--fix"]);
        assert!(!run.stderr().contains("put right"), "{words}\n{}", run.stderr());
        let twice = std::fs::read_to_string(project.path(FILE)).expect("the issue");
        assert_eq!(once, twice, "{words}");
        project.run(&["check", "--lang", "zh"]).exit(0);
    }
    // A name that has its own variant in it is no contradiction.
    let project = TempProject::new();
    let facts = format!("{PUBLICATION}[names]\n'省妇联' = ['妇联']\n[words]\n'甲' = '甲，乙'\n");
    project.file("issues/p/publication.toml", facts);
    project.file(FILE, ISSUE.replace("正文一段。", "妇联和甲。"));
    let run = project.run(&["check", "--fix"]);
    assert!(!run.stderr().contains("words-contradict"), "{}", run.stderr());
    let mended = std::fs::read_to_string(project.path(FILE)).expect("the issue");
    assert_eq!(mended, ISSUE.replace("正文一段。", "省妇联和甲，乙。"));
}

#[test]
fn without_fix_nothing_changes() {
    let project = TempProject::new();
    project.file(FILE, slips());
    project.run(&["check"]).exit(0).says("does it");
    project.run(&["build"]).exit(0);
    assert_eq!(std::fs::read_to_string(project.path(FILE)).expect("the issue"), slips());
}

#[test]
fn a_byte_order_mark_and_line_ends_stay() {
    let project = TempProject::new();
    let text = format!("\u{feff}{}", slips().replace('\n', "\r\n"));
    project.file(FILE, &text);
    project.run(&["check", "--fix"]).exit(0).says("byte order mark");
    let kept = std::fs::read_to_string(project.path(FILE)).expect("the issue");
    assert!(
        kept.starts_with('\u{feff}') && kept.contains("道路，推动。  # 不是注释\r\n"),
        "{kept}"
    );
    assert_eq!(kept.matches("\r\n").count(), text.matches("\r\n").count());
}

#[test]
fn a_fix_within_an_escaped_text_stays_toml() {
    let project = TempProject::new();
    let issue = ISSUE.replace("\"标题\"", "\"\\u9053\\u8def\\u002c推动\"");
    project.file(FILE, issue);
    project.run(&["check", "--fix"]).exit(0);
    let kept = std::fs::read_to_string(project.path(FILE)).expect("the issue");
    assert!(kept.contains("\"\\u9053\\u8def，推动\""), "{kept}");
}

#[test]
fn a_publication_is_put_right_too() {
    let project = TempProject::new();
    let facts = format!("{PUBLICATION}[imprint]\nreport_to = ['甲乙,丙丁']\n");
    project.file("issues/p/publication.toml", facts);
    project.run(&["check", "--fix"]).exit(0).says("publication.toml:4:17");
}

#[test]
fn findings_come_as_short_lines() {
    let project = TempProject::new();
    project.file(FILE, slips());
    let run = project.run(&["check", "--format", "short", "--lang", "zh"]);
    run.exit(0);
    let out = run.stdout();
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines[0],
        "issues/p/2026-1.toml:8:3: 警告[half-width-mark]: 汉字之间用了半角标点 “,”"
    );
    assert_eq!(lines.len(), 3, "{lines:#?}");
    project.file(FILE, "number = \n");
    let run = project.run(&["check", "--format", "short"]);
    run.exit(1);
    assert_eq!(run.stdout().lines().count(), 1, "{}", run.stdout());
}

#[test]
fn findings_come_as_json() {
    let project = TempProject::new();
    project.file(FILE, slips());
    let run = project.run(&["check", "--format", "json"]);
    run.exit(0);
    let json: Json = serde_json::from_str(&run.stdout()).expect("JSON");
    assert_eq!(json["version"], 1);
    let first = &json["findings"][0];
    for (key, value) in [("rule", "half-width-mark"), ("severity", "warning"), ("strength", "must")]
    {
        assert_eq!(first[key], value, "{first}");
    }
    assert_eq!(first["clause"]["standard"], "GB/T 15834—2011");
    let place = serde_json::json!({
        "file": FILE, "line": 8, "column": 3, "length": 1, "end_line": 8, "end_column": 4,
    });
    assert_eq!(first["place"], place);
    assert_eq!(first["fix"], serde_json::json!({ "place": place, "text": "，" }));
}

#[test]
fn findings_come_as_sarif() {
    let project = TempProject::new();
    project.file(FILE, slips());
    let run = project.run(&["check", "--format", "sarif"]);
    run.exit(0);
    let json: Json = serde_json::from_str(&run.stdout()).expect("JSON");
    assert_eq!(json["version"], "2.1.0");
    let run = &json["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let result = &run["results"][0];
    assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]));
    assert_eq!(result["level"], "warning");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], FILE);
    assert_eq!(place["region"]["startLine"], 8);
    assert_eq!(place["region"]["endColumn"], 4);
    let change = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(change["insertedContent"]["text"], "，");
}

#[test]
fn pages_are_measured_when_asked() {
    let project = TempProject::new();
    let long = "字".repeat(28 * 3 - 2 + 1);
    project.file(
        "issues/p/publication.toml",
        format!("{PUBLICATION}[rules]\nlone-character = 'error'\n"),
    );
    project.file(FILE, ISSUE.replace("正文一段。", &long));
    let plain = project.run(&["check"]);
    plain.exit(0);
    // Whether this layout leaves a lone character does not matter here; the test is that
    // `--pages` measures the pages.
    project.file(
        "layouts/shared/masthead.typ",
        "#let masthead(data) = place(line(length: 10mm, stroke: red)) + [#data.name.join() #data.number #data.issuer #data.date]\n",
    );
    let run = project.run(&["check", "--pages"]);
    assert!(run.stderr().contains("[masthead-rule]"), "{}", run.stderr());
    assert!(!plain.stderr().contains("[masthead-rule]"));
}

#[test]
fn rules_are_listed_in_both_languages() {
    let project = TempProject::new();
    let zh = project.run(&["rules", "--lang", "zh"]).exit(0).stdout();
    assert!(zh.contains("half-width-mark | 警告 | 规定 GB/T 15834—2011 5.1 | 中文的标点占一个字的位置 | 道路,推动"), "{zh}");
    let en = project.run(&["rules"]).exit(0).stdout();
    assert!(en.contains("number-with-ge | advice | practice | "), "{en}");
    let json = project.run(&["rules", "--format", "json"]).exit(0).stdout();
    let json: Json = serde_json::from_str(&json).expect("JSON");
    let rules = json.as_array().expect("a list");
    assert!(
        rules.len() > 50 && rules.iter().all(|rule| rule["reason"] != "" && rule["example"] != "")
    );
}

#[test]
fn help_and_complaints_are_in_the_language_asked_for() {
    let project = TempProject::new();
    let help = project.run(&["check", "--help", "--lang", "zh"]).exit(0).stdout();
    assert!(help.contains("用法：") && help.contains("改正有把握的地方"), "{help}");
    let help = project.run(&["help", "check"]).exit(0).stdout();
    assert!(help.contains("Usage: jianbao check [OPTIONS]"), "{help}");
    project.run(&["bild", "--lang=zh"]).exit(2).says("没有命令 bild").says("可以用：build");
    project.run(&["check", "--formt"]).exit(2).says("there is no option --formt").says("--format");
    project.run(&["check", "--format", "xml"]).exit(2).says("cannot be “xml”").says("sarif");
}

#[test]
fn colours_are_for_terminals_only() {
    let project = TempProject::new();
    project.file(FILE, slips());
    let run = project.run_with(&["check"], &[("TERM", "xterm-256color")]);
    assert!(
        !run.stderr().contains('\u{1b}') && run.stderr().contains("warning["),
        "{}",
        run.stderr()
    );
}
