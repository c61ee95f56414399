//! Laid-out pages → what the print room needs of them: inks, plates, sheets, numbered copies.
//!
//! All of it is made from the frames that the circulated edition is made from: colours are
//! changed item by item, and pages are placed whole.

pub mod code;
pub mod copies;
mod frames;
pub mod impose;
pub mod ink;
pub mod number;
mod pad;
pub mod register;
mod sheet;
pub mod trace;
pub mod volume;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde_json::{Value as Json, json};
use typst::layout::{Abs, Angle, Frame, FrameItem, Point, Rect, Size, Transform};
use typst::model::Document;
use typst::visualize::Paint;
use typst_layout::{Page, PagedDocument};

use crate::compile::{compile, ours};
use crate::diag::{Checked, Code as DiagCode, Diagnostic, SourceFile, Span};
use crate::digest::Digest;
use crate::export;
use crate::export::sheets::{self, Bookmark, Layer, Properties, Sheet};
use crate::issue::{Date, Imprint};
use crate::layout::Geometry;
use crate::world::BulletinWorld;
use code::Code;
use copies::{List, Recipient};
use impose::{Flip, Imposed, Plan, Refusal, Scheme, Side};
use ink::{Colours, Ink, Stray};
use sheet::{Face, Marks};

/// What is asked of the press.
#[derive(Clone)]
pub struct Job {
    /// How inks are mixed.
    pub colours: Colours,
    /// Which of the inks are printed.
    pub parts: Parts,
    /// How pages come onto sheets; page by page if nothing is said.
    pub imposition: Option<Imposition>,
    /// Who gets numbered copies.
    pub copies: Option<Copies>,
}

/// Which of the inks are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// All, in one file.
    Whole,
    /// Each in a file of its own (分色版).
    Plates,
    /// Black alone, on paper that brings its red (套红纸).
    Preprinted,
}

/// How pages come onto sheets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Imposition {
    /// How.
    pub scheme: Scheme,
    /// Whether sheets are printed on both sides.
    pub duplex: bool,
    /// The edge that sheets are turned over on.
    pub flip: Option<Flip>,
    /// The paper, in mm.
    pub sheet: Paper,
    /// Whether marks are printed beside the trimmed sheet.
    pub marks: bool,
    /// How many pages make a signature.
    pub signature: Option<usize>,
    /// How thick the paper is, in mm.
    pub thickness: f64,
}

/// The paper of a sheet, in mm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Paper {
    /// This wide and this high.
    Fixed(f64, f64),
    /// These sides, the way round that more pages fit on.
    Either(f64, f64),
}

/// Numbered copies.
#[derive(Clone)]
pub struct Copies {
    /// Who gets how many.
    pub list: Arc<List>,
    /// The number of the first copy.
    pub first_number: u32,
    /// Whether each recipient's name stands large and light under the text.
    pub watermark: bool,
    /// Whether page 1 carries a code.
    pub code: bool,
    /// Whether each recipient has a file of its own.
    pub apart: bool,
}

/// A file for the print room.
#[derive(Debug, Clone)]
pub struct PressFile {
    /// What is added to the issue's name: `-booklet-red`.
    pub suffix: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How many pages it has, which are sides of sheets.
    pub sides: usize,
}

/// What the press makes of an issue.
#[derive(Debug, Clone)]
pub struct Pressed {
    /// The files.
    pub files: Vec<PressFile>,
    /// Who got which copies.
    pub register: Option<Register>,
}

/// The register of numbered copies (份号登记表).
#[derive(Debug, Clone)]
pub struct Register {
    /// A line for each copy.
    pub csv: String,
    /// A table to be signed, a line for each recipient.
    pub pdf: Vec<u8>,
    /// How many copies there are.
    pub copies: usize,
}

/// An issue as the press needs it.
#[derive(Clone)]
pub struct Printable<'a> {
    /// The issue's name: `fugong/2014-16`.
    pub name: String,
    /// Its title: 妇工简报 2014年第16期.
    pub title: String,
    /// Who gets it.
    pub imprint: &'a Imprint,
    /// The pages.
    pub document: &'a PagedDocument,
    /// What they are like.
    pub geometry: Geometry,
    /// The date of issue.
    pub date: Date,
    /// The digest of the issue's file.
    pub digest: Digest,
    /// The file to blame.
    pub file: &'a Arc<SourceFile>,
    /// The world that the pages were typeset in: the press typesets with the same fonts.
    pub world: &'a BulletinWorld,
}

