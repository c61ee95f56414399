//! The press: inks, plates, sheets, numbered copies, volumes, and what preflight says of them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::Command;
use std::sync::Arc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use hayro_interpret::font::GlyphRun;
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, SoftMask, interpret_page,
};
use image::{GrayImage, Luma};
use jianbao::fonts::FontPaths;
use jianbao::pipeline::Session;
use jianbao::preflight::{Preflight, preflight};
use jianbao::press::code::{self, Code};
use jianbao::press::impose::Scheme;
use jianbao::press::ink::{Colours, Ink, inks, separate};
use jianbao::press::{Copies, Imposition, Job, Paper, Parts, PressFile, copies, trace};
use jianbao::project::{IssuePath, Project};
use kurbo::{Affine, BezPath, Point, Rect, Shape};
use typst::layout::{Frame, FrameItem, Transform};
use typst::visualize::Paint;

use crate::support::{
    GALLERY, ISSUE, SAMPLE_ISSUES, SAMPLES, SEED, TempProject, no_errors, pdf, pdf_text, root,
    sample, tool, without_blanks,
};

const MM: f64 = 72.0 / 25.4;
const A3: Paper = Paper::Either(420.0, 297.0);
const SRA3: Paper = Paper::Either(450.0, 320.0);

fn plain() -> Job {
    Job { colours: Colours::Spot, parts: Parts::Whole, imposition: None, copies: None }
}

fn imposed(scheme: Scheme) -> Imposition {
    Imposition {
        scheme,
        duplex: true,
        flip: None,
        sheet: A3,
        marks: false,
        signature: None,
        thickness: 0.0,
    }
}

fn on_sheets(imposition: Imposition) -> Job {
    Job { imposition: Some(imposition), ..plain() }
}

#[track_caller]
fn press(session: &Session, at: &IssuePath, job: &Job) -> Vec<PressFile> {
    let pressed = session.press(at, job);
    no_errors(&pressed.diagnostics);
    pressed.value.expect("no errors were found").files
}

fn seed() -> IssuePath {
    sample("fugong", "2014-16")
}

/// A list of copies with one row for each unit of the seed's imprint.
fn seed_list(each: usize) -> Arc<copies::List> {
    let imprint = &SEED.issue.imprint;
    let units = [&imprint.report_to, &imprint.send_to, &imprint.distribute_to];
    let rows: String = units.into_iter().flatten().map(|unit| format!("{unit},{each}\n")).collect();
    let list = copies::read("copies.csv", format!("单位,份数\n{rows}").into_bytes());
    no_errors(&list.diagnostics);
    Arc::new(list.value.expect("a list"))
}

fn numbered(each: usize) -> Copies {
    Copies { list: seed_list(each), first_number: 1, watermark: false, code: false, apart: false }
}

/// Everything that stands on a page: where, what, and in which colour.
fn items(frame: &Frame, at: Transform, found: &mut Vec<(Transform, FrameItem)>) {
    for (point, item) in frame.items() {
        let here = at.pre_concat(Transform::translate(point.x, point.y));
        match item {
            FrameItem::Group(group) => items(&group.frame, here.pre_concat(group.transform), found),
            FrameItem::Text(_) | FrameItem::Shape(..) | FrameItem::Image(..) => {
                found.push((here, item.clone()));
            }
            _ => {}
        }
    }
}

fn items_of(frame: &Frame) -> Vec<(Transform, FrameItem)> {
    let mut found = Vec::new();
    items(frame, Transform::identity(), &mut found);
    found
}

