//! Failures and findings → their wording in a client's language, findings with their fields.

use std::sync::OnceLock;

use axum::Json as Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::protocol::{ErrorBody, Explanation, Finding, FixTitle, Message, Refusal};
use crate::diag::catalogue::{Catalogue, Lang};
use crate::diag::{Diagnostic, SourceFile};
use crate::issue::form::Fields;
use crate::source::files::{Fault, FileError};

/// The catalogue of a language, read once: clients of one server may use different languages.
pub fn catalogue(lang: Lang) -> &'static Catalogue {
    static WORDS: [OnceLock<Catalogue>; 2] = [OnceLock::new(), OnceLock::new()];
    let words = match lang {
        Lang::Zh => &WORDS[0],
        Lang::En => &WORDS[1],
    };
    words.get_or_init(|| Catalogue::new(lang))
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $id:literal,)*) => {
        /// Why something that was asked for was not done, by a stable name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        #[cfg_attr(test, derive(ts_rs::TS))]
        pub enum Reason {
            $($(#[$doc])* #[serde(rename = $id)] $variant,)*
        }

        impl Reason {
            #[cfg(test)]
            const ALL: &[Reason] = &[$(Reason::$variant,)*];

            /// The stable kebab-case name, which is also the message's id in the catalogue.
            pub fn id(self) -> &'static str {
                match self { $(Reason::$variant => $id,)* }
            }
        }
    };
}

reasons! {
    /// The request names another host.
    Host = "studio-host",
    /// A page of another origin asks.
    Origin = "studio-origin",
    /// The token is missing or wrong.
    Token = "studio-token",
    /// There is nothing of that name.
    Unknown = "studio-unknown",
    /// There is no such issue.
    IssueUnknown = "studio-issue-unknown",
    /// There is no such publication.
    PublicationUnknown = "studio-publication-unknown",
    /// An issue cannot be exported as that.
    ExportUnknown = "studio-export-unknown",
    /// A message that is not of the protocol.
    BadMessage = "studio-bad-message",
    /// An operation of the form that the text does not allow.
    Op = "studio-op",
    /// A change of a text that is no longer remembered.
    Base = "studio-base",
    /// The finding that was to be fixed is gone.
    FixGone = "studio-fix-gone",
    /// The file has another text, and the client has not chosen yet.
    Conflict = "studio-conflict",
    /// The file cannot be read, and so is not written over.
    NotSaved = "studio-not-saved",
    /// A text longer than an issue can be.
    TooLarge = "studio-too-large",
    /// A file that is not UTF-8 text.
    Encoding = "studio-encoding",
    /// A file that cannot be read.
    Unreadable = "studio-unreadable",
    /// A file that cannot be written.
    Unwritable = "studio-unwritable",
    /// A file of that name exists already.
    Exists = "studio-exists",
    /// A path that leads out of the project.
    Outside = "studio-outside",
    /// A file that was sent without a name.
    FileName = "studio-file-name",
    /// A publication's id that cannot be the name of a folder.
    BadName = "bad-name",
    /// The next issue would be dated after the year 9999.
    After9999 = "new-after-9999",
    /// A file that cannot be imported.
    Import = "studio-import",
    /// A file that cannot be taken as a picture.
    Picture = "studio-picture",
    /// An issue that cannot be typeset.
    NotBuilt = "studio-not-built",
    /// The system gives no more threads.
    Thread = "studio-thread",
    /// The program panicked.
    Broken = "studio-broken",
}

/// A refused request: the reason, and the fact that the message names.
#[derive(Debug)]
pub struct Failure {
    reason: Reason,
    detail: Detail,
    status: StatusCode,
}

/// The fact that a message names: a text, or a reason that has words of its own.
#[derive(Debug)]
enum Detail {
    Text(String),
    File(FileError),
}

impl Failure {
    /// A failure with status 400: the client's fault, unless another status is set.
    pub fn new(reason: Reason) -> Self {
        Failure { reason, detail: Detail::Text(String::new()), status: StatusCode::BAD_REQUEST }
    }

