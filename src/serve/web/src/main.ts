// The studio's start: the frame, and which view the address asks for.

import { api, Refused } from "./api.ts";
import { dialog, failed, speakers } from "./desk.ts";
import { attribute, h } from "./dom.ts";
import { Editor, keyTable } from "./editor.ts";
import { ListView } from "./list.ts";
import type { Doubt, Hit, Project, Units } from "./protocol.ts";
import { language, setLanguage, w, type Language } from "./words.ts";

type Theme = "auto" | "light" | "dark";

class Studio {
  private project: Project | null = null;
  private editor: Editor | null = null;
  private hit: Hit | undefined;
  private doubts: Doubt[] = [];
  /** Counts the views: one that was asked for later stands, whichever is ready first. */
  private turn = 0;

  async start(): Promise<void> {
    const stored = localStorage.getItem("jianbao.language") as Language | null;
    setLanguage(stored ?? (navigator.language.startsWith("en") ? "en" : "zh"));
    setTheme((localStorage.getItem("jianbao.theme") as Theme | null) ?? "auto");
    try {
      this.project = await api.project();
    } catch (error) {
      // The server knows what else to show: where to sign in, or where the address is.
      if (error instanceof Refused && error.status === 401) location.reload();
      else document.body.replaceChildren(h("main", { class: "empty" }, h("h1", {}, w.title), h("p", {}, w.failed(error instanceof Error ? error.message : String(error)))));
      return;
    }
    if (!stored) setLanguage(this.project.language);
    addEventListener("hashchange", () => void this.route());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "F1") return;
      event.preventDefault();
      showKeys();
    });
    // A file that is dropped beside its target must not replace the page.
    for (const type of ["dragover", "drop"]) document.addEventListener(type, (event) => event.preventDefault());
    await this.route();
  }

  private async route(): Promise<void> {
    const issue = decodeURIComponent(/^#\/issue\/(.+)$/.exec(location.hash)?.[1] ?? "");
    this.editor?.close();
    this.editor = null;
    this.turn += 1;
    if (issue) await this.openEditor(issue, this.turn);
    else await this.openList();
  }

  private async openList(): Promise<void> {
    const { turn } = this;
    try {
      this.project = await api.project();
    } catch (error) {
      failed(error);
    }
    if (!this.project || turn !== this.turn) return;
    document.title = w.title;
    const view = new ListView(
      this.project,
      (issue, hit) => {
        this.hit = hit;
        location.hash = `#/issue/${issue}`;
      },
      (issue, doubts) => {
        this.doubts = doubts;
        location.hash = `#/issue/${issue}`;
      },
      () => this.openList(),
    );
    this.frame([h("h1", {}, this.project.name || w.issues), h("span", { class: "space" })], view.element);
  }

  private async openEditor(issue: string, turn: number): Promise<void> {
    const id = issue.split("/")[0] ?? "";
    let units: Units = {};
    try {
      this.project = await api.project();
      units = await api.units(id);
      const entry = this.project.publications.flatMap((each) => each.issues).find((each) => each.id === issue);
      if (entry?.review && this.doubts.length === 0) this.doubts = (await api.doubts(issue)).doubts;
    } catch (error) {
      failed(error);
    }
    if (turn !== this.turn) return;
    const publication = this.project?.publications.find((each) => each.id === id);
    if (!this.project || !publication) {
      location.hash = "#/";
      return;
    }
    const back = () => {
      location.hash = "#/";
    };
    this.editor = new Editor(this.project, publication, issue, units, back, this.hit, this.doubts);
    this.hit = undefined;
    this.doubts = [];
    this.frame(this.editor.bar, this.editor.element);
  }

  private frame(bar: HTMLElement[], content: HTMLElement): void {
    const skip = h("a", { class: "skip", href: "#main" }, w.skip);
    skip.addEventListener("click", (event) => {
      // The address has the view in it.
      event.preventDefault();
      main.querySelector<HTMLElement>("input, textarea, button, [tabindex]")?.focus();
    });
    const main = h("main", { id: "main", tabindex: "-1" }, content);
    document.body.replaceChildren(skip, h("header", { class: "bar" }, ...bar, ...this.settings()), main, ...speakers());
  }

  private settings(): HTMLElement[] {
    const theme = h("select", { "aria-label": w.theme }, h("option", { value: "auto" }, w.themeAuto), h("option", { value: "light" }, w.themeLight), h("option", { value: "dark" }, w.themeDark));
    theme.value = localStorage.getItem("jianbao.theme") ?? "auto";
    theme.addEventListener("change", () => {
      localStorage.setItem("jianbao.theme", theme.value);
      setTheme(theme.value as Theme);
    });
    const other: Language = language() === "zh" ? "en" : "zh";
    const tongue = h("button", { type: "button", class: "quiet", lang: other === "zh" ? "zh-CN" : "en" }, w.otherLanguage);
    tongue.addEventListener("click", () => {
      localStorage.setItem("jianbao.language", other);
      setLanguage(other);
      void this.route();
    });
    return [theme, tongue, h("button", { type: "button", class: "quiet", onclick: showKeys }, w.help)];
  }
}

function setTheme(theme: Theme): void {
  attribute(document.documentElement, "data-theme", theme);
}

function showKeys(): void {
  if (document.querySelector("dialog[open]")) return;
  dialog(w.keysTitle, () => [h("table", { class: "keys" }, ...[h("tbody", {}, ...keyTable().map(([keys, what]) => h("tr", {}, h("th", { scope: "row" }, h("kbd", {}, keys)), h("td", {}, what))))])]);
}

void new Studio().start();
