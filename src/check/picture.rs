//! The name of a picture in a body → its bytes, or the reason to refuse it: outside the project,
//! damaged, animated, too large, or in CMYK. Pictures are decoded as Typst will decode them, so
//! that typesetting cannot fail on them later.

use std::io::Cursor;
use std::path::Path;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageResult};

use super::jpeg;
use crate::diag::Code;
use crate::issue::Picture;
use crate::source::files::{self, Fault};
use crate::source::limits;
use crate::source::unpacked;

/// The reason why a picture cannot be typeset, with the technical detail.
pub type Refusal = (Code, String);

/// Reads and decodes the picture `name` beside the issue `issue_path`, or returns the refusal.
/// `pixels` is the number of pixels left to the issue's pictures.
pub fn load(
    root: &Path,
    issue_path: &Path,
    name: &str,
    pixels: &mut u64,
) -> Result<Picture, Refusal> {
    let picture = read(root, issue_path, name)?;
    *pixels = pixels.saturating_sub(decode(&picture.bytes, *pixels)?);
    Ok(picture)
}

/// Reads the picture `name` beside the issue `issue_path`, or returns the refusal.
pub fn read(root: &Path, issue_path: &Path, name: &str) -> Result<Picture, Refusal> {
    let refused = |fault: Fault| match fault {
        Fault::Outside(_) => (Code::PictureOutside, String::new()),
        Fault::Kind(kind) => (Code::PictureFormat, kind.name().into()),
        Fault::Large(limit) => (Code::PictureTooLarge, format!("> {} MB", limit >> 20)),
        fault => (Code::PictureMissing, fault.to_string()),
    };
    let beside = issue_path.parent().unwrap_or(root);
    let path = files::resolve(root, &beside.join(name)).map_err(refused)?;
    let bytes = files::read_in(root, &path, limits::PICTURE_BYTES).map_err(refused)?;
    Ok(Picture { name: name.into(), path, bytes })
}

/// Decodes a picture of at most `pixels` pixels and returns its number of pixels. The bytes, not
/// the file's name, decide the format.
pub fn decode(bytes: &[u8], pixels: u64) -> Result<u64, Refusal> {
    match image::guess_format(bytes) {
        Ok(ImageFormat::Png) => {
            png_profile(bytes)?;
            let decoder = PngDecoder::new(Cursor::new(bytes)).map_err(corrupt)?;
            let animated = decoder.is_apng().map_err(corrupt)?;
            let size = decoded(decoder, animated, pixels)?;
            png_is_whole(bytes).map(|()| size)
        }
        Ok(ImageFormat::Jpeg) => {
            if jpeg_components(bytes) == Some(4) {
                return Err((Code::PictureCmyk, String::new()));
            }
            let decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(corrupt)?;
            let size = decoded(decoder, false, pixels)?;
            // The decoder takes a truncated file and fills up what is missing.
            jpeg::whole(bytes).map(|()| size).map_err(damaged)
        }
        Ok(ImageFormat::WebP) => {
            let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(corrupt)?;
            let animated = decoder.has_animation();
            let size = decoded(decoder, animated, pixels)?;
            webp_chunks(bytes).map(|()| size)
        }
        Ok(other) => Err((Code::PictureFormat, other.extensions_str().join(", "))),
        Err(_) => Err((Code::PictureFormat, "?".into())),
    }
}

fn decoded(decoder: impl ImageDecoder, animated: bool, pixels: u64) -> Result<u64, Refusal> {
    let (width, height) = decoder.dimensions();
    let colour = decoder.color_type();
    let depth = colour.bytes_per_pixel() / colour.channel_count().max(1);
    // A pixel of 16 bits a colour takes twice the memory of one of 8.
    let size = u64::from(width) * u64::from(height) * u64::from(depth);
    if size > pixels.min(limits::PICTURE_PIXELS) {
        let bits = if depth > 1 { format!(", {} bit", depth * 8) } else { String::new() };
        return Err((Code::PictureTooLarge, format!("{width} × {height}{bits}")));
    }
    if animated {
        return Err((Code::PictureAnimated, String::new()));
    }
    let decoded: ImageResult<DynamicImage> = DynamicImage::from_decoder(decoder);
    decoded.map_err(corrupt)?;
    Ok(size)
}

/// The whole chunks of a PNG, each with the checksum that it should have.
fn png_chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], u32)> {
    let mut rest = bytes.get(8..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (chunk, after) = after.split_at_checked(4 + u32::from_be_bytes(*length) as usize)?;
        let (sum, after) = after.split_first_chunk::<4>()?;
        rest = after;
        Some((chunk, u32::from_be_bytes(*sum)))
    })
}

