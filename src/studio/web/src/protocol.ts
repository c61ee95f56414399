// What goes over a channel, in both directions; see src/serve/desk.rs for the other side.

import type { Path, Table, Value, WireOp } from "./model.ts";

export interface Finding {
  id: number;
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

export interface State {
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

export interface Question {
  from: "disk" | "tab";
  theirs: string;
  merged: string;
  /** There is no file any more. */
  gone?: boolean;
}

export interface Refusal {
  seq?: number;
  code: string;
  message: string;
  hint?: string;
}

export type Message =
  | ({ t: "state" } & State)
  | ({ t: "pages" } & Pages)
  | { t: "findings"; rev: number; pages: boolean; findings: Finding[] }
  | { t: "places"; rev: number; places: Place[] }
  | ({ t: "disk"; clean: boolean } & Question)
  | ({ t: "error" } & Refusal);

export type Choice = "mine" | "theirs" | "merged";

export type Request =
  | { t: "edit"; seq: number; base: number; base_text?: string; text: string }
  | { t: "apply"; seq: number; base: number; ops: WireOp[]; was: [number, Value][] }
  | { t: "fix"; seq: number; base: number; finding: number }
  | { t: "save"; seq: number }
  | { t: "resolve"; seq: number; choice: Choice; text: string };
