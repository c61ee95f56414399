//! The content of a page, operator by operator → its inks, fonts, lines, type and pictures.
//!
//! What cannot be read is recorded as unread: only then does "passes" mean that nothing was missed.

use std::collections::{BTreeMap, BTreeSet};

use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction as Op;
use hayro_syntax::object::{Array, Dict, Name, Number, Object, Rect, Stream};
use hayro_syntax::page::{Page, Resources};
use kurbo::{Affine, Point, Rect as Area};

use crate::press::preflight::inks::{Pen, Space};
use crate::press::preflight::path::Path;
use crate::press::preflight::stream::decoded;
use crate::press::preflight::{DEEPEST, PageFacts, boxes};
use crate::source::limits;
use crate::source::unpacked;

/// The graphics state, as far as preflight needs it.
#[derive(Debug, Clone)]
struct State<'a> {
    at: Affine,
    width: f64,
    fill: Pen,
    stroke: Pen,
    /// Whether the colour is fixed from outside, as for a glyph or pattern without its own colour.
    is_fixed: bool,
    font: Option<Dict<'a>>,
    size: f64,
    /// The text rendering mode; 3 is invisible type.
    mode: i32,
}

impl Default for State<'_> {
    fn default() -> Self {
        State {
            at: Affine::IDENTITY,
            width: 1.0,
            fill: Pen::black(),
            stroke: Pen::black(),
            is_fixed: false,
            font: None,
            size: 0.0,
            mode: 0,
        }
    }
}

/// The most bytes of content read from one file: forms within forms multiply quickly.
pub const MOST: usize = 1 << 30;

/// The cost of a form besides its bytes: a form that contains itself many times is short, and takes
/// as long to begin each time as so many bytes to read.
const FORM: usize = 1 << 15;

/// An operator put after each content stream: a reader that meets it has read the whole stream.
const END: &[u8] = b"jianbao-end";

/// Reads the content of a page and records its facts.
pub struct Interpreter<'f> {
    facts: &'f mut PageFacts,
    fonts: &'f mut BTreeMap<String, bool>,
    /// How many bytes of content may still be read.
    left: &'f mut usize,
    /// The patterns and fonts that were read, each with the state that draws them.
    seen: BTreeSet<String>,
}

impl<'f> Interpreter<'f> {
    /// An interpreter for one page. The fonts and the bytes `left` to read are those of the file.
    pub fn new(
        facts: &'f mut PageFacts,
        fonts: &'f mut BTreeMap<String, bool>,
        left: &'f mut usize,
    ) -> Self {
        Interpreter { facts, fonts, left, seen: BTreeSet::new() }
    }

