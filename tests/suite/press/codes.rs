//! Codes on numbered copies, and `trace`, which reads them back.

use image::{GrayImage, Luma};
use jianbao::press::code::{self, Code};
use jianbao::press::{Copies, Job, trace};
use typst::layout::FrameItem;

use super::{ISSUE_FILE, LISTED, csv_list, items_of, numbered, pixels, plain, project_with, seed};
use crate::support::{SAMPLES, SEED};

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
        // The sum of twelve uniform numbers is nearly normal, here with a standard deviation of 25.
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
                check_digits: columns[3].into(),
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

    // A register of another printing does not confirm the copy.
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

#[test]
fn a_code_stays_in_the_foot_s_margin() {
    for length in [1, 20, 60, 200] {
        let code = Code { issue: "a".repeat(length), number: 1, check_digits: "0123abcd".into() };
        let mut found = None;
        for (at, item) in items_of(&code.frame()) {
            if let FrameItem::Shape(shape, _) = &item
                && let typst::visualize::Geometry::Rect(size) = &shape.geometry
            {
                let top = at.ty.to_mm();
                found = Some((top, top + size.y.to_mm() * at.sy.get()));
            }
        }
        // The quiet zone around the code must be in its place too.
        let (top, bottom) = found.expect("the white around it");
        assert!(top > 262.0 && bottom < 293.0, "{length}: {top}–{bottom}");
    }
}
