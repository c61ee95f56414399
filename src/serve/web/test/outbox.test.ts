import assert from "node:assert/strict";
import test from "node:test";
import { clone, items, listOf, Model, performed, same, type Op, type Table } from "../src/model.ts";
import { Outbox } from "../src/outbox.ts";
import type { Request } from "../src/protocol.ts";
import { anyOp, article, articles, issue, names, owners } from "./issues.ts";
import { Random } from "./random.ts";

function page(value: Table = issue()): { model: Model; outbox: Outbox } {
  const model = new Model();
  model.adopt(clone(value));
  return { model, outbox: new Outbox(model) };
}

function set(node: Table, key: string, value: string): Op {
  return { op: "set", node, key: [key], from: node[key] ?? null, value };
}

/** The request, which has to be one of the form's. */
function applied(request: Request | null): Extract<Request, { t: "apply" }> {
  assert(request?.t === "apply", JSON.stringify(request));
  return request;
}

test("one request is on its way at a time, and newer changes wait together", () => {
  const { model, outbox } = page();
  const [first, second] = articles(model.root) as [Table, Table];
  assert(outbox.isEmpty());
  outbox.change(set(first, "title", "一"));
  assert.deepEqual(outbox.next(5, ""), { t: "apply", seq: 1, base: 5, ops: [{ op: "set", path: ["articles", 0, "title"], value: "一" }], was: [] });
  outbox.change(set(second, "title", "二"));
  outbox.change(set(first, "source", "三"));
  assert.equal(outbox.next(5, ""), null);
  assert(!outbox.isAnswered(null) && !outbox.isAnswered(0) && outbox.isAnswered(1));
  outbox.done();
  assert(outbox.hasMore());
  assert.deepEqual(applied(outbox.next(6, "")).ops.map((op) => "value" in op && op.value), ["二", "三"]);
  outbox.done();
  assert(outbox.isEmpty());
});

test("what is typed into a field while it waits is one change, from what stood there at first", () => {
  const { model, outbox } = page();
  const [first] = articles(model.root) as [Table];
  for (const text of ["刊", "刊内", "刊内的"]) outbox.change(set(first, "title", text));
  assert.deepEqual(outbox.changes(), [{ wire: { op: "set", path: ["articles", 0, "title"], value: "刊内的" }, from: "刊外" }]);
});

test("what was on its way can still be sent again after a foreign change moved it", () => {
  const { model, outbox } = page();
  const [first] = articles(model.root) as [Table];
  outbox.change(set(first, "source", "甲处"));
  outbox.next(1, "");
  outbox.change(set(first, "contributor", "乙处"));
  const now = issue();
  listOf(now, "articles").unshift(article("新来的"));
  outbox.rebase(now);
  assert.deepEqual(outbox.changes().map(({ wire }) => wire), [
    { op: "set", path: ["articles", 1, "source"], value: "甲处" },
    { op: "set", path: ["articles", 1, "contributor"], value: "乙处" },
  ]);
  assert.equal(first["source"], "甲处");
});

test("an article that waits is not taken for one that another page put in its place", () => {
  const { model, outbox } = page();
  const item = article("我的");
  outbox.change({ op: "insert", owner: model.root, list: "articles", at: 1, item });
  const now = issue();
  listOf(now, "articles").push(article("他的"));
  outbox.rebase(now);
  assert.deepEqual(items(model.root, "articles").map((each) => each["title"]), ["刊外", "我的", "他的"]);
  assert.equal(items(model.root, "articles")[1], item);
});

test("an article that waits to move into another section keeps what is typed in it", () => {
  const { model, outbox } = page();
  const [from, to] = items(model.root, "sections") as [Table, Table];
  const item = items(from, "articles")[0] as Table;
  outbox.change({ op: "move", item, owner: to, list: "articles", at: 0 });
  outbox.change(set(item, "body", "写在移动之后"));
  outbox.rebase(issue());
  assert.equal(items(to, "articles")[0], item);
  assert.deepEqual(outbox.changes().map(({ wire }) => wire), [
    { op: "move", path: ["sections", 0, "articles", 0], to: ["sections", 1, "articles", 0] },
    { op: "set", path: ["sections", 1, "articles", 0, "body"], value: "写在移动之后" },
  ]);
});

test("a title that waits stays with its article when another one comes before it", () => {
  const { model, outbox } = page();
  const [first] = articles(model.root) as [Table];
  outbox.change(set(first, "title", "刊外改"));
  const now = issue();
  listOf(now, "articles").unshift(article("他的"));
  outbox.rebase(now);
  assert.deepEqual(items(model.root, "articles").map((each) => each["title"]), ["他的", "刊外改"]);
  assert.equal(items(model.root, "articles")[1], first);
});

test("what is refused is taken back, and what waits stays", () => {
  const { model, outbox } = page();
  const [first] = articles(model.root) as [Table];
  outbox.change({ op: "insert", owner: model.root, list: "articles", at: 0, item: article("不成的") });
  outbox.next(1, "");
  outbox.change(set(first, "source", "留下的"));
  outbox.refused(issue());
  assert.deepEqual(items(model.root, "articles"), [{ ...article("刊外"), source: "留下的" }]);
  assert.deepEqual(applied(outbox.next(1, "")).ops, [{ op: "set", path: ["articles", 0, "source"], value: "留下的" }]);
});

