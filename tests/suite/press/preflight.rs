//! Preflight: files that pass, files that fail, and files that cannot be opened.

use std::collections::BTreeSet;
use std::process::Command;

use jianbao::press::impose::Scheme;
use jianbao::press::ink::Colours;
use jianbao::press::preflight::{Preflight, preflight};
use jianbao::press::{Copies, Imposition, Job, Parts, trace};

use super::{SRA3, imposed, numbered, on_sheets, plain, press, put_behind, seed};
use crate::support::{SAMPLES, TempProject, pdf, tool};

fn looked_at(bytes: &[u8]) -> Preflight {
    preflight(bytes.to_vec(), &["Black".into(), "Red".into()]).expect("a PDF")
}

#[test]
fn preflight_passes_what_the_press_makes() {
    let marked = Imposition { marks: true, sheet: SRA3, ..imposed(Scheme::Booklet) };
    let jobs = [
        plain(),
        Job { parts: Parts::Plates, ..plain() },
        Job { parts: Parts::Preprinted, ..plain() },
        on_sheets(marked),
        Job { parts: Parts::Plates, ..on_sheets(marked) },
        on_sheets(imposed(Scheme::TwoUp)),
        on_sheets(imposed(Scheme::CutStack)),
        on_sheets(imposed(Scheme::Step)),
        Job {
            copies: Some(Copies { watermark: true, code: true, ..numbered(1) }),
            ..on_sheets(marked)
        },
        Job { copies: Some(numbered(1)), ..on_sheets(imposed(Scheme::CutStack)) },
    ];
    for job in jobs {
        for file in press(&SAMPLES, &seed(), &job) {
            // A plate has only its own ink, except that registration marks are in every ink.
            let marks = job.imposition.is_some_and(|imposition| imposition.marks);
            let allowed: &[&str] = match file.suffix.as_str() {
                _ if marks => &["Black", "Red"],
                suffix if suffix.ends_with("-red") => &["Red"],
                suffix if suffix.ends_with("-black") => &["Black"],
                suffix if suffix.ends_with("-preprinted") => &["Black"],
                _ => &["Black", "Red"],
            };
            let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
            let found = preflight(file.bytes.clone(), &allowed).expect("a PDF");
            assert!(found.pass, "{}: {:?}", file.suffix, found.findings);
            assert!(found.fonts.values().all(|embedded| *embedded));
            assert_eq!(found.imposed.is_some(), job.imposition.is_some());
            if let Some(imposed) = found.imposed {
                assert_eq!(imposed.sides(), file.sides, "{imposed:?}");
            }
        }
    }
}

#[test]
fn preflight_says_why_a_file_cannot_be_printed() {
    let fails = |bytes: &[u8]| -> BTreeSet<&'static str> {
        looked_at(bytes).findings.iter().filter(|f| f.fails).map(|f| f.check).collect()
    };
    let screen = pdf(&SAMPLES, &seed()).value.expect("a PDF").bytes;
    assert_eq!(fails(&screen), BTreeSet::from(["preflight-screen"]));
    let process = press(&SAMPLES, &seed(), &Job { colours: Colours::Process, ..plain() }).remove(0);
    assert_eq!(fails(&process.bytes), BTreeSet::from(["preflight-ink"]));
    let bad = handmade(
        "/GS gs 0.1 w 0 0 m 9 9 l S BT /F 4 Tf (a) Tj ET q 72 0 0 72 0 0 cm /I Do Q",
        "/TrimBox [-5 0 100 100]",
    );
    let all = ["box", "font", "line", "picture", "transparency", "type"];
    assert_eq!(fails(&bad), all.iter().map(|name| names(name)).collect());
    let good = handmade("1 w 0 0 m 9 9 l S", "/TrimBox [5 5 100 100]");
    assert!(looked_at(&good).pass, "{:?}", looked_at(&good).findings);
    assert!(preflight(b"no PDF".to_vec(), &[]).is_err());

    let project = TempProject::new();
    project.file("bad.pdf", &bad).file("good.pdf", &good).file("none.pdf", "no PDF");
    assert!(project.run(&["preflight", "good.pdf"]).exit(0).stdout().contains("can be printed"));
    let told = project.run(&["preflight", "bad.pdf", "good.pdf"]);
    assert!(told.exit(1).stdout().contains("the font Helvetica is not embedded"));
    let json = project.run(&["preflight", "bad.pdf", "--format", "json"]).exit(1).stdout();
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["files"][0]["found"]["pass"], false);
    project.run(&["preflight", "none.pdf"]).exit(2).says("no PDF that can be read");
}

