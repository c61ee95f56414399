// The channel to the server for one open issue: changes go out one after the other and at once,
// newer ones wait together; what comes in never overwrites what has not been sent.

import { Copies, type Copy } from "./copies.ts";
import { merge3 } from "./merge.ts";
import { get, Model, performed, same, type Op, type Path, type Table, type WireOp } from "./model.ts";
import { language } from "./words.ts";

export interface Finding {
  id: number | string;
  rule: string;
  severity: "error" | "warning" | "advice";
  message: string;
  hints: string[];
  path?: Path;
  /** The place in the field's value. */
  from?: number;
  to?: number;
  line: number;
  column: number;
  /** The place in the whole text. */
  start: number;
  end: number;
  page?: number;
  /** Another file than the issue's: publication.toml, a layout. */
  file?: string;
  fix?: { title: string };
}

export interface Page {
  n: number;
  key: string;
  /** Only where the page before had another key. */
  svg?: string;
}

export interface Pages {
  rev: number;
  size: { w: number; h: number };
  /** Outlines that pages name, new since the last message. */
  glyphs: string;
  pages: Page[];
}

export interface Place {
  path: Path;
  line: number;
  page: number;
  x: number;
  y: number;
  w: number;
  h: number;
  from: number;
  to: number;
}

interface State {
  t: "state";
  seq: number | null;
  rev: number;
  text?: string;
  value: Table | null;
  saved: boolean;
  ok: boolean;
  /** What is asked here and not answered yet. */
  conflict: "disk" | "tab" | null;
  recovered?: boolean;
}

type Incoming =
  | State
  | ({ t: "pages" } & Pages)
  | { t: "findings"; rev: number; pages: boolean; findings: Finding[] }
  | { t: "places"; rev: number; places: Place[] }
  | ({ t: "disk"; clean: boolean } & Question)
  | { t: "error"; seq?: number; code: string; message: string; hint?: string };

interface Question {
  from: "disk" | "tab";
  theirs: string;
  merged: string;
  /** There is no file any more. */
  gone?: boolean;
}

export type Connection = "connecting" | "open" | "lost" | "refused";
export type Choice = "mine" | "theirs" | "merged";

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

interface Change {
  op: Op;
  wire: WireOp;
}

type Sent = { seq: number; changes: Change[]; text?: string };

