import { and, eq, isNull } from "drizzle-orm";
import { auditedChange } from "../../audit/audited-change.ts";
import type { VerbContext } from "../../verb-context.ts";
import { cancelStatements, stopWorkflows } from "../runs/cancel-run.ts";
import { pipelines, runs } from "../schema.ts";
import { auditedPipeline } from "./audited-pipeline.ts";
import { requirePipeline } from "./queries.ts";

/**
 * Deletes a pipeline: no run of it begins any more, and those that have not ended are cancelled. Its runs stay readable. Contributors may
 * delete what they made, admins of the project any. 404 on repetition.
 */
export async function deletePipeline(context: VerbContext, { pipeline: id }: { pipeline: string }): Promise<void> {
  const { env, db, caller, nowMs } = context;
  const pipeline = await requirePipeline(db, caller, id, "delete");
  const marked = db
    .update(pipelines)
    .set({ deletedAt: nowMs, nextSlot: null, sealedSecret: null })
    .where(and(eq(pipelines.id, id), isNull(pipelines.deletedAt)));
  const ofPipeline = eq(runs.pipelineId, id);
  await auditedChange(context, marked, auditedPipeline(pipeline, "delete"), (happened) => [
    ...cancelStatements(db, and(ofPipeline, happened), nowMs),
  ]);
  const cancelled = await db
    .select({ id: runs.id, attempt: runs.attempt })
    .from(runs)
    .where(and(ofPipeline, eq(runs.state, "cancelled"), eq(runs.finishedAt, nowMs)));
  await stopWorkflows(env, cancelled);
}
