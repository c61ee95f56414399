//! A page of a PDF → what is drawn on it: glyphs, rules, shapes and pictures in their places.
//!
//! Any PDF will do, also one that another program made. Places are in pt from the left top corner
//! of the page as displayed. Pages are read through hayro's `Device`, with their colours resolved,
//! because drawings are compared by appearance; `preflight` has an interpreter of its own because
//! it needs the inks unresolved and must know of anything unread.

use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_cmap::BfString;
use hayro_interpret::font::{Glyph as PdfGlyph, GlyphIdentifier, GlyphRun};
use hayro_interpret::pattern::Pattern;
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, FillRule, Image, ImageData,
    ImageDrawProps, InterpreterCache, InterpreterSettings, LumaData, Paint, SoftMask, StrokeProps,
    TransformExt as _, interpret_page,
};
use hayro_syntax::page::Page;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape as _};

use super::effort;
use crate::source::digest::Digest;
use crate::source::limits;
use crate::source::unpacked;

/// Why a PDF cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The file has no bytes, or no pages.
    Empty,
    /// The file cannot be opened without a password.
    Encrypted,
    /// The file is not a PDF, or is a damaged one.
    Damaged,
    /// The file has more bytes, pages or pixels than any bulletin.
    TooLarge,
}

/// Opens a PDF that has no more pages than a bulletin may have.
pub fn open(bytes: Vec<u8>) -> Result<Pdf, Fault> {
    let opened = load(bytes)?;
    match opened.pages().len() {
        0 => Err(Fault::Empty),
        pages if pages > limits::PAGES => Err(Fault::TooLarge),
        _ => Ok(opened),
    }
}

/// Opens a PDF of any number of pages: the copies for a whole city have thousands.
pub fn load(bytes: Vec<u8>) -> Result<Pdf, Fault> {
    if bytes.is_empty() {
        return Err(Fault::Empty);
    }
    if bytes.len() as u64 > limits::REFERENCE_BYTES {
        return Err(Fault::TooLarge);
    }
    if unpacked::tables(&bytes, limits::STREAM_BYTES) > limits::STREAM_BYTES {
        return Err(Fault::TooLarge);
    }
    unharmed(|| match Pdf::new(bytes) {
        Ok(pdf) if !unpacked::is_within(&pdf) => Err(Fault::TooLarge),
        Ok(pdf) => Ok(pdf),
        Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => Err(Fault::Encrypted),
        Err(LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm)) => {
            Err(Fault::Encrypted)
        }
        Err(_) => Err(Fault::Damaged),
    })
}

/// Runs code that may panic on a damaged file, so that other files are still read. It may also be
/// unwound with a fault.
pub fn unharmed<T>(read: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    let broken = |why: Box<dyn Any + Send>| {
        Err(why.downcast_ref::<Fault>().copied().unwrap_or(Fault::Damaged))
    };
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(broken)
}

/// What is drawn on a page.
#[derive(Debug, Clone, Default)]
pub struct Drawing {
    /// The page's width.
    pub width: f64,
    /// The page's height.
    pub height: f64,
    /// The visible glyphs with ink, in the order in which they are drawn.
    pub glyphs: Vec<Glyph>,
    /// Straight lines, drawn as such or as narrow rectangles.
    pub rules: Vec<Rule>,
    /// Everything else that is filled or drawn with a pen.
    pub shapes: Vec<Shape>,
    /// The pictures.
    pub pictures: Vec<Picture>,
    /// The digest of all that is drawn: equal digests, equal pixels. `None` where the page has
    /// something that this reader cannot follow to its end.
    pub digest: Option<Digest>,
}

/// A colour as it is shown: red, green, blue.
pub type Colour = [u8; 3];

/// A glyph on paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Glyph {
    /// The text that the glyph stands for.
    pub text: String,
    /// The glyph's origin.
    pub x: f64,
    /// The glyph's baseline.
    pub y: f64,
    /// The type size.
    pub size: f64,
    /// The outline, as a key; 0 for a glyph without an outline of its own.
    pub outline: u64,
    /// The box that the outline covers.
    pub ink: Rect,
    /// The face, as an index in [`Reader::faces`].
    pub face: usize,
    /// The colour; `None` for a pattern.
    pub colour: Option<Colour>,
}

