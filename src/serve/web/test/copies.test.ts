import assert from "node:assert/strict";
import test from "node:test";
import { Copies, type Copy } from "../src/copies.ts";

/** A browser's storage. */
class Store {
  getItem(key: string): string | null {
    return (this as never as Record<string, string>)[key] ?? null;
  }
  setItem(key: string, value: string): void {
    (this as never as Record<string, string>)[key] = value;
  }
  removeItem(key: string): void {
    delete (this as never as Record<string, string>)[key];
  }
}

/** A browser's locks, all of which this test holds itself. */
const held = new Set<string>();
const locks = {
  request: (name: string, _: object, run: (lock: object | null) => unknown) => {
    const free = !held.has(name);
    if (free) held.add(name);
    return Promise.resolve(run(free ? {} : null));
  },
  query: () => Promise.resolve({ held: [...held].map((name) => ({ name })) }),
};

const local = new Store();
const own: { locks: typeof locks | undefined } = { locks };
Object.defineProperties(globalThis, {
  localStorage: { value: local },
  sessionStorage: { value: new Store() },
  navigator: { value: own, configurable: true },
});

function copy(text: string, at: number): Copy {
  return { text, ops: [], draft: null, at };
}

function put(tab: string, issue: string, copy: Copy): string {
  const key = `jianbao.copy:${tab}:${issue}`;
  local.setItem(key, JSON.stringify(copy));
  return key;
}

test("a page finds its own copy again after a reload, and no longer when all is with the server", async () => {
  const copies = new Copies("p/2026-1");
  assert.equal(await copies.find(), null);
  copies.keep(copy("一", 1));
  assert.deepEqual(await new Copies("p/2026-1").find(), copy("一", 1));
  assert.equal(await new Copies("p/2026-2").find(), null);
  copies.drop();
  assert.equal(await new Copies("p/2026-1").find(), null);
});

test("nothing is kept before the page has its name", () => {
  new Copies("p/2026-3").keep(copy("一", 1));
  assert(!Object.keys(local).some((key) => key.endsWith("2026-3")));
});

test("the copy of a tab that is no more is taken over, the newest first", async () => {
  const older = put("1-1", "p/2026-4", copy("早", 1));
  const newer = put("2-2", "p/2026-4", copy("晚", 2));
  const alive = put("3-3", "p/2026-4", copy("在写", 3));
  put("4-4", "p/2026-5", copy("别期", 4));
  held.add("jianbao.tab:3-3");
  const copies = new Copies("p/2026-4");
  assert.deepEqual(await copies.find(), copy("晚", 2));
  assert.equal(local.getItem(newer), null);
  const next = await copies.orphan();
  assert.deepEqual(next?.copy, copy("早", 1));
  assert(local.getItem(older) !== null, "it stays until it is taken");
  next?.take();
  assert.equal(await copies.orphan(), null);
  assert(local.getItem(alive) !== null);
});

test("what is no copy is passed over", async () => {
  local.setItem("jianbao.copy:5-5:p/2026-6", "{");
  assert.equal(await new Copies("p/2026-6").find(), null);
});

test("an issue in folders has its own copies", async () => {
  put("6-6", "p/2026:7", copy("冒号", 1));
  assert.equal(await new Copies("p/2026").find(), null);
  assert.deepEqual(await new Copies("p/2026:7").find(), copy("冒号", 1));
});

test("without locks a page finds its own copy alone", async () => {
  own.locks = undefined;
  put("7-7", "p/2026-8", copy("谁的", 1));
  const copies = new Copies("p/2026-8");
  assert.equal(await copies.find(), null);
  copies.keep(copy("我的", 2));
  assert.deepEqual(await copies.find(), copy("我的", 2));
});
