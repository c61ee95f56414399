//! Each rule of the catalogue: an issue that breaks the rule, its finding in both languages, and a
//! near miss that is not reported.

use std::sync::Arc;

use jianbao::check::{self, Place};
use jianbao::diag::catalogue::{Catalogue, Lang};
use jianbao::diag::rules::{self, Group};
use jianbao::diag::show;
use jianbao::diag::{Code, Diagnostic, Severity, SourceFile};
use jianbao::issue::raw::RawIssue;
use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::Project;
use jianbao::source::read;

use crate::support::{ISSUE, PUBLICATION, SAMPLES, TempProject, root, sample};

/// A change to the issue of `support`: the text of its body, or another line.
struct Case {
    rule: &'static str,
    /// The issue that breaks the rule; `…` stands for the body's paragraph.
    breaks: &'static str,
    /// One that nearly does.
    misses: &'static str,
    /// The finding in one line, in Chinese and English.
    zh: &'static str,
    en: &'static str,
}

/// A body's paragraph that breaks a rule, and one that does not.
macro_rules! bodies {
    ($($rule:literal: $breaks:literal | $misses:literal => $zh:literal | $en:literal;)*) => {
        &[$(Case { rule: $rule, breaks: $breaks, misses: $misses, zh: $zh, en: $en },)*]
    };
}

