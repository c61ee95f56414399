//! A page with a placeholder → the page with a copy number (份号), in the layout's place and face.

use typst::layout::{Em, Frame, FrameItem, Point, Size, Transform};
use typst::text::TextItem;

use crate::page::frames;

/// The placeholder while the pages are laid out: no copy has this number.
pub const PLACEHOLDER: u32 = 0;

/// The largest number of six digits.
pub const LARGEST: u32 = 999_999;

/// A number as it is printed.
pub fn printed(number: u32) -> String {
    format!("{number:06}")
}

/// Where a page has its number, and how it looks.
pub struct NumberPlace {
    at: Transform,
    text: TextItem,
}

/// Takes the placeholder off a page.
pub fn take(page: &Frame) -> Option<(Frame, NumberPlace)> {
    let placeholder = printed(PLACEHOLDER);
    let mut place = None;
    let rest = frames::map(page, Transform::identity(), &mut |at, item| match item {
        FrameItem::Text(text) if place.is_none() && text.text == placeholder => {
            place = Some(NumberPlace { at, text: text.clone() });
            None
        }
        item => Some(item.clone()),
    });
    place.map(|place| (rest, place))
}

impl NumberPlace {
    /// A number in its place on the page: the layout's face and spacing, other digits.
    pub fn frame(&self, size: Size, number: u32) -> Frame {
        let mut text = self.text.clone();
        text.text = printed(number).into();
        let face = text.font.ttf();
        let advance = |id: u16| face.glyph_hor_advance(ttf_parser::GlyphId(id)).unwrap_or(0);
        let digits = printed(number);
        for (glyph, digit) in text.glyphs.iter_mut().zip(digits.chars()) {
            // Faces that have 0 but lack another digit are not used for text.
            let id = face.glyph_index(digit).map_or(0, |id| id.0);
            // The spacing that the layout adds between digits stays.
            let wider = f64::from(advance(id)) - f64::from(advance(glyph.id));
            glyph.x_advance += Em::new(wider / f64::from(face.units_per_em()));
            glyph.id = id;
        }
        let mut frame = Frame::hard(size);
        let mut group = Frame::soft(size);
        group.push(Point::zero(), FrameItem::Text(text));
        group.transform(self.at);
        frame.push_frame(Point::zero(), group);
        frame
    }
}
