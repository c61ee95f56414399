// What travels between the page and the program; see src/serve for the other side.

/** A value of an issue's TOML, as JSON. */
export type Value = string | number | boolean | null | Value[] | Table;

/** A table of an issue's TOML. */
export interface Table {
  [key: string]: Value;
}

/** As much of JSON Schema as the page reads. */
export interface Schema {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  required?: string[];
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  oneOf?: { const: string; description?: string }[];
  $ref?: string;
  $defs?: Record<string, Schema>;
}

export type First = { "t": "open", issue: string, lang?: string };
export type Request = { "t": "edit", seq: number, base: number, base_text?: string, text: string } | { "t": "apply", seq: number, base: number, ops: Array<Op>, was: Array<[number, Value]> } | { "t": "fix", seq: number, base?: number, finding: number } | { "t": "save", seq: number } | { "t": "resolve", seq: number, choice: Choice, text?: string };
export type Step = string | number;
export type KeyPath = Array<Step>;
export type Target = number | KeyPath;
export type Op = { "op": "set", path: KeyPath, value: Value } | { "op": "insert", path: KeyPath, at: number, value: Value } | { "op": "remove", path: KeyPath } | { "op": "move", path: KeyPath, to: Target } | { "op": "duplicate", path: KeyPath };
export type Choice = "mine" | "theirs" | "merged";
export type Message = { "t": "state" } & State | { "t": "pages" } & Pages | { "t": "findings" } & Findings | { "t": "places" } & Places | { "t": "disk" } & Merge | { "t": "error" } & Refused;
export type Origin = "disk" | "tab";
export type State = { seq: number | null, rev: number, ok: boolean, value: Table | null, saved: boolean, conflict: Origin | null, text?: string, recovered?: boolean };
export type Merge = { from: Origin, theirs: string, merged: string, clean: boolean, gone?: boolean };
export type Pages = { rev: number, size: PageSize, glyphs: string, pages: Array<Page> };
export type PageSize = { w: number, h: number };
export type Page = { n: number, key: string, svg?: string };
export type Severity = "error" | "warning" | "advice";
export type Findings = { rev: number, pages: boolean, findings: Array<Finding> };
export type Finding = { id: number, rule: string, severity: Severity, message: string, hints: Array<string>, page?: number, line?: number, column?: number, file?: string, start?: number, end?: number, path?: KeyPath, from?: number, to?: number, fix?: FixTitle };
export type FixTitle = { title: string };
export type Places = { rev: number, places: Array<Place> };
export type Place = { path: KeyPath, line: number, page: number, x: number, y: number, w: number, h: number, from: number, to: number };
export type Refused = { seq: number | null, code: string, message: string, hint?: string };
export type Error = { code: string, message: string, hint?: string };
export type ErrorBody = { error: Error };
export type Lang = "zh" | "en";
export type Project = { language: Lang, name: string | null, publications: Array<Publication>, exports: Array<string>, schema: Schemas };
export type Schemas = { issue: Schema, publication: Schema };
export type Publication = { id: string, name: string | null, layout: string, issues: Array<IssueEntry>, inherits: Table | null };
export type IssueEntry = { id: string, stem: string, year: number | null, number: number | null, supplement: number | null, serial_number: number | null, date: string | null, titles: Array<string | null>, review: boolean, unsaved: boolean };
export type Hit = { id: string, line: number, text: string, start: number, end: number, path?: KeyPath, from?: number, to?: number };
export type Units = Record<string, Array<string>>;
export type NewIssue = { publication: string, from?: string };
export type NewPublication = { id: string, name: string, issuer: string };
export type Made = { id: string };
export type Imported = { id: string, text: string | null, doubts: Array<Doubt> };
export type Review = { doubts: Array<Doubt> };
export type Doubt = { line: number, text: string, message: string };
export type Pasted = { html: string };
export type Cleaned = { body: string };
export type Picture = { path: string };
export type Saved = { id: number, at: string, bytes: number };
export type SavedText = { text: string };
export type Watched = { language: Lang, issues: Array<string>, words: Record<string, string> };
