//! A reference and a PDF → where they look different, page by page, and what kind of difference
//! each is.
//!
//! Both are drawn by one renderer that is independent of Typst, so that the comparison sees the
//! very file that goes out. Pages whose drawings are equal only cost the reading; on the others
//! the pixels are compared, and the drawings are compared to name the differences.

pub mod drawing;
mod effort;
mod figures;
pub mod report;

mod comparison;
mod difference;
mod inspection;
mod judge;
mod pages;
mod pairing;
mod pixels;
pub mod raster;
pub mod reference;
mod regions;
mod text;

use std::collections::HashMap;

use hayro_syntax::Pdf;

pub use self::comparison::{Comparison, Pair, Side};
pub use self::difference::{Difference, Kind, Look, Place, Shift, Spot};
use crate::publication::tolerance::{Settings, Tolerance, Tolerances};
use difference::Couple;
use drawing::Fault;
use inspection::{Inspection, Show};
use pages::{Pages, Sheet};
use raster::{Raster, Rasteriser};

/// The reference, with which a PDF is compared.
pub enum Reference {
    /// Another PDF.
    Pdf(Vec<u8>),
    /// Pages as pictures.
    Pictures {
        /// The number of pages.
        pages: usize,
        /// Decodes a page, counted from 0.
        page: Box<dyn Fn(usize) -> Result<Raster, Fault>>,
        /// The tolerance where the publication sets none.
        usual: Tolerance,
    },
}

/// Why two files cannot be compared, and which of them is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable {
    /// The side.
    pub side: Side,
    /// The fault.
    pub fault: Fault,
}

fn blamed<T>(side: Side, read: Result<T, Fault>) -> Result<T, Unreadable> {
    read.map_err(|fault| Unreadable { side, fault })
}

/// Compares a PDF with its reference. For each page that differs, `show` receives both sides with
/// the index of the pair.
pub fn compare(
    reference: Reference,
    now: Vec<u8>,
    settings: &Settings,
    show: &mut dyn FnMut(usize, Side, &Raster),
) -> Result<Comparison, Unreadable> {
    match reference {
        Reference::Pdf(before) if before == now => {
            let now = blamed(Side::Now, drawing::open(now))?;
            Ok(Comparison { pairs: same(&now), ..Comparison::default() })
        }
        Reference::Pdf(before) => {
            let before = blamed(Side::Before, drawing::open(before))?;
            let now = blamed(Side::Now, drawing::open(now))?;
            let before = blamed(Side::Before, Pages::read(&before))?;
            let now = blamed(Side::Now, Pages::read(&now))?;
            with_pdf(&before, &now, settings, show)
        }
        Reference::Pictures { pages, page, usual } => {
            let now = blamed(Side::Now, drawing::open(now))?;
            let now = blamed(Side::Now, Pages::read(&now))?;
            with_pictures((pages, &*page), &now, settings, usual, show)
        }
    }
}

/// The pairs of pages of a PDF that is identical to its reference.
fn same(now: &Pdf) -> Vec<Pair> {
    let pair = |(index, page): (usize, &hayro_syntax::page::Page<'_>)| {
        let (width, height) = page.render_dimensions();
        let sheet = [f64::from(width), f64::from(height)];
        Pair::same(Couple { before: Some(index), now: Some(index) }, sheet)
    };
    now.pages().iter().enumerate().map(pair).collect()
}

fn with_pdf(
    before: &Pages<'_>,
    now: &Pages<'_>,
    settings: &Settings,
    show: Show<'_>,
) -> Result<Comparison, Unreadable> {
    let is_ours = before.is_ours();
    let usual = if is_ours { Tolerance::EXACT } else { Tolerance::FOREIGN };
    let own = settings.own.over(usual);
    let couples = pairing::coupled(before, now);
    let tolerances = regions::tolerances(settings, own, &before.drawings, &now.drawings, &couples);
    let (found, settled) = named(before, now, &couples, &tolerances);
    // Another program rounds the same place differently; glyphs aligned to whole pixels would then
    // be a pixel apart.
    let rasters = |pdf| match Rasteriser::new(pdf, settings.resolution) {
        rasters if is_ours => rasters,
        rasters => rasters.exact(),
    };
    let (old_rasters, new_rasters) = (rasters(before.pdf), rasters(now.pdf));
    let mut inspection = Inspection::new(settings, tolerances, found, show);
    for couple in couples {
        if let Couple { before: Some(old), now: Some(new) } = couple
            && before.draws_as(old, now, new)
        {
            inspection.comparison.pairs.push(Pair::same(couple, now.size(new)));
            continue;
        }
        let sheet = |side, pages: &Pages<'_>, page: Option<usize>, rasters| {
            page.map(|page| blamed(side, pages.sheet(page, rasters))).transpose()
        };
        let old = sheet(Side::Before, before, couple.before, &old_rasters)?;
        let new = sheet(Side::Now, now, couple.now, &new_rasters)?;
        inspection.comparison.rendered += usize::from(old.is_some()) + usize::from(new.is_some());
        inspection.pair(old, new, &settled);
    }
    Ok(inspection.finish())
}