    /// Adds the fact that the message names.
    pub fn detail(mut self, detail: impl ToString) -> Self {
        self.detail = Detail::Text(detail.to_string());
        self
    }

    /// Adds the fault of a file as the fact that the message names.
    pub fn file(mut self, error: FileError) -> Self {
        self.detail = Detail::File(error);
        self
    }

    /// Answers with another status.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    fn args(&self, catalogue: &Catalogue) -> [(&'static str, String); 3] {
        let detail = match &self.detail {
            Detail::Text(text) => text.clone(),
            Detail::File(FileError { path, error }) => {
                format!("{}: {}", path.display(), error.words(catalogue))
            }
        };
        ["detail", "path", "name"].map(|key| (key, detail.clone()))
    }

    /// The message without its hint.
    pub fn text(&self, catalogue: &Catalogue) -> String {
        catalogue.text(self.reason.id(), &self.args(catalogue))
    }

    fn explanation(&self, catalogue: &Catalogue) -> Explanation {
        Explanation {
            code: self.reason,
            message: self.text(catalogue),
            hint: catalogue.hint(self.reason.id(), &self.args(catalogue)),
        }
    }

    /// As a message of the live channel.
    pub fn message(&self, catalogue: &Catalogue, seq: Option<u64>) -> String {
        Message::Error(Refusal { seq, error: self.explanation(catalogue) }).json()
    }

    /// As an answer.
    pub fn response(&self, catalogue: &Catalogue) -> Response {
        (self.status, Body(ErrorBody { error: self.explanation(catalogue) })).into_response()
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        if let Fault::Outside(_) = error.error {
            return Failure::new(Reason::Outside).status(StatusCode::FORBIDDEN);
        }
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Failure::new(Reason::Unwritable).file(error).status(status)
    }
}

/// Findings in words, each with its field if it is in `file`.
pub fn findings<'a>(
    found: &'a [Diagnostic],
    file: &SourceFile,
    catalogue: &Catalogue,
) -> Vec<Finding<'a>> {
    let fields = Fields::new(&file.text);
    found
        .iter()
        .enumerate()
        .map(|(id, diagnostic)| finding(id, diagnostic, file, &fields, catalogue))
        .collect()
}

fn finding<'a>(
    id: usize,
    diagnostic: &'a Diagnostic,
    file: &SourceFile,
    fields: &Fields<'_>,
    catalogue: &Catalogue,
) -> Finding<'a> {
    let words = catalogue.words(diagnostic);
    let mut finding = Finding {
        id,
        rule: diagnostic.code.id(),
        severity: diagnostic.severity,
        message: words.message,
        hints: words.hints,
        page: diagnostic.page,
        line: None,
        column: None,
        file: None,
        start: None,
        end: None,
        path: None,
        from: None,
        to: None,
        fix: None,
    };
    let Some(span) = &diagnostic.span else { return finding };
    let (line, column) = span.line_column();
    (finding.line, finding.column) = (Some(line), Some(column));
    if *span.file != *file {
        finding.file = Some(&span.file.name);
        return finding;
    }
    let units = |to: usize| Some(file.text[..to].encode_utf16().count());
    (finding.start, finding.end) = (units(span.range.start), units(span.range.end));
    // A finding without a place of its own has an empty range at the beginning.
    let nowhere = span.range == (0..0);
    if let Some(place) = fields.at(span.range.clone()).filter(|_| !nowhere) {
        finding.path = Some(place.path);
        (finding.from, finding.to) = place.part.map(|part| (part.start, part.end)).unzip();
    }
    if let Some(fix) = &diagnostic.fix {
        let old = file.text[fix.range.clone()].trim();
        let args = [("old", old.to_string()), ("new", fix.text.trim().to_string())];
        let id = if fix.text.trim().is_empty() { "studio-fix-delete" } else { "studio-fix" };
        finding.fix = Some(FixTitle { title: catalogue.text(id, &args) });
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_in_both_languages() {
        for (reason, lang) in Reason::ALL.iter().flat_map(|r| [(r, Lang::Zh), (r, Lang::En)]) {
            assert!(catalogue(lang).has(reason.id()), "{} has no words", reason.id());
        }
    }
}
