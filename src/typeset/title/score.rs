//! A place between two words → how likely an editor breaks there.
//!
//! `weights.txt` is learnt from the headlines of `tests/titles` that may be looked at
//! (`learn`): a line is a feature and its weight in hundredths, sorted, and looked
//! up where it lies. The sum of the weights of a place is the logarithm of the odds that a break
//! there is one that an editor makes; what the rules of `joints` say is one of the features.

use std::collections::BTreeSet;

use super::features::features;
use super::words::{Word, find_line};

static WEIGHTS: &str = include_str!("weights.txt");

/// The cost by the rules from which on they all say the same: hardly ever.
const MOST: f64 = 14.0;

/// The logarithm of the odds that an editor breaks before the word `at`, where the rules say that
/// a break costs `cost`.
pub fn odds(words: &[Word], at: usize, cost: f64) -> f64 {
    let rules: f64 = rules(cost).iter().map(|(feature, times)| weight(feature) * times).sum();
    let found: BTreeSet<String> = features(words, at).into_iter().collect();
    rules + found.iter().map(|feature| weight(feature)).sum::<f64>()
}

/// What the rules say of a place, as features and how much of each there is.
pub fn rules(cost: f64) -> [(&'static str, f64); 4] {
    let cost = cost.min(MOST);
    [
        ("hand:one", 1.0),
        ("hand:cost", cost / 5.0),
        ("hand:cost3", (cost - 3.0).max(0.0) / 3.0),
        ("hand:cost6", (cost - 6.0).max(0.0) / 3.0),
    ]
}

/// The weight of a feature.
fn weight(feature: &str) -> f64 {
    let split = |line: &'static str| line.rsplit_once(' ').unwrap_or((line, ""));
    let line = find_line(WEIGHTS, |line| split(line).0.cmp(feature));
    line.and_then(|line| split(line).1.parse().ok())
        .map_or(0.0, |hundredths: f64| hundredths / 100.0)
}