    /// Reads a page with its annotations.
    pub fn page(&mut self, page: &Page<'_>) {
        if !unpacked::content_is_within(page) {
            self.facts.unread = true;
            return;
        }
        let at = Affine::scale(boxes::user_unit(page));
        let resources = page.resources();
        let mut content = Vec::new();
        match page.raw().get::<Object<'_>>("Contents") {
            Some(Object::Stream(stream)) => content.extend(self.content(&stream)),
            Some(Object::Array(parts)) => {
                let mut streams = parts.flex_iter();
                for _ in parts.raw_iter() {
                    match streams.next::<Stream<'_>>() {
                        Some(stream) => content.extend(self.content(&stream)),
                        None => self.facts.unread = true,
                    }
                }
            }
            Some(Object::Null(_)) => {}
            // A page without content is blank.
            _ => self.facts.unread |= page.raw().contains_key("Contents"),
        }
        let content = content.concat();
        self.run(&content, resources, State { at, ..State::default() }, 0);
        if let Some(annotations) = page.raw().get::<Array<'_>>("Annots") {
            let mut dicts = annotations.flex_iter();
            for _ in annotations.raw_iter() {
                if let Some(annotation) = dicts.next::<Dict<'_>>() {
                    self.annotation(&annotation, resources, at);
                }
            }
        }
    }

    /// Reads the appearance of an annotation. All annotations count: whether one is printed is
    /// decided at the printer.
    fn annotation<'a>(&mut self, dict: &Dict<'a>, resources: &Resources<'a>, at: Affine) {
        let is_hidden = dict.get::<i32>("F").is_some_and(|flags| flags & 2 != 0);
        let Some(looks) = dict.get::<Dict<'_>>("AP").filter(|_| !is_hidden) else { return };
        let stream = match looks.get::<Object<'_>>("N") {
            Some(Object::Stream(stream)) => stream,
            Some(Object::Dict(states)) => {
                let state = dict.get::<Name<'_>>("AS");
                match state.and_then(|state| states.get::<Stream<'_>>(state)) {
                    Some(stream) => stream,
                    None => return,
                }
            }
            _ => {
                self.facts.unread |= looks.contains_key("N");
                return;
            }
        };
        let area = |rect: Rect| Area::new(rect.x0, rect.y0, rect.x1, rect.y1);
        let (place, own) = (dict.get::<Rect>("Rect"), stream.dict().get::<Rect>("BBox"));
        let (Some(place), Some(own)) = (place.map(area), own.map(area)) else {
            self.facts.unread = true;
            return;
        };
        // The appearance's box is fitted to the annotation's rectangle.
        let own = matrix(stream.dict(), "Matrix").unwrap_or_default().transform_rect_bbox(own);
        let share = |place: f64, own: f64| if own > 0.0 { place / own } else { 1.0 };
        let fit = Affine::translate(place.origin().to_vec2())
            * Affine::scale_non_uniform(
                share(place.width(), own.width()),
                share(place.height(), own.height()),
            )
            * Affine::translate(-own.origin().to_vec2());
        self.form(&stream, resources, State { at: at * fit, ..State::default() }, 0);
    }

    /// The bytes of a content stream, unless it cannot be read.
    fn content(&mut self, stream: &Stream<'_>) -> Option<Vec<u8>> {
        let content = match *self.left {
            0 => None,
            _ => decoded(stream),
        };
        let Some(content) = content else {
            self.facts.unread = true;
            return None;
        };
        *self.left = self.left.saturating_sub(content.len() + FORM);
        // The line break separates the last word of one stream from the first of the next.
        Some([&content, &b"\n"[..]].concat())
    }

    /// Carries out the operators of a content stream.
    #[expect(clippy::too_many_lines, reason = "a flat match over the operators")]
    fn run<'a>(
        &mut self,
        content: &[u8],
        resources: &Resources<'a>,
        start: State<'a>,
        depth: usize,
    ) {
        let content = [content, b"\n", END].concat();
        let mut operations = TypedIter::new(&content);
        // Patterns are anchored to the page or to the form, not to the current transform.
        let base = start.at;
        let mut state = start;
        let mut kept = Vec::new();
        let mut text = Affine::IDENTITY;
        let mut path = Path::default();
        let mut may_be_unknown = 0_usize;
        let mut ended = false;
        while let Some(op) = operations.next() {
            if state.is_fixed && is_colour(&op) {
                continue;
            }
            match op {
                Op::SaveState(_) if kept.len() < limits::SAVED_STATES => kept.push(state.clone()),
                Op::SaveState(_) => self.facts.unread = true,
                Op::RestoreState(_) => state = kept.pop().unwrap_or(state),
                Op::Transform(t) => state.at *= affine([t.0, t.1, t.2, t.3, t.4, t.5]),
                Op::LineWidth(width) => state.width = width.0.as_f64(),
                Op::SetGraphicsState(gs) => match resources.get_ext_g_state(gs.0) {
                    Some(gs) => self.graphics_state(&gs, &mut state),
                    None => self.facts.unread = true,
                },
                Op::ColorSpaceStroke(space) => state.stroke = Pen::initial(space.0, resources),
                Op::ColorSpaceNonStroke(space) => state.fill = Pen::initial(space.0, resources),
                Op::StrokeColor(c) => state.stroke.set(&c.0),
                Op::NonStrokeColor(c) => state.fill.set(&c.0),
                Op::StrokeColorNamed(c) => {
                    state.stroke.set(&c.0);
                    self.pattern(c.1, resources, &state.stroke, base, depth);
                }
                Op::NonStrokeColorNamed(c) => {
                    state.fill.set(&c.0);
                    self.pattern(c.1, resources, &state.fill, base, depth);
                }
                Op::StrokeColorDeviceGray(c) => state.stroke = Pen::new(Space::Grey, &[c.0]),
                Op::NonStrokeColorDeviceGray(c) => state.fill = Pen::new(Space::Grey, &[c.0]),
                Op::StrokeColorDeviceRgb(c) => {
                    state.stroke = Pen::new(Space::Screen, &[c.0, c.1, c.2]);
                }
                Op::NonStrokeColorDeviceRgb(c) => {
                    state.fill = Pen::new(Space::Screen, &[c.0, c.1, c.2]);
                }
                Op::StrokeColorCmyk(c) => {
                    state.stroke = Pen::new(Space::Process, &[c.0, c.1, c.2, c.3]);
                }
                Op::NonStrokeColorCmyk(c) => {
                    state.fill = Pen::new(Space::Process, &[c.0, c.1, c.2, c.3]);
                }
                Op::Shading(shading) => {
                    self.shading(resources.get_shading(shading.0).as_ref(), resources);
                }
                Op::MoveTo(to) => path.begin(point(state.at, to.0, to.1)),
                Op::LineTo(to) => path.line(point(state.at, to.0, to.1)),
                Op::CubicTo(c) => {
                    let place = |x, y| point(state.at, x, y);
                    path.curve(Some(place(c.0, c.1)), place(c.2, c.3), place(c.4, c.5));
                }
                Op::CubicStartTo(c) => {
                    path.curve(None, point(state.at, c.0, c.1), point(state.at, c.2, c.3));
                }
                Op::CubicEndTo(c) => {
                    let end = point(state.at, c.2, c.3);
                    path.curve(Some(point(state.at, c.0, c.1)), end, end);
                }
                Op::RectPath(rect) => {
                    let [x, y, w, h] = [rect.0, rect.1, rect.2, rect.3].map(|n| n.as_f64());
                    path.begin(state.at * Point::new(x, y));
                    for (x, y) in [(x + w, y), (x + w, y + h), (x, y + h)] {
                        path.line(state.at * Point::new(x, y));
                    }
                }
                Op::StrokePath(_) | Op::CloseAndStrokePath(_) => {
                    path = Path::default();
                    self.stroke(&state);
                }
                Op::FillPathNonZero(_)
                | Op::FillPathNonZeroCompatibility(_)
                | Op::FillPathEvenOdd(_) => self.fill(&state, path.thinnest()),
                Op::FillAndStrokeNonZero(_)
                | Op::FillAndStrokeEvenOdd(_)
                | Op::CloseFillAndStrokeNonZero(_)
                | Op::CloseFillAndStrokeEvenOdd(_) => {
                    // A filled and stroked area is at least as thick as its outline.
                    let thin = path.thinnest().filter(|_| !state.stroke.prints());
                    self.fill(&state, thin);
                    self.stroke(&state);
                }
                Op::EndPath(_) => path = Path::default(),
                Op::XObject(name) => match resources.get_x_object(name.0) {
                    Some(stream) => self.x_object(&stream, resources, &state, depth),
                    None => self.facts.unread = true,
                },
                Op::InlineImage(image) => self.picture(image.0, resources, &state),
                Op::TextFont(font) => {
                    state.size = font.1.as_f64();
                    state.font = resources.get_font(font.0);
                }
                Op::TextRenderingMode(mode) => state.mode = mode.0.as_f64() as i32,
                Op::BeginText(_) => text = Affine::IDENTITY,
                Op::SetTextMatrix(t) => text = affine([t.0, t.1, t.2, t.3, t.4, t.5]),
                Op::ShowText(_)
                | Op::NextLineAndShowText(_)
                | Op::ShowTextWithParameters(_)
                | Op::ShowTexts(_) => self.text(&state, text, resources, depth),
                Op::ShapeGlyph(_) => {
                    state.is_fixed = true;
                    state.stroke = state.fill.clone();
                }
                Op::BeginCompatibility(_) => may_be_unknown += 1,
                Op::EndCompatibility(_) => may_be_unknown = may_be_unknown.saturating_sub(1),
                Op::Fallback(word) if word[..] == *END => ended = true,
                Op::Fallback(_) if may_be_unknown == 0 => self.facts.unread = true,
                _ => {}
            }
        }
        self.facts.unread |= !ended;
    }

    fn graphics_state<'a>(&mut self, gs: &Dict<'a>, state: &mut State<'a>) {
        if let Some(width) = gs.get::<Number>("LW") {
            state.width = width.as_f64();
        }
        if let Some(font) = gs.get::<Array<'_>>("Font") {
            let mut parts = font.flex_iter();
            state.font = parts.next::<Dict<'_>>();
            state.size = parts.next::<Number>().map_or(0.0, |size| size.as_f64());
        }
        let opacity = |key: &str| gs.get::<Number>(key).is_some_and(|share| share.as_f64() < 1.0);
        // Of several blend modes the first known one applies.
        let mode = match gs.get::<Object<'_>>("BM") {
            Some(Object::Array(modes)) => modes.iter::<Name<'_>>().next(),
            Some(Object::Name(mode)) => Some(mode),
            _ => None,
        };
        let mixes = mode.is_some_and(|mode| !matches!(mode.as_str(), "Normal" | "Compatible"));
        if opacity("ca") || opacity("CA") || mixes || gs.get::<Dict<'_>>("SMask").is_some() {
            self.facts.transparency = true;
        }
    }

    /// Reads a pattern that a pen draws with.
    fn pattern<'a>(
        &mut self,
        name: Option<&Name<'_>>,
        resources: &Resources<'a>,
        pen: &Pen,
        at: Affine,
        depth: usize,
    ) {
        let Some(name) = name else { return };
        match resources.get_pattern(name) {
            Some(Object::Stream(stream)) => {
                let mut state = State { at, ..State::default() };
                if stream.dict().get::<i32>("PaintType") == Some(2) {
                    (state.fill, state.stroke, state.is_fixed) = (pen.clone(), pen.clone(), true);
                }
                if self.is_new(stream.dict(), &state) {
                    self.form(&stream, resources, state, depth);
                }
            }
            Some(Object::Dict(dict)) => {
                if let Some(gs) = dict.get::<Dict<'_>>("ExtGState") {
                    self.graphics_state(&gs, &mut State::default());
                }
                self.shading(dict.get::<Object<'_>>("Shading").as_ref(), resources);
            }
            _ => self.facts.unread = true,
        }
    }

    /// Whether a pattern or a font has not been read on this page in this state. A pattern or font
    /// without resources of its own is always new, since other resources may change its drawing.
    fn is_new(&mut self, dict: &Dict<'_>, state: &State<'_>) -> bool {
        let State { at, width, fill, stroke, .. } = state;
        let scale = at.as_coeffs().map(|part| (part * 1e3).round());
        let key = format!("{:p} {:?} {width} {fill:?} {stroke:?}", dict.data(), &scale[..4]);
        !dict.contains_key("Resources") || self.seen.insert(key)
    }

    fn shading(&mut self, shading: Option<&Object<'_>>, resources: &Resources<'_>) {
        let dict = match shading {
            Some(Object::Dict(dict)) => Some(dict),
            Some(Object::Stream(stream)) => Some(stream.dict()),
            _ => None,
        };
        let space = dict.and_then(|dict| dict.get::<Object<'_>>("ColorSpace"));
        let space = space.map_or(Space::Screen, |space| Space::of(&space, resources, 0));
        self.facts.inks.extend(space.inks(None));
    }

    fn fill(&mut self, state: &State<'_>, thin: Option<f64>) {
        self.facts.inks.extend(state.fill.inks.iter().cloned());
        // A rule may be drawn as a filled area.
        if let Some(side) = thin.filter(|_| state.fill.prints()) {
            self.line(side);
        }
    }

    fn stroke(&mut self, state: &State<'_>) {
        self.facts.inks.extend(state.stroke.inks.iter().cloned());
        if state.stroke.prints() {
            self.line(state.width * scale_x(state.at).min(scale_y(state.at)));
        }
    }

    fn line(&mut self, width: f64) {
        let thinnest = &mut self.facts.thinnest_line;
        *thinnest = Some(thinnest.map_or(width, |thinnest| thinnest.min(width)));
    }

    fn text<'a>(
        &mut self,
        state: &State<'a>,
        text: Affine,
        resources: &Resources<'a>,
        depth: usize,
    ) {
        if state.mode == 3 {
            return;
        }
        let Some(font) = &state.font else {
            self.facts.unread = true;
            return;
        };
        let name = font.get::<Name<'_>>("BaseFont");
        let name = name.map_or("Type3".into(), |name| name.as_str().to_string());
        *self.fonts.entry(name).or_insert(true) &= is_embedded(font);
        // 7 only clips, 1 and 5 have no fill, 2 and 6 have both.
        let (fills, strokes) = match state.mode {
            7 => return,
            1 | 5 => (false, true),
            2 | 6 => (true, true),
            _ => (true, false),
        };
        for (_, pen) in [(fills, &state.fill), (strokes, &state.stroke)].iter().filter(|p| p.0) {
            self.facts.inks.extend(pen.inks.iter().cloned());
        }
        let size = (state.size * scale_y(state.at * text)).abs();
        let smallest = &mut self.facts.smallest_type;
        *smallest = Some(smallest.map_or(size, |smallest| smallest.min(size)));
        if is_drawn(font) {
            let own = matrix(font, "FontMatrix").unwrap_or(Affine::scale(0.001));
            let at = state.at * text * Affine::scale(state.size) * own;
            self.glyphs(font, resources, State { at, font: None, mode: 0, ..state.clone() }, depth);
        }
    }

    /// Reads the glyphs of a Type 3 font, which are drawn as forms are. All of them are read,
    /// since a file embeds few glyphs that it does not use.
    fn glyphs<'a>(
        &mut self,
        font: &Dict<'a>,
        resources: &Resources<'a>,
        state: State<'a>,
        depth: usize,
    ) {
        if !self.is_new(font, &state) {
            return;
        }
        let own = font.get::<Dict<'_>>("Resources").map(Resources::new);
        let resources = own.as_ref().unwrap_or(resources);
        let Some(glyphs) = font.get::<Dict<'_>>("CharProcs") else {
            self.facts.unread = true;
            return;
        };
        for name in glyphs.keys() {
            match glyphs.get::<Stream<'_>>(&name) {
                Some(glyph) => self.form(&glyph, resources, state.clone(), depth),
                None => self.facts.unread = true,
            }
        }
    }

    fn x_object<'a>(
        &mut self,
        stream: &Stream<'a>,
        resources: &Resources<'a>,
        state: &State<'a>,
        depth: usize,
    ) {
        match stream.dict().get::<Name<'_>>("Subtype") {
            Some(kind) if kind.as_str() == "Image" => self.picture(stream, resources, state),
            _ => self.form(stream, resources, state.clone(), depth),
        }
    }

    fn form<'a>(
        &mut self,
        stream: &Stream<'a>,
        resources: &Resources<'a>,
        mut state: State<'a>,
        depth: usize,
    ) {
        if depth >= DEEPEST {
            self.facts.unread = true;
            return;
        }
        let Some(content) = self.content(stream) else { return };
        state.at *= matrix(stream.dict(), "Matrix").unwrap_or_default();
        let own = stream.dict().get::<Dict<'_>>("Resources").map(Resources::new);
        self.run(&content, own.as_ref().unwrap_or(resources), state, depth + 1);
    }

    fn picture(&mut self, stream: &Stream<'_>, resources: &Resources<'_>, state: &State<'_>) {
        let dict = stream.dict();
        let number = |long: &str, short: &str| {
            let number = dict.get::<Number>(long).or_else(|| dict.get::<Number>(short));
            number.map_or(0.0, |number| number.as_f64())
        };
        let (width, height) = (number("Width", "W"), number("Height", "H"));
        let inches = |pt: f64| (pt / 72.0).max(1e-6);
        let dpi = (width / inches(scale_x(state.at))).min(height / inches(scale_y(state.at)));
        let lowest = &mut self.facts.lowest_resolution;
        *lowest = Some(lowest.map_or(dpi, |lowest| lowest.min(dpi)));
        if dict.get::<Stream<'_>>("SMask").is_some() {
            self.facts.transparency = true;
        }
        let is_mask = dict.get::<bool>("ImageMask").or_else(|| dict.get::<bool>("IM"));
        let inks = match is_mask {
            Some(true) => state.fill.inks.clone(),
            _ => {
                let space = dict.get::<Object<'_>>("ColorSpace");
                let space = space.or_else(|| dict.get::<Object<'_>>("CS"));
                space.map_or(Space::Screen, |space| Space::of(&space, resources, 0)).inks(None)
            }
        };
        self.facts.inks.extend(inks);
    }
}

