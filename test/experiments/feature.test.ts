import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppError } from "../../src/errors.ts";
import { parseStatedSchema, textLength } from "../../src/experiments/training/feature.ts";
import { canonicalLabel } from "../../src/lib/label.ts";

describe("canonicalLabel", () => {
  test.each([
    ["1", "1"],
    ["1.0", "1"],
    [" 1.00 ", "1"],
    [1, "1"],
    ["-0.0", "0"],
    [-0, "0"],
    [".5", "0.5"],
    ["+2.50", "2.5"],
    [0.1, "0.1"],
    ["True", "true"],
    [true, "true"],
    ["FALSE", "false"],
    [" <=50K", "<=50K"],
    ["Iris-setosa", "Iris-setosa"],
    ["007", "007"],
    ["1e5", "1e5"],
    ["12345678901234567890", "12345678901234567890"],
    ["0x10", "0x10"],
    ["yes", "yes"],
  ])("of %j is %j", (value, label) => {
    expect(canonicalLabel(value)).toBe(label);
  });

  test("takes the 64-bit integers that models answer with", () => {
    expect(canonicalLabel(2n)).toBe(canonicalLabel("2.0"));
  });

  test("is its own canonical label", () => {
    const value = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true }).map(String),
      fc.integer().map((n) => `${n}.00`),
    );
    fc.assert(fc.property(value, (text) => canonicalLabel(canonicalLabel(text)) === canonicalLabel(text)));
  });
});

describe("texts", () => {
  test("a text is as long as its characters are many", () => {
    expect(textLength("naïve 🚲")).toBe(7);
    expect(textLength("")).toBe(0);
  });
});

describe("parseStatedSchema", () => {
  test("takes kinds, categories of any simple value, and columns that are no features", () => {
    const stated = { kinds: { a: "text" }, categories: { b: [1, "x", true] }, not_features: ["id"] };
    expect(parseStatedSchema(stated)).toEqual({ ...stated, categories: { b: ["1", "x", "true"] } });
    expect(parseStatedSchema({})).toEqual({});
  });

  test("says which part is wrong", () => {
    try {
      parseStatedSchema({ kinds: { age: "number" }, no_features: [] });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: "invalid_input" });
      expect((error as AppError).details.errors?.map((fault) => fault.path)).toEqual(["schema.kinds.age", "schema"]);
    }
  });
});
