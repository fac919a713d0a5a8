import { and, eq, exists } from "drizzle-orm";
import { requireUser } from "../../access/authorize.ts";
import type { Caller, UserCaller } from "../../access/caller.ts";
import { writeAudit } from "../../audit/audit.ts";
import type { Database } from "../../db.ts";
import { AppError } from "../../errors.ts";
import { newId } from "../../lib/id.ts";
import { requirePipeline } from "../definitions/queries.ts";
import { pipelines, runs } from "../schema.ts";
import { auditedRun } from "./audited-run.ts";
import { startQueuedRun } from "./start-queued-run.ts";
import { canRun, insertRunStatements } from "./insert-run.ts";
import { requireRun, type Run } from "./queries.ts";

/**
 * Runs a pipeline now, for contributors of its project, whatever its schedule says; the answer is the queued run. 409 when its deployment has been
 * removed. Messages about the pipeline's runs link to `origin` from now on, under which the caller reached the instance.
 */
export async function createRun(
  { env, db, origin }: { env: Pick<Env, "RUN_WORKFLOW">; db: Database; origin: string },
  caller: Caller,
  pipelineId: string,
  nowMs: number,
): Promise<Run> {
  await requirePipeline(db, caller, pipelineId, "change");
  const user = requireUser(caller);
  const id = newId("run");
  const wanted = { id, pipelineId, trigger: triggerOf(user), slot: null };
  const isStored = exists(db.select({ id: runs.id }).from(runs).where(eq(runs.id, id)));
  const [inserted] = await db.batch([
    ...insertRunStatements(db, wanted, canRun, nowMs),
    db
      .update(pipelines)
      .set({ origin })
      .where(and(eq(pipelines.id, pipelineId), isStored)),
  ]);
  if (inserted.length === 0)
    throw new AppError(
      "conflict",
      "The pipeline can no longer run, because its deployment was deleted. Give it another deployment.",
    );
  const run = await requireRun(db, caller, id, "change");
  await writeAudit(db, user, auditedRun(run, "create"), nowMs);
  await startQueuedRun(env, run);
  return run;
}

/** People in a browser start runs by hand, programs through the API. */
function triggerOf({ via }: UserCaller): "manual" | "api" {
  return via === "session" ? "manual" : "api";
}
