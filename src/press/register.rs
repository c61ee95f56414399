//! The register of numbered copies (份号登记表) as a table: who got which copy, under which code.

use crate::read;

/// What a register says of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who got it.
    pub recipient: String,
    /// The list that names the recipient.
    pub list: String,
    /// The copy's code.
    pub seal: String,
}

/// The columns: number, recipient, list, code.
pub const COLUMNS: [&str; 4] = ["份号", "单位", "名单", "追踪码"];

/// The entry of a copy. Columns are known by their names: whoever keeps the register may add
/// columns and change their order.
pub fn entry(bytes: Vec<u8>, number: u32) -> Option<Entry> {
    let file = read::decode("", bytes).value?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(file.text.as_bytes());
    let header = reader.headers().ok()?.clone();
    let columns = COLUMNS.map(|name| header.iter().position(|column| column == name));
    let [Some(of_number), Some(recipient), Some(list), Some(seal)] = columns else { return None };
    let row = reader
        .records()
        .flatten()
        .find(|row| row.get(of_number).and_then(|cell| cell.parse::<u32>().ok()) == Some(number))?;
    let cell = |at: usize| row.get(at).unwrap_or_default().to_string();
    Some(Entry { recipient: cell(recipient), list: cell(list), seal: cell(seal) })
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
