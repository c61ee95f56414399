//! Sheets of the press → the bytes of a PDF: boxes, inks, and shared pages written once.
//!
//! typst-pdf writes every page by itself, in screen colours. Here a page that appears on many
//! sheets is a form XObject, written once; each sheet has its boxes; inks look as the standard
//! prescribes. Sheets have no structure tags, since they are printed and not read.

use std::collections::HashMap;
use std::sync::Arc;

use image::{DynamicImage, GenericImageView};
use krilla::color::separation::{SeparationColorant, SeparationSpace};
use krilla::color::{cmyk, separation};
use krilla::destination::XyzDestination;
use krilla::geom::{self, PathBuilder};
use krilla::graphic::Graphic;
use krilla::image::{BitsPerComponent, CustomImage, ImageColorspace};
use krilla::metadata::{DateTime, Metadata, PageLayout};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, LineCap, LineJoin, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{Font, Glyph as KrillaGlyph, GlyphId};
use krilla::{Document, SerializeSettings};
use typst::foundations::Smart;
use typst::layout::{Abs, Frame, FrameItem, Point, Rect, Size, Transform};
use typst::text::{FontInstance, Glyph, TextItem};
use typst::utils::hash128;
use typst::visualize::{
    Color, Curve, CurveItem, FillRule as TypstFillRule, FixedStroke, Geometry, Image, ImageKind,
    ImageScaling, LineCap as TypstLineCap, LineJoin as TypstLineJoin, Paint, Shape,
};

use super::impose::Imposed;
use super::ink::{Colours, Ink, on_white};
use super::pack::pack;
use crate::issue::Date;
use crate::page::frames;

/// One side of a sheet (印张的一面).
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The paper: the media box.
    pub size: Size,
    /// How far the print may reach: the bleed box.
    pub bleed: Rect,
    /// What is left after trimming: the trim box.
    pub trim: Rect,
    /// The layers, the lowest first.
    pub layers: Vec<Layer>,
}

/// A piece of content on a sheet.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The content.
    pub frame: Frame,
    /// The place of the top left corner, and the rotation.
    pub at: Transform,
    /// Whether other sheets share the content, which is then written once.
    pub shared: bool,
}

/// A bookmark, with those below it.
#[derive(Debug, Clone)]
pub struct Bookmark {
    /// The text.
    pub text: String,
    /// The index of its sheet.
    pub sheet: usize,
    /// The place on the sheet.
    pub at: Point,
    /// The bookmarks below this one.
    pub below: Vec<Bookmark>,
}

/// The metadata of a file.
#[derive(Debug, Clone)]
pub struct Properties {
    /// The permanent identifier.
    pub ident: String,
    /// The title.
    pub title: String,
    /// The author.
    pub author: String,
    /// The date of issue.
    pub date: Date,
    /// The imposition of the pages.
    pub imposed: Option<Imposed>,
}

/// Writes sheets as a PDF. An error has the engine's words.
pub fn pdf(
    sheets: &[Sheet],
    bookmarks: &[Bookmark],
    colours: Colours,
    properties: &Properties,
) -> Result<Vec<u8>, String> {
    let settings = SerializeSettings {
        // Device colours are allowed: the press has inks, not screen colours.
        no_device_cs: false,
        enable_tagging: false,
        ..SerializeSettings::default()
    };
    let mut document = Document::new_with(settings);
    let mut writer = Writer {
        colours,
        fonts: HashMap::new(),
        graphics: HashMap::new(),
        pictures: HashMap::new(),
    };
    for sheet in sheets {
        let size = sheet.size;
        let page = PageSettings::from_wh(size.x.to_pt() as f32, size.y.to_pt() as f32)
            .ok_or("a sheet without size")?
            .with_bleed_box(rect(sheet.bleed))
            .with_trim_box(rect(sheet.trim));
        let mut page = document.start_page_with(page);
        let mut surface = page.surface();
        for layer in &sheet.layers {
            writer.layer(layer, &mut surface)?;
        }
        surface.finish();
        page.finish();
    }
    let mut outline = Outline::new();
    bookmarks.iter().for_each(|bookmark| outline.push_child(node(bookmark)));
    document.set_outline(outline);
    document.set_metadata(metadata(properties, bookmarks));
    let bytes = document.finish().map_err(|error| format!("{error:?}"))?;
    pack(&bytes).map_err(|error| error.to_string())
}

fn node(bookmark: &Bookmark) -> OutlineNode {
    let at = point(bookmark.at);
    let mut node = OutlineNode::new(bookmark.text.clone(), XyzDestination::new(bookmark.sheet, at));
    bookmark.below.iter().for_each(|below| node.push_child(self::node(below)));
    node
}

