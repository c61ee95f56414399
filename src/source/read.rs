//! Bytes of a TOML file → a raw type, or everything that is wrong with their form.
//!
//! The types define what a file may hold; `schemars` turns them into a JSON Schema,
//! which is published for editors and walked here over the spanned TOML tree. So
//! all unknown keys, missing keys and wrong types are found at once; serde alone
//! would stop at the first and could not give its place.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::ops::Range;
use std::string::FromUtf8Error;
use std::sync::Arc;

use parking_lot::Mutex;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_16BE, UTF_16LE};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};

use crate::diag::nearest::nearest;
use crate::diag::{Checked, Code, Diagnostic, Severity, SourceFile, Span};

/// The JSON Schema of a raw type, without the `null`s that TOML does not have.
pub fn schema<T: JsonSchema>() -> Json {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    let mut json = schema.to_value();
    strip_null(&mut json);
    json
}

fn strip_null(json: &mut Json) {
    match json {
        Json::Object(map) => {
            if let Some(Json::Array(kinds)) = map.get_mut("type") {
                kinds.retain(|kind| kind != "null");
                if let [only] = kinds.as_slice() {
                    let only = only.clone();
                    map.insert("type".into(), only);
                }
            }
            if let Some(Json::Array(options)) = map.get_mut("anyOf") {
                options.retain(|option| option["type"] != "null");
                if let [Json::Object(only)] = options.as_slice() {
                    let only = only.clone();
                    map.remove("anyOf");
                    map.extend(only);
                }
            }
            if map.get("default").is_some_and(Json::is_null) {
                map.remove("default");
            }
            map.values_mut().for_each(strip_null);
        }
        Json::Array(items) => items.iter_mut().for_each(strip_null),
        _ => {}
    }
}

/// The schema of a raw type, generated once per run.
fn walked<T: JsonSchema + 'static>() -> Arc<Json> {
    static SCHEMAS: Mutex<BTreeMap<TypeId, Arc<Json>>> = Mutex::new(BTreeMap::new());
    let mut schemas = SCHEMAS.lock();
    schemas.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(schema::<T>())).clone()
}

/// Decodes the bytes of a text file. Only UTF-8 is accepted; another encoding is an error that
/// names it.
pub fn decode(name: &str, bytes: Vec<u8>) -> Checked<Arc<SourceFile>> {
    let file = |text: String| Arc::new(SourceFile { name: name.into(), text });
    // Each run reads the whole archive, so valid UTF-8 without zeros skips the detection below.
    let text = String::from_utf8(bytes).map_err(FromUtf8Error::into_bytes);
    let text = text.and_then(|text| match text.as_bytes().contains(&0) {
        true => Err(text.into_bytes()),
        false => Ok(text),
    });
    let mut text = match text.map_err(|bytes| (foreign(&bytes), bytes)) {
        Ok(text) => text,
        Err((None, bytes)) => String::from_utf8(bytes).expect("what is not UTF-8 is foreign"),
        Err((Some(encoding), bytes)) => {
            let (text, _, _) = encoding.decode(&bytes);
            let file = file(text.into_owned());
            // The snippet shows the text decoded, at its first character beyond ASCII.
            let at = file.text.char_indices().find(|(_, c)| !c.is_ascii());
            let range = at.map_or(0..0, |(at, c)| at..at + c.len_utf8());
            let name = if encoding == GBK { GB18030.name() } else { encoding.name() };
            let name = if name == GB18030.name() { "GB18030" } else { name };
            let wrong = Diagnostic::error(Code::FileEncoding, Span::new(&file, range));
            return Checked::failed(vec![wrong.arg("encoding", name)]);
        }
    };
    if !text.starts_with('\u{feff}') {
        return Checked::new(file(text), Vec::new());
    }
    text.drain(..'\u{feff}'.len_utf8());
    let file = file(text);
    let mark = Diagnostic::warning(Code::ByteOrderMark, Span::new(&file, 0..0));
    Checked::new(file, vec![Diagnostic { severity: Severity::Advice, ..mark }])
}

