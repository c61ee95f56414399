//! One open issue: its text, who looks at it, and what it looks like. A thread of its own.
//!
//! What clients ask for comes through a channel. All of it that waits is taken up before the
//! issue is set again, so that the newest text wins and none is set that is already past.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use serde::Deserialize;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc::UnboundedSender;

use super::App;
use super::words::{self, Failure};
use crate::diag::{Checked, Diagnostic, SourceFile};
use crate::fix;
use crate::form::{self, Op};
use crate::places;
use crate::project::IssuePath;
use crate::screen::Screen;

/// How many texts are remembered, for edits that were made on an older one.
const REMEMBERED: usize = 200;
/// How many messages may wait for a client before it gets no more pages.
const WAITING: usize = 3;

/// What a client of a desk asks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub enum Request {
    /// The whole text.
    Edit {
        /// Counts the client's messages.
        seq: u64,
        /// The revision that it edited.
        #[serde(default)]
        base: u64,
        /// The text that it edited, where it is of another run of the program.
        base_text: Option<String>,
        /// The text.
        text: String,
    },
    /// Operations of the form.
    Apply {
        /// Counts the client's messages.
        seq: u64,
        /// The revision that it edited.
        base: u64,
        /// The operations.
        ops: Vec<Op>,
    },
    /// The fix of a finding.
    Fix {
        /// Counts the client's messages.
        seq: u64,
        /// Its place among the findings.
        finding: usize,
    },
    /// To disk.
    Save {
        /// Counts the client's messages.
        seq: u64,
    },
    /// What becomes of a conflict.
    Resolve {
        /// Counts the client's messages.
        seq: u64,
        /// Whose text is kept.
        choice: Choice,
        /// The text, where a person made one of both.
        text: Option<String>,
    },
}

/// Whose text is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// That of who answers.
    Mine,
    /// The other.
    Theirs,
    /// One made of both.
    Merged,
}

/// What comes to a desk.
pub enum Ask {
    /// Somebody opens the issue.
    Join(Client),
    /// Somebody closes it.
    Leave(u64),
    /// Somebody asks for something.
    Request(u64, Request),
    /// A client has read what waited for it.
    Drained(u64),
    /// The file may have changed.
    Look,
    /// What the issue shares with others has changed.
    Renewed,
    /// The live text is wanted.
    Text(tokio::sync::oneshot::Sender<Arc<SourceFile>>),
    /// The program ends.
    Close,
}

/// Who looks at an issue.
pub struct Client {
    /// Tells it from the others.
    pub id: u64,
    /// Takes what is said to it.
    pub out: UnboundedSender<String>,
    /// How much of that it has not read yet.
    pub waiting: Arc<AtomicUsize>,
    /// Whether it may change anything.
    pub may_write: bool,
}

/// A client, and what it knows.
struct Guest {
    client: Client,
    seq: Option<u64>,
    /// The text that it sent last, and the revision that this was taken into.
    sent: (u64, Arc<str>),
    /// The text that it has, by all that was said.
    has: Arc<str>,
    glyphs: usize,
    keys: Vec<String>,
    shown: u64,
    /// Its text, where that collides with another's.
    aside: Option<Arc<str>>,
    text_due: bool,
}

/// Another text of the file, to which ours does not go.
struct Conflict {
    theirs: Arc<str>,
    merged: Arc<str>,
}

struct Desk {
    app: Arc<App>,
    at: IssuePath,
    name: String,
    guests: BTreeMap<u64, Guest>,
    rev: u64,
    text: Arc<str>,
    past: VecDeque<(u64, Arc<str>)>,
    /// The file as it was last read or written.
    disk: Arc<str>,
    has_mark: bool,
    conflict: Option<Conflict>,
    recovered: bool,
    screen: Screen,
    /// The revision that the sheets are of.
    pages: u64,
    /// How often there were new ones.
    shows: u64,
    found: Vec<Diagnostic>,
    findings: Json,
    places: String,
    stale: bool,
    /// Whether it is being set: what belongs to the pages follows.
    setting: bool,
}

