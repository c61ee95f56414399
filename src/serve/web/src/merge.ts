// Three-way merge of text: both changes, where they do not meet.

import { diff } from "@codemirror/merge";

interface Edit {
  from: number;
  to: number;
  insert: string;
}

function edits(base: string, text: string): Edit[] {
  return diff(base, text).map((change) => ({
    from: change.fromA,
    to: change.toA,
    insert: text.slice(change.fromB, change.toB),
  }));
}

/** The text with both changes, or nothing where they meet. */
export function merge3(base: string, mine: string, theirs: string): string | null {
  if (mine === theirs || base === theirs) return mine;
  if (base === mine) return theirs;
  const all = [...edits(base, mine), ...edits(base, theirs)].sort((a, b) => a.from - b.from || a.to - b.to);
  let merged = "";
  let at = 0;
  let last = -1;
  for (const edit of all) {
    if (edit.from < at || edit.from === last) return null;
    merged += base.slice(at, edit.from) + edit.insert;
    at = edit.to;
    last = edit.to;
  }
  return merged + base.slice(at);
}

/** The one stretch in which two texts differ: from the front of `before`, what goes and what comes. */
export function stretch(before: string, after: string): { from: number; to: number; insert: string } {
  let start = 0;
  const shorter = Math.min(before.length, after.length);
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}
