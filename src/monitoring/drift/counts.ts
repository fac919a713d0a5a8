import type { Binning, ReferenceColumn, Tally } from "../../windows/reference-column.ts";
import { binsOf, slotOf, tailOf } from "../../windows/tally.ts";
import type { DriftPreset } from "./drift-method.ts";

export function totalOf(counts: Float64Array): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}

/**
 * All rows by bucket, the same order for any tally of a binning: what is below the range, each bin or category, what is above,
 * values that are not listed, and (missing) unless it is left out.
 */
export function bucketCounts(binning: Binning, tally: Tally, options: { withMissing: boolean }): Float64Array {
  const bins = binsOf(binning, tally);
  const counts = new Float64Array(bins.length + 4);
  counts[0] = slotOf(tally, "below");
  counts.set(bins, 1);
  counts[bins.length + 1] = slotOf(tally, "above");
  counts[bins.length + 2] = totalOf(tailOf(binning, tally) ?? Float64Array.of(slotOf(tally, "unseen")));
  counts[bins.length + 3] = options.withMissing ? slotOf(tally, "missing") : 0;
  return counts;
}

/** All rows by bucket, of the reference and of the window. As Evidently does it, missing rows are left out. */
export function bothBuckets(
  { binning, tally }: ReferenceColumn,
  current: Tally,
  preset: DriftPreset,
): [reference: Float64Array, current: Float64Array] {
  const options = { withMissing: preset !== "evidently" };
  return [bucketCounts(binning, tally, options), bucketCounts(binning, current, options)];
}

/** Whether the values of a column have an order: categories have none. */
export function isOrdered({ binning }: ReferenceColumn): boolean {
  return binning.kind !== "categories";
}

/** The numbers that are there, in ascending order: below the range, by bin, above it. */
export function orderedCounts(binning: Binning, tally: Tally): Float64Array {
  const bins = binsOf(binning, tally);
  const counts = new Float64Array(bins.length + 2);
  counts[0] = slotOf(tally, "below");
  counts.set(bins, 1);
  counts[bins.length + 1] = slotOf(tally, "above");
  return counts;
}
