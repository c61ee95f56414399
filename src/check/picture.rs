//! Pictures that a body names: inside the project, readable, of a format that can be set.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::diag::Code;
use crate::issue::Picture;

/// A picture may be this large; more is a scan that nobody shrank.
pub const MAX_BYTES: u64 = 32 << 20;

/// Reads the picture `name` beside the issue `issue_path`, or says why not.
pub fn load(root: &Path, issue_path: &Path, name: &str) -> Result<Picture, (Code, String)> {
    let missing = |error: std::io::Error| (Code::PictureMissing, error.to_string());
    let beside = issue_path.parent().unwrap_or(root);
    let path: PathBuf = beside.join(name).canonicalize().map_err(missing)?;
    // Links are followed first: what counts is where the bytes are.
    if !path.starts_with(root.canonicalize().map_err(missing)?) {
        return Err((Code::PictureOutside, String::new()));
    }
    let file = std::fs::File::open(&path).map_err(missing)?;
    let metadata = file.metadata().map_err(missing)?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        let what =
            if metadata.is_file() { format!("{} MB", metadata.len() >> 20) } else { "/".into() };
        return Err((Code::PictureFormat, what));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(missing)?;
    if !is_settable(&bytes) {
        return Err((Code::PictureFormat, extension(name)));
    }
    Ok(Picture { name: name.into(), path, bytes })
}

/// PNG, JPEG or WebP, by the first bytes; the file's name does not count.
fn is_settable(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n\x1a\n")
        || bytes.starts_with(b"\xff\xd8\xff")
        || (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"))
}

fn extension(name: &str) -> String {
    Path::new(name).extension().map_or_else(|| "?".into(), |e| e.to_string_lossy().into_owned())
}
