// Elements made in one expression, and the few icons.

export type Child = Node | string | null | undefined | false;

type Value = string | number | boolean | null | undefined | ((event: never) => void);

/**
 * Makes an element. `onclick` and its like are listeners, `true` an empty attribute, `false` and
 * nothing no attribute; everything else is an attribute as written. Text is always text.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), value as EventListener);
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/** Sets an attribute only where it differs, so that screen readers are not told twice. */
export function attribute(element: Element, name: string, value: string | null): void {
  if (value === null) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== value) {
    element.setAttribute(name, value);
  }
}

/** Puts `children` into `parent` in this order. The one with the focus never moves: it would lose it. */
export function arrange(parent: Element, children: Element[]): void {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  const focused = document.activeElement;
  const pivot = Math.max(0, children.findIndex((child) => child.parentElement === parent && child.contains(focused)));
  const middle = children[pivot];
  if (!middle) return;
  if (middle.parentElement !== parent) parent.prepend(middle);
  let next = middle;
  for (const child of children.slice(0, pivot).reverse()) {
    if (child.nextElementSibling !== next || child.parentElement !== parent) parent.insertBefore(child, next);
    next = child;
  }
  let before = middle;
  for (const child of children.slice(pivot + 1)) {
    if (before.nextElementSibling !== child) before.after(child);
    before = child;
  }
}

const ICONS = {
  up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4",
  copy: "M6 6h7v7H6zM10 6V3H3v7h3",
  remove: "M3 4h10M6 4V2h4v2M5 4l.6 9h4.8L11 4",
  grip: "M6 3v.1M6 8v.1M6 13v.1M10 3v.1M10 8v.1M10 13v.1",
  fold: "M4 6l4 4 4-4",
  add: "M8 3v10M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  back: "M10 3L5 8l5 5",
  error: "M8 2a6 6 0 100 12A6 6 0 008 2zM8 5v4M8 11v.1",
  warning: "M8 2l6.5 12h-13zM8 6.5v3.5M8 12v.1",
  advice: "M8 2a6 6 0 100 12A6 6 0 008 2zM8 7.5V11M8 5v.1",
  zoomin: "M8 4v8M4 8h8",
  zoomout: "M4 8h8",
  thumbs: "M2 2h4v5H2zM2 9h4v5H2zM9 3h5M9 6h5M9 10h5M9 13h5",
} as const;

export type Icon = keyof typeof ICONS;

/** A line drawing beside a word or in a named button; screen readers pass over it. */
export function icon(name: Icon): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows an icon and says its name. */
export function iconButton(
  name: Icon,
  label: string,
  onclick: (event: MouseEvent) => void,
  more: Record<string, Value> = {},
): HTMLButtonElement {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...more }, icon(name));
}

let ids = 0;

/** An id that no other element has. */
export function uid(prefix: string): string {
  ids += 1;
  return `${prefix}-${ids}`;
}

/** Those who asked for less motion get none. */
export function scrollBehavior(): ScrollBehavior {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
}
