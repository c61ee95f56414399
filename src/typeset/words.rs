//! A text → the lengths of its words: a narrow cell of a table breaks between them.

use std::sync::LazyLock;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

/// The lengths of a text's words, in characters. Letters and digits without a blank between them
/// are one word.
pub fn lengths(text: &str) -> Vec<usize> {
    static SEGMENTER: LazyLock<WordSegmenterBorrowed<'static>> =
        LazyLock::new(|| WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()));
    let mut words: Vec<&str> = Vec::new();
    let mut start = 0;
    for end in SEGMENTER.segment_str(text).skip(1) {
        let is_latin = |c: char| c.is_ascii_graphic();
        let joins = text[..start].ends_with(is_latin) && text[start..].starts_with(is_latin);
        match words.last_mut().filter(|_| joins) {
            Some(last) => *last = &text[start - last.len()..end],
            None => words.push(&text[start..end]),
        }
        start = end;
    }
    words.iter().map(|word| word.chars().count()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_are_whole() {
        for (text, expected) in [
            ("规模以上工业增加值", &[2, 2, 2, 2, 1][..]),
            ("-1,234.56万", &[9, 1]),
            ("PM2.5浓度", &[5, 2]),
        ] {
            assert_eq!(lengths(text), expected, "{text}");
        }
        assert_eq!(lengths("公众聚集场所").iter().sum::<usize>(), 6);
    }
}
