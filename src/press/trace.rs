//! A photo, a scan or a PDF → the codes of numbered copies on it.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use image::{DynamicImage, GrayImage, ImageReader};

use super::code::{self, Code};

/// How finely pages are drawn to look for codes, in dpi.
const DPI: f32 = 200.0;

/// No more pixels than a large photo has.
const SIDE: u32 = 20_000;

/// The codes in a file, in the order of its pages. It fails with the reader's words where the
/// file is neither a picture nor a PDF.
pub fn trace(bytes: Vec<u8>) -> Result<Vec<Code>, String> {
    if bytes.starts_with(b"%PDF") {
        let pages = drawn(bytes)?;
        return Ok(pages.flat_map(|page| code::find(&page)).collect());
    }
    let reader = ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.map_err(|error| error.to_string())?;
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| error.to_string())?;
    Ok(code::find(&super::ink::on_white(&picture).to_luma8()))
}

/// The pages of a PDF as pictures, one at a time.
fn drawn(bytes: Vec<u8>) -> Result<impl Iterator<Item = GrayImage>, String> {
    let pdf = Pdf::new(bytes).map_err(|error| format!("{error:?}"))?;
    let count = pdf.pages().len();
    Ok((0..count).filter_map(move |index| {
        let page = pdf.pages().get(index)?;
        let scale = DPI / 72.0;
        let look = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
        let (how, settings) = (RenderSettings::default(), InterpreterSettings::default());
        let pixels = render(page, &RenderCache::new(), &settings, &how, &look);
        let (width, height) = (u32::from(pixels.width()), u32::from(pixels.height()));
        let bytes = pixels.data_as_u8_slice().to_vec();
        let picture = image::RgbaImage::from_raw(width, height, bytes)?;
        Some(DynamicImage::ImageRgba8(picture).to_luma8())
    }))
}
