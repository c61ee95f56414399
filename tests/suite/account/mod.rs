//! What an issue says stands on its pages: layouts that forget, hide, move or repeat a part.

mod order;

use jianbao::diag::catalogue::{Catalogue, Lang};
use jianbao::diag::{Code, Diagnostic, Severity};
use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::{IssuePath, Project};

use crate::support::{TempProject, root};

const PUBLICATION: &str = "name = '工作简报'\nissuer = '某某办公室'\nnotice = '内部资料'\n\n[imprint]\nreport_to = ['省办公厅']\nsend_to = ['市委', '市办公室']\neditor = '李某某'\nprint_run = 90\n";

/// An issue with every part that there is.
const ISSUE: &str = "number = 7
serial_number = 312
date = 2026-01-05
label = '专刊'
meeting = '某某会议秘书处'
copy_number = 12
urgency = '特急'
editors_note = '卷首的话。'

[classification]
level = '秘密'
period = '1年'

[[sections]]
name = '要闻'

[[sections.articles]]
title = '全市工作会议召开'
contents_entry = '会议召开'
subtitle = '部署全年工作'
source = '市办公室'
editors_note = '会议很重要。'
body = '''
第一段写春天的事情，春天来了。
一、第一件事
第二段写夏天的事情，夏天到了。^[见去年的简报。]
- 甲项做完
- 乙项未完
|+ 表1　进度
| 事项 | 数 |
|---|---|
| 甲 | 1 |
| 乙 | 2 |
![图1　现场](a.png)
第三段写秋天的事情，秋天过了。
'''

[[sections.articles.attachments]]
title = '名单一份'
body = '''
张某某，王某某。
'''

[[sections.articles.attachments]]
title = '另有一份'
body = '''
附件二的正文。
'''

[[sections]]
name = '简讯'

[[sections.articles]]
title = '又开一次会'
source = '县办公室'
body = '''
第四段写冬天的事情，冬天走了。
'''
";

/// A project whose own layout differs from the built-in one.
struct Own {
    project: TempProject,
}

impl Own {
    fn new(publication: &str, issue: &str) -> Self {
        let project = TempProject::new();
        project.file("issues/p/publication.toml", publication).file("issues/p/2026-1.toml", issue);
        project.file("issues/p/a.png", png(8));
        Own { project }
    }

    /// Changes a file of the layout.
    fn change(&self, file: &str, from: &str, to: &str) -> &Self {
        let own = self.project.path(&format!("layouts/{file}"));
        let text = std::fs::read_to_string(own)
            .or_else(|_| std::fs::read_to_string(root().join("layouts").join(file)));
        let text = text.expect("a layout file");
        assert!(text.contains(from), "{file} has no {from}");
        self.project.file(&format!("layouts/{file}"), text.replace(from, to));
        self
    }

    /// All findings of the account, each with the text of its line.
    fn found(&self) -> Vec<(Diagnostic, String)> {
        let project = Project::find(self.project.folder.path()).expect("a project");
        let session = Session::open(project, &FontPaths::default()).expect("a session");
        let path = self.project.path("issues/p/2026-1.toml");
        let issue = IssuePath { publication: "p".into(), stem: "2026-1".into(), path };
        let found = session.typeset(&issue).diagnostics;
        let ours = [
            Code::TextMissing,
            Code::PictureNotShown,
            Code::TextAdded,
            Code::TextDisordered,
            Code::TextTwice,
            Code::TextOverlap,
            Code::OffSheet,
            Code::ImprintTooLong,
        ];
        let place = |d: &Diagnostic| {
            let span = d.span.clone().expect("a place");
            let line = span.line_column().0;
            span.file.text.lines().nth(line - 1).unwrap_or_default().to_string()
        };
        let harm = |d: &Diagnostic| d.severity == Severity::Error && !ours.contains(&d.code);
        let harm: Vec<&Diagnostic> = found.iter().filter(|d| harm(d)).collect();
        assert!(harm.is_empty(), "{harm:?}");
        let found = found.into_iter().filter(|d| ours.contains(&d.code));
        found.map(|d| (d.clone(), place(&d))).collect()
    }

