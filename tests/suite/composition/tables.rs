//! Tables: columns, cells, rules, rows over pages; on laid-out pages.

use std::fmt::Write;
use std::time::Instant;

use fastrand::Rng;
use jianbao::diag::{Code, Diagnostic};
use jianbao::page::lines::{Content, Line, read};
use jianbao::pipeline::{Session, Typeset};
use jianbao::publication::fonts::FontPaths;
use jianbao::publication::length::MM;
use jianbao::source::project::{IssuePath, Project};
use typst::layout::{Frame, FrameItem, Point, Transform};
use typst::visualize::Geometry;

use crate::support::{TempProject, root, set};

const PUBLICATION: &str = "name = '工作简报'\nissuer = '某某办公室'\n";
const PITCH: f64 = (225.0 * MM - 16.0) / 21.0;
const TOP: f64 = 37.0 * MM;
const BOTTOM: f64 = 262.0 * MM;

const ADOPTED: &str = "\
|+ 表1　2025年度各县（市、区）信息采用情况
| 位次 | 单位 | 上报（条） | 市委采用（条） | 省委采用（条） | 中办采用（条） | 领导批示（件） | 总分 |
|:---:|:---|---:|---:|---:|---:|---:|---:|
| 1 | 青溪县 | 426 | 168 | 31 | 5 | 28 | 1086 |
| 12 | 经开区 | 185 | 31 | 3 | 0 | 5 | 179 |
| | 合计 | 3862 | 1215 | 187 | 23 | 176 | — |";

const SHARES: &str = "\
|+ 表1　2026年一季度主要经济指标 | 单位：亿元
| 指标名称 | 计量单位 | 绝对量 | 同比增长（%） | 比上年全年（百分点） |
|:---|:---:|---:|---:|---:|
| 地区生产总值 | 亿元 | 612.47 | 6.4 | 0.5 |
| 其中：第一产业 | 亿元 | 48.36 | 4.1 | 0.2 |
| 第二产业 | 亿元 | 268.95 | 7.2 | 0.9 |
| 固定资产投资（不含农户） | — | — | 9.3 | 1.7 |
| 进出口总额 | 亿元 | 95.28 | 12.6 | -1.8 |
| 全社会用电量 | 亿千瓦时 | 38.65 | 6.1 | 0.8 |
注：绝对量按现价计算，增长速度按不变价格计算。
资料来源：市统计局";

fn article(body: &str) -> String {
    format!(
        "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '标题'\nbody = '''\n{body}\n'''\n"
    )
}

fn pages(typeset: &Typeset) -> Vec<Content> {
    typeset.document.pages().iter().map(read).collect()
}

#[track_caller]
fn line<'a>(pages: &'a [Content], text: &str) -> &'a Line {
    let mut lines = pages.iter().flat_map(|page| &page.lines);
    lines.find(|line| line.text().contains(text)).unwrap_or_else(|| panic!("no line with {text}"))
}

/// A glyph of a page: its line, which is a row or, on its side, a column of the page, its place
/// along it from start to end, and its size.
#[derive(Clone)]
struct Glyph {
    c: char,
    turned: bool,
    across: f64,
    from: f64,
    to: f64,
    size: f64,
    family: String,
}

/// A rule that is upright in its table: its place along the lines, and across from one to another.
struct Upright {
    turned: bool,
    at: f64,
    across: (f64, f64),
}

#[derive(Default)]
struct Drawn {
    glyphs: Vec<Glyph>,
    uprights: Vec<Upright>,
    weights: Vec<f64>,
}

impl Drawn {
    fn of(frame: &Frame) -> Self {
        let mut drawn = Drawn::default();
        drawn.walk(frame, Transform::identity());
        drawn
    }

