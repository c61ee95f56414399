//! Packed bytes of a PDF → how much they unpack to, without unpacking them into memory.

use flate2::{Decompress, FlushDecompress, Status};
use hayro_syntax::object::{Name, Object, Stream};
use hayro_syntax::page::Page;
use hayro_syntax::{Filter, Pdf};

use super::limits;

/// The most bytes that one byte of a deflated stream unpacks to.
const DEFLATED: u64 = 1032;

/// The bytes that a deflated stream unpacks to; counted no further than `most`.
pub fn deflated(packed: &[u8], most: u64) -> u64 {
    // Readers do without the header where it is wrong.
    let body = match packed {
        [first, second, body @ ..] if is_header(*first, *second) => body,
        _ => packed,
    };
    let mut inflate = Decompress::new(false);
    let mut page = vec![0; 1 << 16];
    while inflate.total_out() <= most {
        let before = (inflate.total_in(), inflate.total_out());
        let rest = &body[(before.0 as usize).min(body.len())..];
        match inflate.decompress(rest, &mut page, FlushDecompress::None) {
            Ok(Status::StreamEnd) => break,
            Ok(_) if before != (inflate.total_in(), inflate.total_out()) => {}
            Ok(_) => break,
            // A lenient reader may get more out of damaged data than this one.
            Err(_) => return packed.len() as u64 * DEFLATED,
        }
    }
    inflate.total_out()
}

fn is_header(first: u8, second: u8) -> bool {
    first & 0x0f == 8
        && second & 0x20 == 0
        && (u16::from(first) << 8 | u16::from(second)).is_multiple_of(31)
}

/// The largest table of objects of a PDF, unpacked; counted no further than `most`. A reader unpacks
/// these tables as it opens the file.
pub fn tables(pdf: &[u8], most: u64) -> u64 {
    const MARK: &[u8] = b"stream";
    /// The bytes before a stream in which its dictionary says what it is.
    const DICTIONARY: usize = 2048;
    let has = |part: &[u8], word: &[u8]| part.windows(word.len()).any(|at| at == word);
    let mut largest = 0;
    let mut from = 0;
    while let Some(at) = pdf[from..].windows(MARK.len()).position(|at| at == MARK) {
        let start = from + at;
        from = start + MARK.len();
        let packed = match &pdf[from..] {
            [b'\r', b'\n', packed @ ..] | [b'\n', packed @ ..] => packed,
            _ => continue,
        };
        let before = &pdf[start.saturating_sub(DICTIONARY)..start];
        if has(before, b"/ObjStm") || has(before, b"/XRef") {
            largest = largest.max(deflated(packed, most));
        }
        if largest > most {
            break;
        }
    }
    largest
}

/// Whether no stream of a PDF has more bytes or pixels, unpacked, than a reader should keep.
pub fn is_within(pdf: &Pdf) -> bool {
    let mut left = limits::ALL_STREAM_BYTES;
    pdf.objects().into_iter().all(|object| {
        let Object::Stream(stream) = object else { return true };
        let dict = stream.dict();
        let side = |long: &str| dict.get::<usize>(long).unwrap_or(0) as u64;
        let is_picture = dict.get::<Name<'_>>("Subtype").is_some_and(|of| of.as_str() == "Image");
        let pixels = side("Width").saturating_mul(side("Height"));
        let most = if is_picture { limits::PIXEL_BYTES } else { limits::STREAM_BYTES };
        let size = size(&stream, most);
        let pixels = match stream.filters().contains(&Filter::JpxDecode) {
            true => jpeg_2000(&stream.raw_data()),
            false => pixels,
        };
        let fits = size <= most.min(left) && !(is_picture && pixels > limits::PICTURE_PIXELS);
        left = left.saturating_sub(size);
        fits
    })
}

/// Whether the content of a page has no more bytes, unpacked, than a reader should keep. A reader
/// joins the streams of a page, of which each may be named many times.
pub fn content_is_within(page: &Page<'_>) -> bool {
    let Some(Object::Array(parts)) = page.raw().get::<Object<'_>>("Contents") else { return true };
    let mut left = limits::STREAM_BYTES;
    parts.iter::<Stream<'_>>().all(|part| {
        let size = size(&part, left);
        let fits = size <= left;
        // A stream without bytes takes its turn all the same.
        left = left.saturating_sub(size + 64);
        fits
    })
}

/// The pixels of a JPEG 2000 picture, those of each colour counted, by its own head; its decoder
/// believes that and not the PDF. As many as there can be if the head is not found.
fn jpeg_2000(bytes: &[u8]) -> u64 {
    const START: &[u8] = &[0xff, 0x4f, 0xff, 0x51];
    let at = bytes.windows(START.len()).position(|at| at == START);
    let head = at.and_then(|at| bytes.get(at + START.len()..));
    let number = |at: usize| {
        let four = head.and_then(|head| head.get(at..)).and_then(|rest| rest.first_chunk::<4>());
        four.map(|four| u64::from(u32::from_be_bytes(*four)))
    };
    let colours = head.and_then(|head| head.get(36..)).and_then(|rest| rest.first_chunk::<2>());
    let colours = colours.map_or(u64::MAX, |two| u64::from(u16::from_be_bytes(*two)));
    match (number(4), number(8)) {
        // Pictures in four inks are as large as the others may be.
        (Some(width), Some(height)) => {
            width.saturating_mul(height).saturating_mul(colours.div_ceil(4))
        }
        _ => u64::MAX,
    }
}

/// The bytes of a stream, unpacked, or the most that they can be; counted no further than `most`.
fn size(stream: &Stream<'_>, most: u64) -> u64 {
    let packed = stream.raw_data();
    // How many times as large each filter can make its bytes; a picture's own ends the chain.
    let growth = |filter: &Filter| match filter {
        Filter::FlateDecode => DEFLATED,
        Filter::LzwDecode => 1400,
        Filter::RunLengthDecode => 64,
        Filter::Ascii85Decode => 4,
        _ => 1,
    };
    let filters = stream.filters();
    let (size, rest) = match filters.split_first() {
        Some((Filter::FlateDecode, rest)) => (deflated(&packed, most), rest),
        _ => (packed.len() as u64, &filters[..]),
    };
    rest.iter().fold(size, |size, filter| size.saturating_mul(growth(filter)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn packed(size: usize) -> Vec<u8> {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![b' '; size]).expect("memory can be written");
        packer.finish().expect("memory can be written")
    }

    #[test]
    fn a_stream_is_counted_and_not_kept() {
        let bomb = packed(5_000_000);
        assert!(bomb.len() < 10_000);
        assert_eq!(deflated(&bomb, 1 << 30), 5_000_000);
        assert!((1_000_000..1_200_000).contains(&deflated(&bomb, 1_000_000)));
        assert_eq!(deflated(&packed(7), 100), 7);
        assert_eq!(deflated(b"", 100), 0);
        // A wrong window in the header, which lenient readers do not look at.
        let odd = [&[0xf8, 0x00][..], &bomb[2..]].concat();
        assert_eq!(deflated(&odd, 1 << 30), 5_000_000);
    }

    #[test]
    fn tables_are_found_in_a_file() {
        let file =
            [b"1 0 obj<</Type/ObjStm>>stream\n", &packed(9_000)[..], b"\nendstream"].concat();
        assert_eq!(tables(&file, 1 << 20), 9_000);
        assert_eq!(tables(b"1 0 obj<<>>stream\nabc\nendstream", 1 << 20), 0);
    }
}
