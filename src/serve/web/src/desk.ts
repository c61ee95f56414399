// What the parts of the editor share, and how they speak to the user.

import { h, iconButton } from "./dom.ts";
import type { Live } from "./live.ts";
import type { Path, Table } from "./model.ts";
import type { Finding, Units } from "./protocol.ts";
import type { Book } from "./schema.ts";
import { w } from "./words.ts";

export interface Desk {
  live: Live;
  book: Book;
  issue: string;
  publication: string;
  units: Units;
  /** What the publication says where the issue says nothing. */
  inherits: Table;
  /** Shows where a field's line stands on its page. */
  showOnPage(path: Path, line: number): void;
  /** Goes to what a finding is about, in the view that is open. */
  goTo(finding: Finding): void;
}

let polite: HTMLElement | null = null;
let toasts: HTMLElement | null = null;

/** The places for messages, once in the page. */
export function speakers(): HTMLElement[] {
  polite = h("div", { class: "hidden", role: "status", "aria-live": "polite" });
  toasts = h("div", { class: "toasts", role: "region", "aria-label": w.messages });
  return [polite, toasts];
}

/** Says something to those who do not see it. */
export function announce(text: string): void {
  if (polite) polite.textContent = text;
}

/** Shows and says a message for a while, with what can be done about it. */
export function toast(text: string, action?: { label: string; run: () => void }, kind: "plain" | "error" = "plain"): () => void {
  const gone = () => element.remove();
  const element = h(
    "div",
    { class: `toast ${kind}` },
    h("span", {}, text),
    action && h("button", { type: "button", onclick: () => { gone(); action.run(); } }, action.label),
    iconButton("close", w.close, gone),
  );
  toasts?.append(element);
  while ((toasts?.childElementCount ?? 0) > 3) toasts?.firstElementChild?.remove();
  announce(text);
  setTimeout(gone, action || kind === "error" ? 10_000 : 4000);
  return gone;
}

/** Shows what went wrong with something the user asked for. */
export function failed(error: unknown): void {
  toast(w.failed(error instanceof Error ? error.message : String(error)), undefined, "error");
}

/** A modal dialogue; Escape and the close button end it. */
export function dialog(title: string, content: (close: () => void) => (Node | null)[], options: { wide?: boolean; must?: boolean } = {}): HTMLDialogElement {
  const close = () => {
    element.close();
    element.remove();
  };
  const element = h("dialog", { class: options.wide ? "wide" : "", "aria-label": title });
  element.append(
    h("header", {}, h("h2", {}, title), options.must ? null : iconButton("close", w.close, close)),
    ...content(close).filter((node) => node !== null),
  );
  element.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (!options.must) close();
  });
  document.body.append(element);
  element.showModal();
  return element;
}