/// Starts the desk of an issue, unless its file cannot be read as text.
pub fn open(app: &Arc<App>, at: IssuePath) -> Result<Sender<Ask>, Failure> {
    let (ask, asked) = channel();
    let (text, has_mark) = read(&at)?;
    let mut desk = Desk {
        app: app.clone(),
        name: app.project().shown(&at.path),
        at,
        guests: BTreeMap::new(),
        rev: 1,
        past: VecDeque::new(),
        disk: text.clone(),
        text,
        has_mark,
        conflict: None,
        recovered: false,
        screen: Screen::default(),
        pages: 0,
        shows: 0,
        found: Vec::new(),
        findings: json!([]),
        places: String::new(),
        stale: true,
        setting: false,
    };
    desk.recover();
    desk.remember();
    std::thread::Builder::new()
        .name("jianbao-desk".into())
        .spawn(move || desk.run(&asked))
        .map_err(|error| Failure::new("studio-thread").detail(error))?;
    Ok(ask)
}

fn read(at: &IssuePath) -> Result<(Arc<str>, bool), Failure> {
    let unreadable = |error: std::io::Error| Failure::new("studio-unreadable").detail(error);
    let metadata = std::fs::metadata(&at.path).map_err(unreadable)?;
    if !metadata.is_file() || metadata.len() > crate::limits::FILE_BYTES {
        return Err(Failure::new("studio-too-large"));
    }
    let bytes = std::fs::read(&at.path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::new("studio-encoding"))?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(text) => (text.into(), true),
        None => (text.into(), false),
    })
}

impl Desk {
    fn run(mut self, asked: &Receiver<Ask>) {
        loop {
            let Ok(first) = asked.recv() else { return };
            let mut next = Some(first);
            while let Some(ask) = next {
                match ask {
                    Ask::Close => return self.keep(),
                    Ask::Leave(id) => {
                        self.guests.remove(&id);
                    }
                    ask => self.take(ask),
                }
                next = asked.try_recv().ok();
            }
            if self.guests.is_empty() && !self.app.is_watched(&self.at) {
                let emptied = self.app.close_desk(&self.at, || asked.try_recv().ok());
                match emptied {
                    None => return self.keep(),
                    Some(Ask::Close) => return self.keep(),
                    Some(ask) => self.take(ask),
                }
            }
            if std::mem::take(&mut self.stale) {
                self.set();
            }
        }
    }

    fn take(&mut self, ask: Ask) {
        match ask {
            Ask::Join(client) => self.join(client),
            Ask::Request(id, request) => self.request(id, request),
            Ask::Drained(id) => self.show_to(id),
            Ask::Look => self.look(),
            Ask::Renewed => self.stale = true,
            Ask::Text(answer) => {
                // Who asked may have gone.
                answer.send(self.file()).ok();
            }
            Ask::Leave(id) => drop(self.guests.remove(&id)),
            Ask::Close => {}
        }
    }

    fn file(&self) -> Arc<SourceFile> {
        Arc::new(SourceFile { name: self.name.clone(), text: self.text.to_string() })
    }

    fn remember(&mut self) {
        self.past.push_back((self.rev, self.text.clone()));
        if self.past.len() > REMEMBERED {
            self.past.pop_front();
        }
    }

    fn is_saved(&self) -> bool {
        self.text == self.disk && self.conflict.is_none()
    }

    fn join(&mut self, client: Client) {
        let id = client.id;
        let guest = Guest {
            client,
            seq: None,
            sent: (0, self.text.clone()),
            has: self.text.clone(),
            glyphs: 0,
            keys: Vec::new(),
            shown: 0,
            aside: None,
            text_due: true,
        };
        self.guests.insert(id, guest);
        self.tell_state();
        if let Some(guest) = self.guests.get(&id)
            && let Some(conflict) = &self.conflict
        {
            guest.say(&conflict.message("disk"));
        }
        self.show_to(id);
        if let Some(guest) = self.guests.get(&id)
            && !self.stale
        {
            guest.say(&self.findings_message());
        }
    }

