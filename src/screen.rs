//! Laid-out pages → sheets of SVG for a screen. What has not changed is kept.
//!
//! An outline of a Han character is some two kilobytes, and a page has hundreds: the outlines
//! are kept in one table for all sheets, and a sheet only names them.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;
use typst::utils::hash128;
use typst_layout::PagedDocument;
use typst_svg::SvgOptions;

use crate::digest::Digest;

/// What a screen shows of an issue.
#[derive(Debug, Default)]
pub struct Screen {
    /// The sheets, one for each page.
    pub sheets: Vec<Sheet>,
    /// Width and height of the first page, in pt.
    pub size: (f64, f64),
    /// The outlines as `<symbol>`s, in the order in which they were first seen.
    pub glyphs: Vec<String>,
    /// Typst's names of outlines, and their places in `glyphs`.
    known: HashMap<String, usize>,
}

/// A page as SVG.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Tells it from every other sheet of the same screen.
    pub key: String,
    /// The picture; its `<use>`s name symbols of [`Screen::glyphs`].
    pub svg: Arc<str>,
    /// Typst's hash of the page, by which an unchanged one is known without being drawn.
    hash: u128,
}

impl Screen {
    /// Shows other pages.
    pub fn show(&mut self, document: &PagedDocument) {
        let pages = document.pages();
        if let Some(page) = pages.first() {
            self.size = (page.frame.width().to_pt(), page.frame.height().to_pt());
        }
        let hashes: Vec<u128> = pages.iter().map(hash128).collect();
        let drawn: Vec<Option<String>> = pages
            .par_iter()
            .zip(&hashes)
            .map(|(page, hash)| {
                let is_new = self.sheets.iter().all(|sheet| sheet.hash != *hash);
                is_new.then(|| typst_svg::svg(page, &SvgOptions::default()))
            })
            .collect();
        let mut sheets = Vec::with_capacity(pages.len());
        for (hash, svg) in hashes.into_iter().zip(drawn) {
            let kept = self.sheets.iter().find(|sheet| sheet.hash == hash).cloned();
            sheets.extend(match (svg, kept) {
                (Some(svg), _) => Some(self.sheet(&svg, hash)),
                (None, kept) => kept,
            });
        }
        self.sheets = sheets;
    }

    fn sheet(&mut self, svg: &str, hash: u128) -> Sheet {
        let svg = self.share(svg);
        let key = Digest::of(svg.as_bytes()).to_string()[..20].into();
        Sheet { key, svg: svg.into(), hash }
    }

    /// Moves outlines into the table, and has their uses name them by number.
    fn share(&mut self, svg: &str) -> String {
        const DEFINITION: &str = "<symbol id=\"";
        const USE: &str = "<use xlink:href=\"#g";
        let mut shared = String::with_capacity(svg.len() / 4);
        let (body, definitions) = match svg.find("<defs><symbol id=\"g") {
            Some(at) => svg.split_at(at),
            None => (svg, ""),
        };
        let after = definitions.find("</defs>").map_or("", |end| &definitions[end + 7..]);
        let definitions = &definitions[..definitions.len() - after.len()];
        for symbol in definitions.split(DEFINITION).skip(1) {
            let Some((id, rest)) = symbol.split_once('"') else { continue };
            if !self.known.contains_key(id) {
                let number = self.glyphs.len();
                let rest = rest.trim_end_matches("</defs>");
                self.glyphs.push(format!("{DEFINITION}g{number}\"{rest}"));
                self.known.insert(id.into(), number);
            }
        }
        let mut rest = body;
        while let Some(at) = rest.find(USE) {
            shared.push_str(&rest[..at]);
            let id_at = at + USE.len() - 1;
            let id_end = id_at + rest[id_at..].find('"').unwrap_or(0);
            let end = at + rest[at..].find("/>").map_or(rest.len() - at, |end| end + 2);
            match self.known.get(&rest[id_at..id_end]) {
                Some(number) => {
                    shared.push_str(&format!("<use href=\"#g{number}\""));
                    let plain = rest[id_end + 1..end]
                        .replace(" y=\"0\"", "")
                        .replace(" fill=\"#000000\"", "")
                        .replace(" fill-rule=\"nonzero\"", "");
                    shared.push_str(&plain);
                }
                None => shared.push_str(&rest[at..end]),
            }
            rest = &rest[end..];
        }
        shared.push_str(rest);
        shared.push_str(after);
        shared
    }
}
