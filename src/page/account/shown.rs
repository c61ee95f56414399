//! Laid-out pages → the characters that a reader sees, in the order in which they were laid out.
//!
//! A character that is there but cannot be seen is no printed text: one of no size, in the colour of
//! the paper, cut off, painted over, or without a glyph in its font.

use typst::foundations::{Smart, StyleChain};
use typst::introspection::{Location, Tag};
use typst::layout::{Abs, Frame, FrameItem, GroupItem, Point, Rect, Transform};
use typst::pdf::{ArtifactElem, ArtifactKind};
use typst::text::{Glyph, TextItem};
use typst::visualize::{Image, Shape};
use typst_layout::{Page, PagedDocument};

use super::super::frames::{self, ASCENT};
use super::cover::{Colour, Cover, WHITE, colour, differs, is_clear_in_parts};
use super::{fold, shows};

/// Type below this size, in pt, cannot be read.
pub const SMALLEST: f64 = 5.0;
/// A stroke around letters that is wider than this part of their size fills them up.
const STROKE: f64 = 0.1;
/// Letters that stand closer than this part of their width lie on each other.
const TIGHT: f64 = 0.5;
/// At least this part of a glyph's or a picture's width and height must be left by what cuts it.
const LEFT: f64 = 0.75;
/// Pieces of text that are closer, in ems, stand in one line without a blank.
const CLOSE: f64 = 0.3;
/// How far a box may reach over the edge of the sheet, in pt.
const EDGE: f64 = 0.5;

/// A character on the pages.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// The character, folded.
    pub c: char,
    /// The piece of text that it belongs to.
    pub piece: u32,
    /// The index of its glyph there.
    pub glyph: u32,
    /// Whether nothing stands close before it: it begins a line or a cell, or follows a blank.
    pub starts: bool,
    /// Whether nothing stands close behind it.
    pub ends: bool,
    /// Whether it is in a page head or the like.
    pub in_margin: bool,
    /// Whether it can be seen.
    pub seen: bool,
    /// Whether it reaches over the edge of the sheet.
    pub off: bool,
}

/// A piece of text that was shaped as one.
pub struct Piece<'a> {
    /// Its glyphs.
    pub text: &'a TextItem,
    /// From its baseline's left to the page.
    pub place: Transform,
    /// The page, from 0.
    pub page: usize,
    /// What it is to the page; `None` for text.
    pub artifact: Option<ArtifactKind>,
    /// The box of its ink, roughly.
    pub core: Rect,
}

/// A picture on the pages.
pub struct Picture<'a> {
    pub image: &'a Image,
    /// The page, from 0.
    pub page: usize,
    /// Its box on the page.
    pub place: Rect,
    /// Whether it is on the sheet, not cut off and not painted over.
    pub seen: bool,
    /// The number of pieces of text that have been laid out before it.
    pub piece: usize,
}

/// All text of the pages.
#[derive(Default)]
pub struct Pages<'a> {
    /// The characters.
    pub chars: Vec<Shown>,
    /// The pieces that they belong to.
    pub pieces: Vec<Piece<'a>>,
    /// The pictures.
    pub pictures: Vec<Picture<'a>>,
}

/// Reads the pages.
pub fn read(document: &PagedDocument) -> Pages<'_> {
    let mut pages = Pages::default();
    for (index, page) in document.pages().iter().enumerate() {
        let size = page.frame.size();
        let sheet = Rect::new(Point::zero(), size.to_point());
        let (start, pieces) = (pages.chars.len(), pages.pieces.len());
        let pictures = pages.pictures.len();
        let mut reader = Reader {
            pages: &mut pages,
            index,
            sheet,
            paper: paper(page),
            artifacts: Vec::new(),
            fills: Vec::new(),
            start: (start, pieces, pictures),
        };
        reader.frame(&page.frame, Transform::identity(), sheet, false);
    }
    pages
}

/// The colour of a page without ink; `None` for a pattern.
fn paper(page: &Page) -> Option<Colour> {
    match &page.fill {
        Smart::Custom(Some(paint)) => colour(paint),
        _ => Some(WHITE),
    }
}

