// The issue as a form: 报头, 栏目 and 文章 as cards, 版记.

import { announce, toast, type Desk } from "./desk.ts";
import { arrange, attribute, h, icon, iconButton, uid } from "./dom.ts";
import { Field } from "./fields.ts";
import { get, isTable, items, type Op, type Path, type Table, type Value } from "./model.ts";
import type { Finding } from "./protocol.ts";
import { w } from "./words.ts";

type Kind = "section" | "article" | "attachment";

const LIST: Record<Kind, string> = { section: "sections", article: "articles", attachment: "attachments" };

/** What is always in sight in an article; the schema's other fields are behind “更多项目”. */
const ARTICLE_MAIN = ["title", "subtitle", "source", "contributor", "authors", "body"];
const MASTHEAD_MAIN = ["number", "serial_number", "date", "label"];
const IMPRINT_ORDER = ["report_to", "send_to", "distribute_to", "also_to", "editor", "reviewer", "approved_by", "phone", "email", "print_run"];

interface Undo {
  text: string | null;
  after: string | null;
  run: () => void;
}

export class Form {
  readonly element: HTMLElement;
  private readonly fields = new Map<Table, Map<string, Field>>();
  private readonly cards = new Map<Table, Card>();
  private readonly broken: HTMLElement;
  private readonly body: HTMLElement;
  private readonly loose: List;
  private readonly looseBox: HTMLElement;
  private readonly sections: List;
  private readonly masthead: Group;
  private readonly imprint: Group;
  private readonly undos: Undo[] = [];
  dragged: Card | null = null;

  constructor(readonly desk: Desk) {
    const root = desk.live.model.root;
    this.broken = h("p", { class: "banner warning", role: "alert", hidden: true });
    this.masthead = this.makeMasthead(root);
    this.loose = new List(this, root, "article");
    this.sections = new List(this, root, "section");
    this.imprint = this.makeImprint(root);
    this.looseBox = h("div", { class: "loose" }, h("h3", {}, w.looseArticles, h("span", { class: "hint" }, ` ${w.looseArticlesHint}`)), this.loose.element);
    const add = (label: string, kind: Kind) => h("button", { type: "button", class: "add", onclick: () => this.add(kind, root) }, icon("add"), label);
    const articles = h(
      "section",
      { class: "group", "aria-labelledby": "articles-heading" },
      h(
        "div",
        { class: "group-head" },
        h("h2", { id: "articles-heading" }, w.sectionsAndArticles),
        h("button", { type: "button", class: "link", onclick: () => this.foldAll(true) }, w.foldAll),
        h("button", { type: "button", class: "link", onclick: () => this.foldAll(false) }, w.unfoldAll),
      ),
      this.looseBox,
      this.sections.element,
      h("div", { class: "adders" }, add(w.addSection, "section"), add(w.addLoose, "article")),
    );
    this.body = h("div", { class: "form-body" }, this.masthead.element, articles, this.imprint.element);
    this.element = h("div", { class: "form" }, this.broken, this.body);
    this.element.addEventListener("keydown", (event) => this.keys(event));
    document.addEventListener("selectionchange", this.followCaret);
    this.sync();
  }

  close(): void {
    document.removeEventListener("selectionchange", this.followCaret);
  }

  /** Takes over the model: cards come, go and move; fields show what is new. */
  sync(): void {
    const { live } = this.desk;
    const broken = !live.readable && live.text !== "";
    this.broken.hidden = !broken;
    this.body.inert = broken;
    if (broken) this.broken.textContent = w.codeBroken(live.findings.find((finding) => finding.severity === "error")?.line ?? 1);
    this.loose.sync();
    this.looseBox.hidden = items(live.model.root, "articles").length === 0;
    this.sections.sync();
    for (const fields of this.fields.values()) for (const field of fields.values()) field.sync();
    for (const card of this.cards.values()) card.retitle();
    this.masthead.sync();
    this.imprint.sync();
    for (const undo of this.undos) if (undo.after === null && !live.pending()) undo.after = live.text;
    this.forget();
    this.showFindings();
  }

  /** Each finding beside its field, else on its card. */
  showFindings(): void {
    const { live } = this.desk;
    const byField = new Map<Field, Finding[]>();
    for (const finding of live.findings) {
      const field = finding.path && this.fieldAt(finding.path);
      if (field) byField.set(field, [...(byField.get(field) ?? []), finding]);
    }
    for (const fields of this.fields.values()) for (const field of fields.values()) field.showFindings(byField.get(field) ?? []);
    for (const card of this.cards.values()) card.count(live.findings.filter((finding) => finding.path && this.isInside(finding.path, card.node)).length);
  }