/// The encoding of bytes that are not UTF-8 text; `None` for UTF-8.
fn foreign(bytes: &[u8]) -> Option<&'static Encoding> {
    if bytes.starts_with(b"\xff\xfe") {
        return Some(UTF_16LE);
    }
    if bytes.starts_with(b"\xfe\xff") {
        return Some(UTF_16BE);
    }
    // TOML's own characters are ASCII: in UTF-16 each has a zero byte, always on the same side.
    // Only a character such as 一, U+4E00, has its zero byte on the other side.
    let zeros = |side: usize| bytes.iter().skip(side).step_by(2).filter(|&&b| b == 0).count();
    match (zeros(0), zeros(1)) {
        (even, odd) if odd > bytes.len() / 8 && even < odd / 4 => return Some(UTF_16LE),
        (even, odd) if even > bytes.len() / 8 && odd < even / 4 => return Some(UTF_16BE),
        _ => {}
    }
    if std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    Some(detector.guess(Some(b"cn"), Utf8Detection::Deny))
}

/// Reads a raw type from a TOML file.
///
/// A file with errors of form may still have a value: where the only errors are missing keys that
/// the type holds as optional, the later checks run too, so that all faults are reported at once.
pub fn read<T: DeserializeOwned + JsonSchema + 'static>(file: &Arc<SourceFile>) -> Checked<T> {
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    if !errors.is_empty() {
        return Checked::failed(syntax_errors(file, &errors));
    }
    let schema = walked::<T>();
    let mut walk = Walk { file, root: &schema, found: Vec::new() };
    walk.table(table.get_ref(), table.span(), &schema, "");
    let found = walk.found;
    if found.iter().any(|d| d.code != Code::KeyMissing) {
        return Checked::failed(found);
    }
    match T::deserialize(toml::de::Deserializer::from(table)) {
        Ok(raw) => Checked { value: Some(raw), diagnostics: found },
        Err(_) if !found.is_empty() => Checked::failed(found),
        // The schema accepted a value that the type refuses (a number too large for it, say).
        Err(error) => Checked::failed(syntax_errors(file, &[error])),
    }
}

/// The most errors of form in one file; further ones mostly repeat the same slip.
const MAX_ERRORS: usize = 100;

/// The parser's errors, only the first of each line: one slip often yields several.
fn syntax_errors(file: &Arc<SourceFile>, errors: &[toml::de::Error]) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut last = None;
    for error in errors {
        let span = Span::new(file, clamp(&file.text, error.span().unwrap_or(0..0)));
        // The offset of the line's end identifies the line without counting lines.
        let rest = &file.text[span.range.start..];
        let line = span.range.start + rest.find('\n').unwrap_or(rest.len());
        if last.replace(line) == Some(line) {
            continue;
        }
        if found.len() == MAX_ERRORS {
            break;
        }
        let written = line_from(&file.text, span.range.start);
        found.push(if looks_like_date(written) && error.message().contains("date") {
            let written = written.split_whitespace().next().unwrap_or(written);
            let end = span.range.start + written.len();
            let span = Span::new(file, span.range.start..end);
            Diagnostic::error(Code::DateInvalid, span).arg("date", written)
        } else {
            Diagnostic::error(Code::TomlSyntax, span).arg("detail", error.message())
        });
    }
    found
}

fn clamp(text: &str, range: Range<usize>) -> Range<usize> {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|&i| text.is_char_boundary(i));
    let (start, end) = (floor(range.start).unwrap_or(0), floor(range.end).unwrap_or(0));
    start..end.max(start)
}

fn line_from(text: &str, start: usize) -> &str {
    text[start..].lines().next().unwrap_or("")
}

fn looks_like_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 8 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-'
}

/// The walk of a JSON Schema over a spanned TOML tree.
struct Walk<'a> {
    file: &'a Arc<SourceFile>,
    root: &'a Json,
    found: Vec<Diagnostic>,
}

impl<'a> Walk<'a> {
    fn error(&mut self, code: Code, range: Range<usize>) -> &mut Diagnostic {
        let range = clamp(&self.file.text, range);
        self.found.truncate(MAX_ERRORS);
        self.found.push(Diagnostic::error(code, Span::new(self.file, range)));
        self.found.last_mut().expect("one was just pushed")
    }