fn names(name: &str) -> &'static str {
    match name {
        "box" => "preflight-box",
        "font" => "preflight-font",
        "line" => "preflight-line",
        "picture" => "preflight-picture",
        "transparency" => "preflight-transparency",
        _ => "preflight-type",
    }
}

/// A PDF of one page, written by hand.
fn handmade(content: &str, page: &str) -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_string(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_string(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] {page} /Contents 4 0 R /Resources << /Font << /F 5 0 R >> /ExtGState << /GS << /ca 0.5 >> >> /XObject << /I 6 0 R >> >> >>"
        ),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_string(),
        "<< /Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 4 >>\nstream\nabcd\nendstream".to_string(),
    ];
    assembled(&objects)
}

/// A PDF of objects, the catalogue first.
fn assembled(objects: &[String]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(pdf.len());
        pdf.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
    }
    let start = pdf.len();
    pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    offsets.iter().for_each(|at| pdf.extend(format!("{at:010} 00000 n \n").bytes()));
    let size = objects.len() + 1;
    pdf.extend(
        format!("trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes(),
    );
    pdf
}

fn stream(dict: &str, content: &str) -> String {
    format!("<< {dict} /Length {} >>\nstream\n{content}\nendstream", content.len())
}

/// A PDF of one page: its content, its resources, what else its dictionary has, and the objects
/// from 5 on.
fn one_page(content: &str, resources: &str, page: &str, more: &[String]) -> Vec<u8> {
    let page = format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /TrimBox [0 0 200 200] /Resources << {resources} >> {page} /Contents 4 0 R >>"
    );
    let first = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_string(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_string(),
        page,
        stream("", content),
    ];
    assembled(&[&first[..], more].concat())
}

#[track_caller]
fn fails_for(pdf: &[u8], checks: &[&str]) {
    let found = preflight(pdf.to_vec(), &[]).expect("a PDF");
    let failed: Vec<&str> = found.findings.iter().filter(|f| f.fails).map(|f| f.check).collect();
    assert_eq!(failed, checks, "{:?}", found.pages);
    assert_eq!(found.pass, checks.is_empty());
}

const EMBEDDED: &str = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /A /FontDescriptor << /FontFile 5 0 R >> >> /G << /Type /Font /Subtype /Type1 /BaseFont /B >> >>";

#[test]
fn preflight_passes_nothing_that_it_cannot_read() {
    let unread = |content: &str, resources: &str, more: &[String]| {
        fails_for(&one_page(content, resources, "", more), &["preflight-unread"]);
    };
    let none = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>"];
    fails_for(&assembled(&none.map(String::from)), &["preflight-empty"]);
    fails_for(&one_page("", "", "", &[]), &[]);
    let contents = |pdf: Vec<u8>, other: &str| {
        let text = String::from_utf8(pdf).expect("text").replace("/Contents 4 0 R", other);
        text.into_bytes()
    };
    let empty = || one_page("", "", "", &[stream("/Filter /FlateDecode", "no zlib at all")]);
    for other in ["/Contents 5 0 R", "/Contents [4 0 R 5 0 R 4 0 R]", "/Contents 9 0 R"] {
        fails_for(&contents(empty(), other), &["preflight-unread"]);
    }
    fails_for(&contents(empty(), ""), &[]);
    let form = "/XObject << /X 5 0 R >>";
    let unknown = stream("/Subtype /Form /Filter /SomeDecode", "0 g");
    let damaged = stream("/Subtype /Form /Filter /FlateDecode", "no zlib at all");
    let circle = stream("/Subtype /Form /Resources << /XObject << /X 5 0 R >> >>", "/X Do");
    for form_in_form in [unknown, damaged, circle] {
        unread("/X Do", form, &[form_in_form]);
    }
    unread("/X Do", "", &[]);
    unread("/X gs", "", &[]);
    unread("/Pattern cs /X scn", "", &[]);
    unread("BT /X 12 Tf (a) Tj ET", "", &[]);
    unread("(a string without an end 1 0 0 rg 0 0 9 9 re f", "", &[]);
    unread("0 0 (a) re 1 0 0 rg 0 0 9 9 re f", "", &[]);
    unread("1 2 3 paint", "", &[]);
    fails_for(&one_page("BX 1 2 3 paint EX", "", "", &[]), &[]);
    // Nested forms that draw a huge number of times must end soon.
    let level = |below: usize| {
        let resources = format!("/Resources << /XObject << /X {below} 0 R >> >>");
        stream(&format!("/Subtype /Form {resources}"), &"/X Do ".repeat(10))
    };
    let mut levels: Vec<String> = (6..16).map(level).collect();
    levels.push(stream("/Subtype /Form", "0 0 9 9 re f"));
    unread("/X Do", form, &levels);
}

