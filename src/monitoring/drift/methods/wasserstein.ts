import { type BinnedNumbers, binnedNumbers, isOrdered, orderedCounts, totalOf } from "../counts.ts";
import type { DistanceMethod } from "../drift-method.ts";

/** Compares the numbers that are there, those out of range included. */
export const wasserstein: DistanceMethod<"wasserstein"> = {
  id: "wasserstein",
  kind: "distance",
  label: "Wasserstein distance",
  statisticLabel: "The Wasserstein distance (in standard deviations of the reference)",
  suits: isOrdered,
  blindTo: ["missing"],
  thresholds: { warning: 0.1, drift: 0.1 },
  compare({ binning, tally, std }, current) {
    const [from, to] = [binnedNumbers(binning, tally), binnedNumbers(binning, current)];
    return wassersteinOverStd(binning.edges, from, to, std);
  },
  comparedRows: ({ binning }, tally) => totalOf(orderedCounts(binning, tally)),
  withoutDrift: {
    power: 0.5,
    isSquared: false,
    simulate({ binning, tally, std }) {
      const reference = { ...binnedNumbers(binning, tally), below: 0, above: 0, belowBy: 0, aboveBy: 0 };
      return {
        weights: reference.bins,
        distance: (bins) => wassersteinOverStd(binning.edges, reference, { ...reference, bins }, std),
      };
    },
  },
};

// Evidently's floor of the standard deviation, for references that hardly vary.
const STD_MIN = 0.001;

/**
 * The Wasserstein distance of two sets of numbers over the standard deviation of the reference (at least 0.001): the integral
 * of |F - G|, with values spread evenly inside their bin, and those outside at how far they are outside. Against the values
 * themselves it errs by at most the mean width of the bins that they are in. Null where either has no value.
 */
export function wassersteinOverStd(
  edges: readonly number[],
  reference: BinnedNumbers,
  current: BinnedNumbers,
  std: number | null,
): number | null {
  const n = countOf(reference);
  const m = countOf(current);
  if (n === 0 || m === 0) return null;
  const unit = Math.max(std ?? 0, STD_MIN);
  let gap = reference.below / n - current.below / m;
  let sum = 0;
  for (let bin = 0; bin < reference.bins.length; bin += 1) {
    const next = gap + (reference.bins[bin] ?? 0) / n - (current.bins[bin] ?? 0) / m;
    sum += meanSize(gap, next) * widthIn(unit, edges[bin] ?? 0, edges[bin + 1] ?? 0);
    gap = next;
  }
  sum +=
    excess(reference.belowBy, n, current.belowBy, m, unit) + excess(reference.aboveBy, n, current.aboveBy, m, unit);
  // An infinite value is infinitely far away, which JSON cannot say.
  return Math.min(sum, Number.MAX_VALUE);
}

function countOf({ bins, below, above }: BinnedNumbers): number {
  let sum = below + above;
  for (const count of bins) sum += count;
  return sum;
}

/** The mean of the absolute values on the straight line from `from` to `to`. */
function meanSize(from: number, to: number): number {
  const size = Math.abs(from) + Math.abs(to);
  if (from * to >= 0) return size / 2;
  return (from * from + to * to) / (2 * size);
}

function widthIn(unit: number, from: number, to: number): number {
  const width = to - from;
  return Number.isFinite(width) ? width / unit : to / unit - from / unit;
}

function excess(reference: number, n: number, current: number, m: number, unit: number): number {
  if (reference === current && n === m) return 0;
  return Math.abs(reference / n / unit - current / m / unit);
}