test("the server is told what a contested value was, alone of what changes places", () => {
  const { model, outbox } = page();
  const [first, second] = articles(model.root) as [Table, Table];
  outbox.change(set(first, "title", "我的"));
  outbox.change({ op: "remove", item: second });
  outbox.change(set(first, "source", "我的"));
  const now = issue();
  (items(now, "articles")[0] as Table)["title"] = "他的";
  outbox.rebase(now);
  const one = applied(outbox.next(2, ""));
  assert.equal(one.ops.length, 1);
  assert.deepEqual(one.was, [[0, "刊外"]]);
  outbox.done();
  assert.deepEqual(applied(outbox.next(3, "")).was, []);
});

test("a text of the code view is sent with the text that it was made of, unless that is the server's", () => {
  const { outbox } = page();
  outbox.edit("一二", "一");
  outbox.edit("一二三", "other");
  assert.equal(outbox.text(), "一二三");
  assert.deepEqual(outbox.next(1, "一"), { t: "edit", seq: 1, base: 1, text: "一二三" });
  // The next one is made of what is on its way.
  outbox.edit("一二三四", "一");
  outbox.done();
  assert.deepEqual(outbox.next(2, "一二三"), { t: "edit", seq: 2, base: 2, text: "一二三四" });
  outbox.edit("甲", "一二三四");
  outbox.done();
  assert.deepEqual(outbox.next(3, "乙"), { t: "edit", seq: 3, base: 3, text: "甲", base_text: "一二三四" });
});

test("a text that comes back to the server's is not sent", () => {
  const { outbox } = page();
  outbox.edit("一二", "一");
  outbox.edit("一", "一");
  assert.equal(outbox.next(1, "一"), null);
  assert(outbox.isEmpty());
});

test("a foreign text goes under the code view's where the two do not meet", () => {
  const { outbox } = page();
  outbox.edit("一二三四", "一二三");
  outbox.meet("零一二三");
  assert.deepEqual(outbox.next(2, "零一二三"), { t: "edit", seq: 1, base: 2, text: "零一二三四" });
  outbox.done();
  outbox.edit("甲", "标");
  outbox.meet("乙");
  assert.deepEqual(outbox.next(3, "乙"), { t: "edit", seq: 2, base: 3, text: "甲", base_text: "标" });
});

test("after a lost connection, changes that did not arrive are sent again, before the newer ones", () => {
  const { model, outbox } = page();
  const [first] = articles(model.root) as [Table];
  outbox.change(set(first, "title", "一"));
  outbox.next(1, "");
  outbox.change(set(first, "source", "二"));
  assert.deepEqual(outbox.resume(issue(), issue()), { arrived: false, text: null });
  outbox.rebase(issue());
  assert.deepEqual(applied(outbox.next(1, "")).ops.map((op) => "value" in op && op.value), ["一", "二"]);
});

test("after a lost connection, changes whose answer alone was lost are not made twice", () => {
  const { model, outbox } = page();
  outbox.change({ op: "insert", owner: model.root, list: "articles", at: 0, item: article("新") });
  const [wire] = applied(outbox.next(1, "")).ops;
  const now = performed(issue(), wire ? [wire] : []);
  assert.deepEqual(outbox.resume(issue(), now), { arrived: true, text: null });
  outbox.rebase(now);
  assert.equal(outbox.next(2, ""), null);
  assert.equal(items(model.root, "articles").length, 2);
});

test("after a lost connection, the code view's text is given back once", () => {
  const { outbox } = page();
  outbox.edit("一二", "一");
  outbox.next(1, "一");
  assert.deepEqual(outbox.resume({}, {}), { arrived: false, text: "一二" });
  assert(outbox.isEmpty());
});

test("however late the answers come, the server has in the end what the page shows", () => {
  const random = new Random(6);
  for (let run = 0; run < 100; run += 1) {
    const [{ model, outbox }, alone, name] = [page(), page().model, names()];
    let value = issue();
    let request: Request | null = null;
    for (let step = 0; step < 40 || request !== null || outbox.hasMore(); step += 1) {
      if (step < 40 && random.below(2) === 0) {
        const op = anyOp(random, model.root, name);
        // The same change in a page without a server.
        alone.apply(translated(op, (table) => alone.nodeAt(model.pathOf(table) ?? []) as Table));
        outbox.change(op);
        assert(same(model.root, alone.root), `run ${run}, step ${step}: ${JSON.stringify(op)}\n${JSON.stringify(model.root)}\n${JSON.stringify(alone.root)}`);
      }
      request ??= outbox.next(step, "");
      if (request && random.below(4) === 0) {
        value = performed(value, structuredClone(applied(request).ops));
        outbox.done();
        outbox.rebase(clone(value));
        request = null;
        assert(same(model.root, alone.root), `run ${run}, step ${step}: after an answer\n${JSON.stringify(model.root)}\n${JSON.stringify(alone.root)}`);
      }
    }
    assert(same(value, alone.root), `run ${run}`);
  }
});

