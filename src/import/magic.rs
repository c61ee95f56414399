//! The first bytes of a file or picture → its kind.

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A zip: a .docx, or a file of OpenDocument.
    Zip,
    /// A compound file: a .doc, or a .wps.
    Compound,
    /// An .rtf.
    Rtf,
    /// A PDF.
    Pdf,
    /// A picture.
    Picture(Format),
    /// Text, or another kind of file.
    Other,
}

/// A format of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the formats are known by their names")]
pub enum Format {
    Png,
    Jpeg,
    Gif,
    Bmp,
    WebP,
    Tiff,
}

impl Format {
    /// The name as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Png => "PNG",
            Format::Jpeg => "JPEG",
            Format::Gif => "GIF",
            Format::Bmp => "BMP",
            Format::WebP => "WebP",
            Format::Tiff => "TIFF",
        }
    }
}

/// The kind of a file.
pub fn kind(bytes: &[u8]) -> Kind {
    const STARTS: [(&[u8], Kind); 12] = [
        (b"PK\x03\x04", Kind::Zip),
        (b"PK\x05\x06", Kind::Zip),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Compound),
        (b"{\\rtf", Kind::Rtf),
        (b"%PDF-", Kind::Pdf),
        (b"\x89PNG", Kind::Picture(Format::Png)),
        (b"\xff\xd8\xff", Kind::Picture(Format::Jpeg)),
        (b"GIF8", Kind::Picture(Format::Gif)),
        (b"BM", Kind::Picture(Format::Bmp)),
        (b"RIFF", Kind::Picture(Format::WebP)),
        (b"II*\0", Kind::Picture(Format::Tiff)),
        (b"MM\0*", Kind::Picture(Format::Tiff)),
    ];
    let found = STARTS.iter().find(|(start, _)| bytes.starts_with(start));
    match found {
        // Sounds and films begin with RIFF too.
        Some((b"RIFF", _)) if bytes.get(8..12) != Some(b"WEBP") => Kind::Other,
        // Two letters are too few to distinguish a bitmap from a text.
        Some((b"BM", _)) if !bytes.iter().take(32).any(|&b| b == 0) => Kind::Other,
        Some((_, kind)) => *kind,
        None => Kind::Other,
    }
}

/// The file extension of a picture in a format that can be typeset, if the picture has the
/// format's whole signature.
pub fn extension(bytes: &[u8]) -> Option<&'static str> {
    match kind(bytes) {
        Kind::Picture(Format::Png) if bytes.get(4..8) == Some(b"\r\n\x1a\n") => Some("png"),
        Kind::Picture(Format::Jpeg) => Some("jpg"),
        Kind::Picture(Format::WebP) => Some("webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_with_a_damaged_signature_is_known_and_not_taken() {
        // A transfer in text mode changes the line ends in a PNG's signature.
        let damaged = b"\x89PNG\n\x1a\n\0\0\0\rIHDR";
        assert_eq!(kind(damaged), Kind::Picture(Format::Png));
        assert_eq!(extension(damaged), None);
        assert_eq!(extension(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Some("png"));
        assert_eq!(kind(b"RIFF\0\0\0\0WAVEfmt "), Kind::Other);
        assert_eq!(extension(b"RIFF\0\0\0\0WAVEfmt "), None);
    }
}
