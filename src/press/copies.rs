//! The list of copies (分发表): a TOML, CSV or Excel file → who gets which numbers.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use calamine::{Data, Reader, Xlsx};
use schemars::JsonSchema;
use serde::Deserialize;

use super::number::LARGEST;
use crate::check::imprint;
use crate::diag::{Checked, Code, Diagnostic, SourceFile, Span, Spanned};
use crate::issue::Imprint;
use crate::read;
use crate::text::nearest;

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
    /// Who.
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

/// A row of a list, however it was written.
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
const TEXT: usize = 16 * crate::limits::FILE_BYTES as usize;

/// Why there is no list in a workbook.
enum SheetFault {
    Unreadable(String),
    TooLarge,
}

impl<E: std::error::Error> From<E> for SheetFault {
    fn from(error: E) -> Self {
        SheetFault::Unreadable(error.to_string())
    }
}

/// The first sheet of a workbook as CSV, so that its rows have lines to point at. Cells are read
/// one by one: what lies between two of them may be the whole sheet.
fn sheet(bytes: &[u8]) -> Result<String, SheetFault> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes))
        .map_err(|error: calamine::XlsxError| error)?;
    let name = book.sheet_names().into_iter().next();
    let name = name.ok_or_else(|| SheetFault::Unreadable("an empty workbook".into()))?;
    let mut reader = book.worksheet_cells_reader(&name)?;
    let mut rows: BTreeMap<usize, BTreeMap<usize, String>> = BTreeMap::new();
    let mut size = 0;
    while let Some(cell) = reader.next_cell()? {
        let text = match Data::from(cell.get_value().clone()) {
            // A workbook knows no whole numbers.
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

/// The columns of a table by the names that they may have.
const COLUMNS: [(&str, &str); 4] =
    [("recipient", "单位"), ("count", "份数"), ("entry", "名单项"), ("first_number", "起始份号")];

fn table(file: &Arc<SourceFile>) -> Checked<Vec<Row>> {
    let mut found = Vec::new();
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(file.text.as_bytes());
    let mut columns: Option<Vec<Option<usize>>> = None;
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
        let start = record.position().map_or(0, |position| position.byte() as usize);
        let line = file.text[start..].trim_start_matches(['\r', '\n']);
        let start = file.text.len() - line.len();
        let end = line.find(['\r', '\n']).map_or(file.text.len(), |end| start + end);
        let span = Span::new(file, start..end);
        let Some(at) = &columns else {
            let is =
                |name: &str, (english, chinese): (&str, &str)| name == english || name == chinese;
            let known = |name: &str| COLUMNS.iter().position(|column| is(name, *column));
            for name in record.iter().filter(|name| !name.is_empty() && known(name).is_none()) {
                let all = COLUMNS.map(|(english, chinese)| format!("{chinese} ({english})"));
                let unknown = Diagnostic::error(Code::CopiesColumn, span.clone());
                found.push(unknown.arg("column", name).arg("known", all.join(", ")));
            }
            let at: Vec<Option<usize>> =
                COLUMNS.map(|column| record.iter().position(|name| is(name, column))).to_vec();
            for (english, chinese) in
                COLUMNS.iter().zip(&at).take(2).filter(|(_, at)| at.is_none()).map(|(c, _)| c)
            {
                let missing = Diagnostic::error(Code::CopiesColumnMissing, span.clone());
                found.push(missing.arg("column", format!("{chinese} ({english})")));
            }
            columns = Some(at);
            continue;
        };
        if record.iter().all(str::is_empty) || at[0].is_none() || at[1].is_none() {
            continue;
        }
        let cell = |column: usize| {
            at[column].and_then(|at| record.get(at)).filter(|cell| !cell.is_empty())
        };
        let number = |column: usize, found: &mut Vec<Diagnostic>| match cell(column)?.parse::<u32>()
        {
            Ok(number) if number > 0 => Some(number),
            _ => {
                let (english, chinese) = COLUMNS[column];
                let wrong = Diagnostic::error(Code::CopiesNumber, span.clone());
                let column_name = format!("{chinese} ({english})");
                found.push(
                    wrong.arg("column", column_name).arg("value", cell(column).unwrap_or_default()),
                );
                None
            }
        };
        let before = found.len();
        let (count, first) = (number(1, &mut found), number(3, &mut found));
        match (cell(0), count) {
            (Some(recipient), Some(count)) => rows.push(Row {
                recipient: recipient.into(),
                count,
                entry: cell(2).map(Into::into),
                first,
                span,
            }),
            _ if found.len() > before => {}
            _ => found.push(Diagnostic::error(Code::CopiesRow, span)),
        }
    }
    if columns.is_none() && found.is_empty() {
        found.push(Diagnostic::error(Code::CopiesForm, Span::new(file, 0..0)).arg("detail", "-"));
    }
    Checked::new(rows, found)
}

/// A list of copies as read.
pub struct List {
    rows: Vec<Row>,
    file: Arc<SourceFile>,
}

/// Holds a list against an issue's imprint, and gives each copy its number. `first` is the first
/// number; `issue` is the file to blame for the print run.
pub fn assign(
    list: &List,
    imprint: &Imprint,
    first: u32,
    issue: &Arc<SourceFile>,
) -> Checked<Vec<Recipient>> {
    let mut found = Vec::new();
    let file = &list.file;
    let entries: Vec<(&str, String, Option<u64>)> = imprint
        .lists
        .iter()
        .flat_map(|(label, units)| units.iter().map(move |unit| (*label, unit)))
        .map(|(label, unit)| (label, imprint::without_copies(unit), imprint::copies(unit)))
        .collect();
    let names: Vec<&str> = entries.iter().map(|(_, name, _)| name.as_str()).collect();

    let mut recipients: Vec<Recipient> = Vec::new();
    let mut given = vec![0_u64; entries.len()];
    let mut next = u64::from(first);
    for row in &list.rows {
        let entry = row.entry.as_deref().unwrap_or(&row.recipient);
        let at = names.iter().position(|name| *name == entry);
        let label = match at {
            Some(at) => {
                given[at] += u64::from(row.count);
                entries[at].0
            }
            None if entry == KEPT => KEPT,
            None => {
                let unknown = Diagnostic::error(Code::CopiesRecipient, row.span.clone());
                let unknown = unknown.arg("recipient", entry);
                found.push(match nearest(entry, &names) {
                    Some(nearest) => unknown.arg("nearest", nearest).hint("nearest"),
                    None => unknown,
                });
                continue;
            }
        };
        if recipients.iter().any(|other| other.name == row.recipient) {
            let twice = Diagnostic::error(Code::CopiesRepeated, row.span.clone());
            found.push(twice.arg("recipient", &row.recipient));
            continue;
        }
        let start = row.first.map_or(next, u64::from);
        let end = start + u64::from(row.count) - 1;
        if end > u64::from(LARGEST) {
            let large = Diagnostic::error(Code::CopyNumberTooLarge, row.span.clone());
            found.push(large.arg("number", end).arg("recipient", &row.recipient));
            continue;
        }
        let (start, end) = (start as u32, end as u32);
        let overlap =
            recipients.iter().find(|other| start < other.first + other.count && other.first <= end);
        if let Some(other) = overlap {
            let taken = Diagnostic::error(Code::CopyNumberTaken, row.span.clone());
            let number = start.max(other.first);
            found.push(taken.arg("number", number).arg("recipient", &other.name));
            continue;
        }
        next = u64::from(end) + 1;
        let (name, list) = (row.recipient.clone(), label.to_string());
        recipients.push(Recipient { name, list, first: start, count: row.count });
    }
    for ((label, name, says), given) in entries.iter().zip(&given) {
        let whole = Span::new(file, 0..0);
        if *given == 0 {
            let missing = Diagnostic::error(Code::CopiesMissing, whole);
            found.push(missing.arg("recipient", name).arg("list", label));
        } else if let Some(says) = says.filter(|says| says != given) {
            let differs = Diagnostic::error(Code::CopiesCount, whole);
            found.push(differs.arg("recipient", name).arg("says", says).arg("given", given));
        }
    }
    let total: u64 = list.rows.iter().map(|row| u64::from(row.count)).sum();
    if let Some(run) = imprint.print_run.filter(|run| u64::from(*run) != total) {
        // Where the issue does not say it the publication does: no place in this file.
        let range = print_run(&issue.text).unwrap_or(0..0);
        let differs = Diagnostic::error(Code::CopiesPrintRun, Span::new(issue, range));
        found.push(differs.arg("printed", run).arg("total", total));
    }
    Checked::new(recipients, found)
}

/// Where an issue says 共印.
fn print_run(issue: &str) -> Option<std::ops::Range<usize>> {
    let document = toml_edit::Document::parse(issue).ok()?;
    document.get("imprint")?.get("print_run")?.span()
}
