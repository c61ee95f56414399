// Two texts side by side: the choice after a conflict, and the history of saves.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { MergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { api } from "./api.ts";
import { tomlView } from "./code.ts";
import { dialog, failed, toast, type Desk } from "./desk.ts";
import { h } from "./dom.ts";
import type { Choice, Saved } from "./protocol.ts";
import { language, w } from "./words.ts";

/** Shows what differs; the right side can be edited where it is to be. */
function compare(left: string, right: string, names: [string, string], editable: boolean): { element: HTMLElement; text: () => string; close: () => void } {
  const element = h("div", { class: "compare" });
  const root = element.attachShadow({ mode: "open" });
  const side = (name: string, more: Extension[]) => [lineNumbers(), ...tomlView(), EditorView.contentAttributes.of({ "aria-label": name }), ...more];
  const fixed = [EditorState.readOnly.of(true), EditorView.contentAttributes.of({ tabindex: "0" }), EditorView.editable.of(false)];
  const view = new MergeView({
    root,
    parent: root,
    a: { doc: left, extensions: side(names[0], fixed) },
    b: { doc: right, extensions: side(names[1], editable ? [history(), keymap.of([...defaultKeymap, ...historyKeymap])] : fixed) },
    collapseUnchanged: { margin: 2, minSize: 4 },
    gutter: true,
  });
  return { element, text: () => view.b.state.doc.toString(), close: () => view.destroy() };
}

/** Asks which of the texts is to stand; nothing goes on until it is said. */
export function askConflict(texts: { mine: string; theirs: string; merged: string; gone: boolean }, over: AbortSignal): Promise<{ choice: Choice; text: string } | null> {
  return new Promise((resolve) => {
    const view = compare(texts.theirs, texts.merged, [w.conflictTheirs, w.conflictMerged], true);
    const problem = h("p", { class: "field-problem", role: "alert" });
    const box = dialog(
      w.conflictTitle,
      (close) => {
        over.addEventListener("abort", () => {
          view.close();
          close();
          resolve(null);
        });
        const choose = (choice: Choice, text: () => string) => () => {
          const chosen = text();
          if (/^(<<<<<<<|>>>>>>>)/m.test(chosen)) {
            problem.textContent = w.conflictMarks;
            return;
          }
          view.close();
          close();
          resolve({ choice, text: chosen });
        };
        return [
          h("p", {}, texts.gone ? w.conflictGone : w.conflictText),
          h("p", { class: "hint" }, w.conflictLegend),
          view.element,
          problem,
          h(
            "footer",
            {},
            h("button", { type: "button", "data-choice": "mine", onclick: choose("mine", () => texts.mine) }, w.conflictMine),
            h("button", { type: "button", "data-choice": "theirs", onclick: choose("theirs", () => texts.theirs) }, w.conflictTheirs),
            h("button", { type: "button", class: "primary", "data-choice": "merged", onclick: choose("merged", view.text) }, w.conflictMerged),
          ),
        ];
      },
      { wide: true, must: true },
    );
    box.classList.add("conflict");
  });
}

/** The saves of an issue, each beside the text of now. */
export async function showHistory(desk: Desk): Promise<void> {
  let saves: Saved[];
  try {
    saves = await api.history(desk.issue);
  } catch (error) {
    failed(error);
    return;
  }
  const time = new Intl.DateTimeFormat(language() === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "medium" });
  const pane = h("div", { class: "history-view" }, h("p", { class: "hint" }, saves.length === 0 ? w.historyEmpty : w.historyNow));
  let close: () => void = () => {};
  const choose = async (saved: Saved, button: HTMLButtonElement) => {
    try {
      const { text } = await api.saved(desk.issue, saved.id);
      for (const other of list.querySelectorAll("button")) other.removeAttribute("aria-current");
      button.setAttribute("aria-current", "true");
      const view = compare(text, desk.live.textNow(), [time.format(new Date(saved.at)), w.historyTitle], false);
      const restore = h("button", { type: "button", class: "primary" }, w.restore);
      restore.addEventListener("click", () => {
        const before = desk.live.textNow();
        desk.live.edit(text);
        close();
        toast(w.restored, { label: w.undo, run: () => desk.live.edit(before) });
      });
      pane.replaceChildren(h("p", { class: "hint" }, w.historyNow), view.element, h("footer", {}, restore));
    } catch (error) {
      failed(error);
    }
  };
  const list = h(
    "ol",
    { class: "history-list" },
    ...saves.map((saved) => {
      const button: HTMLButtonElement = h("button", { type: "button", onclick: () => void choose(saved, button) }, time.format(new Date(saved.at)), h("span", { class: "hint" }, ` ${saved.bytes} B`));
      return h("li", {}, button);
    }),
  );
  dialog(
    w.historyTitle,
    (end) => {
      close = end;
      return [h("div", { class: "history" }, list, pane)];
    },
    { wide: true },
  );
}
