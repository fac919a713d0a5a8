import { rocAuc } from "../../experiments/metrics/metrics-scores.ts";
import { percentileInterval, REPLICATES } from "./bootstrap.ts";
import { NORMAL_QUANTILE } from "./intervals.ts";
import type { Calibration } from "../../experiments/trial/learn-calibration.ts";
import { INTERVAL_ROWS_MIN } from "./model-metrics.ts";
import type { MetricEstimate } from "./model-metrics.ts";
import { binomialDraw, seededRandom } from "../../lib/seeded-random.ts";

// Past this share of rows in bins that the reference never filled, the estimate would be a guess about other data.
const UNKNOWN_SHARE_MAX = 0.1;
const SEED = 2;

export interface EstimatedPerformance {
  accuracy: MetricEstimate;
  /** Of the second class; for binary only, as `roc_auc`. */
  f1?: MetricEstimate;
  roc_auc?: MetricEstimate;
}

/** Rows of one bin of the histogram, and how many of them are expected to be of the positive class. */
interface Bin {
  rows: number;
  chance: number;
  predictedPositive: boolean;
}

/**
 * Performance before labels arrive: confidence-based estimation (NannyML's CBPE) from windows. `histogram` counts rows by confidence in
 * bins of equal width over 0..1; each bin's rows are taken to come true as often as the calibration says of the bin's middle. Binary
 * predictions are taken to be the second class from 0.5 on; roc_auc counts rows of one bin as ties.
 *
 * The interval is the sampling interval: where the metric of this many rows lies in 95 of 100 cases if the calibration holds (accuracy by
 * the variance of the expected hits; f1 and roc_auc by 200 draws of labels with a fixed seed). It holds no error of the calibration
 * itself, and no estimate of this kind sees that the relation of features and target has changed.
 *
 * A bin that the calibration does not know lies on the line between its nearest known neighbours, or at the last known one.
 * Values are null for no rows, for a calibration that knows nothing, and where it does not know the bins of over 10 % of the rows.
 */
export function estimatePerformance(histogram: readonly number[], calibration: Calibration): EstimatedPerformance {
  const binary = calibration.of === "second_class";
  const bins = binsOf(histogram, calibration);
  const nothing = { value: null, interval: null };
  if (!bins) return binary ? { accuracy: nothing, f1: nothing, roc_auc: nothing } : { accuracy: nothing };
  const accuracy = expectedAccuracy(bins, binary);
  if (!binary) return { accuracy };
  const expected = bins.map(({ rows, chance }) => rows * chance);
  const drawn = drawnIntervals(bins);
  return {
    accuracy,
    f1: { value: f1Of(bins, expected), interval: drawn.f1 },
    roc_auc: { value: rocAucOf(bins, expected), interval: drawn.rocAuc },
  };
}

function binsOf(histogram: readonly number[], { outcomes }: Calibration): Bin[] | null {
  let unknown = 0;
  let all = 0;
  const bins: Bin[] = [];
  histogram.forEach((rows, bin) => {
    if (rows <= 0) return;
    const middle = (bin + 0.5) / histogram.length;
    const place = Math.floor(middle * outcomes.length);
    const known = outcomes[place] ?? null;
    all += rows;
    if (known === null) unknown += rows;
    const chance = known ?? chanceBetween(outcomes, place);
    if (chance !== null) bins.push({ rows, chance, predictedPositive: middle >= 0.5 });
  });
  return bins.length === 0 || unknown > all * UNKNOWN_SHARE_MAX ? null : bins;
}

function chanceBetween(outcomes: readonly (number | null)[], place: number): number | null {
  const known = outcomes.flatMap((outcome, at) => (outcome === null ? [] : [{ at, outcome }]));
  const below = known.findLast(({ at }) => at < place);
  const above = known.find(({ at }) => at > place);
  if (!below || !above) return (below ?? above)?.outcome ?? null;
  return below.outcome + ((above.outcome - below.outcome) * (place - below.at)) / (above.at - below.at);
}

function expectedAccuracy(bins: readonly Bin[], binary: boolean): MetricEstimate {
  let rows = 0;
  let hits = 0;
  let variance = 0;
  for (const bin of bins) {
    rows += bin.rows;
    hits += bin.rows * (binary && !bin.predictedPositive ? 1 - bin.chance : bin.chance);
    variance += bin.rows * bin.chance * (1 - bin.chance);
  }
  const value = hits / rows;
  const half = (NORMAL_QUANTILE * Math.sqrt(variance)) / rows;
  const known = rows >= INTERVAL_ROWS_MIN && half > 0;
  return { value, interval: known ? [Math.max(0, value - half), Math.min(1, value + half)] : null };
}

/** `positives` as many as are expected, or drawn, of each bin. */
function f1Of(bins: readonly Bin[], positives: readonly number[]): number | null {
  let hits = 0;
  let predicted = 0;
  let actual = 0;
  bins.forEach(({ rows, predictedPositive }, index) => {
    const of = positives[index] ?? 0;
    actual += of;
    if (!predictedPositive) return;
    predicted += rows;
    hits += of;
  });
  return predicted + actual === 0 ? null : (2 * hits) / (predicted + actual);
}

/** Bins are steps of the ranking, the highest first. */
function rocAucOf(bins: readonly Bin[], positives: readonly number[]): number | null {
  const steps = bins
    .map(({ rows }, index) => ({ positives: positives[index] ?? 0, negatives: rows - (positives[index] ?? 0) }))
    .reverse();
  const total = (side: "positives" | "negatives") => steps.reduce((sum, step) => sum + step[side], 0);
  return rocAuc({ positives: total("positives"), negatives: total("negatives"), steps });
}

function drawnIntervals(bins: readonly Bin[]): Record<"f1" | "rocAuc", MetricEstimate["interval"]> {
  const random = seededRandom(SEED);
  const f1: number[] = [];
  const rocAucs: number[] = [];
  if (bins.reduce((sum, { rows }) => sum + rows, 0) < INTERVAL_ROWS_MIN) return { f1: null, rocAuc: null };
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    const positives = bins.map(({ rows, chance }) => binomialDraw(random, rows, chance));
    const scores = { f1: f1Of(bins, positives), rocAuc: rocAucOf(bins, positives) };
    if (scores.f1 !== null) f1.push(scores.f1);
    if (scores.rocAuc !== null) rocAucs.push(scores.rocAuc);
  }
  return { f1: percentileInterval(f1), rocAuc: percentileInterval(rocAucs) };
}
