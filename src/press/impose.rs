//! Pages → where they stand on the sheets (拼版). Plain arithmetic, in mm.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

/// How pages are brought onto sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// Saddle stitch (骑马订): sheets are laid into one another, folded and stapled in the fold.
    Booklet,
    /// Two pages side by side, in reading order.
    #[serde(rename = "2up")]
    TwoUp,
    /// Sheets are cut as one pile and the piles laid on one another: then the pages are in order.
    CutStack,
    /// The same leaf as often as it fits, for several copies at a time.
    Step,
}

impl Scheme {
    /// Its name on the command line and in file names.
    pub fn name(self) -> &'static str {
        match self {
            Scheme::Booklet => "booklet",
            Scheme::TwoUp => "2up",
            Scheme::CutStack => "cut-stack",
            Scheme::Step => "step",
        }
    }
}

/// The edge that a sheet is turned over on, for its back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flip {
    /// The long edge.
    Long,
    /// The short edge.
    Short,
}

/// The settings of an imposition. Lengths are in mm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// The scheme.
    pub scheme: Scheme,
    /// Whether sheets are printed on both sides.
    pub duplex: bool,
    /// The edge that the printer turns sheets over on; `None` for the edge with which no page has
    /// to be turned.
    pub flip: Option<Flip>,
    /// The paper, width and height.
    pub sheet: (f64, f64),
    /// A page, width and height.
    pub page: (f64, f64),
    /// The number of pages in a signature (书帖) of a booklet; `None` for a single signature.
    pub signature: Option<usize>,
    /// The thickness of the paper. An inner sheet sticks out by this much more than the sheet
    /// around it, and the excess is trimmed away (爬移): its pages are moved towards the fold as
    /// far.
    pub thickness: f64,
    /// The free space needed around the trimmed sheet, for marks.
    pub margin: f64,
}

/// One side of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// Which sheet, from 0.
    pub sheet: usize,
    /// Whether it is the back.
    pub back: bool,
    /// The pages on it.
    pub slots: Vec<Slot>,
}

/// A page on a sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// Which page, from 0.
    pub page: usize,
    /// From the sheet's left edge to the page's, in mm; of the turned page where it is turned.
    pub x: f64,
    /// From the sheet's top edge to the page's, in mm.
    pub y: f64,
    /// Whether it stands upside down.
    pub turned: bool,
}

/// Why an imposition is refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refusal {
    /// The pages with their margin do not fit on the sheet.
    TooSmall {
        /// Width and height that the pages take.
        needed: (f64, f64),
        /// What the marks take on each side.
        margin: f64,
        /// The sheet.
        sheet: (f64, f64),
    },
    /// A booklet is printed on both sides.
    BookletNeedsDuplex,
    /// A signature must have a multiple of four pages.
    Signature(usize),
}

impl Plan {
    /// Columns and rows of pages.
    pub fn grid(&self) -> Result<(usize, usize), Refusal> {
        let (w, h) = self.page;
        let room = (self.sheet.0 - 2.0 * self.margin, self.sheet.1 - 2.0 * self.margin);
        let fits = |room: f64, length: f64| ((room + 1e-6) / length).floor() as usize;
        let (columns, rows) = match self.scheme {
            Scheme::Booklet | Scheme::TwoUp => (2, 1),
            Scheme::CutStack | Scheme::Step => (fits(room.0, w).max(1), fits(room.1, h).max(1)),
        };
        if columns > fits(room.0, w) || rows > fits(room.1, h) {
            let needed = (columns as f64 * w, rows as f64 * h);
            return Err(Refusal::TooSmall { needed, margin: self.margin, sheet: self.sheet });
        }
        Ok((columns, rows))
    }

    /// The part of the sheet that is left after trimming: left, top, width and height.
    pub fn trim(&self) -> Result<[f64; 4], Refusal> {
        let (columns, rows) = self.grid()?;
        let (w, h) = (columns as f64 * self.page.0, rows as f64 * self.page.1);
        Ok([(self.sheet.0 - w) / 2.0, (self.sheet.1 - h) / 2.0, w, h])
    }

    /// The number of pages after padding: blanks complete the last sheet of a booklet, the last
    /// leaf of a pile, the last sheet of pairs.
    pub fn padded(&self, count: usize) -> usize {
        count.next_multiple_of(match (self.scheme, self.duplex) {
            (Scheme::Booklet, _) => 4,
            (_, true) => 2,
            (_, false) => 1,
        })
    }

