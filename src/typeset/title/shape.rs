//! A title → its lines, broken by sense into a trapezium or a rhombus (GB/T 9704 7.3.1).

use std::sync::LazyLock;

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

use crate::source::text::is_shapely;

/// The most lines that are shaped; longer titles are left to the layout.
const MOST_LINES: usize = 4;

/// Words that belong to the preceding word, and so may not begin a line.
const LEANS_BACK: &str = "的了等地得之们化性者中上下里内外";
/// Words that belong to the following word, and so should not end a line.
const LEANS_ON: &str = "在对把将和与及向为以从由第全各关于被让使";
const OPENING: &str = "“‘（《〈【〔「『";
const CLOSING: &str = "，。、；：？！”’）》〉】〕」』·…―—%";

/// The lines of a title in a measure of `width` ems. The editor's own breaks, if there are any,
/// are kept. `ems` measures a text.
pub fn lines(text: &str, width: Option<f64>, ems: &dyn Fn(&str) -> f64) -> Vec<String> {
    let asked: Vec<String> =
        text.split('|').map(str::trim).filter(|part| !part.is_empty()).map(String::from).collect();
    // No character is wider than an em, so a short title is known to fit without loading its face.
    let is_long = |text: &str, width| text.chars().count() as f64 > width && ems(text) > width;
    match (width, asked.as_slice()) {
        (Some(width), [only]) if is_long(only, width) => {
            balanced(only, width, ems).unwrap_or(asked)
        }
        _ => asked,
    }
}

/// The best shape with the fewest lines.
fn balanced(text: &str, width: f64, ems: &dyn Fn(&str) -> f64) -> Option<Vec<String>> {
    let breaks = breaks(text);
    let fewest = (ems(text) / width).ceil() as usize;
    (fewest..=MOST_LINES).find_map(|count| {
        let mut search = Search { text, width, ems, count, breaks: &breaks, best: None };
        search.extend(0, 0, &mut Vec::new(), 0.0);
        let (_, ends) = search.best?;
        let starts = std::iter::once(0).chain(ends.iter().copied());
        Some(starts.zip(ends.iter()).map(|(from, &to)| text[from..to].trim().into()).collect())
    })
}

/// The places where a text may break, each with the cost of the break.
fn breaks(text: &str) -> Vec<(usize, f64)> {
    static SEGMENTER: LazyLock<WordSegmenterBorrowed<'static>> =
        LazyLock::new(|| WordSegmenter::new_dictionary(WordBreakInvariantOptions::default()));
    let ends: Vec<usize> = SEGMENTER.segment_str(text).collect();
    let mut depth = 0;
    let mut breaks = Vec::new();
    for bounds in ends.windows(3) {
        let (before, after) = (&text[bounds[0]..bounds[1]], &text[bounds[1]..bounds[2]]);
        depth += before.matches(|c| OPENING.contains(c)).count();
        depth -= before.matches(|c| "”’）》〉】〕」』".contains(c)).count().min(depth);
        if after.starts_with(|c| CLOSING.contains(c)) || before.ends_with(|c| OPENING.contains(c)) {
            continue;
        }
        let is_mark = before.ends_with(|c: char| CLOSING.contains(c) || c.is_whitespace());
        let single = |word: &str| word.chars().count() == 1;
        let is_number = before.ends_with(|c: char| c.is_ascii_digit());
        let costs = [
            (depth > 0, 0.6),
            (single(after) && LEANS_BACK.contains(after), 0.8),
            (LEANS_ON.contains(before), 0.5),
            // The segmenter splits a word that the dictionary lacks into single characters.
            (single(before) && single(after) && !is_mark, 0.4),
            (is_number && !is_mark, 2.0),
            (is_mark && depth == 0, -2.0),
        ];
        let cost = costs.iter().filter(|(holds, _)| *holds).map(|(_, cost)| cost).sum();
        breaks.push((bounds[1], cost));
    }
    breaks
}

struct Search<'a> {
    text: &'a str,
    width: f64,
    ems: &'a dyn Fn(&str) -> f64,
    count: usize,
    breaks: &'a [(usize, f64)],
    best: Option<(f64, Vec<usize>)>,
}

impl Search<'_> {
    /// Tries all ends of the next line, which begins at byte `start`.
    fn extend(&mut self, start: usize, next: usize, ends: &mut Vec<usize>, cost: f64) {
        if ends.len() + 1 == self.count {
            ends.push(self.text.len());
            self.weigh(ends, cost);
            ends.pop();
            return;
        }
        let breaks = self.breaks;
        for (index, &(end, price)) in breaks.iter().enumerate().skip(next) {
            if (self.ems)(&self.text[start..end]) > self.width {
                break;
            }
            ends.push(end);
            self.extend(end, index + 1, ends, cost + price);
            ends.pop();
        }
    }

    fn weigh(&mut self, ends: &[usize], cost: f64) {
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let widths: Vec<f64> =
            starts.zip(ends).map(|(from, &to)| (self.ems)(self.text[from..to].trim())).collect();
        if widths.iter().any(|&width| width > self.width) || !is_shapely(&widths, 0.0) {
            return;
        }
        let mean = widths.iter().sum::<f64>() / widths.len() as f64;
        let uneven: f64 = widths.iter().map(|width| ((width - mean) / mean).powi(2)).sum();
        // Lines of equal width are acceptable, but neither a trapezium nor a rhombus.
        let block = widths.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 0.5);
        let cost = cost + 4.0 * uneven + if block { 0.3 } else { 0.0 };
        if self.best.as_ref().is_none_or(|(best, _)| cost < *best) {
            self.best = Some((cost, ends.to_vec()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::text::ems;

    fn lines(text: &str, width: Option<f64>) -> Vec<String> {
        super::lines(text, width, &ems)
    }

    #[test]
    fn a_short_title_is_one_line_and_a_bar_decides() {
        assert_eq!(lines("全市工作会议召开", Some(20.0)), ["全市工作会议召开"]);
        assert_eq!(lines("全市|工作会议召开", Some(20.0)), ["全市", "工作会议召开"]);
    }

    #[test]
    fn long_titles_break_between_words_into_a_shape() {
        for (title, expected) in [
            (
                "临沂市建立贫困“两癌”患病妇女救助长效机制",
                vec!["临沂市建立贫困“两癌”", "患病妇女救助长效机制"],
            ),
            (
                "全省市妇联主席工作会议贯彻落实情况综述报告",
                vec!["全省市妇联主席工作会议", "贯彻落实情况综述报告"],
            ),
            (
                "关于进一步加强新时代全市基层妇联组织规范化建设的指导意见",
                vec!["关于进一步加强新时代全市", "基层妇联组织规范化建设的指导意见"],
            ),
        ] {
            assert_eq!(lines(title, Some(20.0)), expected);
        }
    }

    #[test]
    fn every_shape_holds_and_keeps_the_text() {
        let text = "市政府召开全市农村人居环境整治提升暨乡村建设行动工作推进会议研究部署下一阶段重点任务和保障措施落实";
        for end in text.char_indices().map(|(at, _)| at).skip(25) {
            let lines = lines(&text[..end], Some(20.0));
            assert_eq!(lines.concat(), text[..end]);
            let widths: Vec<f64> = lines.iter().map(|line| ems(line)).collect();
            assert!(is_shapely(&widths, 0.0) && widths.iter().all(|w| *w <= 20.0), "{lines:?}");
        }
    }
}
