// All issues, by publication and year: search, a new one, an import.

import { api } from "./api.ts";
import { announce, dialog, failed, toast } from "./desk.ts";
import { h, icon } from "./dom.ts";
import type { Doubt, Hit, IssueEntry, Project, Publication } from "./protocol.ts";
import { fieldName, w } from "./words.ts";

export class ListView {
  readonly element: HTMLElement;
  private readonly results: HTMLElement;
  private readonly box: HTMLElement;
  private publication = sessionStorage.getItem("jianbao.publication") ?? "";
  private year = "";
  private searching = 0;

  constructor(
    private readonly project: Project,
    private readonly open: (issue: string, hit?: Hit) => void,
    private readonly imported: (issue: string, doubts: Doubt[]) => void,
    private readonly reload: () => Promise<void>,
  ) {
    this.box = h("div", { class: "issues" });
    this.results = h("div", { class: "results", role: "region", "aria-live": "polite", "aria-label": w.search });
    const search = h("input", { type: "search", placeholder: w.searchHint, "aria-label": w.search, autocomplete: "off" });
    const seek = () => {
      clearTimeout(this.searching);
      this.searching = setTimeout(() => void this.search(search.value.trim()), 200);
    };
    search.addEventListener("input", (event) => {
      if (!(event as InputEvent).isComposing) seek();
    });
    search.addEventListener("compositionend", seek);
    const picker = h("input", { type: "file", class: "hidden", accept: ".txt,.docx,.doc,.html,.htm,.md,.pdf", "aria-label": w.importFile, tabindex: "-1" });
    picker.addEventListener("change", () => {
      void this.importFiles([...(picker.files ?? [])]);
      picker.value = "";
    });
    const none = project.publications.length === 0;
    this.element = h(
      "div",
      { class: "list-view" },
      h(
        "div",
        { class: "list-bar" },
        search,
        this.filters(),
        h("span", { class: "space" }),
        picker,
        none ? null : h("button", { type: "button", onclick: () => picker.click() }, w.importFile),
        h("button", { type: "button", onclick: () => this.newPublication() }, w.newPublication),
        none ? null : h("button", { type: "button", class: "primary", onclick: () => this.newIssue() }, icon("add"), w.newIssue),
      ),
      this.results,
      this.box,
      none ? null : h("p", { class: "drop-hint hint" }, w.importHint),
    );
    this.element.addEventListener("dragover", (event) => {
      if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      event.preventDefault();
      this.element.classList.add("dropping");
      this.element.dataset["drop"] = w.dropHere;
    });
    this.element.addEventListener("dragleave", (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.element.classList.remove("dropping");
    });
    this.element.addEventListener("drop", (event) => {
      event.preventDefault();
      this.element.classList.remove("dropping");
      void this.importFiles([...(event.dataTransfer?.files ?? [])]);
    });
    this.draw();
  }

  private filters(): HTMLElement {
    const { publications } = this.project;
    const years = [...new Set(publications.flatMap((publication) => publication.issues.map((issue) => issue.year)))].filter((year) => year !== null).sort((a, b) => b - a);
    const publication = h("select", { "aria-label": w.publication }, h("option", { value: "" }, w.allPublications), ...publications.map(({ id, name }) => h("option", { value: id }, name)));
    publication.value = this.publication;
    if (publication.selectedIndex < 0) publication.value = this.publication = "";
    publication.addEventListener("change", () => {
      this.publication = publication.value;
      sessionStorage.setItem("jianbao.publication", this.publication);
      this.draw();
    });
    const year = h("select", { "aria-label": w.year }, h("option", { value: "" }, w.allYears), ...years.map((value) => h("option", { value }, w.yearOf(value))));
    year.addEventListener("change", () => {
      this.year = year.value;
      this.draw();
    });
    return h("span", { class: "filters" }, publications.length > 1 ? publication : null, years.length > 1 ? year : null);
  }

