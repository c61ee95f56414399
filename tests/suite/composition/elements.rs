//! The elements of a page: their distances, and their sizes beside each other.

use jianbao::page::lines::{Content, Line, Rule, read};
use jianbao::page::measure::measure;
use jianbao::pipeline::Typeset;
use jianbao::publication::length::MM;

use crate::support::set;

const PUBLICATION: &str = "name = '工作简报'\nissuer = '某某办公室'\n";
const TOP: f64 = 37.0 * MM;
const BOTTOM: f64 = 262.0 * MM;
const LEFT: f64 = 28.0 * MM;
const WIDTH: f64 = 156.0 * MM;
const CELL: f64 = WIDTH / 28.0;
const PITCH: f64 = (225.0 * MM - 16.0) / 21.0;

fn pages(typeset: &Typeset) -> Vec<Content> {
    typeset.document.pages().iter().map(read).collect()
}

/// The pages of an issue that breaks no rule of the ruler.
#[track_caller]
fn sound(publication: &str, issue: &str) -> Vec<Content> {
    let typeset = set(publication, issue);
    assert_eq!(measure(&typeset.document, typeset.manuscript.geometry).findings, []);
    pages(&typeset)
}

#[track_caller]
fn line<'a>(page: &'a Content, text: &str) -> &'a Line {
    let found = page.lines.iter().find(|line| line.text().contains(text));
    let all: Vec<String> = page.lines.iter().map(Line::text).collect();
    found.unwrap_or_else(|| panic!("no line with {text}: {all:?}"))
}

fn top(line: &Line) -> f64 {
    line.baseline - 0.88 * line.size()
}

fn bottom(line: &Line) -> f64 {
    line.baseline + 0.12 * line.size()
}

#[track_caller]
fn red(page: &Content) -> &Rule {
    page.rules.iter().find(|rule| !rule.is_black).expect("a red rule")
}

fn issue(head: &str, articles: &str) -> String {
    format!("number = 1\ndate = 2026-02-27\n{head}\n{articles}")
}

fn article(rest: &str) -> String {
    format!("[[articles]]\ntitle = '全市工作会议召开'\n{rest}\nbody = '正文一段。'\n")
}

fn articles(titles: &[&str]) -> String {
    titles.iter().map(|t| format!("[[articles]]\ntitle = '{t}'\nbody = '正文一段。'\n")).collect()
}

const NOTE: &str = "editors_note = '现将有关情况刊发，供各地学习借鉴，请结合实际认真研究落实，工作中的经验做法请及时报送。'";
const TWO: [&str; 2] = ["全市工作会议召开", "各地部署春季防火"];

#[test]
fn a_note_keeps_an_empty_line_before_and_behind() {
    // Under the red rule, and before a title.
    let page = &sound(PUBLICATION, &issue(NOTE, &article("")))[0];
    let (first, last) = (line(page, "编者按"), line(page, "及时报送"));
    assert!(top(first) - red(page).y > PITCH, "{}", top(first) - red(page).y);
    assert!(top(line(page, "全市工作会议召开")) - bottom(last) > PITCH);
    // Under the contents, in every style.
    for style in ["plain", "ruled", "boxed"] {
        let publication = format!("{PUBLICATION}[options]\ncontents_style = '{style}'\n");
        let page = &sound(&publication, &issue(NOTE, &articles(&TWO)))[0];
        let note = top(line(page, "编者按"));
        assert!(note - bottom(line(page, TWO[1])) > PITCH, "{style}");
    }
    // Under a title and a subtitle, and before the text.
    for rest in ["", "subtitle = '会议侧记'\n"] {
        let page = &sound(PUBLICATION, &issue("", &article(&format!("{rest}{NOTE}"))))[0];
        let above = line(page, if rest.is_empty() { "全市工作" } else { "会议侧记" });
        assert!(top(line(page, "编者按")) - bottom(above) > PITCH, "{rest}");
        assert!(top(line(page, "正文一段")) - bottom(line(page, "及时报送")) > PITCH, "{rest}");
    }
}

