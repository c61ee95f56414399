//! A title → its lines, its entry in the contents: broken by sense first and by shape second.
//!
//! `words` parts a text into words, `kinds` says what they are, `joints` and `features` what stands
//! at a place between two of them, `score` how likely an editor breaks there, `sense` finds the
//! best lines. `shape` is what layouts of before expect.

mod features;
mod joints;
mod kinds;
#[cfg(test)]
mod learn;
mod score;
mod sense;
pub mod shape;
mod words;

use std::cell::RefCell;
use std::collections::BTreeSet;

use self::kinds::Kind;
use self::sense::Measure;

/// A title whose lines cut what is one thing, or hurt its sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The title as it is written, without its subtitle's dash.
    pub title: String,
    /// Its lines, with a `|` between any two.
    pub lines: String,
    /// The characters around the break.
    pub place: String,
}

/// The fewest characters of a clause on either side of a gap in the contents.
const CLAUSE: usize = 5;

/// Breaks the titles of an issue, and remembers where that hurt.
pub struct Breaker {
    /// Words of the issue and its publication that the dictionary may lack.
    names: BTreeSet<String>,
    cuts: RefCell<Vec<Cut>>,
}

impl Breaker {
    /// A breaker that knows these names.
    pub fn new(names: impl Iterator<Item = String>) -> Self {
        Breaker { names: names.collect(), cuts: RefCell::default() }
    }

    /// What was cut.
    pub fn into_cuts(self) -> Vec<Cut> {
        self.cuts.into_inner()
    }

    /// The lines of a title in a measure of `width` ems. The editor's own breaks, if there are
    /// any, are kept. `ems` measures a text.
    pub fn lines(&self, text: &str, width: Option<f64>, ems: &dyn Fn(&str) -> f64) -> Vec<String> {
        let asked = parts(text);
        if asked.len() > 1 {
            self.look_at(text, &asked);
            return asked.into_iter().flat_map(|part| self.within(part, width, ems)).collect();
        }
        let only = asked.concat();
        let Some(width) = width else { return vec![only] };
        let measure = Measure::title(width);
        // No character is wider than an em: a short title fits without loading a face.
        let is_short = |text: &str| text.chars().count() as f64 <= measure.longest;
        if is_short(&only) || ems(&only) <= measure.longest {
            return vec![only];
        }
        let Some(broken) = sense::lines(&only, &measure, &self.names, ems) else {
            return vec![only];
        };
        if let Some(at) = broken.worst {
            self.cut(text, &broken.lines, at);
        }
        broken.lines
    }

    /// A line of the editor's own; one that is too wide has several, by sense too.
    fn within(&self, part: &str, width: Option<f64>, ems: &dyn Fn(&str) -> f64) -> Vec<String> {
        let is_wide = |width: &f64| part.chars().count() as f64 > *width && ems(part) > *width;
        let broken = width
            .filter(is_wide)
            .and_then(|width| sense::lines(part, &Measure::title(width), &self.names, ems));
        broken.map_or_else(|| vec![part.into()], |broken| broken.lines)
    }

    /// The lines of a masthead's name: one of more than `width` characters is broken in two.
    pub fn name(&self, text: &str, width: Option<f64>) -> Vec<String> {
        let asked = parts(text);
        let only = asked.concat();
        let count = only.chars().count();
        let width = width.unwrap_or(f64::MAX);
        if asked.len() > 1 || count as f64 <= width {
            return asked.into_iter().map(String::from).collect();
        }
        // Room for a break by sense on either side of the middle, but no line so long that its
        // type would be small.
        let longest = (width + 1.0).max(count.div_ceil(2) as f64);
        let broken = sense::lines(&only, &Measure::name(longest), &self.names, &|text| {
            text.chars().count() as f64
        });
        broken.map_or(vec![only], |broken| broken.lines)
    }

    /// A title as an entry of the contents, on one line: clauses that stood on lines of their own
    /// are parted by a blank.
    pub fn entry(&self, text: &str) -> String {
        let mut entry = String::new();
        for part in parts(text) {
            if !entry.is_empty() && self.are_clauses(&entry, part) {
                entry.push('　');
            }
            entry.push_str(part);
        }
        entry
    }

    /// Whether two parts of a title say something each.
    fn are_clauses(&self, before: &str, after: &str) -> bool {
        let before = before.rsplit('　').next().unwrap_or(before);
        if [before, after].iter().any(|part| part.chars().count() < CLAUSE || part.contains("关于"))
        {
            return false;
        }
        let (before, after) = (words::words(before, &self.names), words::words(after, &self.names));
        let says = |words: &[words::Word]| words.iter().any(|word| word.kind == Kind::Verb);
        let ends = before.last().is_some_and(|last| {
            matches!(
                last.kind,
                Kind::Noun | Kind::Idiom | Kind::Closing | Kind::Amount | Kind::Person
            ) || joints::is_ending(last)
                || joints::is_saying(last)
        });
        let begins = after.first().is_some_and(|first| {
            !matches!(
                first.kind,
                Kind::Also | Kind::Conjunction | Kind::De | Kind::Particle | Kind::Locality
            )
        });
        ends && begins && says(&before) && says(&after)
    }

    /// Looks whether the editor's own breaks cut something.
    fn look_at(&self, text: &str, asked: &[&str]) {
        let whole = asked.concat();
        let words = words::words(&whole, &self.names);
        let mut at = 0;
        for (index, part) in asked.iter().enumerate().skip(1) {
            at += asked[index - 1].chars().count();
            if joints::is_cut(&words, at) && !part.is_empty() {
                let lines: Vec<String> = asked.iter().map(|line| (*line).to_string()).collect();
                return self.cut(text, &lines, index);
            }
        }
    }

    /// Remembers a title that is cut before the line `at`.
    fn cut(&self, text: &str, lines: &[String], at: usize) {
        let before: Vec<char> = lines[at - 1].chars().collect();
        let last: String = before[before.len().saturating_sub(4)..].iter().collect();
        let first: String = lines[at].chars().take(4).collect();
        let cut = Cut {
            title: text.trim_start_matches(['―', '—', '－', '─']).into(),
            lines: lines.join("|"),
            place: format!("{last}|{first}"),
        };
        self.cuts.borrow_mut().push(cut);
    }
}

/// The parts of a text between its `|`s.
fn parts(text: &str) -> Vec<&str> {
    text.split('|').map(str::trim).filter(|part| !part.is_empty()).collect()
}
