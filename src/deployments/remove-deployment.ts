import { and, eq, getTableColumns, isNotNull, isNull } from "drizzle-orm";
import { requireUser } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import { apiKeys } from "../access/schema.ts";
import { writeAudit } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import { type DeploymentRow, forgetDeployment, requireDeployment } from "./find-deployment.ts";
import { deleteFiles } from "../experiments/model-files.ts";
import { recordsPrefix } from "./record-files.ts";
import { projects } from "../projects/schema.ts";
import { allLedgers, destroyRecords } from "./reach-host.ts";
import { deploymentHosts, deployments, deploymentVersions } from "./schema.ts";

/**
 * Removes a deployment for its callers: from here on nothing of it answers, and its keys are gone. What it stored is emptied by
 * `purgeDeployments`. Repeating is safe.
 */
export async function removeDeployment(db: Database, deployment: DeploymentRow, nowMs: number): Promise<void> {
  await db.batch([
    db
      .update(deployments)
      .set({ deletedAt: nowMs })
      .where(and(eq(deployments.id, deployment.id), isNull(deployments.deletedAt))),
    db.delete(apiKeys).where(eq(apiKeys.deploymentId, deployment.id)),
  ]);
  forgetDeployment(deployment);
}

/** removeDeployment, asked for by a caller: contributors may delete what they made, project admins any. Answers what was deleted. */
export async function deleteDeployment(
  db: Database,
  caller: Caller,
  idOrSlug: string,
  nowMs: number,
): Promise<DeploymentRow> {
  const deployment = await requireDeployment(db, caller, idOrSlug, "delete");
  await removeDeployment(db, deployment, nowMs);
  const { id, name, slug, access, currentVersion } = deployment;
  const change = {
    projectId: deployment.projectId,
    action: "deployment.delete",
    object: { kind: "deployment", id, name },
    before: { slug, access, version: currentVersion },
  } as const;
  await writeAudit(db, requireUser(caller), change, nowMs);
  return deployment;
}

const PER_TICK = 3;
const REMOVED_PER_TICK = 20;

/** Empties the hosts and ledgers of removed deployments and deletes their rows; the tombstone stays, so that the address is never used again. */
export async function purgeDeployments(env: Env, db: Database, nowMs: number): Promise<void> {
  const removed = await db
    .select()
    .from(deployments)
    .where(and(isNotNull(deployments.deletedAt), isNull(deployments.purgedAt)))
    .limit(PER_TICK * 10);
  let purged = 0;
  for (const { id } of removed) {
    if (purged === PER_TICK) return;
    try {
      await purgeDeployment(env, db, id, nowMs);
      purged += 1;
    } catch (error) {
      // One that cannot be emptied now must not keep the others waiting; the next tick tries again.
      console.error(`deployment ${id} was not purged`, error);
    }
  }
}

/** Removes the deployments of projects that have been deleted, as removeDeployment does. Repeating is safe. */
export async function removeDeploymentsOfDeletedProjects(db: Database, nowMs: number): Promise<void> {
  const left = await db
    .select(getTableColumns(deployments))
    .from(deployments)
    .innerJoin(projects, eq(projects.id, deployments.projectId))
    .where(and(isNotNull(projects.deletedAt), isNull(deployments.deletedAt)))
    .limit(REMOVED_PER_TICK);
  for (const deployment of left) await removeDeployment(db, deployment, nowMs);
}

/** Repeat-safe: a host is forgotten only after it was emptied, the rows only after the hosts. */
export async function purgeDeployment(env: Env, db: Database, deploymentId: string, nowMs: number): Promise<void> {
  const hosts = await db.select().from(deploymentHosts).where(eq(deploymentHosts.deploymentId, deploymentId));
  for (const { name } of hosts) await destroyRecords(env, name);
  for (const ledger of allLedgers(env, deploymentId)) await ledger.destroy();
  await deleteFiles(env.STORE, recordsPrefix(deploymentId));
  await db.batch([
    db.delete(deploymentHosts).where(eq(deploymentHosts.deploymentId, deploymentId)),
    db.delete(deploymentVersions).where(eq(deploymentVersions.deploymentId, deploymentId)),
    db.update(deployments).set({ purgedAt: nowMs, name: "", description: "" }).where(eq(deployments.id, deploymentId)),
  ]);
}
