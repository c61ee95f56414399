//! A line of text → findings on its punctuation: half-width marks, marks without their partner,
//! 、 between quoted items.

use super::findings::Findings;
use super::printed::Printed;
use crate::diag::Code;
use crate::source::text::is_han;

/// Opening marks with their closing partners.
const PAIRS: [(char, char); 8] = [
    ('“', '”'),
    ('‘', '’'),
    ('（', '）'),
    ('《', '》'),
    ('〈', '〉'),
    ('【', '】'),
    ('〔', '〕'),
    ('「', '」'),
];

/// Reports half-width marks among Han characters. In 1.07, 18:30 and English they are correct.
pub fn half_width(line: &Printed, found: &mut Findings<'_>) {
    let chinese = |c: char| is_han(c) || PAIRS.iter().any(|&(open, close)| c == open || c == close);
    let mut parentheses = Vec::new();
    for (at, &c) in line.chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| line.chars[at]);
        let behind = line.chars[at + 1..].iter().copied().find(|c| !c.is_whitespace());
        let after_han = before.is_some_and(chinese);
        let before_han = behind.is_none_or(chinese);
        let full = match c {
            '(' => {
                parentheses.push(at);
                continue;
            }
            ')' => {
                let open = parentheses.pop();
                if let Some(open) =
                    open.filter(|&open| line.chars[open..at].iter().any(|&c| is_han(c)))
                {
                    for (at, full) in [(open, "（"), (at, "）")] {
                        half_width_at(line, at, full, true, found);
                    }
                }
                continue;
            }
            ',' => "，",
            ';' => "；",
            ':' => "：",
            '?' => "？",
            '!' => "！",
            '.' if after_han && before_han => {
                // Between Han characters the stop may stand for the · of a name.
                half_width_at(line, at, "。", behind.is_none_or(|c| !is_han(c)), found);
                continue;
            }
            _ => continue,
        };
        let after_number = before.is_some_and(|c| c.is_ascii_digit() || c == '%');
        let number_behind = behind.is_some_and(|c| c.is_ascii_digit());
        let parts_numbers = matches!(c, ',' | ';') && after_number && behind.is_some_and(is_han);
        if after_han && (before_han || number_behind) || parts_numbers {
            half_width_at(line, at, full, true, found);
        }
    }
}

fn half_width_at(line: &Printed, at: usize, full: &str, sure: bool, found: &mut Findings<'_>) {
    let place = line.place(at..at + 1);
    let args = [("mark", line.chars[at].to_string()), ("full", full.to_string())];
    let mark = found.find(Code::HalfWidthMark, place.clone(), args);
    if sure && let Some(mark) = mark {
        *mark = mark.clone().fix(place, full);
    }
}

/// Reports marks without their partner in a paragraph. `next` is the following paragraph: a
/// quotation of several paragraphs opens in each paragraph and closes only in the last.
pub fn unbalanced(line: &Printed, next: Option<&Printed>, found: &mut Findings<'_>) {
    let plain = |c: char| match c {
        '(' => '（',
        ')' => '）',
        c => c,
    };
    let mut open: Vec<usize> = Vec::new();
    let mut alone = Vec::new();
    for (at, &c) in line.chars.iter().enumerate() {
        let c = plain(c);
        if PAIRS.iter().any(|&(opens, _)| opens == c) {
            open.push(at);
        } else if let Some(&(opens, _)) = PAIRS.iter().find(|&&(_, closes)| closes == c) {
            match open.iter().rposition(|&at| plain(line.chars[at]) == opens) {
                Some(partner) => {
                    alone.extend(open.drain(partner..).skip(1));
                }
                None if c == '’' && line.chars[..at].ends_with_latin() => {}
                None if c == '）' && is_item_number(&line.chars[..at]) => {}
                None => alone.push(at),
            }
        }
    }
    let quotes_on =
        |at: usize| at == 0 && next.and_then(|next| next.chars.first()) == Some(&line.chars[0]);
    alone.extend(open.into_iter().filter(|&at| !quotes_on(at)));
    alone.sort_unstable();
    for at in alone {
        let c = plain(line.chars[at]);
        let partner = PAIRS.iter().find_map(|&(open, close)| match c {
            c if c == open => Some(close),
            c if c == close => Some(open),
            _ => None,
        });
        let partner = partner.map_or_else(String::new, String::from);
        let args = [("mark", line.chars[at].to_string()), ("partner", partner)];
        found.find(Code::MarksUnbalanced, line.place(at..at + 1), args);
    }
}

trait EndsWithLatin {
    fn ends_with_latin(&self) -> bool;
}

impl EndsWithLatin for [char] {
    fn ends_with_latin(&self) -> bool {
        self.last().is_some_and(char::is_ascii_alphanumeric)
    }
}

/// `1` or `a` or `一` before a parenthesis that closes an item's number.
fn is_item_number(before: &[char]) -> bool {
    (1..=2).contains(&before.len())
        && before.iter().all(|&c| c.is_ascii_alphanumeric() || "一二三四五六七八九十".contains(c))
}

/// 、 between quoted items and between book titles.
pub fn quote_separator(line: &Printed, found: &mut Findings<'_>) {
    for (at, marks) in line.chars.windows(3).enumerate() {
        if let ['”', '、', '“'] | ['》', '、', '《'] = marks {
            let args = [("marks", marks.iter().collect::<String>())];
            found.find(Code::QuoteSeparator, line.place(at + 1..at + 2), args);
        }
    }
}
