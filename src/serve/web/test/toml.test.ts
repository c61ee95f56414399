import assert from "node:assert/strict";
import test from "node:test";
import { placeOf, whereIs } from "../src/toml.ts";

const TEXT = `number = 16
date = 2026-01-05

[imprint]
editor = "number = 1"

[[sections]]
name = "一"

[[sections.articles]]
title = "甲"
body = '''
第一行
title = "不是标题"
'''

[[sections.articles]]
title = "乙"

[[sections]]
name = "二"

[[sections.articles]]
title = "丙"
body = """第一行
第二行"""
source = "处"
`;

/** Where the end of a line stands, by its beginning. */
function after(start: string): ReturnType<typeof whereIs> {
  const from = TEXT.indexOf(`\n${start}`) + 1;
  return whereIs(TEXT.slice(0, TEXT.indexOf("\n", from)));
}

test("a place in the text is a place in the data", () => {
  assert.deepEqual(whereIs("number = 1"), { tables: [], path: [], key: ["number"], line: 0, inText: false });
  assert.deepEqual(after("editor"), { tables: ["imprint"], path: ["imprint"], key: ["editor"], line: 0, inText: false });
  assert.deepEqual(after('title = "乙"'), { tables: ["sections", "articles"], path: ["sections", 0, "articles", 1], key: ["title"], line: 0, inText: false });
  assert.deepEqual(after('title = "丙"').path, ["sections", 1, "articles", 0]);
});

test("lines of a text are counted, and what looks like a key in it is text", () => {
  assert.deepEqual([after("第一行").line, after("第一行").inText], [0, true]);
  const inside = after('title = "不是标题"');
  assert.deepEqual([inside.key, inside.line, inside.inText], [["body"], 1, true]);
  assert.deepEqual([after("source").key, after("source").inText], [["source"], false]);
});

test("a field of the data is found where its key is written", () => {
  const end = (start: string) => TEXT.indexOf(`\n${start}`) + 1 + start.length;
  assert.equal(placeOf(TEXT, ["number"]), "number =".length);
  assert.equal(placeOf(TEXT, ["sections", 0, "articles", 0, "title"]), end("title ="));
  assert.equal(TEXT.slice(placeOf(TEXT, ["sections", 1, "articles", 0, "title"])).slice(0, 4), ' "丙"');
  assert.equal(TEXT.slice(placeOf(TEXT, ["sections", 1, "name"])).slice(0, 4), ' "二"');
  assert.equal(placeOf(TEXT, ["sections", 0, "articles", 1, "body"]), -1);
});
