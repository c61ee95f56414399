//! A project and requests of browsers → pages, findings and saved issues: the server that `watch`
//! and `studio` share.
//!
//! | part | what it is |
//! | --- | --- |
//! | `connection` | connections, and how long a silent client is waited for |
//! | `gate` | checks host, origin and token of each request |
//! | `desk` | one open issue in a thread of its own: its text, its pages, its clients |
//! | `known` | names in requests → the issues and publications of the project |
//! | `live` | a browser's channel to a desk |
//! | `protocol` | every message of the channel and every body of the API |
//! | `watcher` | files that change → the desks that they concern |
//! | `history` | earlier saves and unsaved text, beside the PDFs |
//! | `api` | requests besides the text and pages of one open issue |
//!
//! Only desk threads wait for Typst; the server's own threads never do. Failures are worded in the
//! language of the program. The only times used are those of files on the disk.

mod messages;

mod api;
mod connection;
mod desk;
mod gate;
mod history;
mod known;
mod live;
mod protocol;
mod watcher;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::Sender;

use parking_lot::{Mutex, RwLock};

use axum::extract::rejection::FormRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Query, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::diag::Diagnostic;
use crate::diag::catalogue::{Catalogue, Lang};
use crate::pipeline::{Session, SessionError};
use crate::source::files;
use crate::source::limits;
use crate::source::project::{IssuePath, Project};
pub use connection::Patience;
use desk::Ask;
use gate::Gate;
use history::{History, Unsaved};
use known::Known;
use messages::{Failure, Reason};

/// The studio's front end, built from `src/serve/web`.
static STUDIO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/serve/web/dist/studio");
/// The page of `watch`, also built from `src/serve/web`.
static WATCH: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/serve/web/dist/watch");

/// The content security policy: a page loads nothing from other servers.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What is served.
pub enum Mode {
    /// The studio: all issues of a project, for writing.
    Studio,
    /// `watch`: some issues, shown read-only while another editor writes them.
    Watch(Vec<IssuePath>),
}

/// Informed of every typeset issue, for a terminal.
pub trait Observer: Send + Sync {
    /// An issue was typeset; `pages`: whether there are new pages.
    fn was_set(&self, issue: &IssuePath, found: &[Diagnostic], pages: bool);
}

/// What a server begins with.
pub struct Options {
    /// What is served.
    pub mode: Mode,
    /// The address. Port 0 means any free port: the port of the last run if possible.
    pub address: SocketAddr,
    /// The password that clients of an office network must give.
    pub password: Option<String>,
    /// The language of the program.
    pub lang: Lang,
    /// How long silent clients are waited for.
    pub patience: Patience,
}

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address cannot be used: another program has it, or this machine does not.
    #[error("{0}: {1}")]
    Address(SocketAddr, std::io::Error),
    /// The system gives no token or no thread.
    #[error("{0}")]
    System(String),
}

/// State shared by all parts of a server.
pub struct App {
    /// The message catalogue.
    catalogue: Catalogue,
    lang: Lang,
    mode: Mode,
    gate: Gate,
    session: RwLock<Arc<Session>>,
    desks: Mutex<BTreeMap<String, Sender<Ask>>>,
    observer: Box<dyn Observer>,
    clients: AtomicU64,
    /// Serialises imports and new issues, so that two of them cannot take the same free name.
    making: Mutex<()>,
    patience: Patience,
    /// Turns for requests that take long. A request whose client has left gives up its turn.
    turns: Arc<Semaphore>,
}

/// A server that listens.
pub struct Server {
    app: Arc<App>,
    listener: std::net::TcpListener,
}

/// The token and the port, kept from run to run so that a page left open works after a restart.
#[derive(Debug, Default, serde::Serialize, Deserialize)]
#[serde(default)]
struct Seat {
    token: String,
    port: u16,
}

impl Server {
    /// Begins to listen.
    pub fn open(
        session: Session,
        options: Options,
        observer: Box<dyn Observer>,
    ) -> Result<Self, ServeError> {
        let Options { mode, address, password, lang, patience } = options;
        let name = match mode {
            Mode::Studio => "studio.json",
            Mode::Watch(_) => "watch.json",
        };
        let path = folder(&session.project).join(name);
        let root = &session.project.root;
        let seat = files::read_in(root, &path, limits::STUDIO_BYTES).ok();
        let seat = seat.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let mut seat: Seat = seat.unwrap_or_default();
        let bind = std::net::TcpListener::bind;
        let listener = match address.port() {
            0 => bind(SocketAddr::new(address.ip(), seat.port)).or_else(|_| bind(address)),
            _ => bind(address),
        };
        let ready = listener.and_then(|listener| {
            listener.set_nonblocking(true)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        });
        let (listener, address) = ready.map_err(|error| ServeError::Address(address, error))?;
        if seat.token.len() != 64 {
            seat.token = gate::token().map_err(|error| ServeError::System(error.to_string()))?;
        }
        seat.port = address.port();
        let token = gate::token_for(&seat.token, password.as_deref());
        // Where the file cannot be written, the next run has another token.
        let kept = serde_json::to_vec(&seat).unwrap_or_default();
        files::write_private_in(root, &path, &kept).ok();
        let app = Arc::new(App {
            catalogue: Catalogue::new(lang),
            lang,
            mode,
            gate: Gate::new(address, token, password),
            session: RwLock::new(Arc::new(session)),
            desks: Mutex::default(),
            observer,
            clients: AtomicU64::new(0),
            making: Mutex::default(),
            patience,
            turns: Arc::new(Semaphore::new(limits::REQUESTS)),
        });
        Ok(Server { app, listener })
    }