#[test]
fn preflight_finds_colours_wherever_they_are() {
    let font = [stream("", "")];
    for (mode, checks) in
        [(0, &[][..]), (2, &["preflight-screen"]), (6, &["preflight-screen"]), (3, &[]), (7, &[])]
    {
        let content = format!("BT /F 12 Tf {mode} Tr 1 0 0 RG (a) Tj ET");
        fails_for(&one_page(&content, EMBEDDED, "", &font), checks);
    }
    for (modes, checks) in [
        ("[/Multiply]", &["preflight-transparency"][..]),
        ("/Multiply", &["preflight-transparency"]),
        ("[/Normal]", &[]),
    ] {
        let gs = format!("/ExtGState << /GS << /BM {modes} >> >>");
        fails_for(&one_page("/GS gs", &gs, "", &[]), checks);
    }
    // Type 3 glyphs with their own colours (`d0`), and without (`d1`).
    let drawn = "/Font << /F << /Type /Font /Subtype /Type3 /FontMatrix [0.001 0 0 0.001 0 0] /CharProcs << /a 5 0 R >> >> >>";
    for (width, checks) in [("9 0 d0", &["preflight-screen"][..]), ("9 0 0 0 9 9 d1", &[])] {
        let glyph = stream("", &format!("{width} 1 0 0 rg 0 0 900 900 re f"));
        fails_for(&one_page("BT /F 12 Tf (a) Tj ET", drawn, "", &[glyph]), checks);
    }
    let look = stream("/Subtype /Form /BBox [0 0 9 9]", "1 0 0 rg 0 0 9 9 re f");
    for (annotation, checks) in [
        ("/AP << /N 5 0 R >>", &["preflight-screen"][..]),
        ("/AS /On /AP << /N << /On 5 0 R >> >>", &["preflight-screen"]),
        ("/AS /Off /AP << /N << /On 5 0 R >> >>", &[]),
        ("/F 2 /AP << /N 5 0 R >>", &[]),
        ("/AP << /N 9 0 R >>", &["preflight-unread"]),
    ] {
        let page = format!("/Annots [8 0 R << /Rect [0 0 90 90] {annotation} >>]");
        fails_for(&one_page("", "", &page, std::slice::from_ref(&look)), checks);
    }
    // Two resource dictionaries use one name for different patterns.
    let pattern = "/PatternType 1 /PaintType 1 /BBox [0 0 9 9] /XStep 9 /YStep 9 /Resources << >>";
    let objects = [
        stream(pattern, "0 g 0 0 9 9 re f"),
        stream(pattern, "1 0 0 rg 0 0 9 9 re f"),
        stream(
            "/Subtype /Form /Resources << /Pattern << /P 6 0 R >> >>",
            "/Pattern cs /P scn 0 0 9 9 re f",
        ),
    ];
    let resources = "/Pattern << /P 5 0 R >> /XObject << /X 7 0 R >>";
    let content = "/Pattern cs /P scn 0 0 9 9 re f";
    fails_for(&one_page(content, resources, "", &objects), &[]);
    let content = format!("{content} /X Do");
    fails_for(&one_page(&content, resources, "", &objects), &["preflight-screen"]);
    let plain = stream(&pattern.replace("/PaintType 1", "/PaintType 2"), "0 0 9 9 re f");
    for (parts, checks) in [("1 0 0", &["preflight-screen"][..]), ("1 1 1", &[])] {
        let resources = "/Pattern << /P 5 0 R >> /ColorSpace << /C [/Pattern /DeviceRGB] >>";
        let content = format!("/C cs {parts} /P scn 0 0 9 9 re f");
        fails_for(&one_page(&content, resources, "", std::slice::from_ref(&plain)), checks);
    }
}