    fn walk(&mut self, frame: &Frame, at: Transform) {
        for (place, item) in frame.items() {
            let here = at.pre_concat(Transform::translate(place.x, place.y));
            match item {
                FrameItem::Group(group) => {
                    self.walk(&group.frame, here.pre_concat(group.transform))
                }
                FrameItem::Shape(shape, _) => {
                    let Geometry::Line(to) = shape.geometry else { continue };
                    let (a, b) = (Point::zero().transform(here), to.transform(here));
                    let weight = shape.stroke.as_ref().map_or(0.0, |s| s.thickness.to_pt());
                    self.weights.push(weight);
                    let (ax, ay, bx, by) = (a.x.to_pt(), a.y.to_pt(), b.x.to_pt(), b.y.to_pt());
                    let turned = here.ky.get().abs() > 0.5;
                    let along = if turned { [-ay, -by] } else { [ax, bx] };
                    let across = if turned { [ax, bx] } else { [ay, by] };
                    if (along[0] - along[1]).abs() < 0.01 {
                        let across = (across[0].min(across[1]), across[0].max(across[1]));
                        self.uprights.push(Upright { turned, at: along[0], across });
                    }
                }
                FrameItem::Text(text) => {
                    let turned = here.ky.get().abs() > 0.5;
                    let origin = Point::zero().transform(here);
                    let (x, y) = (origin.x.to_pt(), origin.y.to_pt());
                    let (across, start) = if turned { (x, -y) } else { (y, x) };
                    let mut pen = 0.0;
                    for glyph in &text.glyphs {
                        let advance = glyph.x_advance.at(text.size).to_pt();
                        let from = start + pen + glyph.x_offset.at(text.size).to_pt();
                        pen += advance;
                        let c = text.text[glyph.range()].chars().next().unwrap_or(' ');
                        let size = text.size.to_pt();
                        let to = from + advance.min(size);
                        let family = text.font.info().family.clone();
                        self.glyphs.push(Glyph { c, turned, across, from, to, size, family });
                    }
                }
                _ => {}
            }
        }
    }

    /// The texts of the lines, without blanks.
    fn lines(&self) -> Vec<String> {
        let mut glyphs = self.glyphs.clone();
        glyphs.retain(|glyph| !glyph.c.is_whitespace());
        let key = |glyph: &Glyph| (glyph.turned, (glyph.across * 20.0).round() as i64);
        glyphs.sort_by(|a, b| key(a).cmp(&key(b)).then(a.from.total_cmp(&b.from)));
        let lines = glyphs.chunk_by(|a, b| key(a) == key(b));
        lines.map(|line| line.iter().map(|glyph| glyph.c).collect()).collect()
    }

    /// The least distance of a glyph from an upright rule beside it.
    fn nearest(&self) -> f64 {
        let distance = |glyph: &Glyph, rule: &Upright| {
            let middle = glyph.across - glyph.size / 3.0;
            let beside =
                rule.turned == glyph.turned && (rule.across.0..rule.across.1).contains(&middle);
            beside.then(|| (glyph.from - rule.at).max(rule.at - glyph.to))
        };
        let ink = self
            .glyphs
            .iter()
            .filter(|glyph| !glyph.c.is_whitespace() && !"（）、，。：“”".contains(glyph.c));
        ink.flat_map(|glyph| self.uprights.iter().filter_map(move |rule| distance(glyph, rule)))
            .fold(f64::MAX, f64::min)
    }
}

fn drawn(typeset: &Typeset) -> Vec<Drawn> {
    typeset.document.pages().iter().map(|page| Drawn::of(&page.frame)).collect()
}

#[track_caller]
fn is_on_the_grid(typeset: &Typeset, text: &str) {
    let found = pages(typeset);
    let pitch = (225.0 * MM - 16.0) / (typeset.manuscript.fit.lines - 1) as f64;
    let row = (line(&found, text).baseline - TOP - 0.88 * 16.0) / pitch;
    assert!((row - row.round()).abs() * pitch < 0.1, "{text} is {row} lines below the top");
}

#[test]
fn names_units_and_numbers_stand_whole_and_clear_of_the_rules() {
    for table in [ADOPTED, SHARES] {
        let typeset = set(PUBLICATION, &article(&format!("前文。\n{table}\n后文。")));
        let found = pages(&typeset);
        let cells = table.lines().filter(|line| line.starts_with("| ") && !line.contains('（'));
        for cell in cells.flat_map(|line| line.split('|')).map(str::trim) {
            line(&found, &cell.replace('-', "−"));
        }
        for drawn in drawn(&typeset) {
            assert!(drawn.nearest() > 4.7, "{}", drawn.nearest());
        }
        is_on_the_grid(&typeset, "后文");
    }
}