fn metadata(properties: &Properties, bookmarks: &[Bookmark]) -> Metadata {
    let Properties { ident, title, author, date, imposed } = properties;
    let creator = concat!("jianbao ", env!("CARGO_PKG_VERSION"));
    // As in the circulated edition, the date of issue begins at midnight in Beijing.
    let created = DateTime::new(date.year).month(date.month).day(date.day).hour(0).minute(0);
    let created = created.second(0).utc_offset_hour(8).utc_offset_minute(0);
    let metadata = Metadata::new()
        .title(title.clone())
        .authors(vec![author.clone()])
        .creator(creator.into())
        .language("zh-CN".into())
        .creation_date(created)
        .document_id(ident.clone())
        .keywords(imposed.iter().map(ToString::to_string).collect());
    match bookmarks.is_empty() {
        true => metadata,
        false => metadata.page_layout(PageLayout::TwoPageRight),
    }
}

struct Writer {
    colours: Colours,
    fonts: HashMap<FontInstance, Font>,
    graphics: HashMap<u128, Graphic>,
    pictures: HashMap<u128, krilla::image::Image>,
}

impl Writer {
    fn layer(&mut self, layer: &Layer, surface: &mut Surface<'_>) -> Result<(), String> {
        if !layer.shared {
            return self.frame(&layer.frame, layer.at, surface);
        }
        let key = hash128(&layer.frame);
        let graphic = match self.graphics.get(&key) {
            Some(graphic) => graphic.clone(),
            None => {
                let mut builder = surface.stream_builder();
                let mut inside = builder.surface();
                self.frame(&layer.frame, Transform::identity(), &mut inside)?;
                inside.finish();
                let graphic = Graphic::new(builder.finish(), false);
                self.graphics.insert(key, graphic.clone());
                graphic
            }
        };
        surface.push_transform(&transform(layer.at));
        surface.draw_graphic(graphic);
        surface.pop();
        Ok(())
    }

    fn frame(
        &mut self,
        frame: &Frame,
        at: Transform,
        surface: &mut Surface<'_>,
    ) -> Result<(), String> {
        for (_, here, item) in frames::items(frame, at) {
            match item {
                FrameItem::Group(group) => {
                    let clip = group
                        .clip
                        .as_ref()
                        .and_then(|curve| path(curve).finish()?.transform(transform(here)));
                    if let Some(clip) = &clip {
                        surface.push_clip_path(clip, &FillRule::NonZero);
                    }
                    self.frame(&group.frame, here, surface)?;
                    if clip.is_some() {
                        surface.pop();
                    }
                }
                FrameItem::Text(text) => self.text(text, here, surface)?,
                FrameItem::Shape(shape, _) => self.shape(shape, here, surface)?,
                FrameItem::Image(image, size, _) => self.picture(image, *size, here, surface)?,
                FrameItem::Link(..) | FrameItem::Tag(_) => {}
            }
        }
        Ok(())
    }

    fn text(
        &mut self,
        text: &TextItem,
        here: Transform,
        surface: &mut Surface<'_>,
    ) -> Result<(), String> {
        let font = self.font(&text.font)?;
        let stroke = text.stroke.as_ref().map(|stroke| self.stroke(stroke)).transpose()?;
        let glyphs: Vec<Placed> = text.glyphs.iter().map(Placed).collect();
        surface.push_transform(&transform(here));
        surface.set_fill(Some(self.fill(&text.fill, FillRule::NonZero)?));
        surface.set_stroke(stroke);
        let (start, size) = (geom::Point::from_xy(0.0, 0.0), text.size.to_pt() as f32);
        surface.draw_glyphs(start, &glyphs, font, &text.text, size, false);
        surface.pop();
        Ok(())
    }

    fn font(&mut self, instance: &FontInstance) -> Result<Font, String> {
        if let Some(font) = self.fonts.get(instance) {
            return Ok(font.clone());
        }
        let data: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::new(instance.data().clone());
        let coordinates: Vec<(krilla::text::Tag, f32)> = instance
            .variations()
            .0
            .iter()
            .map(|(tag, value)| (krilla::text::Tag::new(&tag.to_bytes()), value.0))
            .collect();
        let font = Font::new_variable(data.into(), instance.index(), &coordinates);
        let font = font.ok_or_else(|| format!("the font {} is broken", instance.info().family))?;
        self.fonts.insert(instance.clone(), font.clone());
        Ok(font)
    }

