import type { ReliabilityBin } from "../../experiments/metrics/metrics-calibration.ts";
import { f1, kappa, macroF1, matthewsCorrelation } from "../../experiments/metrics/metrics-labels.ts";
import type { ConfusionMatrix, LabelCounts } from "../../experiments/metrics/metrics-labels.ts";
import { averagePrecision } from "../../experiments/metrics/metrics-scores.ts";
import type { Ranking } from "../../experiments/metrics/metrics-scores.ts";
import { regressionMetrics } from "../../experiments/metrics/metrics.ts";
import { quantile } from "../../lib/histogram.ts";
import type { Interval } from "./intervals.ts";
import type { AnsweredNumbers } from "./labelled-rows.ts";
import { binomialDraw, multinomialDraw, seededRandom } from "../../lib/seeded-random.ts";

export const REPLICATES = 200;
/** Rows that one replicate draws at most, which bounds the time; of more rows the spread is scaled down to their number. */
const ROWS_MAX = 5000;
// With fewer positive rows in a replicate the average precision jumps about and says little.
const POSITIVES_MIN = 10;
const SEED = 1;

/**
 * Percentile intervals of `f1` (of `positive`), `mcc`, `macro_f1` and `kappa`: the confusion matrix is drawn anew 200 times.
 * A metric that fewer than half of the draws define has none.
 */
export function confusionIntervals(
  matrix: ConfusionMatrix,
  positive: string | undefined,
): Record<string, Interval | null> {
  const random = seededRandom(SEED);
  const cells = matrix.labels.flatMap((actual, line) =>
    matrix.labels.flatMap((predicted, column) => {
      const count = matrix.counts[line]?.[column] ?? 0;
      return count > 0 ? [{ actual, predicted, count }] : [];
    }),
  );
  const counts = cells.map(({ count }) => count);
  const drawn: Record<string, number[]> = { f1: [], mcc: [], macro_f1: [], kappa: [] };
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    const draw = multinomialDraw(random, counts);
    const labels = labelCounts(cells.map((cell, index) => ({ ...cell, count: draw[index] ?? 0 })));
    keep(drawn["f1"], positive === undefined ? null : f1(labels, positive));
    keep(drawn["mcc"], matthewsCorrelation(labels));
    keep(drawn["macro_f1"], macroF1(labels));
    keep(drawn["kappa"], kappa(labels));
  }
  return Object.fromEntries(Object.entries(drawn).map(([name, values]) => [name, percentileInterval(values)]));
}

function labelCounts(cells: readonly { actual: string; predicted: string; count: number }[]): LabelCounts {
  const counts: LabelCounts = { rows: 0, hits: 0, unanswered: 0, classes: new Map() };
  const classOf = (label: string) => {
    const known = counts.classes.get(label) ?? { actual: 0, predicted: 0, hits: 0 };
    counts.classes.set(label, known);
    return known;
  };
  for (const { actual, predicted, count } of cells) {
    if (count === 0) continue;
    counts.rows += count;
    classOf(actual).actual += count;
    classOf(predicted).predicted += count;
    if (actual !== predicted) continue;
    classOf(actual).hits += count;
    counts.hits += count;
  }
  return counts;
}

/** Of R2: rows are drawn anew 200 times. `value` is that of all rows. */
export function r2Interval({ actual, predicted }: AnsweredNumbers, value: number): Interval | null {
  const random = seededRandom(SEED);
  const drawn: number[] = [];
  const size = Math.min(actual.length, ROWS_MAX);
  const truth = new Float64Array(size);
  const answer = new Float64Array(size);
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    for (let index = 0; index < size; index++) {
      const row = Math.floor(random() * actual.length);
      truth[index] = actual[row] ?? 0;
      answer[index] = predicted[row] ?? 0;
    }
    keep(drawn, regressionMetrics(truth, answer)["r2"] ?? null);
  }
  return scaled(percentileInterval(drawn), value, value, size / actual.length);
}

/** Of average precision: rows are drawn anew 200 times. `value` is that of all rows. Null for few positive rows. */
export function averagePrecisionInterval(ranking: Ranking, value: number): Interval | null {
  const thinned = thinnedRanking(ranking);
  const { positives, negatives, steps } = thinned;
  const thinnedValue = averagePrecision(thinned);
  if (positives < POSITIVES_MIN || thinnedValue === null) return null;
  const rows = positives + negatives;
  const random = seededRandom(SEED);
  const times = new Uint16Array(rows);
  const drawn: number[] = [];
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    times.fill(0);
    for (let index = 0; index < rows; index++) {
      const row = Math.floor(random() * rows);
      times[row] = (times[row] ?? 0) + 1;
    }
    keep(drawn, averagePrecision(redrawn(steps, times)));
  }
  const all = ranking.positives + ranking.negatives;
  return scaled(percentileInterval(drawn), thinnedValue, value, rows / all);
}