#[test]
fn preflight_measures_what_is_printed() {
    for (content, checks) in [
        ("0 0 m 100 0 l 100 0.05 l 0 0.05 l h f", &["preflight-line"][..]),
        ("0 0 100 0.05 re 0 50 100 9 re f", &["preflight-line"]),
        ("0 50 100 9 re 0 0 100 0.05 re f*", &["preflight-line"]),
        ("0.7 0.7 -0.7 0.7 0 0 cm 0 0 m 100 0 l 100 0.05 l 0 0.05 l f", &["preflight-line"]),
        ("0 0 m 100 100 l 100.05 100 l 0.05 0 l f", &["preflight-line"]),
        ("0 0 m 50 0.05 100 0.05 150 0 c f", &["preflight-line"]),
        ("0.01 0 0 0.01 0 0 cm 0 0 m 900 0 l 900 5 l 0 5 l f", &["preflight-line"]),
        ("0 0 m 100 0 l 100 1 l 0 1 l h f", &[]),
        ("0 0 m 100 100 l 0 100 l f 5 5 m 0 0 9 9 re f", &[]),
        ("0 0 100 0.05 re n 0 0 100 0.05 re W n 0 50 9 9 re f", &[]),
        ("1 g 0 0 100 0.05 re f", &[]),
        ("1 w 0 0 100 0.05 re B", &[]),
    ] {
        fails_for(&one_page(content, "", "", &[]), checks);
    }
    let font = [stream("", "")];
    let small = one_page("BT /F 4 Tf (a) Tj ET", EMBEDDED, "", &font);
    fails_for(&small, &["preflight-type"]);
    let large = one_page("BT /F 4 Tf (a) Tj ET", EMBEDDED, "/UserUnit 2", &font);
    fails_for(&large, &[]);
    let found = preflight(large, &[]).expect("a PDF");
    assert_eq!((found.pages[0].media, found.pages[0].smallest_type), ((141.11, 141.11), Some(8.0)));
    // A font counts only if text is shown in it.
    for (content, checks) in [
        ("BT /G 12 Tf /F 12 Tf (a) Tj ET", &[][..]),
        ("BT /G 12 Tf 3 Tr (a) Tj ET", &[]),
        ("BT /F 12 Tf /G 12 Tf (a) Tj ET", &["preflight-font"]),
    ] {
        fails_for(&one_page(content, EMBEDDED, "", &font), checks);
    }
}

#[test]
fn preflight_counts_the_sides_of_an_imposition() {
    let objects = |keywords: &str| {
        let pdf = one_page("", "", "", &[format!("<< /Keywords ({keywords}) >>")]);
        let text = String::from_utf8(pdf).expect("text");
        text.replace("/Root 1 0 R", "/Root 1 0 R /Info 5 0 R").into_bytes()
    };
    fails_for(&objects("imposed:booklet/duplex/2/4/1"), &["preflight-count"]);
    fails_for(&objects("imposed:step/single/2/1/1"), &[]);
    for absurd in [
        "imposed:booklet/duplex/2/18446744073709551615/18446744073709551615",
        "imposed:cut-stack/duplex/0/9999999999/9999999999",
        "imposed:step/duplex/2/0/1",
    ] {
        fails_for(&objects(absurd), &[]);
        assert_eq!(looked_at(&objects(absurd)).imposed, None);
    }
    let large = jianbao::press::impose::Imposed {
        scheme: Scheme::CutStack,
        duplex: true,
        up: 1,
        pages: usize::MAX,
        copies: 2,
    };
    assert!(large.sides() > 1 << 31);
}

