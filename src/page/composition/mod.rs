//! Laid-out pages → how well they are composed, as a proofreader (核稿) would judge them: what stands
//! where a page turns, how the issue ends, which lines are loose; a score, and findings.

mod end;
mod holes;
mod paragraphs;
mod sheet;

use serde::Serialize;
use typst_layout::PagedDocument;

use super::lines::Content;
use super::measure::{self, Finding};
use crate::publication::layout::Geometry;

pub use end::End;
pub use paragraphs::ShortEnd;
pub use sheet::What;

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

/// What each fault of a page counts in the score.
///
/// A page of paper for the imprint alone is what every proofreader sends back, so nothing else on
/// one page reaches it. A front without text and a page with a hole are seen before a word is
/// read. A loose line is seen by those who look.
mod weight {
    /// The imprint stands on a page of its own.
    pub const IMPRINT_ALONE: f64 = 100.0;
    /// Page 1 shows no text.
    pub const FRONT_WITHOUT_TEXT: f64 = 60.0;
    /// Each line that the imprint's page has less than three.
    pub const LINE_BEFORE_IMPRINT: f64 = 10.0;
    /// Each empty line of a hole that is one too many.
    pub const HOLE: f64 = 5.0;
    /// A line that is spread by over half an em.
    pub const LOOSE: f64 = 4.0;
    /// Each line by which the columns of the last page differ beyond one.
    pub const UNBALANCED: f64 = 2.0;
    /// Any other line that is spread too far.
    pub const SPREAD: f64 = 1.0;
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
    let spread = paragraphs::spread(&sheets);
    let mut pages: Vec<PageComposition> = holes::holes(&sheets)
        .into_iter()
        .zip(spread)
        .enumerate()
        .map(|(index, (hole, spread))| PageComposition {
            page: index + 1,
            hole: hole.lines,
            before: hole.before,
            spread_lines: spread.iter().filter(|line| line.is_spread()).count(),
            loose_lines: spread.iter().filter(|line| line.is_loose()).count(),
            score: 0.0,
        })
        .collect();
    let front_without_text = end::front_without_text(&sheets, geometry);
    let columns = end::columns(&sheets, geometry);
    score(&mut pages, &end, front_without_text);
    if let Some(last) = pages.get_mut(end.text_end.saturating_sub(1)) {
        last.score += unbalanced(&columns) as f64 * weight::UNBALANCED;
    }
    let composition = Composition {
        score: pages.iter().map(|page| page.score).sum(),
        pages,
        end,
        front_without_text,
        columns,
        short_ends: paragraphs::short_ends(&sheets),
    };
    (composition, Vec::new())
}

/// The lines by which the columns of the last page differ beyond one.
fn unbalanced(columns: &[usize]) -> usize {
    let (least, most) = (columns.iter().min(), columns.iter().max());
    most.zip(least).map_or(0, |(most, least)| (most - least).saturating_sub(1))
}

fn score(pages: &mut [PageComposition], end: &End, front_without_text: bool) {
    for page in pages.iter_mut() {
        let hole = page.hole.saturating_sub(HOLE) as f64 * weight::HOLE;
        let loose = page.loose_lines as f64;
        let spread = page.spread_lines as f64 - loose;
        page.score = hole + loose * weight::LOOSE + spread * weight::SPREAD;
    }
    if let Some(last) = pages.last_mut() {
        last.score += if end.imprint_alone {
            weight::IMPRINT_ALONE
        } else {
            end.missing_lines() as f64 * weight::LINE_BEFORE_IMPRINT
        };
    }
    if let Some(first) = pages.first_mut().filter(|_| front_without_text) {
        first.score += weight::FRONT_WITHOUT_TEXT;
    }
}