/// An item without its colours, and whether it is red.
fn colourless(item: &FrameItem) -> (FrameItem, bool) {
    let black: Paint = Ink::Black.tint(1.0).into();
    let is_red = |paint: &Paint| match paint {
        Paint::Solid(colour) => {
            let [r, g, ..] = colour.to_process().to_vec4();
            Ink::of(colour).map_or(r > 0.5 && g < 0.5, |(ink, _)| ink == Ink::Red)
        }
        _ => false,
    };
    match item.clone() {
        FrameItem::Text(mut text) => {
            let red = is_red(&text.fill);
            text.fill = black;
            (FrameItem::Text(text), red)
        }
        FrameItem::Shape(mut shape, span) => {
            let paints = [shape.fill.as_ref(), shape.stroke.as_ref().map(|stroke| &stroke.paint)];
            let red = paints.into_iter().flatten().any(is_red);
            shape.fill = shape.fill.map(|_| black.clone());
            shape.stroke.iter_mut().for_each(|stroke| stroke.paint = black.clone());
            (FrameItem::Shape(shape, span), red)
        }
        // A picture is made grey: its place and size are what counts.
        other => (other, false),
    }
}

#[test]
fn without_its_red_a_page_keeps_everything_else_in_its_place() {
    for session in [&*SAMPLES, &*GALLERY] {
        for issue in session.project.issues(&[]).expect("issues") {
            let typeset = session.typeset(&issue).value.expect("it is set");
            let mut red = 0;
            for page in typeset.document.pages() {
                let mut strays = BTreeSet::new();
                let bare = separate(&page.frame, Colours::Spot, Some(Ink::Black), &mut strays);
                assert_eq!(strays, BTreeSet::new(), "{}", issue.name());
                assert!(!inks(&bare).contains(&Ink::Red));
                let whole: Vec<_> = items_of(&page.frame)
                    .into_iter()
                    .map(|(at, item)| (at, colourless(&item)))
                    .collect();
                red += whole.iter().filter(|(_, (_, red))| *red).count();
                let kept: Vec<_> = whole.into_iter().filter(|(_, (_, red))| !red).collect();
                let bare: Vec<_> =
                    items_of(&bare).into_iter().map(|(at, item)| (at, colourless(&item))).collect();
                assert_eq!(kept.len(), bare.len());
                for ((at, (before, _)), (there, (after, _))) in kept.iter().zip(&bare) {
                    assert_eq!(at, there, "it moved");
                    if !matches!(before, FrameItem::Image(..)) {
                        assert_eq!(format!("{before:?}"), format!("{after:?}"));
                        assert_eq!(
                            typst::utils::hash128(before),
                            typst::utils::hash128(after),
                            "to the last unit"
                        );
                    }
                }
            }
            assert!(red > 0, "{} has a red masthead", issue.name());
        }
    }
}

/// A page as grey values of its channels.
fn pixels(pdf: &[u8], index: usize, dpi: f32) -> (usize, Vec<[u8; 3]>) {
    let pdf = Pdf::new(pdf.to_vec()).expect("a PDF");
    let scale = dpi / 72.0;
    let look = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let (settings, how) = (InterpreterSettings::default(), RenderSettings::default());
    let page = hayro::render(&pdf.pages()[index], &RenderCache::new(), &settings, &how, &look);
    let rgb = |pixel: &[u8]| [pixel[0], pixel[1], pixel[2]];
    (usize::from(page.width()), page.data_as_u8_slice().chunks_exact(4).map(rgb).collect())
}

fn page_count(pdf: &[u8]) -> usize {
    Pdf::new(pdf.to_vec()).expect("a PDF").pages().len()
}