const PIECES: &str = include_str!("press/pieces.typ");

const REGISTER: &str = include_str!("press/register.typ");

/// Makes the files of an issue.
pub fn press(source: &Printable<'_>, job: &Job) -> Checked<Pressed> {
    let mut found = Vec::new();
    let pressed = Press { source, job, found: &mut found }.pressed();
    match pressed {
        Some(pressed) => Checked::new(pressed, found),
        None => Checked::failed(found),
    }
}

struct Press<'a> {
    source: &'a Printable<'a>,
    job: &'a Job,
    found: &'a mut Vec<Diagnostic>,
}

impl Press<'_> {
    fn pressed(&mut self) -> Option<Pressed> {
        let copies = self.job.copies.as_ref();
        let recipients = match copies {
            Some(Copies { list, first_number, .. }) => {
                let Printable { imprint, file, .. } = self.source;
                copies::assign(list, imprint, *first_number, file).drain_into(self.found)?
            }
            None => Vec::new(),
        };
        self.can_be_printed(&recipients)?;
        let mut files = Vec::new();
        for (suffix, only) in self.job.files() {
            let pages = self.pages(only)?;
            files.extend(match copies {
                Some(copies) => self.numbered(pages, copies, &recipients, only, &suffix)?,
                None => vec![self.plain(pages, only, suffix)?],
            });
        }
        let register = match copies {
            Some(_) => Some(self.register(&recipients)?),
            None => None,
        };
        Some(Pressed { files, register })
    }

    /// Names come from elsewhere: the fonts may lack a character of theirs.
    fn can_be_printed(&mut self, recipients: &[Recipient]) -> Option<()> {
        let names = recipients.iter().flat_map(|to| to.name.chars());
        let fonts = self.source.world.fonts();
        let missing: BTreeSet<char> =
            names.filter(|c| !c.is_whitespace() && !fonts.covers(*c)).collect();
        for c in &missing {
            let missing = Diagnostic::error(DiagCode::GlyphMissing, self.whole());
            let codepoint = format!("U+{:04X}", u32::from(*c));
            self.found.push(missing.arg("char", c).arg("codepoint", codepoint));
        }
        missing.is_empty().then_some(())
    }

    /// The pages in their inks.
    fn pages(&mut self, only: Option<Ink>) -> Option<Vec<Frame>> {
        let mut strays = BTreeMap::new();
        let mut pages = Vec::new();
        for (index, page) in self.source.document.pages().iter().enumerate() {
            let mut found = BTreeSet::new();
            pages.push(ink::separate(&page.frame, self.job.colours, only, &mut found));
            found.into_iter().for_each(|stray| {
                strays.entry(stray).or_insert(index + 1);
            });
        }
        let clean = strays.is_empty();
        for (stray, page) in strays {
            let what = Diagnostic::error(DiagCode::PressInk, self.whole()).arg("page", page);
            self.found.push(match stray {
                Stray::Colour(colour) => what.arg("colour", colour),
                Stray::Pattern => what.arg("colour", "-").hint("pattern"),
                Stray::Drawing => what.arg("colour", "-").hint("drawing"),
            });
        }
        clean.then_some(pages)
    }

    /// The file of pages that are the same on every copy.
    fn plain(&mut self, pages: Vec<Frame>, only: Option<Ink>, suffix: String) -> Option<PressFile> {
        if self.job.imposition.is_none() && self.job.colours == Colours::Spot {
            // Page by page the file is for archives and readers too.
            let document = self.source.document;
            let pages: Vec<Page> = document
                .pages()
                .iter()
                .zip(pages)
                .map(|(page, frame)| Page { frame, ..page.clone() })
                .collect();
            let sides = pages.len();
            let document = PagedDocument::new(pages.into(), document.info().clone());
            let bytes = self.archive(&document)?;
            return Some(PressFile { suffix, bytes, sides });
        }
        let size = pages.first()?.size();
        let faces = self.padded(pages)?.into_iter().map(|page| match page {
            Some((frame, moved)) => face(frame, moved),
            None => Face { size, layers: Vec::new() },
        });
        let faces = faces.collect();
        let sheets = self.sheets(vec![faces], only)?;
        self.write(sheets, suffix)
    }

    /// The files of numbered copies.
    fn numbered(
        &mut self,
        mut pages: Vec<Frame>,
        copies: &Copies,
        recipients: &[Recipient],
        only: Option<Ink>,
        suffix: &str,
    ) -> Option<Vec<PressFile>> {
        if self.job.imposition.is_some_and(|imposition| imposition.scheme == Scheme::Step) {
            self.found.push(Diagnostic::error(DiagCode::PressStep, self.whole()));
            return None;
        }
        let Some((first, place)) = pages.first().and_then(number::take) else {
            self.found.push(Diagnostic::error(DiagCode::CopyNumberPlace, self.whole()));
            return None;
        };
        let size = first.size();
        pages[0] = first;
        let padded = self.padded(pages)?;
        let names: Vec<&str> = recipients.iter().map(|to| to.name.as_str()).collect();
        let watermarks = match copies.watermark {
            true => self.watermarks(&names, size)?,
            false => Vec::new(),
        };
        let name = &self.source.name;
        let code = |(number, to): (u32, &Recipient)| {
            let seal = code::seal(name, self.source.digest, number, &to.name);
            Code { issue: name.clone(), number, seal }.frame()
        };
        let numbers = recipients.iter().flat_map(|to| to.numbers().map(move |number| (number, to)));
        // Codes take the longest of all that a copy takes.
        let codes: Vec<Frame> = match copies.code {
            true => numbers.collect::<Vec<_>>().into_par_iter().map(code).collect(),
            false => Vec::new(),
        };
        let mut codes = codes.into_iter();
        let mut batches: Vec<(String, Vec<Vec<Face>>)> = Vec::new();
        for (index, recipient) in recipients.iter().enumerate() {
            if batches.is_empty() || copies.apart {
                let suffix = match copies.apart {
                    true => {
                        format!("{suffix}-copies/{:03}-{}", index + 1, file_name(&recipient.name))
                    }
                    false => format!("{suffix}-copies"),
                };
                batches.push((suffix, Vec::new()));
            }
            for number in recipient.numbers() {
                let mut copy: Vec<Face> = Vec::new();
                for page in &padded {
                    let Some((frame, moved)) = page else {
                        copy.push(Face { size, layers: Vec::new() });
                        continue;
                    };
                    let mut face = face(frame.clone(), *moved);
                    let below = watermarks.get(index).cloned();
                    let below = below.map(|frame| shared(frame, Abs::zero()));
                    face.layers.splice(0..0, below);
                    copy.push(face);
                }
                let own = [place.frame(size, number)].into_iter().chain(codes.next());
                copy[0].layers.extend(own.map(|frame| self::own(frame, Point::zero())));
                if let Some((_, batch)) = batches.last_mut() {
                    batch.push(copy);
                }
            }
        }
        let mut files = Vec::new();
        for (suffix, batch) in batches {
            let sheets = self.sheets(batch, only)?;
            files.push(self.write(sheets, suffix)?);
        }
        Some(files)
    }

    /// Pages as the imposition needs them, blanks among them.
    fn padded(&mut self, pages: Vec<Frame>) -> Option<Vec<Option<pad::Moved>>> {
        let at_rest = |page: Frame| Some((page, Abs::zero()));
        let Some(imposition) = &self.job.imposition else {
            return Some(pages.into_iter().map(at_rest).collect());
        };
        let plan = self.plan(imposition, pages.first()?.size())?;
        let total = plan.padded(pages.len());
        Some(match imposition.scheme {
            Scheme::Booklet => pad::pad(pages, total, self.source.geometry),
            // Each copy begins on a leaf of its own.
            _ if self.job.copies.is_some() => {
                let mut pages: Vec<_> = pages.into_iter().map(at_rest).collect();
                pages.resize_with(total, || None);
                pages
            }
            _ => pages.into_iter().map(at_rest).collect(),
        })
    }

    fn plan(&mut self, imposition: &Imposition, page: Size) -> Option<Plan> {
        imposition.plan((page.x.to_mm(), page.y.to_mm())).map_err(|why| self.refuse(why)).ok()
    }

    fn refuse(&mut self, why: Refusal) {
        let refused = refusal(why, self.whole());
        self.found.push(refused);
    }

    /// Copies, each of some pages, on sheets. `only` is the ink of a plate.
    fn sheets(&mut self, copies: Vec<Vec<Face>>, only: Option<Ink>) -> Option<Sheets> {
        let Some(imposition) = &self.job.imposition else {
            let sheets = copies.into_iter().flatten().map(page_sheet);
            return Some(Sheets { sheets: sheets.collect(), imposed: None });
        };
        let size = copies.first()?.first()?.size;
        if let Some(other) = copies.iter().flatten().position(|face| face.size != size) {
            let mixed = Diagnostic::error(DiagCode::PressPages, self.whole());
            self.found.push(mixed.arg("page", other + 1));
            return None;
        }
        let plan = self.plan(imposition, size)?;
        let (columns, rows) = plan.grid().map_err(|why| self.refuse(why)).ok()?;
        let imposed = Some(Imposed {
            scheme: plan.scheme,
            duplex: plan.duplex,
            up: columns * rows,
            pages: copies.first()?.len(),
            copies: copies.len(),
        });
        // Piles are cut for all copies at once: then they lie copy by copy.
        let copies = match plan.scheme {
            Scheme::CutStack => vec![copies.into_iter().flatten().collect()],
            _ => copies,
        };
        let longest = copies.iter().map(Vec::len).max()?;
        let sides = plan.impose(longest).map_err(|why| self.refuse(why)).ok()?;
        let slugs = match imposition.marks {
            true => self.slugs(&sides)?,
            false => Vec::new(),
        };
        let trim = plan.trim().map_err(|why| self.refuse(why)).ok()?;
        let mut sheets = Vec::new();
        for pages in &copies {
            for (index, side) in sides.iter().enumerate() {
                let marks = slugs.get(index).and_then(|slug| {
                    let on_side = side.slots.iter().flat_map(|slot| &pages[slot.page].layers);
                    let mut inks: BTreeSet<Ink> =
                        on_side.flat_map(|layer| ink::inks(&layer.frame)).collect();
                    // Marks of a side without any ink are black: a red plate does not print it.
                    if inks.is_empty() && only != Some(Ink::Red) {
                        inks.insert(Ink::Black);
                    }
                    let inks: Vec<Ink> = inks.into_iter().collect();
                    (!inks.is_empty()).then_some(Marks { slug, inks })
                });
                sheets.push(sheet::sheet(&plan, trim, side, pages, marks));
            }
        }
        Some(Sheets { sheets, imposed })
    }

    /// The slug lines of a copy's sides.
    fn slugs(&mut self, sides: &[Side]) -> Option<Vec<Frame>> {
        let Date { year, month, day } = self.source.date;
        let title = &self.source.title;
        let digest = &self.source.digest.to_string()[..16];
        let texts = sides.iter().map(|side| {
            let (sheet, face) = (side.sheet + 1, if side.back { "背面" } else { "正面" });
            let date = format!("{year}-{month:02}-{day:02}");
            let text = format!("{title}　{date}　BLAKE3 {digest}　第 {sheet} 张{face}");
            json!({ "text": text, "role": "songti", "size": 7 })
        });
        let texts: Vec<Json> = texts.collect();
        self.pieces(Json::Array(texts))
    }

    /// Each recipient's name across a page, in a tenth of black.
    fn watermarks(&mut self, names: &[&str], size: Size) -> Option<Vec<Frame>> {
        let diagonal = (size.x.to_pt().powi(2) + size.y.to_pt().powi(2)).sqrt();
        let texts = names.iter().map(|name| {
            let ems = crate::text::ems(name).max(1.0);
            json!({ "text": name, "role": "heiti", "size": (diagonal * 0.7 / ems).min(60.0) })
        });
        let pieces = self.pieces(texts.collect())?;
        Some(
            pieces
                .into_iter()
                .map(|piece| across(recoloured_to(&piece, Ink::Black, 0.1), size))
                .collect(),
        )
    }

    /// The register of copies: for programs, and to be signed.
    fn register(&mut self, recipients: &[Recipient]) -> Option<Register> {
        let Printable { name, digest, title, .. } = self.source;
        let mut csv = csv::Writer::from_writer(Vec::new());
        let mut write = |record: &[String]| csv.write_record(record).expect("memory takes it");
        write(&register::COLUMNS.map(String::from));
        for to in recipients {
            for number in to.numbers() {
                let seal = code::seal(name, *digest, number, &to.name);
                write(&[number::printed(number), to.name.clone(), to.list.clone(), seal]);
            }
        }
        let csv = csv.into_inner().expect("memory takes it");
        let total: u32 = recipients.iter().map(|to| to.count).sum();
        let rows = recipients.iter().map(|to| {
            let (first, last) = (to.first, to.first + to.count - 1);
            let numbers = match first == last {
                true => number::printed(first),
                false => format!("{}–{}", number::printed(first), number::printed(last)),
            };
            json!([to.list, to.name, to.count.to_string(), numbers, "", ""])
        });
        let data = json!({ "title": title, "rows": rows.collect::<Vec<Json>>(), "total": total });
        let table = self.typeset(REGISTER, &data)?;
        let pdf = self.archive(&table)?;
        let csv = String::from_utf8(csv).expect("what was written is text");
        Some(Register { csv, pdf, copies: total as usize })
    }

    fn pieces(&mut self, texts: Json) -> Option<Vec<Frame>> {
        let document = self.typeset(PIECES, &texts)?;
        let page =
            |page: &Page| ink::separate(&page.frame, self.job.colours, None, &mut BTreeSet::new());
        Some(document.pages().iter().map(page).collect())
    }

    /// Typesets a Typst file of the press's own with its data.
    fn typeset(&mut self, text: &str, data: &Json) -> Option<PagedDocument> {
        let world = self.source.world.with(text, data);
        compile(&world, self.source.file).drain_into(self.found)
    }

    /// Writes pages as the circulated edition is written, to its standards.
    fn archive(&mut self, document: &PagedDocument) -> Option<Vec<u8>> {
        let Printable { name, date, world, file, .. } = self.source;
        let made = typst_pdf::pdf(document, &export::options(name, *date));
        // Pages come from several main files: an error can name a place in the layout alone.
        let layout = world.with("", &Json::Null);
        ours(made, DiagCode::PdfStandard, &layout, file).drain_into(self.found)
    }

    fn write(&mut self, sheets: Sheets, suffix: String) -> Option<PressFile> {
        self.write_with(sheets, &[], suffix)
    }

    fn write_with(
        &mut self,
        Sheets { sheets, imposed }: Sheets,
        bookmarks: &[Bookmark],
        suffix: String,
    ) -> Option<PressFile> {
        let properties = Properties {
            ident: format!("{}{suffix}", self.source.name),
            title: self.source.title.clone(),
            author: author(self.source.document),
            date: self.source.date,
            imposed,
        };
        match sheets::pdf(&sheets, bookmarks, self.job.colours, &properties) {
            Ok(bytes) => Some(PressFile { suffix, bytes, sides: sheets.len() }),
            Err(detail) => {
                let failed = Diagnostic::error(DiagCode::PressFile, self.whole());
                self.found.push(failed.arg("detail", detail));
                None
            }
        }
    }

    fn whole(&self) -> Span {
        Span::new(self.source.file, 0..0)
    }
}

