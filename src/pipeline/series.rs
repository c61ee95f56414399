//! The heads of a publication's issues → the faults of their series.

use std::sync::Arc;

use crate::check::series::{Head, run};
use crate::diag::{Diagnostic, SourceFile};
use crate::issue::Number;
use crate::publication::Publication;

/// The issues of a publication side by side.
#[derive(Default)]
pub struct Series {
    heads: Vec<Head>,
    /// Issues whose head cannot be read, by the names of their files.
    unread: Vec<(u16, Number)>,
    found: Vec<Diagnostic>,
}

impl Series {
    /// The series of issues, each by its file's stem and, if that can be read, its file.
    pub fn new(
        issues: impl Iterator<Item = (String, Option<Arc<SourceFile>>)>,
        publication: &Publication,
    ) -> Self {
        let mut series = Series::default();
        for (stem, file) in issues {
            match file.and_then(|file| Head::read(&file)) {
                Some(head) => series.heads.push(head),
                None => series.unread.extend(Number::parse_file_stem(&stem)),
            }
        }
        series.checked(publication)
    }

    /// The same with one issue as its text is now.
    pub fn with(&self, file: &Arc<SourceFile>, publication: &Publication) -> Self {
        let others = self.heads.iter().filter(|head| head.file.name != file.name).cloned();
        let heads = others.chain(Head::read(file)).collect();
        Series { heads, unread: self.unread.clone(), found: Vec::new() }.checked(publication)
    }

    /// What is wrong at the issue of a file.
    pub fn found_in<'a>(&'a self, file: &'a SourceFile) -> impl Iterator<Item = &'a Diagnostic> {
        let here =
            |d: &&Diagnostic| d.span.as_ref().is_some_and(|span| span.file.name == file.name);
        self.found.iter().filter(here)
    }

    fn checked(mut self, publication: &Publication) -> Self {
        self.found = run(&self.heads, &self.unread);
        publication.levels.apply(&mut self.found);
        self
    }
}
