// One open issue: what the server has of it, what this page adds, and what the user is asked. What
// comes in never overwrites what has not been sent.

import { Channel, type Connection } from "./channel.ts";
import { Copies, type Copy } from "./copies.ts";
import { Model, type Op, type Table } from "./model.ts";
import { Outbox } from "./outbox.ts";
import type { Choice, Finding, Merge, Message, Origin, Pages, Place, Refusal, Request, State } from "./protocol.ts";
import { language } from "./words.ts";

/** What the views do when something comes in. */
export interface Listener {
  state(): void;
  /** The first pages of a connection come with all glyphs again. */
  connected(): void;
  findings(): void;
  pages(pages: Pages): void;
  places(places: Place[]): void;
  connection(): void;
  /** Asks which text it is to be; nothing when someone else has answered meanwhile. */
  conflict(texts: { mine: string; theirs: string; merged: string; gone: boolean }, over: AbortSignal): Promise<{ choice: Choice; text: string } | null>;
  notice(what: "reconnected" | "recovered" | "merged" | { refused: string }): void;
}

const SAVE_AFTER = 1000;
const SAVE_AT_LATEST = 5000;
const GIVE_UP_AFTER = 15_000;
/** A file that could not be written is not tried at every key. */
const SAVE_AGAIN = 10_000;

export class Live {
  readonly model = new Model();
  /** The last text of the server. */
  text = "";
  findings: Finding[] = [];
  /** The text can be read as tables, so that the form shows it. */
  readable = false;
  /** The pages are those of the text. */
  fresh = true;

  private rev = -1;
  private value: Table = {};
  private onDisk = true;
  /** The last text that the server reported as written to the file. */
  private saved = "";
  private findingsOf = -1;

  private readonly outbox = new Outbox(this.model);
  private readonly copies: Copies;
  private readonly channel: Channel;
  /** The first state of this connection is taken over: requests may go out. */
  private welcomed = false;
  private asking: { over: AbortController; from: Origin } | null = null;
  /** What is to be played again once the text under it is back with the server. */
  private replayNext: Copy | null = null;
  /** There may be copies of other tabs that are no more. */
  private more = true;
  private saveSent = 0;
  private saveWait = 0;
  private unsavedSince = 0;
  private timers = { save: 0, answer: 0, keep: 0 };
  private ended = false;

  constructor(
    readonly issue: string,
    private readonly listener: Listener,
  ) {
    this.copies = new Copies(issue);
    this.channel = new Channel(
      { t: "open", issue, lang: language() },
      {
        opened: () => listener.connected(),
        receive: (message) => this.receive(message),
        lost: () => this.lost(),
        connection: () => listener.connection(),
      },
    );
    addEventListener("pagehide", this.keep);
  }

  close(): void {
    this.keep();
    const unsaved = !this.onDisk || this.pending();
    // What waits goes out right after what is on its way: nobody is here any more for the answers.
    while (this.welcomed && !this.asking && this.outbox.hasMore()) {
      this.outbox.done();
      this.pump();
    }
    if (unsaved) this.save();
    this.ended = true;
    removeEventListener("pagehide", this.keep);
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    this.channel.close();
  }

  get connection(): Connection {
    return this.channel.connection;
  }

  /** A change of the form: here at once, and on its way. */
  change(op: Op): void {
    this.outbox.change(op);
    this.changed();
  }

  /** A change of the code view: the whole text. */
  edit(text: string): void {
    this.outbox.edit(text, this.text);
    this.changed();
  }

  /** The text with what is on its way, for the code view. */
  textNow(): string {
    return this.outbox.text() ?? this.text;
  }

  /** Has a finding fixed; not while something else is on its way, for its place may have changed. */
  fix(finding: Finding): boolean {
    if (this.pending() || !this.welcomed) return false;
    this.send(this.outbox.dispatch({ t: "fix", finding: finding.id, base: this.findingsOf }));
    return true;
  }

  save(): void {
    clearTimeout(this.timers.save);
    this.timers.save = 0;
    if (!this.welcomed || this.asking) return;
    this.saveSent = this.outbox.number();
    this.channel.send({ t: "save", seq: this.saveSent });
    this.listener.connection();
  }

