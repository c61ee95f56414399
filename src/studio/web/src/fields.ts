// One field of the form: its label, its control, its findings. Controls keep their own text; it is
// written into only where it differs, and never while an input method is composing.

import type { Desk } from "./desk.ts";
import { attribute, h, iconButton, uid } from "./dom.ts";
import type { Finding } from "./live.ts";
import { stretch } from "./merge.ts";
import { get, same, type Path, type Table, type Value } from "./model.ts";
import { enrich } from "./paste.ts";
import type { Spec } from "./schema.ts";
import { fieldName, w } from "./words.ts";

/** What differs between kinds of fields. */
interface Control {
  /** What stands in the form. */
  element: HTMLElement;
  /** What gets label, focus and description. */
  target: HTMLElement;
  /** The value as it stands there; `undefined` while it is none. */
  read(): Value | undefined;
  show(value: Value): void;
  composing(): boolean;
  focus(range?: { start: number; end: number }): void;
}

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
  private current: Finding[] = [];

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

/** Calls back after each change that is not part of a composition; tells whether one is going on. */
function listen(target: HTMLElement, changed: () => void): () => boolean {
  let composing = false;
  target.addEventListener("compositionstart", () => {
    composing = true;
  });
  target.addEventListener("compositionend", () => {
    composing = false;
    changed();
  });
  target.addEventListener("input", (event) => {
    if (!composing && !(event as InputEvent).isComposing) changed();
  });
  return () => composing;
}

function control(desk: Desk, spec: Spec, id: string, name: string, changed: () => void): Control {
  switch (spec.kind) {
    case "units":
      return units(desk, spec, id, name, changed);
    case "prose":
      return prose(desk, spec, id, changed);
    case "choice":
      return choice(spec, id, changed);
    default:
      return line(desk, spec, id, changed);
  }
}

function line(desk: Desk, spec: Spec, id: string, changed: () => void): Control {
  const number = spec.kind === "number";
  const known = desk.units[spec.key === "name" ? "section" : spec.key];
  const list = known && h("datalist", { id: `${id}-list` }, ...known.map((unit) => h("option", { value: unit })));
  const input = h("input", {
    id,
    type: spec.kind === "date" ? "date" : "text",
    inputmode: number ? "numeric" : null,
    autocomplete: "off",
    spellcheck: "false",
    list: list ? `${id}-list` : null,
  });
  const composing = listen(input, changed);
  return {
    element: list ? h("span", { class: "with-list" }, input, list) : input,
    target: input,
    composing,
    read() {
      const text = number ? input.value.normalize("NFKC").trim() : input.value;
      if (text === "") return input.validity.badInput ? undefined : spec.required && spec.kind === "text" ? "" : null;
      if (!number) return text;
      const value = Number(text);
      if (!/^\d+$/.test(text) || value < (spec.min ?? 0) || value > (spec.max ?? Number.MAX_SAFE_INTEGER)) return undefined;
      return value;
    },
    show(value) {
      write(input, value === null ? "" : String(value));
    },
    focus(range) {
      input.focus();
      if (range && spec.kind !== "date") input.setSelectionRange(range.start, range.end);
    },
  };
}

/** In TOML a body ends with a line break; in the form its last line is its last line. */
function prose(desk: Desk, spec: Spec, id: string, changed: () => void): Control {
  const area = h("textarea", { id, rows: spec.key === "body" ? 6 : 2, spellcheck: "false" });
  const composing = listen(area, changed);
  const count = h("span", { class: "count hint" });
  const recount = () => {
    count.textContent = w.characters(area.value.replace(/\s/g, "").length);
  };
  area.addEventListener("input", recount);
  const element = h("div", { class: "prose-box" }, ...enrich(desk, area, spec.key === "body"), area, h("div", { class: "prose-foot" }, count));
  return {
    element,
    target: area,
    composing,
    read() {
      if (area.value === "") return spec.required ? "" : null;
      return `${area.value}\n`;
    },
    show(value) {
      write(area, String(value ?? "").replaceAll("\r\n", "\n").replace(/\n$/, ""));
      recount();
    },
    focus(range) {
      area.focus();
      if (range) area.setSelectionRange(range.start, range.end);
    },
  };
}

function choice(spec: Spec, id: string, changed: () => void): Control {
  const select = h("select", { id, onchange: changed }, h("option", { value: "" }, w.choose), ...spec.choices.map((value) => h("option", { value }, value)));
  return {
    element: select,
    target: select,
    composing: () => false,
    read: () => (select.value === "" ? null : select.value),
    show(value) {
      select.value = String(value ?? "");
    },
    focus: () => select.focus(),
  };
}

