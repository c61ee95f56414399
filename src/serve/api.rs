//! What a studio asks for besides the text and pages of one issue.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::UNIX_EPOCH;

use axum::Json as Body;
use axum::body::Bytes;
use axum::extract::{Path as UrlPath, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::desk::Ask;
use super::words::Failure;
use super::{App, Mode, folder, is_inside};
use crate::catalogue::Lang;
use crate::check::picture;
use crate::diag::{Checked, Severity, SourceFile};
use crate::form::{self, Fields, Op};
use crate::import::importer::{Importer, Options, Status, Step};
use crate::issue::article::{PARTS, Position};
use crate::issue::imprint::LISTS;
use crate::issue::raw::RawIssue;
use crate::limits;
use crate::new::{self, Head};
use crate::pipeline::Input;
use crate::press::ink::Colours;
use crate::press::{Job, Parts};
use crate::project::{IssuePath, PUBLICATION_FILE, Project};
use crate::publication::RawPublication;
use crate::read::schema;

type Answer = Result<Response, Failure>;

/// Work that reads many files or takes long must not hold up others.
async fn apart<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&Arc<App>) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Response> {
    let own = app.clone();
    let done = tokio::task::spawn_blocking(move || work(&own)).await;
    let broken = |_| Err(Failure::new("studio-broken").status(StatusCode::INTERNAL_SERVER_ERROR));
    done.unwrap_or_else(broken).map_err(|failure| failure.response(&app.catalogue))
}

fn json_or(result: Result<Json, Response>) -> Response {
    result.map_or_else(|failure| failure, |json| Body(json).into_response())
}

/// An issue's text as it lies on the disk.
fn text(at: &IssuePath) -> Option<String> {
    let metadata = std::fs::metadata(&at.path).ok()?;
    let fits = metadata.is_file() && metadata.len() <= limits::FILE_BYTES;
    let text = fits.then(|| std::fs::read_to_string(&at.path).ok()).flatten()?;
    Some(text.trim_start_matches('\u{feff}').into())
}

/// The issues that are in the project, and not elsewhere behind a link.
fn issues(project: &Project) -> Vec<IssuePath> {
    let mut issues = project.issues(&[]).unwrap_or_default();
    issues.retain(|at| is_inside(project, &at.path));
    issues
}

/// The issues of `watch`, to choose from.
pub async fn watched(State(app): State<Arc<App>>) -> Response {
    let Mode::Watch(issues) = &app.mode else { return json_or(Ok(json!([]))) };
    let names: Vec<String> = issues.iter().map(IssuePath::name).collect();
    let words: Json = ["watch-choose", "watch-gone", "watch-old-pages", "watch-page"]
        .iter()
        .map(|id| {
            // The page fills in what changes.
            let words = app.catalogue.text(id, &[("page", "{page}".into())]);
            ((*id).to_string(), Json::from(words))
        })
        .collect();
    let language = language(app.lang);
    Body(json!({ "language": language, "issues": names, "words": words })).into_response()
}

fn language(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh",
        Lang::En => "en",
    }
}

/// Publications, issues, schemas.
pub async fn project(State(app): State<Arc<App>>) -> Response {
    json_or(apart(&app, |app| Ok(project_json(app))).await)
}

fn project_json(app: &App) -> Json {
    let project = app.project();
    let all = issues(&project);
    let publications: Vec<Json> = new::publications(&project)
        .into_iter()
        .map(|id| {
            let file = std::fs::read_to_string(project.publication(&id).join(PUBLICATION_FILE));
            let raw = file.ok().and_then(|text| form::value(&text)).unwrap_or_default();
            let mut issues: Vec<(String, u64, Json)> =
                all.iter().filter(|at| at.publication == id).map(|at| listed(app, at)).collect();
            issues.sort_by(|a, b| (&b.0, b.1).cmp(&(&a.0, a.1)));
            let issues: Vec<Json> = issues.into_iter().map(|(_, _, json)| json).collect();
            let layout = raw["layout"].as_str().unwrap_or("official");
            json!({ "id": id, "name": raw["name"], "layout": layout, "issues": issues, "inherits": raw })
        })
        .collect();
    let name = project.root.file_name().map(|name| name.to_string_lossy().into_owned());
    json!({
        "language": language(app.lang),
        "name": name,
        "publications": publications,
        "exports": EXPORTS,
        "schema": { "issue": schema::<RawIssue>(), "publication": schema::<RawPublication>() },
    })
}