    fn request(&mut self, id: u64, request: Request) {
        let Some(guest) = self.guests.get(&id) else { return };
        if !guest.client.may_write {
            return;
        }
        let (seq, done) = match request {
            Request::Edit { seq, base, base_text, text } => {
                if text.len() as u64 > crate::limits::FILE_BYTES {
                    (seq, Err(Failure::new("studio-too-large")))
                } else {
                    let base = match base_text {
                        Some(text) => text.into(),
                        None => self.base(id, base),
                    };
                    (seq, self.take_in(id, seq, &base, text.into(), true))
                }
            }
            Request::Apply { seq, base, ops } => {
                let base = self.base(id, base);
                let text = form::apply(&base, &ops);
                let done = text
                    .map_err(|error| Failure::new("studio-op").detail(error))
                    .and_then(|text| self.take_in(id, seq, &base, text.into(), false));
                (seq, done)
            }
            Request::Fix { seq, finding, .. } => (seq, self.fix(id, seq, finding)),
            Request::Save { seq } => (seq, self.save(Some(id), seq)),
            Request::Resolve { seq, choice, text } => (seq, self.resolve(id, seq, choice, text)),
        };
        if let Err(failure) = done {
            let message = failure.message(&self.app.catalogue, Some(seq));
            if let Some(guest) = self.guests.get_mut(&id) {
                // What it has shown of its own is not what there is.
                guest.seq = Some(seq);
                guest.text_due = true;
                guest.sent = (0, self.text.clone());
                guest.say(&message);
            }
            self.tell_state();
        }
    }

    /// The text that a client's change was made on: the last it sent, unless it has seen what
    /// became of that, or something later.
    fn base(&self, id: u64, base: u64) -> Arc<str> {
        let sent = self.guests.get(&id).map(|guest| &guest.sent);
        match sent {
            Some((rev, text)) if *rev > base => text.clone(),
            _ => {
                let past = self.past.iter().find(|(rev, _)| *rev == base);
                past.map_or_else(|| self.text.clone(), |(_, text)| text.clone())
            }
        }
    }

    /// Takes a client's text into ours. `has_it`: whether the client has the very text.
    fn take_in(
        &mut self,
        id: u64,
        seq: u64,
        base: &Arc<str>,
        text: Arc<str>,
        has_it: bool,
    ) -> Result<(), Failure> {
        let merged = if *base == self.text || text == self.text {
            Ok(text.clone())
        } else if *base == text {
            Ok(self.text.clone())
        } else {
            diffy::merge(base, &text, &self.text).map(Arc::from).map_err(Arc::<str>::from)
        };
        let Some(guest) = self.guests.get_mut(&id) else { return Ok(()) };
        guest.seq = Some(seq);
        match merged {
            Ok(merged) => {
                guest.text_due |= !has_it || merged != text;
                guest.has = text.clone();
                self.change(merged);
                let rev = self.rev;
                if let Some(guest) = self.guests.get_mut(&id) {
                    guest.sent = (rev, text);
                }
            }
            Err(marked) => {
                guest.aside = Some(text);
                let conflict = Conflict { theirs: self.text.clone(), merged: marked };
                guest.say(&conflict.message("tab"));
            }
        }
        Ok(())
    }

    /// Another text.
    fn change(&mut self, text: Arc<str>) {
        if text != self.text {
            self.rev += 1;
            for guest in self.guests.values_mut() {
                // Whoever did not send this text gets it.
                guest.text_due |= guest.has != text;
            }
            self.text = text;
            self.remember();
            self.stale = true;
        }
        self.tell_state();
        self.keep();
    }

    fn fix(&mut self, id: u64, seq: u64, finding: usize) -> Result<(), Failure> {
        let gone = || Failure::new("studio-fix-gone");
        let found = self.found.get(finding).ok_or_else(gone)?;
        let file = found.span.as_ref().map(|span| span.file.clone()).ok_or_else(gone)?;
        let (text, _) = fix::apply(&file, std::slice::from_ref(found)).ok_or_else(gone)?;
        let base = file.text.as_str().into();
        self.take_in(id, seq, &base, text.into(), false)
    }