impl Job {
    /// The files that are asked for: what is added to their names, and the ink that stays.
    fn files(&self) -> Vec<(String, Option<Ink>)> {
        let parts: &[(&str, Option<Ink>)] = match self.parts {
            Parts::Whole => &[("", None)],
            Parts::Plates => &[("-red", Some(Ink::Red)), ("-black", Some(Ink::Black))],
            Parts::Preprinted => &[("-preprinted", Some(Ink::Black))],
        };
        let scheme = self.imposition.map(|imposition| format!("-{}", imposition.scheme.name()));
        let mut suffix = scheme.unwrap_or_default();
        if self.colours == Colours::Process {
            suffix += "-process";
        }
        parts.iter().map(|(part, only)| (format!("{suffix}{part}"), *only)).collect()
    }
}

impl Imposition {
    /// The plan for pages of a size in mm, the paper the way round that more fit on.
    pub fn plan(&self, page: (f64, f64)) -> Result<Plan, Refusal> {
        let of = |sheet| Plan {
            scheme: self.scheme,
            duplex: self.duplex,
            flip: self.flip,
            sheet,
            page,
            signature: self.signature,
            thickness: self.thickness,
            margin: if self.marks { sheet::MARGIN } else { 0.0 },
        };
        let (wide, high) = match self.sheet {
            Paper::Fixed(width, height) => {
                return of((width, height)).grid().map(|_| of((width, height)));
            }
            Paper::Either(a, b) => (of((a.max(b), a.min(b))), of((a.min(b), a.max(b)))),
        };
        let pages = |plan: &Plan| plan.grid().map(|(columns, rows)| columns * rows);
        match (pages(&wide), pages(&high)) {
            (Ok(w), Ok(h)) if h > w => Ok(high),
            (Ok(_), _) => Ok(wide),
            (Err(_), Ok(_)) => Ok(high),
            (Err(why), Err(_)) => Err(why),
        }
    }
}