    fn shape(
        &mut self,
        shape: &Shape,
        here: Transform,
        surface: &mut Surface<'_>,
    ) -> Result<(), String> {
        let rule = match shape.fill_rule {
            TypstFillRule::NonZero => FillRule::NonZero,
            TypstFillRule::EvenOdd => FillRule::EvenOdd,
        };
        let fill = shape.fill.as_ref().map(|paint| self.fill(paint, rule)).transpose()?;
        let stroke = shape.stroke.as_ref().filter(|stroke| stroke.thickness.to_pt() > 0.0);
        let stroke = stroke.map(|stroke| self.stroke(stroke)).transpose()?;
        let outline = match &shape.geometry {
            Geometry::Line(to) => {
                let mut line = PathBuilder::new();
                line.move_to(0.0, 0.0);
                line.line_to(to.x.to_pt() as f32, to.y.to_pt() as f32);
                line.finish()
            }
            Geometry::Rect(size) => path(&Curve::rect(*size)).finish(),
            Geometry::Curve(curve) => path(curve).finish(),
        };
        if let Some(outline) = outline
            && (fill.is_some() || stroke.is_some())
        {
            surface.push_transform(&transform(here));
            surface.set_fill(fill);
            surface.set_stroke(stroke);
            surface.draw_path(&outline);
            surface.pop();
        }
        Ok(())
    }

    fn picture(
        &mut self,
        image: &Image,
        size: Size,
        here: Transform,
        surface: &mut Surface<'_>,
    ) -> Result<(), String> {
        let ImageKind::Raster(raster) = image.kind() else {
            return Err("a picture that is not made of pixels".into());
        };
        let smooth = image.scaling() == Smart::Custom(ImageScaling::Smooth);
        let key = hash128(image);
        let picture = match self.pictures.get(&key) {
            Some(picture) => picture.clone(),
            None => {
                let pixels = Pixels::new(&on_white(raster.dynamic()), key);
                let picture = krilla::image::Image::from_custom(pixels, smooth)?;
                self.pictures.insert(key, picture.clone());
                picture
            }
        };
        let size = geom::Size::from_wh(size.x.to_pt() as f32, size.y.to_pt() as f32);
        surface.push_transform(&transform(here));
        size.into_iter().for_each(|size| surface.draw_image(picture.clone(), size));
        surface.pop();
        Ok(())
    }

    fn fill(&self, paint: &Paint, rule: FillRule) -> Result<Fill, String> {
        Ok(Fill { paint: self.paint(paint)?, opacity: NormalizedF32::ONE, rule })
    }

    fn stroke(&self, stroke: &FixedStroke) -> Result<Stroke, String> {
        Ok(Stroke {
            paint: self.paint(&stroke.paint)?,
            width: stroke.thickness.to_pt() as f32,
            miter_limit: stroke.miter_limit.get() as f32,
            line_cap: match stroke.cap {
                TypstLineCap::Butt => LineCap::Butt,
                TypstLineCap::Round => LineCap::Round,
                TypstLineCap::Square => LineCap::Square,
            },
            line_join: match stroke.join {
                TypstLineJoin::Miter => LineJoin::Miter,
                TypstLineJoin::Round => LineJoin::Round,
                TypstLineJoin::Bevel => LineJoin::Bevel,
            },
            opacity: NormalizedF32::ONE,
            dash: stroke.dash.as_ref().map(|dash| StrokeDash {
                array: dash.array.iter().map(|length| length.to_pt() as f32).collect(),
                offset: dash.phase.to_pt() as f32,
            }),
        })
    }

    fn paint(&self, paint: &Paint) -> Result<krilla::paint::Paint, String> {
        let Paint::Solid(colour) = paint else {
            return Err("a paint that is not one colour".into());
        };
        Ok(match (Ink::of(colour), self.colours) {
            (Some((ink, tint)), Colours::Spot) => {
                let colorant = match ink {
                    Ink::All => SeparationColorant::AllColorants,
                    ink => SeparationColorant::Custom(ink.name().into()),
                };
                let [c, m, y, k] = ink.cmyk();
                let space = SeparationSpace::new(colorant, cmyk::Color::new(c, m, y, k).into());
                let tint = (tint * 255.0).round() as u8;
                krilla::color::Color::from(separation::Color::new(tint, space)).into()
            }
            (Some((ink, tint)), Colours::Process) => {
                let [c, m, y, k] = ink.cmyk().map(|part| (f64::from(part) * tint).round() as u8);
                cmyk::Color::new(c, m, y, k).into()
            }
            (None, _) => {
                let [c, m, y, k] = process(colour);
                cmyk::Color::new(c, m, y, k).into()
            }
        })
    }
}

