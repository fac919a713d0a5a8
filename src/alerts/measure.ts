import type { Database } from "../db.ts";
import { readStatus } from "../deployments/deployment-status.ts";
import type { Deployment } from "../deployments/queries.ts";
import { metricLabel, metricText } from "../experiments/metrics/metric-facts.ts";
import { listLabelled } from "../inference/read/list-labelled.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../lib/time.ts";
import { describeMonitored } from "../monitoring/monitored.ts";
import { metricValues } from "../monitoring/performance/model-metrics.ts";
import { positiveLabel } from "../monitoring/performance/positive-label.ts";
import { pairedVersions } from "../monitoring/report-comparison.ts";
import { reportDrift } from "../monitoring/report-drift.ts";
import { labelledRows } from "../monitoring/report-performance.ts";
import { formatDuration, formatPercent, plural } from "../lib/format.ts";
import { mergeWindows } from "../windows/merge-windows.ts";
import { type ReadWindow, readWindows } from "../windows/read-windows.ts";
import { latencyQuantile, usageOf } from "../windows/usage-counts.ts";
import type { AlertRule } from "./alert-rules.ts";
import type { AlertKind } from "./schema.ts";

/** What a look at a deployment found. */
export interface Measured {
  /** In the unit of the threshold; null where there is too little to measure it by. */
  value: number | null;
  /** The same in a sentence, with n. */
  detail: string;
  /** True where something that would count could not be asked for: then it may be worse than it seems. */
  isPartial?: boolean;
}

export interface MeasurePorts {
  env: Env;
  db: Database;
  nowMs: number;
}

/** Calls below which neither errors nor latency are judged. */
const CALLS_MIN = 20;
/** Labelled rows below which performance is not judged, and how many of the newest are looked at. */
export const LABELLED_MIN = 30;
const LABELLED_MAX = 10_000;
/** Labels come days after their predictions. */
const PERFORMANCE_MS = 7 * DAY_MS;
/** A status that nobody has looked after for so long says nothing. */
const STATUS_MS_MAX = HOUR_MS;
const NAMES_SHOWN = 5;

/**
 * Measures what alerts of one deployment are about, as it is now. What several of them need is read once. Throws what the store and the
 * hosts throw.
 */
export function measureFor(ports: MeasurePorts, deployment: Deployment): (rule: AlertRule) => Promise<Measured> {
  const calls = once(() => readCalls(ports, deployment));
  const drift = once(() => measureDrift(ports, deployment));
  const status = once(() => measureStatus(ports, deployment));
  const measures: Record<AlertKind, (rule: AlertRule) => Promise<Measured>> = {
    drift,
    errors: async () => errorsOf(await calls()),
    latency: async () => latencyOf(await calls()),
    performance: ({ metric }) => measurePerformance(ports, deployment, metric ?? ""),
    not_running: status,
  };
  return (rule) => measures[rule.kind](rule);
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | null = null;
  return () => (reading ??= read());
}

/** Columns that drift, of the last 24 h: the features that calls send, and the main model's answers. */
async function measureDrift(ports: MeasurePorts, deployment: Deployment): Promise<Measured> {
  const monitored = await describeMonitored(ports.env, ports.db, deployment);
  const fromMs = Math.floor((ports.nowMs - DAY_MS) / HOUR_MS) * HOUR_MS;
  const span = { fromMs, toMs: ports.nowMs, bucket: "hour", version: null, source: "online" } as const;
  const report = await reportDrift(ports, monitored, span);
  const { features, prediction, window } = report;
  const columns = [...features, { ...prediction.main, name: "the predictions" }];
  const drifting = columns.filter(({ state }) => state === "drift").map(({ name }) => name);
  if (report.state === "not_enough_data")
    return { value: null, detail: `Not enough data: ${plural(window.rows, "row")} in the last 24 h.` };
  const shown = drifting.slice(0, NAMES_SHOWN).join(", ") + (drifting.length > NAMES_SHOWN ? " and others" : "");
  const found =
    drifting.length === 0
      ? "No column drifts"
      : `${plural(drifting.length, "column drifts", "columns drift")}: ${shown}`;
  return {
    value: drifting.length,
    detail: `${found}; ${plural(window.rows, "row")} in the last 24 h.`,
    isPartial: !report.complete,
  };
}

