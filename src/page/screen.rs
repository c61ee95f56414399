//! Laid-out pages → sheets of SVG for a screen. Unchanged sheets are kept.
//!
//! The outline of a Han character takes some two kilobytes, and a page has hundreds of them: nine
//! tenths of its SVG, and of the time to draw it. So each outline is drawn once, into a table for
//! all sheets, and a sheet refers to it. Everything but text is drawn with the page.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use typst::foundations::{Content, Smart};
use typst::layout::{Frame, FrameItem, FrameKind, Point, Ratio, Sides, Size, Transform};
use typst::text::{Glyph, TextItem};
use typst::utils::hash128;
use typst::visualize::Paint;
use typst_layout::{Page, PagedDocument};
use typst_svg::SvgOptions;

use super::frames;
use crate::source::digest::Digest;

/// The sheets of an issue with their shared outlines.
#[derive(Debug, Default)]
pub struct Screen {
    /// The sheets, one for each page.
    pub sheets: Vec<Sheet>,
    /// Width and height of the first page, in pt.
    pub size: (f64, f64),
    /// The outlines as `<symbol>`s, in the order in which they were first seen.
    pub glyphs: Vec<String>,
    /// How each glyph is drawn, by the hash of font, glyph and size.
    known: HashMap<u128, Drawn>,
}

/// A page as SVG.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Identifies the sheet among the sheets of a screen: a digest of the SVG.
    pub key: String,
    /// The picture; its `<use>`s name symbols of [`Screen::glyphs`].
    pub svg: Arc<str>,
    /// Typst's hash of the page; a page with the same hash is not drawn again.
    hash: u128,
}

/// How a glyph is drawn.
#[derive(Debug, Clone, Copy)]
enum Drawn {
    /// A blank is not drawn.
    Blank,
    /// A symbol, by its index in the table.
    Symbol(usize),
    /// A picture, such as an emoji, which is drawn with its page.
    Picture,
}

impl Screen {
    /// Replaces the pages shown.
    pub fn show(&mut self, document: &PagedDocument) {
        if let Some(page) = document.pages().first() {
            self.size = (page.frame.width().to_pt(), page.frame.height().to_pt());
        }
        let shown = std::mem::take(&mut self.sheets);
        for page in document.pages() {
            let hash = hash128(page);
            let kept = shown.iter().find(|sheet| sheet.hash == hash).cloned();
            let sheet = kept.unwrap_or_else(|| self.sheet(page, hash));
            self.sheets.push(sheet);
        }
    }

    fn sheet(&mut self, page: &Page, hash: u128) -> Sheet {
        let mut text = String::new();
        let frame = self.without_text(&page.frame, Transform::identity(), &mut text);
        let rest = Page { frame, ..page.clone() };
        let mut svg = typst_svg::svg(&rest, &SvgOptions::default());
        // Text goes on top, because layouts never cover text.
        let end = svg.rfind("</svg>").unwrap_or(svg.len());
        svg.insert_str(end, &text);
        let key = Digest::of(svg.as_bytes()).to_string()[..20].into();
        Sheet { key, svg: svg.into(), hash }
    }

    /// A copy of a frame without the text that symbols can draw; that text is written to `text`.
    fn without_text(&mut self, frame: &Frame, at: Transform, text: &mut String) -> Frame {
        let mut rest = Frame::new(frame.size(), frame.kind());
        for (point, here, item) in frames::items(frame, at) {
            match item {
                FrameItem::Group(group) if group.clip.is_none() => {
                    let mut group = group.clone();
                    group.frame = self.without_text(&group.frame, here, text);
                    rest.push(point, FrameItem::Group(group));
                }
                FrameItem::Text(item) => {
                    if !self.write(item, here, text) {
                        rest.push(point, FrameItem::Text(item.clone()));
                    }
                }
                FrameItem::Tag(_) => {}
                item => rest.push(point, item.clone()),
            }
        }
        rest
    }

    /// Writes a piece of text as uses of symbols; returns whether symbols can draw it.
    fn write(&mut self, item: &TextItem, here: Transform, text: &mut String) -> bool {
        let Paint::Solid(fill) = &item.fill else { return false };
        let drawn: Vec<Drawn> = item.glyphs.iter().map(|glyph| self.drawn(item, glyph)).collect();
        if item.stroke.is_some() || drawn.iter().any(|drawn| matches!(drawn, Drawn::Picture)) {
            return false;
        }
        // The y axis of fonts points up, that of SVG down.
        let here = here.pre_concat(Transform::scale(Ratio::one(), -Ratio::one()));
        let Transform { sx, ky, kx, sy, tx, ty } = here;
        let matrix = [sx.get(), ky.get(), kx.get(), sy.get(), tx.to_pt(), ty.to_pt()];
        let [a, b, c, d, e, f] = matrix.map(|number| (number * 1e4).round() / 1e4);
        // Writing to a `String` cannot fail.
        write!(
            text,
            "<g transform=\"matrix({a} {b} {c} {d} {e} {f})\" fill=\"{}\">",
            fill.to_hex()
        )
        .ok();
        let (mut x, mut y) = (0.0, 0.0);
        for (glyph, drawn) in item.glyphs.iter().zip(drawn) {
            let pt = |length: typst::layout::Em| length.at(item.size).to_pt();
            if let Drawn::Symbol(number) = drawn {
                let round = |number: f64| (number * 1e3).round() / 1e3;
                let (x, y) = (round(x + pt(glyph.x_offset)), round(y + pt(glyph.y_offset)));
                write!(text, "<use href=\"#g{number}\" x=\"{x}\"").ok();
                if y != 0.0 {
                    write!(text, " y=\"{y}\"").ok();
                }
                text.push_str("/>");
            }
            x += pt(glyph.x_advance);
            y += pt(glyph.y_advance);
        }
        text.push_str("</g>");
        true
    }