    /// Asserts that a finding stands at the line with `text`, and none of another code anywhere.
    #[track_caller]
    fn finds(&self, code: Code, text: &str) -> &Self {
        let found = self.found();
        let told: Vec<String> =
            found.iter().map(|(d, at)| format!("{}: {at}", d.code.id())).collect();
        assert!(
            found.iter().any(|(d, at)| d.code == code && at.contains(text)),
            "{text}: {told:?}"
        );
        assert!(found.iter().all(|(d, _)| d.code == code), "{text}: {told:?}");
        self
    }

    #[track_caller]
    fn finds_nothing(&self) {
        let found = self.found();
        let told: Vec<String> =
            found.iter().map(|(d, at)| format!("{}: {at} {:?}", d.code.id(), d.args)).collect();
        assert!(found.is_empty(), "{told:?}");
    }
}

/// A picture of a width.
fn png(width: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::new(width, 8);
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a picture");
    bytes.into_inner()
}

fn all_parts() -> Own {
    Own::new(PUBLICATION, ISSUE)
}

/// A part of the layout that prints something, without it: the file, what prints, what is left,
/// and the line where the missing text is written.
const FORGOTTEN: [(&str, &str, &str, &str); 38] = [
    ("shared/nameplate.typ", "align(horizon, line)", "[]", "name = '工作简报'"),
    (
        "shared/masthead.typ",
        "place-above-name(data.above_name,",
        "place-above-name([],",
        "meeting =",
    ),
    (
        "shared/nameplate.typ",
        "data.number + data.serial_number",
        "data.serial_number",
        "number = 7",
    ),
    ("shared/nameplate.typ", "data.number + data.serial_number", "data.number", "serial_number ="),
    ("shared/nameplate.typ", "data.label) + h(cell)", "[]) + h(cell)", "label ="),
    ("shared/masthead.typ", "issuer-block(issuer)", "[]", "issuer ="),
    ("shared/masthead.typ", "align(horizon, data.date)", "[]", "date ="),
    ("shared/nameplate.typ", "else if data.notice != none", "else if false", "notice ="),
    (
        "shared/nameplate.typ",
        "(data.classification, data.urgency)",
        "(data.urgency,)",
        "[classification]",
    ),
    (
        "shared/nameplate.typ",
        "let own = (data.classification, data.urgency)",
        "let own = (data.classification,)",
        "urgency =",
    ),
    (
        "shared/nameplate.typ",
        "(data.copy_number, ..own.map(bold))",
        "own.map(bold)",
        "copy_number =",
    ),
    ("shared/contents.typ", "body) } else { body }", "[题]) } else { [题] }", "contents_entry ="),
    ("shared/contents.typ", "bracketed(group.section, section-style)", "[栏]", "name = '要闻'"),
    (
        "shared/section.typ",
        "heading(level: 1, bracketed(name, style))",
        "heading(level: 1)[栏]",
        "name = '简讯'",
    ),
    (
        "shared/article.typ",
        "data.title.map(line => text(line)).join(linebreak())",
        "[题]",
        "title = '全市工作会议召开'",
    ),
    ("shared/article.typ", "(lines.first(), ..rest).join(linebreak())", "[副]", "subtitle ="),
    (
        "shared/article.typ",
        "  editors-note(data.editors_note, look, label: note-label)\n",
        "",
        "editors_note = '会议",
    ),
    (
        "official/main.typ",
        "editors-note(data.editors_note, look, label: label) + ",
        "",
        "editors_note = '卷首",
    ),
    (
        "shared/article.typ",
        "source: if joins { data.source }",
        "source: none",
        "source = '县办公室'",
    ),
    ("shared/blocks.typ", "box(width: width + 0.1pt, source)", "[]", "source = '市办公室'"),
    ("shared/blocks.typ", "else { par(runs) }", "else { [] }", "第一段写春天"),
    (
        "shared/blocks.typ",
        "outlined: false, set-runs(data.runs, look: look, numbered: true))",
        "outlined: false)[题]",
        "一、第一件事",
    ),
    ("shared/blocks.typ", "..data.items.map(", "..data.items.slice(1).map(", "- 甲项做完"),
    (
        "shared/table.typ",
        "block(width: width, caption(data.caption + more, look, width: width))",
        "[]",
        "|+ 表1",
    ),
    ("shared/table.typ", "..if heads.len() > 0 {", "..if false {", "| 事项 | 数 |"),
    ("shared/table.typ", "..body,\n", "..body.slice(0, -1), [],\n", "| 乙 | 2 |"),
    ("shared/table.typ", "..body,\n", "..body.slice(2),\n", "| 甲 | 1 |"),
    ("shared/blocks.typ", "    caption(data.caption, look)", "    []", "![图1"),
    ("shared/notes.typ", "        set-runs(note.runs, look: look)\n", "", "第二段写夏天"),
    ("shared/runs.typ", "link(label(run.target), run.text)", "[]", "第二段写夏天"),
    ("shared/article.typ", "  attachment-list(data.attachments)\n", "", "title = '名单一份'"),
    (
        "shared/attachment.typ",
        "  title(data, 2, size: title-size)\n",
        "  [#metadata(none)#label(data.anchor)]\n",
        "title = '另有一份'",
    ),
    (
        "shared/attachment.typ",
        "heading(level: 1, data.label)",
        "heading(level: 1)[附]",
        "title = '另有一份'",
    ),
    (
        "shared/attachment.typ",
        "  set-blocks(data.body, look, goes-on: data.notes.len() > 0)\n",
        "",
        "张某某",
    ),
    ("shared/imprint.typ", "par(item.text)", "[]", "send_to ="),
    ("shared/imprint.typ", "par(justify: false, item.label)", "[]", "report_to ="),
    ("shared/imprint.typ", "par(join(first))", "[]", "editor ="),
    (
        "shared/imprint.typ",
        "par(join(first)), data.print_run)",
        "par(join(first)), [])",
        "print_run =",
    ),
];

