//! Findings of the rules of text → the diagnostics of one file; warnings stop one past the limit
//! shown.

use std::ops::Range;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, MAX_FINDINGS, SourceFile, Span};

/// The findings in one file.
pub struct Findings<'a> {
    /// The file.
    pub file: &'a Arc<SourceFile>,
    /// How many warnings are kept.
    limit: usize,
    found: Vec<Diagnostic>,
}

impl<'a> Findings<'a> {
    /// No findings yet in `file`.
    pub fn new(file: &'a Arc<SourceFile>) -> Self {
        // One finding more than the limit is kept, so that the report can mention omitted ones.
        Findings { file, limit: MAX_FINDINGS + 1, found: Vec::new() }
    }

    /// The same findings, without a limit.
    pub fn unlimited(self) -> Self {
        Findings { limit: usize::MAX, ..self }
    }

    /// Adds a warning, unless the limit is exceeded already.
    pub fn find<const N: usize>(
        &mut self,
        code: Code,
        place: Range<usize>,
        args: [(&'static str, String); N],
    ) -> Option<&mut Diagnostic> {
        (self.found.len() < self.limit).then_some(())?;
        let mut found = Diagnostic::warning(code, Span::new(self.file, place));
        found.args.extend(args);
        self.found.push(found);
        self.found.last_mut()
    }

    /// Adds an error regardless of the limit: a text with an error must never pass.
    pub fn error<const N: usize>(
        &mut self,
        code: Code,
        place: Range<usize>,
        args: [(&'static str, String); N],
    ) {
        let mut found = Diagnostic::error(code, Span::new(self.file, place));
        found.args.extend(args);
        self.found.push(found);
    }

    /// All findings, in the order in which they were added.
    pub fn finish(self) -> Vec<Diagnostic> {
        self.found
    }
}
