import assert from "node:assert/strict";
import test from "node:test";
import type { Schema } from "../src/protocol.ts";
import { Book } from "../src/schema.ts";

const SCHEMA: Schema = {
  type: "object",
  required: ["number"],
  properties: {
    number: { type: "integer", minimum: 1, maximum: 999, description: "The number (期号)." },
    date: { type: "string", format: "date" },
    editors_note: { type: "string" },
    classification: { $ref: "#/$defs/Classification" },
    sections: { type: "array", items: { $ref: "#/$defs/Section" } },
  },
  $defs: {
    Classification: { type: "object", properties: { level: { $ref: "#/$defs/Level" } } },
    Level: { type: "string", oneOf: [{ const: "秘密" }, { const: "机密" }] },
    Section: { type: "object", required: ["name"], properties: { name: { type: "string" }, articles: { type: "array", items: { $ref: "#/$defs/Article" } } } },
    Article: { type: "object", properties: { body: { type: "string" }, authors: { type: "array", items: { type: "string" } } } },
  },
};

const book = new Book(SCHEMA);

test("the fields of a table are those that are no tables themselves, each of its kind", () => {
  assert.deepEqual(book.fields([]).map(({ key, kind, required }) => [key, kind, required]), [
    ["number", "number", true],
    ["date", "date", false],
    ["editors_note", "prose", false],
  ]);
  assert.deepEqual(book.fields(["sections"]).map(({ key, kind, required }) => [key, kind, required]), [["name", "text", true]]);
  assert.deepEqual(book.fields(["sections", "articles"]).map(({ key, kind }) => [key, kind]), [
    ["body", "prose"],
    ["authors", "units"],
  ]);
});

test("a field has its limits and its choices", () => {
  const number = book.field([], "number");
  assert.deepEqual([number.min, number.max, number.choices], [1, 999, []]);
  const level = book.field(["classification"], "level");
  assert.deepEqual([level.kind, level.choices], ["choice", ["秘密", "机密"]]);
});

test("a field that the schema does not know is a text", () => {
  assert.deepEqual(book.field(["articles"], "newer"), { key: "newer", kind: "text", required: false, hint: "", choices: [] });
});