/** The same change of other objects. */
function translated(op: Op, twin: (table: Table) => Table): Op {
  switch (op.op) {
    case "set":
      return { ...op, node: twin(op.node) };
    case "insert":
      return { ...op, owner: twin(op.owner), item: clone(op.item) };
    case "remove":
      return { ...op, item: twin(op.item) };
    case "move":
      return { ...op, item: twin(op.item), owner: twin(op.owner) };
    case "duplicate":
      return { ...op, item: twin(op.item), copy: clone(op.copy) };
  }
}

/**
 * As much of the server as pages notice: each request is understood in the revision that it was
 * made on, and made in the newest.
 */
class Server {
  readonly model = new Model();
  readonly past: Table[] = [];

  constructor() {
    this.model.adopt(issue());
    this.remember();
  }

  get rev(): number {
    return this.past.length - 1;
  }

  take({ base, ops }: Extract<Request, { t: "apply" }>): void {
    const then = new Model();
    then.adopt(clone(this.past[base] as Table));
    for (const wire of ops) {
      const op = then.understand(wire);
      if (!op) continue;
      this.model.apply(translated(op, (table) => this.twin(table)));
      then.apply(op);
    }
    this.remember();
  }

  /** Its twin among the tables of now: articles and sections are told apart by their titles. */
  private twin(table: Table): Table {
    const name = (each: Table) => each["title"] ?? each["name"] ?? "";
    return [...owners(this.model.root), ...articles(this.model.root)].find((each) => name(each) === name(table)) as Table;
  }

  private remember(): void {
    this.past.push(clone(this.model.root));
  }
}

/** A page, as `Live` uses its outbox, with messages that are still on their way to it. */
class Guest {
  readonly model = new Model();
  readonly outbox = new Outbox(this.model);
  readonly inbox: { seq: number; rev: number; value: Table }[] = [];
  readonly requests: Extract<Request, { t: "apply" }>[] = [];
  private rev = 0;

  constructor() {
    this.model.adopt(issue());
  }

  pump(): void {
    const request = this.outbox.next(this.rev, "");
    if (request) this.requests.push(structuredClone(applied(request)));
  }

  read(): void {
    const state = this.inbox.shift();
    if (!state) return;
    const answered = this.outbox.isAnswered(state.seq);
    if (this.outbox.sent && !answered) return;
    if (answered) this.outbox.done();
    this.rev = state.rev;
    this.outbox.rebase(state.value);
    this.pump();
  }
}

test("two pages of one issue come to the same, and nothing that was typed is lost", () => {
  const random = new Random(5);
  for (let run = 0; run < 200; run += 1) {
    const [server, name] = [new Server(), names()];
    const guests = [new Guest(), new Guest()];
    const seen = [0, 0];
    const typed: string[] = [];
    const deliver = (at: number) => {
      const request = guests[at]?.requests.shift();
      if (!request) return;
      server.take(request);
      seen[at] = request.seq;
      for (const [to, guest] of guests.entries()) guest.inbox.push({ seq: seen[to] ?? 0, rev: server.rev, value: clone(server.model.root) });
    };
    const act = (at: number) => {
      const { model, outbox, pump } = guests[at] as Guest;
      const node = random.pick(articles(model.root));
      const kind = random.below(6);
      if (kind === 0) {
        const item = article(name());
        typed.push(String(item["title"]));
        outbox.change({ op: "insert", owner: random.pick(owners(model.root)), list: "articles", at: random.below(3), item });
      } else if (kind === 1) {
        // Within its list: an article that another page takes into another section is another one here.
        const owner = owners(model.root).find((each) => items(each, "articles").includes(node)) as Table;
        outbox.change({ op: "move", item: node, owner, list: "articles", at: random.below(items(owner, "articles").length) });
      } else {
        // One page writes at the beginning, the other at the end: the two never meet.
        const word = name();
        typed.push(word);
        const body = String(node["body"]);
        outbox.change(set(node, "body", at === 0 ? `${word}，${body}` : `${body}，${word}`));
      }
      pump.call(guests[at]);
    };
    for (let step = 0; step < 40; step += 1) {
      const at = random.below(2);
      random.pick([act, deliver, (at: number) => guests[at]?.read()])(at);
    }
    for (let round = 0; round < 50; round += 1) {
      for (const [at, guest] of guests.entries()) {
        deliver(at);
        guest.read();
      }
    }
    for (const [at, guest] of guests.entries()) {
      assert(guest.outbox.isEmpty(), `run ${run}: page ${at} still waits`);
      assert(same(guest.model.root, server.model.root), `run ${run}: page ${at} shows something else\n${JSON.stringify(guest.model.root)}\n${JSON.stringify(server.model.root)}`);
    }
    const text = JSON.stringify(server.model.root);
    for (const word of typed) assert(text.includes(word), `run ${run}: ${word} is lost in ${text}`);
  }
});
