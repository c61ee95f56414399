// What travels between the page and the program. Made from src/serve/protocol.rs: change that,
// then `UPDATE=1 cargo test protocol`.

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

/** Whose text is kept. */
export type Choice = "mine" | "theirs" | "merged";

/** `POST clean`: the same text with the marks of a body. */
export type Cleaned = {
  /** The text. */
  body: string, };

/** `POST review`: done, and there is nothing to tell. */
export type Done = Record<symbol, never>;

/** A place that an import was not sure of. */
export type Doubt = {
  /** The line or paragraph of the source; 0 for the file as a whole. */
  line: number,
  /** The beginning of the text that it is about. */
  text: string,
  /** The doubt, in the language of the program. */
  message: string, };

/** The body of every answer that is not a success. */
export type ErrorBody = {
  /** Why. */
  error: Explanation, };

/** Why something was not done, in the client's language. */
export type Explanation = {
  /** The reason's id. */
  code: Reason,
  /** The reason. */
  message: string,
  /** What to do. */
  hint?: string, };

/** A finding, in the client's language. */
export type Finding = {
  /** Its place in the list. */
  id: number,
  /** The rule's id. */
  rule: string,
  /** How bad it is. */
  severity: Severity,
  /** What is wrong. */
  message: string,
  /** What to do. */
  hints: Array<string>,
  /** The page that it is on. */
  page?: number,
  /** The line in the file, from 1. */
  line?: number,
  /** The character of the line, from 1. */
  column?: number,
  /** Another file than the issue's: publication.toml, a layout. */
  file?: string,
  /** Where it begins in the whole text, in UTF-16 units. */
  start?: number,
  /** Where it ends. */
  end?: number,
  /** The field that it stands in. */
  path?: Array<Key>,
  /** Where it begins in the field's value, in UTF-16 units. */
  from?: number,
  /** Where it ends. */
  to?: number,
  /** How to put it right, where the program is sure. */
  fix?: FixTitle, };

/** All findings of a text. */
export type Findings = {
  /** The text's revision. */
  rev: number,
  /** The pages that are shown are of the same text. */
  pages: boolean,
  /** The findings. */
  findings: Array<Finding>, };

/** The first message of a channel. */
export type First = { "t": "open",
  /** Its id: `publication/stem`. */
  issue: string,
  /** The language of the page, where it is not the program's. */
  lang?: string, };

/** A fix that can be asked for. */
export type FixTitle = {
  /** What it does, in the client's language. */
  title: string, };

/** A line that has the text of `GET search`. */
export type Hit = {
  /** The issue. */
  id: string,
  /** The line in its file, from 1. */
  line: number,
  /** The whole line. */
  text: string,
  /** Where the hit begins in the line, in UTF-16 units. */
  start: number,
  /** Where it ends. */
  end: number,
  /** The field that it stands in. */
  path?: Array<Key>,
  /** Where it begins in the field's value, in UTF-16 units. */
  from?: number,
  /** Where it ends. */
  to?: number, };

/** `POST import`: a file has become an issue. */
export type Imported = {
  /** The issue. */
  id: string,
  /** Its text. */
  text: string | null,
  /** What the program was not sure of. */
  doubts: Array<Doubt>,
  /** How many errors keep it from building. */
  errors: number, };

/** An issue in the list; of a text that is not right, as much as can be read. */
export type IssueEntry = {
  /** `publication/stem`. */
  id: string,
  /** The name of its file without the ending. */
  stem: string,
  /** The year of its date. */
  year: number | null,
  /** Its number. */
  number: number | null,
  /** Its number as a supplement. */
  supplement: number | null,
  /** Its cumulative number. */
  serial_number: number | null,
  /** Its date. */
  date: string | null,
  /** The titles of all articles. */
  titles: Array<string | null>,
  /** Imported, and its doubts not yet looked at. */
  review: boolean,
  /** There is text that was never saved. */
  unsaved: boolean, };

/** A step on the way to a value. */
export type Key = number | string;

