//! A line of text × the issue's date → findings on impossible dates, wrong weekdays and relative
//! dates without a date of issue.

use std::collections::BTreeSet;
use std::ops::Range;

use super::findings::Findings;
use super::printed::Printed;
use crate::diag::Code;
use crate::issue::Date;

const WEEKDAYS: &str = "日一二三四五六";

/// Words relative to the date of issue.
const RELATIVE: [&str; 11] =
    ["今年", "去年", "明年", "本月", "上月", "近日", "日前", "今日", "昨日", "今天", "昨天"];

/// The number that ends before `end`, of at most `digits` digits, with its start.
fn number_before(chars: &[char], end: usize, digits: usize) -> Option<(usize, u16)> {
    let count = chars[..end].iter().rev().take_while(|c| c.is_ascii_digit()).count();
    let text: String = chars[end - count..end].iter().collect();
    ((1..=digits).contains(&count)).then(|| Some((end - count, text.parse().ok()?)))?
}

/// The facts about the text's issue that the rules of dates need.
#[derive(Default)]
pub struct Dates {
    /// The date of issue.
    issue: Option<Date>,
    /// Whether the text belongs to an issue without a date.
    is_undated: bool,
    /// Words of [`RELATIVE`] already reported.
    reported: BTreeSet<String>,
}

impl Dates {
    /// The rules for an issue with this date.
    pub fn of_issue(date: Option<Date>) -> Self {
        Dates { issue: date, is_undated: date.is_none(), reported: BTreeSet::new() }
    }

    /// 2月30日, 13月, 1月5日（星期日）.
    pub fn check(&self, line: &Printed, found: &mut Findings<'_>) {
        let chars = &line.chars;
        for (at, _) in chars.iter().enumerate().filter(|(_, c)| **c == '月') {
            let Some((mut start, month)) = number_before(chars, at, 2) else { continue };
            let mut year = None;
            if start > 0
                && chars[start - 1] == '年'
                && let Some((from, number)) = number_before(chars, start - 1, 4)
                && start - 1 - from == 4
            {
                (start, year) = (from, Some(number));
            }
            let digits = chars[at + 1..].iter().take_while(|c| c.is_ascii_digit()).count();
            let end = at + 1 + digits;
            let is_day = (1..=2).contains(&digits) && matches!(chars.get(end), Some('日' | '号'));
            let day: u8 = match is_day {
                true => line.text(at + 1..end).parse().unwrap_or(0),
                // 13个月 is a span; without a day, only a number after a year is a month.
                false if year.is_some() => 1,
                false => continue,
            };
            let end = if is_day { end + 1 } else { at + 1 };
            let month = u8::try_from(month).unwrap_or(0);
            // Without a year, 29 February is accepted: the year may be a leap year.
            let date = Date { year: year.unwrap_or(2000), month, day };
            if !date.exists() {
                let args = [("date", line.text(start..end))];
                found.find(Code::DateImpossible, line.place(start..end), args);
            } else if is_day {
                self.weekday(line, start..end, year, date, found);
            }
        }
    }

    fn weekday(
        &self,
        line: &Printed,
        written: Range<usize>,
        year: Option<u16>,
        date: Date,
        found: &mut Findings<'_>,
    ) {
        let mut at = written.end;
        at += usize::from(matches!(line.chars.get(at), Some('（' | '(')));
        at += match line.chars.get(at..) {
            Some(['星', '期', ..]) => 2,
            Some(['周', ..]) => 1,
            _ => return,
        };
        let Some(&c) = line.chars.get(at) else { return };
        let c = if c == '天' { '日' } else { c };
        let Some(said) = WEEKDAYS.chars().position(|weekday| weekday == c) else { return };
        // Without a year, the date is in the issue's year or in the year before.
        let years = match (year, self.issue) {
            (Some(year), _) => vec![year],
            (None, Some(issue)) => vec![issue.year, issue.year.saturating_sub(1)],
            (None, None) => return,
        };
        let weekday = |year| Date { year, ..date }.weekday();
        let fits = |&year: &u16| Date { year, ..date }.exists() && weekday(year) == said;
        if !years.iter().any(fits) && (Date { year: years[0], ..date }).exists() {
            let right = WEEKDAYS.chars().nth(weekday(years[0])).unwrap_or_default();
            let args = [
                ("date", format!("{}年{}月{}日", years[0], date.month, date.day)),
                ("said", c.to_string()),
                ("right", right.to_string()),
            ];
            found.find(Code::WeekdayWrong, line.place(written.start..at + 1), args);
        }
    }

    /// Reports 今年 and 近日 in an issue without a date: readers could not tell the year.
    pub fn relative(&mut self, line: &Printed, found: &mut Findings<'_>) {
        if !self.is_undated {
            return;
        }
        for (at, pair) in line.chars.windows(2).enumerate() {
            let word: String = pair.iter().collect();
            if RELATIVE.contains(&word.as_str()) && self.reported.insert(word.clone()) {
                found.find(Code::RelativeDate, line.place(at..at + 2), [("word", word)]);
            }
        }
    }
}
