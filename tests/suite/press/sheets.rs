//! Pages on sheets: places, marks, blanks, and sheets that are too small.

use std::io::Write;
use std::process::Command;

use hayro::hayro_syntax::Pdf;
use jianbao::pipeline::Session;
use jianbao::press::impose::Scheme;
use jianbao::press::preflight::preflight;
use jianbao::press::{Imposition, Job, Paper};
use jianbao::publication::fonts::FontPaths;
use jianbao::source::project::Project;
use kurbo::{Point, Rect};

use super::{
    A3, ISSUE_FILE, MM, SRA3, all_text, imposed, numbered, on_sheets, page_count, press,
    put_behind, seed, seed_units,
};
use crate::support::{ISSUE, SAMPLES, TempProject, pdf, places, tool};

#[test]
fn pages_lie_on_sheets_to_a_hundredth_of_a_millimetre() {
    let issue = pdf(&SAMPLES, &seed()).value.expect("a PDF").bytes;
    let pages = places(&issue);
    for (scheme, sheet, turned) in [
        (Scheme::Booklet, A3, false),
        (Scheme::Booklet, A3, true),
        (Scheme::TwoUp, SRA3, false),
        (Scheme::CutStack, Paper::Either(594.0, 420.0), false),
        (Scheme::Step, A3, false),
    ] {
        use jianbao::press::impose::Flip;
        let flip = turned.then_some(Flip::Long);
        let imposition = Imposition { sheet, flip, ..imposed(scheme) };
        let plan = imposition.plan((210.0, 297.0)).expect("it fits");
        // The imprint of a booklet of 7 pages has a page of its own: compare those before.
        let compared = if scheme == Scheme::Booklet { 6 } else { 7 };
        let sides = plan.impose(if scheme == Scheme::Booklet { 8 } else { 7 }).expect("it fits");
        let file = press(&SAMPLES, &seed(), &on_sheets(imposition)).remove(0);
        let sheets = places(&file.bytes);
        assert_eq!(sheets.len(), sides.len());
        let mut seen = 0;
        for (side, on_sheet) in sides.iter().zip(&sheets) {
            let mut glyphs = on_sheet.glyphs.iter().peekable();
            for slot in &side.slots {
                if slot.page >= compared {
                    continue;
                }
                // PDF coordinates begin at the sheet's bottom left.
                let (left, bottom) = (slot.x * MM, (plan.sheet.1 - slot.y - 297.0) * MM);
                let place = |at: Point| match slot.turned {
                    false => Point::new(left + at.x, bottom + at.y),
                    true => Point::new(left + 210.0 * MM - at.x, bottom + 297.0 * MM - at.y),
                };
                let first = &pages[slot.page].glyphs[0];
                // Glyphs before it belong to a page that is not compared.
                while glyphs.peek().is_some_and(|(_, at)| (*at - place(first.1)).hypot() > 0.05) {
                    glyphs.next();
                }
                for (text, at) in &pages[slot.page].glyphs {
                    let (placed, there) = glyphs.next().expect("a glyph for each glyph");
                    assert_eq!(placed, text);
                    let off = (*there - place(*at)).hypot() / MM;
                    assert!(off < 0.01, "{scheme:?}: {text} is {off} mm off");
                    seen += 1;
                }
            }
        }
        assert!(seen > 2000, "{scheme:?}: {seen} glyphs were compared");
    }
}

fn sorted(text: &str) -> Vec<char> {
    let mut text: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    text.sort_unstable();
    text
}

#[test]
fn the_text_of_sheets_is_the_text_of_the_issue_times_its_copies() {
    let issue = pdf(&SAMPLES, &seed()).value.expect("a PDF").bytes;
    let text = sorted(&all_text(&issue));
    for scheme in [Scheme::Booklet, Scheme::TwoUp, Scheme::CutStack] {
        let file = press(&SAMPLES, &seed(), &on_sheets(imposed(scheme))).remove(0);
        assert!(sorted(&all_text(&file.bytes)) == text, "{scheme:?}");
        let job = Job { copies: Some(numbered(2)), ..on_sheets(imposed(scheme)) };
        let file = press(&SAMPLES, &seed(), &job).remove(0);
        let copies = 2 * seed_units();
        let mut expected = Vec::new();
        for number in 1..=copies {
            expected.extend(&text);
            expected.extend(format!("{number:06}").chars());
        }
        expected.sort_unstable();
        assert!(sorted(&all_text(&file.bytes)) == expected, "{scheme:?} with copies");
    }
    // Step repeats each page as often as it fits: twice on A3.
    let file = press(&SAMPLES, &seed(), &on_sheets(imposed(Scheme::Step))).remove(0);
    let twice: Vec<char> = text.iter().flat_map(|c| [*c, *c]).collect();
    assert!(sorted(&all_text(&file.bytes)) == twice);
    // Without an imprint too.
    let project = TempProject::new();
    project.file(ISSUE_FILE, ISSUE.replace("正文一段。", &"正文一段。".repeat(120)));
    project.run(&["build"]).exit(0);
    project.run(&["press", "--impose", "booklet"]).exit(0);
    let read = |path: &str| std::fs::read(project.path(path)).expect("a PDF");
    let (plain, booklet) = (read("out/p/2026-1.pdf"), read("out/press/p/2026-1-booklet.pdf"));
    assert!(page_count(&plain) > 1);
    assert!(sorted(&all_text(&plain)) == sorted(&all_text(&booklet)), "without an imprint");
    // Read the file with another program, too.
    if tool("pdftotext", &["-v"]) {
        let booklet = press(&SAMPLES, &seed(), &on_sheets(imposed(Scheme::Booklet))).remove(0);
        assert!(sorted(&pdftotext(&booklet.bytes)) == sorted(&pdftotext(&issue)));
    }
}

