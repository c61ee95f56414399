// One field of the form: its label, its control, its findings. A control is written into only where
// its text differs from the model's, and never while an input method is composing.

import { control, type Control } from "./controls.ts";
import type { Desk } from "./desk.ts";
import { attribute, h, uid } from "./dom.ts";
import { get, same, type Path, type Table, type Value } from "./model.ts";
import type { Finding } from "./protocol.ts";
import type { Spec } from "./schema.ts";
import { fieldName, w } from "./words.ts";

export class Field {
  readonly element: HTMLElement;
  private readonly control: Control;
  private readonly list: HTMLUListElement;
  private readonly problem: HTMLElement;
  private readonly inherit: HTMLElement | null;
  private readonly input: HTMLElement;
  private shown: Value | undefined = undefined;
  private wrong = false;
  private overriding = false;
  private note = "";
  private current: Finding[] = [];

  constructor(
    private readonly desk: Desk,
    readonly node: Table,
    readonly key: string[],
    private readonly spec: Spec,
    private readonly inherited?: Value,
  ) {
    const id = uid("field");
    const name = fieldName(spec.key);
    this.control = control(desk, spec, id, name, () => this.commit());
    this.list = h("ul", { class: "field-findings", id: `${id}-findings` });
    this.problem = h("p", { class: "field-problem", id: `${id}-problem`, hidden: true });
    const group = this.control.target !== this.control.element && spec.kind === "units";
    const hint = spec.hint ? h("span", { class: "hint", id: `${id}-hint` }, spec.hint) : null;
    const label = group
      ? h("span", { class: "label", id: `${id}-label` }, name)
      : h("label", { class: "label", for: id, id: `${id}-label` }, name);
    if (spec.required) label.append(h("span", { class: "required", "aria-hidden": "true" }, "＊"));
    const described = [hint && `${id}-hint`, `${id}-problem`, `${id}-findings`].filter(Boolean).join(" ");
    this.control.target.setAttribute("aria-describedby", described);
    if (spec.required) this.control.target.setAttribute("aria-required", "true");
    this.input = h("div", { class: "control" }, this.control.element);
    this.inherit = inherited === undefined ? null : h("div", { class: "inherited" });
    this.element = h(
      "div",
      { class: `field ${spec.kind}`, "data-key": spec.key },
      h("div", { class: "label-line" }, label, hint),
      this.inherit,
      this.input,
      this.problem,
      this.list,
    );
    if (spec.kind === "units") {
      this.control.element.setAttribute("role", "group");
      this.control.element.setAttribute("aria-labelledby", `${id}-label`);
    }
    this.element.addEventListener("focusin", () => this.showOnPage());
    this.sync();
  }

  /** Where the field stands in the TOML now. */
  path(): Path | null {
    const path = this.desk.live.model.pathOf(this.node);
    return path && [...path, ...this.key];
  }

  /** Takes over what the model has, where it is not what stands here. */
  sync(): void {
    const value = get(this.node, this.key);
    this.showInherited(value);
    if (this.control.composing() || same(value, this.shown)) return;
    if (this.shown !== undefined && this.wrong && value === null) return;
    this.control.show(value);
    this.shown = value;
    this.setProblem("");
  }

  showFindings(findings: Finding[]): void {
    const note = JSON.stringify(findings.map((finding) => [finding.severity, finding.message, finding.hints, finding.fix?.title]));
    attribute(this.control.target, "aria-invalid", this.wrong || findings.some((finding) => finding.severity === "error") ? "true" : null);
    this.current = findings;
    if (note === this.note) return;
    this.note = note;
    this.list.replaceChildren(
      ...findings.map((finding, at) =>
        h(
          "li",
          { class: finding.severity },
          h("button", { type: "button", class: "finding-text", title: w.goTo, onclick: () => this.go(at) }, h("b", {}, w[finding.severity]), " ", finding.message, finding.hints.length > 0 ? h("span", { class: "hint" }, ` ${finding.hints.join("；")}`) : null),
          finding.fix ? h("button", { type: "button", class: "fix", "aria-label": w.fix(finding.fix.title), title: finding.fix.title, onclick: () => this.fix(at) }, w.fixPlain) : null,
        ),
      ),
    );
  }

