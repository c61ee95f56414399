//! A text × how likely its places are → its lines: the least likely break and the shape decide.

use std::collections::BTreeSet;

use super::joints::{NEVER, joints};
use super::score::odds;
use super::words::{Word, words};
use crate::source::text::is_shapely;

/// The most lines; longer titles are left to the layout.
const MOST_LINES: usize = 8;
/// What a line saves that is the title of a paper or a law and nothing else.
const ALONE: f64 = 0.8;
/// A line of fewer ems is short.
const SHORT: f64 = 5.0;
/// From this cost by the rules on a place is broken only where nothing else fits.
const RARELY: f64 = 12.0;
/// The logarithm of the odds below which a break is said to hurt the sense.
const POOR: f64 = -0.4;

/// What the lines are to be like.
pub struct Measure {
    /// The widest line, in ems.
    pub width: f64,
    /// The widest text that stays on one line.
    pub longest: f64,
    /// What unevenness costs: the squares of the lines' deviations from their mean.
    uneven: f64,
    /// What lines cost that form neither a trapezium nor a rhombus.
    unshapely: f64,
    /// What a line more than needed costs.
    line: f64,
    /// How many lines more than needed are tried.
    spare: usize,
    /// What each em costs by which a line nearly fills the measure.
    full: f64,
    /// What each em costs by which a line is short.
    short: f64,
}

impl Measure {
    /// Lines of a title. One that would run from edge to edge has two.
    pub fn title(width: f64) -> Self {
        let longest = 0.89 * width;
        let (uneven, unshapely, line, spare) = (0.05, 0.5, 0.1, 1);
        Measure { width, longest, uneven, unshapely, line, spare, full: 0.05, short: 0.1 }
    }

    /// The two lines of a masthead's name, which are set in one size.
    pub fn name(width: f64) -> Self {
        let (uneven, unshapely, line, spare) = (0.6, 0.0, 0.0, 0);
        Measure { width, longest: 0.0, uneven, unshapely, line, spare, full: 0.0, short: 0.0 }
    }

    fn shape(&self, widths: &[f64]) -> f64 {
        let mean = widths.iter().sum::<f64>() / widths.len() as f64;
        let uneven: f64 = widths.iter().map(|width| ((width - mean) / mean).powi(2)).sum();
        let full: f64 = widths.iter().map(|line| (line - 0.9 * self.width).max(0.0)).sum();
        let short: f64 = widths.iter().map(|line| (SHORT - line).max(0.0)).sum();
        let unshapely = if is_shapely(widths, 0.5) { 0.0 } else { self.unshapely };
        self.uneven * uneven + self.full * full + self.short * short + unshapely
    }
}

/// The lines of a text.
pub struct Broken {
    /// The lines.
    pub lines: Vec<String>,
    /// The line before which the break hurts the sense most, if it does.
    pub worst: Option<usize>,
}

/// A place where a line may end.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The byte where the next line begins.
    at: usize,
    /// The width of the text before it.
    before: f64,
    /// The same without blanks at its end.
    trimmed: f64,
    /// The logarithm of the odds that an editor breaks here.
    odds: f64,
    /// Whether 《 follows.
    opens: bool,
    /// Whether 》 precedes.
    closes: bool,
}

impl Place {
    /// What a break costs here: the less likely, the more.
    fn cost(&self) -> f64 {
        (-self.odds).exp().ln_1p()
    }
}

/// The lines of a text.
pub fn lines(
    text: &str,
    measure: &Measure,
    names: &BTreeSet<String>,
    ems: &dyn Fn(&str) -> f64,
) -> Option<Broken> {
    let words = words(text, names);
    // Where the text cannot be broken otherwise, a break may hurt.
    [RARELY, NEVER].into_iter().find_map(|most| broken(text, measure, &places(&words, most, ems)))
}

fn broken(text: &str, measure: &Measure, places: &[Place]) -> Option<Broken> {
    let end = places.last()?.trimmed;
    let fewest = ((end / measure.width).ceil() as usize).max(2);
    let mut search = Search { measure, places, fewest, best: None };
    for count in fewest..=(fewest + measure.spare).min(MOST_LINES) {
        search.extend(count, 0, 0.0, &mut Vec::new());
    }
    let (_, ends) = search.best?;
    let starts = std::iter::once(0).chain(ends.iter().map(|&end| places[end].at));
    let stops = ends.iter().map(|&end| places[end].at).chain([text.len()]);
    let lines = starts.zip(stops).map(|(from, to)| text[from..to].trim().to_string()).collect();
    let worst =
        (0..ends.len()).min_by(|&a, &b| places[ends[a]].odds.total_cmp(&places[ends[b]].odds));
    let worst = worst.filter(|&at| places[ends[at]].odds < POOR).map(|at| at + 1);
    Some(Broken { lines, worst })
}

/// The places where a line may end by the rules, if `most` is what it may cost, and the end of the
/// text.
fn places(words: &[Word], most: f64, ems: &dyn Fn(&str) -> f64) -> Vec<Place> {
    let costs = joints(words);
    let mut places = Vec::new();
    let (mut at, mut before, mut trimmed) = (0, 0.0, 0.0);
    for (index, (word, cost)) in words.iter().zip(costs).enumerate() {
        if cost < most {
            let (opens, closes) = (word.text == "《", index > 0 && words[index - 1].text == "》");
            let odds = odds(words, index, cost);
            places.push(Place { at, before, trimmed, odds, opens, closes });
        }
        at += word.text.len();
        before += ems(&word.text);
        if !word.text.trim().is_empty() {
            trimmed = before;
        }
    }
    places.push(Place { at, before, trimmed, odds: 0.0, opens: false, closes: false });
    places
}

struct Search<'a> {
    measure: &'a Measure,
    places: &'a [Place],
    fewest: usize,
    best: Option<(f64, Vec<usize>)>,
}

impl Search<'_> {
    /// Tries all ends of the next of `left` lines, which begins at the place before `next`.
    fn extend(&mut self, left: usize, next: usize, sense: f64, ends: &mut Vec<usize>) {
        let start = ends.last().map_or(0.0, |&end| self.places[end].before);
        let text = self.places.len() - 1;
        if left == 1 {
            if self.places[text].trimmed - start <= self.measure.width {
                self.weigh(ends, sense);
            }
            return;
        }
        for index in next..text {
            let place = self.places[index];
            if place.trimmed - start > self.measure.width {
                break;
            }
            let sense = sense + place.cost();
            if self.best.as_ref().is_some_and(|(best, _)| sense - ALONE >= *best) {
                continue;
            }
            ends.push(index);
            self.extend(left - 1, index + 1, sense, ends);
            ends.pop();
        }
    }

    fn weigh(&mut self, ends: &[usize], sense: f64) {
        let mut start = 0.0;
        let mut widths = Vec::with_capacity(ends.len() + 1);
        for &end in ends.iter().chain([&(self.places.len() - 1)]) {
            widths.push(self.places[end].trimmed - start);
            start = self.places[end].before;
        }
        let more = (widths.len() - self.fewest) as f64;
        let is_alone = |pair: &&[usize]| self.places[pair[0]].opens && self.places[pair[1]].closes;
        let alone = ends.windows(2).filter(is_alone).count() as f64;
        let shape = self.measure.line * more + self.measure.shape(&widths);
        let cost = sense + shape - ALONE * alone;
        if self.best.as_ref().is_none_or(|(best, _)| cost < *best) {
            self.best = Some((cost, ends.to_vec()));
        }
    }
}