/** A list of units: each is an input of its own, and the last one, empty, adds one. */
function units(desk: Desk, spec: Spec, id: string, name: string, changed: () => void): Control {
  const known = desk.units[spec.key === "name" ? "section" : spec.key] ?? [];
  const list = h("datalist", { id: `${id}-list` }, ...known.map((unit) => h("option", { value: unit })));
  const box = h("div", { class: "units-box" });
  const element = h("div", { class: "units-control" }, box, list);
  let composing = false;
  const rows = () => [...box.children].map((row) => row.querySelector("input") as HTMLInputElement);
  const values = () => rows().map((input) => input.value.trim()).filter((value) => value !== "");

  const rename = () => {
    const inputs = rows();
    for (const [at, input] of inputs.entries()) {
      const last = at === inputs.length - 1;
      attribute(input, "aria-label", last ? `${name}：${w.addUnit}` : `${name} ${at + 1}`);
      attribute(input, "placeholder", last ? w.addUnit : null);
      attribute(input, "id", last ? id : `${id}-${at}`);
      input.parentElement?.classList.toggle("adder", last);
    }
  };
  const settle = () => {
    if (rows().at(-1)?.value.trim() !== "") box.append(row(""));
    rename();
  };
  const move = (input: HTMLInputElement, by: number) => {
    const now = values();
    const at = rows().indexOf(input);
    const to = at + by;
    if (at >= now.length || to < 0 || to >= now.length) return;
    const [value] = now.splice(at, 1);
    now.splice(to, 0, value ?? "");
    show(now);
    rows()[to]?.focus();
    changed();
  };
  const row = (value: string): HTMLElement => {
    const input = h("input", { type: "text", list: `${id}-list`, autocomplete: "off", spellcheck: "false" });
    input.value = value;
    // A list from elsewhere is a list here.
    input.addEventListener("paste", (event) => {
      const parts = (event.clipboardData?.getData("text/plain") ?? "").split(/[\n，；;]+/).map((part) => part.trim()).filter((part) => part !== "");
      if (parts.length < 2) return;
      event.preventDefault();
      const all = values();
      const at = rows().indexOf(input);
      all.splice(at, at < all.length ? 1 : 0, ...(input.value.trim() ? [input.value.trim()] : []), ...parts);
      show(all);
      changed();
      rows().at(-1)?.focus();
    });
    const done = listen(input, () => {
      settle();
      changed();
    });
    input.addEventListener("compositionstart", () => {
      composing = true;
    });
    input.addEventListener("compositionend", () => {
      composing = false;
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || done()) return;
      const all = rows();
      const at = all.indexOf(input);
      if (event.key === "Enter") {
        event.preventDefault();
        all[at + 1]?.focus();
      } else if (event.key === "Backspace" && input.value === "" && at > 0) {
        event.preventDefault();
        all[at - 1]?.focus();
        if (at < all.length - 1) input.parentElement?.remove();
        settle();
      } else if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
        event.preventDefault();
        move(input, event.key === "ArrowLeft" ? -1 : 1);
      }
    });
    input.addEventListener("blur", () => {
      // An emptied one goes when it is left, but for the last.
      if (input.value.trim() === "" && input !== rows().at(-1) && input.isConnected) {
        input.parentElement?.remove();
        rename();
      }
    });
    const remove = iconButton("close", w.unitRemove(value), () => {
      const at = rows().indexOf(input);
      input.parentElement?.remove();
      settle();
      changed();
      (rows()[at] ?? rows().at(-1))?.focus();
    });
    input.addEventListener("input", () => {
      attribute(remove, "aria-label", w.unitRemove(input.value));
    });
    return h("span", { class: "unit" }, input, remove);
  };
  const show = (value: Value) => {
    const wanted = Array.isArray(value) ? value.map(String) : [];
    if (same(values(), wanted)) return settle();
    const inputs = rows();
    for (const [at, text] of wanted.entries()) {
      const input = inputs[at];
      if (input) {
        write(input, text);
        attribute(input.parentElement?.querySelector("button") as Element, "aria-label", w.unitRemove(text));
      } else {
        box.append(row(text));
      }
    }
    for (const input of inputs.slice(wanted.length)) input.parentElement?.remove();
    box.append(row(""));
    rename();
  };
  box.append(row(""));
  rename();
  return {
    element,
    get target() {
      return rows().at(-1) as HTMLInputElement;
    },
    composing: () => composing,
    read() {
      const now = values();
      return now.length === 0 ? null : now;
    },
    show,
    focus: () => rows().at(-1)?.focus(),
  };
}

/** Writes text into a control where it differs; the caret stays with the text around it. */
function write(input: HTMLInputElement | HTMLTextAreaElement, text: string): void {
  if (input.value === text) return;
  if (document.activeElement === input && input.type !== "date") {
    const { from, to, insert } = stretch(input.value, text);
    input.setRangeText(insert, from, to, "preserve");
  } else {
    input.value = text;
  }
}
