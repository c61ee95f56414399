//! Laid-out pages → the same pages in the two inks of the press.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use image::{DynamicImage, ImageFormat};
use typst::foundations::{Bytes, Smart};
use typst::layout::{Frame, FrameItem, Ratio, Transform};
use typst::visualize::{
    Color, ExchangeFormat, FixedStroke, Image, ImageKind, Paint, ProcessColor, RasterFormat,
    RasterImage, SpotColor, SpotColorant, SpotColorantName,
};

use crate::page::frames;

/// An ink (墨).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ink {
    /// Black (BL 100 %); pictures are printed in it too.
    Black,
    /// Red (Y 80 % + M 80 %).
    Red,
    /// Every ink of the side: for the marks beside a page with red.
    All,
}

impl Ink {
    /// The name in the PDF. PDF reserves `Black` and `All` for these two.
    pub fn name(self) -> &'static str {
        match self {
            Ink::Black => "Black",
            Ink::Red => "Red",
            Ink::All => "All",
        }
    }

    /// The shares of cyan, magenta, yellow and black that look like the ink.
    pub fn cmyk(self) -> [u8; 4] {
        match self {
            Ink::Black => [0, 0, 0, 255],
            Ink::Red => [0, 204, 204, 0],
            Ink::All => [255; 4],
        }
    }

    /// The ink at a share of its strength.
    pub fn tint(self, tint: f64) -> Color {
        static COLORANTS: LazyLock<[Arc<SpotColorant>; 3]> = LazyLock::new(|| {
            let colorant = |ink: Ink, look: ProcessColor| {
                let name = match ink {
                    Ink::All => SpotColorantName::All,
                    _ => SpotColorantName::Custom(ink.name().into()),
                };
                Arc::new(SpotColorant { name: Some(name), fallback: look })
            };
            [
                colorant(Ink::Black, grey(0)),
                colorant(Ink::Red, rgb(RED)),
                colorant(Ink::All, grey(0)),
            ]
        });
        let colorant = COLORANTS[self as usize].clone();
        Color::Spot(SpotColor::new(colorant, Ratio::new(tint)))
    }

    /// The ink and the tint that a colour made by [`Ink::tint`] stands for.
    pub fn of(colour: &Color) -> Option<(Ink, f64)> {
        let Color::Spot(spot) = colour else { return None };
        let ink = match spot.colorant.name.as_ref()? {
            SpotColorantName::All => Ink::All,
            SpotColorantName::Custom(name) if name == Ink::Red.name() => Ink::Red,
            SpotColorantName::Custom(name) if name == Ink::Black.name() => Ink::Black,
            SpotColorantName::Custom(_) => return None,
        };
        Some((ink, spot.tint.get()))
    }
}

/// The red of `layouts/shared/system.typ`, as the screen shows it.
const RED: [u8; 3] = [0xe8, 0x44, 0x2a];

/// Colours that differ by less are the same red: some were converted between colour spaces.
const NEAR: f64 = 0.02;

fn rgb([r, g, b]: [u8; 3]) -> ProcessColor {
    Color::from_u8(r, g, b, 255).to_process()
}

fn grey(value: u8) -> ProcessColor {
    rgb([value; 3])
}

/// Content that the two inks cannot print.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stray {
    /// A colour that is neither red nor grey.
    Colour(String),
    /// A gradient or a pattern.
    Pattern,
    /// A vector picture, which has colours of its own.
    Drawing,
}

/// How the inks of a page are mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Each ink is a spot colour (专色): other colours than red and black cannot be printed.
    Spot,
    /// Process colours (四色); black is printed with black alone.
    Process,
}

/// Separates a page into its inks, and reports what they cannot print. `only` keeps a single ink:
/// that of a plate, or black for paper preprinted in red.
pub fn separate(
    page: &Frame,
    colours: Colours,
    only: Option<Ink>,
    strays: &mut BTreeSet<Stray>,
) -> Frame {
    let mut separation = Separation { colours, only, strays };
    frames::map(page, Transform::identity(), &mut |_, item| separation.item(item))
}

/// The inks of a separated page.
pub fn inks(frame: &Frame) -> BTreeSet<Ink> {
    let mut found = BTreeSet::new();
    frames::walk(frame, Transform::identity(), &mut |_, item| {
        let mut paint = |paint: &Paint| {
            if let Paint::Solid(colour) = paint {
                found.extend(Ink::of(colour).filter(|(_, tint)| *tint > 0.0).map(|(ink, _)| ink));
            }
        };
        match item {
            FrameItem::Text(text) => {
                paint(&text.fill);
                text.stroke.iter().for_each(|stroke| paint(&stroke.paint));
            }
            FrameItem::Shape(shape, _) => {
                shape.fill.iter().for_each(&mut paint);
                shape.stroke.iter().for_each(|stroke| paint(&stroke.paint));
            }
            FrameItem::Image(..) => {
                found.insert(Ink::Black);
            }
            _ => {}
        }
    });
    found
}

struct Separation<'a> {
    colours: Colours,
    only: Option<Ink>,
    strays: &'a mut BTreeSet<Stray>,
}

