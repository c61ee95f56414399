//! The bytes of a compound file (OLE) → whether it is a Word document that can be read.

use super::code::{ErrorCode, ImportError};

/// The bytes of an entry of the directory.
const ENTRY: usize = 128;

/// Fails with the reason if LibreOffice would not find a text: it takes any other bytes for one.
pub fn is_word(bytes: &[u8]) -> Result<(), ImportError> {
    // Whoever encrypts a .docx keeps it as a stream of a compound file.
    if stream(bytes, "EncryptedPackage").is_some() {
        return Err(ImportError::new(ErrorCode::Password, ""));
    }
    let start = stream(bytes, "WordDocument").ok_or(ImportError::new(ErrorCode::NotWord, ""))?;
    // A text begins with the number of its kind; bit 0x100 of its flags says that it is encrypted.
    match bytes.get(start..).and_then(|text| text.first_chunk::<12>()) {
        Some([0xec | 0xdc, 0xa5, .., flags]) if flags & 1 == 1 => {
            Err(ImportError::new(ErrorCode::Password, ""))
        }
        Some([0xec | 0xdc, 0xa5, ..]) => Ok(()),
        _ => Err(ImportError::new(ErrorCode::NotWord, "")),
    }
}

/// Where a stream begins, by its name. The directory's sectors may be anywhere, but its entries
/// begin at multiples of their length.
fn stream(bytes: &[u8], name: &str) -> Option<usize> {
    let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let is_named = |entry: &&[u8]| {
        entry.starts_with(&name)
            && entry[64..66] == (name.len() as u16).to_le_bytes()
            && entry[66] == 2
    };
    let entry = bytes.chunks_exact(ENTRY).find(is_named)?;
    let sector = u32::from_le_bytes(*entry[116..].first_chunk()?) as usize;
    let shift = u32::from(*bytes.get(30)?).min(12);
    Some((sector + 1) << shift)
}
