//! The list of copies (分发表), a TOML, CSV or Excel file → recipients with the numbers of their
//! copies.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use calamine::{Data, Reader, Xlsx};
use csv::StringRecord;
use schemars::JsonSchema;
use serde::Deserialize;
use zip::ZipArchive;

use super::number::LARGEST;
use crate::check::imprint;
use crate::diag::nearest::nearest;
use crate::diag::{Checked, Code, Diagnostic, SourceFile, Span, Spanned};
use crate::issue::Imprint;
use crate::source::limits;
use crate::source::read;

/// `copies.toml` as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Copies of an issue")]
pub struct RawCopies {
    /// Who gets copies, in the order of the numbers.
    #[serde(default)]
    pub copies: Vec<Spanned<RawRow>>,
}

/// A recipient.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRow {
    /// Who gets the copies (单位), as the imprint's lists write it.
    #[schemars(length(min = 1))]
    pub recipient: Spanned<String>,
    /// How many (份数).
    #[schemars(range(min = 1, max = 999999))]
    pub count: Spanned<u32>,
    /// The item of the imprint's lists that this recipient belongs to (名单项), e.g. 各县区; by
    /// default the recipient itself. `存档` for copies that are kept.
    #[schemars(length(min = 1))]
    pub entry: Option<Spanned<String>>,
    /// The number of the first of its copies (起始份号); by default the next one.
    #[schemars(range(min = 1, max = 999999))]
    pub first_number: Option<Spanned<u32>>,
}

/// The entry of copies that are kept, which no list names.
pub const KEPT: &str = "存档";

/// A recipient with the numbers of its copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The recipient's name.
    pub name: String,
    /// The list (报, 送, 发, 本期增发) that names it, or 存档.
    pub list: String,
    /// The number of its first copy.
    pub first: u32,
    /// How many copies.
    pub count: u32,
}

impl Recipient {
    /// The numbers of its copies.
    pub fn numbers(&self) -> impl Iterator<Item = u32> + use<> {
        self.first..self.first + self.count
    }
}

/// A row of a list, in whatever format the list was written.
struct Row {
    recipient: String,
    count: u32,
    entry: Option<String>,
    first: Option<u32>,
    span: Span,
}

/// Reads a list of copies: `.toml`, `.csv` or `.xlsx`. `name` is the file as people see it.
pub fn read(name: &str, bytes: Vec<u8>) -> Checked<List> {
    let kind = Path::new(name).extension().and_then(|kind| kind.to_str()).unwrap_or_default();
    let mut found = Vec::new();
    let file = match kind.to_ascii_lowercase().as_str() {
        "xlsx" => match sheet(&bytes) {
            Ok(text) => Some(Arc::new(SourceFile { name: name.into(), text })),
            Err(fault) => {
                let file = Arc::new(SourceFile { name: name.into(), text: String::new() });
                let whole = Span::new(&file, 0..0);
                found.push(match fault {
                    SheetFault::Unreadable(detail) => {
                        Diagnostic::error(Code::FileUnreadable, whole).arg("detail", detail)
                    }
                    SheetFault::TooLarge => Diagnostic::error(Code::CopiesTooLarge, whole)
                        .arg("rows", ROWS)
                        .arg("columns", WIDEST),
                });
                None
            }
        },
        _ => read::decode(name, bytes).drain_into(&mut found),
    };
    let Some(file) = file else { return Checked::failed(found) };
    let rows = match kind.eq_ignore_ascii_case("toml") {
        true => toml(&file).drain_into(&mut found),
        false => table(&file).drain_into(&mut found),
    };
    match rows {
        Some(rows) => Checked::new(List { rows, file }, found),
        None => Checked::failed(found),
    }
}

/// The rows of a list in TOML.
fn toml(file: &Arc<SourceFile>) -> Checked<Vec<Row>> {
    read::read::<RawCopies>(file).map(|raw| {
        let row = |row: Spanned<RawRow>| Row {
            recipient: row.value.recipient.value.trim().into(),
            count: row.value.count.value,
            entry: row.value.entry.map(|entry| entry.value.trim().into()),
            first: row.value.first_number.map(|first| first.value),
            span: Span::new(file, row.value.recipient.range),
        };
        raw.copies.into_iter().map(row).collect()
    })
}