impl Separation<'_> {
    fn item(&mut self, item: &FrameItem) -> Option<FrameItem> {
        Some(match item {
            FrameItem::Text(text) => {
                let mut text = text.clone();
                text.fill = self.paint(&text.fill)?;
                text.stroke = text.stroke.and_then(|stroke| self.stroke(stroke));
                FrameItem::Text(text)
            }
            FrameItem::Shape(shape, span) => {
                let mut shape = shape.clone();
                shape.fill = shape.fill.and_then(|fill| self.paint(&fill));
                shape.stroke = shape.stroke.and_then(|stroke| self.stroke(stroke));
                if shape.fill.is_none() && shape.stroke.is_none() {
                    return None;
                }
                FrameItem::Shape(shape, *span)
            }
            FrameItem::Image(image, size, span) => {
                if self.only == Some(Ink::Red) {
                    return None;
                }
                FrameItem::Image(self.picture(image), *size, *span)
            }
            other => other.clone(),
        })
    }

    fn stroke(&mut self, mut stroke: FixedStroke) -> Option<FixedStroke> {
        stroke.paint = self.paint(&stroke.paint)?;
        Some(stroke)
    }

    fn paint(&mut self, paint: &Paint) -> Option<Paint> {
        let Paint::Solid(colour) = paint else {
            self.strays.insert(Stray::Pattern);
            return Some(paint.clone());
        };
        let Some((ink, tint)) = Ink::of(colour).or_else(|| ink(colour)) else {
            if self.colours == Colours::Spot {
                self.strays.insert(Stray::Colour(colour.to_hex().into()));
            }
            // Preprinted paper carries red alone: a colour mixed from process inks is still
            // printed.
            return (self.only != Some(Ink::Red)).then(|| paint.clone());
        };
        match self.only {
            // A tint of zero is white, which every plate keeps.
            Some(only) if tint == 0.0 => Some(only.tint(0.0).into()),
            Some(only) if only != ink => None,
            _ => Some(ink.tint(tint).into()),
        }
    }

    /// A picture in grey, unless the job has process colours.
    fn picture(&mut self, image: &Image) -> Image {
        let ImageKind::Raster(raster) = image.kind() else {
            self.strays.insert(Stray::Drawing);
            return image.clone();
        };
        if self.colours == Colours::Process {
            return image.clone();
        }
        let grey = DynamicImage::ImageLuma8(on_white(raster.dynamic()).to_luma8());
        let mut bytes = std::io::Cursor::new(Vec::new());
        let format = RasterFormat::Exchange(ExchangeFormat::Png);
        let written = grey.write_to(&mut bytes, ImageFormat::Png).ok();
        let raster = written.and_then(|()| {
            RasterImage::new(Bytes::new(bytes.into_inner()), format, Smart::Auto).ok()
        });
        let raster = raster.expect("grey pixels are a PNG");
        Image::new(raster, image.alt().map(Into::into), image.scaling())
    }
}

/// A frame with all of its text in a tint of one ink.
pub fn recoloured(frame: &Frame, ink: Ink, tint: f64) -> Frame {
    frames::map(frame, Transform::identity(), &mut |_, item| {
        let mut item = item.clone();
        if let FrameItem::Text(text) = &mut item {
            text.fill = Paint::Solid(ink.tint(tint));
        }
        Some(item)
    })
}

/// A picture on white, without transparency.
pub fn on_white(picture: &DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return picture.clone();
    }
    let mut flat = picture.to_rgba8();
    for pixel in flat.pixels_mut() {
        let alpha = u16::from(pixel[3]);
        for channel in 0..3 {
            let over_white = u16::from(pixel[channel]) * alpha + 255 * (255 - alpha);
            pixel[channel] = (over_white / 255) as u8;
        }
        pixel[3] = 255;
    }
    DynamicImage::ImageRgba8(flat).to_rgb8().into()
}

/// The ink that looks like a screen colour, and its tint.
fn ink(colour: &Color) -> Option<(Ink, f64)> {
    let parts = colour.to_process().to_space(typst::visualize::ProcessColorSpace::Srgb).to_vec4();
    let [r, g, b, alpha] = parts.map(f64::from);
    // A transparent colour on white paper looks lighter.
    let [r, g, b] = [r, g, b].map(|part| 1.0 - (1.0 - part) * alpha);
    if (r - g).abs() < NEAR && (g - b).abs() < NEAR {
        let tint = 1.0 - (r + g + b) / 3.0;
        return Some((Ink::Black, if tint < NEAR / 2.0 { 0.0 } else { tint }));
    }
    let full = RED.map(|part| 1.0 - f64::from(part) / 255.0);
    // Green and blue carry the tint; red itself hardly darkens.
    let tint = ((1.0 - g) / full[1] + (1.0 - b) / full[2]) / 2.0;
    let is_red =
        [r, g, b].iter().zip(full).all(|(part, full)| (1.0 - part - full * tint).abs() < NEAR);
    (is_red && tint < 1.0 + NEAR).then_some((Ink::Red, if tint > 1.0 - NEAR { 1.0 } else { tint }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screen_s_colours_are_inks() {
        let of = |r, g, b, a| ink(&Color::from_u8(r, g, b, a));
        assert_eq!(of(0, 0, 0, 255), Some((Ink::Black, 1.0)));
        assert_eq!(of(255, 255, 255, 255), Some((Ink::Black, 0.0)));
        assert_eq!(of(0xe8, 0x44, 0x2a, 255), Some((Ink::Red, 1.0)));
        let (ink, tint) = of(0xe8, 0x44, 0x2a, 128).expect("a lighter red");
        assert!(ink == Ink::Red && (tint - 0.5).abs() < 0.01, "{tint}");
        assert_eq!(of(0, 0, 255, 255), None);
        assert_eq!(of(0, 128, 0, 255), None);
    }

    #[test]
    fn the_red_is_the_layouts() {
        let system = include_str!("../../layouts/shared/system.typ");
        let [r, g, b] = RED;
        assert!(system.contains(&format!("red = rgb(\"#{r:02x}{g:02x}{b:02x}\")")));
    }
}
