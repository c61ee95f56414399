//! A path → the bytes of a regular file, at most so many.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{Fault, regular, resolve, without_waiting};

/// Reads a file that the user named, of at most `most` bytes.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, Fault> {
    whole(open(path)?, most)
}

/// Reads a file that belongs to the folder `home`, of at most `most` bytes. A link that leads out
/// of the folder is not followed.
pub fn read_in(home: &Path, path: &Path, most: u64) -> Result<Vec<u8>, Fault> {
    read(&resolve(home, path)?, most)
}

/// Reads the first bytes of a file, at most `most`.
pub fn start(path: &Path, most: u64) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a regular file. A device or a pipe is refused before it is opened, since opening alone may
/// set it in motion, and once more when it is open.
fn open(path: &Path) -> Result<File, Fault> {
    regular(&path.metadata()?)?;
    let file = without_waiting().read(true).open(path)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

/// Reads to the end, which a file that grows may never have.
fn whole(file: File, most: u64) -> Result<Vec<u8>, Fault> {
    let length = file.metadata()?.len();
    if length > most {
        return Err(Fault::Large(most));
    }
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(Fault::Large(most)),
        false => Ok(bytes),
    }
}
