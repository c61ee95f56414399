//! Edits of several clients and of the file → one merged text, or a question that a person must
//! answer. This module knows no threads, channels or pages.
//!
//! An edit and a change of the file are both three-way merges. If two texts change the same place,
//! neither is overwritten: the conflict becomes a [`Question`].

use std::collections::VecDeque;
use std::sync::Arc;

use diffy::{ConflictStyle, MergeOptions};
use serde_json::Value as Json;

use super::disk::{Dress, Stored, plain};
use crate::issue::form::{self, FormError, Op};
use crate::serve::protocol::{Choice, Merge, Message, Origin};
use crate::source::limits;
use crate::source::text::changes;

/// How many texts are remembered, for edits that were made on an older one.
const REMEMBERED: usize = 200;
/// The length of conflict marks: so long that no line of an issue begins with one.
const MARKS: usize = 120;

/// The text of an open issue, and that of its file.
pub struct Draft {
    rev: u64,
    text: Arc<str>,
    past: VecDeque<(u64, Arc<str>)>,
    /// The file as it was last read or written.
    disk: Arc<str>,
    dress: Dress,
    /// Another text of the file, which cannot be merged with ours; empty where the file is gone.
    conflict: Option<Arc<str>>,
    /// The text was left unsaved by an earlier run, and no client has been informed yet.
    pub recovered: bool,
}

/// A text that replaces another.
pub struct Edit {
    /// The text that it was made from.
    pub base: Arc<str>,
    /// The text.
    pub text: Arc<str>,
    /// Whether the client already shows the text.
    pub has_it: bool,
}

/// Two texts that change the same place, as they were when a client was asked which one to keep.
/// Edits that come while the question is open are merged with the answer.
pub struct Question {
    /// Where the other text comes from.
    pub from: Origin,
    /// The text that both were made from.
    pub base: Arc<str>,
    /// The text of the client that is asked.
    pub mine: Arc<str>,
    /// The other text.
    pub theirs: Arc<str>,
}

/// The answer to a question.
pub struct Answer {
    /// The text that was chosen.
    pub chosen: Arc<str>,
    /// The text that it was made on, where a later one has to be merged with it.
    pub made_on: Option<Arc<str>>,
    /// Texts that were not taken.
    pub dropped: Vec<Arc<str>>,
}

/// How the file's text relates to ours.
#[derive(Debug, PartialEq, Eq)]
pub enum Look {
    /// The file has nothing new.
    Same,
    /// The file has its old text again: the question about the other one is settled.
    Settled,
    /// Both are merged; the merged text is still to be taken.
    Merged {
        /// The file's text.
        theirs: Arc<str>,
        /// The merged text.
        merged: Arc<str>,
    },
    /// Both texts change the same place: clients must be asked.
    Conflict,
}

impl Draft {
    /// A draft with the text of the file, or with the text that an earlier run left unsaved.
    /// `unsaved`: the file's text at that time, and the unsaved text.
    pub fn open(stored: Stored, unsaved: Option<(String, String)>) -> Self {
        let Stored { text, dress } = stored;
        let mut draft = Draft {
            rev: 1,
            disk: text.clone(),
            text,
            past: VecDeque::new(),
            dress,
            conflict: None,
            recovered: false,
        };
        if let Some((base, text)) = unsaved {
            draft.recover(plain(&base), plain(&text));
        }
        draft.remember();
        draft
    }

    fn recover(&mut self, base: Arc<str>, text: Arc<str>) {
        if text == self.disk {
            return;
        }
        self.recovered = true;
        if base == self.disk {
            self.text = text;
            return;
        }
        match merged(&base, &text, &self.disk) {
            Some(merged) => self.text = merged,
            None => {
                self.conflict = Some(std::mem::replace(&mut self.disk, base));
                self.text = text;
            }
        }
    }

    fn remember(&mut self) {
        self.past.push_back((self.rev, self.text.clone()));
        if self.past.len() > REMEMBERED {
            self.past.pop_front();
        }
    }

    /// The revision: it counts the texts.
    pub fn rev(&self) -> u64 {
        self.rev
    }

    /// The text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The text of the file.
    pub fn disk(&self) -> &Arc<str> {
        &self.disk
    }

    /// The text as its file is written.
    pub fn bytes(&self) -> Vec<u8> {
        self.dress.bytes(&self.text)
    }

    /// Whether the file has the text, and no question about the file is open.
    pub fn is_saved(&self) -> bool {
        self.text == self.disk && self.conflict.is_none()
    }

    /// The text of a revision, unless that is too long ago.
    pub fn past(&self, rev: u64) -> Option<Arc<str>> {
        let past = self.past.iter().find(|(of, _)| *of == rev);
        past.map(|(_, text)| text.clone())
    }

