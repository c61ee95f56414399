//! What a worker process answers → bytes, and back: one line of JSON, then the PDF.
//!
//! Only two processes of the same build speak it, so its form has no version.

use std::collections::BTreeSet;
use std::io::{BufRead, Error, ErrorKind, Read, Result, Write};
use std::ops::Range;
use std::sync::Arc;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::diag::{Checked, Code, Diagnostic, Fix, Severity, SourceFile, Span};
use crate::pipeline::Pdf;
use crate::pipeline::inputs::Record;

/// What a worker process answers.
pub enum Answer {
    /// It is ready for its first issue, and was compiled from the sources with this hash.
    Ready(String),
    /// The issue was set, or has errors.
    Set(Checked<Pdf>),
    /// The engine panicked, with this message.
    Panicked(String),
}

#[derive(Serialize, Deserialize)]
enum Line {
    Ready(String),
    Set { pdf: Option<Record>, files: Vec<File>, diagnostics: Vec<Finding> },
    Panicked(String),
}

#[derive(Serialize, Deserialize)]
struct File {
    name: String,
    text: String,
}

/// A place: the index of its file among the answer's files, and the bytes.
type Place = (usize, Range<usize>);

#[derive(Serialize, Deserialize)]
struct Finding {
    code: String,
    severity: Severity,
    args: Vec<(String, String)>,
    span: Option<Place>,
    labels: Vec<(Place, String)>,
    hints: Vec<String>,
    fix: Option<(Range<usize>, String)>,
    page: Option<usize>,
}

impl Answer {
    /// Writes the answer.
    pub fn write(self, to: &mut impl Write) -> Result<()> {
        let mut bytes = Vec::new();
        let line = match self {
            Answer::Ready(build) => Line::Ready(build),
            Answer::Panicked(said) => Line::Panicked(said),
            Answer::Set(Checked { value, diagnostics }) => {
                let mut files = Files::default();
                let diagnostics = diagnostics.into_iter().map(|d| files.finding(d)).collect();
                let pdf = value.map(|pdf| {
                    bytes = pdf.bytes;
                    pdf.record
                });
                Line::Set { pdf, files: files.list(), diagnostics }
            }
        };
        serde_json::to_writer(&mut *to, &line)?;
        to.write_all(b"\n")?;
        to.write_all(&bytes)?;
        to.flush()
    }

    /// Reads the next answer.
    pub fn read(from: &mut impl BufRead) -> Result<Self> {
        let mut line = Vec::new();
        from.read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(match serde_json::from_slice(&line)? {
            Line::Ready(build) => Answer::Ready(build),
            Line::Panicked(said) => Answer::Panicked(said),
            Line::Set { pdf, files, diagnostics } => {
                let files: Vec<Arc<SourceFile>> = files
                    .into_iter()
                    .map(|File { name, text }| Arc::new(SourceFile { name, text }))
                    .collect();
                let found = diagnostics.into_iter().map(|finding| finding.diagnostic(&files));
                let diagnostics = found.collect::<Option<Vec<_>>>().ok_or_else(unknown)?;
                let value = pdf.map(|record| pdf_of(record, from)).transpose()?;
                Answer::Set(Checked { value, diagnostics })
            }
        })
    }
}

fn pdf_of(record: Record, from: &mut impl Read) -> Result<Pdf> {
    let mut bytes = Vec::new();
    from.take(record.bytes).read_to_end(&mut bytes)?;
    match bytes.len() as u64 == record.bytes {
        true => Ok(Pdf { pages: record.pages, bytes, record }),
        false => Err(ErrorKind::UnexpectedEof.into()),
    }
}

fn unknown() -> Error {
    Error::new(ErrorKind::InvalidData, "an answer of another program")
}

/// The files that the findings of an answer point into, each once.
#[derive(Default)]
struct Files(Vec<Arc<SourceFile>>);

impl Files {
    fn place(&mut self, span: Span) -> Place {
        let known = self.0.iter().position(|file| Arc::ptr_eq(file, &span.file));
        let at = known.unwrap_or_else(|| {
            self.0.push(span.file);
            self.0.len() - 1
        });
        (at, span.range)
    }

