//! Nothing is lost: an account of every character of the source, held against the issue.
//!
//! Each line is booked in parts, in order: kept under a key of the issue, stated as a
//! value, a mark that the program sets itself, a repetition of what is kept elsewhere, or
//! furniture. [`Ledger::check`] then reads the TOML that is about to be written and
//! demands that (1) the parts of each line are the line, (2) what was kept under a key is,
//! in order, the text that the issue has there, and the issue has no other text, (3) a mark
//! consists of marks, (4) a repetition is a text that the issue or its publication has.

use std::collections::{BTreeMap, BTreeSet};

use super::imprint::is_label;
use super::line::{Line, fold, squeeze};
use super::words::pattern;
use crate::diag::Spanned;
use crate::issue::article::PARTS;
use crate::issue::body::{self, Block, Run};
use crate::issue::raw::{RawAttachment, RawImprint, RawIssue};

/// What became of a part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is text of the issue, under this key.
    Kept(String),
    /// It states a value: number, date, classification.
    Value,
    /// The program sets it itself: brackets, dashes, labels.
    Mark,
    /// A label of the imprint, for which the program sets the model's own.
    Label,
    /// The issue or its publication says it already.
    Repeated(String),
    /// It is none of the issue's text; the kind is the word for it.
    Furniture(&'static str),
}

/// The account of one import.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    booked: BTreeMap<usize, Vec<(String, Fate)>>,
    made: BTreeSet<String>,
}

/// Why an account does not balance: a fault of the program, never of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The line of the source, 0 where it cannot be said.
    pub line: usize,
    /// What the source has.
    pub source: String,
    /// What the issue has instead.
    pub issue: String,
}

pattern!(
    MARKS = r"^([\[\]【】〔〕［］()（）〖〗《》「」『』<>:：，,、；;。.．/／|●◆★※■▲◎☆◇▼▶►➢❖□○⊙✦✱―—－─–\-]|内容提要|编者按|编者的话|编者语|编后语|编后|按语|按|卷首语|开栏语|开栏的话|本刊按|编按|供稿单位|供稿人|供稿|撰稿人|撰稿|作者|执笔人|执笔|附件|附录|附|编|主办|编印|编发|编辑|印发|本期|[\d一二三四五六七八九十])*$"
);

impl Ledger {
    /// Books a part of line `at`.
    pub fn book(&mut self, at: usize, text: &str, fate: Fate) {
        let text = squeeze(text);
        if !text.is_empty() {
            self.booked.entry(at).or_default().push((text, fate));
        }
    }

    /// Books a text of the issue that the source does not have: a placeholder.
    pub fn make(&mut self, key: impl Into<String>) {
        self.made.insert(key.into());
    }

    /// Moves what was kept under keys that begin with `from` to keys that begin with `to`.
    pub fn rename(&mut self, from: &str, to: &str) {
        for (_, fate) in self.booked.values_mut().flatten() {
            if let Fate::Kept(key) = fate
                && key.starts_with(from)
            {
                *key = format!("{to}{}", &key[from.len()..]);
            }
        }
    }

    /// What was set aside, line by line.
    pub fn aside(&self) -> impl Iterator<Item = (usize, &str, &'static str)> {
        self.booked.iter().flat_map(|(at, parts)| {
            parts.iter().filter_map(move |(text, fate)| match fate {
                Fate::Furniture(kind) => Some((*at, text.as_str(), *kind)),
                _ => None,
            })
        })
    }

    /// Whether a line was set aside whole.
    pub fn has(&self, at: usize) -> bool {
        self.booked.contains_key(&at)
    }

