// The issue as the form holds it: the TOML's tables as objects. An article is the same object
// however often it moves, so that its card, its focus and its unsent edits stay with it.

import { merge3 } from "./merge.ts";
import type { Key, Op as WireOp, Table, Value } from "./protocol.ts";

/** A change in the terms of objects. Its path is found when it is applied; `back` is where its object stood before. */
export type Op =
  /** `contested`: the value had become another than `from`, and the two could not be merged. */
  | { op: "set"; node: Table; key: string[]; from: Value; value: Value; contested?: boolean }
  | { op: "insert"; owner: Table; list: string; at: number; item: Table }
  /** `was`: the object as it was when it was removed first. */
  | { op: "remove"; item: Table; was?: Table; back?: Place }
  | { op: "move"; item: Table; owner: Table; list: string; at: number; back?: Place }
  | { op: "duplicate"; item: Table; copy: Table };

/** A place in a list. */
interface Place {
  owner: Table;
  list: string;
  at: number;
}

export type Path = Key[];
export type { Table, Value, WireOp };

export class Model {
  readonly root: Table = {};

  /** Takes over what the server says, keeping our objects for what is still there. */
  adopt(value: Table): void {
    adoptTable(this.root, value);
  }

  /** Where an object stands, or nothing when it is gone. */
  pathOf(node: Table): Path | null {
    return find(this.root, node, []);
  }

  /** The object that a path leads to or into: the article for an article's body. */
  nodeAt(path: Path): Table | null {
    let node: Table = this.root;
    let at: Value | undefined = this.root;
    for (const step of path) {
      at = Array.isArray(at) ? at[Number(step)] : isTable(at) ? at[step] : undefined;
      if (at === undefined) break;
      if (isTable(at) && typeof step === "number") node = at;
    }
    return node;
  }

  /** A change as it was sent, in terms of the objects that are here now; nothing where it no longer fits. */
  understand(wire: WireOp, from?: Value): Op | null {
    switch (wire.op) {
      case "set": {
        const split = wire.path.findLastIndex((step) => typeof step === "number") + 1;
        const node = this.exactly(wire.path.slice(0, split));
        const key = wire.path.slice(split) as string[];
        if (!node || same(get(node, key), wire.value)) return null;
        return { op: "set", node, key, from: from === undefined ? get(node, key) : from, value: wire.value };
      }
      case "insert": {
        const owner = this.exactly(wire.path.slice(0, -1));
        const list = String(wire.path.at(-1));
        if (!owner || !isTable(wire.value) || same(items(owner, list)[wire.at], wire.value)) return null;
        return { op: "insert", owner, list, at: wire.at, item: clone(wire.value) };
      }
      case "remove": {
        const item = this.exactly(wire.path);
        return item && (from === undefined || same(item, from)) ? { op: "remove", item } : null;
      }
      case "duplicate": {
        const item = this.exactly(wire.path);
        return item ? { op: "duplicate", item, copy: clone(item) } : null;
      }
      case "move": {
        const item = this.exactly(wire.path);
        const to = typeof wire.to === "number" ? [...wire.path.slice(0, -1), wire.to] : wire.to;
        const owner = this.exactly(to.slice(0, -2));
        if (!item || !owner) return null;
        return { op: "move", item, owner, list: String(to.at(-2)), at: Number(to.at(-1)) };
      }
    }
  }

  private exactly(path: Path): Table | null {
    let at: Value | undefined = this.root;
    for (const step of path) at = isTable(at) || Array.isArray(at) ? (at as Table)[step as string] : undefined;
    return isTable(at) ? at : null;
  }

  /** Applies a change here and says how it is sent; nothing when its object is gone. */
  apply(op: Op): WireOp | null {
    switch (op.op) {
      case "set":
        return this.set(op);
      case "insert": {
        const owner = this.pathOf(op.owner);
        if (!owner) return null;
        const list = listOf(op.owner, op.list);
        op.at = Math.min(op.at, list.length);
        list.splice(op.at, 0, op.item);
        return { op: "insert", path: [...owner, op.list], at: op.at, value: clone(op.item) };
      }
      case "remove": {
        const path = this.pathOf(op.item);
        // What somebody else has changed meanwhile stays.
        if (!path || (op.was && !same(op.was, op.item))) return null;
        op.was ??= clone(op.item);
        op.back = this.take(path);
        return { op: "remove", path };
      }
      case "move": {
        const path = this.pathOf(op.item);
        const owner = this.pathOf(op.owner);
        if (!path || !owner) return null;
        op.back = this.take(path);
        const list = listOf(op.owner, op.list);
        op.at = Math.min(op.at, list.length);
        list.splice(op.at, 0, op.item);
        const now = this.pathOf(op.item);
        return now ? { op: "move", path, to: now } : null;
      }
      case "duplicate": {
        const path = this.pathOf(op.item);
        if (!path) return null;
        const list = this.listAt(path);
        list.splice(Number(path.at(-1)) + 1, 0, op.copy);
        return { op: "duplicate", path };
      }
    }
  }

  /** Takes back the last change, or the last that is not taken back yet. */
  undo(op: Op): void {
    switch (op.op) {
      case "set":
        put(op.node, op.key, op.from);
        break;
      case "insert":
        this.withdraw(op.item);
        break;
      case "duplicate":
        this.withdraw(op.copy);
        break;
      case "remove":
      case "move":
        this.withdraw(op.item);
        if (op.back) listOf(op.back.owner, op.back.list).splice(op.back.at, 0, op.item);
    }
  }

  private withdraw(item: Table): void {
    const path = this.pathOf(item);
    if (path) this.take(path);
  }

