//! Hostile input: other encodings, broken and huge pictures, files without end.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};
use jianbao::diag::{Code, Severity};
use jianbao::pipeline::Session;
use jianbao::publication::fonts::FontPaths;
use jianbao::source::limits;
use jianbao::source::project::Project;

use crate::support::{ISSUE, PUBLICATION, TempProject, pdf};

const FILE: &str = "issues/p/2026-1.toml";

/// The codes of the errors in the issue, with their lines and columns.
fn errors(project: &TempProject) -> Vec<(Code, (usize, usize))> {
    let at = Project::find(project.folder.path()).expect("a project");
    let session = Session::open(at, &FontPaths::default()).expect("a session");
    let issues = session.project.issues(&[]).expect("the issue");
    let found = pdf(&session, &issues[0]).diagnostics;
    let errors = found.iter().filter(|d| d.severity == Severity::Error);
    errors.map(|d| (d.code, d.span.as_ref().expect("a place").line_column())).collect()
}

fn issue_errors(content: impl AsRef<[u8]>) -> Vec<(Code, (usize, usize))> {
    let project = TempProject::new();
    project.file(FILE, content);
    errors(&project)
}

/// Asserts that a picture is refused at its place, in these words.
#[track_caller]
fn picture_is_refused(bytes: &[u8], zh: &str, en: &str) {
    let project = TempProject::new();
    project.file("issues/p/a.png", bytes);
    project.file(FILE, ISSUE.replace("正文一段。", "正文。\n![图1](a.png)"));
    for (lang, said) in [("zh", zh), ("en", en)] {
        let run = project.run(&["check", "--format", "short", "--lang", lang]);
        run.exit(1);
        let expected = format!("issues/p/2026-1.toml:8:7: {said}");
        assert!(run.stdout().starts_with(&expected), "no {expected} in {}", run.stdout());
    }
}