    /// Merges an edit with the changes since its base, or returns a question if they conflict.
    pub fn merge(&self, edit: &Edit) -> Result<Arc<str>, Question> {
        let Edit { base, text, .. } = edit;
        if *base == self.text || *text == self.text {
            Ok(text.clone())
        } else if base == text {
            Ok(self.text.clone())
        } else {
            merged(base, text, &self.text).ok_or_else(|| Question {
                from: Origin::Tab,
                base: base.clone(),
                mine: text.clone(),
                theirs: self.text.clone(),
            })
        }
    }

    /// Replaces the text. Returns whether the text has changed.
    pub fn change(&mut self, text: Arc<str>) -> bool {
        let other = text != self.text;
        if other {
            self.rev += 1;
            self.text = text;
            self.remember();
        }
        other
    }

    /// Notes that the file has been written with the text.
    pub fn saved(&mut self) {
        self.disk = self.text.clone();
    }

    /// Compares the file with ours; `None` where there is no file. `to_write`: the file is about to
    /// be written, so that a missing file also matters.
    pub fn look(&mut self, file: Option<Stored>, to_write: bool) -> Look {
        let Stored { text: theirs, dress } =
            file.unwrap_or(Stored { text: Arc::default(), dress: self.dress });
        // A program that writes a file in place empties it first, and one that replaces it may
        // remove it: in both cases the new text is still to come.
        let gone = theirs.is_empty() && !self.disk.is_empty();
        if gone && !to_write || self.conflict.as_ref() == Some(&theirs) {
            return Look::Same;
        }
        if !theirs.is_empty() {
            self.dress = dress;
        }
        let asked = self.conflict.take().is_some();
        if theirs == self.disk {
            return if asked { Look::Settled } else { Look::Same };
        }
        let merged = match &self.text {
            _ if gone => None,
            text if *text == self.disk || *text == theirs => Some(theirs.clone()),
            text => merged(&self.disk, text, &theirs),
        };
        match merged {
            Some(merged) => {
                self.disk = theirs.clone();
                Look::Merged { theirs, merged }
            }
            None => {
                self.conflict = Some(theirs);
                Look::Conflict
            }
        }
    }

    /// The open question about the file's other text.
    pub fn question(&self) -> Option<Question> {
        self.conflict.as_ref().map(|theirs| Question {
            from: Origin::Disk,
            base: self.disk.clone(),
            mine: self.text.clone(),
            theirs: theirs.clone(),
        })
    }

    /// Answers a question; `text` is a version merged by hand. An answer about the file settles
    /// the question for every client. The caller still has to take the chosen text.
    pub fn answer(&mut self, question: Question, choice: Choice, text: Option<String>) -> Answer {
        let Question { from, base, mine, theirs } = question;
        let by_hand = || text.map_or_else(|| first(&base, &mine, &theirs), |text| plain(&text));
        if from == Origin::Tab {
            return match choice {
                Choice::Mine => Answer {
                    chosen: first(&base, &mine, &self.text),
                    made_on: None,
                    dropped: Vec::new(),
                },
                Choice::Theirs => {
                    Answer { chosen: self.text.clone(), made_on: None, dropped: vec![mine] }
                }
                Choice::Merged => {
                    Answer { chosen: by_hand(), made_on: Some(theirs), dropped: Vec::new() }
                }
            };
        }
        self.conflict = None;
        self.disk = theirs.clone();
        let ours = self.text.clone();
        match choice {
            Choice::Mine => Answer { chosen: ours, made_on: None, dropped: vec![theirs] },
            Choice::Theirs => {
                Answer { chosen: theirs.clone(), made_on: None, dropped: vec![theirs, ours] }
            }
            Choice::Merged => {
                Answer { chosen: by_hand(), made_on: Some(mine), dropped: vec![theirs] }
            }
        }
    }
}

impl Edit {
    /// Applies operations of the form to a text. `was`: the values that the page showed before, by
    /// the index of the operation.
    pub fn apply(base: Arc<str>, ops: &[Op], was: &[(usize, Json)]) -> Result<Self, FormError> {
        // A value that has changed meanwhile is put back in the base, so that the merge finds a
        // conflict there and the client is asked.
        let before: Vec<Op> = was
            .iter()
            .filter_map(|(at, value)| match ops.get(*at)? {
                Op::Set { path, .. } => Some(Op::Set { path: path.clone(), value: value.clone() }),
                _ => None,
            })
            .collect();
        let base = match before.as_slice() {
            [] => base,
            before => plain(&form::apply(&base, before)?),
        };
        let text = plain(&form::apply(&base, ops)?);
        Ok(Edit { base, text, has_it: false })
    }
}

