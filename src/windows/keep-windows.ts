import { and, eq, inArray, isNotNull, lt } from "drizzle-orm";
import type { Database } from "../db.ts";
import { parseHostName } from "../deployments/host-name.ts";
import { hostStub } from "../deployments/reach-host.ts";
import { deploymentHosts, deployments } from "../deployments/schema.ts";
import { DAY_MS, HOUR_MS } from "../lib/time.ts";
import { monitoringWindows } from "./schema.ts";

/** Hours are kept so long that a month can be looked at hour by hour, days for two years and more. */
const HOURS_KEPT_MS = 40 * DAY_MS;
const DAYS_KEPT_MS = 800 * DAY_MS;
/** A host pushes by its own alarm within minutes; one that has not for so long has lost it. */
const OVERDUE_MS = 2 * HOUR_MS;
const HOSTS_PER_TICK = 20;
const DEPLOYMENTS_PER_TICK = 20;

/** Has hosts whose counts are overdue bring them to the store. Repeating is safe. */
export async function sweepOverdueWindows(env: Env, db: Database, nowMs: number): Promise<void> {
  const overdue = await db
    .select({ name: deploymentHosts.name })
    .from(deploymentHosts)
    .where(lt(deploymentHosts.unpushedSince, nowMs - OVERDUE_MS))
    .orderBy(deploymentHosts.unpushedSince)
    .limit(HOSTS_PER_TICK);
  for (const { name } of overdue) {
    try {
      await hostStub(env, parseHostName(name)).settle();
    } catch (error) {
      // A broken host must not keep the others waiting; the next tick tries again.
      console.error(`host ${name} could not bring its windows`, error);
    }
  }
}

/** Deletes windows that are older than they are kept, and those of deployments that have been purged. Repeating is safe. */
export async function expireWindows(db: Database, nowMs: number): Promise<void> {
  const { span, start, deploymentId } = monitoringWindows;
  const purged = await db
    .selectDistinct({ id: deploymentId })
    .from(monitoringWindows)
    .innerJoin(deployments, eq(deployments.id, deploymentId))
    .where(isNotNull(deployments.purgedAt))
    .limit(DEPLOYMENTS_PER_TICK);
  const ids = purged.map(({ id }) => id);
  await db.batch([
    db.delete(monitoringWindows).where(and(eq(span, "hour"), lt(start, nowMs - HOURS_KEPT_MS))),
    db.delete(monitoringWindows).where(and(eq(span, "day"), lt(start, nowMs - DAYS_KEPT_MS))),
    db.delete(monitoringWindows).where(inArray(deploymentId, ids)),
  ]);
}
