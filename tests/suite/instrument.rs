//! `measure`: the samples have no findings, and each planted fault is found and rightly named.

use jianbao::diag::Code;
use jianbao::diag::catalogue::{Catalogue, Lang};
use jianbao::diag::rules::{self, Group};
use serde_json::Value as Json;

use crate::support::{ISSUE, SAMPLES, TempProject, root};

#[test]
fn the_samples_hold_every_rule() {
    let issues = SAMPLES.project.issues(&[]).expect("the samples");
    assert!(issues.len() >= 4);
    for issue in issues {
        let typeset = SAMPLES.typeset(&issue);
        let measure = typeset.value.expect("the sample is set").measured;
        // A number that does not part spreads the line before it; that is the text's doing.
        let mut found = measure.findings;
        // One is not fitted, and keeps a hole before a section.
        found.retain(|finding| !matches!(finding.rule, Code::LineSpread | Code::PageHole));
        assert_eq!(found, [], "{}", issue.stem);
        for page in measure.pages.iter().filter(|page| page.full) {
            assert_eq!(page.lines, 22, "{} page {}", issue.stem, page.page);
        }
    }
}

/// Three pages of Han characters without a mark.
fn long_issue() -> String {
    ISSUE.replace("正文一段。", &"春夏秋冬东西南北".repeat(170))
}

/// The ids of the findings in a project whose layout has one edit.
fn found(file: &str, from: &str, to: &str, issue: &str) -> Vec<String> {
    let project = TempProject::new();
    let text = std::fs::read_to_string(root().join("layouts").join(file)).expect("a layout file");
    assert!(text.contains(from), "{file} has no {from}");
    project.file(&format!("layouts/{file}"), text.replacen(from, to, 1));
    found_in(&project, issue)
}

fn found_in(project: &TempProject, issue: &str) -> Vec<String> {
    // The pages stay as they come: fitting would mend some faults.
    let publication = "copy_fit = false\nname = \"工作简报\"\nissuer = \"某某办公室\"\n[imprint]\nreport_to = [\"某某\"]\nprint_run = 9\n";
    project.file("issues/p/publication.toml", publication).file("issues/p/2026-1.toml", issue);
    let run = project.run(&["measure", "--format", "json"]);
    let json: Json = serde_json::from_str(&run.stdout()).expect("JSON");
    let findings = json["p/2026-1"]["findings"].as_array().expect("findings").clone();
    let broken = findings.iter().any(|f| f["strength"] == "must" || f["strength"] == "usual");
    run.exit(i32::from(broken));
    let mut ids: Vec<String> =
        findings.iter().map(|f| f["rule"].as_str().expect("an id").to_string()).collect();
    ids.sort();
    ids.dedup();
    ids
}

#[test]
fn an_untouched_layout_has_no_findings() {
    assert_eq!(found("shared/system.typ", "37mm", "37mm", &long_issue()), [""; 0]);
}

#[test]
fn a_type_area_that_moved_is_found() {
    let ids = found(
        "shared/system.typ",
        "binding-margin = 28mm",
        "binding-margin = 27.8mm",
        &long_issue(),
    );
    assert!(ids.contains(&"type-area".into()), "{ids:?}");
}

#[test]
fn lines_off_the_grid_are_found() {
    let ids =
        found("shared/page.typ", "leading: leading", "leading: leading - 0.2pt", &long_issue());
    assert_eq!(ids, ["baseline-grid"]);
}

#[test]
fn a_full_line_of_other_than_28_characters_is_found() {
    let ids =
        found("shared/system.typ", "tracking = cell - body-size", "tracking = 0pt", &long_issue());
    assert_eq!(ids, ["characters-per-line"]);
}

#[test]
fn a_thicker_rule_is_found() {
    let ids = found("shared/system.typ", "outer: 0.35mm", "outer: 0.45mm", &long_issue());
    assert_eq!(ids, ["imprint-rule"]);
}

#[test]
fn an_imprint_that_does_not_stand_on_the_bottom_is_found() {
    let ids = found(
        "shared/imprint.typ",
        "place(bottom, scope: scope, float: true",
        "place(top, scope: scope, float: true",
        &long_issue(),
    );
    assert!(ids.contains(&"imprint-place".into()), "{ids:?}");
}

