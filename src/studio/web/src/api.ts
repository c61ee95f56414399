// What the server offers over HTTP; see src/serve.rs for the other side.

import type { Path, Table } from "./model.ts";

export interface IssueEntry {
  id: string;
  stem: string;
  year: number | null;
  number: number | null;
  supplement: number | null;
  serial_number: number | null;
  date: string | null;
  titles: string[];
  /** Imported, and its doubts not yet looked at. */
  review: boolean;
  /** There is text that was never saved. */
  unsaved: boolean;
}

export interface Publication {
  id: string;
  name: string;
  layout: string;
  issues: IssueEntry[];
  inherits?: Table;
}

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

export interface Project {
  language: "zh" | "en";
  name: string;
  publications: Publication[];
  /** What an issue can be exported as. */
  exports?: string[];
  schema: { issue: Schema; publication: Schema };
}

export interface Found {
  id: string;
  line: number;
  text: string;
  start: number;
  end: number;
  path?: Path;
  from?: number;
  to?: number;
}

export interface Doubt {
  line: number;
  message: string;
  /** The beginning of what it is about. */
  text: string;
}

export interface Saved {
  id: string;
  at: string;
  bytes: number;
}

export type Units = Record<string, string[]>;

/** What the server refused, in its words. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint?: string,
  ) {
    super(hint ? `${message}（${hint}）` : message);
  }
}

async function call(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(`api/${path}`, { method, headers, credentials: "same-origin", ...(body === undefined ? {} : { body }) });
  if (response.ok) return response;
  let error = { code: String(response.status), message: response.statusText || String(response.status) } as { code: string; message: string; hint?: string };
  try {
    error = ((await response.json()) as { error: typeof error }).error;
  } catch {
    // Not one of ours: the status has to do.
  }
  throw new Refused(response.status, error.code, error.message, error.hint);
}

async function json<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response =
    body === undefined
      ? await call(method, path)
      : await call(method, path, JSON.stringify(body), { "Content-Type": "application/json" });
  return (await response.json()) as T;
}

async function send<T>(path: string, file: Blob, name: string): Promise<T> {
  const headers = { "Content-Type": "application/octet-stream", "X-Filename": encodeURIComponent(name) };
  return (await (await call("POST", path, file, headers)).json()) as T;
}

const q = encodeURIComponent;

export const api = {
  project: () => json<Project>("GET", "project"),
  search: (text: string) => json<Found[]>("GET", `search?q=${q(text)}`),
  units: (publication: string) => json<Units>("GET", `units?publication=${q(publication)}`),
  newIssue: (publication: string, from?: string) => json<{ id: string }>("POST", "issues", { publication, ...(from ? { from } : {}) }),
  newPublication: (facts: { id: string; name: string; issuer: string }) => json<{ id: string }>("POST", "publications", facts),
  importFile: (publication: string, file: File) => send<{ id: string; text: string; doubts: Doubt[] }>(`import?publication=${q(publication)}`, file, file.name),
  doubts: (issue: string) => json<{ doubts: Doubt[] }>("GET", `review?issue=${q(issue)}`),
  reviewed: (issue: string) => call("POST", `review?issue=${q(issue)}`),
  clean: (html: string) => json<{ body: string }>("POST", "clean", { html }),
  picture: (issue: string, file: Blob, name: string) => send<{ path: string }>(`pictures?issue=${q(issue)}`, file, name),
  history: (issue: string) => json<Saved[]>("GET", `history?issue=${q(issue)}`),
  saved: (issue: string, id: string) => json<{ text: string }>("GET", `history/${q(id)}?issue=${q(issue)}`),
  export: (issue: string, as: string) => call("GET", `export?issue=${q(issue)}&as=${q(as)}`),
};
