// What comes into a text from outside: pasted Word text, pictures; and the marks of the body.

import { api } from "./api.ts";
import { announce, failed, toast, type Desk } from "./desk.ts";
import { h } from "./dom.ts";
import { w } from "./words.ts";

/** Lets a text area take pasted documents and pictures. Returns what stands above it. */
export function enrich(desk: Desk, area: HTMLTextAreaElement, body: boolean): HTMLElement[] {
  area.addEventListener("paste", (event) => {
    const data = event.clipboardData;
    if (!data) return;
    const picture = body && [...data.files].find((file) => file.type.startsWith("image/"));
    const html = data.getData("text/html");
    // Word sends a picture of its text along: the text is meant.
    if (picture && !html) {
      event.preventDefault();
      void insertPictures(desk, area, [picture]);
    } else if (html && body) {
      event.preventDefault();
      void pasteHtml(area, html, data.getData("text/plain"));
    }
  });
  if (!body) return [];
  area.addEventListener("dragover", (event) => {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    area.classList.add("drop-target");
  });
  area.addEventListener("dragleave", () => area.classList.remove("drop-target"));
  area.addEventListener("drop", (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    area.classList.remove("drop-target");
    if (files.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    area.focus();
    // The picture goes where it was dropped, where the browser can tell.
    const place = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    if (place?.offsetNode === area) area.setSelectionRange(place.offset, place.offset);
    void insertPictures(desk, area, files);
  });
  return [marks(desk, area)];
}

async function pasteHtml(area: HTMLTextAreaElement, html: string, plain: string): Promise<void> {
  announce(w.pasting);
  let text = plain.replaceAll("\r\n", "\n");
  try {
    text = (await api.clean({ html })).body.replace(/\n$/, "");
  } catch (error) {
    failed(error);
  }
  insert(area, text);
  announce(w.pasted(text.split("\n").filter((line) => line.trim() !== "").length));
}

async function insertPictures(desk: Desk, area: HTMLTextAreaElement, files: File[]): Promise<void> {
  for (const file of files) {
    // Not every system knows what kind a file is.
    if (!/^image\/(png|jpeg|webp)$/.test(file.type) && !(file.type === "" && /\.(png|jpe?g|webp)$/i.test(file.name))) {
      toast(w.notPicture(file.name), undefined, "error");
      continue;
    }
    announce(w.uploading(file.name));
    try {
      const { path } = await api.picture(desk.issue, file, file.name);
      insertLine(area, `![${w.figureCaption}](${path})`);
      toast(w.uploaded(path));
    } catch (error) {
      failed(error);
    }
  }
}

/** As if it were typed, so that the browser's undo takes it back. */
function insert(area: HTMLTextAreaElement, text: string): void {
  area.focus();
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}

function insertLine(area: HTMLTextAreaElement, text: string): void {
  const before = area.value.slice(0, area.selectionStart);
  const after = area.value.slice(area.selectionEnd);
  insert(area, `${before === "" || before.endsWith("\n") ? "" : "\n"}${text}${after.startsWith("\n") || after === "" ? "" : "\n"}`);
}

/** Puts marks around what is selected, or takes them off. */
function wrap(area: HTMLTextAreaElement, left: string, right: string, sample = ""): void {
  const { selectionStart: start, selectionEnd: end } = area;
  const inner = area.value.slice(start, end);
  if (inner.length >= left.length + right.length && inner.startsWith(left) && inner.endsWith(right)) {
    insert(area, inner.slice(left.length, inner.length - right.length));
  } else {
    insert(area, `${left}${inner || sample}${right}`);
    const from = start + left.length;
    area.setSelectionRange(from, from + (inner || sample).length);
  }
}

/** The first sentence of the line becomes its lead. */
function lead(area: HTMLTextAreaElement): void {
  if (area.selectionStart === area.selectionEnd) {
    const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const rest = area.value.slice(from);
    const sentence = /^[^\n]*?[。！？；：…]/.exec(rest)?.[0] ?? /^[^\n]*/.exec(rest)?.[0] ?? "";
    area.setSelectionRange(from, from + sentence.length);
  }
  wrap(area, "**", "**");
}

function marks(desk: Desk, area: HTMLTextAreaElement): HTMLElement {
  const picker = h("input", { type: "file", accept: "image/png,image/jpeg,image/webp", hidden: true, "aria-label": w.markPicture });
  picker.addEventListener("change", () => {
    void insertPictures(desk, area, [...(picker.files ?? [])]);
    picker.value = "";
  });
  const button = (label: string, run: () => void) =>
    h("button", { type: "button", tabindex: "-1", onclick: run, onmousedown: (event: MouseEvent) => event.preventDefault() }, label);
  const buttons = [
    button(w.markLead, () => lead(area)),
    button(w.markStrong, () => wrap(area, "**", "**")),
    button(w.markEmphasis, () => wrap(area, "*", "*")),
    button(w.markList, () => insertLine(area, "- ")),
    button(w.markTable, () => insertLine(area, w.tableSample.trim())),
    button(w.markNote, () => wrap(area, "^[", "]", w.noteSample)),
    button(w.markPicture, () => picker.click()),
  ];
  buttons[0]?.setAttribute("tabindex", "0");
  const bar = h("div", { class: "marks", role: "toolbar", "aria-label": w.marks }, ...buttons, picker);
  // One stop for Tab; the arrows go along, as toolbars do.
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (step === undefined || at < 0) return;
    event.preventDefault();
    const next = (at + step + buttons.length) % buttons.length;
    for (const [index, each] of buttons.entries()) each.setAttribute("tabindex", index === next ? "0" : "-1");
    buttons[next]?.focus();
  });
  return bar;
}
