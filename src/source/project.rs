//! Paths → the root of a project, its publications and issues.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, SourceFile, Span};

/// The name of the file that describes a publication.
pub const PUBLICATION_FILE: &str = "publication.toml";

/// A project: a folder with `issues/`, and maybe `layouts/`.
#[derive(Debug, Clone)]
pub struct Project {
    /// The root folder.
    pub root: PathBuf,
}

/// The file of one issue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IssuePath {
    /// The folder of its publication in `issues/`.
    pub publication: String,
    /// The file's name without `.toml`.
    pub stem: String,
    /// The file.
    pub path: PathBuf,
}

impl IssuePath {
    /// The issue's unique name in the project: `jianbao/2026-1`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.publication, self.stem)
    }

    /// The path of the issue's PDF in a folder of PDFs: `<folder>/<publication>/<issue>.pdf`.
    pub fn pdf(&self, folder: &Path) -> PathBuf {
        folder.join(&self.publication).join(format!("{}.pdf", self.stem))
    }
}

/// What is found in a project.
#[derive(Debug, Default)]
pub struct Listing {
    /// The issues.
    pub issues: BTreeSet<IssuePath>,
    /// Files and folders that would be issues and publications, were their names UTF-8.
    pub left_out: BTreeSet<PathBuf>,
}

impl Listing {
    fn len(&self) -> usize {
        self.issues.len() + self.left_out.len()
    }

    fn has(&self, path: &Path) -> bool {
        self.left_out.contains(path) || self.issues.iter().any(|issue| issue.path == path)
    }
}

/// The reason why a command cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// No `issues/` folder here or above.
    #[error("no project")]
    NoProject(PathBuf),
    /// A path that is neither an issue nor a folder of issues.
    #[error("not an issue")]
    NotAnIssue(PathBuf),
    /// A folder or file that cannot be read.
    #[error("unreadable")]
    Unreadable(PathBuf, #[source] std::io::Error),
}

impl Project {
    /// The project that `start` lies in: the nearest folder, here or above, with `issues/`.
    pub fn find(start: &Path) -> Result<Self, ProjectError> {
        let start =
            start.canonicalize().map_err(|error| ProjectError::Unreadable(start.into(), error))?;
        let root = start.ancestors().find(|folder| folder.join("issues").is_dir());
        match root {
            Some(root) => Ok(Project { root: root.into() }),
            None => Err(ProjectError::NoProject(start)),
        }
    }

    /// The folder of a publication.
    pub fn publication(&self, id: &str) -> PathBuf {
        self.root.join("issues").join(id)
    }

    /// The issues that `paths` name: files, publications' folders, or the whole project.
    pub fn issues(&self, paths: &[PathBuf]) -> Result<Vec<IssuePath>, ProjectError> {
        self.listing(paths).map(|listing| listing.issues.into_iter().collect())
    }

    /// The issues that `paths` name, and what is left out there because of its name.
    pub fn listing(&self, paths: &[PathBuf]) -> Result<Listing, ProjectError> {
        let mut found = Listing::default();
        if paths.is_empty() {
            self.collect(&self.root.join("issues"), &mut found)?;
        }
        for path in paths {
            let full = path
                .canonicalize()
                .map_err(|error| ProjectError::Unreadable(path.clone(), error))?;
            let before = found.len();
            let folder = if full == self.root { full.join("issues") } else { full };
            self.collect(&folder, &mut found)?;
            if found.len() == before && !found.has(&folder) {
                return Err(ProjectError::NotAnIssue(path.clone()));
            }
        }
        Ok(found)
    }

    fn collect(&self, path: &Path, found: &mut Listing) -> Result<(), ProjectError> {
        let unreadable = |error| ProjectError::Unreadable(path.into(), error);
        let inside = path.strip_prefix(self.root.join("issues")).ok();
        let depth = inside.map_or(usize::MAX, |inside| inside.components().count());
        let is_named = path.file_name().is_some_and(|name| name.to_str().is_some());
        if path.is_dir() && depth < 2 {
            if !is_named {
                found.left_out.insert(path.into());
                return Ok(());
            }
            for entry in std::fs::read_dir(path).map_err(unreadable)? {
                self.collect(&entry.map_err(unreadable)?.path(), found)?;
            }
        } else if depth == 2 && !is_named {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(".toml") && !name.starts_with('.') {
                found.left_out.insert(path.into());
            }
        } else if depth == 2 {
            found.issues.extend(issue_path(path));
        }
        Ok(())
    }

    /// The error of a file or folder that is left out because of its name.
    pub fn left_out(&self, path: &Path) -> Diagnostic {
        let file = SourceFile { name: self.shown(path), text: String::new() };
        Diagnostic::error(Code::FileName, Span::new(&Arc::new(file), 0..0))
    }

    /// A path as shown to people: relative to the root with `/` between its parts,
    /// or unchanged if it is outside the root.
    pub fn shown(&self, path: &Path) -> String {
        let Ok(path) = path.strip_prefix(&self.root) else { return path.display().to_string() };
        path.components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/")
    }
}

fn issue_path(path: &Path) -> Option<IssuePath> {
    let name = path.file_name()?.to_str()?;
    let stem = name.strip_suffix(".toml").filter(|_| name != PUBLICATION_FILE)?;
    let publication = path.parent()?.file_name()?.to_str()?;
    // What is no file, a pipe or a broken link, is an issue that cannot be read.
    (!stem.starts_with('.') && !path.is_dir()).then(|| IssuePath {
        publication: publication.into(),
        stem: stem.into(),
        path: path.into(),
    })
}
