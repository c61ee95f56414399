// The TOML itself, in CodeMirror: completion from the schema, findings under the text, both ways in
// step with the form.

import { autocompletion, type CompletionContext, type CompletionResult, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { diff } from "@codemirror/merge";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Annotation, EditorSelection, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Desk } from "./desk.ts";
import { h } from "./dom.ts";
import type { Finding, Schema } from "./protocol.ts";
import { whereIs } from "./toml.ts";
import { fieldName, language, w } from "./words.ts";

const fromServer = Annotation.define<boolean>();

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.atom], color: "var(--code-number)" },
  { tag: tags.propertyName, color: "var(--code-key)" },
]);

export const codeTheme = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--field)", fontSize: "13px" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.65" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--quiet)", border: "none" },
  ".cm-activeLine": { backgroundColor: "var(--hover)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--hover)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selection)" },
  ".cm-tooltip": { backgroundColor: "var(--panel)", color: "var(--ink)", border: "1px solid var(--line)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-panels": { backgroundColor: "var(--panel)", color: "var(--ink)" },
  ".cm-completionDetail": { fontStyle: "normal", color: "var(--quiet)" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-hover": { padding: "4px 8px", maxWidth: "28em" },
});

/** What every code view has: the language, the looks. */
export const tomlView = () => [EditorState.phrases.of(language() === "zh" ? PHRASES : {}), StreamLanguage.define(toml), syntaxHighlighting(colours), codeTheme, EditorView.lineWrapping];

export class CodeView {
  readonly element: HTMLElement;
  private readonly view: EditorView;
  private composed = false;

