//! Bytes of a text file, in whatever encoding → its lines.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::code::RemarkCode;
use super::line::{Line, Remark, Source, is_invisible};

/// Reads a text file.
pub fn read(bytes: &[u8]) -> Source {
    let (text, encoding, damaged) = decode(bytes);
    let mut source = lines(&text);
    if encoding != UTF_8 {
        source.remarks.push(Remark::of_file(RemarkCode::Encoding, encoding.name()));
    }
    if damaged {
        source.remarks.push(Remark::of_file(RemarkCode::Damaged, encoding.name()));
    }
    source
}

/// The lines of a text; blank ones become gaps.
pub fn lines(text: &str) -> Source {
    let mut source = Source { raw: Some(text.into()), ..Source::default() };
    let mut gap = 0;
    let mut number = 0;
    // Old Macs ended lines with a carriage return alone, and Word a page with a form feed.
    let text = text.replace("\r\n", "\n");
    for row in text.split(['\n', '\r', '\u{0b}', '\u{0c}', '\u{2028}', '\u{2029}', '\u{85}']) {
        number += 1;
        let shown: String = row.chars().filter(|&c| !is_invisible(c)).collect();
        if shown.len() != row.len() && row.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            source.remarks.push(Remark::new(RemarkCode::Control, number, &shown, ""));
        }
        if shown.trim().is_empty() {
            gap += 1;
            continue;
        }
        if shown.contains('\u{fffd}') {
            source.remarks.push(Remark::new(RemarkCode::DamagedLine, number, &shown, ""));
        }
        source.lines.push(Line { gap, ..Line::plain(number, &shown) });
        gap = 0;
    }
    source
}

/// The decoded text, its encoding, and whether some bytes did not fit that encoding.
pub fn decode(bytes: &[u8]) -> (String, &'static Encoding, bool) {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0) => UTF_8,
        None => utf_16(bytes).unwrap_or_else(|| guess(bytes)),
    };
    let (text, _, damaged) = encoding.decode(bytes);
    (text.into_owned(), encoding, damaged)
}

/// UTF-16 without a byte order mark: line ends and digits have one byte of zero.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096)];
    let zeros = |first: usize| sample.iter().skip(first).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // In UTF-16 full-width marks and Han characters have these high bytes.
    let high = |first: usize| {
        let pairs = sample.iter().skip(first).step_by(2);
        pairs.filter(|b| matches!(b, 0x00 | 0x30 | 0x4e..=0x9f | 0xff)).count()
    };
    let half = sample.len() / 2;
    match (even, odd) {
        (0, 0) => None,
        _ if odd > even && high(1) * 10 > half * 9 => Some(UTF_16LE),
        _ if even > odd && high(0) * 10 > half * 9 => Some(UTF_16BE),
        _ => None,
    }
}

/// Prefers GB18030, by far the likeliest encoding of old files, provided that no other fits
/// better.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let faults = |encoding: &'static Encoding| {
        let (text, _, _) = encoding.decode(bytes);
        text.chars().filter(|&c| c == '\u{fffd}' || ('\u{e000}'..='\u{f8ff}').contains(&c)).count()
    };
    let utf_8 = faults(UTF_8);
    // A few damaged bytes do not rule out UTF-8.
    if utf_8 * 50 < bytes.len() / 3 {
        return UTF_8;
    }
    let (gb18030, big5) = (usual(bytes, false), usual(bytes, true));
    if big5 > gb18030 && faults(BIG5) * 100 <= bytes.len() {
        return BIG5;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guessed = detector.guess(Some(b"cn"), Utf8Detection::Allow);
    if faults(GB18030) <= faults(guessed) { GB18030 } else { guessed }
}

/// The number of pairs of bytes that are marks or characters in common use, were the text in Big5 or
/// else in GB18030. Each encoding has those apart, and a text has few others.
fn usual(bytes: &[u8], big5: bool) -> usize {
    let mut rest = bytes;
    let mut count = 0;
    while let [lead, after @ ..] = rest {
        let trail = after.first().copied().filter(|_| *lead >= 0x81);
        rest = if trail.is_some() { &after[1..] } else { after };
        count += usize::from(matches!(
            (big5, lead, trail),
            (true, 0xa1..=0xc6, Some(0x40..=0x7e | 0xa1..=0xfe))
                | (false, 0xa1..=0xa3 | 0xb0..=0xd7, Some(0xa1..=0xfe))
        ));
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_encoding_is_known_by_its_bytes() {
        let text = "第16期\r\n各市妇联：现将有关情况通报如下。\r\n";
        let utf_16 = |big: bool| -> Vec<u8> {
            let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
            text.encode_utf16().flat_map(bytes).collect()
        };
        let with_mark = |bytes: Vec<u8>, mark: &[u8]| [mark, &bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            with_mark(text.as_bytes().to_vec(), b"\xef\xbb\xbf"),
            GB18030.encode(text).0.into_owned(),
            utf_16(false),
            utf_16(true),
            with_mark(utf_16(false), b"\xff\xfe"),
            with_mark(utf_16(true), b"\xfe\xff"),
        ] {
            let (read, encoding, damaged) = decode(&bytes);
            assert_eq!((read.as_str(), damaged), (text, false), "{}", encoding.name());
        }
    }

    #[test]
    fn big5_is_not_taken_for_gb18030() {
        let big5 = "本會第十六期通訊：各縣市婦女會，現將有關情況通報如下，請貴會查照辦理。";
        let gb = "本会第十六期通讯：各县市妇女会，现将有关情况通报如下，请贵会查照办理。";
        let rare = "褚遂良、嵇康、郤鉴、庾亮诸公，聿修厥德，懋著勋猷，翊赞鸿图，彪炳青史。";
        for (text, encoding) in [(big5, BIG5), (gb, GB18030), (rare, GB18030), (big5, GB18030)] {
            let (read, found, damaged) = decode(&encoding.encode(text).0);
            assert_eq!((read.as_str(), found, damaged), (text, encoding, false));
        }
    }

    #[test]
    fn every_line_end_ends_a_line() {
        let source = lines("甲\r\n\r\n乙\r丙\n　　丁\u{0c}戊");
        let seen: Vec<(usize, String, usize)> =
            source.lines.iter().map(|l| (l.number, l.text(), l.gap)).collect();
        let expected = [(1, "甲", 0), (3, "乙", 1), (4, "丙", 0), (5, "丁", 0), (6, "戊", 0)];
        assert_eq!(seen, expected.map(|(n, t, g)| (n, t.to_string(), g)));
        assert_eq!(source.lines[3].indent, 2.0);
    }
}