#[test]
fn a_long_number_beside_wide_texts_keeps_its_room() {
    let text = "义务教育经费保障、学前教育资助、普通高中建设、职业教育产教融合实训基地建设";
    let table = format!(
        "|+ 表2\n| 类别 | 主要内容 | 金额（万元） | 说明 |\n|:---|:---|---:|:---|\n| 教育 | {text} | 12684000 | 同比增长6.1%，其中{text}并提前下达 |"
    );
    let typeset = set(PUBLICATION, &article(&table));
    line(&pages(&typeset), "12684000");
    assert!(drawn(&typeset)[0].nearest() > 4.7);
}

#[test]
fn heads_are_centred_and_break_before_their_units() {
    let typeset = set(PUBLICATION, &article(ADOPTED));
    let found = pages(&typeset);
    let upper = line(&found, "市委采用省委采用中办采用领导批示");
    line(&found, "（条）（条）（条）（条）（件）");
    assert!(upper.marks.iter().all(|mark| mark.size < 12.5));
    for c in ["市", "合", "3"] {
        let bold = drawn(&typeset)[0].glyphs.iter().any(|glyph| {
            c.contains(glyph.c) && glyph.family == "Noto Sans SC" && glyph.size < 12.5
        });
        assert!(bold, "{c}");
    }
}

#[test]
fn numbers_stand_at_their_points_and_dashes_in_the_middle() {
    let typeset = set(PUBLICATION, &article(SHARES));
    let drawn = drawn(&typeset);
    // The points of 612.47, 48.36, 268.95, 95.28, 38.65.
    let points: Vec<f64> = drawn[0]
        .glyphs
        .windows(2)
        .filter(|pair| pair[0].c == '.' && pair[0].size < 13.0)
        .map(|pair| pair[0].from)
        .collect();
    let mut columns = points.clone();
    columns.sort_by(f64::total_cmp);
    columns.dedup_by(|a, b| (*a - *b).abs() < 0.01);
    assert_eq!(columns.len(), 3, "{columns:?}");
    let found = pages(&typeset);
    assert!(line(&found, "进出口总额").text().ends_with("12.6−1.8"));
    // Items are set in, those that go on with 其中： below its own.
    let left = |text: &str, c: char| {
        line(&found, text).marks.iter().find(|mark| mark.c == c).expect("there").x
    };
    assert!((left("其中：第一", '其') - left("地区生产", '地') - 12.0).abs() < 0.1);
    assert!((left("其中：第一", '一') - left("第二产业", '二')).abs() < 0.1);
}

#[test]
fn the_unit_stands_above_and_the_notes_below() {
    let typeset = set(PUBLICATION, &article(&format!("前文。\n{SHARES}\n后文。")));
    let found = pages(&typeset);
    let [before, caption, unit, head, last, note, source, after] =
        ["前文", "表1", "单位：亿元", "指标名称", "全社会", "注：", "资料来源", "后文"]
            .map(|text| line(&found, text));
    let order = [before, caption, unit, head, last, note, source, after].map(|line| line.baseline);
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(caption.size(), 14.0);
    assert_eq!(note.size(), 10.5);
    // A line's box, and a third of a line more, keep the text away on both sides.
    let space = 16.0 * 0.12 + (PITCH - 16.0) + PITCH / 3.0;
    assert!(caption.baseline - 0.88 * 14.0 - before.baseline >= space - 0.1);
    assert!(after.baseline - 0.88 * 16.0 - source.baseline >= space - 2.0);
    assert!(
        (unit.right() - found[0].rules.iter().map(|rule| rule.x + rule.length).fold(0.0, f64::max))
            .abs()
            < 1.0
    );
}

#[test]
fn a_table_has_a_frame_or_three_rules() {
    let set = |rules: &str| {
        set(&format!("{PUBLICATION}[options]\ntable_rules = '{rules}'\n"), &article(SHARES))
    };
    let weights = |typeset: &Typeset| {
        let mut all = drawn(typeset).remove(0).weights;
        all.retain(|weight| *weight < 1.5);
        (
            all.iter().filter(|weight| **weight == 1.0).count(),
            all.iter().filter(|weight| **weight == 0.5).count(),
        )
    };
    let (grid, three) = (set("grid"), set("three"));
    assert!(weights(&grid).0 >= 4 && weights(&grid).1 >= 10, "{:?}", weights(&grid));
    assert_eq!(weights(&three), (2, 1));
    assert!(drawn(&three)[0].uprights.is_empty());
}

