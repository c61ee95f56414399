//! Every element and variant of the page, measured on laid-out pages.

use std::collections::BTreeSet;

use jianbao::diag::Code;
use jianbao::diag::rules::Strength;
use jianbao::page::lines::{Content, Line, read};
use jianbao::page::measure::{Finding, Measure, measure};
use jianbao::pipeline::Typeset;
use jianbao::publication::length::MM;
use typst::layout::{Frame, FrameItem};

use crate::support::{GALLERY, ISSUE, SAMPLES, pdf_text, set};

const BOTTOM: f64 = 262.0 * MM;
const WIDTH: f64 = 156.0 * MM;
const LEFT: f64 = 28.0 * MM;
const CELL: f64 = WIDTH / 28.0;
const PITCH: f64 = (225.0 * MM - 16.0) / 21.0;
const TENTH: f64 = 0.1 * MM;

const PUBLICATION: &str = "name = '工作简报'\nissuer = '某某办公室'\n";
const HEAD: &str = "number = 1\ndate = 2026-01-05\n";

/// The issue of a publication of the gallery.
fn gallery(publication: &str) -> Typeset {
    let issues = GALLERY.project.issues(&[]).expect("the gallery");
    let at = issues.iter().find(|issue| issue.publication == publication).expect("it is there");
    GALLERY.typeset(at).value.expect("it is set")
}

fn pages(typeset: &Typeset) -> Vec<Content> {
    typeset.document.pages().iter().map(read).collect()
}

fn ruler(typeset: &Typeset) -> Measure {
    measure(&typeset.document, typeset.manuscript.geometry)
}

/// The lines of a page's text, without its number.
fn lines(content: &Content) -> Vec<&Line> {
    content.lines.iter().filter(|line| line.baseline < BOTTOM).collect()
}

#[track_caller]
fn line<'a>(content: &'a Content, text: &str) -> &'a Line {
    let found = content.lines.iter().find(|line| line.text().contains(text));
    found.unwrap_or_else(|| panic!("no line with {text}"))
}

/// The page of a text, counted from 0.
#[track_caller]
fn page_of(pages: &[Content], text: &str) -> usize {
    let has = |content: &Content| content.lines.iter().any(|line| line.text().contains(text));
    pages.iter().position(has).unwrap_or_else(|| panic!("no page with {text}"))
}

/// An issue of one article.
fn article(rest: &str, body: &str) -> String {
    format!("{HEAD}[[articles]]\ntitle = '标题'\n{rest}body = '''\n{body}\n'''\n")
}

/// Every piece of text with the face in which it is typeset.
fn faces(frame: &Frame, found: &mut Vec<(String, String)>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => faces(&group.frame, found),
            FrameItem::Text(text) => {
                assert!(text.stroke.is_none(), "{} is thickened", text.text);
                found.push((text.text.to_string(), text.font.info().family.clone()));
            }
            _ => {}
        }
    }
}

#[track_caller]
fn is_set_in(typeset: &Typeset, text: &str, family: &str) {
    let mut found = Vec::new();
    typeset.document.pages().iter().for_each(|page| faces(&page.frame, &mut found));
    let has = found.iter().any(|(piece, face)| piece.contains(text) && face == family);
    let near: Vec<_> = found.iter().filter(|(piece, _)| piece.contains(text)).collect();
    assert!(has, "{text} is not set in {family}: {near:?}");
}

#[test]
fn nothing_demanded_is_missing_on_the_samples_and_the_gallery() {
    for session in [&*SAMPLES, &*GALLERY] {
        for issue in session.project.issues(&[]).expect("issues") {
            let typeset = session.typeset(&issue).value.expect("it is set");
            let (lines, measure) = (typeset.manuscript.fit.lines, typeset.measured);
            let demanded = |f: &&Finding| matches!(f.strength, Strength::Must | Strength::Usual);
            let found: Vec<&Finding> = measure.findings.iter().filter(demanded).collect();
            assert!(found.is_empty(), "{}: {found:?}", issue.path.display());
            for page in measure.pages.iter().filter(|page| page.full) {
                assert_eq!(page.lines, lines, "{} page {}", issue.stem, page.page);
            }
        }
    }
}