  /** Some change is not with the server yet. */
  pending(): boolean {
    return !this.outbox.isEmpty();
  }

  status(): "saved" | "saving" | "unsaved" {
    if (this.saveSent > 0) return "saving";
    return this.onDisk && !this.pending() ? "saved" : "unsaved";
  }

  private changed(): void {
    this.pump();
    this.keepSoon();
    this.listener.connection();
  }

  /** Sends a request, and waits for its state before the next. */
  private send(request: Request): void {
    this.channel.send(request);
    this.timers.answer = setTimeout(() => this.channel.restart(), GIVE_UP_AFTER);
  }

  private pump(): void {
    if (!this.welcomed || this.asking) return;
    const request = this.outbox.next(this.rev, this.text);
    if (request) this.send(request);
  }

  // What comes in

  private lost(): void {
    this.welcomed = false;
    this.saveSent = 0;
    clearTimeout(this.timers.answer);
    this.keep();
    this.listener.connection();
  }

  private async receive(message: Message): Promise<void> {
    switch (message.t) {
      case "state":
        if (this.welcomed) this.takeState(message);
        else await this.welcome(message);
        break;
      case "findings":
        this.findings = message.findings;
        this.findingsOf = message.rev;
        this.fresh = message.pages;
        this.listener.findings();
        break;
      case "pages":
        this.listener.pages(message);
        break;
      case "places":
        this.listener.places(message.places);
        break;
      case "disk":
        if (message.clean) this.listener.notice("merged");
        else void this.settle(message);
        break;
      case "error":
        this.refused(message);
    }
  }

  private takeState(state: State): void {
    const answered = this.outbox.isAnswered(state.seq);
    this.checkQuestion(state);
    // What was sent is not in it yet: another one follows.
    if (state.rev < this.rev || (this.outbox.sent && !answered)) return;
    const text = state.text ?? this.outbox.sent?.text ?? this.text;
    if (answered) {
      clearTimeout(this.timers.answer);
      this.outbox.done();
    }
    this.outbox.meet(text);
    this.know(state, text);
    if (state.seq !== null && state.seq >= this.saveSent) this.saveSent = 0;
    if (state.value) this.outbox.rebase(state.value);
    if (answered && this.replayNext) {
      const copy = this.replayNext;
      this.replayNext = null;
      this.replay(copy);
    }
    this.pump();
    this.show();
  }

  /** After a state: it is kept, saved and shown. */
  private show(): void {
    this.keepSoon();
    this.saveSoon();
    this.listener.state();
    this.listener.connection();
    void this.takeUp();
  }

  /** Somebody else has answered what is asked here. */
  private checkQuestion(state: State): void {
    if (this.asking && state.conflict !== this.asking.from) this.asking.over.abort();
  }

  private know(state: State, text: string): void {
    this.rev = state.rev;
    this.text = text;
    if (state.value) this.value = state.value;
    this.readable = state.value !== null;
    this.onDisk = state.saved;
    if (state.saved) {
      this.saved = text;
      this.saveWait = 0;
    }
  }

  /**
   * The first state of a connection. What we have and the server has not is sent again: after a
   * lost connection, after a crash of the program, after a crash of the browser.
   */
  private async welcome(state: State): Promise<void> {
    const text = state.text ?? "";
    const first = this.rev < 0;
    const copy = first ? await this.copies.find() : this.copy();
    // Our last change may have arrived, and only its answer was lost.
    const { arrived, text: unsent } = this.outbox.resume(this.value, state.value);
    const draft = unsent ?? copy?.draft ?? null;

    // What the server acknowledged and did not save it has kept. Should it not have it all the
    // same, ours goes back with the text that it was made of: a foreign one is merged there, or
    // asked about. What was saved is the file's own business.
    const base = copy ? (copy.base ?? copy.text) : text;
    const lost = copy !== null && base !== copy.text && text !== copy.text && !arrived;
    const resend = draft ?? (lost ? copy.text : text);
    const from = copy && text !== copy.text ? { base_text: base } : {};

    this.welcomed = true;
    this.know(state, text);
    if (!state.saved && copy) this.saved = base;
    this.checkQuestion(state);
    let recovered = resend !== text || state.recovered === true;
    if (resend !== text) {
      if (first && state.value) this.model.adopt(state.value);
      this.replayNext = first && draft === null ? copy : null;
      this.send(this.outbox.dispatch({ t: "edit", base: this.rev, text: resend, ...from }));
    } else {
      if (state.value) this.outbox.rebase(state.value);
      if (first && copy && draft === null) recovered = this.replay(copy) || recovered;
      this.pump();
    }
    if (first && recovered) this.listener.notice("recovered");
    else if (!first) this.listener.notice("reconnected");
    this.show();
  }

