//! A copy's facts → the code (追踪码) printed on it; a picture → the codes found in it.

use image::GrayImage;
use qrcode::{EcLevel, QrCode};
use typst::layout::{Abs, Frame, FrameItem, Point, Ratio, Size, Transform};
use typst::syntax::Span;
use typst::visualize::{Curve, CurveItem, FixedStroke, Geometry};

use super::ink::Ink;
use super::number::printed;
use super::sheet::filled;
use crate::source::digest::Digest;

/// The side of a module, in mm: three and a half pixels of a scan at 150 dpi.
const MODULE: f64 = 0.6;

/// The white margin around a code, in modules.
const QUIET: f64 = 4.0;

/// The largest side of a code, in mm: the space between the type area and the limit of what
/// printers can print at a page's foot. A longer text gets smaller modules.
const ROOM: f64 = 25.0;

/// The place of codes, in mm: their left edge, and the lower edge of the largest.
const LEFT: f64 = 28.0;
const FOOT: f64 = 290.0;

/// The top of a code of the usual size, in mm: clear of the type area.
const TOP: f64 = 269.0;

/// The beginning of each code's text.
const PREFIX: &str = "jb:";

/// How many check digits a code has.
const CHECK_DIGITS: usize = 8;

/// The content of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The issue: `fugong/2014-16`.
    pub issue: String,
    /// The copy number (份号).
    pub number: u32,
    /// The check digits (校验码) of the copy: see [`check_digits`].
    pub check_digits: String,
}

/// The check digits (校验码) of a copy, which change with the recipient and with the issue's text,
/// whose digest is `digest`. They distinguish print runs; they are not a seal, since anyone with
/// the four values can compute them.
pub fn check_digits(issue: &str, digest: Digest, number: u32, recipient: &str) -> String {
    let digits = Digest::of_value(&(issue, digest, number, recipient)).to_string();
    digits[..CHECK_DIGITS].into()
}

impl Code {
    /// The text of the code.
    pub fn text(&self) -> String {
        format!("{PREFIX}{}:{}:{}", self.issue, printed(self.number), self.check_digits)
    }

    /// Reads a text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix(PREFIX)?.rsplitn(3, ':');
        let check_digits = parts.next().filter(|digits| digits.len() == CHECK_DIGITS)?.into();
        let number = parts.next()?.parse().ok()?;
        let issue = parts.next()?.into();
        Some(Code { issue, number, check_digits })
    }

    /// The code as a square of black areas, where it stands on page 1: in the foot's margin at the
    /// left, where that page has no number.
    pub fn frame(&self) -> Frame {
        // At level Q a code stays readable with a quarter of it lost.
        let code = QrCode::with_error_correction_level(self.text(), EcLevel::Q);
        let code = code.expect("a path and some digits fit in a code");
        let width = code.width();
        let dark = |x: usize, y: usize| code[(x, y)] == qrcode::Color::Dark;
        // Dark modules side by side become one stroke of whole modules: few bytes per copy.
        let mut curve = Curve::new();
        let at = |x: usize, y: usize| Point::new(Abs::pt(x as f64), Abs::pt(y as f64));
        for y in 0..width {
            let mut x = 0;
            while x < width {
                let start = x;
                while x < width && dark(x, y) {
                    x += 1;
                }
                if x > start {
                    curve.0.extend([CurveItem::Move(at(start, y)), CurveItem::Line(at(x, y))]);
                }
                x += 1;
            }
        }
        let stroke = FixedStroke::from_pair(Ink::Black.tint(1.0), Abs::pt(1.0));
        let shape = Geometry::Curve(curve).stroked(stroke);
        let mut modules = Frame::soft(Size::splat(Abs::pt(width as f64)));
        // The white margin keeps a watermark off the code.
        let quiet = Geometry::Rect(Size::splat(Abs::pt(width as f64 + 2.0 * QUIET)));
        let quiet = FrameItem::Shape(filled(quiet, Ink::Black, 0.0), Span::detached());
        modules.push(Point::splat(Abs::pt(-QUIET)), quiet);
        let half = Point::with_y(Abs::pt(0.5));
        modules.push(half, FrameItem::Shape(shape, Span::detached()));
        let module = MODULE.min(ROOM / width as f64);
        let top = TOP.min(FOOT - module * width as f64);
        let scale = Ratio::new(Abs::mm(module).to_pt());
        let corner = Transform::translate(Abs::mm(LEFT), Abs::mm(top));
        modules.transform(corner.pre_concat(Transform::scale(scale, scale)));
        modules
    }
}

/// A picture of fewer pixels is searched enlarged, one of more pixels reduced.
const SMALL: u64 = 5_000_000;

/// Finds the codes in a picture. Scans are noisy and photos blurred: the picture is searched as it
/// is, smoothed, and in other sizes, until a code is found.
pub fn find(picture: &GrayImage) -> Vec<Code> {
    let (width, height) = picture.dimensions();
    let resized = |picture: &GrayImage, share: f32| {
        let part = |length: u32| ((length as f32 * share) as u32).max(1);
        let filter = image::imageops::FilterType::CatmullRom;
        image::imageops::resize(picture, part(width), part(height), filter)
    };
    let smooth = |sigma: f32| image::imageops::blur(picture, sigma);
    let is_small = u64::from(width) * u64::from(height) < SMALL;
    // One threshold for the whole picture copes with noise, many local ones with uneven light.
    let looks: [(bool, &dyn Fn() -> GrayImage); 7] = [
        (true, &|| picture.clone()),
        (is_small, &|| black_and_white(resized(&smooth(0.7), 2.5))),
        (is_small, &|| black_and_white(resized(picture, 2.0))),
        (is_small, &|| resized(&smooth(0.7), 3.0)),
        (!is_small, &|| black_and_white(smooth(0.9))),
        (!is_small, &|| resized(picture, 0.5)),
        (!is_small, &|| resized(picture, 0.25)),
    ];
    for (_, look) in looks.into_iter().filter(|(fits, _)| *fits) {
        let look = look();
        let (width, height) = look.dimensions();
        let grey = |x: usize, y: usize| look.get_pixel(x as u32, y as u32).0[0];
        let mut prepared =
            rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, grey);
        let mut found: Vec<Code> = prepared
            .detect_grids()
            .iter()
            .filter_map(|grid| grid.decode().ok())
            .filter_map(|(_, text)| Code::parse(&text))
            .collect();
        found.dedup();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// A picture in black and white: the threshold is halfway between its ink and its paper.
fn black_and_white(mut picture: GrayImage) -> GrayImage {
    let mut shades: Vec<u8> = picture.pixels().step_by(7).map(|pixel| pixel.0[0]).collect();
    shades.sort_unstable();
    let (ink, paper) = (shades[shades.len() / 100], shades[shades.len() / 2]);
    let threshold = ink / 2 + paper / 2;
    picture.pixels_mut().for_each(|pixel| pixel.0 = [if pixel.0[0] < threshold { 0 } else { 255 }]);
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_from_its_text() {
        let check_digits = "0123abcd".into();
        let code = Code { issue: "fugong/2014-16".into(), number: 123, check_digits };
        assert_eq!(code.text(), "jb:fugong/2014-16:000123:0123abcd");
        assert_eq!(Code::parse(&code.text()), Some(code));
        for other in ["", "jb:", "jb:a/1:x:0123abcd", "https://example.org/1:2:3"] {
            assert_eq!(Code::parse(other), None);
        }
    }
}
