import type { ReliabilityBin } from "../../experiments/metrics/metrics-calibration.ts";
import { f1, kappa, macroF1, matthewsCorrelation } from "../../experiments/metrics/metrics-labels.ts";
import type { ConfusionMatrix, LabelCounts } from "../../experiments/metrics/metrics-labels.ts";
import { averagePrecision } from "../../experiments/metrics/metrics-scores.ts";
import type { Ranking } from "../../experiments/metrics/metrics-scores.ts";
import { quantile } from "../../lib/histogram.ts";
import type { Interval } from "./intervals.ts";
import { binomialDraw, gammaDraw, multinomialDraw, seededRandom } from "../../lib/seeded-random.ts";
import { studentAbove } from "../drift/special-functions.ts";

export const REPLICATES = 400;
/** Rows that one replicate draws at most, which bounds the time; of more rows the spread is scaled down to their number. */
const ROWS_MAX = 5000;
/** What the prior of a confusion matrix weighs, in rows. */
const PRIOR_ROWS = 2;
/** Shares that are drawn for a confusion matrix, about: 1,000 replicates of few classes, 200 of a hundred. */
const DRAWS_MAX = 400_000;
const SEED = 1;

/**
 * Intervals of `f1` (of `positive`), `mcc`, `macro_f1` and `kappa`: 2.5 % and 97.5 % quantiles over 200 to 1,000 confusion matrices that
 * could be behind the one at hand. Shares of its cells are drawn from their Dirichlet distribution, to which prior rows of a weight of
 * two in all, evenly over the cells (of two classes: Jeffreys' prior), lend what cells without rows could hold. Unlike rows drawn anew,
 * that covers rare classes. A metric that fewer than half of the draws define has none.
 */
export function confusionIntervals(
  matrix: ConfusionMatrix,
  positive: string | undefined,
): Record<string, Interval | null> {
  const random = seededRandom(SEED);
  const prior = PRIOR_ROWS / matrix.labels.length ** 2;
  const cells = matrix.labels.flatMap((actual, line) =>
    matrix.labels.map((predicted, column) => ({ actual, predicted, count: matrix.counts[line]?.[column] ?? 0 })),
  );
  const replicates = Math.min(1000, Math.max(200, Math.round(DRAWS_MAX / cells.length)));
  const f1s: number[] = [];
  const mccs: number[] = [];
  const macros: number[] = [];
  const kappas: number[] = [];
  for (let replicate = 0; replicate < replicates; replicate++) {
    const labels = labelCounts(cells.map((cell) => ({ ...cell, count: gammaDraw(random, cell.count + prior) })));
    keep(f1s, positive === undefined ? null : f1(labels, positive));
    keep(mccs, matthewsCorrelation(labels));
    keep(macros, macroF1(labels));
    keep(kappas, kappa(labels));
  }
  return {
    f1: percentileInterval(f1s, replicates),
    mcc: percentileInterval(mccs, replicates),
    macro_f1: percentileInterval(macros, replicates),
    kappa: percentileInterval(kappas, replicates),
  };
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

/**
 * Of average precision, within 0..1: on the scale of log odds, the value +- Student's quantile (of one degree of freedom less than there
 * are positive rows) times the standard deviation over 400 replicates of rows drawn anew. `value` is that of all rows. Null where the
 * replicates do not differ.
 */
export function averagePrecisionInterval(ranking: Ranking, value: number): Interval | null {
  const { positives, negatives, steps } = thinnedRanking(ranking);
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
  // A value of exactly 0 or 1 has no log odds: it stands half a row away.
  const logOdds = (share: number): number => {
    const inside = Math.min(Math.max(share, 0.5 / all), 1 - 0.5 / all);
    return Math.log(inside / (1 - inside));
  };
  const spread = deviation(drawn.map(logOdds)) * Math.sqrt(rows / all);
  if (drawn.length < REPLICATES / 2 || !(spread > 0)) return null;
  const half = studentAbove(0.025, Math.max(1, ranking.positives - 1)) * spread;
  return [share(logOdds(value) - half), share(logOdds(value) + half)];
}

function share(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
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
 * Of the expected calibration error whose reliability curve is `bins`: rows are drawn anew 400 times by bin and outcome, their confidence
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
export function percentileInterval(values: readonly number[], drawn = REPLICATES): Interval | null {
  if (values.length < drawn / 2) return null;
  const sorted = Float64Array.from(values).sort();
  const [low, high] = [quantile(sorted, 0.025), quantile(sorted, 0.975)];
  return low < high ? [low, high] : null;
}
