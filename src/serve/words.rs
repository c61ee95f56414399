//! What the server says in words: failures, and findings with their fields.

use std::sync::OnceLock;

use axum::Json as Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};

use crate::catalogue::{Catalogue, Lang};
use crate::diag::{Diagnostic, SourceFile};
use crate::files::WriteError;
use crate::form::Fields;

/// The words in a language, read once: clients of one server need not have the same.
pub fn catalogue(lang: Lang) -> &'static Catalogue {
    static WORDS: [OnceLock<Catalogue>; 2] = [OnceLock::new(), OnceLock::new()];
    let words = match lang {
        Lang::Zh => &WORDS[0],
        Lang::En => &WORDS[1],
    };
    words.get_or_init(|| Catalogue::new(lang))
}

/// Why something that was asked for was not done; the code is the message's id in the catalogue.
#[derive(Debug)]
pub struct Failure {
    /// What is wrong.
    pub code: &'static str,
    /// The fact that the message names.
    pub detail: String,
    /// How a browser is told.
    pub status: StatusCode,
}

impl Failure {
    /// A failure that is the asker's.
    pub fn new(code: &'static str) -> Self {
        Failure { code, detail: String::new(), status: StatusCode::BAD_REQUEST }
    }

    /// Names a fact.
    pub fn detail(mut self, detail: impl ToString) -> Self {
        self.detail = detail.to_string();
        self
    }

    /// Tells the browser in another way.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    fn args(&self) -> [(&'static str, String); 3] {
        ["detail", "path", "name"].map(|key| (key, self.detail.clone()))
    }

    /// The message without its hint.
    pub fn text(&self, catalogue: &Catalogue) -> String {
        catalogue.text(self.code, &self.args())
    }

    fn error(&self, catalogue: &Catalogue) -> Json {
        let mut error = json!({ "code": self.code, "message": self.text(catalogue) });
        if let Some(hint) = catalogue.hint(self.code, &self.args()) {
            error["hint"] = hint.into();
        }
        error
    }

    /// As a message of the live channel.
    pub fn message(&self, catalogue: &Catalogue, seq: Option<u64>) -> String {
        let mut message = self.error(catalogue);
        message["t"] = "error".into();
        message["seq"] = seq.into();
        message.to_string()
    }

    /// As an answer.
    pub fn response(&self, catalogue: &Catalogue) -> Response {
        (self.status, Body(json!({ "error": self.error(catalogue) }))).into_response()
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        Failure::new("studio-unwritable").detail(error).status(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Findings, each with the field that it stands in if it is of `file`.
pub fn findings(found: &[Diagnostic], file: &SourceFile, catalogue: &Catalogue) -> Json {
    let fields = Fields::new(&file.text);
    found
        .iter()
        .enumerate()
        .map(|(id, diagnostic)| finding(id, diagnostic, file, &fields, catalogue))
        .collect()
}

fn finding(
    id: usize,
    diagnostic: &Diagnostic,
    file: &SourceFile,
    fields: &Fields<'_>,
    catalogue: &Catalogue,
) -> Json {
    let words = catalogue.words(diagnostic);
    let mut finding = json!({
        "id": id,
        "rule": diagnostic.code.id(),
        "severity": diagnostic.severity.name(),
        "message": words.message,
        "hints": words.hints,
    });
    if let Some(page) = diagnostic.page {
        finding["page"] = page.into();
    }
    let Some(span) = &diagnostic.span else { return finding };
    let (line, column) = span.line_column();
    finding["line"] = line.into();
    finding["column"] = column.into();
    if *span.file != *file {
        finding["file"] = span.file.name.as_str().into();
        return finding;
    }
    let units = |to: usize| file.text[..to].encode_utf16().count();
    finding["start"] = units(span.range.start).into();
    finding["end"] = units(span.range.end).into();
    // What is nowhere in particular stands at the beginning.
    let nowhere = span.range == (0..0);
    if let Some(place) = fields.at(span.range.clone()).filter(|_| !nowhere) {
        finding["path"] = json!(place.path);
        if let Some(part) = place.part {
            finding["from"] = part.start.into();
            finding["to"] = part.end.into();
        }
    }
    if let Some(fix) = &diagnostic.fix {
        let old = file.text[fix.range.clone()].trim();
        let args = [("old", old.to_string()), ("new", fix.text.trim().to_string())];
        let id = if fix.text.trim().is_empty() { "studio-fix-delete" } else { "studio-fix" };
        finding["fix"] = json!({ "title": catalogue.text(id, &args) });
    }
    finding
}
