import { sql } from "drizzle-orm";
import type { Database } from "../db.ts";

/**
 * Notes that a host is about to hold records of a deployment, and a new one counts. False when the deployment is being removed: the host must then
 * write nothing. One statement, so that a removal that begins meanwhile either sees the host or is seen by it. Repeating is safe.
 */
export async function registerHost(
  db: Database,
  host: { name: string; deploymentId: string; version: number; objectId: string; now: number },
): Promise<boolean> {
  const rows = await db.all(sql`
    insert into "deployment_hosts" ("name", "deploymentId", "versionNumber", "createdAt", "objectId", "unpushedSince")
    select ${host.name}, ${host.deploymentId}, ${host.version}, ${host.now}, ${host.objectId}, ${host.now}
    where exists (select 1 from "deployments" where "id" = ${host.deploymentId} and "deletedAt" is null)
    on conflict ("name") do update set "versionNumber" = excluded."versionNumber", "objectId" = excluded."objectId"
    returning "name"`);
  return rows.length > 0;
}
