//! A photo, a scan or a PDF → the codes of numbered copies on it.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::page::Page;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use image::{DynamicImage, GrayImage, ImageReader};

use super::code::{self, Code};
use crate::compare::drawing::{self, Fault, Reader, unharmed};
use crate::source::limits;

/// The resolution at which pages are searched for codes, in dpi.
const DPI: f64 = 200.0;

/// Below this resolution no code can be read, however large it is on its page.
const LOWEST_DPI: f64 = 20.0;

/// The longest side of a page's picture in pixels, that of a large photo.
const SIDE: u32 = 20_000;

/// The codes in a file, in the order of its pages.
pub fn trace(bytes: Vec<u8>) -> Result<Vec<Code>, Fault> {
    if bytes.starts_with(b"%PDF") {
        return on_pages(&drawing::load(bytes)?);
    }
    if bytes.is_empty() {
        return Err(Fault::Empty);
    }
    unharmed(|| {
        let reader = ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format();
        let mut reader = reader.map_err(|_| Fault::Damaged)?;
        let mut limits = image::Limits::default();
        limits.max_image_width = Some(SIDE);
        limits.max_image_height = Some(SIDE);
        reader.limits(limits);
        let picture = reader.decode().map_err(|error| match error {
            image::ImageError::Limits(_) => Fault::TooLarge,
            _ => Fault::Damaged,
        })?;
        Ok(code::find(&super::ink::on_white(&picture).to_luma8()))
    })
}

/// The codes on the pages of a PDF. A page that cannot be drawn does not hide the codes on others.
fn on_pages(pdf: &Pdf) -> Result<Vec<Code>, Fault> {
    let mut found = Vec::new();
    let mut fault = None;
    for (index, page) in pdf.pages().iter().enumerate() {
        // Reading a page is bounded, and drawing costs little more than reading.
        let read = Reader::new(pdf).page(index);
        match read.and_then(|_| unharmed(|| drawn(page).map(|picture| code::find(&picture)))) {
            Ok(codes) => found.extend(codes),
            Err(why) => fault = fault.or(Some(why)),
        }
    }
    match fault {
        Some(fault) if found.is_empty() => Err(fault),
        _ => Ok(found),
    }
}

/// A page as a picture; a large page is drawn at a lower resolution.
fn drawn(page: &Page<'_>) -> Result<GrayImage, Fault> {
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    let by_area = (limits::PAGE_PIXELS / (width * height)).sqrt();
    let by_side = f64::from(SIDE) / width.max(height);
    let scale = (DPI / 72.0).min(by_area).min(by_side);
    if scale < LOWEST_DPI / 72.0 {
        return Err(Fault::TooLarge);
    }
    let scale = scale as f32;
    let look = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let (how, settings) = (RenderSettings::default(), InterpreterSettings::default());
    let pixels = render(page, &RenderCache::new(), &settings, &how, &look);
    let (width, height) = (u32::from(pixels.width()), u32::from(pixels.height()));
    let bytes = pixels.data_as_u8_slice().to_vec();
    let picture = image::RgbaImage::from_raw(width, height, bytes).ok_or(Fault::Damaged)?;
    Ok(DynamicImage::ImageRgba8(picture).to_luma8())
}
