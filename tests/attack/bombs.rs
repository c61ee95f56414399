//! Small inputs that ask for much → an error or a result, within the limits of memory and time.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::machine::{Attack, Place, is_long};
use crate::pdfs;

fn issue(body: &str) -> String {
    format!(
        "number = 1\ndate = 2026-01-05\n\n[[articles]]\ntitle = \"标题\"\nbody = '''\n{body}\n'''\n"
    )
}

fn table(columns: usize, rows: usize, cell: &str) -> String {
    let row = format!("|{}\n", format!(" {cell} |").repeat(columns));
    format!("{row}|{}\n{}", "---|".repeat(columns), row.repeat(rows))
}

/// Bodies of issues.
fn bodies() -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut add = |name: &str, body: String| all.push((name.to_string(), body));
    for (name, mark) in [
        ("acute", '\u{301}'),
        ("voiced sound", '\u{3099}'),
        ("joiner", '\u{200d}'),
        ("variation", '\u{fe00}'),
        ("supplementary variation", '\u{e0100}'),
        ("Hebrew point", '\u{5b0}'),
        ("Thai vowel", '\u{e34}'),
        ("keycap", '\u{20e3}'),
    ] {
        let marks = mark.to_string();
        add(&format!("{name} in a row"), format!("e{}", marks.repeat(100_000)));
        add(&format!("{name} after each"), format!("字{mark}").repeat(60_000));
    }
    add("Hangul jamo", "\u{1100}\u{1161}\u{11a8}".repeat(50_000));
    add("a word of a million", "a".repeat(900_000));
    add("a paragraph of a million", "字".repeat(300_000));
    add("blanks", format!("字{}字", " ".repeat(900_000)));
    add("wide blanks", format!("字{}字", "\u{3000}".repeat(300_000)));
    add("stops", "。".repeat(300_000));
    add("quotes", "“".repeat(300_000));
    add("brackets", "（".repeat(300_000));
    add("right to left", format!("字{}字", "\u{202e}".repeat(200_000)));
    add("Arabic", "\u{628}\u{644}".repeat(100_000));
    add("nested bidi", format!("字{}字", "\u{2067}א".repeat(100_000)));
    for (columns, rows) in [(500, 100), (300, 300), (2, 40_000), (20_000, 2), (1, 60_000)] {
        add(&format!("table {columns} x {rows}"), table(columns, rows, "a"));
    }
    add("tables", format!("{}\n\n", table(2, 1, "字")).repeat(15_000));
    add("items", "- 一\n".repeat(50_000));
    add("headings", "一、题\n\n".repeat(40_000));
    add("paragraphs", "字\n\n".repeat(150_000));
    add("notes", "字^[注]".repeat(60_000));
    add("nested notes", format!("字{}{}", "^[".repeat(200_000), "]".repeat(200_000)));
    add("strong", "**字**".repeat(60_000));
    add("open strong", "**字".repeat(100_000));
    add("stars", "*".repeat(900_000));
    add("nested marks", format!("{}字{}", "**强*".repeat(50_000), "*调**".repeat(50_000)));
    add("backslashes", "\\".repeat(900_000));
    add("pipes", "|".repeat(900_000));
    add("numbers", "1234567890".repeat(90_000));
    add("ranges", "1-2，".repeat(100_000));
    add("pictures", "![图](图.png)\n\n".repeat(40_000));
    all
}

/// Whole issues and publications.
fn files() -> Vec<(&'static str, String, String)> {
    let publication = |more: &str| format!("name = \"工作简报\"\nissuer = \"某某办公室\"\n{more}");
    let good = issue("正文一段。");
    let with = |key: &str, value: &str| {
        good.replace("[[articles]]", &format!("{key} = \"{value}\"\n\n[[articles]]"))
    };
    let marks = format!("标{}", "\u{301}".repeat(100_000));
    let units = |n: usize| {
        let units: Vec<String> = (0..n).map(|n| format!("\"单位{n}\"")).collect();
        format!("{good}\n[imprint]\nreport_to = [{}]\n", units.join(", "))
    };
    let articles = |n: usize| {
        let article = |n| format!("[[articles]]\ntitle = \"题{n}\"\nbody = '''\n文。\n'''\n");
        (0..n).fold("number = 1\ndate = 2026-01-05\n".into(), |all: String, n| all + &article(n))
    };
    let mut words = String::from("[words]\n");
    words.extend((0..60_000).map(|n| format!("\"错{n}\" = \"对{n}\"\n")));
    let mut names = String::from("[names]\n");
    names.extend((0..60_000).map(|n| format!("\"名{n}\" = [\"别{n}\"]\n")));
    vec![
        ("a title of marks", publication(""), good.replace("标题", &marks)),
        ("a title of 400", publication(""), good.replace("标题", &"标".repeat(400))),
        ("a label of marks", publication(""), with("label", &marks)),
        ("units", publication(""), units(50_000)),
        ("articles", publication(""), articles(10_000)),
        ("300 articles", publication(""), articles(300)),
        ("words", publication(&words), issue(&"错1".repeat(50_000))),
        ("names", publication(&names), issue(&"别1".repeat(50_000))),
        ("a name of marks", publication("").replace("工作简报", &marks), good.clone()),
        (
            "deep arrays",
            publication(""),
            format!("{good}\nx = {}{}", "[".repeat(200_000), "]".repeat(200_000)),
        ),
        ("deep tables", publication(""), format!("{good}\n[{}]\n", vec!["a"; 100_000].join("."))),
        (
            "many keys",
            publication(""),
            (0..100_000).fold(good.clone(), |all, n| all + &format!("k{n} = 1\n")),
        ),
        ("a long date", publication(""), good.replace("2026-01-05", &"9".repeat(500_000))),
        ("a large number", publication(""), good.replace("number = 1", "number = 4294967295")),
    ]
}

