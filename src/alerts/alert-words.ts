import { metricLabel } from "../experiments/metrics/metric-facts.ts";
import { COMPARISONS } from "./alert-kind.ts";
import { KINDS } from "./alert-kinds.ts";
import type { AlertRule } from "./alert-rules.ts";

/** What an alert watches, in a few words. */
export function alertLabel({ kind, metric }: Pick<AlertRule, "kind" | "metric">): string {
  const { label } = KINDS[kind];
  return metric === null ? label : `${label} (${metricLabel(metric)})`;
}

/** A value in the unit of the alert's threshold. */
export function valueText({ kind, metric }: Pick<AlertRule, "kind" | "metric">, value: number): string {
  return KINDS[kind].valueText(value, metric);
}

/** When an alert fires, in a few words. */
export function thresholdText(rule: AlertRule): string {
  return COMPARISONS[KINDS[rule.kind].fires(rule.metric)].words(valueText(rule, rule.threshold));
}
