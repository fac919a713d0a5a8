import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { benjaminiHochberg } from "../../../src/monitoring/drift/benjamini-hochberg.ts";
import { chiSquareHomogeneity } from "../../../src/monitoring/drift/methods/chi-square.ts";
import { jensenShannonDistance } from "../../../src/monitoring/drift/methods/jensen-shannon.ts";
import { kolmogorovSmirnov } from "../../../src/monitoring/drift/methods/kolmogorov-smirnov.ts";
import { compareShares } from "../../../src/monitoring/drift/proportions.ts";
import { populationStabilityIndex } from "../../../src/monitoring/drift/methods/psi.ts";
import { seededRandom, weightedDraw } from "../../../src/lib/seeded-random.ts";
import type { Binning, ReferenceColumn, Tally } from "../../../src/windows/reference-column.ts";
import { binsFrom, emptyTally, TALLY } from "../../../src/windows/tally.ts";
import { wassersteinOverStd } from "../../../src/monitoring/drift/methods/wasserstein.ts";

const pair = fc.integer({ min: 1, max: 40 }).chain((size) => {
  const counts = fc
    .array(fc.integer({ min: 0, max: 200 }), { minLength: size, maxLength: size })
    .filter((list) => list.some((count) => count > 0))
    .map((list) => Float64Array.from(list));
  return fc.tuple(counts, counts);
});

/** Bins of uneven width, values in the middle of theirs, and values outside of them. */
const tallyOf = (counts: ArrayLike<number>) => {
  const tally = emptyTally({ ...BINNING, edges: edges.slice(0, counts.length - 1) });
  const [below, above] = [counts[0] ?? 0, counts.length > 1 ? (counts[counts.length - 1] ?? 0) : 0];
  tally[TALLY.below] = below;
  tally[TALLY.above] = above;
  tally[TALLY.belowBy] = below * 1.5;
  tally[TALLY.aboveBy] = above * 2.5;
  tally.set(Array.from(counts).slice(1, -1), binsFrom());
  return tally;
};
const edges = Array.from({ length: 50 }, (_, index) => index ** 1.5);
const BINNING: Binning = {
  kind: "numbers",
  edges: [],
  displayEdges: [],
  categories: [],
  hasSums: false,
  tail: null,
  words: null,
};
const columnOf = (tally: Tally, edgesOf: number[], std: number): ReferenceColumn => ({
  name: "x",
  kind: "numeric",
  binning: { ...BINNING, edges: edgesOf },
  rows: 0,
  tally,
  distinct: null,
  std,
  rare: null,
  unseenWordRate: null,
});
const wasserstein = (from: Float64Array, to: Float64Array) =>
  wassersteinOverStd(columnOf(tallyOf(from), edges.slice(0, from.length - 1), 3), tallyOf(to), 0);
const scaled = (counts: Float64Array, by: number) => counts.map((count) => count * by);

const distances = {
  psi: { of: populationStabilityIndex, most: Number.POSITIVE_INFINITY },
  js: { of: jensenShannonDistance, most: Math.sqrt(Math.LN2) + 1e-12 },
  wasserstein: { of: wasserstein, most: Number.POSITIVE_INFINITY },
  ks: { of: (from: Float64Array, to: Float64Array) => kolmogorovSmirnov(from, to)?.statistic ?? null, most: 1 },
  chi_square: {
    of: (from: Float64Array, to: Float64Array) => chiSquareHomogeneity(from, to)?.statistic ?? null,
    most: Number.POSITIVE_INFINITY,
  },
};

describe.each(Object.entries(distances))("%s", (_name, { of, most }) => {
  test("is the same in both directions, and within its bounds", () => {
    fc.assert(
      fc.property(pair, ([from, to]) => {
        const distance = of(from, to) ?? Number.NaN;
        expect(distance).toBeCloseTo(of(to, from) ?? Number.NaN, 9);
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThanOrEqual(most);
      }),
    );
  });

  test("is zero for equal shares, however many rows", () => {
    fc.assert(
      fc.property(pair, fc.integer({ min: 1, max: 9 }), ([from], times) => {
        expect(of(from, scaled(from, times))).toBeCloseTo(0, 7);
      }),
    );
  });

  test("is not there without rows", () => {
    const none = new Float64Array(3);
    const some = Float64Array.of(1, 2, 3);
    expect([of(none, some), of(some, none)]).toEqual([null, null]);
  });
});