/// A straight line that is level or upright.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// The box that the rule covers.
    pub ink: Rect,
    /// The colour; `None` for a pattern.
    pub colour: Option<Colour>,
}

impl Rule {
    /// Whether it is level.
    pub fn is_level(&self) -> bool {
        self.ink.width() >= self.ink.height()
    }

    /// The rule's thickness.
    pub fn weight(&self) -> f64 {
        self.ink.width().min(self.ink.height())
    }

    /// The rule's length.
    pub fn length(&self) -> f64 {
        self.ink.width().max(self.ink.height())
    }
}

/// An outline on paper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// The box that the shape covers.
    pub ink: Rect,
    /// The outline relative to its place, as a key.
    pub outline: u64,
    /// The colour; `None` for a pattern.
    pub colour: Option<Colour>,
}

/// A picture on paper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Picture {
    /// The box that the picture covers.
    pub ink: Rect,
    /// Width in pixels.
    pub columns: u32,
    /// Height in pixels.
    pub rows: u32,
    /// The digest of the pixels.
    pub digest: Digest,
}

/// Reads the pages of one PDF.
pub struct Reader<'a> {
    pdf: &'a Pdf,
    cache: InterpreterCache<'a>,
    settings: InterpreterSettings,
    outlines: HashMap<GlyphIdentifier, Outline>,
    pictures: HashMap<(u32, i32), (Digest, Digest)>,
    with_hidden: bool,
    /// How many marks the pages may still have.
    marks: usize,
    /// The names of the faces.
    pub faces: Vec<String>,
}

/// The outline of a glyph in thousandths of an em.
#[derive(Clone)]
struct Outline {
    key: u64,
    digest: [u8; 32],
    ink: Option<Rect>,
    face: usize,
}

/// The units of an outline to the em.
const EM: f64 = 1000.0;

/// A rule is thinner than this, in pt; a thicker box is a shape.
const THICKEST_RULE: f64 = 6.0;

impl<'a> Reader<'a> {
    /// A reader for `pdf`.
    pub fn new(pdf: &'a Pdf) -> Self {
        Reader {
            pdf,
            cache: InterpreterCache::new(),
            settings: InterpreterSettings::default(),
            outlines: HashMap::new(),
            pictures: HashMap::new(),
            with_hidden: false,
            marks: limits::ALL_MARKS,
            faces: Vec::new(),
        }
    }

    /// Includes hidden glyphs: the text laid invisibly under a scanned page.
    pub fn with_hidden(self) -> Self {
        Reader { with_hidden: true, ..self }
    }

    /// Reads one page, counted from 0.
    pub fn page(&mut self, index: usize) -> Result<Drawing, Fault> {
        unharmed(|| {
            let page = self.pdf.pages().get(index).ok_or(Fault::Damaged)?;
            self.read(page)
        })
    }

    fn read(&mut self, page: &'a Page<'a>) -> Result<Drawing, Fault> {
        if !effort::is_within(page) {
            return Err(Fault::TooLarge);
        }
        let (width, height) = page.render_dimensions();
        let (width, height) = (f64::from(width), f64::from(height));
        let mut pen = Pen {
            reader: self,
            drawing: Drawing { width, height, ..Drawing::default() },
            digest: blake3::Hasher::new(),
            is_known: true,
            operations: 0,
            edges: 0.0,
            dashes: 0.0,
            depth: 0,
        };
        pen.numbers(b'P', &[width, height]);
        let bounds = Rect::new(0.0, 0.0, width, height);
        let place = page.initial_transform(true).to_kurbo();
        let (cache, settings) = (pen.reader.cache.clone(), pen.reader.settings.clone());
        let mut context = Context::new(place, bounds, &cache, page.xref(), settings);
        interpret_page(page, &mut context, &mut pen);
        let digest = pen.is_known.then(|| Digest::from(pen.digest.finalize()));
        Ok(Drawing { digest, ..pen.drawing })
    }
}

