//! A job for the press: the inks, the sheets and the numbered copies of an issue's files.

use std::sync::Arc;

use super::copies::List;
use super::impose::{Flip, Plan, Refusal, Scheme};
use super::ink::{Colours, Ink};
use super::sheet;

/// A job for the press.
#[derive(Clone)]
pub struct Job {
    /// How inks are mixed.
    pub colours: Colours,
    /// Which of the inks are printed.
    pub parts: Parts,
    /// How pages are placed onto sheets; `None` for page by page.
    pub imposition: Option<Imposition>,
    /// The numbered copies, if there are any.
    pub copies: Option<Copies>,
}

/// Which of the inks are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// All, in one file.
    Whole,
    /// Each in a file of its own (分色版).
    Plates,
    /// Black alone, on paper preprinted in red (套红纸).
    Preprinted,
}

/// How pages are placed onto sheets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Imposition {
    /// The scheme.
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
    /// Width and height.
    Fixed(f64, f64),
    /// These sides, turned the way that more pages fit.
    Either(f64, f64),
}

/// Numbered copies.
#[derive(Clone)]
pub struct Copies {
    /// The recipients, and how many copies each gets.
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

impl Job {
    /// The files of the job: the suffix of each name, and the file's only ink.
    pub(super) fn files(&self) -> Vec<(String, Option<Ink>)> {
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
    /// The plan for pages of a size in mm, with the paper turned the way that more pages fit.
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
