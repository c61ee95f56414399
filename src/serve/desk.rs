//! One open issue: its text, who looks at it, and what it looks like. A thread of its own.
//!
//! What clients ask for comes through a channel. All of it that waits is taken up before the
//! issue is set again, so that the newest text wins and none is set that is already past.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use diffy::{ConflictStyle, MergeOptions};
use serde_json::Value as Json;
use tokio::sync::mpsc::UnboundedSender;

use super::protocol::{
    Choice, Findings, Merge, Message, Origin, Page, PageSize, Pages, Places, Request, State,
};
use super::words::{self, Failure, Reason};
use super::{App, Mode};
use crate::catalogue::Lang;
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
/// The length of marks between two texts that no line of an issue begins with.
const MARKS: usize = 120;

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
    /// The language that it is told things in.
    pub lang: Lang,
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
    /// What it was asked and has not answered yet.
    asked: Option<Question>,
    text_due: bool,
}

/// Two texts that meet in the same place, as they were when somebody was asked which is to stand:
/// whatever comes while the question is open is merged with the answer.
struct Question {
    from: Origin,
    /// The text that both were made of.
    base: Arc<str>,
    mine: Arc<str>,
    theirs: Arc<str>,
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
    dress: Dress,
    /// Another text of the file, to which ours does not go; empty where the file is gone.
    conflict: Option<Arc<str>>,
    recovered: bool,
    screen: Screen,
    /// The revision that the sheets are of.
    pages: u64,
    /// How often there were new ones.
    shows: u64,
    found: Vec<Diagnostic>,
    /// The text that was set, and its revision.
    found_in: Arc<SourceFile>,
    found_rev: u64,
    places: String,
    stale: bool,
    /// Whether it is being set: what belongs to the pages follows.
    setting: bool,
}

/// Starts the desk of an issue, unless its file cannot be read as text.
pub fn open(app: &Arc<App>, at: IssuePath) -> Result<Sender<Ask>, Failure> {
    let (ask, asked) = channel();
    let gone = Failure::new(Reason::IssueUnknown).detail(at.name());
    let (text, dress) = read(&at)?.ok_or(gone)?;
    let mut desk = Desk {
        app: app.clone(),
        name: app.project().shown(&at.path),
        at,
        guests: BTreeMap::new(),
        rev: 1,
        past: VecDeque::new(),
        disk: text.clone(),
        text,
        dress,
        conflict: None,
        recovered: false,
        screen: Screen::default(),
        pages: 0,
        shows: 0,
        found: Vec::new(),
        found_in: Arc::new(SourceFile { name: String::new(), text: String::new() }),
        found_rev: 0,
        places: String::new(),
        stale: true,
        setting: false,
    };
    desk.recover();
    desk.remember();
    std::thread::Builder::new()
        .name("jianbao-desk".into())
        .spawn(move || desk.run(&asked))
        .map_err(|error| Failure::new(Reason::Thread).detail(error))?;
    Ok(ask)
}

/// How a file writes its text, which is kept when it is written again.
#[derive(Debug, Clone, Copy, Default)]
struct Dress {
    /// It begins with a byte order mark.
    mark: bool,
    /// Its lines end as those of Windows.
    crlf: bool,
}

impl Dress {
    fn bytes(self, text: &str) -> Vec<u8> {
        let mark = if self.mark { "\u{feff}" } else { "" };
        match self.crlf {
            true => [mark, &text.replace('\n', "\r\n")].concat(),
            false => [mark, text].concat(),
        }
        .into_bytes()
    }
}

/// Browsers know one end of a line: a text with another would come back as another text.
fn plain(text: &str) -> Arc<str> {
    if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { text.into() }
}

/// The text of a file, unless there is no file.
fn read(at: &IssuePath) -> Result<Option<(Arc<str>, Dress)>, Failure> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(None),
        _ => Err(Failure::new(Reason::Unreadable).detail(error)),
    };
    let metadata = match std::fs::metadata(&at.path) {
        Ok(metadata) => metadata,
        Err(error) => return unreadable(error),
    };
    if !metadata.is_file() || metadata.len() > crate::limits::FILE_BYTES {
        return Err(Failure::new(Reason::TooLarge));
    }
    let bytes = match std::fs::read(&at.path) {
        Ok(bytes) => bytes,
        Err(error) => return unreadable(error),
    };
    let text = String::from_utf8(bytes).map_err(|_| Failure::new(Reason::Encoding))?;
    let (mark, text) = match text.strip_prefix('\u{feff}') {
        Some(text) => (true, text),
        None => (false, text.as_str()),
    };
    // Of a file with both ends of lines, which editors do not show either, most lines decide.
    let crlf = 2 * text.matches("\r\n").count() > text.matches('\n').count();
    Ok(Some((plain(text), Dress { mark, crlf })))
}

