//! A name that a client sent → the issue or publication of that name, looked up in the project.
//!
//! Files are found by way of [`Known`] alone, which nothing but this module makes: a name with
//! `..`, an absolute one, or one behind a link out of the project leads to no file.

use std::ops::Deref;
use std::path::PathBuf;

use axum::http::StatusCode;

use super::messages::{Failure, Reason};
use super::{App, Mode};
use crate::issue::next;
use crate::source::files::is_in;
use crate::source::project::IssuePath;

/// An issue, or the id of a publication, that is in the project.
#[derive(Debug, Clone)]
pub struct Known<T>(T);

impl<T> Deref for Known<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl App {
    /// The issue of a name.
    pub fn issue(&self, name: &str) -> Result<Known<IssuePath>, Failure> {
        let unknown = || {
            let status = StatusCode::NOT_FOUND;
            Failure::new(Reason::IssueUnknown).detail(name).status(status)
        };
        if let Mode::Watch(issues) = &self.mode {
            let at = issues.iter().find(|at| at.name() == name);
            return at.cloned().map(Known).ok_or_else(unknown);
        }
        let (publication, stem) = name.split_once('/').ok_or_else(unknown)?;
        let plain = |part: &str| {
            !part.is_empty() && !part.starts_with('.') && !part.contains(['/', '\\', '\0', ':'])
        };
        if !plain(publication) || !plain(stem) {
            return Err(unknown());
        }
        let project = self.project();
        let issues = project.issues(&[project.publication(publication)]).unwrap_or_default();
        issues
            .into_iter()
            .find(|at| at.publication == publication && at.stem == stem)
            .filter(|at| is_in(&project.root, &at.path))
            .map(Known)
            .ok_or_else(unknown)
    }

    /// The issues of the project, without those whose path leads out of the project by a link.
    pub fn issues(&self) -> Vec<Known<IssuePath>> {
        let project = self.project();
        let issues = project.issues(&[]).unwrap_or_default().into_iter();
        issues.filter(|at| is_in(&project.root, &at.path)).map(Known).collect()
    }

    /// What is left out of the lists, as shown.
    pub fn left_out(&self) -> Vec<String> {
        let project = self.project();
        let listing = project.listing(&[]).unwrap_or_default();
        let is_out = |path: &&PathBuf| !is_in(&project.root, path);
        let folders: Vec<PathBuf> =
            next::publications(&project).iter().map(|id| project.publication(id)).collect();
        let folders_out: Vec<&PathBuf> = folders.iter().filter(is_out).collect();
        let issues = listing.issues.iter().map(|issue| &issue.path).filter(is_out);
        let issues =
            issues.filter(|path| !folders_out.iter().any(|folder| path.starts_with(folder)));
        let all = listing.left_out.iter().chain(folders_out.iter().copied()).chain(issues);
        all.map(|path| project.shown(path)).collect()
    }

    /// The last issue of a publication.
    pub fn last_issue(&self, publication: &Known<String>) -> Option<Known<IssuePath>> {
        let project = self.project();
        let last = next::last(&project, publication)?.at;
        is_in(&project.root, &last.path).then_some(Known(last))
    }

    /// The publication of a name.
    pub fn publication(&self, name: &str) -> Result<Known<String>, Failure> {
        let unknown = || Failure::new(Reason::PublicationUnknown).detail(name);
        self.publications().into_iter().find(|id| **id == name).ok_or_else(unknown)
    }

    /// The publications of the project, without those whose folder is a link out of the project.
    pub fn publications(&self) -> Vec<Known<String>> {
        let project = self.project();
        let inside = |id: &String| is_in(&project.root, &project.publication(id));
        next::publications(&project).into_iter().filter(inside).map(Known).collect()
    }
}