    /// Writes the text to its file, unless that has become another one meanwhile.
    fn save(&mut self, id: Option<u64>, seq: u64) -> Result<(), Failure> {
        self.look();
        if self.conflict.is_some() {
            return Err(Failure::new("studio-conflict"));
        }
        if self.text != self.disk {
            let mark: &[u8] = if self.has_mark { "\u{feff}".as_bytes() } else { b"" };
            // What a link names is written, not the link.
            let path = self.at.path.canonicalize().unwrap_or_else(|_| self.at.path.clone());
            let history = self.app.history(&self.at);
            history.begin(&self.disk);
            crate::export::write(&path, &[mark, self.text.as_bytes()].concat())?;
            history.keep(&self.text);
            self.disk = self.text.clone();
        }
        if let Some(guest) = id.and_then(|id| self.guests.get_mut(&id)) {
            guest.seq = Some(seq);
        }
        self.tell_state();
        self.keep();
        Ok(())
    }

    /// Looks at the file; what has changed there is taken in, or asked about.
    fn look(&mut self) {
        let Ok((theirs, has_mark)) = read(&self.at) else { return };
        // Who writes a file in place empties it first, and is not done.
        let emptied = theirs.is_empty() && !self.disk.is_empty();
        if emptied
            || theirs == self.disk
            || self.conflict.as_ref().is_some_and(|c| c.theirs == theirs)
        {
            return;
        }
        self.has_mark = has_mark;
        let merged = match &self.text {
            text if *text == self.disk || *text == theirs => Ok(theirs.clone()),
            text => diffy::merge(&self.disk, text, &theirs).map(Arc::from).map_err(Arc::from),
        };
        match merged {
            Ok(merged) => {
                self.disk = theirs.clone();
                self.conflict = None;
                let message = json!({
                    "t": "disk", "from": "disk", "theirs": &*theirs, "merged": &*merged, "clean": true,
                });
                self.change(merged);
                self.guests.values().for_each(|guest| guest.say(&message.to_string()));
            }
            Err(merged) => {
                let conflict = Conflict { theirs, merged };
                let message = conflict.message("disk");
                self.guests.values().for_each(|guest| guest.say(&message));
                self.conflict = Some(conflict);
                self.tell_state();
            }
        }
    }

    fn resolve(
        &mut self,
        id: u64,
        seq: u64,
        choice: Choice,
        text: Option<String>,
    ) -> Result<(), Failure> {
        let Some(guest) = self.guests.get_mut(&id) else { return Ok(()) };
        guest.seq = Some(seq);
        let aside = guest.aside.take();
        let chosen = if let Some(mine) = aside {
            match choice {
                Choice::Mine => mine,
                Choice::Theirs => self.text.clone(),
                Choice::Merged => text.map_or(mine, Arc::from),
            }
        } else if let Some(conflict) = self.conflict.take() {
            // What is not taken is kept in the history.
            self.app.history(&self.at).begin(&conflict.theirs);
            self.disk = conflict.theirs.clone();
            match choice {
                Choice::Mine => self.text.clone(),
                Choice::Theirs => conflict.theirs,
                Choice::Merged => text.map_or(conflict.merged, Arc::from),
            }
        } else {
            return Ok(());
        };
        guest.text_due = true;
        self.change(chosen);
        Ok(())
    }

    /// Keeps what is not saved where a crash does not reach it.
    fn keep(&self) {
        let unsaved = self.app.unsaved(&self.at);
        if self.is_saved() {
            unsaved.forget();
        } else {
            unsaved.keep(&self.disk, &self.text);
        }
    }

    /// Takes up what a run that crashed left unsaved.
    fn recover(&mut self) {
        let Some((base, text)) = self.app.unsaved(&self.at).read() else { return };
        if *text == *self.disk {
            return;
        }
        self.recovered = true;
        if *base == *self.disk {
            self.text = text.into();
            return;
        }
        match diffy::merge(&base, &text, &self.disk) {
            Ok(merged) => self.text = merged.into(),
            Err(merged) => {
                let theirs = self.disk.clone();
                self.conflict = Some(Conflict { theirs, merged: merged.into() });
                self.text = text.into();
                self.disk = base.into();
            }
        }
    }