/// No list of copies has more rows …
const ROWS: usize = 100_000;
/// … more columns …
const WIDEST: usize = 64;
/// … or more text, in bytes.
const TEXT: usize = 16 * limits::FILE_BYTES as usize;
/// The most bytes of a workbook, unpacked.
const UNPACKED: u64 = 64 << 20;

/// Why a workbook does not yield a list.
enum SheetFault {
    Unreadable(String),
    TooLarge,
}

impl<E: std::error::Error> From<E> for SheetFault {
    fn from(error: E) -> Self {
        SheetFault::Unreadable(error.to_string())
    }
}

/// Whether a workbook unpacks to a size that can be read: the reader keeps all texts of a workbook.
fn is_within(bytes: &[u8]) -> Result<bool, SheetFault> {
    let mut parts = ZipArchive::new(Cursor::new(bytes))?;
    let mut left = UNPACKED;
    for part in 0..parts.len() {
        let part = parts.by_index(part)?;
        // The sizes in the file's own list may be wrong.
        left -= std::io::copy(&mut part.take(left), &mut std::io::sink())?;
    }
    Ok(left > 0)
}

/// The first sheet of a workbook as CSV, so that its rows have lines to point at. Cells are read
/// one by one, because the gap between two of them may be as large as the whole sheet.
fn sheet(bytes: &[u8]) -> Result<String, SheetFault> {
    if !is_within(bytes)? {
        return Err(SheetFault::TooLarge);
    }
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes))
        .map_err(|error: calamine::XlsxError| error)?;
    let name = book.sheet_names().into_iter().next();
    let name = name.ok_or_else(|| SheetFault::Unreadable("an empty workbook".into()))?;
    let mut reader = book.worksheet_cells_reader(&name)?;
    let mut rows: BTreeMap<usize, BTreeMap<usize, String>> = BTreeMap::new();
    let mut size = 0;
    while let Some(cell) = reader.next_cell()? {
        let text = match Data::from(cell.get_value().clone()) {
            // A workbook stores whole numbers as floats.
            Data::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
            value => value.to_string(),
        };
        if text.trim().is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        let (row, column) = (row as usize, column as usize);
        size += text.len();
        if row >= ROWS || column >= WIDEST || size > TEXT {
            return Err(SheetFault::TooLarge);
        }
        rows.entry(row).or_default().insert(column, text);
    }
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let (first, last) = match (rows.keys().next(), rows.keys().next_back()) {
        (Some(first), Some(last)) => (*first, *last),
        _ => return Ok(String::new()),
    };
    for row in first..=last {
        let cells = rows.get(&row);
        let width = cells.and_then(|cells| cells.keys().next_back()).map_or(1, |last| last + 1);
        let cell = |at: usize| cells.and_then(|cells| cells.get(&at)).map_or("", String::as_str);
        writer.write_record((0..width).map(cell))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// The columns of a table by the names that they may have; the first two are required.
const COLUMNS: [(&str, &str); 4] =
    [("recipient", "单位"), ("count", "份数"), ("entry", "名单项"), ("first_number", "起始份号")];

/// The column of a table as messages name it.
fn column_name(column: usize) -> String {
    let (english, chinese) = COLUMNS[column];
    format!("{chinese} ({english})")
}

/// The rows of a table in CSV.
fn table(file: &Arc<SourceFile>) -> Checked<Vec<Row>> {
    let mut found = Vec::new();
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(file.text.as_bytes());
    let mut columns: Option<Columns> = None;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let broken = Diagnostic::error(Code::CopiesForm, Span::new(file, 0..0));
                found.push(broken.arg("detail", error));
                break;
            }
        };
        let line = Span::new(file, line_of(&record, &file.text));
        match &columns {
            None => columns = Some(Columns::new(&record, &line, &mut found)),
            Some(columns) => rows.extend(columns.row(&record, line, &mut found)),
        }
    }
    if columns.is_none() && found.is_empty() {
        found.push(Diagnostic::error(Code::CopiesForm, Span::new(file, 0..0)).arg("detail", "-"));
    }
    Checked::new(rows, found)
}

