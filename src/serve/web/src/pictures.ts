// The pages as pictures. Messages go in, the picture of each page comes out: one that has not changed
// is the same element as before, wherever its page is now.

import type { Pages } from "./protocol.ts";

const SVG = "http://www.w3.org/2000/svg";

export class Pictures {
  private shown: { key: string; picture: SVGSVGElement | undefined }[] = [];
  private isStale = false;

  /** `glyphs`: the outlines that the pictures name. They have to stand in the same document. */
  constructor(readonly glyphs: SVGDefsElement = document.createElementNS(SVG, "defs")) {}

  /** Before the first pages of a connection: they come with all glyphs again. */
  forget(): void {
    this.isStale = true;
  }

  /** Takes over new pages. Nothing stands for a page whose picture never came. */
  take({ glyphs, pages }: Pages): (SVGSVGElement | undefined)[] {
    if (this.isStale) {
      this.glyphs.replaceChildren();
      this.shown = [];
    }
    this.isStale = false;
    if (glyphs) {
      const holder = document.createElementNS(SVG, "svg");
      holder.innerHTML = glyphs;
      this.glyphs.append(...holder.children);
    }
    const before = this.shown;
    const stays = pages.map(({ key, svg }, at) => (svg === undefined && before[at]?.key === key ? before[at].picture : undefined));
    const taken = new Set(stays);
    const moved = (key: string): SVGSVGElement | undefined => {
      const alike = before.filter((each) => each.key === key && each.picture);
      // The same picture on two pages, as of two empty ones.
      const picture = alike.find((each) => !taken.has(each.picture))?.picture ?? copy(alike[0]?.picture);
      taken.add(picture);
      return picture;
    };
    this.shown = pages.map(({ key, svg }, at) => ({ key, picture: svg === undefined ? (stays[at] ?? moved(key)) : parsed(svg) }));
    return this.shown.map(({ picture }) => picture);
  }
}

function copy(picture: SVGSVGElement | undefined): SVGSVGElement | undefined {
  return picture && (picture.cloneNode(true) as SVGSVGElement);
}

function parsed(svg: string): SVGSVGElement | undefined {
  const holder = document.createElement("div");
  holder.innerHTML = svg;
  return holder.querySelector("svg") ?? undefined;
}