#[test]
fn a_part_that_the_layout_forgets_is_an_error_at_its_line() {
    all_parts().finds_nothing();
    for (file, from, to, line) in FORGOTTEN {
        all_parts().change(file, from, to).finds(Code::TextMissing, line);
    }
    // A source behind what is no paragraph has lines of its own.
    let own = Own::new(PUBLICATION, &ISSUE.replace("第三段写秋天的事情，秋天过了。\n", ""));
    own.finds_nothing();
    own.change("shared/article.typ", "align(right, display(source))", "[]");
    own.finds(Code::TextMissing, "source = '市办公室'");
}

#[test]
fn a_new_layout_that_prints_a_part_of_its_base_is_found_out() {
    let own = all_parts();
    own.project
        .file("issues/p/publication.toml", format!("layout = 'ours'\n{PUBLICATION}"))
        .file("layouts/ours/layout.toml", "title = '甲'\nversion = '1'\nbase = 'official'\n")
        .file(
            "layouts/ours/main.typ",
            "#import \"/layouts/official/main.typ\": bulletin\n#let issue(data) = bulletin(data + (attachments: data.attachments.slice(1)))\n",
        );
    // The list of attachments leads to them, so that Typst names the missing one itself.
    own.change("shared/article.typ", "link(label(item.target), item.title)", "item.title");
    own.finds(Code::TextMissing, "张某某");
}

