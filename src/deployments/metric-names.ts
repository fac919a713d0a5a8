import type { ModelMetrics } from "../experiments/metrics.ts";
import type { experiments } from "../experiments/schema.ts";
import { formatNumber } from "../ui/format.ts";

type Task = (typeof experiments.$inferSelect)["task"];

/** How a metric is called on pages, and which way is better. */
export interface MetricName {
  label: string;
  better: "higher" | "lower";
}

const NAMES: Record<string, MetricName> = {
  accuracy: { label: "Accuracy", better: "higher" },
  roc_auc: { label: "ROC AUC", better: "higher" },
  average_precision: { label: "Average precision", better: "higher" },
  f1: { label: "F1", better: "higher" },
  macro_f1: { label: "Macro F1", better: "higher" },
  mcc: { label: "MCC", better: "higher" },
  kappa: { label: "Cohen's kappa", better: "higher" },
  log_loss: { label: "Log loss", better: "lower" },
  brier: { label: "Brier loss", better: "lower" },
  ece: { label: "Calibration error", better: "lower" },
  rmse: { label: "RMSE", better: "lower" },
  mae: { label: "MAE", better: "lower" },
  mape: { label: "MAPE", better: "lower" },
  r2: { label: "R²", better: "higher" },
};

/** The names of the metrics in the order in which they are shown: what a task is judged by first. */
export const METRIC_ORDER: readonly string[] = Object.keys(NAMES);

/** A metric's name for people; one that is not known is shown as it is. */
export function metricName(key: string): MetricName | { label: string; better: null } {
  return NAMES[key] ?? { label: key, better: null };
}

const KEY_METRICS: Record<Task, string[]> = {
  regression: ["rmse", "mae"],
  binary_classification: ["roc_auc", "accuracy"],
  multiclass_classification: ["accuracy"],
  anomaly_detection: [],
};

/** The one number by which models of a task are told apart, such as "RMSE 12.3"; null where nothing was measured. */
export function keyMetric(task: Task, metrics: ModelMetrics | null): string | null {
  for (const key of KEY_METRICS[task]) {
    const value = metrics?.values[key];
    if (value !== null && value !== undefined) return `${metricName(key).label} ${formatNumber(value)}`;
  }
  return null;
}
