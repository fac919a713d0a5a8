import type { Ranking } from "../../experiments/metrics/metrics-scores.ts";

/** The 0.975 quantile of the normal distribution: intervals are two-sided, of 95 %. */
export const NORMAL_QUANTILE = 1.959963984540054;

/** From, to, in units of the metric; holds the true value in about 95 of 100 samples. */
export type Interval = [low: number, high: number];

/** Of a share of rows, by Wilson (1927): it is right near 0 and 1 too. */
export function wilsonInterval(hits: number, rows: number): Interval {
  const square = NORMAL_QUANTILE ** 2 / rows;
  const share = hits / rows;
  const centre = (share + square / 2) / (1 + square);
  const half = Math.sqrt(share * (1 - share) * square + square ** 2 / 4) / (1 + square);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** Of the mean of losses, none of which is below 0: mean +- 1.96 standard errors, not below 0. */
export function meanInterval(losses: Float64Array): Interval {
  const { mean, error } = meanAndError(losses);
  return aroundMean(mean, error);
}

/** Of the root of the mean of `squares`, by the delta method: the standard error is that of the mean / (2 root). */
export function rootMeanInterval(squares: Float64Array): Interval {
  const { mean, error } = meanAndError(squares);
  const root = Math.sqrt(mean);
  return aroundMean(root, error / (2 * root));
}

/** Of ROC AUC by DeLong, DeLong and Clarke-Pearson (1988), within 0..1. Needs two rows of each side; null for fewer. */
export function delongInterval({ positives, negatives, steps }: Ranking): Interval | null {
  if (positives < 2 || negatives < 2) return null;
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
  const half = NORMAL_QUANTILE * Math.sqrt(variance);
  return [Math.max(0, area - half), Math.min(1, area + half)];
}

function aroundMean(mean: number, error: number): Interval {
  return [Math.max(0, mean - NORMAL_QUANTILE * error), mean + NORMAL_QUANTILE * error];
}

function meanAndError(values: Float64Array): { mean: number; error: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length) };
}