  private isInside(path: Path, node: Table): boolean {
    const own = this.desk.live.model.pathOf(node);
    return own !== null && own.length <= path.length && own.every((step, at) => step === path[at]);
  }

  fieldAt(path: Path): Field | null {
    const node = this.desk.live.model.nodeAt(path);
    const fields = node && this.fields.get(node);
    if (!node || !fields) return null;
    const rest = path.slice(path.findLastIndex((step, at) => typeof step === "number" && isInList(path, at)) + 1).filter((step) => typeof step === "string");
    for (let length = rest.length; length > 0; length -= 1) {
      const field = fields.get(rest.slice(0, length).join("."));
      if (field) return field;
    }
    return null;
  }

  cardAt(path: Path): Card | null {
    const node = this.desk.live.model.nodeAt(path);
    return (node && this.cards.get(node)) ?? null;
  }

  /** Brings a field into sight, unfolding what hides it. */
  reveal(field: { element: HTMLElement }): void {
    for (let at: HTMLElement | null = field.element; at; at = at.parentElement) {
      if (at instanceof HTMLDetailsElement) at.open = true;
      if (at.classList.contains("card")) [...this.cards.values()].find((card) => card.element === at)?.fold(false);
    }
    field.element.scrollIntoView({ block: "nearest" });
  }

  makeField(node: Table, key: string[], schemaPath: string[], inherited?: Value): Field {
    const name = key.at(-1) ?? "";
    const field = new Field(this.desk, node, key, this.desk.book.field([...schemaPath, ...key.slice(0, -1)], name), inherited);
    const fields = this.fields.get(node) ?? new Map<string, Field>();
    fields.set(key.join("."), field);
    this.fields.set(node, fields);
    return field;
  }

  cardFor(node: Table, kind: Kind): Card {
    const known = this.cards.get(node);
    if (known) return known;
    const card = new Card(this, node, kind);
    this.cards.set(node, card);
    return card;
  }

  private forget(): void {
    for (const [node, card] of this.cards) {
      if (this.desk.live.model.pathOf(node)) continue;
      card.element.remove();
      this.cards.delete(node);
      this.fields.delete(node);
    }
  }

  // What one can do with cards

  private change(op: Op): void {
    this.desk.live.change(op);
    this.sync();
  }

  add(kind: Kind, owner: Table, at?: number): void {
    const item: Table = kind === "section" ? { name: "", articles: [{ title: "", body: "" }] } : { title: "", body: "" };
    const list = LIST[kind];
    this.change({ op: "insert", owner, list, at: at ?? items(owner, list).length, item });
    const field = this.fields.get(item)?.get(kind === "section" ? "name" : "title");
    if (field) {
      this.reveal(field);
      field.focus();
    }
  }

  duplicate(card: Card): void {
    const copy = structuredClone(card.node);
    this.change({ op: "duplicate", item: card.node, copy });
    const made = this.cards.get(copy);
    made?.focus();
    toast(w.duplicated(card.name()));
  }

  remove(card: Card): void {
    const { live } = this.desk;
    const place = this.place(card);
    if (!place) return;
    const name = card.name();
    const text = live.pending() ? null : live.text;
    const next = card.element.nextElementSibling ?? card.element.previousElementSibling;
    this.change({ op: "remove", item: card.node });
    const undo: Undo = { text, after: null, run: () => this.change({ op: "insert", ...place, item: card.node }) };
    this.undos.push(undo);
    const close = toast(w.removed(name), { label: w.undo, run: () => this.undo(undo) });
    undo.run = ((run) => () => {
      close();
      run();
    })(undo.run);
    const other = [...this.cards.values()].find((candidate) => candidate.element === next);
    if (other) other.focus();
    else this.element.querySelector<HTMLElement>(".adders button")?.focus();
  }

  /** Takes back the last removal or move. Where nothing else changed, the text as it was: comments too. */
  undo(undo = this.undos.at(-1)): void {
    if (!undo || !this.undos.includes(undo)) return;
    this.undos.splice(this.undos.indexOf(undo), 1);
    const { live } = this.desk;
    if (undo.text !== null && undo.after === live.text && !live.pending()) {
      live.edit(undo.text);
    } else {
      undo.run();
    }
    announce(w.undo);
  }

  private place(card: Card): { owner: Table; list: string; at: number } | null {
    const path = this.desk.live.model.pathOf(card.node);
    if (!path) return null;
    const owner = path.length === 2 ? this.desk.live.model.root : this.desk.live.model.nodeAt(path.slice(0, -2));
    return owner && { owner, list: String(path.at(-2)), at: Number(path.at(-1)) };
  }

