//! A publication's files → its next issue; an id, a name and an issuer → a new publication.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::Value as Json;

use super::sketch::Sketch;
use super::{Sent, answer, create, sketch};
use crate::issue::form::{self, Op};
use crate::issue::next::{self, Head};
use crate::serve::App;
use crate::serve::messages::{Failure, Reason};
use crate::serve::protocol::{Made, NewIssue, NewPublication};
use crate::source::project::PUBLICATION_FILE;

/// The next issue of a publication, with the lists and sections of the last.
pub async fn issue(State(app): State<Arc<App>>, Sent(wanted): Sent<NewIssue>) -> Response {
    answer(&app, move |app| make_issue(app, &wanted)).await
}

fn make_issue(app: &App, wanted: &NewIssue) -> Result<Made, Failure> {
    let _one = app.making.lock();
    let publication = app.publication(&wanted.publication)?;
    let project = app.project();
    let last = match &wanted.from {
        Some(name) => Some(app.issue(name)?),
        None => app.last_issue(&publication),
    };
    let head = Head::next(&project, &publication, None);
    let head = head.ok_or(Failure::new(Reason::After9999))?;
    let mut toml = format!("{}\n{}", head.toml(), next::ARTICLES);
    if let Some(last) = last.and_then(|at| sketch(app, &at)) {
        toml = carried_on(&toml, &last).unwrap_or(toml);
    }
    let path = project.publication(&publication).join(format!("{}.toml", head.stem()));
    create(app, &path, toml.as_bytes())?;
    app.session().forget_series(&publication);
    Ok(Made { id: format!("{}/{}", *publication, head.stem()) })
}

/// A new issue with sections and lists of another one.
fn carried_on(toml: &str, last: &Sketch) -> Option<String> {
    let mut ops = Vec::new();
    let mut names = last.sections.iter().map(|section| Json::from(section.name.clone()));
    if let Some(first) = names.next() {
        ops.push(Op::Set { path: vec!["sections".into(), 0.into(), "name".into()], value: first });
        let template = form::value(next::ARTICLES)?["sections"][0].clone();
        for (at, name) in names.enumerate() {
            let mut value = template.clone();
            value["name"] = name;
            ops.push(Op::Insert { path: vec!["sections".into()], at: at + 1, value });
        }
    }
    // `also_to` names extra recipients of a single issue: the next one does not inherit them.
    for (key, value) in last.imprint.iter().filter(|(key, _)| *key != "also_to") {
        let path = vec!["imprint".into(), key.as_str().into()];
        ops.push(Op::Set { path, value: value.clone() });
    }
    form::apply(toml, &ops).ok()
}

/// A publication without issues.
pub async fn publication(
    State(app): State<Arc<App>>,
    Sent(wanted): Sent<NewPublication>,
) -> Response {
    answer(&app, move |app| make_publication(app, wanted)).await
}

fn make_publication(app: &App, wanted: NewPublication) -> Result<Made, Failure> {
    let _one = app.making.lock();
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if wanted.id.is_empty() || !wanted.id.chars().all(allowed) {
        return Err(Failure::new(Reason::BadName).detail(wanted.id));
    }
    let mut toml = toml_edit::DocumentMut::new();
    toml["name"] = toml_edit::value(&wanted.name);
    toml["issuer"] = toml_edit::value(&wanted.issuer);
    let path = app.project().publication(&wanted.id).join(PUBLICATION_FILE);
    create(app, &path, toml.to_string().as_bytes())?;
    Ok(Made { id: wanted.id })
}
