import { and, eq, isNull } from "drizzle-orm";
import { authorize, requireUser } from "../../access/authorize.ts";
import type { Caller } from "../../access/caller.ts";
import { verdict } from "../../access/rights.ts";
import { writeAudit } from "../../audit/audit.ts";
import type { Database } from "../../db.ts";
import { cancelStatements, stopWorkflows } from "../runs/cancel-run.ts";
import { pipelines, runs } from "../schema.ts";
import { auditedPipeline } from "./audited-pipeline.ts";
import { type PipelineRow, requirePipeline } from "./queries.ts";

type Owned = Pick<PipelineRow, "projectId" | "createdBy">;

/**
 * Deletes a pipeline: no run of it begins any more, and those that have not ended are cancelled. Its runs stay readable. Contributors may delete
 * what they made, admins of the project any. 404 on repetition.
 */
export async function deletePipeline(
  { env, db }: { env: Pick<Env, "RUN_WORKFLOW">; db: Database },
  caller: Caller,
  id: string,
  nowMs: number,
): Promise<void> {
  const pipeline = await requirePipeline(db, caller, id, "change");
  requireMayDeletePipeline(caller, pipeline);
  const marked = db
    .update(pipelines)
    .set({ deletedAt: nowMs, nextSlot: null, sealedSecret: null })
    .where(and(eq(pipelines.id, id), isNull(pipelines.deletedAt)))
    .returning({ id: pipelines.id });
  const [deleted, , cancelled] = await db.batch([marked, ...cancelStatements(db, eq(runs.pipelineId, id), nowMs)]);
  await stopWorkflows(env, cancelled);
  // Of two at the same time, one has done it.
  if (deleted.length > 0) await writeAudit(db, requireUser(caller), auditedPipeline(pipeline, "delete"), nowMs);
}

/** Throws 403 where the caller may not delete the pipeline. */
export function requireMayDeletePipeline(caller: Caller, pipeline: Owned): void {
  requireUser(caller);
  authorize(caller, rightToDelete(caller, pipeline), pipeline);
}

/** Whether the caller may delete the pipeline: for showing or hiding what does. */
export function mayDeletePipeline(caller: Caller, pipeline: Owned): boolean {
  return verdict(caller, rightToDelete(caller, pipeline), pipeline) === "allowed";
}

function rightToDelete(caller: Caller, { createdBy }: Owned): "change" | "manage" {
  return caller.kind === "user" && caller.userId === createdBy ? "change" : "manage";
}
