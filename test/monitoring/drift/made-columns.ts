import { quantileBins } from "../../../src/experiments/training/profile-bins.ts";
import { countInto } from "../../../src/lib/histogram.ts";
import type { Binning, ReferenceColumn, Tally } from "../../../src/windows/reference-column.ts";
import { binsFrom, binsOf, emptyTally, TALLY } from "../../../src/windows/tally.ts";
import { weightedDraw } from "../../../src/lib/seeded-random.ts";

/** A numeric column whose reference are these values, NaN for missing ones, in about 100 quantile bins. */
export function numberColumn(name: string, values: readonly number[]): ReferenceColumn {
  const present = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  const { edges } = quantileBins(present, 100);
  const binning: Binning = { kind: "numbers", edges, displayEdges: [], categories: [], words: null };
  const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
  const variance = present.reduce((sum, value) => sum + (value - mean) ** 2, 0) / present.length;
  const tally = tallyOfNumbers(binning, values);
  const distinct = new Set(present).size;
  const std = present.length === 0 ? null : Math.sqrt(variance);
  const rows = values.length;
  return { name, kind: "numeric", binning, rows, tally, distinct, std, unseenWordRate: null };
}

export function tallyOfNumbers(binning: Binning, values: readonly number[]): Tally {
  const tally = emptyTally(binning);
  const outside = countInto(binsOf(binning, tally), binning.edges, values);
  const [first = 0, last = 0] = [binning.edges[0], binning.edges.at(-1)];
  tally[TALLY.missing] = outside.missing;
  tally[TALLY.below] = outside.below;
  tally[TALLY.above] = outside.above;
  tally[TALLY.belowBy] = values.reduce((sum, value) => sum + (value < first ? first - value : 0), 0);
  tally[TALLY.aboveBy] = values.reduce((sum, value) => sum + (value > last ? value - last : 0), 0);
  return tally;
}

/** A categorical column with these counts by category. */
export function categoryColumn(name: string, counts: readonly number[], missing = 0): ReferenceColumn {
  const categories = counts.map((_, index) => `category ${index}`);
  const binning: Binning = { kind: "categories", edges: [], displayEdges: [], categories, words: null };
  const tally = tallyOfCategories(binning, counts, { missing });
  const rows = counts.reduce((sum, count) => sum + count, missing);
  const distinct = counts.filter((count) => count > 0).length;
  return { name, kind: "categorical", binning, rows, tally, distinct, std: null, unseenWordRate: null };
}

export function tallyOfCategories(
  binning: Binning,
  counts: readonly number[],
  others: { missing?: number; unseen?: number } = {},
): Tally {
  const tally = emptyTally(binning);
  tally[TALLY.missing] = others.missing ?? 0;
  tally[TALLY.unseen] = others.unseen ?? 0;
  tally.set(counts, binsFrom());
  return tally;
}

/** A text column of which the lengths are known, and the rate of new words that is to be expected. */
export function textColumn(name: string, lengths: readonly number[], unseenWordRate: number): ReferenceColumn {
  const column = numberColumn(name, lengths);
  return { ...column, kind: "text", binning: { ...column.binning, kind: "texts" }, unseenWordRate };
}

/** A window of so many rows drawn from the reference's own shares: no drift at all. */
export function resample({ binning, tally }: ReferenceColumn, rows: number, random: () => number): Tally {
  const slots = tally.slice(0, binsFrom() + binsOf(binning, tally).length);
  for (const slot of [TALLY.belowBy, TALLY.aboveBy, TALLY.words, TALLY.unseenWords]) slots[slot] = 0;
  const draw = weightedDraw(slots, random);
  const window = emptyTally(binning);
  for (let row = 0; row < rows; row += 1) {
    const slot = draw();
    window[slot] = (window[slot] ?? 0) + 1;
  }
  return window;
}

/** A standard normal number (Box and Muller). */
export function normalDraw(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