const BODIES: &[Case] = bodies! {
    "half-width-mark": "道路,推动发展。" | "面积1,200平方米，e-mail: a.b@c.cn，18:30。" =>
        "7:3: 警告[half-width-mark]: 汉字之间用了半角标点 “,”" |
        "7:3: warning[half-width-mark]: half-width “,” among Han characters";
    "marks-unbalanced": "召开（扩大会议。" | "1）召开“‘两新’组织”（扩大）会议" =>
        "7:3: 警告[marks-unbalanced]: “（” 没有配对的 “）”" |
        "7:3: warning[marks-unbalanced]: “（” has no partner “）”";
    "quote-separator": "“一村一品”、“一乡一业”。" | "“一村一品”（甲）、“一乡一业”。" =>
        "7:7: 提示[quote-separator]: 并列的引号或书名号之间用了顿号：”、“" |
        "7:7: advice[quote-separator]: 、 between quoted items: ”、“";
    "range-dash": "对35-64岁妇女。" | "35～64岁，电话0531-12345678转，3-201室，2026-01-05日，GB/T 9704-2012规定。" =>
        "7:4: 警告[range-dash]: 数值范围 “35-64岁” 用了 “-”" |
        "7:4: warning[range-dash]: the range “35-64岁” has the dash “-”";
    "range-dash-mixed": "1—7月，35-64岁。" | "1—7月，35～64岁。" =>
        "7:8: 提示[range-dash-mixed]: “35-64岁” 与前面的 “1—7月” 连接号不一致" |
        "7:8: advice[range-dash-mixed]: the dash of “35-64岁” is another than that of “1—7月”";
    "range-unit": "增长15～30%。" | "增长15%～30%，9亿～16亿，3～5人。" =>
        "7:3: 警告[range-unit]: 范围 “15～30%” 的前一个数省略了 “%”" |
        "7:3: warning[range-unit]: the first number of “15～30%” lacks its “%”";
    "full-width-digit": "建成１２．５处。" | "建成12.5处（①②）。" =>
        "7:3: 警告[full-width-digit]: “１２．５” 是全角数字" |
        "7:3: warning[full-width-digit]: “１２．５” has full-width digits";
    "number-with-ge": "投入1.07个亿。" | "投入1.07亿，3个项目，5个万人村。" =>
        "7:3: 提示[number-with-ge]: “1.07个亿” 是口语的写法" |
        "7:3: advice[number-with-ge]: “1.07个亿” is how one speaks, not how one writes";
    "date-impossible": "2026年2月29日召开。" | "2024年2月29日和2月29日召开，共13个月。" =>
        "7:1: 警告[date-impossible]: 日期 “2026年2月29日” 不存在" |
        "7:1: warning[date-impossible]: there is no date “2026年2月29日”";
    "weekday-wrong": "1月5日（星期二）召开。" | "1月5日（星期一）、去年12月31日（周三）召开，1月5日周边。" =>
        "7:1: 警告[weekday-wrong]: 2026年1月5日不是星期二" |
        "7:1: warning[weekday-wrong]: 2026年1月5日 is not 星期二";
    "word-wrong": "建立台帐。" | "恢复盖章，搭起帐篷。" =>
        "7:3: 警告[word-wrong]: “台帐” 应为 “台账”" |
        "7:3: warning[word-wrong]: “台帐” should be “台账”";
    "trailing-blank": "正文。  " | "　　正文 一段。" =>
        "7:4: 提示[trailing-blank]: 段末有多余的空格" |
        "7:4: advice[trailing-blank]: blanks at the end of the paragraph";
    "glyph-missing": "正文𒀀一段。" | "正文囍一段。" =>
        "7:3: 错误[glyph-missing]: 没有字体能印出 “𒀀”（U+12000）" |
        "7:3: error[glyph-missing]: no font has `𒀀` (U+12000)";
    "glyph-stand-in": "正文☎一段。" | "正文“——…”·Abc一段。" =>
        "7:3: 提示[glyph-stand-in]: 朱雀仿宋（预览测试版）没有 “☎”（U+260E），用Noto Serif SC代替" |
        "7:3: advice[glyph-stand-in]: 朱雀仿宋（预览测试版） lacks “☎” (U+260E), Noto Serif SC stands in";
    "control-character": "正\u{200b}文。" | "正\u{3000}文。" =>
        "7:2: 错误[control-character]: 文本里有看不见的控制字符（U+200B）" |
        "7:2: error[control-character]: a control character that is not to be seen (U+200B)";
    "private-use-character": "正文\u{e000}。" | "正文〇。" =>
        "7:3: 错误[private-use-character]: “\u{e000}”（U+E000）在私用区，别处会变成另一个字" |
        "7:3: error[private-use-character]: “\u{e000}” (U+E000) is of a private use area: elsewhere it is another character or none";
    "compatibility-character": "⼯作。" | "工作。" =>
        "7:1: 警告[compatibility-character]: “⼯”（U+2F2F）是兼容字符或部首，不是 “工”" |
        "7:1: warning[compatibility-character]: “⼯” (U+2F2F) is a compatibility character or radical, not “工”";
    "mark-unclosed": "甲**乙。" | "**甲。**乙5 * 3。" =>
        "7:2: 警告[mark-unclosed]: 强调符号 ** 没有配对，按文字印出" |
        "7:2: warning[mark-unclosed]: the emphasis mark ** has no partner and is printed as text";
    "mark-nested": "**强*楷*调。**" | "**强调。***楷*" =>
        "7:4: 警告[mark-nested]: 强调文字里又有强调符号，按文字印出" |
        "7:4: warning[mark-nested]: an emphasis mark within an emphasized text is printed as text";
    "table-ragged": "| 甲 | 乙 |\n| 丙 |" | "| 甲 | 乙 |\n| 丙 | |" =>
        "8:1: 错误[table-ragged]: 表格这一行有 1 格，应当是 2 格" |
        "8:1: error[table-ragged]: this row has 1 cells where the first has 2";
    "picture-missing": "![图1](no.png)" | "!图1(no.png)" =>
        "7:7: 错误[picture-missing]: 找不到图片 “no.png”" |
        "7:7: error[picture-missing]: cannot find the picture `no.png`";
    "picture-outside": "![图1](../../../../../../../../../etc/passwd)" | "正文。" =>
        "7:7: 错误[picture-outside]: 图片 “../../../../../../../../../etc/passwd” 在项目之外" |
        "7:7: error[picture-outside]: the picture `../../../../../../../../../etc/passwd` is outside the project";
    "picture-without-alt": "![](no.png)" | "![](no.png \"说明\")" =>
        "7:1: 错误[picture-without-alt]: 图片没有说明文字" |
        "7:1: error[picture-without-alt]: the picture has no text for readers who cannot see it";
};

