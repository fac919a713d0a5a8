import { describe, expect, it } from "vitest";
import { packWords, unseenWordRate, wordsOf, wordTest } from "../../src/experiments/training/word-set.ts";
import { columnFold } from "../../src/windows/fold-column.ts";
import type { ReferenceColumn } from "../../src/windows/reference-column.ts";
import { displayOf, emptyTally, slotOf } from "../../src/windows/tally.ts";

describe("words", () => {
  it("are runs of letters and digits of any script, in lower case", () => {
    expect(wordsOf("Gratis-Geld! Rufen Sie 0800 an: ÄRGER, 東京へ.")).toEqual([
      "gratis",
      "geld",
      "rufen",
      "sie",
      "0800",
      "an",
      "ärger",
      "東京へ",
    ]);
  });

  it("of the reference are all known; of 10,000 others fewer than 2 % are taken for one", () => {
    const known = Array.from({ length: 3_000 }, (_, index) => `word${index}`);
    const isKnown = wordTest(packWords(new Map(known.map((word) => [word, 2]))));
    expect(known.every(isKnown)).toBe(true);
    const taken = Array.from({ length: 10_000 }, (_, index) => `other${index}`).filter(isKnown);
    expect(taken.length).toBeLessThan(200);
  });

  it("that occur once say how many of further words will be new", () => {
    const packed = packWords(
      new Map([
        ["a", 6],
        ["b", 2],
        ["c", 1],
        ["d", 1],
      ]),
    );
    expect(packed).toMatchObject({ total: 10, distinct: 4, once: 2 });
    expect(unseenWordRate(packed)).toBe(0.2);
    expect(unseenWordRate(packWords(new Map()))).toBeNull();
  });
});

describe("a column of texts", () => {
  const isKnown = wordTest(
    packWords(
      new Map([
        ["hello", 3],
        ["world", 2],
      ]),
    ),
  );
  const column: ReferenceColumn = {
    name: "message",
    kind: "text",
    binning: {
      kind: "texts",
      edges: [0, 6, 12],
      displayEdges: [0, 6, 12],
      categories: [],
      hasSums: false,
      tail: null,
      words: { has: isKnown },
    },
    rows: 5,
    tally: new Float64Array(),
    distinct: null,
    std: null,
    rare: null,
    unseenWordRate: 0,
  };

  it("is counted by the lengths of its texts, in characters, and by words that are new", () => {
    const tally = emptyTally(column.binning);
    columnFold(column)({ texts: ["hello", "Hello, brave", "😀😀", null, "world hello world"] }, tally);
    expect([...displayOf(column.binning, tally)]).toEqual([2, 1]);
    expect([slotOf(tally, "missing"), slotOf(tally, "above"), slotOf(tally, "aboveBy")]).toEqual([1, 1, 5]);
    expect([slotOf(tally, "words"), slotOf(tally, "unseenWords")]).toEqual([6, 1]);
  });
});
