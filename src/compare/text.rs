//! The glyphs of two drawings → what became of the text: changed, moved, set otherwise.
//!
//! Lines are matched first and characters then, within the lines that have no partner, so that
//! a comma less costs the lines that it moves and nothing else.

use std::collections::{BTreeSet, HashMap};

use kurbo::Rect;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Difference, Kind, Look, Place, Settled, Shift, Tolerances};
use crate::drawing::{Drawing, Glyph};

/// More characters than these are not compared one by one: it would take too long, and who
/// changes so much at once has no use for it.
const MOST_CHARACTERS: usize = 20_000;

/// A gap of more ems parts two lines that stand side by side.
const GAP: f64 = 3.0;

/// Type sizes are the same up to this part of them: another program writes them with other digits.
const SAME_SIZE: f64 = 0.005;

/// A glyph with its place among the pages.
#[derive(Clone, Copy)]
struct Mark<'a> {
    page: usize,
    line: usize,
    glyph: &'a Glyph,
}

/// One side: the marks of all pages that are looked at, and where their lines begin.
struct Side<'a> {
    marks: Vec<Mark<'a>>,
    lines: Vec<std::ops::Range<usize>>,
    faces: &'a [String],
    /// The number of each line on its page, counted from 1 from the top.
    numbers: Vec<usize>,
}

/// The text of one side.
pub struct Text<'a> {
    /// The pages by their index in the PDF; those not looked at are left out.
    pub pages: Vec<(usize, &'a Drawing)>,
    /// The names of the faces.
    pub faces: &'a [String],
}

impl<'a> Side<'a> {
    fn new(text: &Text<'a>) -> Self {
        let mut side =
            Side { marks: Vec::new(), lines: Vec::new(), faces: text.faces, numbers: Vec::new() };
        for (page, drawing) in &text.pages {
            let first = side.lines.len();
            let mut last: Option<&Glyph> = None;
            for glyph in drawing.glyphs.iter().filter(|glyph| is_ink(glyph)) {
                let goes_on = last.is_some_and(|last| {
                    let size = last.size.max(glyph.size);
                    let ahead = glyph.x - last.x;
                    (glyph.y - last.y).abs() < 0.5 * size
                        && ahead > -0.1 * size
                        && ahead < GAP * size
                });
                let at = side.marks.len();
                match side.lines.last_mut() {
                    Some(line) if goes_on => line.end = at + 1,
                    _ => side.lines.push(at..at + 1),
                }
                side.marks.push(Mark { page: *page, line: side.lines.len() - 1, glyph });
                last = Some(glyph);
            }
            side.count(first);
        }
        side
    }

    /// Numbers the lines from `first` on by their baselines: what stands side by side is one.
    fn count(&mut self, first: usize) {
        let baseline = |line: &std::ops::Range<usize>| self.marks[line.start].glyph.y;
        let mut baselines: Vec<i64> =
            self.lines[first..].iter().map(|line| baseline(line).round() as i64).collect();
        let own = baselines.clone();
        baselines.sort_unstable();
        baselines.dedup_by(|b, a| *b - *a < 4);
        self.numbers.extend(own.iter().map(|own| baselines.partition_point(|b| b <= own).max(1)));
    }

    fn text(&self, line: usize) -> String {
        self.marks[self.lines[line].clone()].iter().map(|mark| mark.glyph.text.as_str()).collect()
    }

    fn texts(&self, range: std::ops::Range<usize>) -> Vec<&'a str> {
        self.marks[range].iter().map(|mark| mark.glyph.text.as_str()).collect()
    }

    fn place(&self, mark: &Mark<'_>) -> Place {
        Place { page: mark.page + 1, line: Some(self.numbers[mark.line]) }
    }

    fn look(&self, glyph: &Glyph) -> Look {
        let face = self.faces.get(glyph.face).cloned().unwrap_or_default();
        Look { face, size: (glyph.size * 10.0).round() / 10.0 }
    }
}

fn is_ink(glyph: &Glyph) -> bool {
    glyph.size > 0.0 && !glyph.text.trim().is_empty()
}

/// How far two sides agree: pairs of marks, and what has no partner.
#[derive(Default)]
struct Pairing {
    /// By index in the new side, its partner in the old one.
    old_of: HashMap<usize, usize>,
    /// Runs without partner: in the old side, and what stands there in the new one.
    changes: Vec<(std::ops::Range<usize>, std::ops::Range<usize>)>,
}

