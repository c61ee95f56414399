//! TOML ↔ JSON: a text as the form's JSON, and a JSON value as TOML.

use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};
use toml_edit::{Array, InlineTable, Key as TomlKey, Value};

use crate::issue::article::PARTS;
use crate::issue::form::{FormError, Key};
use crate::source::toml_text;

/// A TOML text as JSON, dates as strings; `None` where the text is not TOML.
pub fn value(text: &str) -> Option<Json> {
    let (table, errors) = DeTable::parse_recoverable(text);
    errors.is_empty().then(|| table_value(table.get_ref()))
}

fn table_value(table: &DeTable<'_>) -> Json {
    table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect()
}

fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().into()
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().ok().into(),
        DeValue::Boolean(value) => (*value).into(),
        DeValue::Datetime(date) => date.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => table_value(table),
    }
}

/// The first keys of an issue and its sections, in the order in which they are written.
const HEAD: [&str; 5] = ["number", "supplement", "serial_number", "date", "name"];
/// The key of the long text, which is written last because that is easiest to read.
const LAST: &str = "body";

/// The rank of a key in its table: first the head's keys, then an article's texts, then others,
/// and `body` last.
pub fn rank(key: &str) -> usize {
    let parts = PARTS.iter().map(|part| part.key).filter(|key| *key != LAST);
    let place = HEAD.into_iter().chain(parts).position(|known| known == key);
    place.unwrap_or(if key == LAST { usize::MAX } else { usize::MAX - 1 })
}

/// Writes a table with its header and its subtables.
pub fn table_block(names: &[&str], value: &Json, block: &mut String) -> Result<(), FormError> {
    let table = value.as_object().ok_or(FormError::Path)?;
    block.push_str(&format!("[[{}]]\n", names.join(".")));
    let mut keys: Vec<&String> = table.keys().collect();
    keys.sort_by_key(|key| rank(key));
    let is_tables = |value: &Json| {
        value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(Json::is_object))
    };
    for key in keys.iter().filter(|key| !is_tables(&table[**key]) && !table[**key].is_null()) {
        let value = literal(&key.as_str().into(), &table[*key], false, false)?;
        block.push_str(&format!("{} = {value}\n", TomlKey::new(key.as_str())));
    }
    for key in keys.iter().filter(|key| is_tables(&table[**key])) {
        for item in table[*key].as_array().into_iter().flatten() {
            block.push('\n');
            let below: Vec<&str> = names.iter().copied().chain([key.as_str()]).collect();
            table_block(&below, item, block)?;
        }
    }
    Ok(())
}

/// A value as written after a key. `long` writes a text on several lines, `date` as a TOML date.
pub fn literal(key: &Key, value: &Json, long: bool, date: bool) -> Result<String, FormError> {
    let name = match key {
        Key::Name(name) => name.as_str(),
        Key::Index(_) => "",
    };
    if let Json::String(text) = value {
        if (date || name == "date") && text.parse::<toml::value::Datetime>().is_ok() {
            return Ok(text.clone());
        }
        if long || text.contains('\n') || name == LAST {
            return Ok(toml_text::long(text));
        }
    }
    Ok(plain(value)?.to_string().trim().to_string())
}

/// A value in TOML's default spelling.
pub fn plain(value: &Json) -> Result<Value, FormError> {
    Ok(match value {
        Json::Null => return Err(FormError::Path),
        Json::Bool(value) => (*value).into(),
        Json::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64().ok_or(FormError::Path)?.into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => {
            Value::Array(items.iter().map(plain).collect::<Result<Array, FormError>>()?)
        }
        Json::Object(table) => {
            let mut inline = InlineTable::new();
            for (key, value) in table.iter().filter(|(_, value)| !value.is_null()) {
                inline.insert(key, plain(value)?);
            }
            Value::InlineTable(inline)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::form::tests::{ISSUE, applied, set};

    #[test]
    fn any_text_comes_back_as_it_was() {
        let odd: Vec<char> = "甲'\"\\\n\t\u{7}#[]=\r".chars().collect();
        let mut rng = fastrand::Rng::with_seed(9);
        for _ in 0..3_000 {
            let text: String = (0..rng.usize(0..12)).map(|_| odd[rng.usize(..odd.len())]).collect();
            for key in ["title", "body"] {
                let path = format!("sections.0.articles.0.{key}");
                let read = value(&applied(ISSUE, set(&path, text.as_str()))).expect("TOML");
                let read =
                    read["sections"][0]["articles"][0][key].as_str().expect("a text").to_string();
                let wanted = text.replace("\r\n", "\n");
                assert_eq!(read.trim_end_matches('\n'), wanted.trim_end_matches('\n'), "{text:?}");
            }
        }
    }
}