#[test]
fn contents_have_the_same_distance_to_the_rules_above_and_below() {
    let publication = format!("{PUBLICATION}[options]\ncontents_style = 'ruled'\n");
    let page = &sound(&publication, &issue("", &articles(&TWO)))[0];
    let rule = page.rules.iter().find(|rule| rule.is_black).expect("the closing rule");
    let above = top(line(page, "内容提要")) - red(page).y;
    let below = rule.y - bottom(line(page, TWO[1]));
    assert!((above - below).abs() < 1.5, "{above} above, {below} below");
    let title = page.lines.iter().find(|line| line.size() > 20.0 && line.text() == TWO[0]);
    assert!(top(title.expect("the title")) - rule.y > PITCH, "the rule keeps off the title");
}

#[test]
fn a_long_list_of_contents_leaves_text_on_its_page() {
    let titles: Vec<String> =
        (1..=10).map(|n| format!("各地部署春季防火工作{}", "市".repeat(n))).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    for style in ["plain", "ruled", "boxed"] {
        let publication = format!(
            "{PUBLICATION}[options]\ncontents_style = '{style}'\ncontents_pages = 'dotted'\n"
        );
        let page = &sound(&publication, &issue("", &articles(&titles)))[0];
        let entry = line(page, titles[9]);
        assert_eq!(entry.size(), 14.0, "{style}");
        let above = line(page, titles[8]).baseline;
        assert!((20.0..=22.0).contains(&(entry.baseline - above)), "{style}");
        line(page, "正文一段");
    }
}

#[test]
fn no_entry_of_the_contents_leaves_a_scrap_or_is_torn() {
    let text = |length: usize| "春夏秋冬东西南北".chars().cycle().take(length).collect::<String>();
    for pages_shown in ["none", "dotted"] {
        for length in 20..34 {
            let entry = text(length);
            let publication = format!("{PUBLICATION}[options]\ncontents_pages = '{pages_shown}'\n");
            let issue = issue("", &articles(&[&entry, "另一篇"]));
            let page = &set(&publication, &issue).document.pages()[0].clone();
            let page = read(page);
            let head = line(&page, "内容提要").baseline;
            let end = line(&page, "另一篇").baseline;
            let mut within = page.lines.iter().filter(|l| l.baseline > head && l.baseline < end);
            let last = within.next_back().expect("an entry").text();
            let letters = last.chars().filter(|c| text(8).contains(*c)).count();
            assert!(letters >= 3, "{length}: {last}");
        }
    }
}

#[test]
fn a_name_is_no_smaller_than_it_should_be_beside_the_line_above_it() {
    for (name, above, notice) in [
        ("江州社科|内参", "江州市社会科学院　江州市社会科学界联合会", "内部资料 免费交流"),
        ("江州社科|内参", "", "内部资料"),
        ("优化营商环境工作专班简报", "江州市优化营商环境工作领导小组", "内部资料"),
        ("工作简报", "江州市总工会", ""),
        ("江州市新型城镇化与城乡融合发展工作领导小组简报", "", ""),
    ] {
        let organization =
            if above.is_empty() { String::new() } else { format!("organization = '{above}'\n") };
        let notice =
            if notice.is_empty() { String::new() } else { format!("notice = '{notice}'\n") };
        let publication = format!("name = '{name}'\nissuer = '某某办公室'\n{organization}{notice}");
        let page = &sound(&publication, &issue("", &article("")))[0];
        let rule = red(page).y;
        let lines = page.lines.iter().filter(|line| line.baseline < rule);
        let size = lines.map(Line::size).fold(0.0, f64::max);
        assert!(size >= 30.0, "{name}: {size}");
        if !above.is_empty() {
            let own = line(page, &above[..12]).size();
            assert!(size >= 1.6 * own - 0.01 && own >= 16.0, "{name}: {size} under {own}");
        }
        // Nothing in the masthead is closer than a quarter of the smaller type.
        let all: Vec<&Line> = page.lines.iter().filter(|line| line.baseline < rule).collect();
        for pair in all.windows(2).filter(|pair| pair[1].baseline - pair[0].baseline > 8.0) {
            assert!(top(pair[1]) - bottom(pair[0]) > 0.0, "{name}: {}", pair[1].text());
        }
    }
}

