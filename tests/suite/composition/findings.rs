//! The findings and the score of composed pages: each planted fault is found, and a page without it
//! is not blamed. The pages are set by a layout of their own, so that each fault is planted exactly.

use jianbao::diag::Code;
use jianbao::page::composition::{Composition, What};
use jianbao::page::measure::{Finding, Measure};

use crate::support::{ISSUE, PUBLICATION, TempProject};

const IMPRINT: &str = "[imprint]\nreport_to = [\"省政府办公厅\"]\nsend_to = [\"市直有关部门\"]\ndistribute_to = [\"各县（市、区）人民政府\"]\neditor = \"李兰\"\nprint_run = 100\n";
/// The pages show less than the issue says.
const RULES: &str = "[rules]\ntext-missing = 'off'\ntext-added = 'off'\ntext-disordered = 'off'\ntext-twice = 'off'\ntext-overlap = 'off'\n";
/// What a page's content may call.
const HELPERS: &str = r#"
#import "/layouts/shared/system.typ": *
#import "/layouts/shared/page.typ": grid-page
#import "/layouts/shared/imprint.typ": imprint
#let mast(name: 40pt, above: 16pt, small: 16pt, below: 28pt) = block(width: 100%, height: 5 * pitch, below: below, {
  set text(tracking: 0pt)
  set par(first-line-indent: 0pt, leading: 10pt)
  set align(center)
  text(size: above)[江州市人民政府]
  linebreak()
  text(size: name)[工作简报]
  linebreak()
  text(size: small)[某某办公室]
  place(bottom, line(length: 100%, stroke: 2pt + red))
})
#let entry(to, body) = block(width: 20 * cell, link(label(to), body))
#let title(body) = [#heading(level: 1, body)#label("a")]
#let lines(n) = for i in range(n) { par[会议强调要坚持问题导向扎实推进各项重点工作落地见效。] }
#let rows(n, ..columns) = table(columns: (60pt, 60pt), ..range(n).map(_ => ([青溪县], [12])).flatten())
#let beside(body) = table(columns: (80pt, 1fr), body, [])
"#;

/// How pages with this content, in Typst, are judged.
fn judged(page: &str, body: &str) -> Measure {
    let project = TempProject::new();
    let manifest =
        format!("title = \"试版\"\nversion = \"1.0.0\"\nbase = \"official\"\n[page]\n{page}\n");
    let main = format!(
        "{HELPERS}\n#let issue(data) = {{\n  set document(title: data.document.title)\n  show: grid-page\n  [{body}]\n}}\n"
    );
    let even = if body.contains("even: true") { "imprint_on_even_page = true\n" } else { "" };
    let publication = format!("{PUBLICATION}layout = \"own\"\n[options]\n{even}{RULES}{IMPRINT}");
    project
        .file("layouts/own/layout.toml", manifest)
        .file("layouts/own/main.typ", main)
        .file("issues/p/publication.toml", publication)
        .file("issues/p/2026-1.toml", ISSUE);
    project.typeset().measured
}

fn composed(body: &str) -> Composition {
    judged("", body).composition
}

/// The findings of one rule.
fn of(code: Code, body: &str) -> Vec<Finding> {
    let mut found = judged("", body).findings;
    found.retain(|finding| finding.rule == code);
    found
}

/// Asserts that a rule finds the first page once, and nothing on the second.
#[track_caller]
fn tells(code: Code, bad: &str, good: &str) -> Finding {
    let found = of(code, bad);
    assert_eq!(found.len(), 1, "{} in {bad}: {found:?}", code.id());
    let none = of(code, good);
    assert_eq!(none, [], "{} in {good}", code.id());
    found.into_iter().next().expect("one finding")
}

#[test]
fn an_imprint_alone_is_found_and_so_are_the_lines_that_it_lacks() {
    let body = |lines: usize| format!("#lines({lines})#imprint(data.imprint)");
    let most = 10 + composed(&body(10)).end.free.floor() as usize;
    let finding = tells(Code::ImprintAlone, &body(most + 1), &body(most));
    assert_eq!((finding.page, finding.count), (2, Some(1)));
    assert_eq!(of(Code::ImprintAlone, &body(most + 3))[0].count, Some(3), "lines to cut");
    let (fits, alone) = (composed(&body(most)), composed(&body(most + 1)));
    assert!((0.0..1.0).contains(&fits.end.free), "{}", fits.end.free);
    assert_eq!((fits.end.lines_before_imprint, fits.end.text_end, fits.score), (most, 1, 0.0));
    assert!((-1.0..0.0).contains(&alone.end.free), "{}", alone.end.free);
    assert_eq!((alone.end.lines_before_imprint, alone.end.text_end), (0, 1));
    assert_eq!((alone.score, alone.pages[1].score), (100.0, 100.0));
}

