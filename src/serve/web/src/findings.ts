// All findings of the issue in one list, under the form; and where in the issue each one is.

import { announce, type Desk } from "./desk.ts";
import { attribute, h, icon, iconButton, uid } from "./dom.ts";
import { get, type Path, type Table } from "./model.ts";
import type { Doubt, Finding } from "./protocol.ts";
import { fieldName, w } from "./words.ts";

const RANK = { error: 0, warning: 1, advice: 2 };

export class FindingsPanel {
  readonly element: HTMLElement;
  private readonly list: HTMLUListElement;
  private readonly summary: HTMLElement;
  private readonly toggle: HTMLButtonElement;
  private readonly doubtsBox: HTMLElement;
  private shown = "";
  private sorted: Finding[] = [];
  private current = -1;
  private speaking = 0;
  private said = "";
  /** How many fixes are still to be made, one after the other. */
  private fixing = 0;
  private readonly fixAll: HTMLButtonElement;

  constructor(private readonly desk: Desk) {
    const id = uid("findings");
    this.list = h("ul", { class: "findings-list", id });
    this.summary = h("span", { class: "findings-summary" });
    this.toggle = iconButton("fold", w.collapseFindings, () => this.open(this.list.hidden !== false), { "aria-controls": id, "aria-expanded": "true" });
    this.fixAll = h("button", { type: "button", class: "fix", hidden: true, onclick: () => this.startFixing() }, w.fixAll);
    this.doubtsBox = h("div", { class: "doubts", hidden: true });
    this.element = h(
      "section",
      { class: "findings", "aria-label": w.findings },
      h("div", { class: "findings-head" }, h("h2", {}, w.findings), this.summary, h("span", { class: "space" }), this.fixAll, this.toggle),
      this.doubtsBox,
      this.list,
    );
    this.open(localStorage.getItem("jianbao.findings") !== "closed");
  }

  private open(open: boolean): void {
    this.list.hidden = !open;
    localStorage.setItem("jianbao.findings", open ? "open" : "closed");
    attribute(this.toggle, "aria-expanded", String(open));
    attribute(this.toggle, "aria-label", open ? w.collapseFindings : w.expandFindings);
    attribute(this.toggle, "title", open ? w.collapseFindings : w.expandFindings);
    this.element.classList.toggle("closed", !open);
  }

  private startFixing(): void {
    this.fixing = this.desk.live.findings.filter((finding) => finding.fix).length;
    this.fixNext();
  }

  private fixNext(): void {
    const next = this.desk.live.findings.find((finding) => finding.fix);
    if (this.fixing <= 0 || !next) {
      this.fixing = 0;
    } else if (this.desk.live.fix(next)) {
      this.fixing -= 1;
    }
  }

