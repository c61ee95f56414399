//! Pages → how an issue begins and ends: text on page 1, and before the imprint.

use serde::Serialize;

use super::super::measure::Finding;
use super::LINES_BEFORE_IMPRINT;
use super::sheet::Sheet;
use crate::diag::Code;
use crate::publication::layout::Geometry;

/// How an issue ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct End {
    /// Whether the imprint has a page for itself because the text left no room. One that goes to
    /// an even page by the publication's wish does not count.
    pub imprint_alone: bool,
    /// The lines of text on the imprint's page; of its fullest column.
    pub lines_before_imprint: usize,
    /// The grid lines that are free between the text and the imprint; for an imprint on another
    /// page, negative by as many lines as the text's last page is short of.
    pub free: f64,
    /// The grid lines that the imprint takes, with its distance from the text.
    pub imprint_lines: f64,
    /// The page where the text ends, counted from 1.
    pub text_end: usize,
}

impl End {
    /// Whether the imprint stands alone, or under too few lines.
    pub fn is_bad(&self) -> bool {
        self.imprint_alone || self.missing_lines() > 0
    }

    /// How many lines the imprint's page has less than it should.
    pub fn missing_lines(&self) -> usize {
        let counts = self.imprint_lines > 0.0 && !self.imprint_alone && self.text_end > 1;
        // An imprint that is wanted on a page of its own has no lines before it.
        let counts = counts && self.lines_before_imprint > 0;
        if counts { LINES_BEFORE_IMPRINT.saturating_sub(self.lines_before_imprint) } else { 0 }
    }
}

/// How the issue ends.
pub fn end(sheets: &[Sheet<'_>], geometry: Geometry) -> End {
    let Some(last) = sheets.last() else { return End::default() };
    let text_end = sheets.iter().rposition(Sheet::has_text).unwrap_or(0);
    let sheet = &sheets[text_end];
    let imprint_lines = last.imprint_lines();
    let columns = 0..sheet.columns.len();
    let empty = columns.clone().map(|column| sheet.empty(column)).fold(f64::MAX, f64::min);
    let is_apart = text_end + 1 < sheets.len();
    // The distance of the imprint counts as a part of it.
    let free = match (sheet.is_landscape(), is_apart) {
        (true, _) => -imprint_lines,
        (false, true) => empty - imprint_lines,
        (false, false) if imprint_lines > 0.0 => empty - sheet.leading() / sheet.pitch,
        (false, false) => empty,
    };
    let is_wanted = geometry.even_imprint && (text_end.is_multiple_of(2) || free >= 0.0);
    let rows = columns.map(|column| rows(last, column)).max().unwrap_or(0);
    End {
        imprint_alone: is_apart && last.has_imprint() && !is_wanted,
        lines_before_imprint: rows,
        free,
        imprint_lines,
        text_end: text_end + 1,
    }
}

/// The empty grid lines of each column on the page where the text ends; none where it has one column.
pub fn columns(sheets: &[Sheet<'_>], geometry: Geometry) -> Vec<usize> {
    let last = sheets.iter().rev().find(|sheet| sheet.has_text() && !sheet.is_landscape());
    let Some(sheet) = last.filter(|_| geometry.columns > 1) else { return Vec::new() };
    (0..sheet.columns.len()).map(|column| sheet.empty(column).round().max(0.0) as usize).collect()
}

/// The rows of text in a column; a picture counts as the rows that it is high.
fn rows(sheet: &Sheet<'_>, column: usize) -> usize {
    let (left, right) = (sheet.columns[column], sheet.columns[column] + sheet.width);
    let inside = sheet.lines.iter().filter(|line| line.left() < right && line.right() > left);
    let mut baselines: Vec<f64> = inside.map(|line| line.baseline).collect();
    baselines.sort_by(f64::total_cmp);
    baselines.dedup_by(|a, b| *a - *b < sheet.pitch / 4.0);
    let pictures =
        sheet.content.pictures.iter().filter(|it| it.x < right && it.x + it.width > left);
    let pictures = pictures.map(|picture| (picture.height / sheet.pitch) as usize);
    baselines.len() + pictures.sum::<usize>()
}

/// Whether page 1 of several shows no line of text: only masthead, contents and titles.
pub fn front_without_text(sheets: &[Sheet<'_>], geometry: Geometry) -> bool {
    let Some(first) = sheets.first() else { return false };
    let contents = first.contents_bottom().unwrap_or(first.head);
    let has_text =
        first.lines.iter().any(|line| line.top() > contents - 1.0 && line.heading().is_none());
    sheets.len() > 1 && !geometry.cover && !has_text && first.content.pictures.is_empty()
}

/// The lines by which columns with so many empty lines end apart.
pub fn apart(columns: &[usize]) -> usize {
    let (least, most) = (columns.iter().min(), columns.iter().max());
    most.zip(least).map_or(0, |(most, least)| most - least)
}

/// Columns that end at two heights on the last page.
pub fn uneven(columns: &[usize], end: &End, found: &mut Vec<Finding>) {
    let apart = apart(columns);
    if apart > UNEVEN {
        let mut finding = Finding::new(Code::ColumnsUneven, end.text_end - 1, String::new());
        finding.count = Some(apart);
        found.push(finding);
    }
}

/// The most lines by which columns may differ: a heading that takes two lines along needs as many.
pub const UNEVEN: usize = 2;

/// An imprint alone, or with too few lines before it.
pub fn findings(end: &End, sheets: &[Sheet<'_>], found: &mut Vec<Finding>) {
    let last = |index: usize| {
        let lines = sheets.get(index).and_then(|sheet| sheet.lines.last());
        lines.map(|line| line.text()).unwrap_or_default()
    };
    let index = sheets.len().saturating_sub(1);
    if end.imprint_alone {
        let mut finding = Finding::new(Code::ImprintAlone, index, last(end.text_end - 1));
        finding.count = Some((-end.free).ceil().max(1.0) as usize);
        found.push(finding);
    } else if end.missing_lines() > 0 {
        let mut finding = Finding::new(Code::FewLinesBeforeImprint, index, last(index));
        finding.count = Some(end.lines_before_imprint);
        found.push(finding);
    }
}
