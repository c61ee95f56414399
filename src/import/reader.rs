//! A file → its lines. The first bytes of the file, not its name, decide which reader reads it.

use std::io::Read;
use std::path::Path;

use super::code::{ErrorCode, ImportError};
use super::line::Source;
use super::magic::{Kind, kind};
use super::{compound, docx, html, markdown, office, pdf, text};

/// The most bytes of a file; a back issue with its pictures is far smaller.
const MAX_BYTES: u64 = 64 << 20;

/// Reads a file. The bytes are returned as well, as a fingerprint is made of them.
pub fn read(path: &Path) -> Result<(Source, Vec<u8>), ImportError> {
    let bytes = bytes(path)?;
    let extension =
        path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let source = source(path, &bytes, &extension)?;
    Ok((source, bytes))
}

fn bytes(path: &Path) -> Result<Vec<u8>, ImportError> {
    let unreadable = |error: std::io::Error| ImportError::new(ErrorCode::Unreadable, error);
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(ImportError::new(ErrorCode::Unreadable, "not a file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(ImportError::new(ErrorCode::TooLarge, format!("{} MB", metadata.len() >> 20)));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ImportError::new(ErrorCode::NoText, ""));
    }
    Ok(bytes)
}

fn source(path: &Path, bytes: &[u8], extension: &str) -> Result<Source, ImportError> {
    match kind(bytes) {
        Kind::Zip if docx::is_open_document(bytes) => office::read(path),
        Kind::Zip => docx::read(bytes),
        Kind::Compound => compound::is_word(bytes).and_then(|()| office::read(path)),
        Kind::Rtf => office::read(path),
        Kind::Pdf => pdf::read(bytes),
        Kind::Picture(format) => Err(ImportError::new(ErrorCode::IsPicture, format.name())),
        Kind::Other if extension == "docx" || extension == "odt" => {
            Err(ImportError::new(ErrorCode::NotDocx, ""))
        }
        Kind::Other => {
            let (decoded, ..) = text::decode(bytes);
            let start =
                decoded.trim_start().get(..200).unwrap_or(decoded.trim_start()).to_lowercase();
            let is_html = start.starts_with("<!doctype html") || start.contains("<html");
            if is_html || matches!(extension, "html" | "htm" | "shtml") {
                Ok(html::read(&decoded))
            } else if matches!(extension, "md" | "markdown") {
                Ok(markdown::read(&decoded))
            } else if is_binary(&decoded) {
                Err(ImportError::new(ErrorCode::UnknownFormat, extension))
            } else {
                Ok(text::read(bytes))
            }
        }
    }
}

/// Whether at least one character in thirty is a control character: text has fewer.
fn is_binary(text: &str) -> bool {
    let sample = text.chars().take(4096);
    let strange = |c: &char| c.is_control() && !c.is_whitespace() || *c == '\u{fffd}';
    let count = sample.clone().count();
    sample.filter(strange).count() * 30 > count
}