    /// Places pages onto sheets, each sheet's front before its back. Pages after the last are
    /// blank and have no slot.
    pub fn impose(&self, count: usize) -> Result<Vec<Side>, Refusal> {
        let [left, top, width, height] = self.trim()?;
        let (columns, rows) = self.grid()?;
        let up = columns * rows;
        let (w, h) = self.page;
        // Places on the front go row by row; on the back they are mirrored, so that leaves match.
        let place = |at: usize, mirrored: bool| {
            let (column, row) = (at % columns, at / columns);
            let column = if mirrored { columns - 1 - column } else { column };
            (left + column as f64 * w, top + row as f64 * h)
        };
        let side = |sheet: usize, back: bool, pages: Vec<(usize, (f64, f64))>| {
            let slots = pages.into_iter().filter(|(page, _)| *page < count);
            let slots = slots.map(|(page, (x, y))| Slot { page, x, y, turned: false }).collect();
            Side { sheet, back, slots }
        };
        let mut sides = Vec::new();
        match self.scheme {
            Scheme::Booklet => {
                if !self.duplex {
                    return Err(Refusal::BookletNeedsDuplex);
                }
                let all = self.padded(count);
                let signature = self.signature.unwrap_or(all).max(1);
                if !signature.is_multiple_of(4) {
                    return Err(Refusal::Signature(signature));
                }
                let mut first = 0;
                while first < all {
                    let pages = signature.min(all - first);
                    for nested in 0..pages / 4 {
                        let creep = nested as f64 * self.thickness;
                        let (x, fold) = (left + creep, left + w - creep);
                        let (outer, inner) = (first + pages - 1 - 2 * nested, first + 2 * nested);
                        let sheet = sides.len() / 2;
                        sides.push(side(
                            sheet,
                            false,
                            vec![(outer, (x, top)), (inner, (fold, top))],
                        ));
                        let back = vec![(inner + 1, (x, top)), (outer - 1, (fold, top))];
                        sides.push(side(sheet, true, back));
                    }
                    first += pages;
                }
            }
            Scheme::TwoUp => {
                for (index, pair) in (0..count).step_by(2).enumerate() {
                    let pages = (0..2).map(|at| (pair + at, place(at, false))).collect();
                    let (sheet, back) =
                        if self.duplex { (index / 2, index % 2 == 1) } else { (index, false) };
                    sides.push(side(sheet, back, pages));
                }
            }
            Scheme::CutStack | Scheme::Step => {
                let faces = if self.duplex { 2 } else { 1 };
                let leaves = count.div_ceil(faces);
                let repeats = self.scheme == Scheme::Step;
                let sheets = if repeats { leaves } else { leaves.div_ceil(up) };
                for sheet in 0..sheets {
                    for face in 0..faces {
                        let leaf = |at: usize| if repeats { sheet } else { at * sheets + sheet };
                        let pages = (0..up)
                            .map(|at| (leaf(at) * faces + face, place(at, face == 1)))
                            .collect();
                        sides.push(side(sheet, face == 1, pages));
                    }
                }
            }
        }
        if self.turns_backs() {
            for slot in sides.iter_mut().filter(|side| side.back).flat_map(|side| &mut side.slots) {
                slot.x = 2.0 * left + width - w - slot.x;
                slot.y = 2.0 * top + height - h - slot.y;
                slot.turned = true;
            }
        }
        Ok(sides)
    }

    /// Whether the backs stand upside down: sheets are turned over on their upper edge.
    fn turns_backs(&self) -> bool {
        let upright = if self.sheet.0 > self.sheet.1 { Flip::Short } else { Flip::Long };
        self.flip.is_some_and(|flip| flip != upright)
    }
}

/// The imposition of a file, as the file's keywords record it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Imposed {
    /// The scheme.
    pub scheme: Scheme,
    /// Whether sheets are printed on both sides.
    pub duplex: bool,
    /// How many pages stand on a side.
    pub up: usize,
    /// How many pages a copy has, blanks of its end not counted.
    pub pages: usize,
    /// How many copies there are.
    pub copies: usize,
}

impl Imposed {
    /// The number of sides that the file must have.
    pub fn sides(&self) -> usize {
        let faces = if self.duplex { 2 } else { 1 };
        match self.scheme {
            Scheme::Booklet => (self.pages.div_ceil(4) * 2).saturating_mul(self.copies),
            Scheme::TwoUp => self.pages.div_ceil(2).saturating_mul(self.copies),
            Scheme::CutStack => {
                let leaves = self.pages.saturating_mul(self.copies).div_ceil(faces);
                leaves.div_ceil(self.up.max(1)).saturating_mul(faces)
            }
            Scheme::Step => {
                self.pages.div_ceil(faces).saturating_mul(faces).saturating_mul(self.copies)
            }
        }
    }