impl Desk {
    fn run(mut self, asked: &Receiver<Ask>) {
        loop {
            let Ok(first) = asked.recv() else { return };
            let mut next = Some(first);
            while let Some(ask) = next {
                match ask {
                    Ask::Close => return self.keep(),
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
            // What cannot be read now is read at its next change, or before it is written.
            Ask::Look => drop(self.look(false)),
            Ask::Renewed => self.stale = true,
            Ask::Text(answer) => {
                // Who asked may have gone.
                answer.send(self.file()).ok();
            }
            Ask::Leave(id) => self.leave(id),
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
            asked: None,
            text_due: true,
        };
        self.guests.insert(id, guest);
        self.tell_state();
        self.ask(id);
        self.show_to(id);
        if let Some(guest) = self.guests.get(&id)
            && !self.stale
        {
            guest.say(&self.findings_message(guest.client.lang));
        }
    }

    /// Somebody has gone. The last one's text is not left for the next to find.
    fn leave(&mut self, id: u64) {
        let Some(guest) = self.guests.remove(&id) else { return };
        if let Some(Question { from: Origin::Tab, mine, .. }) = guest.asked {
            self.app.history(&self.at).begin(&mine);
        }
        if self.guests.is_empty() && !self.is_watch() && self.text != self.disk {
            // What cannot be saved is kept beside the file.
            self.save(None, 0).ok();
            self.keep();
        }
    }

    /// Asks a client about the file's other text, unless it has another question to answer.
    fn ask(&mut self, id: u64) {
        let Some(theirs) = &self.conflict else { return };
        let question = Question {
            from: Origin::Disk,
            base: self.disk.clone(),
            mine: self.text.clone(),
            theirs: theirs.clone(),
        };
        if let Some(guest) = self.guests.get_mut(&id).filter(|guest| guest.asked.is_none()) {
            guest.ask(question);
        }
    }

    /// The question about the file has its answer, whoever gave it.
    fn settle(&mut self) {
        self.conflict = None;
        let is_about_file = |question: &mut Question| question.from == Origin::Disk;
        self.guests.values_mut().for_each(|guest| drop(guest.asked.take_if(is_about_file)));
    }

    fn is_watch(&self) -> bool {
        matches!(self.app.mode, Mode::Watch(_))
    }

    fn request(&mut self, id: u64, request: Request) {
        let Some(guest) = self.guests.get(&id) else { return };
        if !guest.client.may_write {
            return;
        }
        let is_save = matches!(request, Request::Save { .. });
        let (seq, done) = match request {
            Request::Edit { seq, base, base_text, text } => {
                if text.len() as u64 > crate::limits::FILE_BYTES {
                    (seq, Err(Failure::new(Reason::TooLarge)))
                } else {
                    // Of a base that nobody knows nothing is left: all of the text is asked about.
                    let base = base_text.map(|text| plain(&text)).or_else(|| self.base(id, base));
                    let base = base.unwrap_or_default();
                    (seq, self.take_in(id, seq, &base, plain(&text), true))
                }
            }
            Request::Apply { seq, base, ops, was } => (seq, self.apply(id, seq, base, &ops, &was)),
            Request::Fix { seq, base, finding } => (seq, self.fix(id, seq, base, finding)),
            Request::Save { seq } => (seq, self.save(Some(id), seq)),
            Request::Resolve { seq, choice, text } => (seq, self.resolve(id, seq, choice, text)),
        };
        if let Err(failure) = done {
            if let Some(guest) = self.guests.get_mut(&id) {
                guest.seq = Some(seq);
                if !is_save {
                    // What it has shown of its own is not what there is.
                    guest.text_due = true;
                    guest.sent = (0, self.text.clone());
                }
                guest.say(&failure.message(words::catalogue(guest.client.lang), Some(seq)));
            }
            self.tell_state();
        }
    }

    fn apply(
        &mut self,
        id: u64,
        seq: u64,
        base: u64,
        ops: &[Op],
        was: &[(usize, Json)],
    ) -> Result<(), Failure> {
        let base = self.base(id, base).ok_or(Failure::new(Reason::Base))?;
        let refused = |error| Failure::new(Reason::Op).detail(error);
        // A value that has become another meanwhile is put back into what the change is merged
        // with, so that the two meet there and are asked about.
        let before: Vec<Op> = was
            .iter()
            .filter_map(|(at, value)| match ops.get(*at)? {
                Op::Set { path, .. } => Some(Op::Set { path: path.clone(), value: value.clone() }),
                _ => None,
            })
            .collect();
        let base = match before.as_slice() {
            [] => base,
            before => plain(&form::apply(&base, before).map_err(refused)?),
        };
        let text = form::apply(&base, ops).map_err(refused)?;
        self.take_in(id, seq, &base, plain(&text), false)
    }

    /// The text that a client's change was made on: the last it sent, unless it has seen what
    /// became of that, or something later; none where that is too long ago.
    fn base(&self, id: u64, base: u64) -> Option<Arc<str>> {
        let sent = self.guests.get(&id).map(|guest| &guest.sent);
        match sent {
            Some((rev, text)) if *rev > base => Some(text.clone()),
            _ => {
                let past = self.past.iter().find(|(rev, _)| *rev == base);
                past.map(|(_, text)| text.clone())
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
            diffy::merge(base, &text, &self.text).map(Arc::from)
        };
        let Some(guest) = self.guests.get_mut(&id) else { return Ok(()) };
        match merged {
            Ok(merged) => {
                guest.seq = Some(seq);
                guest.asked.take_if(|question| question.from == Origin::Tab);
                guest.text_due |= !has_it || merged != text;
                guest.has = text.clone();
                self.change(merged);
                let rev = self.rev;
                if let Some(guest) = self.guests.get_mut(&id) {
                    guest.sent = (rev, text);
                }
                // It may have been asked about the file before.
                self.ask(id);
            }
            // It is not answered before the question is.
            Err(_) => guest.ask(Question {
                from: Origin::Tab,
                base: base.clone(),
                mine: text,
                theirs: self.text.clone(),
            }),
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

    fn fix(&mut self, id: u64, seq: u64, base: Option<u64>, finding: usize) -> Result<(), Failure> {
        let gone = || Failure::new(Reason::FixGone);
        // In other findings the same place is another finding's.
        if base.is_some_and(|base| base != self.found_rev) {
            return Err(gone());
        }
        let found = self.found.get(finding).ok_or_else(gone)?;
        let file = found.span.as_ref().map(|span| span.file.clone()).ok_or_else(gone)?;
        let (text, _) = fix::apply(&file, std::slice::from_ref(found)).ok_or_else(gone)?;
        let base = file.text.as_str().into();
        self.take_in(id, seq, &base, text.into(), false)
    }

    /// Writes the text to its file, unless that has become another one meanwhile.
    fn save(&mut self, id: Option<u64>, seq: u64) -> Result<(), Failure> {
        if let Err(failure) = self.look(true) {
            let lang = id.and_then(|id| self.guests.get(&id)).map(|guest| guest.client.lang);
            let reason = failure.text(words::catalogue(lang.unwrap_or(self.app.lang)));
            return Err(Failure::new(Reason::NotSaved).detail(reason));
        }
        if self.conflict.is_some() {
            id.into_iter().for_each(|id| self.ask(id));
            return Err(Failure::new(Reason::Conflict));
        }
        if self.text != self.disk {
            // What a link names is written, not the link.
            let path = self.at.path.canonicalize().unwrap_or_else(|_| self.at.path.clone());
            let history = self.app.history(&self.at);
            history.begin(&self.disk);
            crate::export::write(&path, &self.dress.bytes(&self.text))?;
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

    /// Looks at the file; what has changed there is taken in, or asked about. `to_write`: it is
    /// about to be written, so that it also matters whether it is gone.
    fn look(&mut self, to_write: bool) -> Result<(), Failure> {
        let (theirs, dress) = read(&self.at)?.unwrap_or_else(|| (Arc::default(), self.dress));
        // Who writes a file in place empties it first, who replaces it may take it away: neither
        // is done yet.
        let gone = theirs.is_empty() && !self.disk.is_empty();
        if gone && !to_write || self.conflict.as_ref() == Some(&theirs) {
            return Ok(());
        }
        if !theirs.is_empty() {
            self.dress = dress;
        }
        if theirs == self.disk {
            if self.conflict.is_some() {
                self.settle();
                self.tell_state();
                self.keep();
            }
            return Ok(());
        }
        let merged = match &self.text {
            _ if gone => None,
            text if *text == self.disk || *text == theirs => Some(theirs.clone()),
            text => diffy::merge(&self.disk, text, &theirs).ok().map(Arc::from),
        };
        self.settle();
        match merged {
            Some(merged) => {
                self.disk = theirs.clone();
                let merge = Merge {
                    from: Origin::Disk,
                    theirs: &theirs,
                    merged: &merged,
                    clean: true,
                    gone: None,
                };
                let message = Message::Disk(merge).json();
                self.change(merged);
                self.guests.values().for_each(|guest| guest.say(&message));
            }
            None => {
                self.conflict = Some(theirs);
                let ids: Vec<u64> = self.guests.keys().copied().collect();
                ids.into_iter().for_each(|id| self.ask(id));
                self.tell_state();
            }
        }
        Ok(())
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
        guest.text_due = true;
        let Some(question) = guest.asked.take() else {
            // Somebody else has answered meanwhile.
            self.tell_state();
            return Ok(());
        };
        let Question { from, base, mine, theirs } = question;
        let history = self.app.history(&self.at);
        // What is not taken is kept in the history.
        let (chosen, made_on) = match (from, choice) {
            (Origin::Tab, Choice::Mine) => (first(&base, &mine, &self.text), None),
            (Origin::Tab, Choice::Theirs) => {
                history.begin(&mine);
                (self.text.clone(), None)
            }
            (Origin::Tab, Choice::Merged) => (
                text.map_or_else(|| first(&base, &mine, &theirs), |text| plain(&text)),
                Some(theirs),
            ),
            (Origin::Disk, choice) => {
                history.begin(&theirs);
                self.settle();
                self.disk = theirs.clone();
                match choice {
                    Choice::Mine => (self.text.clone(), None),
                    Choice::Theirs => {
                        history.begin(&self.text);
                        (theirs, None)
                    }
                    Choice::Merged => {
                        let made = || first(&base, &mine, &theirs);
                        (text.map_or_else(made, |text| plain(&text)), Some(mine))
                    }
                }
            }
        };
        match made_on {
            // What came while the question was open is not in the answer.
            Some(made_on) => self.take_in(id, seq, &made_on, chosen, false)?,
            None => self.change(chosen),
        }
        // Nor is what came to the file.
        self.look(false).ok();
        self.ask(id);
        self.tell_state();
        Ok(())
    }

    /// Keeps what is not saved where a crash does not reach it.
    fn keep(&self) {
        // Who only watches has nothing that is not saved; a studio beside it may.
        if self.is_watch() {
            return;
        }
        let unsaved = self.app.unsaved(&self.at);
        if self.is_saved() {
            unsaved.forget();
        } else {
            unsaved.keep(&self.disk, &self.text);
        }
    }

    /// Takes up what a run that crashed left unsaved.
    fn recover(&mut self) {
        if self.is_watch() {
            return;
        }
        let Some((base, text)) = self.app.unsaved(&self.at).read() else { return };
        let (base, text) = (plain(&base), plain(&text));
        if text == self.disk {
            return;
        }
        self.recovered = true;
        if base == self.disk {
            self.text = text;
            return;
        }
        match diffy::merge(&base, &text, &self.disk) {
            Ok(merged) => self.text = merged.into(),
            Err(_) => {
                self.conflict = Some(std::mem::replace(&mut self.disk, base));
                self.text = text;
            }
        }
    }

    fn tell_state(&mut self) {
        let value = form::value(&self.text);
        let saved = self.is_saved();
        let recovered = self.recovered.then_some(true);
        let mut told = false;
        for guest in self.guests.values_mut() {
            let text_due = std::mem::take(&mut guest.text_due);
            if text_due {
                guest.has = self.text.clone();
            }
            let state = State {
                seq: guest.seq,
                rev: self.rev,
                ok: value.is_some(),
                value: value.as_ref(),
                saved,
                conflict: guest.asked.as_ref().map(|question| question.from),
                text: text_due.then_some(&*self.text),
                recovered,
            };
            told = true;
            guest.say(&Message::State(state).json());
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
                self.places = Message::Places(Places { rev: self.rev, places }).json();
            })
        }));
        let checked = checked.unwrap_or_else(|panic| {
            let detail = crate::workers::panic_text(panic.as_ref());
            let span = crate::diag::Span::new(&file, 0..0);
            let found = Diagnostic::error(crate::diag::Code::EnginePanic, span);
            Checked::failed(vec![found.arg("detail", detail)])
        });
        self.found = checked.diagnostics;
        (self.found_in, self.found_rev) = (file, self.rev);
        for lang in [Lang::Zh, Lang::En] {
            let mut guests =
                self.guests.values().filter(|guest| guest.client.lang == lang).peekable();
            if guests.peek().is_some() {
                let message = self.findings_message(lang);
                guests.for_each(|guest| guest.say(&message));
            }
        }
        if seen {
            self.guests.values().for_each(|guest| guest.say(&self.places));
        }
        self.setting = false;
        self.app.was_set(&self.at, &self.found, seen);
    }

    fn findings_message(&self, lang: Lang) -> String {
        let pages = self.pages == self.rev;
        let findings = words::findings(&self.found, &self.found_in, words::catalogue(lang));
        Message::Findings(Findings { rev: self.found_rev, pages, findings }).json()
    }

    /// Gives a client the sheets that it does not have, unless it still has some to read.
    fn show_to(&mut self, id: u64) {
        let Some(guest) = self.guests.get_mut(&id) else { return };
        let is_busy = guest.client.waiting.load(Ordering::SeqCst) > WAITING;
        if is_busy || guest.shown == self.shows {
            return;
        }
        let screen = &self.screen;
        let pages = screen
            .sheets
            .iter()
            .enumerate()
            .map(|(index, sheet)| {
                let svg = (!guest.keys.contains(&sheet.key)).then_some(&*sheet.svg);
                Page { n: index + 1, key: &sheet.key, svg }
            })
            .collect();
        let (w, h) = screen.size;
        let message = Message::Pages(Pages {
            rev: self.pages,
            size: PageSize { w, h },
            glyphs: screen.glyphs[guest.glyphs..].concat(),
            pages,
        });
        let message = message.json();
        guest.glyphs = screen.glyphs.len();
        guest.keys = screen.sheets.iter().map(|sheet| sheet.key.clone()).collect();
        guest.shown = self.shows;
        guest.say(&message);
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

    fn ask(&mut self, question: Question) {
        self.say(&question.message());
        self.asked = Some(question);
    }
}

impl Question {
    fn message(&self) -> String {
        // A file that is gone has nothing to be merged with.
        let gone = self.theirs.is_empty();
        let merged = match diffy::merge(&self.base, &self.mine, &self.theirs) {
            _ if gone => self.mine.to_string(),
            Ok(merged) | Err(merged) => merged,
        };
        Message::Disk(Merge {
            from: self.from,
            theirs: &self.theirs,
            merged: &merged,
            clean: false,
            gone: Some(gone),
        })
        .json()
    }
}

/// Two texts made of one, merged; where they meet, the first of them stands.
fn first(base: &str, one: &str, other: &str) -> Arc<str> {
    let merged = MergeOptions::new()
        .set_conflict_marker_length(MARKS)
        .set_conflict_style(ConflictStyle::Merge)
        .merge(base, one, other);
    let marked = match merged {
        Ok(merged) => return merged.into(),
        Err(marked) => marked,
    };
    let is_mark = |line: &str, mark: &str| line.starts_with(&mark.repeat(MARKS));
    let (mut text, mut is_other) = (String::new(), false);
    for line in marked.split_inclusive('\n') {
        if is_mark(line, "=") {
            is_other = true;
        } else if is_mark(line, ">") {
            is_other = false;
        } else if !is_other && !is_mark(line, "<") {
            text.push_str(line);
        }
    }
    text.into()
}
