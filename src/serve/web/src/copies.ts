// What the server may not have yet, kept in the browser so that no crash of either loses it.

import type { Value, WireOp } from "./model.ts";

export interface Copy {
  /** The last text that the server acknowledged. */
  text: string;
  /** The last text that was known to be in the file. */
  base?: string;
  /** Changes of the form that were not acknowledged, and what they changed. */
  ops: { wire: WireOp; from: Value }[];
  /** The text of the code view that was not acknowledged. */
  draft: string | null;
  at: number;
}

const PREFIX = "jianbao.copy:";

// While a tab lives it holds a lock of its name, so that others leave its copies alone. Offices
// without TLS have no locks; there only the tab itself finds its copy again, and a tab that was
// duplicated shares it.
let named: Promise<string> | null = null;

/** This tab's name outlives a reload and a restored session, but no other tab has it. */
async function nameTab(): Promise<string> {
  const own = sessionStorage.getItem("jianbao.tab");
  // A reload may come before the lock of the page before is given back. Who still has none then is a
  // duplicate: it began with the other tab's storage.
  if (own && ((await hold(own)) || (await new Promise((done) => setTimeout(done, 200)).then(() => hold(own))))) return own;
  const name = crypto.getRandomValues(new Uint32Array(2)).join("-");
  sessionStorage.setItem("jianbao.tab", name);
  await hold(name);
  return name;
}

/** Holds the lock of a name as long as the page lives, unless another page does. */
function hold(name: string): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const holding = navigator.locks.request(`jianbao.tab:${name}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock ? new Promise<void>(() => {}) : undefined;
    });
    holding.catch(() => resolve(true));
  });
}

export class Copies {
  private key = "";

  constructor(private readonly issue: string) {
    named ??= nameTab();
  }

  keep(copy: Copy): void {
    if (!this.key) return;
    try {
      localStorage.setItem(this.key, JSON.stringify(copy));
    } catch {
      // Full or forbidden: the server has its own copy within a second.
    }
  }

  drop(): void {
    localStorage.removeItem(this.key);
  }

  /** This tab's copy, else one whose tab is no more. It is taken over. */
  async find(): Promise<Copy | null> {
    this.key = `${PREFIX}${await (named ??= nameTab())}:${this.issue}`;
    const own = read(this.key);
    if (own) return own;
    const found = await this.orphan();
    found?.take();
    return found?.copy ?? null;
  }

  /** The newest copy whose tab is no more, until it is taken. */
  async orphan(): Promise<{ copy: Copy; take: () => void } | null> {
    if (!navigator.locks) return null;
    const alive = new Set(((await navigator.locks.query()).held ?? []).map((lock) => lock.name));
    const orphans: [string, Copy][] = [];
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(PREFIX) || key === this.key) continue;
      const [owner, ...issue] = key.slice(PREFIX.length).split(":");
      if (issue.join(":") !== this.issue || alive.has(`jianbao.tab:${owner}`)) continue;
      const copy = read(key);
      if (copy) orphans.push([key, copy]);
    }
    orphans.sort((a, b) => b[1].at - a[1].at);
    const [newest] = orphans;
    return newest ? { copy: newest[1], take: () => localStorage.removeItem(newest[0]) } : null;
  }
}

function read(key: string): Copy | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as Copy | null;
  } catch {
    return null;
  }
}
