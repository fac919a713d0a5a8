import { betterMetric, metricLabel, metricText } from "../../experiments/metrics/metric-facts.ts";
import { DAY_MS } from "../../lib/time.ts";
import { describeMonitored } from "../../monitoring/monitored.ts";
import { metricValues } from "../../monitoring/performance/model-metrics.ts";
import { positiveLabel } from "../../monitoring/performance/positive-label.ts";
import { comparedVersions } from "../../monitoring/compared-versions.ts";
import { listCompared } from "../../monitoring/list-compared.ts";
import { labelledRows } from "../../monitoring/report-performance.ts";
import { formatNumber, plural } from "../../lib/format.ts";
import type { AlertKind, Look } from "../alert-kind.ts";
import { type Measured, tooFew } from "../measured.ts";

/** Labelled rows below which performance is not judged, and how many of the newest are looked at. */
const LABELLED_MIN = 30;
const LABELLED_MAX = 10_000;
/** Labels come days after their predictions. */
const SPAN_MS = 7 * DAY_MS;

export const performance: AlertKind = {
  label: "Performance",
  description: "A metric of the main model on rows whose actuals are known.",
  hasMetric: true,
  threshold: {
    help: "the worst value that the metric may have",
    default: null,
    isFit: Number.isFinite,
    says: "a value of the metric",
  },
  fires: (metric) => (betterMetric(metric ?? "") === "lower" ? "above" : "below"),
  valueText: (value, metric) => (metric === null ? formatNumber(value) : metricText(metric, value)),
  measure: (look, metric) => measurePerformance(look, metric ?? ""),
};

/** One metric of the main model, over the newest labelled rows of the last seven days. */
async function measurePerformance({ env, db, nowMs, deployment }: Look, metric: string): Promise<Measured> {
  const monitored = await describeMonitored(env, db, deployment);
  const versions = await comparedVersions(db, monitored, { version: null, isAll: false });
  const filter = { fromMs: nowMs - SPAN_MS, toMs: nowMs, source: "online", limit: LABELLED_MAX } as const;
  const labelled = await listCompared(env, db, deployment.id, versions, filter);
  const n = labelled.rows.length;
  if (n < LABELLED_MIN) return tooFew(n, LABELLED_MIN, "labelled rows in the last 7 days");
  const rows = labelledRows(deployment.task, labelled, false);
  const positive = rows.task === "regression" ? undefined : positiveLabel(rows);
  const value = metricValues(rows, "main", positive)?.[metric] ?? null;
  const label = metricLabel(metric);
  if (value === null) return { value, detail: `${label} is not defined for these ${n} labelled rows.` };
  return { value, detail: `${label} is ${metricText(metric, value)} over ${plural(n, "labelled row")}.` };
}
