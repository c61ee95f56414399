//! Findings → SARIF 2.1.0, the format that code hosts and editors read.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value as Json, json};

use crate::diag::catalogue::Catalogue;
use crate::diag::rules;
use crate::diag::{Diagnostic, Severity, Span};

/// Bytes of a path that are escaped in a URI (RFC 3986).
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// All findings of a run, with the rules of the program.
pub fn log(found: &[Diagnostic], catalogue: &Catalogue) -> Json {
    let rules: Vec<Json> = rules::all()
        .map(|rule| {
            let id = rule.code.id();
            json!({
                "id": id,
                "shortDescription": { "text": catalogue.attribute(id, "reason") },
                "defaultConfiguration": { "level": level(rule.severity) },
                "properties": {
                    "strength": rule.strength,
                    "clause": rule.clause.map(|clause| clause.to_string()),
                },
            })
        })
        .collect();
    let results: Vec<Json> = found.iter().map(|d| result(d, catalogue)).collect();
    json!({
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [{
            "tool": { "driver": {
                "name": "jianbao",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}

fn result(diagnostic: &Diagnostic, catalogue: &Catalogue) -> Json {
    let words = catalogue.words(diagnostic);
    let text = std::iter::once(&words.message).chain(&words.hints);
    let text = text.map(String::as_str).collect::<Vec<_>>().join("\n");
    let mut result = json!({
        "ruleId": diagnostic.code.id(),
        "level": level(diagnostic.severity),
        "message": { "text": text },
    });
    if let Some(span) = &diagnostic.span {
        result["locations"] = json!([{ "physicalLocation": location(span) }]);
        if let Some(fix) = &diagnostic.fix {
            let place = Span::new(&span.file, fix.range.clone());
            result["fixes"] = json!([{ "artifactChanges": [{
                "artifactLocation": { "uri": uri(&span.file.name) },
                "replacements": [{
                    "deletedRegion": region(&place),
                    "insertedContent": { "text": fix.text },
                }],
            }] }]);
        }
    }
    if !diagnostic.labels.is_empty() {
        let labels = diagnostic.labels.iter().zip(&words.labels);
        result["relatedLocations"] = labels
            .map(|((span, _), text)| {
                json!({ "physicalLocation": location(span), "message": { "text": text } })
            })
            .collect();
    }
    result
}

fn location(span: &Span) -> Json {
    json!({ "artifactLocation": { "uri": uri(&span.file.name) }, "region": region(span) })
}

fn region(span: &Span) -> Json {
    let ((line, column), (end_line, end_column)) = (span.line_column(), span.end());
    json!({
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
    })
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    utf8_percent_encode(path, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_become_uris() {
        assert_eq!(
            super::uri("issues/妇工/2014-16.toml"),
            "issues/%E5%A6%87%E5%B7%A5/2014-16.toml"
        );
    }
}
