//! A file → its lines. The first bytes of the file, not its name, decide which reader reads it.

use std::path::Path;

use super::code::{ErrorCode, ImportError};
use super::line::{Line, Object, Source};
use super::magic::{Kind, kind};
use super::{compound, docx, html, markdown, office, pdf, text};
use crate::source::files::{self, Fault};
use crate::source::limits;

/// Reads a file. The bytes are returned as well, as a fingerprint is made of them.
pub fn read(path: &Path) -> Result<(Source, Vec<u8>), ImportError> {
    let bytes = bytes(path)?;
    let extension =
        path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let source = source(path, &bytes, &extension)?;
    within(&source)?;
    Ok((source, bytes))
}

/// Refuses a source that has more than an issue may have: it could not be built.
pub fn within(source: &Source) -> Result<(), ImportError> {
    let length = |line: &Line| match &line.object {
        Some(Object::Table(rows)) => rows.iter().flatten().map(|cell| cell.chars().count()).sum(),
        _ => line.pieces.iter().map(|piece| piece.text.chars().count()).sum::<usize>(),
    };
    let parts = |line: &Line| match &line.object {
        Some(Object::Table(rows)) => rows.iter().map(Vec::len).sum(),
        _ => 1,
    };
    let longest = source.lines.iter().filter(|line| line.object.is_none()).map(length).max();
    let longest = longest.unwrap_or(0);
    fits(longest, limits::PARAGRAPH, ErrorCode::ParagraphTooLong)?;
    fits(source.lines.iter().map(length).sum(), limits::CHARACTERS, ErrorCode::TooManyCharacters)?;
    fits(source.lines.iter().map(parts).sum(), limits::PARTS, ErrorCode::TooManyParts)
}

/// Refuses a text before it is read: the readers take it apart line by line.
fn text_within(text: &str) -> Result<(), ImportError> {
    // Blank lines count too, though generously: each is looked at.
    fits(text.len() / 8, limits::CHARACTERS, ErrorCode::TooManyCharacters)?;
    let lines = || text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    let longest = lines().map(|line| line.chars().count()).max().unwrap_or(0);
    fits(longest, limits::PARAGRAPH, ErrorCode::ParagraphTooLong)?;
    fits(
        lines().map(|line| line.chars().count()).sum(),
        limits::CHARACTERS,
        ErrorCode::TooManyCharacters,
    )?;
    fits(lines().count(), limits::PARTS, ErrorCode::TooManyParts)
}

fn fits(count: usize, limit: usize, code: ErrorCode) -> Result<(), ImportError> {
    match count > limit {
        true => Err(ImportError::new(code, format!("{count} > {limit}"))),
        false => Ok(()),
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, ImportError> {
    let bytes = files::read(path, limits::IMPORT_BYTES).map_err(|fault| match fault {
        Fault::Large(_) => ImportError::new(ErrorCode::TooLarge, limits::IMPORT_BYTES >> 20),
        Fault::Kind(kind) => ImportError::new(ErrorCode::NotAFile, kind.name()),
        fault => ImportError::new(ErrorCode::Unreadable, &fault),
    })?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ImportError::new(ErrorCode::NoText, ""));
    }
    Ok(bytes)
}

fn source(path: &Path, bytes: &[u8], extension: &str) -> Result<Source, ImportError> {
    match kind(bytes) {
        Kind::Zip if docx::is_open_document(bytes) => office::read(path, bytes),
        Kind::Zip => docx::read(bytes),
        Kind::Compound => compound::is_word(bytes).and_then(|()| office::read(path, bytes)),
        Kind::Rtf => office::read(path, bytes),
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
                html::read(&decoded)
            } else if matches!(extension, "md" | "markdown") {
                text_within(&decoded)?;
                Ok(markdown::read(&decoded))
            } else if is_binary(&decoded) {
                Err(ImportError::new(ErrorCode::UnknownFormat, extension))
            } else {
                text_within(&decoded)?;
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