/// What may become of a paragraph, and whether it is then missing.
const MANGLED: [(&str, bool); 27] = [
    (
        "set-runs(data.runs.slice(0, -1) + ((..data.runs.last(), text: data.runs.last().text.clusters().slice(0, -1).join(\"\")),), look: look)",
        true,
    ),
    ("text(fill: white, set-runs(data.runs, look: look))", true),
    ("text(fill: luma(97%), set-runs(data.runs, look: look))", true),
    ("text(fill: luma(60%), set-runs(data.runs, look: look))", false),
    ("text(size: 0pt, set-runs(data.runs, look: look))", true),
    ("text(size: 8pt, set-runs(data.runs, look: look))", false),
    ("hide(set-runs(data.runs, look: look))", true),
    ("box(width: 10pt, height: 1pt, clip: true, set-runs(data.runs, look: look))", true),
    ("box(clip: true, set-runs(data.runs, look: look))", false),
    (
        "box(set-runs(data.runs, look: look) + place(top + left, rect(width: 400pt, height: 30pt, fill: white)))",
        true,
    ),
    ("box(fill: red, text(fill: white, set-runs(data.runs, look: look)))", false),
    ("upper(set-runs(data.runs, look: look))", false),
    ("text(size: 4pt, set-runs(data.runs, look: look))", true),
    ("box(scale(x: -100%, set-runs(data.runs, look: look)))", true),
    ("box(rotate(180deg, set-runs(data.runs, look: look)))", true),
    ("box(rotate(3deg, set-runs(data.runs, look: look)))", false),
    ("text(tracking: -9pt, set-runs(data.runs, look: look))", true),
    ("text(tracking: -2pt, set-runs(data.runs, look: look))", false),
    ("box(height: 7pt, clip: true, set-runs(data.runs, look: look))", true),
    ("text(fill: gradient.linear(white, white), set-runs(data.runs, look: look))", true),
    ("text(fill: yellow, set-runs(data.runs, look: look))", true),
    ("text(stroke: 5pt + white, set-runs(data.runs, look: look))", true),
    ("text(stroke: 0.3pt + black, set-runs(data.runs, look: look))", false),
    (
        "box(set-runs(data.runs, look: look) + place(top + left, ellipse(width: 400pt, height: 30pt, fill: white)))",
        true,
    ),
    (
        "box(set-runs(data.runs, look: look) + place(horizon + left, line(length: 400pt, stroke: 16pt + white)))",
        true,
    ),
    ("strike(set-runs(data.runs, look: look))", false),
    ("underline(stroke: 2pt + red, set-runs(data.runs, look: look))", false),
];

#[test]
fn a_paragraph_that_cannot_be_read_is_missing() {
    let issue = crate::support::ISSUE.replace("正文一段。", "正文 Abc 一段写春天。");
    for (to, missing) in MANGLED {
        let own = Own::new(PUBLICATION, &issue);
        own.change(
            "shared/blocks.typ",
            "set-runs(data.runs, look: look)\n      let body",
            &format!("{to}\n      let body"),
        );
        if missing {
            own.finds(Code::TextMissing, "正文 Abc");
        } else {
            own.finds_nothing();
        }
    }
}

#[test]
fn the_number_of_a_page_is_not_taken_for_a_lost_cell() {
    let options = "[options]\ncontents_pages = 'plain'\ncontents_bullets = 'number'\n\n[imprint]";
    let own = Own::new(&PUBLICATION.replace("[imprint]", options), ISSUE);
    own.finds_nothing();
    own.change("shared/table.typ", "..body,\n", "..body.slice(0, -1), [],\n");
    own.finds(Code::TextMissing, "| 乙 | 2 |");
}

#[test]
fn a_name_of_one_character_is_told_from_the_words_around_it() {
    // On a cover the issuer, which begins with one of the names, stands behind the contents.
    let article = |name, title| {
        format!(
            "\n[[sections]]\nname = '{name}'\n[[sections.articles]]\ntitle = '{title}'\nbody = '正文。'\n[[sections.articles.attachments]]\ntitle = '{title}的附件'\nbody = '名单。'\n"
        )
    };
    let issue =
        "number = 1\ndate = 2026-01-05\nissuer = '二县妇女联合会二市妇女联合会二乡妇女联合会'\n";
    let issue = format!("{issue}{}{}", article("二", "第一件事情"), article("干", "第二件事情"));
    for style in ["square", "lenticular", "bullet"] {
        let options = format!(
            "[options]\ncontents_bullets = 'number'\nsection_style = '{style}'\n\n[imprint]"
        );
        let publication = PUBLICATION.replace("[imprint]", &options);
        Own::new(&format!("layout = 'cover'\n{publication}"), &issue).finds_nothing();
    }
}

#[test]
fn paragraphs_and_rows_keep_their_order() {
    let turned = "for (index, data) in blocks.rev().enumerate() {";
    let own = all_parts();
    own.change("shared/blocks.typ", "for (index, data) in blocks.enumerate() {", turned);
    own.finds(Code::TextDisordered, "第二段写夏天");
    let own = all_parts();
    own.change("shared/table.typ", "..body,\n", "..(body.slice(2) + body.slice(0, 2)),\n");
    own.finds(Code::TextDisordered, "| 乙 | 2 |");
    // A caption under its table is as good as one above it.
    let own = all_parts();
    let (above, table) = (
        "        above-table(data, look, width)\n",
        "        described(data, ruled(plan, heights))\n",
    );
    own.change("shared/table.typ", &format!("{above}{table}"), &format!("{table}{above}"));
    own.finds_nothing();
}