/// A refusal in our terms.
fn refusal(why: Refusal, span: Span) -> Diagnostic {
    match why {
        Refusal::TooSmall { needed, margin, sheet } => {
            let mm = |(w, h): (f64, f64)| format!("{w:.0}×{h:.0} mm");
            let refused = Diagnostic::error(DiagCode::PressSheet, span)
                .arg("needed", mm((needed.0 + 2.0 * margin, needed.1 + 2.0 * margin)))
                .arg("sheet", mm(sheet));
            if margin > 0.0 { refused.hint("marks") } else { refused }
        }
        Refusal::BookletNeedsDuplex => Diagnostic::error(DiagCode::PressDuplex, span),
        Refusal::Signature(pages) => {
            Diagnostic::error(DiagCode::PressSignature, span).arg("pages", pages)
        }
    }
}

/// Sides in their order, and how they were imposed.
struct Sheets {
    sheets: Vec<Sheet>,
    imposed: Option<Imposed>,
}

/// A page as a sheet of its own size.
fn page_sheet(Face { size, layers }: Face) -> Sheet {
    let whole = Rect::new(Point::zero(), size.to_point());
    Sheet { size, bleed: whole, trim: whole, layers }
}

fn shared(frame: Frame, moved: Abs) -> Layer {
    Layer { frame, at: Transform::translate(moved, Abs::zero()), shared: true }
}

