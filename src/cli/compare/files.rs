//! The report of a comparison → files on the disk: `compare.html`, and its pictures in `compare/`.

use std::path::{Path, PathBuf};

use jianbao::archive::compare::pictured;
use jianbao::compare::report::is_report;
use jianbao::source::files::{self, FileError};

/// The folder of the pictures, beside the report.
pub const PICTURES: &str = "compare";

/// The report's files in an output folder. Other people's files there are never touched.
pub struct ReportFiles {
    output: PathBuf,
    /// Whether the run makes the output folder.
    is_new: bool,
}

impl ReportFiles {
    /// The report in an output folder, without that of an earlier run.
    pub fn new(output: &Path) -> Self {
        let files = ReportFiles { output: output.into(), is_new: !output.exists() };
        files.clear();
        files
    }

    /// The report.
    pub fn page(&self) -> PathBuf {
        self.output.join("compare.html")
    }

    /// The folder of the pictures, in which each publication has its own.
    pub fn pictures(&self) -> PathBuf {
        self.output.join(PICTURES)
    }

    /// Whether the report's path is free, or has a report of this program.
    pub fn is_free(&self) -> bool {
        let page = self.page();
        !page.exists() || is_ours(&page)
    }

    /// Writes the report.
    pub fn write(&self, html: &str) -> Result<(), FileError> {
        files::write_in(&self.output, &self.page(), html.as_bytes())
    }

    /// Removes the report and its pictures.
    pub fn clear(&self) {
        let page = self.page();
        if is_ours(&page) {
            std::fs::remove_file(page).ok();
        }
        let pictures = self.pictures();
        if !files::is_in(&self.output, &pictures) {
            return;
        }
        for folder in folders(&pictures) {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                if pictured(&entry.file_name().to_string_lossy()).is_some() {
                    std::fs::remove_file(entry.path()).ok();
                }
            }
            files::clean(&self.output, &folder);
        }
        self.remove_empty_pictures();
    }

    /// Removes the folders that the run made and put nothing into.
    pub fn remove_empty(&self) {
        self.remove_empty_pictures();
        if self.is_new {
            std::fs::remove_dir(&self.output).ok();
        }
    }

    /// The system removes empty folders alone, so that other people's files stay.
    fn remove_empty_pictures(&self) {
        let pictures = self.pictures();
        folders(&pictures).iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
        std::fs::remove_dir(pictures).ok();
    }
}

/// Whether a file is a report that this program wrote.
fn is_ours(path: &Path) -> bool {
    files::start(path, 1024).is_ok_and(|head| is_report(&head))
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.map(|entry| entry.path()).collect()
}