  private draw(): void {
    const shown = this.project.publications.filter(({ id }) => this.publication === "" || id === this.publication);
    const { left_out: leftOut } = this.project;
    const notice = leftOut.length === 0 ? [] : [h("div", { class: "hint", role: "note" }, h("p", {}, w.leftOut), h("ul", {}, ...leftOut.map((path) => h("li", {}, path))))];
    this.box.replaceChildren(...notice, ...shown.map((publication) => this.publicationBox(publication)));
    if (this.project.publications.length === 0) {
      this.box.append(h("div", { class: "empty" }, h("p", {}, w.noPublications), h("button", { type: "button", class: "primary", onclick: () => this.newPublication() }, w.newPublication)));
    }
  }

  private publicationBox(publication: Publication): HTMLElement {
    const issues = publication.issues.filter(({ year }) => this.year === "" || String(year) === this.year).sort(newestFirst);
    const years = [...new Set(issues.map(({ year }) => year))];
    return h(
      "section",
      { class: "publication" },
      h("h2", {}, publication.name, h("span", { class: "hint" }, ` ${publication.id}`)),
      ...(issues.length === 0
        ? [h("div", { class: "empty" }, h("p", {}, w.noIssues, h("span", { class: "hint" }, ` ${w.noIssuesHint}`)), h("button", { type: "button", onclick: () => void this.create(publication.id) }, w.firstIssue))]
        : []),
      ...years.flatMap((year) => [
        h("h3", {}, year === null ? "—" : w.yearOf(year)),
        h("ul", { class: "issue-list" }, ...issues.filter((issue) => issue.year === year).map((issue) => this.row(issue))),
      ]),
    );
  }

  private row(issue: IssueEntry): HTMLElement {
    const number = numberOf(issue);
    const status = issue.review ? w.statusReview : issue.unsaved ? w.statusUnsaved : "";
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "issue-row", "data-issue": issue.id, onclick: () => this.open(issue.id) },
        h("span", { class: "issue-number" }, number),
        h("span", { class: "issue-serial" }, issue.serial_number ? w.serialOf(issue.serial_number) : ""),
        h("span", { class: "issue-date" }, issue.date ?? ""),
        h("span", { class: "issue-titles" }, issue.titles.map((title) => title?.replaceAll("|", "") ?? "").join("；")),
        status ? h("span", { class: "status" }, status) : null,
      ),
    );
  }

  private async search(text: string): Promise<void> {
    if (text === "") {
      this.results.replaceChildren();
      this.box.hidden = false;
      return;
    }
    let found: Hit[];
    try {
      found = await api.search(text);
    } catch (error) {
      failed(error);
      return;
    }
    const known = new Map(this.project.publications.flatMap((publication) => publication.issues.map((issue) => [issue.id, `${publication.name} ${issue.year ?? ""} ${numberOf(issue)}`] as const)));
    this.box.hidden = true;
    this.results.replaceChildren(
      h("p", { class: "hint" }, w.found(found.length)),
      h(
        "ul",
        { class: "found-list" },
        ...found.map((hit) =>
          h(
            "li",
            {},
            h("button", { type: "button", class: "found", onclick: () => this.open(hit.id, hit) }, h("b", {}, known.get(hit.id) ?? hit.id), h("span", {}, ...highlighted(asRead(hit.text), text))),
          ),
        ),
      ),
    );
  }

  private newIssue(): void {
    const { publications } = this.project;
    const publication = h("select", { id: "new-publication" }, ...publications.map(({ id, name }) => h("option", { value: id }, name)));
    if (this.publication) publication.value = this.publication;
    const from = h("select", { id: "new-from" });
    const fill = () => {
      const chosen = publications.find(({ id }) => id === publication.value);
      const issues = [...(chosen?.issues ?? [])].sort(newestFirst);
      from.replaceChildren(...issues.map((issue, at) => h("option", { value: issue.id }, `${issue.year ?? ""} ${numberOf(issue)}${at === 0 ? w.lastOne : ""}`)));
      if (issues.length === 0) from.append(h("option", { value: "" }, w.none));
    };
    publication.addEventListener("change", fill);
    fill();
    form(w.newIssue, [row(w.publication, publication), row(w.newIssueFrom, from), h("p", { class: "hint" }, w.newIssueHint)], () => {
      const latest = from.selectedIndex === 0;
      return this.create(publication.value, latest || from.value === "" ? undefined : from.value);
    });
  }

  private async create(publication: string, from?: string): Promise<void> {
    try {
      this.open((await api.newIssue({ publication, ...(from ? { from } : {}) })).id);
    } catch (error) {
      failed(error);
    }
  }

  private newPublication(): void {
    const name = h("input", { id: "publication-name", type: "text", required: true });
    const issuer = h("input", { id: "publication-issuer", type: "text", required: true });
    const id = h("input", { id: "publication-id", type: "text", required: true, pattern: "[a-z0-9][a-z0-9\\-]*", value: this.project.publications.length === 0 ? "jianbao" : "" });
    const rows = [row(w.publicationName, name), row(w.publicationIssuer, issuer), row(w.publicationId, id, w.publicationIdHint)];
    form(w.newPublication, rows, async () => {
      try {
        await api.newPublication({ id: id.value, name: name.value, issuer: issuer.value });
        await this.reload();
      } catch (error) {
        failed(error);
      }
    });
  }

  private async importFiles(files: File[]): Promise<void> {
    const publication = this.publication || this.project.publications[0]?.id;
    if (!publication || files.length === 0) return;
    if (this.project.publications.length > 1 && this.publication === "") {
      const select = h("select", { id: "import-publication" }, ...this.project.publications.map(({ id, name }) => h("option", { value: id }, name)));
      form(w.importInto, [row(w.publication, select)], () => this.importInto(select.value, files));
      return;
    }
    await this.importInto(publication, files);
  }

  private async importInto(publication: string, files: File[]): Promise<void> {
    for (const [at, file] of files.entries()) {
      const end = toast(w.importing(file.name));
      try {
        const { id, doubts, errors } = await api.importFile(publication, file);
        announce(w.imported(doubts.length, errors));
        if (at === files.length - 1) this.imported(id, doubts);
      } catch (error) {
        failed(error);
      } finally {
        end();
      }
    }
  }
}