/// An issue in the list, with its date and number to sort by.
fn listed(app: &App, at: &IssuePath) -> (String, u64, Json) {
    let value = text(at).and_then(|text| form::value(&text)).unwrap_or_default();
    let date = value["date"].as_str().unwrap_or_default().to_string();
    let number = value["number"].as_u64().unwrap_or_default();
    let titles: Vec<&Json> = form::articles(&value).map(|article| &article["title"]).collect();
    let json = json!({
        "id": at.name(),
        "stem": at.stem,
        "year": date.get(..4).and_then(|year| year.parse::<u16>().ok()),
        "number": value["number"],
        "supplement": value["supplement"],
        "serial_number": value["serial_number"],
        "date": value["date"],
        "titles": titles,
        "review": review_path(app, at).is_file(),
        "unsaved": app.unsaved(at).is_there(),
    });
    (date, number, json)
}

/// What is searched for.
#[derive(Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
}

/// More hits than this nobody reads.
const HITS: usize = 200;

/// Where a text stands, over all issues.
pub async fn search(State(app): State<Arc<App>>, Query(Search { q }): Query<Search>) -> Response {
    json_or(apart(&app, move |app| Ok(hits(app, q.trim()))).await)
}

fn hits(app: &App, wanted: &str) -> Json {
    let mut hits = Vec::new();
    if wanted.is_empty() {
        return hits.into();
    }
    let wanted = wanted.to_lowercase();
    let mut issues = issues(&app.project());
    issues.reverse();
    for at in issues {
        let Some(text) = text(&at) else { continue };
        let mut fields = None;
        let mut start = 0;
        for (number, line) in text.split('\n').enumerate() {
            // Small letters may be longer or shorter: then the hit is the line.
            let lower = line.to_lowercase();
            if let Some(hit) = lower.find(&wanted) {
                let same = lower.len() == line.len() && line.is_char_boundary(hit);
                let hit = if same { hit..hit + wanted.len() } else { 0..line.len() };
                let fields = fields.get_or_insert_with(|| Fields::new(&text));
                let place = fields.at(start + hit.start..start + hit.end);
                let units = |to: usize| line.get(..to).unwrap_or(line).encode_utf16().count();
                let mut found = json!({
                    "id": at.name(),
                    "line": number + 1,
                    "text": line,
                    "start": units(hit.start),
                    "end": units(hit.end),
                });
                if let Some(place) = place {
                    found["path"] = json!(place.path);
                    if let Some(part) = place.part {
                        found["from"] = part.start.into();
                        found["to"] = part.end.into();
                    }
                }
                hits.push(found);
                if hits.len() == HITS {
                    return hits.into();
                }
            }
            start += line.len() + 1;
        }
    }
    hits.into()
}

/// A publication.
#[derive(Deserialize)]
pub struct OfPublication {
    publication: String,
}

/// An issue.
#[derive(Deserialize)]
pub struct OfIssue {
    issue: String,
}

/// Units and people of earlier issues.
pub async fn units(State(app): State<Arc<App>>, Query(of): Query<OfPublication>) -> Response {
    json_or(apart(&app, move |app| Ok(units_json(app, &of.publication))).await)
}

fn units_json(app: &App, publication: &str) -> Json {
    let mut counts: BTreeMap<&str, BTreeMap<String, usize>> = BTreeMap::new();
    let sources = || PARTS.iter().filter(|p| p.position == Position::Source).map(|p| p.key);
    let mut count = |kind: &'static str, value: &Json| {
        let one = value.as_str().into_iter();
        let many = value.as_array().into_iter().flatten().filter_map(Json::as_str);
        for text in one.chain(many) {
            *counts.entry(kind).or_default().entry(text.into()).or_default() += 1;
        }
    };
    for at in issues(&app.project()).iter().filter(|at| at.publication == publication) {
        let Some(value) = text(at).and_then(|text| form::value(&text)) else { continue };
        LISTS.iter().for_each(|list| count(list.key, &value["imprint"][list.key]));
        let sections = value["sections"].as_array().into_iter().flatten();
        sections.for_each(|section| count("section", &section["name"]));
        for article in form::articles(&value) {
            sources().for_each(|source| count(source, &article[source]));
        }
    }
    let standing = app.project().publication(publication).join("publication.toml");
    if let Some(value) = std::fs::read_to_string(standing).ok().and_then(|text| form::value(&text))
    {
        LISTS.iter().for_each(|list| count(list.key, &value["imprint"][list.key]));
    }
    let kinds = LISTS.iter().map(|list| list.key).chain(sources()).chain(["section"]);
    kinds
        .map(|kind| {
            let mut texts: Vec<(String, usize)> =
                counts.remove(kind).unwrap_or_default().into_iter().collect();
            texts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            let texts: Json = texts.into_iter().map(|(text, _)| text).collect();
            (kind.to_string(), texts)
        })
        .collect()
}