fn face(frame: Frame, moved: Abs) -> Face {
    Face { size: frame.size(), layers: vec![shared(frame, moved)] }
}

fn own(frame: Frame, at: Point) -> Layer {
    Layer { frame, at: Transform::translate(at.x, at.y), shared: false }
}

/// A frame of one ink in another.
fn recoloured(frame: &Frame, ink: Ink) -> Frame {
    recoloured_to(frame, ink, 1.0)
}

fn recoloured_to(frame: &Frame, ink: Ink, tint: f64) -> Frame {
    frames::map(frame, Transform::identity(), &mut |_, item| {
        let mut item = item.clone();
        if let FrameItem::Text(text) = &mut item {
            text.fill = Paint::Solid(ink.tint(tint));
        }
        Some(item)
    })
}

/// A line three times across a page, rising.
fn across(line: Frame, size: Size) -> Frame {
    let mut page = Frame::hard(size);
    for share in [0.25, 0.55, 0.85] {
        let mut turned = Frame::soft(line.size());
        turned.push_frame(Point::zero(), line.clone());
        let middle = Point::new(size.x * 0.5, size.y * share);
        turned.transform(
            Transform::translate(middle.x, middle.y)
                .pre_concat(Transform::rotate(Angle::deg(-30.0)))
                .pre_concat(Transform::translate(-line.width() / 2.0, -line.height() / 2.0)),
        );
        page.push_frame(Point::zero(), turned);
    }
    page
}

/// A recipient's name as a part of a file's.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).take(40).collect()
}

fn author(document: &PagedDocument) -> String {
    document.info().author.join("、")
}
