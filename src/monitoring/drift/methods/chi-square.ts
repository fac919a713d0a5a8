import { bothBuckets, totalOf } from "../counts.ts";
import type { DriftMethod, TestResult } from "../drift-method.ts";
import { sparseChiSquareP } from "../sparse-chi-square.ts";
import { chiSquareAbove } from "../special-functions.ts";

/**
 * Compares all rows: missing ones, unseen categories and numbers out of range are buckets of their own. Its effect is Cohen's w over these.
 * As Evidently does it, it is the p-value of a goodness of fit.
 */
export const chiSquare: DriftMethod<"chi_square"> = {
  id: "chi_square",
  label: "Chi-square",
  effectLabel: "Cohen's w (from chi-square)",
  suits: () => true,
  thresholds: { minor: 0.1, drift: 0.2 },
  measure(column, current) {
    const [from, to] = bothBuckets(column, current, "tiltyard");
    const statistic = chiSquareHomogeneity(from, to)?.statistic;
    const [n, m] = [totalOf(from), totalOf(to)];
    return statistic === undefined ? null : { statistic, effect: Math.sqrt(statistic * (1 / n + 1 / m)) };
  },
  evidently: {
    alarmsFrom: "p_value_below",
    compare: (column, current) => chiSquareGoodnessOfFit(...bothBuckets(column, current, "evidently")),
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
