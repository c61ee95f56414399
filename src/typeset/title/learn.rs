//! The marked headlines of `tests/titles` → `weights.txt`: logistic regression.
//!
//! Only headlines that may be looked at teach. `cargo test --lib title::learn -- --ignored` writes
//! the weights again, and prints how headlines break that took no part.

#[path = "../../../tests/titles/marks.rs"]
mod marks;

use std::collections::{BTreeMap, BTreeSet};

use marks::{Headline, headline};

use super::features::features;
use super::joints::{NEVER, joints};
use super::score::rules;
use super::words::words;
use crate::source::files::write_named;

/// A feature that fewer places have teaches nothing.
const FEWEST: usize = 4;
/// How strongly weights are drawn to zero.
const RIDGE: f64 = 8.0;
/// How often a place counts that nobody may break.
const FAULT: f64 = 2.0;
/// How good a place is that is not the editor's first choice.
const SECOND: f64 = 0.8;
/// Passes over the features; the weights no longer change then.
const PASSES: usize = 60;

/// A place of a headline, for learning.
struct Place {
    features: BTreeSet<String>,
    rules: [(&'static str, f64); 4],
    is_good: f64,
    times: f64,
}

/// The places of a headline where the rules do not forbid a break.
fn places(line: &str) -> Vec<Place> {
    let Headline { text, good, faults } = headline(line);
    let words = words(&text, &BTreeSet::new());
    let costs = joints(&words);
    let chars: Vec<char> = text.chars().collect();
    let mut places = Vec::new();
    for (at, cost) in costs.into_iter().enumerate().filter(|(_, cost)| *cost < NEVER) {
        let start = words[at].start;
        let blanks = chars[..start].iter().rev().take_while(|c| c.is_whitespace()).count();
        let is_first = good.get(&start).or_else(|| good.get(&(start - blanks)));
        let is_good = is_first.map(|&is_first| if is_first { 1.0 } else { SECOND });
        let is_fault = is_good.is_none() && faults.contains(&start);
        let mut features: BTreeSet<String> = features(&words, at).into_iter().collect();
        features.retain(|feature| !feature.contains(char::is_whitespace));
        places.push(Place {
            features,
            rules: rules(cost),
            is_good: is_good.unwrap_or(0.0),
            times: if is_fault { FAULT } else { 1.0 },
        });
    }
    places
}

/// The headlines that may be looked at.
fn seen() -> Vec<&'static str> {
    let half = include_str!("../../../tests/titles/headlines.txt").lines().step_by(2);
    let more = include_str!("../../../tests/titles/more.txt").lines().enumerate();
    let kinds = include_str!("../../../tests/titles/kinds.txt").lines();
    half.chain(more.filter(|(at, _)| at % 3 < 2).map(|(_, line)| line)).chain(kinds).collect()
}

/// The weight of each feature: Newton's steps, one feature at a time.
fn learn(places: &[Place]) -> BTreeMap<&str, f64> {
    let mut columns: BTreeMap<&str, Vec<(usize, f64)>> = BTreeMap::new();
    for (at, place) in places.iter().enumerate() {
        for feature in &place.features {
            columns.entry(feature).or_default().push((at, 1.0));
        }
        for (feature, value) in place.rules {
            columns.entry(feature).or_default().push((at, value));
        }
    }
    columns.retain(|_, column| column.len() >= FEWEST);
    let mut weights: BTreeMap<&str, f64> = columns.keys().map(|&name| (name, 0.0)).collect();
    let mut odds = vec![0.0_f64; places.len()];
    for _ in 0..PASSES {
        for (name, column) in &columns {
            let weight = weights.get_mut(name).expect("every column has a weight");
            let ridge = if name.starts_with("hand:") { 0.01 } else { RIDGE };
            let (mut slope, mut bend) = (ridge * *weight, ridge);
            for &(at, value) in column {
                let likely = 1.0 / (1.0 + (-odds[at]).exp());
                slope += places[at].times * (likely - places[at].is_good) * value;
                bend += places[at].times * likely * (1.0 - likely) * value * value;
            }
            let step = (slope / bend).clamp(-1.0, 1.0);
            *weight -= step;
            for &(at, value) in column {
                odds[at] -= step * value;
            }
        }
    }
    weights
}

#[test]
#[ignore = "it writes weights.txt"]
fn the_weights_are_learnt_from_the_headlines() {
    let places: Vec<Place> = seen().into_iter().flat_map(places).collect();
    let weights = learn(&places);
    let rows = weights.iter().map(|(name, weight)| (name, (weight * 100.0).round() as i64));
    let rows: String = rows
        .filter(|(_, weight)| *weight != 0)
        .map(|(name, weight)| format!("{name} {weight}\n"))
        .collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/typeset/title/weights.txt");
    println!("{} places, {} features", places.len(), rows.lines().count());
    write_named(std::path::Path::new(path), rows.as_bytes()).expect("it is written");
}
