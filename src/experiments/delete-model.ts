import { and, eq, type SQL, sql } from "drizzle-orm";
import { authorize, requireUser } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import { requireModel } from "./queries.ts";
import { models } from "./schema.ts";

/**
 * Deletes a model that no deployment uses, and its files. Contributors may delete what they made, admins everything.
 * 409 `conflict` names the deployments that use it in any of their versions; then nothing is deleted. 404 on repetition.
 */
export async function deleteModel(
  { env, db, caller }: { env: Pick<Env, "STORE">; db: Database; caller: Caller },
  modelId: string,
): Promise<void> {
  const { model, experiment } = await requireModel(db, caller, modelId, "change");
  if (model.createdBy !== requireUser(caller).userId) {
    authorize(caller, "manage", { projectId: experiment.projectId });
  }
  // In the write itself, so that a deployment that is made at the same moment keeps its model.
  const isUsed = sql`exists (select 1 from deployment_versions where ${usesModel(model.id)})`;
  const deleted = await db
    .delete(models)
    .where(and(eq(models.id, model.id), sql`not ${isUsed}`))
    .returning({ id: models.id });
  if (deleted.length === 0) throw await inUse(db, model.id);
  await deleteFiles(env.STORE, `models/${model.id}/`);
}

// Deployments come after experiments in the order of imports, so their tables are named here and not imported.
function usesModel(modelId: string): SQL {
  return sql`("mainModelId" = ${modelId} or "challengerModelId" = ${modelId})`;
}

interface Use {
  name: string;
  isRemoved: number;
  versions: string;
}

async function inUse(db: Database, modelId: string): Promise<AppError> {
  // The versions of a removed deployment stay until its records are purged, and hold their models for as long.
  const uses = await db.all<Use>(sql`
    select deployments.name as "name", deployments."deletedAt" is not null as "isRemoved",
      group_concat(deployment_versions.number, ', ') as "versions"
    from deployment_versions join deployments on deployments.id = deployment_versions."deploymentId"
    where ${usesModel(modelId)} group by deployments.id order by deployments."createdAt"`);
  const live = uses.filter((use) => !use.isRemoved);
  if (live.length === 0) {
    return new AppError("conflict", "A deployment that used this model is just being removed. Try again in a minute.");
  }
  const names = live.map(({ name, versions }) => `"${name}" (version ${versions})`).join(", ");
  return new AppError(
    "conflict",
    `The model is used by ${live.length === 1 ? "the deployment" : "the deployments"} ${names}. Versions that one can roll back to count too. Delete ${live.length === 1 ? "that deployment" : "those deployments"} first.`,
  );
}

async function deleteFiles(store: R2Bucket, prefix: string): Promise<void> {
  for (;;) {
    const { objects, truncated } = await store.list({ prefix });
    if (objects.length > 0) await store.delete(objects.map((object) => object.key));
    if (!truncated) return;
  }
}