    fn finding(&mut self, found: Diagnostic) -> Finding {
        let Diagnostic { code, severity, args, span, labels, hints, fix, page } = found;
        let owned = |words: Vec<&'static str>| words.into_iter().map(Into::into).collect();
        Finding {
            code: code.id().into(),
            severity,
            args: args.into_iter().map(|(name, value)| (name.into(), value)).collect(),
            span: span.map(|span| self.place(span)),
            labels: labels
                .into_iter()
                .map(|(span, label)| (self.place(span), label.into()))
                .collect(),
            hints: owned(hints),
            fix: fix.map(|Fix { range, text }| (range, text)),
            page,
        }
    }

    fn list(self) -> Vec<File> {
        let form =
            |file: Arc<SourceFile>| File { name: file.name.clone(), text: file.text.clone() };
        self.0.into_iter().map(form).collect()
    }
}

impl Finding {
    fn diagnostic(self, files: &[Arc<SourceFile>]) -> Option<Diagnostic> {
        let span = |(at, range): Place| {
            let file = files.get(at)?;
            file.text.get(range.clone()).map(|_| Span::new(file, range))
        };
        Some(Diagnostic {
            code: *Code::ALL.iter().find(|code| code.id() == self.code)?,
            severity: self.severity,
            args: self.args.into_iter().map(|(name, value)| (word(name), value)).collect(),
            span: match self.span {
                Some(place) => Some(span(place)?),
                None => None,
            },
            labels: self
                .labels
                .into_iter()
                .map(|(place, label)| Some((span(place)?, word(label))))
                .collect::<Option<_>>()?,
            hints: self.hints.into_iter().map(word).collect(),
            fix: self.fix.map(|(range, text)| Fix { range, text }),
            page: self.page,
        })
    }
}

/// A name that the catalogue uses. There are some hundred of them, so each is kept for ever.
fn word(name: String) -> &'static str {
    static WORDS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut words = WORDS.lock();
    if let Some(known) = words.get(name.as_str()) {
        return known;
    }
    let word: &'static str = name.leak();
    words.insert(word);
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use crate::source::digest::Digest;

    #[test]
    fn an_answer_comes_back_as_it_was() {
        let file = Arc::new(SourceFile { name: "a.toml".into(), text: "标题 = 1\n".into() });
        let span = Span::new(&file, 0..6);
        let found = Diagnostic::warning(Code::NumberGap, span.clone())
            .page(3)
            .label(Span::new(&file, 7..8), "before")
            .fix(0..3, "题")
            .hint("other");
        let nowhere = Diagnostic { span: None, ..Diagnostic::error(Code::TooSlow, span) };
        let bytes = b"%PDF\n\0\n".to_vec();
        let record = Record {
            issue: Digest::of(b"issue"),
            output: Digest::of(&bytes),
            bytes: bytes.len() as u64,
            pages: 2,
            warnings: 1,
            layout_version: None,
            shared: "key".into(),
            pictures: BTreeMap::from([("图.png".into(), Digest::of(b"1"))]),
        };
        let pdf = Pdf { pages: 2, bytes: bytes.clone(), record: record.clone() };
        let diagnostics = vec![found, nowhere];
        let set = Checked { value: Some(pdf), diagnostics: diagnostics.clone() };
        let mut sent = Vec::new();
        Answer::Set(set).write(&mut sent).expect("memory");
        Answer::Panicked("行\n二".into()).write(&mut sent).expect("memory");
        let mut from = sent.as_slice();
        let Answer::Set(back) = Answer::read(&mut from).expect("an answer") else { panic!() };
        let pdf = back.value.expect("a PDF");
        assert_eq!((pdf.bytes, pdf.record), (bytes, record));
        assert_eq!(back.diagnostics, diagnostics);
        let Answer::Panicked(said) = Answer::read(&mut from).expect("an answer") else { panic!() };
        assert_eq!(said, "行\n二");
        assert!(Answer::read(&mut from).is_err());
        // A worker that dies in the middle of an answer gives none.
        for end in 0..sent.len() {
            let mut from = &sent[..end];
            while Answer::read(&mut from).is_ok() {}
        }
    }
}
