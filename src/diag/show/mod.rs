//! Findings → the forms in which people and tools read them.

pub mod json;
pub mod sarif;
pub mod snippet;
pub mod visible;

use crate::diag::Diagnostic;
use crate::diag::catalogue::Catalogue;

/// One finding on one line: `file:line:column: severity[rule]: message`.
pub fn short(diagnostic: &Diagnostic, catalogue: &Catalogue) -> String {
    let severity = catalogue.text(&format!("severity-{}", diagnostic.severity.name()), &[]);
    let words = catalogue.words(&shown(diagnostic));
    let message = one_line(&words.message);
    let id = diagnostic.code.id();
    match &diagnostic.span {
        Some(span) => {
            let (line, column) = span.line_column();
            let name = visible::line(&span.file.name);
            format!("{name}:{line}:{column}: {severity}[{id}]: {message}")
        }
        None => format!("{severity}[{id}]: {message}"),
    }
}

/// A finding whose facts can be shown on a terminal.
fn shown(diagnostic: &Diagnostic) -> Diagnostic {
    Diagnostic { args: visible::facts(&diagnostic.args), ..diagnostic.clone() }
}

/// A text with its lines joined: messages quoted from a library may have several.
fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
