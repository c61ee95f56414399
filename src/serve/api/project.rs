//! The files of a project → its publications and issues, search hits in them, and the units and
//! people that they name.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json as Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value as Json;

use super::{OfPublication, answer, export, import, sketch, text};
use crate::issue::article::{PARTS, Position};
use crate::issue::form::{self, Fields};
use crate::issue::imprint::LISTS;
use crate::issue::raw::RawIssue;
use crate::publication::RawPublication;
use crate::serve::known::Known;
use crate::serve::protocol::{Hit, IssueEntry, Project, Publication, Schemas, Units, Watched};
use crate::serve::{App, Mode};
use crate::source::files;
use crate::source::limits;
use crate::source::project::{IssuePath, PUBLICATION_FILE};
use crate::source::read::schema;

/// The issues of `watch`, to choose from.
pub async fn watched(State(app): State<Arc<App>>) -> Response {
    let issues = match &app.mode {
        Mode::Watch(issues) => issues.iter().map(IssuePath::name).collect(),
        Mode::Studio => Vec::new(),
    };
    let words = ["watch-choose", "watch-gone", "watch-old-pages", "watch-page"];
    // The page replaces `{page}` by the number.
    let words = words.map(|id| (id, app.catalogue.text(id, &[("page", "{page}".into())]))).into();
    Body(Watched { language: app.lang, issues, words }).into_response()
}

/// Publications, issues, schemas.
pub async fn project(State(app): State<Arc<App>>) -> Response {
    answer(&app, |app| Ok(listed(app))).await
}

fn listed(app: &App) -> Project {
    let all = app.issues();
    let publications = app
        .publications()
        .into_iter()
        .map(|id| {
            let own = all.iter().filter(|at| at.publication == *id);
            let mut issues: Vec<IssueEntry> = own.map(|at| entry(app, at)).collect();
            issues.sort_by(|a, b| (&b.date, b.number).cmp(&(&a.date, a.number)));
            let inherits = standing(app, &id).unwrap_or_default();
            let key = |key: &str| inherits[key].as_str().map(String::from);
            let layout = key("layout").unwrap_or_else(|| "official".into());
            Publication { name: key("name"), layout, issues, id: id.to_string(), inherits }
        })
        .collect();
    Project {
        language: app.lang,
        name: app.project().root.file_name().map(|name| name.to_string_lossy().into_owned()),
        publications,
        left_out: app.left_out(),
        exports: &export::FORMS,
        schema: Schemas { issue: schema::<RawIssue>(), publication: schema::<RawPublication>() },
    }
}

/// The file of a publication as tables.
fn standing(app: &App, publication: &Known<String>) -> Option<Json> {
    let project = app.project();
    let path = project.publication(publication).join(PUBLICATION_FILE);
    let bytes = files::read_in(&project.root, &path, limits::FILE_BYTES).ok()?;
    form::value(&String::from_utf8(bytes).ok()?)
}

fn entry(app: &App, at: &Known<IssuePath>) -> IssueEntry {
    let sketch = sketch(app, at).unwrap_or_default();
    let year = sketch.date.as_ref().and_then(|date| date.get(..4)?.parse().ok());
    IssueEntry {
        id: at.name(),
        stem: at.stem.clone(),
        year,
        number: sketch.number,
        supplement: sketch.supplement,
        serial_number: sketch.serial_number,
        titles: sketch.articles().map(|article| article.title.clone()).collect(),
        date: sketch.date,
        review: import::review_path(app, at).is_file(),
        unsaved: app.unsaved(at).is_there(),
    }
}

/// What is searched for.
#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

/// The most hits of a search; nobody reads more.
const HITS: usize = 200;

/// Finds a text in all issues.
pub async fn search(State(app): State<Arc<App>>, Query(Search { q }): Query<Search>) -> Response {
    answer(&app, move |app| Ok(hits(app, q.trim()))).await
}

fn hits(app: &App, wanted: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    if wanted.is_empty() {
        return hits;
    }
    let wanted = wanted.to_lowercase();
    for at in app.issues().iter().rev() {
        let Some(text) = text(app, at) else { continue };
        in_issue(at, &text, &wanted, &mut hits);
        if hits.len() >= HITS {
            hits.truncate(HITS);
            break;
        }
    }
    hits
}

/// Adds the lines of an issue that contain a text; `wanted` is the text in lower case.
fn in_issue(at: &IssuePath, text: &str, wanted: &str, hits: &mut Vec<Hit>) {
    let mut fields = None;
    let mut start = 0;
    for (number, line) in text.split('\n').enumerate() {
        // Lowercasing may change the length of a line: then the whole line is the hit.
        let lower = line.to_lowercase();
        if let Some(hit) = lower.find(wanted) {
            let same = lower.len() == line.len() && line.is_char_boundary(hit);
            let hit = if same { hit..hit + wanted.len() } else { 0..line.len() };
            let fields = fields.get_or_insert_with(|| Fields::new(text));
            let place = fields.at(start + hit.start..start + hit.end);
            let (path, part) = place.map(|place| (place.path, place.part)).unzip();
            let (from, to) = part.flatten().map(|part| (part.start, part.end)).unzip();
            let units = |to: usize| line.get(..to).unwrap_or(line).encode_utf16().count();
            hits.push(Hit {
                id: at.name(),
                line: number + 1,
                text: line.into(),
                start: units(hit.start),
                end: units(hit.end),
                path,
                from,
                to,
            });
        }
        start += line.len() + 1;
    }
}

/// Units and people of earlier issues.
pub async fn units(State(app): State<Arc<App>>, Query(of): Query<OfPublication>) -> Response {
    answer(&app, move |app| Ok(counted(app, &app.publication(&of.publication)?))).await
}

/// The keys of an article that name units and people.
fn sources() -> impl Iterator<Item = &'static str> {
    PARTS.iter().filter(|part| part.position == Position::Source).map(|part| part.key)
}

fn counted(app: &App, publication: &Known<String>) -> Units {
    let kinds = LISTS.iter().map(|list| list.key).chain(sources()).chain(["section"]);
    let mut counts: BTreeMap<&'static str, BTreeMap<String, usize>> =
        kinds.map(|kind| (kind, BTreeMap::new())).collect();
    let mut count = |kind: &'static str, text: &str| {
        *counts.entry(kind).or_default().entry(text.into()).or_default() += 1;
    };
    let units = |list: &Json| -> Vec<String> {
        let units = list.as_array().into_iter().flatten();
        units.filter_map(Json::as_str).map(String::from).collect()
    };
    for at in app.issues().iter().filter(|at| at.publication == **publication) {
        let Some(sketch) = sketch(app, at) else { continue };
        for list in &LISTS {
            let units = sketch.imprint.get(list.key).map(units).unwrap_or_default();
            units.iter().for_each(|unit| count(list.key, unit));
        }
        let names = sketch.sections.iter().filter_map(|section| section.name.as_deref());
        names.for_each(|name| count("section", name));
        for article in sketch.articles() {
            for source in sources() {
                article.texts(source).for_each(|text| count(source, text));
            }
        }
    }
    if let Some(standing) = standing(app, publication) {
        for list in &LISTS {
            units(&standing["imprint"][list.key]).iter().for_each(|unit| count(list.key, unit));
        }
    }
    let by_count = |texts: BTreeMap<String, usize>| {
        let mut texts: Vec<(String, usize)> = texts.into_iter().collect();
        texts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        texts.into_iter().map(|(text, _)| text).collect()
    };
    Units(counts.into_iter().map(|(kind, texts)| (kind, by_count(texts))).collect())
}