/// Follows the drawing operations of a page.
struct Pen<'r, 'a> {
    reader: &'r mut Reader<'a>,
    drawing: Drawing,
    digest: blake3::Hasher,
    is_known: bool,
    operations: usize,
    /// The height of all edges that were drawn, in pt.
    edges: f64,
    /// How many dashes they have.
    dashes: f64,
    /// The depth within glyphs and masks that are themselves drawn, where only the digest matters.
    depth: usize,
}

impl<'a> Pen<'_, 'a> {
    /// Counts an operation: a few kB of a file can draw without end.
    fn operation(&mut self) {
        self.operations += 1;
        if self.operations > limits::OPERATIONS {
            too_large();
        }
    }

    /// Counts the edges of a path: a renderer keeps each of them row by row of pixels.
    fn edges(&mut self, path: &BezPath, transform: Affine) {
        self.edges += effort::edges(path, transform, self.drawing.height);
        if self.edges > limits::EDGES {
            too_large();
        }
    }

    /// Counts the dashes of a line.
    fn dashes(&mut self, path: &BezPath, mode: &DrawMode) {
        if let DrawMode::Stroke(stroke) | DrawMode::FillAndStroke(_, stroke) = mode {
            self.dashes += effort::dashes(path, &stroke.dash_array);
        }
        if self.dashes > limits::MARKS as f64 {
            too_large();
        }
    }

    /// Counts a mark that is kept.
    fn mark(&mut self) {
        let Drawing { glyphs, rules, shapes, pictures, .. } = &self.drawing;
        let marks = glyphs.len() + rules.len() + shapes.len() + pictures.len();
        match self.reader.marks.checked_sub(1) {
            Some(left) if marks < limits::MARKS => self.reader.marks = left,
            _ => too_large(),
        }
    }

    fn numbers(&mut self, tag: u8, numbers: &[f64]) {
        self.digest.update(&[tag]);
        for number in numbers {
            self.digest.update(&number.to_bits().to_le_bytes());
        }
    }

    fn path(&mut self, path: &BezPath) {
        hash_path(&mut self.digest, path);
    }

    fn paint(&mut self, paint: &Paint<'a>) -> Option<Colour> {
        match paint {
            Paint::Color(colour) => {
                let shown = colour.to_rgba();
                self.numbers(b'c', &shown.components().map(f64::from));
                let [r, g, b, _] = shown.to_rgba8();
                Some([r, g, b])
            }
            Paint::Pattern(pattern) => {
                self.is_known = false;
                // What the pattern draws is counted all the same.
                if let Pattern::Tiling(tiles) = &**pattern {
                    self.within(|pen| {
                        tiles.interpret(pen, Affine::IDENTITY, false);
                    });
                }
                None
            }
        }
    }

    fn props(&mut self, transform: Affine, mask: Option<&SoftMask<'a>>, blend: BlendMode) {
        self.numbers(b't', &transform.as_coeffs());
        self.digest.update(&[b'b', blend as u8]);
        if let Some(mask) = mask {
            self.mask(mask);
        }
    }

    fn mask(&mut self, mask: &SoftMask<'a>) {
        self.is_known &= mask.transfer_function().is_none();
        let background = mask.background_color().to_rgba().components().map(f64::from);
        self.numbers(b'm', &background);
        self.digest.update(format!("{:?}", mask.mask_type()).as_bytes());
        self.within(|pen| mask.interpret(pen));
        self.digest.update(b"/m");
    }

    fn within(&mut self, draw: impl FnOnce(&mut Self)) {
        self.depth += 1;
        draw(self);
        self.depth -= 1;
    }

    fn mode(&mut self, mode: &DrawMode) {
        match mode {
            DrawMode::Fill(rule) => self.fill(*rule),
            DrawMode::Stroke(stroke) => self.stroke(stroke),
            DrawMode::FillAndStroke(rule, stroke) => {
                self.fill(*rule);
                self.stroke(stroke);
            }
            DrawMode::Invisible => drop(self.digest.update(b"i")),
        }
    }

    fn fill(&mut self, rule: FillRule) {
        self.digest.update(&[b'f', (rule == FillRule::EvenOdd).into()]);
    }

    fn stroke(&mut self, stroke: &StrokeProps) {
        let numbers = [stroke.line_width, stroke.miter_limit, stroke.dash_offset].map(f64::from);
        self.numbers(b's', &numbers);
        let dashes: Vec<f64> = stroke.dash_array.iter().copied().map(f64::from).collect();
        self.numbers(b'd', &dashes);
        self.digest.update(&[stroke.line_cap as u8, stroke.line_join as u8]);
    }

    /// The box that a path covers.
    fn ink(path: &BezPath, transform: Affine, mode: &DrawMode) -> Rect {
        let ink = (transform * path).bounding_box();
        match mode {
            DrawMode::Stroke(stroke) | DrawMode::FillAndStroke(_, stroke) => {
                let half = f64::from(stroke.line_width) * scale(transform) / 2.0;
                // A butt cap does not extend a straight line beyond its ends.
                let blunt = stroke.line_cap == kurbo::Cap::Butt && is_segment(path);
                let (dx, dy) = match (blunt, ink.width() >= ink.height()) {
                    (true, true) => (0.0, half),
                    (true, false) => (half, 0.0),
                    _ => (half, half),
                };
                ink.inflate(dx, dy)
            }
            _ => ink,
        }
    }

    fn glyph(&mut self, glyph: &PdfGlyph<'a>) -> Outline {
        let PdfGlyph::Outline(glyph) = glyph else {
            return Outline { key: 0, digest: [0; 32], ink: None, face: self.face("Type 3") };
        };
        let id = glyph.identifier();
        if let Some(known) = self.reader.outlines.get(&id) {
            return known.clone();
        }
        let path = glyph.outline();
        let mut hasher = blake3::Hasher::new();
        hash_path(&mut hasher, &path);
        let digest = *hasher.finalize().as_bytes();
        let name = glyph.font_data().and_then(|font| font.postscript_name).unwrap_or_default();
        let outline = Outline {
            key: key(&digest),
            digest,
            ink: (!path.elements().is_empty()).then(|| path.bounding_box()),
            face: self.face(without_subset(&name)),
        };
        self.reader.outlines.insert(id, outline.clone());
        outline
    }

    fn face(&mut self, name: &str) -> usize {
        let faces = &mut self.reader.faces;
        faces.iter().position(|face| face == name).unwrap_or_else(|| {
            faces.push(name.into());
            faces.len() - 1
        })
    }

    /// The digests of a picture: of its pixels alone, and of its pixels and encoded data.
    fn picture(&mut self, image: &Image<'a, '_>) -> (Digest, Digest) {
        let stream = match image {
            Image::Stencil(image) => image.stream(),
            Image::Raster(image) => image.stream(),
        };
        // An inline picture has no object number.
        let id = stream.obj_id();
        let id = stream.dict().obj_id().map(|_| (id.obj_number, id.gen_number));
        if let Some(known) = id.and_then(|id| self.reader.pictures.get(&id)) {
            return *known;
        }
        let mut hasher = blake3::Hasher::new();
        match image {
            Image::Stencil(image) => {
                image.with_stencil(|luma, _| hash_luma(&mut hasher, &luma), None);
            }
            Image::Raster(image) => {
                let pixels = |colours: ImageData, alpha: Option<LumaData>| {
                    match colours {
                        ImageData::Rgb(rgb) => {
                            let facts = (rgb.width, rgb.height, rgb.interpolate);
                            hasher.update(format!("{facts:?} {:?}", rgb.scale_factors).as_bytes());
                            hasher.update(&rgb.data);
                        }
                        ImageData::Luma(luma) => hash_luma(&mut hasher, &luma),
                    }
                    alpha.iter().for_each(|alpha| hash_luma(&mut hasher, alpha));
                };
                image.with_rgba(pixels, None);
            }
        }
        let pixels = Digest::from(hasher.finalize());
        // A smaller rendering may be decoded from the encoded data instead of from all pixels.
        hasher.update(&stream.raw_data());
        let both = (pixels, Digest::from(hasher.finalize()));
        if let Some(id) = id {
            self.reader.pictures.insert(id, both);
        }
        both
    }
}

