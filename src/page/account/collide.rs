//! Pieces of text on the pages → those whose ink lies on the ink of others.

use typst::layout::{Abs, Rect};
use typst::pdf::ArtifactKind;

use super::cover::colour;
use super::shown::{Pages, Piece, ink_at, on_page};

/// Ink may reach so far into other ink, as a part of the smaller type size.
const TOUCH: f64 = 0.15;
/// Paler ink, by its lightness, leaves text over it legible.
const PALE: f32 = 0.8;

/// A glyph that lies on another.
pub struct Collision {
    /// The piece of text that was laid out later, and the glyph in it.
    pub upper: (usize, usize),
    /// The piece under it, and its glyph.
    pub lower: (usize, usize),
}

/// The first collision of each piece of text.
pub fn collisions(pages: &Pages<'_>) -> Vec<Collision> {
    let mut found = Vec::new();
    let mut start = 0;
    for page in pages.pieces.chunk_by(|a, b| a.page == b.page) {
        let mut order: Vec<usize> = (0..page.len()).filter(|&at| is_legible(&page[at])).collect();
        order.sort_by(|&a, &b| page[a].core.min.y.cmp(&page[b].core.min.y));
        let mut open: Vec<usize> = Vec::new();
        let mut hit = vec![false; page.len()];
        for at in order {
            let top = page[at].core.min.y;
            open.retain(|&other| page[other].core.max.y > top);
            for &other in &open {
                let (upper, lower) = (at.max(other), at.min(other));
                if hit[upper]
                    || !reaches(
                        page[upper].core,
                        page[lower].core,
                        touch(&page[upper], &page[lower]),
                    )
                {
                    continue;
                }
                if let Some((a, b)) = ink(&page[upper], &page[lower]) {
                    hit[upper] = true;
                    found.push(Collision { upper: (start + upper, a), lower: (start + lower, b) });
                }
            }
            open.push(at);
        }
        start += page.len();
    }
    found
}

/// Whether text under or over a piece becomes hard to read: a watermark does not count.
pub fn is_legible(piece: &Piece<'_>) -> bool {
    let faint = colour(&piece.text.fill).is_some_and(|[red, green, blue, alpha]| {
        alpha < 0.99 || 0.3 * red + 0.59 * green + 0.11 * blue > PALE
    });
    !faint && !matches!(piece.artifact, Some(ArtifactKind::Background))
}

fn touch(a: &Piece<'_>, b: &Piece<'_>) -> Abs {
    a.text.size.min(b.text.size) * TOUCH
}

fn reaches(a: Rect, b: Rect, deep: Abs) -> bool {
    let x = a.max.x.min(b.max.x) - a.min.x.max(b.min.x);
    let y = a.max.y.min(b.max.y) - a.min.y.max(b.min.y);
    x > deep && y > deep
}

/// The first two glyphs of two pieces whose ink meets.
fn ink(upper: &Piece<'_>, lower: &Piece<'_>) -> Option<(usize, usize)> {
    let deep = touch(upper, lower);
    let near = |piece: &Piece<'_>, other: Rect| -> Vec<(usize, Rect)> {
        inks(piece).into_iter().filter(|(_, ink)| reaches(*ink, other, deep)).collect()
    };
    let (above, below) = (near(upper, lower.core), near(lower, upper.core));
    above.iter().find_map(|(a, ink)| {
        let (b, _) = below.iter().find(|(_, other)| reaches(*ink, *other, deep))?;
        Some((*a, *b))
    })
}

/// The boxes of the glyphs' ink on the page. Marks that are set on a letter have none of their own.
fn inks(piece: &Piece<'_>) -> Vec<(usize, Rect)> {
    let text = piece.text;
    let mut pen = Abs::zero();
    let mut inks = Vec::new();
    for (at, glyph) in text.glyphs.iter().enumerate() {
        let ink = ink_at(text, glyph, pen);
        pen += glyph.x_advance.at(text.size);
        if let Some(ink) = ink.filter(|_| glyph.x_advance.get() != 0.0) {
            inks.push((at, on_page(ink, piece.place)));
        }
    }
    inks
}
