import type { Interval } from "./intervals.ts";

/** The chance that the sequence ever misses the true mean. */
export const ALPHA = 0.05;
/** The number of rows at which the sequence is narrowest for its kind. */
export const TUNED_FOR_ROWS = 500;
// The sequence is asymptotic: of fewer pairs the running standard deviation is not to be trusted.
export const PAIRS_MIN = 30;

/** What makes a sequence of level `alpha` narrowest at `rows`: rho of arXiv 2103.06476. */
export function sequenceRho(alpha: number, rows: number): number {
  const level = -2 * Math.log(alpha);
  return Math.sqrt((level + Math.log(level + 1)) / rows);
}

const RHO_SQUARED = sequenceRho(ALPHA, TUNED_FOR_ROWS) ** 2;

/**
 * Half the width of the 95 % asymptotic confidence sequence after n values of standard deviation 1 (Waudby-Smith et al., arXiv 2103.06476):
 * sqrt(2 (n rho^2 + 1) / (n^2 rho^2) ln(sqrt(n rho^2 + 1) / alpha)). It falls with n.
 */
export function sequenceHalfWidth(n: number): number {
  const grown = n * RHO_SQUARED + 1;
  return Math.sqrt(((2 * grown) / (n * n * RHO_SQUARED)) * Math.log(Math.sqrt(grown) / ALPHA));
}

/** What a confidence sequence says of the mean of values after all of them. */
export interface SequenceState {
  n: number;
  /** Of all values; NaN for none. */
  mean: number;
  /** Divided by n - 1; 0 for one value. */
  deviation: number;
  /**
   * What all intervals from the 30th value on have in common; where the mean of all values is not in that, the last interval by itself.
   * Null before.
   */
  interval: Interval | null;
  /** The mean of all values is outside of what the intervals have in common: most likely it changed on the way. */
  changed: boolean;
  /** The number of values after which the interval first left out 0; null while it never did. */
  decidedAt: number | null;
}

/** Whether what the intervals have in common can still be about the mean of all values. */
function holds(low: number, high: number, mean: number): boolean {
  return low <= mean && mean <= high;
}

/**
 * Follows `values` one by one, in their order, as somebody who looks after each of them. All intervals together hold a mean that does not
 * change with probability 95 %, so does what they have in common. If the mean does change, each interval holds the average of the
 * means so far, and their common part means nothing: hence the last one where the mean has left that.
 */
export function followSequence(values: Float64Array): SequenceState {
  let mean = 0;
  let squares = 0;
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  let half = Number.NaN;
  let decidedAt: number | null = null;
  let n = 0;
  for (const value of values) {
    n++;
    const step = value - mean;
    mean += step / n;
    squares += step * (value - mean);
    if (n < PAIRS_MIN) continue;
    half = sequenceHalfWidth(n) * Math.sqrt(squares / (n - 1));
    low = Math.max(low, mean - half);
    high = Math.min(high, mean + half);
    const [from, to] = holds(low, high, mean) ? [low, high] : [mean - half, mean + half];
    if (decidedAt === null && (from > 0 || to < 0)) decidedAt = n;
  }
  const changed = n >= PAIRS_MIN && !holds(low, high, mean);
  const last: Interval = changed ? [mean - half, mean + half] : [low, high];
  return {
    n,
    mean: n === 0 ? Number.NaN : mean,
    deviation: n < 2 ? 0 : Math.sqrt(squares / (n - 1)),
    interval: n < PAIRS_MIN ? null : last,
    changed,
    decidedAt,
  };
}