  constructor(private readonly desk: Desk) {
    this.element = h("div", { class: "code", role: "region", "aria-label": w.codeView });
    // In a shadow root CodeMirror's styles are constructed style sheets, which our policy allows.
    const root = this.element.attachShadow({ mode: "open" });
    this.view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: desk.live.textNow(),
        extensions: [
          lineNumbers(),
          lintGutter(),
          highlightSpecialChars(),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          highlightActiveLine(),
          highlightSelectionMatches(),
          search({ top: true }),
          autocompletion({ override: [(context) => this.complete(context)] }),
          hoverTooltip((view, position) => this.explain(view, position)),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
          tomlView(),
          EditorView.contentAttributes.of({ "aria-label": w.codeView, spellcheck: "false", tabindex: "0" }),
          EditorView.updateListener.of((update) => {
            const own = update.docChanged && update.transactions.some((transaction) => transaction.docChanged && !transaction.annotation(fromServer));
            if (own && update.view.composing) this.composed = true;
            else if (own || (this.composed && !update.view.composing)) this.send();
            if (update.selectionSet || own) this.showOnPage();
          }),
          EditorView.domEventHandlers({
            compositionend: () => {
              // CodeMirror is still composing while this is heard.
              setTimeout(() => this.composed && this.send());
            },
          }),
        ],
      }),
    });
    this.sync();
    this.showFindings();
  }

  close(): void {
    this.view.destroy();
  }

  focus(): void {
    this.view.focus();
  }

  private send(): void {
    this.composed = false;
    this.desk.live.edit(this.view.state.doc.toString());
  }

  /** Takes over the text where it is not ours, change by change, so that the caret stays. */
  sync(): void {
    if (this.view.composing || this.composed) return;
    // CodeMirror knows one end of a line: with another, each would be two.
    const text = this.desk.live.textNow().replace(/\r\n?/g, "\n");
    const now = this.view.state.doc.toString();
    if (text !== now) {
      this.view.dispatch({
        changes: diff(now, text).map((change) => ({ from: change.fromA, to: change.toA, insert: text.slice(change.fromB, change.toB) })),
        annotations: fromServer.of(true),
      });
    }
  }

  showFindings(): void {
    if (this.desk.live.pending() || this.view.composing) return;
    const { live } = this.desk;
    const length = this.view.state.doc.length;
    const diagnostics: Diagnostic[] = live.findings.filter((finding) => !finding.file).map((finding) => {
      const from = Math.min(finding.start ?? 0, length);
      return {
        from,
        to: Math.max(from, Math.min(finding.end ?? 0, length)),
        severity: finding.severity === "advice" ? "info" : finding.severity,
        message: [finding.message, ...finding.hints].join("\n"),
        source: finding.rule,
        actions: finding.fix ? [{ name: w.fixPlain, apply: () => live.fix(finding) }] : [],
      };
    });
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
  }

  goTo(finding: Finding): void {
    this.select(finding.start ?? 0, finding.end ?? 0);
  }

  /** Selects a stretch of the text, in units of the text. */
  select(from: number, to: number): void {
    const { length } = this.view.state.doc;
    const range = EditorSelection.range(Math.min(from, length), Math.min(to, length));
    this.view.dispatch({ selection: range, effects: EditorView.scrollIntoView(range, { y: "center" }) });
    this.view.focus();
  }

  // The page shows what the caret is in: the article's key above it.
  private showOnPage(): void {
    const { state } = this.view;
    const at = state.selection.main.head;
    const place = whereIs(state.doc.sliceString(0, at));
    if (place.key) this.desk.showOnPage([...place.path, ...place.key], place.line);
  }

  private complete(context: CompletionContext): CompletionResult | null {
    const before = context.state.doc.sliceString(0, context.pos);
    const place = whereIs(before);
    if (place.inText) return null;
    const line = context.state.doc.lineAt(context.pos);
    const written = line.text.slice(0, context.pos - line.from);
    const { book } = this.desk;

    const header = /^\s*(\[\[?)\s*([\w.]*)$/.exec(written);
    if (header) {
      const tables = tablesOf(book.follow(book.table([])), book);
      const from = context.pos - (header[2] ?? "").length;
      const double = header[1] === "[[";
      const options = tables
        .filter((table) => table.list === double)
        .map((table) => ({ label: table.name, detail: fieldName(table.name.split(".").at(-1) ?? ""), type: "class" }));
      return { from, options, validFor: /^[\w.]*$/ };
    }

    const table = book.table(place.tables);
    const value = /^\s*([\w]+)\s*=\s*"?([^"]*)$/.exec(written);
    if (value) {
      const schema = book.follow(table.properties?.[value[1] ?? ""] ?? {});
      const from = context.pos - (value[2] ?? "").length;
      const known = schema.oneOf?.map((choice) => choice.const) ?? this.desk.units[value[1] ?? ""] ?? [];
      const quoted = written.includes('"');
      const options = known.map((label) => ({ label, apply: quoted ? label : `"${label}"`, type: "constant" }));
      return options.length === 0 ? null : { from, options };
    }
    if (/^\s*"/.test(written) && place.key) {
      const from = context.pos - (/"([^"]*)$/.exec(written)?.[1] ?? "").length;
      const options = (this.desk.units[place.key.at(-1) ?? ""] ?? []).map((label) => ({ label, type: "constant" }));
      return options.length === 0 ? null : { from, options };
    }

    const word = /^\s*([\w]*)$/.exec(written);
    if (!word || (word[1] === "" && !context.explicit)) return null;
    const options = Object.entries(table.properties ?? {}).flatMap(([key, property]) => {
      const schema = book.follow(property);
      if (schema.type === "object" || schema.items?.properties) return [];
      return [{ label: key, detail: fieldName(key), info: schema.description ?? "", apply: template(key, schema), type: "property" }];
    });
    return { from: context.pos - (word[1] ?? "").length, options, validFor: /^\w*$/ };
  }

  private explain(view: EditorView, position: number) {
    const line = view.state.doc.lineAt(position);
    const key = /^\s*(\w+)\s*=/.exec(line.text);
    if (!key || position > line.from + key[0].length) return null;
    const place = whereIs(view.state.doc.sliceString(0, line.from));
    const { book } = this.desk;
    const schema = book.table(place.tables).properties?.[key[1] ?? ""];
    if (!schema || place.inText) return null;
    const name = key[1] ?? "";
    const text = language() === "zh" ? [fieldName(name), w.hints[name]].filter(Boolean).join("：") : (book.follow(schema).description ?? "");
    return { pos: line.from, above: true, create: () => ({ dom: h("div", { class: "cm-hover" }, text) }) };
  }
}

/** What is written after a key, with the value's quotes. */
function template(key: string, schema: Schema): string {
  if (key === "body" || key === "editors_note") return `${key} = '''\n'''`;
  if (schema.type === "array") return `${key} = []`;
  return schema.type === "string" && schema.format !== "date" ? `${key} = ""` : `${key} = `;
}

function tablesOf(schema: Schema, book: Desk["book"], prefix = ""): { name: string; list: boolean }[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const inner = book.follow(property);
    const item = inner.items && book.follow(inner.items);
    const name = prefix + key;
    if (item?.properties) return [{ name, list: true }, ...tablesOf(item, book, `${name}.`)];
    return inner.properties ? [{ name, list: false }] : [];
  });
}

/** What CodeMirror says, in Chinese. */
const PHRASES: Record<string, string> = {
  Find: "查找",
  Replace: "替换",
  next: "下一个",
  previous: "上一个",
  all: "全部",
  "match case": "区分大小写",
  regexp: "正则表达式",
  "by word": "整词",
  replace: "替换",
  "replace all": "全部替换",
  close: "关闭",
  "current match": "当前匹配",
  "replaced $ matches": "已替换 $ 处",
  "replaced match on line $": "已替换第 $ 行的匹配",
  "on line": "在第",
  Diagnostics: "检查结果",
  "No diagnostics": "没有问题",
  Completions: "补全",
  "Go to line": "转到行",
  go: "转到",
  "Control character": "控制字符",
  "$ unchanged lines": "$ 行相同",
};
