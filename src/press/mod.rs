//! Laid-out pages → what the print room needs of them: inks and plates (`ink`), sheets (`impose`,
//! `sheet`), numbered copies (`copies` reads who gets them, `numbered` makes them), volumes. `write`
//! makes the PDFs; `preflight` checks whether a PDF can be printed.
//!
//! All files are made from the frames of the circulated edition: colours are changed item by item,
//! and pages are placed whole.

pub mod preflight;

pub mod code;
pub mod copies;
pub mod impose;
pub mod ink;
mod job;
pub mod number;
mod numbered;
mod pack;
mod pad;
pub mod register;
mod sheet;
pub mod trace;
pub mod volume;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value as Json, json};
use typst::layout::{Abs, Frame, Size};
use typst::model::Document;
use typst_layout::{Page, PagedDocument};

use crate::diag::{Checked, Code as DiagCode, Diagnostic, SourceFile, Span};
use crate::issue::{Date, Imprint};
use crate::publication::layout::Geometry;
use crate::source::digest::Digest;
use crate::typeset::compile::{compile, ours};
use crate::typeset::export;
use crate::typeset::world::BulletinWorld;
use copies::Recipient;
use impose::{Imposed, Plan, Refusal, Scheme, Side};
use ink::{Colours, Ink, Stray};
pub use job::{Copies, Imposition, Job, Paper, Parts};
pub use register::Register;
use sheet::{Face, Marks};
use write::{Bookmark, Properties, Sheet};

/// A file for the print room.
#[derive(Debug, Clone)]
pub struct PressFile {
    /// What is added to the issue's name: `-booklet-red`.
    pub suffix: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The number of pages; each is a side of a sheet.
    pub sides: usize,
}

/// The files that the press makes of an issue.
#[derive(Debug, Clone)]
pub struct Pressed {
    /// The files.
    pub files: Vec<PressFile>,
    /// The register of numbered copies.
    pub register: Option<Register>,
}

/// An issue as the press needs it.
#[derive(Clone)]
pub struct Printable<'a> {
    /// The issue's name: `fugong/2014-16`.
    pub name: String,
    /// Its title: 妇工简报 2014年第16期.
    pub title: String,
    /// The imprint, whose lists name the recipients.
    pub imprint: &'a Imprint,
    /// The pages.
    pub document: &'a PagedDocument,
    /// The geometry of the pages.
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

const PIECES: &str = include_str!("pieces.typ");

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

    /// Recipients' names come from outside: the fonts may lack one of their characters.
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
            // A file of single pages serves archives and readers too.
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
            Some((frame, moved)) => Face::new(frame, moved),
            None => Face::blank(size),
        });
        let faces = faces.collect();
        let sheets = self.sheets(vec![faces], only)?;
        self.write(sheets, suffix)
    }

    /// Pages as the imposition needs them, with blanks added.
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
            let sheets = copies.into_iter().flatten().map(Face::into_sheet);
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
        // All copies are cut as one pile, which then lies copy by copy.
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
                    // Marks of a side without any ink are black, except on a red plate.
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

    fn pieces(&mut self, texts: Json) -> Option<Vec<Frame>> {
        let document = self.typeset(PIECES, &texts)?;
        let page =
            |page: &Page| ink::separate(&page.frame, self.job.colours, None, &mut BTreeSet::new());
        Some(document.pages().iter().map(page).collect())
    }

    /// Typesets one of the press's own Typst files with its data.
    fn typeset(&mut self, text: &str, data: &Json) -> Option<PagedDocument> {
        let world = self.source.world.with(text, data);
        compile(&world, self.source.file).drain_into(self.found)
    }

    /// Writes pages to the standards of the circulated edition.
    fn archive(&mut self, document: &PagedDocument) -> Option<Vec<u8>> {
        let Printable { name, date, world, file, .. } = self.source;
        let made = typst_pdf::pdf(document, &export::options(name, *date));
        // Pages come from several main files, so an error can name a place in the layout only.
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
        match write::pdf(&sheets, bookmarks, self.job.colours, &properties) {
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

/// A refusal as a finding.
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

fn author(document: &PagedDocument) -> String {
    document.info().author.join("、")
}
