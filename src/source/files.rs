//! Bytes → a file, written whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {error}", path = path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// What went wrong.
    pub error: std::io::Error,
}

/// How the name of an unfinished file begins and ends.
const UNFINISHED: (&str, &str) = (".jianbao-", ".tmp");

/// Removes the unfinished files that a killed run left in a folder.
pub fn clean(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(UNFINISHED.0) && name.ends_with(UNFINISHED.1) {
            // A leftover that stays does no harm: the name of each unfinished file is unique.
            std::fs::remove_file(entry.path()).ok();
        }
    }
}

/// Writes a file under another name and renames it, so that readers never see half a file.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    stage(path, bytes)?.commit()
}

/// A file that has been written under another name and not yet renamed.
pub struct Staged {
    file: tempfile::NamedTempFile,
    path: PathBuf,
}

impl Staged {
    /// Syncs the file to the disk, then renames it into place.
    pub fn commit(self) -> Result<(), WriteError> {
        let Staged { file, path } = self;
        let synced = file.as_file().sync_all();
        let placed = synced.and_then(|()| file.persist(&path).map(drop).map_err(|e| e.error));
        placed.map_err(|error| WriteError { path, error })
    }
}

/// The first half of [`write()`], so that several files can be written first and renamed together.
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
        // A file that is replaced keeps its permissions.
        if let Ok(known) = std::fs::metadata(path) {
            file.as_file().set_permissions(known.permissions())?;
        }
        Ok(Staged { file, path: path.into() })
    };
    attempt().map_err(|error| WriteError { path: path.into(), error })
}