/// Whole issues; the near miss differs in what the rule is about.
const ISSUES: &[Case] = bodies! {
    "key-missing": "date = 2026-01-05\nnumber = 1\n[[articles]]\nbody = '正文。'" | "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '正文。'" =>
        "3:1: 错误[key-missing]: 缺少键 “title”" | "3:1: error[key-missing]: the key `title` is missing";
    "value-empty": "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = ' '\nbody = '正文。'" | "number = 1\ndate = 2026-01-05\nnotice = ''\n[[articles]]\ntitle = '题'\nbody = '正文。'" =>
        "4:9: 错误[value-empty]: “articles[0].title” 是空的" | "4:9: error[value-empty]: `articles[0].title` is empty";
    "number-or-supplement": "date = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '正文。'" | "supplement = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '正文。'" =>
        "1:1: 错误[number-or-supplement]: 没有期号" | "1:1: error[number-or-supplement]: the issue has no number";
    "issue-without-articles": "number = 1\ndate = 2026-01-05" | "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '正文。'" =>
        "1:1: 错误[issue-without-articles]: 这一期没有文章" | "1:1: error[issue-without-articles]: the issue has no articles";
    "section-without-articles": "number = 1\ndate = 2026-01-05\n[[sections]]\nname = '栏'" | "number = 1\ndate = 2026-01-05\n[[sections]]\nname = '栏'\n[[sections.articles]]\ntitle = '题'\nbody = '正文。'" =>
        "4:8: 错误[section-without-articles]: 栏目 “栏” 没有文章" | "4:8: error[section-without-articles]: the section `栏` has no articles";
    "article-without-body": "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = ' '" | "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '。'" =>
        "5:8: 错误[article-without-body]: 文章 “题” 没有正文" | "5:8: error[article-without-body]: the article `题` has no text";
    "title-repeated": "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '甲|乙'\nbody = '正文。'\n[[articles]]\ntitle = '甲乙'\nbody = '正文。'" | "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '甲乙'\nbody = '正文。'\n[[articles]]\ntitle = '甲乙丙'\nbody = '正文。'" =>
        "7:9: 警告[title-repeated]: 标题 “甲乙” 重复" | "7:9: warning[title-repeated]: the title “甲乙” stands twice";
    "contents-entry": "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '甲'\ncontents_entry = '丙'\nbody = '正文。'" | "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '甲'\nsubtitle = '丙|丁'\ncontents_entry = '丙丁'\nbody = '正文。'" =>
        "5:18: 警告[contents-entry]: 提要 “丙” 与文章的标题和副标题都不同" | "5:18: warning[contents-entry]: the contents entry “丙” is neither title nor subtitle of its article";
    "label-repeated": "supplement = 1\nlabel = '增刊'\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '正文。'" | "number = 1\nlabel = '增刊'\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '正文。'" =>
        "2:9: 警告[label-repeated]: “增刊” 与期号 “增刊第1期” 重复，报头上会印两遍" | "2:9: warning[label-repeated]: the number “增刊第1期” says “增刊” already: the masthead prints it twice";
    "copy-number": "number = 1\ndate = 2026-01-05\ncopy_number = 12\n[[articles]]\ntitle = '题'\nbody = '正文。'" | "number = 1\ndate = 2026-01-05\ncopy_number = 12\nclassification = { level = '秘密' }\n[[articles]]\ntitle = '题'\nbody = '正文。'" =>
        "3:15: 错误[copy-number]: 只有标明密级的简报才有份号" | "3:15: error[copy-number]: only a classified issue has a copy number";
    "file-name-disagrees": "number = 2\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '正文。'" | "number = 1\ndate = 2026-12-31\n[[articles]]\ntitle = '题'\nbody = '正文。'" =>
        "1:10: 警告[file-name-disagrees]: 文件名 “2026-1” 与内容不符" | "1:10: warning[file-name-disagrees]: the file name `2026-1` disagrees with the issue";
    "unit-repeated": "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '正文。'\n[imprint]\nreport_to = ['市委办']\nsend_to = ['市委办（2份）']" | "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '正文。'\n[imprint]\nreport_to = ['市委办']\nsend_to = ['市委办公室']" =>
        "8:12: 警告[unit-repeated]: 版记里 “市委办” 重复" | "8:12: warning[unit-repeated]: “市委办” stands twice in the imprint";
    "print-run": "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '正文。'\n[imprint]\nreport_to = ['甲（3份）']\nsend_to = ['乙（9份）']\nprint_run = 10" | "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '正文。'\n[imprint]\nreport_to = ['甲（3份）']\nsend_to = ['乙']\nprint_run = 10" =>
        "9:13: 警告[print-run]: 共印10份，各单位的份数合计12份" | "9:13: warning[print-run]: print run 10, but the copies add up to 12";
    "relative-date": "number = 1\n[[articles]]\ntitle = '题'\nbody = '今年以来。'" | "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '今年以来。'" =>
        "4:9: 警告[relative-date]: 这一期没有日期，“今年” 不知道指哪一年、哪一天" | "4:9: warning[relative-date]: the issue has no date, so nobody knows what “今年” refers to";
};

