//! Requests of clients and changes of the file → messages to clients and a saved file: one open
//! issue, in a thread of its own.
//!
//! | part | what it is |
//! | --- | --- |
//! | `draft` | the text: edits merged, or the question that a person must answer |
//! | `disk` | the issue's file |
//! | `pages` | the pages of the text, and its findings |
//! | `guest` | a client, and the state that has been sent to it |
//!
//! Requests come through a channel. All waiting requests are handled before the issue is typeset
//! again, so that only the newest text is typeset.

mod disk;
mod draft;
mod guest;
mod pages;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::diag::catalogue::Lang;
use crate::diag::fix;
use crate::diag::{Checked, Diagnostic, SourceFile};
use crate::issue::form::{self};
use crate::page::places;
use crate::pipeline::{Input, LaidOut, Typeset};
use crate::serve::known::Known;
use crate::serve::messages::{self, Failure, Reason};
use crate::serve::protocol::{Choice, Merge, Message, Origin, Request};
use crate::serve::{App, Mode};
use crate::source::project::IssuePath;
use crate::typeset::fit::Fit;
use disk::plain;
use draft::{Draft, Edit, Look, Question};
pub use guest::Client;
use guest::Guest;
use pages::Pages;
use typst_layout::PagedDocument;

/// A message to a desk.
pub enum Ask {
    /// A client opens the issue.
    Join(Client),
    /// A client closes it.
    Leave(u64),
    /// A client's request.
    Request(u64, Request),
    /// A client has read all messages that waited for it.
    Drained(u64),
    /// The file may have changed.
    Look,
    /// A file that the issue shares with others has changed: its publication, layout or pictures.
    Renewed,
    /// Another thread asks for the live text.
    Text(tokio::sync::oneshot::Sender<Arc<SourceFile>>),
    /// The program ends.
    Close,
}

struct Desk {
    app: Arc<App>,
    at: Known<IssuePath>,
    name: String,
    guests: BTreeMap<u64, Guest>,
    draft: Draft,
    pages: Pages,
    /// How the issue was fitted last: most changes do not change that, so it is shown first.
    fit: Fit,
    /// The issue must be typeset again.
    stale: bool,
}

