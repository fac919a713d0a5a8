import { bothBuckets, totalOf } from "../counts.ts";
import type { DriftMethod } from "../drift-method.ts";

/** Compares all rows: missing ones, unseen categories and numbers out of range are buckets of their own. */
export const jensenShannon: DriftMethod<"js"> = {
  id: "js",
  label: "Jensen-Shannon distance",
  effectLabel: "The Jensen-Shannon distance",
  suits: () => true,
  thresholds: { minor: 0.05, drift: 0.1 },
  measure(column, current) {
    const statistic = jensenShannonDistance(...bothBuckets(column, current, "tiltyard"));
    return statistic === null ? null : { statistic, effect: statistic };
  },
  evidently: {
    alarmsFrom: "distance",
    compare: (column, current) => {
      const statistic = jensenShannonDistance(...bothBuckets(column, current, "evidently"));
      return statistic === null ? null : { statistic, pValue: null };
    },
  },
};

/**
 * The Jensen-Shannon distance of two lists of counts over the same buckets, with the natural logarithm: from 0 for equal
 * shares to √ln 2 = 0.8326 where they have no bucket in common. Null where either has no rows.
 */
export function jensenShannonDistance(reference: Float64Array, current: Float64Array): number | null {
  const referenceRows = totalOf(reference);
  const currentRows = totalOf(current);
  if (referenceRows === 0 || currentRows === 0) return null;
  let sum = 0;
  for (let bucket = 0; bucket < reference.length; bucket += 1) {
    const p = (reference[bucket] ?? 0) / referenceRows;
    const q = (current[bucket] ?? 0) / currentRows;
    if (p > 0) sum += p * Math.log((2 * p) / (p + q));
    if (q > 0) sum += q * Math.log((2 * q) / (p + q));
  }
  // Rounding may leave the sum of equal shares a little below zero.
  return Math.sqrt(Math.max(0, sum / 2));
}
