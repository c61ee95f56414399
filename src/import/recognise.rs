//! Looks → a label for each line: the best sequence over the whole document, with its confidence.

use super::code::RemarkCode;
use super::features::Look;
use super::line::{Line, Remark};
use super::table::{FEATURES, Label, TRANSITIONS, UNUSUAL};

/// A line's label.
#[derive(Debug, Clone)]
pub struct Guess {
    /// The label.
    pub label: Label,
    /// The probability over all readings of the document, from 0 to 1.
    pub confidence: f32,
    /// The next likely label.
    pub instead: Label,
    /// The features for or against the label, the weightiest first.
    pub reasons: Vec<(&'static str, f32)>,
}

/// A guess with a lower confidence is reported.
const SURE: f32 = 0.8;

impl Guess {
    /// A remark, if the guess on `line` is unsure and another label would change the issue.
    pub fn doubt(&self, line: &Line) -> Option<Remark> {
        let group = |label: Label| match label {
            Label::Heading | Label::Body | Label::Caption | Label::Object => Label::Body,
            Label::Imprint | Label::ImprintMore => Label::Imprint,
            Label::ContentsEntry | Label::ContentsSection => Label::ContentsEntry,
            label => label,
        };
        let doubtful = self.confidence < SURE && group(self.label) != group(self.instead);
        doubtful.then(|| Remark {
            confidence: Some(rounded(self.confidence)),
            instead: Some(self.instead.name()),
            ..Remark::on(line, RemarkCode::Guess, self.label.name())
        })
    }
}

/// A confidence, rounded as it is reported.
pub fn rounded(confidence: f32) -> f32 {
    (confidence * 100.0).round() / 100.0
}

const N: usize = Label::ALL.len();
type Scores = [f32; N];

/// Labels a document's lines.
pub fn recognise(looks: &[Look]) -> Vec<Guess> {
    let emissions: Vec<Scores> = looks.iter().map(emission).collect();
    let (start, pairs) = transitions();
    let path = viterbi(&emissions, &start, &pairs);
    let sure = posterior(&emissions, &start, &pairs);
    path.into_iter()
        .enumerate()
        .map(|(at, label)| {
            let others = (0..N).filter(|&other| other != label);
            let next = others.max_by(|&a, &b| sure[at][a].total_cmp(&sure[at][b])).unwrap_or(label);
            Guess {
                label: Label::ALL[label],
                confidence: sure[at][label],
                instead: Label::ALL[next],
                reasons: reasons(&looks[at], Label::ALL[label]),
            }
        })
        .collect()
}

/// The scores that a line's features give each label.
fn emission(look: &Look) -> Scores {
    let mut scores: Scores = std::array::from_fn(|at| Label::ALL[at].bias());
    for feature in FEATURES.iter().filter(|feature| (feature.holds)(look)) {
        for (label, weight) in feature.weights {
            scores[*label as usize] += weight;
        }
    }
    scores
}

fn reasons(look: &Look, label: Label) -> Vec<(&'static str, f32)> {
    let weight = |weights: &[(Label, f32)]| weights.iter().find(|w| w.0 == label).map(|w| w.1);
    let mut reasons: Vec<(&'static str, f32)> = FEATURES
        .iter()
        .filter(|feature| (feature.holds)(look))
        .filter_map(|feature| Some((feature.name, weight(feature.weights)?)))
        .collect();
    reasons.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    reasons
}

fn transitions() -> (Scores, [Scores; N]) {
    let mut start = [UNUSUAL; N];
    let mut pairs = [[UNUSUAL; N]; N];
    for (from, to) in TRANSITIONS {
        let row = match from {
            Some(from) => &mut pairs[*from as usize],
            None => &mut start,
        };
        to.iter().for_each(|(label, weight)| row[*label as usize] = *weight);
    }
    (start, pairs)
}

fn viterbi(emissions: &[Scores], start: &Scores, pairs: &[Scores; N]) -> Vec<usize> {
    let Some(first) = emissions.first() else { return Vec::new() };
    let mut best: Scores = std::array::from_fn(|at| start[at] + first[at]);
    let mut back: Vec<[usize; N]> = Vec::with_capacity(emissions.len());
    for scores in &emissions[1..] {
        let mut from = [0; N];
        let next = std::array::from_fn(|to| {
            let reach = |&a: &usize, &b: &usize| {
                (best[a] + pairs[a][to]).total_cmp(&(best[b] + pairs[b][to]))
            };
            from[to] = (0..N).max_by(reach).expect("there are labels");
            best[from[to]] + pairs[from[to]][to] + scores[to]
        });
        best = next;
        back.push(from);
    }
    let mut at = (0..N).max_by(|&a, &b| best[a].total_cmp(&best[b])).expect("there are labels");
    let mut path = vec![at];
    for from in back.iter().rev() {
        at = from[at];
        path.push(at);
    }
    path.reverse();
    path
}

/// The probability of each label over all sequences (forward and backward sums).
fn posterior(emissions: &[Scores], start: &Scores, pairs: &[Scores; N]) -> Vec<Scores> {
    let weights = pairs.map(|row| row.map(f32::exp));
    let count = emissions.len();
    // Each row is scaled to its greatest entry; otherwise long documents would underflow.
    let scaled = |mut row: Scores| {
        let top = row.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        row.iter_mut().for_each(|x| *x /= top);
        row
    };
    let own: Vec<Scores> = emissions
        .iter()
        .map(|scores| {
            let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            scores.map(|score| (score - top).exp())
        })
        .collect();
    let mut ahead: Vec<Scores> = Vec::with_capacity(count);
    for (at, own) in own.iter().enumerate() {
        let row = match ahead.last() {
            None => std::array::from_fn(|to| start[to].exp() * own[to]),
            Some(last) => std::array::from_fn(|to| {
                own[to] * (0..N).map(|from| last[from] * weights[from][to]).sum::<f32>()
            }),
        };
        ahead.push(scaled(row));
        debug_assert_eq!(ahead.len(), at + 1);
    }
    let mut behind: Scores = [1.0; N];
    let mut sure = vec![[0.0; N]; count];
    for at in (0..count).rev() {
        let row: Scores = std::array::from_fn(|label| ahead[at][label] * behind[label]);
        let sum: f32 = row.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        sure[at] = row.map(|x| x / sum);
        behind = scaled(std::array::from_fn(|from| {
            (0..N).map(|to| weights[from][to] * own[at][to] * behind[to]).sum()
        }));
    }
    sure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pair_and_no_feature_stands_twice() {
        for (from, to) in TRANSITIONS {
            let mut labels: Vec<Label> = to.iter().map(|(label, _)| *label).collect();
            labels.sort();
            assert!(labels.windows(2).all(|pair| pair[0] != pair[1]), "{from:?}");
        }
        let mut names: Vec<&str> = FEATURES.iter().map(|feature| feature.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        for feature in FEATURES {
            let mut labels: Vec<Label> = feature.weights.iter().map(|(label, _)| *label).collect();
            labels.sort();
            assert!(labels.windows(2).all(|pair| pair[0] != pair[1]), "{}", feature.name);
        }
    }
}