/// The differences between the drawings, and the spots that moved within the tolerance.
fn named(
    before: &Pages<'_>,
    now: &Pages<'_>,
    couples: &[Couple],
    tolerances: &Tolerances,
) -> (Vec<Difference>, Vec<Spot>) {
    let (mut found, mut settled) = (Vec::new(), Vec::new());
    let (mut olds, mut news) = (Vec::new(), Vec::new());
    for couple in couples {
        match *couple {
            Couple { before: Some(old), now: Some(new) } => {
                if before.draws_as(old, now, new) {
                    continue;
                }
                let (old, new) = ((old, &before.drawings[old]), (new, &now.drawings[new]));
                found.extend(figures::differences(old, new, tolerances, &mut settled));
            }
            Couple { before: Some(page), now: None } => {
                found.push(Difference::page_lost(page, before.size(page)));
            }
            Couple { before: None, now: Some(page) } => {
                found.push(Difference::page_added(page, now.size(page)));
            }
            Couple { before: None, now: None } => {}
        }
        olds.extend(couple.before);
        news.extend(couple.now);
    }
    let (old_text, new_text) = (before.text(olds.into_iter()), now.text(news.into_iter()));
    let pairs = couples.iter().filter_map(|couple| Some((couple.now?, couple.before?)));
    let partner: HashMap<usize, usize> = pairs.collect();
    found.extend(text::differences(&old_text, &new_text, &partner, tolerances, &mut settled));
    // A page without a partner is one difference, whatever is on it. Text that moved from or to
    // that page is still reported.
    let has = |before, now| couples.contains(&Couple { before, now });
    found.retain(|difference| {
        let is_lost = difference.before.is_some_and(|spot| has(Some(spot.page), None));
        let is_new = difference.now.is_some_and(|spot| has(None, Some(spot.page)));
        let is_own =
            matches!(difference.kind, Kind::PageLost | Kind::PageAdded | Kind::Moved { .. });
        is_own || !is_lost && !is_new
    });
    (found, settled)
}

fn with_pictures(
    (pages, page): (usize, &dyn Fn(usize) -> Result<Raster, Fault>),
    now: &Pages<'_>,
    settings: &Settings,
    usual: Tolerance,
    show: Show<'_>,
) -> Result<Comparison, Unreadable> {
    if pages == 0 {
        return Err(Unreadable { side: Side::Before, fault: Fault::Empty });
    }
    let couples = pairing::side_by_side(pages, now.drawings.len());
    let own = settings.own.over(usual);
    let tolerances = regions::tolerances(settings, own, &[], &now.drawings, &couples);
    // Pictures do not record where a glyph is: a move by less than a pixel only shows in the
    // pixels.
    let rasters = Rasteriser::new(now.pdf, settings.resolution).exact();
    let mut inspection = Inspection::new(settings, tolerances, Vec::new(), show);
    for couple in couples {
        let old = couple.before.map(|index| blamed(Side::Before, page(index))).transpose()?;
        let new =
            couple.now.map(|page| blamed(Side::Now, now.sheet(page, &rasters))).transpose()?;
        let old = couple.before.zip(old).map(|(page, raster)| {
            let in_pt = |pixels: usize| pixels as f64 * 72.0 / settings.resolution;
            let size = match &new {
                // One pixel more or less comes from rounding the page's size.
                Some(new) if new.raster.is_as_large_as(&raster) => new.size,
                _ => [in_pt(raster.width), in_pt(raster.height)],
            };
            Sheet { page, size, raster }
        });
        inspection.found.extend(match (&old, &new) {
            (Some(old), None) => Some(Difference::page_lost(old.page, old.size)),
            (None, Some(new)) => Some(Difference::page_added(new.page, new.size)),
            _ => None,
        });
        inspection.comparison.rendered += usize::from(new.is_some());
        inspection.pair(old, new, &[]);
    }
    Ok(inspection.finish())
}