function newestFirst(a: IssueEntry, b: IssueEntry): number {
  return (b.date ?? "").localeCompare(a.date ?? "") || (b.number ?? 0) - (a.number ?? 0) || b.stem.localeCompare(a.stem);
}

export function numberOf(issue: IssueEntry): string {
  if (issue.number !== null && issue.number !== undefined) return w.numberOf(issue.number);
  return issue.supplement ? w.supplementOf(issue.supplement) : issue.stem;
}

/** A line of the TOML without its key and quotes, as an editor knows it. */
function asRead(line: string): string {
  const key = /^\s*(\w+)\s*=\s*"(.*)"\s*$/.exec(line);
  return key ? `${fieldName(key[1] ?? "")}：${key[2] ?? ""}` : line;
}

function highlighted(line: string, wanted: string): (Node | string)[] {
  const at = line.toLowerCase().indexOf(wanted.toLowerCase());
  if (at < 0) return [line];
  const from = Math.max(0, at - 24);
  return [`${from > 0 ? "…" : ""}${line.slice(from, at)}`, h("mark", {}, line.slice(at, at + wanted.length)), line.slice(at + wanted.length, at + wanted.length + 60)];
}

function row(label: string, control: HTMLElement, hint?: string): HTMLElement {
  return h("div", { class: "field" }, h("label", { class: "label", for: control.id }, label), control, hint ? h("p", { class: "hint" }, hint) : null);
}

/** A small form in a dialogue. */
function form(title: string, rows: HTMLElement[], submit: () => Promise<void>): void {
  dialog(title, (close) => [
    h(
      "form",
      {
        onsubmit: (event: SubmitEvent) => {
          event.preventDefault();
          close();
          void submit();
        },
      },
      ...rows,
      h("footer", {}, h("button", { type: "button", onclick: close }, w.cancel), h("button", { type: "submit", class: "primary" }, w.create)),
    ),
  ]);
}