  /** What other tabs left behind that are no more, one after the other once all is quiet here. */
  private async takeUp(): Promise<void> {
    if (!this.more || !this.isQuiet()) return;
    this.more = false;
    const found = await this.copies.orphan();
    if (!found) return;
    this.more = true;
    if (!this.isQuiet()) return;
    found.take();
    const { copy } = found;
    const base = copy.base ?? copy.text;
    const text = copy.draft ?? (base === copy.text ? this.text : copy.text);
    let recovered = text !== this.text;
    if (recovered) {
      this.replayNext = copy.draft === null ? copy : null;
      this.send(this.outbox.dispatch({ t: "edit", base: this.rev, text, base_text: base }));
    } else {
      recovered = this.replay(copy);
    }
    if (recovered) this.listener.notice("recovered");
    this.keepSoon();
    void this.takeUp();
  }

  private isQuiet(): boolean {
    return this.welcomed && !this.ended && !this.asking && this.onDisk && !this.pending() && this.readable;
  }

  /** Changes that another life of this page could not send, where what they changed is still so. */
  private replay(copy: Copy): boolean {
    let any = false;
    for (const { wire, from } of copy.ops) {
      const op = this.model.understand(wire, from);
      if (!op) continue;
      any = true;
      this.change(op);
    }
    return any;
  }

  /** Asks; the newest question is the one that the server waits with. */
  private async settle(question: Merge): Promise<void> {
    this.asking?.over.abort();
    const asking = { over: new AbortController(), from: question.from };
    this.asking = asking;
    clearTimeout(this.timers.answer);
    const { theirs, merged, gone = false } = question;
    const answer = await this.listener.conflict({ mine: this.textNow(), theirs, merged, gone }, asking.over.signal);
    if (this.asking !== asking) return;
    this.asking = null;
    if (answer) {
      if (answer.choice === "theirs") this.outbox.forget();
      this.send(this.outbox.dispatch({ t: "resolve", ...answer }));
    } else {
      this.pump();
    }
  }

  private refused(error: Refusal): void {
    if (error.seq !== null && error.seq === this.outbox.sent?.seq) {
      // What cannot be applied must not stop what comes after it; the server's text stands.
      clearTimeout(this.timers.answer);
      this.outbox.refused(this.value);
      this.pump();
      this.listener.state();
    }
    // The question comes, or is there.
    const asked = error.code === "studio-conflict";
    if (error.seq === this.saveSent) {
      this.saveSent = 0;
      if (!asked) this.saveWait = SAVE_AGAIN;
    }
    if (asked) return this.listener.connection();
    this.listener.notice({ refused: error.hint ? `${error.message}（${error.hint}）` : error.message });
    this.listener.connection();
  }

  // Saving, and the copy in the browser

  private saveSoon(): void {
    if (this.onDisk) {
      this.unsavedSince = 0;
      return;
    }
    const now = performance.now();
    this.unsavedSince ||= now;
    clearTimeout(this.timers.save);
    const wait = this.saveWait || Math.min(SAVE_AFTER, Math.max(0, this.unsavedSince + SAVE_AT_LATEST - now));
    this.timers.save = setTimeout(() => {
      this.unsavedSince = 0;
      this.save();
    }, wait);
  }

  private copy(): Copy {
    return { text: this.text, base: this.saved, ops: this.outbox.changes(), draft: this.outbox.text(), at: Date.now() };
  }

  private readonly keep = (): void => {
    clearTimeout(this.timers.keep);
    this.timers.keep = 0;
    if (this.rev < 0) return;
    if (this.onDisk && !this.pending()) this.copies.drop();
    else this.copies.keep(this.copy());
  };

  private keepSoon(): void {
    this.timers.keep ||= setTimeout(this.keep, 100);
  }
}
