import type { Binning, Tally } from "../windows/reference-column.ts";
import { binsOf, slotOf } from "../windows/tally.ts";

/**
 * The q-quantile (0 <= q <= 1) of the numbers that a tally has counted, values taken as even within a bin: right to a bin's width. Of
 * whole numbers it is one, of its bin. Below and above the range it is the first and last edge. Null for categories, and without values.
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
      const value = from + ((to - from) * left) / count;
      return binning.isWhole ? wholeIn(value, from, to, bin === bins.length - 1) : value;
    }
    left -= count;
  }
  return last;
}

/** The whole number at or below a value of the bin from `from` up to `to`, which only the last bin holds itself. */
function wholeIn(value: number, from: number, to: number, isLast: boolean): number {
  const last = isLast ? Math.floor(to) : Math.ceil(to) - 1;
  return Math.min(Math.max(Math.floor(value), Math.ceil(from)), Math.max(last, Math.ceil(from)));
}
