import { and, eq, type SQL, sql } from "drizzle-orm";
import { auditedChange } from "../audit/audited-change.ts";
import type { VerbContext } from "../verb-context.ts";
import { deleteFiles, modelPrefix } from "./model-files.ts";
import { requireModel } from "./queries.ts";
import { models } from "./schema.ts";
import { inUseError, usesWhere } from "./uses.ts";

/**
 * Deletes a model that no deployment uses, and its files. Contributors may delete what they made, admins everything.
 * 409 `conflict` names the deployments that use it in any of their versions; then nothing is deleted. 404 on repetition.
 */
export async function deleteModel(ctx: VerbContext, input: { model: string }): Promise<void> {
  const { db } = ctx;
  const { model, version, experiment } = await requireModel(db, ctx.caller, input.model, "delete");
  const { id, name, sha256 } = model;
  // In the write itself, so that a deployment that is made at the same moment keeps its model.
  const isUsed = sql`exists (select 1 from deployment_versions where ${usesModel(id)})`;
  const [deleted] = await auditedChange(
    ctx,
    db
      .delete(models)
      .where(and(eq(models.id, id), sql`not ${isUsed}`))
      .returning({ id: models.id }),
    {
      projectId: experiment.projectId,
      action: "model.delete",
      object: { kind: "model", id, name },
      before: { experiment_id: experiment.id, version: version.number, sha256 },
    },
  );
  if (!deleted) throw inUseError("model", await usesWhere(db, usesModel(id)));
  await deleteFiles(ctx.env.STORE, modelPrefix(id));
}

// Deployments come after experiments in the order of imports, so their tables are named here and not imported.
function usesModel(modelId: string): SQL {
  return sql`("mainModelId" = ${modelId} or "challengerModelId" = ${modelId})`;
}
