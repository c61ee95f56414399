//! A page of a PDF → its boxes (页面框): their sizes, and whether they lie in one another.

use crate::publication::length::MM;
use hayro_syntax::object::{Number, Rect};
use hayro_syntax::page::Page;

use crate::press::preflight::PageFacts;

/// The sizes of a page's boxes.
pub fn measured(page: &Page<'_>) -> PageFacts {
    let unit = user_unit(page);
    let size = |rect: Rect| {
        let mm = |pt: f64| (pt * unit / MM * 100.0).round() / 100.0;
        (mm(rect.x1 - rect.x0), mm(rect.y1 - rect.y0))
    };
    let raw = |name: &str| page.raw().get::<Rect>(name).map(size);
    PageFacts {
        media: size(page.media_box()),
        trim: raw("TrimBox"),
        bleed: raw("BleedBox"),
        ..PageFacts::default()
    }
}

/// The unit of a page in pt: large pages are written in a larger unit.
pub fn user_unit(page: &Page<'_>) -> f64 {
    let unit = page.raw().get::<Number>("UserUnit").map(|unit| unit.as_f64());
    unit.filter(|unit| *unit > 0.0).unwrap_or(1.0)
}

/// Whether the trimmed page lies within the bleed, and the bleed within the sheet.
pub fn lie_in_one_another(page: &Page<'_>) -> bool {
    let media = page.media_box();
    let bleed = page.raw().get::<Rect>("BleedBox").unwrap_or(media);
    let trim = page.raw().get::<Rect>("TrimBox").unwrap_or(bleed);
    // Boxes are rounded to few decimals, so a small excess is allowed.
    let slack = 0.01;
    let inside = |inner: &Rect, outer: &Rect| {
        inner.x0 >= outer.x0 - slack
            && inner.y0 >= outer.y0 - slack
            && inner.x1 <= outer.x1 + slack
            && inner.y1 <= outer.y1 + slack
    };
    inside(&trim, &bleed) && inside(&bleed, &media)
}