  /** Moves a card in its list; an article goes on into the section before or behind. */
  step(card: Card, by: -1 | 1): void {
    const place = this.place(card);
    if (!place) return;
    const { root } = this.desk.live.model;
    const list = items(place.owner, place.list);
    const to = place.at + by;
    if (to >= 0 && to < list.length) return this.moveTo(card, place.owner, to);
    if (card.kind !== "article") return;
    const sections = items(root, "sections");
    const at = sections.indexOf(place.owner);
    const owner = by < 0 ? (at > 0 ? sections[at - 1] : at === 0 && items(root, "articles").length > 0 ? root : undefined) : sections[at + 1];
    if (owner) this.moveTo(card, owner, by < 0 ? items(owner, "articles").length : 0);
  }

  moveTo(card: Card, owner: Table, at: number): void {
    const place = this.place(card);
    if (!place || (place.owner === owner && place.at === at)) return;
    const focused = card.element.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
    this.change({ op: "move", item: card.node, owner, list: LIST[card.kind], at });
    this.undos.push({ text: null, after: null, run: () => this.change({ op: "move", item: card.node, ...place }) });
    focused?.focus();
    card.element.scrollIntoView({ block: "nearest" });
    announce(w.moved(card.name(), at + 1, items(owner, LIST[card.kind]).length));
  }

  private foldAll(folded: boolean): void {
    for (const card of this.cards.values()) if (card.kind === "article") card.fold(folded);
  }

  private keys(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && !isText(event.target) && this.undos.length > 0) {
      event.preventDefault();
      this.undo();
      return;
    }
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const element = (event.target as Element).closest(".card");
    const card = [...this.cards.values()].find((candidate) => candidate.element === element);
    if (!card) return;
    const run: Record<string, () => void> = event.shiftKey
      ? { D: () => this.duplicate(card), Delete: () => this.remove(card) }
      : { ArrowUp: () => this.step(card, -1), ArrowDown: () => this.step(card, 1), Enter: () => this.addBehind(card), f: () => card.fold(!card.folded) };
    const known = run[event.key.length === 1 && event.shiftKey ? event.key.toUpperCase() : event.key];
    if (!known) return;
    event.preventDefault();
    known();
  }

  private addBehind(card: Card): void {
    if (card.kind === "section") return this.add("article", card.node, 0);
    const place = this.place(card);
    if (place) this.add(card.kind, place.owner, place.at + 1);
  }

  private readonly followCaret = (): void => {
    const active = document.activeElement;
    if (!(active instanceof HTMLTextAreaElement) || !this.element.contains(active)) return;
    for (const fields of this.fields.values()) {
      for (const field of fields.values()) if (field.element.contains(active)) field.showOnPage();
    }
  };

  // 报头 and 版记

  private makeMasthead(root: Table): Group {
    const { inherits } = this.desk;
    const keys = this.desk.book.fields([]).map((spec) => spec.key);
    const field = (key: string) => this.makeField(root, [key], [], key === "issuer" || key === "notice" ? (inherits[key] ?? (key === "issuer" ? undefined : null)) : undefined);
    const main = MASTHEAD_MAIN.filter((key) => keys.includes(key)).map(field);
    const rest = keys.filter((key) => !MASTHEAD_MAIN.includes(key));
    const more = rest.flatMap((key) => [field(key)]);
    const level = this.makeField(root, ["classification", "level"], []);
    const period = this.makeField(root, ["classification", "period"], []);
    return new Group("masthead", w.masthead, main, [...more.slice(0, -1), level, period, ...more.slice(-1)]);
  }

  private makeImprint(root: Table): Group {
    const imprint = isTable(this.desk.inherits["imprint"]) ? this.desk.inherits["imprint"] : {};
    const known = this.desk.book.fields(["imprint"]).map((spec) => spec.key);
    const keys = [...IMPRINT_ORDER.filter((key) => known.includes(key)), ...known.filter((key) => !IMPRINT_ORDER.includes(key))];
    const fields = keys.map((key) => this.makeField(root, ["imprint", key], [], imprint[key]));
    return new Group("imprint", w.imprint, fields, []);
  }
}

function isInList(path: Path, at: number): boolean {
  return ["sections", "articles", "attachments"].includes(String(path[at - 1]));
}

function isText(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type !== "checkbox");
}

/** 报头 or 版记: a heading, its fields, and those that are seldom needed. */
class Group {
  readonly element: HTMLElement;
  private readonly details: HTMLDetailsElement | null;

