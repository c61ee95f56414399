//! A fault of an issue, a publication or a page → one diagnostic: what is wrong, where, and what to
//! do about it.
//!
//! A diagnostic carries facts, not prose. Its words come from the catalogue
//! (`src/diag/messages/*.ftl`), where the code's kebab-case id is the message and the
//! names in [`Diagnostic::hints`] are its attributes.

pub mod catalogue;
pub mod fix;
pub mod nearest;
pub mod rules;
pub mod show;

use std::ops::Range;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, Serializer};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The issue cannot be set.
    Error,
    /// The issue is set, but somebody should look.
    Warning,
    /// The issue is set, and it may well be meant so.
    Advice,
}

impl Severity {
    /// The name in TOML, JSON, and the catalogue (`severity-…`).
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "advice",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $id:literal,)*) => {
        /// What is wrong, by a stable name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the pipeline; the codes of measured pages come last.
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
    /// A file larger than a bulletin can be.
    FileTooLarge = "file-too-large",
    /// A folder, a device, a pipe or a socket in place of a file.
    FileKind = "file-kind",
    /// A link in place of a file, which leads out of the project.
    FileOutside = "file-outside",
    /// A file or folder whose name is not UTF-8.
    FileName = "file-name",
    /// A file is not UTF-8 text.
    FileEncoding = "file-encoding",
    /// A byte order mark at the start of a file.
    ByteOrderMark = "byte-order-mark",
    /// The TOML itself is broken.
    TomlSyntax = "toml-syntax",
    /// A date that the calendar does not have.
    DateInvalid = "date-invalid",
    /// A key that the model does not know.
    KeyUnknown = "key-unknown",
    /// A required key is missing.
    KeyMissing = "key-missing",
    /// A value whose type is not the model's.
    ValueType = "value-type",
    /// A value that is not among the allowed ones.
    ValueChoice = "value-choice",
    /// A number outside its range.
    ValueRange = "value-range",
    /// A text that must not be empty is empty.
    ValueEmpty = "value-empty",
    /// A region of `[compare]` with neither a name nor a box, or with both.
    RegionPlace = "region-place",
    /// `[rules]` names a rule that does not exist.
    RuleUnknown = "rule-unknown",
    /// `[rules]` changes a fixed rule: an issue that breaks the rule cannot be typeset.
    RuleFixed = "rule-fixed",
    /// The publication names a layout that does not exist.
    LayoutUnknown = "layout-unknown",
    /// There is no such version of the layout.
    LayoutVersionUnknown = "layout-version-unknown",
    /// A font that the publication names is not there.
    FontUnknown = "font-unknown",
    /// A text of one line that is longer than a page.
    TextTooLong = "text-too-long",
    /// A paragraph longer than any that is read.
    ParagraphTooLong = "paragraph-too-long",
    /// More combining marks in a row than any script has.
    TooManyMarks = "too-many-marks",
    /// More characters than an issue can have.
    TooManyCharacters = "too-many-characters",
    /// More paragraphs, cells, notes and the like than an issue can have.
    TooManyParts = "too-many-parts",
    /// More entries in a publication's own lists of words than can be looked for.
    TooManyWords = "too-many-words",
    /// A right word of a publication's own lists that has a wrong one in it.
    WordsContradict = "words-contradict",
    /// More articles than an issue can have.
    TooManyArticles = "too-many-articles",
    /// More findings than are shown ([`MAX_FINDINGS`]).
    TooManyFindings = "too-many-findings",
    /// Neither an issue number nor a supplement number, or both.
    NumberOrSupplement = "number-or-supplement",
    /// An issue without any article.
    IssueWithoutArticles = "issue-without-articles",
    /// A section without articles.
    SectionWithoutArticles = "section-without-articles",
    /// An article without body text.
    ArticleWithoutBody = "article-without-body",
    /// Two articles with the same title.
    TitleRepeated = "title-repeated",
    /// A line of the contents that is neither title nor subtitle of its article.
    ContentsEntry = "contents-entry",
    /// A label that the number says already.
    LabelRepeated = "label-repeated",
    /// A copy number without a classification.
    CopyNumber = "copy-number",
    /// A table whose rows differ in length.
    TableRagged = "table-ragged",
    /// An emphasis mark without its partner.
    MarkUnclosed = "mark-unclosed",
    /// An emphasis mark within a text that is emphasized already.
    MarkNested = "mark-nested",
    /// The file's name and the issue disagree on year or number.
    FileNameDisagrees = "file-name-disagrees",
    /// A number skipped within the year.
    NumberGap = "number-gap",
    /// Two issues with the same number.
    NumberRepeated = "number-repeated",
    /// A serial number that is not one more than the last.
    SerialNumber = "serial-number",
    /// An issue dated before the one that it follows.
    DateOrder = "date-order",
    /// A list of the imprint that the publication requires is empty.
    ImprintListMissing = "imprint-list-missing",
    /// A unit twice in the imprint.
    UnitRepeated = "unit-repeated",
    /// The print run is not the sum of the copies.
    PrintRun = "print-run",
    /// A half-width mark among Han characters.
    HalfWidthMark = "half-width-mark",
    /// A quote, parenthesis or book-title mark without its partner.
    MarksUnbalanced = "marks-unbalanced",
    /// 、 between quoted items.
    QuoteSeparator = "quote-separator",
    /// A range of numbers with a hyphen.
    RangeDash = "range-dash",
    /// Ranges of numbers with several kinds of dashes in one issue.
    RangeDashMixed = "range-dash-mixed",
    /// A range of numbers whose first lacks the sign or multiplier of the second.
    RangeUnit = "range-unit",
    /// Full-width digits.
    FullWidthDigit = "full-width-digit",
    /// 个 between a number and 万 or 亿.
    NumberWithGe = "number-with-ge",
    /// A date in the text that the calendar does not have.
    DateImpossible = "date-impossible",
    /// A weekday that its date does not have.
    WeekdayWrong = "weekday-wrong",
    /// 今年, 近日 and the like in an issue without a date.
    RelativeDate = "relative-date",
    /// A word from the list of common errors.
    WordWrong = "word-wrong",
    /// A name not in the spelling that the publication prescribes.
    NameVariant = "name-variant",
    /// Blanks at the end of a paragraph.
    TrailingBlank = "trailing-blank",
    /// A character that no font has.
    GlyphMissing = "glyph-missing",
    /// A character that the text's own face lacks; another face supplies its glyph.
    GlyphStandIn = "glyph-stand-in",
    /// A control character or another invisible character.
    ControlCharacter = "control-character",
    /// A character of a private use area.
    PrivateUseCharacter = "private-use-character",
    /// A compatibility character or a radical in place of the character itself.
    CompatibilityCharacter = "compatibility-character",
    /// A picture that is not there or cannot be read.
    PictureMissing = "picture-missing",
    /// A picture outside the project.
    PictureOutside = "picture-outside",
    /// A picture in a format that cannot be typeset.
    PictureFormat = "picture-format",
    /// A picture whose data is broken.
    PictureCorrupt = "picture-corrupt",
    /// A picture of too many bytes or pixels.
    PictureTooLarge = "picture-too-large",
    /// An animated picture.
    PictureAnimated = "picture-animated",
    /// A CMYK picture, which the PDF's standard refuses.
    PictureCmyk = "picture-cmyk",
    /// A picture without a text for readers who cannot see it.
    PictureWithoutAlt = "picture-without-alt",
    /// Typst refused or warned while typesetting the pages.
    Typesetting = "typesetting",
    /// More pages than an issue can have.
    TooManyPages = "too-many-pages",
    /// An issue takes longer than the time limit.
    TooSlow = "too-slow",
    /// An issue takes more memory than the limit.
    TooMuchMemory = "too-much-memory",
    /// The process that set an issue was killed from outside, twice.
    WorkerKilled = "worker-killed",
    /// The PDF could not be made to its standards.
    PdfStandard = "pdf-standard",
    /// The engine panicked on this issue.
    EnginePanic = "engine-panic",
    /// The PDF would differ from the one recorded in `jianbao.lock`.
    LockDiffers = "lock-differs",
    /// `jianbao.lock` has no entry for the issue.
    LockMissing = "lock-missing",
    /// A reference that cannot be read from the disk.
    ReferenceUnreadable = "reference-unreadable",
    /// A reference without pages.
    ReferenceEmpty = "reference-empty",
    /// A reference that needs a password.
    ReferenceEncrypted = "reference-encrypted",
    /// A reference that is not a PDF, or a damaged one.
    ReferenceDamaged = "reference-damaged",
    /// A reference with more pages or larger ones than any bulletin.
    ReferenceTooLarge = "reference-too-large",
    /// A PDF of ours that the independent renderer cannot draw.
    RendererRefuses = "renderer-refuses",
    /// A colour or a picture that the press's two inks cannot print.
    PressInk = "press-ink",
    /// Pages of several sizes cannot be imposed.
    PressPages = "press-pages",
    /// The pages, with their marks, do not fit on the sheet.
    PressSheet = "press-sheet",
    /// A booklet is printed on both sides.
    PressDuplex = "press-duplex",
    /// A signature whose pages do not fold.
    PressSignature = "press-signature",
    /// Numbered copies imposed by step and repeat, which prints one page in every place.
    PressStep = "press-step",
    /// A file for the press could not be made.
    PressFile = "press-file",
    /// The layout has no place for a copy number.
    CopyNumberPlace = "copy-number-place",
    /// A copy number of more than six digits.
    CopyNumberTooLarge = "copy-number-too-large",
    /// A copy number that another recipient has.
    CopyNumberTaken = "copy-number-taken",
    /// A list of copies that is not a table.
    CopiesForm = "copies-form",
    /// A list of copies with more rows or columns than the limit.
    CopiesTooLarge = "copies-too-large",
    /// More numbered copies than are made at once.
    CopiesTooMany = "copies-too-many",
    /// A column that a list of copies does not have.
    CopiesColumn = "copies-column",
    /// A column that a list of copies lacks.
    CopiesColumnMissing = "copies-column-missing",
    /// A cell of a list of copies that should be a number is not.
    CopiesNumber = "copies-number",
    /// A row of a list of copies without recipient or count.
    CopiesRow = "copies-row",
    /// A recipient that the imprint's lists do not name.
    CopiesRecipient = "copies-recipient",
    /// A recipient listed twice in a list of copies.
    CopiesRepeated = "copies-repeated",
    /// A unit of the imprint that receives no copy.
    CopiesMissing = "copies-missing",
    /// The number of a unit's copies differs from the imprint's.
    CopiesCount = "copies-count",
    /// 共印 is not the number of copies.
    CopiesPrintRun = "copies-print-run",
    // Findings measured on the pages. Findings at the same place are shown in the order of their
    // codes, so these codes are in the order of their ids.
    /// A line of body type whose baseline is off the grid of 22 lines.
    BaselineGrid = "baseline-grid",
    /// A page whose full lines do not have 28 characters.
    CharactersPerLine = "characters-per-line",
    /// A title or heading at a page's foot with fewer than two lines of body under it.
    HeadingAtFoot = "heading-at-foot",
    /// The imprint on a page of its own, because the text left it no room.
    ImprintAlone = "imprint-alone",
    /// An imprint's page with fewer than three lines of text.
    FewLinesBeforeImprint = "few-lines-before-imprint",
    /// A page that ends with more than three empty lines though the text goes on.
    PageHole = "page-hole",
    /// A first page of masthead and contents alone.
    FrontWithoutText = "front-without-text",
    /// Type under 12 pt in the masthead.
    MastheadType = "masthead-type",
    /// A name that is small, or hardly larger than the line above it.
    MastheadName = "masthead-name",
    /// A word or number that is broken in a cell.
    WordBroken = "word-broken",
    /// A figure over a rule, or nearer to it than 2 pt.
    FigureAtRule = "figure-at-rule",
    /// A line whose characters stand apart by over 8 % of an em more than set.
    LineSpread = "line-spread",
    /// A line whose characters stand apart by over half an em more than set.
    LooseLine = "loose-line",
    /// Tables or pictures in another order than their numbers.
    TableOrder = "table-order",
    /// What stands nearer to a rule, a table, a picture or the contents than it should.
    TooNear = "too-near",
    /// The imprint's last rule is not at the bottom of the type area on the last page.
    ImprintPlace = "imprint-place",
    /// A rule of the imprint with the wrong weight or length.
    ImprintRule = "imprint-rule",
    /// A last line of one character (孤字).
    LoneCharacter = "lone-character",
    /// A mark that may not begin or end a line.
    MarkAtEdge = "mark-at-edge",
    /// The masthead takes more than a third of page 1.
    MastheadHeight = "masthead-height",
    /// The masthead's rule is not as wide as the type area.
    MastheadRule = "masthead-rule",
    /// Text that reaches over the edge of the sheet.
    OffSheet = "off-sheet",
    /// An imprint that is taller than a page.
    ImprintTooLong = "imprint-too-long",
    /// Lines of text that run into each other or into a rule.
    Overlap = "overlap",
    /// A page number that is missing or misplaced.
    PageNumber = "page-number",
    /// A picture of the issue that the pages do not show.
    PictureNotShown = "picture-not-shown",
    /// Characters on the pages that are added to a text of the issue.
    TextAdded = "text-added",
    /// A text of the issue that stands on the pages before the one that it follows.
    TextDisordered = "text-disordered",
    /// A text of the issue that the pages do not show.
    TextMissing = "text-missing",
    /// Text whose ink lies on other text.
    TextOverlap = "text-overlap",
    /// A text of the issue that stands on the pages twice.
    TextTwice = "text-twice",
    /// A title whose lines form neither a trapezium nor a rhombus.
    TitleShape = "title-shape",
    /// The columns of the last page end at two heights.
    ColumnsUneven = "columns-uneven",
    /// An issue was fitted to its pages.
    CopyFitted = "copy-fitted",
    /// A title whose lines cut what is one thing.
    TitleCut = "title-cut",
    /// Ink outside the type area.
    TypeArea = "type-area",
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// A file that diagnostics point into.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as shown, relative to the project with `/` between its parts.
    pub name: String,
    /// The whole text; empty when the file could not be read as text.
    pub text: String,
}