    /// Reads an [`Imposed`] from the keywords of a file.
    pub fn parse(keywords: &str) -> Option<Self> {
        let (_, written) = keywords.split_once(IMPOSED)?;
        let written = written.split([',', ';', ' ']).next()?;
        let mut parts = written.split('/');
        let name = parts.next()?;
        let schemes = [Scheme::Booklet, Scheme::TwoUp, Scheme::CutStack, Scheme::Step];
        let scheme = schemes.into_iter().find(|scheme| scheme.name() == name)?;
        let duplex = parts.next()? == "duplex";
        let possible = |number: &usize| (1..=MOST).contains(number);
        let mut number = || parts.next()?.parse().ok().filter(possible);
        Some(Imposed { scheme, duplex, up: number()?, pages: number()?, copies: number()? })
    }
}

/// More pages in a copy, or copies in a job, are not plausible.
const MOST: usize = 1_000_000;

/// The beginning of the keyword.
const IMPOSED: &str = "imposed:";

impl Display for Imposed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Imposed { scheme, duplex, up, pages, copies } = self;
        let sides = if *duplex { "duplex" } else { "single" };
        write!(f, "{IMPOSED}{}/{sides}/{up}/{pages}/{copies}", scheme.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A4: (f64, f64) = (210.0, 297.0);

    fn plan(scheme: Scheme) -> Plan {
        Plan {
            scheme,
            duplex: true,
            flip: None,
            sheet: (420.0, 297.0),
            page: A4,
            signature: None,
            thickness: 0.0,
            margin: 0.0,
        }
    }

    /// The slots at a place of a sheet's front and at the same spot on its back, with the paper
    /// turned over on the plan's edge.
    fn leaf(plan: &Plan, sides: &[Side], sheet: usize, x: f64, y: f64) -> [Option<Slot>; 2] {
        let (w, h) = plan.sheet;
        let behind = match plan.turns_backs() {
            false => (w - x, y),
            true => (x, h - y),
        };
        let at = |back: bool, (x, y): (f64, f64)| {
            let side = sides.iter().find(|side| side.sheet == sheet && side.back == back)?;
            let inside = |slot: &&Slot| {
                (slot.x..slot.x + plan.page.0).contains(&x)
                    && (slot.y..slot.y + plan.page.1).contains(&y)
            };
            side.slots.iter().find(inside).copied()
        };
        [at(false, (x, y)), at(true, behind)]
    }

    /// Reads a booklet as it lies folded, signature by signature: right halves of the sheets
    /// first, then the left halves from the inner sheet outwards.
    fn fold(plan: &Plan, count: usize) -> Vec<Option<usize>> {
        let sides = plan.impose(count).expect("it can be imposed");
        let sheets = sides.iter().map(|side| side.sheet + 1).max().unwrap_or(0);
        let per_signature = plan.signature.map_or(sheets, |pages| pages / 4);
        let [left, top, width, height] = plan.trim().expect("it fits");
        let middle = top + height / 2.0;
        let (l, r) = (left + width / 4.0, left + width * 3.0 / 4.0);
        let mut read = Vec::new();
        let all: Vec<usize> = (0..sheets).collect();
        for signature in all.chunks(per_signature.max(1)) {
            // The right half of a sheet is a leaf whose front is read first …
            for &sheet in signature {
                read.extend(leaf(plan, &sides, sheet, r, middle).map(|slot| slot.map(|s| s.page)));
            }
            // … and the left half is a leaf whose back is read first.
            for &sheet in signature.iter().rev() {
                let [front, back] = leaf(plan, &sides, sheet, l, middle);
                read.extend([back, front].map(|slot| slot.map(|s| s.page)));
            }
        }
        read
    }

    #[test]
    fn booklets_of_1_to_41_pages_fold_into_reading_order() {
        for count in 1..=41 {
            for signature in [None, Some(4), Some(8), Some(16)] {
                for flip in [None, Some(Flip::Short), Some(Flip::Long)] {
                    let plan = Plan { signature, flip, ..plan(Scheme::Booklet) };
                    let read = fold(&plan, count);
                    assert_eq!(read.len(), count.next_multiple_of(4));
                    for (at, page) in read.iter().enumerate() {
                        assert_eq!(*page, (at < count).then_some(at), "{count} {signature:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn each_leaf_has_two_pages_back_to_back_and_the_same_way_up() {
        for scheme in [Scheme::Booklet, Scheme::CutStack, Scheme::Step] {
            for flip in [Flip::Short, Flip::Long] {
                for sheet in [(420.0, 297.0), (450.0, 320.0), (594.0, 420.0), (420.0, 594.0)] {
                    let plan = Plan { flip: Some(flip), sheet, ..plan(scheme) };
                    let count = 40;
                    let sides = plan.impose(count).expect("it fits");
                    let (columns, rows) = plan.grid().expect("it fits");
                    let [left, top, ..] = plan.trim().expect("it fits");
                    let mut leaves = Vec::new();
                    for number in 0..sides.len() / 2 {
                        for at in 0..columns * rows {
                            let x = left + (at % columns) as f64 * 210.0 + 100.0;
                            let y = top + (at / columns) as f64 * 297.0 + 100.0;
                            let [front, back] = leaf(&plan, &sides, number, x, y);
                            let (Some(front), Some(back)) = (front, back) else { continue };
                            let (low, high) =
                                (front.page.min(back.page), front.page.max(back.page));
                            assert_eq!((low % 2, high), (0, low + 1), "{scheme:?} {flip:?}");
                            // A back that is turned over on the sheet's upper edge is upside down.
                            assert_eq!((front.turned, back.turned), (false, plan.turns_backs()));
                            leaves.push(low / 2);
                        }
                    }
                    leaves.sort_unstable();
                    leaves.dedup();
                    assert_eq!(leaves, (0..20).collect::<Vec<_>>(), "{scheme:?}");
                }
            }
        }
    }

    #[test]
    fn piles_that_are_cut_and_laid_on_one_another_are_in_order() {
        for duplex in [true, false] {
            for count in 1..=41 {
                let plan = Plan { duplex, sheet: (594.0, 420.0), ..plan(Scheme::CutStack) };
                let sides = plan.impose(count).expect("it fits");
                let (columns, rows) = plan.grid().expect("it fits");
                let [left, top, ..] = plan.trim().expect("it fits");
                let sheets = sides.iter().map(|side| side.sheet + 1).max().unwrap_or(0);
                let mut read = Vec::new();
                for at in 0..columns * rows {
                    for sheet in 0..sheets {
                        let x = left + (at % columns) as f64 * 210.0 + 1.0;
                        let y = top + (at / columns) as f64 * 297.0 + 1.0;
                        read.extend(leaf(&plan, &sides, sheet, x, y).into_iter().flatten());
                    }
                }
                let read: Vec<usize> = read.iter().map(|slot| slot.page).collect();
                assert_eq!(read, (0..count).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn pairs_stand_in_reading_order() {
        let sides = plan(Scheme::TwoUp).impose(5).expect("it fits");
        let pages: Vec<Vec<usize>> =
            sides.iter().map(|side| side.slots.iter().map(|slot| slot.page).collect()).collect();
        assert_eq!(pages, [vec![0, 1], vec![2, 3], vec![4]]);
        assert_eq!(
            sides.iter().map(|s| (s.sheet, s.back)).collect::<Vec<_>>(),
            [(0, false), (0, true), (1, false)]
        );
        assert_eq!((sides[0].slots[0].x, sides[0].slots[1].x), (0.0, 210.0));
    }

    #[test]
    fn inner_sheets_creep_towards_the_fold() {
        let plan = Plan { thickness: 0.1, ..plan(Scheme::Booklet) };
        let sides = plan.impose(12).expect("it fits");
        for side in &sides {
            let creep = side.sheet as f64 * 0.1;
            let [l, r] = [side.slots[0], side.slots[1]];
            assert!((l.x - creep).abs() < 1e-9 && (r.x - 210.0 + creep).abs() < 1e-9, "{side:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let small = Plan { sheet: (297.0, 210.0), ..plan(Scheme::Booklet) };
        let needed = (420.0, 297.0);
        let refusal = Refusal::TooSmall { needed, margin: 0.0, sheet: (297.0, 210.0) };
        assert_eq!(small.impose(4), Err(refusal));
        let tight = Plan { margin: 10.0, ..plan(Scheme::CutStack) };
        assert!(matches!(tight.impose(4), Err(Refusal::TooSmall { margin: 10.0, .. })));
        let roomy = Plan { sheet: (450.0, 320.0), ..tight };
        assert!(matches!(roomy.impose(4), Ok(sides) if sides[0].slots.len() == 2));
        let single = Plan { duplex: false, ..plan(Scheme::Booklet) };
        assert_eq!(single.impose(4), Err(Refusal::BookletNeedsDuplex));
        let odd = Plan { signature: Some(10), ..plan(Scheme::Booklet) };
        assert_eq!(odd.impose(40), Err(Refusal::Signature(10)));
    }
}
