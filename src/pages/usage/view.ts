import { database } from "../../db.ts";
import { deploymentPath } from "../deployments/deployment-shell.tsx";
import type { AppContext } from "../../http.ts";
import { iso } from "../../lib/time.ts";
import { csvText } from "../monitoring/csv-view.ts";
import { type MonitoringView, monitoringView } from "../monitoring/view.ts";
import { bucketStarts } from "../monitoring/span-view.ts";
import type { ChartSeries } from "../../ui/chart-data.ts";
import type { ModelRole } from "../../windows/answer-counts.ts";
import { type ModelUsage, reportUsage, type UsagePoint, type UsageReport } from "../../usage/report-usage.ts";

/** What the Usage section shows, as plain data. */
export interface UsageView extends MonitoringView {
  report: UsageReport;
  /** Starts of all buckets, and what is in them; undefined where nobody called. */
  times: number[];
  points: (UsagePoint | undefined)[];
}

/** All that the section shows: 401, 403 or 404 where the caller may not read it. */
export async function usageView(c: AppContext): Promise<UsageView> {
  const db = database(c.env);
  const base = await monitoringView(c, db);
  const { deployment, monitored, chosen, nowMs } = base;
  const report = await reportUsage({ env: c.env, db, nowMs }, monitored, chosen.span);
  const pointAt = new Map(report.series.map((point) => [Date.parse(point.at), point]));
  const [first = nowMs] = pointAt.keys();
  const times = bucketStarts(chosen.span, { since: Math.min(deployment.createdAt, first), nowMs });
  return {
    ...base,
    path: `${deploymentPath(deployment)}/usage`,
    report,
    times,
    points: times.map((at) => pointAt.get(at)),
  };
}

const LABELS: Record<ModelRole, string> = { main: "Main", challenger: "Challenger" };

/** A figure of main, and of the challenger where there is one, bucket by bucket; `idle` is what it is where nobody called. */
export function bothOver(
  { points, report }: UsageView,
  read: (usage: ModelUsage) => number | null,
  idle: 0 | null = null,
): ChartSeries[] {
  return rolesOf(report).map((role) => ({
    label: LABELS[role],
    tone: role,
    values: points.map((point) => {
      const usage = point?.[role];
      return usage ? read(usage) : idle;
    }),
  }));
}

/** Everything of every bucket; empty cells where it is not known. */
export function usageCsv({ report, times, points }: UsageView): string {
  const roles = rolesOf(report);
  const figures = roles.flatMap((role) => COLUMNS[role].map((column) => ({ ...column, role })));
  return csvText([
    ["at", ...figures.map(({ name, role }) => `${name} of ${role}`), "cpu_ms of instance", "memory_bytes of instance"],
    ...times.map((at, index) => {
      const point = points[index];
      return [
        iso(at),
        ...figures.map(({ read, idle, role }) => {
          const usage = point?.[role];
          return usage ? read(usage) : idle;
        }),
        point?.instance?.cpu_ms ?? null,
        point?.instance?.memory_bytes ?? null,
      ];
    }),
  ]);
}

interface UsageColumn {
  name: string;
  read: (usage: ModelUsage) => number | null;
  idle: 0 | null;
}

const CALLS: UsageColumn = { name: "calls", read: ({ calls }) => calls, idle: 0 };
const ROWS: UsageColumn = { name: "rows", read: ({ rows }) => rows, idle: 0 };
const ERRORS: UsageColumn = { name: "errors", read: ({ errors }) => errors, idle: 0 };
const TAKEN: UsageColumn[] = [
  { name: "compute_ms", read: ({ compute_ms: value }) => value, idle: null },
  { name: "cpu_ms", read: ({ cpu_ms: value }) => value, idle: null },
  { name: "memory_bytes", read: ({ memory_bytes: value }) => value, idle: null },
];

/** Nobody waits for the challenger, so it has no latency. */
const COLUMNS: Record<ModelRole, UsageColumn[]> = {
  main: [
    CALLS,
    ROWS,
    ERRORS,
    { name: "latency_ms_p50", read: ({ latency_ms: { p50 } }) => p50, idle: null },
    { name: "latency_ms_p95", read: ({ latency_ms: { p95 } }) => p95, idle: null },
    { name: "latency_ms_p99", read: ({ latency_ms: { p99 } }) => p99, idle: null },
    ...TAKEN,
  ],
  challenger: [CALLS, ROWS, ERRORS, ...TAKEN],
};

function rolesOf({ total }: UsageReport): ModelRole[] {
  return total.challenger === null ? ["main"] : ["main", "challenger"];
}
