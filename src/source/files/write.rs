//! Bytes → a file, written whole or not at all; or, where the user named one, a pipe.

use std::fs::{File, Permissions};
use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Fault, FileError, Kind, UNFINISHED, regular, resolve, without_waiting};

/// Writes a file of the folder `home` under another name and renames it, so that readers never see
/// half a file. A link is written through if it leads to a file in `home`.
pub fn write_in(home: &Path, path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    stage_in(home, path, bytes)?.commit()
}

/// The first half of [`write_in`], so that several files can be written first and renamed together.
pub fn stage_in(home: &Path, path: &Path, bytes: &[u8]) -> Result<Staged, FileError> {
    let staged = place_in(home, path).and_then(|place| Ok(staged(place, bytes, Mode::Usual)?));
    staged.map_err(|error| FileError::new(path, error))
}

/// Writes as [`write_in`] does, without waiting for the disk: what is written at each key press
/// must survive a crash of the program, not of the machine.
pub fn keep_in(home: &Path, path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    stage_in(home, path, bytes)?.place()
}

/// Writes a file that only its owner may read, from its first byte on.
pub fn write_private_in(home: &Path, path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let staged = place_in(home, path).and_then(|place| Ok(staged(place, bytes, Mode::Private)?));
    staged.map_err(|error| FileError::new(path, error))?.commit()
}

/// Writes a new file of the folder `home`. Returns whether it is new: where there is anything of
/// its name, that is left alone.
pub fn create_in(home: &Path, path: &Path, bytes: &[u8]) -> Result<bool, FileError> {
    let create = || -> Result<bool, Fault> {
        let place = folder_in(home, path)?.join(path.file_name().unwrap_or_default());
        if place.symlink_metadata().is_ok() {
            return Ok(false);
        }
        let file = staged(place.clone(), bytes, Mode::Usual)?.file;
        file.as_file().sync_all()?;
        match file.persist_noclobber(&place) {
            Ok(_) => Ok(true),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error.error.into()),
        }
    };
    create().map_err(|error| FileError::new(path, error))
}

/// Opens a file of the folder `home` that lines are added to; it is made if need be.
pub fn append_in(home: &Path, path: &Path) -> Result<File, FileError> {
    let open = || -> Result<File, Fault> {
        let place = place_in(home, path)?;
        let file = without_waiting().create(true).read(true).append(true).open(place)?;
        regular(&file.metadata()?)?;
        Ok(file)
    };
    open().map_err(|error| FileError::new(path, error))
}

/// Writes a file that the user named. A link is written through, wherever it leads; a pipe or a
/// device gets the bytes. The folder must be there.
pub fn write_named(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let failed = |error| FileError::new(path, error);
    match target(path)? {
        Target::File(place) => {
            let staged = staged(place, bytes, Mode::Usual).map_err(|error| failed(error.into()))?;
            staged.commit().map_err(|error| failed(error.error))
        }
        Target::Stream(place) => pour(&place, bytes).map_err(failed),
    }
}

/// Whether [`write_named`] finds something at a path that it may write to, or a folder for it.
pub fn can_be_named(path: &Path) -> Result<(), FileError> {
    target(path).map(drop)
}

/// What a path that the user named leads to.
enum Target {
    /// A regular file, or nothing yet.
    File(PathBuf),
    /// A pipe, a device, or an open file of a process, such as `/dev/stdout`.
    Stream(PathBuf),
}

/// The most links that lead from one to the next; the system follows as many.
const LINKS: usize = 40;

