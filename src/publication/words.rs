//! The program's word list × a publication's own → a text's wrong words, each with the right one.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::diag::{Code, Spanned};

/// The program's own list, `words.toml`.
#[derive(Deserialize)]
struct Own {
    words: BTreeMap<String, String>,
    /// Longer words that rightly contain a wrong word: 恢复盖章 contains 复盖.
    except: Vec<String>,
}

static OWN: LazyLock<Own> =
    LazyLock::new(|| toml::from_str(include_str!("words.toml")).expect("the list is well-formed"));

/// Words and names, each with its correct spelling; longer ones first.
#[derive(Debug, Clone, Default)]
pub struct WordList {
    entries: Vec<Entry>,
}

/// A wrong word with its correction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The wrong word.
    pub wrong: String,
    /// The right one.
    pub right: String,
    /// The code of its findings: a wrong word or a variant of a name.
    pub code: Code,
    /// Whether the right word may be put in without asking: it has no wrong word in it, and brings
    /// no mark that another rule would put right in turn, perhaps to a wrong word again.
    pub is_sure: bool,
}

impl WordList {
    /// The program's list, extended and overridden by a publication's `[words]` and `[names]`.
    pub fn new(
        words: &BTreeMap<Spanned<String>, Spanned<String>>,
        names: &BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    ) -> Self {
        let mut all: BTreeMap<&str, &str> =
            OWN.words.iter().map(|(wrong, right)| (wrong.as_str(), right.as_str())).collect();
        for (wrong, right) in words {
            all.insert(&wrong.value, &right.value);
        }
        let entry = |wrong: &str, right: &str, code| {
            let (wrong, right) = (wrong.to_string(), right.to_string());
            Entry { wrong, right, code, is_sure: true }
        };
        // A word corrected to itself is allowed: a publication thus removes it from the list.
        let words = all.into_iter().filter(|(wrong, right)| wrong != right);
        let words = words.map(|(wrong, right)| entry(wrong, right, Code::WordWrong));
        let names = names.iter().flat_map(|(right, variants)| {
            variants.iter().map(move |wrong| entry(&wrong.value, &right.value, Code::NameVariant))
        });
        let mut entries: Vec<Entry> =
            words.chain(names).filter(|entry| !entry.wrong.is_empty()).collect();
        entries.sort_by(|a, b| b.wrong.len().cmp(&a.wrong.len()).then_with(|| a.cmp(b)));
        let mut list = WordList { entries };
        let is_sure = |entry: &Entry| {
            let marks = |word: &str| word.chars().filter(|&c| is_put_right(c)).count();
            marks(&entry.right) <= marks(&entry.wrong) && list.find(&entry.right).is_empty()
        };
        let sure: Vec<bool> = list.entries.iter().map(is_sure).collect();
        list.entries.iter_mut().zip(sure).for_each(|(entry, sure)| entry.is_sure = sure);
        list
    }

    /// The fixes of the words found in a text, as [`WordList::find`] returns them: those of sure
    /// entries, unless the text put right would have wrong words that it has not now.
    pub fn sure(&self, text: &str, found: &[(Range<usize>, &Entry)]) -> Vec<Range<usize>> {
        let mut fixes: Vec<_> = found.iter().filter(|(_, entry)| entry.is_sure).collect();
        fixes.sort_by_key(|(range, _)| range.start);
        if fixes.is_empty() {
            return Vec::new();
        }
        let (mut put_right, mut at) = (String::new(), 0);
        for (range, entry) in &fixes {
            put_right += &text[at..range.start];
            put_right += &entry.right;
            at = range.end;
        }
        put_right += &text[at..];
        match self.find(&put_right).len() > found.len() - fixes.len() {
            true => Vec::new(),
            false => fixes.into_iter().map(|(range, _)| range.clone()).collect(),
        }
    }

    /// The entries whose wrong word is in a text, each with the bytes of that word.
    pub fn find(&self, text: &str) -> Vec<(Range<usize>, &Entry)> {
        let mut found: Vec<(Range<usize>, &Entry)> = Vec::new();
        // The words found so far, which do not overlap: the start and end of each.
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        for entry in &self.entries {
            let Entry { wrong, right, .. } = entry;
            for (start, _) in text.match_indices(wrong.as_str()) {
                let end = start + wrong.len();
                let before = taken.range(..end).next_back();
                let overlaps = before.is_some_and(|(_, before)| start < *before);
                // A variant may be part of the correct name: 妇联 is part of 省妇联.
                let spared = OWN.except.iter().chain([right]).any(|word| {
                    let offsets = word.match_indices(wrong.as_str()).map(|(offset, _)| offset);
                    let mut starts = offsets.filter_map(|offset| start.checked_sub(offset));
                    starts.any(|at| text[at.min(text.len())..].starts_with(word.as_str()))
                });
                if !overlaps && !spared {
                    taken.insert(start, end);
                    found.push((start..end, entry));
                }
            }
        }
        found
    }
}

/// Whether the fix of another rule may put a character right.
fn is_put_right(c: char) -> bool {
    let mark = c.is_whitespace() || ",;:!?.()个．％".contains(c);
    mark || matches!(c, '０'..='９' | '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
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
