import type { Database } from "../db.ts";
import type { Deployment } from "../deployments/queries.ts";
import { HOUR_MS } from "../lib/time.ts";
import { mergeWindows } from "../windows/merge-windows.ts";
import { type ReadWindow, readWindows } from "../windows/read-windows.ts";
import { usageOf } from "../windows/usage-counts.ts";

/** Calls below which neither errors nor latency are judged. */
export const CALLS_MIN = 20;

type Usage = ReadWindow["usage"];

/** What was counted of late of the calls of a deployment. */
export interface RecentCalls {
  usage: Usage;
  /** False where a host could not be asked. */
  isComplete: boolean;
}

/** What was counted in the clock hour that is open; where that has too few calls to judge by, in the one before too. */
export async function readRecentCalls(
  { env, db, nowMs }: { env: Env; db: Database; nowMs: number },
  { id: deploymentId, currentVersion }: Deployment,
): Promise<RecentCalls> {
  const hour = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
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
  const isEnough = countCalls(open) >= CALLS_MIN && countLatencies(open) >= CALLS_MIN;
  return { usage: isEnough ? open : mergeWindows(windows).usage, isComplete };
}

/** Calls that the model answered or failed at. */
export function countCalls(usage: Usage): number {
  return usageOf(usage, "main", "calls") + usageOf(usage, "main", "errors");
}

/** Calls of which it is known how long they took. */
export function countLatencies(usage: Usage): number {
  return usage.get("latency")?.reduce((sum, count) => sum + count, 0) ?? 0;
}
