//! The score of composed pages: each planted fault is seen, and a page without it is not.

use jianbao::page::composition::{Composition, What};

use crate::support::{PUBLICATION, set};

const IMPRINT: &str = "[imprint]\nreport_to = [\"省政府办公厅\"]\nsend_to = [\"市直有关部门\"]\ndistribute_to = [\"各县（市、区）人民政府\"]\neditor = \"李兰\"\nprint_run = 100\n";
/// A paragraph of one line.
const LINE: &str = "会议强调要坚持问题导向扎实推进各项重点工作落地见效。\n";

/// The composition of an issue with one article.
fn composed(body: &str) -> Composition {
    composed_with("", body)
}

fn composed_with(options: &str, body: &str) -> Composition {
    let publication = format!("{PUBLICATION}{options}{IMPRINT}");
    set(&publication, &issue(body)).measured.composition
}

fn issue(body: &str) -> String {
    format!(
        "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = \"重点工作推进情况\"\nbody = '''\n{body}'''\n"
    )
}

const TABLE: &str = "| 单位 | 数量 |\n| --- | --- |\n";

fn table(rows: usize) -> String {
    format!("表1　完成情况\n\n{TABLE}{}\n", "| 青溪县 | 12 |\n".repeat(rows))
}

#[test]
fn an_imprint_alone_is_seen_and_so_are_the_lines_that_it_lacks() {
    let of = |lines: usize| composed(&LINE.repeat(lines));
    let fits = of(5);
    assert!(!fits.end.imprint_alone);
    assert_eq!((fits.end.lines_before_imprint, fits.end.text_end, fits.score), (6, 1, 0.0));
    assert!(fits.end.free > 3.0, "{}", fits.end.free);
    // The room gets less line by line; where it is used up, the imprint goes to the next page.
    let ends: Vec<Composition> = (9..15).map(of).collect();
    let alone = ends.iter().position(|it| it.end.imprint_alone).expect("an imprint alone");
    assert!(alone > 0, "the last that fits is among them");
    let (before, after) = (&ends[alone - 1].end, &ends[alone].end);
    assert!((0.0..1.0).contains(&before.free), "{}", before.free);
    assert!((-1.0..0.0).contains(&after.free), "{}", after.free);
    assert_eq!(after.lines_before_imprint, 0);
    assert_eq!(ends[alone].score, 100.0);
    assert_eq!(ends[alone].pages[1].score, 100.0);
}

#[test]
fn an_imprint_on_an_even_page_by_wish_is_not_alone() {
    let even = "[options]\nimprint_on_even_page = true\n";
    let short = composed_with(even, &LINE.repeat(3));
    assert!(!short.end.imprint_alone, "the text left room on page 1");
    assert_eq!((short.end.text_end, short.pages.len(), short.score), (1, 2, 0.0));
}

#[test]
fn few_lines_before_the_imprint_count() {
    let of = |lines: usize| composed(&LINE.repeat(lines));
    for (lines, before, score) in [(14, 1, 20.0), (15, 2, 10.0), (16, 3, 0.0)] {
        let it = of(lines);
        assert_eq!((it.end.lines_before_imprint, it.score), (before, score), "{lines}");
    }
}

#[test]
fn a_hole_before_what_does_not_fit_is_seen() {
    // The table takes eleven lines with its caption.
    let of = |lines: usize| composed(&(LINE.repeat(lines) + &table(9) + &LINE.repeat(16)));
    let hole = of(8);
    let front = &hole.pages[0];
    assert!(front.hole > 3, "{hole:?}");
    assert_eq!(front.before, Some(What::Table));
    assert_eq!(front.score, 5.0 * (front.hole as f64 - 3.0));
    assert_eq!(hole.pages[1].hole, 0, "the text ends there");
    let fits = of(1);
    assert_eq!((fits.pages[0].hole, fits.score), (0, 0.0));
}

#[test]
fn a_page_that_ends_by_wish_has_no_hole() {
    let attached =
        issue(LINE) + "[[articles.attachments]]\ntitle = \"名单\"\nbody = \"名单如下。\"\n";
    let it = set(PUBLICATION, &attached).measured.composition;
    assert_eq!(it.pages.len(), 2);
    assert_eq!((it.pages[0].hole, it.score), (0, 0.0));
    let cover = set(&format!("{PUBLICATION}layout = \"cover\"\n"), &issue(LINE)).measured;
    assert!(cover.composition.pages.len() > 1);
    assert_eq!((cover.composition.score, cover.composition.front_without_text), (0.0, false));
}

#[test]
fn a_front_of_contents_alone_is_seen() {
    let of = |articles: usize| {
        let article = |n: usize| {
            format!("[[articles]]\ntitle = \"重点工作推进情况之{n}\"\nbody = '''\n{LINE}'''\n")
        };
        let articles: String = (1..=articles).map(article).collect();
        let issue = format!("number = 1\ndate = 2026-01-05\n{articles}");
        set(PUBLICATION, &issue).measured.composition
    };
    let full = of(14);
    assert!(full.front_without_text);
    assert_eq!(full.pages[0].score, 60.0);
    assert!(!of(6).front_without_text);
}

#[test]
fn last_lines_of_a_few_letters_are_named() {
    let of = |letters: usize| composed(&format!("{}。\n", "春".repeat(letters)));
    let short = of(26 + 2);
    assert_eq!(short.short_ends.len(), 1);
    let end = &short.short_ends[0];
    assert_eq!((end.page, end.letters, end.lines), (1, 2, 2));
    assert!(end.text.ends_with("春春。"));
    assert_eq!(of(25).short_ends, [], "one line");
    assert_eq!(of(26 + 4).short_ends, [], "four letters");
}

#[test]
fn a_line_that_is_spread_is_seen() {
    // The number stays with its unit, so that the line before is spread over the room it leaves.
    let long = "春夏秋冬东西南北春夏秋冬东西南北春夏秋冬东";
    let of = |number: &str| composed(&format!("{long}{number}万元，增长{number}万元左右。\n"));
    let spread = of("1800.36");
    assert_eq!(spread.pages[0].spread_lines, 1, "{spread:?}");
    let even = composed(&"春夏秋冬东西南北".repeat(20));
    assert_eq!((even.pages[0].spread_lines, even.score), (0, 0.0));
}
