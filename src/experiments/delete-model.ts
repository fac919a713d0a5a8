import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Caller } from "../access/caller.ts";
import { writeAudit } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import type { AppError } from "../errors.ts";
import { deleteFiles, modelPrefix } from "./model-files.ts";
import { requireModel } from "./queries.ts";
import { models } from "./schema.ts";
import { inUseError, usesWhere } from "./uses.ts";

/**
 * Deletes a model that no deployment uses, and its files. Contributors may delete what they made, admins everything.
 * 409 `conflict` names the deployments that use it in any of their versions; then nothing is deleted. 404 on repetition.
 */
export async function deleteModel(
  { env, db, caller, nowMs }: { env: Pick<Env, "STORE">; db: Database; caller: Caller; nowMs: number },
  modelId: string,
): Promise<void> {
  const { model, version, experiment } = await requireModel(db, caller, modelId, "delete");
  // In the write itself, so that a deployment that is made at the same moment keeps its model.
  const isUsed = sql`exists (select 1 from deployment_versions where ${usesModel(model.id)})`;
  const deleted = await db
    .delete(models)
    .where(and(eq(models.id, model.id), sql`not ${isUsed}`))
    .returning({ id: models.id });
  if (deleted.length === 0) throw await inUse(db, model.id);
  await deleteFiles(env.STORE, modelPrefix(model.id));
  const { id, name, sha256 } = model;
  const object = { kind: "model", id, name };
  const before = { experiment_id: experiment.id, version: version.number, sha256 };
  await writeAudit(db, caller, { projectId: experiment.projectId, action: "model.delete", object, before }, nowMs);
}

// Deployments come after experiments in the order of imports, so their tables are named here and not imported.
function usesModel(modelId: string): SQL {
  return sql`("mainModelId" = ${modelId} or "challengerModelId" = ${modelId})`;
}

async function inUse(db: Database, modelId: string): Promise<AppError> {
  return inUseError("model", await usesWhere(db, usesModel(modelId)));
}
