//! Laid-out pages → the same issue fitted to its pages: no imprint alone, no hole, text on page 1.
//!
//! The pages are judged as they are laid out; most need nothing. Else what may be set tighter or
//! looser is tried in a fixed order, the order of a master's hand, and the best result is taken.
//! The same issue always gets the same pages.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::forget::Forget;
use super::{LaidOut, Origin};
use crate::diag::rules::Strength;
use crate::diag::{Code, Diagnostic, Severity, Span};
use crate::page::account;
use crate::page::composition::{Composition, End, HOLE, LINES_BEFORE_IMPRINT, compose};
use crate::page::measure::{Finding, measure};
use crate::page::objects::{self, Object};
use crate::publication::layout::{Geometry, LINES};
use crate::typeset::compile::compile;
use crate::typeset::fit::{self, Block, Contents, Fit};
use crate::typeset::merge::Manuscript;
use crate::typeset::world::BulletinWorld;

use serde_json::Value as Json;
use typst_layout::PagedDocument;

/// The most layouts of one issue, the first one counted.
const LAYOUTS: usize = 8;

/// The bounds of what is tried. A step of the standard's order of remedies is taken only where it
/// is not past these.
mod bound {
    /// The most that each step between characters of a paragraph closes up, in ems.
    pub const CLOSE: f64 = 0.03;
    /// The smallest pitch of the imprint, in parts of the grid's.
    pub const IMPRINT: f64 = 0.6;
    /// The smallest size of a picture before the text behind it comes up instead, and the smallest
    /// at all, in parts of its own.
    pub const SCALE: (f64, f64) = (0.8, 0.6);
    /// The steps of compression of a table: a quarter of its height.
    pub const SQUEEZE: usize = 2;
}

/// Pages that were laid out with certain values.
#[derive(Clone)]
pub struct Fitted {
    /// The manuscript with these values.
    pub manuscript: Manuscript,
    /// The world that it was typeset in.
    pub world: BulletinWorld,
    /// The pages.
    pub document: PagedDocument,
    composition: Composition,
}

/// The fitting of one issue.
struct Fitting<'a> {
    manuscript: &'a Manuscript,
    origin: &'a Origin,
    forget: &'a Forget,
    best: Fitted,
    layouts: usize,
    /// Layouts that are kept for the last resort.
    reserve: usize,
}

/// Fits an issue to its pages, whose composition is known, and says what was done. `None` if they
/// stay as they are.
pub fn fit(laid_out: &LaidOut, composition: &Composition) -> Option<(Fitted, Option<Diagnostic>)> {
    let LaidOut { document, manuscript, unfitted, origin, forget, .. } = laid_out;
    let is_wanted = origin.shared.publication.raw.copy_fit.unwrap_or(true);
    if !manuscript.composed || !is_wanted {
        return None;
    }
    // What was fitted before is only shown before; the result never depends on it.
    let best = match unfitted {
        Some(plain) => lay_out(plain, &Fit::default(), origin)?,
        None if !is_to_mend(composition) => return None,
        None => Fitted {
            manuscript: manuscript.clone(),
            world: origin.shared.world(manuscript),
            document: document.clone(),
            composition: composition.clone(),
        },
    };
    let manuscript = unfitted.as_ref().unwrap_or(manuscript);
    let mut fitted = Fitting { manuscript, origin, forget, best, layouts: 1, reserve: 1 }.run();
    if fitted.manuscript.fit != Fit::default() && !shows_all(&fitted, origin) {
        fitted = lay_out(manuscript, &Fit::default(), origin)?;
    }
    let said = said(&fitted.manuscript.fit, &fitted.document, origin);
    Some((fitted, said))
}

/// Whether the pages show all that the issue says.
fn shows_all(fitted: &Fitted, origin: &Origin) -> bool {
    let Origin { file, shared, .. } = origin;
    let found = account::findings(&fitted.document, &fitted.manuscript, file, &shared.publication);
    found.iter().all(|found| found.severity != Severity::Error)
}