struct Reader<'a, 'b> {
    pages: &'b mut Pages<'a>,
    index: usize,
    sheet: Rect,
    paper: Option<Colour>,
    /// The artifacts that are open.
    artifacts: Vec<(Location, ArtifactKind)>,
    /// What has been filled on this page, with its colour; `None` for a pattern or a picture.
    fills: Vec<(Rect, Option<Colour>)>,
    /// The first character, piece of text and picture of the page.
    start: (usize, usize, usize),
}

impl<'a> Reader<'a, '_> {
    /// `clip`: what may be seen of the frame; `cut`: whether it is less than the sheet.
    fn frame(&mut self, frame: &'a Frame, at: Transform, clip: Rect, cut: bool) {
        for (_, here, item) in frames::items(frame, at) {
            match item {
                FrameItem::Group(group) => self.group(group, here, clip, cut),
                FrameItem::Text(text) => self.text(text, here, clip, cut),
                FrameItem::Shape(shape, _) => self.shape(shape, here, clip),
                FrameItem::Image(image, size, _) => {
                    let place = on_page(Rect::new(Point::zero(), size.to_point()), here);
                    self.picture(image, place, clip);
                }
                FrameItem::Tag(Tag::Start(element, _)) => {
                    let artifact = element.to_packed::<ArtifactElem>();
                    if let (Some(artifact), Some(id)) = (artifact, element.location()) {
                        self.artifacts.push((id, artifact.kind.get(StyleChain::default())));
                    }
                }
                FrameItem::Tag(Tag::End(id, ..)) => {
                    self.artifacts.retain(|(open, _)| open != id);
                }
                _ => {}
            }
        }
    }

    fn group(&mut self, group: &'a GroupItem, here: Transform, clip: Rect, cut: bool) {
        let (clip, cut) = match &group.clip {
            Some(curve) => (common(clip, on_page(curve.bbox(None), here)), true),
            None => (clip, cut),
        };
        self.frame(&group.frame, here, clip, cut);
    }

    fn picture(&mut self, image: &'a Image, place: Rect, clip: Rect) {
        if !is_clear_in_parts(image.kind()) {
            self.cover(&Cover::of_box(common(place, clip)));
        }
        self.fills.push((place, None));
        let seen = is_left(place, self.sheet) && is_left(place, clip);
        let (page, piece) = (self.index, self.pages.pieces.len());
        self.pages.pictures.push(Picture { image, page, place, seen, piece });
    }

    fn shape(&mut self, shape: &Shape, here: Transform, clip: Rect) {
        if let Some(mut cover) = Cover::of_shape(shape, here) {
            cover.place = common(cover.place, clip);
            self.cover(&cover);
        }
        let Some(fill) = &shape.fill else { return };
        let (colour, place) = (colour(fill), on_page(shape.geometry.bbox(None), here));
        if colour.is_none_or(|[.., alpha]| alpha > 0.0) {
            self.fills.push((place, colour));
        }
    }

    /// Hides what is under something.
    fn cover(&mut self, cover: &Cover<'_>) {
        let Pages { chars, pieces, pictures } = &mut *self.pages;
        let (first, piece, picture) = self.start;
        for picture in &mut pictures[picture..] {
            picture.seen &= !cover.hides(picture.place, Abs::inf());
        }
        let mut rest = &mut chars[first..];
        for (at, piece) in pieces.iter().enumerate().skip(piece) {
            let count = rest.iter().take_while(|shown| shown.piece as usize == at).count();
            let own;
            (own, rest) = rest.split_at_mut(count);
            let under = common(piece.core, cover.place);
            if under.min.x > under.max.x || under.min.y > under.max.y {
                continue;
            }
            for shown in own.iter_mut().filter(|shown| shown.seen) {
                let rect = glyph_box(piece.text, shown.glyph as usize, piece.place);
                shown.seen = !cover.hides(rect, piece.text.size);
            }
        }
    }

    fn text(&mut self, text: &'a TextItem, here: Transform, clip: Rect, cut: bool) {
        let whole = on_page(item_box(text), here);
        let goes_on = self.goes_on(text, here);
        let piece = self.pages.pieces.len() as u32;
        let artifact = self.artifacts.last().map(|(_, kind)| *kind);
        let (page, place, in_margin) = (self.index, here, artifact.is_some());
        self.pages.pieces.push(Piece { text, place, page, artifact, core: whole });
        // Nearly all text is inside the sheet, on nothing but paper: then its glyphs are all alike.
        let plain = !cut && self.fills.is_empty() && within(whole, self.sheet);
        let legible = text.size.to_pt() * upright(here) >= SMALLEST
            && text.stroke.as_ref().is_none_or(|stroke| stroke.thickness <= text.size * STROKE)
            && (!plain || self.stands_out(text, Point::zero()));
        let first = self.pages.chars.len();
        let is_rtl = matches!(&text.glyphs[..], [a, .., b] if a.range.start > b.range.start);
        let push = |reader: &mut Self, at: usize, glyph: &Glyph, pen: Abs| {
            let (mut seen, mut off) = (legible && glyph.id != 0, false);
            if !plain {
                let place = on_page(box_at(text, glyph, pen), here);
                off = !within(place, reader.sheet);
                let ink = || ink_at(text, glyph, pen).map_or(place, |ink| on_page(ink, here));
                seen &= (!cut || is_left(ink(), clip)) && reader.stands_out(text, centre(place));
            }
            let from = usize::from(glyph.range.start);
            // Ranges of 16 bits wrap in a piece of 64 KB without a break.
            let own = text.text.get(glyph.range()).unwrap_or_default();
            let next = at + 1 < text.glyphs.len();
            seen &= !(next && own.starts_with(char::is_alphanumeric) && is_tight(text, glyph));
            for (byte, c) in own.char_indices().filter(|(_, c)| shows(*c)) {
                let before = text.text[..from + byte].chars().next_back();
                let starts = before.map_or(!goes_on, char::is_whitespace);
                if before.is_some()
                    && starts
                    && let Some(last) = reader.pages.chars[first..].last_mut()
                {
                    last.ends = true;
                }
                let (c, glyph, ends) = (fold(c), at as u32, false);
                let shown = Shown { c, piece, glyph, starts, ends, in_margin, seen, off };
                reader.pages.chars.push(shown);
            }
        };
        let mut pen = Abs::zero();
        let mut pens: Vec<Abs> = Vec::new();
        let mut known = usize::MAX;
        for (at, glyph) in text.glyphs.iter().enumerate() {
            if is_rtl {
                pens.push(pen);
            } else if glyph.range().start != known {
                push(self, at, glyph, pen);
                known = glyph.range().start;
            }
            pen += glyph.x_advance.at(text.size);
        }
        // What reads from the right is stored from the left.
        if is_rtl {
            for (at, glyph) in text.glyphs.iter().enumerate().rev() {
                if glyph.range().start != known {
                    push(self, at, glyph, pens[at]);
                    known = glyph.range().start;
                }
            }
        }
        if let Some(last) = self.pages.chars[first..].last_mut() {
            last.ends = true;
        }
    }

    /// Whether a piece stands close behind the one before; then that one ends nothing.
    fn goes_on(&mut self, text: &TextItem, here: Transform) -> bool {
        let Some(before) = self.pages.pieces.last().filter(|piece| piece.page == self.index) else {
            return false;
        };
        let end = Point::with_x(before.text.width()).transform(before.place);
        let apart = end - Point::zero().transform(here);
        let close = apart.x.abs().max(apart.y.abs()) < text.size * CLOSE
            && !before.text.text.ends_with(char::is_whitespace);
        let last = self.pages.chars.last_mut().filter(|_| close);
        last.into_iter().for_each(|last| last.ends = false);
        close
    }

    /// Whether text can be told from what lies under it.
    fn stands_out(&self, text: &TextItem, at: Point) -> bool {
        let under = self.fills.iter().rev().find(|(place, _)| contains(*place, at));
        let under = under.map_or(self.paper, |(_, colour)| *colour);
        let stroke = text.stroke.as_ref().map(|stroke| &stroke.paint);
        // A pattern has no colour that could be compared.
        let inks = [Some(&text.fill), stroke].into_iter().flatten().filter_map(colour);
        let is_seen = |ink: Colour| ink[3] > 0.0 && under.is_none_or(|under| differs(ink, under));
        inks.into_iter().any(is_seen)
    }
}

