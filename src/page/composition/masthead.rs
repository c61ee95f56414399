//! The masthead → type that is too small in it, and a name that is no name.

use super::super::area::BOTTOM;
use super::super::lines::Line;
use super::super::measure::Finding;
use super::sheet::Sheet;
use crate::diag::Code;
use crate::publication::layout::Geometry;

/// The smallest type, in pt: 小四.
const SMALLEST: f64 = 12.0;
/// The smallest name, in pt: smaller ones do not stand out from titles.
const NAME: f64 = 30.0;
/// How much larger than the line above it the name is at least.
const ABOVE: f64 = 1.6;
/// Sizes that were computed to be equal differ by less.
const EVEN: f64 = 0.05;

/// What is wrong in the masthead; on a cover it reaches to the foot.
pub fn masthead(sheets: &[Sheet<'_>], geometry: Geometry, found: &mut Vec<Finding>) {
    let Some(first) = sheets.first().filter(|first| first.masthead.is_some()) else { return };
    let foot = if geometry.cover { BOTTOM } else { first.head };
    let lines = first.content.lines.iter().filter(|line| line.baseline < foot);
    for line in lines {
        let smallest = line.marks.iter().map(|mark| mark.size).fold(f64::MAX, f64::min);
        if smallest < SMALLEST - EVEN {
            found.push(sized(Code::MastheadType, line, smallest));
        }
    }
    let has_picture = first.content.pictures.iter().any(|picture| picture.y < first.head);
    let lines = first.content.lines.iter().filter(|line| line.baseline < first.head);
    let lines: Vec<&Line> = lines.collect();
    let size = lines.iter().map(|line| line.size()).fold(0.0, f64::max);
    // A name that is a picture is as large as it is.
    let Some(at) = lines.iter().position(|line| line.size() > size - EVEN) else { return };
    let above = lines[..at].iter().map(|line| line.size()).fold(0.0, f64::max);
    if !has_picture && size < NAME.max(ABOVE * above) - EVEN {
        found.push(sized(Code::MastheadName, lines[at], size));
    }
}

/// A finding that names the size of the type.
fn sized(code: Code, line: &Line, size: f64) -> Finding {
    let mut finding = Finding::new(code, 0, line.text());
    finding.count = Some(size.round() as usize);
    finding
}