/// Whether the pages have faults that fitting can mend.
fn is_to_mend(composition: &Composition) -> bool {
    composition.front_without_text
        || composition.end.is_bad()
        || composition.has_hole()
        || composition.is_uneven()
}

/// Lays the issue out with these values.
fn lay_out(manuscript: &Manuscript, fit: &Fit, origin: &Origin) -> Option<Fitted> {
    let manuscript = manuscript.fitted(fit);
    let world = origin.shared.world(&manuscript);
    let document = compile(&world, &origin.file).value?;
    let composition = compose(&document, manuscript.geometry);
    Some(Fitted { manuscript, world, document, composition })
}

impl Fitted {
    /// How many places of the pages break a rule that fitting must not break.
    fn broken(&self) -> usize {
        let keeps = |finding: &&Finding| {
            let rule = finding.rule;
            let stays =
                rule == Code::BaselineGrid || rule == Code::Overlap || rule == Code::HeadingAtFoot;
            stays || finding.strength == Strength::Must
        };
        let measured = measure(&self.document, self.manuscript.geometry);
        measured.findings.iter().filter(keeps).count()
    }
}

impl Fitting<'_> {
    /// The best pages.
    fn run(mut self) -> Fitted {
        self.front();
        let before = self.best.clone();
        self.holes();
        self.end();
        // What closed a hole may have cost the end more.
        if self.best.composition.score > before.composition.score {
            self.best = before;
            self.reserve = 1;
            self.end();
        }
        self.gaps();
        self.balance();
        self.best
    }

    /// Tries these values, and keeps the pages if they are better.
    fn attempt(&mut self, fit: &Fit) -> Option<End> {
        self.attempt_for(fit, |composition| composition.score)
    }

    /// Tries these values, and keeps the pages if they are better by this measure. How they end.
    fn attempt_for(&mut self, fit: &Fit, score: fn(&Composition) -> f64) -> Option<End> {
        if self.layouts + self.reserve >= LAYOUTS || *fit == self.best.manuscript.fit {
            return None;
        }
        self.layouts += 1;
        let trial = lay_out(self.manuscript, fit, self.origin)?;
        self.forget.between(trial.document.pages().len());
        let end = trial.composition.end;
        let pages = |trial: &Fitted| trial.composition.pages.len();
        let is_longer = pages(&trial) > pages(&self.best) + 1;
        let is_better = score(&trial.composition) < score(&self.best.composition) && !is_longer;
        // Better pages are no reason to break a rule that the page must keep.
        if is_better && trial.broken() <= self.best.broken() {
            self.best = trial;
        }
        Some(end)
    }

    /// Contents that leave page 1 without text are set tighter.
    fn front(&mut self) {
        for contents in [Contents::Tight, Contents::Columns] {
            if self.best.composition.front_without_text {
                self.attempt(&Fit { contents, ..self.best.manuscript.fit.clone() });
            }
        }
    }

    /// Tables and pictures that leave a hole are made smaller, or the text behind them comes up.
    fn holes(&mut self) {
        for round in 0..3 {
            if !self.best.composition.has_hole() {
                return;
            }
            let mut fit = self.best.manuscript.fit.clone();
            let places = objects::objects(&self.best.document);
            let pages = &self.best.composition.pages;
            for page in pages.iter().filter(|page| page.hole > HOLE) {
                let next = places.iter().filter(|object| object.page == page.page + 1);
                let next = next.min_by(|a, b| a.top.total_cmp(&b.top));
                let is_short =
                    |object: &&Object| rows(&self.manuscript.data, &object.at) <= MOST_ROWS;
                if let Some(object) = next.filter(is_short) {
                    let block = fit.blocks.entry(object.at.clone()).or_default();
                    let geometry = self.best.manuscript.geometry;
                    remedy(block, object, (page.hole, round), geometry);
                }
            }
            self.attempt_for(&fit, Composition::score_inside);
        }
    }

    /// The end of the issue: lines are pulled in, so that the imprint joins the text, else some
    /// are pushed on, so that it does not stand alone.
    fn end(&mut self) {
        if !self.best.composition.end.is_bad() {
            return;
        }
        let start = self.best.manuscript.fit.clone();
        let end = self.best.composition.end;
        let pulls = self.pulls();
        self.pile(&start, &pulls, too_much);
        if !self.best.composition.end.is_bad() {
            return;
        }
        // Lines fill what is left of their page before they go on to the next one.
        let left = if end.imprint_alone { end.free + end.imprint_lines } else { 0.0 };
        let pushes = self.pushes();
        let wanted = left + LINES_BEFORE_IMPRINT as f64;
        self.pile(&start, &pushes, |end| wanted - end.lines_before_imprint as f64);
        self.reserve = 0;
        if self.best.composition.end.is_bad() {
            self.carry(&start);
        }
    }

    /// Titles that leave a hole because they take their first lines along: all pages are set a little
    /// closer or wider.
    fn gaps(&mut self) {
        if !self.best.composition.has_hole() {
            return;
        }
        let start = self.best.manuscript.fit.clone();
        let imprint = start.imprint;
        // On the same grid most of the pages stay as they are.
        for (lines, titles, imprint) in [
            (LINES, 0, imprint),
            (LINES, 2, imprint),
            (LINES + 1, 1, imprint),
            (LINES + 1, 1, bound::IMPRINT),
            (LINES - 1, 1, imprint),
            (LINES + 1, 2, imprint),
            (LINES - 1, 0, imprint),
        ] {
            if self.best.composition.has_hole() {
                self.attempt(&Fit { lines, titles, imprint, ..start.clone() });
            }
        }
    }

    /// Columns end at one height: what is too much of the lower one is kept free above the imprint.
    fn balance(&mut self) {
        let free: usize = self.best.composition.columns.iter().sum();
        let start = self.best.manuscript.fit.clone();
        let half = free / self.best.composition.columns.len().max(1);
        for balance in (1..=half).rev().take(3) {
            if self.best.composition.is_uneven() {
                self.attempt(&Fit { balance, ..start.clone() });
            }
        }
    }

    /// Where nothing else helps, the last paragraph goes on with the imprint, if it has three lines;
    /// else the last ones that have.
    fn carry(&mut self, start: &Fit) {
        let mut data = self.manuscript.data.clone();
        let mut blocks = Vec::new();
        fit::each_block(&mut data, String::new(), &mut |place, block| {
            let lines = match block["kind"].as_str() {
                Some("paragraph") => Some(text(&block["runs"]).count().div_ceil(CHARACTERS)),
                Some("heading") => Some(0),
                Some("list") => Some(block["items"].as_array().map_or(0, Vec::len)),
                _ => None,
            };
            blocks.push((place.to_string(), lines));
        });
        let is_of = |part: &'static str| {
            move |(at, _): &&(String, Option<usize>)| at.starts_with(part) && at.contains("/body/")
        };
        let attached = blocks.iter().any(|block| is_of("/attachments")(&block));
        let of = if attached { "/attachments" } else { "/sections" };
        let mut last = blocks.iter().filter(is_of(of)).rev().peekable();
        let mut lines = 0;
        while let Some((at, own)) = last.next() {
            // Neither a table nor what follows a title is parted from what stands before it.
            let Some(own) = own.filter(|_| !at.ends_with("/body/0")) else { return };
            lines += own;
            let under_heading = last.peek().is_some_and(|(_, before)| *before == Some(0));
            if lines >= LINES_BEFORE_IMPRINT && !under_heading {
                let mut fit = start.clone();
                fit.blocks.entry(at.clone()).or_default().carry = true;
                self.attempt(&fit);
                return;
            }
        }
    }

    /// Takes as many steps as seem to move the lines that an end needs moved; where they move fewer,
    /// as many more as are still needed.
    fn pile(&mut self, start: &Fit, steps: &[Step], needed: impl Fn(&End) -> f64) {
        let mut fit = start.clone();
        let mut left = needed(&self.best.composition.end) * 0.9;
        if steps.iter().map(|step| step.lines).sum::<f64>() < left {
            return;
        }
        let mut steps = steps.iter().filter(|step| step.lines > 0.0).peekable();
        while let Some(step) = steps.next() {
            (step.take)(&mut fit);
            left -= step.lines;
            if left > 0.0 && steps.peek().is_some() {
                continue;
            }
            let end = self.attempt(&fit);
            if !self.best.composition.end.is_bad() {
                return;
            }
            left = end.map_or(0.0, |end| needed(&end) * 0.9);
        }
    }

    /// The ways to pull lines in, in the order in which they are taken.
    fn pulls(&self) -> Vec<Step> {
        let Composition { end, .. } = &self.best.composition;
        let closed = self.closed();
        let entries = count(&self.manuscript.data, "contents");
        let tables = tables(&self.manuscript.data);
        let pages = end.text_end as f64;
        let titles = self.titles();
        vec![
            Step::new(closed.len() as f64, move |fit| {
                for (place, close) in &closed {
                    fit.blocks.entry(place.clone()).or_default().close = Some(*close);
                }
            }),
            Step::new(titles, |fit| fit.titles = 0),
            Step::new(entries * 0.25, |fit| fit.contents = fit.contents.max(Contents::Tight)),
            Step::new(tables.len() as f64, move |fit| {
                for place in &tables {
                    fit.blocks.entry(place.clone()).or_default().squeeze = 1;
                }
            }),
            Step::new(end.imprint_lines * 0.2, |fit| fit.imprint = bound::IMPRINT),
            Step::new(pages, |fit| fit.lines = LINES + 1),
        ]
    }

    /// The ways to push lines on.
    fn pushes(&self) -> Vec<Step> {
        let pages = self.best.composition.end.text_end as f64;
        vec![
            Step::new(pages, |fit| fit.lines = LINES - 1),
            Step::new(self.titles() + 1.0, |fit| fit.titles = 2),
        ]
    }

    /// The titles that have an empty line before them.
    fn titles(&self) -> f64 {
        let articles = count(&self.manuscript.data, "sections");
        (articles - 1.0).max(0.0)
    }

    /// The paragraphs whose last line can be taken in, with how far they close up.
    fn closed(&self) -> BTreeMap<String, f64> {
        let mut data = self.manuscript.data.clone();
        let mut found = BTreeMap::new();
        for end in &self.best.composition.short_ends {
            let above = ((end.lines - 1) * CHARACTERS) as f64;
            // The mark behind the letters takes half a character.
            let close = (end.letters as f64 + 0.6) / above;
            if close > bound::CLOSE {
                continue;
            }
            let mut places = Vec::new();
            fit::each_block(&mut data, String::new(), &mut |place, block| {
                if block["kind"] == "paragraph" && ends_with(&block["runs"], &end.text) {
                    places.push(place.to_string());
                }
            });
            if let [place] = places.as_slice() {
                found.insert(place.clone(), close);
            }
        }
        found
    }
}