/// The part of its size by which type is to be read: less where it is made small or aslant, nothing
/// where it is mirrored or upside down.
fn upright(here: Transform) -> f64 {
    let [sx, ky, kx, sy] = [here.sx, here.ky, here.kx, here.sy].map(|ratio| ratio.get());
    let (along, down) = (sx.hypot(ky), kx.hypot(sy));
    let area = sx * sy - kx * ky;
    // On its side it can be read, as a table on its side is.
    let turned = sx < along * -0.5;
    if area <= 0.0 || turned { 0.0 } else { area / along.max(down) }
}

/// Whether the next letter lies on one.
fn is_tight(text: &TextItem, glyph: &Glyph) -> bool {
    let width = text.font.ttf().glyph_hor_advance(ttf_parser::GlyphId(glyph.id));
    let width = width.map_or(0.0, |width| text.font.to_em(width).get());
    width > 0.0 && glyph.x_advance.get() <= width * TIGHT
}

/// Whether enough of a box is left where only a part can be seen.
fn is_left(rect: Rect, clip: Rect) -> bool {
    let left = common(rect, clip);
    let enough = |left: Abs, of: Abs| left >= of * LEFT;
    enough(left.max.x - left.min.x, rect.max.x - rect.min.x)
        && enough(left.max.y - left.min.y, rect.max.y - rect.min.y)
}

