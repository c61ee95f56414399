//! One diagnostic from TOML to PDF: what is wrong, where, and what to do.
//!
//! A diagnostic carries facts, not prose. Its words come from the catalogue
//! (`messages/*.ftl`), where the code's kebab-case id is the message and the
//! names in [`Diagnostic::hints`] are its attributes.

use std::ops::Range;
use std::sync::Arc;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The issue cannot be set.
    Error,
    /// The issue is set, but somebody should look.
    Warning,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $id:literal,)*) => {
        /// What is wrong, by a stable name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the pipeline.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The stable kebab-case name, which is also the message's id in the catalogue.
            pub fn id(self) -> &'static str {
                match self { $(Code::$variant => $id,)* }
            }
        }
    };
}

codes! {
    /// A file cannot be read.
    FileUnreadable = "file-unreadable",
    /// A file is not UTF-8 text.
    FileEncoding = "file-encoding",
    /// The TOML itself is broken.
    TomlSyntax = "toml-syntax",
    /// A date that the calendar does not have.
    DateInvalid = "date-invalid",
    /// A key that the model does not know.
    KeyUnknown = "key-unknown",
    /// A key that must be there is not.
    KeyMissing = "key-missing",
    /// A value of another type than the model's.
    ValueType = "value-type",
    /// A value that is not among the allowed ones.
    ValueChoice = "value-choice",
    /// A number outside its range.
    ValueRange = "value-range",
    /// A text that must not be empty is empty.
    ValueEmpty = "value-empty",
    /// Neither an issue number nor a supplement number, or both.
    NumberOrSupplement = "number-or-supplement",
    /// The file's name does not say what the issue says.
    FileNameDisagrees = "file-name-disagrees",
    /// An issue without any article.
    IssueWithoutArticles = "issue-without-articles",
    /// A section without articles.
    SectionWithoutArticles = "section-without-articles",
    /// An article without body text.
    ArticleWithoutBody = "article-without-body",
    /// A copy number without a classification, or not of six digits at most.
    CopyNumber = "copy-number",
    /// The publication names a layout that does not exist.
    LayoutUnknown = "layout-unknown",
    /// There is no such version of the layout.
    LayoutVersionUnknown = "layout-version-unknown",
    /// A font that the publication names is not there.
    FontUnknown = "font-unknown",
    /// A character that no font has.
    GlyphMissing = "glyph-missing",
    /// A control character in the text.
    ControlCharacter = "control-character",
    /// A picture that is not there or cannot be read.
    PictureMissing = "picture-missing",
    /// A picture outside the project.
    PictureOutside = "picture-outside",
    /// A picture in a format that cannot be set.
    PictureFormat = "picture-format",
    /// A picture without a text for readers who cannot see it.
    PictureWithoutAlt = "picture-without-alt",
    /// A table whose rows differ in length.
    TableRagged = "table-ragged",
    /// An emphasis mark without its partner.
    MarkUnclosed = "mark-unclosed",
    /// Typst refused or warned while setting the pages.
    Typesetting = "typesetting",
    /// The PDF could not be made to its standards.
    PdfStandard = "pdf-standard",
    /// The engine panicked on this issue.
    EnginePanic = "engine-panic",
    /// The PDF would not be the one that `jianbao.lock` holds.
    LockDiffers = "lock-differs",
    /// `jianbao.lock` does not know the issue.
    LockMissing = "lock-missing",
}

/// A file that diagnostics point into: its name as people see it, and its text.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as shown, relative to the project with `/` between its parts.
    pub name: String,
    /// The whole text; empty when the file could not be read as text.
    pub text: String,
}

/// A place: bytes of a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The bytes, on character boundaries.
    pub range: Range<usize>,
}

impl Span {
    /// The place `range` in `file`.
    pub fn new(file: &Arc<SourceFile>, range: Range<usize>) -> Self {
        Span { file: file.clone(), range }
    }

    /// Line and column of the start, both counted from 1, the column in characters.
    pub fn line_column(&self) -> (usize, usize) {
        let before = &self.file.text[..self.range.start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of thing.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// The facts that the message names.
    pub args: Vec<(&'static str, String)>,
    /// Where it is; `None` only where no file is to blame.
    pub span: Option<Span>,
    /// Further places, each with the catalogue attribute that labels it.
    pub labels: Vec<(Span, &'static str)>,
    /// The catalogue attributes that say what to do.
    pub hints: Vec<&'static str>,
}

impl Diagnostic {
    /// An error at `span`, with the code's own hint.
    pub fn error(code: Code, span: Span) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            args: Vec::new(),
            span: Some(span),
            labels: Vec::new(),
            hints: vec!["hint"],
        }
    }

    /// A warning at `span`, with the code's own hint.
    pub fn warning(code: Code, span: Span) -> Self {
        Diagnostic { severity: Severity::Warning, ..Self::error(code, span) }
    }

    /// Names a fact of the message.
    pub fn arg(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.push((name, value.to_string()));
        self
    }

    /// Replaces the code's own hint by another of its hints.
    pub fn hint(mut self, attribute: &'static str) -> Self {
        self.hints = vec![attribute];
        self
    }

    /// Adds a further place.
    pub fn label(mut self, span: Span, attribute: &'static str) -> Self {
        self.labels.push((span, attribute));
        self
    }
}

/// A value and what was found on the way to it; no value where an error forbids one.
#[derive(Debug)]
pub struct Checked<T> {
    /// The value, if it can be used.
    pub value: Option<T>,
    /// Everything that was found.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Checked<T> {
    /// A value, unless one of `diagnostics` is an error.
    pub fn new(value: T, diagnostics: Vec<Diagnostic>) -> Self {
        let fails = diagnostics.iter().any(|d| d.severity == Severity::Error);
        Checked { value: (!fails).then_some(value), diagnostics }
    }

    /// No value.
    pub fn failed(diagnostics: Vec<Diagnostic>) -> Self {
        Checked { value: None, diagnostics }
    }

    /// Turns the value, if there is one, into another.
    pub fn map<U>(self, turn: impl FnOnce(T) -> U) -> Checked<U> {
        Checked { value: self.value.map(turn), diagnostics: self.diagnostics }
    }

    /// Moves the findings into `sink` and gives the value.
    pub fn drain_into(self, sink: &mut Vec<Diagnostic>) -> Option<T> {
        sink.extend(self.diagnostics);
        self.value
    }
}

/// Sorts findings the one way they are shown: file, position, severity, code.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| {
            let place = d.span.as_ref().map(|s| (s.file.name.clone(), s.range.start));
            (place, d.severity, d.code)
        };
        key(a).cmp(&key(b))
    });
    diagnostics.dedup();
}
