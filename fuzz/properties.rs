//! Any bytes → each parser of what comes from elsewhere, and what must hold of its result. Used by
//! the fuzz targets, and by `cargo test` on the inputs that are kept.
#![allow(dead_code, reason = "each target uses one of them")]

use std::io::{Cursor, Write};
use std::sync::Arc;

use jianbao::compare::drawing::{self, Reader, unharmed};
use jianbao::diag::SourceFile;
use jianbao::import::code::ErrorCode;
use jianbao::import::line::Source;
use jianbao::import::write::Head;
use jianbao::import::{Facts, docx as word, html as web, recognise};
use jianbao::issue::body as bodies;
use jianbao::issue::form::{self as forms, Op};
use jianbao::issue::raw::RawIssue;
use jianbao::issue::{Date, Number};
use jianbao::press::preflight::preflight;
use jianbao::source::read;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The text of an article: no Han character is lost, and every place is in the text.
pub fn body(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (blocks, problems) = bodies::parse(text);
    let said = format!("{blocks:?}");
    if problems.is_empty() {
        let is_han = |c: &char| ('\u{4e00}'..'\u{9fff}').contains(c) && !"横排".contains(*c);
        for c in text.chars().filter(is_han) {
            assert!(said.contains(c), "{c} is lost");
        }
    }
    let file = Arc::new(SourceFile {
        name: "f.toml".into(),
        text: format!(
            "number = 1\ndate = 2026-01-05\n[[articles]]\ntitle = '题'\nbody = '''\n{text}'''\n"
        ),
    });
    let issue = read::read::<RawIssue>(&file);
    assert!(issue.value.is_some() || !issue.diagnostics.is_empty());
    for found in &issue.diagnostics {
        let span = found.span.as_ref().expect("a finding of a file has a place");
        assert!(file.text.get(span.range.clone()).is_some());
    }
}

/// A Word document: the input is its parts, each headed by a line with its name.
pub fn docx(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for part in text.split("\u{1}") {
        let (name, content) = part.split_once('\n').unwrap_or(("document.xml", part));
        if zip.start_file(format!("word/{name}"), options).is_ok() {
            zip.write_all(content.as_bytes()).expect("memory");
        }
    }
    let Ok(zip) = zip.finish() else { return };
    if let Ok(source) = word::read(&zip.into_inner()) {
        imported(source, &Facts::default());
    }
}

/// A web page.
pub fn html(input: &[u8]) {
    page(&String::from_utf8_lossy(input), &Facts::default());
}

/// A web page with an issue of a publication.
pub fn page(text: &str, facts: &Facts) {
    if let Ok(source) = web::read(text) {
        imported(source, facts);
    }
}

/// A PDF from elsewhere, as a reference and as a file to be printed.
pub fn pdf(input: &[u8]) {
    if let Ok(pdf) = drawing::load(input.to_vec()) {
        let read = || {
            let mut reader = Reader::new(&pdf);
            for page in 0..pdf.pages().len().min(3) {
                reader.page(page)?;
            }
            Ok(())
        };
        // Whether it can be read is not the question.
        let _ = unharmed(read);
    }
    let _ = preflight(input.to_vec(), &[]);
}

/// Operations of the studio's form, as JSON, on the TOML that stands before them.
pub fn form(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Some((toml, ops)) = text.split_once('\u{1}') else { return };
    let Ok(ops) = serde_json::from_str::<Vec<Op>>(ops) else { return };
    let Ok(edited) = forms::apply(toml, &ops) else { return };
    let value = forms::value(&edited).expect("the edited text is TOML");
    if let [Op::Set { path, value: new }] = ops.as_slice()
        && !new.is_null()
    {
        let mut at = &value;
        for key in path {
            let key = serde_json::to_value(key).expect("a key");
            let below = match (key.as_str(), key.as_u64()) {
                (Some(name), _) => at.get(name),
                (_, Some(index)) => at.get(index as usize),
                _ => None,
            };
            at = below.expect("what was set is there");
        }
    }
}

/// An import keeps all text, and what it makes can be read.
pub fn imported(source: Source, facts: &Facts) {
    let recognised = match recognise(source, facts) {
        Ok(recognised) => recognised,
        Err(error) => return assert_ne!(error.code, ErrorCode::Lost, "{error:?}"),
    };
    let head = Head {
        origin: "# f".into(),
        number: Number::Regular(1),
        serial: None,
        date: Date { year: 2026, month: 1, day: 5 },
        number_note: None,
        date_note: None,
    };
    match recognised.toml(&head, facts) {
        Ok(toml) => assert!(forms::value(&toml).is_some()),
        Err(error) => panic!("{error:?}"),
    }
}