#[test]
fn a_page_number_out_of_place_is_found() {
    let ids = found("shared/page.typ", "dy: 7mm + dash", "dy: 9mm + dash", &long_issue());
    assert_eq!(ids, ["page-number"]);
    let ids = found(
        "shared/page.typ",
        "if duplex and calc.even(here().page()) { left }",
        "if false { left }",
        &long_issue(),
    );
    assert_eq!(ids, ["page-number"]);
}

#[test]
fn a_short_masthead_rule_is_found() {
    let own = "rule(weight.masthead, paint: red)";
    let short = "line(length: 150mm, stroke: weight.masthead + red)";
    assert_eq!(found("shared/masthead.typ", own, short, &long_issue()), ["masthead-rule"]);
}

#[test]
fn text_over_text_is_found() {
    let own = "place(bottom + left,";
    let ids =
        found("shared/masthead.typ", own, "place(bottom + center, dy: -pitch / 2,", &long_issue());
    assert!(ids.contains(&"overlap".into()), "{ids:?}");
}

#[test]
fn a_title_with_a_scrap_of_a_line_is_found() {
    let title = |title: &str| long_issue().replace("标题", title);
    let project = TempProject::new();
    assert_eq!(found_in(&project, &title("全市工作会议在某地|召")), ["title-shape"]);
    assert_eq!(found_in(&project, &title("全市工作会议|在某地召开")), [""; 0]);
}

#[test]
fn a_masthead_of_more_than_a_third_of_the_page_is_found() {
    let ids = found(
        "shared/masthead.typ",
        "end + rule-distance",
        "end + rule-distance + 0.5mm",
        &long_issue(),
    );
    assert_eq!(ids, ["masthead-height"]);
}

#[test]
fn a_mark_at_the_wrong_end_of_a_line_is_found() {
    let own = "with-source(runs, source) } else { par(runs) }";
    let comma = "with-source(runs, source) } else { par(runs + linebreak() + \"，甲\") }";
    let ids = found("shared/blocks.typ", own, comma, &long_issue());
    assert!(ids.contains(&"mark-at-edge".into()), "{ids:?}");
}

#[test]
fn a_last_line_of_one_character_is_found() {
    let issue = ISSUE.replace("正文一段。", &format!("{}。", "春".repeat(27)));
    assert_eq!(found("shared/page.typ", "runt: 200%", "runt: 200%", &issue), [""; 0]);
    let ids = found("shared/page.typ", "runt: 200%", "runt: 0%", &issue);
    assert_eq!(ids, ["lone-character"]);
}

#[test]
fn a_heading_at_a_pages_foot_is_found() {
    let findings = |to: &str| -> Vec<String> {
        let issue = |rows: usize| {
            let long = "春夏秋冬东西南北".repeat(20);
            ISSUE.replace("正文一段。", &format!("{}一、标题\n{long}", "一行。\n".repeat(rows)))
        };
        (6..14)
            .flat_map(|rows| found("shared/blocks.typ", "(orphan: 100%)", to, &issue(rows)))
            .filter(|id| id == "heading-at-foot")
            .collect()
    };
    assert_eq!(findings("(orphan: 100%)"), [""; 0]);
    assert_eq!(findings("(orphan: 0%)"), ["heading-at-foot"]);
}