#[test]
fn the_two_plates_make_the_composite() {
    let plates = Job { parts: Parts::Plates, ..plain() };
    for (publication, stem) in SAMPLE_ISSUES {
        let at = sample(publication, stem);
        let whole = &press(&SAMPLES, &at, &plain())[0].bytes;
        let [red, black] = &press(&SAMPLES, &at, &plates)[..] else { panic!("two plates") };
        assert_eq!((red.suffix.as_str(), black.suffix.as_str()), ("-red", "-black"));
        for index in 0..page_count(whole) {
            let (_, whole) = pixels(whole, index, 72.0);
            let (_, red) = pixels(&red.bytes, index, 72.0);
            let (_, black) = pixels(&black.bytes, index, 72.0);
            let mut ink = 0;
            for ((whole, red), black) in whole.iter().zip(&red).zip(&black) {
                for channel in 0..3 {
                    // Ink over ink takes light away twice.
                    let sum = u16::from(red[channel]) * u16::from(black[channel]) / 255;
                    assert!(
                        sum.abs_diff(u16::from(whole[channel])) <= 3,
                        "{red:?} {black:?} {whole:?}"
                    );
                }
                ink += usize::from(*red != [255; 3]);
            }
            assert_eq!(ink > 0, index == 0, "only page 1 of {stem} has red");
        }
    }
}

/// The inks of a page that Ghostscript separates, each with whether it is used.
fn separated(pdf: &[u8]) -> Vec<BTreeMap<String, bool>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("in.pdf");
    std::fs::write(&file, pdf).expect("a PDF");
    let output = Command::new("gs")
        .args(["-q", "-dSAFER", "-o", "page-%d.tif", "-sDEVICE=tiffsep", "-sCompression=none"])
        .args(["-r36", "in.pdf"])
        .current_dir(folder.path())
        .output()
        .expect("gs starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut pages = vec![BTreeMap::new(); page_count(pdf)];
    for entry in std::fs::read_dir(folder.path()).expect("the plates") {
        let path = entry.expect("a plate").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let Some((page, ink)) = name.strip_suffix(')').and_then(|name| name.split_once('(')) else {
            continue;
        };
        let page: usize = page.trim_start_matches("page-").parse().expect("a number");
        let used = tiff_has_ink(&std::fs::read(&path).expect("a plate"));
        pages[page - 1].insert(ink.to_string(), used);
    }
    pages
}

/// Whether an uncompressed grey TIFF is not white: its pixels are its last bytes.
fn tiff_has_ink(bytes: &[u8]) -> bool {
    assert_eq!(&bytes[..8], b"II*\0\x08\0\0\0");
    let number = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let entry = |tag: usize| {
        let mut entries = (0..number(8)).map(|index| 10 + 12 * index);
        number(entries.find(|at| number(*at) == tag).expect("an entry") + 8)
    };
    let (width, height, bits, compression) = (entry(256), entry(257), entry(258), entry(259));
    assert_eq!((bits, compression), (8, 1), "uncompressed grey");
    bytes[bytes.len() - width * height..].iter().any(|grey| *grey < 250)
}

#[test]
fn ghostscript_separates_two_inks() {
    if !tool("gs", &["--version"]) {
        return;
    }
    for (publication, stem) in [("fugong", "2014-16"), ("keji", "2026-1")] {
        let whole = press(&SAMPLES, &sample(publication, stem), &plain()).remove(0);
        for (index, inks) in separated(&whole.bytes).into_iter().enumerate() {
            let used: Vec<String> =
                inks.into_iter().filter(|(_, used)| *used).map(|(ink, _)| ink).collect();
            let expected: &[&str] = if index == 0 { &["Black", "Red"] } else { &["Black"] };
            assert_eq!(used, expected, "page {} of {stem}", index + 1);
        }
    }
}

#[test]
fn process_colours_keep_black_in_black() {
    let process = Job { colours: Colours::Process, ..plain() };
    let file = press(&SAMPLES, &seed(), &process).remove(0);
    let found = preflight(file.bytes, &[]).expect("a PDF");
    let inks = |page: usize| found.pages[page].inks.iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(inks(0), ["Black", "Magenta", "Yellow"]);
    for page in 1..found.pages.len() {
        assert_eq!(inks(page), ["Black"]);
    }
}

/// The glyphs of a page with their places, in pt from the bottom left.
#[derive(Default)]
struct Places {
    glyphs: Vec<(String, Point)>,
    paths: Vec<Rect>,
}