#[test]
fn a_notice_stands_beside_a_short_line_above_the_name() {
    let publication = format!("{PUBLICATION}organization = '江州市总工会'\nnotice = '内部资料'\n");
    let page = &sound(&publication, &issue("", &article("")))[0];
    let (notice, above) = (line(page, "内部资料"), line(page, "江州市总工会"));
    assert!((notice.baseline - above.baseline).abs() < 6.0);
    assert!(line(page, "工作简报").size() > 60.0);
}

#[test]
fn a_name_of_two_characters_has_presence() {
    let page = &sound("name = '动态'\nissuer = '某某办公室'\n", &issue("", &article("")))[0];
    let name = line(page, "动态");
    assert!((72.0..=80.0).contains(&name.size()), "{}", name.size());
    let gap = (name.marks[1].x - name.marks[0].x) / name.size() - 1.0;
    assert!((1.0..=1.5).contains(&gap), "{gap} em apart");
    let middle = (name.left() + name.right()) / 2.0;
    assert!((middle - LEFT - WIDTH / 2.0).abs() < 1.0, "centred");
}

#[test]
fn organs_that_issue_together_stand_on_lines_of_one_length() {
    for issuer in [
        "中共江州市委农村工作领导小组办公室　江州市农业农村局",
        "中共江州市委农村工作领导小组办公室|江州市农业农村局",
        "江州市总工会|江州市妇女联合会",
    ] {
        let publication = format!("name = '会议简报'\nissuer = '{issuer}'\n");
        let page =
            &sound(&publication, &issue("meeting = '全市推进乡村全面振兴现场会'", &article("")))[0];
        let organs: Vec<&str> = issuer.split(['|', '　']).collect();
        let (one, two) = (line(page, organs[0]), line(page, organs[1]));
        assert!(one.size() >= 14.0 && two.size() >= 14.0, "{issuer}");
        assert!(
            (one.left() - two.left()).abs() < 0.1 && (one.right() - two.right()).abs() < 1.0,
            "{issuer}"
        );
        let date = line(page, "2026年");
        assert!((2.0 * date.baseline - one.baseline - two.baseline).abs() < 1.0, "{issuer}");
        assert!(line(page, "会议简报").size() >= 36.0);
    }
    let long = "name = '会议简报'\nissuer = '中共江州市委推进新型城镇化与城乡融合发展工作领导小组办公室'\n";
    let page = &sound(long, &issue("", &article("")))[0];
    assert!(line(page, "中共江州市委").size() >= 14.0);
    assert!(line(page, "办公室").size() >= 14.0);
}

#[test]
fn a_cover_has_its_name_above_and_its_issuer_at_the_foot() {
    let publication = format!("{PUBLICATION}layout = 'cover'\n");
    let page = &sound(&publication, &issue("label = '专刊'", &articles(&TWO)))[0];
    let name = line(page, "工作简报");
    assert!(name.size() > 62.0 && name.baseline < 297.0 * MM / 3.0);
    let (first, last) = (line(page, "内容提要").baseline, line(page, TWO[1]).baseline);
    let middle = f64::midpoint(first, last);
    assert!((0.42..0.6).contains(&(middle / (297.0 * MM))), "{}", middle / MM);
    let (issuer, date) = (line(page, "某某办公室"), line(page, "2026年2月27日"));
    assert!((bottom(date) - BOTTOM).abs() < 1.0 && issuer.baseline > BOTTOM - 2.5 * PITCH);
    // Organs that issue together stand on the grid there.
    let together = publication.replace("某某办公室", "中共江州市委办公室|江州市农业农村局");
    let page = &sound(&together, &issue("", &articles(&TWO)))[0];
    let (first, second) = (line(page, "中共江州市委"), line(page, "江州市农业"));
    assert!((second.baseline - first.baseline - PITCH).abs() < 0.1);
}

#[test]
fn bullets_stand_in_the_middle_of_the_line_and_off_what_follows() {
    let body =
        "[[articles]]\ntitle = '标题'\nbody = '''\n正文一段。\n- 3月2日召开会议。\n- 甲乙。\n'''\n";
    let page = &sound(PUBLICATION, &issue("", body))[0];
    let (text, item) = (line(page, "正文一段"), line(page, "3月2日"));
    let (bullet, digit) = (&item.marks[0], &item.marks[1]);
    assert_eq!(bullet.c, '●');
    assert!(bullet.size < 0.75 * 16.0, "{}", bullet.size);
    assert!((digit.x - LEFT - 3.0 * CELL).abs() < 0.1, "the text stays on the grid");
    assert!(
        digit.x - bullet.x - bullet.size > 0.3 * 16.0,
        "{} {}",
        digit.x - bullet.x,
        bullet.size
    );
    // The lines keep their distance.
    assert!((line(page, "甲乙").baseline - text.baseline - 2.0 * PITCH).abs() < 0.1);
}

