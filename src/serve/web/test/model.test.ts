import assert from "node:assert/strict";
import test from "node:test";
import { clone, get, items, listOf, Model, performed, same, type Op, type Table, type WireOp } from "../src/model.ts";
import { anyOp, article, articles, issue, names } from "./issues.ts";
import { Random } from "./random.ts";

function model(value: Table = issue()): Model {
  const made = new Model();
  made.adopt(clone(value));
  return made;
}

/** The section at a place, and one of its articles. */
function section(root: Table, at: number): Table {
  return items(root, "sections")[at] as Table;
}

function inSection(root: Table, at: number, article: number): Table {
  return items(section(root, at), "articles")[article] as Table;
}

test("an article is the same object after others came, went and moved around it", () => {
  const page = model();
  const second = inSection(page.root, 0, 1);
  const now = issue();
  listOf(section(now, 0), "articles").unshift(article("新来的"));
  page.adopt(now);
  assert.equal(inSection(page.root, 0, 2), second);
  listOf(section(now, 0), "articles").reverse();
  page.adopt(now);
  assert.equal(inSection(page.root, 0, 0), second);
  listOf(section(now, 0), "articles").splice(1);
  page.adopt(now);
  assert.equal(inSection(page.root, 0, 0), second);
  assert.deepEqual(page.pathOf(second), ["sections", 0, "articles", 0]);
});

test("an article with another title in its old place is the same object", () => {
  const page = model();
  const first = inSection(page.root, 0, 0);
  const now = issue();
  inSection(now, 0, 0)["title"] = "改过的";
  page.adopt(now);
  assert.equal(inSection(page.root, 0, 0), first);
  assert.equal(first["title"], "改过的");
});

test("what is gone has no path, and a change of it is not sent", () => {
  const page = model();
  const first = inSection(page.root, 0, 0);
  const now = issue();
  listOf(section(now, 0), "articles").splice(0);
  page.adopt(now);
  assert.equal(page.pathOf(first), null);
  assert.equal(page.apply({ op: "set", node: first, key: ["title"], from: "甲", value: "乙" }), null);
  assert.equal(page.apply({ op: "duplicate", item: first, copy: clone(first) }), null);
});

test("a removal finds its object elsewhere, and what somebody else has changed stays", () => {
  const page = model();
  const op: Op = { op: "remove", item: inSection(page.root, 0, 0) };
  assert.deepEqual(page.apply(op), { op: "remove", path: ["sections", 0, "articles", 0] });
  page.undo(op);
  const now = issue();
  listOf(section(now, 0), "articles").unshift(article("新来的"));
  page.adopt(now);
  assert.deepEqual(page.apply(op), { op: "remove", path: ["sections", 0, "articles", 1] });
  page.undo(op);
  inSection(now, 0, 1)["body"] = "他又写了。";
  page.adopt(now);
  assert.equal(page.apply(op), null);
  assert.equal(inSection(page.root, 0, 1)["body"], "他又写了。");
});

test("changes are taken back to what was there before", () => {
  const random = new Random(7);
  for (let run = 0; run < 300; run += 1) {
    const [page, name] = [model(), names()];
    const ops: Op[] = [];
    for (let step = 0; step < 12; step += 1) {
      const op = anyOp(random, page.root, name);
      if (page.apply(op)) ops.push(op);
    }
    for (const op of ops.reverse()) page.undo(op);
    assert(same(page.root, issue()), `run ${run}: ${JSON.stringify(ops)}\n${JSON.stringify(page.root)}`);
  }
});

test("two changes of one text are merged where they do not meet, and contested where they do", () => {
  const page = model();
  const node = inSection(page.root, 0, 0);
  const apart = { op: "set", node, key: ["body"], from: "正文。", value: "我的正文。", contested: true };
  node["body"] = "正文，他的。";
  assert.deepEqual(page.apply(apart as never), { op: "set", path: ["sections", 0, "articles", 0, "body"], value: "我的正文，他的。" });
  assert.equal(apart.contested, false);
  assert.equal(apart.from, "正文，他的。");
  node["title"] = "他的标题";
  const meeting = { op: "set", node, key: ["title"], from: "甲", value: "我的标题", contested: false };
  assert.deepEqual(page.apply(meeting as never), { op: "set", path: ["sections", 0, "articles", 0, "title"], value: "我的标题" });
  assert.equal(meeting.contested, true);
  assert.equal(meeting.from, "甲");
});