/// A screen colour in process colours, with all its grey in black.
fn process(colour: &Color) -> [u8; 4] {
    let part = |share: f32| (share * 255.0).round() as u8;
    let space = typst::visualize::ProcessColorSpace::Srgb;
    let [r, g, b, alpha] = colour.to_process().to_space(space).to_vec4();
    // A transparent colour on white paper looks lighter.
    process_pixel([r, g, b].map(|share| part(1.0 - (1.0 - share) * alpha)))
}

fn process_pixel([r, g, b]: [u8; 3]) -> [u8; 4] {
    let light = r.max(g).max(b);
    if light == 0 {
        return [0, 0, 0, 255];
    }
    let ink = |part: u8| (u32::from(light - part) * 255 / u32::from(light)) as u8;
    [ink(r), ink(g), ink(b), 255 - light]
}

/// The pixels of a picture in the colours of the press.
#[derive(Clone)]
struct Pixels {
    key: u128,
    size: (u32, u32),
    space: ImageColorspace,
    bytes: Arc<Vec<u8>>,
}

impl Pixels {
    fn new(picture: &DynamicImage, key: u128) -> Self {
        let size = picture.dimensions();
        let (space, bytes) = match picture {
            DynamicImage::ImageLuma8(grey) => (ImageColorspace::Luma, grey.as_raw().clone()),
            colour => {
                let bytes = colour.to_rgb8().pixels().flat_map(|p| process_pixel(p.0)).collect();
                (ImageColorspace::Cmyk, bytes)
            }
        };
        Pixels { key, size, space, bytes: Arc::new(bytes) }
    }
}

impl std::hash::Hash for Pixels {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl CustomImage for Pixels {
    fn color_channel(&self) -> &[u8] {
        &self.bytes
    }
    fn alpha_channel(&self) -> Option<&[u8]> {
        None
    }
    fn bits_per_component(&self) -> BitsPerComponent {
        BitsPerComponent::Eight
    }
    fn size(&self) -> (u32, u32) {
        self.size
    }
    fn icc_profile(&self) -> Option<&[u8]> {
        None
    }
    fn color_space(&self) -> ImageColorspace {
        self.space
    }
}

/// A glyph of Typst's, for krilla.
struct Placed<'a>(&'a Glyph);

impl KrillaGlyph for Placed<'_> {
    fn glyph_id(&self) -> GlyphId {
        GlyphId::new(self.0.id.into())
    }
    fn text_range(&self) -> std::ops::Range<usize> {
        self.0.range()
    }
    fn x_advance(&self, size: f32) -> f32 {
        self.0.x_advance.get() as f32 * size
    }
    fn x_offset(&self, size: f32) -> f32 {
        self.0.x_offset.get() as f32 * size
    }
    fn y_offset(&self, size: f32) -> f32 {
        self.0.y_offset.get() as f32 * size
    }
    fn y_advance(&self, size: f32) -> f32 {
        self.0.y_advance.get() as f32 * size
    }
    fn location(&self) -> Option<krilla::surface::Location> {
        None
    }
}

fn path(curve: &Curve) -> PathBuilder {
    let mut path = PathBuilder::new();
    let pt = |length: Abs| length.to_pt() as f32;
    for item in &curve.0 {
        match item {
            CurveItem::Move(p) => path.move_to(pt(p.x), pt(p.y)),
            CurveItem::Line(p) => path.line_to(pt(p.x), pt(p.y)),
            CurveItem::Cubic(a, b, p) => {
                path.cubic_to(pt(a.x), pt(a.y), pt(b.x), pt(b.y), pt(p.x), pt(p.y));
            }
            CurveItem::Close => path.close(),
        }
    }
    path
}

fn transform(t: Transform) -> geom::Transform {
    geom::Transform::from_row(
        t.sx.get() as f32,
        t.ky.get() as f32,
        t.kx.get() as f32,
        t.sy.get() as f32,
        t.tx.to_pt() as f32,
        t.ty.to_pt() as f32,
    )
}

fn point(point: Point) -> geom::Point {
    geom::Point::from_xy(point.x.to_pt() as f32, point.y.to_pt() as f32)
}

fn rect(rect: Rect) -> Option<geom::Rect> {
    let (min, max) = (point(rect.min), point(rect.max));
    geom::Rect::from_ltrb(min.x, min.y, max.x, max.y)
}
