// Issues as tables, and random changes of them.

import { items, type Op, type Table, type Value } from "../src/model.ts";
import type { Random } from "./random.ts";

/** An article; its title tells it from every other one. */
export function article(title: string): Table {
  return { title, body: `${title}的正文。\n` };
}

/** An issue of two sections with two articles each, and one article outside. */
export function issue(): Table {
  const section = (name: string, titles: string[]): Table => ({ name, articles: titles.map(article) });
  return {
    number: 16,
    articles: [article("刊外")],
    sections: [section("工作动态", ["甲", "乙"]), section("基层信息", ["丙", "丁"])],
    imprint: { report_to: ["省委", "省政府"], editor: "张三" },
  };
}

/** All tables that hold a list of articles: the issue and its sections. */
export function owners(root: Table): Table[] {
  return [root, ...items(root, "sections")];
}

export function articles(root: Table): Table[] {
  return owners(root).flatMap((owner) => items(owner, "articles"));
}

/** Any change that the form can make. */
export function anyOp(random: Random, root: Table, name: () => string): Op {
  const all = articles(root);
  const owner = random.pick(owners(root));
  const at = random.below(items(owner, "articles").length + 1);
  const insert: Op = { op: "insert", owner, list: "articles", at, item: article(name()) };
  if (all.length === 0) return insert;
  const item = random.pick(all);
  switch (random.below(6)) {
    case 0:
      return insert;
    case 1:
      return { op: "remove", item };
    case 2:
      return { op: "move", item, owner, list: "articles", at };
    case 3:
      return { op: "duplicate", item, copy: structuredClone(item) };
    case 4: {
      const key = random.pick(["report_to", "editor", "phone"]);
      const from = ((root["imprint"] as Table | undefined) ?? {})[key] ?? null;
      const value: Value = random.below(3) === 0 ? null : key === "report_to" ? [name()] : name();
      return { op: "set", node: root, key: ["imprint", key], from, value };
    }
    default: {
      const key = random.pick(["title", "body", "source"]);
      return { op: "set", node: item, key: [key], from: item[key] ?? null, value: random.below(4) === 0 ? null : name() };
    }
  }
}

/** New words each time. */
export function names(): () => string {
  let count = 0;
  return () => `字${(count += 1)}`;
}

