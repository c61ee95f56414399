//! A page of a PDF → its pixels, by a renderer that is independent of Typst.

use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use hayro_interpret::InterpreterSettings;
use hayro_syntax::Pdf;

use super::drawing::{Fault, unharmed};
use crate::source::limits;

/// Points in an inch.
const INCH: f64 = 72.0;

/// The pixels of a page: red, green, blue and alpha, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Four bytes per pixel.
    pub pixels: Vec<u8>,
}

/// Renders the pages of one PDF.
pub struct Rasteriser<'a> {
    pdf: &'a Pdf,
    cache: RenderCache<'a>,
    settings: InterpreterSettings,
    scale: f64,
    is_exact: bool,
}

impl<'a> Rasteriser<'a> {
    /// A renderer of `pdf` with `resolution` pixels per inch.
    pub fn new(pdf: &'a Pdf, resolution: f64) -> Self {
        Rasteriser {
            pdf,
            cache: RenderCache::new(),
            settings: InterpreterSettings::default(),
            scale: resolution / INCH,
            is_exact: false,
        }
    }

    /// Draws each glyph at its exact place instead of on the nearest pixel: slower, but closer to
    /// other renderers.
    pub fn exact(self) -> Self {
        Rasteriser { is_exact: true, ..self }
    }

    /// Renders one page, counted from 0.
    pub fn page(&self, index: usize) -> Result<Raster, Fault> {
        let page = self.pdf.pages().get(index).ok_or(Fault::Damaged)?;
        let (width, height) = page.render_dimensions();
        if f64::from(width) * f64::from(height) * self.scale * self.scale > limits::PAGE_PIXELS {
            return Err(Fault::TooLarge);
        }
        let scale = self.scale as f32;
        let look = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
        // Without hinting the pixels depend on the outlines alone, and the digest covers the
        // outlines.
        let glyph_caching = !self.is_exact;
        let how = RenderSettings { hinting: false, glyph_caching, ..RenderSettings::default() };
        unharmed(|| {
            let shown = hayro::render(page, &self.cache, &self.settings, &how, &look);
            let (width, height) = (shown.width().into(), shown.height().into());
            Ok(Raster { width, height, pixels: shown.data_as_u8_slice().to_vec() })
        })
    }
}

impl Raster {
    /// Three bytes per pixel: pages have white paper and no transparency.
    pub fn rgb(&self) -> Vec<u8> {
        self.pixels.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
    }

    /// The page as a PNG, encoded quickly rather than small: pictures of a report are temporary.
    pub fn png(&self) -> Vec<u8> {
        let is_grey = self.pixels.chunks_exact(4).all(|p| p[0] == p[1] && p[1] == p[2]);
        let (colour, data) = match is_grey {
            true => (png::ColorType::Grayscale, self.pixels.iter().step_by(4).copied().collect()),
            false => (png::ColorType::Rgb, self.rgb()),
        };
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(colour);
        encoder.set_compression(png::Compression::Fast);
        let written = encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&data).and_then(|()| writer.finish()));
        debug_assert!(written.is_ok(), "memory can be written");
        bytes
    }
}