/// The lines that stand too low for a good end: what is missing on the text's last page; where few
/// lines have gone on, all of them too.
fn too_much(end: &End) -> f64 {
    match end.imprint_alone {
        true => -end.free,
        false => end.lines_before_imprint as f64 + end.imprint_lines,
    }
}

/// A step of fitting: the lines that it seems to move, and what it does.
struct Step {
    lines: f64,
    take: Box<dyn Fn(&mut Fit)>,
}

impl Step {
    fn new(lines: f64, take: impl Fn(&mut Fit) + 'static) -> Self {
        Step { lines, take: Box::new(take) }
    }
}

/// What is done with a table or picture behind a hole, in its `round`.
fn remedy(block: &mut Block, object: &Object, (hole, round): (usize, usize), geometry: Geometry) {
    *block = Block { close: block.close, ..Block::default() };
    let Some(picture) = object.picture else {
        match round {
            0 => block.squeeze = bound::SQUEEZE,
            1 => block.float = true,
            _ => block.split = true,
        }
        return;
    };
    // The block takes whole lines; all that it is too high by comes off the picture.
    let scale = objects::scale(picture, hole, geometry);
    let least = if round == 0 { bound::SCALE.0 } else { bound::SCALE.1 };
    match scale >= least && round != 1 {
        true => block.scale = Some((scale * 1000.0).floor() / 1000.0),
        false => block.float = true,
    }
}

