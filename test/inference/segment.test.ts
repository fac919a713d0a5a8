import { assert, array, double, option, property, record as recordOf, string } from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rows } from "../../src/engine/rows.ts";
import type { FeatureSummary } from "../../src/experiments/version-features.ts";
import { decodeSegment, encodeSegment } from "../../src/inference/records/segment.ts";
import type { ServedFeature } from "../../src/inference/spec/serving-spec.ts";

function feature(name: string, kind: "numeric" | "text"): ServedFeature {
  const reference = { rows: 0, missing: 0, example: null, min: null, max: null, mean: null, std: null, median: null };
  const summary: FeatureSummary = {
    name,
    kind,
    numericCategories: false,
    reference: { ...reference, integer: false, categories: null, other: 0 },
  };
  return { name, kind, summary, mainTensors: [kind === "text" ? "string" : "float32"], challengerTensors: [] };
}

const FEATURES = [feature("amount", "numeric"), feature("note", "text"), feature("size", "numeric")];

function answers(count: number) {
  return {
    count,
    predictions: Array.from({ length: count }, () => 1),
    probabilities: null,
    classLabels: null,
    extra: {},
  };
}

function columnsOf(rows: Rows) {
  return Object.fromEntries(
    [...rows.columns].map(([name, column]) => [name, "numbers" in column ? Array.from(column.numbers) : column.texts]),
  );
}

describe("a segment", () => {
  it("gives back every number and text, missing and not finite ones too", () => {
    const row = recordOf({ amount: double(), note: option(string()), size: double() });
    assert(
      property(array(row, { maxLength: 30 }), (sent) => {
        const rows: Rows = {
          count: sent.length,
          columns: new Map([
            ["amount", { numbers: Float64Array.from(sent, ({ amount }) => amount) }],
            ["note", { texts: sent.map(({ note }) => note) }],
            ["size", { numbers: Float64Array.from(sent, ({ size }) => size) }],
          ]),
        };
        const latencyMs = sent.map((_, index) => index);
        const stored = encodeSegment(FEATURES, { rows, calls: 2, latencyMs, main: answers(sent.length) });
        const back = decodeSegment(FEATURES, stored);
        expect(back.rows.count).toBe(sent.length);
        expect(columnsOf(back.rows)).toEqual(columnsOf(rows));
        expect([back.calls, back.latencyMs, back.main]).toEqual([2, latencyMs, answers(sent.length)]);
      }),
    );
  });

  it("that was written with its numbers in the body is still read", () => {
    const body = JSON.stringify({
      n: 2,
      numbers: [
        [1, null],
        [3, 4],
      ],
      texts: [["a", null]],
      latency: [5, 6],
      main: answers(2),
    });
    expect(columnsOf(decodeSegment(FEATURES, { body, numbers: null }).rows)).toEqual({
      amount: [1, Number.NaN],
      note: ["a", null],
      size: [3, 4],
    });
  });
});