fn session(project: &TempProject) -> Session {
    let at = Project::find(project.folder.path()).expect("a project");
    Session::open(at, &FontPaths::default()).expect("a session")
}

/// What is found in the issue `2026-1` of a project.
fn found(project: &TempProject) -> Vec<Diagnostic> {
    let session = session(project);
    let issues = session.project.issues(&[]).expect("the issues");
    let first = issues.iter().find(|issue| issue.stem == "2026-1").expect("the issue");
    session.check(first).diagnostics
}

fn lines(found: &[Diagnostic], lang: Lang) -> Vec<String> {
    found.iter().map(|d| show::short(d, &Catalogue::new(lang))).collect()
}

#[track_caller]
fn fires(rule: &str, found: &[Diagnostic], zh: &str, en: &str) {
    for (lang, said) in [(Lang::Zh, zh), (Lang::En, en)] {
        let lines = lines(found, lang);
        let expected = format!("issues/p/2026-1.toml:{said}");
        assert!(lines.contains(&expected), "{rule}: no {expected:?} in {lines:#?}");
    }
}

#[track_caller]
fn is_silent(rule: &str, found: &[Diagnostic]) {
    let said: Vec<_> = found.iter().filter(|d| d.code.id() == rule).collect();
    assert!(said.is_empty(), "{rule} fires on its near miss: {said:?}");
}

#[test]
fn each_rule_fires_and_nearly_misses() {
    let project = TempProject::new();
    for case in BODIES.iter().chain(ISSUES) {
        let whole = case.breaks.contains("date = ") || case.breaks.contains("number = ");
        let put = |text: &str| {
            let issue =
                if whole { format!("{text}\n") } else { ISSUE.replace("正文一段。", text) };
            project.file("issues/p/2026-1.toml", issue);
            found(&project)
        };
        fires(case.rule, &put(case.breaks), case.zh, case.en);
        is_silent(case.rule, &put(case.misses));
    }
}

/// An issue file with its head.
fn numbered(head: &str) -> String {
    format!("{head}\n[[articles]]\ntitle = '题'\nbody = '正文。'\n")
}