#[test]
fn a_part_that_is_printed_twice_is_a_warning() {
    let own = all_parts();
    own.change(
        "shared/article.typ",
        "  set-notes(data.notes, look)\n",
        "  data.title.join()\n  set-notes(data.notes, look)\n",
    );
    own.finds(Code::TextTwice, "title =");
    assert!(own.found().iter().all(|(d, _)| d.severity == Severity::Warning));
    let own = all_parts();
    let (once, twice) =
        ("{ set-table(data, look) }", "{ set-table(data, look); set-table(data, look) }");
    own.change("shared/blocks.typ", once, twice);
    own.finds(Code::TextTwice, "| 甲 | 1 |");
}

#[test]
fn page_heads_labels_and_watermarks_are_the_layouts_own() {
    let heads = "margin: (top:";
    for own in [
        "header: [工作简报　第7期　全市工作会议召开], margin: (top:",
        "background: rotate(45deg, text(size: 60pt, fill: luma(90%))[全市工作会议召开]), margin: (top:",
        "foreground: text(size: 60pt, fill: rgb(0, 0, 0, 20%))[内部资料], margin: (top:",
    ] {
        all_parts().change("shared/page.typ", heads, own).finds_nothing();
    }
    let label = "let body = if ends { with-source(runs, source) } else { par([本刊讯：] + runs) }";
    let own = "let body = if ends { with-source(runs, source) } else { par(runs) }";
    all_parts().change("shared/blocks.typ", own, label).finds_nothing();
    // The order of unlike parts is the layout's: contents or masthead at the end, a source above.
    let front = "if columns == 1 { head + own + note }";
    for (others, part) in
        [("head + note", "list(lines, lines)"), ("own + note", "masthead(data.masthead)")]
    {
        let own = all_parts();
        own.change("official/main.typ", front, &format!("if columns == 1 {{ {others} }}"));
        own.change(
            "official/main.typ",
            "  imprint(data.imprint",
            &format!("  {part}\n  imprint(data.imprint"),
        );
        own.finds_nothing();
    }
    let own = all_parts();
    own.change(
        "shared/article.typ",
        "  title(data, data.level",
        "  if data.source != none [#data.source ]\n  title(data, data.level",
    );
    own.change("shared/article.typ", "source: if joins { data.source }", "source: none");
    own.change("shared/article.typ", "source-block(data.source)", "[]").finds_nothing();
    // A title in one line, or each of its letters for itself.
    let title = "data.title.map(line => text(line)).join(linebreak())";
    for own in ["data.title.join()", "data.title.join().clusters().map(box).join(h(0.5em))"] {
        let issue = ISSUE.replace("title = '全市工作会议召开'", "title = '全市工作|会议召开'");
        Own::new(PUBLICATION, &issue).change("shared/article.typ", title, own).finds_nothing();
    }
}

#[test]
fn text_off_the_sheet_is_an_error_at_its_line() {
    let date = "place(bottom + right, block(inset: (right: cell)";
    let own = all_parts();
    own.change("shared/masthead.typ", date, &date.replace("right,", "right, dx: 150pt,"));
    own.finds(Code::OffSheet, "date =");
    // Outside the type area is not outside the sheet.
    let own = all_parts();
    own.change("shared/masthead.typ", date, &date.replace("right,", "right, dx: 60pt,"));
    own.finds_nothing();
    for (text, off) in [
        ("a".repeat(120), true),
        ("。".repeat(100), true),
        ("a".repeat(50), false),
        ("abcde ".repeat(20), false),
    ] {
        let body = format!("正文一段。\n甲{text}");
        let own = Own::new(PUBLICATION, &crate::support::ISSUE.replace("正文一段。", &body));
        let found = own.found();
        let off_sheet: Vec<_> = found.iter().filter(|(d, _)| d.code == Code::OffSheet).collect();
        assert_eq!(off_sheet.len(), usize::from(off), "{text}: {found:?}");
        assert!(off_sheet.iter().all(|(_, at)| at.starts_with('甲')), "{found:?}");
        assert!(found.len() == off_sheet.len(), "{found:?}");
    }
}

