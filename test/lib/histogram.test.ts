import { describe, expect, test } from "vitest";
import { binIndex, countInto, quantile } from "../../src/lib/histogram.ts";

describe("binIndex", () => {
  const edges = [0, 1, 2.5, 10];

  test.each([
    [-0.001, -1],
    [0, 0],
    [0.999, 0],
    [1, 1],
    [2.5, 2],
    [9.999, 2],
    [10, 2],
    [10.001, 3],
    [Number.NEGATIVE_INFINITY, -1],
    [Number.POSITIVE_INFINITY, 3],
  ])("puts %d into bin %d", (value, bin) => {
    expect(binIndex(edges, value)).toBe(bin);
  });

  test("refuses a missing value and edges that bound no bin", () => {
    expect(() => binIndex(edges, Number.NaN)).toThrow(RangeError);
    expect(() => binIndex([1], 1)).toThrow(RangeError);
  });
});

describe("countInto", () => {
  test("adds to the counts and tells what lies outside", () => {
    const counts = [10, 0, 0];
    const outside = countInto(counts, [0, 1, 2, 3], [0, 0.5, 2, 3, 3.1, -1, Number.NaN, Number.NaN]);
    expect(counts).toEqual([12, 0, 2]);
    expect(outside).toEqual({ missing: 2, below: 1, above: 1 });
  });

  test("agrees with numpy.histogram", () => {
    // numpy 2.4.6: np.histogram([1, 2, 1, 0.5, 4, 3.99, 2.5], bins=[0, 1, 2, 3, 4])
    const counts = [0, 0, 0, 0];
    countInto(counts, [0, 1, 2, 3, 4], [1, 2, 1, 0.5, 4, 3.99, 2.5]);
    expect(counts).toEqual([1, 2, 2, 2]);
  });
});

describe("quantile", () => {
  // numpy 2.4.6: np.quantile([1, 2, 4, 8, 16], q, method="linear")
  test.each([
    [0, 1],
    [0.1, 1.4],
    [0.25, 2],
    [0.6, 5.6],
    [0.95, 14.399999999999999],
    [1, 16],
  ])("at %d is %d", (q, expected) => {
    expect(quantile([1, 2, 4, 8, 16], q)).toBeCloseTo(expected, 12);
  });

  test("of one value is that value, of none NaN", () => {
    expect(quantile([7], 0.3)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });

  test("survives values whose distance is no double", () => {
    expect(quantile([-1.7e308, 1.7e308], 0.5)).toBe(0);
  });
});