impl SourceFile {
    /// Line and column of a byte, both counted from 1, the column in characters.
    pub fn line_column(&self, at: usize) -> (usize, usize) {
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let lines = before.bytes().filter(|&b| b == b'\n').count();
        (lines + 1, before[line_start..].chars().count() + 1)
    }
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
        self.file.line_column(self.range.start)
    }

    /// Line and column of the first character after the place.
    pub fn end(&self) -> (usize, usize) {
        self.file.line_column(self.range.end)
    }

    /// Its length in characters.
    pub fn length(&self) -> usize {
        self.file.text[self.range.clone()].chars().count()
    }
}

/// A value and the bytes of the file where it stands.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(from = "toml::Spanned<T>", bound = "T: serde::Deserialize<'de>")]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file, quotes included.
    pub range: Range<usize>,
}

impl<T> From<toml::Spanned<T>> for Spanned<T> {
    fn from(spanned: toml::Spanned<T>) -> Self {
        let range = spanned.span();
        Spanned { value: spanned.into_inner(), range }
    }
}

/// Spanned values compare by value, so that they can be keys.
impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

impl<T: PartialOrd> PartialOrd for Spanned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord> Ord for Spanned<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A change that certainly corrects the finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The bytes of the finding's file to replace.
    pub range: Range<usize>,
    /// The replacement.
    pub text: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of fault.
    pub code: Code,
    /// The severity, which a publication may change.
    pub severity: Severity,
    /// The facts that the message names.
    pub args: Vec<(&'static str, String)>,
    /// The place in a file; `None` only where no file is at fault.
    pub span: Option<Span>,
    /// Further places, each with the catalogue attribute that labels it.
    pub labels: Vec<(Span, &'static str)>,
    /// The catalogue attributes that suggest a remedy.
    pub hints: Vec<&'static str>,
    /// The correction, where it is certain.
    pub fix: Option<Fix>,
    /// The page concerned, counted from 1; `None` where the finding is about the text alone.
    pub page: Option<usize>,
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
            fix: None,
            page: None,
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

    /// Names the page concerned; the page is a fact of the message too.
    pub fn page(self, page: usize) -> Self {
        Diagnostic { page: Some(page), ..self }.arg("page", page)
    }

    /// Replaces the code's own hint by another of its hints.
    pub fn hint(mut self, attribute: &'static str) -> Self {
        self.hints = vec![attribute];
        self
    }

    /// Adds a certain correction.
    pub fn fix(mut self, range: Range<usize>, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { range, text: text.into() });
        self
    }

    /// Adds a further place.
    pub fn label(mut self, span: Span, attribute: &'static str) -> Self {
        self.labels.push((span, attribute));
        self
    }
}

