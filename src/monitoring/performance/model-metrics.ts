import { reliabilityCurve } from "../../experiments/metrics/metrics-calibration.ts";
import { confusionMatrix, type ConfusionMatrix } from "../../experiments/metrics/metrics-labels.ts";
import { rankScores } from "../../experiments/metrics/metrics-scores.ts";
import { classificationMetrics, regressionMetrics } from "../../experiments/metrics/metrics.ts";
import type { ModelRole } from "../../windows/answer-counts.ts";
import { averagePrecisionInterval, calibrationErrorInterval, confusionIntervals } from "./bootstrap.ts";
import { confidencesOf } from "../../experiments/trial/confidences.ts";
import { lossInterval, r2Interval, rocAucInterval, rootMeanInterval, shareInterval } from "./intervals.ts";
import type { Interval } from "./intervals.ts";
import { answeredLabels, answeredNumbers, scoredLabels } from "./labelled-rows.ts";
import type { AnsweredLabels, AnsweredNumbers, LabelledClasses, LabelledRows, ScoredLabels } from "./labelled-rows.ts";
import { absoluteErrors, brierLosses, logLosses, squaredErrors } from "./row-losses.ts";

// An interval of fewer rows would rest on its assumptions more than on the rows. That of accuracy rests on none.
export const INTERVAL_ROWS_MIN = 30;
/** Of two classes, each needs as many labelled rows for an interval, but for that of accuracy. */
export const CLASS_ROWS_MIN = 10;
/** Squares of errors have longer tails than errors, and show them later; kappa leans on the rare cells of many. */
const SQUARES_ROWS_MIN = 100;
// In fewer positive rows average precision is too easily perfect.
const RANKED_ROWS_MIN = 20;
// Of fewer rows the interval of accuracy is nearly all of 0..1.
const SHARE_ROWS_MIN = 10;

export interface MetricEstimate {
  /** Null where the metric is not defined for these rows. */
  value: number | null;
  /** 95 %; null for too few rows, and where rows without any spread cannot say how far off the value is. */
  interval: Interval | null;
}

export type MetricValues = Record<string, number | null>;
export type MetricEstimates = Record<string, MetricEstimate>;

/**
 * The metrics of one model by snake_case name, over the rows that it answered: those of the experiment's own page (metrics.ts), where
 * anomaly detection has `accuracy`, `f1` of the anomaly and `mcc`. Metrics of probabilities are over the rows that have all of them.
 * `positive` is as of positiveLabel over all rows, so that it is one for both models and any part of the rows. Null: no such model.
 */
export function metricValues(rows: LabelledRows, role: ModelRole, positive: string | undefined): MetricValues | null {
  if (rows.task === "regression") {
    const answered = answeredNumbers(rows, role);
    return answered && regressionMetrics(answered.actual, answered.predicted);
  }
  const answered = answeredLabels(rows, role);
  return answered && labelValues(rows.task, answered, comparableScores(rows, role, positive), positive);
}

/**
 * The same with an interval each. By formula: accuracy (Clopper and Pearson), rmse, mae, r2, log_loss, brier (Hall), roc_auc (Newcombe).
 * By 400 draws with a fixed seed: f1, macro_f1, mcc, kappa (at most 100 classes), average_precision, ece. None of mape. But for accuracy
 * they need 30 rows, rmse, r2 and kappa 100, average_precision 20 positive rows, and 10 of either class of two (macro_f1: of each class).
 * Intervals take rows to be independent. docs/performance.md has how often they hold.
 */
export function metricEstimates(
  rows: LabelledRows,
  role: ModelRole,
  positive: string | undefined,
): MetricEstimates | null {
  if (rows.task === "regression") {
    const answered = answeredNumbers(rows, role);
    if (!answered) return null;
    const values = regressionMetrics(answered.actual, answered.predicted);
    return estimates(values, answered.actual.length, () => numberIntervals(answered, values));
  }
  const answered = answeredLabels(rows, role);
  if (!answered) return null;
  const scored = comparableScores(rows, role, positive);
  const values = labelValues(rows.task, answered, scored, positive);
  return {
    ...(scored && estimates(values, scored.actual.length, () => scoreIntervals(scored, values, positive))),
    ...estimates(withoutScores(values), answered.actual.length, () => labelIntervals(answered, values, positive)),
  };
}

const OF_PROBABILITIES: ReadonlySet<string> = new Set(["roc_auc", "average_precision", "log_loss", "brier", "ece"]);

function withoutScores(values: MetricValues): MetricValues {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !OF_PROBABILITIES.has(name)));
}

