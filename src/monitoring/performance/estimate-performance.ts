import { rocAuc } from "../../experiments/metrics/metrics-scores.ts";
import type { Calibration } from "../../experiments/trial/learn-calibration.ts";
import { binomialDraw, seededRandom } from "../../lib/seeded-random.ts";
import type { Interval } from "./intervals.ts";
import { INTERVAL_ROWS_MIN, type MetricEstimate } from "./model-metrics.ts";
import { quantile } from "../../lib/histogram.ts";

/** Past this share of rows with scores beyond all of the holdout's, the estimate would be a guess about other data. */
const BEYOND_SHARE_MAX = 0.1;
/** With fewer holdout rows, or rows of either outcome, nothing is known of how often scores come true. */
const HOLDOUT_ROWS_MIN = 100;
const HOLDOUT_OUTCOMES_MIN = 20;
const REPLICATES = 400;
const SEED = 2;

export const ESTIMATED_METRICS = ["accuracy", "f1", "roc_auc"] as const;
export type EstimatedMetric = (typeof ESTIMATED_METRICS)[number];

/** What is to be expected of rows, or why that cannot be said. */
export type Estimate =
  | { state: "no_rows" | "few_holdout_rows" | "scores_beyond_holdout" }
  | {
      state: "estimated";
      /** `f1` (of the second class) and `roc_auc` for two classes only. */
      metrics: Partial<Record<EstimatedMetric, MetricEstimate>>;
      /** The values of the metrics in 400 draws. */
      draws: Partial<Record<EstimatedMetric, Float64Array>>;
    };

/** Rows of one bin: those that got the second class (of more classes: all), and the others. */
interface Bin {
  said: number;
  other: number;
  /** Rows of the holdout, and the share of them that came true; without any, that of the neighbourhood. */
  known: number;
  chance: number;
  /** The share that came true in the neighbourhood, above 0 and below 1. */
  around: number;
}

/**
 * Performance before labels arrive (confidence-based estimation, as NannyML's CBPE). `counts` are rows by the bins of the calibration:
 * those that were answered with the second class, then the others; of more classes, all rows, then zeros. Rows of a bin are taken to come
 * true as often as those of the holdout did; in a bin without such rows, as often as the isotonic regression over all bins says. Labels
 * are those that were answered.
 *
 * Intervals are 2.5 % to 97.5 % quantiles over 400 draws with a fixed seed. Each draws anew how many rows of the holdout came true, and
 * how many of the rows in question do, both with the chance of the isotonic regression, and adds what came out above or below it. No
 * estimate of this kind sees that the relation of features and target has changed.
 */
export function estimatePerformance(counts: ArrayLike<number>, calibration: Calibration): Estimate {
  const bins = binsOf(counts, calibration);
  const rows = sum(bins.map(({ said, other }) => said + other));
  if (rows === 0) return { state: "no_rows" };
  const known = sum(calibration.rows);
  const hits = sum(calibration.hits);
  if (known < HOLDOUT_ROWS_MIN || Math.min(hits, known - hits) < HOLDOUT_OUTCOMES_MIN)
    return { state: "few_holdout_rows" };
  if (rowsBeyond(bins) > rows * BEYOND_SHARE_MAX) return { state: "scores_beyond_holdout" };
  const isBinary = calibration.of === "second_class";
  const filled = bins.filter(({ said, other }) => said + other > 0);
  const came = filled.map(({ said, other, chance }) => ({ said: said * chance, other: other * chance }));
  const expected = valuesOf(filled, came, isBinary);
  const draws = drawn(filled, isBinary);
  const metrics: Partial<Record<EstimatedMetric, MetricEstimate>> = {};
  for (const name of ESTIMATED_METRICS) {
    const value = expected[name];
    const values = draws[name];
    if (value === undefined || !values) continue;
    metrics[name] = { value, interval: rows < INTERVAL_ROWS_MIN ? null : drawnInterval(values, 0.025) };
  }
  return { state: "estimated", metrics, draws };
}

/** What lies between the quantiles `tail` and 1 - `tail` of draws; null where too few of them have a value, or all the same. */
export function drawnInterval(draws: Float64Array, tail: number): Interval | null {
  const values = draws.filter(Number.isFinite).sort();
  if (values.length < draws.length / 2) return null;
  const [low, high] = [quantile(values, tail), quantile(values, 1 - tail)];
  return low < high ? [low, high] : null;
}

