// What one writes in: an input, a text area, a choice, a list of units, by the kind of the field.
// Each keeps its own text; a value goes in, what is written comes out.

import type { Desk } from "./desk.ts";
import { attribute, h, iconButton } from "./dom.ts";
import { stretch } from "./merge.ts";
import { same, type Value } from "./model.ts";
import { enrich } from "./paste.ts";
import type { Spec } from "./schema.ts";
import { w } from "./words.ts";

/** What differs between kinds of fields. */
export interface Control {
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

/** The control for a field. `changed` is called after each change that is not part of a composition. */
export function control(desk: Desk, spec: Spec, id: string, name: string, changed: () => void): Control {
  switch (spec.kind) {
    case "units":
      return new Units(unitsOf(desk, spec) ?? [], id, name, changed);
    case "prose":
      return prose(desk, spec, id, changed);
    case "choice":
      return choice(spec, id, changed);
    default:
      return line(desk, spec, id, changed);
  }
}

/** The units that earlier issues name in a field. */
function unitsOf(desk: Desk, spec: Spec): string[] | undefined {
  return desk.units[spec.key === "name" ? "section" : spec.key];
}

function line(desk: Desk, spec: Spec, id: string, changed: () => void): Control {
  const number = spec.kind === "number";
  const known = unitsOf(desk, spec);
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
class Units implements Control {
  readonly element: HTMLElement;
  private readonly box = h("div", { class: "units-box" });
  private isComposing = false;

  constructor(
    known: string[],
    private readonly id: string,
    private readonly name: string,
    private readonly changed: () => void,
  ) {
    this.element = h("div", { class: "units-control" }, this.box, h("datalist", { id: `${id}-list` }, ...known.map((unit) => h("option", { value: unit }))));
    this.box.append(this.row(""));
    this.rename();
  }

  get target(): HTMLInputElement {
    return this.inputs().at(-1) as HTMLInputElement;
  }

  composing(): boolean {
    return this.isComposing;
  }

  read(): Value {
    const now = this.values();
    return now.length === 0 ? null : now;
  }

  show(value: Value): void {
    const wanted = Array.isArray(value) ? value.map(String) : [];
    if (same(this.values(), wanted)) return this.settle();
    const inputs = this.inputs();
    for (const [at, text] of wanted.entries()) {
      const input = inputs[at];
      if (input) {
        write(input, text);
        attribute(input.parentElement?.querySelector("button") as Element, "aria-label", w.unitRemove(text));
      } else {
        this.box.append(this.row(text));
      }
    }
    for (const input of inputs.slice(wanted.length)) input.parentElement?.remove();
    this.box.append(this.row(""));
    this.rename();
  }

  focus(): void {
    this.target.focus();
  }

  private inputs(): HTMLInputElement[] {
    return [...this.box.children].map((row) => row.querySelector("input") as HTMLInputElement);
  }

  private values(): string[] {
    return this.inputs().map((input) => input.value.trim()).filter((value) => value !== "");
  }

  /** Each input is named by its place; the last one is where the label and the focus go. */
  private rename(): void {
    const inputs = this.inputs();
    for (const [at, input] of inputs.entries()) {
      const last = at === inputs.length - 1;
      attribute(input, "aria-label", last ? `${this.name}：${w.addUnit}` : `${this.name} ${at + 1}`);
      attribute(input, "placeholder", last ? w.addUnit : null);
      attribute(input, "id", last ? this.id : `${this.id}-${at}`);
      input.parentElement?.classList.toggle("adder", last);
    }
  }

  /** There is always an empty input at the end. */
  private settle(): void {
    if (this.target.value.trim() !== "") this.box.append(this.row(""));
    this.rename();
  }

  private row(value: string): HTMLElement {
    const input = h("input", { type: "text", list: `${this.id}-list`, autocomplete: "off", spellcheck: "false" });
    input.value = value;
    const remove = iconButton("close", w.unitRemove(value), () => this.remove(input));
    input.addEventListener("paste", (event) => this.paste(event, input));
    const composing = listen(input, () => {
      this.settle();
      this.changed();
    });
    input.addEventListener("compositionstart", () => {
      this.isComposing = true;
    });
    input.addEventListener("compositionend", () => {
      this.isComposing = false;
    });
    input.addEventListener("keydown", (event) => {
      if (!event.isComposing && !composing()) this.key(event, input);
    });
    input.addEventListener("blur", () => this.leave(input));
    input.addEventListener("input", () => {
      attribute(remove, "aria-label", w.unitRemove(input.value));
    });
    return h("span", { class: "unit" }, input, remove);
  }

  /** A list from elsewhere is a list here. */
  private paste(event: ClipboardEvent, input: HTMLInputElement): void {
    const parts = (event.clipboardData?.getData("text/plain") ?? "").split(/[\n，；;]+/).map((part) => part.trim()).filter((part) => part !== "");
    if (parts.length < 2) return;
    event.preventDefault();
    const all = this.values();
    const at = this.inputs().indexOf(input);
    all.splice(at, at < all.length ? 1 : 0, ...(input.value.trim() ? [input.value.trim()] : []), ...parts);
    this.show(all);
    this.changed();
    this.focus();
  }

  private key(event: KeyboardEvent, input: HTMLInputElement): void {
    const all = this.inputs();
    const at = all.indexOf(input);
    if (event.key === "Enter") {
      event.preventDefault();
      all[at + 1]?.focus();
    } else if (event.key === "Backspace" && input.value === "" && at > 0) {
      event.preventDefault();
      all[at - 1]?.focus();
      if (at < all.length - 1) input.parentElement?.remove();
      this.settle();
    } else if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      event.preventDefault();
      this.move(input, event.key === "ArrowLeft" ? -1 : 1);
    }
  }

  private move(input: HTMLInputElement, by: number): void {
    const now = this.values();
    const at = this.inputs().indexOf(input);
    const to = at + by;
    if (at >= now.length || to < 0 || to >= now.length) return;
    const [value] = now.splice(at, 1);
    now.splice(to, 0, value ?? "");
    this.show(now);
    this.inputs()[to]?.focus();
    this.changed();
  }

  /** An emptied input goes when it is left, but for the last. */
  private leave(input: HTMLInputElement): void {
    if (input.value.trim() !== "" || input === this.target || !input.isConnected) return;
    input.parentElement?.remove();
    this.rename();
  }

  private remove(input: HTMLInputElement): void {
    const at = this.inputs().indexOf(input);
    input.parentElement?.remove();
    this.settle();
    this.changed();
    (this.inputs()[at] ?? this.target).focus();
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
