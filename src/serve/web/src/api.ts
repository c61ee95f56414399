// What the server offers over HTTP; see src/serve/api/ for the other side.

import type { Cleaned, ErrorBody, Hit, Imported, Made, NewIssue, NewPublication, Pasted, Picture, Project, Review, Saved, SavedText, Units } from "./protocol.ts";

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
  let error: { code: string; message: string; hint?: string } = { code: String(response.status), message: response.statusText || String(response.status) };
  try {
    error = ((await response.json()) as ErrorBody).error;
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
  search: (text: string) => json<Hit[]>("GET", `search?q=${q(text)}`),
  units: (publication: string) => json<Units>("GET", `units?publication=${q(publication)}`),
  newIssue: (issue: NewIssue) => json<Made>("POST", "issues", issue),
  newPublication: (publication: NewPublication) => json<Made>("POST", "publications", publication),
  importFile: (publication: string, file: File) => send<Imported>(`import?publication=${q(publication)}`, file, file.name),
  doubts: (issue: string) => json<Review>("GET", `review?issue=${q(issue)}`),
  reviewed: (issue: string) => call("POST", `review?issue=${q(issue)}`),
  clean: (pasted: Pasted) => json<Cleaned>("POST", "clean", pasted),
  picture: (issue: string, file: Blob, name: string) => send<Picture>(`pictures?issue=${q(issue)}`, file, name),
  history: (issue: string) => json<Saved[]>("GET", `history?issue=${q(issue)}`),
  saved: (issue: string, id: number) => json<SavedText>("GET", `history/${id}?issue=${q(issue)}`),
  export: (issue: string, as: string) => call("GET", `export?issue=${q(issue)}&as=${q(as)}`),
};
