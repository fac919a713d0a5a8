import { bothBuckets, totalOf } from "../counts.ts";
import type { DriftMethod } from "../drift-method.ts";

/** Compares all rows: missing ones, unseen categories and numbers out of range are buckets of their own. */
export const psi: DriftMethod<"psi"> = {
  id: "psi",
  label: "Population stability index",
  effectLabel: "The population stability index",
  suits: () => true,
  thresholds: { minor: 0.1, drift: 0.2 },
  measure(column, current) {
    const statistic = populationStabilityIndex(...bothBuckets(column, current, "tiltyard"));
    return statistic === null ? null : { statistic, effect: statistic };
  },
  evidently: {
    alarmsFrom: "distance",
    compare: (column, current) => {
      const statistic = populationStabilityIndex(...bothBuckets(column, current, "evidently"));
      return statistic === null ? null : { statistic, pValue: null };
    },
  },
};

// In the place of a share of zero, whose logarithm does not exist; Evidently takes the same.
const ZERO_SHARE = 0.0001;

/**
 * The population stability index of two lists of counts over the same buckets: the sum of (q - p) ln(q / p) over the shares
 * p of the reference and q of the window, 0.0001 where one is zero. Null where either has no rows.
 */
export function populationStabilityIndex(reference: Float64Array, current: Float64Array): number | null {
  const referenceRows = totalOf(reference);
  const currentRows = totalOf(current);
  if (referenceRows === 0 || currentRows === 0) return null;
  let sum = 0;
  for (let bucket = 0; bucket < reference.length; bucket += 1) {
    const p = (reference[bucket] ?? 0) / referenceRows || ZERO_SHARE;
    const q = (current[bucket] ?? 0) / currentRows || ZERO_SHARE;
    if (p !== q) sum += (q - p) * Math.log(q / p);
  }
  return sum;
}
