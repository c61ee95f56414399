//! Numbered copies: their numbers, and the lists that assign them.

use std::io::Write;

use jianbao::press::{Job, copies};
use kurbo::Point;

use super::{
    ISSUE_FILE, LISTED, MM, ROWS, csv_list, numbered, plain, press, project_with, seed, seed_units,
};
use crate::support::{ISSUE, Places, SAMPLES, no_errors, pdf, pdf_text, places, without_blanks};

#[test]
fn a_number_stands_where_the_layout_sets_it() {
    let issue = |number: &str| {
        LISTED.replace(
            "[[articles]]",
            &format!("{number}classification = {{ level = '机密', period = '1年' }}\nurgency = '特急'\n[[articles]]"),
        )
    };
    let project = project_with(&issue(""));
    project.file("copies.csv", csv_list());
    project.run(&["press", "--copies", "copies.csv", "--first-number", "12"]).exit(0);
    let copies = std::fs::read(project.path("out/press/p/2026-1-copies.pdf")).expect("the copies");
    project.file(ISSUE_FILE, issue("copy_number = 12\n"));
    project.run(&["build"]).exit(0);
    let set = std::fs::read(project.path("out/p/2026-1.pdf")).expect("the issue");
    let by_place = |mut page: Places| {
        let key = |at: Point| ((at.x * 100.0).round() as i64, (at.y * 100.0).round() as i64);
        page.glyphs.sort_by_key(|(_, at)| key(*at));
        page.glyphs.into_iter().map(|(text, at)| (text, key(at))).collect::<Vec<_>>()
    };
    let (copies, set) = (by_place(places(&copies).remove(0)), by_place(places(&set).remove(0)));
    assert_eq!(copies, set, "as if the layout had set this number");
    // 7.2.1: six digits from the top left corner of the type area.
    let top = ((297.0 - 37.0) * MM - 0.88 * 16.0) * 100.0;
    let left = 28.0 * MM * 100.0;
    let first = copies
        .iter()
        .find(|(_, (x, y))| (*x as f64 - left).abs() < 2.0 && (*y as f64 - top).abs() < 2.0);
    assert_eq!(first.map(|(text, _)| text == "0"), Some(true), "{first:?}");
}

#[test]
fn a_numbered_copy_differs_from_the_issue_in_its_number_alone() {
    let issue = places(&pdf(&SAMPLES, &seed()).value.expect("a PDF").bytes);
    let job = Job { copies: Some(numbered(1)), ..plain() };
    let copies = places(&press(&SAMPLES, &seed(), &job).remove(0).bytes);
    assert_eq!(copies.len(), seed_units() * issue.len());
    for (index, copy) in copies.iter().enumerate() {
        let page = &issue[index % issue.len()];
        let text = page.glyphs.len();
        let more = if index % issue.len() == 0 { 6 } else { 0 };
        assert_eq!(copy.glyphs.len(), text + more);
        for ((c, at), (copied, there)) in page.glyphs.iter().zip(&copy.glyphs) {
            assert!(c == copied && (*at - *there).hypot() < 0.01, "{c} at {at}, not {there}");
        }
    }
}

fn toml_list() -> String {
    ROWS.iter()
        .map(|[recipient, count, entry, first]| {
            let mut row = format!("[[copies]]\nrecipient = '{recipient}'\ncount = {count}\n");
            if !entry.is_empty() {
                row += &format!("entry = '{entry}'\n");
            }
            if !first.is_empty() {
                row += &format!("first_number = {first}\n");
            }
            row
        })
        .collect()
}