/// The most rows of a table that is moved or made smaller: one of more breaks over pages of itself.
const MOST_ROWS: usize = 14;

/// The rows of a table; none of a picture.
fn rows(data: &Json, place: &str) -> usize {
    let rows = data.pointer(place).and_then(|block| block["rows"].as_array());
    rows.map_or(0, Vec::len)
}

/// The characters of a line.
const CHARACTERS: usize = 28;

/// The text of runs.
fn text(runs: &Json) -> impl Iterator<Item = char> + '_ {
    let runs = runs.as_array().map(Vec::as_slice).unwrap_or_default();
    runs.iter().filter_map(|run| run["text"].as_str()).flat_map(str::chars)
}

/// How many articles or entries stand in the groups under a key.
fn count(data: &Json, key: &str) -> f64 {
    let groups = data[key].as_array().map(Vec::as_slice).unwrap_or_default();
    let of = |group: &Json| {
        let list = group.get("articles").or(group.get("entries"));
        list.and_then(Json::as_array).map_or(0, Vec::len)
    };
    groups.iter().map(of).sum::<usize>() as f64
}

/// The places of all upright tables.
fn tables(data: &Json) -> Vec<String> {
    let mut places = Vec::new();
    fit::each_block(&mut data.clone(), String::new(), &mut |place, block| {
        if block["kind"] == "table" && block["landscape"] == false {
            places.push(place.to_string());
        }
    });
    places
}