/// A table of rows that break over pages.
fn long(rows: usize, mark: &str) -> String {
    let rows = (0..rows).fold(String::new(), |mut all, row| {
        writeln!(all, "| {row} | 第{row}服务站 | 完成选址、供地和施工许可，主体工程进度过半，正在安装设备，因汛期影响，工期顺延 | {row}.5 |").expect("a string");
        all
    });
    format!(
        "|+ 表1　进度{mark}\n| 序号 | 站点名称 | 进展情况 | 投资（万元） |\n|:---:|:---|:---|---:|\n{rows}"
    )
}

#[test]
fn each_further_page_has_caption_and_head_again() {
    for mark in ["", " | 横排", " | 单位：万元"] {
        let typeset = set(PUBLICATION, &article(&format!("前文。\n{}后文。", long(70, mark))));
        let texts: Vec<String> =
            drawn(&typeset).iter().map(|page| page.lines().join("\n")).collect();
        let with = |text: &str| texts.iter().filter(|page| page.contains(text)).count();
        assert_eq!(with("站点名称"), with("表1进度"));
        assert_eq!(with("表1进度（续）") + 1, with("表1进度"), "{mark}");
        assert!(with("表1进度") > 2);
        is_on_the_grid(&typeset, "后文");
    }
}

#[test]
fn a_table_that_is_split_keeps_two_rows_on_both_sides() {
    for before in 1..20 {
        let typeset = set(
            PUBLICATION,
            &article(&format!("{}{}后文。", "前文。\n".repeat(before), long(30, ""))),
        );
        for page in drawn(&typeset) {
            let rows = page.lines().iter().filter(|line| line.contains("服务站")).count();
            assert!(rows != 1, "{before}: a row alone");
        }
        is_on_the_grid(&typeset, "后文");
    }
}

#[test]
fn a_cell_higher_than_a_page_goes_on() {
    let text =
        "按照“谁主管、谁负责”的原则，逐条逐项明确任务书、时间表、路线图和责任人。".repeat(60);
    let table = format!(
        "|+ 表2\n| 事项 | 要求 |\n|---|:---|\n| 总体要求 | {text} |\n| 其他 | 无 |\n后文。"
    );
    let (typeset, found) = Tables::new().set(PUBLICATION, &article(&table));
    assert!(typeset.document.pages().len() > 1);
    assert_eq!(faults(&found), [] as [&Diagnostic; 0]);
    is_on_the_grid(&typeset, "后文");
}

#[test]
fn the_time_of_a_table_grows_with_its_rows() {
    let session = Tables::new();
    let time = |rows: usize| {
        let start = now();
        let (typeset, found) = session.set(PUBLICATION, &article(&long(rows, "")));
        assert_eq!(faults(&found), [] as [&Diagnostic; 0]);
        (start.elapsed().as_secs_f64(), typeset.document.pages().len())
    };
    time(5);
    let ((few, _), (many, pages)) = (time(100), time(500));
    println!("100 rows: {few:.2} s, 500 rows on {pages} pages: {many:.2} s");
    // Not with the square of the rows.
    assert!(many < few * 12.0, "100 rows: {few:.2} s, 500 rows: {many:.2} s");
}

/// What the layout gets when its tables are to be fitted: the same with further keys.
fn fitted(key: &str, value: &str) -> Tables {
    let tables = Tables::new();
    let main = std::fs::read_to_string(root().join("layouts/official/main.typ")).expect("it");
    let with = format!(
        "#let issue(data) = {{
  for block in range(data.sections.at(0).articles.at(0).body.len()) {{
    if data.sections.at(0).articles.at(0).body.at(block).kind == \"table\" {{
      data.sections.at(0).articles.at(0).body.at(block).insert(\"{key}\", {value})
    }}
  }}
  bulletin(data)
}}"
    );
    let (old, new) = ("#let issue(data) = bulletin(data)", with.as_str());
    assert!(main.contains(old));
    tables.project.file("layouts/official/main.typ", main.replace(old, new));
    tables.reopened()
}

