//! What an output folder holds and what it was made from: `.jianbao/state` beside the PDFs.
//!
//! The file is a journal with one JSON value per line. A line is added once a PDF is whole under
//! its final name, so a killed run loses only the issues it was working on. Lines that cannot be
//! read are ignored, and their issues are built again.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::pipeline::inputs::{BUILD, Record, SharedInputs};
use crate::source::digest::Digest;
use crate::source::files::{self, FileError};
use crate::source::limits;

/// The format of the journal; another one is not read.
const VERSION: u32 = 1;

/// The subfolder of the output folder for files that are not PDFs.
pub(super) const FOLDER: &str = ".jianbao";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Head { version: u32 },
    Shared { key: String, inputs: SharedInputs },
    Issue { name: String, build: String, record: Record, stamp: Stamp },
}

/// A file's length and modification time, for our own PDFs only. A changed byte may keep the
/// length but changes the time; the clock need not be right, it must only give another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    bytes: u64,
    modified: i128,
}

impl Stamp {
    /// The stamp of a file.
    pub fn of(path: &Path) -> std::io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        let modified = metadata.modified()?;
        let nanoseconds = match modified.duration_since(UNIX_EPOCH) {
            Ok(after) => after.as_nanos() as i128,
            Err(before) => -(before.duration().as_nanos() as i128),
        };
        Ok(Stamp { bytes: metadata.len(), modified: nanoseconds })
    }
}

/// What is known of one PDF.
#[derive(Debug, Clone)]
pub struct Known {
    /// The build of the program that made the PDF, finer than a version.
    pub build: String,
    /// The inputs of the PDF, and its digest.
    pub record: Record,
    /// Length and modification time of the PDF's file when this was noted.
    pub stamp: Stamp,
}

/// The journal as it was found.
#[derive(Debug, Default)]
pub struct State {
    /// What issues share, by key.
    pub shared: BTreeMap<String, SharedInputs>,
    /// The PDFs, by `publication/issue`.
    pub issues: BTreeMap<String, Known>,
    lines: usize,
}

impl State {
    /// Reads the state of an output folder; an empty one where there is none.
    pub fn read(output: &Path) -> Result<Self, FileError> {
        let path = output.join(FOLDER).join("state");
        match files::read_in(output, &path, limits::RECORD_BYTES) {
            Ok(bytes) => Ok(Self::parse(&bytes)),
            Err(fault) if fault.is_missing() => Ok(State::default()),
            Err(fault) => Err(FileError::new(&path, fault)),
        }
    }

    fn parse(bytes: &[u8]) -> Self {
        let mut state = State::default();
        let mut ours = false;
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            state.lines += 1;
            match serde_json::from_slice(line) {
                Ok(Line::Head { version }) => ours = version == VERSION,
                Ok(Line::Shared { key, inputs }) if ours && inputs.key() == key => {
                    state.shared.insert(key, inputs);
                }
                Ok(Line::Issue { name, build, record, stamp }) if ours => {
                    state.issues.insert(name, Known { build, record, stamp });
                }
                _ => {}
            }
        }
        state
    }

    fn text(&self) -> String {
        let mut lines = vec![Line::Head { version: VERSION }];
        let used = |key: &String| self.issues.values().any(|known| known.record.shared == *key);
        lines.extend(
            self.shared
                .iter()
                .filter(|(key, _)| used(key))
                .map(|(key, inputs)| Line::Shared { key: key.clone(), inputs: inputs.clone() }),
        );
        lines.extend(self.issues.iter().map(|(name, known)| Line::Issue {
            name: name.clone(),
            build: known.build.clone(),
            record: known.record.clone(),
            stamp: known.stamp,
        }));
        lines.iter().map(written).collect()
    }
}

fn written(line: &Line) -> String {
    serde_json::to_string(line).expect("a line is plain data") + "\n"
}

/// An output folder while one run has it for itself.
pub struct Journal {
    folder: PathBuf,
    file: File,
    /// The folder is ours until this file is unlocked; the system unlocks it if the run is killed.
    lock: File,
    state: State,
}

