//! A PDF, ours or any other → whether it can be printed (印前检查), and if not, why.
//!
//! The file is read as a press reads it: operator by operator, with what each sets in which ink.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use hayro_syntax::Pdf;
use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction as Op;
use hayro_syntax::object::{Array, Dict, Name, Number, Object, Rect, Stream};
use hayro_syntax::page::{Page, Resources};
use kurbo::{Affine, CubicBez, Point, Rect as Area, Shape as _};
use serde::Serialize;

use crate::drawing::{self, Fault, unharmed};
use crate::length::MM;
use crate::press::impose::Imposed;

/// Type smaller than this is not readable in print, in pt.
pub const SMALLEST_TYPE: f64 = 5.0;
/// Lines thinner than this break off on the plate, in pt.
pub const THINNEST_LINE: f64 = 0.2;
/// Pictures below this show their pixels, in dpi.
pub const LOWEST_RESOLUTION: f64 = 150.0;
/// What pictures should have, in dpi.
pub const GOOD_RESOLUTION: f64 = 300.0;

/// What is found in a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preflight {
    /// Whether it can be printed.
    pub pass: bool,
    /// Each page.
    pub pages: Vec<PageFacts>,
    /// Each font, and whether it is in the file.
    pub fonts: BTreeMap<String, bool>,
    /// How the file says that it was imposed.
    pub imposed: Option<Imposed>,
    /// What is not as it should be.
    pub findings: Vec<Finding>,
}

/// What is found on a page. Lengths are in pt unless they say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PageFacts {
    /// The page, from 1.
    pub page: usize,
    /// The sheet's width and height, in mm.
    pub media: (f64, f64),
    /// The trimmed page's width and height, in mm.
    pub trim: Option<(f64, f64)>,
    /// The width and height that print may reach, in mm.
    pub bleed: Option<(f64, f64)>,
    /// The inks that are used; `RGB` for the colours of a screen.
    pub inks: BTreeSet<String>,
    /// The smallest type.
    pub smallest_type: Option<f64>,
    /// The thinnest line.
    pub thinnest_line: Option<f64>,
    /// The lowest resolution of a picture at its printed size, in dpi.
    pub lowest_resolution: Option<f64>,
    /// Whether anything shines through.
    pub transparency: bool,
    /// Whether anything could not be read: nobody knows how it prints.
    pub unread: bool,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What kind of thing: its id in the catalogue.
    pub check: &'static str,
    /// Whether the file cannot be printed because of it.
    pub fails: bool,
    /// The page, from 1; nothing if it is the whole file.
    pub page: Option<usize>,
    /// What was found.
    pub what: String,
    /// What it is held against.
    pub limit: String,
}

/// Looks at a file. `inks` are the only ones that may be used; empty for any.
pub fn preflight(bytes: Vec<u8>, inks: &[String]) -> Result<Preflight, Fault> {
    let pdf = drawing::load(bytes)?;
    unharmed(|| Ok(look(&pdf, inks)))
}

fn look(pdf: &Pdf, inks: &[String]) -> Preflight {
    let mut fonts = BTreeMap::new();
    let mut boxes = Vec::new();
    let mut pages = Vec::new();
    let mut left = MOST;
    for (index, page) in pdf.pages().iter().enumerate() {
        let mut facts = PageFacts { page: index + 1, ..measured(page) };
        boxes.push(lie_in_one_another(page));
        let (fonts, left) = (&mut fonts, &mut left);
        let mut press = Press { facts: &mut facts, fonts, left, seen: BTreeSet::new() };
        let read = unharmed(|| {
            press.page(page);
            Ok(())
        });
        facts.unread |= read.is_err();
        pages.push(facts);
    }
    let keywords = pdf.metadata().keywords.as_deref().map(String::from_utf8_lossy);
    let imposed = keywords.and_then(|keywords| Imposed::parse(&keywords));
    let findings = findings(&pages, &boxes, &fonts, imposed, inks);
    let pass = !findings.iter().any(|finding| finding.fails);
    Preflight { pass, pages, fonts, imposed, findings }
}

