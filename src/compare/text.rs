//! The glyphs of two PDFs → the differences of their text: changed, moved, in another font.
//!
//! Lines are matched first, then the characters of lines without a partner, so that a missing
//! comma affects only the lines that it moves.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::difference::{Couple, Difference, Kind, Look, Place, Shift, Spot};
use super::drawing::{Drawing, Glyph};
use crate::publication::tolerance::{Tolerances, Zone};

/// More characters than these are not compared one by one: that would take too long, and be of no
/// use where so much changed at once.
const MOST_CHARACTERS: usize = 20_000;

/// More lines than these are only paired with equal ones, wherever they stand.
const MOST_LINES: usize = 30_000;

/// A wider gap, in ems, separates two lines that stand side by side.
const GAP: f64 = 3.0;

/// Type sizes that differ by no more than this share are equal: other programs round differently.
const SAME_SIZE: f64 = 0.005;

/// A glyph with its place among the pages.
#[derive(Clone, Copy)]
struct Mark<'a> {
    page: usize,
    line: usize,
    glyph: &'a Glyph,
}

/// One side: the marks of all pages compared, and where their lines begin.
struct Side<'a> {
    marks: Vec<Mark<'a>>,
    lines: Vec<Range<usize>>,
    faces: &'a [String],
    /// The number of each line on its page, counted from 1 from the top.
    numbers: Vec<usize>,
}

/// The text of one side.
pub struct Text<'a> {
    /// The pages by their index in the PDF; pages that are not compared are left out.
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

    /// Numbers the lines from `first` on by their baselines: lines side by side share a number.
    fn count(&mut self, first: usize) {
        let baseline = |line: &Range<usize>| self.marks[line.start].glyph.y;
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

    fn texts(&self, range: Range<usize>) -> Vec<&'a str> {
        self.marks[range].iter().map(|mark| mark.glyph.text.as_str()).collect()
    }

    /// The page on which a run of marks begins.
    fn page(&self, run: &Range<usize>) -> Option<usize> {
        self.marks.get(run.start).filter(|_| !run.is_empty()).map(|mark| mark.page)
    }

    /// The box that a run of marks covers on its page. An empty run is shown on `page`, by the
    /// marks next to it.
    fn spot(&self, run: &Range<usize>, page: Option<usize>) -> Option<Spot> {
        let (run, page) = match self.page(run) {
            Some(page) => (run.clone(), page),
            None => (run.start.saturating_sub(1)..run.start + 1, page?),
        };
        let marks = &self.marks[run.start..run.end.min(self.marks.len())];
        around(marks.iter().filter(|mark| mark.page == page).copied())
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

/// The agreement of two sides: pairs of marks, and the runs without a partner.
#[derive(Default)]
struct Pairing {
    /// The partner in the old side, by index in the new side.
    old_of: HashMap<usize, usize>,
    /// Runs without a partner in the old side, each with the run in its place in the new side.
    changes: Vec<(Range<usize>, Range<usize>)>,
}

fn pair(old: &Side<'_>, new: &Side<'_>) -> Pairing {
    let mut pairing = Pairing::default();
    let texts = |side: &Side<'_>| -> Vec<String> {
        (0..side.lines.len()).map(|line| side.text(line)).collect()
    };
    let (old_texts, new_texts) = (texts(old), texts(new));
    let mut loose: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    let (old_len, new_len) = (old_texts.len(), new_texts.len());
    let ops = match old_len + new_len > MOST_LINES {
        true => vec![DiffOp::Replace { old_index: 0, old_len, new_index: 0, new_len }],
        false => capture_diff_slices(Algorithm::Myers, &old_texts, &new_texts),
    };
    for op in ops {
        let (olds, news) = (op.old_range(), op.new_range());
        if let DiffOp::Equal { .. } = op {
            let lines = olds.zip(news);
            lines.for_each(|(o, n)| pairing.join(&old.lines[o], &new.lines[n]));
        } else {
            loose.push((olds, news));
        }
    }
    // Whole lines that moved to another place are paired as well.
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
        let rest = |lines: Range<usize>, side: &Side<'_>, taken: &BTreeSet<usize>| {
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
    fn join(&mut self, old: &Range<usize>, new: &Range<usize>) {
        self.old_of.extend(new.clone().zip(old.clone()));
    }

    /// Pairs the characters of lines without a partner; `places` is where these lines are, or
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
                    // A missing text has its place after the character before it.
                    let place = |all: &[usize], op: usize, place: usize| match op.checked_sub(1) {
                        Some(before) => all.get(before).map_or(place, |before| before + 1),
                        None => all.first().copied().unwrap_or(place),
                    };
                    let old_place = place(olds, op.old_range().start, places.0);
                    let new_place = place(news, op.new_range().start, places.1);
                    // A line that moved elsewhere may have stood between two lines that are gone.
                    let parts = |at: &[usize]| -> Vec<Range<usize>> {
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

/// Compares the text of two PDFs. `partner` maps each new page to its old one. Marks that moved
/// within the tolerance go to `settled`.
pub fn differences(
    old: &Text<'_>,
    new: &Text<'_>,
    partner: &HashMap<usize, usize>,
    tolerances: &Tolerances,
    settled: &mut Vec<Spot>,
) -> Vec<Difference> {
    let (old, new) = (Side::new(old), Side::new(new));
    let pairing = pair(&old, &new);
    let texts = Texts { old, new, pairing, partner, tolerances };
    let mut found = texts.changes();
    for line in 0..texts.new.lines.len() {
        let pairs = texts.pairs(line);
        found.extend(texts.moved(line, &pairs));
        found.extend(texts.restyled(&pairs));
        settled.extend(pairs.iter().filter_map(|pair| texts.settled(pair)));
    }
    // This precedes gathering: ignored lines must not be counted with their neighbours.
    found.retain(|difference| {
        let Some(Spot { page, .. }) = difference.now else { return true };
        let couple = Couple { before: partner.get(&page).copied(), now: Some(page) };
        let zone = tolerances.zone_of(page, &difference.own_inks(couple));
        !zone.is_some_and(Zone::is_ignored)
    });
    gather(found)
}

/// The text of both sides, and which marks are the same.
struct Texts<'a> {
    old: Side<'a>,
    new: Side<'a>,
    pairing: Pairing,
    /// The old page of each new page.
    partner: &'a HashMap<usize, usize>,
    tolerances: &'a Tolerances,
}

/// A mark of the old side and its partner in the new one.
#[derive(Clone, Copy)]
struct Pair<'a> {
    old: Mark<'a>,
    new: Mark<'a>,
}

