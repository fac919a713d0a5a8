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

/** A tally of no rows. */
export function emptyTally(binning: Binning): Tally {
  return new Float64Array(BINS_FROM + binCount(binning) + Math.max(0, binning.displayEdges.length - 1));
}

/** The place of the first bin. */
export function binsFrom(): number {
  return BINS_FROM;
}

/** The place of the first bin for charts. */
export function displayFrom(binning: Binning): number {
  return BINS_FROM + binCount(binning);
}

/** The counts of the bins, or categories: a view, not a copy. */
export function binsOf(binning: Binning, tally: Tally): Float64Array {
  return tally.subarray(BINS_FROM, displayFrom(binning));
}

/** The counts of the bins for charts: a view, not a copy. */
export function displayOf(binning: Binning, tally: Tally): Float64Array {
  return tally.subarray(displayFrom(binning));
}

/** One of the slots of TALLY. */
export function slotOf(tally: Tally, slot: keyof typeof TALLY): number {
  return tally[TALLY[slot]] ?? 0;
}

/** The rows that a tally has counted, missing ones included. */
export function rowsOf(binning: Binning, tally: Tally): number {
  const { missing, unseen, below, above } = TALLY;
  let rows = 0;
  for (const slot of [missing, unseen, below, above]) rows += tally[slot] ?? 0;
  for (const count of binsOf(binning, tally)) rows += count;
  return rows;
}

/** Adds `from` to `into`. Throws RangeError for tallies of different binnings. */
export function addTally(into: Tally, from: Tally): void {
  if (into.length !== from.length) throw new RangeError(`tallies of ${into.length} and ${from.length} slots`);
  for (let slot = 0; slot < into.length; slot += 1) into[slot] = (into[slot] ?? 0) + (from[slot] ?? 0);
}