fn findings(
    pages: &[PageFacts],
    boxes: &[bool],
    fonts: &BTreeMap<String, bool>,
    imposed: Option<Imposed>,
    inks: &[String],
) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut find = |check, fails, page, what: String, limit: String| {
        found.push(Finding { check, fails, page, what, limit });
    };
    if pages.is_empty() {
        find("preflight-empty", true, None, String::new(), String::new());
    }
    for (font, _) in fonts.iter().filter(|(_, embedded)| !**embedded) {
        find("preflight-font", true, None, font.clone(), String::new());
    }
    for (facts, lie) in pages.iter().zip(boxes) {
        let page = Some(facts.page);
        if facts.unread {
            find("preflight-unread", true, page, String::new(), String::new());
        }
        if !lie {
            find("preflight-box", true, page, String::new(), String::new());
        }
        if facts.trim.is_none() {
            find("preflight-no-trim", false, page, String::new(), String::new());
        }
        for ink in &facts.inks {
            if ink == SCREEN {
                find("preflight-screen", true, page, ink.clone(), String::new());
            } else if !inks.is_empty() && ink != "All" && !inks.contains(ink) {
                find("preflight-ink", true, page, ink.clone(), inks.join(", "));
            }
        }
        let short = |value: f64| format!("{value:.2}");
        if let Some(size) = facts.smallest_type.filter(|size| *size < SMALLEST_TYPE) {
            find("preflight-type", true, page, short(size), SMALLEST_TYPE.to_string());
        }
        if let Some(width) = facts.thinnest_line.filter(|width| *width < THINNEST_LINE) {
            find("preflight-line", true, page, short(width), THINNEST_LINE.to_string());
        }
        if let Some(dpi) = facts.lowest_resolution.filter(|dpi| *dpi < GOOD_RESOLUTION) {
            let fails = dpi < LOWEST_RESOLUTION;
            let limit = if fails { LOWEST_RESOLUTION } else { GOOD_RESOLUTION };
            find("preflight-picture", fails, page, format!("{dpi:.0}"), limit.to_string());
        }
        if facts.transparency {
            find("preflight-transparency", true, page, String::new(), String::new());
        }
    }
    if let Some(imposed) = imposed
        && imposed.sides() != pages.len()
    {
        find("preflight-count", true, None, pages.len().to_string(), imposed.sides().to_string());
    }
    found
}

/// What the colours of a screen are called among inks.
const SCREEN: &str = "RGB";

/// A page's boxes.
fn measured(page: &Page<'_>) -> PageFacts {
    let unit = user_unit(page);
    let size = |rect: Rect| {
        let mm = |pt: f64| (pt * unit / MM * 100.0).round() / 100.0;
        (mm(rect.x1 - rect.x0), mm(rect.y1 - rect.y0))
    };
    let raw = |name: &str| page.raw().get::<Rect>(name).map(size);
    PageFacts {
        media: size(page.media_box()),
        trim: raw("TrimBox"),
        bleed: raw("BleedBox"),
        ..PageFacts::default()
    }
}

/// How many pt a page's unit is: large pages are written in a larger one.
fn user_unit(page: &Page<'_>) -> f64 {
    let unit = page.raw().get::<Number>("UserUnit").map(|unit| unit.as_f64());
    unit.filter(|unit| *unit > 0.0).unwrap_or(1.0)
}

fn lie_in_one_another(page: &Page<'_>) -> bool {
    let media = page.media_box();
    let bleed = page.raw().get::<Rect>("BleedBox").unwrap_or(media);
    let trim = page.raw().get::<Rect>("TrimBox").unwrap_or(bleed);
    // Boxes are written with few decimals.
    let slack = 0.01;
    let inside = |inner: &Rect, outer: &Rect| {
        inner.x0 >= outer.x0 - slack
            && inner.y0 >= outer.y0 - slack
            && inner.x1 <= outer.x1 + slack
            && inner.y1 <= outer.y1 + slack
    };
    inside(&trim, &bleed) && inside(&bleed, &media)
}

/// A space of colours, as far as inks go.
#[derive(Debug, Clone, PartialEq)]
enum Space {
    /// Grey is printed in black.
    Grey,
    /// A screen's.
    Screen,
    /// Cyan, magenta, yellow and black.
    Process,
    /// Inks by name.
    Inks(Vec<String>),
    /// Entries of a table of colours of another space.
    Table(Box<Space>),
    /// A pattern has colours of its own, or one of another space.
    Pattern(Option<Box<Space>>),
}

const PROCESS: [&str; 4] = ["Cyan", "Magenta", "Yellow", "Black"];

