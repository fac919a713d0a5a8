import { and, eq } from "drizzle-orm";
import { requireUser } from "../../access/authorize.ts";
import type { UserCaller } from "../../access/caller.ts";
import { auditedChange } from "../../audit/audited-change.ts";
import { AppError } from "../../errors.ts";
import { newId } from "../../lib/id.ts";
import type { VerbContext } from "../../verb-context.ts";
import { requirePipeline } from "../definitions/queries.ts";
import { pipelines } from "../schema.ts";
import { auditedNewRun } from "./audited-run.ts";
import { canRun, insertRunStatements } from "./insert-run.ts";
import { requireRun, type Run } from "./queries.ts";
import { startNextRun } from "./start-next-run.ts";

/**
 * Runs a pipeline now, or as soon as its runs before are done, for contributors of its project, whatever its schedule says; the answer is
 * the queued run. 409 when its deployment has been removed. Messages about the pipeline's runs link to `origin` from now on, under which
 * the caller reached the instance.
 */
export async function createRun(context: VerbContext, { pipeline: pipelineId }: { pipeline: string }): Promise<Run> {
  const { env, db, caller, nowMs, origin } = context;
  const pipeline = await requirePipeline(db, caller, pipelineId, "change");
  const user = requireUser(caller);
  const id = newId("run");
  const wanted = { id, pipelineId, trigger: triggerOf(user), slot: null };
  const [runWrite, deliveriesWrite] = insertRunStatements(db, wanted, canRun, nowMs);
  const [inserted] = await auditedChange(context, runWrite, auditedNewRun({ id, pipeline }), (happened) => [
    deliveriesWrite,
    db
      .update(pipelines)
      .set({ origin })
      .where(and(eq(pipelines.id, pipelineId), happened)),
  ]);
  if (!inserted)
    throw new AppError(
      "conflict",
      "The pipeline can no longer run, because its deployment was deleted. Give it another deployment.",
    );
  const run = await requireRun(db, caller, id, "change");
  await startNextRun(env, db, id);
  return run;
}

/** People in a browser start runs by hand, programs through the API. */
function triggerOf({ via }: UserCaller): "manual" | "api" {
  return via === "session" ? "manual" : "api";
}
