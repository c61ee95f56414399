// The real pages: only those that changed are replaced, where one has scrolled to stays. A click
// goes to the field, a field shows its place.

import { attribute, h, iconButton, scrollBehavior } from "./dom.ts";
import { same, type Path } from "./model.ts";
import { Pictures } from "./pictures.ts";
import type { Pages, Place } from "./protocol.ts";
import { w } from "./words.ts";

const SVG = "http://www.w3.org/2000/svg";
const PX_PER_PT = 96 / 72;
const STEPS = [25, 50, 75, 100, 125, 150, 200, 300];

type Zoom = "width" | "page" | number;

interface Sheet {
  element: HTMLElement;
  paper: HTMLElement;
  picture: SVGSVGElement | null;
  mark: HTMLElement;
  thumb: HTMLButtonElement;
  canvas: HTMLCanvasElement;
  /** Which page is shown, and which one on the thumbnail. */
  key: string;
  thumbKey: string;
}

export class PagesView {
  readonly element: HTMLElement;
  private readonly scroller: HTMLElement;
  private readonly column: HTMLElement;
  private readonly rail: HTMLElement;
  private readonly counter: HTMLElement;
  private readonly note: HTMLElement;
  private readonly select: HTMLSelectElement;
  private readonly toggle: HTMLButtonElement;
  private readonly pictures = new Pictures();
  private sheets: Sheet[] = [];
  private problem: "broken" | null = null;
  private size = { w: 595, h: 842 };
  private zoom: Zoom;
  private places: Place[] = [];
  private wanted: { path: Path; line: number } | null = null;
  private walked = -1;
  private resting = 0;
  private readonly observer: ResizeObserver;

