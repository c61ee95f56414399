// The real pages: only those that changed are replaced, where one has scrolled to stays. A click
// goes to the field, a field shows its place.

import { attribute, h, iconButton, scrollBehavior } from "./dom.ts";
import type { Page, Pages, Place } from "./live.ts";
import { same, type Path } from "./model.ts";
import { w } from "./words.ts";

const PX_PER_PT = 96 / 72;
const STEPS = [25, 50, 75, 100, 125, 150, 200, 300];

type Zoom = "width" | "page" | number;

interface Sheet {
  element: HTMLElement;
  image: HTMLImageElement;
  mark: HTMLElement;
  thumb: HTMLButtonElement;
  small: HTMLImageElement;
  /** Which picture is shown, and which is to be. */
  key: string;
  wanted: string;
}

export class PagesView {
  readonly element: HTMLElement;
  private readonly scroller: HTMLElement;
  private readonly column: HTMLElement;
  private readonly rail: HTMLElement;
  private readonly counter: HTMLElement;
  private readonly note: HTMLElement;
  private readonly select: HTMLSelectElement;
  private sheets: Sheet[] = [];
  private readonly urls = new Map<string, string>();
  private size = { w: 595, h: 842 };
  private zoom: Zoom;
  private places: Place[] = [];
  private wanted: { path: Path; line: number } | null = null;
  private walked = -1;
  private drawing = 0;
  private readonly observer: ResizeObserver;

  constructor(private readonly choose: (path: Path, line: number) => void) {
    const stored = localStorage.getItem("jianbao.zoom") ?? "width";
    this.zoom = stored === "width" || stored === "page" ? stored : Number(stored) || "width";
    this.column = h("div", { class: "sheets" });
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
    const toggle = iconButton("thumbs", w.thumbnails, () => this.toggleRail(), { "aria-pressed": "true" });
    const bar = h(
      "div",
      { class: "pages-bar", role: "toolbar", "aria-label": w.pages },
      toggle,
      this.counter,
      h("span", { class: "space" }),
      iconButton("zoomout", w.zoomOut, () => this.step(-1)),
      this.select,
      iconButton("zoomin", w.zoomIn, () => this.step(1)),
    );
    this.element = h("section", { class: "pages", "aria-label": w.pages }, bar, h("div", { class: "pages-main" }, this.rail, this.scroller), this.note);
    this.rail.hidden = localStorage.getItem("jianbao.rail") === "hidden";
    attribute(toggle, "aria-pressed", String(!this.rail.hidden));
    this.toggle = toggle;
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
  private readonly toggle: HTMLButtonElement;

  close(): void {
    this.observer.disconnect();
    for (const url of this.urls.values()) URL.revokeObjectURL(url);
    this.urls.clear();
  }

  focus(): void {
    this.scroller.focus();
  }

  /** Says what stands in the way of new pages, or nothing. */
  say(problem: "broken" | null): void {
    const text = problem === null ? (this.sheets.length === 0 ? w.setting : "") : this.sheets.length === 0 ? w.noPages : w.stalePages;
    if (this.note.textContent !== text) this.note.textContent = text;
    this.note.hidden = text === "";
  }

  /** Takes over new pages. A page is swapped when its picture is ready, so that nothing flickers. */
  async show(pages: Pages): Promise<void> {
    this.drawing += 1;
    const drawing = this.drawing;
    for (const page of pages.pages) {
      if (page.svg !== undefined && !this.urls.has(page.key)) {
        this.urls.set(page.key, URL.createObjectURL(new Blob([page.svg], { type: "image/svg+xml" })));
      }
    }
    const resized = pages.size.w !== this.size.w || pages.size.h !== this.size.h;
    this.size = pages.size;
    while (this.sheets.length > pages.pages.length) this.drop();
    const first = this.sheets.length === 0;
    while (this.sheets.length < pages.pages.length) this.grow();
    if (first || resized) this.resize();
    await Promise.all(pages.pages.map((page, at) => this.draw(page, at, pages.pages.length)));
    if (drawing !== this.drawing) return;
    this.countPages();
    this.drawThumbs();
    const used = new Set(this.sheets.map((sheet) => sheet.key));
    for (const [key, url] of this.urls) {
      if (used.has(key)) continue;
      URL.revokeObjectURL(url);
      this.urls.delete(key);
    }
  }

  private async draw(page: Page, at: number, of: number): Promise<void> {
    const sheet = this.sheets[at];
    const url = this.urls.get(page.key);
    if (!sheet || !url) return;
    const label = w.pageOf(page.n, of);
    attribute(sheet.image, "alt", label);
    sheet.wanted = page.key;
    if (sheet.key === page.key) return;
    const image = h("img", { alt: label, draggable: "false", decoding: "sync", src: url });
    try {
      await image.decode();
    } catch {
      // Shown all the same, as far as the browser can.
    }
    if (sheet.wanted !== page.key) return;
    sheet.image.replaceWith(image);
    sheet.image = image;
    sheet.key = page.key;
  }

  // Thumbnails can wait until the page itself is on the screen.
  private drawThumbs(): void {
    const draw = () => {
      for (const sheet of this.sheets) {
        const url = this.urls.get(sheet.key);
        if (url && !this.rail.hidden && sheet.small.dataset["key"] !== sheet.key) {
          sheet.small.src = url;
          sheet.small.dataset["key"] = sheet.key;
        }
      }
    };
    clearTimeout(this.thumbs);
    this.thumbs = setTimeout(() => requestIdleCallback(draw, { timeout: 500 }), 250);
  }
  private thumbs = 0;

  private grow(): void {
    const at = this.sheets.length;
    const image = h("img", { alt: w.pageShort(at + 1), draggable: "false" });
    const mark = h("div", { class: "mark", hidden: true });
    const element = h("div", { class: "sheet", onclick: (event: MouseEvent) => this.click(event, at) }, image, mark);
    const small = h("img", { alt: "", draggable: "false", loading: "lazy" });
    const thumb = h("button", { type: "button", class: "thumb", "aria-label": w.pageShort(at + 1), onclick: () => this.goToPage(at) }, small, h("span", {}, String(at + 1)));
    this.column.append(element);
    this.rail.append(thumb);
    this.sheets.push({ element, image, mark, thumb, small, key: "", wanted: "" });
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
    this.places = places;
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
    if (best) this.choose(best.path, best.line);
  }

  private keys(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "+" || event.key === "=") this.step(1);
    else if (event.key === "-") this.step(-1);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.walk(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter") {
      const place = this.places[this.walked];
      if (place) this.choose(place.path, place.line);
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
