import { describe, expect, it } from "vitest";
import { buildTensors, holdsMissing, misfit } from "../../src/engine/build-tensors.ts";
import type { Column, Rows } from "../../src/engine/rows.ts";
import type { PlannedInput, ServingPlan } from "../../src/engine/serving-plan.ts";

function planOf(...inputs: PlannedInput[]): ServingPlan {
  const outputs = { label: null, probabilities: null, value: "y", score: null, extra: [] };
  return { task: "regression", inputs, batchRows: null, outputs, classes: null };
}

function rowsOf(count: number, columns: Record<string, Column>): Rows {
  return { count, columns: new Map(Object.entries(columns)) };
}

const numbers = (...values: number[]): Column => ({ numbers: Float64Array.from(values) });
const texts = (...values: (string | null)[]): Column => ({ texts: values });

describe("the tensors of a run", () => {
  it("hold the columns of an input side by side, row after row", () => {
    const plan = planOf({ name: "x", type: "float32", dims: [null, 3], columns: ["a", "b", "a"] });
    const feeds = buildTensors(plan, rowsOf(2, { b: numbers(10, 20), a: numbers(1, 2), unused: numbers(9, 9) }), null);
    expect([...feeds]).toEqual([["x", { type: "float32", dims: [2, 3], data: Float32Array.of(1, 10, 1, 2, 20, 2) }]]);
  });

  it("have further dimensions as the model declares them", () => {
    const plan = planOf({ name: "x", type: "float64", dims: [null, 1, 2], columns: ["a", "b"] });
    expect(buildTensors(plan, rowsOf(1, { a: numbers(1), b: numbers(2) }), null).get("x")).toEqual({
      type: "float64",
      dims: [1, 1, 2],
      data: Float64Array.of(1, 2),
    });
  });

  it("repeat the last row up to a fixed batch", () => {
    const plan = planOf(
      { name: "n", type: "int64", dims: [4, 1], columns: ["a"] },
      { name: "s", type: "string", dims: [4], columns: ["t"] },
    );
    const feeds = buildTensors(plan, rowsOf(2, { a: numbers(7, -8), t: texts("one", "two") }), 4);
    expect(feeds.get("n")?.data).toEqual(BigInt64Array.of(7n, -8n, -8n, -8n));
    expect(feeds.get("s")?.data).toEqual(["one", "two", "two", "two"]);
  });

  it("say missing as NaN, and as the empty text", () => {
    const plan = planOf(
      { name: "x", type: "float32", dims: [null, 2], columns: ["a", "t"] },
      { name: "s", type: "string", dims: [null, 2], columns: ["a", "t"] },
    );
    const feeds = buildTensors(plan, rowsOf(2, { a: numbers(Number.NaN, 1.5), t: texts(null, "2") }), null);
    expect(feeds.get("x")?.data).toEqual(Float32Array.of(Number.NaN, Number.NaN, 1.5, 2));
    expect(feeds.get("s")?.data).toEqual(["", "", "1.5", "2"]);
  });

  it("carry float16 as bits and booleans as 0 and 1", () => {
    const plan = planOf(
      { name: "h", type: "float16", dims: [null, 1], columns: ["a"] },
      { name: "b", type: "bool", dims: [null, 1], columns: ["a"] },
    );
    const feeds = buildTensors(plan, rowsOf(2, { a: numbers(1, 0) }), null);
    // 0x3c00 is 1.0 in IEEE 754 binary16.
    expect(feeds.get("h")?.data).toEqual(Uint16Array.of(0x3c00, 0));
    expect(feeds.get("b")?.data).toEqual(Uint8Array.of(1, 0));
  });

  it("are not made without a column that the plan reads", () => {
    const plan = planOf({ name: "x", type: "float32", dims: [null, 1], columns: ["absent"] });
    expect(() => buildTensors(plan, rowsOf(1, { a: numbers(1) }), null)).toThrow(/"absent"/);
  });
});

describe("what fits a tensor", () => {
  it("is a missing value for floats and texts only", () => {
    expect((["float32", "float64", "float16", "string"] as const).every(holdsMissing)).toBe(true);
    expect((["int64", "int32", "uint8", "bool"] as const).some(holdsMissing)).toBe(false);
    expect(misfit("float32", Number.NaN)).toBeNull();
    expect(misfit("int64", Number.NaN)).toContain("missing");
  });

  it.for([
    ["int8", -128, 127],
    ["uint8", 0, 255],
    ["int16", -32768, 32767],
    ["uint16", 0, 65535],
    ["int32", -2147483648, 2147483647],
    ["uint32", 0, 4294967295],
  ] as const)("is a whole number in the range of %s", ([type, lowest, highest]) => {
    expect([misfit(type, lowest), misfit(type, highest)]).toEqual([null, null]);
    expect(misfit(type, lowest - 1)).toContain(`from ${lowest} to ${highest}`);
    expect(misfit(type, highest + 1)).toContain(`from ${lowest} to ${highest}`);
    expect(misfit(type, 0.5)).toContain("whole number");
  });

  it("is a whole number that a double holds exactly for int64", () => {
    expect(misfit("int64", 2 ** 53 - 1)).toBeNull();
    expect(misfit("int64", 2 ** 53)).not.toBeNull();
    expect(misfit("uint64", -1)).not.toBeNull();
  });

  it("is 0 or 1 for bool, and anything for floats", () => {
    expect([misfit("bool", 0), misfit("bool", 1)]).toEqual([null, null]);
    expect(misfit("bool", 2)).toContain("true, false");
    expect(misfit("float32", 1e300)).toBeNull();
  });
});
