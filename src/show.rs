//! Findings → the forms in which people and tools read them.

pub mod comparison;
pub mod json;
pub mod sarif;
pub mod snippet;

use crate::catalogue::Catalogue;
use crate::diag::Diagnostic;
use crate::import::line::Remark;

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

/// A text without its line ends: some messages are another program's.
fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What an import says of a line, in one sentence.
pub fn remark(remark: &Remark, catalogue: &Catalogue) -> String {
    let label = |name: &str| catalogue.text(&format!("label-{name}"), &[]);
    let mut args = vec![("text", remark.text.clone()), ("line", remark.line.to_string())];
    match (remark.confidence, remark.instead) {
        (Some(confidence), Some(instead)) => {
            args.push(("percent", format!("{:.0}", confidence * 100.0)));
            args.push(("detail", label(&remark.detail)));
            args.push(("instead", label(instead)));
        }
        _ => args.push(("detail", remark.detail.clone())),
    }
    catalogue.text(remark.code.id(), &args)
}
