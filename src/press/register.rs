//! Numbered copies → their register (份号登记表), with each copy's recipient and code; a register
//! → the entry of a copy that is being traced.

use serde_json::{Value as Json, json};

use super::copies::Recipient;
use super::{Press, code, number};
use crate::source::read;

/// The layout of the table to be signed.
const REGISTER: &str = include_str!("register.typ");

/// The register of numbered copies (份号登记表).
#[derive(Debug, Clone)]
pub struct Register {
    /// A line for each copy.
    pub csv: String,
    /// A table to be signed, a line for each recipient.
    pub pdf: Vec<u8>,
    /// How many copies there are.
    pub copies: usize,
}

/// The entry of a copy in a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The recipient.
    pub recipient: String,
    /// The list that names the recipient.
    pub list: String,
    /// The check digits of the copy's code.
    pub check_digits: String,
}

/// The columns: number, recipient, list, check digits.
pub const COLUMNS: [&str; 4] = ["份号", "单位", "名单", "追踪码"];

impl Press<'_> {
    /// The register of copies: as CSV for programs, as a PDF to be signed.
    pub(super) fn register(&mut self, recipients: &[Recipient]) -> Option<Register> {
        let source = self.source;
        let mut csv = csv::Writer::from_writer(Vec::new());
        let mut write = |record: &[String]| csv.write_record(record).expect("memory takes it");
        write(&COLUMNS.map(String::from));
        for to in recipients {
            for number in to.numbers() {
                let digits = code::check_digits(&source.name, source.digest, number, &to.name);
                write(&[number::printed(number), to.name.clone(), to.list.clone(), digits]);
            }
        }
        let csv = csv.into_inner().expect("memory takes it");
        let total: u32 = recipients.iter().map(|to| to.count).sum();
        let rows = recipients.iter().map(|to| {
            let (first, last) = (to.first, to.first + to.count - 1);
            let numbers = match first == last {
                true => number::printed(first),
                false => format!("{}–{}", number::printed(first), number::printed(last)),
            };
            json!([to.list, to.name, to.count.to_string(), numbers, "", ""])
        });
        let data =
            json!({ "title": source.title, "rows": rows.collect::<Vec<Json>>(), "total": total });
        let table = self.typeset(REGISTER, &data)?;
        let pdf = self.archive(&table)?;
        let csv = String::from_utf8(csv).expect("what was written is text");
        Some(Register { csv, pdf, copies: total as usize })
    }
}

/// Finds the entry of a copy. Columns are known by their names, because an office may add columns
/// to its register and change their order.
pub fn entry(bytes: Vec<u8>, number: u32) -> Option<Entry> {
    let file = read::decode("", bytes).value?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(file.text.as_bytes());
    let header = reader.headers().ok()?.clone();
    let columns = COLUMNS.map(|name| header.iter().position(|column| column == name));
    let [Some(of_number), Some(recipient), Some(list), Some(digits)] = columns else { return None };
    let row = reader
        .records()
        .flatten()
        .find(|row| row.get(of_number).and_then(|cell| cell.parse::<u32>().ok()) == Some(number))?;
    let cell = |at: usize| row.get(at).unwrap_or_default().to_string();
    Some(Entry { recipient: cell(recipient), list: cell(list), check_digits: cell(digits) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_name() {
        let asked = |text: &str| entry(text.as_bytes().to_vec(), 4).map(|entry| entry.recipient);
        for text in [
            "份号,单位,名单,追踪码\n000003,乙县,发,a\n000004,甲县,发,b\n",
            "\u{feff}签收,追踪码,名单,单位,份号\n是,b,发,甲县,4\n",
        ] {
            assert_eq!(asked(text).as_deref(), Some("甲县"), "{text}");
        }
        for text in ["", "000004,甲县,发,b\n", "份号,单位\n000004,甲县\n"] {
            assert_eq!(asked(text), None, "{text}");
        }
    }
}