/** A language of the catalogue. */
export type Lang = "zh" | "en";

/** A new issue or publication. */
export type Made = {
  /** Its id. */
  id: string, };

/** Another text, and ours merged with it. */
export type Merge = {
  /** Where the other text comes from. */
  from: Origin,
  /** The other text. */
  theirs: string,
  /** Both merged; with marks between them where they meet. */
  merged: string,
  /** They do not meet: nothing is asked. */
  clean: boolean,
  /** There is no file any more; only where something is asked. */
  gone?: boolean, };

/** A message to a page. */
export type Message = { "t": "state" } & State | { "t": "pages" } & Pages | { "t": "findings" } & Findings | { "t": "places" } & Places | { "t": "disk" } & Merge | { "t": "error" } & Refusal;

/** `POST issues`: the next issue of a publication. */
export type NewIssue = {
  /** The publication. */
  publication: string,
  /** The issue whose lists and sections are carried on; the last one if none is named. */
  from?: string, };

/** `POST publications`: a publication without issues. */
export type NewPublication = {
  /** The name of its folder. */
  id: string,
  /** Its name. */
  name: string,
  /** Its issuer. */
  issuer: string, };

/** An operation of a form. */
export type Op = { "op": "set",
  /** The key. */
  path: Array<Key>,
  /** Its value. */
  value: Value, } | { "op": "insert",
  /** The array, which need not be there. */
  path: Array<Key>,
  /** Its place in it. */
  at: number,
  /** The value. */
  value: Value, } | { "op": "remove",
  /** The value. */
  path: Array<Key>, } | { "op": "move",
  /** The value. */
  path: Array<Key>,
  /** Where it is afterwards. */
  to: Target, } | { "op": "duplicate",
  /** The value. */
  path: Array<Key>, };

/** Where another text comes from. */
export type Origin = "disk" | "tab";

/** A page. */
export type Page = {
  /** Its number, from 1. */
  n: number,
  /** Tells it from every other page. */
  key: string,
  /** The picture, unless the client has it. */
  svg?: string, };

/** The size of a page, in pt. */
export type PageSize = {
  /** The width. */
  w: number,
  /** The height. */
  h: number, };

/** The pages of a text. */
export type Pages = {
  /** The text's revision. */
  rev: number,
  /** The size of the first page. */
  size: PageSize,
  /** Outlines that pages name, new since the last message. */
  glyphs: string,
  /** The pages in their order. */
  pages: Array<Page>, };

/** `POST clean`: HTML from another program's clipboard. */
export type Pasted = {
  /** The HTML. */
  html: string, };

/** `POST pictures`: a picture that lies beside the issue now. */
export type Picture = {
  /** The path that an issue names it by. */
  path: string, };

/** A part of a field on one line of a page, in pt from the page's left top. */
export type Place = {
  /** The field. */
  path: Array<Key>,
  /** The line of its value, from 0. */
  line: number,
  /** The page, from 1. */
  page: number,
  /** Its left edge. */
  x: number,
  /** Its top. */
  y: number,
  /** Its width. */
  w: number,
  /** Its height. */
  h: number,
  /** Where the part begins in the field's value, in UTF-16 units. */
  from: number,
  /** Where it ends. */
  to: number, };

/** Where the fields of a text stand on its pages. */
export type Places = {
  /** The text's revision. */
  rev: number,
  /** The places in the order of the pages. */
  places: Array<Place>, };

/** `GET project`. */
export type Project = {
  /** The language of the program. */
  language: Lang,
  /** The name of the project's folder. */
  name: string | null,
  /** The publications by their ids. */
  publications: Array<Publication>,
  /** Files and folders that are left out: their names are not UTF-8, or they are links that lead
   * out of the project. */
  left_out: Array<string>,
  /** What an issue can be exported as. */
  exports: Array<string>,
  /** The schemas of the files. */
  schema: Schemas, };