#[test]
fn the_source_ends_the_text_and_notes_stand_small_under_a_rule() {
    let body = "source = '市委政研室'\nbody = '正文一段^[数据来源于专项调查。]。'\n[[articles.attachments]]\ntitle = '名单'\nbody = '张某某。'\n";
    let page = &sound(PUBLICATION, &issue("", &format!("[[articles]]\ntitle = '标题'\n{body}")))[0];
    let source = line(page, "市委政研室");
    assert!(source.text().contains("正文一段"), "on the last line of the text");
    let note = line(page, "专项调查");
    assert_eq!(note.marks.last().expect("a glyph").size, 12.0);
    assert!(note.baseline > line(page, "附件：").baseline && note.baseline > source.baseline);
    let rule = page.rules.iter().find(|rule| rule.is_black && rule.length < WIDTH / 2.0);
    let rule = rule.expect("a short rule");
    assert!(rule.y > line(page, "附件：").baseline + PITCH && top(note) - rule.y > 6.0);
}

#[test]
fn a_subtitle_of_two_lines_stands_behind_its_dash() {
    let rest = "subtitle = '江州高新技术产业开发区|深化行政审批制度改革的实践'";
    let page = &sound(PUBLICATION, &issue("", &article(rest)))[0];
    let (one, two) = (line(page, "江州高新"), line(page, "深化行政"));
    let behind = one.marks.iter().find(|mark| mark.c == '江').expect("the text").x;
    assert!((two.left() - behind).abs() < 0.5, "{} {behind}", two.left());
}

#[test]
fn columns_have_a_rule_between_and_room_under_the_contents() {
    let publication =
        format!("{PUBLICATION}layout = 'columns'\n[options]\nsection_style = 'bullet'\n");
    let news = |title: &str| {
        format!(
            "[[sections.articles]]\ntitle = '{title}'\nsource = '石门县农业农村局宅基地管理科'\nbody = '{}'\n",
            "正文一段。".repeat(40)
        )
    };
    let body =
        format!("[[sections]]\nname = '要闻'\n{}{}", news("甲地召开会议"), news("乙地部署工作"));
    let typeset = set(&publication, &issue(NOTE, &body));
    let page = &pages(&typeset)[0];
    let note: Vec<&Line> =
        page.lines.iter().filter(|l| l.baseline >= line(page, "编者按").baseline).collect();
    assert!(note[0].right() > LEFT + 0.8 * WIDTH, "the note reaches across");
    assert!(top(line(page, "编者按")) - bottom(line(page, "乙地部署")) > PITCH);
    let header = page.lines.iter().rfind(|line| line.text().contains("要闻")).expect("a header");
    assert!(top(header) - bottom(line(page, "及时报送")) > PITCH);
    // A source has no last line of two characters.
    for page in pages(&typeset) {
        for line in page.lines.iter().filter(|line| line.text().ends_with('）')) {
            assert!(line.marks.len() > 3, "{}", line.text());
        }
    }
    assert!(page.lines[0].baseline > TOP);
}

#[test]
fn the_imprint_sets_people_with_the_print_run_and_contacts_below() {
    let people = "[imprint]\nreport_to = ['某某']\neditor = '李文博'\nreviewer = '欧阳振华'\napproved_by = '司马文'\nphone = '0798-8312345'\nemail = 'yshj@jiangzhou.example.org'\nprint_run = 350\n";
    let page = &sound(&format!("{PUBLICATION}{people}"), &issue("", &article("")))[0];
    let first = line(page, "责任编辑").text();
    assert!(first.contains("司马文") && first.ends_with("共印350份"), "{first}");
    let second = line(page, "电话");
    assert!(second.text().contains("邮箱：yshj@"), "{}", second.text());
    let at = second.marks.iter().find(|mark| mark.c == '@').expect("an address");
    assert_eq!(at.size, 13.0);
}
