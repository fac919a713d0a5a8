import { sql } from "drizzle-orm";
import type { Database } from "../db.ts";
import { insertWhere } from "../insert-where.ts";
import { deploymentHosts, deployments } from "./schema.ts";

/**
 * Notes that a host is about to hold records of a deployment, and a new one counts. False when the deployment is being removed: the host
 * must then write nothing. One statement, so that a removal that begins meanwhile either sees the host or is seen by it. Repeating is
 * safe.
 */
export async function registerHost(
  db: Database,
  host: { name: string; deploymentId: string; version: number; objectId: string; now: number },
): Promise<boolean> {
  const { name, deploymentId, version: versionNumber, objectId, now } = host;
  const row = { name, deploymentId, versionNumber, createdAt: now, objectId, unpushedSince: now };
  const isPresent = sql`exists (
    select 1 from ${deployments} where ${deployments.id} = ${deploymentId} and ${deployments.deletedAt} is null)`;
  const rows = await insertWhere(db, deploymentHosts, row, isPresent)
    .onConflictDoUpdate({ target: deploymentHosts.name, set: { versionNumber, objectId } })
    .returning({ name: deploymentHosts.name });
  return rows.length > 0;
}