fn picture_errors(bytes: &[u8]) -> Vec<(Code, (usize, usize))> {
    let project = TempProject::new();
    project.file("issues/p/a.png", bytes);
    project.file(FILE, ISSUE.replace("正文一段。", "正文。\n![图1](a.png)"));
    errors(&project)
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgb8(RgbImage::new(40, 30));
    picture.write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

#[test]
fn other_encodings_are_called_by_name() {
    let utf16 =
        |bytes: fn(u16) -> [u8; 2]| ISSUE.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let (little, big) = (utf16(u16::to_le_bytes), utf16(u16::to_be_bytes));
    for (name, bytes) in [
        ("GB18030", encoding_rs::GB18030.encode(ISSUE).0.into_owned()),
        ("UTF-16LE", [b"\xff\xfe", little.as_slice()].concat()),
        ("UTF-16BE", [b"\xfe\xff", big.as_slice()].concat()),
        ("UTF-16LE", little.clone()),
        ("UTF-16BE", big.clone()),
    ] {
        let project = TempProject::new();
        project.file(FILE, bytes);
        project
            .run(&["check"])
            .exit(1)
            .says(&format!("the file is not UTF-8 but {name}"))
            .says("2026-1.toml:5:10")
            .says("标题");
    }
    let project = TempProject::new();
    project.file(FILE, format!("\u{feff}{ISSUE}"));
    project.run(&["build"]).exit(0).says("advice[byte-order-mark]");
}

#[test]
fn files_have_bounds() {
    let large = "# ".repeat(limits::FILE_BYTES as usize);
    assert_eq!(issue_errors(large), [(Code::FileTooLarge, (1, 1))]);
    let many = format!(
        "number = 1\ndate = 2026-01-05\n{}",
        "[[articles]]\ntitle = '题'\nbody = '。'\n".repeat(limits::ARTICLES + 1)
    );
    assert_eq!(issue_errors(many), [(Code::TooManyArticles, (4, 9))]);
    let long = ISSUE.replace("标题", &"题".repeat(limits::LINE + 1));
    assert_eq!(issue_errors(long), [(Code::TextTooLong, (5, 9))]);
    let project = TempProject::new();
    project.file("issues/p/publication.toml", format!("{PUBLICATION}# {}", "x".repeat(1 << 21)));
    assert_eq!(errors(&project)[0].0, Code::FileTooLarge);
}

#[test]
fn an_issue_has_only_so_much_of_everything() {
    let with = |body: &str| issue_errors(ISSUE.replace("正文一段。", body));
    let parts = limits::PARTS;
    let row = |cells: usize| format!("|{}\n", "甲|".repeat(cells));
    let marks = limits::COMBINING + 1;
    for (body, code, line) in [
        (format!("正文\ne{}文", "\u{301}".repeat(marks)), Code::TooManyMarks, 8),
        (format!("か{}", "\u{3099}".repeat(10_000)), Code::TooManyMarks, 7),
        (format!("ア{}", "\u{ff9e}".repeat(marks)), Code::TooManyMarks, 7),
        (format!("甲\n{}", "乙".repeat(limits::PARAGRAPH + 1)), Code::ParagraphTooLong, 8),
        ("甲\n".repeat(parts), Code::TooManyParts, 6 + parts),
        ("- 甲\n".repeat(50_000), Code::TooManyParts, 6 + parts),
        (row(500).repeat(100), Code::TooManyParts, 26),
        (format!("{}甲\n", row(2)).repeat(2_000), Code::TooManyParts, 1_435),
        ("**甲**乙\n".repeat(parts), Code::TooManyParts, 3_340),
        ("甲^[乙]".repeat(3_000) + "\n" + &"甲^[乙]".repeat(500), Code::TooManyParts, 8),
        (format!("{}\n", "乙".repeat(1_000)).repeat(260), Code::TooManyCharacters, 256),
    ] {
        let found = with(&body);
        let (first, (at, _)) = found[0];
        assert_eq!((first, at), (code, line), "{}", body.chars().take(9).collect::<String>());
    }
    let units = format!("{ISSUE}[imprint]\nreport_to = [{}]\n", "'甲',".repeat(parts + 1));
    assert_eq!(issue_errors(units)[0].0, Code::TooManyParts);
    // The words of Vietnamese and the tones of pinyin are no decoration.
    let tones = format!("e{}", "\u{301}".repeat(limits::COMBINING));
    assert!(with(&tones).iter().all(|(code, _)| *code != Code::TooManyMarks));
    let words: String = (0..=limits::WORDS).map(|n| format!("'错{n}' = '对'\n")).collect();
    let project = TempProject::new();
    project.file("issues/p/publication.toml", format!("{PUBLICATION}[words]\n{words}"));
    assert_eq!(errors(&project)[0].0, Code::TooManyWords);
}

#[test]
fn nesting_has_bounds() {
    for deep in [
        format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("x = {}1{}", "{a=".repeat(50_000), "}".repeat(50_000)),
        format!("{}x = 1", "a.".repeat(100_000)),
        format!("[{}x]\ny = 1", "a.".repeat(100_000)),
    ] {
        let found = issue_errors(&deep);
        assert!(!found.is_empty(), "{}", &deep[..20]);
    }
}

#[test]
fn a_long_line_of_marks_takes_no_time_at_all() {
    for body in ["^[", "*a ", "** ", "“", "1-", "|", "\\*", "道路,", "[", "1月1", "![", "**甲。** "]
    {
        // As much as an issue may have.
        let paragraph = body.repeat(20_000 / body.chars().count());
        let text = vec![paragraph; 10].join("\n\n");
        let project = TempProject::new();
        project.file(FILE, ISSUE.replace("正文一段。", &text));
        // The text may be valid or not: the check must only end soon, with a bounded list.
        let at = Project::find(project.folder.path()).expect("a project");
        let session = Session::open(at, &FontPaths::default()).expect("a session");
        let issues = session.project.issues(&[]).expect("the issue");
        let found = session.check(&issues[0]).diagnostics.len();
        assert!(found <= jianbao::diag::MAX_FINDINGS + 1, "{body}: {found}");
    }
}

#[test]
fn pictures_are_decoded_before_they_are_set() {
    let png = encoded(ImageFormat::Png);
    let webp = encoded(ImageFormat::WebP);
    let jpeg = encoded(ImageFormat::Jpeg);
    for whole in [&png, &webp, &jpeg] {
        assert_eq!(picture_errors(whole), []);
        let half = &whole[..whole.len() / 2];
        let found = picture_errors(half);
        // A JPEG cut short is shown as far as it goes, as all readers do.
        assert!(found == [(Code::PictureCorrupt, (8, 7))] || found.is_empty() && whole == &jpeg);
    }
    picture_is_refused(
        b"\x89PNG\r\n\x1a\n",
        "错误[picture-corrupt]: 图片 “a.png” 已损坏（",
        "error[picture-corrupt]: the picture `a.png` is broken (",
    );
    picture_is_refused(
        b"GIF89a\x01\x00\x01\x00",
        "错误[picture-format]: 图片 “a.png” 的格式不能用（gif）",
        "error[picture-format]: the picture `a.png` is of a format that cannot be set (gif)",
    );
    assert_eq!(picture_errors(b""), [(Code::PictureFormat, (8, 7))]);
}

/// A PNG's chunk: length, kind, data, checksum.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = u32::MAX;
    for byte in kind.iter().chain(data) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let length = (data.len() as u32).to_be_bytes();
    [&length[..], kind, data, &(!crc).to_be_bytes()].concat()
}