/** A publication and its issues. */
export type Publication = {
  /** The name of its folder. */
  id: string,
  /** Its name. */
  name: string | null,
  /** The layout of its pages. */
  layout: string,
  /** The issues, the latest first. */
  issues: Array<IssueEntry>,
  /** Its file as tables, from which issues inherit. */
  inherits: Table | null, };

/** Why something that was asked for was not done, by a stable name. */
export type Reason = "studio-host" | "studio-origin" | "studio-token" | "studio-unknown" | "studio-issue-unknown" | "studio-publication-unknown" | "studio-export-unknown" | "studio-bad-message" | "studio-op" | "studio-base" | "studio-fix-gone" | "studio-conflict" | "studio-not-saved" | "studio-too-large" | "studio-encoding" | "studio-unreadable" | "studio-unwritable" | "studio-exists" | "studio-outside" | "studio-file-name" | "bad-name" | "new-after-9999" | "studio-import" | "studio-picture" | "studio-not-built" | "studio-thread" | "studio-broken";

/** Why a message was refused. */
export type Refusal = {
  /** The client's message, unless it could not be read. */
  seq: number | null,
  /** The reason's id. */
  code: Reason,
  /** The reason. */
  message: string,
  /** What to do. */
  hint?: string, };

/** A request of a page that has an issue open. */
export type Request = { "t": "edit",
  /** Counts the client's messages. */
  seq: number,
  /** The revision that it edited. */
  base: number,
  /** The text that it edited, where it is of another run of the program. */
  base_text?: string,
  /** The text. */
  text: string, } | { "t": "apply",
  /** Counts the client's messages. */
  seq: number,
  /** The revision that it edited. */
  base: number,
  /** The operations. */
  ops: Array<Op>,
  /** Values that operations, by place, replaced on the page, where they differ from the
   * server's. */
  was: Array<[number, Value]>, } | { "t": "fix",
  /** Counts the client's messages. */
  seq: number,
  /** The revision that the findings are of. */
  base?: number,
  /** The finding's place in the list. */
  finding: number, } | { "t": "save",
  /** Counts the client's messages. */
  seq: number, } | { "t": "resolve",
  /** Counts the client's messages. */
  seq: number,
  /** Whose text is kept. */
  choice: Choice,
  /** The text, where a person made one of both. */
  text?: string, };

/** `GET review`: what is still to be looked at. */
export type Review = {
  /** What the program was not sure of. */
  doubts: Array<Doubt>, };

/** An entry of `GET history`, the newest first. */
export type Saved = {
  /** Its count. */
  id: number,
  /** When it was made. */
  at: string,
  /** Its length. */
  bytes: number, };

/** `GET history/{id}`. */
export type SavedText = {
  /** The text that was saved. */
  text: string, };

/** JSON Schemas of the files of a project. */
export type Schemas = {
  /** An issue's. */
  issue: Schema,
  /** A publication's. */
  publication: Schema, };

/** How bad it is. */
export type Severity = "error" | "warning" | "advice";

/** The text as the server has it, after everything that came before. */
export type State = {
  /** The client's last message that is in it. */
  seq: number | null,
  /** The revision. */
  rev: number,
  /** The text can be read as tables. */
  ok: boolean,
  /** The text as tables. */
  value: Table | null,
  /** The text is in the file. */
  saved: boolean,
  /** Where the text comes from that the client was asked about and has not answered yet. */
  conflict: Origin | null,
  /** The text, unless the client has it. */
  text?: string,
  /** The text was left unsaved by an earlier run of the program. */
  recovered?: boolean, };

/** Where something is after it was moved. */
export type Target = number | Array<Key>;

/** `GET units`: units and people of earlier issues by the key that names them, the most frequent
 * first. */
export type Units = { [key in string]: Array<string> };

/** `GET issues` of `watch`: the issues to choose from. */
export type Watched = {
  /** The language of the program. */
  language: Lang,
  /** The issues by their ids. */
  issues: Array<string>,
  /** The words of the page. */
  words: { [key in string]: string }, };