test("a table goes with its last key", () => {
  const page = model({ classification: { level: "秘密" } });
  const wire = page.apply({ op: "set", node: page.root, key: ["classification", "level"], from: "秘密", value: null });
  assert.deepEqual(wire, { op: "set", path: ["classification"], value: null });
  assert.deepEqual(page.root, {});
  page.apply({ op: "set", node: page.root, key: ["classification", "level"], from: null, value: "机密" });
  assert.deepEqual(page.root, { classification: { level: "机密" } });
});

test("an article moves into another section, and a place behind the end is the end", () => {
  const page = model();
  const item = inSection(page.root, 0, 0);
  const wire = page.apply({ op: "move", item, owner: section(page.root, 1), list: "articles", at: 9 });
  assert.deepEqual(wire, { op: "move", path: ["sections", 0, "articles", 0], to: ["sections", 1, "articles", 2] });
  assert.equal(inSection(page.root, 1, 2), item);
});

test("a kept change is played again only where what it changed is still so", () => {
  const page = model();
  const path = ["sections", 0, "articles", 0, "title"];
  assert.equal(page.understand({ op: "set", path, value: "甲" }), null, "it is so already");
  assert.equal(page.understand({ op: "set", path: ["sections", 9, "articles", 0, "title"], value: "字" }), null);
  assert.equal(page.understand({ op: "remove", path: path.slice(0, -1) }, article("别的")), null);
  assert.equal(page.understand({ op: "insert", path: ["articles"], at: 0, value: article("刊外") }), null, "it is there already");
  const understood = page.understand({ op: "set", path, value: "新" }, "更早");
  assert.deepEqual(understood, { op: "set", node: inSection(page.root, 0, 0), key: ["title"], from: "更早", value: "新" });
});

test("a path into an article leads to it", () => {
  const page = model();
  assert.equal(page.nodeAt(["sections", 1, "articles", 0, "body"]), inSection(page.root, 1, 0));
  assert.equal(page.nodeAt(["imprint", "report_to", 1]), page.root);
  assert.equal(page.nodeAt(["sections", 7, "name"]), page.root);
});

test("a key that is not there is a key without value", () => {
  assert(same({ title: "甲", source: null }, { title: "甲" }));
  assert(!same({ title: "甲", source: "" }, { title: "甲" }));
  assert(!same(["甲", "乙"], ["乙", "甲"]));
  assert.equal(get(issue(), ["imprint", "phone"]), null);
  assert.equal(get(issue(), ["number", "phone"]), null);
});

test("the server makes of the requests what the page shows", () => {
  const random = new Random(3);
  for (let run = 0; run < 300; run += 1) {
    const [page, name] = [model(), names()];
    const wires: WireOp[] = [];
    for (let step = 0; step < 12; step += 1) {
      const wire = page.apply(anyOp(random, page.root, name));
      if (wire) wires.push(structuredClone(wire));
    }
    const made = performed(issue(), wires);
    assert(same(made, page.root), `run ${run}: ${JSON.stringify(wires)}\n${JSON.stringify(made)}\n${JSON.stringify(page.root)}`);
  }
});

test("whatever the server has is adopted whole, and an article that kept its title is the same object", () => {
  const random = new Random(4);
  for (let run = 0; run < 300; run += 1) {
    const [page, other, name] = [model(), model(), names()];
    for (let step = 0; step < 6; step += 1) other.apply(anyOp(random, other.root, name));
    const before = new Map(items(page.root, "articles").map((each) => [each["title"], each]));
    page.adopt(clone(other.root));
    assert(same(page.root, other.root), `run ${run}`);
    const seen = new Set(articles(page.root));
    assert.equal(seen.size, articles(page.root).length, "no object stands twice");
    for (const each of items(page.root, "articles")) {
      const twin = before.get(each["title"]);
      const alone = items(page.root, "articles").filter((one) => one["title"] === each["title"]).length === 1;
      if (twin && alone) assert.equal(each, twin, `run ${run}`);
    }
  }
});
