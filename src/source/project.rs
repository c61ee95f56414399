//! Paths → the root of a project, its publications and issues.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
        let mut found = BTreeSet::new();
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
            if found.len() == before && !found.iter().any(|issue| issue.path == folder) {
                return Err(ProjectError::NotAnIssue(path.clone()));
            }
        }
        Ok(found.into_iter().collect())
    }

    fn collect(&self, path: &Path, found: &mut BTreeSet<IssuePath>) -> Result<(), ProjectError> {
        let unreadable = |error| ProjectError::Unreadable(path.into(), error);
        let inside = path.strip_prefix(self.root.join("issues")).ok();
        let depth = inside.map_or(usize::MAX, |inside| inside.components().count());
        if path.is_dir() && depth < 2 {
            for entry in std::fs::read_dir(path).map_err(unreadable)? {
                self.collect(&entry.map_err(unreadable)?.path(), found)?;
            }
        } else if depth == 2 {
            found.extend(issue_path(path));
        }
        Ok(())
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
    (!stem.starts_with('.') && path.is_file()).then(|| IssuePath {
        publication: publication.into(),
        stem: stem.into(),
        path: path.into(),
    })
}
