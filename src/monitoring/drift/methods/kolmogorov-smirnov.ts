import type { ReferenceColumn, Tally } from "../../../windows/reference-column.ts";
import { isOrdered, orderedCounts, totalOf } from "../counts.ts";
import type { DriftMethod, TestResult } from "../drift-method.ts";
import { kolmogorovAbove } from "../kolmogorov.ts";

/** Compares the numbers that are there, those out of range included. */
export const kolmogorovSmirnovMethod: DriftMethod<"ks"> = {
  id: "ks",
  label: "Kolmogorov-Smirnov distance",
  effectLabel: "The Kolmogorov-Smirnov distance",
  suits: isOrdered,
  thresholds: { minor: 0.05, drift: 0.1 },
  measure(column, current) {
    const statistic = sameNumbers(column, current)?.statistic;
    return statistic === undefined ? null : { statistic, effect: statistic };
  },
  evidently: { alarmsFrom: "p_value_at", compare: sameNumbers },
};

/** Whether the numbers of both come from the same distribution. Null where either has none. */
export function sameNumbers({ binning, tally }: ReferenceColumn, current: Tally): TestResult | null {
  return kolmogorovSmirnov(orderedCounts(binning, tally), orderedCounts(binning, current));
}

// Steps of counting paths: half a millisecond. Beyond it the limit of many values is as good.
const STEPS_MAX = 200_000;

/**
 * The two-sample Kolmogorov-Smirnov test (two-sided) of values that were counted by the same ascending bins: the largest
 * distance of the two cumulative distributions at the edges, which is at most that of the values themselves, and less by
 * no more than the share of one bin. The p-value counts paths (exact for values without ties, cautious with them), or is
 * that of kstwo with n = round(n1 n2 / (n1 + n2)) where that would be long. Null where either has no value.
 */
export function kolmogorovSmirnov(reference: Float64Array, current: Float64Array): TestResult | null {
  const n = totalOf(reference);
  const m = totalOf(current);
  if (n === 0 || m === 0) return null;
  let fromReference = 0;
  let fromCurrent = 0;
  let gap = 0;
  for (let bin = 0; bin < reference.length; bin += 1) {
    fromReference += reference[bin] ?? 0;
    fromCurrent += current[bin] ?? 0;
    // Times n and m, so that it is a whole number.
    gap = Math.max(gap, Math.abs(fromReference * m - fromCurrent * n));
  }
  const statistic = gap / n / m;
  const steps = n * m * Math.min(1, 2 * statistic) + n + m;
  const pValue =
    steps <= STEPS_MAX ? pathsOutside(n, m, gap) : kolmogorovAbove(Math.round((n * m) / (n + m)), statistic);
  return { statistic, pValue };
}

/**
 * The chance that a path of n steps to the right and m steps up, all of them equally likely, somewhere reaches
 * |right * m - up * n| >= gap. Sums of positive terms only, so that small chances are as accurate as large ones.
 */
function pathsOutside(n: number, m: number, gap: number): number {
  if (gap <= 0) return 1;
  // Chance to have been outside for paths that are at (right, up), by `up`; 1 where that place is outside itself.
  let row = new Float64Array(m + 1);
  let before = new Float64Array(m + 1);
  for (let right = 0; right <= n; right += 1) {
    [before, row] = [row, before];
    const from = Math.max(0, Math.floor((right * m - gap) / n));
    const to = Math.min(m, Math.ceil((right * m + gap) / n));
    // The next row looks so far beyond this one's band, above; below, it looks at places that are in both.
    row.fill(1, to + 1, Math.ceil(((right + 1) * m + gap) / n) + 1);
    for (let up = from; up <= to; up += 1) {
      if (Math.abs(right * m - up * n) >= gap) row[up] = 1;
      else if (right + up === 0) row[up] = 0;
      else {
        const left = right === 0 ? 0 : (before[up] ?? 1);
        const below = up === 0 ? 0 : (row[up - 1] ?? 1);
        row[up] = (left * right + below * up) / (right + up);
      }
    }
  }
  return Math.min(1, row[m] ?? 1);
}
