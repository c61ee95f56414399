//! Laid-out pages → measurements compared with the standard's dimensions.

use jianbao::page::lines::{Line, read};
use jianbao::publication::length::MM;
use typst_layout::PagedDocument;

use crate::support::{SAMPLE_ISSUES, SEED, sample, typeset};

const TOP: f64 = 37.0 * MM;
const BOTTOM: f64 = 262.0 * MM;
const WIDTH: f64 = 156.0 * MM;
const CELL: f64 = WIDTH / 28.0;
const PITCH: f64 = (225.0 * MM - 16.0) / 21.0;
const TENTH: f64 = 0.1 * MM;

fn left_edge(page: usize) -> f64 {
    if page.is_multiple_of(2) { 28.0 * MM } else { 26.0 * MM }
}

/// The lines within the type area.
fn body_lines(document: &PagedDocument, page: usize) -> Vec<Line> {
    let lines = read(&document.pages()[page]).lines;
    lines.into_iter().filter(|line| line.baseline < BOTTOM).collect()
}

#[test]
fn a_full_page_has_22_lines_on_the_grid() {
    for page in [1, 2] {
        let lines = body_lines(&SEED.document, page);
        assert_eq!(lines.len(), 22, "page {}", page + 1);
        for (row, line) in lines.iter().enumerate() {
            let expected = TOP + 0.88 * 16.0 + row as f64 * PITCH;
            let off = (line.baseline - expected).abs();
            assert!(off < TENTH, "page {} line {}: {off} pt off", page + 1, row + 1);
        }
        let last = lines.last().expect("22 lines").baseline + 0.12 * 16.0;
        assert!((last - BOTTOM).abs() < TENTH, "the last line ends at {} mm", last / MM);
    }
}

#[test]
fn a_full_line_has_28_characters() {
    let mut even = 0;
    for page in 0..SEED.document.pages().len() {
        for line in body_lines(&SEED.document, page) {
            let steps: Vec<f64> = line.marks.windows(2).map(|pair| pair[1].x - pair[0].x).collect();
            let in_cells = steps.iter().all(|step| (step - CELL).abs() < 0.01);
            let starts = (line.left() - left_edge(page)).abs() < TENTH;
            if in_cells && starts && line.right() > left_edge(page) + WIDTH - CELL / 2.0 {
                assert_eq!(line.marks.len(), 28, "{}", line.text());
                even += 1;
            }
        }
    }
    // Lines with squeezed punctuation hold more characters; the others must match the grid exactly.
    assert!(even >= 30, "only {even} full lines stand in the cells of the grid");
}

#[test]
fn no_ink_leaves_the_type_area() {
    for (publication, stem) in SAMPLE_ISSUES {
        let document = &typeset(&sample(publication, stem)).document;
        for page in 0..document.pages().len() {
            let left = if publication == "keji" { 28.0 * MM } else { left_edge(page) };
            for line in body_lines(document, page) {
                // The blank half of a mark's cell at a line's edge may lie in the margin.
                let (first, last) = (&line.marks[0], &line.marks[line.marks.len() - 1]);
                let blank = |c: char| {
                    if "“‘（《【，。、；：”’）》】！？".contains(c) {
                        8.0 + TENTH
                    } else {
                        TENTH
                    }
                };
                let text = line.text();
                assert!(line.left() >= left - blank(first.c), "{stem} {} {text}", page + 1);
                let over = line.right() - left - WIDTH;
                assert!(over <= blank(last.c), "{stem} {} {text}: {over} pt", page + 1);
                assert!(line.baseline > TOP, "{stem} {} {text}", page + 1);
            }
        }
    }
}

#[test]
fn the_imprint_ends_on_the_bottom_of_the_last_page() {
    for (publication, stem) in SAMPLE_ISSUES {
        let document = &typeset(&sample(publication, stem)).document;
        let rules = read(document.pages().last().expect("a page")).rules;
        let last = rules.last().expect("the imprint has rules");
        assert!((last.y - BOTTOM).abs() < 0.2 * MM, "{stem}: {} mm", last.y / MM);
        assert!((last.length - WIDTH).abs() < TENTH);
        assert!((last.weight - 0.35 * MM).abs() < 1e-6);
        let imprint: Vec<f64> = rules.iter().rev().take(3).map(|rule| rule.weight / MM).collect();
        assert!(
            imprint
                .iter()
                .all(|weight| (weight - 0.35).abs() < 1e-6 || (weight - 0.25).abs() < 1e-6)
        );
    }
}

#[test]
fn page_numbers_stand_outside_seven_millimetres_below() {
    for (page, laid_out) in SEED.document.pages().iter().enumerate() {
        let lines = read(laid_out).lines;
        let folio = lines.last().expect("a page number");
        assert_eq!(folio.text(), format!("—{}—", page + 1));
        let inset = if page.is_multiple_of(2) {
            left_edge(page) + WIDTH - folio.right()
        } else {
            folio.left() - left_edge(page)
        };
        assert!((inset - 14.0).abs() < TENTH, "page {}: {inset} pt in", page + 1);
        assert!(folio.baseline - BOTTOM > 7.0 * MM && folio.baseline - BOTTOM < 10.0 * MM);
        assert!(folio.marks.iter().all(|mark| (mark.size - 14.0).abs() < 1e-9));
    }
}

#[test]
fn the_masthead_takes_a_third_of_the_page_at_most() {
    for (publication, stem) in [("fugong", "2014-16"), ("keji", "2026-1")] {
        let document = &typeset(&sample(publication, stem)).document;
        let rules = read(&document.pages()[0]).rules;
        assert!(rules[0].y < 99.0 * MM, "{}", rules[0].y / MM);
        assert!((rules[0].length - WIDTH).abs() < TENTH);
    }
}

#[test]
fn a_single_article_has_no_contents() {
    let text = |stem| {
        let document = &typeset(&sample("keji", stem)).document;
        body_lines(document, 0).iter().map(Line::text).collect::<String>()
    };
    assert!(text("2026-1").contains("本期要目"));
    assert!(!text("2026-2").contains("本期要目"));
}

#[test]
fn the_imprint_continues_after_the_colon() {
    let content = read(SEED.document.pages().last().expect("a page"));
    let head = content.rules[0].y;
    let lines: Vec<&Line> = content
        .lines
        .iter()
        .filter(|line| line.baseline > head && line.baseline < BOTTOM)
        .collect();
    assert_eq!(lines.len(), 6);
    let left = left_edge(SEED.document.pages().len() - 1);
    for (pair, label) in lines.chunks(2).zip(["报：", "送：", "发："]) {
        assert!(pair[0].text().starts_with(label), "{}", pair[0].text());
        assert!((pair[0].left() - left - 14.0).abs() < TENTH, "one character in");
        assert!((pair[1].left() - pair[0].marks[2].x).abs() < TENTH, "after the colon");
    }
}
