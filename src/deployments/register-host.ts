import { sql } from "drizzle-orm";
import type { Database } from "../db.ts";

/**
 * Notes that a host is about to hold records of a deployment. False when the deployment is being removed: the host must then
 * write nothing. One statement, so that a removal that begins meanwhile either sees the host or is seen by it. Repeating is safe.
 */
export async function registerHost(
  db: Database,
  host: { name: string; deploymentId: string; version: number; now: number },
): Promise<boolean> {
  const rows = await db.all(sql`
    insert into "deployment_hosts" ("name", "deploymentId", "versionNumber", "createdAt")
    select ${host.name}, ${host.deploymentId}, ${host.version}, ${host.now}
    where exists (select 1 from "deployments" where "id" = ${host.deploymentId} and "deletedAt" is null)
    on conflict ("name") do update set "versionNumber" = excluded."versionNumber"
    returning "name"`);
  return rows.length > 0;
}
