//! A client of an open issue: state of the desk in, the messages that the client lacks out.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value as Json;
use tokio::sync::mpsc::UnboundedSender;

use super::draft::{Draft, Question};
use super::pages::{Pages, Seen};
use crate::diag::catalogue::Lang;
use crate::serve::protocol::{Message, Origin, State};

/// How many messages may wait for a client before it gets no more pages.
const WAITING: usize = 3;

/// A client that has an issue open.
pub struct Client {
    /// Distinguishes clients.
    pub id: u64,
    /// Takes the messages to it.
    pub out: UnboundedSender<String>,
    /// How many of them it has not read yet.
    pub waiting: Arc<AtomicUsize>,
    /// Whether it may change anything.
    pub may_write: bool,
    /// The language of its messages.
    pub lang: Lang,
}

/// A client, and the state that has been sent to it.
pub struct Guest {
    /// The client.
    pub client: Client,
    /// The last of its messages that has been dealt with.
    pub seq: Option<u64>,
    /// The text that it sent last, and the revision that contains it.
    pub sent: (u64, Arc<str>),
    /// The text that it shows, by all messages so far.
    pub has: Arc<str>,
    /// Whether the next state must contain the text.
    pub text_due: bool,
    /// The question that it has not answered yet.
    pub asked: Option<Question>,
    seen: Seen,
}

impl Guest {
    /// A client that has been sent nothing yet.
    pub fn new(client: Client, text: &Arc<str>) -> Self {
        Guest {
            client,
            seq: None,
            sent: (0, text.clone()),
            has: text.clone(),
            text_due: true,
            asked: None,
            seen: Seen::default(),
        }
    }

    /// Sends a message.
    pub fn say(&self, message: &str) {
        self.client.waiting.fetch_add(1, Ordering::SeqCst);
        // A client that has gone is removed once its channel reports so.
        self.client.out.send(message.into()).ok();
    }

    /// Asks a question; a newer one replaces it.
    pub fn ask(&mut self, question: Question) {
        self.say(&question.message());
        self.asked = Some(question);
    }

    /// Forgets the question about a text of that origin.
    pub fn settle(&mut self, from: Origin) {
        self.asked.take_if(|question| question.from == from);
    }

    /// Sends the state of the text; `value` is the text as tables.
    pub fn tell(&mut self, draft: &Draft, value: Option<&Json>) {
        let text_due = std::mem::take(&mut self.text_due);
        if text_due {
            self.has = draft.text().clone();
        }
        let state = State {
            seq: self.seq,
            rev: draft.rev(),
            ok: value.is_some(),
            value,
            saved: draft.is_saved(),
            conflict: self.asked.as_ref().map(|question| question.from),
            text: text_due.then_some(&**draft.text()),
            recovered: draft.recovered.then_some(true),
        };
        self.say(&Message::State(state).json());
    }

    /// Sends the sheets that the client lacks, unless too many messages wait for it. Returns
    /// whether sheets were sent.
    pub fn show(&mut self, pages: &Pages) -> bool {
        let is_busy = self.client.waiting.load(Ordering::SeqCst) > WAITING;
        let sheets = if is_busy { None } else { pages.sheets(&mut self.seen) };
        sheets.iter().for_each(|sheets| self.say(sheets));
        sheets.is_some()
    }
}
