//! A PDF, ours or any other → whether it can be printed (印前检查), and if not, why.
//!
//! The file is read as a press reads it: operator by operator, with what each sets in which ink.

use std::collections::{BTreeMap, BTreeSet};

use hayro_syntax::Pdf;
use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction as Op;
use hayro_syntax::object::{Array, Dict, Name, Number, Object, Rect, Stream};
use hayro_syntax::page::{Page, Resources};
use kurbo::{Affine, Vec2};
use serde::Serialize;

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

/// Looks at a file. `inks` are the only ones that may be used; empty for any. It fails with the
/// reader's words where the file is no PDF that can be read.
pub fn preflight(bytes: Vec<u8>, inks: &[String]) -> Result<Preflight, String> {
    let pdf = Pdf::new(bytes).map_err(|error| format!("{error:?}"))?;
    let mut fonts = BTreeMap::new();
    let mut boxes = Vec::new();
    let mut pages = Vec::new();
    for (index, page) in pdf.pages().iter().enumerate() {
        let mut facts = PageFacts { page: index + 1, ..measured(page) };
        boxes.push(lie_in_one_another(page));
        let mut press = Press { facts: &mut facts, fonts: &mut fonts, patterns: BTreeSet::new() };
        press.run(page.typed_operations(), page.resources(), State::default(), 0);
        pages.push(facts);
    }
    let keywords = pdf.metadata().keywords.as_deref().map(String::from_utf8_lossy);
    let imposed = keywords.and_then(|keywords| Imposed::parse(&keywords));
    let findings = findings(&pages, &boxes, &fonts, imposed, inks);
    let pass = !findings.iter().any(|finding| finding.fails);
    Ok(Preflight { pass, pages, fonts, imposed, findings })
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
    for (font, _) in fonts.iter().filter(|(_, embedded)| !**embedded) {
        find("preflight-font", true, None, font.clone(), String::new());
    }
    for (facts, lie) in pages.iter().zip(boxes) {
        let page = Some(facts.page);
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

const MM: f64 = 72.0 / 25.4;

/// A page's boxes.
fn measured(page: &Page<'_>) -> PageFacts {
    let size = |rect: Rect| {
        let mm = |pt: f64| (pt / MM * 100.0).round() / 100.0;
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
    /// A pattern has colours of its own.
    Pattern,
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
                    "Pattern" => Space::Pattern,
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
            "Pattern" => Space::Pattern,
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
            Space::Pattern => Vec::new(),
        }
    }
}

fn name_of(object: &Object<'_>) -> Option<String> {
    match object {
        Object::Name(name) => Some(name.as_str().into()),
        _ => None,
    }
}

/// The state of the pen.
#[derive(Debug, Clone)]
struct State {
    at: Affine,
    width: f64,
    fill: (Space, Vec<String>),
    stroke: (Space, Vec<String>),
    size: f64,
    /// 3 is invisible type.
    mode: i32,
}

impl Default for State {
    fn default() -> Self {
        let black = || (Space::Grey, vec!["Black".to_string()]);
        let (fill, stroke) = (black(), black());
        State { at: Affine::IDENTITY, width: 1.0, fill, stroke, size: 0.0, mode: 0 }
    }
}

/// Forms in forms deeper than this are not followed: a file may have circles.
const DEEPEST: usize = 12;

struct Press<'f> {
    facts: &'f mut PageFacts,
    fonts: &'f mut BTreeMap<String, bool>,
    patterns: BTreeSet<String>,
}

