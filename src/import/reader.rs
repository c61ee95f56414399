//! A file → its lines: which reader it needs is seen from its first bytes, not from its name.

use std::io::Read;
use std::path::Path;

use super::line::{Remark, Source};
use super::{ImportError, docx, html, markdown, office, pdf, text};

/// A file may be this large; a back issue with its pictures is far below it.
const MAX_BYTES: u64 = 64 << 20;

/// Reads a file; its bytes come back too, to know it again.
pub fn read(path: &Path) -> Result<(Source, Vec<u8>), ImportError> {
    let bytes = bytes(path)?;
    let extension =
        path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let source = source(path, &bytes, &extension)?;
    Ok((source, bytes))
}

fn bytes(path: &Path) -> Result<Vec<u8>, ImportError> {
    let unreadable = |error: std::io::Error| ImportError::new("import-unreadable", error);
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(ImportError::new("import-unreadable", "not a file"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(ImportError::new("import-too-large", format!("{} MB", metadata.len() >> 20)));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ImportError::new("import-no-text", ""));
    }
    Ok(bytes)
}

fn source(path: &Path, bytes: &[u8], extension: &str) -> Result<Source, ImportError> {
    match kind(bytes) {
        Kind::Zip if docx::is_open_document(bytes) => office::read(path),
        Kind::Zip => docx::read(bytes),
        Kind::Compound | Kind::Rtf => office::read(path),
        Kind::Pdf => pdf::read(bytes),
        Kind::Picture(name) => Err(ImportError::new("import-is-picture", name)),
        Kind::Other if extension == "docx" || extension == "odt" => {
            Err(ImportError::new("import-not-docx", ""))
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
                Err(ImportError::new("import-unknown-format", extension))
            } else {
                Ok(text::read(bytes))
            }
        }
    }
}

/// Where a page of text has one control character in thirty, it is none.
fn is_binary(text: &str) -> bool {
    let sample = text.chars().take(4096);
    let strange = |c: &char| c.is_control() && !c.is_whitespace() || *c == '\u{fffd}';
    let count = sample.clone().count();
    sample.filter(strange).count() * 30 > count
}

#[derive(Clone, Copy)]
enum Kind {
    Zip,
    Compound,
    Rtf,
    Pdf,
    Picture(&'static str),
    Other,
}

fn kind(bytes: &[u8]) -> Kind {
    const STARTS: [(&[u8], Kind); 12] = [
        (b"PK\x03\x04", Kind::Zip),
        (b"PK\x05\x06", Kind::Zip),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Compound),
        (b"{\\rtf", Kind::Rtf),
        (b"%PDF-", Kind::Pdf),
        (b"\x89PNG", Kind::Picture("PNG")),
        (b"\xff\xd8\xff", Kind::Picture("JPEG")),
        (b"GIF8", Kind::Picture("GIF")),
        (b"BM", Kind::Picture("BMP")),
        (b"RIFF", Kind::Picture("WebP")),
        (b"II*\0", Kind::Picture("TIFF")),
        (b"MM\0*", Kind::Picture("TIFF")),
    ];
    let found = STARTS.iter().find(|(start, _)| bytes.starts_with(start));
    match found {
        // Two letters are too few to tell a bitmap from a text by.
        Some((b"BM", _)) if !bytes.iter().take(32).any(|&b| b == 0) => Kind::Other,
        Some((_, kind)) => *kind,
        None => Kind::Other,
    }
}

/// A remark on a file as a whole.
pub fn remark(code: &'static str, detail: impl ToString) -> Remark {
    Remark::new(code, 0, "", detail)
}