impl<'a> Device<'a> for Places {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, _: &DrawMode) {
        self.paths.push((props.transform * path.clone()).bounding_box());
    }
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            let at = props.transform * glyph.transform() * Point::ZERO;
            self.glyphs.push((format!("{:?}", glyph.as_unicode()), at));
        }
    }
}

fn places(pdf: &[u8]) -> Vec<Places> {
    let pdf = Pdf::new(pdf.to_vec()).expect("a PDF");
    let cache = InterpreterCache::new();
    let mut pages = Vec::new();
    for page in pdf.pages().iter() {
        let mut device = Places::default();
        let bounds = Rect::new(0.0, 0.0, 1.0, 1.0);
        let settings = InterpreterSettings::default();
        let mut context = Context::new(Affine::IDENTITY, bounds, &cache, pdf.xref(), settings);
        interpret_page(page, &mut context, &mut device);
        pages.push(device);
    }
    pages
}

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
                // From the sheet's bottom left, as PDF counts.
                let (left, bottom) = (slot.x * MM, (plan.sheet.1 - slot.y - 297.0) * MM);
                let place = |at: Point| match slot.turned {
                    false => Point::new(left + at.x, bottom + at.y),
                    true => Point::new(left + 210.0 * MM - at.x, bottom + 297.0 * MM - at.y),
                };
                let first = &pages[slot.page].glyphs[0];
                // What stands before it is of a page that is not compared.
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