function binsOf(counts: ArrayLike<number>, { rows, hits }: Calibration): Bin[] {
  const around = isotonicShares(rows, hits);
  return rows.map((known, bin) => ({
    said: counts[bin] ?? 0,
    other: counts[rows.length + bin] ?? 0,
    known,
    chance: known === 0 ? (around[bin] ?? 0) : (hits[bin] ?? 0) / known,
    around: around[bin] ?? 0,
  }));
}

/**
 * The never falling shares of hits by bin that are nearest by weighted squares (pool adjacent violators), each pool with half a hit in
 * one more row; bins without rows have the share on the line between their neighbours.
 */
export function isotonicShares(rows: readonly number[], hits: readonly number[]): number[] {
  const pools: { from: number; to: number; rows: number; hits: number }[] = [];
  rows.forEach((count, bin) => {
    if (count === 0) return;
    let pool = { from: bin, to: bin, rows: count, hits: hits[bin] ?? 0 };
    for (let last = pools.at(-1); last && last.hits * pool.rows >= pool.hits * last.rows; last = pools.at(-1)) {
      pools.pop();
      pool = { from: last.from, to: pool.to, rows: last.rows + pool.rows, hits: last.hits + pool.hits };
    }
    pools.push(pool);
  });
  let place = 0;
  return rows.map((_, bin) => {
    while (place < pools.length - 1 && bin >= (pools[place + 1]?.from ?? 0)) place++;
    const [pool, next] = [pools[place], pools[place + 1]];
    if (!pool) return 0.5;
    const share = (pool.hits + 0.5) / (pool.rows + 1);
    if (bin <= pool.to || !next) return share;
    const above = (next.hits + 0.5) / (next.rows + 1);
    return share + ((above - share) * (bin - pool.to)) / (next.from - pool.to);
  });
}

/** Rows whose score lies below or above every score of the holdout, by whole bins. */
function rowsBeyond(bins: readonly Bin[]): number {
  const first = bins.findIndex(({ known }) => known > 0);
  const last = bins.findLastIndex(({ known }) => known > 0);
  return sum(bins.map(({ said, other }, bin) => (bin < first || bin > last ? said + other : 0)));
}

function drawn(bins: readonly Bin[], isBinary: boolean): Partial<Record<EstimatedMetric, Float64Array>> {
  const random = seededRandom(SEED);
  const names = isBinary ? ESTIMATED_METRICS : (["accuracy"] as const);
  const draws: Partial<Record<EstimatedMetric, Float64Array>> = {};
  for (const name of names) draws[name] = new Float64Array(REPLICATES);
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    const came = bins.map(({ said, other, known, chance, around }) => {
      const off = (rows: number): number => binomialDraw(random, rows, around) - rows * around;
      // What is not known is known as badly as one row would tell it.
      const learnt = chance + off(Math.max(known, 1)) / Math.max(known, 1);
      return { said: said * learnt + off(said), other: other * learnt + off(other) };
    });
    const values = valuesOf(bins, came, isBinary);
    for (const name of names) draws[name]?.set([inside(values[name])], replicate);
  }
  return draws;
}

/** Sums of draws can leave 0..1 a little; NaN where a metric has no value. */
function inside(value: number | null | undefined): number {
  return value === null || value === undefined ? Number.NaN : Math.min(Math.max(value, 0), 1);
}

/** The metrics where of each bin `came` rows came true. */
function valuesOf(
  bins: readonly Bin[],
  came: readonly Pick<Bin, "said" | "other">[],
  isBinary: boolean,
): Partial<Record<EstimatedMetric, number | null>> {
  let rows = 0;
  let said = 0;
  let right = 0;
  let missed = 0;
  bins.forEach((bin, index) => {
    rows += bin.said + bin.other;
    said += bin.said;
    right += came[index]?.said ?? 0;
    missed += came[index]?.other ?? 0;
  });
  if (!isBinary) return { accuracy: right / rows };
  const positives = right + missed;
  const steps = bins
    .map((bin, index) => {
      const of = (came[index]?.said ?? 0) + (came[index]?.other ?? 0);
      return { positives: of, negatives: bin.said + bin.other - of };
    })
    .reverse();
  return {
    accuracy: (right + (rows - said - missed)) / rows,
    f1: said + positives <= 0 ? null : (2 * right) / (said + positives),
    roc_auc: rocAuc({ positives, negatives: rows - positives, steps }),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