impl Journal {
    /// Takes an output folder. If another run has it, calls `wait` once and blocks until it is
    /// free.
    pub fn open(output: &Path, wait: impl FnOnce()) -> Result<Self, FileError> {
        let folder = output.join(FOLDER);
        let failed = |path: &Path| {
            let path = path.to_path_buf();
            move |error| FileError::new(&path, error)
        };
        let path = folder.join("lock");
        let lock = files::append_in(output, &path)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                wait();
                lock.lock().map_err(failed(&path))?;
            }
            // Some network folders have no locks. Each file is still written whole or not at all.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(failed(&path)(error)),
        }
        files::clean(output, &folder);
        let state = State::read(output)?;
        let path = folder.join("state");
        if state.lines > 2 * (state.issues.len() + state.shared.len()) + 100 {
            files::write_in(output, &path, state.text().as_bytes())?;
        }
        let file = files::append_in(output, &path)?;
        let mut journal = Journal { folder, file, lock, state };
        journal.begin().map_err(failed(&path))?;
        Ok(journal)
    }

    /// Ends a line that a killed run left unfinished. Writes the head line after such a line, and
    /// in a journal without issues.
    fn begin(&mut self) -> std::io::Result<()> {
        let mut last = [b'\n'];
        if self.file.metadata()?.len() > 0 {
            self.file.seek(SeekFrom::End(-1))?;
            self.file.read_exact(&mut last)?;
        }
        let end = if last == *b"\n" { "" } else { "\n" };
        if self.state.issues.is_empty() || !end.is_empty() {
            let head = written(&Line::Head { version: VERSION });
            self.file.write_all(format!("{end}{head}").as_bytes())?;
        }
        Ok(())
    }

    /// Gives the folder back.
    pub fn close(&mut self) {
        // Some network folders have no locks: a failure to unlock is harmless.
        self.lock.unlock().ok();
    }

    /// The state as read at the start of the run, plus the lines that were added since.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Adds a PDF that is whole under its name.
    pub fn add(
        &mut self,
        name: &str,
        record: &Record,
        stamp: Stamp,
        inputs: impl FnOnce() -> Option<SharedInputs>,
    ) -> Result<(), FileError> {
        let mut text = String::new();
        let key = &record.shared;
        if !self.state.shared.contains_key(key)
            && let Some(inputs) = inputs()
        {
            text.push_str(&written(&Line::Shared { key: key.clone(), inputs: inputs.clone() }));
            self.state.shared.insert(key.clone(), inputs);
        }
        let (build, record) = (BUILD.to_string(), record.clone());
        let known = Known { build: build.clone(), record: record.clone(), stamp };
        text.push_str(&written(&Line::Issue { name: name.into(), build, record, stamp }));
        self.state.issues.insert(name.into(), known);
        let failed = |error| FileError::new(&self.folder.join("state"), error);
        self.file.write_all(text.as_bytes()).map_err(failed)
    }
}

/// Compares a PDF of an output folder with its known state: by length and time, and by content if
/// those differ.
pub fn output_is(output: &Path, path: &Path, known: &Known) -> Output {
    match Stamp::of(path) {
        Ok(stamp) if stamp == known.stamp => Output::Same,
        Ok(stamp) => match files::read_in(output, path, limits::REFERENCE_BYTES) {
            Ok(bytes) if Digest::of(&bytes) == known.record.output => Output::Touched(stamp),
            _ => Output::Altered,
        },
        Err(_) => Output::Missing,
    }
}

/// What became of a PDF since it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Nothing.
    Same,
    /// The same bytes under another time.
    Touched(Stamp),
    /// Other bytes.
    Altered,
    /// It is gone.
    Missing,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            issue: Digest::of(b"issue"),
            output: Digest::of(b"pdf"),
            bytes: 3,
            pages: 1,
            warnings: 0,
            layout_version: None,
            shared: "0123456789abcdef".into(),
            pictures: BTreeMap::new(),
        }
    }

    #[test]
    fn a_damaged_journal_keeps_what_is_whole() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let stamp = Stamp { bytes: 3, modified: -5 };
        let mut journal = Journal::open(folder.path(), || ()).expect("a journal");
        for name in ["p/2026-1", "p/2026-2", "p/2026-3"] {
            journal.add(name, &record(), stamp, || None).expect("a line");
        }
        drop(journal);
        let path = folder.path().join(".jianbao/state");
        let whole = std::fs::read(&path).expect("the state");
        assert_eq!(State::read(folder.path()).expect("a state").issues.len(), 3);
        // A journal cut at any byte, as by a kill or a full disk, can be appended to.
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).expect("the state");
            let before = State::read(folder.path()).expect("a state").issues.len();
            let mut journal = Journal::open(folder.path(), || ()).expect("a journal");
            journal.add("p/2026-9", &record(), stamp, || None).expect("a line");
            drop(journal);
            assert_eq!(
                State::read(folder.path()).expect("a state").issues.len(),
                before + 1,
                "cut at {cut}"
            );
        }
        // A damaged byte may lose lines, and must not invent issues.
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x80;
            assert!(State::parse(&damaged).issues.len() <= 3);
        }
    }

    #[test]
    fn a_journal_of_another_format_is_not_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let stamp = Stamp { bytes: 3, modified: 5 };
        let mut journal = Journal::open(folder.path(), || ()).expect("a journal");
        journal.add("p/2026-1", &record(), stamp, || None).expect("a line");
        drop(journal);
        let path = folder.path().join(".jianbao/state");
        let text = std::fs::read_to_string(&path).expect("the state");
        let other = text.replace("\"version\":1", "\"version\":2");
        assert!(State::parse(other.as_bytes()).issues.is_empty());
    }
}
