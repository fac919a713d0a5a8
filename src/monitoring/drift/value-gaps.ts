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
 * The area between two cumulative distributions from edge `from` to edge `to`: the Wasserstein distance, in units of the column, of values
 * that are moved to these edges where they are beyond. Values are spread evenly around the mean of their bin, as far as it has room.
 */
export function gapsBetween(
  edges: readonly number[],
  reference: BinnedShares,
  current: BinnedShares,
  { from, to }: { from: number; to: number },
): number {
  let gap = reference.below - current.below;
  let area = 0;
  for (let bin = 0; bin < to; bin += 1) {
    const [f, g] = [reference.bins[bin] ?? 0, current.bins[bin] ?? 0];
    if (bin >= from) {
      const size = gapInBin(
        gap,
        { share: f, mean: reference.means[bin] ?? 0.5 },
        { share: g, mean: current.means[bin] ?? 0.5 },
      );
      // Twice half a width is never too large for a double.
      area += size * ((edges[bin + 1] ?? 0) / 2 - (edges[bin] ?? 0) / 2) * 2;
    }
    gap += f - g;
  }
  return area;
}

interface InBin {
  share: number;
  mean: number;
}

// A bin whose values are all at its mean is as good as one of this width.
const NARROW = 1e-9;

/** The mean of |F - G| over a bin, where they differ by `gap` at its beginning. */
function gapInBin(gap: number, reference: InBin, current: InBin): number {
  const end = gap + reference.share - current.share;
  const isOneSided = reference.share === 0 || current.share === 0;
  // Where the gap keeps its sign, the means of the values say its area exactly.
  if (isOneSided && gap * end >= 0)
    return Math.abs(gap + reference.share * (1 - reference.mean) - current.share * (1 - current.mean));
  const spans = [spanOf(reference), spanOf(current)] as const;
  const at = (x: number) => gap + reached(reference.share, spans[0], x) - reached(current.share, spans[1], x);
  const knots = [0, spans[0].low, spans[0].high, spans[1].low, spans[1].high, 1].sort((one, other) => one - other);
  let area = 0;
  let before = gap;
  for (let knot = 1; knot < knots.length; knot += 1) {
    const [x, width] = [knots[knot] ?? 1, (knots[knot] ?? 1) - (knots[knot - 1] ?? 0)];
    const here = at(x);
    area += width * meanSize(before, here);
    before = here;
  }
  return area;
}

function spanOf({ mean }: InBin): { low: number; high: number } {
  const half = Math.max(NARROW, Math.min(mean, 1 - mean));
  return { low: Math.max(0, mean - half), high: Math.min(1, mean + half) };
}

function reached(share: number, { low, high }: { low: number; high: number }, x: number): number {
  return share * Math.min(1, Math.max(0, (x - low) / (high - low)));
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