  sync(): void {
    const { live } = this.desk;
    this.fixAll.hidden = live.findings.filter((finding) => finding.fix).length < 2;
    if (this.fixing > 0) this.fixNext();
    this.sorted = [...live.findings].sort((a, b) => RANK[a.severity] - RANK[b.severity] || (a.start ?? 0) - (b.start ?? 0));
    const note = JSON.stringify(this.sorted.map((finding) => [finding.message, finding.hints, finding.line, finding.page, finding.fix?.title, finding.path]));
    if (note === this.shown) return;
    this.shown = note;
    const count = (severity: Finding["severity"]) => this.sorted.filter((finding) => finding.severity === severity).length;
    const [errors, warnings, advices] = [count("error"), count("warning"), count("advice")];
    const parts = [errors > 0 ? w.errors(errors) : "", warnings > 0 ? w.warnings(warnings) : "", advices > 0 ? w.advices(advices) : ""].filter(Boolean);
    const text = parts.join(" · ") || w.noFindings;
    this.summary.textContent = text;
    this.summary.className = `findings-summary ${errors > 0 ? "error" : warnings > 0 ? "warning" : "fine"}`;
    const focused = [...this.list.children].findIndex((item) => item.contains(document.activeElement));
    this.list.replaceChildren(...this.sorted.map((finding) => this.item(finding)));
    // A fixed finding leaves the focus on the one that comes after it.
    if (focused >= 0) {
      const next = this.list.children[Math.min(focused, this.sorted.length - 1)];
      (next?.querySelector("button") ?? this.toggle).focus();
    }
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => {
      if (text !== this.said) announce(text);
      this.said = text;
    }, 1500);
  }

  private item(finding: Finding): HTMLLIElement {
    const place = [finding.file ? `${finding.file}:${finding.line}` : finding.path ? placeName(finding.path, this.desk.live.model.root) : finding.line ? w.atLine(finding.line) : "", finding.page ? w.onPage(finding.page) : ""].filter(Boolean).join(" · ");
    const symbol = icon(finding.severity);
    return h(
      "li",
      { class: finding.severity, "data-rule": finding.rule },
      h(
        "button",
        { type: "button", class: "finding-text", onclick: () => this.desk.goTo(finding) },
        symbol,
        h("span", {}, h("span", { class: "hidden" }, `${w[finding.severity]}：`), finding.message, finding.hints.length > 0 ? h("span", { class: "hint" }, ` ${finding.hints.join("；")}`) : null, h("span", { class: "place" }, place)),
      ),
      finding.fix ? h("button", { type: "button", class: "fix", "aria-label": w.fix(finding.fix.title), title: finding.fix.title, onclick: () => this.desk.live.fix(finding) }, w.fixPlain) : null,
    );
  }

  /** Goes to the next finding, or the one before. */
  step(by: 1 | -1): void {
    if (this.sorted.length === 0) return;
    this.current = (this.current + by + this.sorted.length) % this.sorted.length;
    if (this.current < 0) this.current = this.sorted.length - 1;
    const finding = this.sorted[this.current];
    if (!finding) return;
    announce(`${w[finding.severity]}：${finding.message}`);
    this.desk.goTo(finding);
  }

  /** What the import was unsure of, until someone has looked. */
  showDoubts(doubts: Doubt[], go: (doubt: Doubt) => void, done: () => void): void {
    this.doubtsBox.hidden = doubts.length === 0;
    if (doubts.length === 0) return;
    this.doubtsBox.replaceChildren(
      h("div", { class: "doubts-head" }, h("h3", {}, w.doubts(doubts.length)), h("button", { type: "button", onclick: () => { this.doubtsBox.hidden = true; done(); } }, w.reviewed)),
      h("ul", {}, ...doubts.map((doubt) => h("li", { class: "advice" }, h("button", { type: "button", class: "finding-text", onclick: () => go(doubt) }, icon("advice"), h("span", {}, doubt.message, h("span", { class: "place" }, doubt.text)))))),
    );
  }
}

/** A place in the issue, as editors would call it: 工作交流 › 青岛市…… › 正文. */
export function placeName(path: Path, root: Table): string {
  const parts: string[] = [];
  for (let length = 1; length <= path.length; length += 1) {
    const step = path[length - 1];
    if (typeof step === "number") {
      const item = get(root, path.slice(0, length));
      const table = item as Table | null;
      const name = typeof item === "string" ? item : String(table?.["title"] ?? table?.["name"] ?? "").replaceAll("|", "");
      parts.push(name ? shorten(name) : `${KINDS()[String(path[length - 2])] ?? fieldName(String(path[length - 2]))} ${step + 1}`);
    } else if (typeof path[length] !== "number" && step !== undefined && !["sections", "articles", "attachments"].includes(step)) {
      parts.push(fieldName(step));
    }
  }
  return parts.join(" › ");
}

const KINDS = (): Record<string, string> => ({ sections: w.section, articles: w.article, attachments: w.attachment });

function shorten(name: string): string {
  const letters = [...name];
  return letters.length > 14 ? `${letters.slice(0, 13).join("")}…` : name;
}