#[test]
fn titles_notes_tables_and_pictures_take_whole_lines() {
    let report = gallery("diaoyan");
    for page in ruler(&report).pages {
        assert!(page.baseline_off.mm() < 0.1, "page {}: {:?}", page.page, page.baseline_off);
    }
    // Text goes on below the table, the picture, and under the notes.
    let pages = pages(&report);
    for text in ["二、主要做法", "坚持项目带动", "市委政研室农村科"] {
        let found = line(&pages[page_of(&pages, text)], text);
        let row = (found.baseline - 37.0 * MM - 0.88 * 16.0) / PITCH;
        assert!((row - row.round()).abs() * PITCH < TENTH, "{text} is off the grid");
    }
}

#[test]
fn the_binding_edge_changes_sides_in_duplex_only() {
    let long = article("", &"春夏秋冬东西南北".repeat(200));
    for (duplex, edges) in [(true, [28.0, 26.0, 28.0]), (false, [28.0; 3])] {
        let typeset = set(&format!("{PUBLICATION}[options]\nduplex = {duplex}\n"), &long);
        let (measured, pages) = (ruler(&typeset), pages(&typeset));
        for (page, edge) in measured.pages.iter().zip(edges) {
            let left =
                lines(&pages[page.page - 1]).iter().map(|l| l.left()).fold(f64::MAX, f64::min);
            assert!((left / MM - edge).abs() < 0.1, "page {}: {} mm", page.page, left / MM);
            assert!((page.type_area_left.mm() - edge).abs() < 1e-9);
        }
        assert_eq!(measured.findings, []);
    }
}

#[test]
fn a_masthead_has_all_its_parts_in_their_places() {
    let page = &pages(&gallery("zhuankan"))[0];
    // 7.2.1–7.2.3: number, classification and urgency from the type area's top left.
    let first = line(page, "000012");
    assert!((first.baseline - (37.0 * MM + 0.88 * 16.0)).abs() < TENTH);
    for (index, mark) in ["000012", "机密★1年", "特急"].into_iter().enumerate() {
        let line = line(page, mark);
        assert!((line.left() - LEFT).abs() < TENTH, "{mark}");
        assert!((line.baseline - first.baseline - index as f64 * PITCH).abs() < TENTH, "{mark}");
    }
    assert!(line(page, "特刊").text().contains("第7期（总第131期）"));
    let issued = line(page, "某市人民政府督查室");
    assert!(issued.text().ends_with("2026年5月18日"));
    assert!((issued.left() - LEFT - CELL).abs() < TENTH, "one character in");
    let rule = page.rules.iter().find(|rule| !rule.is_black).expect("the red rule");
    // Marks above a name of two lines take two lines more than a third of the page.
    assert!((rule.length - WIDTH).abs() < TENTH && rule.y <= 99.0 * MM + 2.0 * PITCH);
    let below = rule.y - (issued.baseline + 0.12 * 16.0);
    assert!((below - 4.0 * MM).abs() < TENTH, "4 mm below the line above it: {}", below / MM);
}

#[test]
fn a_name_is_scaled_to_its_length_and_may_have_two_lines() {
    let size = |name: &str| {
        let publication = format!("name = '{name}'\nissuer = '某某办公室'\n");
        let page = &pages(&set(&publication, &article("", "正文。")))[0];
        let parts: Vec<&Line> = name.split('|').map(|part| line(page, part)).collect();
        for part in &parts {
            assert!(part.right() - part.left() <= WIDTH, "{name} is too wide");
        }
        assert!(parts.windows(2).all(|pair| pair[0].size() == pair[1].size()));
        parts[0].size()
    };
    let (short, long) = (size("工作简报"), size("某某省人民政府办公厅简报"));
    assert!(short > long && long > 16.0, "{short} {long}");
    let two = size("某某省人民政府办公厅|政务信息工作简报");
    assert!(two > long, "{two} {long}");
}