/// The box of a glyph's ink, from its piece's baseline's left; `None` for one without ink.
pub fn ink_at(text: &TextItem, glyph: &Glyph, pen: Abs) -> Option<Rect> {
    let ink = text.font.ttf().glyph_bounding_box(ttf_parser::GlyphId(glyph.id))?;
    let (x, y) = (pen + glyph.x_offset.at(text.size), -glyph.y_offset.at(text.size));
    let em = |units: i16| text.font.to_em(units).at(text.size);
    Some(Rect::new(
        Point::new(x + em(ink.x_min), y - em(ink.y_max)),
        Point::new(x + em(ink.x_max), y - em(ink.y_min)),
    ))
}

/// The em boxes of a piece, from its baseline's left.
fn item_box(text: &TextItem) -> Rect {
    let width = text.width();
    Rect::new(
        Point::new(Abs::zero().min(width), text.size * -ASCENT),
        Point::new(Abs::zero().max(width), text.size * (1.0 - ASCENT)),
    )
}

fn box_at(text: &TextItem, glyph: &Glyph, pen: Abs) -> Rect {
    let x = pen + glyph.x_offset.at(text.size);
    let advance = glyph.x_advance.at(text.size).min(text.size);
    Rect::new(
        Point::new(x, text.size * -ASCENT),
        Point::new(x + advance, text.size * (1.0 - ASCENT)),
    )
}

/// The em box of a glyph on the page.
pub fn glyph_box(text: &TextItem, glyph: usize, place: Transform) -> Rect {
    let pen = text.glyphs[..glyph].iter().map(|glyph| glyph.x_advance.at(text.size)).sum();
    on_page(box_at(text, &text.glyphs[glyph], pen), place)
}

/// A box moved to the page: upright boxes stay boxes, others become the box around them.
pub fn on_page(rect: Rect, place: Transform) -> Rect {
    let corners = [
        rect.min,
        Point::new(rect.max.x, rect.min.y),
        Point::new(rect.min.x, rect.max.y),
        rect.max,
    ]
    .map(|corner| corner.transform(place));
    let min = corners[1..].iter().fold(corners[0], |a, b| a.min(*b));
    let max = corners[1..].iter().fold(corners[0], |a, b| a.max(*b));
    Rect::new(min, max)
}

fn centre(rect: Rect) -> Point {
    (rect.min + rect.max) / 2.0
}

pub fn contains(rect: Rect, point: Point) -> bool {
    rect.min.x <= point.x && point.x <= rect.max.x && rect.min.y <= point.y && point.y <= rect.max.y
}

fn within(rect: Rect, sheet: Rect) -> bool {
    let edge = Abs::pt(EDGE);
    rect.min.x >= sheet.min.x - edge
        && rect.min.y >= sheet.min.y - edge
        && rect.max.x <= sheet.max.x + edge
        && rect.max.y <= sheet.max.y + edge
}

fn common(a: Rect, b: Rect) -> Rect {
    Rect::new(a.min.max(b.min), a.max.min(b.max))
}