#[test]
fn an_imprint_taller_than_a_page_is_told_what_to_do() {
    for (count, is_long) in [(70, false), (85, true), (200, true)] {
        let units: String = (0..count).map(|n| format!("'某某市第{n}局办公室', ")).collect();
        let issue = format!("{}\n[imprint]\nreport_to = [{units}]\n", crate::support::ISSUE);
        let found = Own::new(PUBLICATION, &issue).found();
        let codes: Vec<Code> = found.iter().map(|(found, _)| found.code).collect();
        assert_eq!(codes, vec![Code::ImprintTooLong; usize::from(is_long)], "{count}");
        assert!(found.iter().all(|(_, at)| at.starts_with("report_to")), "{found:?}");
    }
}

#[test]
fn text_over_text_is_an_error_at_its_line() {
    let own = all_parts();
    let issuer = "place(bottom + left, block(";
    own.change("shared/masthead.typ", issuer, "place(bottom + right, dy: -0.1 * pitch, block(");
    let found = own.found();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0.code, Code::TextOverlap);
    assert!(found[0].1.starts_with("date =") || found[0].1.starts_with("issuer ="), "{found:?}");
    let own = all_parts();
    let lower = "place(bottom + left, dy: 0.1 * pitch, block(";
    own.change("shared/masthead.typ", issuer, lower).finds_nothing();
}

#[test]
fn the_same_words_in_many_parts_are_all_accounted_for() {
    let cells = "| 是 | 1 |\n".repeat(50);
    let body = format!(
        "全市工作会议召开。\n全市工作会议召开\n- 是\n- 是\n|+ 是\n| 是 | 1 |\n|---|---|\n{cells}|+ 是 | 横排\n| 是 | 1 |\n|---|---|\n{}是",
        "| 是 | 1 |\n".repeat(80),
    );
    let issue = ISSUE.replace("第三段写秋天的事情，秋天过了。", &body);
    let publication = PUBLICATION.replace("'省办公厅'", "'市办公室', '是'");
    Own::new(&publication, &issue).finds_nothing();
    // The last of fifty equal rows.
    let own = Own::new(&publication, &issue);
    own.change(
        "shared/table.typ",
        "    cells(row, false)\n",
        "    if index + 1 < rows.len() { cells(row, false) } else { ([],) * count }\n",
    );
    let found = own.found();
    assert!(
        !found.is_empty() && found.iter().all(|(d, _)| d.code == Code::TextMissing),
        "{found:?}"
    );
}

#[test]
fn every_finding_is_said_in_both_languages() {
    let facts = [
        ("text", "甲".to_string()),
        ("other", "乙".to_string()),
        ("page", "3".to_string()),
        ("key", "masthead.date".to_string()),
    ];
    for (id, zh, en) in [
        ("text-missing", "“甲” 没有印到页面上", "“甲” is not on the pages"),
        ("text-disordered", "“甲” 排到了 “乙” 的前面", "“甲” stands before “乙”"),
        ("text-twice", "“甲” 在第 3 页又印了一遍", "“甲” is printed once more on page 3"),
        (
            "imprint-too-long",
            "版记一页排不下，“甲” 排到了版心下面（第 3 页）",
            "the imprint is taller than a page: “甲” runs below the type area on page 3",
        ),
        ("off-sheet", "“甲” 伸出纸外（第 3 页）", "“甲” runs off the sheet on page 3"),
        ("text-overlap", "“甲” 压在 “乙” 上（第 3 页）", "“甲” lies on “乙” on page 3"),
    ] {
        for (lang, words) in [(Lang::Zh, zh), (Lang::En, en)] {
            let catalogue = Catalogue::new(lang);
            assert_eq!(catalogue.text(id, &facts), words);
            assert!(catalogue.hint(id, &facts).is_some_and(|hint| hint.contains("layouts/")));
        }
    }
}

