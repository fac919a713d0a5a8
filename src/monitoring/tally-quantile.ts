import type { Binning, Tally } from "../windows/reference-column.ts";
import { binsOf, slotOf } from "../windows/tally.ts";

/**
 * The q-quantile (0 <= q <= 1) of the numbers that a tally has counted, values taken as even within a bin: right to a bin's width. Below
 * and above the range it is the first and last edge. Null for categories, and without values.
 */
export function tallyQuantile(binning: Binning, tally: Tally, q: number): number | null {
  const { edges } = binning;
  const bins = binsOf(binning, tally);
  const [first, last] = [edges[0], edges.at(-1)];
  if (first === undefined || last === undefined) return null;
  const below = slotOf(tally, "below");
  const total = bins.reduce((sum, count) => sum + count, below + slotOf(tally, "above"));
  if (total === 0) return null;
  let left = q * total - below;
  if (left < 0) return first;
  for (const [bin, count] of bins.entries()) {
    if (count > 0 && left <= count) {
      const [from, to] = [edges[bin] ?? first, edges[bin + 1] ?? last];
      return from + ((to - from) * left) / count;
    }
    left -= count;
  }
  return last;
}
