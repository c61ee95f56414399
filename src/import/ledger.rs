//! The characters of the source and the texts of the issue → a proof that no text is lost.
//!
//! Each line is booked in parts, in order: as kept under a key of the issue, as the statement of a
//! value, as a mark that the program prints itself, as a repetition of text kept elsewhere, or as
//! furniture. [`Ledger::check`] then reads the TOML that is about to be written and demands that
//! (1) the parts of each line add up to the line, (2) the text kept under a key is, in order, the
//! issue's text under that key, and the issue has no other text, (3) a mark consists of marks
//! only, (4) a repeated text is in the issue or its publication.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{ErrorCode, FurnitureKind, ImportError};
use super::key::{ArticleText, Key};
use super::line::{Line, fold, squeeze};
use super::vocabulary::{pattern, without_spacing};
use crate::diag::Spanned;
use crate::issue::article::PARTS;
use crate::issue::body::{self, Block, Run};
use crate::issue::raw::{RawAttachment, RawImprint, RawIssue};

/// The fate of a part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The part is text of the issue, under this key.
    Kept(Key),
    /// The part states a value: number, date, classification.
    Value,
    /// The program prints the part itself: brackets, dashes, labels.
    Mark,
    /// The part is a label of the imprint, for which the program prints this label of its own.
    Label(&'static str),
    /// The issue or its publication already has this text.
    Repeated(String),
    /// The part is not text of the issue.
    Furniture(FurnitureKind),
}

/// The account of one import.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    booked: BTreeMap<usize, Vec<(String, Fate)>>,
    made: BTreeSet<Key>,
}

/// Why an account does not balance: a fault of the program, never of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The line of the source; 0 where no line can be named.
    pub line: usize,
    /// The text in the source.
    pub source: String,
    /// The text in the issue.
    pub issue: String,
}

pattern!(
    MARKS = r"^([\[\]【】〔〕［］()（）〖〗《》〈〉「」『』<>:：，,、；;。.．/／|●◆★※■▲◎☆◇▼▶►➢❖□○⊙✦✱―—－─–\-]|内容提要|编者按语?|编者的话|编者语|编后语|编后|按语|按|卷首语|开栏语|开栏的话|本刊按|编按|供稿单位|供稿人|供稿|撰稿人|撰稿|作者|执笔人|执笔|附件|附录|附|编|主办|编印|编发|编辑|印发|本期|[\d一二三四五六七八九十])*$"
);

impl Ledger {
    /// Books a part of line `at`. Odd signs in the place of a mark, such as those of damaged text,
    /// are set aside for a person to see.
    pub fn book(&mut self, at: usize, text: &str, fate: Fate) {
        let text = squeeze(text);
        let odd = || !MARKS.is_match(&fold(&text)) && !text.chars().any(char::is_alphanumeric);
        let fate = match fate {
            Fate::Mark if odd() => Fate::Furniture(FurnitureKind::Mark),
            fate => fate,
        };
        if !text.is_empty() {
            self.booked.entry(at).or_default().push((text, fate));
        }
    }

    /// Books a text of the issue that the source lacks: a placeholder.
    pub fn make(&mut self, key: Key) {
        self.made.insert(key);
    }

    /// Books a line of a title, and returns the line as the issue has it: a bar becomes a blank,
    /// because a bar would break the title there.
    pub fn book_title(&mut self, at: usize, text: &str, key: Key) -> String {
        for (index, part) in text.split('|').enumerate() {
            if index > 0 {
                self.book(at, "|", Fate::Furniture(FurnitureKind::Mark));
            }
            self.book(at, part, Fate::Kept(key));
        }
        without_spacing(&text.replace('|', " "))
    }

    /// Moves the texts kept under `from` to `to`.
    pub fn rename(&mut self, from: Key, to: Key) {
        for (_, fate) in self.booked.values_mut().flatten() {
            if *fate == Fate::Kept(from) {
                *fate = Fate::Kept(to);
            }
        }
    }

    /// The parts set aside, line by line.
    pub fn aside(&self) -> impl Iterator<Item = (usize, &str, FurnitureKind)> {
        self.booked.iter().flat_map(|(at, parts)| {
            parts.iter().filter_map(move |(text, fate)| match fate {
                Fate::Furniture(kind) => Some((*at, text.as_str(), *kind)),
                _ => None,
            })
        })
    }