  constructor(name: string, title: string, main: Field[], private readonly more: Field[]) {
    const id = uid("group");
    this.details = more.length === 0 ? null : h("details", { class: "more" }, h("summary", {}, w.more), h("div", { class: "fields" }, ...more.map((field) => field.element)));
    this.element = h(
      "section",
      { class: `group ${name}`, "aria-labelledby": id },
      h("div", { class: "group-head" }, h("h2", { id }, title)),
      h("div", { class: "fields" }, ...main.map((field) => field.element)),
      this.details,
    );
    this.sync();
  }

  /** What is filled in is not hidden. */
  sync(): void {
    if (this.details && !this.details.open && !this.details.dataset["seen"] && this.more.some((field) => get(field.node, field.key) !== null)) {
      this.details.open = true;
    }
    if (this.details?.open) this.details.dataset["seen"] = "true";
  }
}

/** The cards of one list, and where dragged ones are dropped. */
class List {
  readonly element: HTMLElement;

  constructor(
    private readonly form: Form,
    private readonly owner: Table,
    private readonly kind: Kind,
  ) {
    this.element = h("div", { class: `cards ${kind}s` });
    this.element.addEventListener("dragover", (event) => this.over(event));
    this.element.addEventListener("dragleave", () => this.mark(-1));
    this.element.addEventListener("drop", (event) => this.drop(event));
  }

  sync(): void {
    const nodes = items(this.owner, LIST[this.kind]);
    const cards = nodes.map((node) => this.form.cardFor(node, this.kind));
    arrange(this.element, cards.map((card) => card.element));
    for (const [at, card] of cards.entries()) card.sync(at, cards.length);
  }

  private index(event: DragEvent): number {
    const cards = [...this.element.children];
    const at = cards.findIndex((card) => {
      const box = card.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2;
    });
    return at < 0 ? cards.length : at;
  }

  private over(event: DragEvent): void {
    const { dragged } = this.form;
    if (dragged?.kind !== this.kind) return;
    if (this.kind === "attachment" && !this.element.contains(dragged.element)) return;
    event.preventDefault();
    event.stopPropagation();
    this.mark(this.index(event));
  }

  private mark(at: number): void {
    for (const [index, card] of [...this.element.children].entries()) {
      card.classList.toggle("drop-before", index === at);
      card.classList.toggle("drop-after", at === index + 1 && at === this.element.childElementCount);
    }
    this.element.classList.toggle("drop-into", at === 0 && this.element.childElementCount === 0);
  }

  private drop(event: DragEvent): void {
    const { dragged } = this.form;
    this.mark(-1);
    if (dragged?.kind !== this.kind) return;
    event.preventDefault();
    event.stopPropagation();
    const at = this.index(event);
    const own = [...this.element.children].indexOf(dragged.element);
    this.form.moveTo(dragged, this.owner, own >= 0 && own < at ? at - 1 : at);
  }
}

/** A section, an article or an attachment. */
export class Card {
  readonly element: HTMLElement;
  folded = false;
  private readonly titleText: HTMLElement;
  private readonly foldButton: HTMLButtonElement;
  private readonly up: HTMLButtonElement;
  private readonly down: HTMLButtonElement;
  private readonly badge: HTMLElement;
  private readonly content: HTMLElement;
  private readonly lists: List[] = [];
  private at = 0;

  constructor(
    private readonly form: Form,
    readonly node: Table,
    readonly kind: Kind,
  ) {
    const id = uid("card");
    this.titleText = h(kind === "section" ? "h3" : "h4", { id, class: "card-title" });
    this.badge = h("span", { class: "badge", hidden: true });
    this.content = h("div", { class: "card-content", id: `${id}-content` }, ...this.makeContent());
    this.foldButton = iconButton("fold", w.fold, () => this.fold(!this.folded), { class: "icon-button folder", "aria-expanded": "true", "aria-controls": `${id}-content` });
    this.up = iconButton("up", w.moveUp, () => form.step(this, -1), { class: "icon-button up" });
    this.down = iconButton("down", w.moveDown, () => form.step(this, 1), { class: "icon-button down" });
    // For the mouse alone: the keyboard has the two buttons and Alt with the arrows.
    const grip = h("span", { class: "grip", draggable: "true", title: w.drag, "aria-hidden": "true" }, icon("grip"));
    grip.addEventListener("dragstart", (event) => {
      form.dragged = this;
      event.dataTransfer?.setData("text/plain", this.name());
      event.dataTransfer?.setDragImage(this.element, 10, 10);
      this.element.classList.add("dragged");
    });
    grip.addEventListener("dragend", () => {
      form.dragged = null;
      this.element.classList.remove("dragged");
    });
    const head = h(
      "div",
      { class: "card-head" },
      grip,
      this.foldButton,
      this.titleText,
      this.badge,
      h(
        "span",
        { class: "tools" },
        this.up,
        this.down,
        iconButton("copy", w.duplicate, () => form.duplicate(this), { class: "icon-button duplicate" }),
        iconButton("remove", w.remove, () => form.remove(this), { class: "icon-button remove" }),
      ),
    );
    this.element = h("div", { class: `card ${kind}`, role: "group", "aria-labelledby": id }, head, this.content);
    this.element.addEventListener("committed", () => this.retitle());
    this.retitle();
  }

