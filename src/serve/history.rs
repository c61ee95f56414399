//! What a studio keeps beside the issues, in the output folder: earlier saves, unsaved text, and
//! what an import was not sure of.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::export::{self, WriteError};

/// How many saves of an issue are kept.
const KEPT: usize = 200;
/// Saves nearer to one another than this are one: whoever types saves every second.
const APART: Duration = Duration::from_secs(60);

/// The earlier saves of an issue: files named by their count, whose times are those of the disk.
pub struct History {
    folder: PathBuf,
}

/// A save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Save {
    /// Its count.
    pub id: u64,
    /// When it was made.
    pub at: SystemTime,
    /// Its length.
    pub bytes: u64,
}

impl History {
    /// The saves that lie in a folder.
    pub fn new(folder: PathBuf) -> Self {
        History { folder }
    }

    fn path(&self, id: u64) -> PathBuf {
        self.folder.join(format!("{id:06}.toml"))
    }

    /// All saves, the newest first.
    pub fn saves(&self) -> Vec<Save> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut saves: Vec<Save> = entries
            .filter_map(|entry| {
                let name = entry.file_name();
                let id = name.to_str()?.strip_suffix(".toml")?.parse().ok()?;
                let metadata = entry.metadata().ok()?;
                Some(Save { id, at: metadata.modified().ok()?, bytes: metadata.len() })
            })
            .collect();
        saves.sort_by_key(|save| std::cmp::Reverse(save.id));
        saves
    }

    /// The text of a save.
    pub fn text(&self, id: u64) -> Option<String> {
        std::fs::read_to_string(self.path(id)).ok()
    }

    /// Keeps the text that the file had before, unless it is that of the last save.
    pub fn begin(&self, text: &str) {
        let last = self.saves().first().and_then(|save| self.text(save.id));
        if last.as_deref() != Some(text) && !text.is_empty() {
            self.add(text);
        }
    }

    /// Keeps a save. While somebody types, the last one is replaced until a minute is over.
    pub fn keep(&self, text: &str) {
        let Some(new) = self.add(text) else { return };
        let saves = self.saves();
        let at = |id: u64| saves.iter().find(|save| save.id == id).map(|save| save.at);
        // Of three saves within a minute the middle one goes.
        if let Some((last, before)) = new.checked_sub(1).zip(new.checked_sub(2))
            && let (Some(now), Some(before)) = (at(new), at(before))
            && now.duration_since(before).unwrap_or_default() < APART
        {
            std::fs::remove_file(self.path(last)).ok();
            if std::fs::rename(self.path(new), self.path(last)).is_err() {
                return;
            }
        }
        for save in saves.iter().skip(KEPT) {
            std::fs::remove_file(self.path(save.id)).ok();
        }
    }

    /// A history that cannot be written must not keep anybody from saving.
    fn add(&self, text: &str) -> Option<u64> {
        let id = self.saves().first().map_or(1, |save| save.id + 1);
        export::write(&self.path(id), text.as_bytes()).ok().map(|()| id)
    }
}

/// Text that is not in its file yet, kept where a crash does not reach it.
pub struct Unsaved {
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    base: String,
    text: String,
}

impl Unsaved {
    /// The text that lies at a path.
    pub fn new(path: PathBuf) -> Self {
        Unsaved { path }
    }

    /// Keeps a text, and that of the file which it was made from.
    pub fn keep(&self, base: &str, text: &str) {
        let kept = Kept { base: base.into(), text: text.into() };
        // Without a disk there is nothing to be done here; saving will say so.
        write_quickly(&self.path, &serde_json::to_vec(&kept).unwrap_or_default()).ok();
    }

    /// The text and what it was made from, if there is any.
    pub fn read(&self) -> Option<(String, String)> {
        let kept: Kept = serde_json::from_slice(&std::fs::read(&self.path).ok()?).ok()?;
        Some((kept.base, kept.text))
    }

    /// Whether there is any.
    pub fn is_there(&self) -> bool {
        self.path.is_file()
    }

    /// Forgets it: it is saved.
    pub fn forget(&self) {
        if self.path.exists() {
            std::fs::remove_file(&self.path).ok();
        }
    }
}

/// Whole or not at all, as all files; but not on the disk before it goes on, since this happens
/// at each key: it is to outlive the program, not the machine.
fn write_quickly(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let beside = path.with_extension("new");
    std::fs::write(&beside, bytes)?;
    std::fs::rename(&beside, path)
}

/// Writes what is nobody else's business: a file that only its owner may read.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    export::write(path, bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
            .map_err(|error| WriteError { path: path.into(), error })?;
    }
    Ok(())
}