#[test]
fn a_squeezed_table_is_lower_by_a_quarter_at_most() {
    let height = |squeeze: &str| {
        let (typeset, found) = fitted("squeeze", squeeze).set(PUBLICATION, &article(SHARES));
        assert_eq!(faults(&found), [] as [&Diagnostic; 0]);
        let pages = pages(&typeset);
        let frame: Vec<f64> =
            pages[0].rules.iter().filter(|rule| rule.weight == 1.0).map(|rule| rule.y).collect();
        frame[frame.len() - 1] - frame[0]
    };
    let heights = ["0", "1", "2"].map(height);
    assert!(heights[1] < heights[0] * 0.95 && heights[2] < heights[1] * 0.95, "{heights:?}");
    assert!(heights[2] > heights[0] * 0.75, "{heights:?}");
}

#[test]
fn a_table_may_be_split_before_half_a_page() {
    let body = format!("{}{}后文。", "前文。\n".repeat(3), long(9, ""));
    let tables = fitted("split", "true");
    let (typeset, found) = tables.set(PUBLICATION, &article(&body));
    assert_eq!(faults(&found), [] as [&Diagnostic; 0]);
    let rows = |page: &Drawn| page.lines().iter().filter(|line| line.contains("服务站")).count();
    let rows: Vec<usize> = drawn(&typeset).iter().map(rows).collect();
    assert!(rows.len() > 1 && rows[0] >= 2 && rows[1] >= 2, "{rows:?}");
    is_on_the_grid(&typeset, "后文");
}

#[expect(clippy::disallowed_methods, reason = "the time of a table is measured")]
fn now() -> Instant {
    Instant::now()
}

/// A project whose publications are set one after another.
struct Tables {
    project: TempProject,
    session: Session,
}

impl Tables {
    fn new() -> Self {
        let project = TempProject::new();
        let found = Project::find(project.folder.path()).expect("a project");
        let session = Session::open(found, &FontPaths::default()).expect("a session");
        Tables { project, session }
    }

    /// With the layouts that have been written into the project.
    fn reopened(self) -> Self {
        let found = Project::find(self.project.folder.path()).expect("a project");
        let session = Session::open(found, &FontPaths::default()).expect("a session");
        Tables { session, ..self }
    }

    fn set(&self, publication: &str, issue: &str) -> (Typeset, Vec<Diagnostic>) {
        let name = format!("q{}", issue.len() + publication.len() * 100_000);
        self.project.file(&format!("issues/{name}/publication.toml"), publication);
        self.project.file(&format!("issues/{name}/2026-1.toml"), issue);
        let path = self.project.path(&format!("issues/{name}/2026-1.toml"));
        let made =
            self.session.typeset(&IssuePath { publication: name, stem: "2026-1".into(), path });
        (made.value.unwrap_or_else(|| panic!("{:?}\n{issue}", made.diagnostics)), made.diagnostics)
    }
}

/// What is wrong with the pages.
fn faults(found: &[Diagnostic]) -> Vec<&Diagnostic> {
    let pages = [
        Code::TextMissing,
        Code::TextTwice,
        Code::TextAdded,
        Code::TextDisordered,
        Code::Overlap,
        Code::TypeArea,
        Code::BaselineGrid,
        Code::ImprintPlace,
        Code::Typesetting,
    ];
    found.iter().filter(|found| pages.contains(&found.code)).collect()
}

const NAMES: [&str; 14] = [
    "亿元",
    "青溪县",
    "望湖区",
    "万人次",
    "合计",
    "其中：税收",
    "高新技术开发区",
    "亿千瓦时",
    "经济开发区",
    "卫生健康委",
    "已完成",
    "推进中",
    "社会保障和就业",
    "一、税收收入",
];

fn cell(rng: &mut Rng, kind: u8, digits: usize) -> String {
    let number = |rng: &mut Rng| -> String {
        let digits = rng.usize(1..=digits);
        (0..digits).map(|at| char::from(b'0' + rng.u8(u8::from(at == 0)..10))).collect()
    };
    match kind {
        _ if rng.u8(..8) == 0 => String::new(),
        0 => NAMES[rng.usize(..NAMES.len())].into(),
        1 => number(rng),
        2 => format!("{}{}.{}", if rng.bool() { "-" } else { "" }, number(rng), rng.u8(..100)),
        3 => "—".into(),
        _ => {
            "公共场所卫生许可、食品经营许可、消防安全检查".chars().take(rng.usize(1..23)).collect()
        }
    }
}

/// The greatest width of a cell whose text stays whole, in ems, roughly.
fn ems(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 0.58 } else { 1.0 }).sum()
}