    fn tell_state(&mut self) {
        let value = form::value(&self.text);
        let saved = self.is_saved();
        let recovered = self.recovered;
        let mut told = false;
        for guest in self.guests.values_mut() {
            let mut state = json!({
                "t": "state",
                "seq": guest.seq,
                "rev": self.rev,
                "ok": value.is_some(),
                "value": value,
                "saved": saved,
            });
            if std::mem::take(&mut guest.text_due) {
                state["text"] = (*self.text).into();
                guest.has = self.text.clone();
            }
            if recovered {
                state["recovered"] = true.into();
            }
            told = true;
            guest.say(&state.to_string());
        }
        self.recovered &= !told;
    }

    /// Sets the text and shows what came of it.
    fn set(&mut self) {
        let file = self.file();
        let session = self.app.session();
        let (at, mut seen) = (self.at.clone(), false);
        self.setting = true;
        let checked = catch_unwind(AssertUnwindSafe(|| {
            session.preview(&at, &file, |document| {
                seen = true;
                self.screen.show(document);
                self.pages = self.rev;
                self.shows += 1;
                let ids: Vec<u64> = self.guests.keys().copied().collect();
                ids.into_iter().for_each(|id| self.show_to(id));
                let standing = session.with_publication(&at.publication, |p| p.raw.clone()).value;
                let places = places::places(document, &file, standing.as_ref());
                self.places =
                    json!({ "t": "places", "rev": self.rev, "places": places }).to_string();
            })
        }));
        let checked = checked.unwrap_or_else(|panic| {
            let detail = crate::workers::panic_text(panic.as_ref());
            let span = crate::diag::Span::new(&file, 0..0);
            let found = Diagnostic::error(crate::diag::Code::EnginePanic, span);
            Checked::failed(vec![found.arg("detail", detail)])
        });
        self.found = checked.diagnostics;
        self.findings = words::findings(&self.found, &file, &self.app.catalogue);
        let message = self.findings_message();
        self.guests.values().for_each(|guest| guest.say(&message));
        if seen {
            self.guests.values().for_each(|guest| guest.say(&self.places));
        }
        self.setting = false;
        self.app.was_set(&self.at, &self.found, seen);
    }

    fn findings_message(&self) -> String {
        let pages = self.pages == self.rev;
        let message =
            json!({ "t": "findings", "rev": self.rev, "pages": pages, "findings": self.findings });
        message.to_string()
    }

    /// Gives a client the sheets that it does not have, unless it still has some to read.
    fn show_to(&mut self, id: u64) {
        let Some(guest) = self.guests.get_mut(&id) else { return };
        let is_busy = guest.client.waiting.load(Ordering::SeqCst) > WAITING;
        if is_busy || guest.shown == self.shows {
            return;
        }
        let screen = &self.screen;
        let pages: Vec<Json> = screen
            .sheets
            .iter()
            .enumerate()
            .map(|(index, sheet)| {
                let mut page = json!({ "n": index + 1, "key": sheet.key });
                if !guest.keys.contains(&sheet.key) {
                    page["svg"] = (*sheet.svg).into();
                }
                page
            })
            .collect();
        let (w, h) = screen.size;
        let message = json!({
            "t": "pages",
            "rev": self.pages,
            "size": { "w": w, "h": h },
            "glyphs": screen.glyphs[guest.glyphs..].concat(),
            "pages": pages,
        });
        guest.glyphs = screen.glyphs.len();
        guest.keys = screen.sheets.iter().map(|sheet| sheet.key.clone()).collect();
        guest.shown = self.shows;
        guest.say(&message.to_string());
        if !self.places.is_empty() && !self.setting {
            guest.say(&self.places);
        }
    }
}

impl Guest {
    fn say(&self, message: &str) {
        self.client.waiting.fetch_add(1, Ordering::SeqCst);
        // Who has gone is taken off the list by the message that says so.
        self.client.out.send(message.into()).ok();
    }
}

impl Conflict {
    fn message(&self, from: &str) -> String {
        json!({
            "t": "disk", "from": from, "theirs": &*self.theirs, "merged": &*self.merged, "clean": false,
        })
        .to_string()
    }
}