#[test]
fn supplements_labels_and_notices_stand_in_the_masthead() {
    let issue = "supplement = 2\ndate = 2026-01-05\nlabel = '专刊'\nnotice = '内部资料 注意保存'\nmeeting = '某某会议'\n[[articles]]\ntitle = '标题'\nbody = '正文。'\n";
    let project = crate::support::TempProject::new();
    project.file("issues/p/2026-s2.toml", issue);
    project.run(&["build", "issues/p/2026-s2.toml"]).exit(0);
    let page = &pages(&set(PUBLICATION, &issue.replace("supplement = 2", "number = 1")))[0];
    assert_eq!(line(page, "专刊").text(), "专刊第1期");
    assert!((line(page, "内部资料").left() - LEFT).abs() < TENTH);
    assert!(line(page, "某某会议").baseline < line(page, "工作简报").baseline);
}

fn digest() -> String {
    let long = "春夏秋冬东西南北".repeat(150);
    format!(
        "{HEAD}[[sections]]\nname = '动态'\n[[sections.articles]]\ntitle = '甲地召开会议'\nbody = '正文。'\n[[sections.articles]]\ntitle = '乙地部署工作'\nbody = '''\n{long}\n'''\n[[sections]]\nname = '交流'\n[[sections.articles]]\ntitle = '丙地推广经验'\nbody = '正文。'\n"
    )
}

const TITLES: [&str; 3] = ["甲地召开会议", "乙地部署工作", "丙地推广经验"];

#[test]
fn contents_come_in_every_variant() {
    for style in ["plain", "ruled", "boxed"] {
        for (bullets, marks) in [
            ("none", ["", "", ""]),
            ("dot", ["●"; 3]),
            ("square", ["■"; 3]),
            ("number", ["1", "2", "3"]),
        ] {
            for shown in ["none", "plain", "dotted"] {
                let options = format!(
                    "[options]\ncontents_style = '{style}'\ncontents_bullets = '{bullets}'\ncontents_pages = '{shown}'\n"
                );
                let typeset = set(&format!("{PUBLICATION}{options}"), &digest());
                assert_eq!(ruler(&typeset).findings, [], "{options}");
                let pages = pages(&typeset);
                for (title, mark) in TITLES.iter().zip(marks) {
                    let entry = line(&pages[0], title).text();
                    let is_title = |line: &Line| line.text() == *title && line.size() > 20.0;
                    let page = pages.iter().position(|page| page.lines.iter().any(is_title));
                    let page = page.expect("the article's page") + 1;
                    let (dots, entry) = (entry.matches('.').count(), entry.replace('.', ""));
                    let number = if shown == "none" { String::new() } else { page.to_string() };
                    assert_eq!(entry, format!("{mark}{title}{number}"), "{options}");
                    assert_eq!(dots > 5, shown == "dotted", "{options}");
                }
            }
        }
    }
}

#[test]
fn a_single_article_has_no_contents_whatever_is_asked() {
    let options = "[options]\ncontents_style = 'boxed'\ncontents_pages = 'dotted'\n";
    let typeset = set(&format!("{PUBLICATION}{options}"), &article("", "正文。"));
    assert!(!lines(&pages(&typeset)[0]).iter().any(|line| line.text().contains("内容提要")));
}

