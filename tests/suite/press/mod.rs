//! The press: inks, plates, sheets, numbered copies, volumes, and preflight of them.

mod codes;
mod copies;
mod inks;
mod preflight;
mod sheets;
mod volume;

use std::sync::Arc;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use jianbao::page::frames;
use jianbao::pipeline::Session;
use jianbao::press::copies::{List, read};
use jianbao::press::impose::Scheme;
use jianbao::press::ink::Colours;
use jianbao::press::{Copies, Imposition, Job, Paper, Parts, PressFile};
use jianbao::publication::length::MM;
use jianbao::source::project::IssuePath;
use typst::layout::{Frame, FrameItem, Transform};

use crate::support::{SAMPLES, SEED, TempProject, no_errors, places, root, sample};

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
fn seed_list(each: usize) -> Arc<List> {
    let imprint = &SEED.issue.imprint;
    let units = imprint.lists.iter().flat_map(|(_, units)| units);
    let rows: String = units.map(|unit| format!("{unit},{each}\n")).collect();
    let list = read("copies.csv", format!("单位,份数\n{rows}").into_bytes());
    no_errors(&list.diagnostics);
    Arc::new(list.value.expect("a list"))
}

fn seed_units() -> usize {
    let imprint = &SEED.issue.imprint;
    imprint.lists.iter().map(|(_, units)| units.len()).sum()
}

fn numbered(each: usize) -> Copies {
    Copies { list: seed_list(each), first_number: 1, watermark: false, code: false, apart: false }
}

/// Everything that stands on a page: where, what, and in which colour.
fn items_of(frame: &Frame) -> Vec<(Transform, FrameItem)> {
    let mut found = Vec::new();
    frames::walk(frame, Transform::identity(), &mut |here, item| {
        if matches!(item, FrameItem::Text(_) | FrameItem::Shape(..) | FrameItem::Image(..)) {
            found.push((here, item.clone()));
        }
    });
    found
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

/// All text of a PDF with page numbers, as another PDF library reads it.
fn all_text(pdf: &[u8]) -> String {
    places(pdf).iter().flat_map(|page| &page.glyphs).map(|(text, _)| text.as_str()).collect()
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

/// Makes the layout typeset something after each bulletin.
fn put_behind(project: &TempProject, what: &str) {
    let layout = std::fs::read_to_string(root().join("layouts/official/main.typ")).expect("it");
    let own = format!("{layout}\n#let issue(data) = {{ bulletin(data); {what} }}\n");
    project.file("layouts/official/main.typ", own);
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