    /// Holds the account against the lines and the issue as it will be read.
    ///
    /// `imprint` is the publication's, which stands where the issue says nothing else;
    /// `standing` is what else the publication says in every issue.
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
        let mut kept: BTreeMap<&str, String> = BTreeMap::new();
        for (at, line) in lines.iter().enumerate() {
            let content = line.content();
            let parts = self.booked.get(&at).map(Vec::as_slice).unwrap_or_default();
            let whole: String = parts.iter().map(|(text, _)| text.as_str()).collect();
            if whole != content {
                return Err(Lost { line: line.number, source: content, issue: whole });
            }
            for (text, fate) in parts {
                let holds = match fate {
                    Fate::Kept(key) => {
                        kept.entry(key).or_default().push_str(text);
                        true
                    }
                    Fate::Mark => MARKS.is_match(&fold(text)),
                    Fate::Label => is_label(text),
                    Fate::Repeated(of) => squeeze(of).contains(text) && said.contains(&squeeze(of)),
                    Fate::Value | Fate::Furniture(_) => true,
                };
                if !holds {
                    return Err(Lost {
                        line: line.number,
                        source: text.clone(),
                        issue: String::new(),
                    });
                }
            }
        }
        for (key, text) in &kept {
            let has = texts.get(*key).map(String::as_str).unwrap_or_default();
            if has != text {
                let line = lines.iter().enumerate().find(|(at, _)| {
                    self.booked.get(at).is_some_and(|parts| {
                        parts.iter().any(|(text, fate)| {
                            *fate == Fate::Kept((*key).into()) && !has.contains(text.as_str())
                        })
                    })
                });
                let line = line.map_or(0, |(_, line)| line.number);
                return Err(differ(line, text, has));
            }
        }
        match own
            .iter()
            .find(|(key, _)| !kept.contains_key(key.as_str()) && !self.made.contains(*key))
        {
            Some((key, text)) => Err(Lost { line: 0, source: key.clone(), issue: text.clone() }),
            None => Ok(()),
        }
    }
}

/// Where two texts begin to differ.
fn differ(line: usize, source: &str, issue: &str) -> Lost {
    let same = source.chars().zip(issue.chars()).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(5);
    let part = |text: &str| text.chars().skip(from).take(30).collect();
    Lost { line, source: part(source), issue: part(issue) }
}

/// Every text of an issue without blanks, by the keys that [`super::draft`] books under.
fn texts(issue: &RawIssue) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let mut put = |key: String, text: String| {
        if !text.is_empty() {
            texts.insert(key, text);
        }
    };
    let line = |text: &str| squeeze(&text.replace('|', ""));
    let head = [
        ("label", &issue.label),
        ("meeting", &issue.meeting),
        ("issuer", &issue.issuer),
        ("notice", &issue.notice),
    ];
    for (key, text) in head {
        put(key.into(), text.as_ref().map(|text| squeeze(&text.value)).unwrap_or_default());
    }
    put(
        "note".into(),
        issue.editors_note.as_ref().map(|n| body_text(&n.value)).unwrap_or_default(),
    );
    for (index, article) in issue.articles().enumerate() {
        for part in &PARTS {
            let text = |text: &Spanned<String>| match part.kind.has_marks() {
                true => body_text(&text.value),
                false if part.has_bars() => line(&text.value),
                false => squeeze(&text.value),
            };
            let key = match part.key {
                "contents_entry" => "entry",
                "editors_note" => "note",
                key => key,
            };
            put(format!("a{index}.{key}"), (part.of)(article).iter().map(text).collect());
        }
        for (at, attachment) in article.attachments.iter().enumerate() {
            let RawAttachment { title, body } = &attachment.value;
            put(format!("a{index}.x{at}.title"), line(&title.value));
            put(format!("a{index}.x{at}.body"), body_text(&body.value));
        }
    }
    for (at, section) in issue.sections.iter().enumerate() {
        put(format!("s{at}"), squeeze(&section.value.name.value));
    }
    imprint_texts(&issue.imprint).for_each(|(key, text)| put(key, text));
    texts
}

/// The texts of an imprint by their keys.
fn imprint_texts(imprint: &RawImprint) -> impl Iterator<Item = (String, String)> {
    let lists = imprint.lists().map(|(list, units)| {
        let units = units.iter().map(|unit| squeeze(&unit.value));
        (list.key, units.collect::<String>())
    });
    let staff = imprint.staff().map(|(field, text)| (field.key, squeeze(&text.value)));
    lists.chain(staff).map(|(key, text)| (format!("imprint.{key}"), text))
}

fn imprint_keys(imprint: &RawImprint) -> BTreeSet<String> {
    imprint_texts(imprint).map(|(key, _)| key).collect()
}

/// The text of a body as a reader of the issue gets it: marks taken off, notes in their places.
pub fn body_text(body: &str) -> String {
    let runs =
        |runs: &[Run]| squeeze(&runs.iter().map(|run| run.text.as_str()).collect::<String>());
    let block = |block: &Block| match block {
        Block::Paragraph(line) | Block::Heading { runs: line, .. } => runs(line),
        Block::List(items) => items.iter().map(|item| runs(item)).collect(),
        Block::Table(table) => {
            let rows = table.head.iter().chain(&table.rows).flatten();
            runs(&table.caption) + &rows.map(|cell| runs(cell)).collect::<String>()
        }
        Block::Figure { caption, .. } => runs(caption),
    };
    body::parse(body).0.iter().map(block).collect()
}
