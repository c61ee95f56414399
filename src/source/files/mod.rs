//! Paths ↔ bytes: the one way to read a file and the one way to write one.
//!
//! A project may come from elsewhere, with links and pipes in place of its files. So each file is
//! read through [`read()`] or [`read_in`], and written through [`write_in`] and its kin:
//!
//! | rule | how it is kept |
//! | --- | --- |
//! | only regular files are read, and so many bytes of them | [`read()`], [`read_in`] |
//! | no link leads out of the folder that a file belongs to, its home | [`read_in`], [`write_in`] |
//! | a file is written whole or not at all, and replaces only a file | [`write_in`], [`write_named`] |
//! | a pipe that the user named is written to, not replaced | [`write_named`] |
//!
//! `tests/house.rs` fails where other code of the program opens a file.

mod read;
mod write;

use std::fs::{Metadata, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diag::catalogue::Catalogue;
use crate::diag::{Code, Diagnostic, SourceFile, Span};

pub use read::{read, read_in, start};
pub use write::{
    Staged, append_in, can_be_named, create_in, keep_in, stage_in, write_in, write_named,
    write_private_in,
};

/// Why a file is not read or written.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It is something else than a file.
    #[error("not a file, but a {}", .0.name())]
    Kind(Kind),
    /// It has more bytes than a file of its kind may have.
    #[error("larger than {}", size(*.0))]
    Large(u64),
    /// A link leads out of the folder that it belongs to.
    #[error("a link that leads out, to {}", .0.display())]
    Outside(PathBuf),
    /// A pipe that nobody reads.
    #[error("nobody reads from it")]
    NoReader,
    /// What the system says.
    #[error(transparent)]
    System(#[from] std::io::Error),
}

/// What is found in place of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Folder,
    /// A device.
    Device,
    /// A pipe with a name.
    Pipe,
    /// A socket.
    Socket,
}

impl Kind {
    /// The name in the catalogue's messages.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Folder => "folder",
            Kind::Device => "device",
            Kind::Pipe => "pipe",
            Kind::Socket => "socket",
        }
    }
}

impl Fault {
    /// Whether there is nothing at the path.
    pub fn is_missing(&self) -> bool {
        matches!(self, Fault::System(error) if error.kind() == ErrorKind::NotFound)
    }

    fn code(&self) -> Code {
        match self {
            Fault::Kind(_) => Code::FileKind,
            Fault::Large(_) => Code::FileTooLarge,
            Fault::Outside(_) => Code::FileOutside,
            Fault::NoReader | Fault::System(_) => Code::FileUnreadable,
        }
    }

    fn arg(&self) -> (&'static str, String) {
        match self {
            Fault::Kind(kind) => ("kind", kind.name().into()),
            Fault::Large(limit) => ("limit", size(*limit)),
            Fault::Outside(target) => ("target", target.display().to_string()),
            Fault::NoReader | Fault::System(_) => ("detail", self.to_string()),
        }
    }

    /// The reason in words.
    pub fn words(&self, catalogue: &Catalogue) -> String {
        match self {
            Fault::NoReader => catalogue.text("pipe-without-reader", &[]),
            Fault::System(error) => error.to_string(),
            fault => catalogue.text(fault.code().id(), &[fault.arg()]),
        }
    }

    /// The error of a file that cannot be read; `name` is the file as shown.
    pub fn diagnostic(&self, name: &str) -> Diagnostic {
        let file = Arc::new(SourceFile { name: name.into(), text: String::new() });
        let (name, value) = self.arg();
        Diagnostic::error(self.code(), Span::new(&file, 0..0)).arg(name, value)
    }
}

/// A number of bytes as people say it.
fn size(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{} kB", bytes >> 10),
        megabytes => format!("{megabytes} MB"),
    }
}

/// A file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {error}", path = path.display())]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// What went wrong.
    pub error: Fault,
}

impl FileError {
    /// A file with the reason why it cannot be read or written.
    pub fn new(path: &Path, error: impl Into<Fault>) -> Self {
        FileError { path: path.into(), error: error.into() }
    }
}

/// Refuses what is not a regular file.
fn regular(metadata: &Metadata) -> Result<(), Fault> {
    let kind = metadata.file_type();
    if kind.is_file() {
        return Ok(());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Err(Fault::Kind(Kind::Pipe));
        }
        if kind.is_socket() {
            return Err(Fault::Kind(Kind::Socket));
        }
    }
    Err(Fault::Kind(if kind.is_dir() { Kind::Folder } else { Kind::Device }))
}

/// Options that open no pipe or device in a way that waits: one may have taken the file's place
/// after it was looked at.
fn without_waiting() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    options
}

/// The path that `path` leads to, if that lies in the folder `home`; links are followed.
pub fn resolve(home: &Path, path: &Path) -> Result<PathBuf, Fault> {
    let real = path.canonicalize()?;
    match real.starts_with(home.canonicalize()?) {
        true => Ok(real),
        false => Err(Fault::Outside(real)),
    }
}

/// Whether a path leads to something in the folder `home`.
pub fn is_in(home: &Path, path: &Path) -> bool {
    resolve(home, path).is_ok()
}

/// How the name of an unfinished file begins and ends.
const UNFINISHED: (&str, &str) = (".jianbao-", ".tmp");

/// Removes the unfinished files that a killed run left in a folder of `home`.
pub fn clean(home: &Path, folder: &Path) {
    if !is_in(home, folder) {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(UNFINISHED.0) && name.ends_with(UNFINISHED.1) {
            // A leftover that stays does no harm: the name of each unfinished file is unique.
            std::fs::remove_file(entry.path()).ok();
        }
    }
}
