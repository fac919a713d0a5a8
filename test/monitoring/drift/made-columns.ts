import { profileNumbers } from "../../../src/experiments/training/profile-numeric.ts";
import { weightedDraw } from "../../../src/lib/seeded-random.ts";
import { type ColumnFold, columnFold } from "../../../src/windows/fold-column.ts";
import type { Binning, ReferenceColumn, Tally } from "../../../src/windows/reference-column.ts";
import { binsFrom, binsOf, emptyTally, sumsFrom, TALLY } from "../../../src/windows/tally.ts";

/** A numeric column whose reference are these values, NaN for missing ones, in the bins of a profile. */
export function numberColumn(name: string, values: readonly number[]): ReferenceColumn {
  const { edges, std, distinct } = profileNumbers(Float64Array.from(values), true);
  const binning: Binning = {
    kind: "numbers",
    edges: edges ?? [],
    displayEdges: [],
    categories: [],
    hasSums: true,
    tail: null,
    words: null,
  };
  const tally = tallyOfNumbers(binning, values);
  return columnOf(name, "numeric", binning, { rows: values.length, tally, distinct, std });
}

function columnOf(
  name: string,
  kind: ReferenceColumn["kind"],
  binning: Binning,
  facts: Pick<ReferenceColumn, "rows" | "tally" | "distinct" | "std">,
): ReferenceColumn {
  return { name, kind, binning, ...facts, rare: null, unseenWordRate: null };
}

const folds = new WeakMap<Binning, ColumnFold>();

export function tallyOfNumbers(binning: Binning, values: readonly number[]): Tally {
  const tally = emptyTally(binning);
  const fold =
    folds.get(binning) ?? columnFold(columnOf("", "numeric", binning, { rows: 0, tally, distinct: null, std: null }));
  folds.set(binning, fold);
  fold({ numbers: Float64Array.from(values) }, tally);
  return tally;
}

/** A categorical column with these counts by category. */
export function categoryColumn(name: string, counts: readonly number[], missing = 0): ReferenceColumn {
  const categories = counts.map((_, index) => `category ${index}`);
  const binning: Binning = {
    kind: "categories",
    edges: [],
    displayEdges: [],
    categories,
    hasSums: false,
    tail: null,
    words: null,
  };
  const tally = tallyOfCategories(binning, counts, { missing });
  const rows = counts.reduce((sum, count) => sum + count, missing);
  const distinct = counts.filter((count) => count > 0).length;
  const that = (times: number) => counts.filter((count) => count === times).length;
  return {
    ...columnOf(name, "categorical", binning, { rows, tally, distinct, std: null }),
    rare: { once: that(1), twice: that(2) },
  };
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
  const [bins, sums] = [binsFrom(), sumsFrom(binning)];
  for (let row = 0; row < rows; row += 1) {
    const slot = draw();
    window[slot] = (window[slot] ?? 0) + 1;
    if (!binning.hasSums || slot < bins) continue;
    // Where the bin's values of the reference lie on average.
    const sum = sums + slot - bins;
    window[sum] = (window[sum] ?? 0) + (tally[sum] ?? 0) / (tally[slot] ?? 1);
  }
  return window;
}

/** A standard normal number (Box and Muller). */
export function normalDraw(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
