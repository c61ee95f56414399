// The changes of this page that the server has not acknowledged. Changes of the form and texts of
// the code view go in; requests come out, one at a time: what is newer waits together.

import { merge3 } from "./merge.ts";
import { get, performed, same, type Model, type Op, type Table, type Value, type WireOp } from "./model.ts";
import type { Request } from "./protocol.ts";

/** A change of the form, and how it is sent. */
interface Change {
  op: Op;
  wire: WireOp;
}

/** A request that has no answer yet, with the changes and the text that it carries. */
interface Sent {
  seq: number;
  changes: Change[];
  text: string | undefined;
}

/** A request before it has a number. */
export type Draft<R = Request> = R extends unknown ? Omit<R, "seq"> : never;

export class Outbox {
  sent: Sent | null = null;
  private seq = 0;
  private queue: Change[] = [];
  /** The code view's text that is still to be sent, and the server's text that it started from. */
  private draft: { text: string; base: string } | null = null;

  constructor(private readonly model: Model) {}

  isEmpty(): boolean {
    return this.sent === null && !this.hasMore();
  }

  /** Something waits for the answer to what is on its way. */
  hasMore(): boolean {
    return this.queue.length > 0 || this.draft !== null;
  }

  /** The whole text that the server does not have yet. */
  text(): string | null {
    return this.draft?.text ?? this.sent?.text ?? null;
  }

  /** The changes that the server does not have yet, with what each of them changed. */
  changes(): { wire: WireOp; from: Value }[] {
    const all = [...(this.sent?.changes ?? []), ...this.queue];
    return all.map(({ op, wire }) => ({ wire, from: op.op === "set" ? op.from : op.op === "remove" ? op.item : null }));
  }

  /** Takes a change of the form, which the model has at once. */
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
  }

  /** Takes the code view's text, which was made of `base` unless it goes on from an earlier one. */
  edit(text: string, base: string): void {
    this.draft = { text, base: this.draft?.base ?? this.sent?.text ?? base };
  }

  /** The next request, while none is on its way. `rev`, `text`: what the server has. */
  next(rev: number, text: string): Request | null {
    if (this.sent) return null;
    if (this.queue.length > 0) {
      // Where a value has become another meanwhile, the server is told what it was; its path must
      // then not depend on other changes of the same request.
      const contested = this.queue.some(({ op }) => op.op === "set" && op.contested);
      const other = this.queue.findIndex(({ op }) => op.op !== "set");
      const changes = this.queue.splice(0, contested && other >= 0 ? Math.max(1, other) : this.queue.length);
      const was = changes.flatMap(({ op, wire }, at): [number, Value][] => (op.op === "set" && op.contested && wire.path.at(-1) === op.key.at(-1) ? [[at, op.from]] : []));
      return this.dispatch({ t: "apply", base: rev, ops: changes.map(({ wire }) => wire), was }, changes);
    }
    if (this.draft === null) return null;
    const { text: draft, base } = this.draft;
    this.draft = null;
    if (draft === text) return null;
    // A text that could not be merged here is asked about there.
    return this.dispatch({ t: "edit", base: rev, text: draft, ...(base === text ? {} : { base_text: base }) });
  }

  /** Numbers a request; nothing else goes out before its answer. */
  dispatch(request: Draft, changes: Change[] = []): Request {
    const seq = this.number();
    this.sent = { seq, changes, text: "text" in request ? request.text : undefined };
    return { ...request, seq };
  }

  /** A number for a request that nothing waits for. */
  number(): number {
    this.seq += 1;
    return this.seq;
  }

  isAnswered(seq: number | null): boolean {
    return this.sent !== null && seq !== null && seq >= this.sent.seq;
  }

  /** What was on its way is with the server. */
  done(): void {
    this.sent = null;
  }

  /** What was on its way cannot be made: it is taken back. `value`: the server's tables. */
  refused(value: Table): void {
    const changes = this.sent?.changes ?? [];
    this.sent = null;
    this.rebase(value, changes);
  }

  /** Forgets what waits: another text was chosen. */
  forget(): void {
    this.queue = [];
    this.draft = null;
  }

  /** The server's text has become another one under the code view's: both changes, where they do not meet. */
  meet(text: string): void {
    if (this.draft === null || text === this.draft.base) return;
    const merged = merge3(this.draft.base, this.draft.text, text);
    if (merged !== null) this.draft = { text: merged, base: text };
  }

  /**
   * The server's tables, with our changes that it has not seen on top. They are taken back before:
   * an article that the server does not know must not be taken for another one in its place.
   */
  rebase(value: Table, refused: Change[] = []): void {
    const unseen = [...refused, ...(this.sent?.changes ?? []), ...this.queue];
    for (const { op } of unseen.reverse()) this.model.undo(op);
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
   * After a lost connection: the changes that were on their way wait again, unless they arrived and
   * only the answer was lost. `before`: the tables that they were made on, `now`: what the server
   * has. The code view's text is given back, to be sent anew.
   */
  resume(before: Table, now: Table | null): { arrived: boolean; text: string | null } {
    const text = this.text();
    const sent = this.sent?.changes ?? [];
    const arrived = sent.length > 0 && now !== null && same(now, performed(before, sent.map(({ wire }) => wire)));
    if (!arrived) this.queue.unshift(...sent);
    this.sent = null;
    this.draft = null;
    return { arrived, text };
  }
}
