//! The last issue of a publication → the numbers, date and sample articles of a new one.

use super::raw::RawIssue;
use super::{Date, Number};
use crate::source::files;
use crate::source::limits;
use crate::source::project::{IssuePath, PUBLICATION_FILE, Project};
use crate::source::read;

/// The placeholder articles of a new issue.
pub const ARTICLES: &str = include_str!("next/issue.toml");

/// The date of a first issue: the library has no clock, and the editor changes the date anyway.
pub const FIRST: Date = Date { year: 2026, month: 1, day: 5 };

/// The numbers and date that identify an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The number.
    pub number: Number,
    /// The cumulative number, where the publication has any.
    pub serial: Option<u32>,
    /// The date.
    pub date: Date,
}

impl Head {
    /// The head of a publication's first issue.
    pub fn first() -> Self {
        Head { number: Number::Regular(1), serial: Some(1), date: FIRST }
    }

    /// The head of the issue after a publication's last, dated a week later if no date is given;
    /// `None` after the year 9999, which dates cannot be written in.
    pub fn next(project: &Project, publication: &str, date: Option<Date>) -> Option<Self> {
        let last = last(project, publication);
        let date =
            date.unwrap_or_else(|| last.as_ref().map_or(FIRST, |last| last.date.plus_days(7)));
        (date.year <= 9999).then_some(())?;
        let number = match &last {
            Some(last) if last.date.year == date.year => last.number + 1,
            _ => 1,
        };
        let serial = last.map_or(Some(1), |last| last.serial.map(|n| n + 1));
        Some(Head { number: Number::Regular(number), serial, date })
    }

    /// The keys that an issue begins with.
    pub fn toml(&self) -> String {
        let (key, n) = match self.number {
            Number::Regular(n) => ("number", n),
            Number::Supplement(n) => ("supplement", n),
        };
        let serial = self.serial.map(|serial| format!("serial_number = {serial}\n"));
        let Date { year, month, day } = self.date;
        format!("{key} = {n}\n{}date = {year:04}-{month:02}-{day:02}\n", serial.unwrap_or_default())
    }

    /// The name of its file.
    pub fn stem(&self) -> String {
        self.number.file_stem(self.date.year)
    }
}

/// An issue that a new one follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// Its file.
    pub at: IssuePath,
    /// Its date.
    pub date: Date,
    /// Its number.
    pub number: u32,
    /// Its cumulative number, where it has any.
    pub serial: Option<u32>,
}

/// The issue of a publication with the latest date; issues that cannot be read are skipped.
pub fn last(project: &Project, publication: &str) -> Option<Last> {
    let issues = project.issues(&[project.publication(publication)]).unwrap_or_default();
    issues
        .into_iter()
        .filter_map(|at| {
            let bytes = files::read_in(&project.root, &at.path, limits::FILE_BYTES).ok()?;
            let file = read::decode(&project.shown(&at.path), bytes).value?;
            let raw = read::read::<RawIssue>(&file).value?;
            let date = Date::from(raw.date?.value.date?);
            let serial = raw.serial_number.map(|n| n.value);
            Some(Last { at, date, number: raw.number?.value, serial })
        })
        .max_by_key(|last| (last.date, last.number, last.serial))
}

/// The publications of a project: folders of `issues/` with a `publication.toml`.
pub fn publications(project: &Project) -> Vec<String> {
    let entries = std::fs::read_dir(project.root.join("issues")).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join(PUBLICATION_FILE).is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}
