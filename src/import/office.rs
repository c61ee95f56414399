//! .doc, .wps, .rtf, .odt → .docx, through LibreOffice where it is installed.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::code::{ErrorCode, ImportError, RemarkCode};
use super::docx;
use super::line::{Remark, Source};
use crate::source::files;
use crate::source::limits;

/// The commands that start LibreOffice.
const PROGRAMS: [&str; 2] = ["soffice", "libreoffice"];
/// The longest wait for one file.
const PATIENCE: Duration = Duration::from_secs(120);
/// The time between two looks whether it is done.
const LOOK: Duration = Duration::from_millis(250);

/// Reads a file that only a word processor understands; `path` is its name.
pub fn read(path: &Path, bytes: &[u8]) -> Result<Source, ImportError> {
    let failed = |detail: &dyn std::fmt::Display| ImportError::new(ErrorCode::OfficeFailed, detail);
    let folder = tempfile::tempdir().map_err(|error| failed(&error))?;
    // LibreOffice gets a copy, since the name may contain anything, and a lock file goes beside
    // it.
    let extension = path.extension().map(|e| e.to_string_lossy().into_owned());
    let copy = folder.path().join(format!("source.{}", extension.unwrap_or_else(|| "doc".into())));
    files::keep_in(folder.path(), &copy, bytes).map_err(|error| failed(&error.error))?;
    let mut child = start(folder.path(), &copy)?;
    wait(&mut child)?;
    let made = folder.path().join("out").join("source.docx");
    if !made.exists() {
        return Err(ImportError::new(ErrorCode::OfficeNothing, ""));
    }
    let bytes = files::read_in(folder.path(), &made, limits::IMPORT_BYTES);
    let bytes = bytes.map_err(|error| failed(&error))?;
    let mut source = docx::read(&bytes)?;
    source.remarks.insert(0, Remark::of_file(RemarkCode::ThroughOffice, ""));
    Ok(source)
}

fn start(folder: &Path, copy: &Path) -> Result<Child, ImportError> {
    // A separate profile keeps clear of a LibreOffice that the user is running.
    let profile = format!("-env:UserInstallation=file://{}", folder.join("profile").display());
    for program in PROGRAMS {
        let mut command = Command::new(program);
        command
            .args([
                &profile,
                "--headless",
                "--norestore",
                "--convert-to",
                "docx:MS Word 2007 XML",
                "--outdir",
            ])
            .arg(folder.join("out"))
            .arg(copy)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        match command.spawn() {
            Ok(child) => return Ok(child),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(ImportError::new(ErrorCode::OfficeFailed, error)),
        }
    }
    Err(ImportError::new(ErrorCode::NoOffice, ""))
}

fn wait(child: &mut Child) -> Result<(), ImportError> {
    // The library has no clock: it counts its looks.
    for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
        match child.try_wait() {
            Ok(Some(_)) => return Ok(()),
            Ok(None) => sleep(LOOK),
            Err(error) => return Err(ImportError::new(ErrorCode::OfficeFailed, error)),
        }
    }
    child.kill().ok();
    child.wait().ok();
    Err(ImportError::new(ErrorCode::OfficeSlow, PATIENCE.as_secs()))
}
