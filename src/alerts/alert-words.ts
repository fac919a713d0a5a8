import { betterMetric, metricLabel, metricText } from "../experiments/metrics/metric-facts.ts";
import { formatDuration, formatNumber, formatPercent, plural } from "../lib/format.ts";
import type { AlertRule } from "./alert-rules.ts";
import type { AlertKind } from "./schema.ts";

/** What alerts watch, as people say it. */
export const ALERT_WORDS: Record<AlertKind, { label: string; description: string }> = {
  drift: {
    label: "Drift",
    description: "Columns that drift in the last 24 hours: features that calls send, and the main model's answers.",
  },
  errors: { label: "Errors", description: "Share of calls, 0 to 1, that the model did not answer, in the last hour." },
  latency: { label: "Latency", description: "Milliseconds within which 95 of 100 calls were answered, last hour." },
  performance: { label: "Performance", description: "A metric of the main model on rows whose actuals are known." },
  not_running: { label: "Not running", description: "Minutes for which the deployment has not been answering." },
};

/** What an alert watches, in a few words. */
export function alertLabel({ kind, metric }: Pick<AlertRule, "kind" | "metric">): string {
  const { label } = ALERT_WORDS[kind];
  return metric === null ? label : `${label} (${metricLabel(metric)})`;
}

/** A value in the unit of the alert's threshold. */
export function valueText({ kind, metric }: Pick<AlertRule, "kind" | "metric">, value: number): string {
  switch (kind) {
    case "drift":
      return plural(value, "column");
    case "errors":
      return formatPercent(value);
    case "latency":
      return formatDuration(value);
    case "performance":
      return metric === null ? formatNumber(value) : metricText(metric, value);
    case "not_running":
      return `${formatNumber(value, 3)} min`;
  }
}

/** When an alert fires, in a few words. */
export function thresholdText(rule: AlertRule): string {
  const value = valueText(rule, rule.threshold);
  if (rule.kind !== "performance") return `${value} or more`;
  return `${betterMetric(rule.metric ?? "") === "lower" ? "above" : "below"} ${value}`;
}
