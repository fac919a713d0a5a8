// A table of more classes than this is neither readable on a page nor small beside the other facts of a model.
const CONFUSION_LABELS_MAX = 100;

/** Rows by actual class, then by predicted class, both in the order of `labels`. */
export interface ConfusionMatrix {
  labels: string[];
  counts: number[][];
}

interface ClassCounts {
  actual: number;
  predicted: number;
  hits: number;
}

/** What the metrics of labels need to know of the rows. */
export interface LabelCounts {
  rows: number;
  hits: number;
  /** Rows without a predicted label; no class gets them. */
  unanswered: number;
  /** Every class that occurs as an actual or as a prediction. */
  classes: Map<string, ClassCounts>;
}

/** Counts actual and predicted labels, one entry a row. */
export function countLabels(actual: readonly string[], predicted: readonly (string | null)[]): LabelCounts {
  const counts: LabelCounts = { rows: actual.length, hits: 0, unanswered: 0, classes: new Map() };
  actual.forEach((label, row) => {
    const answer = predicted[row] ?? null;
    const truth = countsOf(counts, label);
    truth.actual++;
    if (answer === null) {
      counts.unanswered++;
      return;
    }
    countsOf(counts, answer).predicted++;
    if (answer === label) {
      truth.hits++;
      counts.hits++;
    }
  });
  return counts;
}

function countsOf({ classes }: LabelCounts, label: string): ClassCounts {
  const known = classes.get(label);
  if (known) return known;
  const fresh = { actual: 0, predicted: 0, hits: 0 };
  classes.set(label, fresh);
  return fresh;
}

/** The share of rows with the right label, 0..1; null for no rows. */
export function accuracy({ rows, hits }: LabelCounts): number | null {
  return ratio(hits, rows);
}

/** F1 of one class against all others, 0..1; null where the class neither occurs nor is predicted. */
export function f1({ classes }: LabelCounts, label: string): number | null {
  const counts = classes.get(label);
  return counts ? ratio(2 * counts.hits, counts.actual + counts.predicted) : null;
}

/** The plain mean of F1 over the classes that occur or are predicted, 0..1; null for no rows. */
export function macroF1({ classes }: LabelCounts): number | null {
  let sum = 0;
  for (const { hits, actual, predicted } of classes.values()) sum += (2 * hits) / (actual + predicted);
  return ratio(sum, classes.size);
}

/**
 * Matthews' correlation, -1..1, in Gorodkin's form for any number of classes; null for no rows. Where the actuals or the predictions
 * are all of one class it is 0, as in scikit-learn: such answers are no better than guessing.
 */
export function matthewsCorrelation(counts: LabelCounts): number | null {
  const { rows, hits, unanswered } = counts;
  let actualSquares = 0;
  let predictedSquares = unanswered ** 2;
  for (const { actual, predicted } of counts.classes.values()) {
    actualSquares += actual ** 2;
    predictedSquares += predicted ** 2;
  }
  if (rows === 0) return null;
  const spread = Math.sqrt((rows ** 2 - actualSquares) * (rows ** 2 - predictedSquares));
  return ratio(rows * hits - chanceHits(counts), spread) ?? 0;
}

/** Cohen's kappa, at most 1, unweighted; null where actuals and predictions are all of one and the same class. */
export function kappa(counts: LabelCounts): number | null {
  const { rows, hits } = counts;
  const chance = chanceHits(counts);
  return ratio(rows * hits - chance, rows ** 2 - chance);
}

/** `rows` times the hits to expect of predictions shuffled over the rows. */
function chanceHits({ classes }: LabelCounts): number {
  let sum = 0;
  for (const { actual, predicted } of classes.values()) sum += actual * predicted;
  return sum;
}

function ratio(numerator: number, denominator: number): number | null {
  return denominator === 0 ? null : numerator / denominator;
}

/**
 * Counts rows by actual and predicted class. `labels` come first and in their order, then, sorted, classes that
 * only the rows have. Rows without a prediction are not in it. Null for more than 100 classes.
 */
export function confusionMatrix(
  actual: readonly string[],
  predicted: readonly (string | null)[],
  labels: readonly string[] | null,
): ConfusionMatrix | null {
  const given = new Set(labels);
  const others = [...countLabels(actual, predicted).classes.keys()].filter((label) => !given.has(label));
  const all = [...given, ...others.toSorted()];
  if (all.length > CONFUSION_LABELS_MAX) return null;
  const position = new Map(all.map((label, index) => [label, index]));
  const counts = all.map(() => Array.from(all, () => 0));
  actual.forEach((label, row) => {
    const answer = predicted[row] ?? null;
    if (answer === null) return;
    const line = counts[position.get(label) ?? -1];
    const column = position.get(answer) ?? -1;
    if (line) line[column] = (line[column] ?? 0) + 1;
  });
  return { labels: all, counts };
}
