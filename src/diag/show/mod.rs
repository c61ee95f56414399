//! Findings → the forms in which people and tools read them.

pub mod json;
pub mod sarif;
pub mod snippet;

use crate::diag::Diagnostic;
use crate::diag::catalogue::Catalogue;

/// One finding on one line: `file:line:column: severity[rule]: message`.
pub fn short(diagnostic: &Diagnostic, catalogue: &Catalogue) -> String {
    let severity = catalogue.text(&format!("severity-{}", diagnostic.severity.name()), &[]);
    let message = one_line(&catalogue.words(diagnostic).message);
    let id = diagnostic.code.id();
    match &diagnostic.span {
        Some(span) => {
            let (line, column) = span.line_column();
            format!("{}:{line}:{column}: {severity}[{id}]: {message}", span.file.name)
        }
        None => format!("{severity}[{id}]: {message}"),
    }
}

/// A text with its lines joined: messages quoted from a library may have several.
fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
