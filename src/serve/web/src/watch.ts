// The page of `watch`: the pages of an issue while it is written elsewhere, and what is found in it.
// What has not changed stays in its place.

import { Channel } from "./channel.ts";
import { arrange, attribute, h } from "./dom.ts";
import { Pictures } from "./pictures.ts";
import type { ErrorBody, Finding, Message, Pages, Watched } from "./protocol.ts";

class Watch {
  private readonly list = element("issues");
  private readonly findings = element("findings");
  private readonly pages = element("pages");
  private readonly glyphs = document.querySelector<SVGDefsElement>("#glyphs defs") as SVGDefsElement;
  private words: Watched["words"] = {};
  private channel: Channel | null = null;

  async start(): Promise<void> {
    const answer = await fetch("api/issues");
    if (!answer.ok) {
      const { error } = (await answer.json()) as ErrorBody;
      this.findings.textContent = `${error.message}. ${error.hint ?? ""}`;
      return;
    }
    const { language, issues, words } = (await answer.json()) as Watched;
    this.words = words;
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    this.list.setAttribute("aria-label", this.word("watch-choose"));
    this.list.hidden = issues.length < 2;
    this.list.append(...issues.map((issue) => h("a", { href: `#${encodeURIComponent(issue)}` }, issue)));
    addEventListener("hashchange", () => this.choose());
    this.choose();
  }

  /** Opens the issue of the address, or the only one. */
  private choose(): void {
    const asked = decodeURIComponent(location.hash.slice(1));
    const links = [...this.list.querySelectorAll("a")];
    const chosen = links.find((link) => link.textContent === asked) ?? (links.length === 1 ? links[0] : undefined);
    for (const link of links) link.toggleAttribute("aria-current", link === chosen);
    const issue = chosen?.textContent;
    if (!issue) return;
    document.title = `${issue} · jianbao watch`;
    this.pages.replaceChildren();
    this.open(issue);
  }

  private open(issue: string): void {
    this.channel?.close();
    this.glyphs.replaceChildren();
    const pictures = new Pictures(this.glyphs);
    this.channel = new Channel(
      { t: "open", issue },
      {
        opened: () => pictures.forget(),
        receive: (message) => this.receive(message, pictures),
        lost: () => {
          this.findings.textContent = this.word("watch-gone");
        },
        connection: () => {},
      },
    );
  }

  private receive(message: Message, pictures: Pictures): void {
    if (message.t === "pages") this.showPages(message, pictures);
    else if (message.t === "findings") this.showFindings(message.findings, message.pages);
    else if (message.t === "error") this.findings.textContent = message.message;
  }

  /** Each picture keeps its figure, so that nothing moves but what has changed. */
  private showPages(pages: Pages, pictures: Pictures): void {
    const figures = pictures.take(pages).flatMap((picture, at) => {
      const page = pages.pages[at];
      if (!picture || !page) return [];
      attribute(picture, "role", "img");
      attribute(picture, "aria-label", this.word("watch-page", { page: page.n }));
      return [picture.parentElement?.closest("figure") ?? h("figure", { "data-key": page.key }, picture)];
    });
    arrange(this.pages, figures);
    this.pages.dataset["rev"] = String(pages.rev);
  }

  /** `current`: the pages are those of the text that the findings are of. */
  private showFindings(findings: Finding[], current: boolean): void {
    this.pages.classList.toggle("old", !current);
    const items = findings.map((finding) => {
      const place = finding.line ? `${finding.file ?? ""}${finding.line}:${finding.column} ` : "";
      return h("li", { class: finding.severity }, `${place}[${finding.rule}] ${finding.message}`, ...finding.hints.map((hint) => h("small", {}, hint)));
    });
    if (!current) items.unshift(h("li", {}, this.word("watch-old-pages")));
    this.findings.replaceChildren(...(items.length > 0 ? [h("ul", {}, ...items)] : []));
  }

  private word(id: string, args: Record<string, string | number> = {}): string {
    return Object.entries(args).reduce((text, [name, value]) => text.replace(`{${name}}`, String(value)), this.words[id] ?? id);
  }
}

function element(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement;
}

void new Watch().start();