impl Space {
    fn of(object: &Object<'_>, resources: &Resources<'_>, depth: usize) -> Space {
        if depth > DEEPEST {
            return Space::Screen;
        }
        match object {
            Object::Name(name) => Space::named(name, resources, depth),
            Object::Array(array) => {
                let parts: Vec<Object<'_>> = array.iter::<Object<'_>>().collect();
                let part = |at: usize| parts.get(at);
                let family = part(0).and_then(name_of).unwrap_or_default();
                let below = |at: usize| {
                    part(at).map_or(Space::Screen, |space| Space::of(space, resources, depth + 1))
                };
                match family.as_str() {
                    "CalGray" => Space::Grey,
                    "ICCBased" => match part(1) {
                        Some(Object::Stream(profile)) => match profile.dict().get::<i32>("N") {
                            Some(1) => Space::Grey,
                            Some(4) => Space::Process,
                            _ => Space::Screen,
                        },
                        _ => Space::Screen,
                    },
                    "Separation" => Space::Inks(part(1).and_then(name_of).into_iter().collect()),
                    "DeviceN" => match part(1) {
                        Some(Object::Array(names)) => {
                            let names: Vec<Object<'_>> = names.iter().collect();
                            Space::Inks(names.iter().filter_map(name_of).collect())
                        }
                        _ => Space::Screen,
                    },
                    "Indexed" | "I" => Space::Table(Box::new(below(1))),
                    "Pattern" => Space::Pattern(part(1).map(|_| Box::new(below(1)))),
                    "DeviceGray" | "G" => Space::Grey,
                    "DeviceCMYK" | "CMYK" => Space::Process,
                    _ => Space::Screen,
                }
            }
            _ => Space::Screen,
        }
    }

    fn named(name: &Name<'_>, resources: &Resources<'_>, depth: usize) -> Space {
        match name.as_str() {
            "DeviceGray" | "G" | "CalGray" => Space::Grey,
            "DeviceRGB" | "RGB" | "CalRGB" => Space::Screen,
            "DeviceCMYK" | "CMYK" => Space::Process,
            "Pattern" => Space::Pattern(None),
            _ => match resources.get_color_space(name) {
                Some(object) => Space::of(&object, resources, depth + 1),
                None => Space::Screen,
            },
        }
    }

    /// The inks of a colour; without parts, of every colour that there may be.
    fn inks(&self, parts: Option<&[f64]>) -> Vec<String> {
        let prints = |at: usize| parts.is_none_or(|parts| parts.get(at).is_none_or(|p| *p > 0.0));
        match self {
            // White is paper.
            Space::Grey if parts.is_some_and(|parts| parts.first() >= Some(&1.0)) => Vec::new(),
            Space::Grey => vec!["Black".into()],
            Space::Screen if parts.is_some_and(|parts| parts.iter().all(|p| *p >= 1.0)) => {
                Vec::new()
            }
            Space::Screen => vec![SCREEN.into()],
            Space::Process => {
                let used = PROCESS.iter().enumerate().filter(|(at, _)| prints(*at));
                used.map(|(_, ink)| ink.to_string()).collect()
            }
            Space::Inks(names) => {
                let used = names.iter().enumerate().filter(|(at, _)| prints(*at));
                used.map(|(_, ink)| ink.clone()).filter(|ink| ink != "None").collect()
            }
            Space::Table(base) => base.inks(None),
            Space::Pattern(Some(base)) if parts.is_some_and(|parts| !parts.is_empty()) => {
                base.inks(parts)
            }
            Space::Pattern(_) => Vec::new(),
        }
    }
}

fn name_of(object: &Object<'_>) -> Option<String> {
    match object {
        Object::Name(name) => Some(name.as_str().into()),
        _ => None,
    }
}

/// A space and the inks of a colour in it.
type Pen = (Space, Vec<String>);

/// The state of the pen.
#[derive(Debug, Clone)]
struct State<'a> {
    at: Affine,
    width: f64,
    fill: Pen,
    stroke: Pen,
    /// Whether the colour is given from outside, as that of a glyph or a pattern without its own.
    is_fixed: bool,
    font: Option<Dict<'a>>,
    size: f64,
    /// 3 is invisible type.
    mode: i32,
}

impl Default for State<'_> {
    fn default() -> Self {
        let black = || (Space::Grey, vec!["Black".to_string()]);
        State {
            at: Affine::IDENTITY,
            width: 1.0,
            fill: black(),
            stroke: black(),
            is_fixed: false,
            font: None,
            size: 0.0,
            mode: 0,
        }
    }
}

/// Forms in forms deeper than this are not followed: a file may have circles.
const DEEPEST: usize = 12;

/// How much is read of one file, in bytes of content: forms of forms may become very many.
const MOST: usize = 1 << 30;

/// What a form costs beside its bytes.
const FORM: usize = 1 << 10;

/// Stands behind each content stream: what comes by it has read the stream to its end.
const END: &[u8] = b"jianbao-end";