/// Starts the desk of an issue, unless its file cannot be read as text.
pub fn open(app: &Arc<App>, at: Known<IssuePath>) -> Result<Sender<Ask>, Failure> {
    let (ask, asked) = channel();
    let gone = Failure::new(Reason::IssueUnknown).detail(at.name());
    let stored = disk::read(&app.project().root, &at)?.ok_or(gone)?;
    // `watch` shows the file alone: unsaved text belongs to the studio.
    let unsaved = match app.mode {
        Mode::Studio => app.unsaved(&at).read(),
        Mode::Watch(_) => None,
    };
    let desk = Desk {
        app: app.clone(),
        name: app.project().shown(&at.path),
        at,
        guests: BTreeMap::new(),
        draft: Draft::open(stored, unsaved),
        pages: Pages::new(),
        fit: Fit::default(),
        stale: true,
    };
    std::thread::Builder::new()
        .name("jianbao-desk".into())
        .spawn(move || desk.run(&asked))
        .map_err(|error| Failure::new(Reason::Thread).detail(error))?;
    Ok(ask)
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
                self.typeset();
            }
        }
    }

    fn take(&mut self, ask: Ask) {
        match ask {
            Ask::Join(client) => self.join(client),
            Ask::Request(id, request) => self.request(id, request),
            Ask::Drained(id) => self.show_to(id),
            // A file that cannot be read now is read at its next change, or before it is written.
            Ask::Look => drop(self.look(false)),
            Ask::Renewed => self.stale = true,
            Ask::Text(answer) => {
                // The receiver may have gone.
                answer.send(self.file()).ok();
            }
            Ask::Leave(id) => self.leave(id),
            Ask::Close => {}
        }
    }

    fn file(&self) -> Arc<SourceFile> {
        Arc::new(SourceFile { name: self.name.clone(), text: self.draft.text().to_string() })
    }

    fn is_watch(&self) -> bool {
        matches!(self.app.mode, Mode::Watch(_))
    }

    // Clients come and go

    fn join(&mut self, client: Client) {
        let id = client.id;
        self.guests.insert(id, Guest::new(client, self.draft.text()));
        self.tell_state();
        self.ask(id);
        self.show_to(id);
        if let Some(guest) = self.guests.get(&id)
            && !self.stale
        {
            guest.say(&self.pages.findings(guest.client.lang, self.draft.rev()));
        }
    }

    /// A client has gone. When the last one goes, its text is saved.
    fn leave(&mut self, id: u64) {
        let Some(guest) = self.guests.remove(&id) else { return };
        if let Some(Question { from: Origin::Tab, mine, .. }) = guest.asked {
            self.app.history(&self.at).begin(&mine);
        }
        if self.guests.is_empty() && !self.is_watch() && self.draft.text() != self.draft.disk() {
            // A text that cannot be saved is kept beside the file.
            self.save(None, 0).ok();
            self.keep();
        }
    }

    // Requests

    fn request(&mut self, id: u64, request: Request) {
        let Some(guest) = self.guests.get(&id) else { return };
        if !guest.client.may_write {
            return;
        }
        let seq = request.seq();
        let is_save = matches!(request, Request::Save { .. });
        let Err(failure) = self.grant(id, request) else { return };
        if let Some(guest) = self.guests.get_mut(&id) {
            guest.seq = Some(seq);
            if !is_save {
                // The client already shows its rejected edit: our text is sent again.
                guest.text_due = true;
                guest.sent = (0, self.draft.text().clone());
            }
            guest.say(&failure.message(messages::catalogue(guest.client.lang), Some(seq)));
        }
        self.tell_state();
    }

    fn grant(&mut self, id: u64, request: Request) -> Result<(), Failure> {
        match request {
            Request::Edit { seq, base, base_text, text } => {
                if text.len() as u64 > crate::source::limits::FILE_BYTES {
                    return Err(Failure::new(Reason::TooLarge));
                }
                // A base that is too old is no longer known. An empty base makes every line a
                // conflict, so the client is asked about the whole text.
                let base = base_text.map(|text| plain(&text)).or_else(|| self.base(id, base));
                let base = base.unwrap_or_default();
                self.take_in(id, seq, Edit { base, text: plain(&text), has_it: true });
            }
            Request::Apply { seq, base, ops, was } => {
                let base = self.base(id, base).ok_or(Failure::new(Reason::Base))?;
                let refused = |error| Failure::new(Reason::Op).detail(error);
                let edit = Edit::apply(base, &ops, &was).map_err(refused)?;
                self.take_in(id, seq, edit);
            }
            Request::Fix { seq, base, finding } => {
                let edit = self.fix(finding, base).ok_or(Failure::new(Reason::FixGone))?;
                self.take_in(id, seq, edit);
            }
            Request::Save { seq } => self.save(Some(id), seq)?,
            Request::Resolve { seq, choice, text } => self.resolve(id, seq, choice, text),
        }
        Ok(())
    }

    /// The text that a client's change was made on: the client's last sent text, or the newest
    /// revision that it has seen, whichever is later; nothing where that is too long ago.
    fn base(&self, id: u64, base: u64) -> Option<Arc<str>> {
        match self.guests.get(&id).map(|guest| &guest.sent) {
            Some((rev, text)) if *rev > base => Some(text.clone()),
            _ => self.draft.past(base),
        }
    }

    fn fix(&self, place: usize, rev: Option<u64>) -> Option<Edit> {
        let found = self.pages.finding(place, rev)?;
        let file = found.span.as_ref()?.file.clone();
        let (text, _) = fix::apply(&file, std::slice::from_ref(found))?;
        Some(Edit { base: file.text.as_str().into(), text: text.into(), has_it: false })
    }

    /// Takes a client's edit, or asks the client about it.
    fn take_in(&mut self, id: u64, seq: u64, edit: Edit) {
        let merged = self.draft.merge(&edit);
        let Some(guest) = self.guests.get_mut(&id) else { return };
        let merged = match merged {
            Ok(merged) => merged,
            // No state answers the message until the client has answered the question.
            Err(question) => return guest.ask(question),
        };
        let Edit { text, has_it, .. } = edit;
        guest.seq = Some(seq);
        guest.settle(Origin::Tab);
        guest.text_due |= !has_it || merged != text;
        guest.has = text.clone();
        self.change(merged);
        let rev = self.draft.rev();
        if let Some(guest) = self.guests.get_mut(&id) {
            guest.sent = (rev, text);
        }
        // The edit has settled the client's question about another tab: a waiting question about
        // the file can be asked now.
        self.ask(id);
    }

    /// Replaces the text, and informs all clients.
    fn change(&mut self, text: Arc<str>) {
        if self.draft.change(text) {
            for guest in self.guests.values_mut() {
                // A client that has not sent this very text gets it.
                guest.text_due |= guest.has != *self.draft.text();
            }
            self.stale = true;
        }
        // What a client is told it need not send again: it is kept before.
        self.keep();
        self.tell_state();
    }

    /// Writes the text to its file, unless the file has changed in a conflicting way meanwhile.
    fn save(&mut self, id: Option<u64>, seq: u64) -> Result<(), Failure> {
        if let Err(failure) = self.look(true) {
            let lang = id.and_then(|id| self.guests.get(&id)).map(|guest| guest.client.lang);
            let reason = failure.text(messages::catalogue(lang.unwrap_or(self.app.lang)));
            return Err(Failure::new(Reason::NotSaved).detail(reason));
        }
        if self.draft.question().is_some() {
            id.into_iter().for_each(|id| self.ask(id));
            return Err(Failure::new(Reason::Conflict));
        }
        if self.draft.text() != self.draft.disk() {
            let history = self.app.history(&self.at);
            history.begin(self.draft.disk());
            let root = self.app.project().root;
            crate::source::files::write_in(&root, &self.at.path, &self.draft.bytes())?;
            history.keep(self.draft.text());
            self.draft.saved();
        }
        if let Some(guest) = id.and_then(|id| self.guests.get_mut(&id)) {
            guest.seq = Some(seq);
        }
        self.tell_state();
        self.keep();
        Ok(())
    }

    fn resolve(&mut self, id: u64, seq: u64, choice: Choice, text: Option<String>) {
        let Some(guest) = self.guests.get_mut(&id) else { return };
        guest.seq = Some(seq);
        guest.text_due = true;
        let Some(question) = guest.asked.take() else {
            // Another client has answered meanwhile.
            return self.tell_state();
        };
        if question.from == Origin::Disk {
            self.settle();
        }
        let answer = self.draft.answer(question, choice, text);
        let history = self.app.history(&self.at);
        answer.dropped.iter().for_each(|text| history.begin(text));
        match answer.made_on {
            // The answer lacks the edits that came while the question was open.
            Some(base) => {
                self.take_in(id, seq, Edit { base, text: answer.chosen, has_it: false });
            }
            None => self.change(answer.chosen),
        }
        // The answer also lacks changes that were made to the file meanwhile.
        self.look(false).ok();
        self.ask(id);
        self.tell_state();
    }

    // The file

    /// Reads the file and takes its changes in, or asks about them. `to_write`: the file is about
    /// to be written.
    fn look(&mut self, to_write: bool) -> Result<(), Failure> {
        let look = self.draft.look(disk::read(&self.app.project().root, &self.at)?, to_write);
        if look != Look::Same {
            self.settle();
        }
        match look {
            Look::Same => {}
            Look::Settled => {
                self.keep();
                self.tell_state();
            }
            Look::Merged { theirs, merged } => {
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
            Look::Conflict => {
                let ids: Vec<u64> = self.guests.keys().copied().collect();
                ids.into_iter().for_each(|id| self.ask(id));
                self.tell_state();
            }
        }
        Ok(())
    }

    /// Asks a client about the file's other text, unless it has another question to answer.
    fn ask(&mut self, id: u64) {
        let guest = self.guests.get_mut(&id).filter(|guest| guest.asked.is_none());
        if let Some((guest, question)) = guest.zip(self.draft.question()) {
            guest.ask(question);
        }
    }

    /// Withdraws the question about the file from every client.
    fn settle(&mut self) {
        self.guests.values_mut().for_each(|guest| guest.settle(Origin::Disk));
    }

    /// Writes unsaved text to the disk, so that a crash does not lose it.
    fn keep(&self) {
        // `watch` has nothing unsaved of its own; a studio of the same project may.
        if self.is_watch() {
            return;
        }
        let unsaved = self.app.unsaved(&self.at);
        if self.draft.is_saved() {
            unsaved.forget();
        } else {
            unsaved.keep(self.draft.disk(), self.draft.text());
        }
    }

    // Messages

    fn tell_state(&mut self) {
        let value = form::value(self.draft.text());
        for guest in self.guests.values_mut() {
            guest.tell(&self.draft, value.as_ref());
        }
        self.draft.recovered &= self.guests.is_empty();
    }

    /// Typesets the text and shows the result.
    fn typeset(&mut self) {
        let (file, rev) = (self.file(), self.draft.rev());
        let session = self.app.session();
        let (at, mut seen) = (self.at.clone(), false);
        let checked = catch_unwind(AssertUnwindSafe(|| {
            // Clients see the pages before they are measured.
            let laid_out = session.laid_out(Input::live(&at, &file).fitted(&self.fit));
            let publication = session.publication(&at.publication).value;
            let standing = publication.as_ref().map(|publication| &publication.raw);
            let mut show = |document: &PagedDocument| {
                seen = true;
                self.pages.show(document, rev);
                for guest in self.guests.values_mut() {
                    guest.show(&self.pages);
                }
                self.pages.place(places::places(document, &file, standing));
            };
            if let Some(LaidOut { document, .. }) = &laid_out.value {
                show(document);
            }
            let typeset = Typeset::of(laid_out);
            if let Some(Typeset { document, manuscript, .. }) = &typeset.value
                && manuscript.fit != self.fit
            {
                show(document);
                self.fit = manuscript.fit.clone();
            }
            typeset
        }));
        let checked = checked.unwrap_or_else(|panic| {
            let detail = crate::archive::workers::panic_text(panic.as_ref());
            let span = crate::diag::Span::new(&file, 0..0);
            let found = Diagnostic::error(crate::diag::Code::EnginePanic, span);
            Checked::failed(vec![found.arg("detail", detail)])
        });
        self.pages.find(checked.diagnostics, file, rev);
        for lang in [Lang::Zh, Lang::En] {
            let mut guests =
                self.guests.values().filter(|guest| guest.client.lang == lang).peekable();
            if guests.peek().is_some() {
                let message = self.pages.findings(lang, rev);
                guests.for_each(|guest| guest.say(&message));
            }
        }
        if let Some(places) = self.pages.places().filter(|_| seen) {
            self.guests.values().for_each(|guest| guest.say(places));
        }
        self.app.was_set(&self.at, self.pages.found(), seen);
    }

    /// Sends a client the sheets that it does not have, and the places on them.
    fn show_to(&mut self, id: u64) {
        let Some(guest) = self.guests.get_mut(&id) else { return };
        if guest.show(&self.pages)
            && let Some(places) = self.pages.places()
        {
            guest.say(places);
        }
    }
}
