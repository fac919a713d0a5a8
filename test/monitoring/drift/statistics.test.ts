import { describe, expect, test } from "vitest";
import { chiSquareGoodnessOfFit, chiSquareHomogeneity } from "../../../src/monitoring/drift/methods/chi-square.ts";
import { jensenShannonDistance } from "../../../src/monitoring/drift/methods/jensen-shannon.ts";
import { kolmogorovSmirnov } from "../../../src/monitoring/drift/methods/kolmogorov-smirnov.ts";
import { kolmogorovAbove } from "../../../src/monitoring/drift/kolmogorov.ts";
import { compareShares, fisherExact, zTest } from "../../../src/monitoring/drift/proportions.ts";
import { populationStabilityIndex } from "../../../src/monitoring/drift/methods/psi.ts";
import { normalBeyond, upperGamma } from "../../../src/monitoring/drift/special-functions.ts";
import reference from "./drift-reference.json";

/** Relative, but for zero. */
function errorOf(actual: number | null | undefined, expected: number | undefined): number {
  if (actual === null || actual === undefined || expected === undefined) return Number.POSITIVE_INFINITY;
  return Math.abs(actual - expected) / (Math.abs(expected) || 1);
}

const counted = (counts: number[]): Float64Array => Float64Array.from(counts);

describe("the distributions are those of scipy", () => {
  test.each(reference.upper_gamma)("the chance of a gamma(%d) variable above %d", (a = 0, x = 0, expected = 0) => {
    expect(errorOf(upperGamma(a, x), expected)).toBeLessThan(1e-11);
  });

  test.each(reference.normal_beyond)("the chance of a normal variable beyond ±%d", (z = 0, expected = 0) => {
    expect(errorOf(normalBeyond(z), expected)).toBeLessThan(1e-11);
  });

  // scipy itself takes a series of the same accuracy beyond n = 140; ours sums up the tail for n up to 20,000 only.
  test.each(reference.kolmogorov)("Kolmogorov's statistic of %d values above %d", (n = 0, d = 0, expected = 0) => {
    expect(errorOf(kolmogorovAbove(n, d), expected)).toBeLessThan(n <= 140 ? 1e-9 : n <= 20_000 ? 2e-5 : 1e-3);
  });
});

describe("counts of buckets are as far apart as scipy says", () => {
  test.each(reference.counts)("$name", (one) => {
    const [from, to] = [counted(one.reference), counted(one.current)];
    expect(errorOf(populationStabilityIndex(from, to), one.psi)).toBeLessThan(1e-9);
    expect(errorOf(jensenShannonDistance(from, to), one.js)).toBeLessThan(1e-9);
    expect(errorOf(chiSquareHomogeneity(from, to)?.statistic, one.chi_square)).toBeLessThan(1e-9);
    expect(chiSquareGoodnessOfFit(from, to)?.statistic).toBeCloseTo(one.fit ?? Number.POSITIVE_INFINITY, 9);
    expect(errorOf(chiSquareGoodnessOfFit(from, to)?.pValue, one.fit_p)).toBeLessThan(1e-9);
  });

  test.each(reference.counts.filter((one) => one.expected_least >= 5))("$name: the p-value is scipy's", (one) => {
    const pValue = chiSquareHomogeneity(counted(one.reference), counted(one.current))?.pValue;
    expect(errorOf(pValue, one.chi_square_p)).toBeLessThan(1e-9);
  });

  // Drawing 2,000 tables, as we do, errs by 0.0067 at most (one standard deviation) where a share is 0.1.
  test.each(reference.counts.filter((one) => one.expected_least < 5))(
    "$name: the p-value is about the share of permuted tables as far apart",
    (one) => {
      const pValue = chiSquareHomogeneity(counted(one.reference), counted(one.current))?.pValue ?? Number.NaN;
      expect(Math.abs(pValue - (one.permuted_p ?? Number.NaN))).toBeLessThan(0.02);
    },
  );

  test("a single row of a new category is nothing, though the chi-square distribution thinks so", () => {
    const one = reference.counts.find(({ name }) => name === "a single row of a new category");
    if (!one) throw new Error("The case is gone.");
    expect(one.chi_square_p).toBeLessThan(0.02);
    expect(chiSquareHomogeneity(counted(one.reference), counted(one.current))?.pValue).toBeGreaterThan(0.05);
  });
});

describe("shares are as far apart as scipy says", () => {
  test.each(reference.shares)("$reference against $current", (one) => {
    const [from, to] = [one.reference, one.current].map(([count = 0, of = 0]) => ({ count, of }));
    if (!from || !to) throw new Error("two shares");
    expect(errorOf(zTest(from, to)?.statistic, one.z)).toBeLessThan(1e-9);
    expect(errorOf(zTest(from, to)?.pValue, one.z_p)).toBeLessThan(1e-9);
    expect(errorOf(fisherExact(from, to), one.fisher_p)).toBeLessThan(1e-9);
  });

  test("one row in a hundred that the reference does not have is no miracle", () => {
    const pValue = compareShares({ count: 0, of: 1000 }, { count: 1, of: 100 })?.pValue;
    // 100 of 1,100 rows are the window's; the Z-test would say 0.0016.
    expect(pValue).toBeCloseTo(100 / 1100, 12);
  });
});

describe("two samples are as far apart as scipy's Kolmogorov-Smirnov says", () => {
  const isLong = (name: string): boolean => name === "more than paths are counted for";

  test.each(reference.two_samples)("$name", (one) => {
    const result = kolmogorovSmirnov(counted(one.reference), counted(one.current));
    expect(errorOf(result?.statistic, one.statistic)).toBeLessThan(1e-12);
    expect(errorOf(result?.pValue, isLong(one.name) ? one.kstwo_p : one.exact_p)).toBeLessThan(
      isLong(one.name) ? 2e-5 : 1e-9,
    );
  });
});