/** Of more than 5,000 rows every n-th positive and every n-th negative one, down the ranking, so that about 5,000 are left. */
function thinnedRanking(ranking: Ranking): Ranking {
  const share = ROWS_MAX / (ranking.positives + ranking.negatives);
  if (share >= 1) return ranking;
  const seen = { positives: 0, negatives: 0 };
  const thin = (side: keyof typeof seen, count: number) => {
    const before = Math.round(seen[side] * share);
    seen[side] += count;
    return Math.round(seen[side] * share) - before;
  };
  const steps = ranking.steps
    .map(({ positives, negatives }) => ({
      positives: thin("positives", positives),
      negatives: thin("negatives", negatives),
    }))
    .filter(({ positives, negatives }) => positives + negatives > 0);
  return { positives: Math.round(seen.positives * share), negatives: Math.round(seen.negatives * share), steps };
}

/** `times` says how often each row was drawn, down the ranking, the positives of a step first. A step without any is left out. */
function redrawn(steps: Ranking["steps"], times: Uint16Array): Ranking {
  const ranking: Ranking = { positives: 0, negatives: 0, steps: [] };
  let row = 0;
  const draws = (count: number) => {
    let sum = 0;
    for (const end = row + count; row < end; row++) sum += times[row] ?? 0;
    return sum;
  };
  for (const step of steps) {
    const of = { positives: draws(step.positives), negatives: draws(step.negatives) };
    if (of.positives + of.negatives === 0) continue;
    ranking.steps.push(of);
    ranking.positives += of.positives;
    ranking.negatives += of.negatives;
  }
  return ranking;
}

/**
 * Of the expected calibration error whose reliability curve is `bins`: rows are drawn anew 200 times by bin and outcome, their confidence
 * being the mean of the bin. Replicates lie above the value, for noise adds to what is a sum of magnitudes: so the interval is the basic
 * one of the bootstrap, 2 value - percentiles (the percentiles themselves never hold the truth of a calibrated model). It starts at 0
 * where a perfectly calibrated model would show as much in more than one of 20 samples.
 */
export function calibrationErrorInterval(bins: readonly ReliabilityBin[], value: number): Interval | null {
  const random = seededRandom(SEED);
  const cells = bins.flatMap(({ rows, meanOutcome }) => {
    const positives = Math.round(rows * (meanOutcome ?? 0));
    return [positives, rows - positives];
  });
  const drawn: number[] = [];
  const calibrated: number[] = [];
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    const draw = multinomialDraw(random, cells);
    const drawnBins = bins.map((bin, index) => {
      const positives = draw[2 * index] ?? 0;
      return { ...bin, positives, rows: positives + (draw[2 * index + 1] ?? 0) };
    });
    drawn.push(meanGap(drawnBins));
    const fair = bins.map((bin) => ({ ...bin, positives: binomialDraw(random, bin.rows, bin.meanConfidence ?? 0) }));
    calibrated.push(meanGap(fair));
  }
  const found = percentileInterval(drawn);
  if (!found) return null;
  const chance = quantile(Float64Array.from(calibrated).sort(), 0.95);
  const low = value <= chance ? 0 : Math.max(0, 2 * value - found[1]);
  return [low, Math.min(1, Math.max(value, 2 * value - found[0]))];
}

function meanGap(bins: readonly { rows: number; positives: number; meanConfidence: number | null }[]): number {
  let gaps = 0;
  let all = 0;
  for (const { rows, positives, meanConfidence } of bins) {
    gaps += Math.abs(rows * (meanConfidence ?? 0) - positives);
    all += rows;
  }
  return gaps / all;
}

function keep(values: number[] | undefined, value: number | null): void {
  if (value !== null) values?.push(value);
}

/**
 * From the 2.5 % to the 97.5 % quantile of what replicates gave. Null where fewer than half of them gave a value, and where all
 * gave the same, which would claim certainty.
 */
export function percentileInterval(values: readonly number[]): Interval | null {
  if (values.length < REPLICATES / 2) return null;
  const sorted = Float64Array.from(values).sort();
  const [low, high] = [quantile(sorted, 0.025), quantile(sorted, 0.975)];
  return low < high ? [low, high] : null;
}

/**
 * Where a replicate drew but a `share` of the rows, around `centre`: its spread goes around the value of all rows, scaled by the root
 * of the share. Nothing changes where it drew as many as there are.
 */
function scaled(interval: Interval | null, centre: number, value: number, share: number): Interval | null {
  if (!interval || share >= 1) return interval;
  const shrink = Math.sqrt(share);
  return [value + (interval[0] - centre) * shrink, value + (interval[1] - centre) * shrink];
}
