//! Texts ↔ the numbers and dates of issues: parse, order, display.

use std::fmt;

/// The number of an issue within its year (期号); supplements (增刊) count apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Number {
    /// A regular issue (正刊).
    Regular(u32),
    /// A supplement (增刊).
    Supplement(u32),
}

impl Number {
    /// The stem of the file: `2014-16`, or `2014-s1` for a supplement.
    pub fn file_stem(self, year: u16) -> String {
        match self {
            Number::Regular(n) => format!("{year}-{n}"),
            Number::Supplement(n) => format!("{year}-s{n}"),
        }
    }

    /// The year and number in a file's stem; leading zeros are allowed.
    pub fn parse_file_stem(stem: &str) -> Option<(u16, Number)> {
        let (year, number) = stem.split_once('-')?;
        let digits =
            |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?;
        let year = (year.len() == 4).then(|| year.parse().ok())??;
        Some((
            year,
            match number.strip_prefix('s') {
                Some(supplement) => Number::Supplement(digits(supplement)?),
                None => Number::Regular(digits(number)?),
            },
        ))
    }
}

impl fmt::Display for Number {
    /// As printed in the masthead.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Regular(n) => write!(f, "第{n}期"),
            Number::Supplement(n) => write!(f, "增刊第{n}期"),
        }
    }
}

/// A day of the calendar. All dates come from the issues: the library has no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// The year.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

impl From<toml::value::Date> for Date {
    fn from(date: toml::value::Date) -> Self {
        Date { year: date.year, month: date.month, day: date.day }
    }
}

impl Date {
    /// The day `days` later.
    pub fn plus_days(self, days: u32) -> Self {
        let mut date = self;
        for _ in 0..days {
            date.day += 1;
            if date.day > date.days_in_month() {
                date = Date { day: 1, month: date.month + 1, ..date };
            }
            if date.month > 12 {
                date = Date { month: 1, year: date.year + 1, ..date };
            }
        }
        date
    }

    /// Whether the calendar has this date.
    pub fn exists(self) -> bool {
        (1..=12).contains(&self.month) && (1..=self.days_in_month()).contains(&self.day)
    }

    /// The day of the week, 0 for Sunday (Sakamoto's method).
    pub fn weekday(self) -> usize {
        const SHIFT: [usize; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let month = usize::from(self.month);
        let year = usize::from(self.year) - usize::from(month < 3);
        (year + year / 4 - year / 100 + year / 400 + SHIFT[month - 1] + usize::from(self.day)) % 7
    }

    fn days_in_month(self) -> u8 {
        let leap = self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u8::from(leap),
            _ => 31,
        }
    }
}

impl fmt::Display for Date {
    /// In Arabic digits without padding, as GB/T 9704 7.3.5.4 requires.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}年{}月{}日", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_stems_go_both_ways() {
        for (stem, year, number) in
            [("2014-16", 2014, Number::Regular(16)), ("2026-s1", 2026, Number::Supplement(1))]
        {
            assert_eq!(Number::parse_file_stem(stem), Some((year, number)));
            assert_eq!(number.file_stem(year), stem);
        }
        assert_eq!(Number::parse_file_stem("2014-016"), Some((2014, Number::Regular(16))));
    }

    #[test]
    fn other_stems_are_refused() {
        for stem in ["publication", "2014", "14-1", "2014-", "2014-x1", "2014-1-2", "2014-+1"] {
            assert_eq!(Number::parse_file_stem(stem), None, "{stem}");
        }
    }

    #[test]
    fn days_are_counted_over_months_and_years() {
        let date = |year, month, day| Date { year, month, day };
        assert_eq!(date(2026, 12, 28).plus_days(7), date(2027, 1, 4));
        assert_eq!(date(2024, 2, 26).plus_days(7), date(2024, 3, 4));
        assert_eq!(date(2023, 2, 26).plus_days(7), date(2023, 3, 5));
    }

    #[test]
    fn days_have_their_weekday() {
        let date = |year, month, day| Date { year, month, day };
        assert_eq!(date(2014, 8, 20).weekday(), 3);
        assert_eq!(date(2024, 2, 29).weekday(), 4);
        assert!(date(2024, 2, 29).exists() && !date(2026, 2, 29).exists());
        assert!(!date(2026, 13, 1).exists() && !date(2026, 4, 31).exists());
    }

    #[test]
    fn dates_are_printed_without_padding() {
        assert_eq!(Date { year: 2014, month: 8, day: 5 }.to_string(), "2014年8月5日");
    }
}
