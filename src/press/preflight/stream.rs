//! A content stream of a PDF → its decoded bytes, provided that none are lost.

use std::borrow::Cow;

use hayro_syntax::object::{Object, Stream};

use crate::press::preflight::inks::name_of;

/// The bytes of a content stream; `None` where they cannot be known for certain.
pub fn decoded<'a>(stream: &Stream<'a>) -> Option<Cow<'a, [u8]>> {
    let dict = stream.dict();
    let filters = dict.get::<Object<'_>>("F").or_else(|| dict.get::<Object<'_>>("Filter"));
    let filters: Vec<Option<String>> = match &filters {
        Some(Object::Array(filters)) => {
            filters.raw_iter().zip(filters.iter::<Object<'_>>()).map(|(_, f)| name_of(&f)).collect()
        }
        Some(filter) => vec![name_of(filter)],
        None => Vec::new(),
    };
    // hayro leaves out filters that it does not know …
    if stream.filters().len() != filters.len() {
        return None;
    }
    let content = stream.decoded_data().ok()?;
    // … and decodes as much as it can of damaged data.
    let is_flate = |name: &Option<String>| {
        name.as_ref().is_some_and(|name| matches!(name.as_str(), "FlateDecode" | "Fl"))
    };
    let raw = stream.raw_data();
    match &filters[..] {
        [only] if is_flate(only) && !dict.contains_key("DecodeParms") => {
            // A zlib stream ends with its Adler-32, after which a line may end.
            let end = &raw[raw.len().saturating_sub(8)..];
            let sum = adler2::adler32_slice(&content).to_be_bytes();
            end.windows(4).any(|bytes| bytes == sum).then_some(content)
        }
        [] => Some(content),
        _ => (!content.is_empty() || raw.is_empty()).then_some(content),
    }
}