    /// Whether a part of a line has been booked.
    pub fn has(&self, at: usize) -> bool {
        self.booked.contains_key(&at)
    }

    /// Compares the account with the lines, and with the issue as it would be read back.
    ///
    /// `imprint` is the publication's, which applies where the issue gives none; `standing` is the
    /// other text that the publication adds to every issue.
    pub fn check(
        &self,
        lines: &[Line],
        issue: &RawIssue,
        imprint: &RawImprint,
        standing: &str,
    ) -> Result<(), Lost> {
        let own = texts(issue);
        let mut texts = own.clone();
        for (key, text) in imprint_texts(imprint) {
            if !imprint_keys(&issue.imprint).contains(&key) {
                texts.entry(key).or_insert(text);
            }
        }
        let said: String =
            texts.values().map(String::as_str).collect::<String>() + &squeeze(standing);
        let kept = self.kept(lines, &said)?;
        for (key, text) in &kept {
            let has = texts.get(key).map(String::as_str).unwrap_or_default();
            if has != text {
                return Err(differ(self.missing(lines, *key, has), text, has));
            }
        }
        match own.iter().find(|(key, _)| !kept.contains_key(key) && !self.made.contains(key)) {
            Some((key, text)) => {
                Err(Lost { line: 0, source: key.to_string(), issue: text.clone() })
            }
            None => Ok(()),
        }
    }

    /// The text that the lines leave under each key, after checking that the parts of every line
    /// add up to the line and have the fate they are booked with; `said` is all text of the issue
    /// and its publication.
    fn kept(&self, lines: &[Line], said: &str) -> Result<BTreeMap<Key, String>, Lost> {
        let mut kept: BTreeMap<Key, String> = BTreeMap::new();
        for (at, line) in lines.iter().enumerate() {
            let lost = |source: &str, issue: String| Lost {
                line: line.number,
                source: source.into(),
                issue,
            };
            let content = line.content();
            let parts = self.booked.get(&at).map(Vec::as_slice).unwrap_or_default();
            let whole: String = parts.iter().map(|(text, _)| text.as_str()).collect();
            if whole != content {
                return Err(lost(&content, whole));
            }
            for (text, fate) in parts {
                let holds = match fate {
                    Fate::Kept(key) => {
                        kept.entry(*key).or_default().push_str(text);
                        true
                    }
                    Fate::Mark => MARKS.is_match(&fold(text)),
                    Fate::Label(label) => label == text,
                    Fate::Repeated(of) => squeeze(of).contains(text) && said.contains(&squeeze(of)),
                    Fate::Value | Fate::Furniture(_) => true,
                };
                if !holds {
                    return Err(lost(text, String::new()));
                }
            }
        }
        Ok(kept)
    }

    /// The number of the first line with a part that is missing from the issue's text under a key;
    /// 0 if there is no such line.
    fn missing(&self, lines: &[Line], key: Key, has: &str) -> usize {
        let missing = |(text, fate): &(String, Fate)| {
            *fate == Fate::Kept(key) && !has.contains(text.as_str())
        };
        let line = lines
            .iter()
            .enumerate()
            .find(|(at, _)| self.booked.get(at).is_some_and(|parts| parts.iter().any(missing)));
        line.map_or(0, |(_, line)| line.number)
    }
}

/// Checks that the lines `read` contain all characters of the source, and that the lines `after`
/// joining, cutting and setting aside contain all of those.
pub fn balance<'a>(
    raw: Option<&str>,
    read: &[Line],
    after: impl Iterator<Item = &'a Line>,
) -> Result<(), ImportError> {
    let own = |line: &Line| match line.object {
        Some(_) => line.content(),
        None => {
            let pieces = line.pieces.iter().filter(|piece| !piece.restored);
            squeeze(&pieces.map(|piece| piece.text.as_str()).collect::<String>())
        }
    };
    let sorted = |texts: &mut dyn Iterator<Item = String>| -> Vec<char> {
        let mut chars: Vec<char> = Vec::new();
        texts.for_each(|text| chars.extend(text.chars()));
        chars.sort_unstable();
        chars
    };
    let lines = sorted(&mut read.iter().map(own));
    let after = sorted(&mut after.map(own));
    let raw = raw.map(|raw| sorted(&mut std::iter::once(squeeze(raw))));
    let sides = [Some((&lines, &after)), raw.as_ref().map(|raw| (raw, &lines))];
    for (a, b) in sides.into_iter().flatten() {
        if a != b {
            let at = a.iter().zip(b).take_while(|(a, b)| a == b).count();
            let detail = format!("{:?} → {:?}", a.get(at), b.get(at));
            return Err(ImportError::new(ErrorCode::Lost, detail));
        }
    }
    Ok(())
}