#[test]
fn issues_that_ask_for_much() {
    let mut attack = Attack::new("issues that ask for much");
    // The parts that are slow to refuse are left for the long run.
    let bodies = bodies();
    let some = if is_long() { 1 } else { 3 };
    for (name, body) in bodies.iter().step_by(some) {
        let place = Place::new();
        place.file("project/issues/p/2026-1.toml", issue(body));
        attack.ran(name, &place.run(["build", "-q"]));
    }
    for (name, publication, issue) in files().into_iter().step_by(some) {
        let place = Place::new();
        place.file("project/issues/p/publication.toml", publication);
        place.file("project/issues/p/2026-1.toml", issue);
        attack.ran(name, &place.run(["build", "-q"]));
    }
}

/// A Word document of the given parts.
fn docx(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("memory");
        zip.write_all(content.as_bytes()).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

const WORD: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";

fn document(body: &str) -> (&'static str, String) {
    (
        "word/document.xml",
        format!("<?xml version=\"1.0\"?><w:document {WORD}><w:body>{body}</w:body></w:document>"),
    )
}

fn numbered(start: u64, format: &str) -> Vec<u8> {
    let item = "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr><w:r><w:t>标题</w:t></w:r></w:p>";
    let numbering = format!(
        "<?xml version=\"1.0\"?><w:numbering {WORD}><w:abstractNum w:abstractNumId=\"0\"><w:lvl w:ilvl=\"0\"><w:start w:val=\"{start}\"/><w:numFmt w:val=\"{format}\"/><w:lvlText w:val=\"%1、\"/></w:lvl></w:abstractNum><w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num></w:numbering>"
    );
    docx(&[document(&item.repeat(3)), ("word/numbering.xml", numbering)])
}

/// Files for `import`.
#[expect(clippy::too_many_lines, reason = "a flat list of files")]
fn imports() -> Vec<(String, &'static str, Vec<u8>)> {
    let mut all = Vec::new();
    let mut add = |name: &str, ending, bytes: Vec<u8>| all.push((name.to_string(), ending, bytes));
    for format in [
        "lowerLetter",
        "upperRoman",
        "chineseCounting",
        "decimal",
        "decimalEnclosedCircle",
        "ideographDigital",
    ] {
        add(&format!("{format} from 4e9"), "docx", numbered(4_000_000_000, format));
    }
    let p = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let nested = |open: &str, close: &str, n: usize| open.repeat(n) + &p("文") + &close.repeat(n);
    add(
        "nested tables",
        "docx",
        docx(&[document(&nested("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>", 5000))]),
    );
    add(
        "nested content",
        "docx",
        docx(&[document(&nested("<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>", 50_000))]),
    );
    add(
        "a wide cell",
        "docx",
        docx(&[document(
            "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"4000000000\"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>",
        )]),
    );
    add(
        "tabs",
        "docx",
        docx(&[document(&format!("<w:p><w:r>{}</w:r></w:p>", "<w:tab/>".repeat(500_000)))]),
    );
    add("paragraphs of Word", "docx", docx(&[document(&p("文").repeat(200_000))]));
    add("zeros", "docx", docx(&[document(&p(&"0".repeat(300_000_000)))]));
    let style = |n: usize| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"s{n}\"><w:basedOn w:val=\"s{}\"/></w:style>",
            (n + 1) % 20_000
        )
    };
    let styles: String = (0..20_000).map(style).collect();
    let styled =
        "<w:p><w:pPr><w:pStyle w:val=\"s0\"/></w:pPr><w:r><w:t>文</w:t></w:r></w:p>".repeat(2000);
    add(
        "styles in a circle",
        "docx",
        docx(&[
            document(&styled),
            (
                "word/styles.xml",
                format!("<?xml version=\"1.0\"?><w:styles {WORD}>{styles}</w:styles>"),
            ),
        ]),
    );
    let blips = "<w:drawing><a:blip r:embed=\"r1\"/></w:drawing>".repeat(20_000);
    let relations =
        "<Relationships><Relationship Id=\"r1\" Target=\"media/a.png\"/></Relationships>";
    let picture = format!("\u{89}PNG{}", "\0".repeat(20 << 20));
    add(
        "a picture named often",
        "docx",
        docx(&[
            document(&format!("{}<w:p><w:r>{blips}</w:r></w:p>", p("文"))),
            ("word/_rels/document.xml.rels", relations.into()),
            ("word/media/a.png", picture),
        ]),
    );
    let lines = "工作简报\n第3期\n标题\n这是一段正文，讲的是一件事情。\n";
    add("20 MB of text", "txt", lines.repeat((20 << 20) / lines.len()).into_bytes());
    add("60 MB of text", "txt", lines.repeat((60 << 20) / lines.len()).into_bytes());
    add("a line of 20 MB", "txt", "字".repeat(7_000_000).into_bytes());
    add("empty lines", "txt", format!("标题\n{}文。\n", "\n".repeat(10_000_000)).into_bytes());
    for tag in ["div", "b", "table><tr><td", "ul><li", "span", "blockquote"] {
        for n in [5000, 100_000] {
            let html = format!("<html><body>{}文。", format!("<{tag}>").repeat(n));
            add(&format!("{n} nested <{tag}>"), "html", html.into_bytes());
        }
    }
    add(
        "cells",
        "html",
        format!(
            "<html><body><table>{}</table>",
            format!("<tr>{}</tr>", "<td>a</td>".repeat(300)).repeat(300)
        )
        .into_bytes(),
    );
    add(
        "a wide cell of a page",
        "html",
        b"<html><body><table><tr><td colspan=1000000000 rowspan=1000000000>a</td></tr></table>"
            .to_vec(),
    );
    add("open tags", "html", format!("<html>{}", "<p <b ".repeat(1_000_000)).into_bytes());
    add("quotes of Markdown", "md", format!("{}文", "> ".repeat(100_000)).into_bytes());
    add(
        "lists of Markdown",
        "md",
        (0..5000).map(|n| format!("{}- 文\n", " ".repeat(n * 2))).collect::<String>().into_bytes(),
    );
    add("links of Markdown", "md", format!("{}文", "[".repeat(500_000)).into_bytes());
    all
}

