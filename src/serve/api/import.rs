//! A back issue's file → an issue and the doubts of the import, kept until an editor has dismissed
//! them; HTML from a clipboard → text.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::{OfIssue, OfPublication, Sent, answer, body_of, exists, file_name, in_turn, text};
use crate::diag::Severity;
use crate::import::importer::{Importer, Options, Status, Step};
use crate::import::{self, ImportError};
use crate::serve::known::Known;
use crate::serve::messages::{Failure, Reason};
use crate::serve::protocol::{Cleaned, Done, Doubt, Imported, Pasted, Review};
use crate::serve::{App, folder};
use crate::source::files::{self, FileError};
use crate::source::limits;
use crate::source::project::{IssuePath, Project};

/// A back issue's file becomes an issue.
pub async fn import(
    State(app): State<Arc<App>>,
    Query(of): Query<OfPublication>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let name = file_name(&headers);
    body_of(in_turn(&app, move |app| imported(app, &of.publication, name, &body)).await)
}

fn imported(
    app: &App,
    publication: &str,
    name: Option<String>,
    bytes: &[u8],
) -> Result<Imported, Failure> {
    let _one = app.making.lock();
    let publication = app.publication(publication)?;
    let name = name.ok_or(Failure::new(Reason::FileName))?;
    let broken = |error: std::io::Error| {
        Failure::new(Reason::Unwritable).detail(error).status(StatusCode::INTERNAL_SERVER_ERROR)
    };
    // Import readers take files, and choose the format by the file's name.
    let folder = tempfile::tempdir().map_err(broken)?;
    let path = folder.path().join(&name);
    files::keep_in(folder.path(), &path, bytes)?;
    let project = app.project();
    let options = Options { publication: Some(publication.to_string()), ..Options::default() };
    let mut importer = Importer::new(&project, options).map_err(|error| refused(app, &error))?;
    let outcome = match importer.import(&path, &name) {
        Step::Done(outcome) => *outcome,
        Step::Waits(waiting) => importer.finish(*waiting),
    };
    if let Some(error) = &outcome.error {
        return Err(refused(app, error));
    }
    let shown = outcome.issue.clone().unwrap_or_default();
    if outcome.status == Status::Exists {
        return Err(exists(shown));
    }
    let stem = Path::new(&shown).file_stem().unwrap_or_default().to_string_lossy();
    let doubt = |remark: &import::line::Remark| Doubt {
        line: remark.line,
        text: remark.text.clone(),
        message: remark.sentence(&app.catalogue),
    };
    let doubts: Vec<Doubt> = outcome.remarks.iter().map(doubt).collect();
    let kept = serde_json::to_vec(&doubts).unwrap_or_default();
    // An issue without its doubts would look as if somebody had reviewed it: they are written first.
    let review = review_file(&project, &publication, &stem);
    files::write_in(&project.root, &review, &kept)?;
    importer.commit(0)?;
    let at = app.issue(&format!("{}/{stem}", *publication))?;
    let session = app.session();
    session.forget_series(&publication);
    let found = session.check(&*at).diagnostics;
    let errors = found.iter().filter(|found| found.severity == Severity::Error).count();
    Ok(Imported { id: at.name(), text: text(app, &at), doubts, errors })
}

/// A failed import, in words.
fn refused(app: &App, error: &ImportError) -> Failure {
    let words = app.catalogue.text(error.code.id(), &error.facts());
    Failure::new(Reason::Import).detail(words).status(StatusCode::UNPROCESSABLE_ENTITY)
}

/// The file that keeps the doubts of an import until an editor dismisses them.
pub fn review_path(app: &App, at: &Known<IssuePath>) -> PathBuf {
    review_file(&app.project(), &at.publication, &at.stem)
}

fn review_file(project: &Project, publication: &str, stem: &str) -> PathBuf {
    folder(project).join("review").join(publication).join(format!("{stem}.json"))
}

/// Answers with the doubts that no editor has dismissed yet.
pub async fn review(State(app): State<Arc<App>>, Query(of): Query<OfIssue>) -> Response {
    let work = move |app: &Arc<App>| {
        let path = review_path(app, &app.issue(&of.issue)?);
        let bytes = files::read_in(&app.project().root, &path, limits::STUDIO_BYTES);
        let bytes = bytes.unwrap_or_default();
        Ok(Review { doubts: serde_json::from_slice(&bytes).unwrap_or_default() })
    };
    answer(&app, work).await
}

/// Dismisses the doubts: an editor has looked at them.
pub async fn reviewed(State(app): State<Arc<App>>, Query(of): Query<OfIssue>) -> Response {
    let work = move |app: &Arc<App>| {
        let path = review_path(app, &app.issue(&of.issue)?);
        if files::is_in(&app.project().root, &path) {
            std::fs::remove_file(&path).map_err(|error| FileError::new(&path, error))?;
        }
        Ok(Done {})
    };
    answer(&app, work).await
}

/// HTML → text with the marks of a body.
pub async fn clean(State(app): State<Arc<App>>, Sent(pasted): Sent<Pasted>) -> Response {
    let work = move |app: &Arc<App>| {
        let body = import::clean(&pasted.html).map_err(|error| refused(app, &error))?;
        Ok(Cleaned { body })
    };
    body_of(in_turn(&app, work).await)
}