/// The result of a step: its value, unless an error prevents one, and its findings.
#[derive(Debug, Clone)]
pub struct Checked<T> {
    /// The value, if it can be used.
    pub value: Option<T>,
    /// All findings.
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

    /// Runs the next step on the value, if there is one; the findings of both steps are sorted.
    pub fn then<U>(self, step: impl FnOnce(T) -> Checked<U>) -> Checked<U> {
        let mut found = self.diagnostics;
        let value = self.value.and_then(|value| step(value).drain_into(&mut found));
        sort(&mut found);
        Checked { value, diagnostics: found }
    }

    /// Moves the findings into `sink` and returns the value.
    pub fn drain_into(self, sink: &mut Vec<Diagnostic>) -> Option<T> {
        sink.extend(self.diagnostics);
        self.value
    }
}

/// Sorts findings in the order in which they are shown: file, position, severity, code.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    fn key(d: &Diagnostic) -> (Option<(&str, usize)>, Severity, Code) {
        let place = d.span.as_ref().map(|s| (s.file.name.as_str(), s.range.start));
        (place, d.severity, d.code)
    }
    if diagnostics.len() > MAX_FINDINGS {
        // The most severe findings are kept; one warning reports that there are more.
        diagnostics.sort_by_key(|d| d.severity);
        let omitted = diagnostics.split_off(MAX_FINDINGS);
        let span = omitted.into_iter().find_map(|d| d.span);
        let more = span.map(|span| Diagnostic::warning(Code::TooManyFindings, span));
        diagnostics.extend(more.map(|more| more.arg("count", MAX_FINDINGS)));
    }
    diagnostics.sort_by(|a, b| key(a).cmp(&key(b)));
    diagnostics.dedup();
}

/// The most findings shown for one issue.
pub const MAX_FINDINGS: usize = 500;