/// Fails unless every chunk of a PNG, up to the last, is there with the sum that it should have: the
/// decoder stops once it has all pixels.
fn png_is_whole(bytes: &[u8]) -> Result<(), Refusal> {
    for (chunk, sum) in png_chunks(bytes) {
        if crc32fast::hash(chunk) != sum {
            return Err(damaged("a checksum does not fit"));
        }
        if chunk.starts_with(b"IEND") {
            return Ok(());
        }
    }
    Err(damaged("the file ends too early"))
}

/// Fails if a PNG's colour profile unpacks to too much: Typst unpacks it whole.
fn png_profile(bytes: &[u8]) -> Result<(), Refusal> {
    for profile in png_chunks(bytes).filter_map(|(chunk, _)| chunk.strip_prefix(b"iCCP")) {
        // A name, a zero, the method, then the packed profile.
        let name = profile.iter().position(|byte| *byte == 0).unwrap_or(profile.len());
        let packed = profile.get(name + 2..).unwrap_or_default();
        if unpacked::deflated(packed, limits::PROFILE_BYTES) > limits::PROFILE_BYTES {
            return Err(damaged("the colour profile is too large"));
        }
    }
    Ok(())
}

/// Fails unless a WebP is as long as its head says.
fn webp_chunks(bytes: &[u8]) -> Result<(), Refusal> {
    let length = bytes.get(4..).and_then(|rest| rest.first_chunk::<4>());
    let length = length.map_or(0, |length| u32::from_le_bytes(*length) as usize);
    match bytes.get(8..).is_some_and(|rest| rest.len() >= length) {
        true => Ok(()),
        false => Err(damaged("the file ends too early")),
    }
}

fn damaged(detail: &str) -> Refusal {
    (Code::PictureCorrupt, detail.into())
}

/// The number of colour components of a JPEG's frame; four means CMYK. The decoder converts CMYK
/// to RGB, but Typst embeds the file in the PDF unchanged.
fn jpeg_components(bytes: &[u8]) -> Option<u8> {
    let mut at = 2;
    loop {
        let segment = bytes.get(at..)?;
        let [0xff, marker, rest @ ..] = segment else { return None };
        let marker = *marker;
        match marker {
            // Fill bytes, and markers without a length.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            // Some markers in this range are not frames: Huffman tables, for one.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => return rest.get(7).copied(),
            _ => at += 2 + usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])),
        }
    }
}

fn corrupt(error: ImageError) -> Refusal {
    let code = match error {
        ImageError::Limits(_) => Code::PictureTooLarge,
        _ => Code::PictureCorrupt,
    };
    (code, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURES: [(&str, &[u8]); 4] = [
        ("png", include_bytes!("../../tests/fuzz/picture/plain.png")),
        ("webp", include_bytes!("../../tests/fuzz/picture/plain.webp")),
        ("jpeg", include_bytes!("../../tests/fuzz/picture/plain.jpg")),
        ("progressive jpeg", include_bytes!("../../tests/fuzz/picture/progressive.jpg")),
    ];

    fn decode(bytes: &[u8]) -> Result<u64, Code> {
        super::decode(bytes, limits::PICTURE_PIXELS).map_err(|(code, _)| code)
    }

    #[test]
    fn a_picture_that_ends_too_early_is_corrupt_and_bytes_after_its_end_are_not() {
        for (name, bytes) in PICTURES {
            let whole = decode(bytes);
            assert!(whole.is_ok(), "{name} {whole:?}");
            assert_eq!(decode(&[bytes, b"more"].concat()), whole, "{name}");
            // Without its first bytes a file is of no known format.
            for length in 12..bytes.len() {
                assert_eq!(decode(&bytes[..length]), Err(Code::PictureCorrupt), "{name} {length}");
            }
        }
    }

    #[test]
    fn a_jpeg_that_was_cut_and_given_an_end_is_corrupt() {
        let (_, bytes) = PICTURES[2];
        let scan = bytes.windows(2).position(|pair| pair == [0xff, 0xda]).expect("a scan");
        for length in scan + 16..bytes.len() - 2 {
            let cut = [&bytes[..length], b"\xff\xd9"].concat();
            assert_eq!(decode(&cut), Err(Code::PictureCorrupt), "{length}");
        }
    }

    #[test]
    fn a_bit_flipped_in_a_png_is_seen() {
        let (_, png) = PICTURES[0];
        for bit in 16 * 8..png.len() * 8 {
            let mut bytes = png.to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&bytes).is_err(), "{bit}");
        }
    }

    /// Flipped bits of a JPEG often give other pixels, which nobody can see in the bytes.
    #[test]
    fn damage_of_a_jpeg_never_panics() {
        for (_, bytes) in &PICTURES[2..] {
            for bit in 0..bytes.len() * 8 {
                let mut bytes = bytes.to_vec();
                bytes[bit / 8] ^= 1 << (bit % 8);
                jpeg::whole(&bytes).ok();
            }
        }
    }

    #[test]
    fn a_sound_is_no_picture() {
        let sound = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0";
        assert_eq!(decode(sound), Err(Code::PictureFormat));
    }
}
