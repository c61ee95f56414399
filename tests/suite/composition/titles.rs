//! Titles → lines broken by sense, on real headlines and on laid-out pages.

#[path = "../../titles/marks.rs"]
mod marks;

use jianbao::diag::Diagnostic;
use jianbao::page::lines::read;
use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::Project;
use jianbao::typeset::title::Breaker;

use marks::headline;

use crate::support::{TempProject, set};

const HEADLINES: &str = include_str!("../../titles/headlines.txt");
const MORE: &str = include_str!("../../titles/more.txt");

fn ems(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 0.5 } else { 1.0 }).sum()
}

/// The places where lines of a text begin, before and after the blanks that were there.
fn breaks(text: &str, lines: &[String]) -> Vec<[usize; 2]> {
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    let mut breaks = Vec::new();
    for line in lines {
        let end = at;
        at += chars[at..].iter().take_while(|c| c.is_whitespace()).count();
        breaks.push([end, at]);
        at += line.chars().count();
    }
    breaks.remove(0);
    breaks
}

/// How many of the headlines break as an editor would, and how many have a fault, in percent.
fn judged<'a>(lines: impl Iterator<Item = &'a str>) -> (usize, f64, f64) {
    let (mut count, mut good, mut faults) = (0, 0, 0);
    for line in lines {
        let headline = headline(line);
        let lines = Breaker::new(std::iter::empty()).lines(&headline.text, Some(20.0), &ems);
        assert_eq!(lines.concat().replace(' ', ""), headline.text.replace(' ', ""));
        let breaks = breaks(&headline.text, &lines);
        let is_good = |places: &[usize; 2]| places.iter().any(|at| headline.good.contains_key(at));
        count += 1;
        good += usize::from(breaks.iter().all(is_good));
        let is_fault =
            |places: &[usize; 2]| !is_good(places) && headline.faults.contains(&places[1]);
        faults += usize::from(breaks.iter().any(is_fault));
    }
    let share = |part: usize| 100.0 * part as f64 / count as f64;
    (count, share(good), share(faults))
}

#[test]
fn headlines_break_as_an_editor_would() {
    let sets = [
        ("seen", HEADLINES, 2, 0..1, 93.0, 1.5),
        ("unseen", HEADLINES, 2, 1..2, 88.0, 3.5),
        ("more, seen", MORE, 3, 0..2, 91.0, 1.5),
        ("more, unseen", MORE, 3, 2..3, 82.0, 6.0),
    ];
    for (name, file, parts, taken, least, most) in sets {
        let lines = file.lines().enumerate().filter(|(at, _)| taken.contains(&(at % parts)));
        let (count, good, faults) = judged(lines.map(|(_, line)| line));
        println!("{name}: {count} headlines, {good:.1} % as an editor would, {faults:.1} % faults");
        assert!(good >= least && faults <= most, "{name}: {good:.1} %, {faults:.1} %");
    }
}

fn lines(text: &str) -> Vec<String> {
    Breaker::new(std::iter::empty()).lines(text, Some(20.0), &ems)
}

#[test]
fn sense_goes_before_shape() {
    for expected in [
        "市人大常委会执法检查组关于检查|《中华人民共和国土壤污染防治法》|实施情况的报告",
        "关于我市部分企业|反映用工成本上升较快问题的调研与建议",
        "关于印发|《江州市“1+8”城市圈发展规划》的通知",
        "中国代表团访问车里雅宾斯克市|并出席论坛",
    ] {
        assert_eq!(lines(&expected.replace('|', "")).join("|"), expected);
    }
}

#[test]
fn a_line_of_the_editor_s_own_that_is_too_wide_breaks_by_sense_too() {
    let own = "市委常委、组织部部长、市委党校校长欧阳建国|赴红旗渠干部学院调研";
    let lines = lines(own);
    assert_eq!(lines.concat(), own.replace('|', ""));
    assert!(lines.contains(&"赴红旗渠干部学院调研".to_string()), "{lines:?}");
    assert!(lines.iter().all(|line| ems(line) <= 20.0 && line != "国"), "{lines:?}");
}