interface Calls {
  usage: ReadWindow["usage"];
  isComplete: boolean;
}

/** What was counted in the clock hour that is open; where that has too few calls to judge by, in the one before too. */
async function readCalls({ env, db, nowMs }: MeasurePorts, deployment: Deployment): Promise<Calls> {
  const hour = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const { id: deploymentId, currentVersion } = deployment;
  const query = {
    deploymentId,
    currentVersion,
    referenceId: null,
    span: "hour",
    fromMs: hour - HOUR_MS,
    toMs: hour + HOUR_MS,
    version: null,
    source: "online",
  } as const;
  const { windows, isComplete } = await readWindows(env, db, query, ["usage"]);
  const open = mergeWindows(windows.filter(({ start }) => start === hour)).usage;
  const both = mergeWindows(windows).usage;
  return { usage: callsIn(open) >= CALLS_MIN && latenciesIn(open) >= CALLS_MIN ? open : both, isComplete };
}

function callsIn(usage: ReadWindow["usage"]): number {
  return usageOf(usage, "main", "calls") + usageOf(usage, "main", "errors");
}

function latenciesIn(usage: ReadWindow["usage"]): number {
  return usage.get("latency")?.reduce((sum, count) => sum + count, 0) ?? 0;
}

function errorsOf({ usage, isComplete }: Calls): Measured {
  const calls = callsIn(usage);
  if (calls < CALLS_MIN) return tooFew(calls, CALLS_MIN, "calls of late");
  const value = usageOf(usage, "main", "errors") / calls;
  return { value, detail: `${formatPercent(value)} of ${plural(calls, "call")} failed.`, isPartial: !isComplete };
}

function latencyOf({ usage, isComplete }: Calls): Measured {
  const calls = latenciesIn(usage);
  const value = latencyQuantile(usage, 0.95);
  if (value === null || calls < CALLS_MIN) return tooFew(calls, CALLS_MIN, "calls of late");
  return {
    value,
    detail: `95 of 100 calls took ${formatDuration(value)} or less; ${plural(calls, "call")}.`,
    isPartial: !isComplete,
  };
}

/** One metric of the main model, over the newest labelled rows of the last seven days. */
async function measurePerformance(
  { env, db, nowMs }: MeasurePorts,
  deployment: Deployment,
  metric: string,
): Promise<Measured> {
  const monitored = await describeMonitored(env, db, deployment);
  const versions = await pairedVersions(db, monitored, null);
  const filter = { fromMs: nowMs - PERFORMANCE_MS, toMs: nowMs, source: "online", limit: LABELLED_MAX } as const;
  const labelled = await listLabelled(env, db, deployment.id, versions, filter);
  const n = labelled.rows.length;
  if (n < LABELLED_MIN) return tooFew(n, LABELLED_MIN, "labelled rows in the last 7 days");
  const rows = labelledRows(deployment.task, labelled, false);
  const positive = rows.task === "regression" ? undefined : positiveLabel(rows);
  const value = metricValues(rows, "main", positive)?.[metric] ?? null;
  const label = metricLabel(metric);
  if (value === null) return { value, detail: `${label} is not defined for these ${n} labelled rows.` };
  return { value, detail: `${label} is ${metricText(metric, value)} over ${plural(n, "labelled row")}.` };
}

async function measureStatus({ db, nowMs }: MeasurePorts, deployment: Deployment): Promise<Measured> {
  const status = await readStatus(db, deployment.id);
  if (!status || nowMs - status.checkedAt > STATUS_MS_MAX)
    return { value: null, detail: "It has not been looked at whether it runs." };
  if (status.running) return { value: 0, detail: "It is running." };
  const value = Math.max(0, (nowMs - status.since) / MINUTE_MS);
  return {
    value,
    detail: `It has not been running for ${formatDuration(nowMs - status.since)}. ${status.reason ?? ""}`.trim(),
  };
}

function tooFew(n: number, needed: number, what: string): Measured {
  return { value: null, detail: `Not enough data: ${n}/${needed} ${what}.` };
}