    /// Follows `$ref` into the schema's definitions.
    fn resolve(&self, schema: &'a Json) -> &'a Json {
        match schema["$ref"].as_str() {
            Some(path) => self.root.pointer(path.trim_start_matches('#')).unwrap_or(schema),
            None => schema,
        }
    }

    fn table(&mut self, table: &DeTable<'_>, range: Range<usize>, schema: &'a Json, path: &str) {
        let schema = self.resolve(schema);
        let properties = schema["properties"].as_object();
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let name: &str = key.get_ref();
            let within = if path.is_empty() { name.into() } else { format!("{path}.{name}") };
            match properties.and_then(|p| p.get(name)) {
                Some(expected) => self.value(value.get_ref(), value.span(), expected, &within),
                None if schema["additionalProperties"] == false => {
                    self.unknown_key(name, key.span(), properties);
                }
                None if schema["additionalProperties"].is_object() => {
                    let expected = &schema["additionalProperties"];
                    self.value(value.get_ref(), value.span(), expected, &within);
                }
                None => {}
            }
        }
        for required in schema["required"].as_array().into_iter().flatten() {
            let required = required.as_str().unwrap_or_default();
            if !table.iter().any(|(key, _)| key.get_ref() == required) {
                let at = self.header(range.clone());
                let missing = self.error(Code::KeyMissing, at);
                missing.args.push(("key", required.into()));
            }
        }
    }

    /// The first line of a table, which is underlined when a key is missing.
    fn header(&self, range: Range<usize>) -> Range<usize> {
        let range = clamp(&self.file.text, range);
        let rest = &self.file.text[range.start..range.end.max(range.start)];
        let line = rest.lines().next().unwrap_or("").trim_end();
        range.start..range.start + line.len()
    }

    fn unknown_key(
        &mut self,
        name: &str,
        range: Range<usize>,
        properties: Option<&serde_json::Map<String, Json>>,
    ) {
        let known: Vec<&str> =
            properties.into_iter().flat_map(|p| p.keys()).map(String::as_str).collect();
        let near = nearest(name, &known).map(str::to_string);
        let known = known.join(", ");
        let unknown = self.error(Code::KeyUnknown, range);
        unknown.args.push(("key", name.into()));
        unknown.args.push(("known", known));
        if let Some(near) = near {
            unknown.args.push(("nearest", near));
            unknown.hints = vec!["nearest"];
        }
    }

    fn value(&mut self, value: &DeValue<'_>, range: Range<usize>, schema: &'a Json, path: &str) {
        let schema = self.resolve(schema);
        let Some(kind) = expected_kind(schema) else { return };
        let fits = match (kind, value) {
            ("object", DeValue::Table(table)) => {
                self.table(table, range.clone(), schema, path);
                true
            }
            ("array", DeValue::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let within = format!("{path}[{index}]");
                    self.value(item.get_ref(), item.span(), &schema["items"], &within);
                }
                true
            }
            ("string", DeValue::String(text)) => {
                self.string(text, range.clone(), schema, path);
                true
            }
            ("integer", DeValue::Integer(number)) => {
                let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
                let (min, max) = (schema["minimum"].as_i64(), schema["maximum"].as_i64());
                let inside = number.is_some_and(|n| {
                    min.is_none_or(|min| n >= min) && max.is_none_or(|max| n <= max)
                });
                if !inside {
                    let text = |bound: Option<i64>| bound.map_or("…".into(), |n| n.to_string());
                    let out = self.error(Code::ValueRange, range.clone());
                    out.args.extend([("key", path.into()), ("min", text(min)), ("max", text(max))]);
                }
                true
            }
            ("number", DeValue::Float(_) | DeValue::Integer(_)) => {
                self.number(value, range.clone(), schema, path);
                true
            }
            ("boolean", DeValue::Boolean(_)) => true,
            ("date", DeValue::Datetime(date)) => date.time.is_none() && date.date.is_some(),
            _ => false,
        };
        if !fits {
            let written = kind_of(value);
            let wrong = self.error(Code::ValueType, range);
            wrong.args.extend([
                ("key", path.into()),
                ("expected", kind.into()),
                ("written", written.into()),
            ]);
        }
    }

    fn number(&mut self, value: &DeValue<'_>, range: Range<usize>, schema: &Json, path: &str) {
        let number = match value {
            DeValue::Float(number) => number.as_str().replace('_', "").parse().ok(),
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).ok().map(|n| n as f64)
            }
            _ => None,
        };
        let (min, max) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
        // NaN is outside every range.
        let inside = number.is_some_and(|n: f64| {
            min.is_none_or(|min| n >= min) && max.is_none_or(|max| n <= max) && n.is_finite()
        });
        if !inside {
            let text = |bound: Option<f64>| bound.map_or("…".into(), |n| n.to_string());
            let out = self.error(Code::ValueRange, range);
            out.args.extend([("key", path.into()), ("min", text(min)), ("max", text(max))]);
        }
    }

    fn string(&mut self, text: &str, range: Range<usize>, schema: &Json, path: &str) {
        if let Some(choices) = schema["enum"].as_array() {
            let choices: Vec<&str> = choices.iter().filter_map(Json::as_str).collect();
            if !choices.contains(&text) {
                let wrong = self.error(Code::ValueChoice, range);
                wrong.args.extend([
                    ("key", path.to_string()),
                    ("written", text.to_string()),
                    ("choices", choices.join(", ")),
                ]);
            }
        } else if schema["minLength"].as_u64() == Some(1) && text.trim().is_empty() {
            self.error(Code::ValueEmpty, range).args.push(("key", path.into()));
        }
    }
}

