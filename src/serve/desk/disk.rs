//! An issue's file ↔ its text, with the file's byte order mark and line ends.

use std::path::Path;
use std::sync::Arc;

use crate::serve::messages::{Failure, Reason};
use crate::source::files::{self, Fault, FileError};
use crate::source::limits;
use crate::source::project::IssuePath;

/// The content of a file.
pub struct Stored {
    /// The text, with `\n` at the end of each line.
    pub text: Arc<str>,
    /// Its byte order mark and line ends.
    pub dress: Dress,
}

/// A file's byte order mark and line ends, which are kept when the file is written again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dress {
    /// Whether it begins with a byte order mark.
    mark: bool,
    /// Whether its lines end with CR LF.
    crlf: bool,
}

impl Dress {
    /// The bytes of a text with this mark and these line ends.
    pub fn bytes(self, text: &str) -> Vec<u8> {
        let mark = if self.mark { "\u{feff}" } else { "" };
        match self.crlf {
            true => [mark, &text.replace('\n', "\r\n")].concat(),
            false => [mark, text].concat(),
        }
        .into_bytes()
    }
}

/// Replaces CR LF by LF: text fields of browsers do so, and the text must come back unchanged.
pub fn plain(text: &str) -> Arc<str> {
    if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { text.into() }
}

/// Reads the file of an issue; nothing where there is no file.
pub fn read(root: &Path, at: &IssuePath) -> Result<Option<Stored>, Failure> {
    let bytes = match files::read_in(root, &at.path, limits::FILE_BYTES) {
        Ok(bytes) => bytes,
        Err(fault) if fault.is_missing() => return Ok(None),
        Err(Fault::Large(_)) => return Err(Failure::new(Reason::TooLarge)),
        Err(fault) => {
            let error = FileError::new(&at.path, fault);
            return Err(Failure::new(Reason::Unreadable).file(error));
        }
    };
    let text = String::from_utf8(bytes).map_err(|_| Failure::new(Reason::Encoding))?;
    let (mark, text) = match text.strip_prefix('\u{feff}') {
        Some(text) => (true, text),
        None => (false, text.as_str()),
    };
    // In a file with both kinds of line ends, the more frequent kind decides.
    let crlf = 2 * text.matches("\r\n").count() > text.matches('\n').count();
    Ok(Some(Stored { text: plain(text), dress: Dress { mark, crlf } }))
}
