// One issue, open: the form or the TOML on the left, the pages on the right, findings below.

import { api, Refused } from "./api.ts";
import { CodeView } from "./code.ts";
import { askConflict, showHistory } from "./compare.ts";
import { announce, failed, toast, type Desk } from "./desk.ts";
import { attribute, h, icon, iconButton } from "./dom.ts";
import { FindingsPanel } from "./findings.ts";
import { Form } from "./form.ts";
import { Live, type Listener } from "./live.ts";
import { get, type Path, type Table } from "./model.ts";
import { PagesView } from "./pages.ts";
import type { Doubt, Finding, Hit, Pages, Place, Project, Publication, Units } from "./protocol.ts";
import { Book } from "./schema.ts";
import { placeOf } from "./toml.ts";
import { w } from "./words.ts";

export class Editor implements Desk, Listener {
  readonly element: HTMLElement;
  /** What stands in the bar at the top while this issue is open. */
  readonly bar: HTMLElement[];
  readonly live: Live;
  readonly book: Book;
  readonly publication: string;
  readonly inherits: Table;
  private readonly exports: string[];
  private readonly pagesView: PagesView;
  private readonly panel: FindingsPanel;
  private readonly pane: HTMLElement;
  private readonly left: HTMLElement;
  private readonly title: HTMLElement;
  private readonly status: HTMLElement;
  private readonly banner: HTMLElement;
  private readonly switches: { form: HTMLButtonElement; code: HTMLButtonElement };
  private form: Form | null = null;
  private code: CodeView | null = null;
  private keptCode: CodeView | null = null;
  /** The view that waits until the form's changes are with the server. */
  private wanted: "code" | null = null;
  private saving = false;
  private saidSaved = 0;
  /** Where the focus was in the left pane before it went to the pages. */
  private back: HTMLElement | null = null;

  constructor(
    project: Project,
    private readonly entry: Publication,
    readonly issue: string,
    readonly units: Units,
    back: () => void,
    private readonly hit?: Hit,
    private doubts: Doubt[] = [],
  ) {
    this.publication = entry.id;
    this.inherits = entry.inherits ?? {};
    this.exports = project.exports;
    this.book = new Book(project.schema.issue);
    this.title = h("h1", { class: "issue-title" }, entry.name);
    this.status = h("span", { class: "save-state" });
    this.banner = h("p", { class: "banner warning", role: "alert", hidden: true });
    this.live = new Live(issue, this);
    this.pagesView = new PagesView((place) => this.goToPlace(place));
    this.panel = new FindingsPanel(this);
    this.pane = h("div", { class: "pane", tabindex: "-1" }, h("p", { class: "hint loading" }, w.loading));
    this.left = h("div", { class: "left" }, this.banner, this.pane, this.panel.element);
    const splitter = this.splitter();
    this.element = h("div", { class: "desk" }, this.left, splitter, this.pagesView.element);
    const view = (which: "form" | "code", label: string, title: string) => h("button", { type: "button", title, "aria-pressed": "false", onclick: () => this.show(which) }, label);
    this.switches = { form: view("form", w.form, w.formView), code: view("code", w.code, w.codeView) };
    this.bar = [
      iconButton("back", w.backToList, back, { class: "icon-button back" }),
      this.title,
      this.status,
      h("span", { class: "space" }),
      h("div", { class: "switch", role: "group", "aria-label": w.viewSwitch }, this.switches.form, this.switches.code),
      h("button", { type: "button", onclick: () => void showHistory(this) }, w.history),
      this.exportMenu(),
    ];
    document.addEventListener("keydown", this.keys);
    addEventListener("beforeunload", this.leaving);
  }

  close(): void {
    document.removeEventListener("keydown", this.keys);
    removeEventListener("beforeunload", this.leaving);
    this.live.close();
    this.form?.close();
    this.keptCode?.close();
    this.pagesView.close();
  }

  private readonly leaving = (event: BeforeUnloadEvent): void => {
    // What is pending is kept in the browser; one is only asked while the program cannot be reached.
    if (this.live.pending() && this.live.connection !== "open") event.preventDefault();
  };

  // Views

  private show(which: "form" | "code"): void {
    if ((which === "form" && this.form) || (which === "code" && this.code)) return;
    if (which === "code" && this.live.pending()) {
      // The TOML has the form's changes only when the server has made them.
      this.wanted = "code";
      announce(w.codeWaiting);
      return;
    }
    this.form?.close();
    this.form = null;
    this.code = null;
    if (which === "form") {
      this.form = new Form(this);
    } else {
      // The code view stays, and with it what it can undo.
      this.keptCode ??= new CodeView(this);
      this.code = this.keptCode;
      this.code.sync();
      this.code.showFindings();
    }
    this.pane.replaceChildren((this.form ?? this.code)?.element ?? "");
    localStorage.setItem("jianbao.view", which);
    attribute(this.switches.form, "aria-pressed", String(which === "form"));
    attribute(this.switches.code, "aria-pressed", String(which === "code"));
    this.code?.focus();
  }

