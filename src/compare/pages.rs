//! A PDF → the drawings on its pages, and their pixels.

use hayro_syntax::Pdf;

use super::drawing::{Drawing, Fault, Reader};
use super::raster::{Raster, Rasteriser};
use super::text::Text;

/// A PDF with what is drawn on its pages.
pub struct Pages<'a> {
    /// The PDF.
    pub pdf: &'a Pdf,
    /// What is drawn on each page.
    pub drawings: Vec<Drawing>,
    faces: Vec<String>,
}

/// One page as pixels.
pub struct Sheet {
    /// The page's index.
    pub page: usize,
    /// Its width and height, in pt.
    pub size: [f64; 2],
    /// Its pixels.
    pub raster: Raster,
}

impl<'a> Pages<'a> {
    /// Reads all pages.
    pub fn read(pdf: &'a Pdf) -> Result<Self, Fault> {
        let mut reader = Reader::new(pdf);
        let pages = 0..pdf.pages().len();
        let drawings: Result<_, _> = pages.map(|page| reader.page(page)).collect();
        Ok(Pages { pdf, drawings: drawings?, faces: reader.faces })
    }

    /// Whether this program wrote the PDF.
    pub fn is_ours(&self) -> bool {
        // A program that rewrites our PDF keeps our name and adds its own.
        let is_as_written = self.pdf.metadata().producer.is_none();
        let creator = self.pdf.metadata().creator.as_ref();
        is_as_written && creator.is_some_and(|creator| creator.starts_with(b"jianbao "))
    }

    /// The text of some pages.
    pub fn text(&self, pages: impl Iterator<Item = usize>) -> Text<'_> {
        let pages = pages.map(|page| (page, &self.drawings[page])).collect();
        Text { pages, faces: &self.faces }
    }

    /// The width and height of a page, in pt.
    pub fn size(&self, page: usize) -> [f64; 2] {
        [self.drawings[page].width, self.drawings[page].height]
    }

    /// Draws a page.
    pub fn sheet(&self, page: usize, rasters: &Rasteriser<'_>) -> Result<Sheet, Fault> {
        Ok(Sheet { page, size: self.size(page), raster: rasters.page(page)? })
    }

    /// Whether a page draws the same as a page of another PDF. A page with unreadable parts has no
    /// digest and equals no other page.
    pub fn draws_as(&self, page: usize, other: &Pages<'_>, other_page: usize) -> bool {
        let digest = self.drawings[page].digest;
        digest.is_some() && digest == other.drawings[other_page].digest
    }
}

impl Sheet {
    /// Whether the two pages differ in size.
    pub fn is_resized(&self, other: &Sheet) -> bool {
        (0..2).any(|side| (self.size[side] - other.size[side]).abs() > 0.5)
    }

    /// The width and height of a sheet with room for both pages, in pt.
    pub fn sheet_with(&self, other: &Sheet) -> [f64; 2] {
        [self.size[0].max(other.size[0]), self.size[1].max(other.size[1])]
    }

    /// The page on a sheet of a given size in pixels.
    pub fn grown(self, width: usize, height: usize) -> Sheet {
        match (self.raster.width, self.raster.height) == (width, height) {
            true => self,
            false => Sheet { raster: self.raster.on_sheet(width, height), ..self },
        }
    }
}