/// The difference between two texts, shown from where they begin to differ.
fn differ(line: usize, source: &str, issue: &str) -> Lost {
    let same = source.chars().zip(issue.chars()).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(5);
    let part = |text: &str| text.chars().skip(from).take(30).collect();
    Lost { line, source: part(source), issue: part(issue) }
}

/// Every text of an issue, without blanks, by its key.
fn texts(issue: &RawIssue) -> BTreeMap<Key, String> {
    let mut texts = BTreeMap::new();
    let mut put = |key: Key, text: String| {
        if !text.is_empty() {
            texts.insert(key, text);
        }
    };
    let line = |text: &str| squeeze(&text.replace('|', ""));
    let head = [
        (Key::Label, &issue.label),
        (Key::Meeting, &issue.meeting),
        (Key::Issuer, &issue.issuer),
        (Key::Notice, &issue.notice),
    ];
    for (key, text) in head {
        put(key, text.as_ref().map(|text| squeeze(&text.value)).unwrap_or_default());
    }
    put(Key::Note, issue.editors_note.as_ref().map(|n| body_text(&n.value)).unwrap_or_default());
    for (index, article) in issue.articles().enumerate() {
        let mut put = |text, value| put(Key::Article(index, text), value);
        for part in &PARTS {
            let text = |text: &Spanned<String>| match part.kind.has_marks() {
                true => body_text(&text.value),
                false if part.has_bars() => line(&text.value),
                false => squeeze(&text.value),
            };
            put(ArticleText::Part(part.key), (part.of)(article).iter().map(text).collect());
        }
        for (at, attachment) in article.attachments.iter().enumerate() {
            let RawAttachment { title, body } = &attachment.value;
            put(ArticleText::AttachmentTitle(at), line(&title.value));
            put(ArticleText::AttachmentBody(at), body_text(&body.value));
        }
    }
    for (at, section) in issue.sections.iter().enumerate() {
        put(Key::Section(at), squeeze(&section.value.name.value));
    }
    imprint_texts(&issue.imprint).for_each(|(key, text)| put(key, text));
    texts
}

/// The texts of an imprint by their keys.
fn imprint_texts(imprint: &RawImprint) -> impl Iterator<Item = (Key, String)> {
    let lists = imprint.lists().map(|(list, units)| {
        let units = units.iter().map(|unit| squeeze(&unit.value));
        (list.key, units.collect::<String>())
    });
    let staff = imprint.staff().map(|(field, text)| (field.key, squeeze(&text.value)));
    lists.chain(staff).map(|(key, text)| (Key::Imprint(key), text))
}

fn imprint_keys(imprint: &RawImprint) -> BTreeSet<Key> {
    imprint_texts(imprint).map(|(key, _)| key).collect()
}

/// The text of a body as readers see it: marks taken off, notes in their places.
pub fn body_text(body: &str) -> String {
    let runs =
        |runs: &[Run]| squeeze(&runs.iter().map(|run| run.text.as_str()).collect::<String>());
    let block = |block: &Block| match block {
        Block::Paragraph(line) | Block::Heading { runs: line, .. } => runs(line),
        Block::List(items) => items.iter().map(|item| runs(item)).collect(),
        Block::Table(table) => {
            let rows = table.head.iter().chain(&table.rows).flatten();
            let caption = runs(&table.caption) + table.unit.as_deref().unwrap_or_default();
            let notes = table.notes.iter().map(|note| runs(note));
            caption + &rows.map(|cell| runs(cell)).chain(notes).collect::<String>()
        }
        Block::Figure { caption, .. } => runs(caption),
    };
    body::parse(body).0.iter().map(block).collect()
}