fn pair(old: &Side<'_>, new: &Side<'_>) -> Pairing {
    let mut pairing = Pairing::default();
    let texts = |side: &Side<'_>| -> Vec<String> {
        (0..side.lines.len()).map(|line| side.text(line)).collect()
    };
    let (old_texts, new_texts) = (texts(old), texts(new));
    let mut loose: Vec<(std::ops::Range<usize>, std::ops::Range<usize>)> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &old_texts, &new_texts) {
        let (olds, news) = (op.old_range(), op.new_range());
        if let DiffOp::Equal { .. } = op {
            let lines = olds.zip(news);
            lines.for_each(|(o, n)| pairing.join(&old.lines[o], &new.lines[n]));
        } else {
            loose.push((olds, news));
        }
    }
    // Whole lines that went elsewhere.
    let mut gone: HashMap<&str, Vec<usize>> = HashMap::new();
    for (olds, _) in loose.iter().rev() {
        olds.clone().rev().for_each(|line| gone.entry(&old_texts[line]).or_default().push(line));
    }
    let (mut went, mut came) = (BTreeSet::new(), BTreeSet::new());
    for (_, news) in &loose {
        for line in news.clone() {
            if new_texts[line].chars().count() > 2
                && let Some(from) = gone.get_mut(new_texts[line].as_str()).and_then(Vec::pop)
            {
                pairing.join(&old.lines[from], &new.lines[line]);
                went.insert(from);
                came.insert(line);
            }
        }
    }
    for (olds, news) in loose {
        let rest = |lines: std::ops::Range<usize>, side: &Side<'_>, taken: &BTreeSet<usize>| {
            let lines = lines.filter(|line| !taken.contains(line));
            lines.flat_map(|line| side.lines[line].clone()).collect::<Vec<usize>>()
        };
        let at = |side: &Side<'_>, line: usize| {
            side.lines.get(line).map_or(side.marks.len(), |line| line.start)
        };
        let places = (at(old, olds.start), at(new, news.start));
        let (olds, news) = (rest(olds, old, &went), rest(news, new, &came));
        pairing.characters((old, &olds), (new, &news), places);
    }
    pairing
}

impl Pairing {
    fn join(&mut self, old: &std::ops::Range<usize>, new: &std::ops::Range<usize>) {
        self.old_of.extend(new.clone().zip(old.clone()));
    }