/// What a new issue is made from.
#[derive(Deserialize)]
pub struct NewIssue {
    publication: String,
    from: Option<String>,
}

fn known(app: &App, publication: &str) -> Result<String, Failure> {
    let project = app.project();
    let known = new::publications(&project);
    let unknown = || Failure::new("studio-publication-unknown").detail(publication);
    let inside = |id: &String| is_inside(&project, &project.publication(id));
    known.into_iter().find(|id| id == publication).filter(inside).ok_or_else(unknown)
}

/// The next issue of a publication, with the lists and sections of the last.
pub async fn new_issue(
    State(app): State<Arc<App>>,
    body: Result<Body<NewIssue>, axum::extract::rejection::JsonRejection>,
) -> Response {
    let body = match body {
        Ok(Body(body)) => body,
        Err(error) => return rejected(&app, &error),
    };
    json_or(apart(&app, move |app| make_issue(app, &body)).await)
}

fn rejected(app: &App, error: &axum::extract::rejection::JsonRejection) -> Response {
    Failure::new("studio-bad-message")
        .detail(error.body_text())
        .status(error.status())
        .response(&app.catalogue)
}

fn make_issue(app: &App, wanted: &NewIssue) -> Result<Json, Failure> {
    let _one = app.making.lock().unwrap_or_else(PoisonError::into_inner);
    let publication = known(app, &wanted.publication)?;
    let project = app.project();
    let last = match &wanted.from {
        Some(name) => Some(app.issue(name)?),
        None => latest(&project, &publication),
    };
    let head = Head::next(&project, &publication, None);
    let mut toml = format!("{}\n{}", head.toml(), new::ARTICLES);
    if let Some(value) = last.and_then(|at| text(&at)).and_then(|text| form::value(&text)) {
        toml = carried_on(&toml, &value).unwrap_or(toml);
    }
    let folder = project.publication(&publication);
    let path = folder.join(format!("{}.toml", head.stem()));
    create(&path, toml.as_bytes())?;
    app.session().forget_series(&publication);
    Ok(json!({ "id": format!("{publication}/{}", head.stem()) }))
}

/// What a new publication says of itself.
#[derive(Deserialize)]
pub struct NewPublication {
    id: String,
    name: String,
    issuer: String,
}

/// A publication without issues.
pub async fn new_publication(
    State(app): State<Arc<App>>,
    body: Result<Body<NewPublication>, axum::extract::rejection::JsonRejection>,
) -> Response {
    let body = match body {
        Ok(Body(body)) => body,
        Err(error) => return rejected(&app, &error),
    };
    json_or(apart(&app, move |app| make_publication(app, &body)).await)
}

fn make_publication(app: &App, wanted: &NewPublication) -> Result<Json, Failure> {
    let _one = app.making.lock().unwrap_or_else(PoisonError::into_inner);
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if wanted.id.is_empty() || !wanted.id.chars().all(allowed) {
        return Err(Failure::new("bad-name").detail(&wanted.id));
    }
    let mut toml = toml_edit::DocumentMut::new();
    toml["name"] = toml_edit::value(&wanted.name);
    toml["issuer"] = toml_edit::value(&wanted.issuer);
    let path = app.project().publication(&wanted.id).join(PUBLICATION_FILE);
    create(&path, toml.to_string().as_bytes())?;
    Ok(json!({ "id": wanted.id }))
}

/// The issue of the latest date.
fn latest(project: &Project, publication: &str) -> Option<IssuePath> {
    let own = issues(project).into_iter().filter(|at| at.publication == publication);
    own.filter_map(|at| {
        let value = form::value(&text(&at)?)?;
        Some((value["date"].as_str()?.to_string(), value["number"].as_u64()?, at))
    })
    .max_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)))
    .map(|(_, _, at)| at)
}

