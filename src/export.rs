//! An issue's name and date → how its PDF is written; bytes → a file, whole or not at all.

mod pack;
pub mod sheets;

use std::io::Write;
use std::path::{Path, PathBuf};

use typst::foundations::{Datetime, Smart};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::issue::Date;

/// What the circulated edition conforms to.
pub const STANDARDS: [PdfStandard; 2] = [PdfStandard::A_2a, PdfStandard::Ua_1];

/// The same, as people call them.
pub const STANDARDS_NAME: &str = "PDF/A-2a, PDF/UA-1";

/// Beijing time, in minutes from UTC: a date of issue begins at midnight there.
const OFFSET: i32 = 8 * 60;

/// How the circulated edition is written as a PDF. `ident` names the issue for good: publication
/// and number.
pub fn options(ident: &str, date: Date) -> PdfOptions {
    let midnight = Datetime::from_ymd_hms(date.year.into(), date.month, date.day, 0, 0, 0);
    PdfOptions {
        ident: Smart::Custom(ident.into()),
        creator: Smart::Custom(Some(concat!("jianbao ", env!("CARGO_PKG_VERSION")).into())),
        timestamp: midnight.and_then(|date| Timestamp::new_local(date, OFFSET)),
        standards: PdfStandards::new(&STANDARDS).expect("the two standards go together"),
        ..PdfOptions::default()
    }
}

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {error}", path = path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// What went wrong.
    pub error: std::io::Error,
}

/// How the names of files begin and end that are not yet whole.
const UNFINISHED: (&str, &str) = (".jianbao-", ".tmp");

/// Removes what a killed run left unfinished in a folder.
pub fn clean(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(UNFINISHED.0) && name.ends_with(UNFINISHED.1) {
            // It is in nobody's way.
            std::fs::remove_file(entry.path()).ok();
        }
    }
}

/// Writes a file under another name and renames it, so that nobody ever sees half of it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    stage(path, bytes)?.commit()
}

/// A file that is written under another name and is not yet in its place.
pub struct Staged {
    file: tempfile::NamedTempFile,
    path: PathBuf,
}

impl Staged {
    /// Puts the file in its place, once all of it is on the disk.
    pub fn commit(self) -> Result<(), WriteError> {
        let Staged { file, path } = self;
        let synced = file.as_file().sync_all();
        let placed = synced.and_then(|()| file.persist(&path).map(drop).map_err(|e| e.error));
        placed.map_err(|error| WriteError { path, error })
    }
}

/// The first half of [`write`]: many files are put in their places together.
pub fn stage(path: &Path, bytes: &[u8]) -> Result<Staged, WriteError> {
    let attempt = || {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED.0).suffix(UNFINISHED.1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(std::fs::Permissions::from_mode(0o644));
        }
        let mut file = builder.tempfile_in(folder)?;
        file.write_all(bytes)?;
        // Who may read and write a file that was there is not ours to change.
        if let Ok(known) = std::fs::metadata(path) {
            file.as_file().set_permissions(known.permissions())?;
        }
        Ok(Staged { file, path: path.into() })
    };
    attempt().map_err(|error| WriteError { path: path.into(), error })
}
