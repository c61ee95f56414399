//! HTML from another program's clipboard → text with the marks of a body.

use super::code::ImportError;
use super::html;
use super::line::{Object, Source};
use super::markup::{self, Paragraph};
use super::reader::within;
use super::vocabulary::pattern;

pattern!(HAN_BREAK = r"([^\x00-\x7f])[ \t]*\r?\n[ \t]*([^\x00-\x7f])");

/// HTML from another program's clipboard → text with the marks of a body.
///
/// The pasted text belongs to one article: no lines are recognised or set aside.
pub fn clean(html: &str) -> Result<String, ImportError> {
    // Word breaks lines anywhere; between Han characters such a break is not a blank.
    let html = HAN_BREAK.replace_all(html, "$1$2");
    let source = html::read(&html)?;
    within(&source)?;
    let Source { lines, .. } = source;
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let plain = line.text().trim().to_string();
        let (text, apart) = match &line.object {
            Some(Object::Table(rows)) => {
                let caption = paragraphs.pop_if(|before| {
                    before.plain.starts_with('表') && before.plain.chars().count() <= 40
                });
                (markup::table(caption.as_ref().map(|caption| caption.plain.as_str()), rows), true)
            }
            Some(Object::Picture(..)) => continue,
            None => {
                let text = markup::paragraph(&line.pieces);
                let apart = text.starts_with("**") || markup::is_first_level(&plain);
                (text, apart)
            }
        };
        if !text.trim().is_empty() {
            paragraphs.push(Paragraph { text, plain, apart, at });
        }
    }
    Ok(markup::body(&paragraphs))
}