#[test]
fn section_headers_come_in_every_style_once_for_each_section() {
    for (style, header) in
        [("square", "[动态]"), ("lenticular", "【动态】"), ("bullet", "●动态"), ("plain", "动态")]
    {
        for align in ["left", "center"] {
            let options =
                format!("[options]\nsection_style = '{style}'\nsection_align = '{align}'\n");
            let typeset = set(&format!("{PUBLICATION}{options}"), &digest());
            let pages = pages(&typeset);
            let headers: Vec<&Line> = pages
                .iter()
                .flat_map(|page| &page.lines)
                .filter(|line| line.text() == header && line.heading().is_some())
                .collect();
            assert_eq!(headers.len(), 1, "{options}");
            let middle = (headers[0].left() + headers[0].right()) / 2.0 - LEFT - WIDTH / 2.0;
            assert_eq!(middle.abs() < CELL, align == "center", "{options} {middle}");
            is_set_in(&typeset, "动态", "Noto Sans SC");
        }
    }
}

#[test]
fn a_section_its_title_and_two_lines_never_part() {
    // Move the page end line by line: the page must end after at least two lines of the second
    // article.
    for filler in 0..24 {
        let body = "正文一行。\n".repeat(filler + 1);
        let issue = format!(
            "{HEAD}[[sections]]\nname = '动态'\n[[sections.articles]]\ntitle = '甲'\nbody = '''\n{body}'''\n[[sections]]\nname = '交流'\n[[sections.articles]]\ntitle = '乙'\nsubtitle = '副题'\nbody = '''\n一行。\n二行。\n三行。\n'''\n"
        );
        let typeset = set(PUBLICATION, &issue);
        let pages = pages(&typeset);
        let home = pages.iter().rposition(|page| page.lines.iter().any(|l| l.text() == "[交流]"));
        let home = &pages[home.expect("the section")];
        for text in ["乙", "―副题", "一行。", "二行。"] {
            assert!(home.lines.iter().any(|l| l.text() == text), "{filler}: {text} is elsewhere");
        }
        // What stays together may leave more than three lines of a page free.
        let mut found = ruler(&typeset).findings;
        found.retain(|finding| finding.rule != Code::PageHole);
        assert_eq!(found, [], "{filler}");
    }
}

#[test]
fn all_titles_of_an_issue_have_one_size_and_break_by_sense() {
    for publication in ["dongtai", "huiyi", "fengmian"] {
        let pages = pages(&gallery(publication));
        let sizes: BTreeSet<String> = pages
            .iter()
            .flat_map(|page| &page.lines)
            .filter(|line| line.heading().is_some_and(|h| h.is_title) && line.size() > 16.5)
            .map(|line| line.size().to_string())
            .collect();
        assert_eq!(sizes.into_iter().collect::<Vec<_>>(), ["22"], "{publication}");
    }
    let pages = pages(&gallery("dongtai"));
    let page = &pages[page_of(&pages, "细化作业管理要求")];
    for text in
        ["市教育局关于进一步规范", "义务教育阶段学校作业管理", "切实减轻学生过重作业负担的通知解读"]
    {
        assert_eq!(line(page, text).text(), text);
    }
    // The editor's own break goes before any other; the dash is two ems.
    assert!(line(page, "从总量控制").text().starts_with('―'));
    assert_eq!(line(page, "细化作业管理").text(), "细化作业管理要求");
}

#[test]
fn headings_leads_emphasis_and_notes_have_their_faces_without_fake_bold() {
    let report = gallery("diaoyan");
    for (text, family) in [
        ("基本情况", "Noto Sans SC"),
        ("结构持续优化", "LXGW WenKai GB Lite"),
        ("经营性收入占比提高", "Zhuque Fangsong (technical preview)"),
        ("资源型。", "Zhuque Fangsong (technical preview)"),
        ("坚持规划引领。", "Noto Sans SC"),
        ("特色种养、农产品加工、乡村旅游", "LXGW WenKai GB Lite"),
        ("今后", "Noto Sans SC"),
        ("附件", "Noto Sans SC"),
        ("经营性收入包括发包收入", "LXGW WenKai GB Lite"),
    ] {
        is_set_in(&report, text, family);
    }
    is_set_in(&gallery("dongtai"), "按语：", "Noto Sans SC");
    is_set_in(&gallery("dongtai"), "作业管理是", "LXGW WenKai GB Lite");
    is_set_in(&gallery("zhuankan"), "总体情况较好。", "LXGW WenKai GB Lite");
}