impl<'a> Device<'a> for Pen<'_, 'a> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.operation();
        self.edges(path, props.transform);
        self.dashes(path, mode);
        self.digest.update(b"p");
        self.props(props.transform, props.soft_mask.as_ref(), props.blend_mode);
        self.mode(mode);
        self.path(path);
        let colour = self.paint(&props.paint);
        if self.depth > 0 || matches!(mode, DrawMode::Invisible) || path.elements().is_empty() {
            return;
        }
        self.mark();
        let ink = Self::ink(path, props.transform, mode);
        let rule = Rule { ink, colour };
        let is_straight = is_segment(path) || is_rectangle(path);
        if is_straight && rule.weight() < THICKEST_RULE && rule.length() > 2.0 * rule.weight() {
            self.drawing.rules.push(rule);
            return;
        }
        let mut hasher = blake3::Hasher::new();
        // Relative to its place and rounded to a thousandth: an outline has the same key anywhere.
        let place = Affine::translate((-ink.x0, -ink.y0)) * props.transform;
        for element in (place * path).elements() {
            hasher.update(rounded(element).as_bytes());
        }
        let outline = key(hasher.finalize().as_bytes());
        self.drawing.shapes.push(Shape { ink, outline, colour });
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.operation();
        self.edges(&clip.path, Affine::IDENTITY);
        self.digest.update(b"k");
        self.fill(clip.fill);
        self.path(&clip.path);
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.operation();
        self.numbers(b'r', &[rect.x0, rect.y0, rect.x1, rect.y1]);
    }

    fn push_transparency_group(
        &mut self,
        opacity: f32,
        mask: Option<SoftMask<'a>>,
        blend: BlendMode,
    ) {
        self.operation();
        self.numbers(b'g', &[f64::from(opacity)]);
        self.props(Affine::IDENTITY, mask.as_ref(), blend);
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.digest.update(b"G");
        self.props(props.transform, props.soft_mask.as_ref(), props.blend_mode);
        self.mode(mode);
        let colour = self.paint(&props.paint);
        for glyph in run.glyphs() {
            self.operation();
            let outline = self.glyph(glyph);
            self.numbers(b'g', &glyph.transform().as_coeffs());
            self.digest.update(&outline.digest);
            if let PdfGlyph::Type3(drawn) = &**glyph {
                let (place, own) = (props.transform, glyph.transform());
                self.within(|pen| drawn.interpret(pen, place, own, &props.paint));
            }
            let is_hidden = matches!(mode, DrawMode::Invisible) && !self.reader.with_hidden;
            if self.depth > 0 || is_hidden {
                continue;
            }
            self.mark();
            let text = match glyph.as_unicode() {
                Some(BfString::Char(c)) => c.to_string(),
                Some(BfString::String(s)) => s,
                None => '\u{fffd}'.to_string(),
            };
            let place = props.transform * glyph.transform();
            let [_, _, c, d, x, y] = place.as_coeffs();
            let size = (c * c + d * d).sqrt() * EM;
            let nowhere = Rect::from_points(Point::new(x, y), Point::new(x, y));
            let ink = outline.ink.map_or(nowhere, |ink| place.transform_rect_bbox(ink));
            let (face, outline) = (outline.face, outline.key);
            self.drawing.glyphs.push(Glyph { text, x, y, size, outline, ink, face, colour });
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.operation();
        self.digest.update(b"I");
        self.props(props.transform, props.soft_mask.as_ref(), props.blend_mode);
        let (columns, rows) = (image.width(), image.height());
        if u64::from(columns) * u64::from(rows) > limits::PICTURE_PIXELS {
            too_large();
        }
        if let Image::Stencil(image) = &image {
            let mut unknown = false;
            let known = &mut unknown;
            let mut colour = None;
            image.with_stencil(
                |_, paint| match paint {
                    Paint::Color(shown) => colour = Some(shown.to_rgba().components()),
                    Paint::Pattern(_) => *known = true,
                },
                Some((1, 1)),
            );
            self.is_known &= !unknown;
            self.numbers(b'c', &colour.unwrap_or_default().map(f64::from));
        }
        let (pixels, all) = self.picture(&image);
        self.digest.update(all.as_bytes());
        if self.depth == 0 {
            self.mark();
            // PDF draws a picture on the unit square.
            let square = Rect::new(0.0, 0.0, f64::from(columns), f64::from(rows));
            let ink = props.transform.transform_rect_bbox(square);
            self.drawing.pictures.push(Picture { ink, columns, rows, digest: pixels });
        }
    }

    fn pop_clip(&mut self) {
        self.digest.update(b"K");
    }

    fn pop_transparency_group(&mut self) {
        self.digest.update(b"/");
    }
}