    /// Pairs the characters of lines without partner; `places` is where these lines are, or
    /// would be, on both sides.
    fn characters(
        &mut self,
        (old, olds): (&Side<'_>, &[usize]),
        (new, news): (&Side<'_>, &[usize]),
        places: (usize, usize),
    ) {
        let run = |at: &[usize], place: usize| match (at.first(), at.last()) {
            (Some(first), Some(last)) => *first..*last + 1,
            _ => place..place,
        };
        if olds.len() + news.len() > MOST_CHARACTERS {
            self.changes.push((run(olds, places.0), run(news, places.1)));
            return;
        }
        let text = |side: &Side<'_>, at: &[usize]| -> Vec<String> {
            at.iter().map(|at| side.marks[*at].glyph.text.clone()).collect()
        };
        let (old_text, new_text) = (text(old, olds), text(new, news));
        for op in capture_diff_slices(Algorithm::Myers, &old_text, &new_text) {
            let (o, n) = (&olds[op.old_range()], &news[op.new_range()]);
            match op {
                DiffOp::Equal { .. } => {
                    self.old_of.extend(n.iter().copied().zip(o.iter().copied()))
                }
                _ => {
                    // What is missing is missed behind what stands before it.
                    let place = |all: &[usize], op: usize, place: usize| match op.checked_sub(1) {
                        Some(before) => all.get(before).map_or(place, |before| before + 1),
                        None => all.first().copied().unwrap_or(place),
                    };
                    let old_place = place(olds, op.old_range().start, places.0);
                    let new_place = place(news, op.new_range().start, places.1);
                    // Between two lines that are gone there may be one that went elsewhere.
                    let parts = |at: &[usize]| -> Vec<std::ops::Range<usize>> {
                        at.chunk_by(|a, b| *b == a + 1).map(|part| run(part, 0)).collect()
                    };
                    match op {
                        DiffOp::Delete { .. } => {
                            let news = new_place..new_place;
                            let gone = parts(o).into_iter().map(|olds| (olds, news.clone()));
                            self.changes.extend(gone);
                        }
                        DiffOp::Insert { .. } => {
                            let olds = old_place..old_place;
                            let came = parts(n).into_iter().map(|news| (olds.clone(), news));
                            self.changes.extend(came);
                        }
                        _ => self.changes.push((run(o, old_place), run(n, new_place))),
                    }
                }
            }
        }
    }

    /// How many marks of each new page come from each old one.
    fn votes(&self, old: &Side<'_>, new: &Side<'_>) -> HashMap<(usize, usize), usize> {
        let mut votes = HashMap::new();
        for (n, o) in &self.old_of {
            *votes.entry((old.marks[*o].page, new.marks[*n].page)).or_default() += 1;
        }
        votes
    }
}

/// How much text the pages of two PDFs share, by old and new page.
pub fn shared(old: &Text<'_>, new: &Text<'_>) -> HashMap<(usize, usize), usize> {
    let (old, new) = (Side::new(old), Side::new(new));
    pair(&old, &new).votes(&old, &new)
}

/// What became of the text. `partner` says which old page each new one stands for. What moved no
/// farther than it may is `settled`.
pub fn differences(
    old: &Text<'_>,
    new: &Text<'_>,
    partner: &HashMap<usize, usize>,
    tolerances: &Tolerances<'_>,
    settled: &mut Vec<Settled>,
) -> Vec<Difference> {
    let (old, new) = (Side::new(old), Side::new(new));
    let pairing = pair(&old, &new);
    let mut found = changes(&old, &new, &pairing, partner);
    for line in 0..new.lines.len() {
        line_differences(&old, &new, &pairing, line, partner, tolerances, &mut found, settled);
    }
    // Before lines are gathered: what is not looked at must not be counted with its neighbours.
    found.retain(|difference| {
        let Some((page, _)) = difference.now else { return true };
        let inks = difference.inks(partner.get(&page).copied(), Some(page));
        tolerances.zone_of(page, &inks).is_none_or(|zone| zone.tolerance.is_some())
    });
    gather(found)
}

fn changes(
    old: &Side<'_>,
    new: &Side<'_>,
    pairing: &Pairing,
    partner: &HashMap<usize, usize>,
) -> Vec<Difference> {
    let new_of: HashMap<usize, usize> = partner.iter().map(|(new, old)| (*old, *new)).collect();
    let mut found = Vec::new();
    for (olds, news) in &pairing.changes {
        let words =
            |side: &Side<'_>, run: &std::ops::Range<usize>| side.texts(run.clone()).concat();
        let (before, now) = (words(old, olds), words(new, news));
        let page = |side: &Side<'_>, run: &std::ops::Range<usize>| {
            side.marks.get(run.start).filter(|_| !run.is_empty()).map(|mark| mark.page)
        };
        let ink = |side: &Side<'_>, run: &std::ops::Range<usize>, other: Option<usize>| {
            // Where nothing is left, the neighbours on the page show the place.
            let (run, page) = match page(side, run) {
                Some(page) => (run.clone(), page),
                None => (run.start.saturating_sub(1)..run.start + 1, other?),
            };
            let marks = side.marks[run.start..run.end.min(side.marks.len())].iter();
            let inks = marks.filter(|mark| mark.page == page).map(|mark| mark.glyph.ink);
            inks.reduce(|a, b| a.union(b)).map(|ink| (page, ink))
        };
        let old_page = page(new, news).and_then(|page| partner.get(&page).copied());
        let new_page = page(old, olds).and_then(|page| new_of.get(&page).copied());
        let (old_ink, new_ink) = (ink(old, olds, old_page), ink(new, news, new_page));
        // What is gone has its place in the reference alone.
        let place = match (new.marks.get(news.start), old.marks.get(olds.start)) {
            (Some(mark), _) if !news.is_empty() => new.place(mark),
            (_, Some(mark)) => old.place(mark),
            _ => continue,
        };
        let kind = match (before.is_empty(), now.is_empty()) {
            (true, _) => Kind::TextAdded { text: now },
            (_, true) => Kind::TextLost { text: before },
            _ => Kind::TextChanged { before, now },
        };
        found.push(Difference::new(kind, place, old_ink, new_ink));
    }
    found
}