#[test]
fn a_long_table_breaks_over_pages_and_repeats_its_head() {
    let pages = pages(&gallery("diaoyan"));
    let (first, last) = (page_of(&pages, "望湖区"), page_of(&pages, "榆林县"));
    assert_eq!(last, first + 1);
    for page in [first, last] {
        assert!(line(&pages[page], "乡镇数").text().contains("达标率"));
    }
    let caption = line(&pages[first], "表1　".trim());
    assert!(caption.baseline < line(&pages[first], "望湖区").baseline);
}

#[test]
fn a_landscape_table_has_its_head_at_the_left_of_every_page() {
    let report = gallery("diaoyan");
    let (pages, measured) = (pages(&report), ruler(&report));
    let turned: Vec<usize> = (0..pages.len()).filter(|&at| !pages[at].turned.is_empty()).collect();
    assert!(turned.len() >= 2, "odd and even pages");
    for at in turned {
        let left = |c: char| {
            let marks = pages[at].turned.iter().filter(|mark| mark.c == c);
            marks.map(|mark| mark.left).fold(f64::MAX, f64::min)
        };
        assert!(left('序') < left('策'), "the head goes before the rows");
        assert!(left('表') < left('序'), "the caption goes before the head");
        // The text runs from the foot of the page to its head.
        let top = |c: char| pages[at].turned.iter().find(|mark| mark.c == c).expect("there").top;
        assert!(top('序') > top('牵'));
        // The page number keeps its place: the measurement reports nothing.
        assert_eq!(measured.pages[at].page_number, Some(format!("—{}—", at + 1)));
    }
    assert_eq!(measured.findings, []);
}

#[test]
fn a_picture_has_its_caption_below_and_words_for_those_who_cannot_see() {
    let report = gallery("diaoyan");
    let pages = pages(&report);
    let home = page_of(&pages, "集体经济项目数");
    let caption = line(&pages[home], "集体经济项目数");
    assert!(
        pages[home].pictures.iter().any(|picture| picture.y < caption.baseline),
        "above its caption"
    );
    assert!(report.manuscript.data.to_string().contains("柱状图：项目数由"));
}

#[test]
fn notes_stand_under_the_text_and_their_marks_lean_on_it() {
    let report = pages(&gallery("diaoyan"));
    let marked = line(&report[page_of(&report, "6512份")], "6512份");
    assert!(marked.text().contains("6512份[1]，"), "{}", marked.text());
    let note = line(&report[page_of(&report, "注：")], "注：");
    assert!(note.text().starts_with("注：[1]有效回收率"), "{}", note.text());
    // No punctuation mark begins a line, for any place of the line end.
    for before in 0..30 {
        let body = format!("{}甲乙^[丙]；丁戊己庚辛。", "春".repeat(before + 10));
        for line in lines(&pages(&set(PUBLICATION, &article("", &body)))[0]) {
            let text = line.text();
            assert!(!text.starts_with('[') && !text.starts_with('；'), "{before}: {text}");
        }
    }
}

