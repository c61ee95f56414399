//! The HTTP API of a studio: requests in, the bodies of `protocol` out. The text and pages of an
//! open issue go through `live` instead.
//!
//! | part | requests |
//! | --- | --- |
//! | `project` | publications and issues, search, units; the issues of `watch` |
//! | `create` | a new issue, a new publication |
//! | `import` | a file becomes an issue, and its doubts; a clipboard becomes text |
//! | `picture` | a picture beside the issue |
//! | `history` | earlier saves |
//! | `export` | an issue as a file |

mod create;
mod export;
mod history;
mod import;
mod picture;
mod project;
mod sketch;

use std::path::Path;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json as Body, Router};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::serve::known::Known;
use crate::serve::messages::{Failure, Reason};
use crate::serve::{App, Mode};
use crate::source::files;
use crate::source::limits;
use crate::source::project::IssuePath;
use sketch::Sketch;

/// The routes of the API.
pub fn routes(mode: &Mode) -> Router<Arc<App>> {
    if let Mode::Watch(_) = mode {
        return Router::new().route("/issues", get(project::watched));
    }
    let large = Router::new()
        .route("/import", post(import::import))
        .route("/pictures", post(picture::picture))
        .layer(DefaultBodyLimit::max(limits::PICTURE_BYTES as usize));
    Router::new()
        .route("/project", get(project::project))
        .route("/search", get(project::search))
        .route("/units", get(project::units))
        .route("/issues", post(create::issue))
        .route("/publications", post(create::publication))
        .route("/clean", post(import::clean))
        .route("/history", get(history::history))
        .route("/history/{id}", get(history::save))
        .route("/export", get(export::export))
        .route("/review", get(import::review).post(import::reviewed))
        .merge(large)
}

/// The query of a request about a publication.
#[derive(Deserialize)]
struct OfPublication {
    publication: String,
}

/// The query of a request about an issue.
#[derive(Deserialize)]
struct OfIssue {
    issue: String,
}

/// A JSON body that a client sent.
struct Sent<T>(T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Sent<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let body = Body::from_request(request, app).await;
        body.map(|Body(body)| Sent(body)).map_err(|error| {
            Failure::new(Reason::BadMessage)
                .detail(error.body_text())
                .status(error.status())
                .response(&app.catalogue)
        })
    }
}

/// Runs work on a blocking thread: work that reads many files must not delay other requests.
async fn apart<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&Arc<App>) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Response> {
    let own = app.clone();
    let done = tokio::task::spawn_blocking(move || work(&own)).await;
    let broken = |_| Err(Failure::new(Reason::Broken).status(StatusCode::INTERNAL_SERVER_ERROR));
    done.unwrap_or_else(broken).map_err(|failure| failure.response(&app.catalogue))
}

/// Runs work that takes long: a few at a time, and none for a client that left while it waited.
async fn in_turn<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&Arc<App>) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Response> {
    let turn = app.turns.clone().acquire_owned().await;
    apart(app, move |app| {
        // The turn ends with the work, even if nobody waits for its result.
        let _turn = turn;
        work(app)
    })
    .await
}

/// Runs work on a blocking thread and answers with its result as the body.
async fn answer<T: Serialize + Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&Arc<App>) -> Result<T, Failure> + Send + 'static,
) -> Response {
    body_of(apart(app, work).await)
}

/// The result of work as the body of an answer.
fn body_of<T: Serialize>(result: Result<T, Response>) -> Response {
    result.map_or_else(|refused| refused, |body| Body(body).into_response())
}

/// An issue's text as it lies on the disk.
fn text(app: &App, at: &Known<IssuePath>) -> Option<String> {
    let bytes = files::read_in(&app.project().root, &at.path, limits::FILE_BYTES).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    Some(text.trim_start_matches('\u{feff}').into())
}

/// An issue on the disk, as far as it can be read.
fn sketch(app: &App, at: &Known<IssuePath>) -> Option<Sketch> {
    Sketch::read(&text(app, at)?)
}

/// A file name as a browser sends it → its last part without unsafe characters.
fn file_name(headers: &HeaderMap) -> Option<String> {
    let sent = headers.get("x-filename")?.to_str().ok()?;
    // The decoder takes a `%` that escapes no byte for itself.
    let is_byte =
        |rest: &str| rest.as_bytes().iter().take(2).filter(|c| c.is_ascii_hexdigit()).count() == 2;
    if !sent.split('%').skip(1).all(is_byte) {
        return None;
    }
    let name = percent_decode_str(sent).decode_utf8().ok()?;
    let name = name.rsplit(['/', '\\']).next()?;
    let plain: String =
        name.chars().filter(|c| !c.is_control() && !"<>:\"|?*".contains(*c)).take(100).collect();
    let plain = plain.trim().trim_start_matches('.').to_string();
    (!plain.is_empty()).then_some(plain)
}

fn exists(name: impl ToString) -> Failure {
    Failure::new(Reason::Exists).detail(name).status(StatusCode::CONFLICT)
}

/// Writes a new file of the project; an existing file is left alone and reported.
fn create(app: &App, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    match files::create_in(&app.project().root, path, bytes)? {
        true => Ok(()),
        false => Err(exists(path.file_name().unwrap_or_default().to_string_lossy())),
    }
}
