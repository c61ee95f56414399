//! Pages in their inks: plates, preprinted paper, process colours.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use jianbao::press::impose::Scheme;
use jianbao::press::ink::{Colours, Ink, inks, separate};
use jianbao::press::preflight::preflight;
use jianbao::press::{Imposition, Job, Parts};
use typst::layout::FrameItem;
use typst::visualize::Paint;

use super::{
    SRA3, all_text, imposed, items_of, on_sheets, page_count, pixels, plain, press, put_behind,
    seed,
};
use crate::support::{GALLERY, SAMPLE_ISSUES, SAMPLES, TempProject, sample, tool};

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
        // Pictures become grey, so only place and size are compared.
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
                    // Overprinted inks multiply.
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