/// A table of any shape in any layout.
struct Random {
    publication: String,
    body: String,
    cells: Vec<String>,
    /// Whether all its words fit beside each other in the type of notes.
    fits: bool,
    in_columns: bool,
}

impl Random {
    fn new(rng: &mut Rng) -> Self {
        let layout = ["official", "official", "columns"][rng.usize(..3)];
        let (rules, size) = (["grid", "three"][rng.usize(..2)], ["四号", "小四"][rng.usize(..2)]);
        let (in_columns, landscape) = (layout == "columns", rng.u8(..4) == 0);
        let room = match (in_columns, landscape) {
            (true, _) => 205.0,
            (false, true) => 637.0,
            (false, false) => 442.0,
        };
        let count = rng.usize(2..if in_columns { 6 } else { 13 });
        let digits = rng.usize(1..13);
        let kinds: Vec<u8> = (0..count).map(|_| rng.u8(..5)).collect();
        let rows = if rng.u8(..4) == 0 { rng.usize(30..70) } else { rng.usize(1..12) };
        let before = "前文。\n".repeat(rng.usize(..15));
        let unit = if rng.bool() { " | 单位：万元" } else { "" };
        let lies = if landscape { " | 横排" } else { "" };
        let heads = ["年份", "单位", "同比增长（%）", "投资完成情况", "增减"];
        let head: Vec<&str> = (0..count).map(|_| heads[rng.usize(..5)]).collect();
        let aligns = kinds.iter().map(|&kind| match kind {
            0 => "---|",
            1 | 2 => "---:|",
            _ => ":---|",
        });
        let aligns: String = aligns.collect();
        let mut body =
            format!("{before}|+ 表1　题目{unit}{lies}\n| {} |\n|{aligns}\n", head.join(" | "));
        let (mut cells, mut widest) = (Vec::new(), vec![3.0_f64; count]);
        for _ in 0..rows {
            let row: Vec<String> = kinds.iter().map(|&kind| cell(rng, kind, digits)).collect();
            writeln!(body, "| {} |", row.join(" | ")).expect("a string");
            for (at, cell) in row.iter().enumerate() {
                widest[at] = widest[at].max(if kinds[at] == 4 { 4.0 } else { ems(cell) + 1.0 });
            }
            cells.extend(row);
        }
        body.push_str("注：表中为测试数据。\n后文一段。\n");
        let publication = format!(
            "{PUBLICATION}layout = '{layout}'\n[options]\ntable_rules = '{rules}'\ntable_size = '{size}'\n"
        );
        let fits = widest.iter().map(|width| width * 9.0 + 6.0).sum::<f64>() < room;
        Random { publication, body, cells, fits, in_columns }
    }
}

#[test]
fn random_tables_keep_their_cells_whole() {
    let session = Tables::new();
    let cases = std::env::var("CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40);
    let mut checked = 0;
    for seed in 0..cases {
        let table = Random::new(&mut Rng::with_seed(seed));
        let body = &table.body;
        let (typeset, found) = session.set(&table.publication, &article(body));
        assert_eq!(faults(&found), [] as [&Diagnostic; 0], "seed {seed}\n{body}");
        let drawn = drawn(&typeset);
        let lines: Vec<String> = drawn.iter().flat_map(Drawn::lines).collect();
        for cell in table.cells.iter().map(|cell| cell.replace('-', "−")) {
            let digits = cell.chars().all(|c| c.is_ascii_digit() || ".−".contains(c));
            if digits && !cell.is_empty() || cell.chars().count() <= 4 && table.fits {
                let whole = lines.iter().any(|line| line.contains(&cell));
                assert!(whole, "seed {seed}: {cell} is broken\n{body}");
                checked += 1;
            }
        }
        let near = drawn.iter().map(Drawn::nearest).fold(f64::MAX, f64::min);
        assert!(near > 2.6, "seed {seed}: {near}\n{body}");
        if !table.in_columns {
            is_on_the_grid(&typeset, "后文");
        }
        let glyphs = drawn.iter().flat_map(|page| &page.glyphs).filter(|glyph| !glyph.turned);
        for glyph in glyphs {
            assert!(glyph.across < BOTTOM + 30.0, "seed {seed}: {} is off the page", glyph.c);
        }
    }
    println!("{checked} cells of {cases} tables");
}
