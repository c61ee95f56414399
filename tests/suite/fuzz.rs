//! Inputs of `tests/fuzz/`, changed at random → each parser, which must not panic or lose text.
//!
//! `JIANBAO_CASES` sets the number of cases for each parser (1500); a failed assertion names its
//! seed.

use std::path::Path;
use std::sync::Arc;

use fastrand::Rng;
use jianbao::check::picture;
use jianbao::diag::catalogue::{Catalogue, Lang};
use jianbao::diag::fix;
use jianbao::diag::show::snippet;
use jianbao::diag::{Diagnostic, SourceFile, Spanned};
use jianbao::import::Facts;
use jianbao::import::line::{Align, Line, Object, PictureFile, Piece, Place, Source};
use jianbao::issue::body::{self, Problem};
use jianbao::issue::raw::{RawImprint, RawIssue};
use jianbao::publication::RawPublication;
use jianbao::source::read;

#[path = "../../fuzz/properties.rs"]
mod properties;

use crate::checks::look_at;
use crate::support::{SAMPLE_ISSUES, root, sample};

fn cases() -> u64 {
    std::env::var("JIANBAO_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1500)
}

/// The corpus of one parser, in order.
fn corpus(parser: &str) -> Vec<Vec<u8>> {
    let folder = root().join("tests/fuzz").join(parser);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the corpus is kept")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|path: &std::path::PathBuf| std::fs::read(Path::new(path)).expect("a file"))
        .collect()
}

/// Changes an input in a few places: bytes, pieces of itself, pieces of other inputs, and words of
/// its syntax.
fn change(rng: &mut Rng, corpus: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut input = corpus[rng.usize(..corpus.len())].clone();
    for _ in 0..rng.usize(1..8) {
        let at = rng.usize(..=input.len());
        let end = (at + rng.usize(..40)).min(input.len());
        match rng.u8(..6) {
            0 if at < input.len() => input[at] = rng.u8(..),
            1 => drop(input.drain(at..end)),
            2 => {
                let piece = input[at..end].to_vec();
                let to = rng.usize(..=input.len());
                input.splice(to..to, piece);
            }
            3 => {
                let other = &corpus[rng.usize(..corpus.len())];
                let from = rng.usize(..=other.len());
                let to = (from + rng.usize(..80)).min(other.len());
                input.splice(at..at, other[from..to].iter().copied());
            }
            4 => input.truncate(at.max(1)),
            _ => {
                let word = words[rng.usize(..words.len())];
                input.splice(at..at, word.bytes());
            }
        }
    }
    input
}

/// Asserts that all places are within their file and on character boundaries, and can be printed.
fn are_shown(found: &[Diagnostic], seed: u64) {
    let catalogue = Catalogue::new(Lang::Zh);
    for diagnostic in found {
        for span in diagnostic.span.iter().chain(diagnostic.labels.iter().map(|(span, _)| span)) {
            assert!(
                span.file.text.get(span.range.clone()).is_some(),
                "seed {seed}: {diagnostic:?}"
            );
        }
        let (shown, files) = snippet::shown(diagnostic, &catalogue);
        let config = codespan_reporting::term::Config::default();
        let text = codespan_reporting::term::emit_into_string(&config, &files, &shown);
        assert!(text.is_ok(), "seed {seed}: {diagnostic:?}");
    }
}

const TOML: [&str; 14] = [
    "'''",
    "\"\"\"",
    "\"",
    "[[articles]]\n",
    "[sections]\n",
    "=",
    "{",
    "}",
    "[",
    "]",
    "\\u4e00",
    "\r\n",
    "number = 1\n",
    "2026-02-30",
];

#[test]
fn the_reader_of_toml() {
    let mut corpus = corpus("toml");
    for (publication, stem) in SAMPLE_ISSUES {
        corpus.push(std::fs::read(sample(publication, stem).path).expect("a sample"));
    }
    for seed in 0..cases() {
        let input = change(&mut Rng::with_seed(seed), &corpus, &TOML);
        let decoded = read::decode("f.toml", input);
        are_shown(&decoded.diagnostics, seed);
        let Some(file) = decoded.value else { continue };
        let issue = read::read::<RawIssue>(&file);
        assert!(issue.value.is_some() || !issue.diagnostics.is_empty(), "seed {seed}");
        are_shown(&issue.diagnostics, seed);
        are_shown(&read::read::<RawPublication>(&file).diagnostics, seed);
    }
}

const MARKS: [&str; 20] = [
    "*",
    "**",
    "^[",
    "]",
    "\\",
    "|",
    "|+",
    "|---|",
    "- ",
    "![",
    "](",
    ")",
    "“",
    "”",
    "（",
    "1-2",
    "，",
    ",",
    "\n",
    "2月30日",
];

#[test]
fn the_parser_of_bodies_and_the_rules_of_text() {
    let corpus = corpus("body");
    for seed in 0..cases() {
        let input = change(&mut Rng::with_seed(seed), &corpus, &MARKS);
        let body = String::from_utf8_lossy(&input).replace("'''", "");
        let (blocks, problems) = body::parse(&body);
        let ragged = problems.iter().any(|p| matches!(p, Problem::TableRagged { .. }));
        for problem in problems {
            let (Problem::MarkUnclosed(place)
            | Problem::MarkNested(place)
            | Problem::PictureWithoutAlt(place)
            | Problem::TableRagged { place, .. }) = problem;
            assert!(body.get(place.clone()).is_some(), "seed {seed}: {place:?}");
        }
        let said: String = format!("{blocks:?}");
        for c in body.chars().filter(|c| ('\u{4e00}'..'\u{9fff}').contains(c)) {
            // `横排` after a caption is a mark, not text; a ragged table is not built.
            assert!(
                ragged || said.contains(c) || "横排".contains(c),
                "seed {seed}: {c} is lost in {body}"
            );
        }
        let body: String = body.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        let text = format!(
            "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '''\n{body}'''\n"
        );
        let file = Arc::new(SourceFile { name: "f.toml".into(), text });
        let found = look_at(&file);
        are_shown(&found, seed);
        if let Some((text, _)) = fix::apply(&file, &found) {
            let fixed = Arc::new(SourceFile { name: "f.toml".into(), text });
            assert!(read::read::<RawIssue>(&fixed).value.is_some(), "seed {seed}: {}", fixed.text);
        }
    }
}

#[test]
fn the_readers_of_pictures() {
    let corpus = corpus("picture");
    for seed in 0..cases() {
        let input = change(&mut Rng::with_seed(seed), &corpus, &["IHDR", "acTL", "VP8X", "\u{0}"]);
        // Any result is right: the reader only must not panic.
        let _ = picture::decode(&input, 1_000_000);
    }
}

type Look = fn(&[u8]);

/// The targets of `fuzz/`, each with words of its syntax.
const TARGETS: [(&str, Look, &[&str]); 5] = [
    ("body", properties::body, &MARKS),
    (
        "docx",
        properties::docx,
        &["<w:p>", "</w:p>", "<w:tbl>", "<w:tr>", "<w:tc>", "</w:tc>", "<w:t>", "&#x1;"],
    ),
    (
        "html",
        properties::html,
        &["<p>", "<div>", "<table>", "<td>", "</table>", "<br>", "<li>", "&amp;", "<!--"],
    ),
    (
        "pdf",
        properties::pdf,
        &["q ", "Q ", "BT ", "ET ", "<<", ">>", "endobj", "stream", "/X Do ", "re f "],
    ),
    (
        "form",
        properties::form,
        &["[[sections]]\n", "\"", "'''", "{\"op\":\"remove\"}", "null", "[", "]"],
    ),
];

/// `fuzz/` finds such inputs; here each is tried again, with what its target asserts.
#[test]
fn the_inputs_that_the_fuzzer_kept() {
    for (parser, look, _) in TARGETS {
        corpus(parser).iter().for_each(|input| look(input));
    }
}

#[test]
fn the_readers_of_foreign_files_and_the_form() {
    let mut wrong = Vec::new();
    for (parser, look, words) in TARGETS {
        let corpus = corpus(parser);
        for seed in 0..cases() {
            let input = change(&mut Rng::with_seed(seed), &corpus, words);
            if std::panic::catch_unwind(|| look(&input)).is_err() {
                wrong.push(format!("{parser}, seed {seed}: {}", String::from_utf8_lossy(&input)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong, the first:\n{}", wrong.len(), wrong[0]);
}

/// What the lines of bulletins are made of, and what disturbs them.
#[rustfmt::skip]
const WORDS: [&str; 76] = [
    "市妇联", "工作简报", "妇联简报", "市妇联妇联简报", "《妇联简报》", "市妇联办公室",
    "市妇联办公室编", "某某编", "第3期", "（总第12期）", "2022年5月30日", "2022年5月",
    "增刊第2期", "机密★1年", "特急", "内部资料", "（专刊）", "编号：12", "内容提要", "目录",
    "1.关于做好工作的通知……3", "●关于做好工作的通知", "关于做好工作的通知", "【工作动态】",
    "〈工作动态〉", "[工作动态", "一、加强领导", "（一）抓落实。各单位要认真办理。", "1.抓好",
    "——综述报告", "各单位要认真做好各项工作，并及时上报有关情况，为全市工作大局服务。",
    "近日，全市召开会议。", "甲", "乙。", "编者按：", "编者按语：", "【编者按】", "按：",
    "编后：", "卷首语", "附件1", "附件：", "附件：1.统计表", "统计表", "表1 基本情况", "表1|横排",
    "图1 现场", "（市妇联）", "（市妇联供稿）", "供稿：市妇联", "（作者：张三、李四）",
    "撰稿人：", "报：市委，市政府。", "送：各区县、", "发：", "抄送：市人大", "责任编辑：张三",
    "审核：李四　电话：123", "共印120份", "（印5份）", "市人大常委会，市政协", "- ", "|", "*",
    "**", "^[", "[1]", "\\", "'''", "\u{fffd}", "\u{fdd0}", "<", "$", "　　", " ", "\u{200b}",
];

/// A page of lines in any order and look.
fn page(rng: &mut Rng) -> String {
    let mut page = String::new();
    for _ in 0..rng.usize(1..14) {
        let count = if rng.u8(..3) > 0 { 1 } else { rng.usize(1..5) };
        let mut words = || (0..count).map(|_| WORDS[rng.usize(..WORDS.len())]).collect::<String>();
        let (line, more) = (words(), words());
        let line = line.replace('<', "&lt;");
        page += &match rng.u8(..16) {
            0 => format!("<h1>{line}</h1>"),
            1 => format!("<h2>{line}</h2>"),
            2..5 => format!("<p align=center>{line}</p>"),
            5 => format!("<p align=right>{line}</p>"),
            6 => format!("<p style='font-size:22pt;text-align:center'>{line}</p>"),
            7 => format!("<p><b>{line}</b>{more}<i>{line}</i></p>"),
            8 => format!("<p>{line}<br>{more}</p>"),
            9 => format!("<ul><li>{line}<li>{more}</ul>"),
            10 => format!(
                "<table><caption>{line}</caption><tr><td>{more}<td>甲<tr><td>乙<td>{line}</table>"
            ),
            11 => format!("<table><tr><td>{line}<td>甲<tr><td>乙<td>丙</table>"),
            12 => format!("<noscript><div><div><p>{line}</noscript><p>{more}</p>"),
            _ => format!("<p>{line}</p>"),
        };
    }
    page
}

/// The same lines as the readers of other formats give them: with notes, bullets and pictures.
fn source(rng: &mut Rng) -> Source {
    let mut lines = Vec::new();
    for number in 1..rng.usize(2..16) {
        let mut line = Line { number, gap: rng.usize(..2), ..Line::default() };
        for at in 0..rng.usize(1..4) {
            line.pieces.push(Piece {
                text: WORDS[rng.usize(..WORDS.len())].into(),
                bold: rng.u8(..6) == 0,
                italic: rng.u8(..6) == 0,
                note: rng.u8(..12) == 0,
                restored: at == 0 && rng.u8(..12) == 0,
            });
        }
        line.align = [Align::Start, Align::Center, Align::End][rng.usize(..3)];
        line.size = [None, Some(16.0), Some(22.0)][rng.usize(..3)];
        line.outline = [None, None, Some(1), Some(2)][rng.usize(..4)];
        line.indent = [0.0, 2.0][rng.usize(..2)];
        line.place = [Place::Body, Place::Body, Place::Margin, Place::Box][rng.usize(..4)];
        let object = rng.u8(..12);
        let mut cell = || WORDS[rng.usize(..WORDS.len())].to_string();
        match object {
            0 => line.object = Some(Object::Table(vec![vec![cell(), cell()], vec![cell()]])),
            1 => line.object = Some(Object::Table(vec![vec![cell()]])),
            2 => line.object = Some(Object::Picture(0, cell())),
            _ => {}
        }
        if line.object.is_some() {
            line.pieces.clear();
        }
        lines.push(line);
    }
    let pictures = vec![PictureFile { extension: "png", bytes: Vec::new() }];
    Source { lines, pictures, ..Source::default() }
}

#[test]
fn lines_in_any_order_are_imported() {
    let plain = Facts::default();
    let text = |text: &str| Some(Spanned { value: text.to_string(), range: 0..0 });
    let known = Facts {
        name: "妇联简报".into(),
        organization: Some("市妇联".into()),
        issuer: "市妇联办公室".into(),
        notice: Some("内部资料".into()),
        imprint: RawImprint { editor: text("张三"), ..RawImprint::default() },
        ..Facts::default()
    };
    let mut wrong = Vec::new();
    for seed in 0..cases() {
        let page = page(&mut Rng::with_seed(seed));
        for facts in [&plain, &known] {
            let source = source(&mut Rng::with_seed(seed));
            let look = || {
                properties::page(&page, facts);
                properties::imported(source, facts);
            };
            if std::panic::catch_unwind(look).is_err() {
                wrong.push(format!("seed {seed}: {page}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong, the first:\n{}", wrong.len(), wrong[0]);
}

#[test]
fn a_line_may_be_many_things() {
    for line in ["报： 送： ", "印1份", "报：甲 ", "【工作动态】全市召开工作会议　　"]
    {
        let line = line.repeat(20_000 / line.chars().count());
        properties::page(&format!("<p>{line}"), &Facts::default());
    }
}
