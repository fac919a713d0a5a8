import { expectedCalibrationError } from "./metrics-calibration.ts";
import { averagePrecision, brierScore, logLoss, rankScores, rocAuc } from "./metrics-scores.ts";

/** What a model says of each class, row by row. */
export interface ProbabilityTable {
  /** Column by label. */
  columns: Map<string, number>;
  width: number;
  /** Row-major; null: there are no labels, or a probability is missing or not finite. */
  values: Float64Array | null;
}

/** Throws RangeError where `given` is not `labels.length` probabilities a row. */
export function probabilityTable(
  labels: readonly string[],
  given: readonly (number | null)[],
  rows: number,
): ProbabilityTable {
  const width = labels.length;
  if (given.length !== rows * width) {
    throw new RangeError(`${given.length} probabilities do not make ${rows} rows of ${width} labels`);
  }
  const columns = new Map(labels.map((label, column) => [label, column]));
  const values = Float64Array.from(given, (value) => value ?? Number.NaN);
  return { columns, width, values: width > 0 && values.every(Number.isFinite) ? values : null };
}

/**
 * `roc_auc`, `average_precision`, `log_loss`, `brier`, `ece` of the probability of `positive`; without it only log_loss is known.
 * Throws RangeError where `positive` is not among the labels.
 */
export function binaryProbabilityMetrics(
  actual: readonly string[],
  { columns, width, values }: ProbabilityTable,
  positive: string | undefined,
): Record<string, number | null> {
  const metrics = {
    roc_auc: null,
    average_precision: null,
    log_loss: null,
    brier: null,
    ece: null,
  };
  const column = positive === undefined ? undefined : columns.get(positive);
  if (positive !== undefined && column === undefined) {
    throw new RangeError(`the positive class "${positive}" is not among the labels`);
  }
  if (values === null) return metrics;
  const log_loss = logLoss(trueColumns(actual, columns), values, width);
  if (column === undefined) return { ...metrics, log_loss };
  const scores = new Float64Array(actual.length).map((_, row) => values[row * width + column] ?? Number.NaN);
  const outcomes = Uint8Array.from(actual, (label) => (label === positive ? 1 : 0));
  const known = Uint8Array.from(actual, (label) => (columns.has(label) ? 1 : 0));
  const ranking = rankScores(outcomes, scores);
  return {
    roc_auc: rocAuc(ranking),
    average_precision: averagePrecision(ranking),
    log_loss,
    brier: brierScore(outcomes, known, scores),
    ece: expectedCalibrationError(outcomes, scores),
  };
}

/** `log_loss`, and `ece` of the likeliest label (the first of equally likely ones). */
export function multiclassProbabilityMetrics(
  actual: readonly string[],
  { columns, width, values }: ProbabilityTable,
): Record<string, number | null> {
  if (values === null) return { log_loss: null, ece: null };
  const truth = trueColumns(actual, columns);
  const confidences = new Float64Array(actual.length);
  const correct = new Uint8Array(actual.length);
  for (let row = 0; row < actual.length; row++) {
    const probabilities = values.subarray(row * width, (row + 1) * width);
    const highest = probabilities.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
    confidences[row] = highest;
    correct[row] = truth[row] === probabilities.indexOf(highest) ? 1 : 0;
  }
  return {
    log_loss: logLoss(truth, values, width),
    ece: expectedCalibrationError(correct, confidences),
  };
}

/** The column of each actual, -1 for a class that the model does not know. */
function trueColumns(actual: readonly string[], columns: ReadonlyMap<string, number>): Int32Array {
  return Int32Array.from(actual, (label) => columns.get(label) ?? -1);
}
