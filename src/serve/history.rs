//! Texts of issues ↔ files in the output folder: earlier saves, and text that is not saved yet.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::source::files;
use crate::source::limits;

/// How many saves of an issue are kept.
const KEPT: usize = 200;
/// Saves closer together than this count as one, since typing saves every second.
const APART: Duration = Duration::from_secs(60);

/// The earlier saves of an issue: files named by a counter, dated by the disk. A save made while
/// somebody types is marked as passing and may be removed.
pub struct History {
    root: PathBuf,
    folder: PathBuf,
}

/// The suffix of saves that may be removed.
const PASSING: &str = ".typing.toml";

/// A save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Save {
    /// Its counter.
    pub id: u64,
    /// When it was made.
    pub at: SystemTime,
    /// Its length.
    pub bytes: u64,
    /// Whether the save was made while somebody was typing, and may be removed.
    pub passing: bool,
}

impl History {
    /// The saves that lie in a folder of the project `root`.
    pub fn new(root: PathBuf, folder: PathBuf) -> Self {
        History { root, folder }
    }

    fn path(&self, id: u64, passing: bool) -> PathBuf {
        let end = if passing { PASSING } else { ".toml" };
        self.folder.join(format!("{id:06}{end}"))
    }

    /// All saves, the newest first.
    pub fn saves(&self) -> Vec<Save> {
        if !files::is_in(&self.root, &self.folder) {
            return Vec::new();
        }
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut saves: Vec<Save> = entries
            .filter_map(|entry| {
                let name = entry.file_name();
                let name = name.to_str()?;
                let (id, passing) = match name.strip_suffix(PASSING) {
                    Some(id) => (id, true),
                    None => (name.strip_suffix(".toml")?, false),
                };
                let (id, metadata) = (id.parse().ok()?, entry.metadata().ok()?);
                Some(Save { id, at: metadata.modified().ok()?, bytes: metadata.len(), passing })
            })
            .collect();
        saves.sort_by_key(|save| std::cmp::Reverse(save.id));
        saves
    }

    /// The text of a save.
    pub fn text(&self, id: u64) -> Option<String> {
        let text = |passing| {
            let path = self.path(id, passing);
            let bytes = files::read_in(&self.root, &path, limits::FILE_BYTES).ok()?;
            String::from_utf8(bytes).ok()
        };
        text(false).or_else(|| text(true))
    }

    /// Keeps the text that the file had before, unless it is that of the last save.
    pub fn begin(&self, text: &str) {
        let last = self.saves().first().and_then(|save| self.text(save.id));
        if last.as_deref() != Some(text) && !text.is_empty() {
            self.add(text, false);
        }
    }

    /// Keeps a save. While somebody types, the last one is replaced until a minute is over.
    pub fn keep(&self, text: &str) {
        if self.add(text, true).is_none() {
            return;
        }
        let saves = self.saves();
        // Of three saves within a minute the middle one is removed if it was made while typing.
        if let [new, last, before, ..] = saves.as_slice()
            && last.passing
            && new.at.duration_since(before.at).unwrap_or_default() < APART
        {
            std::fs::remove_file(self.path(last.id, true)).ok();
            if std::fs::rename(self.path(new.id, true), self.path(last.id, true)).is_err() {
                return;
            }
        }
        for save in saves.iter().skip(KEPT) {
            std::fs::remove_file(self.path(save.id, save.passing)).ok();
        }
    }

    /// Ignores errors: a history that cannot be written must not prevent saving.
    fn add(&self, text: &str, passing: bool) -> Option<()> {
        let id = self.saves().first().map_or(1, |save| save.id + 1);
        files::write_in(&self.root, &self.path(id, passing), text.as_bytes()).ok()
    }
}

/// Text that is not in its file yet, kept on the disk so that a crash does not lose it.
pub struct Unsaved {
    root: PathBuf,
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    base: String,
    text: String,
}

impl Unsaved {
    /// The text that lies at a path of the project `root`.
    pub fn new(root: PathBuf, path: PathBuf) -> Self {
        Unsaved { root, path }
    }

    /// Keeps a text, and that of the file which it was made from.
    pub fn keep(&self, base: &str, text: &str) {
        let kept = Kept { base: base.into(), text: text.into() };
        // Errors are ignored here; the next save reports a disk that cannot be written.
        let kept = serde_json::to_vec(&kept).unwrap_or_default();
        files::keep_in(&self.root, &self.path, &kept).ok();
    }

    /// The file's text at that time and the unsaved text, if there is any.
    pub fn read(&self) -> Option<(String, String)> {
        let bytes = files::read_in(&self.root, &self.path, limits::STUDIO_BYTES).ok()?;
        let kept: Kept = serde_json::from_slice(&bytes).ok()?;
        Some((kept.base, kept.text))
    }

    /// Whether unsaved text is kept.
    pub fn is_there(&self) -> bool {
        self.path.is_file()
    }

    /// Removes the kept text, since the file has it now.
    pub fn forget(&self) {
        if files::is_in(&self.root, &self.path) {
            std::fs::remove_file(&self.path).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_is_one_save_and_a_text_that_was_refused_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let history = History::new(folder.path().into(), folder.path().join("history"));
        let texts = || -> Vec<String> {
            let saves = history.saves();
            saves.iter().rev().filter_map(|save| history.text(save.id)).collect()
        };
        history.begin("disk");
        for text in ["a", "ab", "abc", "abcd"] {
            history.keep(text);
        }
        history.keep("abcde");
        let kept = texts();
        assert_eq!(kept.first().map(String::as_str), Some("disk"));
        assert_eq!(kept.last().map(String::as_str), Some("abcde"));
        assert!(!kept.contains(&"abcd".to_string()), "{kept:?}");
        history.begin("theirs");
        history.keep("abcdef");
        history.keep("abcdefg");
        assert!(texts().contains(&"theirs".to_string()), "{:?}", texts());
    }
}
