//! The text of a PDF → lines: the last resort, since a PDF knows places and not paragraphs.

use std::panic::catch_unwind;

use hayro_cmap::BfString;
use hayro_interpret::font::GlyphRun;
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, SoftMask, interpret_page,
};
use hayro_syntax::Pdf;
use kurbo::{Affine, BezPath, Rect};

use super::ImportError;
use super::line::{Align, Line, Piece, Source, is_invisible};
use super::reader::remark;

/// More pages than any issue has.
const MOST_PAGES: usize = 400;

/// Reads a PDF.
pub fn read(bytes: &[u8]) -> Result<Source, ImportError> {
    let bytes = bytes.to_vec();
    // A damaged file must not take the others with it.
    let pages = catch_unwind(move || pages(bytes)).unwrap_or(None);
    let pages = pages.ok_or_else(|| ImportError::new("import-broken-pdf", ""))?;
    let mut source = Source { remarks: vec![remark("import-from-pdf", "")], ..Source::default() };
    let mut number = 0;
    for glyphs in pages {
        lines(glyphs, &mut number, &mut source.lines);
    }
    if source.lines.is_empty() {
        return Err(ImportError::new("import-pdf-without-text", ""));
    }
    Ok(source)
}

/// A character with its place, y upwards, and its size.
struct Glyph {
    text: String,
    x: f64,
    y: f64,
    size: f64,
}

fn pages(bytes: Vec<u8>) -> Option<Vec<Vec<Glyph>>> {
    let pdf = Pdf::new(bytes).ok()?;
    let cache = InterpreterCache::new();
    let pages = pdf.pages();
    let pages = pages.iter().take(MOST_PAGES).map(|page| {
        let mut device = TextDevice::default();
        let bounds = Rect::new(0.0, 0.0, 1.0, 1.0);
        let settings = InterpreterSettings::default();
        let mut context = Context::new(Affine::IDENTITY, bounds, &cache, pdf.xref(), settings);
        interpret_page(page, &mut context, &mut device);
        device.glyphs
    });
    Some(pages.collect())
}

/// Gathers a page's characters into lines.
fn lines(mut glyphs: Vec<Glyph>, number: &mut usize, into: &mut Vec<Line>) {
    glyphs.retain(|glyph| !glyph.text.trim().is_empty() && glyph.size > 0.0);
    let left = glyphs.iter().map(|glyph| glyph.x).fold(f64::INFINITY, f64::min);
    let right = glyphs.iter().map(|glyph| glyph.x + glyph.size).fold(0.0, f64::max);
    glyphs.sort_by(|a, b| b.y.total_cmp(&a.y));
    let mut rows: Vec<Vec<Glyph>> = Vec::new();
    for glyph in glyphs {
        match rows.last_mut() {
            Some(row) if row[0].y - glyph.y < row[0].size.max(glyph.size) * 0.5 => row.push(glyph),
            _ => rows.push(vec![glyph]),
        }
    }
    for mut row in rows {
        row.sort_by(|a, b| a.x.total_cmp(&b.x));
        *number += 1;
        let size = row.iter().map(|glyph| glyph.size).fold(0.0, f64::max);
        let (start, end) = (row[0].x, row.last().map_or(0.0, |glyph| glyph.x + glyph.size));
        let mut text = String::new();
        let mut edge = start;
        for glyph in &row {
            let blanks = ((glyph.x - edge) / size * 2.0).round();
            if blanks >= 1.0 && !text.is_empty() {
                text.push_str(&" ".repeat((blanks as usize).min(40)));
            }
            text.extend(glyph.text.chars().filter(|c| !is_invisible(*c)));
            let wide = !glyph.text.is_ascii();
            edge = glyph.x + glyph.size * if wide { 1.0 } else { 0.55 };
        }
        let (before, after) = (start - left, right - end);
        let width = right - left;
        let align = if before > 2.6 * size && (before - after).abs() < size * 1.5 {
            Align::Center
        } else if before > width * 0.45 && after < size * 4.5 {
            Align::End
        } else {
            Align::Start
        };
        let piece = Piece { text, ..Piece::default() };
        let indent = (before / size) as f32;
        into.push(Line {
            number: *number,
            pieces: vec![piece],
            indent,
            align,
            size: Some(size.round() as f32),
            ..Line::default()
        });
    }
}

#[derive(Default)]
struct TextDevice {
    glyphs: Vec<Glyph>,
}

impl<'a> Device<'a> for TextDevice {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            let text = match glyph.as_unicode() {
                Some(BfString::Char(c)) => c.to_string(),
                Some(BfString::String(s)) => s,
                None => '\u{fffd}'.to_string(),
            };
            let [_, _, c, d, x, y] = (props.transform * glyph.transform()).as_coeffs();
            // Outlines are of a thousand units to the em.
            let size = (c * c + d * d).sqrt() * 1000.0;
            self.glyphs.push(Glyph { text, x, y, size });
        }
    }
}