impl Pair<'_> {
    fn shift(&self) -> Shift {
        Shift::between(self.old.glyph, self.new.glyph)
    }

    fn is_resized(&self) -> bool {
        let (old, new) = (self.old.glyph.size, self.new.glyph.size);
        (old - new).abs() > SAME_SIZE * old.max(new)
    }

    fn is_redrawn(&self) -> bool {
        self.old.glyph.outline != self.new.glyph.outline
    }
}

impl<'a> Texts<'a> {
    /// Text that was added, lost or replaced.
    fn changes(&self) -> Vec<Difference> {
        let (old, new) = (&self.old, &self.new);
        let new_of: HashMap<usize, usize> =
            self.partner.iter().map(|(new, old)| (*old, *new)).collect();
        let mut found = Vec::new();
        for (olds, news) in &self.pairing.changes {
            let old_page = new.page(news).and_then(|page| self.partner.get(&page).copied());
            let new_page = old.page(olds).and_then(|page| new_of.get(&page).copied());
            let (old_ink, new_ink) = (old.spot(olds, old_page), new.spot(news, new_page));
            // Lost text has a place in the reference only.
            let place = match (new.marks.get(news.start), old.marks.get(olds.start)) {
                (Some(mark), _) if !news.is_empty() => new.place(mark),
                (_, Some(mark)) => old.place(mark),
                _ => continue,
            };
            let before = old.texts(olds.clone()).concat();
            let now = new.texts(news.clone()).concat();
            let kind = match (before.is_empty(), now.is_empty()) {
                (true, _) => Kind::TextAdded { text: now },
                (_, true) => Kind::TextLost { text: before },
                _ => Kind::TextChanged { before, now },
            };
            found.push(Difference::new(kind, place, old_ink, new_ink));
        }
        found
    }