struct Press<'f> {
    facts: &'f mut PageFacts,
    fonts: &'f mut BTreeMap<String, bool>,
    left: &'f mut usize,
    /// The patterns and fonts that were looked at, with what they were drawn with.
    seen: BTreeSet<String>,
}

impl Press<'_> {
    fn page(&mut self, page: &Page<'_>) {
        let at = Affine::scale(user_unit(page));
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

    /// What an annotation looks like. Whether it is printed is for the press to say: all count.
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
        // Its box is brought onto its place.
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

    /// A content stream's bytes, unless it cannot be read.
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
        // The words of two streams of a page are not one.
        Some([&content, &b"\n"[..]].concat())
    }

    fn run<'a>(
        &mut self,
        content: &[u8],
        resources: &Resources<'a>,
        start: State<'a>,
        depth: usize,
    ) {
        let content = [content, b"\n", END].concat();
        let mut operations = TypedIter::new(&content);
        // Patterns keep their place on the page, or in the form.
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
                Op::SaveState(_) => kept.push(state.clone()),
                Op::RestoreState(_) => state = kept.pop().unwrap_or(state),
                Op::Transform(t) => state.at *= affine([t.0, t.1, t.2, t.3, t.4, t.5]),
                Op::LineWidth(width) => state.width = width.0.as_f64(),
                Op::SetGraphicsState(gs) => match resources.get_ext_g_state(gs.0) {
                    Some(gs) => self.graphics_state(&gs, &mut state),
                    None => self.facts.unread = true,
                },
                Op::ColorSpaceStroke(space) => state.stroke = initial(space.0, resources),
                Op::ColorSpaceNonStroke(space) => state.fill = initial(space.0, resources),
                Op::StrokeColor(c) => set(&mut state.stroke, &c.0),
                Op::NonStrokeColor(c) => set(&mut state.fill, &c.0),
                Op::StrokeColorNamed(c) => {
                    set(&mut state.stroke, &c.0);
                    self.pattern(c.1, resources, &state.stroke, base, depth);
                }
                Op::NonStrokeColorNamed(c) => {
                    set(&mut state.fill, &c.0);
                    self.pattern(c.1, resources, &state.fill, base, depth);
                }
                Op::StrokeColorDeviceGray(c) => state.stroke = colour(Space::Grey, &[c.0]),
                Op::NonStrokeColorDeviceGray(c) => state.fill = colour(Space::Grey, &[c.0]),
                Op::StrokeColorDeviceRgb(c) => {
                    state.stroke = colour(Space::Screen, &[c.0, c.1, c.2]);
                }
                Op::NonStrokeColorDeviceRgb(c) => {
                    state.fill = colour(Space::Screen, &[c.0, c.1, c.2]);
                }
                Op::StrokeColorCmyk(c) => {
                    state.stroke = colour(Space::Process, &[c.0, c.1, c.2, c.3]);
                }
                Op::NonStrokeColorCmyk(c) => {
                    state.fill = colour(Space::Process, &[c.0, c.1, c.2, c.3]);
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
                    // What is filled is as thick as its outline, at least.
                    let thin = path.thinnest().filter(|_| state.stroke.1.is_empty());
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
        // Of several modes the first that is known is taken.
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

    /// Whether something is not yet looked at with this pen on this page. What takes its
    /// resources from where it stands may be another thing elsewhere.
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
        self.facts.inks.extend(state.fill.1.iter().cloned());
        // A rule may be drawn as an area.
        if let Some(side) = thin.filter(|_| !state.fill.1.is_empty()) {
            self.line(side);
        }
    }

    fn stroke(&mut self, state: &State<'_>) {
        self.facts.inks.extend(state.stroke.1.iter().cloned());
        if !state.stroke.1.is_empty() {
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
        for (_, (_, inks)) in
            [(fills, &state.fill), (strokes, &state.stroke)].iter().filter(|p| p.0)
        {
            self.facts.inks.extend(inks.iter().cloned());
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

    /// The glyphs of a Type 3 font, which are drawn as forms are: all, since a font in a file
    /// has few that it does not need.
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
            Some(true) => state.fill.1.clone(),
            _ => {
                let space = dict.get::<Object<'_>>("ColorSpace");
                let space = space.or_else(|| dict.get::<Object<'_>>("CS"));
                space.map_or(Space::Screen, |space| Space::of(&space, resources, 0)).inks(None)
            }
        };
        self.facts.inks.extend(inks);
    }
}

/// What a content stream says; nothing where it cannot be known.
fn decoded<'a>(stream: &Stream<'a>) -> Option<Cow<'a, [u8]>> {
    let dict = stream.dict();
    let filters = dict.get::<Object<'_>>("F").or_else(|| dict.get::<Object<'_>>("Filter"));
    let filters: Vec<Option<String>> = match &filters {
        Some(Object::Array(filters)) => {
            filters.raw_iter().zip(filters.iter::<Object<'_>>()).map(|(_, f)| name_of(&f)).collect()
        }
        Some(filter) => vec![name_of(filter)],
        None => Vec::new(),
    };
    // The reader leaves out filters that it does not know …
    if stream.filters().len() != filters.len() {
        return None;
    }
    let content = stream.decoded_data().ok()?;
    // … and takes what it can get of damaged data.
    let is_flate = |name: &Option<String>| {
        name.as_ref().is_some_and(|name| matches!(name.as_str(), "FlateDecode" | "Fl"))
    };
    let raw = stream.raw_data();
    match &filters[..] {
        [only] if is_flate(only) && !dict.contains_key("DecodeParms") => {
            // zlib writes a sum behind its data; a line may end behind it.
            let end = &raw[raw.len().saturating_sub(8)..];
            let sum = adler(&content).to_be_bytes();
            end.windows(4).any(|bytes| bytes == sum).then_some(content)
        }
        [] => Some(content),
        _ => (!content.is_empty() || raw.is_empty()).then_some(content),
    }
}