#[test]
fn attachments_begin_pages_of_their_own() {
    let pages = pages(&gallery("diaoyan"));
    let list = line(&pages[page_of(&pages, "附件：")], "附件：");
    assert!((list.left() - LEFT - 2.0 * CELL).abs() < 2.0 * MM + TENTH, "two characters in");
    assert!(list.text().contains("1.扶持发展新型农村集体经济"));
    let begins = |page: &Content| page.lines.first().is_some_and(|l| l.text() == "附件1");
    let first = pages.iter().find(|page| begins(page)).expect("attachment 1 begins a page");
    let row = |line: &Line| (line.baseline - 37.0 * MM - 0.88 * 16.0) / PITCH;
    assert!(row(line(first, "附件1")).abs() < 0.01);
    // Its title is centred in lines of its own that begin with the third.
    let title = line(first, "扶持发展");
    assert!(row(title) > 1.5 && row(title) < 3.5, "{}", row(title));
    assert_eq!(
        pages
            .iter()
            .filter(|p| !p.lines.is_empty() && p.lines[0].text().starts_with("附件"))
            .count(),
        2
    );
}

#[test]
fn a_source_goes_up_to_the_last_line_where_it_fits() {
    for length in 0..28 {
        let body = "春".repeat(length + 30);
        let typeset = set(PUBLICATION, &article("source = '甲乙办公室'\n", &body));
        let page = &pages(&typeset)[0];
        let source = line(page, "（甲乙办公室）");
        assert!((source.right() - LEFT - WIDTH).abs() < 0.5, "{length}: right aligned");
        // The text has an indent of 2 cells; the source takes 7 cells and one before it.
        let on_last = (length + 31) % 28 + 1;
        if on_last < 28 {
            assert_eq!(source.text().contains('春'), on_last + 8 <= 28, "{length}");
        }
        assert_eq!(ruler(&typeset).findings, [], "{length}");
    }
}

#[test]
fn a_source_never_stands_alone_at_the_head_of_a_page() {
    let mut turned = 0;
    for before in 8..24 {
        // The last line has no room: the source hangs one line lower.
        let body = "短。\n".repeat(before) + &"春".repeat(50) + "秋";
        let typeset = set(PUBLICATION, &article("source = '甲乙办公室'\n", &body));
        let pages = pages(&typeset);
        let page = page_of(&pages, "（甲乙办公室）");
        assert_eq!(page_of(&pages, "秋"), page, "{before}");
        let (last, source) = (line(&pages[page], "秋"), line(&pages[page], "（甲乙办公室）"));
        let lower = source.baseline - last.baseline;
        assert!((lower - PITCH).abs() < 0.01, "{before}: {lower}");
        turned += usize::from(page_of(&pages, "春") < page);
        assert_eq!(ruler(&typeset).findings, [], "{before}");
    }
    assert!(turned > 0, "in some the page turns within the paragraph");
}

#[test]
fn sources_come_in_every_form() {
    for (keys, printed) in [
        ("source = '青岛市妇联'\n", "（青岛市妇联）"),
        ("source = '青岛市妇联　临沂市妇联'\n", "（青岛市妇联　临沂市妇联）"),
        ("contributor = '青岛市妇联'\n", "（青岛市妇联供稿）"),
        ("authors = ['张某某', '李某某']\n", "（撰稿人：张某某　李某某）"),
        ("contributor = '组联部'\nauthors = ['张某某']\n", "（组联部供稿，撰稿人：张某某）"),
    ] {
        let page = &pages(&set(PUBLICATION, &article(keys, "正文。")))[0];
        let printed: String = printed.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(line(page, &printed).text().ends_with(&printed), "{printed}");
    }
    // A source that is longer than half a line has lines of its own.
    let long = "某某市某某区某某街道办事处某某社区居民委员会某某工作站某某办公室某某组";
    let page = &pages(&set(PUBLICATION, &article(&format!("source = '{long}'\n"), "正文。")))[0];
    assert_eq!(line(page, "正文").text(), "正文。");
    assert!((line(page, "某组）").right() - LEFT - WIDTH).abs() < 8.5);
}