/// The wording of each page rule; the tests above cover when a rule applies.
#[test]
#[expect(clippy::too_many_lines, reason = "a flat list of rules and their words")]
fn every_finding_on_a_page_is_said_in_both_languages() {
    let page_rules = || rules::all().filter(|rule| rule.group == Group::Layout);
    let facts = [("text", "甲"), ("off", "1.00 mm (2.83 pt)"), ("count", "1"), ("place", "甲|乙")]
        .map(|(name, value)| (name, value.to_string()));
    for (rule, zh, en) in [
        (
            "type-area",
            "“甲” 超出版心 1.00 mm (2.83 pt)",
            "“甲” leaves the type area by 1.00 mm (2.83 pt)",
        ),
        (
            "baseline-grid",
            "“甲” 离开行网格 1.00 mm (2.83 pt)",
            "“甲” is 1.00 mm (2.83 pt) off the grid of lines",
        ),
        (
            "characters-per-line",
            "“甲” 满行 1 字，与网格不符（通栏 28 字）",
            "“甲”: a full line of 1 characters is off the grid (28 across the type area)",
        ),
        (
            "overlap",
            "“甲” 与别的文字或线重叠 1.00 mm (2.83 pt)",
            "“甲” runs 1.00 mm (2.83 pt) into other text or a rule",
        ),
        (
            "masthead-rule",
            "报头红线与版心不等宽，差 1.00 mm (2.83 pt)",
            "the masthead's rule is 1.00 mm (2.83 pt) wider or narrower than the type area",
        ),
        (
            "masthead-height",
            "报头超过页面的三分之一，多 1.00 mm (2.83 pt)",
            "the masthead takes 1.00 mm (2.83 pt) more than a third of the page",
        ),
        (
            "imprint-place",
            "版记最后一条线离版心下边缘 1.00 mm (2.83 pt)",
            "the imprint's last rule is 1.00 mm (2.83 pt) off the bottom of the type area",
        ),
        (
            "imprint-rule",
            "版记的线粗细或长度不对，差 1.00 mm (2.83 pt)",
            "a rule of the imprint is 1.00 mm (2.83 pt) off its weight or length",
        ),
        (
            "page-number",
            "页码 “甲” 的位置或写法不对，差 1.00 mm (2.83 pt)",
            "the page number “甲” is 1.00 mm (2.83 pt) out of place, or badly written",
        ),
        (
            "lone-character",
            "孤字：“甲” 独占一行",
            "“甲” stands alone on the last line of its paragraph",
        ),
        (
            "mark-at-edge",
            "“甲” 行首或行尾的标点不合规则",
            "“甲” begins or ends with a mark that may not stand there",
        ),
        (
            "title-shape",
            "标题 “甲” 的各行没有排成梯形或菱形",
            "the lines of the title “甲” form neither a trapezium nor a rhombus",
        ),
        (
            "title-cut",
            "标题在 “甲|乙” 处回行，断开了词意",
            "the title is broken at “甲|乙”, which hurts its sense",
        ),
        (
            "heading-at-foot",
            "标题 “甲” 在页末，下面只有 1 行正文",
            "heading “甲” at the page's foot with 1 lines of body under it",
        ),
        (
            "imprint-alone",
            "版记独占末页：“甲” 之后放不下版记，差 1 行",
            "the imprint has the last page for itself: “甲” leaves it no room, by 1 lines",
        ),
        (
            "few-lines-before-imprint",
            "末页版记之前只有 1 行正文",
            "only 1 lines of text stand before the imprint on the last page",
        ),
        (
            "page-hole",
            "这一页末尾空了 1 行，“甲” 排到了后面",
            "1 empty lines at the page's end, since “甲” did not fit",
        ),
        (
            "front-without-text",
            "首页只有报头和内容提要，没有正文",
            "page 1 shows masthead and contents, and no text",
        ),
        (
            "masthead-type",
            "报头里 “甲” 只有 1 磅，字太小",
            "“甲” in the masthead is set in 1 pt only",
        ),
        ("masthead-name", "刊名 “甲” 只有 1 磅，不够醒目", "the name “甲” is set in 1 pt only"),
        (
            "word-broken",
            "表格里有 1 处词或数被拆到两行，如 “甲”",
            "1 words or numbers are broken in cells, such as “甲”",
        ),
        (
            "figure-at-rule",
            "表格里 “甲” 压住或者紧贴表线，只隔 1.00 mm (2.83 pt)，共 1 处",
            "“甲” in a cell stands 1.00 mm (2.83 pt) from a rule, one of 1",
        ),
        (
            "line-spread",
            "“甲” 这一行字距拉开了 1%",
            "the characters of the line “甲” are spread by 1 %",
        ),
        ("loose-line", "“甲” 这一行太松，字距拉开了 1%", "the line “甲” is loose: spread by 1 %"),
        ("table-order", "“甲” 排在后一号的图表之后", "“甲” stands behind a higher number"),
        (
            "too-near",
            "“甲” 离上面或下面的线、图表、目录太近，只隔 1.00 mm (2.83 pt)",
            "“甲” stands 1.00 mm (2.83 pt) from a rule, a table, a picture or the contents",
        ),
    ] {
        assert!(page_rules().any(|known| known.code.id() == rule), "{rule}");
        assert_eq!(Catalogue::new(Lang::Zh).text(rule, &facts), zh);
        assert_eq!(Catalogue::new(Lang::En).text(rule, &facts), en);
    }
    assert_eq!(page_rules().count(), 28);
}
