import { PLACES } from "../../lib/place-in-bin.ts";
import type { Binning, Tally } from "../../windows/reference-column.ts";
import { binsOf, slotOf, sumsOf } from "../../windows/tally.ts";
import { totalOf } from "./counts.ts";

/** Numbers that were counted by ascending bins, as shares of all of them. */
export interface BinnedShares {
  rows: number;
  below: number;
  bins: Float64Array;
  /** Where the mean of a bin's values lies in it, 0 to 1; the middle where that was not counted. */
  means: Float64Array;
  /** How far values are below the first edge, and above the last, on average over all numbers. */
  belowBy: number;
  aboveBy: number;
}

/** The numbers of a tally as shares; null where it has none. */
export function binnedShares(binning: Binning, tally: Tally): BinnedShares | null {
  const counts = binsOf(binning, tally);
  const sums = sumsOf(binning, tally);
  const rows = totalOf(counts) + slotOf(tally, "below") + slotOf(tally, "above");
  if (rows === 0) return null;
  return {
    rows,
    below: slotOf(tally, "below") / rows,
    bins: counts.map((count) => count / rows),
    means: counts.map((count, bin) => (sums && count > 0 ? (sums[bin] ?? 0) / count / PLACES : 0.5)),
    belowBy: slotOf(tally, "belowBy") / rows,
    aboveBy: slotOf(tally, "aboveBy") / rows,
  };
}

/**
 * The area between two cumulative distributions in each bin, in units of the column. Their sum from one edge to another is the
 * Wasserstein distance of values that are moved to these edges where they are beyond. Values are spread evenly around the mean of their
 * bin, as far as it has room.
 */
export function gapsBetween(edges: readonly number[], reference: BinnedShares, current: BinnedShares): Float64Array {
  let gap = reference.below - current.below;
  return reference.bins.map((share, bin) => {
    const before = gap;
    const other = current.bins[bin] ?? 0;
    gap += share - other;
    const size = gapInBin(before, share, reference.means[bin] ?? 0.5, other, current.means[bin] ?? 0.5);
    // Twice half a width is never too large for a double.
    return size * ((edges[bin + 1] ?? 0) / 2 - (edges[bin] ?? 0) / 2) * 2;
  });
}

// A bin whose values are all at its mean is as good as one of this width.
const NARROW = 1e-9;
/**
 * Where the gap of a bin bends: its ends, and those of both spreads. Written anew for each bin, as this runs for each bin of each window.
 */
const knots = new Float64Array(6);

/** The mean of |F - G| over a bin, where they differ by `gap` at its beginning; `f` and `g` are the shares of both in it. */
function gapInBin(gap: number, f: number, meanOfF: number, g: number, meanOfG: number): number {
  // Where the gap cannot change its sign, the means of the values say its area exactly.
  if (gap >= g || gap <= -f) return Math.abs(gap + f * (1 - meanOfF) - g * (1 - meanOfG));
  const halfOfF = Math.max(NARROW, Math.min(meanOfF, 1 - meanOfF));
  const halfOfG = Math.max(NARROW, Math.min(meanOfG, 1 - meanOfG));
  const [lowF, lowG] = [Math.max(0, meanOfF - halfOfF), Math.max(0, meanOfG - halfOfG)];
  const [highF, highG] = [Math.min(1, meanOfF + halfOfF), Math.min(1, meanOfG + halfOfG)];
  knots.set([0, lowF, highF, lowG, highG, 1]);
  knots.sort();
  let area = 0;
  let from = 0;
  let before = gap;
  for (const x of knots) {
    const here = gap + f * reached(lowF, highF, x) - g * reached(lowG, highG, x);
    area += (x - from) * meanSize(before, here);
    from = x;
    before = here;
  }
  return area;
}

function reached(low: number, high: number, x: number): number {
  return Math.min(1, Math.max(0, (x - low) / (high - low)));
}

/** The mean of the absolute values on the straight line from `from` to `to`. */
function meanSize(from: number, to: number): number {
  const size = Math.abs(from) + Math.abs(to);
  if (from * to >= 0) return size / 2;
  return (from * from + to * to) / (2 * size);
}

/** Mean and standard deviation of numbers that are moved to the edges `from` and `to` where they are beyond. In units of the column. */
export function spreadBetween(
  edges: readonly number[],
  { below, bins, means }: BinnedShares,
  { from, to }: { from: number; to: number },
): number {
  const points: [value: number, share: number, within: number][] = [];
  let outer = below;
  for (let bin = 0; bin < from; bin += 1) outer += bins[bin] ?? 0;
  points.push([edges[from] ?? 0, outer, 0]);
  let total = outer;
  for (let bin = from; bin < to; bin += 1) {
    const [low, high] = [edges[bin] ?? 0, edges[bin + 1] ?? 0];
    const mean = means[bin] ?? 0.5;
    const half = Math.min(mean, 1 - mean) * (high - low);
    points.push([low + mean * (high - low), bins[bin] ?? 0, (half * half) / 3]);
    total += bins[bin] ?? 0;
  }
  points.push([edges[to] ?? 0, Math.max(0, 1 - total), 0]);
  const mean = points.reduce((sum, [value, share]) => sum + value * share, 0);
  return Math.sqrt(points.reduce((sum, [value, share, within]) => sum + share * ((value - mean) ** 2 + within), 0));
}