/// What a layout may put into or behind a paragraph, and what is then found.
const ADDED: [(&str, Option<Code>); 9] = [
    ("show \"30个\": \"300个\"", Some(Code::TextAdded)),
    ("show \"30个\": it => it + box[0]", Some(Code::TextAdded)),
    ("show \"30个\": it => it + h(1em) + [或40]", Some(Code::TextAdded)),
    ("show \"年初。\": it => it + [又及]", Some(Code::TextAdded)),
    ("show \"年初。\": it => it + [。]", Some(Code::TextAdded)),
    ("show \"年初。\": it => it + it", None),
    // A mark that ends the text, and what stands apart from it.
    ("show \"年初。\": it => it + [（完）]", None),
    ("show \"年初。\": it => it + [■]", None),
    ("show \"年初。\": it => it + h(2em) + [又及]", None),
];

#[test]
fn what_is_added_to_a_text_is_an_error_at_its_line() {
    let issue =
        crate::support::ISSUE.replace("正文一段。", "各地在春天共建成各类科协组织30个，都在年初。");
    for (show, code) in ADDED {
        let own = Own::new(PUBLICATION, &issue);
        let main = format!("#let issue(data) = {{\n  {show}\n  bulletin(data)\n}}");
        own.change("official/main.typ", "#let issue(data) = bulletin(data)", &main);
        match code {
            Some(code) => {
                own.finds(code, "各地在春天");
            }
            None if show.ends_with("it + it") => {
                assert!(!own.found().is_empty(), "{show}");
            }
            None => own.finds_nothing(),
        }
    }
    // A heading, a title, a cell and a number of the masthead.
    for (from, to, code, line) in [
        ("第一件事", "第一件大事", Code::TextAdded, "一、第一件事"),
        ("工作会议", "工作大会议", Code::TextMissing, "title = '全市"),
        ("2026年1月5日", "2026年11月5日", Code::TextMissing, "date ="),
    ] {
        let own = all_parts();
        let main =
            format!("#let issue(data) = {{\n  show \"{from}\": \"{to}\"\n  bulletin(data)\n}}");
        own.change("official/main.typ", "#let issue(data) = bulletin(data)", &main);
        let found = own.found();
        assert!(
            found.iter().any(|(d, at)| d.severity == Severity::Error && at.contains(line)),
            "{code:?} {found:?}"
        );
    }
}

#[test]
fn a_text_that_is_printed_twice_in_one_breath_is_found() {
    for (file, from, to, line) in [
        (
            "shared/nameplate.typ",
            "data.number + data.serial_number",
            "data.number + data.number + data.serial_number",
            "number = 7",
        ),
        ("shared/masthead.typ", "horizon, data.date)", "horizon, data.date * 2)", "date ="),
        ("shared/section.typ", "\"[\" + name + \"]\"", "\"[\" + name + name + \"]\"", "name = "),
        (
            "shared/table.typ",
            "set-cell(lines, row.role, look)",
            "set-cell(lines.map(line => line * 2), row.role, look)",
            "| 甲 | 1 |",
        ),
    ] {
        let own = all_parts();
        own.change(file, from, to).finds(Code::TextTwice, line);
    }
}

#[test]
fn a_picture_that_the_pages_do_not_show_is_an_error_at_its_line() {
    for (show, code) in [
        ("hide(it)", Some(Code::PictureNotShown)),
        ("scale(1%, it)", Some(Code::PictureNotShown)),
        ("move(dx: 2000pt, it)", Some(Code::PictureNotShown)),
        ("box(width: 30pt, height: 30pt, clip: true, it)", Some(Code::PictureNotShown)),
        (
            "box(width: 320pt, height: 320pt, it + place(top + left, rect(radius: 5pt, width: 100%, height: 100%, fill: white)))",
            Some(Code::PictureNotShown),
        ),
        ("it + it", Some(Code::TextTwice)),
        ("box(stroke: 3pt, it)", None),
        ("scale(50%, it)", None),
        ("rotate(2deg, it)", None),
    ] {
        // Without a caption it stands behind the text before it.
        for (issue, line) in [
            (ISSUE.to_string(), "![图1"),
            (ISSUE.replace("![图1　现场](a.png)", "![](a.png \"现场\")"), "![](a.png"),
        ] {
            let own = Own::new(PUBLICATION, &issue);
            let main =
                format!("#let issue(data) = {{\n  show image: it => {show}\n  bulletin(data)\n}}");
            own.change("official/main.typ", "#let issue(data) = bulletin(data)", &main);
            match code {
                Some(code) => drop(own.finds(code, line)),
                None => own.finds_nothing(),
            }
        }
    }
}
