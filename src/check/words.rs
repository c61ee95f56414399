//! A line of text × the word list → findings on wrong words and variants of names.

use super::findings::Findings;
use super::printed::Printed;
use crate::publication::words::{Entry, WordList};

/// Reports the list's wrong words in a line.
pub fn words(line: &Printed, list: &WordList, found: &mut Findings<'_>) {
    let text: String = line.chars.iter().collect();
    let words = list.find(&text);
    let sure = list.sure(&text, &words);
    for (bytes, Entry { wrong, right, code, .. }) in words {
        let from = text[..bytes.start].chars().count();
        let place = line.place(from..from + wrong.chars().count());
        let args = [("wrong", wrong.clone()), ("right", right.clone())];
        let Some(word) = found.find(*code, place.clone(), args) else { break };
        if sure.contains(&bytes) {
            *word = word.clone().fix(place, right);
        }
    }
}