/// The kind of value that a schema requires, in TOML's terms.
fn expected_kind(schema: &Json) -> Option<&str> {
    if schema["format"] == "date" {
        return Some("date");
    }
    schema["type"].as_str().or(schema["enum"].is_array().then_some("string"))
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "string",
        DeValue::Integer(_) => "integer",
        DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(_) => "date",
        DeValue::Array(_) => "array",
        DeValue::Table(_) => "object",
    }
}

/// For each byte of a TOML string's value, the byte of the file that it comes from.
///
/// The list has one entry more than the value has bytes: the place of the closing quote.
pub fn string_offsets(token: &str, start: usize) -> Vec<usize> {
    let (open, literal) = match token {
        t if t.starts_with("'''") => (3, true),
        t if t.starts_with("\"\"\"") => (3, false),
        t => (1, t.starts_with('\'')),
    };
    let inner_end = token.len().saturating_sub(open).max(open.min(token.len()));
    let mut offsets = Vec::with_capacity(token.len());
    let mut at = open.min(token.len());
    // A line end right after the opening quotes is not part of the value.
    if open == 3 {
        at += token[at..].len() - token[at..].trim_start_matches('\r').len();
        at += usize::from(token[at..].starts_with('\n'));
    }
    while at < inner_end {
        let rest = &token[at..];
        let Some(c) = rest.chars().next() else { break };
        let (read, value_len) =
            if c == '\\' && !literal { escape(rest) } else { (c.len_utf8(), c.len_utf8()) };
        for byte in 0..value_len {
            // The bytes of an unescaped character map one to one; those of an escape to its start.
            offsets.push(start + at + if read == value_len { byte } else { 0 });
        }
        at += read;
    }
    offsets.push(start + inner_end);
    offsets
}

/// The length in bytes of an escape in a basic string: in the file, and in the value.
fn escape(rest: &str) -> (usize, usize) {
    let hex = |digits: usize| {
        let code = rest.get(2..2 + digits).and_then(|d| u32::from_str_radix(d, 16).ok());
        (2 + digits, code.and_then(char::from_u32).map_or(1, char::len_utf8))
    };
    match rest[1..].chars().next() {
        Some('u') => hex(4),
        Some('U') => hex(8),
        Some('x') => hex(2),
        Some(c) if c.is_whitespace() => {
            let after = &rest[1..];
            (1 + after.len() - after.trim_start().len(), 0)
        }
        Some(_) => (2, 1),
        None => (1, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Spanned;

    fn value_and_offsets(token: &str) -> (String, Vec<usize>) {
        let document = format!("k = {token}\n");
        let table: std::collections::BTreeMap<String, Spanned<String>> =
            toml::from_str(&document).expect("the case is valid TOML");
        let spanned = table["k"].clone();
        let offsets = string_offsets(&document[spanned.range.clone()], spanned.range.start);
        assert_eq!(offsets.len(), spanned.value.len() + 1, "{token}");
        for (at, c) in spanned.value.char_indices() {
            let written = &document[offsets[at]..];
            assert!(
                written.starts_with(c) || written.starts_with('\\') || c == '\n',
                "{token} {c}"
            );
        }
        (spanned.value, offsets)
    }

    #[test]
    fn every_kind_of_string_keeps_its_places() {
        for token in [
            "'妇工'",
            "\"妇\\u5de5动\\n\\\"态\\\"\"",
            "'''\n一\n二\r\n三'''",
            "\"\"\"\n一\\\n   二\\U0001F600 三\"\"\"",
            "''",
            "\"\"\"\"一\"\"\"\"",
        ] {
            value_and_offsets(token);
        }
    }
}
