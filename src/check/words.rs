//! The word list: words that are wrong, and names that are written one way.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::printed::Printed;
use super::text::TextCheck;
use crate::diag::Code;
use crate::publication::RawPublication;

/// The program's own list, `words.toml`.
#[derive(Deserialize)]
struct Own {
    words: BTreeMap<String, String>,
    /// Longer words in which a wrong one is right: 恢复盖章 has 复盖 in it.
    except: Vec<String>,
}

static OWN: LazyLock<Own> =
    LazyLock::new(|| toml::from_str(include_str!("words.toml")).expect("the list is well-formed"));

/// Words and names, each with the right way to write it.
#[derive(Debug, Clone, Default)]
pub struct WordList {
    /// What is wrong, what is right, and whether it is a name; longer ones first.
    entries: Vec<(String, String, Code)>,
}

impl WordList {
    /// The program's list with a publication's own over it.
    pub fn new(publication: &RawPublication) -> Self {
        let mut words: BTreeMap<&str, &str> =
            OWN.words.iter().map(|(wrong, right)| (wrong.as_str(), right.as_str())).collect();
        for (wrong, right) in &publication.words {
            words.insert(&wrong.value, &right.value);
        }
        // A word that is set right by itself is allowed: a publication takes it off the list.
        let words = words.into_iter().filter(|(wrong, right)| wrong != right);
        let words = words.map(|(wrong, right)| (wrong.into(), right.into(), Code::WordWrong));
        let names = publication.names.iter().flat_map(|(right, variants)| {
            let entry = |wrong: &String| (wrong.clone(), right.value.clone(), Code::NameVariant);
            variants.iter().map(move |wrong| entry(&wrong.value))
        });
        let mut entries: Vec<(String, String, Code)> =
            words.chain(names).filter(|(wrong, _, _)| !wrong.is_empty()).collect();
        entries.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        WordList { entries }
    }
}

/// Words of the list in a line.
pub fn words(line: &Printed, check: &mut TextCheck<'_>) {
    let text: String = line.chars.iter().collect();
    let mut taken: Vec<std::ops::Range<usize>> = Vec::new();
    let list = check.words;
    for (wrong, right, code) in &list.entries {
        for (start, _) in text.match_indices(wrong.as_str()) {
            let end = start + wrong.len();
            let overlaps = taken.iter().any(|t| t.start < end && start < t.end);
            // A variant may be part of the right name: 妇联 of 省妇联.
            let spared = OWN.except.iter().chain([right]).any(|word| {
                let offsets = word.match_indices(wrong.as_str()).map(|(offset, _)| offset);
                let mut starts = offsets.filter_map(|offset| start.checked_sub(offset));
                starts.any(|at| text[at.min(text.len())..].starts_with(word.as_str()))
            });
            if overlaps || spared {
                continue;
            }
            taken.push(start..end);
            let from = text[..start].chars().count();
            let place = line.place(from..from + wrong.chars().count());
            let args = [("wrong", wrong.clone()), ("right", right.clone())];
            if let Some(found) = check.find(*code, place.clone(), args) {
                *found = found.clone().fix(place, right);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_list_is_sane() {
        for (wrong, right) in &OWN.words {
            assert!(wrong != right && wrong.chars().count() >= 2, "{wrong}");
            assert!(!OWN.words.contains_key(right), "{right} is itself wrong");
        }
        for word in &OWN.except {
            assert!(OWN.words.keys().any(|wrong| word.contains(wrong.as_str())), "{word}");
        }
    }
}
