import { codeBucket, TAIL_BUCKETS } from "../../experiments/training/code-tail.ts";
import type { ReferenceColumn, Tally } from "../../windows/reference-column.ts";
import { binsOf, slotOf, tailOf } from "../../windows/tally.ts";
import { totalOf } from "./counts.ts";
import type { TestResult } from "./drift-method.ts";
import { chiSquareHomogeneity } from "./methods/chi-square.ts";
import { compareShares } from "./proportions.ts";

/** The rows of both by value, or by group of values where single ones are too rare to compare. */
export interface Levels {
  reference: Float64Array;
  current: Float64Array;
  /** The index of the value in its binning; null for groups. */
  places: (number | null)[];
}

// A column with more values than these, or of which more than one row in a hundred is new, is compared by frequent values and groups.
const SINGLE_VALUES_MAX = 100;
const NEW_SHARE_MAX = 0.01;
// Of such a column, a value with so many rows, and this share of them, is compared by itself. Where chance decided which values these
// are, the reference would look special.
const FREQUENT_ROWS_MIN = 50;
const FREQUENT_SHARE_MIN = 0.01;

/**
 * The values of a column that are compared by their shares: those that the reference knows; groups hold new ones too, since chance
 * decides which values are new.
 */
export function levelsOf(column: ReferenceColumn, current: Tally): Levels {
  const { binning, tally } = column;
  const bins = binsOf(binning, tally);
  const groupOf = isManyValued(column) ? grouping(column) : (place: number) => place;
  const tail = tailOf(binning, tally);
  const hasTail = tail !== null && (isManyValued(column) || totalOf(tail) > 0);
  // Counts of a reference that does not know its unlisted values by bucket have them in one group.
  const rest = bins.length + TAIL_BUCKETS;
  const size = rest + 1;
  const places: (number | null)[] = Array.from({ length: size }, () => null);
  const count = (of: Tally): Float64Array => {
    const counts = new Float64Array(size);
    binsOf(binning, of).forEach((rows, place) => {
      const group = groupOf(place);
      if (group === place) places[place] = place;
      counts[group] = (counts[group] ?? 0) + rows;
    });
    const buckets = hasTail ? tailOf(binning, of) : null;
    buckets?.forEach((rows, bucket) => {
      const group = bins.length + bucket;
      counts[group] = (counts[group] ?? 0) + rows;
    });
    if (!tail && (isManyValued(column) || slotOf(tally, "unseen") > 0))
      counts[rest] = (counts[rest] ?? 0) + slotOf(of, "unseen");
    return counts;
  };
  return { reference: count(tally), current: count(current), places };
}

function isManyValued({ binning, tally, distinct, rare }: ReferenceColumn): boolean {
  if (binning.kind !== "categories") return false;
  const rows = totalOf(binsOf(binning, tally)) + totalOf(tailOf(binning, tally) ?? new Float64Array());
  return (distinct ?? 0) > SINGLE_VALUES_MAX || (rare?.once ?? 0) > NEW_SHARE_MAX * rows;
}

function grouping({ binning, tally, rows }: ReferenceColumn): (place: number) => number {
  const bins = binsOf(binning, tally);
  const least = Math.max(FREQUENT_ROWS_MIN, FREQUENT_SHARE_MIN * rows);
  const rest = bins.length + TAIL_BUCKETS;
  return (place) => {
    if ((bins[place] ?? 0) >= least) return place;
    return binning.tail ? bins.length + codeBucket(binning.categories[place] ?? "") : rest;
  };
}

/** Whether both come from the same shares: by Fisher or the Z-test for two values, else chi-square; by drawn tables where rows are few. */
export function sameShares({ reference, current }: Levels): TestResult | null {
  const present = [...reference.keys()].filter((place) => (reference[place] ?? 0) + (current[place] ?? 0) > 0);
  const [first] = present;
  if (first === undefined || present.length > 2) return chiSquareHomogeneity(reference, current);
  const shareOf = (counts: Float64Array) => ({ count: counts[first] ?? 0, of: totalOf(counts) });
  return compareShares(shareOf(reference), shareOf(current));
}

/** Cohen's h of two shares: 2 asin √p - 2 asin √q, without its sign. A share is 0 to 1. */
export function cohensH(one: number, other: number): number {
  return Math.abs(2 * Math.asin(Math.sqrt(Math.min(1, one))) - 2 * Math.asin(Math.sqrt(Math.min(1, other))));
}

const ROUNDING = 1e-9;

/** The value whose share has changed most, by Cohen's h; null where either has no rows. */
export function mostChanged({
  reference,
  current,
}: Levels): { place: number; h: number; from: number; to: number } | null {
  const [n, m] = [totalOf(reference), totalOf(current)];
  if (n === 0 || m === 0) return null;
  let most = { place: 0, h: 0, from: 0, to: 0 };
  for (const [place, rows] of reference.entries()) {
    const [from, to] = [rows / n, (current[place] ?? 0) / m];
    const h = cohensH(from, to);
    // Of two values, both change by the same but for rounding: the first of them is named.
    if (h > most.h + ROUNDING || place === 0) most = { place, h, from, to };
  }
  return most;
}

/** Half of the summed changes of all shares: the share of rows that would have to change their value. Null where either has no rows. */
export function totalVariation({ reference, current }: Levels): number | null {
  const [n, m] = [totalOf(reference), totalOf(current)];
  if (n === 0 || m === 0) return null;
  let sum = 0;
  for (const [place, rows] of reference.entries()) sum += Math.abs(rows / n - (current[place] ?? 0) / m);
  return sum / 2;
}
