import type { ReferenceColumn, Tally } from "../../../windows/reference-column.ts";
import { isOrdered } from "../counts.ts";
import type { DriftMethod } from "../drift-method.ts";
import { type BinnedShares, binnedShares, gapsBetween, spreadBetween } from "../value-gaps.ts";

/** The default for numbers: its effect is robust, so that a few rows far away do not make drift. */
export const wasserstein: DriftMethod<"wasserstein"> = {
  id: "wasserstein",
  label: "Wasserstein distance",
  effectLabel: "The distance (Wasserstein, in standard deviations, the outer hundredths cut)",
  suits: isOrdered,
  thresholds: { minor: 0.05, drift: 0.1 },
  measure(column, current) {
    const statistic = wassersteinOverStd(column, current, 0);
    const effect = cutWasserstein(column, current);
    return statistic === null || effect === null ? null : { statistic, effect };
  },
  evidently: { alarmsFrom: "distance", compare: asEvidently },
};

/** As scipy computes it: a single row far away is an effect. */
export const plainWasserstein: DriftMethod<"wasserstein_plain"> = {
  id: "wasserstein_plain",
  label: "Wasserstein distance, nothing cut",
  effectLabel: "The Wasserstein distance (in standard deviations of the reference)",
  suits: isOrdered,
  thresholds: { minor: 0.05, drift: 0.1 },
  measure(column, current) {
    const statistic = wassersteinOverStd(column, current, 0);
    return statistic === null ? null : { statistic, effect: statistic };
  },
  evidently: null,
};

// Evidently's floor of the standard deviation, for references that hardly vary.
const EVIDENTLY_STD_MIN = 0.001;

function asEvidently(column: ReferenceColumn, current: Tally) {
  const statistic = wassersteinOverStd(column, current, EVIDENTLY_STD_MIN);
  return statistic === null ? null : { statistic, pValue: null };
}

/**
 * The Wasserstein distance of two sets of numbers over the standard deviation of the reference (at least `stdMin`), those out of range
 * included. With the places of values in their bins it is within 2 % or 0.01 of that of the values themselves; without, values count as
 * spread evenly over their bin. Null where either has no value, or the reference does not vary.
 */
export function wassersteinOverStd(
  { binning, tally, std }: ReferenceColumn,
  current: Tally,
  stdMin: number,
): number | null {
  const [from, to] = [binnedShares(binning, tally), binnedShares(binning, current)];
  const unit = Math.max(std ?? 0, stdMin);
  if (!from || !to || unit === 0) return null;
  const inside = gapsBetween(binning.edges, from, to, { from: 0, to: from.bins.length });
  const outside = Math.abs(from.belowBy - to.belowBy) + Math.abs(from.aboveBy - to.aboveBy);
  // An infinite value is infinitely far away, which JSON cannot say.
  return Math.min((inside + outside) / unit, Number.MAX_VALUE);
}

/** The share of the reference on each side that is moved to where the rest begins. */
const CUT_SHARE = 0.01;

/** The same after both, and the standard deviation, have lost what is beyond the outer hundredths of the reference. */
function cutWasserstein({ binning, tally }: ReferenceColumn, current: Tally): number | null {
  const [from, to] = [binnedShares(binning, tally), binnedShares(binning, current)];
  if (!from || !to) return null;
  const { edges } = binning;
  const range = cutRange(from);
  const unit = spreadBetween(edges, from, range);
  if (unit > 0) return gapsBetween(edges, from, to, range) / unit;
  // Nearly all of it is one value: then its outer hundredths are what there is to compare.
  const whole = { from: 0, to: from.bins.length };
  const spread = spreadBetween(edges, from, whole);
  return spread > 0 ? gapsBetween(edges, from, to, whole) / spread : null;
}

/** The edges that leave up to a hundredth of the reference outside on each side. */
function cutRange({ bins }: BinnedShares): { from: number; to: number } {
  let from = 0;
  for (let share = bins[0] ?? 1; share <= CUT_SHARE && from < bins.length - 1; share += bins[from] ?? 1) from += 1;
  let to = bins.length;
  for (let share = bins[to - 1] ?? 1; share <= CUT_SHARE && to > from + 1; share += bins[to - 1] ?? 1) to -= 1;
  return { from, to };
}
