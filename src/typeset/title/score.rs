//! A place between two words → how likely an editor breaks there.
//!
//! `weights.txt` is learnt from the headlines of `tests/titles` that may be looked at
//! (`learn`): a line is a feature and its weight in hundredths, sorted, and looked
//! up where it lies. The sum of the weights of a place is the logarithm of the odds that a break
//! there is one that an editor makes; what the rules of `joints` say is one of the features.

use std::collections::BTreeSet;

use super::features::features;
use super::words::Word;

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
    let bytes = WEIGHTS.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = bytes[..middle].iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let end =
            bytes[middle..].iter().position(|&b| b == b'\n').map_or(bytes.len(), |at| middle + at);
        let line = &WEIGHTS[start..end];
        let Some((name, hundredths)) = line.rsplit_once(' ') else { return 0.0 };
        match name.cmp(feature) {
            std::cmp::Ordering::Equal => return hundredths.parse().map_or(0.0, |w: f64| w / 100.0),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    0.0
}