/// Whether the text of runs ends with these characters of a page.
fn ends_with(runs: &Json, end: &str) -> bool {
    let own: Vec<char> = text(runs).filter(|c| !c.is_whitespace()).collect();
    let end: Vec<char> = end.chars().filter(|c| !c.is_whitespace()).collect();
    own.ends_with(&end)
}

/// What was done, as one piece of advice: each thing with the pages or the number concerned.
fn said(fit: &Fit, document: &PagedDocument, origin: &Origin) -> Option<Diagnostic> {
    let usual = Fit::default();
    let places = objects::objects(document);
    let pages = |is: &dyn Fn(&Block) -> bool| {
        let concerned = places.iter().filter(|object| fit.blocks.get(&object.at).is_some_and(is));
        let pages: BTreeSet<usize> = concerned.map(|object| object.page).collect();
        let pages: Vec<String> = pages.iter().map(usize::to_string).collect();
        if pages.is_empty() { NOTHING.into() } else { pages.join("、") }
    };
    let closed = fit.blocks.values().filter(|block| block.close.is_some()).count();
    let number = |number: usize, usual: usize| match number == usual {
        true => NOTHING.into(),
        false => number.to_string(),
    };
    let titles = match fit.titles.cmp(&usual.titles) {
        Ordering::Less => "closed",
        Ordering::Equal => NOTHING,
        Ordering::Greater => "open",
    };
    let flag = |is: bool| if is { "yes" } else { NOTHING };
    (*fit != usual).then(|| {
        Diagnostic::warning(Code::CopyFitted, Span::new(&origin.file, 0..0))
            .arg("closed", number(closed, 0))
            .arg("scaled", pages(&|block| block.scale.is_some()))
            .arg("squeezed", pages(&|block| block.squeeze > 0))
            .arg("split", pages(&|block| block.split))
            .arg("moved", pages(&|block| block.float))
            .arg("titles", titles)
            .arg("contents", flag(fit.contents != usual.contents))
            .arg("imprint", flag(fit.imprint != usual.imprint))
            .arg("balance", flag(fit.balance > 0))
            .arg("carried", flag(fit.blocks.values().any(|block| block.carry)))
            .arg("lines", number(fit.lines, usual.lines))
    })
}

/// The value of a fact of the message that there is nothing to say of.
const NOTHING: &str = "none";