/// Rules on the sequence of issues: the neighbours, and an issue that breaks or keeps the sequence.
#[test]
fn the_run_of_issues_is_looked_at_as_a_whole() {
    let before = "number = 2\nserial_number = 86\ndate = 2026-02-01";
    for (rule, breaks, misses, zh, en) in [
        (
            "number-gap",
            "number = 4\ndate = 2026-02-08",
            "number = 3\ndate = 2026-02-08",
            "1:10: 警告[number-gap]: 第4期之前缺3期",
            "1:10: warning[number-gap]: before 第4期 the number 3 is missing",
        ),
        (
            "number-repeated",
            "number = 2\ndate = 2026-02-08",
            "supplement = 2\ndate = 2026-02-08",
            "1:10: 警告[number-repeated]: 第2期重复：issues/p/2026-02.toml 已经用了",
            "1:10: warning[number-repeated]: 第2期 stands twice: issues/p/2026-02.toml has it already",
        ),
        (
            "serial-number",
            "number = 3\nserial_number = 88\ndate = 2026-02-08",
            "number = 3\nserial_number = 87\ndate = 2026-02-08",
            "2:17: 警告[serial-number]: 总第88期应当是总第87期",
            "2:17: warning[serial-number]: serial number 88 should be 87",
        ),
        (
            "date-order",
            "number = 3\ndate = 2026-01-31",
            "number = 3\ndate = 2026-02-01",
            "2:8: 警告[date-order]: 日期2026年1月31日早于前一期的2026年2月1日",
            "2:8: warning[date-order]: the date 2026年1月31日 is before 2026年2月1日, that of the issue before",
        ),
    ] {
        let project = TempProject::new();
        project.file("issues/p/2026-02.toml", numbered(before));
        project.file("issues/p/2026-1.toml", numbered(breaks));
        fires(rule, &found(&project), zh, en);
        project.file("issues/p/2026-1.toml", numbered(misses));
        is_silent(rule, &found(&project));
    }
}

#[test]
fn a_year_begins_anew_and_an_unread_issue_is_no_gap() {
    let project = TempProject::new();
    project.file("issues/p/2025-9.toml", numbered("number = 9\ndate = 2025-12-29"));
    is_silent("number-gap", &found(&project));
    project.file("issues/p/2026-1.toml", numbered("number = 3\ndate = 2026-01-05"));
    assert!(found(&project).iter().any(|d| d.code == Code::NumberGap));
    project.file("issues/p/2026-1.toml", numbered("number = 3\ndate = 2026-01-19"));
    project.file("issues/p/2026-2.toml", "number = ");
    is_silent("number-gap", &found(&project));
}

#[test]
fn a_publication_asks_for_lists_words_and_names() {
    let project = TempProject::new();
    let facts = "required_lists = ['report_to']\n[words]\n'甲乙' = '丙丁'\n'台帐' = '台帐'\n[names]\n'省妇联' = ['山东妇联', '妇联']\n";
    project.file("issues/p/publication.toml", format!("{PUBLICATION}{facts}"));
    let put = |text: &str, imprint: &str| {
        let issue = ISSUE.replace("正文一段。", text) + imprint;
        project.file("issues/p/2026-1.toml", issue);
        found(&project)
    };
    let broken = put("甲乙和山东妇联建立台帐。", "");
    fires(
        "word-wrong",
        &broken,
        "7:1: 警告[word-wrong]: “甲乙” 应为 “丙丁”",
        "7:1: warning[word-wrong]: “甲乙” should be “丙丁”",
    );
    fires(
        "name-variant",
        &broken,
        "7:4: 警告[name-variant]: 名称 “山东妇联” 应当写成 “省妇联”",
        "7:4: warning[name-variant]: the name “山东妇联” is to be written “省妇联”",
    );
    fires(
        "imprint-list-missing",
        &broken,
        "1:1: 错误[imprint-list-missing]: 版记里没有“报”",
        "1:1: error[imprint-list-missing]: the imprint has no 报",
    );
    assert_eq!(broken.iter().filter(|d| d.code == Code::WordWrong).count(), 1, "台帐 is allowed");
    let kept = put("省妇联。", "[imprint]\nreport_to = ['市委办公室']\n");
    assert!(kept.is_empty(), "{kept:?}");
}