  private go(at: number): void {
    const finding = this.current[at];
    if (finding) this.desk.goTo(finding);
  }

  private fix(at: number): void {
    const finding = this.current[at];
    if (!finding) return;
    this.control.focus();
    this.desk.live.fix(finding);
  }

  focus(range?: { start: number; end: number }): void {
    if (this.inherit && get(this.node, this.key) === null) this.startOverriding();
    this.control.focus(range);
  }

  /** The text as it stands in the control, for finding a place in it. */
  text(): string {
    const { target } = this.control;
    return target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement ? target.value : "";
  }

  private commit(): void {
    const value = this.control.read();
    this.setProblem(value === undefined ? this.complaint() : "");
    if (value === undefined || this.shown === undefined || same(value, this.shown)) return;
    this.desk.live.change({ op: "set", node: this.node, key: this.key, from: this.shown, value });
    this.shown = value;
    this.sync();
    this.element.dispatchEvent(new CustomEvent("committed", { bubbles: true }));
  }

  private complaint(): string {
    const { min, max } = this.spec;
    if (this.spec.kind !== "number") return "";
    return min !== undefined && max !== undefined ? w.outOfRange(min, max) : w.wholeNumber;
  }

  private setProblem(text: string): void {
    this.wrong = text !== "";
    if (this.problem.textContent !== text) this.problem.textContent = text;
    this.problem.hidden = text === "";
    attribute(this.control.target, "aria-invalid", this.wrong ? "true" : null);
  }

  private line(): number {
    const { target } = this.control;
    if (!(target instanceof HTMLTextAreaElement)) return 0;
    return target.value.slice(0, target.selectionStart).split("\n").length - 1;
  }

  showOnPage(): void {
    const path = this.path();
    if (path) this.desk.showOnPage(path, this.line());
  }

  // What the publication says is shown, and can be replaced or left out for this issue.
  private showInherited(value: Value): void {
    if (!this.inherit) return;
    const empty = Array.isArray(value) ? value.length === 0 : value === "";
    const state = value === null ? (this.overriding ? "own" : "inherited") : empty && !this.overriding ? "omitted" : "own";
    this.input.hidden = state !== "own";
    const said = Array.isArray(this.inherited) ? this.inherited.join("，") : String(this.inherited ?? "");
    const note = `${state}${said}`;
    if (this.inherit.dataset["note"] === note) return;
    this.inherit.dataset["note"] = note;
    const name = fieldName(this.spec.key);
    const button = (label: string, run: () => void) => h("button", { type: "button", class: "link", "aria-label": `${name}：${label}`, onclick: run }, label);
    const over = button(w.override, () => {
      this.startOverriding();
      this.control.focus();
    });
    const omit = button(w.omit, () => this.put(Array.isArray(this.inherited) ? [] : ""));
    const back = button(w.backToInherited, () => {
      this.overriding = false;
      this.put(null);
    });
    const nodes: Record<typeof state, (HTMLElement | null)[]> = {
      inherited: [h("span", { class: "hint" }, said ? w.inherited + said : w.inheritedNone), over, said ? omit : null],
      omitted: [h("span", { class: "hint" }, w.omitted), over, back],
      own: [back],
    };
    this.inherit.replaceChildren(...nodes[state].filter((node) => node !== null));
  }

  private startOverriding(): void {
    this.overriding = true;
    const value = get(this.node, this.key);
    const empty = value === null || value === "" || (Array.isArray(value) && value.length === 0);
    // One begins with what the publication says.
    if (empty && this.inherited !== undefined && this.inherited !== null) this.put(this.inherited);
    else this.sync();
  }

  private put(value: Value): void {
    const from = get(this.node, this.key);
    if (!same(from, value)) this.desk.live.change({ op: "set", node: this.node, key: this.key, from, value });
    this.shown = undefined;
    this.sync();
    this.element.dispatchEvent(new CustomEvent("committed", { bubbles: true }));
  }
}
