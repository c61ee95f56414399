//! Findings as JSON; the README describes the shape, which only grows.

use serde_json::{Value as Json, json};

use crate::diag::catalogue::Catalogue;
use crate::diag::rules::{self, Rule};
use crate::diag::{Diagnostic, Span};

/// All findings of a run.
pub fn findings(found: &[Diagnostic], catalogue: &Catalogue) -> Json {
    let findings: Vec<Json> = found.iter().map(|d| finding(d, catalogue)).collect();
    json!({ "version": 1, "findings": findings })
}

/// One finding.
pub fn finding(diagnostic: &Diagnostic, catalogue: &Catalogue) -> Json {
    let words = catalogue.words(diagnostic);
    let labels: Vec<Json> = diagnostic
        .labels
        .iter()
        .zip(&words.labels)
        .map(|((span, _), message)| json!({ "place": place(span), "message": message }))
        .collect();
    let fix = diagnostic.fix.as_ref().zip(diagnostic.span.as_ref()).map(|(fix, span)| {
        json!({ "place": place(&Span::new(&span.file, fix.range.clone())), "text": fix.text })
    });
    let rule = rules::of(diagnostic.code);
    json!({
        "rule": diagnostic.code.id(),
        "severity": diagnostic.severity.name(),
        "strength": rule.map(|rule| rule.strength),
        "clause": rule.and_then(|rule| rule.clause),
        "message": words.message,
        "place": diagnostic.span.as_ref().map(place),
        "labels": labels,
        "help": words.hints,
        "fix": fix,
    })
}

/// A place. Lines and columns count from 1, columns and length in characters; the end column is
/// the one after the last character.
fn place(span: &Span) -> Json {
    let ((line, column), (end_line, end_column)) = (span.line_column(), span.end());
    json!({
        "file": span.file.name,
        "line": line,
        "column": column,
        "length": span.length(),
        "end_line": end_line,
        "end_column": end_column,
    })
}

/// All rules, as `jianbao rules --format json` prints them.
pub fn rules(catalogue: &Catalogue) -> Json {
    rules::all().map(|rule| self::rule(&rule, catalogue)).collect()
}

fn rule(rule: &Rule, catalogue: &Catalogue) -> Json {
    let id = rule.code.id();
    json!({
        "rule": id,
        "group": rule.group,
        "level": rule.severity.name(),
        "fixed": rule.fixed,
        "strength": rule.strength,
        "clause": rule.clause,
        "reason": catalogue.attribute(id, "reason"),
        "example": catalogue.attribute(id, "example"),
    })
}