/// A PNG with a colour profile that unpacks to so many MB.
fn profiled(megabytes: usize) -> Vec<u8> {
    let packed = |bytes: &[u8]| {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).expect("memory");
        packer.finish().expect("memory")
    };
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |name: &[u8], data: &[u8]| {
        let body = [name, data].concat();
        png.extend((data.len() as u32).to_be_bytes());
        png.extend(&body);
        png.extend(crc32fast::hash(&body).to_be_bytes());
    };
    chunk(b"IHDR", &[0, 0, 0, 100, 0, 0, 0, 100, 8, 2, 0, 0, 0]);
    chunk(b"iCCP", &[&b"p\0\0"[..], &packed(&vec![0; megabytes << 20])].concat());
    chunk(b"IDAT", &packed(&[0; 100 * 301]));
    chunk(b"IEND", b"");
    png
}

#[test]
fn pictures_that_ask_for_much() {
    let mut attack = Attack::new("pictures that ask for much");
    for (megabytes, code) in [(1, 0), (500, 1)] {
        let place = Place::new();
        place.file("project/issues/p/2026-1.toml", issue("正文。\n\n![图1　题目](a.png \"什么\")"));
        place.file("project/issues/p/a.png", profiled(megabytes));
        let name = format!("a profile of {megabytes} MB");
        let ended = place.run(["build", "-q"]);
        attack.ran(&name, &ended);
        if ended.code() != Some(code) {
            attack.wrong(&name, &format!("exit code {:?}: {}", ended.code(), ended.stderr));
        }
    }
}

#[test]
fn files_that_ask_for_much_of_import() {
    let mut attack = Attack::new("imports that ask for much");
    let some = if is_long() { 1 } else { 3 };
    for (name, ending, bytes) in imports().into_iter().step_by(some) {
        let place = Place::new();
        let file = place.file(&format!("source.{ending}"), bytes);
        let args = ["import", "--publication", "p"].map(std::ffi::OsString::from);
        attack.ran(&name, &place.run(args.into_iter().chain([file.into()])));
    }
}

#[test]
fn foreign_pdfs_that_ask_for_much() {
    let mut attack = Attack::new("PDFs that ask for much");
    let some = if is_long() { 1 } else { 3 };
    for (name, bytes) in pdfs::bombs().into_iter().step_by(some) {
        let place = Place::new();
        let file = place.file("bomb.pdf", &bytes);
        let file = file.to_str().expect("a plain path");
        attack.ran(&format!("trace: {name}"), &place.run(["trace", file]));
        attack.ran(&format!("preflight: {name}"), &place.run(["preflight", file]));
        attack.ran(&format!("import: {name}"), &place.run(["import", "--dry-run", file]));
        place.file("project/approved/p/2026-1.pdf", &bytes);
        attack.ran(&format!("compare: {name}"), &place.run(["compare", "-q"]));
    }
}
