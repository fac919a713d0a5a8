import { TAIL_BUCKETS } from "../experiments/training/code-tail.ts";
import type { Binning, Tally } from "./reference-column.ts";

/** The slots before the bins. */
export const TALLY = {
  /** Rows without a value. */
  missing: 0,
  /** Rows whose category the reference does not list. */
  unseen: 1,
  /** Numbers below the first edge, and above the last. */
  below: 2,
  above: 3,
  /** How far they are outside, added up, in units of the column. */
  belowBy: 4,
  aboveBy: 5,
  /** Words of texts, and how many of them the reference does not have. */
  words: 6,
  unseenWords: 7,
} as const;

const BINS_FROM = 8;

/** The number of bins, or categories, of a binning. */
export function binCount({ edges, categories }: Binning): number {
  return edges.length > 0 ? edges.length - 1 : categories.length;
}

function displayCount({ displayEdges }: Binning): number {
  return Math.max(0, displayEdges.length - 1);
}

/** A tally of no rows. */
export function emptyTally(binning: Binning): Tally {
  return new Float64Array(tailFrom(binning) + (binning.tail ? TAIL_BUCKETS : 0));
}

/** The place of the first bin. */
export function binsFrom(): number {
  return BINS_FROM;
}

/** The place of the first bin for charts. */
export function displayFrom(binning: Binning): number {
  return BINS_FROM + binCount(binning);
}

/** The place of the first sum of places. */
export function sumsFrom(binning: Binning): number {
  return displayFrom(binning) + displayCount(binning);
}

/** The place of the first bucket of the tail. */
export function tailFrom(binning: Binning): number {
  return sumsFrom(binning) + (binning.hasSums ? binCount(binning) : 0);
}

/** The counts of the bins, or categories: a view, not a copy. */
export function binsOf(binning: Binning, tally: Tally): Float64Array {
  return tally.subarray(BINS_FROM, displayFrom(binning));
}

/** The counts of the bins for charts: a view, not a copy. */
export function displayOf(binning: Binning, tally: Tally): Float64Array {
  return tally.subarray(displayFrom(binning), sumsFrom(binning));
}

/** The places of values within their bin, added up for each bin (see lib/place-in-bin.ts): a view. Null where they are not known. */
export function sumsOf(binning: Binning, tally: Tally): Float64Array | null {
  return binning.hasSums ? tally.subarray(sumsFrom(binning), tailFrom(binning)) : null;
}

/** Values that are not listed, by bucket, unseen ones included: a view. Null where they are not known. */
export function tailOf(binning: Binning, tally: Tally): Float64Array | null {
  return binning.tail ? tally.subarray(tailFrom(binning), tailFrom(binning) + TAIL_BUCKETS) : null;
}

/** Values that the reference knows and does not list. */
export function unlistedOf(binning: Binning, tally: Tally): number {
  const tail = tailOf(binning, tally);
  return tail ? tail.reduce((sum, count) => sum + count, 0) - slotOf(tally, "unseen") : 0;
}

/** One of the slots of TALLY. */
export function slotOf(tally: Tally, slot: keyof typeof TALLY): number {
  return tally[TALLY[slot]] ?? 0;
}

/** The rows that a tally has counted, missing ones included. */
export function rowsOf(binning: Binning, tally: Tally): number {
  const { missing, unseen, below, above } = TALLY;
  let rows = 0;
  for (const slot of [missing, below, above]) rows += tally[slot] ?? 0;
  for (const count of binsOf(binning, tally)) rows += count;
  for (const count of tailOf(binning, tally) ?? [tally[unseen] ?? 0]) rows += count;
  return rows;
}

/** Adds `from` to `into`. Throws RangeError for tallies of different binnings. */
export function addTally(into: Tally, from: Tally): void {
  if (into.length !== from.length) throw new RangeError(`tallies of ${into.length} and ${from.length} slots`);
  for (let slot = 0; slot < into.length; slot += 1) into[slot] = (into[slot] ?? 0) + (from[slot] ?? 0);
}
