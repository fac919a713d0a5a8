import { reliabilityCurve } from "../../experiments/metrics/metrics-calibration.ts";
import { confusionMatrix } from "../../experiments/metrics/metrics-labels.ts";
import { rankScores } from "../../experiments/metrics/metrics-scores.ts";
import { classificationMetrics, regressionMetrics } from "../../experiments/metrics/metrics.ts";
import type { ModelRole } from "../../windows/answer-counts.ts";
import { averagePrecisionInterval, calibrationErrorInterval, confusionIntervals, r2Interval } from "./bootstrap.ts";
import { confidencesOf } from "../../experiments/trial/confidences.ts";
import { delongInterval, meanInterval, rootMeanInterval, wilsonInterval } from "./intervals.ts";
import type { Interval } from "./intervals.ts";
import { answeredLabels, answeredNumbers, scoredLabels } from "./labelled-rows.ts";
import type { AnsweredLabels, AnsweredNumbers, LabelledClasses, LabelledRows, ScoredLabels } from "./labelled-rows.ts";
import { absoluteErrors, brierLosses, logLosses, relativeErrors, squaredErrors } from "./row-losses.ts";

// An interval of fewer rows would rest on its assumptions more than on the rows.
export const INTERVAL_ROWS_MIN = 10;

export interface MetricEstimate {
  /** Null where the metric is not defined for these rows. */
  value: number | null;
  /** 95 %; null for fewer than 10 rows, and where rows without any spread cannot say how far off the value is. */
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
 * The same with an interval each. By formula: accuracy (Wilson), mae, mape, log_loss, brier (mean +- 1.96 standard errors), rmse (delta
 * method), roc_auc (DeLong). By a bootstrap of 200 replicates with a fixed seed: f1, macro_f1, mcc, kappa (at most 100 classes),
 * r2, average_precision, ece. Intervals take rows to be independent.
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
  return {
    rmse: rootMeanInterval(squaredErrors(answered)),
    mae: meanInterval(absoluteErrors(answered)),
    mape: meanInterval(relativeErrors(answered)),
    r2: typeof r2 === "number" ? r2Interval(answered, r2) : null,
  };
}

function labelIntervals(
  { actual, predicted }: AnsweredLabels,
  { accuracy }: MetricValues,
  positive: string | undefined,
): Record<string, Interval | null> {
  const matrix = confusionMatrix(actual, predicted, null);
  return {
    ...(matrix && confusionIntervals(matrix, positive)),
    accuracy: wilsonInterval(Math.round((accuracy ?? 0) * actual.length), actual.length),
  };
}

function scoreIntervals(
  scored: ScoredLabels,
  { average_precision, ece }: MetricValues,
  positive: string | undefined,
): Record<string, Interval | null> {
  const sure = confidencesOf(scored, positive);
  const shared = {
    log_loss: meanInterval(logLosses(scored)),
    ece:
      sure && typeof ece === "number"
        ? calibrationErrorInterval(reliabilityCurve(sure.outcomes, sure.confidences), ece)
        : null,
  };
  if (!sure || positive === undefined) return shared;
  const ranking = rankScores(sure.outcomes, sure.confidences);
  return {
    ...shared,
    brier: meanInterval(brierLosses(scored, positive, sure.confidences)),
    roc_auc: delongInterval(ranking),
    average_precision:
      typeof average_precision === "number" ? averagePrecisionInterval(ranking, average_precision) : null,
  };
}

function estimates(
  values: MetricValues,
  rows: number,
  intervalsOf: () => Record<string, Interval | null>,
): MetricEstimates {
  const intervals = rows < INTERVAL_ROWS_MIN ? {} : intervalsOf();
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
