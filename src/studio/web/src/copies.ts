// What the server may not have yet, kept in the browser so that no crash of either loses it.

import type { Value, WireOp } from "./model.ts";

export interface Copy {
  /** The last text that the server acknowledged. */
  text: string;
  /** Digests of the texts before. */
  seen: number[];
  /** Changes of the form that were not acknowledged, and what they changed. */
  ops: { wire: WireOp; from: Value }[];
  /** The text of the code view that was not acknowledged. */
  draft: string | null;
  at: number;
}

const PREFIX = "jianbao.copy:";

/** This tab's name outlives a reload and a restored session, but no other tab has it. */
function tab(): string {
  let name = sessionStorage.getItem("jianbao.tab");
  if (!name) {
    name = crypto.getRandomValues(new Uint32Array(2)).join("-");
    sessionStorage.setItem("jianbao.tab", name);
  }
  return name;
}

// While the tab lives it holds a lock of its name, so that others leave its copies alone. Offices
// without TLS have no locks; there only the tab itself finds its copy again.
let held: Promise<void> | null = null;
function hold(): void {
  if (held || !navigator.locks) return;
  held = new Promise(() => {});
  void navigator.locks.request(`jianbao.tab:${tab()}`, () => held);
}

export class Copies {
  private readonly key: string;

  constructor(private readonly issue: string) {
    hold();
    this.key = `${PREFIX}${tab()}:${issue}`;
  }

  keep(copy: Copy): void {
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
    const own = read(this.key);
    if (own) return own;
    if (!navigator.locks) return null;
    const alive = new Set(((await navigator.locks.query()).held ?? []).map((lock) => lock.name));
    const orphans: [string, Copy][] = [];
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(PREFIX)) continue;
      const [owner, ...issue] = key.slice(PREFIX.length).split(":");
      if (issue.join(":") !== this.issue || alive.has(`jianbao.tab:${owner}`)) continue;
      const copy = read(key);
      if (copy) orphans.push([key, copy]);
    }
    orphans.sort((a, b) => b[1].at - a[1].at);
    for (const [key] of orphans) localStorage.removeItem(key);
    return orphans[0]?.[1] ?? null;
  }
}

function read(key: string): Copy | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as Copy | null;
  } catch {
    return null;
  }
}