/// All text of a PDF, page numbers too, as another program reads it.
fn all_text(pdf: &[u8]) -> String {
    places(pdf)
        .iter()
        .flat_map(|page| &page.glyphs)
        .map(|(text, _)| {
            text.trim_start_matches("Some(Char(")
                .trim_end_matches("))")
                .trim_matches('\'')
                .to_string()
        })
        .collect()
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
    // A reader that is not ours.
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

fn seed_units() -> usize {
    let imprint = &SEED.issue.imprint;
    imprint.report_to.len() + imprint.send_to.len() + imprint.distribute_to.len()
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
    pages
        .iter()
        .map(|page| page.replace("Some(Char('", "").replace("'))", "").replace(' ', ""))
        .collect()
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
        // No blank page parts the text.
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
    assert_eq!(first.map(|(text, _)| text.contains("'0'")), Some(true), "{first:?}");
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

fn project_with(issue: &str) -> TempProject {
    let project = TempProject::new();
    project.file("issues/p/2026-1.toml", issue);
    project
}

const LISTED: &str = "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '标题'\nbody = '正文。'\n[imprint]\nreport_to = ['省委办公厅', '省政府办公厅（2份）']\ndistribute_to = ['各县区']\nprint_run = 6\n";

const ISSUE_FILE: &str = "issues/p/2026-1.toml";

const ROWS: [[&str; 4]; 4] = [
    ["省委办公厅", "1", "", ""],
    ["省政府办公厅", "2", "", ""],
    ["甲县", "2", "各县区", ""],
    ["办公室", "1", "存档", "100"],
];

fn csv_list() -> String {
    let mut text = String::from("单位,份数,名单项,起始份号\n");
    ROWS.iter().for_each(|row| text += &(row.join(",") + "\n"));
    text
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

/// A page as a bad scanner sees it: grey, noisy and askew.
fn scanned(pdf: &[u8], index: usize, degrees: f32, random: &mut fastrand::Rng) -> GrayImage {
    let (width, pixels) = pixels(pdf, index, 150.0);
    let height = pixels.len() / width;
    let at = |x: f32, y: f32| {
        let (x0, y0) = (x.floor(), y.floor());
        let pick = |x: f32, y: f32| {
            let inside = x >= 0.0 && y >= 0.0 && x < width as f32 && y < height as f32;
            if inside { f32::from(pixels[y as usize * width + x as usize][1]) } else { 255.0 }
        };
        let (fx, fy) = (x - x0, y - y0);
        let top = pick(x0, y0) * (1.0 - fx) + pick(x0 + 1.0, y0) * fx;
        let bottom = pick(x0, y0 + 1.0) * (1.0 - fx) + pick(x0 + 1.0, y0 + 1.0) * fx;
        top * (1.0 - fy) + bottom * fy
    };
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (mx, my) = (width as f32 / 2.0, height as f32 / 2.0);
    GrayImage::from_fn(width as u32, height as u32, |x, y| {
        let (dx, dy) = (x as f32 - mx, y as f32 - my);
        let value = at(mx + dx * cos + dy * sin, my - dx * sin + dy * cos);
        // Twelve evenly spread parts come close to a bell of a standard deviation of 25.
        let noise: f32 = (0..12).map(|_| random.f32() - 0.5).sum::<f32>() * 25.0;
        Luma([(value * 0.85 + 15.0 + noise).clamp(0.0, 255.0) as u8])
    })
}

#[test]
fn the_code_of_each_copy_is_read_from_a_noisy_scan_askew() {
    let job =
        Job { copies: Some(Copies { code: true, watermark: true, ..numbered(1) }), ..plain() };
    let pressed = SAMPLES.press(&seed(), &job).value.expect("copies");
    let (file, register) = (&pressed.files[0], pressed.register.expect("a register"));
    let mut random = fastrand::Rng::with_seed(8);
    let pages = SEED.document.pages().len();
    for (index, line) in register.csv.lines().skip(1).enumerate() {
        let columns: Vec<&str> = line.split(',').collect();
        for degrees in [2.0, -2.0] {
            let scan = scanned(&file.bytes, index * pages, degrees, &mut random);
            let expected = Code {
                issue: "fugong/2014-16".into(),
                number: index as u32 + 1,
                seal: columns[3].into(),
            };
            assert_eq!(code::find(&scan), [expected], "copy {} at {degrees}°", index + 1);
        }
    }
}

#[test]
fn a_copy_is_traced_to_its_recipient() {
    let project = project_with(LISTED);
    project.file("copies.csv", csv_list());
    project.run(&["press", "--copies", "copies.csv", "--code", "--per-recipient"]).exit(0);
    let folder = project.path("out/press/p/2026-1-copies");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("files")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    assert_eq!(files.len(), 4, "a file for each recipient");
    let third = files[2].to_str().expect("a path");
    assert!(third.ends_with("003-甲县.pdf"), "{third}");
    let told = project.run(&["trace", third]);
    assert!(told.exit(0).stdout().contains("copy 000004, 发 甲县"), "{}", told.stdout());
    assert!(told.stdout().contains("copy 000005, 发 甲县"), "{}", told.stdout());

    let mut random = fastrand::Rng::with_seed(1);
    let scan = scanned(&std::fs::read(third).expect("a PDF"), 0, 1.0, &mut random);
    scan.save(project.path("scan.png")).expect("a picture");
    let told = project.run(&["trace", "scan.png", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&told.exit(0).stdout()).expect("JSON");
    assert_eq!(told["found"][0]["recipient"], "甲县");
    assert_eq!(told["found"][0]["agrees"], true);

    // A register of another printing does not vouch for it.
    let register = project.path("out/press/p/2026-1-register.csv");
    let text = std::fs::read_to_string(&register).expect("a register");
    let forged: String = text
        .lines()
        .map(|line| match line.rsplit_once(',') {
            Some((row, _)) if row.starts_with("000004") => format!("{row},00000000\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    std::fs::write(&register, forged).expect("a file");
    project.run(&["trace", "scan.png"]).exit(1).says("another code");
    std::fs::remove_file(&register).expect("it was there");
    let told = project.run(&["trace", "scan.png"]);
    assert!(told.exit(0).stdout().contains("no register names the recipient"));
    project.run(&["trace", ISSUE_FILE]).exit(2).says("neither a picture nor a PDF");
    GrayImage::new(50, 50).save(project.path("black.png")).expect("a picture");
    project.run(&["trace", "black.png"]).exit(1).says("no code");
    assert!(trace::trace(b"%PDF-1.7 broken".to_vec()).is_err());
}

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
            // A plate has its own ink alone; the marks beside it are the other inks' too.
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

#[test]
fn a_year_is_bound_in_one_volume() {
    let project = TempProject::new();
    let issue = |number: u32| {
        ISSUE
            .replace("number = 1", &format!("number = {number}"))
            .replace("2026-01-05", &format!("2026-{number:02}-05"))
            .replace("标题", &format!("标题{number}"))
    };
    for number in [1, 2, 10] {
        project.file(&format!("issues/p/2026-{number}.toml"), issue(number));
    }
    project.run(&["press", "--volume"]).exit(0).says("out/press/p/2026-volume.pdf");
    let bytes = std::fs::read(project.path("out/press/p/2026-volume.pdf")).expect("a volume");
    let pages: Vec<String> = places(&bytes)
        .iter()
        .map(|page| page.glyphs.iter().map(|(text, _)| text.as_str()).collect::<String>())
        .map(|text| text.replace("Some(Char('", "").replace("'))", ""))
        .collect();
    assert!(pages[0].contains("2026年合订本"), "{}", pages[0]);
    assert!(pages[2].contains("目录") && pages[2].contains("2026年第10期"));
    // Cover and contents with their backs; each issue of a page begins on the right.
    assert_eq!(pages.len(), 4 + 6);
    for (index, number) in [1, 2, 10].into_iter().enumerate() {
        let page = &pages[4 + 2 * index];
        assert!(page.contains(&format!("标题{number}")), "{page}");
        assert!(page.contains("—1—") || page.contains("— 1 —"), "its own number stays: {page}");
        assert!(page.contains(&format!("合订本第 {} 页", 2 * index + 1)), "{page}");
    }
    let document = lopdf::Document::load_mem(&bytes).expect("a PDF");
    let contents = document.get_toc().expect("bookmarks").toc;
    let entries: Vec<(usize, String, usize)> =
        contents.iter().map(|entry| (entry.level, entry.title.clone(), entry.page)).collect();
    let expected: Vec<(usize, String, usize)> = [1, 2, 10]
        .into_iter()
        .enumerate()
        .flat_map(|(index, number)| {
            let page = 5 + 2 * index;
            [(1, format!("工作简报 2026年第{number}期"), page), (2, format!("标题{number}"), page)]
        })
        .collect();
    assert_eq!(entries, expected);
    project
        .run(&["press", "--volume", "--impose", "booklet", "--signature", "8", "--marks"])
        .exit(0);
    let sheets = std::fs::read(project.path("out/press/p/2026-volume-booklet.pdf")).expect("it");
    assert_eq!(page_count(&sheets), 6, "10 pages are 12: signatures of 8 and 4");
}

#[test]
fn each_year_has_a_volume_of_its_own() {
    let project = TempProject::new();
    project.file("issues/p/2025-9.toml", ISSUE.replace("2026-01", "2025-12").replace("= 1", "= 9"));
    let made = project.run(&["press", "--volume"]);
    made.exit(0).says("out/press/p/2025-volume.pdf").says("out/press/p/2026-volume.pdf");
    let text = |year: &str| {
        let bytes = std::fs::read(project.path(&format!("out/press/p/{year}-volume.pdf")));
        all_text(&bytes.expect("a volume"))
    };
    assert!(text("2025").contains("第9期") && !text("2025").contains("2026年"));
    assert!(text("2026").contains("第1期") && !text("2026").contains("2025年"));
}

/// Has the layout set something behind each bulletin.
fn put_behind(project: &TempProject, what: &str) {
    let layout = std::fs::read_to_string(root().join("layouts/official/main.typ")).expect("it");
    let own = format!("{layout}\n#let issue(data) = {{ bulletin(data); {what} }}\n");
    project.file("layouts/official/main.typ", own);
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

#[test]
fn a_plate_has_no_ink_but_its_own() {
    let marked = Imposition { marks: true, sheet: SRA3, ..imposed(Scheme::Booklet) };
    let plates = press(&SAMPLES, &seed(), &Job { parts: Parts::Plates, ..on_sheets(marked) });
    for (plate, ink) in plates.iter().zip(["Red", "Black"]) {
        let found = preflight(plate.bytes.clone(), &[ink.into()]).expect("a PDF");
        assert!(found.pass, "{}: {:?}", plate.suffix, found.findings);
    }
}

#[test]
fn preprinted_paper_brings_red_and_no_other_colour() {
    let project = TempProject::new();
    put_behind(&project, "text(fill: blue)[蓝字]");
    project.run(&["press", "--preprinted"]).exit(1).says("#0074d9");
    project.run(&["press", "--preprinted", "--process"]).exit(0);
    let path = project.path("out/press/p/2026-1-process-preprinted.pdf");
    let bytes = std::fs::read(path).expect("it");
    let text = all_text(&bytes);
    assert!(text.contains("蓝字") && !text.contains("工作简报"), "{text}");
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

#[test]
fn a_code_stays_in_the_foot_s_margin() {
    for length in [1, 20, 60, 200] {
        let code = Code { issue: "a".repeat(length), number: 1, seal: "0123abcd".into() };
        let mut found = None;
        for (at, item) in items_of(&code.frame()) {
            if let FrameItem::Shape(shape, _) = &item
                && let typst::visualize::Geometry::Rect(size) = &shape.geometry
            {
                let top = at.ty.to_mm();
                found = Some((top, top + size.y.to_mm() * at.sy.get()));
            }
        }
        // The white around it too.
        let (top, bottom) = found.expect("the white around it");
        assert!(top > 262.0 && bottom < 293.0, "{length}: {top}–{bottom}");
    }
}

#[test]
fn the_same_job_gives_the_same_bytes() {
    let job = Job {
        copies: Some(Copies { code: true, watermark: true, ..numbered(1) }),
        ..on_sheets(imposed(Scheme::Booklet))
    };
    let twice: Vec<Vec<u8>> =
        (0..2).map(|_| press(&SAMPLES, &seed(), &job).remove(0).bytes).collect();
    assert!(twice[0] == twice[1]);
}

#[test]
fn page_by_page_the_press_file_conforms_to_the_standards() {
    let plates = Job { parts: Parts::Plates, ..plain() };
    let preprinted = Job { parts: Parts::Preprinted, ..plain() };
    let mut files = Vec::new();
    for (publication, stem) in [("fugong", "2014-16"), ("keji", "2026-1")] {
        for job in [&plain(), &plates, &preprinted] {
            files.extend(
                press(&SAMPLES, &sample(publication, stem), job).into_iter().map(|f| f.bytes),
            );
        }
    }
    crate::pdf::conform(&files);
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
    // Ten to the twelfth forms end, and soon.
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
    // Glyphs that have colours, and glyphs whose colours do not count.
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
    // The same name is another pattern in another place.
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
    // A font counts where something is set in it.
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
fn what_cannot_be_opened_is_said_in_our_words() {
    use jianbao::drawing::Fault;
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
    // A cell that is only coloured says nothing.
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
fn what_should_not_be_printed_is_said_when_it_is_made() {
    let project = TempProject::new();
    put_behind(&project, "line(length: 10mm, stroke: 0.05pt)");
    for args in [&["press"][..], &["press", "--impose", "booklet"], &["press", "--volume"]] {
        let made = project.run(args);
        made.exit(1).says("should not be printed so").says("0.05 pt").says("made out/press/p/");
    }
}