impl Question {
    /// The question as a client gets it.
    pub fn message(&self) -> String {
        // A deleted file has no text to merge with.
        let gone = self.theirs.is_empty();
        let merged = match are_near(&self.base, &self.mine, &self.theirs) && !gone {
            true => {
                diffy::merge(&self.base, &self.mine, &self.theirs).unwrap_or_else(|marked| marked)
            }
            false => self.mine.to_string(),
        };
        Message::Disk(Merge {
            from: self.from,
            theirs: &self.theirs,
            merged: &merged,
            clean: false,
            gone: Some(gone),
        })
        .json()
    }
}

/// Two texts made from one, merged, unless they meet in the same place.
fn merged(base: &str, one: &str, other: &str) -> Option<Arc<str>> {
    are_near(base, one, other).then(|| diffy::merge(base, one, other).ok())?.map(Arc::from)
}

/// Whether two texts are near enough to the one they were made from to be merged: the time of a
/// merge grows with the lines that differ.
fn are_near(base: &str, one: &str, other: &str) -> bool {
    let lines = |text: &str| text.lines().count() <= limits::MERGED_LINES;
    if ![base, one, other].into_iter().all(lines) {
        return false;
    }
    let base: Vec<&str> = base.lines().collect();
    [one, other].iter().all(|text| {
        let lines: Vec<&str> = text.lines().collect();
        changes(&base, &lines, limits::CHANGED_LINES).is_some()
    })
}

