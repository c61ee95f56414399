//! A picture from a browser → a new file beside the issue; other files are never overwritten.

use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::{OfIssue, answer, exists, file_name};
use crate::check::picture;
use crate::import::magic::extension;
use crate::serve::App;
use crate::serve::messages::{Failure, Reason};
use crate::serve::protocol::Picture;
use crate::source::files;
use crate::source::limits;

/// A picture, written beside the issue.
pub async fn picture(
    State(app): State<Arc<App>>,
    Query(of): Query<OfIssue>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let name = file_name(&headers);
    answer(&app, move |app| taken(app, &of.issue, name, &body)).await
}

fn taken(app: &App, issue: &str, name: Option<String>, bytes: &[u8]) -> Result<Picture, Failure> {
    let at = app.issue(issue)?;
    let name = name.ok_or(Failure::new(Reason::FileName))?;
    let refused = |(code, detail): picture::Refusal| {
        let args = [("picture", name.clone()), ("detail", detail)];
        let words = app.catalogue.text(code.id(), &args);
        Failure::new(Reason::Picture).detail(words).status(StatusCode::UNPROCESSABLE_ENTITY)
    };
    picture::decode(bytes, limits::ISSUE_PIXELS).map_err(refused)?;
    let (stem, end) = ending(&name, bytes);
    // The text in a picture mark's brackets must not contain the closing bracket.
    let stem: String = stem.chars().map(|c| if " ()[]".contains(c) { '-' } else { c }).collect();
    let project = app.project();
    let folder = project.publication(&at.publication).join("pictures");
    for count in 1..10_000 {
        let count = if count == 1 { String::new() } else { format!("-{count}") };
        let name = format!("{stem}{count}.{end}");
        if stands(&project.root, &folder.join(&name), bytes)? {
            return Ok(Picture { path: format!("pictures/{name}") });
        }
    }
    Err(exists(name))
}

/// The name and the ending that a picture gets: its own, if that ending is one of its format.
fn ending<'a>(name: &'a str, bytes: &[u8]) -> (&'a str, &'a str) {
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
    match (extension(bytes).unwrap_or("png"), end.to_ascii_lowercase().as_str()) {
        ("jpg", "jpg" | "jpeg") | ("png", "png") | ("webp", "webp") => (stem, end),
        (ours, _) => (stem, ours),
    }
}

/// Writes a picture to a path of the project unless another file has it. Returns whether the
/// picture is at the path now: the same picture sent twice is one file.
fn stands(root: &Path, path: &Path, bytes: &[u8]) -> Result<bool, Failure> {
    let known = || files::read_in(root, path, limits::PICTURE_BYTES);
    Ok(files::create_in(root, path, bytes)? || known().is_ok_and(|known| known == bytes))
}
