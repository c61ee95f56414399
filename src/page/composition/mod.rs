//! Laid-out pages → how well they are composed, as a proofreader (核稿) would judge them: what stands
//! where a page turns, how the issue ends, which lines are loose; a score, and findings.

mod captions;
mod cells;
mod distance;
mod end;
mod holes;
mod masthead;
mod paragraphs;
mod sheet;

use serde::Serialize;
use typst_layout::PagedDocument;

use super::lines::Content;
use super::measure::{self, Finding};
use crate::diag::Code;
use crate::publication::layout::Geometry;

pub use end::End;
pub use paragraphs::ShortEnd;
pub use sheet::What;
pub(super) use sheet::is_entry;

/// How an issue is composed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Composition {
    /// Each page.
    pub pages: Vec<PageComposition>,
    /// How the issue ends.
    pub end: End,
    /// Whether page 1 shows masthead and contents alone, though it is no cover.
    pub front_without_text: bool,
    /// The empty grid lines of each column on the page where the text ends; empty for one column.
    pub columns: Vec<usize>,
    /// The paragraphs whose last line is of one to three letters.
    pub short_ends: Vec<ShortEnd>,
    /// The sum of the pages' scores: 0 if there is nothing to mend.
    pub score: f64,
}

/// How a page is composed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PageComposition {
    /// The page, counted from 1.
    pub page: usize,
    /// The empty grid lines at the end of the page, or of its emptiest column. 0 where the text
    /// ends, before an attachment, and on a cover.
    pub hole: usize,
    /// What stands first behind the hole.
    pub before: Option<What>,
    /// The lines that are spread by more than they should be.
    pub spread_lines: usize,
    /// Those of them that are spread by more than half an em.
    pub loose_lines: usize,
    /// What there is to mend: 0 for nothing, and more the worse it is.
    pub score: f64,
}

/// The most empty lines at a page's end that are no hole: a heading that takes two lines of its
/// text along leaves as many.
pub const HOLE: usize = 3;
/// The fewest lines of text on the imprint's page.
pub const LINES_BEFORE_IMPRINT: usize = 3;

/// Judges an issue's pages.
pub fn compose(document: &PagedDocument, geometry: Geometry) -> Composition {
    judge(&measure::read(document, geometry), geometry).0
}

/// Judges pages that have been read; the findings are in the order of the pages.
pub(super) fn judge(contents: &[Content], geometry: Geometry) -> (Composition, Vec<Finding>) {
    let sheets = sheet::sheets(contents, geometry);
    let end = end::end(&sheets, geometry);
    let front_without_text = end::front_without_text(&sheets, geometry);
    let holes = holes::holes(&sheets);
    let spread = paragraphs::spread(&sheets);
    let mut found = Vec::new();
    if front_without_text {
        found.push(Finding::new(Code::FrontWithoutText, 0, String::new()));
    }
    end::findings(&end, &sheets, &mut found);
    let columns = end::columns(&sheets, geometry);
    end::uneven(&columns, &end, &mut found);
    holes::findings(&holes, &mut found);
    paragraphs::loose(&spread, &mut found);
    paragraphs::entries(&sheets, &mut found);
    cells::cells(&sheets, &mut found);
    masthead::masthead(&sheets, geometry, &mut found);
    captions::order(&sheets, &mut found);
    distance::distances(&sheets, &mut found);
    found.sort_by_key(|finding| finding.page);
    let page = |(index, (hole, spread)): (usize, (holes::Hole, Vec<paragraphs::Spread<'_>>))| {
        let own = found.iter().filter(|finding| finding.page == index + 1);
        PageComposition {
            page: index + 1,
            hole: hole.lines,
            before: hole.before,
            spread_lines: spread.len(),
            loose_lines: spread.iter().filter(|line| line.is_loose()).count(),
            score: own.map(weight).fold(0.0, |sum, weight| sum + weight),
        }
    };
    let pages: Vec<PageComposition> = holes.into_iter().zip(spread).enumerate().map(page).collect();
    let composition = Composition {
        score: pages.iter().fold(0.0, |sum, page| sum + page.score),
        pages,
        end,
        front_without_text,
        columns,
        short_ends: paragraphs::short_ends(&sheets),
    };
    (composition, found)
}

impl Composition {
    /// Whether a page ends with more empty lines than it may.
    pub fn has_hole(&self) -> bool {
        self.pages.iter().any(|page| page.hole > HOLE)
    }

    /// Whether the columns of the last page end at two heights.
    pub fn is_uneven(&self) -> bool {
        end::apart(&self.columns) > end::UNEVEN
    }

    /// The score without the end of the issue.
    pub fn score_inside(&self) -> f64 {
        let end = match self.end.imprint_alone {
            true => IMPRINT_ALONE,
            false => MISSING_LINE * self.end.missing_lines() as f64,
        };
        self.score - end
    }
}

/// What an imprint on a page of its own counts in the score, and each line that is missing before
/// one.
const IMPRINT_ALONE: f64 = 100.0;
const MISSING_LINE: f64 = 10.0;

/// What a finding counts in the score.
///
/// A page of paper for the imprint alone is what every proofreader sends back: nothing else on one
/// page reaches it. A front without text, a table out of order and a hole are seen before a word is
/// read; what is broken or touches a rule when it is read; a loose line by those who look.
fn weight(finding: &Finding) -> f64 {
    let count = finding.count.unwrap_or(0);
    match finding.rule {
        Code::ImprintAlone => IMPRINT_ALONE,
        Code::FrontWithoutText => 60.0,
        Code::FewLinesBeforeImprint => MISSING_LINE * (LINES_BEFORE_IMPRINT - count) as f64,
        Code::ColumnsUneven => 2.0 * count as f64,
        Code::PageHole => 5.0 * (count - HOLE) as f64,
        Code::TableOrder => 20.0,
        Code::MastheadName | Code::MastheadType => 5.0,
        Code::FigureAtRule => 5.0 * count as f64,
        Code::LooseLine => 4.0,
        Code::WordBroken => 3.0 * count as f64,
        Code::TooNear => 3.0,
        Code::LoneCharacter => 2.0,
        _ => 1.0,
    }
}