#[test]
fn pictures_have_bounds_stand_still_and_have_screen_colours() {
    // A picture of 2 GB that takes a hundred bytes on disk.
    let mut size = Vec::new();
    size.extend(30_000u32.to_be_bytes());
    size.extend(30_000u32.to_be_bytes());
    size.extend([8, 2, 0, 0, 0]);
    let huge =
        [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", &size).as_slice(), &chunk(b"IDAT", b"")].concat();
    picture_is_refused(
        &huge,
        "错误[picture-too-large]: 图片 “a.png” 太大（30000 × 30000）",
        "error[picture-too-large]: the picture `a.png` is too large (30000 × 30000)",
    );

    let png = encoded(ImageFormat::Png);
    let control = [2u32.to_be_bytes(), 0u32.to_be_bytes()].concat();
    let animated = [&png[..33], &chunk(b"acTL", &control), &png[33..]].concat();
    picture_is_refused(
        &animated,
        "错误[picture-animated]: 图片 “a.png” 是动图",
        "error[picture-animated]: the picture `a.png` is animated",
    );

    // The frame header of a JPEG with four components (CMYK).
    let frame = [
        &b"\xff\xd8\xff\xc0"[..],
        &[0, 20, 8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0],
        &b"\xff\xda"[..],
        &[0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0],
        &b"\xff\xd9"[..],
    ]
    .concat();
    picture_is_refused(
        &frame,
        "错误[picture-cmyk]: 图片 “a.png” 是 CMYK 颜色，合标准的 PDF 里不能用",
        "error[picture-cmyk]: the picture `a.png` has CMYK colours, which the PDF's standard refuses",
    );

    let project = TempProject::new();
    let sparse = std::fs::File::create(project.path("issues/p/a.png")).expect("a file");
    sparse.set_len(limits::PICTURE_BYTES + 1).expect("a sparse file");
    project.file(FILE, ISSUE.replace("正文一段。", "![图1](a.png)"));
    assert_eq!(errors(&project), [(Code::PictureTooLarge, (7, 7))]);
}

#[cfg(unix)]
#[test]
fn a_picture_that_is_no_file_is_not_even_opened() {
    for path in ["/dev/zero", "/dev/stdin"] {
        let project = TempProject::new();
        std::os::unix::fs::symlink(path, project.path("issues/p/a.png")).expect("a link");
        project.file(FILE, ISSUE.replace("正文一段。", "![图1](a.png)"));
        assert_eq!(errors(&project), [(Code::PictureOutside, (7, 7))]);
    }
    let project = TempProject::new();
    project.file(FILE, ISSUE.replace("正文一段。", "![图1](.)"));
    assert_eq!(errors(&project), [(Code::PictureFormat, (7, 7))]);
}