fn pdftotext(pdf: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(pdf).expect("a PDF");
    let output = Command::new("pdftotext").arg(file.path()).arg("-").output().expect("it starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn marks_stand_outside_the_trimmed_sheet_and_change_nothing_in_it() {
    for scheme in [Scheme::Booklet, Scheme::TwoUp, Scheme::CutStack] {
        let bare = Imposition { sheet: SRA3, ..imposed(scheme) };
        let marked = Imposition { marks: true, ..bare };
        let bare = press(&SAMPLES, &seed(), &on_sheets(bare)).remove(0);
        let marked = press(&SAMPLES, &seed(), &on_sheets(marked)).remove(0);
        let pdf = Pdf::new(marked.bytes.clone()).expect("a PDF");
        for (index, (bare, marked)) in
            places(&bare.bytes).iter().zip(&places(&marked.bytes)).enumerate()
        {
            let raw = pdf.pages()[index].raw();
            let rect = |name: &str| {
                let rect = raw.get::<hayro_syntax::object::Rect>(name).expect("a box");
                Rect::new(rect.x0, rect.y0, rect.x1, rect.y1)
            };
            let (trim, bleed) = (rect("TrimBox"), rect("BleedBox"));
            let media = Rect::new(0.0, 0.0, 450.0 * MM, 320.0 * MM);
            assert!((bleed.x0 - (trim.x0 - 3.0 * MM)).abs() < 0.01, "3 mm of bleed");
            let text = bare.glyphs.len();
            assert_eq!(&bare.glyphs[..], &marked.glyphs[..text]);
            assert!(marked.glyphs.len() > text + 20, "a slug line");
            for (c, at) in &marked.glyphs[text..] {
                assert!(!trim.contains(*at) && media.contains(*at), "{c} at {at}");
            }
            let marks = &marked.paths[bare.paths.len()..];
            assert!(marks.len() > 20, "{} marks", marks.len());
            for mark in marks {
                let apart = mark.x1 <= trim.x0 + 0.01
                    || mark.x0 >= trim.x1 - 0.01
                    || mark.y1 <= trim.y0 + 0.01
                    || mark.y0 >= trim.y1 - 0.01;
                assert!(apart && media.contains_rect(*mark), "{mark:?} in {trim:?}");
            }
        }
    }
}

#[test]
fn a_slug_lies_between_other_marks() {
    let sizes = [(230.0, 317.0, Scheme::Step), (880.0, 640.0, Scheme::CutStack)];
    for (width, height, scheme) in sizes {
        let sheet = Paper::Fixed(width, height);
        let job = on_sheets(Imposition { marks: true, sheet, ..imposed(scheme) });
        let file = press(&SAMPLES, &seed(), &job).remove(0);
        for page in places(&file.bytes) {
            let foot = page.paths.iter().map(|path| path.y0).fold(f64::MAX, f64::min);
            let slug: Vec<Point> = page.glyphs.iter().map(|(_, at)| *at).collect();
            let slug: Vec<&Point> = slug.iter().filter(|at| at.y < foot + 8.0 * MM).collect();
            assert!(slug.len() > 20, "{} glyphs", slug.len());
            let left = slug.iter().map(|at| at.x).fold(f64::MAX, f64::min);
            let right = slug.iter().map(|at| at.x).fold(0.0, f64::max) + 7.0;
            let crossed = page
                .paths
                .iter()
                .find(|path| path.y0 < foot + 8.0 * MM && path.x0 < right && path.x1 > left);
            assert_eq!(crossed, None, "{left}–{right} on {width}×{height}");
        }
    }
}

/// The text of each page of a booklet in the order in which it is read.
fn read_booklet(issue: &str) -> Vec<String> {
    let project = TempProject::new();
    project.file("issues/p/2026-1.toml", issue);
    let session = Session::open(
        Project::find(project.folder.path()).expect("a project"),
        &FontPaths::default(),
    )
    .expect("a session");
    let at = session.project.issues(&[]).expect("an issue").remove(0);
    let file = press(&session, &at, &on_sheets(imposed(Scheme::Booklet))).remove(0);
    let plan = imposed(Scheme::Booklet).plan((210.0, 297.0)).expect("it fits");
    let sheets = places(&file.bytes);
    let sides = plan.impose(sheets.len() * 2).expect("it fits");
    let mut pages = vec![String::new(); sheets.len() * 2];
    for (side, sheet) in sides.iter().zip(&sheets) {
        for slot in &side.slots {
            let left = slot.x * MM..(slot.x + 210.0) * MM;
            let here = sheet.glyphs.iter().filter(|(_, at)| left.contains(&at.x));
            pages[slot.page] = here.map(|(text, _)| text.as_str()).collect();
        }
    }
    pages.iter().map(|page| page.replace(' ', "")).collect()
}

#[test]
fn blanks_stand_before_the_imprint_which_then_has_no_number() {
    let issue = |paragraphs: usize| {
        let body =
            "各县区健全工作网络，全年新建服务站点若干，群众满意度进一步提高。\n".repeat(paragraphs);
        format!(
            "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '标题'\nbody = '''\n{body}'''\n[imprint]\nreport_to = ['省委']\n"
        )
    };
    let mut with_blanks = 0;
    for paragraphs in (2..80).step_by(5) {
        let pages = read_booklet(&issue(paragraphs));
        assert_eq!(pages.len() % 4, 0);
        let (last, text) = pages.split_last().expect("pages");
        assert!(last.contains("报：省委"), "the imprint is on the last page: {last}");
        let blanks = text.iter().rev().take_while(|page| page.is_empty()).count();
        // Blank pages come after all text.
        assert!(text[..text.len() - blanks].iter().all(|page| !page.is_empty()));
        for (index, page) in text[..text.len() - blanks].iter().enumerate() {
            assert!(page.contains(&format!("—{}—", index + 1)), "{page}");
            assert!(!page.contains("报：省委"));
        }
        if blanks > 0 {
            with_blanks += 1;
            assert!(!last.contains('—'), "7.5: no number behind a blank page: {last}");
        }
    }
    assert!(with_blanks >= 3, "{with_blanks}");
}

#[test]
fn what_does_not_fit_on_the_sheet_is_refused() {
    let project = TempProject::new();
    let refused = |args: &[&str], words: &str| {
        let args: Vec<&str> = std::iter::once(&"press").chain(args).copied().collect();
        project.run(&args).exit(1).says(words);
        assert!(!project.path("out/press").exists());
    };
    refused(&["--impose", "booklet", "--sheet", "a4"], "420×297 mm are needed");
    refused(&["--impose", "booklet", "--sheet", "a3", "--marks"], "440×317 mm are needed");
    refused(&["--impose", "step", "--sheet", "200x100"], "210×297 mm are needed");
    refused(&["--impose", "booklet", "--sides", "single"], "printed on both sides");
    refused(&["--impose", "booklet", "--signature", "6"], "signature of 6 pages");
    for args in [
        vec!["press", "--plates", "--process"],
        vec!["press", "--plates", "--preprinted"],
        vec!["press", "--marks"],
        vec!["press", "--code"],
        vec!["press", "--impose", "2up", "--sheet", "a9"],
        vec!["press", "--impose", "2up", "--thickness", "5"],
        vec!["press", "--impose", "2up", "--thickness", "0.1"],
        vec!["press", "--impose", "2up", "--signature", "8"],
        vec!["press", "--copies", "copies.csv", "--first-number", "0"],
    ] {
        project.run(&args).exit(2);
    }
}

#[test]
fn pages_keep_their_sizes() {
    let project = TempProject::new();
    put_behind(&project, "page(flipped: true)[横页]");
    for (args, file) in [
        (vec!["press", "--process"], "2026-1-process"),
        (vec!["press", "--process", "--volume"], "2026-volume-process"),
    ] {
        project.run(&args).exit(0);
        let bytes = std::fs::read(project.path(&format!("out/press/p/{file}.pdf"))).expect("it");
        let pages = preflight(bytes, &[]).expect("a PDF").pages;
        assert!(pages.iter().any(|page| page.media == (297.0, 210.0)), "{file}");
        assert!(pages.iter().any(|page| page.media == (210.0, 297.0)), "{file}");
    }
    for volume in [&["--volume"][..], &[]] {
        let args = [&["press", "--impose", "2up"], volume].concat();
        project.run(&args).exit(1).says("has another size than page 1");
    }
}
