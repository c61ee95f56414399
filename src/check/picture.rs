//! The name of a picture in a body → its bytes, or the reason to refuse it: outside the project,
//! damaged, animated, too large, or in CMYK. Pictures are decoded as Typst will decode them, so
//! that typesetting cannot fail on them later.

use std::io::Cursor;
use std::path::Path;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageResult};

use crate::diag::Code;
use crate::issue::Picture;
use crate::source::files::{self, Fault};
use crate::source::limits;

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
            let decoder = PngDecoder::new(Cursor::new(bytes)).map_err(corrupt)?;
            let animated = decoder.is_apng().map_err(corrupt)?;
            whole(decoder, animated, pixels)
        }
        Ok(ImageFormat::Jpeg) => {
            if jpeg_components(bytes) == Some(4) {
                return Err((Code::PictureCmyk, String::new()));
            }
            whole(JpegDecoder::new(Cursor::new(bytes)).map_err(corrupt)?, false, pixels)
        }
        Ok(ImageFormat::WebP) => {
            let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(corrupt)?;
            let animated = decoder.has_animation();
            whole(decoder, animated, pixels)
        }
        Ok(other) => Err((Code::PictureFormat, other.extensions_str().join(", "))),
        Err(_) => Err((Code::PictureFormat, "?".into())),
    }
}

fn whole(decoder: impl ImageDecoder, animated: bool, pixels: u64) -> Result<u64, Refusal> {
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
