//! A draft and what is given besides → the number and date of the issue: from the source, else as
//! given, else placeholders that remarks point out.

use std::collections::BTreeMap;
use std::path::Path;

use super::code::RemarkCode;
use super::draft::Draft;
use super::line::Remark;
use super::masthead::parts::{Fact, parts};
use super::vocabulary::pattern;
use super::write::Head;
use crate::issue::{Date, Number};

/// The number and date from the command line or from a file's name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    /// The number.
    pub number: Option<Number>,
    /// The cumulative number.
    pub serial: Option<u32>,
    /// The date; its day is 0 where only the year is known.
    pub date: Option<Date>,
}

impl Given {
    /// Reads a file's name: 2014年第16期（总第312期）.docx, 2014-16.txt, 20140820.doc.
    pub fn by_name(source: &str) -> Self {
        let name = Path::new(source).file_stem();
        let name = name.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let year_only = |year| Date { year, month: 1, day: 0 };
        let mut given = Given::default();
        if let Some((year, found)) = Number::parse_file_stem(&name) {
            return Given { number: Some(found), date: Some(year_only(year)), ..given };
        }
        for part in parts(&name) {
            match part.fact {
                Some(Fact::Number(found, year)) => {
                    given.number = given.number.or(Some(found));
                    given.date = given.date.or(year.map(year_only));
                }
                Some(Fact::Serial(found)) => given.serial = given.serial.or(Some(found)),
                Some(Fact::Date(found)) => given.date = Some(found),
                _ => {}
            }
        }
        given.date = given.date.or_else(|| compact_date(&name));
        given
    }

    /// These values, completed by those of `other`.
    pub fn or(self, other: Given) -> Self {
        Given {
            number: self.number.or(other.number),
            serial: self.serial.or(other.serial),
            date: self.date.or(other.date),
        }
    }
}

/// A date of eight digits: 20140820.
fn compact_date(name: &str) -> Option<Date> {
    pattern!(COMPACT = r"(?:^|\D)(20\d\d|19\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?:\D|$)");
    let found = COMPACT.captures(name)?;
    let part = |at: usize| found[at].parse::<u16>().unwrap_or(0);
    let day = format!("{}-{}-{}", &found[1], &found[2], &found[3]);
    let exists = day.parse::<toml::value::Datetime>().is_ok();
    exists.then(|| Date { year: part(1), month: part(2) as u8, day: part(3) as u8 })
}

/// Settles number and date, and remarks on what a person must correct.
///
/// `free` finds a number that no issue of a year uses; `origin` is the comment at the top.
pub fn settle(
    draft: &Draft,
    given: Given,
    origin: String,
    free: impl FnOnce(u16) -> Number,
) -> (Head, Vec<Remark>) {
    let masthead = &draft.masthead;
    let mut remarks = Vec::new();
    let mut remark = |code, detail: String| remarks.insert(0, Remark::of_file(code, detail));
    let serial = masthead.serial.or(given.serial);
    let mut date_note = None;
    let date = match masthead.date.or(given.date) {
        Some(date) if date.day > 0 => date,
        known => {
            let year = known.map(|date| date.year).or(masthead.year).or_else(|| last_year(draft));
            let month = known.map_or(1, |date| date.month);
            let date = Date { year: year.unwrap_or(2000), month, day: 1 };
            date_note = Some("待核：原文没有完整的日期，这里是占位".to_string());
            let shown = format!("{:04}-{:02}-{:02}", date.year, date.month, date.day);
            remark(RemarkCode::DatePlaceholder, shown);
            date
        }
    };
    if let Some(year) = masthead.year.filter(|year| *year != date.year) {
        remark(RemarkCode::YearDisagrees, format!("{year} / {}", date.year));
    }
    let mut number_note = None;
    let number = masthead.number.or(given.number).unwrap_or_else(|| {
        let number = serial.map(Number::Regular).unwrap_or_else(|| free(date.year));
        number_note = Some("待核：原文没有期号，这里是占位".to_string());
        remark(RemarkCode::NumberPlaceholder, number.to_string());
        number
    });
    (Head { origin, number, serial, date, number_note, date_note }, remarks)
}

/// The year that a text names most often, and of equally frequent ones the latest: most issues
/// name their own year.
fn last_year(draft: &Draft) -> Option<u16> {
    pattern!(YEAR = r"(20\d\d|19[5-9]\d)年");
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for paragraph in draft.articles().flat_map(|article| &article.body) {
        for found in YEAR.captures_iter(&paragraph.plain) {
            *counts.entry(found[1].parse().unwrap_or(2000)).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|(year, count)| (*count, *year)).map(|(year, _)| year)
}