impl Press<'_> {
    fn run(
        &mut self,
        mut operations: TypedIter<'_>,
        resources: &Resources<'_>,
        start: State,
        depth: usize,
    ) {
        let mut state = start;
        let mut kept = Vec::new();
        let mut text = Affine::IDENTITY;
        let mut thin: Option<f64> = None;
        while let Some(op) = operations.next() {
            match op {
                Op::SaveState(_) => kept.push(state.clone()),
                Op::RestoreState(_) => state = kept.pop().unwrap_or(state),
                Op::Transform(t) => state.at *= affine([t.0, t.1, t.2, t.3, t.4, t.5]),
                Op::LineWidth(width) => state.width = width.0.as_f64(),
                Op::SetGraphicsState(gs) => {
                    if let Some(gs) = resources.get_ext_g_state(gs.0) {
                        self.graphics_state(&gs, &mut state);
                    }
                }
                Op::ColorSpaceStroke(space) => state.stroke = initial(space.0, resources),
                Op::ColorSpaceNonStroke(space) => state.fill = initial(space.0, resources),
                Op::StrokeColor(c) => set(&mut state.stroke, &c.0),
                Op::NonStrokeColor(c) => set(&mut state.fill, &c.0),
                Op::StrokeColorNamed(c) => {
                    set(&mut state.stroke, &c.0);
                    self.pattern(c.1, resources, &state, depth);
                }
                Op::NonStrokeColorNamed(c) => {
                    set(&mut state.fill, &c.0);
                    self.pattern(c.1, resources, &state, depth);
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
                    let dict = match resources.get_shading(shading.0) {
                        Some(Object::Dict(dict)) => Some(dict),
                        Some(Object::Stream(stream)) => Some(stream.dict().clone()),
                        _ => None,
                    };
                    let space = dict.and_then(|dict| dict.get::<Object<'_>>("ColorSpace"));
                    let space = space.map_or(Space::Screen, |s| Space::of(&s, resources, 0));
                    self.facts.inks.extend(space.inks(None));
                }
                Op::RectPath(rect) => {
                    let corner = Vec2::new(rect.2.as_f64(), rect.3.as_f64());
                    let side = corner.x.abs() * scale_x(state.at);
                    thin = Some(side.min(corner.y.abs() * scale_y(state.at)));
                }
                Op::StrokePath(_) | Op::CloseAndStrokePath(_) => self.stroke(&state, &mut thin),
                Op::FillPathNonZero(_)
                | Op::FillPathNonZeroCompatibility(_)
                | Op::FillPathEvenOdd(_) => self.fill(&state, &mut thin),
                Op::FillAndStrokeNonZero(_)
                | Op::FillAndStrokeEvenOdd(_)
                | Op::CloseFillAndStrokeNonZero(_)
                | Op::CloseFillAndStrokeEvenOdd(_) => {
                    self.fill(&state, &mut thin);
                    self.stroke(&state, &mut thin);
                }
                Op::EndPath(_) => thin = None,
                Op::XObject(name) => {
                    if let Some(stream) = resources.get_x_object(name.0) {
                        self.x_object(&stream, resources, &state, depth);
                    }
                }
                Op::InlineImage(image) => self.picture(image.0, resources, &state),
                Op::TextFont(font) => {
                    state.size = font.1.as_f64();
                    if let Some(font) = resources.get_font(font.0) {
                        let name = font.get::<Name<'_>>("BaseFont");
                        let name = name.map_or("Type3".into(), |name| name.as_str().to_string());
                        let whole = is_embedded(&font);
                        *self.fonts.entry(name).or_insert(true) &= whole;
                    }
                }
                Op::TextRenderingMode(mode) => state.mode = mode.0.as_f64() as i32,
                Op::BeginText(_) => text = Affine::IDENTITY,
                Op::SetTextMatrix(t) => text = affine([t.0, t.1, t.2, t.3, t.4, t.5]),
                Op::ShowText(_)
                | Op::NextLineAndShowText(_)
                | Op::ShowTextWithParameters(_)
                | Op::ShowTexts(_) => self.text(&state, text),
                _ => {}
            }
        }
    }

    fn graphics_state(&mut self, gs: &Dict<'_>, state: &mut State) {
        if let Some(width) = gs.get::<Number>("LW") {
            state.width = width.as_f64();
        }
        let opacity = |key: &str| gs.get::<Number>(key).is_some_and(|share| share.as_f64() < 1.0);
        let mode = gs.get::<Name<'_>>("BM");
        let mixes = mode.is_some_and(|mode| !matches!(mode.as_str(), "Normal" | "Compatible"));
        if opacity("ca") || opacity("CA") || mixes || gs.get::<Dict<'_>>("SMask").is_some() {
            self.facts.transparency = true;
        }
    }

    fn pattern(
        &mut self,
        name: Option<&Name<'_>>,
        resources: &Resources<'_>,
        state: &State,
        depth: usize,
    ) {
        let Some(name) = name else { return };
        match resources.get_pattern(name) {
            Some(Object::Stream(stream)) if self.patterns.insert(name.as_str().into()) => {
                self.form(&stream, resources, state, depth);
            }
            Some(Object::Dict(dict)) => {
                let shading = dict.get::<Dict<'_>>("Shading");
                let space = shading.and_then(|dict| dict.get::<Object<'_>>("ColorSpace"));
                let space = space.map_or(Space::Screen, |s| Space::of(&s, resources, 0));
                self.facts.inks.extend(space.inks(None));
            }
            _ => {}
        }
    }

    fn fill(&mut self, state: &State, thin: &mut Option<f64>) {
        self.facts.inks.extend(state.fill.1.iter().cloned());
        // A rule may be drawn as an area.
        if let Some(side) = thin.take().filter(|_| !state.fill.1.is_empty()) {
            self.line(side);
        }
    }

    fn stroke(&mut self, state: &State, thin: &mut Option<f64>) {
        *thin = None;
        self.facts.inks.extend(state.stroke.1.iter().cloned());
        if !state.stroke.1.is_empty() {
            self.line(state.width * scale_x(state.at).min(scale_y(state.at)));
        }
    }

    fn line(&mut self, width: f64) {
        let thinnest = &mut self.facts.thinnest_line;
        *thinnest = Some(thinnest.map_or(width, |thinnest| thinnest.min(width)));
    }

    fn text(&mut self, state: &State, text: Affine) {
        let inks = match state.mode {
            3 | 7 => return,
            1 | 5 => &state.stroke.1,
            _ => &state.fill.1,
        };
        self.facts.inks.extend(inks.iter().cloned());
        let size = (state.size * scale_y(state.at * text)).abs();
        let smallest = &mut self.facts.smallest_type;
        *smallest = Some(smallest.map_or(size, |smallest| smallest.min(size)));
    }

    fn x_object(
        &mut self,
        stream: &Stream<'_>,
        resources: &Resources<'_>,
        state: &State,
        depth: usize,
    ) {
        match stream.dict().get::<Name<'_>>("Subtype") {
            Some(kind) if kind.as_str() == "Image" => self.picture(stream, resources, state),
            _ => self.form(stream, resources, state, depth),
        }
    }

    fn form(
        &mut self,
        stream: &Stream<'_>,
        resources: &Resources<'_>,
        state: &State,
        depth: usize,
    ) {
        let (Ok(content), true) = (stream.decoded(), depth < DEEPEST) else { return };
        let mut inside = state.clone();
        if let Some(matrix) = stream.dict().get::<Array<'_>>("Matrix") {
            let parts: Vec<Number> = matrix.iter::<Number>().collect();
            if let Ok(parts) = <[Number; 6]>::try_from(parts) {
                inside.at *= affine(parts);
            }
        }
        let own = stream.dict().get::<Dict<'_>>("Resources").map(Resources::new);
        let resources = own.as_ref().unwrap_or(resources);
        self.run(TypedIter::new(&content), resources, inside, depth + 1);
    }

    fn picture(&mut self, stream: &Stream<'_>, resources: &Resources<'_>, state: &State) {
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

/// A space with its first colour, which is black or the full ink.
fn initial(name: &Name<'_>, resources: &Resources<'_>) -> (Space, Vec<String>) {
    let space = Space::named(name, resources, 0);
    let parts = match &space {
        Space::Process => vec![0.0, 0.0, 0.0, 1.0],
        Space::Inks(names) => vec![1.0; names.len()],
        _ => vec![0.0; 3],
    };
    let inks = space.inks(Some(&parts));
    (space, inks)
}

fn set(pen: &mut (Space, Vec<String>), parts: &[Number]) {
    let parts: Vec<f64> = parts.iter().map(|part| part.as_f64()).collect();
    pen.1 = pen.0.inks(Some(&parts));
}

fn colour(space: Space, parts: &[Number]) -> (Space, Vec<String>) {
    let mut pen = (space, Vec::new());
    set(&mut pen, parts);
    pen
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

/// Whether the glyphs of a font are in the file.
fn is_embedded(font: &Dict<'_>) -> bool {
    let kind = font.get::<Name<'_>>("Subtype");
    if kind.as_ref().is_some_and(|kind| kind.as_str() == "Type3") {
        return true;
    }
    let below = font.get::<Array<'_>>("DescendantFonts");
    let below = below.and_then(|fonts| fonts.iter::<Dict<'_>>().next());
    let descriptor = below.as_ref().unwrap_or(font).get::<Dict<'_>>("FontDescriptor");
    let files = ["FontFile", "FontFile2", "FontFile3"];
    descriptor.is_some_and(|descriptor| files.iter().any(|file| descriptor.contains_key(file)))
}
