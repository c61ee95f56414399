//! The pictures that an issue names × those that its pages show.

use std::collections::HashMap;

use typst::foundations::Bytes;
use typst::layout::Abs;
use typst::visualize::{Image, ImageKind};

use super::said::Said;
use super::shown::{Pages, Picture};
use super::{Fault, MOST, quote};
use crate::diag::Code;

/// A picture of fewer pt on one side shows nothing.
const SMALLEST: f64 = 10.0;
/// One that keeps its shape and is so long may be flatter.
const LONG: f64 = 100.0;

/// For each figure of the issue, the picture on the pages that is its.
pub fn drawn(said: &Said, pages: &Pages<'_>, files: &[(String, Bytes)]) -> Drawn {
    // Files of the same bytes are one picture.
    let same = |bytes: &[u8]| files.iter().position(|(_, other)| other.as_slice() == bytes);
    let file = |path: &str| files.iter().find(|(known, _)| known == path);
    let mut left: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, picture) in pages.pictures.iter().enumerate().filter(|(_, it)| is_visible(it)) {
        if let Some(file) = bytes(picture.image).and_then(same) {
            left.entry(file).or_default().push(at);
        }
    }
    left.values_mut().for_each(|pictures| pictures.reverse());
    let mut kinds: HashMap<usize, usize> = HashMap::new();
    let known = |path: &str| same(file(path)?.1.as_slice());
    let files: Vec<Option<usize>> = said.figures.iter().map(|figure| known(&figure.path)).collect();
    files.iter().flatten().for_each(|&file| *kinds.entry(file).or_default() += 1);
    let mut own = |file: usize| left.get_mut(&file)?.pop();
    let of: Vec<Option<usize>> = files.iter().map(|file| own((*file)?)).collect();
    let only = files.iter().map(|file| file.is_some_and(|file| kinds[&file] == 1)).collect();
    let again = files
        .iter()
        .enumerate()
        .filter_map(|(figure, file)| Some((figure, left.get_mut(&(*file)?)?.pop()?)))
        .collect();
    Drawn { of, only, again }
}

/// Which picture on the pages is whose.
pub struct Drawn {
    /// The picture of each figure.
    pub of: Vec<Option<usize>>,
    /// Whether no other figure has the same picture.
    pub only: Vec<bool>,
    /// Figures whose pictures stand on the pages once more, each with that picture.
    again: Vec<(usize, usize)>,
}

/// Figures whose picture is not shown, and those that are shown twice.
pub fn faults(said: &Said, pages: &Pages<'_>, drawn: &Drawn) -> Vec<Fault> {
    let fault = |code: Code, figure: usize, page: Option<usize>| {
        let figure = &said.figures[figure];
        let caption = said.parts[figure.parts.clone()].first();
        let text = caption.map_or_else(|| "![]".into(), |part| quote(said.text(part)));
        let part = Some(figure.parts.start).filter(|_| caption.is_some());
        // Without a caption a picture stands behind the text before it.
        let (part, after) = match part.or(figure.parts.start.checked_sub(1)) {
            Some(at) => (Some(at), part.is_none()),
            None => (None, true),
        };
        Fault { after, ..Fault::new(code, part, page, text) }
    };
    let lost = (0..drawn.of.len()).filter(|&figure| drawn.of[figure].is_none());
    let lost = lost.map(|figure| fault(Code::PictureNotShown, figure, None));
    let page = |picture: usize| Some(pages.pictures[picture].page);
    let again = drawn.again.iter();
    let again = again.map(|&(figure, at)| fault(Code::TextTwice, figure, page(at)));
    lost.take(MOST).chain(again.take(MOST)).collect()
}

fn bytes(image: &Image) -> Option<&[u8]> {
    match image.kind() {
        ImageKind::Raster(raster) => Some(raster.data().as_slice()),
        ImageKind::Svg(svg) => Some(svg.data().as_slice()),
        _ => None,
    }
}

fn is_visible(picture: &Picture<'_>) -> bool {
    let size = picture.place.max - picture.place.min;
    let (short, long) = (size.x.min(size.y), size.x.max(size.y));
    let (width, height) = (picture.image.width(), picture.image.height());
    let shape = width.min(height) / width.max(height);
    let keeps = long >= Abs::pt(LONG) && short / long >= shape * 0.9;
    picture.seen && (short >= Abs::pt(SMALLEST) || keeps)
}