/// A new issue with sections and lists of another one.
fn carried_on(toml: &str, last: &Json) -> Option<String> {
    let mut ops = Vec::new();
    let sections = last["sections"].as_array().cloned().unwrap_or_default();
    if let Some(first) = sections.first() {
        let path = vec!["sections".into(), 0.into(), "name".into()];
        ops.push(Op::Set { path, value: first["name"].clone() });
        let article = form::value(new::ARTICLES)?["sections"][0]["articles"].clone();
        for (at, section) in sections.iter().enumerate().skip(1) {
            let value = json!({ "name": section["name"], "articles": article });
            ops.push(Op::Insert { path: vec!["sections".into()], at, value });
        }
    }
    for (key, value) in last["imprint"].as_object().into_iter().flatten() {
        let path = vec!["imprint".into(), key.as_str().into()];
        // Who gets one issue besides is that issue's.
        if key != "also_to" {
            ops.push(Op::Set { path, value: value.clone() });
        }
    }
    form::apply(toml, &ops).ok()
}

/// Writes a file that must not be there yet.
fn create(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if path.exists() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        return Err(Failure::new("studio-exists").detail(name).status(StatusCode::CONFLICT));
    }
    Ok(crate::files::write(path, bytes)?)
}

/// A file's name as a browser sends it: its last part, as far as it is plain.
fn file_name(headers: &HeaderMap) -> Option<String> {
    let sent = headers.get("x-filename")?.to_str().ok()?;
    let name = percent_decoded(sent)?;
    let name = name.rsplit(['/', '\\']).next()?;
    let plain: String =
        name.chars().filter(|c| !c.is_control() && !"<>:\"|?*".contains(*c)).take(100).collect();
    let plain = plain.trim().trim_start_matches('.').to_string();
    (!plain.is_empty()).then_some(plain)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let hex = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
                rest = after;
            }
            (b'%', _) => return None,
            (byte, after) => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// A back issue's file becomes an issue.
pub async fn import(
    State(app): State<Arc<App>>,
    Query(of): Query<OfPublication>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let name = file_name(&headers);
    json_or(apart(&app, move |app| imported(app, &of.publication, name, &body)).await)
}

fn imported(
    app: &App,
    publication: &str,
    name: Option<String>,
    bytes: &[u8],
) -> Result<Json, Failure> {
    let _one = app.making.lock().unwrap_or_else(PoisonError::into_inner);
    let publication = known(app, publication)?;
    let name = name.ok_or(Failure::new("studio-file-name"))?;
    let broken = |error: std::io::Error| {
        Failure::new("studio-unwritable").detail(error).status(StatusCode::INTERNAL_SERVER_ERROR)
    };
    // Readers take files, and know their kind by their names.
    let folder = tempfile::tempdir().map_err(broken)?;
    let path = folder.path().join(&name);
    let mut file = std::fs::File::create(&path).map_err(broken)?;
    file.write_all(bytes).map_err(broken)?;
    drop(file);
    let project = app.project();
    let refused = |error: &crate::import::ImportError| {
        let words = app.catalogue.text(error.code.id(), &[("detail", error.detail.clone())]);
        Failure::new("studio-import").detail(words).status(StatusCode::UNPROCESSABLE_ENTITY)
    };
    let options = Options { publication: Some(publication.clone()), ..Options::default() };
    let mut importer = Importer::new(&project, options).map_err(|error| refused(&error))?;
    let outcome = match importer.import(&path, &name) {
        Step::Done(outcome) => *outcome,
        Step::Waits(waiting) => importer.finish(*waiting),
    };
    if let Some(error) = &outcome.error {
        return Err(refused(error));
    }
    importer.commit(0)?;
    let shown = outcome.issue.clone().unwrap_or_default();
    if outcome.status == Status::Exists {
        return Err(Failure::new("studio-exists").detail(shown).status(StatusCode::CONFLICT));
    }
    let stem = Path::new(&shown).file_stem().unwrap_or_default().to_string_lossy();
    let at = app.issue(&format!("{publication}/{stem}"))?;
    let doubts: Json = outcome
        .remarks
        .iter()
        .map(|remark| {
            let message = remark.sentence(&app.catalogue);
            json!({ "line": remark.line, "text": remark.text, "message": message })
        })
        .collect();
    crate::files::write(&review_path(app, &at), &serde_json::to_vec(&doubts).unwrap_or_default())?;
    app.session().forget_series(&publication);
    Ok(json!({ "id": at.name(), "text": text(&at), "doubts": doubts }))
}