describe("p-values", () => {
  test("are between 0 and 1, and 1 for equal shares", () => {
    const tests = [kolmogorovSmirnov, chiSquareHomogeneity];
    fc.assert(
      fc.property(pair, fc.constantFrom(...tests), ([from, to], of) => {
        const pValue = of(from, to)?.pValue ?? Number.NaN;
        expect(pValue).toBeGreaterThanOrEqual(0);
        expect(pValue).toBeLessThanOrEqual(1 + 1e-9);
        expect(of(from, scaled(from, 2))?.pValue).toBeCloseTo(1, 6);
      }),
    );
  });

  test("of shares are the same in both directions", () => {
    const share = fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 60 }))
      .map(([count, others]) => ({ count, of: count + others }));
    fc.assert(
      fc.property(share, share, (from, to) => {
        const pValue = compareShares(from, to)?.pValue ?? Number.NaN;
        expect(pValue).toBeCloseTo(compareShares(to, from)?.pValue ?? Number.NaN, 9);
        expect(pValue).toBeGreaterThan(0);
        expect(pValue).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("corrected by hand and by Benjamini and Hochberg are the same", () => {
    // 0.01 * 4 / 1, 0.02 * 4 / 2, 0.03 * 4 / 3, 0.5 * 4 / 4, and never more than that of the next.
    const corrected = benjaminiHochberg([0.03, 0.01, 0.5, 0.02]);
    for (const [index, expected] of [0.04, 0.04, 0.5, 0.04].entries())
      expect(corrected[index]).toBeCloseTo(expected, 12);
    expect(benjaminiHochberg([])).toEqual([]);
  });

  test("are not lowered by the correction, and keep their order", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (pValues) => {
        const corrected = benjaminiHochberg(pValues);
        for (const [index, pValue] of pValues.entries()) {
          expect(corrected[index]).toBeGreaterThanOrEqual(pValue);
          expect(corrected[index]).toBeLessThanOrEqual(1);
          for (const [other, otherValue] of pValues.entries()) {
            if (pValue <= otherValue) expect(corrected[index]).toBeLessThanOrEqual(corrected[other] ?? 0);
          }
        }
      }),
    );
  });
});

/** Slots of below, above and how far, then bins. */
const counted = (slots: { above?: number; aboveBy?: number }, ...bins: number[]) => {
  const tally = new Float64Array(binsFrom() + bins.length);
  tally[TALLY.above] = slots.above ?? 0;
  tally[TALLY.aboveBy] = slots.aboveBy ?? 0;
  tally.set(bins, binsFrom());
  return tally;
};

test("Wasserstein: moving every value by a whole bin of width 2 costs 2 over the standard deviation", () => {
  const column = columnOf(counted({}, 10, 30, 0), [0, 2, 4, 6], 4);
  expect(wassersteinOverStd(column, counted({}, 0, 10, 30), 0)).toBeCloseTo(0.5, 12);
});

test("Wasserstein: values out of range count with how far they are outside", () => {
  const column = columnOf(counted({}, 4), [0, 2], 1);
  // A quarter of the values moves from the middle of [0, 2) to 9.
  expect(wassersteinOverStd(column, counted({ above: 1, aboveBy: 7 }, 3), 0)).toBeCloseTo(8 / 4, 12);
});

test("an infinite answer is as far away as a number can be", () => {
  const column = columnOf(counted({}, 4), [0, 2], 1);
  const far = counted({ above: 1, aboveBy: Number.POSITIVE_INFINITY }, 4);
  expect(wassersteinOverStd(column, far, 0)).toBe(Number.MAX_VALUE);
});

test("weighted draws follow their weights", () => {
  const draw = weightedDraw([1, 0, 3, 6], seededRandom(1));
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < 100_000; index += 1) {
    const drawn = draw();
    counts[drawn] = (counts[drawn] ?? 0) + 1;
  }
  expect(counts[1]).toBe(0);
  // Five standard deviations of 100,000 draws.
  for (const [index, share] of [0.1, 0, 0.3, 0.6].entries()) {
    expect(Math.abs((counts[index] ?? 0) / 100_000 - share)).toBeLessThan(0.008);
  }
});