fn point(at: Affine, x: Number, y: Number) -> Point {
    at * Point::new(x.as_f64(), y.as_f64())
}

fn is_colour(op: &Op<'_, '_>) -> bool {
    matches!(
        op,
        Op::ColorSpaceStroke(_)
            | Op::ColorSpaceNonStroke(_)
            | Op::StrokeColor(_)
            | Op::NonStrokeColor(_)
            | Op::StrokeColorNamed(_)
            | Op::NonStrokeColorNamed(_)
            | Op::StrokeColorDeviceGray(_)
            | Op::NonStrokeColorDeviceGray(_)
            | Op::StrokeColorDeviceRgb(_)
            | Op::NonStrokeColorDeviceRgb(_)
            | Op::StrokeColorCmyk(_)
            | Op::NonStrokeColorCmyk(_)
    )
}

/// A matrix among the entries of a form, a pattern or a font.
fn matrix(dict: &Dict<'_>, key: &str) -> Option<Affine> {
    let parts: Vec<Number> = dict.get::<Array<'_>>(key)?.iter::<Number>().collect();
    <[Number; 6]>::try_from(parts).ok().map(affine)
}

fn affine(parts: [Number; 6]) -> Affine {
    Affine::new(parts.map(|part| part.as_f64()))
}

fn scale_x(at: Affine) -> f64 {
    let [a, b, ..] = at.as_coeffs();
    a.hypot(b)
}

fn scale_y(at: Affine) -> f64 {
    let [_, _, c, d, ..] = at.as_coeffs();
    c.hypot(d)
}

/// Whether the glyphs of a font are drawn by content streams.
fn is_drawn(font: &Dict<'_>) -> bool {
    font.get::<Name<'_>>("Subtype").is_some_and(|kind| kind.as_str() == "Type3")
}

/// Whether the file holds the glyphs of a font.
fn is_embedded(font: &Dict<'_>) -> bool {
    if is_drawn(font) {
        return true;
    }
    let below = font.get::<Array<'_>>("DescendantFonts");
    let below = below.and_then(|fonts| fonts.iter::<Dict<'_>>().next());
    let descriptor = below.as_ref().unwrap_or(font).get::<Dict<'_>>("FontDescriptor");
    let files = ["FontFile", "FontFile2", "FontFile3"];
    descriptor.is_some_and(|descriptor| files.iter().any(|file| descriptor.contains_key(file)))
}
