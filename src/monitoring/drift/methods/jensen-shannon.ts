import { rowsOf } from "../../../windows/tally.ts";
import { bothBuckets, bucketCounts, totalOf } from "../counts.ts";
import type { DistanceMethod } from "../drift-method.ts";

/** Compares all rows: missing ones, unseen categories and numbers out of range are buckets of their own. */
export const jensenShannon: DistanceMethod<"js"> = {
  id: "js",
  kind: "distance",
  label: "Jensen-Shannon distance",
  statisticLabel: "The Jensen-Shannon distance",
  suits: () => true,
  blindTo: [],
  thresholds: { warning: 0.1, drift: 0.1 },
  compare: (...compared) => jensenShannonDistance(...bothBuckets(...compared)),
  comparedRows: ({ binning }, tally) => rowsOf(binning, tally),
  withoutDrift: {
    power: 0.5,
    isSquared: true,
    simulate({ binning, tally }) {
      const weights = bucketCounts(binning, tally, { withMissing: true });
      return { weights, distance: (drawn) => jensenShannonDistance(weights, drawn) };
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