const SAVE_AFTER = 1000;
const SAVE_AT_LATEST = 5000;
const GIVE_UP_AFTER = 15_000;
const LONGEST_WAIT = 5000;
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
  connection: Connection = "connecting";

  private rev = -1;
  private value: Table = {};
  private onDisk = true;
  /** The last text that the server said is in the file. */
  private saved = "";
  private findingsOf = -1;

  private socket: WebSocket | null = null;
  private opened = false;
  private asking: { over: AbortController; from: Question["from"] } | null = null;
  private attempts = 0;
  private seq = 0;
  private sent: Sent | null = null;
  private queue: Change[] = [];
  /** The code view's text that is still to be sent, and the server's text that it started from. */
  private draft: string | null = null;
  private draftBase = "";
  /** What is to be played again once the text under it is back with the server. */
  private replayNext: Copy | null = null;
  private saveSent = 0;
  private saveWait = 0;
  /** There may be copies of other tabs that are no more. */
  private more = true;
  private incoming: Promise<void> = Promise.resolve();
  private unsavedSince = 0;
  private timers = { save: 0, retry: 0, answer: 0, keep: 0 };
  private readonly copies: Copies;
  private ended = false;

  constructor(
    readonly issue: string,
    private readonly listener: Listener,
  ) {
    this.copies = new Copies(issue);
    this.connect();
    addEventListener("pagehide", this.keep);
    addEventListener("online", this.retryNow);
    addEventListener("focus", this.retryNow);
  }

  close(): void {
    this.keep();
    const unsaved = !this.onDisk || this.pending();
    // What waits goes out behind what is on its way: nobody is here any more for the answers.
    while (this.opened && !this.asking && (this.queue.length > 0 || this.draft !== null)) {
      this.sent = null;
      this.pump();
    }
    if (unsaved) this.save();
    this.ended = true;
    removeEventListener("pagehide", this.keep);
    removeEventListener("online", this.retryNow);
    removeEventListener("focus", this.retryNow);
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    this.socket?.close();
  }

  /** A change of the form: here at once, and on its way. */
  change(op: Op): void {
    const last = this.queue.at(-1);
    if (op.op === "set" && last?.op.op === "set" && last.op.node === op.node && last.op.key.join() === op.key.join()) {
      // What stands there is our own value of before, nobody else's.
      const { from, contested = false } = last.op;
      last.op.from = get(last.op.node, last.op.key);
      last.op.value = op.value;
      last.wire = this.model.apply(last.op) ?? last.wire;
      last.op.from = from;
      last.op.contested = contested;
    } else {
      const wire = this.model.apply(op);
      if (wire) this.queue.push({ op, wire });
    }
    this.changed();
  }

  /** A change of the code view: the whole text. */
  edit(text: string): void {
    if (this.draft === null) this.draftBase = this.sent?.text ?? this.text;
    this.draft = text;
    this.changed();
  }

  /** The text with what is on its way, for the code view. */
  textNow(): string {
    return this.draft ?? this.sent?.text ?? this.text;
  }

  /** Has a finding fixed; not while something else is on its way, for its place may have changed. */
  fix(finding: Finding): boolean {
    if (this.pending() || !this.opened) return false;
    this.dispatch({ t: "fix", finding: finding.id, base: this.findingsOf }, { changes: [] });
    return true;
  }

  save(): void {
    clearTimeout(this.timers.save);
    this.timers.save = 0;
    if (!this.opened || this.asking) return;
    this.seq += 1;
    this.saveSent = this.seq;
    this.send({ t: "save", seq: this.seq });
    this.listener.connection();
  }

  /** Some change is not with the server yet. */
  pending(): boolean {
    return this.sent !== null || this.queue.length > 0 || this.draft !== null;
  }

  status(): "saved" | "saving" | "unsaved" {
    if (this.saveSent > 0) return "saving";
    return this.onDisk && !this.pending() ? "saved" : "unsaved";
  }

  private readonly retryNow = (): void => {
    if (this.socket || this.ended) return;
    clearTimeout(this.timers.retry);
    this.connect();
  };

  private changed(): void {
    this.pump();
    this.keepSoon();
    this.listener.connection();
  }

  // The connection

  private connect(): void {
    const url = new URL("api/live", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.hash = "";
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => this.send({ t: "open", issue: this.issue, lang: language() });
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data as string) as Incoming;
      // One after the other: the first of a connection has to wait for the browser's own copy.
      this.incoming = this.incoming.then(() => {
        if (socket === this.socket && !this.ended) return this.receive(message);
      }).catch((error: unknown) => reportError(error));
    };
    socket.onclose = () => {
      if (socket === this.socket && !this.ended) void this.lost();
    };
  }

  private async lost(): Promise<void> {
    this.socket = null;
    this.opened = false;
    this.saveSent = 0;
    clearTimeout(this.timers.answer);
    if (this.connection !== "refused") this.connection = "lost";
    this.keep();
    this.listener.connection();
    const wait = Math.min(LONGEST_WAIT, 150 * 2 ** Math.min(this.attempts, 6));
    this.attempts += 1;
    this.timers.retry = setTimeout(this.retryNow, wait);
    // A socket does not say why it was refused: a request does.
    try {
      const { status } = await fetch("api/project", { method: "HEAD", credentials: "same-origin" });
      this.connection = status === 401 || status === 403 ? "refused" : "lost";
    } catch {
      this.connection = "lost";
    }
    if (!this.opened) this.listener.connection();
  }

  private send(message: object): void {
    this.socket?.send(JSON.stringify(message));
  }

  /** Sends a change, and waits for its state before the next. */
  private dispatch(message: object, what: Omit<Sent, "seq">): void {
    this.seq += 1;
    this.sent = { seq: this.seq, ...what };
    this.send({ base: this.rev, ...message, seq: this.seq });
    const socket = this.socket;
    this.timers.answer = setTimeout(() => socket?.close(), GIVE_UP_AFTER);
  }

  private pump(): void {
    if (!this.opened || this.asking || this.sent) return;
    if (this.queue.length > 0) {
      // Where a value has become another meanwhile, the server is told what it was; its path must
      // then not depend on other changes of the same message.
      const contested = this.queue.some(({ op }) => op.op === "set" && op.contested);
      const other = this.queue.findIndex(({ op }) => op.op !== "set");
      const changes = this.queue.splice(0, contested && other >= 0 ? Math.max(1, other) : this.queue.length);
      const was = changes.flatMap(({ op, wire }, at) => (op.op === "set" && op.contested && wire.path.at(-1) === op.key.at(-1) ? [[at, op.from]] : []));
      this.dispatch({ t: "apply", ops: changes.map((change) => change.wire), was }, { changes });
    } else if (this.draft !== null) {
      const text = this.draft;
      this.draft = null;
      // What could not be merged here is asked about there.
      const from = this.draftBase === this.text ? {} : { base_text: this.draftBase };
      if (text !== this.text) this.dispatch({ t: "edit", text, ...from }, { changes: [], text });
    }
  }

  // What comes in

  private async receive(message: Incoming): Promise<void> {
    switch (message.t) {
      case "state":
        if (this.opened) this.takeState(message);
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
    const answered = this.sent !== null && state.seq !== null && state.seq >= this.sent.seq;
    this.checkQuestion(state);
    // What was sent is not in it yet: another one follows.
    if (state.rev < this.rev || (this.sent !== null && !answered)) return;
    const sentText = this.sent?.text;
    const text = state.text ?? sentText ?? this.text;
    if (answered) {
      clearTimeout(this.timers.answer);
      this.sent = null;
    }
    if (this.draft !== null && text !== this.draftBase) {
      // Someone else changed the text under the code view's.
      const merged = merge3(this.draftBase, this.draft, text);
      if (merged !== null) {
        this.draft = merged;
        this.draftBase = text;
      }
    }
    this.know(state, text);
    if (state.seq !== null && state.seq >= this.saveSent) this.saveSent = 0;
    if (state.value) this.rebase(state.value);
    if (answered && this.replayNext) {
      const copy = this.replayNext;
      this.replayNext = null;
      this.replay(copy);
    }
    this.pump();
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

  /** The server's tables, with our changes that it has not seen on top. */
  private rebase(value: Table): void {
    this.model.adopt(value);
    const again = (changes: Change[]) =>
      changes.flatMap(({ op }) => {
        const wire = this.model.apply(op);
        return wire ? [{ op, wire }] : [];
      });
    if (this.sent) this.sent.changes = again(this.sent.changes);
    this.queue = again(this.queue);
  }

  /**
   * The first state of a connection. What we have and the server has not is sent again: after a
   * lost connection, after a crash of the program, after a crash of the browser.
   */
  private async welcome(state: State): Promise<void> {
    const text = state.text ?? "";
    const first = this.rev < 0;
    const copy = first ? await this.copies.find() : this.copy();
    const draft = this.draft ?? this.sent?.text ?? copy?.draft ?? null;
    const sent = this.sent?.changes ?? [];
    // Our last change may have arrived, and only its answer was lost.
    const arrived = sent.length > 0 && state.value !== null && same(state.value, performed(this.value, sent.map((change) => change.wire)));
    this.queue = [...(arrived ? [] : sent), ...this.queue];
    this.sent = null;
    this.draft = null;

    // What the server acknowledged and did not save it has kept. Should it not have it all the
    // same, ours goes back with the text that it was made of: a foreign one is merged there, or
    // asked about. What was saved is the file's own business.
    const base = copy ? (copy.base ?? copy.text) : text;
    const lost = copy !== null && base !== copy.text && text !== copy.text && !arrived;
    const resend = draft ?? (lost ? copy.text : text);
    const from = copy && text !== copy.text ? { base_text: base } : {};

    this.opened = true;
    this.connection = "open";
    this.know(state, text);
    if (!state.saved && copy) this.saved = base;
    this.checkQuestion(state);
    this.listener.connected();
    let recovered = resend !== text || state.recovered === true;
    if (resend !== text) {
      if (first && state.value) this.model.adopt(state.value);
      this.replayNext = first && draft === null ? copy : null;
      this.dispatch({ t: "edit", text: resend, ...from }, { changes: [], text: resend });
    } else {
      if (state.value) this.rebase(state.value);
      if (first && copy && draft === null) recovered = this.replay(copy) || recovered;
      this.pump();
    }
    if (first && recovered) this.listener.notice("recovered");
    else if (!first) this.listener.notice("reconnected");
    this.attempts = 0;
    this.keepSoon();
    this.saveSoon();
    this.listener.state();
    this.listener.connection();
    void this.takeUp();
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
      this.dispatch({ t: "edit", text, base_text: base }, { changes: [], text });
    } else {
      recovered = this.replay(copy);
    }
    if (recovered) this.listener.notice("recovered");
    this.keepSoon();
    void this.takeUp();
  }

  private isQuiet(): boolean {
    return this.opened && !this.ended && !this.asking && this.onDisk && !this.pending() && this.readable;
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
  private async settle(question: Question): Promise<void> {
    this.asking?.over.abort();
    const asking = { over: new AbortController(), from: question.from };
    this.asking = asking;
    clearTimeout(this.timers.answer);
    const { theirs, merged, gone = false } = question;
    const answer = await this.listener.conflict({ mine: this.textNow(), theirs, merged, gone }, asking.over.signal);
    if (this.asking !== asking) return;
    this.asking = null;
    if (answer) {
      if (answer.choice === "theirs") {
        this.queue = [];
        this.draft = null;
      }
      this.dispatch({ t: "resolve", ...answer }, { changes: [], text: answer.text });
    } else {
      this.pump();
    }
  }

  private refused(error: { seq?: number; code: string; message: string; hint?: string }): void {
    if (error.seq !== undefined && error.seq === this.sent?.seq) {
      // What cannot be applied must not stop what comes after it; the server's text stands.
      clearTimeout(this.timers.answer);
      this.sent = null;
      this.rebase(this.value);
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
    const changes = [...(this.sent?.changes ?? []), ...this.queue];
    return {
      text: this.text,
      base: this.saved,
      ops: changes.map(({ op, wire }) => ({ wire, from: op.op === "set" ? op.from : op.op === "remove" ? op.item : null })),
      draft: this.draft ?? this.sent?.text ?? null,
      at: Date.now(),
    };
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
