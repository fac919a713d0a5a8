import type { Ranking } from "../../experiments/metrics/metrics-scores.ts";
import { betaQuantile, bisect } from "../drift/special-functions.ts";

/** The 0.975 quantile of the normal distribution: intervals are two-sided, of 95 %. */
export const NORMAL_QUANTILE = 1.959963984540054;

/** From, to, in units of the metric; docs/performance.md says how often it holds the true value. */
export type Interval = [low: number, high: number];

/** Of a share of rows, by Clopper and Pearson (1934): it holds the true share in at least 95 of 100 samples, also near 0 and 1. */
export function shareInterval(hits: number, rows: number): Interval {
  return [
    hits === 0 ? 0 : betaQuantile(0.025, hits, rows - hits + 1),
    hits === rows ? 1 : betaQuantile(0.975, hits + 1, rows - hits),
  ];
}

// How many standard errors an end is moved out by for each unit of skewness / root of rows, and at most: see meanInterval.
const WIDENED_BY = 2;
const WIDENED_MAX = 1.5;

/**
 * Of the mean of values: Student's statistic with its skewness taken out by Hall's cubic (P. Hall, 1992, On the removal of skewness by
 * transformation). Where the tail is long, the rows at hand most likely lack the largest values, and the skewness of the sample is too
 * low: the end on that side is then taken at up to 3.46 standard errors instead of 1.96, by the skewness over the root of the rows
 * (of `tail` for the upper end, if that is more skewed than the values). Null for fewer than 3 values, and for values that are all equal.
 */
export function meanInterval(values: Float64Array, tail = values): Interval | null {
  const { n, mean, error, skew } = momentsOf(values);
  if (n < 3 || !(error > 0) || !Number.isFinite(error)) return null;
  const reach = (side: number) => NORMAL_QUANTILE + Math.min(Math.max(WIDENED_BY * side, 0), WIDENED_MAX);
  const above = tail === values ? skew : Math.max(skew, momentsOf(tail).skew);
  return [mean - error * withoutSkew(reach(-skew), skew), mean - error * withoutSkew(-reach(above), skew)];
}

/** Mean, its standard error, and the skewness (of Fisher and Pearson, corrected for small samples) over the root of n. */
function momentsOf(values: Float64Array): { n: number; mean: number; error: number; skew: number } {
  const n = values.length;
  const mean = meanOf(values);
  let squares = 0;
  let cubes = 0;
  for (const value of values) {
    const deviation = value - mean;
    squares += deviation ** 2;
    cubes += deviation ** 3;
  }
  const error = Math.sqrt(squares / (n - 1) / n);
  const skew = ((cubes / n / (squares / n) ** 1.5) * Math.sqrt(n - 1)) / (n - 2);
  return { n, mean, error, skew };
}

/** The t at which Hall's t + a t²/3 + a² t³/27 + a/6 is y, where a is the skewness over the root of the rows. */
function withoutSkew(y: number, a: number): number {
  return Math.abs(a) < 1e-9 ? y : (3 / a) * (Math.cbrt(1 + a * (y - a / 6)) - 1);
}

/** The same for losses, none of which is below 0. */
export function lossInterval(losses: Float64Array): Interval | null {
  const interval = meanInterval(losses);
  return interval && [Math.max(0, interval[0]), interval[1]];
}

/** Of the root of the mean of `squares`: the roots of the ends of that mean's interval. */
export function rootMeanInterval(squares: Float64Array): Interval | null {
  const interval = lossInterval(squares);
  return interval && [Math.sqrt(interval[0]), Math.sqrt(interval[1])];
}

/**
 * Of R2 = 1 - r, where r = mean(e²) / mean(d²), e are errors and d the distances of the actuals from their mean: the interval of the
 * mean of the influence of rows on ln r, e² / mean(e²) - d² / mean(d²), around ln r. Null for errors of 0 throughout.
 */
export function r2Interval(actual: Float64Array, squares: Float64Array, r2: number): Interval | null {
  const mean = meanOf(actual);
  const spreads = actual.map((value) => (value - mean) ** 2);
  const [error, spread] = [meanOf(squares), meanOf(spreads)];
  const influence = meanInterval(
    squares.map((square, row) => square / error - (spreads[row] ?? 0) / spread),
    squares,
  );
  return influence && [1 - (1 - r2) * Math.exp(influence[1]), 1 - (1 - r2) * Math.exp(influence[0])];
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/**
 * Of ROC AUC, within 0..1: the areas A from which the value is no further than 1.96 standard errors of A, by Newcombe (2006, method 5),
 * whose variance is that of Hanley and McNeil in terms of A alone. Where DeLong's variance of the rows at hand is larger than Newcombe's
 * at the value, the latter is scaled up to it. Unlike DeLong's own interval it is right for few rows of one class and near 1.
 * Null where a class has fewer than two rows.
 */
export function rocAucInterval(ranking: Ranking): Interval | null {
  const { positives, negatives } = ranking;
  if (positives < 2 || negatives < 2) return null;
  const { area, variance } = delong(ranking);
  const more = (positives + negatives) / 2 - 1;
  const newcombe = (of: number): number =>
    (of * (1 - of) * (1 + (more * (1 - of)) / (2 - of) + (more * of) / (1 + of))) / (positives * negatives);
  const own = newcombe(area);
  const scale = NORMAL_QUANTILE * Math.sqrt(own > 0 ? Math.max(1, variance / own) : 1);
  const isNear = (of: number): boolean => Math.abs(of - area) <= scale * Math.sqrt(newcombe(of));
  return [area === 0 ? 0 : bisect(0, area, (of) => !isNear(of)), area === 1 ? 1 : bisect(area, 1, isNear)];
}

/** The area and its variance by DeLong, DeLong and Clarke-Pearson (1988). */
function delong({ positives, negatives, steps }: Ranking): { area: number; variance: number } {
  let area = 0;
  let positivesAbove = 0;
  let negativesBelow = negatives;
  // The share of the other side that a row of this step wins against, a tie counting half.
  const placed = steps.map((step) => {
    negativesBelow -= step.negatives;
    const positive = (negativesBelow + step.negatives / 2) / negatives;
    const negative = (positivesAbove + step.positives / 2) / positives;
    positivesAbove += step.positives;
    area += (step.positives * positive) / positives;
    return { ...step, positive, negative };
  });
  let positiveSpread = 0;
  let negativeSpread = 0;
  for (const step of placed) {
    positiveSpread += step.positives * (step.positive - area) ** 2;
    negativeSpread += step.negatives * (step.negative - area) ** 2;
  }
  const variance = positiveSpread / (positives - 1) / positives + negativeSpread / (negatives - 1) / negatives;
  return { area, variance };
}