#[test]
fn an_imprint_on_an_even_page_by_wish_is_not_alone() {
    let found = judged("", "#lines(3)#imprint(data.imprint, even: true)");
    assert_eq!((found.composition.pages.len(), found.composition.end.text_end), (2, 1));
    assert!(!found.composition.end.imprint_alone);
    assert_eq!(found.composition.score, 0.0);
}

#[test]
fn few_lines_before_the_imprint_are_found() {
    let body = |lines: usize| format!("#lines({lines})#imprint(data.imprint)");
    let finding = tells(Code::FewLinesBeforeImprint, &body(23), &body(25));
    assert_eq!((finding.page, finding.count), (2, Some(1)));
    for (lines, score) in [(23, 20.0), (24, 10.0), (25, 0.0)] {
        assert_eq!(composed(&body(lines)).score, score, "{lines}");
    }
}

#[test]
fn a_hole_before_what_does_not_fit_is_found() {
    let body = |lines: usize| {
        format!(
            "#lines({lines})#block(breakable: false, above: 30pt, below: 30pt, rows(11))#lines(9)"
        )
    };
    let finding = tells(Code::PageHole, &body(12), &body(2));
    assert_eq!((finding.page, finding.count), (1, Some(10)));
    let hole = composed(&body(12));
    assert_eq!((hole.pages[0].hole, hole.pages[0].before), (10, Some(What::Table)));
    assert_eq!((hole.pages[0].score, hole.pages[1].hole), (35.0, 0));
    let captioned = "#lines(12)#block(breakable: false)[#par[表1　情况]#rows(11)]#lines(9)";
    assert_eq!(composed(captioned).pages[0].before, Some(What::Table), "with its caption");
}

#[test]
fn a_page_that_ends_by_wish_has_no_hole() {
    let attached = "#lines(3)#pagebreak()#heading(level: 1)[附件1]#lines(3)";
    assert_eq!(of(Code::PageHole, attached), []);
    let torn = "#lines(3)#pagebreak()#heading(level: 1)[标题]#lines(3)";
    assert_eq!(of(Code::PageHole, torn).len(), 1);
    let cover = "#mast()#pagebreak(to: \"odd\")#lines(3)";
    let found = judged("cover = true", cover).composition;
    assert_eq!((found.score, found.front_without_text), (0.0, false));
}

#[test]
fn a_front_of_contents_alone_is_found() {
    let contents = "#mast()#v(pitch)#entry(\"a\")[一项重点工作的情况]";
    let title = "#v(pitch)#title[标题]";
    let bad = format!("{contents}#pagebreak(){title}#lines(3)");
    let finding = tells(Code::FrontWithoutText, &bad, &format!("{contents}{title}#lines(20)"));
    assert_eq!(finding.page, 1);
    assert!(composed(&bad).front_without_text);
}

#[test]
fn small_type_in_the_masthead_is_found() {
    let body = |mast: &str| format!("#mast({mast})#v(pitch)#lines(3)");
    let finding = tells(Code::MastheadType, &body("small: 11pt"), &body("small: 12pt"));
    assert_eq!((finding.text.as_str(), finding.count), ("某某办公室", Some(11)));
}

#[test]
fn a_name_that_does_not_stand_out_is_found() {
    let body = |mast: &str| format!("#mast({mast})#v(pitch)#lines(3)");
    let finding = tells(Code::MastheadName, &body("name: 29pt"), &body("name: 30pt"));
    assert_eq!((finding.text.as_str(), finding.count), ("工作简报", Some(29)));
    let body = |mast: &str| body(&format!("name: 40pt, above: {mast}"));
    tells(Code::MastheadName, &body("26pt"), &body("25pt"));
}

#[test]
fn words_and_numbers_that_are_broken_in_cells_are_found() {
    let cell = |width: u32, text: &str| format!("#table(columns: ({width}pt, 1fr), [{text}], [])");
    for (text, bad, good) in [("青溪县", 46, 62), ("计量单位", 62, 78)] {
        tells(Code::WordBroken, &cell(bad, text), &cell(good, text));
    }
    // A break between words is none within a word.
    assert_eq!(of(Code::WordBroken, &cell(78, "社会保障就业补助")), []);
    // A number has no place to break, so that it is broken by hand.
    tells(Code::WordBroken, &cell(80, "1268#linebreak()4000"), &cell(80, "12684000"));
    let side = |text: &str| format!("#rotate(-90deg, reflow: true, beside[{text}])");
    tells(Code::WordBroken, &side("青溪#linebreak()县"), &side("青溪县"));
}