/// Two texts made from one, merged; where they meet, the first of them stands.
fn first(base: &str, one: &str, other: &str) -> Arc<str> {
    if !are_near(base, one, other) {
        return one.into();
    }
    let merged = MergeOptions::new()
        .set_conflict_marker_length(MARKS)
        .set_conflict_style(ConflictStyle::Merge)
        .merge(base, one, other);
    let marked = match merged {
        Ok(merged) => return merged.into(),
        Err(marked) => marked,
    };
    let is_mark = |line: &str, mark: &str| line.starts_with(&mark.repeat(MARKS));
    let (mut text, mut is_other) = (String::new(), false);
    for line in marked.split_inclusive('\n') {
        if is_mark(line, "=") {
            is_other = true;
        } else if is_mark(line, ">") {
            is_other = false;
        } else if !is_other && !is_mark(line, "<") {
            text.push_str(line);
        }
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISK: &str = "甲\n乙\n丙\n丁\n戊\n";

    fn stored(text: &str) -> Stored {
        Stored { text: text.into(), dress: Dress::default() }
    }

    fn draft() -> Draft {
        Draft::open(stored(DISK), None)
    }

    fn edit(base: &str, text: &str) -> Edit {
        Edit { base: base.into(), text: text.into(), has_it: true }
    }

    fn with(from: &str, to: &str) -> String {
        DISK.replace(from, to)
    }

    #[test]
    fn edits_of_two_places_are_merged_and_of_one_are_asked_about() {
        let mut draft = draft();
        assert!(draft.change(with("甲", "甲一").into()));
        assert_eq!((draft.rev(), draft.is_saved()), (2, false));
        assert_eq!(draft.past(1).as_deref(), Some(DISK));
        assert_eq!(draft.past(3), None);
        let merged = draft.merge(&edit(DISK, &with("戊", "戊二"))).ok().expect("two places");
        assert_eq!(&*merged, "甲一\n乙\n丙\n丁\n戊二\n");
        // An edit that changes nothing gives the text; the same change twice raises no question.
        assert_eq!(draft.merge(&edit(DISK, DISK)).ok().as_ref(), Some(draft.text()));
        assert!(draft.merge(&edit(DISK, &with("甲", "甲一"))).is_ok());
        let question = draft.merge(&edit(DISK, &with("甲", "甲二"))).expect_err("one place");
        assert_eq!(question.from, Origin::Tab);
        assert_eq!(&*question.theirs, &*with("甲", "甲一"));
        assert!(!draft.change(draft.text().clone()), "the same text is no revision");
        assert_eq!(draft.rev(), 2);
    }

    #[test]
    fn texts_too_far_apart_are_asked_about_at_once() {
        let lines: Vec<String> = (0..30_000).map(|line| format!("{line}\n")).collect();
        let reversed: String = lines.iter().rev().map(String::as_str).collect();
        let mut draft = Draft::open(stored(&lines.concat()), None);
        assert!(draft.change(format!("{}末\n", lines.concat()).into()));
        let far = || draft.merge(&edit(&lines.concat(), &reversed)).expect_err("a question");
        let message = far().message();
        assert!(message.contains("29999\\n29998"), "the page is offered its own text");
        let question = far();
        let answer = draft.answer(question, Choice::Mine, None);
        assert_eq!(*answer.chosen, *reversed);
    }

    #[test]
    fn an_answer_takes_what_was_chosen_and_hands_out_the_rest() {
        let asked =
            |draft: &Draft| draft.merge(&edit(DISK, &with("甲", "甲二"))).expect_err("a question");
        let mut draft = draft();
        draft.change(with("甲", "甲一").into());
        let question = asked(&draft);
        // While the question is open, the text goes on in another place.
        draft.change(with("甲", "甲一").replace("戊", "戊三").into());
        let answer = draft.answer(question, Choice::Mine, None);
        assert_eq!(&*answer.chosen, "甲二\n乙\n丙\n丁\n戊三\n");
        assert!(answer.made_on.is_none() && answer.dropped.is_empty());
        let question = asked(&draft);
        let answer = draft.answer(question, Choice::Theirs, None);
        assert_eq!(&answer.chosen, draft.text());
        assert_eq!(answer.dropped, [with("甲", "甲二").into()]);
        let question = asked(&draft);
        let answer = draft.answer(question, Choice::Merged, Some("甲三\r\n".into()));
        assert_eq!((&*answer.chosen, answer.made_on.as_ref()), ("甲三\n", Some(draft.text())));
    }

    #[test]
    fn a_file_that_changed_is_merged_or_asked_about() {
        let mut draft = draft();
        assert_eq!(draft.look(Some(stored(DISK)), true), Look::Same);
        draft.change(with("甲", "甲一").into());
        let theirs = with("戊", "戊二");
        let look = draft.look(Some(stored(&theirs)), false);
        let merged: Arc<str> = "甲一\n乙\n丙\n丁\n戊二\n".into();
        assert_eq!(look, Look::Merged { theirs: (*theirs).into(), merged: merged.clone() });
        draft.change(merged);
        assert_eq!(&**draft.disk(), theirs);
        // A change in the same place raises a question; a second look does not raise it again.
        let other = with("甲", "甲二");
        assert_eq!(draft.look(Some(stored(&other)), false), Look::Conflict);
        assert_eq!(draft.look(Some(stored(&other)), true), Look::Same);
        assert!(!draft.is_saved());
        let question = draft.question().expect("a question");
        assert_eq!((question.from, &*question.theirs), (Origin::Disk, &*other));
        // The file has its old text again.
        assert_eq!(draft.look(Some(stored(&theirs)), false), Look::Settled);
        assert!(draft.question().is_none());
        // An answer settles the question, and the text that was not taken is handed out.
        assert_eq!(draft.look(Some(stored(&other)), false), Look::Conflict);
        let question = draft.question().expect("a question");
        let ours = draft.text().clone();
        let answer = draft.answer(question, Choice::Theirs, None);
        assert_eq!((&*answer.chosen, answer.dropped), (&*other, vec![(*other).into(), ours]));
        assert!(draft.question().is_none());
        assert_eq!(&**draft.disk(), other);
    }

    #[test]
    fn a_file_that_is_gone_matters_when_it_is_written() {
        let mut draft = draft();
        assert_eq!(draft.look(None, false), Look::Same);
        assert_eq!(draft.look(Some(stored("")), false), Look::Same);
        assert_eq!(draft.look(None, true), Look::Conflict);
        let question = draft.question().expect("a question");
        assert!(question.theirs.is_empty() && question.message().contains("\"gone\":true"));
        let answer = draft.answer(question, Choice::Mine, None);
        assert_eq!(&*answer.chosen, DISK);
        assert!(!draft.is_saved(), "the file is written anew");
    }

    #[test]
    fn unsaved_text_is_recovered_merged_or_asked_about() {
        let unsaved =
            |base: &str, text: &str| Draft::open(stored(DISK), Some((base.into(), text.into())));
        assert!(!unsaved(DISK, DISK).recovered);
        let ours = with("甲", "甲一");
        let draft = unsaved(DISK, &ours.replace('\n', "\r\n"));
        assert!(draft.recovered && **draft.text() == *ours && !draft.is_saved());
        assert_eq!(draft.past(1).as_deref(), Some(&*ours));
        let base = with("戊", "旧");
        let draft = unsaved(&base, &base.replace("甲", "甲一"));
        assert!(draft.recovered && **draft.text() == *ours && draft.question().is_none());
        let base = with("甲", "旧");
        let draft = unsaved(&base, &with("甲", "甲一"));
        let question = draft.question().expect("both changed one place");
        assert_eq!((&*question.base, &*question.theirs), (&*base, DISK));
    }

    #[test]
    fn where_two_texts_meet_the_first_stands() {
        let one = "甲一\n乙\n丙\n丁\n戊\n";
        let other = "甲二\n乙\n丙\n丁\n戊二\n";
        assert_eq!(&*first(DISK, one, other), "甲一\n乙\n丙\n丁\n戊二\n");
    }
}
