import { bothBuckets, totalOf } from "../counts.ts";
import type { TestMethod, TestResult } from "../drift-method.ts";
import { sparseChiSquareP } from "../sparse-chi-square.ts";
import { chiSquareAbove } from "../special-functions.ts";

/**
 * Compares all rows: missing ones, unseen categories and numbers out of range are buckets of their own. As Evidently does it, the test is
 * one of goodness of fit.
 */
export const chiSquare: TestMethod<"chi_square"> = {
  id: "chi_square",
  kind: "test",
  label: "Chi-square test",
  statisticLabel: "The chi-square statistic",
  suits: () => true,
  blindTo: [],
  evidentlyAlarmsAt: "below",
  compare(column, current, preset) {
    const test = preset === "evidently" ? chiSquareGoodnessOfFit : chiSquareHomogeneity;
    return test(...bothBuckets(column, current, preset));
  },
};

// Cochran's rule: where a lower count is expected, the chi-square distribution is not that of the statistic.
const EXPECTED_MIN = 5;

/**
 * The chi-square test of homogeneity of two lists of counts over the same buckets (a contingency table of two rows, without
 * Yates' correction). Buckets that both leave empty do not count. Where a count below 5 is expected, the p-value is that of
 * `sparseChiSquareP`: the chi-square distribution would give values below 0.0025 ten times too often for 50 rare categories.
 * Null where either has no rows.
 */
export function chiSquareHomogeneity(reference: Float64Array, current: Float64Array): TestResult | null {
  const n = totalOf(reference);
  const m = totalOf(current);
  if (n === 0 || m === 0) return null;
  const rows = n + m;
  let statistic = 0;
  const buckets: number[] = [];
  let expectedLeast = Number.POSITIVE_INFINITY;
  for (let bucket = 0; bucket < reference.length; bucket += 1) {
    const both = (reference[bucket] ?? 0) + (current[bucket] ?? 0);
    if (both === 0) continue;
    buckets.push(both);
    const expected = (both * m) / rows;
    const gap = (current[bucket] ?? 0) - expected;
    // The gap of the reference is the same, by the margins.
    statistic += gap * gap * (1 / expected + rows / (both * n));
    expectedLeast = Math.min(expectedLeast, (both * Math.min(n, m)) / rows);
  }
  if (buckets.length < 2) return { statistic: 0, pValue: 1 };
  // The variance of a table of three rows is not defined.
  const isSparse = expectedLeast < EXPECTED_MIN && rows > 3;
  const pValue = isSparse
    ? sparseChiSquareP({ statistic, n, m, buckets })
    : chiSquareAbove(statistic, buckets.length - 1);
  return { statistic, pValue };
}

/**
 * Evidently's chi-square: goodness of fit of the window to the shares of the reference, as if those were known without error.
 * A value that the reference does not have makes the statistic infinite and p zero. Null where either has no rows.
 */
export function chiSquareGoodnessOfFit(reference: Float64Array, current: Float64Array): TestResult | null {
  const n = totalOf(reference);
  const m = totalOf(current);
  if (n === 0 || m === 0) return null;
  let statistic = 0;
  let buckets = 0;
  for (let bucket = 0; bucket < reference.length; bucket += 1) {
    const expected = ((reference[bucket] ?? 0) * m) / n;
    const gap = (current[bucket] ?? 0) - expected;
    if (expected > 0 || gap > 0) buckets += 1;
    if (gap !== 0) statistic += (gap * gap) / expected;
  }
  return { statistic, pValue: buckets < 2 ? 1 : chiSquareAbove(statistic, buckets - 1) };
}
