import { eq, lte, sql } from "drizzle-orm";
import type { Database } from "../db.ts";
import { MINUTE_MS } from "../lib/time.ts";
import { deploymentStatus } from "./schema.ts";

/** How a deployment was when it was looked at last. */
export type KnownStatus = typeof deploymentStatus.$inferSelect;

/** What was seen of a deployment. */
export interface SeenStatus {
  deploymentId: string;
  version: number;
  running: boolean;
  /** Null when it is running. */
  reason: string | null;
  /** By calls that it answered: then it need not be probed less and less often. */
  byTraffic: boolean;
}

const PAUSE_MS_MAX = 30 * MINUTE_MS;

/** How the deployment was when it was looked at last; null when it has not been yet. */
export async function readStatus(db: Database, deploymentId: string): Promise<KnownStatus | null> {
  const row = await db.select().from(deploymentStatus).where(eq(deploymentStatus.deploymentId, deploymentId)).get();
  return row ?? null;
}

/**
 * Keeps what was seen; `since` moves only when it is another than before. An older look that comes late changes nothing. Repeating is
 * safe.
 */
export async function keepStatus(
  db: Database,
  before: KnownStatus | null,
  { byTraffic, ...seen }: SeenStatus,
  nowMs: number,
): Promise<void> {
  const status = {
    ...seen,
    checkedAt: nowMs,
    nextProbeAt: nowMs + (byTraffic ? MINUTE_MS : pauseMs(before, seen)),
    failures: seen.running ? 0 : (before?.failures ?? 0) + 1,
  };
  const { running, since, checkedAt, deploymentId } = deploymentStatus;
  await db
    .insert(deploymentStatus)
    .values({ ...status, since: nowMs })
    .onConflictDoUpdate({
      target: deploymentId,
      set: { ...status, since: sql`case when ${running} = ${seen.running ? 1 : 0} then ${since} else ${nowMs} end` },
      setWhere: lte(checkedAt, nowMs),
    });
}

/** 1, 2, 4 and at last 30 min while nothing changes. */
function pauseMs(before: KnownStatus | null, seen: Pick<SeenStatus, "version" | "running">): number {
  if (!before || before.version !== seen.version || before.running !== seen.running) return MINUTE_MS;
  return Math.min(PAUSE_MS_MAX, 2 * (before.nextProbeAt - before.checkedAt));
}