/// Leaves the interpreter, which cannot be told to stop; [`unharmed`] hands the fault on.
fn too_large() -> ! {
    std::panic::resume_unwind(Box::new(Fault::TooLarge))
}

fn hash_luma(hasher: &mut blake3::Hasher, luma: &LumaData) {
    let facts = (luma.width, luma.height, luma.interpolate);
    hasher.update(format!("{facts:?} {:?}", luma.scale_factors).as_bytes());
    hasher.update(&luma.data);
}

fn hash_path(hasher: &mut blake3::Hasher, path: &BezPath) {
    let mut bytes = Vec::with_capacity(path.elements().len() * 17 + 1);
    for element in path.elements() {
        let (tag, points): (u8, &[Point]) = match element {
            PathEl::MoveTo(to) => (b'm', &[*to]),
            PathEl::LineTo(to) => (b'l', &[*to]),
            PathEl::QuadTo(by, to) => (b'q', &[*by, *to]),
            PathEl::CurveTo(from, by, to) => (b'c', &[*from, *by, *to]),
            PathEl::ClosePath => (b'z', &[]),
        };
        bytes.push(tag);
        for point in points {
            bytes.extend(point.x.to_bits().to_le_bytes());
            bytes.extend(point.y.to_bits().to_le_bytes());
        }
    }
    bytes.push(b'.');
    hasher.update(&bytes);
}

