import type { Task } from "../engine/serving-plan.ts";
import { invalid } from "../errors.ts";
import { METRICS_AT_A_GLANCE } from "../experiments/metrics/metric-facts.ts";
import { COMPARISONS } from "./alert-kind.ts";
import { KINDS } from "./alert-kinds.ts";
import type { AlertKindId, alerts } from "./schema.ts";

/** What is judged: when it fires is `isBreached`. */
export type AlertRule = Pick<typeof alerts.$inferSelect, "kind" | "threshold" | "metric">;

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
    kind: AlertKindId;
    threshold?: number | null | undefined;
    metric?: string | null | undefined;
  },
): AlertRule {
  const { hasMetric, threshold: bounds } = KINDS[kind];
  const wanted = threshold ?? bounds.default;
  if (wanted === null || !bounds.isFit(wanted)) throw invalid("threshold", `threshold must be ${bounds.says}.`);
  if (!hasMetric) {
    if (metric) throw invalid("metric", `An alert of the kind ${kind} has no metric.`);
    return { kind, threshold: wanted, metric: null };
  }
  const judged = metric || headlineMetric(task);
  if (!METRICS[task].includes(judged))
    throw invalid("metric", `metric must be one of ${METRICS[task].join(", ")} for this task.`);
  return { kind, threshold: wanted, metric: judged };
}

/** The metric by which models of a task are compared first. */
export function headlineMetric(task: Task): string {
  return METRICS_AT_A_GLANCE[task][0] ?? METRICS[task][0] ?? "";
}

/** Whether a value is one that the alert fires at. */
export function isBreached({ kind, threshold, metric }: AlertRule, value: number): boolean {
  return COMPARISONS[KINDS[kind].fires(metric)].holds(value, threshold);
}