  state(): void {
    if (!this.form && !this.code) {
      this.show(localStorage.getItem("jianbao.view") === "code" ? "code" : "form");
      this.start();
    }
    if (this.wanted && !this.live.pending()) {
      this.wanted = null;
      this.show("code");
    }
    this.form?.sync();
    this.code?.sync();
    const { root } = this.live.model;
    const number = typeof root["number"] === "number" ? w.numberOf(root["number"]) : typeof root["supplement"] === "number" ? w.supplementOf(root["supplement"]) : "";
    const title = `${this.entry.name}　${String(root["date"] ?? "").slice(0, 4)}　${number}`;
    if (this.title.textContent !== title) this.title.textContent = title;
    document.title = `${title} - ${w.title}`;
  }

  findings(): void {
    this.panel.sync();
    this.form?.showFindings();
    this.code?.showFindings();
    this.pagesView.say(this.live.fresh ? null : "broken");
  }

  connected(): void {
    this.pagesView.forget();
  }

  private start(): void {
    this.panel.showDoubts(this.doubts, (doubt) => this.goToText(doubt.text), () => {
      this.doubts = [];
      api.reviewed(this.issue).catch(failed);
    });
    const { hit } = this;
    if (hit?.path) this.goToValue(hit.path, hit.from, hit.to);
    else if (hit) this.goToText(hit.text);
  }

  pages(pages: Pages): void {
    this.pagesView.show(pages);
  }

  places(places: Place[]): void {
    this.pagesView.setPlaces(places);
  }

  connection(): void {
    const { connection } = this.live;
    const away = connection === "lost" || connection === "refused";
    const text = connection === "refused" ? w.noAccess : w.offline;
    if (away && this.banner.textContent !== text) this.banner.textContent = text;
    this.banner.hidden = !away;
    const state = this.live.status();
    const word = away ? w.reconnecting : w[state];
    if (this.status.textContent !== word) this.status.textContent = word;
    this.status.dataset["state"] = away ? "away" : state;
    if (state === "saved" && this.saving && performance.now() - this.saidSaved > 10_000) {
      this.saidSaved = performance.now();
      announce(w.saved);
    }
    this.saving = state !== "saved";
  }

  conflict(texts: Parameters<Listener["conflict"]>[0], over: AbortSignal): ReturnType<Listener["conflict"]> {
    return askConflict(texts, over);
  }

  notice(what: Parameters<Listener["notice"]>[0]): void {
    if (typeof what === "object") {
      toast(what.refused, undefined, "error");
      return;
    }
    toast({ reconnected: w.reconnected, recovered: w.recovered, merged: w.mergedOutside }[what]);
  }

  // From here to there

  showOnPage(path: Path, line: number): void {
    this.pagesView.mark(path, line);
  }

  goTo(finding: Finding): void {
    if (finding.file) return;
    if (finding.path) this.pagesView.mark(finding.path, 0);
    if (this.code) return this.code.goTo(finding);
    if (finding.path && this.goToValue(finding.path, finding.from, finding.to)) return;
    const card = finding.path && this.form?.cardAt(finding.path);
    if (card && this.form) {
      this.form.reveal(card);
      card.focus();
      return;
    }
    this.show("code");
    (this.code as CodeView | null)?.goTo(finding);
  }

  /** Goes to a stretch of a field's value. */
  private goToValue(path: Path, from?: number, to?: number): boolean {
    if (this.code) {
      const words = String(get(this.live.model.root, path) ?? "");
      const line = words.slice(words.lastIndexOf("\n", (from ?? 0) - 1) + 1).split("\n")[0] ?? "";
      // The same words may stand in other fields too.
      const text = this.live.textNow();
      const key = placeOf(text, path);
      const at = line === "" ? key : text.indexOf(line, Math.max(0, key));
      if (at >= 0) this.code.select(at, at);
      return at >= 0;
    }
    const field = this.form?.fieldAt(path);
    if (!field || !this.form) return false;
    this.form.reveal(field);
    field.focus(from === undefined ? undefined : { start: from, end: to ?? from });
    return true;
  }

  private goToPlace(place: Place): void {
    this.pagesView.mark(place.path, place.line, false);
    this.goToValue(place.path, place.from, place.from);
  }

  private goToText(words: string): void {
    const wanted = words.trim();
    const path = wanted === "" ? null : findText(this.live.model.root, wanted, []);
    if (!path) return;
    const from = String(get(this.live.model.root, path) ?? "").indexOf(wanted);
    this.goToValue(path, Math.max(0, from), Math.max(0, from) + wanted.length);
  }

  // The bar