/** Null where the model does not know the class that the metrics are about, and for anomalies. */
function comparableScores(rows: LabelledClasses, role: ModelRole, positive: string | undefined): ScoredLabels | null {
  if (rows.task === "multiclass_classification") return scoredLabels(rows, role);
  if (rows.task === "anomaly_detection" || positive === undefined) return null;
  const scored = scoredLabels(rows, role);
  return scored?.labels.includes(positive) ? scored : null;
}

function labelValues(
  task: LabelledClasses["task"],
  answered: AnsweredLabels,
  scored: ScoredLabels | null,
  positive: string | undefined,
): MetricValues {
  const about = {
    task: task === "multiclass_classification" ? task : ("binary_classification" as const),
    ...(positive !== undefined && { positive }),
  };
  const whole = scored?.actual.length === answered.actual.length;
  const ofScores = scored && classificationMetrics({ ...scored, probabilities: [...scored.probabilities], ...about });
  if (ofScores && whole) return ofScores;
  // No labels, rather than unknown ones: without a positive class none shall be taken from the rows at hand.
  return { ...ofScores, ...classificationMetrics({ ...answered, labels: [], probabilities: null, ...about }) };
}

function numberIntervals(answered: AnsweredNumbers, { r2 }: MetricValues): Record<string, Interval | null> {
  const rows = answered.actual.length;
  if (rows < INTERVAL_ROWS_MIN) return {};
  const mae = lossInterval(absoluteErrors(answered));
  if (rows < SQUARES_ROWS_MIN) return { mae };
  const squares = squaredErrors(answered);
  // None of mape: actuals near zero, one of which may come, leave its mean without bounds.
  return {
    mae,
    rmse: rootMeanInterval(squares),
    r2: typeof r2 === "number" ? r2Interval(answered.actual, squares, r2) : null,
  };
}

function labelIntervals(
  { actual, predicted }: AnsweredLabels,
  { accuracy }: MetricValues,
  positive: string | undefined,
): Record<string, Interval | null> {
  const matrix = isEnough(actual, positive) ? confusionMatrix(actual, predicted, null) : null;
  return {
    ...(matrix && withoutRare(confusionIntervals(matrix, positive), matrix, positive)),
    accuracy: shareInterval(Math.round((accuracy ?? 0) * actual.length), actual.length),
  };
}

/** Whether rows, and of two classes each of both, are enough for intervals. */
function isEnough(actual: readonly string[], positive: string | undefined): boolean {
  if (actual.length < INTERVAL_ROWS_MIN) return false;
  if (positive === undefined) return true;
  const positives = actual.filter((label) => label === positive).length;
  return Math.min(positives, actual.length - positives) >= CLASS_ROWS_MIN;
}

/** Of more than two classes the mean of F1 needs enough rows of each, and kappa as many rows as squares do. */
function withoutRare(
  intervals: Record<string, Interval | null>,
  { counts }: ConfusionMatrix,
  positive: string | undefined,
): Record<string, Interval | null> {
  if (positive !== undefined) return intervals;
  const sizes = counts.map((line) => line.reduce((sum, count) => sum + count, 0));
  const rows = sizes.reduce((sum, size) => sum + size, 0);
  return {
    ...intervals,
    ...(sizes.some((size) => size < CLASS_ROWS_MIN) && { macro_f1: null }),
    ...(rows < SQUARES_ROWS_MIN && { kappa: null }),
  };
}

function scoreIntervals(
  scored: ScoredLabels,
  { average_precision, ece }: MetricValues,
  positive: string | undefined,
): Record<string, Interval | null> {
  if (!isEnough(scored.actual, positive)) return {};
  const sure = confidencesOf(scored, positive);
  const shared = {
    log_loss: lossInterval(logLosses(scored)),
    ece:
      sure && typeof ece === "number"
        ? calibrationErrorInterval(reliabilityCurve(sure.outcomes, sure.confidences), ece)
        : null,
  };
  if (!sure || positive === undefined) return shared;
  const ranking = rankScores(sure.outcomes, sure.confidences);
  return {
    ...shared,
    brier: lossInterval(brierLosses(scored, positive, sure.confidences)),
    roc_auc: rocAucInterval(ranking),
    average_precision:
      typeof average_precision === "number" && ranking.positives >= RANKED_ROWS_MIN
        ? averagePrecisionInterval(ranking, average_precision)
        : null,
  };
}

function estimates(
  values: MetricValues,
  rows: number,
  intervalsOf: () => Record<string, Interval | null>,
): MetricEstimates {
  const intervals = rows < SHARE_ROWS_MIN ? {} : intervalsOf();
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { value, interval: settled(value, intervals[name] ?? null) }]),
  );
}

/** Rows without spread (every answer right, every error the same) have an interval of no width, which would claim certainty. */
function settled(value: number | null, interval: Interval | null): Interval | null {
  if (value === null || !interval) return null;
  const width = interval[1] - interval[0];
  return Number.isFinite(width) && width > 0 ? interval : null;
}
