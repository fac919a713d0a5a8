import type { Task } from "../engine/serving-plan.ts";
import { AppError } from "../errors.ts";
import { betterMetric, METRICS_AT_A_GLANCE } from "../experiments/metrics/metric-facts.ts";
import type { alerts, AlertKind } from "./schema.ts";

/** What is judged: when it fires is `isBreached`. */
export type AlertRule = Pick<typeof alerts.$inferSelect, "kind" | "threshold" | "metric">;

/** Thresholds for those who name none; a metric has none that suits all. */
export const THRESHOLDS: Record<AlertKind, number | null> = {
  drift: 1,
  errors: 0.05,
  latency: 1_000,
  performance: null,
  not_running: 2,
};

/** What each threshold may be, with the words for one that is not. */
const BOUNDS: Record<AlertKind, { isFit: (threshold: number) => boolean; says: string }> = {
  drift: {
    isFit: (columns) => Number.isInteger(columns) && columns >= 1 && columns <= 5_000,
    says: "a whole number of columns, 1 or more",
  },
  errors: { isFit: (share) => share > 0 && share <= 1, says: "a share of calls above 0, and 1 at most" },
  latency: { isFit: (ms) => ms > 0 && ms <= 600_000, says: "a number of milliseconds above 0, and 600000 at most" },
  performance: { isFit: Number.isFinite, says: "a value of the metric" },
  not_running: {
    isFit: (minutes) => minutes >= 1 && minutes <= 10_080,
    says: "a number of minutes from 1 to 10080",
  },
};

/** Metrics that are measured on labelled rows, by task, the headline first where metric-facts.ts names none. */
export const METRICS: Record<Task, readonly string[]> = {
  regression: ["rmse", "mae", "mape", "r2"],
  binary_classification: ["roc_auc", "average_precision", "accuracy", "f1", "mcc", "log_loss", "brier", "ece"],
  multiclass_classification: ["accuracy", "macro_f1", "kappa", "log_loss", "ece"],
  anomaly_detection: ["f1", "accuracy", "mcc"],
};

/** The rule that an input asks for, with the defaults in place. Throws 422 `invalid_input` for what cannot be judged. */
export function alertRule(
  task: Task,
  {
    kind,
    threshold,
    metric,
  }: {
    kind: AlertKind;
    threshold?: number | null | undefined;
    metric?: string | null | undefined;
  },
): AlertRule {
  const wanted = threshold ?? THRESHOLDS[kind];
  const { isFit, says } = BOUNDS[kind];
  if (wanted === null || !isFit(wanted)) throw refusal("threshold", `threshold must be ${says}.`);
  if (kind !== "performance") {
    if (metric) throw refusal("metric", "Only alerts of performance have a metric.");
    return { kind, threshold: wanted, metric: null };
  }
  const judged = metric || headlineMetric(task);
  if (!METRICS[task].includes(judged))
    throw refusal("metric", `metric must be one of ${METRICS[task].join(", ")} for this task.`);
  return { kind, threshold: wanted, metric: judged };
}

/** The metric by which models of a task are compared first. */
export function headlineMetric(task: Task): string {
  return METRICS_AT_A_GLANCE[task][0] ?? METRICS[task][0] ?? "";
}

/** Whether a value is one that the alert is for: a metric that is worse than its threshold, of everything else what is at it or above. */
export function isBreached({ kind, threshold, metric }: AlertRule, value: number): boolean {
  if (kind !== "performance") return value >= threshold;
  return betterMetric(metric ?? "") === "lower" ? value > threshold : value < threshold;
}

function refusal(path: string, message: string): AppError {
  return new AppError("invalid_input", message, { errors: [{ path, message }] });
}