#[test]
fn figures_over_a_rule_are_found() {
    let cell = |width: u32| format!("#table(columns: ({width}pt, 1fr), [12684000], [])");
    let finding = tells(Code::FigureAtRule, &cell(60), &cell(90));
    assert_eq!(finding.text, "12684000");
    let inset = |x: f64| format!("#table(columns: 2, inset: (x: {x}pt), [126], [])");
    let finding = tells(Code::FigureAtRule, &inset(1.0), &inset(3.0));
    assert!(finding.off.is_some_and(|off| (0.0..2.0).contains(&off.0)), "{finding:?}");
    let side = |x: f64| {
        format!("#rotate(-90deg, reflow: true, table(columns: 2, inset: (x: {x}pt), [126], []))")
    };
    tells(Code::FigureAtRule, &side(1.0), &side(3.0));
}

#[test]
fn lone_characters_in_cells_and_contents_are_found() {
    let cell = |text: &str| format!("#beside[{text}]");
    tells(Code::LoneCharacter, &cell("甲乙，#linebreak()丙"), &cell("甲，#linebreak()乙丙"));
    let entry = |text: &str| format!("#entry(\"a\")[{text}]#title[标题]#lines(2)");
    tells(Code::LoneCharacter, &entry("重点工#linebreak()作"), &entry("重点#linebreak()工作"));
}

#[test]
fn spread_and_loose_lines_are_found() {
    // A box that does not break leaves the line before it short.
    let body = |before: usize, boxed: usize| {
        let (before, boxed) = ("春".repeat(before), "秋".repeat(boxed));
        format!("#set par(first-line-indent: 0pt)\n#par[{before}#box[{boxed}]{}]", "冬".repeat(20))
    };
    let finding = tells(Code::LineSpread, &body(24, 6), &body(27, 6));
    assert_eq!(finding.text, "春".repeat(24));
    assert!(finding.count.is_some_and(|count| count > 8), "{finding:?}");
    let finding = tells(Code::LooseLine, &body(16, 14), &body(24, 6));
    assert!(finding.count.is_some_and(|count| count > 50), "{finding:?}");
    assert_eq!(of(Code::LineSpread, &body(16, 14)), [], "a loose line is said once");
    let composition = composed(&body(16, 14));
    assert_eq!((composition.pages[0].spread_lines, composition.pages[0].loose_lines), (1, 1));
    // A name of two characters that is set apart by a blank is no spread line.
    let names = "#par[张　敏，李　华，王　强，出席会议的同志还有各县的负责同志若干人等等]";
    assert_eq!(of(Code::LineSpread, names), []);
}

#[test]
fn tables_out_of_order_are_found() {
    let table =
        |gap: i32| format!("#lines(2)#block(above: 30pt, below: 4pt, rows(2))#v({gap}pt)#lines(2)");
    assert!(!of(Code::TooNear, &table(-14)).is_empty());
    assert_eq!(of(Code::TooNear, &table(10)), []);
    let note = |gap: u32| {
        let text = "春夏秋冬".repeat(12);
        format!("#block(below: {gap}pt, inset: (x: 2 * cell), par[编者按：{text}])#par[{text}]")
    };
    tells(Code::TooNear, &note(13), &note(43));
}

#[test]
fn last_lines_of_a_few_letters_are_named() {
    let of = |letters: usize| composed(&format!("#par[{}。]", "春".repeat(letters))).short_ends;
    let short = of(26 + 2);
    assert_eq!(short.len(), 1);
    assert_eq!((short[0].page, short[0].letters, short[0].lines), (1, 2, 2));
    assert!(short[0].text.ends_with("春春。"));
    assert_eq!(of(25), [], "one line");
    assert_eq!(of(26 + 4), [], "four letters");
}

#[test]
fn the_score_is_printed_and_told_to_programs() {
    let project = TempProject::new();
    let json = project.run(&["measure", "--format", "json"]).stdout();
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let composition = &json["p/2026-1"]["composition"];
    assert_eq!(composition["score"], 0.0);
    assert_eq!(composition["pages"][0]["hole"], 0);
    let table = project.run(&["measure"]).stdout();
    assert!(table.contains("composition 0"), "{table}");
}