/// The place of a record's line in the text of its table.
fn line_of(record: &StringRecord, text: &str) -> Range<usize> {
    let start = record.position().map_or(0, |position| position.byte() as usize);
    let line = text[start..].trim_start_matches(['\r', '\n']);
    let start = text.len() - line.len();
    let end = line.find(['\r', '\n']).map_or(text.len(), |end| start + end);
    start..end
}

/// The position of each of [`COLUMNS`] in a table.
struct Columns([Option<usize>; 4]);

impl Columns {
    /// Reads the header of a table.
    fn new(header: &StringRecord, line: &Span, found: &mut Vec<Diagnostic>) -> Self {
        let is = |name: &str, (english, chinese): (&str, &str)| name == english || name == chinese;
        let known = |name: &str| COLUMNS.iter().any(|column| is(name, *column));
        for name in header.iter().filter(|name| !name.is_empty() && !known(name)) {
            let all: Vec<String> = (0..COLUMNS.len()).map(column_name).collect();
            let unknown = Diagnostic::error(Code::CopiesColumn, line.clone());
            found.push(unknown.arg("column", name).arg("known", all.join(", ")));
        }
        let at = COLUMNS.map(|column| header.iter().position(|name| is(name, column)));
        for column in (0..2).filter(|column| at[*column].is_none()) {
            let missing = Diagnostic::error(Code::CopiesColumnMissing, line.clone());
            found.push(missing.arg("column", column_name(column)));
        }
        Columns(at)
    }

    /// Reads a row of the table; `None` where it is empty or wrong.
    fn row(&self, record: &StringRecord, line: Span, found: &mut Vec<Diagnostic>) -> Option<Row> {
        if record.iter().all(str::is_empty) || self.0[..2].iter().any(Option::is_none) {
            return None;
        }
        let cell = |column: usize| record.get(self.0[column]?).filter(|cell| !cell.is_empty());
        let before = found.len();
        let mut number = |column: usize| {
            let text = cell(column)?;
            let number = text.parse::<u32>().ok().filter(|number| *number > 0);
            if number.is_none() {
                let wrong = Diagnostic::error(Code::CopiesNumber, line.clone());
                found.push(wrong.arg("column", column_name(column)).arg("value", text));
            }
            number
        };
        let (count, first) = (number(1), number(3));
        match (cell(0), count) {
            (Some(recipient), Some(count)) => {
                let (recipient, entry) = (recipient.into(), cell(2).map(Into::into));
                Some(Row { recipient, count, entry, first, span: line })
            }
            _ => {
                if found.len() == before {
                    found.push(Diagnostic::error(Code::CopiesRow, line));
                }
                None
            }
        }
    }
}

/// A list of copies as read.
pub struct List {
    rows: Vec<Row>,
    file: Arc<SourceFile>,
}

/// Compares a list with an issue's imprint, and gives each copy its number. `first` is the first
/// number; `issue` is the file to blame for the print run.
pub fn assign(
    list: &List,
    imprint: &Imprint,
    first: u32,
    issue: &Arc<SourceFile>,
) -> Checked<Vec<Recipient>> {
    let mut found = Vec::new();
    let mut entries = entries(imprint);
    let mut recipients: Vec<Recipient> = Vec::new();
    let mut next = u64::from(first);
    for row in &list.rows {
        let list = list_of(row, &mut entries);
        match list.and_then(|list| numbered(row, list, next, &recipients)) {
            Ok(recipient) => {
                next = u64::from(recipient.first) + u64::from(recipient.count);
                recipients.push(recipient);
            }
            Err(refused) => found.push(*refused),
        }
    }
    for entry in &entries {
        found.extend(entry.fault(&list.file));
    }
    let total: u64 = list.rows.iter().map(|row| u64::from(row.count)).sum();
    if total > limits::COPIES {
        let many = Diagnostic::error(Code::CopiesTooMany, Span::new(&list.file, 0..0));
        found.push(many.arg("total", total).arg("limit", limits::COPIES));
    }
    if let Some(run) = imprint.print_run.filter(|run| u64::from(*run) != total) {
        // An issue without a print run takes the publication's, which has no place in this file.
        let range = print_run(&issue.text).unwrap_or(0..0);
        let differs = Diagnostic::error(Code::CopiesPrintRun, Span::new(issue, range));
        found.push(differs.arg("printed", run).arg("total", total));
    }
    Checked::new(recipients, found)
}