#[test]
fn a_publication_sets_the_level_of_a_rule() {
    let project = TempProject::new();
    let issue = ISSUE.replace("正文一段。", "道路,推动");
    project.file("issues/p/2026-1.toml", issue);
    let put = |rules: &str| {
        project.file("issues/p/publication.toml", format!("{PUBLICATION}[rules]\n{rules}\n"));
        found(&project)
    };
    let severity = |found: &[Diagnostic]| {
        found.iter().find(|d| d.code == Code::HalfWidthMark).map(|d| d.severity)
    };
    assert_eq!(severity(&put("")), Some(Severity::Warning));
    assert_eq!(severity(&put("half-width-mark = 'error'")), Some(Severity::Error));
    project.run(&["build"]).exit(1).says("error[half-width-mark]");
    assert_eq!(severity(&put("half-width-mark = 'advice'")), Some(Severity::Advice));
    assert_eq!(severity(&put("half-width-mark = 'off'")), None);
    put("half-width-marks = 'off'\nglyph-missing = 'off'\nnumber-gap = 'loud'");
    project.run(&["check"]).exit(1).says("`loud`");
    put("half-width-marks = 'off'\nglyph-missing = 'off'");
    project
        .run(&["check"])
        .exit(1)
        .says("there is no rule `half-width-marks`")
        .says("did you mean `half-width-mark`?")
        .says("the rule `glyph-missing` cannot be set");
}

/// Pictures are tested where they are made, pages where they are laid out.
#[test]
fn every_rule_has_a_case() {
    let elsewhere = [
        "number-gap",
        "number-repeated",
        "serial-number",
        "date-order",
        "imprint-list-missing",
        "name-variant",
    ];
    for rule in rules::all()
        .filter(|rule| !matches!(rule.group, Group::Layout | Group::Account | Group::Pictures))
    {
        let id = rule.code.id();
        let cases = BODIES.iter().chain(ISSUES).any(|case| case.rule == id);
        assert!(cases || elsewhere.contains(&id), "{id} has no case");
    }
}

#[test]
fn quotations_of_several_paragraphs_and_marks_in_markup_are_all_right() {
    let project = TempProject::new();
    for body in [
        "他说：\n“第一段。\n“第二段。”",
        "![图1（全市）](a(1).png \"图\")",
        "|+ 表1 | 横排\n| 甲（个） | 乙 |\n|:--|--:|\n| 丙 | 1,200 |",
        "甲^[见《条例》第3条。]乙。",
        "*强调*和\\*星号。",
        "It's ‘all’ right, isn't it?",
    ] {
        project.file("issues/p/2026-1.toml", ISSUE.replace("正文一段。", body));
        let found = found(&project);
        let said = found.iter().filter(|d| d.code != Code::PictureMissing).collect::<Vec<_>>();
        assert!(said.is_empty(), "{body}: {said:?}");
    }
}

#[test]
fn the_slips_of_the_seed_are_said_and_stay() {
    let issue = sample("fugong", "2014-16");
    let before = std::fs::read(&issue.path).expect("the seed");
    let checked = SAMPLES.check(&issue);
    assert!(checked.value.is_some());
    let said: Vec<(&str, String)> = checked
        .diagnostics
        .iter()
        .map(|d| {
            let span = d.span.as_ref().expect("a place");
            (d.code.id(), span.file.text[span.range.clone()].to_string())
        })
        .collect();
    for (rule, text) in [
        ("half-width-mark", ","),
        ("range-dash", "－"),
        ("range-dash", "-"),
        ("range-dash-mixed", "-"),
        ("word-wrong", "台帐"),
        ("word-wrong", "帐目"),
        ("number-with-ge", "1.07个亿"),
        ("quote-separator", "、"),
        ("trailing-blank", "  "),
    ] {
        assert!(said.contains(&(rule, text.to_string())), "no {rule} at {text:?} in {said:#?}");
    }
    assert_eq!(said.len(), 10, "{said:#?}");
    assert!(before == std::fs::read(root().join("issues/fugong/2014-16.toml")).expect("the seed"));
}

/// Findings of the rules on data, for an issue file that has been read.
pub fn look_at(file: &Arc<SourceFile>) -> Vec<Diagnostic> {
    let read = read::read::<RawIssue>(file);
    let Some(raw) = read.value else { return read.diagnostics };
    let path = root().join("issues/fugong/2026-1.toml");
    let place = Place { root: root(), path: &path, file, all: false };
    let publication = SAMPLES.publication("fugong").value.expect("the sample's publication");
    check::check(&raw, &publication, place).diagnostics
}
