import { array, assert, double, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { binFinder } from "../../src/lib/bin-finder.ts";
import { binIndex } from "../../src/lib/histogram.ts";
import { rounds } from "../support/thorough.ts";

const edgesOf = (values: readonly number[]): number[] =>
  [...new Set(values.map((value) => value + 0))].sort((a, b) => a - b);

describe("a bin finder", () => {
  it("finds the bin that searching all edges finds, for every edge and every value between", () => {
    assert(
      property(
        array(double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 130 }),
        array(double({ noNaN: true, min: 0, max: 1 }), { maxLength: 30 }),
        (values, places) => {
          const edges = edgesOf(values);
          if (edges.length < 2) return;
          const [first = 0, last = 0] = [edges[0], edges.at(-1)];
          const find = binFinder(edges);
          const within = places
            .map((place) => first * (1 - place) + last * place)
            .filter((v) => v >= first && v <= last);
          for (const value of [...edges, ...within]) expect(find(value)).toBe(binIndex(edges, value));
        },
      ),
      { numRuns: rounds(500, 100) },
    );
  });

  it("finds it where all edges but one lie in one corner", () => {
    const edges = [...Array.from({ length: 100 }, (_, index) => index / 1e6), 1e9];
    const find = binFinder(edges);
    for (const value of [0, 1e-6, 5.05e-5, 9.9e-5, 1, 1e9]) expect(find(value)).toBe(binIndex(edges, value));
  });

  it("finds it where even cells are too wide or too narrow for doubles", () => {
    for (const edges of [
      [-Number.MAX_VALUE, 0, Number.MAX_VALUE],
      [5, 5 + 1e-15],
      [0, Number.MIN_VALUE, 2 * Number.MIN_VALUE],
    ]) {
      const find = binFinder(edges);
      for (const value of edges) expect(find(value)).toBe(binIndex(edges, value));
    }
  });
});
