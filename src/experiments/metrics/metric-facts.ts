import type { Task } from "../../engine/serving-plan.ts";
import { formatNumber, formatPercent } from "../../lib/format.ts";
import type { ModelLine } from "../page-queries.ts";

interface MetricFacts {
  label: string;
  better: "higher" | "lower";
  hint: string;
}

const FACTS: Record<string, MetricFacts> = {
  rmse: { label: "RMSE", better: "lower", hint: "Root of the mean squared error, in units of the target" },
  mae: { label: "MAE", better: "lower", hint: "Mean absolute error, in units of the target" },
  mape: { label: "MAPE", better: "lower", hint: "Mean absolute error relative to the actual" },
  r2: { label: "R²", better: "higher", hint: "Share of the target's variance that is explained; 1 is perfect" },
  accuracy: { label: "Accuracy", better: "higher", hint: "Share of rows with the right class" },
  f1: { label: "F1", better: "higher", hint: "Harmonic mean of precision and recall of the positive class" },
  mcc: { label: "MCC", better: "higher", hint: "Matthews' correlation, from −1 to 1; 0 is guessing" },
  roc_auc: { label: "ROC AUC", better: "higher", hint: "How well the classes are ranked; 0.5 is guessing" },
  average_precision: { label: "Avg. precision", better: "higher", hint: "Area under precision over recall" },
  macro_f1: { label: "Macro F1", better: "higher", hint: "Mean of F1 over the classes" },
  kappa: { label: "Kappa", better: "higher", hint: "Cohen's kappa: agreement beyond chance; 1 is perfect" },
  log_loss: { label: "Log loss", better: "lower", hint: "Of the probabilities; 0 is perfect" },
  brier: { label: "Brier score", better: "lower", hint: "Mean squared error of the probabilities" },
  ece: { label: "ECE", better: "lower", hint: "Calibration error: how far probabilities are from frequencies" },
};

/** The metrics by which models of a task are compared at a glance, the most telling first. */
export const METRICS_AT_A_GLANCE: Record<Task, readonly string[]> = {
  regression: ["rmse", "mae", "mape", "r2"],
  binary_classification: ["roc_auc", "average_precision", "accuracy", "f1", "mcc", "log_loss"],
  multiclass_classification: ["accuracy", "macro_f1", "kappa", "log_loss", "ece"],
  anomaly_detection: [],
};

export function metricLabel(name: string): string {
  return FACTS[name]?.label ?? name;
}

/** Which way a metric is better; undefined for one that only the user knows. */
export function betterMetric(name: string): MetricFacts["better"] | undefined {
  return FACTS[name]?.better;
}

/** What a metric says and which way is better; undefined for one that only the user knows. */
export function metricHint(name: string): string | undefined {
  const facts = FACTS[name];
  return facts && `${facts.hint}. ${facts.better === "higher" ? "Higher" : "Lower"} is better.`;
}

const MAPE_SHOWN_MAX = 10;
const IN_UNITS_OF_TARGET = new Set(["rmse", "mae"]);

/** A metric as pages write it; an en dash where it is not defined. */
export function metricText(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  // One actual of zero makes it astronomical: past ten times the actual the number says nothing.
  if (name === "mape")
    return value > MAPE_SHOWN_MAX ? `over ${formatPercent(MAPE_SHOWN_MAX, 0)}` : formatPercent(value);
  // Errors are in units of the target; all others have no unit, and are compared digit by digit.
  return IN_UNITS_OF_TARGET.has(name) || Math.abs(value) >= 100 ? formatNumber(value) : value.toFixed(4);
}

/**
 * The ids of the models that are best in a metric, among those that were measured on the same rows: of one version, by the same
 * source and number of rows. Where all of them are equal, none is best.
 */
export function bestModels(lines: readonly ModelLine[], metric: string): Set<string> {
  const best = new Set<string>();
  for (const group of comparable(lines).values()) {
    const values = group.flatMap(({ id, metrics }) => {
      const value = metrics?.values[metric] ?? null;
      return value === null ? [] : [{ id, value }];
    });
    const sizes = values.map(({ value }) => value);
    const most = FACTS[metric]?.better === "lower" ? Math.min(...sizes) : Math.max(...sizes);
    if (new Set(sizes).size < 2) continue;
    for (const { id, value } of values) if (value === most) best.add(id);
  }
  return best;
}

function comparable(lines: readonly ModelLine[]): Map<string, ModelLine[]> {
  const groups = new Map<string, ModelLine[]>();
  for (const line of lines) {
    if (!line.metrics) continue;
    const key = `${line.versionNumber} ${line.metrics.source} ${line.metrics.rows}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return groups;
}