    /// The address to open, with the token.
    pub fn url(&self) -> String {
        self.app.gate.url()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.app.gate.address
    }

    /// Serves until `stop` ends, within a runtime of tokio.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        let app = self.app.clone();
        let _watching = watcher::watch(&app);
        if let Mode::Watch(issues) = &app.mode
            && let [only] = issues.as_slice()
            && let Ok(only) = app.issue(&only.name())
        {
            // Open the only issue's desk now, so that the issue is typeset before a client comes.
            app.desk(&only, |_| None).ok();
        }
        let stopping = app.clone();
        let stop = async move {
            stop.await;
            stopping.close();
        };
        let patience = app.patience;
        tokio::select! {
            () = connection::serve(listener, router(app), patience) => {}
            () = stop => {}
        }
        Ok(())
    }
}

/// The folder of the studio's own files, beside the PDFs.
fn folder(project: &Project) -> PathBuf {
    project.root.join("out").join(".jianbao")
}

impl App {
    fn session(&self) -> Arc<Session> {
        self.session.read().clone()
    }

    fn project(&self) -> Project {
        self.session().project.clone()
    }

    /// Layouts, publications and issues are read again.
    fn renew(&self) -> Result<(), SessionError> {
        let renewed = Arc::new(self.session().renewed()?);
        *self.session.write() = renewed;
        Ok(())
    }

    fn history(&self, at: &Known<IssuePath>) -> History {
        let project = self.project();
        let folder = folder(&project).join("history").join(&at.publication).join(&at.stem);
        History::new(project.root, folder)
    }

    fn unsaved(&self, at: &Known<IssuePath>) -> Unsaved {
        let project = self.project();
        let folder = folder(&project).join("unsaved").join(&at.publication);
        Unsaved::new(project.root, folder.join(format!("{}.json", at.stem)))
    }

    /// Whether an issue is typeset at each change even without a client.
    fn is_watched(&self, at: &IssuePath) -> bool {
        matches!(&self.mode, Mode::Watch(issues) if issues.contains(at))
    }

    /// The desk of an issue, opened if need be, with a first message for it.
    fn desk(
        self: &Arc<Self>,
        at: &Known<IssuePath>,
        first: impl FnOnce(&Sender<Ask>) -> Option<Ask>,
    ) -> Result<Sender<Ask>, Failure> {
        let mut desks = self.desks.lock();
        let known = desks.get(&at.name()).cloned();
        // A desk whose thread has ended cannot receive: open a new one.
        let desk = match known.filter(|desk| desk.send(Ask::Look).is_ok()) {
            Some(desk) => desk,
            None => {
                let desk = desk::open(self, at.clone())?;
                // The desk typesets the issue when the first message arrives.
                desk.send(Ask::Look).ok();
                desks.insert(at.name(), desk.clone());
                desk
            }
        };
        if let Some(first) = first(&desk) {
            desk.send(first).ok();
        }
        Ok(desk)
    }

    /// Takes a desk off the list, unless a message for it has arrived meanwhile.
    fn close_desk(&self, at: &IssuePath, late: impl FnOnce() -> Option<Ask>) -> Option<Ask> {
        let mut desks = self.desks.lock();
        let late = late();
        if late.is_none() {
            desks.remove(&at.name());
        }
        late
    }

    fn close(&self) {
        let desks = self.desks.lock();
        desks.values().for_each(|desk| drop(desk.send(Ask::Close)));
    }

    fn was_set(&self, at: &IssuePath, found: &[Diagnostic], pages: bool) {
        self.observer.was_set(at, found, pages);
    }
}

