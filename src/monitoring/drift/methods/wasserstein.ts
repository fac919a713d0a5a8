import type { ReferenceColumn, Tally } from "../../../windows/reference-column.ts";
import { isOrdered, totalOf } from "../counts.ts";
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
    const from = referenceOf(column);
    const to = binnedShares(column.binning, current);
    if (!from || !to || from.spread === 0) return null;
    const gaps = gapsBetween(column.binning.edges, from.shares, to);
    const statistic = overStd(column, from, to, gaps, 0);
    const effect = totalOf(gaps.subarray(from.from, from.to)) / from.spread;
    return statistic === null ? null : { statistic, effect };
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
export function wassersteinOverStd(column: ReferenceColumn, current: Tally, stdMin: number): number | null {
  const from = referenceOf(column);
  const to = binnedShares(column.binning, current);
  return from && to && overStd(column, from, to, gapsBetween(column.binning.edges, from.shares, to), stdMin);
}

function overStd(
  { std }: ReferenceColumn,
  { shares: from }: Reference,
  to: BinnedShares,
  gaps: Float64Array,
  stdMin: number,
): number | null {
  const unit = Math.max(std ?? 0, stdMin);
  if (unit === 0) return null;
  const outside = Math.abs(from.belowBy - to.belowBy) + Math.abs(from.aboveBy - to.aboveBy);
  // An infinite value is infinitely far away, which JSON cannot say.
  return Math.min((totalOf(gaps) + outside) / unit, Number.MAX_VALUE);
}

/**
 * The numbers of a reference, the bins that are compared, and their standard deviation once what is beyond has been moved to where they
 * begin.
 */
interface Reference {
  shares: BinnedShares;
  from: number;
  to: number;
  spread: number;
}

const references = new WeakMap<ReferenceColumn, Reference>();

/** Null where it has no value. */
function referenceOf(column: ReferenceColumn): Reference | null {
  const present = references.get(column);
  if (present) return present;
  const { binning, tally } = column;
  const shares = binnedShares(binning, tally);
  if (!shares) return null;
  const range = cutRange(shares);
  const spread = spreadBetween(binning.edges, shares, range);
  // Where nearly all of it is one value, its outer hundredths are what there is to compare.
  const whole = { from: 0, to: shares.bins.length };
  const made =
    spread > 0
      ? { shares, ...range, spread }
      : { shares, ...whole, spread: spreadBetween(binning.edges, shares, whole) };
  references.set(column, made);
  return made;
}

/** The share of the reference on each side that is moved to where the rest begins. */
const CUT_SHARE = 0.01;

/** The edges that leave up to a hundredth of the reference outside on each side. */
function cutRange({ bins }: BinnedShares): { from: number; to: number } {
  let from = 0;
  for (let share = bins[0] ?? 1; share <= CUT_SHARE && from < bins.length - 1; share += bins[from] ?? 1) from += 1;
  let to = bins.length;
  for (let share = bins[to - 1] ?? 1; share <= CUT_SHARE && to > from + 1; share += bins[to - 1] ?? 1) to -= 1;
  return { from, to };
}