  constructor(private readonly choose: (place: Place) => void) {
    const stored = localStorage.getItem("jianbao.zoom") ?? "width";
    this.zoom = stored === "width" || stored === "page" ? stored : Number(stored) || "width";
    this.column = h("div", { class: "sheets" });
    const outlines = document.createElementNS(SVG, "svg");
    outlines.setAttribute("class", "outlines");
    outlines.setAttribute("aria-hidden", "true");
    outlines.append(this.pictures.glyphs);
    this.scroller = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": `${w.pages}。${w.pageKeys}` }, this.column);
    this.rail = h("nav", { class: "rail", "aria-label": w.thumbnails });
    this.counter = h("span", { class: "counter", "aria-live": "off" });
    this.note = h("p", { class: "pages-note", role: "status" }, w.setting);
    this.select = h(
      "select",
      { "aria-label": w.zoom, onchange: () => this.setZoom(parse(this.select.value)) },
      h("option", { value: "width" }, w.fitWidth),
      h("option", { value: "page" }, w.fitPage),
      ...STEPS.map((step) => h("option", { value: step }, `${step}%`)),
    );
    this.toggle = iconButton("thumbs", w.thumbnails, () => this.toggleRail(), { "aria-pressed": "true" });
    const bar = h(
      "div",
      { class: "pages-bar", role: "toolbar", "aria-label": w.pages },
      this.toggle,
      this.counter,
      h("span", { class: "space" }),
      iconButton("zoomout", w.zoomOut, () => this.step(-1)),
      this.select,
      iconButton("zoomin", w.zoomIn, () => this.step(1)),
    );
    this.element = h("section", { class: "pages", "aria-label": w.pages }, bar, h("div", { class: "pages-main" }, this.rail, this.scroller), this.note, outlines);
    this.rail.hidden = localStorage.getItem("jianbao.rail") === "hidden";
    attribute(this.toggle, "aria-pressed", String(!this.rail.hidden));
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.scroller);
    this.scroller.addEventListener("scroll", () => this.countPages(), { passive: true });
    this.scroller.addEventListener("keydown", (event) => this.keys(event));
    this.scroller.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.step(event.deltaY < 0 ? 1 : -1);
    }, { passive: false });
    this.showZoom();
  }

  close(): void {
    this.observer.disconnect();
    clearTimeout(this.resting);
  }

  focus(): void {
    this.scroller.focus();
  }

  /** Says what stands in the way of new pages, or nothing. */
  say(problem: "broken" | null): void {
    this.problem = problem;
    const text = problem === null ? (this.sheets.length === 0 ? w.setting : "") : this.sheets.length === 0 ? w.noPages : w.stalePages;
    if (this.note.textContent !== text) this.note.textContent = text;
    this.note.hidden = text === "";
  }

  /** Before the first pages of a connection: they come with all glyphs again. */
  forget(): void {
    this.pictures.forget();
  }

  /** Takes over new pages. Only those that changed are replaced; one that moved on moves. */
  show(pages: Pages): void {
    const resized = pages.size.w !== this.size.w || pages.size.h !== this.size.h;
    this.size = pages.size;
    const pictures = this.pictures.take(pages);
    const first = this.sheets.length === 0;
    while (this.sheets.length > pages.pages.length) this.drop();
    while (this.sheets.length < pages.pages.length) this.grow();
    if (first || resized) this.resize();
    for (const [at, sheet] of this.sheets.entries()) {
      const [page, picture] = [pages.pages[at], pictures[at]];
      attribute(sheet.paper, "aria-label", w.pageOf(at + 1, pages.pages.length));
      if (!page || !picture || picture === sheet.picture) continue;
      sheet.paper.replaceChildren(picture);
      sheet.picture = picture;
      sheet.key = page.key;
    }
    this.say(this.problem);
    this.countPages();
    this.drawThumbs();
  }

  /** Thumbnails wait until the typing rests: each is drawn once, small. */
  private drawThumbs(): void {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => void this.drawNextThumb(), 600);
  }

  private async drawNextThumb(): Promise<void> {
    const sheet = this.rail.hidden ? undefined : this.sheets.find((each) => each.thumbKey !== each.key && each.picture);
    if (!sheet?.picture) return;
    const { picture, key, canvas } = sheet;
    const copy = picture.cloneNode(true) as SVGSVGElement;
    const used = new Set([...copy.querySelectorAll("use")].map((use) => (use.getAttribute("href") ?? use.getAttribute("xlink:href") ?? "").slice(1)));
    const defs = document.createElementNS(SVG, "defs");
    for (const id of used) {
      const glyph = document.getElementById(id);
      if (glyph) defs.append(glyph.cloneNode(true));
    }
    copy.prepend(defs);
    const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
    try {
      const image = new Image();
      image.src = url;
      await image.decode();
      canvas.width = 160;
      canvas.height = Math.round((160 * this.size.h) / this.size.w);
      canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    } catch {
      // A page without a thumbnail is still a page.
    } finally {
      URL.revokeObjectURL(url);
    }
    sheet.thumbKey = key;
    if (this.element.isConnected) requestIdleCallback(() => void this.drawNextThumb(), { timeout: 1000 });
  }

  private grow(): void {
    const at = this.sheets.length;
    const paper = h("div", { class: "paper", role: "img", "aria-label": w.pageShort(at + 1) });
    const mark = h("div", { class: "mark", hidden: true });
    const element = h("div", { class: "sheet", onclick: (event: MouseEvent) => this.click(event, at) }, paper, mark);
    const canvas = h("canvas", { "aria-hidden": "true" });
    const thumb = h("button", { type: "button", class: "thumb", "aria-label": w.pageShort(at + 1), onclick: () => this.goToPage(at) }, canvas, h("span", {}, String(at + 1)));
    this.column.append(element);
    this.rail.append(thumb);
    this.sheets.push({ element, paper, picture: null, mark, thumb, canvas, key: "", thumbKey: "" });
    this.fit(element);
  }

  private drop(): void {
    const sheet = this.sheets.pop();
    sheet?.element.remove();
    sheet?.thumb.remove();
  }

  goToPage(at: number): void {
    this.sheets[at]?.element.scrollIntoView({ block: "start", behavior: scrollBehavior() });
  }

  private countPages(): void {
    const middle = this.scroller.scrollTop + this.scroller.clientHeight / 2;
    let current = this.sheets.findIndex((sheet) => sheet.element.offsetTop + sheet.element.offsetHeight >= middle);
    if (current < 0) current = this.sheets.length - 1;
    this.counter.textContent = this.sheets.length === 0 ? "" : w.pageOf(current + 1, this.sheets.length);
    for (const [at, sheet] of this.sheets.entries()) attribute(sheet.thumb, "aria-current", at === current ? "page" : null);
  }

  // Zoom

  private scale(): number {
    if (typeof this.zoom === "number") return this.zoom / 100;
    const width = (this.scroller.clientWidth - 32) / (this.size.w * PX_PER_PT);
    if (this.zoom === "width") return Math.max(0.1, width);
    return Math.max(0.1, Math.min(width, (this.scroller.clientHeight - 32) / (this.size.h * PX_PER_PT)));
  }

  private fit(element: HTMLElement): void {
    const scale = this.scale() * PX_PER_PT;
    element.style.width = `${Math.round(this.size.w * scale)}px`;
    element.style.height = `${Math.round(this.size.h * scale)}px`;
  }

  /** The same line stays at the top when the pages get another size. */
  private resize(): void {
    const before = this.column.scrollHeight;
    const share = before > 0 ? this.scroller.scrollTop / before : 0;
    for (const sheet of this.sheets) this.fit(sheet.element);
    this.scroller.scrollTop = share * this.column.scrollHeight;
    this.countPages();
  }

  private setZoom(zoom: Zoom): void {
    this.zoom = zoom;
    localStorage.setItem("jianbao.zoom", String(zoom));
    this.showZoom();
    this.resize();
  }

  private showZoom(): void {
    this.select.value = String(this.zoom);
  }

  private step(by: 1 | -1): void {
    const now = this.scale() * 100;
    const next = by > 0 ? STEPS.find((step) => step > now + 1) : STEPS.findLast((step) => step < now - 1);
    if (next !== undefined) this.setZoom(next);
  }

  private toggleRail(): void {
    this.rail.hidden = !this.rail.hidden;
    localStorage.setItem("jianbao.rail", this.rail.hidden ? "hidden" : "shown");
    attribute(this.toggle, "aria-pressed", String(!this.rail.hidden));
    this.drawThumbs();
  }

  // Places

  setPlaces(places: Place[]): void {
    this.places = places.filter((place) => place.path[0] !== "publication");
    this.walked = -1;
    if (this.wanted) this.mark(this.wanted.path, this.wanted.line, false);
  }

  /** Shows where a field's line stands; the page is scrolled to where it is out of sight. */
  mark(path: Path, line: number, scroll = true): void {
    this.wanted = { path, line };
    const own = this.places.filter((place) => same(place.path, path));
    const before = own.filter((place) => place.line <= line);
    const wanted = before.at(-1)?.line;
    const shown = wanted === undefined ? own.slice(0, 1) : before.filter((place) => place.line === wanted);
    this.highlight(shown, scroll);
  }

  private highlight(places: Place[], scroll: boolean): void {
    for (const [at, sheet] of this.sheets.entries()) {
      const here = places.filter((place) => place.page === at + 1);
      sheet.mark.hidden = here.length === 0;
      if (here.length === 0) continue;
      const left = Math.min(...here.map((place) => place.x));
      const top = Math.min(...here.map((place) => place.y));
      const right = Math.max(...here.map((place) => place.x + place.w));
      const bottom = Math.max(...here.map((place) => place.y + place.h));
      const style = sheet.mark.style;
      style.left = `${(100 * left) / this.size.w}%`;
      style.top = `${(100 * top) / this.size.h}%`;
      style.width = `${(100 * (right - left)) / this.size.w}%`;
      style.height = `${(100 * (bottom - top)) / this.size.h}%`;
    }
    const first = places[0] && this.sheets[places[0].page - 1];
    if (first && scroll) intoSight(this.scroller, first.mark);
  }

  private click(event: MouseEvent, at: number): void {
    const sheet = this.sheets[at];
    if (!sheet) return;
    const box = sheet.element.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.size.w;
    const y = ((event.clientY - box.top) / box.height) * this.size.h;
    let best: Place | null = null;
    let nearest = 12;
    for (const place of this.places) {
      if (place.page !== at + 1) continue;
      const dx = Math.max(place.x - x, 0, x - place.x - place.w);
      const dy = Math.max(place.y - y, 0, y - place.y - place.h);
      // Of those that are hit, the smallest; else the nearest.
      const distance = Math.hypot(dx, dy) + (dx + dy === 0 ? -1 / (1 + place.w * place.h) : 0);
      if (distance < nearest) {
        nearest = distance;
        best = place;
      }
    }
    if (best) this.choose(best);
  }

  private keys(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "+" || event.key === "=") this.step(1);
    else if (event.key === "-") this.step(-1);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.walk(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter") {
      const place = this.places[this.walked];
      if (place) this.choose(place);
    } else return;
    event.preventDefault();
  }

  private walk(by: 1 | -1): void {
    if (this.places.length === 0) return;
    if (this.walked < 0 && this.wanted) {
      const { path, line } = this.wanted;
      this.walked = this.places.findIndex((place) => same(place.path, path) && place.line === line);
    }
    this.walked = Math.max(0, Math.min(this.places.length - 1, this.walked + by));
    const place = this.places[this.walked];
    if (place) this.highlight([place], true);
  }
}

function parse(value: string): Zoom {
  return value === "width" || value === "page" ? value : Number(value);
}

function intoSight(scroller: HTMLElement, element: HTMLElement): void {
  const outer = scroller.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  if (inner.top >= outer.top && inner.bottom <= outer.bottom) return;
  const tall = inner.height > outer.height;
  const by = tall ? inner.top - outer.top - 24 : inner.top + inner.height / 2 - outer.top - outer.height / 2;
  scroller.scrollBy({ top: by, behavior: scrollBehavior() });
}
