//! A text → its words with their classes: the most probable path through a dictionary.
//!
//! `words.txt` is made from the dictionary of jieba (MIT): a line is a word, a letter for its
//! class and a letter for twice the logarithm of its frequency; rare words are left out, names of
//! places and bodies are not. It is sorted, and looked up where it lies: nothing is loaded.
//! `names.txt` holds what official titles add to it, by class; `compounds.txt` pairs of words that
//! the news of a year and a half show together far more often than by chance.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::kinds::{self, Kind};

static WORDS: &str = include_str!("words.txt");
static COMPOUNDS: &str = include_str!("compounds.txt");
static NAMES: &str = include_str!("names.txt");

/// The longest word that is looked up, in characters.
const LONGEST: usize = 20;
/// What a character that no word holds costs, in halves of a logarithm.
const UNKNOWN: f64 = 44.0;
/// The sum of the dictionary's frequencies, as it scales its entries.
const TOTAL: f64 = 36.0;

/// A word of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// Where it begins, in characters.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Its text.
    pub text: String,
    /// Its class.
    pub kind: Kind,
}

static OWN: LazyLock<BTreeMap<&'static str, Kind>> = LazyLock::new(|| {
    let lines = NAMES.lines().filter_map(|line| line.split_once(' '));
    let words = |(class, words): (&'static str, &'static str)| {
        let class = class.chars().next().unwrap_or('x');
        words.split(' ').map(move |word| (word, kinds::of_class(class)))
    };
    let compounds = COMPOUNDS.lines().map(|word| (word, Kind::Noun));
    compounds.chain(lines.flat_map(words)).collect()
});

/// The line of a sorted text that `order` finds neither too early nor too late, looked up where it
/// lies.
pub fn find_line(
    sorted: &'static str,
    order: impl Fn(&'static str) -> Ordering,
) -> Option<&'static str> {
    let bytes = sorted.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = bytes[..middle].iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let end =
            bytes[middle..].iter().position(|&b| b == b'\n').map_or(bytes.len(), |at| middle + at);
        let line = &sorted[start..end];
        match order(line) {
            Ordering::Equal => return Some(line),
            Ordering::Less => low = end + 1,
            Ordering::Greater => high = start,
        }
    }
    None
}

/// The entry of a word in the dictionary: its class and the letter of its frequency.
fn look_up(word: &str) -> Option<(char, u8)> {
    let split = |line: &'static str| line.split_at(line.len() - 2);
    let (_, marks) = split(find_line(WORDS, |line| split(line).0.cmp(word))?);
    let marks = marks.as_bytes();
    Some((char::from(marks[0]), marks[1] - b'a'))
}

/// The words of a text. `names` are words of the issue and the publication.
pub fn words(text: &str, names: &BTreeSet<String>) -> Vec<Word> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = path(&chars, names);
    kinds::join(&mut words);
    words
}

/// The most probable words (dynamic programming from the end).
fn path(chars: &[char], names: &BTreeSet<String>) -> Vec<Word> {
    let count = chars.len();
    let mut best: Vec<(f64, usize, Kind)> = vec![(0.0, count, Kind::Other); count + 1];
    for start in (0..count).rev() {
        let mut choice = (f64::INFINITY, start + 1, kinds::of_char(chars[start]));
        let mut word = String::new();
        for end in start + 1..=count.min(start + LONGEST) {
            word.push(chars[end - 1]);
            let entry = entry(&word, end - start, names);
            let Some((cost, kind)) = entry.or((end == start + 1).then_some((UNKNOWN, choice.2)))
            else {
                continue;
            };
            let cost = cost + best[end].0;
            if cost < choice.0 {
                choice = (cost, end, kind);
            }
        }
        best[start] = choice;
    }
    let mut words = Vec::new();
    let mut start = 0;
    while start < count {
        let (_, end, kind) = best[start];
        words.push(Word { start, end, text: chars[start..end].iter().collect(), kind });
        start = end;
    }
    words
}

/// What a word costs on the path, and its class.
fn entry(word: &str, length: usize, names: &BTreeSet<String>) -> Option<(f64, Kind)> {
    if names.contains(word) {
        return Some((6.0, Kind::Name));
    }
    if let Some(&kind) = OWN.get(word) {
        return Some((TOTAL - 18.0 - 2.0 * (length as f64 - 2.0).clamp(0.0, 2.0), kind));
    }
    let (class, frequency) = look_up(word)?;
    let only = word.chars().next().filter(|_| length == 1);
    let kind = only.map_or_else(|| kinds::of_class(class), kinds::of_char);
    Some((TOTAL - f64::from(frequency), kind))
}
