//! The heads of a publication's issues → findings on gaps and repeats of numbers and on the order
//! of dates.

use std::ops::Range;
use std::sync::Arc;

use toml::de::DeTable;

use crate::diag::{Code, Diagnostic, SourceFile, Span};
use crate::issue::{Date, Number};

/// The head of one issue: the values compared with its neighbours'.
#[derive(Debug, Clone)]
pub struct Head {
    /// The issue's file.
    pub file: Arc<SourceFile>,
    /// Its number, with the place.
    pub number: (Number, Range<usize>),
    /// Its serial number, with the place.
    pub serial: Option<(u32, Range<usize>)>,
    /// Its date, with the place.
    pub date: (Date, Range<usize>),
}

impl Head {
    /// Reads the head of an issue; `None` where the issue's own check will report an error.
    pub fn read(file: &Arc<SourceFile>) -> Option<Self> {
        // The issue's own keys come before its first table, so the articles need not be parsed.
        let end = file.text.find("\n[").map_or(file.text.len(), |at| at + 1);
        let (table, errors) = DeTable::parse_recoverable(&file.text[..end]);
        if !errors.is_empty() {
            // The text was cut at a bracket inside a string: the whole file is parsed.
            let (table, errors) = DeTable::parse_recoverable(&file.text);
            return errors.is_empty().then(|| Self::from_table(file, table.get_ref()))?;
        }
        Self::from_table(file, table.get_ref())
    }

    fn from_table(file: &Arc<SourceFile>, table: &DeTable<'_>) -> Option<Self> {
        let integer = |key: &str| {
            let (_, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
            let number = value.get_ref().as_integer()?;
            let number = u32::from_str_radix(number.as_str(), number.radix()).ok()?;
            Some((number, value.span()))
        };
        let number = match (integer("number"), integer("supplement")) {
            (Some((number, place)), None) => (Number::Regular(number), place),
            (None, Some((number, place))) => (Number::Supplement(number), place),
            _ => return None,
        };
        let (_, date) = table.iter().find(|(name, _)| name.get_ref() == "date")?;
        let day = date.get_ref().as_datetime()?.date?;
        let date = (Date::from(day), date.span());
        Some(Head { file: file.clone(), number, serial: integer("serial_number"), date })
    }

    fn key(&self) -> (bool, u16, Number) {
        let supplement = matches!(self.number.0, Number::Supplement(_));
        (supplement, self.date.0.year, self.number.0)
    }

    fn counted(&self) -> u32 {
        match self.number.0 {
            Number::Regular(n) | Number::Supplement(n) => n,
        }
    }

    fn number_span(&self) -> Span {
        Span::new(&self.file, self.number.1.clone())
    }
}

/// Checks all issues of a publication; each finding is reported in the issue that breaks the run.
/// `unread` are the issues whose head could not be read, known from the names of their files.
pub fn run(heads: &[Head], unread: &[(u16, Number)]) -> Vec<Diagnostic> {
    let mut heads: Vec<&Head> = heads.iter().collect();
    heads.sort_by(|a, b| a.key().cmp(&b.key()).then_with(|| a.file.name.cmp(&b.file.name)));
    let mut found = Vec::new();
    for pair in heads.windows(2) {
        let (last, this) = (pair[0], pair[1]);
        let between = |&(year, number): &(u16, Number)| {
            let key = (matches!(number, Number::Supplement(_)), year, number);
            last.key() < key && key < this.key()
        };
        // Supplements (增刊) are counted separately. An unread issue in between may fill the gap.
        if last.key().0 == this.key().0 && !unread.iter().any(between) {
            follows(last, this, &mut found);
        }
    }
    found
}

fn follows(last: &Head, this: &Head, found: &mut Vec<Diagnostic>) {
    let (before, now) = (last.counted(), this.counted());
    let same_year = last.date.0.year == this.date.0.year;
    let expected = if same_year { before + 1 } else { 1 };
    if same_year && before == now {
        let repeated = Diagnostic::warning(Code::NumberRepeated, this.number_span());
        let repeated = repeated.arg("number", this.number.0).arg("file", &last.file.name);
        found.push(repeated.label(last.number_span(), "first"));
        return;
    }
    if now != expected {
        let left_out = if now == expected + 1 {
            expected.to_string()
        } else {
            format!("{expected}–{}", now - 1)
        };
        let gap = Diagnostic::warning(Code::NumberGap, this.number_span());
        let gap = gap.arg("number", this.number.0).arg("missing", left_out);
        found.push(gap.label(last.number_span(), "last"));
    }
    if this.date.0 < last.date.0 {
        let span = Span::new(&this.file, this.date.1.clone());
        let early = Diagnostic::warning(Code::DateOrder, span);
        let early = early.arg("date", this.date.0).arg("last", last.date.0);
        found.push(early.label(Span::new(&last.file, last.date.1.clone()), "last"));
    }
    if let (Some((before, place)), Some((serial, at))) = (&last.serial, &this.serial) {
        // Issues missing within a year had serial numbers too.
        let skipped = if same_year { now - expected } else { 0 };
        let right = before + 1 + skipped;
        // The number of issues in a year whose last ones are missing is unknown.
        let unknown = !same_year && now != expected;
        if unknown && serial <= before || !unknown && *serial != right {
            let wrong = Diagnostic::warning(Code::SerialNumber, Span::new(&this.file, at.clone()));
            let wrong = wrong.arg("serial", serial).arg("expected", right);
            found.push(wrong.label(Span::new(&last.file, place.clone()), "last"));
        }
    }
}