/// The sum of bytes that zlib makes (Adler-32).
fn adler(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    // So many that b does not overflow.
    for bytes in bytes.chunks(5552) {
        for byte in bytes {
            a += u32::from(*byte);
            b += a;
        }
        (a, b) = (a % 65521, b % 65521);
    }
    b << 16 | a
}

/// Where a path is thinnest. It is read part by part, in the page's own space.
#[derive(Default)]
struct Path {
    corners: Vec<Point>,
    ink: Option<Area>,
    is_curved: bool,
    thin: Option<f64>,
}

/// A rule has few corners.
const CORNERS: usize = 8;

impl Path {
    fn begin(&mut self, at: Point) {
        *self = Path { thin: self.thinnest(), ..Path::default() };
        self.line(at);
    }

    fn line(&mut self, to: Point) {
        self.reach(Area::from_points(to, to));
        if self.corners.len() > CORNERS {
            self.corners.pop();
        }
        self.corners.push(to);
    }

    fn curve(&mut self, from: Option<Point>, to: Point, end: Point) {
        let start = self.corners.last().copied().unwrap_or(end);
        self.reach(CubicBez::new(start, from.unwrap_or(start), to, end).bounding_box());
        self.is_curved = true;
        self.line(end);
    }

    fn reach(&mut self, area: Area) {
        self.ink = Some(self.ink.map_or(area, |ink| ink.union(area)));
    }

    /// The thinnest of its parts, which ends the path.
    fn thinnest(&mut self) -> Option<f64> {
        let Path { corners, ink, is_curved, thin } = std::mem::take(self);
        let part = ink.filter(|_| corners.len() > 1).map(|ink| {
            let mut side = ink.width().min(ink.height());
            // A rule that is not level: how far the corners are from each side.
            if !is_curved && corners.len() <= CORNERS {
                let next = corners.iter().cycle().skip(1);
                for (from, to) in corners.iter().zip(next).filter(|(from, to)| from != to) {
                    let along = (*to - *from).normalize();
                    let off = corners.iter().map(|corner| along.cross(*corner - *from));
                    let (low, high) =
                        off.fold((0_f64, 0_f64), |(l, h), off| (l.min(off), h.max(off)));
                    side = side.min(high - low);
                }
            }
            side
        });
        match (thin, part) {
            (Some(thin), Some(part)) => Some(thin.min(part)),
            (thin, part) => thin.or(part),
        }
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

/// A space with its first colour, which is black or the full ink.
fn initial(name: &Name<'_>, resources: &Resources<'_>) -> Pen {
    let space = Space::named(name, resources, 0);
    let parts = match &space {
        Space::Process => vec![0.0, 0.0, 0.0, 1.0],
        Space::Inks(names) => vec![1.0; names.len()],
        Space::Pattern(_) => Vec::new(),
        _ => vec![0.0; 3],
    };
    let inks = space.inks(Some(&parts));
    (space, inks)
}

fn set(pen: &mut Pen, parts: &[Number]) {
    let parts: Vec<f64> = parts.iter().map(|part| part.as_f64()).collect();
    pen.1 = pen.0.inks(Some(&parts));
}

fn colour(space: Space, parts: &[Number]) -> Pen {
    let mut pen = (space, Vec::new());
    set(&mut pen, parts);
    pen
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

/// Whether the glyphs of a font are in the file.
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