/// An item of the imprint's lists, and the copies for it.
struct Entry {
    /// The list: 报, 送, 发, 本期增发.
    label: &'static str,
    /// The item without its number of copies.
    name: String,
    /// The number of copies that the imprint names.
    printed: Option<u64>,
    /// The number of copies that the list of copies gives.
    given: u64,
}

/// The items of the imprint's lists, before any copy is given to them.
fn entries(imprint: &Imprint) -> Vec<Entry> {
    let entries = imprint.lists.iter().flat_map(|(label, units)| {
        units.iter().map(move |unit| Entry {
            label,
            name: imprint::without_copies(unit),
            printed: imprint::copies(unit),
            given: 0,
        })
    });
    entries.collect()
}

impl Entry {
    /// The fault of an item without copies, or with another number of them than the imprint names.
    fn fault(&self, list: &Arc<SourceFile>) -> Option<Diagnostic> {
        let whole = Span::new(list, 0..0);
        if self.given == 0 {
            let missing = Diagnostic::error(Code::CopiesMissing, whole);
            return Some(missing.arg("recipient", &self.name).arg("list", self.label));
        }
        let says = self.printed.filter(|says| *says != self.given)?;
        let differs = Diagnostic::error(Code::CopiesCount, whole).arg("recipient", &self.name);
        Some(differs.arg("says", says).arg("given", self.given))
    }
}

/// The list that names the recipient of a row, to whose item the row's copies are added.
fn list_of(row: &Row, entries: &mut [Entry]) -> Result<&'static str, Box<Diagnostic>> {
    let name = row.entry.as_deref().unwrap_or(&row.recipient);
    if let Some(entry) = entries.iter_mut().find(|entry| entry.name == name) {
        entry.given += u64::from(row.count);
        return Ok(entry.label);
    }
    if name == KEPT {
        return Ok(KEPT);
    }
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let unknown = Diagnostic::error(Code::CopiesRecipient, row.span.clone());
    let unknown = unknown.arg("recipient", name);
    Err(Box::new(match nearest(name, &names) {
        Some(nearest) => unknown.arg("nearest", nearest).hint("nearest"),
        None => unknown,
    }))
}

/// The recipient of a row with its numbers, from `next` on unless the row names the first one.
fn numbered(
    row: &Row,
    list: &str,
    next: u64,
    others: &[Recipient],
) -> Result<Recipient, Box<Diagnostic>> {
    let refused = |code| Diagnostic::error(code, row.span.clone());
    if others.iter().any(|other| other.name == row.recipient) {
        return Err(Box::new(refused(Code::CopiesRepeated).arg("recipient", &row.recipient)));
    }
    let start = row.first.map_or(next, u64::from);
    let end = start + u64::from(row.count) - 1;
    if end > u64::from(LARGEST) {
        let large = refused(Code::CopyNumberTooLarge).arg("number", end);
        return Err(Box::new(large.arg("recipient", &row.recipient)));
    }
    let (start, end) = (start as u32, end as u32);
    let overlap = |other: &&Recipient| start < other.first + other.count && other.first <= end;
    if let Some(other) = others.iter().find(overlap) {
        let taken = refused(Code::CopyNumberTaken).arg("number", start.max(other.first));
        return Err(Box::new(taken.arg("recipient", &other.name)));
    }
    let (name, list) = (row.recipient.clone(), list.to_string());
    Ok(Recipient { name, list, first: start, count: row.count })
}

/// The place where an issue states its print run (共印).
fn print_run(issue: &str) -> Option<Range<usize>> {
    let document = toml_edit::Document::parse(issue).ok()?;
    document.get("imprint")?.get("print_run")?.span()
}