#[test]
fn a_pdf_has_only_so_much_of_everything() {
    use jianbao::compare::drawing::{Fault, Reader, open};
    let packed = |size: usize| {
        let packer = flate2::Compression::best();
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), packer);
        std::io::Write::write_all(&mut packer, &vec![b' '; size]).expect("memory");
        packer.finish().expect("memory")
    };
    // The content of the page alone is exchanged; a reader finds the objects all the same.
    let with = |dictionary: &str, content: &[u8]| {
        let pdf = one_page("CONTENT", "", "", &[]);
        let text = String::from_utf8(pdf).expect("text");
        let (before, rest) = text.split_once("4 0 obj").expect("the content");
        let (_, after) = rest.split_once("endobj").expect("its end");
        let length = content.len();
        let head = format!("{before}4 0 obj\n<< {dictionary} /Length {length} >>\nstream\n");
        [head.as_bytes(), content, b"\nendstream\nendobj", after.as_bytes()].concat()
    };
    let read = |pdf: Vec<u8>| {
        let pdf = open(pdf)?;
        Reader::new(&pdf).page(0).map(|drawing| drawing.rules.len() + drawing.shapes.len())
    };
    let filter = "/Filter /FlateDecode";
    assert_eq!(read(with(filter, &packed(1 << 20))), Ok(0));
    let bomb = with(filter, &packed(100 << 20));
    let double = with("/Filter [/FlateDecode /FlateDecode]", &packed(1 << 20));
    let table = with("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", &packed(100 << 20));
    for pdf in [&bomb, &double, &table] {
        assert_eq!(read(pdf.clone()), Err(Fault::TooLarge));
        assert_eq!(trace::trace(pdf.clone()), Err(Fault::TooLarge));
        assert_eq!(preflight(pdf.clone(), &[]), Err(Fault::TooLarge));
    }
    let marks = "0 0 9 9 re f\n".repeat(jianbao::source::limits::MARKS + 1);
    let many = one_page(&marks, "", "", &[]);
    assert_eq!(read(many.clone()), Err(Fault::TooLarge));
    assert_eq!(trace::trace(many), Err(Fault::TooLarge));
    let edges = one_page(&"0 0 200 200 re f\n".repeat(60_000), "", "", &[]);
    assert_eq!(trace::trace(edges), Err(Fault::TooLarge));
    // Forms within forms, ten times each: ten thousand million without a mark.
    let form = |next: usize| {
        let own = format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F {next} 0 R >> >>"
        );
        stream(&own, &"/F Do ".repeat(10))
    };
    let forms: Vec<String> = (6..16).map(form).collect();
    let forms = one_page("/F Do", "/XObject << /F 5 0 R >>", "", &forms);
    assert_eq!(read(forms.clone()), Err(Fault::TooLarge));
    assert_eq!(trace::trace(forms), Err(Fault::TooLarge));
    let picture = "/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /DCTDecode";
    let picture = one_page("/F Do", "/XObject << /F 5 0 R >>", "", &[stream(picture, "x")]);
    assert_eq!(trace::trace(picture), Err(Fault::TooLarge));
}

#[test]
fn what_cannot_be_opened_is_said_in_our_words() {
    use jianbao::compare::drawing::Fault;
    let project = TempProject::new();
    let size = |side: u32| {
        let pdf = String::from_utf8(one_page("", "", "", &[])).expect("text");
        let pdf = pdf.replace("/MediaBox [0 0 200 200]", &format!("/MediaBox [0 0 {side} {side}]"));
        pdf.into_bytes()
    };
    assert_eq!(trace::trace(size(14_400)), Ok(Vec::new()));
    assert_eq!(trace::trace(size(60_000)), Err(Fault::TooLarge));
    assert_eq!(trace::trace(b"%PDF-1.7 broken".to_vec()), Err(Fault::Damaged));
    assert_eq!(trace::trace(Vec::new()), Err(Fault::Empty));
    project.file("large.pdf", size(60_000)).file("damaged.pdf", "%PDF-1.7 broken");
    project.file("empty.pdf", "");
    project.run(&["trace", "large.pdf"]).exit(2).says("it is too large");
    for command in ["trace", "preflight"] {
        project.run(&[command, "damaged.pdf"]).exit(2).says("it is damaged");
        project.run(&[command, "empty.pdf"]).exit(2).says("it is empty");
    }
    if tool("qpdf", &["--version"]) {
        let (from, to) = (project.path("open.pdf"), project.path("closed.pdf"));
        std::fs::write(&from, one_page("", "", "", &[])).expect("a file");
        let encrypt = ["--encrypt", "user", "owner", "256", "--"];
        let done = Command::new("qpdf").arg(&from).args(encrypt).arg(&to).status();
        assert!(done.expect("it starts").success());
        for command in ["trace", "preflight"] {
            project.run(&[command, "closed.pdf"]).exit(2).says("it needs a password");
        }
    }
}

#[test]
fn what_should_not_be_printed_is_said_when_it_is_made() {
    let project = TempProject::new();
    put_behind(&project, "line(length: 10mm, stroke: 0.05pt)");
    for args in [&["press"][..], &["press", "--impose", "booklet"], &["press", "--volume"]] {
        let made = project.run(args);
        made.exit(1).says("should not be printed so").says("0.05 pt").says("made out/press/p/");
    }
}