  private exportMenu(): HTMLElement {
    const menu = h("div", { class: "menu", role: "menu", hidden: true });
    const button = h("button", { type: "button", class: "primary", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => open(menu.hidden !== false) }, w.export, icon("fold"));
    const open = (yes: boolean) => {
      menu.hidden = !yes;
      attribute(button, "aria-expanded", String(yes));
      if (yes) menu.querySelector("button")?.focus();
    };
    const words: Record<string, string> = { pdf: w.exportPdf, plates: w.exportPlates, toml: w.exportToml };
    for (const as of this.exports) {
      const label = words[as] ?? as;
      menu.append(h("button", { type: "button", role: "menuitem", "data-as": as, onclick: () => { open(false); void this.export(as); } }, label));
    }
    const box = h("div", { class: "menu-box" }, button, menu);
    box.addEventListener("keydown", (event) => {
      const all = [...menu.querySelectorAll("button")];
      const at = all.indexOf(document.activeElement as HTMLButtonElement);
      if (event.key === "Escape" && !menu.hidden) {
        open(false);
        button.focus();
      } else if (event.key === "ArrowDown") all[(at + 1) % all.length]?.focus();
      else if (event.key === "ArrowUp") all[(at - 1 + all.length) % all.length]?.focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    box.addEventListener("focusout", (event) => {
      if (!box.contains(event.relatedTarget as Node | null)) open(false);
    });
    return box;
  }

  private async export(as: string): Promise<void> {
    const end = toast(w.exporting);
    try {
      await this.settled();
      const response = await api.export(this.issue, as);
      const named = /filename\*?=(?:UTF-8'')?"?([^";]+)/i.exec(response.headers.get("Content-Disposition") ?? "");
      const name = decodeURIComponent(named?.[1] ?? `${this.issue.split("/").at(-1) ?? "issue"}.${as === "toml" ? "toml" : "pdf"}`);
      const url = URL.createObjectURL(await response.blob());
      h("a", { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      toast(w.exported(name));
    } catch (error) {
      if (error instanceof Refused && (error.status === 409 || error.status === 422)) toast(`${w.exportFailed}：${error.message}`, undefined, "error");
      else failed(error);
    } finally {
      end();
    }
  }

  /** What was just typed is on its way; an export waits for it. */
  private async settled(): Promise<void> {
    for (let tries = 0; this.live.pending() && tries < 100; tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  private splitter(): HTMLElement {
    const key = "jianbao.split";
    const element = h("div", { class: "splitter", role: "separator", tabindex: "0", "aria-orientation": "vertical", "aria-label": w.resize, "aria-valuemin": "25", "aria-valuemax": "75" });
    const set = (percent: number) => {
      const share = Math.round(Math.max(25, Math.min(75, percent)));
      this.left.style.flexBasis = `${share}%`;
      attribute(element, "aria-valuenow", String(share));
      localStorage.setItem(key, String(share));
    };
    set(Number(localStorage.getItem(key)) || 48);
    element.addEventListener("pointerdown", (event) => {
      element.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    element.addEventListener("pointermove", (event) => {
      if (!element.hasPointerCapture(event.pointerId)) return;
      const box = this.element.getBoundingClientRect();
      set((100 * (event.clientX - box.left)) / box.width);
    });
    element.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      set(Number(element.getAttribute("aria-valuenow")) + step);
    });
    return element;
  }

  private readonly keys = (event: KeyboardEvent): void => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key === "s") this.live.save();
    else if (control && event.key === "e") this.show(this.form ? "code" : "form");
    else if (event.key === "F8") this.panel.step(event.shiftKey ? -1 : 1);
    else if (event.key === "F6") this.switchPane();
    else return;
    event.preventDefault();
  };

  private switchPane(): void {
    if (!this.left.contains(document.activeElement)) {
      if (this.back?.isConnected) this.back.focus();
      else if (this.code) this.code.focus();
      else this.pane.querySelector<HTMLElement>("input, textarea")?.focus();
    } else {
      this.back = document.activeElement as HTMLElement;
      this.pagesView.focus();
    }
  }
}

/** The path to the first text that has these words. */
function findText(at: Table, words: string, path: Path): Path | null {
  for (const [key, value] of Object.entries(at)) {
    if (typeof value === "string" && value.includes(words)) return [...path, key];
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        if (typeof item === "string" && item.includes(words)) return [...path, key];
        const found = typeof item === "object" && item !== null ? findText(item as Table, words, [...path, key, index]) : null;
        if (found) return found;
      }
    } else if (typeof value === "object" && value !== null) {
      const found = findText(value, words, [...path, key]);
      if (found) return found;
    }
  }
  return null;
}

/** The keys of the keyboard, for the help. */
export function keyTable(): [string, string][] {
  return [
    ["Ctrl+S", w.keysSave],
    ["Ctrl+E", w.keysSwitch],
    ["Alt+↑ Alt+↓", w.keysMove],
    ["Alt+Enter", w.keysAdd],
    ["Alt+F", w.keysFold],
    ["Alt+Shift+D", w.keysDuplicate],
    ["Alt+Shift+Delete", w.keysRemove],
    ["Ctrl+Z", w.keysUndo],
    ["F8　Shift+F8", w.keysFinding],
    ["F6", w.keysPane],
    ["F1", w.keysHelp],
  ];
}