fn router(app: Arc<App>) -> Router {
    let api = api::routes(&app.mode).route("/live", get(live::live));
    let with_token = middleware::from_fn_with_state(app.clone(), token);
    let at_gate = middleware::from_fn_with_state(app.clone(), gate);
    Router::new()
        .nest("/api", api.fallback(unknown).layer(with_token))
        .route("/", get(home))
        .route("/login", post(login).layer(DefaultBodyLimit::max(4096)))
        .fallback(file)
        .layer(DefaultBodyLimit::max(2 << 20))
        .layer(at_gate)
        .with_state(app)
}

/// Checks host and origin of every request, and adds the security headers to every answer.
async fn gate(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let mut response = if !app.gate.knows_host(headers) {
        Failure::new(Reason::Host).status(StatusCode::MISDIRECTED_REQUEST).response(&app.catalogue)
    } else if !app.gate.knows_origin(headers) && !is_link(&request) {
        Failure::new(Reason::Origin).status(StatusCode::FORBIDDEN).response(&app.catalogue)
    } else {
        next.run(request).await
    };
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        let name = HeaderName::from_static(name);
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether a request is a GET of a page, as a link on another site causes. Browsers do not send
/// our `SameSite=Strict` cookie then, so the answer shows nothing private.
fn is_link(request: &Request) -> bool {
    let to_page = !request.uri().path().starts_with("/api/");
    to_page && request.method() == axum::http::Method::GET
}

async fn token(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if app.gate.has_token(request.headers()) {
        return next.run(request).await;
    }
    Failure::new(Reason::Token).status(StatusCode::UNAUTHORIZED).response(&app.catalogue)
}

async fn unknown(State(app): State<Arc<App>>, uri: Uri) -> Response {
    let failure = Failure::new(Reason::Unknown).detail(uri.path());
    failure.status(StatusCode::NOT_FOUND).response(&app.catalogue)
}

#[derive(Deserialize)]
struct Home {
    token: Option<String>,
}

/// The page. An address with the token sets the cookie and redirects to the address without it.
async fn home(
    State(app): State<Arc<App>>,
    Query(query): Query<Home>,
    request: Request,
) -> Response {
    match query.token {
        Some(token) if app.gate.password.is_none() && app.gate.is_token(&token) => {
            ([(header::SET_COOKIE, app.gate.set_cookie())], Redirect::to("/")).into_response()
        }
        None if app.gate.has_token(request.headers()) => serve_file(&app, "index.html"),
        _ if app.gate.password.is_some() => login_page(&app, StatusCode::OK, ""),
        _ => no_token_page(&app),
    }
}

/// A page that works without the studio's files.
fn page(status: StatusCode, title: &str, content: &str) -> Response {
    let html = include_str!("page.html").replace("{title}", title);
    let html = html.replace("{content}", content.trim_end());
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

/// The answer to a request without the token: where to find the whole address.
fn no_token_page(app: &App) -> Response {
    let title = app.catalogue.text("studio-token", &[]);
    let hint = app.catalogue.hint("studio-token", &[]).unwrap_or_default();
    page(StatusCode::UNAUTHORIZED, &title, &format!("<p>{hint}</p>"))
}

fn login_page(app: &App, status: StatusCode, wrong: &str) -> Response {
    let word = |id: &str| app.catalogue.text(id, &[]);
    let wrong =
        if wrong.is_empty() { String::new() } else { format!("<p role=\"alert\">{wrong}</p>") };
    let content = include_str!("login.html")
        .replace("{label}", &word("studio-password"))
        .replace("{enter}", &word("studio-enter"))
        .replace("{wrong}", &wrong);
    page(status, &word("studio-login"), &content)
}

#[derive(Deserialize)]
struct Login {
    password: String,
}

async fn login(
    State(app): State<Arc<App>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    form: Result<Form<Login>, FormRejection>,
) -> Response {
    let right = match form {
        Ok(Form(Login { password })) => app.gate.is_password(from.ip(), &password).await,
        Err(_) => false,
    };
    if !right {
        let wrong = app.catalogue.text("studio-password-wrong", &[]);
        return login_page(&app, StatusCode::UNAUTHORIZED, &wrong);
    }
    ([(header::SET_COOKIE, app.gate.set_cookie())], Redirect::to("/")).into_response()
}

async fn file(State(app): State<Arc<App>>, uri: Uri) -> Response {
    serve_file(&app, uri.path().trim_start_matches('/'))
}

fn serve_file(app: &App, path: &str) -> Response {
    let files = match app.mode {
        Mode::Studio => &STUDIO,
        Mode::Watch(_) => &WATCH,
    };
    let Some(file) = files.get_file(path) else {
        let failure = Failure::new(Reason::Unknown).detail(path);
        return failure.status(StatusCode::NOT_FOUND).response(&app.catalogue);
    };
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("json" | "map") => "application/json",
        _ => "text/plain; charset=utf-8",
    };
    ([(header::CONTENT_TYPE, kind)], file.contents()).into_response()
}
