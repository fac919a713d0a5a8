import { expect, it } from "vitest";
import { tallyQuantile } from "../../src/monitoring/tally-quantile.ts";
import type { Binning } from "../../src/windows/reference-column.ts";
import { binsFrom, emptyTally } from "../../src/windows/tally.ts";

const binning: Binning = {
  kind: "numbers",
  edges: [1, 1.5, 2.5, 10, 20],
  displayEdges: [],
  categories: [],
  hasSums: false,
  tail: null,
  words: null,
};

function quantiles(of: Binning, counts: number[]): (number | null)[] {
  const tally = emptyTally(of);
  tally.set(counts, binsFrom());
  return [0.1, 0.5, 0.9].map((q) => tallyQuantile(of, tally, q));
}

// Bins of 1, of 2, of 3 to 9, and of 10 to 20.
it("percentiles of whole numbers are whole numbers of their bins", () => {
  const whole = { ...binning, isWhole: true };
  expect(quantiles(whole, [4, 4, 2, 0])).toEqual([1, 2, 6]);
  expect(quantiles(whole, [0, 1, 0, 0])).toEqual([2, 2, 2]);
  expect(quantiles(whole, [0, 0, 10, 0])).toEqual([3, 6, 9]);
  expect(quantiles(whole, [0, 0, 0, 10])).toEqual([11, 15, 19]);
  expect(quantiles(binning, [4, 4, 2, 0])).toEqual([1.125, 1.75, 6.25]);
});
