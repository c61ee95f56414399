//! `jianbao.lock` ↔ the inputs and the output digest of each issue, for the user to commit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::pipeline::inputs::{Record, SharedInputs};
use crate::source::files::{self, Fault, FileError};
use crate::source::limits;

/// The file's name, at the root of a project.
pub const LOCK_FILE: &str = "jianbao.lock";

/// The format of the file.
const VERSION: u32 = 1;

const HEAD: &str =
    "# Made by jianbao build --lock; checked by jianbao verify. Commit it, do not edit it.\n";

/// The content of `jianbao.lock`, sorted, so that its differences can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    version: u32,
    /// The issues, by `publication/issue`.
    #[serde(default)]
    pub issues: BTreeMap<String, Record>,
    /// The inputs that issues share, by the key in their records.
    #[serde(default)]
    pub shared: BTreeMap<String, SharedInputs>,
}

/// A `jianbao.lock` that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Fault),
    /// The file is not valid as this program writes it.
    #[error(transparent)]
    Damaged(#[from] toml::de::Error),
    /// The file has another format version.
    #[error("version {0}")]
    Version(u32),
}

impl Default for Lock {
    fn default() -> Self {
        Lock { version: VERSION, issues: BTreeMap::new(), shared: BTreeMap::new() }
    }
}

impl Lock {
    /// Reads the lock of a project, if it has one.
    pub fn read(root: &Path) -> Result<Option<Self>, LockError> {
        let bytes = match files::read_in(root, &root.join(LOCK_FILE), limits::RECORD_BYTES) {
            Ok(bytes) => bytes,
            Err(fault) if fault.is_missing() => return Ok(None),
            Err(fault) => return Err(fault.into()),
        };
        let lock: Lock = toml::from_slice(&bytes)?;
        if lock.version != VERSION {
            return Err(LockError::Version(lock.version));
        }
        Ok(Some(lock))
    }

    /// The keys of shared inputs that are not what their key says, or that an issue names and the
    /// lock lacks: somebody has altered the file.
    pub fn altered(&self) -> BTreeSet<&str> {
        let wrong = self.shared.iter().filter(|(key, inputs)| inputs.key() != **key);
        let named = self.issues.values().map(|record| &record.shared);
        let lacking = named.filter(|key| !self.shared.contains_key(*key));
        wrong.map(|(key, _)| key).chain(lacking).map(String::as_str).collect()
    }

    /// Adds or replaces the record of an issue.
    pub fn enter(
        &mut self,
        name: &str,
        record: &Record,
        inputs: impl FnOnce() -> Option<SharedInputs>,
    ) {
        let is_sound = |known: &SharedInputs| known.key() == record.shared;
        if !self.shared.get(&record.shared).is_some_and(is_sound)
            && let Some(inputs) = inputs()
        {
            self.shared.insert(record.shared.clone(), inputs);
        }
        self.issues.insert(name.into(), record.clone());
    }

    /// Writes the lock of a project, if that changes it.
    pub fn write(mut self, root: &Path) -> Result<(), FileError> {
        let used = |key: &String| self.issues.values().any(|record| record.shared == *key);
        let keys: Vec<String> = self.shared.keys().filter(|key| !used(key)).cloned().collect();
        keys.iter().for_each(|key| drop(self.shared.remove(key)));
        let text = toml::to_string_pretty(&self).expect("a lock is plain data");
        let (path, text) = (root.join(LOCK_FILE), format!("{HEAD}\n{text}"));
        let written = files::read_in(root, &path, limits::RECORD_BYTES);
        if written.is_ok_and(|written| written == text.as_bytes()) {
            return Ok(());
        }
        files::write_in(root, &path, text.as_bytes())
    }
}