    fn drawn(&mut self, item: &TextItem, glyph: &Glyph) -> Drawn {
        let key = hash128(&(&item.font, glyph.id, item.size));
        if let Some(drawn) = self.known.get(&key) {
            return *drawn;
        }
        let drawn = match outline(item, glyph) {
            Some(symbol) if symbol.contains("<path") => {
                let number = self.glyphs.len();
                self.glyphs.push(format!("<symbol id=\"g{number}\"{symbol}"));
                Drawn::Symbol(number)
            }
            Some(_) => Drawn::Picture,
            None => Drawn::Blank,
        };
        self.known.insert(key, drawn);
        drawn
    }
}

/// The symbol that Typst draws a glyph with, without its id; `None` for a blank.
fn outline(item: &TextItem, glyph: &Glyph) -> Option<String> {
    let mut frame = Frame::new(Size::zero(), FrameKind::Hard);
    let item = TextItem { glyphs: vec![glyph.clone()], ..item.clone() };
    frame.push(Point::zero(), FrameItem::Text(item));
    let page = Page {
        frame,
        bleed: Sides::default(),
        fill: Smart::Custom(None),
        numbering: None,
        supplement: Content::empty(),
        number: 1,
    };
    let svg = typst_svg::svg(&page, &SvgOptions::default());
    let symbol = svg.split("<symbol id=\"").nth(1)?;
    let end = symbol.find("</symbol>")? + "</symbol>".len();
    Some(symbol[symbol.find('"')? + 1..end].into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Session;
    use crate::publication::fonts::FontPaths;
    use crate::source::project::Project;

    /// The outline and left edge of each glyph of an SVG, in order; `symbols` are the symbols
    /// defined outside the SVG.
    fn glyphs(svg: &str, symbols: &str) -> Vec<(String, f64)> {
        let attribute = |part: &str, name: &str| {
            let value = part.split(&format!(" {name}=\"")).nth(1)?;
            Some(value.split('"').next()?.to_string())
        };
        let defined = [svg, symbols].concat();
        let outlines: HashMap<String, String> = defined
            .split("<symbol")
            .skip(1)
            .filter_map(|symbol| Some((attribute(symbol, "id")?, attribute(symbol, "d")?)))
            .collect();
        svg.split("<use ")
            .skip(1)
            .map(|part| {
                let href = part.split("href=\"#").nth(1).and_then(|id| id.split('"').next());
                let outline = outlines[href.expect("a symbol")].clone();
                let x = attribute(part, "x").and_then(|x| x.parse().ok());
                (outline, x.expect("a place"))
            })
            .collect()
    }

    #[test]
    fn a_sheet_has_the_glyphs_that_typst_draws_and_no_outline_twice() {
        let project = Project::find(env!("CARGO_MANIFEST_DIR").as_ref()).expect("a project");
        let session = Session::open(project, &FontPaths::default()).expect("a session");
        let mut screen = Screen::default();
        for issue in session.project.issues(&[]).expect("issues") {
            let typeset = session.typeset(&issue).value.expect("it is set");
            screen.show(&typeset.document);
            let symbols = screen.glyphs.concat();
            for (page, sheet) in typeset.document.pages().iter().zip(&screen.sheets) {
                let theirs = glyphs(&typst_svg::svg(page, &SvgOptions::default()), "");
                let ours = glyphs(&sheet.svg, &symbols);
                assert_eq!(ours.len(), theirs.len(), "{}", issue.stem);
                assert!(ours.len() > 50);
                for ((a, x), (b, y)) in ours.iter().zip(&theirs) {
                    assert!(a == b && (x - y).abs() < 0.001, "{} {a} {x} {b} {y}", issue.stem);
                }
                assert!(sheet.svg.len() < 80_000, "{}", sheet.svg.len());
            }
            let mut all = screen.glyphs.clone();
            all.iter_mut()
                .for_each(|symbol| drop(symbol.drain(..symbol.find("overflow").unwrap_or(0))));
            all.sort();
            let count = all.len();
            all.dedup();
            assert_eq!(all.len(), count);
        }
    }
}
