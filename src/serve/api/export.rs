//! The live text of an issue → a file for download: the text itself, the PDF, or the print versions
//! in a zip archive.

use std::io::{Cursor, Write};
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::in_turn;
use crate::diag::{Checked, Severity, SourceFile};
use crate::pipeline::Input;
use crate::press::ink::Colours;
use crate::press::{Job, Parts};
use crate::serve::App;
use crate::serve::desk::Ask;
use crate::serve::messages::{Failure, Reason};
use crate::source::project::IssuePath;

/// What an issue can be exported as.
pub const FORMS: [&str; 3] = ["pdf", "plates", "toml"];

/// Bytes of a file name that are percent-encoded in the `Content-Disposition` header.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// A file for download.
#[derive(Deserialize)]
pub struct Export {
    issue: String,
    #[serde(rename = "as")]
    form: String,
}

/// Exports the live text of an issue as a file.
pub async fn export(State(app): State<Arc<App>>, Query(wanted): Query<Export>) -> Response {
    let (answer, text) = tokio::sync::oneshot::channel();
    let asked = app.issue(&wanted.issue).and_then(|at| {
        app.desk(&at, |_| Some(Ask::Text(answer)))?;
        Ok(at)
    });
    let at = match asked {
        Ok(at) => at,
        Err(failure) => return failure.response(&app.catalogue),
    };
    let file = text.await.ok();
    let exported = in_turn(&app, move |app| {
        let file = file.ok_or(Failure::new(Reason::Unreadable))?;
        exported(app, &at, &wanted.form, &file)
    });
    exported.await.unwrap_or_else(|refused| refused)
}

fn exported(
    app: &App,
    at: &IssuePath,
    form: &str,
    file: &Arc<SourceFile>,
) -> Result<Response, Failure> {
    let name = format!("{}-{}", at.publication, at.stem);
    let (bytes, kind, ending) = match form {
        "toml" => (file.text.clone().into_bytes(), "application/toml", "toml"),
        "pdf" => {
            let typeset = app.session().typeset(Input::live(at, file));
            let pdf = built(app, typeset.then(|typeset| typeset.pdf()))?;
            (pdf.bytes, "application/pdf", "pdf")
        }
        "plates" => (plates(app, at, file, &name)?, "application/zip", "zip"),
        other => return Err(Failure::new(Reason::ExportUnknown).detail(other)),
    };
    let name = format!("{name}.{ending}");
    let disposition =
        format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(&name, ENCODED));
    let headers =
        [(header::CONTENT_TYPE, kind.to_string()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, bytes).into_response())
}

/// The value of a check, or its first error as a failure.
fn built<T>(app: &App, made: Checked<T>) -> Result<T, Failure> {
    made.value.ok_or_else(|| {
        let first = made.diagnostics.iter().find(|d| d.severity == Severity::Error);
        let words = first.map(|d| app.catalogue.words(d).message).unwrap_or_default();
        Failure::new(Reason::NotBuilt).detail(words).status(StatusCode::UNPROCESSABLE_ENTITY)
    })
}

/// The print versions: all in two inks, and each ink apart.
fn plates(
    app: &App,
    at: &IssuePath,
    file: &Arc<SourceFile>,
    name: &str,
) -> Result<Vec<u8>, Failure> {
    let typeset = built(app, app.session().typeset(Input::live(at, file)))?;
    let unwritten = |_| Failure::new(Reason::Unreadable);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // PDFs are already compressed: the archive only stores them.
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for parts in [Parts::Whole, Parts::Plates] {
        let job = Job { colours: Colours::Spot, parts, imposition: None, copies: None };
        let pressed = built(app, typeset.press(&job))?;
        for made in pressed.files {
            archive.start_file(format!("{name}{}.pdf", made.suffix), stored).map_err(unwritten)?;
            archive.write_all(&made.bytes).map_err(|_| Failure::new(Reason::Unreadable))?;
        }
    }
    Ok(archive.finish().map_err(unwritten)?.into_inner())
}