/// The smallest workbook that Excel would open.
fn xlsx_list() -> Vec<u8> {
    let mut rows = String::new();
    let head = ["recipient", "count", "entry", "first_number"];
    for (index, row) in std::iter::once(&head).chain(&ROWS).enumerate() {
        let cells =
            row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()).map(|(at, cell)| {
                let name = format!("{}{}", char::from(b'A' + at as u8), index + 1);
                match cell.parse::<u32>() {
                    Ok(number) => format!("<c r=\"{name}\"><v>{number}</v></c>"),
                    Err(_) => {
                        format!("<c r=\"{name}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>")
                    }
                }
            });
        rows += &format!("<row r=\"{}\">{}</row>", index + 1, cells.collect::<String>());
    }
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const RELS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let parts = [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>".to_string(),
        ),
        (
            "_rels/.rels",
            format!("<Relationships xmlns=\"{RELS}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
        ),
        (
            "xl/workbook.xml",
            format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!("<Relationships xmlns=\"{RELS}\"><Relationship Id=\"rId1\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ];
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut book = zip::ZipWriter::new(&mut bytes);
    for (name, text) in parts {
        book.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        book.write_all(text.as_bytes()).expect("a part");
    }
    book.finish().expect("a workbook");
    bytes.into_inner()
}

#[test]
fn lists_of_copies_are_toml_csv_or_a_workbook() {
    let mut registers = Vec::new();
    for (name, bytes) in [
        ("copies.toml", toml_list().into_bytes()),
        ("copies.csv", csv_list().into_bytes()),
        ("copies.xlsx", xlsx_list()),
    ] {
        let project = project_with(LISTED);
        project.file(name, bytes);
        project.run(&["press", "--copies", name, "--code"]).exit(0);
        let read = |path: &str| std::fs::read(project.path(path)).expect("it was made");
        let register = String::from_utf8(read("out/press/p/2026-1-register.csv")).expect("text");
        let rows: Vec<Vec<&str>> =
            register.lines().skip(1).map(|line| line.split(',').take(3).collect()).collect();
        assert_eq!(
            rows,
            [
                ["000001", "省委办公厅", "报"],
                ["000002", "省政府办公厅", "报"],
                ["000003", "省政府办公厅", "报"],
                ["000004", "甲县", "发"],
                ["000005", "甲县", "发"],
                ["000100", "办公室", "存档"],
            ]
        );
        let table = pdf_text(&read("out/press/p/2026-1-register.pdf"));
        for part in ["甲县", "000004–000005", "000100"] {
            assert!(table.contains(part), "{part} in {table}");
        }
        let copies = read("out/press/p/2026-1-copies.pdf");
        let text = without_blanks(&pdf_text(&copies));
        for row in &rows {
            assert_eq!(text.matches(row[0]).count(), 1, "{}", row[0]);
        }
        registers.push((register, copies));
    }
    assert!(registers.iter().all(|made| *made == registers[0]), "the same bytes from each");
}

#[test]
fn a_workbook_is_read_cell_by_cell() {
    let sheet = |rows: &str| {
        let mut from = zip::ZipArchive::new(std::io::Cursor::new(xlsx_list())).expect("a workbook");
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut book = zip::ZipWriter::new(&mut bytes);
        for index in 0..from.len() {
            let mut part = from.by_index(index).expect("a part");
            let mut text = String::new();
            std::io::Read::read_to_string(&mut part, &mut text).expect("text");
            let name = part.name().expect("a name").to_string();
            if name.ends_with("sheet1.xml") {
                text = text.replace("</sheetData>", &format!("{rows}</sheetData>"));
            }
            book.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
            book.write_all(text.as_bytes()).expect("a part");
        }
        book.finish().expect("a workbook");
        copies::read("copies.xlsx", bytes.into_inner())
    };
    let cell = |name: &str, value: &str| {
        let row = name.trim_start_matches(char::is_alphabetic);
        format!("<row r=\"{row}\"><c r=\"{name}\">{value}</c></row>")
    };
    for (name, large) in [("XFD1048576", true), ("BM9", true), ("A100001", true), ("BL9", false)] {
        let read = sheet(&cell(name, "<v>1</v>"));
        let codes: Vec<&str> = read.diagnostics.iter().map(|d| d.code.id()).collect();
        assert_eq!(codes.contains(&"copies-too-large"), large, "{name}: {codes:?}");
    }
    // 70 MB of blanks, packed into 70 kB.
    let read = sheet(&cell("B9", &" ".repeat(70 << 20)));
    assert_eq!(read.diagnostics[0].code.id(), "copies-too-large");
    // A coloured cell without text counts as empty.
    let read = sheet(&cell("XFD1048576", ""));
    no_errors(&read.diagnostics);
    assert!(read.value.is_some());
    let project = project_with(LISTED);
    let named = LISTED.replace("正文。", "print_run = 7");
    project.file(ISSUE_FILE, format!("# print_run = 8\n{named}"));
    project.file("copies.csv", csv_list().replace("甲县,2", "甲县,3"));
    let line = named.lines().position(|line| line == "print_run = 6").expect("it") + 2;
    let told = project.run(&["press", "--copies", "copies.csv"]);
    told.exit(1).says(&format!("2026-1.toml:{line}:13"));
}

#[test]
fn what_does_not_agree_with_the_lists_is_refused() {
    let csv = csv_list();
    for (list, words) in [
        (csv.replace("省委办公厅,1", "省委办公室,1"), "did you mean “省委办公厅”"),
        (csv.replace("省委办公厅,1,,\n", ""), "“省委办公厅” of the list 报 gets no copy"),
        (csv.replace("省政府办公厅,2", "省政府办公厅,3"), "the imprint says 2"),
        (csv.replace("甲县,2", "甲县,3"), "共印6份, but the list makes 7"),
        (csv.replace("甲县,2", "甲县,0"), "份数 (count) cannot be “0”"),
        (csv.replace("甲县,2", "甲县,二"), "份数 (count) cannot be “二”"),
        (csv.replace(",100", ",5"), "“甲县” already has copy number 5"),
        (csv.replace(",100", ",1000000"), "copy number 1000000 for “办公室” has more than six"),
        (csv.clone() + "甲县,1,各县区,\n", "“甲县” stands twice"),
        (csv.replace("份数", "数目"), "the column 份数 (count) is missing"),
        (csv.replace("名单项", "备注"), "there is no column “备注”"),
        (String::new(), "this is no list of copies"),
        (csv.replace("甲县", "甲\u{10ffff}县"), "no font has"),
    ] {
        let project = project_with(LISTED);
        project.file("copies.csv", &list);
        project.run(&["press", "--copies", "copies.csv"]).exit(1).says(words);
        assert!(!project.path("out/press/p").exists(), "nothing was made: {words}");
    }
    let project = project_with(LISTED);
    project.file("copies.csv", &csv);
    let large = ["press", "--copies", "copies.csv", "--first-number", "999998"];
    project.run(&large).exit(1).says("more than six digits");
    project.file("copies.txt.xlsx", "no workbook");
    project.run(&["press", "--copies", "copies.txt.xlsx"]).exit(1).says("cannot read the file");
    project.run(&["press", "--copies", "none.csv"]).exit(2).says("none.csv");
    project.file("issues/p/2026-2.toml", ISSUE.replace("number = 1", "number = 2"));
    project.run(&["press", "--copies", "copies.csv"]).exit(2).says("one issue at a time");
}

#[test]
fn numbers_that_were_given_are_not_given_again() {
    let project = project_with(LISTED);
    project.file("copies.csv", csv_list());
    let job = ["press", "--copies", "copies.csv", "--per-recipient"];
    project.run(&job).exit(0);
    project.run(&job).exit(0);
    let register = std::fs::read(project.path("out/press/p/2026-1-register.csv")).expect("it");
    project.file("copies.csv", csv_list().replace("甲县", "乙县"));
    project.run(&job).exit(2).says("2026-1-register.csv").says("nothing was changed");
    assert_eq!(
        std::fs::read(project.path("out/press/p/2026-1-register.csv")).expect("it"),
        register
    );
    assert!(!project.path("out/press/p/2026-1-copies/003-乙县.pdf").exists());
    std::fs::remove_file(project.path("out/press/p/2026-1-register.csv")).expect("it was there");
    project.run(&job).exit(2).says("003-甲县.pdf");
    project.run(&[&job[..], &["--output", "again"]].concat()).exit(0);
    assert!(project.path("again/p/2026-1-copies/003-乙县.pdf").exists());
}
