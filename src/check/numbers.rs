//! A line of text → findings on its numbers: ranges and their dashes, full-width digits, 个 before
//! 亿.

use std::ops::Range;

use super::findings::Findings;
use super::printed::Printed;
use crate::diag::{Code, Span};
use crate::source::text::is_han;

/// Dashes, and characters mistaken for dashes.
const DASHES: &str = "-－–—―─～~〜";
/// The marks that GB/T 15834 4.13.3 and GB/T 15835 5.1.3 allow between two numbers.
const RIGHT: [&str; 2] = ["～", "—"];
/// Signs and multipliers that apply to both numbers of a range and must follow the first too.
const SHARED: &str = "%％‰万亿";

/// A range of numbers: 35～64岁.
struct NumberRange {
    whole: Range<usize>,
    dash: Range<usize>,
    /// Whether a unit stands between the first number and the dash.
    first_has_unit: bool,
}

/// The ranges of numbers of one file, whose dashes should be of one kind.
#[derive(Default)]
pub struct Ranges {
    first: Option<First>,
}

/// The first range of a file.
struct First {
    dash: String,
    range: String,
    /// The dash's place.
    place: Range<usize>,
}

impl Ranges {
    /// Checks the ranges in a line: their dashes, and the sign or multiplier of the first number.
    pub fn check(&mut self, line: &Printed, found: &mut Findings<'_>) {
        for NumberRange { whole, dash, first_has_unit } in find_ranges(&line.chars) {
            let place = line.place(dash.clone());
            let (dash, range) = (line.text(dash), line.text(whole.clone()));
            if !RIGHT.contains(&dash.as_str()) {
                let args = [("dash", dash.clone()), ("range", range.clone())];
                found.find(Code::RangeDash, place.clone(), args);
            }
            let unit = line.chars[whole.end - 1];
            if !first_has_unit && SHARED.contains(unit) {
                let args = [("range", range.clone()), ("unit", unit.to_string())];
                found.find(Code::RangeUnit, line.place(whole), args);
            }
            self.mixed(First { dash, range, place }, found);
        }
    }

    /// Reports a range whose dash differs from the dash of the file's first range. Both 一字线 and
    /// 浪纹线 are correct alone.
    fn mixed(&mut self, this: First, found: &mut Findings<'_>) {
        let Some(first) = &self.first else {
            self.first = Some(this);
            return;
        };
        let is_right = |range: &First| RIGHT.contains(&range.dash.as_str());
        if this.dash != first.dash && !(is_right(&this) && is_right(first)) {
            let args = [("range", this.range), ("first", first.range.clone())];
            let label = Span::new(found.file, first.place.clone());
            if let Some(mixed) = found.find(Code::RangeDashMixed, this.place, args) {
                *mixed = mixed.clone().label(label, "first");
            }
        }
    }
}

fn find_ranges(chars: &[char]) -> Vec<NumberRange> {
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let number_end = |mut at: usize| {
        while digit(at) || chars.get(at) == Some(&'.') && digit(at + 1) {
            at += 1;
        }
        at
    };
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if !digit(at) {
            at += 1;
            continue;
        }
        let end = number_end(at);
        // A unit of one or two characters: 1月—7月, 15%～30%, 9亿～16亿.
        let units = chars[end..].iter().take(3).take_while(|&&c| is_han(c) || "%％‰".contains(c));
        let dash = end + units.count().min(2);
        let dashes = chars[dash..].iter().take_while(|&&c| DASHES.contains(c)).count();
        let second = dash + dashes;
        if dashes == 0 || !digit(second) {
            at = end;
            continue;
        }
        let last = number_end(second);
        let behind = chars.get(last).copied();
        let before = chars[..at].iter().rev().copied().find(|c| !c.is_whitespace());
        let number = |range: Range<usize>| chars[range].iter().collect::<String>();
        let (a, b) = (number(at..end), number(second..last));
        // Numbers of telephones, standards, dates, rooms and machine types correctly have hyphens.
        let is_code = before.is_some_and(|c| c.is_ascii_alphanumeric() || "-/.:—".contains(c))
            || a.len() > 1 && a.starts_with('0') && !a.starts_with("0.")
            || b.len() > 1 && b.starts_with('0') && !b.starts_with("0.")
            || b.len() > 4 && !b.contains('.')
            || behind.is_some_and(|c| c.is_ascii_alphanumeric() || DASHES.contains(c))
            || behind.is_some_and(|c| "室号栋楼幢".contains(c));
        let counts = behind.is_some_and(|c| is_han(c) || "%％‰".contains(c));
        if !is_code && counts {
            ranges.push(NumberRange {
                whole: at..last + 1,
                dash: dash..second,
                first_has_unit: dash > end,
            });
        }
        at = if is_code { last } else { second };
        if is_code {
            // Further parts joined by hyphens belong to the code.
            while chars.get(at).is_some_and(|&c| c.is_ascii_alphanumeric() || c == '-') {
                at += 1;
            }
        }
    }
    ranges
}

/// Reports full-width digits, one finding for each number.
pub fn full_width(line: &Printed, found: &mut Findings<'_>) {
    let wide = |c: char| matches!(c, '０'..='９');
    let mut at = 0;
    while at < line.chars.len() {
        let part = |c: &&char| wide(**c) || **c == '．' || **c == '％';
        let length = line.chars[at..].iter().take_while(part).count();
        if wide(line.chars[at]) {
            let narrow: String = line.chars[at..at + length]
                .iter()
                .map(|&c| char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c))
                .collect();
            let place = line.place(at..at + length);
            let args = [("number", line.text(at..at + length)), ("half", narrow.clone())];
            if let Some(wide) = found.find(Code::FullWidthDigit, place.clone(), args) {
                *wide = wide.clone().fix(place, narrow);
            }
        }
        at += length.max(1);
    }
}

/// Reports 1.07个亿, which is spoken usage and wrong in writing.
pub fn with_ge(line: &Printed, found: &mut Findings<'_>) {
    for (at, &c) in line.chars.iter().enumerate() {
        let counted = at > 0 && line.chars[at - 1].is_ascii_digit();
        let multiplier: String =
            line.chars[at + 1..].iter().take_while(|c| "百千万亿".contains(**c)).collect();
        if c == '个' && counted && multiplier.ends_with(['万', '亿']) {
            let start = line.chars[..at].iter().rposition(|c| !(c.is_ascii_digit() || *c == '.'));
            let start = start.map_or(0, |start| start + 1);
            let end = at + 1 + multiplier.chars().count();
            let number = line.text(start..at);
            // In 5个万人村 and 3个亿元企业, 个 is a measure word and correct.
            if !number.contains('.') && line.chars.get(end).is_some_and(|&c| is_han(c)) {
                continue;
            }
            let args =
                [("written", line.text(start..end)), ("right", format!("{number}{multiplier}"))];
            let place = line.place(start..end);
            if let Some(spoken) = found.find(Code::NumberWithGe, place, args) {
                *spoken = spoken.clone().fix(line.place(at..at + 1), "");
            }
        }
    }
}
