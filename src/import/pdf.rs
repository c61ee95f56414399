//! The text of a PDF → lines: the last resort, since a PDF records places and not paragraphs.

use crate::compare::drawing::{self, Glyph, Reader};

use super::code::{ErrorCode, ImportError, RemarkCode};
use super::line::{Align, Line, Piece, Remark, Source, is_invisible};

/// The most pages read, which is more than any issue has.
const MOST_PAGES: usize = 400;

/// Reads a PDF.
pub fn read(bytes: &[u8]) -> Result<Source, ImportError> {
    let broken = || ImportError::new(ErrorCode::BrokenPdf, "");
    let pdf = drawing::open(bytes.to_vec()).map_err(|_| broken())?;
    let mut reader = Reader::new(&pdf).with_hidden();
    let pages = 0..pdf.pages().len().min(MOST_PAGES);
    let pages: Result<Vec<Vec<Glyph>>, _> =
        pages.map(|page| reader.page(page).map(|drawing| drawing.glyphs)).collect();
    let pages = pages.map_err(|_| broken())?;
    let mut source =
        Source { remarks: vec![Remark::of_file(RemarkCode::FromPdf, "")], ..Source::default() };
    let mut number = 0;
    for glyphs in pages {
        lines(glyphs, &mut number, &mut source.lines);
    }
    if source.lines.is_empty() {
        return Err(ImportError::new(ErrorCode::PdfWithoutText, ""));
    }
    Ok(source)
}

/// Gathers a page's characters into lines.
fn lines(mut glyphs: Vec<Glyph>, number: &mut usize, into: &mut Vec<Line>) {
    glyphs.retain(|glyph| !glyph.text.trim().is_empty() && glyph.size > 0.0);
    let left = glyphs.iter().map(|glyph| glyph.x).fold(f64::INFINITY, f64::min);
    let right = glyphs.iter().map(|glyph| glyph.x + glyph.size).fold(0.0, f64::max);
    glyphs.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut rows: Vec<Vec<Glyph>> = Vec::new();
    for glyph in glyphs {
        match rows.last_mut() {
            Some(row) if glyph.y - row[0].y < row[0].size.max(glyph.size) * 0.5 => row.push(glyph),
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
