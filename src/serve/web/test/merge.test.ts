import assert from "node:assert/strict";
import test from "node:test";
import { merge3, stretch } from "../src/merge.ts";
import { Random } from "./random.ts";

test("changes in two places are both kept", () => {
  assert.equal(merge3("一二三四五", "一二三四五六", "零一二三四五"), "零一二三四五六");
  assert.equal(merge3("甲。\n乙。\n", "甲甲。\n乙。\n", "甲。\n乙乙。\n"), "甲甲。\n乙乙。\n");
  assert.equal(merge3("一二三四五", "一三四五", "一二三四"), "一三四");
});

test("changes that meet are not merged", () => {
  assert.equal(merge3("标题", "甲标题", "乙标题"), null);
  assert.equal(merge3("标题", "甲", "乙"), null);
  assert.equal(merge3("", "甲", "乙"), null);
  assert.equal(merge3("一二三", "一三", "一二二三"), null);
});

test("of one change alone, or of the same change twice, that change is the result", () => {
  assert.equal(merge3("原", "我", "原"), "我");
  assert.equal(merge3("原", "原", "他"), "他");
  assert.equal(merge3("原", "同", "同"), "同");
});

test("a merge does not depend on which side is which, and loses no character that was typed", () => {
  const random = new Random(1);
  const base = [..."青岛市妇联多举措助力乡村振兴"];
  const typed = (letters: string) => {
    const text = [...base];
    const edits = 1 + random.below(3);
    for (let edit = 0; edit < edits; edit += 1) text.splice(random.below(text.length + 1), random.below(2), letters[edit] ?? "");
    return text.join("");
  };
  let merged = 0;
  for (let run = 0; run < 2000; run += 1) {
    const [mine, theirs] = [typed("甲乙丙"), typed("丁戊己")];
    const text = merge3(base.join(""), mine, theirs);
    assert.equal(merge3(base.join(""), theirs, mine), text);
    if (text === null) continue;
    merged += 1;
    for (const letter of "甲乙丙丁戊己") {
      const was = mine.includes(letter) || theirs.includes(letter);
      assert.equal(text.includes(letter), was, `${letter} in ${text}, of ${mine} and ${theirs}`);
    }
    // What nobody deleted stays.
    for (const letter of base) if (mine.includes(letter) && theirs.includes(letter)) assert(text.includes(letter), `${letter} in ${text}`);
  }
  assert(merged > 500, `only ${merged} were merged`);
});

test("a stretch is the least that leads from one text to the other", () => {
  assert.deepEqual(stretch("一二三", "一三"), { from: 1, to: 2, insert: "" });
  assert.deepEqual(stretch("", "一"), { from: 0, to: 0, insert: "一" });
  assert.deepEqual(stretch("一一", "一"), { from: 1, to: 2, insert: "" });
  const random = new Random(2);
  const text = () => Array.from({ length: random.below(8) }, () => random.pick(["一", "二"])).join("");
  for (let run = 0; run < 2000; run += 1) {
    const [before, after] = [text(), text()];
    const { from, to, insert } = stretch(before, after);
    assert.equal(before.slice(0, from) + insert + before.slice(to), after);
    const inner = before.slice(from, to);
    if (inner !== "" && insert !== "") assert(inner[0] !== insert[0] && inner.at(-1) !== insert.at(-1), `${before} ${after}`);
  }
});
