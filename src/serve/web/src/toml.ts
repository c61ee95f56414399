// Where in the data a place of a TOML text is, and where in the text a field of the data stands.

import type { Path } from "./model.ts";

/** Where a field's key is written in a TOML text, if whole lines say so. */
export function placeOf(text: string, path: Path): number {
  const name = path.findLast((step) => typeof step === "string");
  const wanted = JSON.stringify(path.slice(0, path.lastIndexOf(name ?? "") + 1));
  for (const found of text.matchAll(/^[ \t]*(\w+)[ \t]*=/gm)) {
    if (found[1] !== name) continue;
    const place = whereIs(text.slice(0, found.index + found[0].length));
    if (!place.inText && JSON.stringify([...place.path, ...(place.key ?? [])]) === wanted) return found.index + found[0].length;
  }
  return -1;
}

interface Where {
  /** The tables' names, without places in lists. */
  tables: string[];
  /** The same with places. */
  path: Path;
  /** The key whose value is being written. */
  key: string[] | null;
  line: number;
  /** Within a text of several lines. */
  inText: boolean;
}

/** Where in the data the end of a TOML text is. Line by line is enough for what people write. */
export function whereIs(text: string): Where {
  const counts = new Map<string, number>();
  const where: Where = { tables: [], path: [], key: null, line: 0, inText: false };
  let closing = "";
  for (const line of text.split("\n")) {
    if (closing) {
      where.line += 1;
      if (line.includes(closing)) closing = "";
      else continue;
      where.inText = false;
      continue;
    }
    const header = /^\s*(\[\[?)\s*([\w.]+)\s*\]/.exec(line);
    const key = /^\s*(\w+)\s*=\s*(.*)$/.exec(line);
    if (header) {
      const names = (header[2] ?? "").split(".");
      if (header[1] === "[[") {
        const full = names.join(".");
        counts.set(full, (counts.get(full) ?? -1) + 1);
        for (const other of [...counts.keys()]) if (other.startsWith(`${full}.`)) counts.delete(other);
      }
      where.tables = names;
      where.path = names.flatMap((name, at) => {
        const index = counts.get(names.slice(0, at + 1).join("."));
        return index === undefined ? [name] : [name, index];
      });
      where.key = null;
    } else if (key) {
      where.key = [key[1] ?? ""];
      where.line = 0;
      const opened = /^('''|""")/.exec(key[2] ?? "")?.[1];
      if (opened && !(key[2] ?? "").slice(3).includes(opened)) {
        closing = opened;
        where.inText = true;
        // The line break right after the quotes is no part of the text.
        if ((key[2] ?? "").slice(3).trim() === "") where.line = -1;
      }
    }
  }
  return where;
}