    /// The marks of a new line that have a partner.
    fn pairs(&self, line: usize) -> Vec<Pair<'a>> {
        let pair = |n: usize| {
            let o = self.pairing.old_of.get(&n)?;
            Some(Pair { old: self.old.marks[*o], new: self.new.marks[n] })
        };
        self.new.lines[line].clone().filter_map(pair).collect()
    }

    fn is_across(&self, pair: &Pair<'_>) -> bool {
        self.partner.get(&pair.new.page) != Some(&pair.old.page)
    }

    /// How far a mark may move, in pt.
    fn allowed(&self, pair: &Pair<'_>) -> f64 {
        self.tolerances.moved(pair.new.page, pair.new.glyph.ink)
    }

    fn is_moved(&self, pair: &Pair<'_>) -> bool {
        self.is_across(pair) || pair.shift().distance() > self.allowed(pair)
    }

    /// The move of a line: of the whole line, unless a part of it moved differently.
    fn moved(&self, line: usize, pairs: &[Pair<'_>]) -> Option<Difference> {
        let first = pairs.iter().find(|pair| self.is_moved(pair))?;
        let shift = first.shift();
        let is_with_first = |pair: &Pair<'_>| {
            let own = pair.shift();
            let apart = (own.right - shift.right).hypot(own.down - shift.down);
            (pair.old.page, pair.old.line) == (first.old.page, first.old.line)
                && apart <= self.allowed(pair)
        };
        let is_whole = pairs.len() == self.new.lines[line].len();
        if is_whole && pairs.iter().all(is_with_first) {
            let (from, is_across) = (self.old.place(&first.old), self.is_across(first));
            let kind = Kind::Moved { shift, from, lines: 1, is_across };
            return Some(self.of_pairs(kind, pairs, pairs));
        }
        let apart: Vec<Pair<'_>> =
            pairs.iter().filter(|pair| self.is_moved(pair)).copied().collect();
        Some(self.of_pairs(Kind::Reflowed { lines: 1 }, pairs, &apart))
    }

    /// The parts of a line whose glyphs, fonts or colours changed.
    fn restyled(&self, pairs: &[Pair<'a>]) -> Vec<Difference> {
        let mut parts: Vec<(Kind, Vec<Pair<'a>>)> = Vec::new();
        let fonts = pairs.iter().map(|pair| (self.font_change(pair), pair));
        let colours = pairs.iter().map(|pair| (colour_change(pair), pair));
        for (kind, pair) in fonts.chain(colours) {
            match (kind, parts.last_mut()) {
                (None, _) => {}
                (Some(kind), Some((last, part))) if *last == kind => part.push(*pair),
                (Some(kind), _) => parts.push((kind, vec![*pair])),
            }
        }
        parts.into_iter().map(|(kind, part)| self.of_pairs(kind, pairs, &part)).collect()
    }

    fn font_change(&self, pair: &Pair<'_>) -> Option<Kind> {
        let (before, now) = (self.old.look(pair.old.glyph), self.new.look(pair.new.glyph));
        match (pair.is_redrawn(), pair.is_resized()) {
            (false, false) => None,
            (true, false) if before.face == now.face => {
                Some(Kind::GlyphChanged { text: pair.new.glyph.text.clone() })
            }
            _ => Some(Kind::FontChanged { before, now }),
        }
    }

    /// The ink of a mark that moved within the tolerance and is otherwise the same.
    fn settled(&self, pair: &Pair<'_>) -> Option<Spot> {
        let (old, new) = (pair.old.glyph, pair.new.glyph);
        let is_same = !pair.is_redrawn() && !pair.is_resized() && old.colour == new.colour;
        let is_settled = is_same && !self.is_moved(pair);
        is_settled.then(|| Spot::settled(pair.new.page, old.ink, new.ink))?
    }

    /// A difference of some pairs of a line.
    fn of_pairs(&self, kind: Kind, line: &[Pair<'_>], pairs: &[Pair<'_>]) -> Difference {
        let olds = around(pairs.iter().map(|pair| pair.old));
        let news = around(pairs.iter().map(|pair| pair.new));
        Difference::new(kind, self.new.place(&line[0].new), olds, news)
    }
}

fn colour_change(pair: &Pair<'_>) -> Option<Kind> {
    let (before, now) = (pair.old.glyph.colour, pair.new.glyph.colour);
    (before != now).then_some(Kind::ColourChanged { before, now })
}

/// The box that marks cover on the page of the first mark.
fn around<'a>(marks: impl Iterator<Item = Mark<'a>>) -> Option<Spot> {
    let mut marks = marks.peekable();
    let page = marks.peek()?.page;
    let inks = marks.filter(|mark| mark.page == page).map(|mark| mark.glyph.ink);
    inks.reduce(|a, b| a.union(b)).map(|ink| Spot { page, ink })
}

/// Merges neighbouring lines that have the same difference.
fn gather(found: Vec<Difference>) -> Vec<Difference> {
    let mut gathered: Vec<Difference> = Vec::new();
    // A line's difference joins the latest one of its page and group; one of words stays alone.
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