/// What an import was not sure of, until somebody has looked.
fn review_path(app: &App, at: &IssuePath) -> PathBuf {
    let folder = folder(&app.project()).join("review").join(&at.publication);
    folder.join(format!("{}.json", at.stem))
}

/// The doubts that are left.
pub async fn review(State(app): State<Arc<App>>, Query(of): Query<OfIssue>) -> Response {
    let doubts = apart(&app, move |app| {
        let at = app.issue(&of.issue)?;
        let bytes = std::fs::read(review_path(app, &at)).ok();
        let doubts = bytes.and_then(|bytes| serde_json::from_slice::<Json>(&bytes).ok());
        Ok(json!({ "doubts": doubts.unwrap_or(json!([])) }))
    });
    json_or(doubts.await)
}

/// Somebody has looked.
pub async fn reviewed(State(app): State<Arc<App>>, Query(of): Query<OfIssue>) -> Response {
    let done = apart(&app, move |app| {
        let path = review_path(app, &app.issue(&of.issue)?);
        if path.exists() {
            let error = |error| crate::files::WriteError { path: path.clone(), error };
            std::fs::remove_file(&path).map_err(error)?;
        }
        Ok(json!({}))
    });
    json_or(done.await)
}

/// HTML from another program's clipboard.
#[derive(Deserialize)]
pub struct Pasted {
    html: String,
}

/// HTML → text with the marks of a body.
pub async fn clean(
    State(app): State<Arc<App>>,
    body: Result<Body<Pasted>, axum::extract::rejection::JsonRejection>,
) -> Response {
    let html = match body {
        Ok(Body(Pasted { html })) => html,
        Err(error) => return rejected(&app, &error),
    };
    json_or(apart(&app, move |_| Ok(json!({ "body": crate::import::clean(&html) }))).await)
}

/// A picture, written beside the issue.
pub async fn picture(
    State(app): State<Arc<App>>,
    Query(of): Query<OfIssue>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let name = file_name(&headers);
    json_or(apart(&app, move |app| take_picture(app, &of.issue, name, &body)).await)
}

fn take_picture(
    app: &App,
    issue: &str,
    name: Option<String>,
    bytes: &[u8],
) -> Result<Json, Failure> {
    let at = app.issue(issue)?;
    let name = name.ok_or(Failure::new("studio-file-name"))?;
    let refused = |(code, detail): picture::Refusal| {
        let args = [("picture", name.clone()), ("detail", detail)];
        let words = app.catalogue.text(code.id(), &args);
        Failure::new("studio-picture").detail(words).status(StatusCode::UNPROCESSABLE_ENTITY)
    };
    picture::decode(bytes, limits::ISSUE_PIXELS).map_err(refused)?;
    let (stem, end) = name.rsplit_once('.').unwrap_or((&name, "png"));
    // What stands in the brackets of a mark must not end it.
    let stem: String = stem.chars().map(|c| if " ()[]".contains(c) { '-' } else { c }).collect();
    let project = app.project();
    let folder = project.publication(&at.publication).join("pictures");
    std::fs::create_dir_all(&folder)
        .map_err(|error| Failure::from(crate::files::WriteError { path: folder.clone(), error }))?;
    let inside = folder.canonicalize().ok().zip(project.root.canonicalize().ok());
    if !inside.is_some_and(|(folder, root)| folder.starts_with(root)) {
        return Err(Failure::new("studio-outside").status(StatusCode::FORBIDDEN));
    }
    for count in 1..10_000 {
        let count = if count == 1 { String::new() } else { format!("-{count}") };
        let name = format!("{stem}{count}.{end}");
        let path = folder.join(&name);
        match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => {
                drop(file);
                crate::files::write(&path, bytes)?;
                return Ok(json!({ "path": format!("pictures/{name}") }));
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                // The same picture twice is one file.
                if std::fs::read(&path).is_ok_and(|old| old == bytes) {
                    return Ok(json!({ "path": format!("pictures/{name}") }));
                }
            }
            Err(error) => return Err(crate::files::WriteError { path, error }.into()),
        }
    }
    Err(Failure::new("studio-exists").detail(name).status(StatusCode::CONFLICT))
}

