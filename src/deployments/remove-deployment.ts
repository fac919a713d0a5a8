import { and, eq, getTableColumns, isNotNull, isNull } from "drizzle-orm";
import { apiKeys } from "../access/schema.ts";
import { auditedChange } from "../audit/audited-change.ts";
import type { Database } from "../db.ts";
import type { VerbContext } from "../verb-context.ts";
import { type DeploymentRow, forgetDeployment, requireDeployment } from "./find-deployment.ts";
import { deleteFiles } from "../experiments/model-files.ts";
import { recordsPrefix } from "./record-files.ts";
import { projects } from "../projects/schema.ts";
import { allLedgers, recorderStub } from "./reach-host.ts";
import { deploymentHosts, deployments, deploymentVersions } from "./schema.ts";

/**
 * Removes a deployment for its callers: from here on nothing of it answers, and its keys are gone. What it stored is emptied by
 * `purgeDeployments`. Repeating is safe.
 */
export async function removeDeployment(db: Database, deployment: DeploymentRow, nowMs: number): Promise<void> {
  await db.batch([tombstone(db, deployment, nowMs), removeKeys(db, deployment)]);
  forgetDeployment(deployment);
}

/** removeDeployment, asked for by a caller: contributors may delete what they made, project admins any. Answers what was deleted. */
export async function deleteDeployment(ctx: VerbContext, input: { deployment: string }): Promise<DeploymentRow> {
  const { db } = ctx;
  const deployment = await requireDeployment(db, ctx.caller, input.deployment, "delete");
  const { id, projectId, name, slug, access, currentVersion } = deployment;
  await auditedChange(
    ctx,
    tombstone(db, deployment, ctx.nowMs),
    {
      projectId,
      action: "deployment.delete",
      object: { kind: "deployment", id, name },
      before: { slug, access, version: currentVersion },
    },
    () => [removeKeys(db, deployment)],
  );
  forgetDeployment(deployment);
  return deployment;
}

function tombstone(db: Database, { id }: DeploymentRow, nowMs: number) {
  return db
    .update(deployments)
    .set({ deletedAt: nowMs })
    .where(and(eq(deployments.id, id), isNull(deployments.deletedAt)));
}

function removeKeys(db: Database, { id }: DeploymentRow) {
  return db.delete(apiKeys).where(eq(apiKeys.deploymentId, id));
}

const PER_TICK = 3;
const REMOVED_PER_TICK = 20;

/**
 * Empties the hosts and ledgers of removed deployments and deletes their rows; the tombstone stays, so that the address is never used
 * again.
 */
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
  for (const { name } of hosts) await recorderStub(env, name).destroy();
  for (const ledger of allLedgers(env, deploymentId)) await ledger.destroy();
  await deleteFiles(env.STORE, recordsPrefix(deploymentId));
  await db.batch([
    db.delete(deploymentHosts).where(eq(deploymentHosts.deploymentId, deploymentId)),
    db.delete(deploymentVersions).where(eq(deploymentVersions.deploymentId, deploymentId)),
    db.update(deployments).set({ purgedAt: nowMs, name: "", description: "" }).where(eq(deployments.id, deploymentId)),
  ]);
}