#[test]
fn the_imprint_names_everybody_between_its_rules() {
    let publication = format!(
        "{PUBLICATION}[imprint]\nreport_to = ['省委书记张某某，省长李某某', '省委各常委']\nsend_to = ['省直各单位']\ndistribute_to = ['各市']\nalso_to = ['某某协会']\neditor = '王某某'\nreviewer = '赵某某'\napproved_by = '钱某某'\nphone = '0000-1234567'\nprint_run = 300\n"
    );
    let typeset = set(&publication, &article("", "正文。"));
    let page = &pages(&typeset)[0];
    for text in [
        "报：省委书记张某某，省长李某某，省委各常委",
        "送：省直各单位",
        "发：各市",
        "本期增发：某某协会",
    ] {
        assert_eq!(line(page, text).text(), text);
    }
    let last = line(page, "责任编辑").text();
    for text in ["责任编辑：王某某", "审核：赵某某", "签发：钱某某", "共印300份"]
    {
        assert!(last.contains(text), "{last}");
    }
    let rules: Vec<f64> = page.rules.iter().filter(|r| r.is_black).map(|r| r.weight / MM).collect();
    let expected = [0.35, 0.25, 0.35];
    assert_eq!(rules.len(), 3);
    assert!(rules.iter().zip(expected).all(|(weight, mm)| (weight - mm).abs() < 1e-6), "{rules:?}");
    assert_eq!(ruler(&typeset).findings, []);
}

#[test]
fn an_imprint_on_an_even_page_may_follow_a_blank_one_without_numbers() {
    let publication = format!(
        "copy_fit = false\n{PUBLICATION}[options]\nimprint_on_even_page = true\n[imprint]\nreport_to = ['某某']\n"
    );
    let mut kinds = BTreeSet::new();
    for rows in 0..40 {
        let body = "正文一行。\n".repeat(rows + 1);
        let typeset = set(&publication, &article("", &body));
        let (pages, measured) = (pages(&typeset), ruler(&typeset));
        let demanded = |f: &&Finding| matches!(f.strength, Strength::Must | Strength::Usual);
        assert_eq!(measured.findings.iter().filter(demanded).count(), 0, "{rows}");
        assert_eq!(pages.len() % 2, 0, "{rows}");
        let is_blank = |page: &Content| lines(page).is_empty();
        let blank = is_blank(&pages[pages.len() - 2]);
        assert_eq!(
            pages.iter().filter(|page| is_blank(page)).count(),
            usize::from(blank),
            "{rows}"
        );
        let numbers = measured.pages.iter().filter(|p| p.page_number.is_some()).count();
        let without = if blank { 2 } else { 0 };
        assert_eq!(numbers, pages.len() - without, "{rows}: neither has a number");
        kinds.insert((blank, pages.len()));
    }
    // The imprint stands under text, alone after an odd page, and after a blank page.
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), [(false, 2), (false, 4), (true, 4)]);
}

#[test]
fn a_list_of_many_short_items_breaks_over_pages() {
    for layout in ["official", "columns", "cover"] {
        let publication = format!("{PUBLICATION}layout = '{layout}'\n");
        for count in [28, 80, 200] {
            let issue = ISSUE.replace("正文一段。", &"- 甲\n".repeat(count));
            let pdf = set(&publication, &issue).pdf().value.expect("a PDF");
            assert_eq!(pdf_text(&pdf.bytes).matches('甲').count(), count, "{layout}");
        }
    }
    // Under a title stand two lines at least, wherever the page turns.
    for before in 1..8 {
        let list = "- 甲\n".repeat(15);
        let issue = ISSUE.replace("正文一段。\n", &"正文一段。\n".repeat(before))
            + &format!("\n[[articles]]\ntitle = \"题目\"\nbody = '''\n{list}'''\n");
        let found = ruler(&set(PUBLICATION, &issue)).findings;
        assert!(found.is_empty(), "{before}: {found:?}");
    }
}

