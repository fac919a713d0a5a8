import { and, inArray, isNotNull, lt } from "drizzle-orm";
import type { Database } from "../db.ts";
import { deployments } from "../deployments/schema.ts";
import { DAY_MS } from "../lib/time.ts";
import { alertIncidents, alerts } from "./schema.ts";

const KEPT_MS = 90 * DAY_MS;

/** Deletes the alerts of removed deployments, secrets included, and incidents that ended 90 days ago. Repeating is safe. */
export async function expireAlerts(db: Database, nowMs: number): Promise<void> {
  const removed = db.select({ id: deployments.id }).from(deployments).where(isNotNull(deployments.deletedAt));
  await db.batch([
    db.delete(alerts).where(inArray(alerts.deploymentId, removed)),
    db
      .delete(alertIncidents)
      .where(and(isNotNull(alertIncidents.resolvedAt), lt(alertIncidents.resolvedAt, nowMs - KEPT_MS))),
  ]);
}