/// Follows the links from a path to its end, which need not exist.
fn target(path: &Path) -> Result<Target, FileError> {
    let failed = |error: Fault| FileError::new(path, error);
    let mut at = path.to_path_buf();
    for _ in 0..LINKS {
        let Some(name) = at.file_name() else { return Err(failed(Fault::Kind(Kind::Folder))) };
        let folder = at.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let folder = folder.canonicalize().map_err(|error| FileError::new(folder, error))?;
        let place = folder.join(name);
        let metadata = match place.symlink_metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Target::File(place));
            }
            Err(error) => return Err(failed(error.into())),
        };
        if !metadata.is_symlink() {
            return match regular(&metadata) {
                Ok(()) => Ok(Target::File(place)),
                Err(Fault::Kind(Kind::Folder)) => Err(failed(Fault::Kind(Kind::Folder))),
                Err(_) => Ok(Target::Stream(place)),
            };
        }
        // A link in /proc stands for an open file, whose name may be gone or another's.
        if folder.starts_with("/proc") {
            return Ok(Target::Stream(place));
        }
        at = folder.join(place.read_link().map_err(|error| failed(error.into()))?);
    }
    Err(failed(std::io::Error::other("too many links").into()))
}

/// Writes to what is open elsewhere, behind what is there.
fn pour(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    // Opened without waiting, since a pipe without a reader would never open.
    let opened = without_waiting().append(true).open(path);
    #[cfg(unix)]
    let opened = opened.map_err(|error| match error.raw_os_error() {
        Some(code) if code == rustix::io::Errno::NXIO.raw_os_error() => Fault::NoReader,
        _ => Fault::System(error),
    });
    let mut file = opened?;
    #[cfg(unix)]
    {
        use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
        let waits =
            fcntl_getfl(&file).and_then(|flags| fcntl_setfl(&file, flags - OFlags::NONBLOCK));
        waits.map_err(std::io::Error::from)?;
    }
    file.write_all(bytes)?;
    Ok(file.flush()?)
}

/// The folder of a file of `home`, made if need be. The folders that are there may be links, and
/// must lead to `home`.
fn folder_in(home: &Path, path: &Path) -> Result<PathBuf, Fault> {
    std::fs::create_dir_all(home)?;
    let folder = path.parent().unwrap_or(home);
    if let Some(known) = folder.ancestors().find(|folder| folder.symlink_metadata().is_ok()) {
        resolve(home, known)?;
    }
    std::fs::create_dir_all(folder)?;
    resolve(home, folder)
}

/// The path that the bytes of a file of `home` go to: nothing is there yet, or a file.
fn place_in(home: &Path, path: &Path) -> Result<PathBuf, Fault> {
    let place = folder_in(home, path)?.join(path.file_name().unwrap_or_default());
    let place = match place.symlink_metadata() {
        Ok(metadata) if metadata.is_symlink() => resolve(home, &place)?,
        Ok(_) => place,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(place),
        Err(error) => return Err(error.into()),
    };
    regular(&place.metadata()?)?;
    Ok(place)
}

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Everybody; a file that is replaced keeps its permissions.
    Usual,
    /// Its owner.
    Private,
}

/// A file that has been written under another name and not yet renamed.
pub struct Staged {
    file: NamedTempFile,
    path: PathBuf,
}

impl Staged {
    /// Syncs the file to the disk, then renames it into place.
    pub fn commit(self) -> Result<(), FileError> {
        match self.file.as_file().sync_all() {
            Ok(()) => self.place(),
            Err(error) => Err(FileError::new(&self.path, error)),
        }
    }

    fn place(self) -> Result<(), FileError> {
        let Staged { file, path } = self;
        let placed = file.persist(&path).map(drop);
        placed.map_err(|error| FileError::new(&path, error.error))
    }
}

fn staged(path: PathBuf, bytes: &[u8], mode: Mode) -> std::io::Result<Staged> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED.0).suffix(UNFINISHED.1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = if mode == Mode::Private { 0o600 } else { 0o644 };
        builder.permissions(Permissions::from_mode(mode));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    if mode == Mode::Usual
        && let Ok(known) = std::fs::metadata(&path)
    {
        file.as_file().set_permissions(known.permissions())?;
    }
    Ok(Staged { file, path })
}