  private set(op: Extract<Op, { op: "set" }>): WireOp | null {
    const path = this.pathOf(op.node);
    if (!path) return null;
    const now = get(op.node, op.key);
    // Someone else changed the same value meanwhile: both changes, where they do not meet; else the
    // server asks.
    op.contested = false;
    if (!same(now, op.from) && !same(now, op.value)) {
      const isText = typeof now === "string" && typeof op.from === "string" && typeof op.value === "string";
      const merged = isText ? merge3(op.from as string, op.value as string, now) : null;
      if (merged !== null) {
        op.value = merged;
        op.from = now;
      } else {
        op.contested = true;
      }
    }
    put(op.node, op.key, op.value);
    // A table without keys goes too: an empty [classification] would be a mistake.
    const [table = ""] = op.key;
    if (op.key.length > 1 && op.value === null && get(op.node, [table]) === null) return { op: "set", path: [...path, table], value: null };
    return { op: "set", path: [...path, ...op.key], value: op.value };
  }

  private listAt(path: Path): Value[] {
    let at: Value = this.root;
    for (const step of path.slice(0, -1)) at = (at as Table)[step as string] as Value;
    return at as Value[];
  }

  /** Takes an object out of its list, and gives its place. */
  private take(path: Path): Place {
    const at = Number(path.at(-1));
    this.listAt(path).splice(at, 1);
    return { owner: this.exactly(path.slice(0, -2)) ?? this.root, list: String(path.at(-2)), at };
  }
}

/** Tables with changes applied to them, as the server would. */
export function performed(value: Table, changes: WireOp[]): Table {
  const model = new Model();
  model.adopt(clone(value));
  for (const wire of changes) {
    const op = model.understand(wire);
    if (op) model.apply(op);
  }
  return model.root;
}

/** The list of an object, made where there is none. */
export function listOf(owner: Table, key: string): Table[] {
  const list = owner[key];
  if (Array.isArray(list)) return list as Table[];
  const made: Table[] = [];
  owner[key] = made;
  return made;
}

/** The list of an object, to look at. */
export function items(owner: Table, key: string): Table[] {
  const list = owner[key];
  return Array.isArray(list) ? (list.filter(isTable) as Table[]) : [];
}

export function get(node: Table, key: Path): Value {
  let at: Value = node;
  for (const step of key) {
    if (!isTable(at) && !Array.isArray(at)) return null;
    at = (at as Table)[step] ?? null;
  }
  return at;
}

function put(node: Table, key: string[], value: Value): void {
  const [first, ...rest] = key;
  if (first === undefined) return;
  if (rest.length === 0) {
    if (value === null) delete node[first];
    else node[first] = value;
    return;
  }
  const inner = node[first];
  const table = isTable(inner) ? inner : {};
  put(table, rest, value);
  if (Object.keys(table).length === 0) delete node[first];
  else node[first] = table;
}

export function isTable(value: Value | undefined): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function clone<T extends Value>(value: T): T {
  return structuredClone(value);
}

export function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  }
  if (isTable(a) && isTable(b)) {
    const keys = Object.keys(a).filter((key) => !isEmpty(a[key]));
    return keys.length === Object.keys(b).filter((key) => !isEmpty(b[key])).length && keys.every((key) => same(a[key], b[key]));
  }
  return false;
}

// A list of tables without members cannot be written in TOML: it is the same as none.
function isEmpty(value: Value | undefined): boolean {
  return value === undefined || value === null;
}

function find(at: Table, node: Table, path: Path): Path | null {
  if (at === node) return path;
  for (const key of ["articles", "sections", "attachments"]) {
    const list = at[key];
    if (!Array.isArray(list)) continue;
    for (const [index, item] of list.entries()) {
      const found = isTable(item) ? find(item, node, [...path, key, index]) : null;
      if (found) return found;
    }
  }
  return null;
}

function adoptTable(mine: Table, theirs: Table): void {
  for (const key of Object.keys(mine)) if (!(key in theirs)) delete mine[key];
  for (const [key, value] of Object.entries(theirs)) {
    const own = mine[key];
    if (Array.isArray(value) && value.length > 0 && value.every(isTable)) {
      mine[key] = adoptList(Array.isArray(own) ? own.filter(isTable) : [], value as Table[]);
    } else if (isTable(value)) {
      const table = isTable(own) ? own : {};
      adoptTable(table, value);
      mine[key] = table;
    } else {
      mine[key] = Array.isArray(value) ? [...value] : value;
    }
  }
}

/** Which of our objects is which of theirs: the same, else of the same name, else in the same place. */
function adoptList(mine: Table[], theirs: Table[]): Table[] {
  const free = new Set(mine);
  const found: (Table | undefined)[] = theirs.map(() => undefined);
  const pass = (fits: (own: Table, their: Table, ownAt: number, theirAt: number) => boolean) => {
    for (const [index, their] of theirs.entries()) {
      if (found[index]) continue;
      const own = mine.find((candidate, at) => free.has(candidate) && fits(candidate, their, at, index));
      if (own) {
        found[index] = own;
        free.delete(own);
      }
    }
  };
  const name = (table: Table) => table["title"] ?? table["name"] ?? "";
  pass((own, their, at, index) => at === index && same(own, their));
  pass((own, their) => same(own, their));
  pass((own, their) => name(own) !== "" && name(own) === name(their));
  pass((_own, _their, at, index) => at === index);
  return theirs.map((their, index) => {
    const own = found[index] ?? {};
    adoptTable(own, their);
    return own;
  });
}
