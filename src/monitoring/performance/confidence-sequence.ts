import type { Interval } from "./intervals.ts";

/** The chance that the sequence ever misses the true mean. */
export const ALPHA = 0.05;
/** The number of rows at which the sequence is narrowest for its kind. */
export const TUNED_FOR_ROWS = 500;
// The sequence is asymptotic: of fewer pairs the running standard deviation is not to be trusted.
export const PAIRS_MIN = 30;
/** Models that hardly ever differ would else be taken to never do so, as long as they have not. */
export const DIFFERING_MIN = 10;

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
  /** How many values are not 0. */
  differing: number;
  /** Of all values; NaN for none. */
  mean: number;
  /** Of the values and one more, of 0; 0 for no values. */
  deviation: number;
  /** Null before the 30th value, and before the 10th that is not 0. */
  interval: Interval | null;
  /** The number of values after which the interval first left out 0; null while it never did. */
  decidedAt: number | null;
}

/**
 * Follows `values` one by one, in their order, as somebody who looks after each of them. All intervals together hold the mean with
 * probability 95 %; if the mean changes on the way, each of them holds the average of the means so far. They are asymptotic, hence the
 * least numbers of values; the additional value of 0 keeps the deviation above 0 where all values are the same.
 */
export function followSequence(values: Float64Array): SequenceState {
  let mean = 0;
  let squares = 0;
  let deviation = 0;
  let interval: Interval | null = null;
  let decidedAt: number | null = null;
  let n = 0;
  let differing = 0;
  for (const value of values) {
    n++;
    if (value !== 0) differing++;
    const step = value - mean;
    mean += step / n;
    squares += step * (value - mean);
    // What one more value of 0 adds to the squares around their common mean.
    deviation = Math.sqrt((squares + (mean * mean * n) / (n + 1)) / n);
    if (n < PAIRS_MIN || differing < DIFFERING_MIN) continue;
    const half = sequenceHalfWidth(n) * deviation;
    interval = [mean - half, mean + half];
    if (decidedAt === null && (interval[0] > 0 || interval[1] < 0)) decidedAt = n;
  }
  return { n, differing, mean: n === 0 ? Number.NaN : mean, deviation, interval, decidedAt };
}