fn key(digest: &[u8; 32]) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|at| digest[at]))
}

fn rounded(element: &PathEl) -> String {
    let round = |point: &Point| format!("{:.3},{:.3} ", point.x, point.y);
    match element {
        PathEl::MoveTo(to) => format!("m{}", round(to)),
        PathEl::LineTo(to) => format!("l{}", round(to)),
        PathEl::QuadTo(by, to) => format!("q{}{}", round(by), round(to)),
        PathEl::CurveTo(from, by, to) => format!("c{}{}{}", round(from), round(by), round(to)),
        PathEl::ClosePath => "z".into(),
    }
}

/// The factor by which a transform enlarges.
fn scale(transform: Affine) -> f64 {
    transform.determinant().abs().sqrt()
}

fn is_segment(path: &BezPath) -> bool {
    match path.elements() {
        [PathEl::MoveTo(a), PathEl::LineTo(b)]
        | [PathEl::MoveTo(a), PathEl::LineTo(b), PathEl::ClosePath] => a.x == b.x || a.y == b.y,
        _ => false,
    }
}

fn is_rectangle(path: &BezPath) -> bool {
    let mut corners = Vec::new();
    for element in path.elements() {
        match element {
            PathEl::MoveTo(to) | PathEl::LineTo(to) => corners.push(*to),
            PathEl::ClosePath => {}
            _ => return false,
        }
    }
    if corners.len() == 5 && corners[0] == corners[4] {
        corners.pop();
    }
    let [a, b, c, d] = corners[..] else { return false };
    (a.x == b.x && b.y == c.y && c.x == d.x && d.y == a.y)
        || (a.y == b.y && b.x == c.x && c.y == d.y && d.x == a.x)
}

/// A face's name without the six letters that tell one subset from another.
fn without_subset(name: &str) -> &str {
    match name.split_once('+') {
        Some((tag, name)) if tag.len() == 6 => name,
        _ => name,
    }
}
