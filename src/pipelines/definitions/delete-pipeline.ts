import { and, eq, isNull } from "drizzle-orm";
import { requireUser } from "../../access/authorize.ts";
import type { Caller } from "../../access/caller.ts";
import { writeAudit } from "../../audit/audit.ts";
import type { Database } from "../../db.ts";
import { cancelStatements, stopWorkflows } from "../runs/cancel-run.ts";
import { pipelines, runs } from "../schema.ts";
import { auditedPipeline } from "./audited-pipeline.ts";
import { requirePipeline } from "./queries.ts";

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
  const pipeline = await requirePipeline(db, caller, id, "delete");
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