#[test]
fn a_title_from_edge_to_edge_has_two_lines() {
    assert_eq!(lines("全市农业农村工作会议召开").len(), 1);
    assert_eq!(lines("在全市农业农村工作会议暨乡村振兴推进会上的讲话").len(), 2);
    assert_eq!(lines("在全市农业农村工作会议结束时的讲话提纲").len(), 2);
}

const PUBLICATION: &str = "name = '工作简报'\nissuer = '某某办公室'\n";

fn issue(titles: &[&str]) -> String {
    let articles =
        titles.iter().map(|title| format!("[[articles]]\ntitle = '{title}'\nbody = '正文。'\n"));
    format!("number = 1\ndate = 2026-01-05\n{}", articles.collect::<String>())
}

/// The lines of the first page, as they are set.
fn first_page(publication: &str, titles: &[&str]) -> Vec<String> {
    let typeset = set(publication, &issue(titles));
    read(&typeset.document.pages()[0]).lines.iter().map(|line| line.text()).collect()
}

#[test]
fn the_page_has_the_lines_of_the_title() {
    let title = "市人大常委会执法检查组关于检查《中华人民共和国土壤污染防治法》实施情况的报告";
    let page = first_page(PUBLICATION, &[title]);
    assert!(page.contains(&"《中华人民共和国土壤污染防治法》".to_string()), "{page:?}");
}

#[test]
fn a_long_name_of_a_bulletin_has_two_lines() {
    let name = "江州市新型城镇化与城乡融合发展工作领导小组简报";
    let page = first_page(&PUBLICATION.replace("工作简报", name), &["标题"]);
    assert!(!page.contains(&name.to_string()), "{page:?}");
    let breaker = Breaker::new(std::iter::empty());
    assert_eq!(
        breaker.name("江州市委全面深化改革委员会工作简报", Some(13.0)),
        ["江州市委全面深化改革委员会", "工作简报"]
    );
    assert_eq!(breaker.name("妇工简报", Some(13.0)), ["妇工简报"]);
    assert_eq!(breaker.name("江州社科|内参", Some(13.0)), ["江州社科", "内参"]);
}

#[test]
fn clauses_in_the_contents_are_parted() {
    let breaker = Breaker::new(std::iter::empty());
    for (title, entry) in [
        ("做强富民产业|奋力打造乡村振兴样板", "做强富民产业　奋力打造乡村振兴样板"),
        ("关于印发|重点工作安排的通知", "关于印发重点工作安排的通知"),
        ("市妇联召开|维权工作例会", "市妇联召开维权工作例会"),
        ("全市教育工作会议|暨表彰大会召开", "全市教育工作会议暨表彰大会召开"),
    ] {
        assert_eq!(breaker.entry(title), entry);
    }
    let typeset = set(PUBLICATION, &issue(&["做强富民产业|奋力打造乡村振兴样板", "标题"]));
    let contents = typeset.manuscript.data["contents"].to_string();
    assert!(contents.contains("做强富民产业　奋力打造"), "{contents}");
}

fn found(title: &str) -> Vec<Diagnostic> {
    let project = TempProject::new();
    project
        .file("issues/p/publication.toml", PUBLICATION)
        .file("issues/p/2026-1.toml", issue(&[title]));
    let session = Project::find(project.folder.path()).expect("a project");
    let session = Session::open(session, &FontPaths::default()).expect("a session");
    let issues = session.project.issues(&[]).expect("the issues");
    let mut found = session.typeset(&issues[0]).diagnostics;
    found.retain(|diagnostic| diagnostic.code.id() == "title-cut");
    found
}

#[test]
fn a_title_that_is_cut_is_found_at_its_place() {
    for cut in [
        "关于学习《中华人民|共和国宪法》的通知",
        "全市召开第十|五次会议",
        "全市知识产|权工作会议召开",
    ] {
        let found = found(cut);
        assert_eq!(found.len(), 1, "{cut}");
        let span = found[0].span.as_ref().expect("it is at the title");
        assert_eq!(span.line_column().0, 4, "{cut}");
    }
    for whole in [
        "关于学习|《中华人民共和国宪法》的通知",
        "全市召开|第十五次会议",
        "某某研究院|何以文工作室挂牌",
    ] {
        assert!(found(whole).is_empty(), "{whole}");
    }
}