/// The saves of an issue, the newest first.
pub async fn history(State(app): State<Arc<App>>, Query(of): Query<OfIssue>) -> Response {
    let saves = apart(&app, move |app| {
        let saves = app.history(&app.issue(&of.issue)?).saves();
        Ok(saves
            .iter()
            .map(|save| json!({ "id": save.id, "at": utc(save.at), "bytes": save.bytes }))
            .collect())
    });
    json_or(saves.await)
}

/// A time of the disk as `2026-01-31T08:30:00Z`.
fn utc(at: std::time::SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, second) = ((seconds / 86_400) as i64, seconds % 86_400);
    // Days from the civil calendar, by eras of 400 years that begin in March.
    let z = days + 719_468;
    let (era, day_of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// One save.
pub async fn save(
    State(app): State<Arc<App>>,
    UrlPath(id): UrlPath<u64>,
    Query(of): Query<OfIssue>,
) -> Response {
    let text = apart(&app, move |app| {
        let gone = || Failure::new("studio-unknown").detail(id).status(StatusCode::NOT_FOUND);
        let text = app.history(&app.issue(&of.issue)?).text(id).ok_or_else(gone)?;
        Ok(json!({ "text": text }))
    });
    json_or(text.await)
}

/// What is handed out.
#[derive(Deserialize)]
pub struct Export {
    issue: String,
    #[serde(rename = "as")]
    form: String,
}

/// The issue as a file, of the live text.
pub async fn export(State(app): State<Arc<App>>, Query(wanted): Query<Export>) -> Response {
    let at = match app.issue(&wanted.issue) {
        Ok(at) => at,
        Err(failure) => return failure.response(&app.catalogue),
    };
    let (answer, text) = tokio::sync::oneshot::channel();
    let asked = app.desk(&at, |_| Some(Ask::Text(answer)));
    let file = match asked {
        Ok(_) => text.await.ok(),
        Err(failure) => return failure.response(&app.catalogue),
    };
    let exported = apart(&app, move |app| {
        let file = file.ok_or(Failure::new("studio-unreadable"))?;
        exported(app, &at, &wanted.form, &file)
    });
    exported.await.unwrap_or_else(|failure| failure)
}

/// What an issue can be exported as.
const EXPORTS: [&str; 3] = ["pdf", "plates", "toml"];

fn exported(app: &App, at: &IssuePath, form: &str, file: &Arc<SourceFile>) -> Answer {
    let name = format!("{}-{}", at.publication, at.stem);
    let (bytes, kind, ending) = match form {
        "toml" => (file.text.clone().into_bytes(), "application/toml", "toml"),
        "pdf" => {
            let typeset = app.session().typeset(Input::live(at, file));
            let pdf = built(app, typeset.then(|typeset| typeset.pdf()))?;
            (pdf.bytes, "application/pdf", "pdf")
        }
        "plates" => (plates(app, at, file, &name)?, "application/zip", "zip"),
        other => return Err(Failure::new("studio-export-unknown").detail(other)),
    };
    let name = format!("{name}.{ending}");
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let disposition = format!("attachment; filename*=UTF-8''{encoded}");
    let headers =
        [(header::CONTENT_TYPE, kind.to_string()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, bytes).into_response())
}

/// What was made of an issue, or the first error that was in the way.
fn built<T>(app: &App, made: Checked<T>) -> Result<T, Failure> {
    made.value.ok_or_else(|| {
        let first = made.diagnostics.iter().find(|d| d.severity == Severity::Error);
        let words = first.map(|d| app.catalogue.words(d).message).unwrap_or_default();
        Failure::new("studio-not-built").detail(words).status(StatusCode::UNPROCESSABLE_ENTITY)
    })
}

/// The print versions: all in two inks, and each ink apart.
fn plates(
    app: &App,
    at: &IssuePath,
    file: &Arc<SourceFile>,
    name: &str,
) -> Result<Vec<u8>, Failure> {
    let unwritten = |_| Failure::new("studio-unreadable");
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // PDFs are compressed already.
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let typeset = built(app, app.session().typeset(Input::live(at, file)))?;
    for parts in [Parts::Whole, Parts::Plates] {
        let job = Job { colours: Colours::Spot, parts, imposition: None, copies: None };
        let pressed = built(app, typeset.press(&job))?;
        for made in pressed.files {
            archive.start_file(format!("{name}{}.pdf", made.suffix), stored).map_err(unwritten)?;
            archive.write_all(&made.bytes).map_err(|_| Failure::new("studio-unreadable"))?;
        }
    }
    Ok(archive.finish().map_err(unwritten)?.into_inner())
}