  private makeContent(): HTMLElement[] {
    const { form, node } = this;
    const nested = (kind: Kind) => {
      const list = new List(form, node, kind);
      this.lists.push(list);
      return list.element;
    };
    const add = (label: string, kind: Kind) => h("div", { class: "adders" }, h("button", { type: "button", class: "add", onclick: () => form.add(kind, node) }, icon("add"), label));
    if (this.kind === "section") {
      return [
        h("div", { class: "fields" }, form.makeField(node, ["name"], ["sections"]).element),
        nested("article"),
        add(w.addArticle, "article"),
      ];
    }
    if (this.kind === "attachment") {
      const fields = form.desk.book.fields(["articles", "attachments"]).map((spec) => form.makeField(node, [spec.key], ["articles", "attachments"]));
      return [h("div", { class: "fields" }, ...order(fields, ["title", "body"]).map((field) => field.element))];
    }
    const known = form.desk.book.fields(["articles"]).map((spec) => spec.key);
    const make = (key: string) => form.makeField(node, [key], ["articles"]).element;
    const rest = known.filter((key) => !ARTICLE_MAIN.includes(key));
    const filled = rest.some((key) => get(node, [key]) !== null) || items(node, "attachments").length > 0;
    return [
      h("div", { class: "fields" }, ...ARTICLE_MAIN.filter((key) => known.includes(key)).map(make)),
      h("details", { class: "more", open: filled }, h("summary", {}, w.more), h("div", { class: "fields" }, ...rest.map(make)), nested("attachment"), add(w.addAttachment, "attachment")),
    ];
  }

  sync(at: number, of: number): void {
    this.at = at;
    const alone = this.kind !== "article";
    this.up.disabled = alone && at === 0;
    this.down.disabled = alone && at === of - 1;
    for (const list of this.lists) list.sync();
    this.retitle();
  }

  /** What the card is called, to those who look and to those who listen. */
  name(): string {
    const title = String(this.node["title"] ?? this.node["name"] ?? "").replaceAll("|", "");
    return `${w[this.kind]}${title ? `“${title}”` : ` ${this.at + 1}`}`;
  }

  retitle(): void {
    const title = String(this.node["title"] ?? this.node["name"] ?? "").replaceAll("|", "");
    const text = title || (this.kind === "section" ? w.unnamed : w.untitled);
    const shown = this.kind === "attachment" ? `${w.attachment}${this.at + 1}　${text}` : text;
    if (this.titleText.textContent !== shown) this.titleText.textContent = shown;
    attribute(this.element, "data-kind-name", w[this.kind]);
    const name = this.name();
    for (const [button, word] of [[this.up, w.moveUp], [this.down, w.moveDown]] as const) attribute(button, "aria-label", `${word}：${name}`);
    for (const [selector, word] of [[".duplicate", w.duplicate], [".remove", w.remove]] as const) {
      const button = this.element.querySelector(`:scope > .card-head ${selector}`);
      if (button) attribute(button, "aria-label", `${word}：${name}`);
    }
    attribute(this.foldButton, "aria-label", `${this.folded ? w.unfold : w.fold}：${name}`);
  }

  count(findings: number): void {
    this.badge.hidden = findings === 0;
    if (this.badge.textContent !== String(findings)) this.badge.textContent = String(findings);
    attribute(this.badge, "aria-label", `${w.findings} ${findings}`);
    this.badge.setAttribute("role", "img");
  }

  fold(folded: boolean): void {
    this.folded = folded;
    this.content.hidden = folded;
    attribute(this.foldButton, "aria-expanded", String(!folded));
    this.element.classList.toggle("folded", folded);
    this.retitle();
  }

  focus(): void {
    this.foldButton.focus();
    this.element.scrollIntoView({ block: "nearest" });
  }
}

function order(fields: Field[], keys: string[]): Field[] {
  const rank = (field: Field) => keys.indexOf(field.key.at(-1) ?? "");
  return fields.sort((a, b) => rank(a) - rank(b));
}

