//! A world → laid-out pages, with Typst's diagnostics converted to ours.

use std::sync::Arc;

use typst::diag::{Severity as TypstSeverity, SourceDiagnostic, SourceResult, Warned};
use typst::{World, WorldExt};
use typst_layout::PagedDocument;

use super::world::BulletinWorld;
use crate::diag::{Checked, Code, Diagnostic, Severity, SourceFile, Span};

/// Lays out an issue. `blamed` is the file to report when Typst names no file.
pub fn compile(world: &BulletinWorld, blamed: &Arc<SourceFile>) -> Checked<PagedDocument> {
    let Warned { output, warnings } = typst::compile::<PagedDocument>(world);
    let mut found: Vec<Diagnostic> =
        warnings.iter().map(|d| convert(d, Code::Typesetting, world, blamed)).collect();
    let value = ours(output, Code::Typesetting, world, blamed).drain_into(&mut found);
    Checked { value, diagnostics: found }
}

/// Typst's result, or its errors converted to ours; `code` names the step.
pub fn ours<T>(
    made: SourceResult<T>,
    code: Code,
    world: &BulletinWorld,
    blamed: &Arc<SourceFile>,
) -> Checked<T> {
    match made {
        Ok(value) => Checked::new(value, Vec::new()),
        Err(errors) => {
            Checked::failed(errors.iter().map(|d| convert(d, code, world, blamed)).collect())
        }
    }
}

/// Converts one of Typst's diagnostics to ours.
fn convert(
    theirs: &SourceDiagnostic,
    code: Code,
    world: &BulletinWorld,
    blamed: &Arc<SourceFile>,
) -> Diagnostic {
    let span = theirs
        .span
        .id()
        .and_then(|id| {
            let source = world.source(id).ok()?;
            let range = world.range(theirs.span)?;
            let name = id.vpath().get_without_slash().to_string();
            Some(Span { file: Arc::new(SourceFile { name, text: source.text().into() }), range })
        })
        .unwrap_or_else(|| Span::new(blamed, 0..0));
    let hints: Vec<&str> = theirs.hints.iter().map(|hint| hint.v.as_str()).collect();
    let mut ours = Diagnostic::error(code, span)
        .arg("detail", &theirs.message)
        .arg("advice", hints.join("; "));
    if theirs.severity == TypstSeverity::Warning {
        ours.severity = Severity::Warning;
    }
    if hints.is_empty() {
        ours.hints.clear();
    }
    ours
}