#[test]
fn short_news_stands_in_two_columns_of_thirteen_characters() {
    let publication = format!("{PUBLICATION}layout = 'columns'\n[imprint]\nreport_to = ['某某']\n");
    let typeset = set(&publication, &article("", &"春夏秋冬东西南北".repeat(120)));
    let measured = ruler(&typeset);
    assert_eq!(measured.findings, []);
    assert!(measured.pages.len() > 1);
    let full: Vec<_> = measured.pages.iter().filter(|page| page.characters.is_some()).collect();
    assert!(full.len() > 1 && full.iter().all(|page| page.characters == Some(13)), "{full:?}");
}

#[test]
fn a_cover_carries_no_number_and_the_text_begins_with_one() {
    for (duplex, first) in [(true, 2), (false, 1)] {
        let publication = format!(
            "{PUBLICATION}layout = 'cover'\n[options]\nduplex = {duplex}\ncontents_pages = 'plain'\n"
        );
        let typeset = set(&publication, &digest());
        let measured = ruler(&typeset);
        assert_eq!(measured.findings, [], "{duplex}");
        let numbers: Vec<Option<String>> =
            measured.pages.into_iter().map(|page| page.page_number).collect();
        assert!(numbers[..first].iter().all(Option::is_none), "{numbers:?}");
        assert_eq!(numbers[first].as_deref(), Some("—1—"));
        let pages = pages(&typeset);
        assert_eq!(page_of(&pages, "正文。"), first, "no text on the cover");
        assert_eq!(line(&pages[0], TITLES[0]).text(), "甲地召开会议1");
    }
}

#[test]
fn a_bulletin_of_a_meeting_has_the_meeting_above_its_name() {
    let page = &pages(&gallery("huiyi"))[0];
    let meeting = line(page, "某市第十六届人民代表大会第五次会议");
    assert!(meeting.baseline < line(page, "会议简报").baseline && meeting.size() > 16.0);
}

#[test]
fn what_belongs_together_stays_on_one_line() {
    let whole = ["1855", "3136.86", "50.27%", "35－64", "提·艾", "第16", "―", "……", "8"];
    for before in 0..28 {
        let mut body = "春".repeat(before);
        for piece in whole {
            body.push_str(&format!("夏秋{piece}个冬"));
        }
        let typeset = set(PUBLICATION, &article("", &format!("{body}东西南北")));
        let page = &pages(&typeset)[0];
        for piece in whole {
            line(page, piece);
        }
        let mut found = ruler(&typeset).findings;
        found.retain(|finding| finding.rule != Code::LineSpread);
        assert_eq!(found, [], "{before}");
    }
}

#[test]
fn marks_stand_at_the_right_end_of_lines() {
    // Every mark comes to stand once at every place of a line.
    for before in 0..28 {
        let body = format!(
            "{}夏“秋冬”东、（西南）北。春《夏秋》：冬；东！西？南【北】春‘夏’秋――冬……东3个；西50%：南――北春夏秋冬东西南北",
            "春".repeat(before)
        );
        let typeset = set(PUBLICATION, &article("", &body));
        assert_eq!(ruler(&typeset).findings, [], "{before}");
        for line in lines(&pages(&typeset)[0]) {
            let first = line.text().chars().next().expect("a line has glyphs");
            let last = line.text().chars().last().expect("a line has glyphs");
            assert!(!"，。、；：？！”’）》】".contains(first), "{before}: {}", line.text());
            assert!(!"“‘（《【".contains(last), "{before}: {}", line.text());
            // A dash ends within the type area; only half of a mark's blank cell may not.
            let over = line.right() - LEFT - WIDTH;
            assert!(over < if "―…".contains(last) { TENTH } else { 8.1 }, "{before}: {over}");
        }
    }
}

#[test]
fn no_character_is_left_alone_on_a_last_line() {
    for length in 20..90 {
        let typeset = set(PUBLICATION, &article("", &format!("{}。", "春".repeat(length))));
        let page = &pages(&typeset)[0];
        let last = lines(page).last().expect("a line").text();
        assert!(last.chars().count() > 2, "{length}: {last}");
    }
}