#[expect(clippy::too_many_arguments, reason = "two of them are what is found")]
fn line_differences(
    old: &Side<'_>,
    new: &Side<'_>,
    pairing: &Pairing,
    line: usize,
    partner: &HashMap<usize, usize>,
    tolerances: &Tolerances<'_>,
    found: &mut Vec<Difference>,
    settled: &mut Vec<Settled>,
) {
    let range = new.lines[line].clone();
    let pairs: Vec<(Mark<'_>, Mark<'_>)> = range
        .clone()
        .filter_map(|n| pairing.old_of.get(&n).map(|o| (old.marks[*o], new.marks[n])))
        .collect();
    let Some((_, first_new)) = pairs.first() else { return };
    let place = new.place(first_new);
    let moved = |pair: &&(Mark<'_>, Mark<'_>)| {
        let (o, n) = pair;
        let shift = Shift::between(o.glyph, n.glyph);
        partner.get(&n.page) != Some(&o.page)
            || shift.distance() > tolerances.at(n.page, n.glyph.ink).moved
    };
    let all: Vec<&(Mark<'_>, Mark<'_>)> = pairs.iter().collect();
    if let Some(first) = pairs.iter().find(moved) {
        // A line moved as a whole if no part of it moved otherwise by more than may be.
        let shift = Shift::between(first.0.glyph, first.1.glyph);
        let is_with_first = |(o, n): &(Mark<'_>, Mark<'_>)| {
            let own = Shift::between(o.glyph, n.glyph);
            let apart = (own.right - shift.right).hypot(own.down - shift.down);
            (o.page, o.line) == (first.0.page, first.0.line)
                && apart <= tolerances.at(n.page, n.glyph.ink).moved
        };
        let is_whole = pairs.len() == range.len() && pairs.iter().all(is_with_first);
        let kind = if is_whole {
            let is_across = partner.get(&first.1.page) != Some(&first.0.page);
            Kind::Moved { shift, from: old.place(&first.0), lines: 1, is_across }
        } else {
            Kind::Reflowed { lines: 1 }
        };
        let apart: Vec<_> =
            if is_whole { all.clone() } else { pairs.iter().filter(moved).collect() };
        found.push(of_pairs(kind, place, &apart));
    }
    let mut set: Vec<(Kind, Vec<&(Mark<'_>, Mark<'_>)>)> = Vec::new();
    let mut add = |kind: Kind, pair| match set.last_mut() {
        Some((last, pairs)) if *last == kind => pairs.push(pair),
        _ => set.push((kind, vec![pair])),
    };
    for pair in &pairs {
        let (o, n) = (pair.0.glyph, pair.1.glyph);
        let (before, now) = (old.look(o), new.look(n));
        let is_resized = (o.size - n.size).abs() > SAME_SIZE * o.size.max(n.size);
        let is_redrawn = o.outline != n.outline;
        if is_redrawn && before.face == now.face && !is_resized {
            add(Kind::GlyphChanged { text: n.text.clone() }, pair);
        } else if !is_redrawn && !is_resized {
            if o.colour == n.colour && !moved(&pair) {
                settled.extend(Settled::of(pair.1.page, o.ink, n.ink));
            }
        } else {
            add(Kind::FontChanged { before, now }, pair);
        }
    }
    for pair in &pairs {
        let (before, now) = (pair.0.glyph.colour, pair.1.glyph.colour);
        if before != now {
            add(Kind::ColourChanged { before, now }, pair);
        }
    }
    found.extend(set.into_iter().map(|(kind, pairs)| of_pairs(kind, place, &pairs)));
}

fn of_pairs(kind: Kind, place: Place, pairs: &[&(Mark<'_>, Mark<'_>)]) -> Difference {
    let union = |marks: Vec<Mark<'_>>| -> Option<(usize, Rect)> {
        let page = marks.first()?.page;
        let inks = marks.iter().filter(|mark| mark.page == page).map(|mark| mark.glyph.ink);
        inks.reduce(|a, b| a.union(b)).map(|ink| (page, ink))
    };
    let olds = union(pairs.iter().map(|(o, _)| *o).collect());
    let news = union(pairs.iter().map(|(_, n)| *n).collect());
    Difference::new(kind, place, olds, news)
}

/// Makes one of neighbouring lines with the same difference.
fn gather(found: Vec<Difference>) -> Vec<Difference> {
    let mut gathered: Vec<Difference> = Vec::new();
    // What is said of lines comes behind what is said of words, in the order of the pages.
    let mut open: HashMap<(usize, String), usize> = HashMap::new();
    for difference in found {
        let key = (difference.place.page, difference.kind.group());
        let is_word = key.1.is_empty();
        match open.get(&key).copied().filter(|_| !is_word) {
            Some(at) if gathered[at].goes_on(&difference) => gathered[at].absorb(difference),
            _ => {
                if !is_word {
                    open.insert(key, gathered.len());
                }
                gathered.push(difference);
            }
        }
    }
    gathered
}
