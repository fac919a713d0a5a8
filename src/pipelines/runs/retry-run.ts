import { and, eq, inArray, ne, sql } from "drizzle-orm";
import { auditedChange } from "../../audit/audited-change.ts";
import { AppError } from "../../errors.ts";
import type { VerbContext } from "../../verb-context.ts";
import { deliveries, runs } from "../schema.ts";
import { auditedRun } from "./audited-run.ts";
import { NOTHING_PREDICTED } from "./run-failure.ts";
import { startQueuedRun } from "./start-queued-run.ts";
import { requireRun, type Run } from "./queries.ts";

const RETRYABLE = ["failed", "cancelled"] as const;

/**
 * Goes on with a run that failed or was cancelled, as a new attempt that skips what is done; for contributors of its project. How it ends is told
 * anew. 409 in other states, where none of its rows could be predicted, and when its pipeline has been deleted.
 */
export async function retryRun(context: VerbContext, { run: id }: { run: string }): Promise<Run> {
  const { env, db, caller, nowMs } = context;
  const run = await requireRun(db, caller, id, "change");
  if (run.pipeline.deletedAt !== null)
    throw new AppError("conflict", "The pipeline of this run was deleted, so the run cannot continue.");
  if (run.errorCode === NOTHING_PREDICTED)
    throw new AppError(
      "conflict",
      "A retry would send the same rows, and none of them could be predicted. Correct the source, and run the pipeline again.",
    );
  // Of two retries at the same time, one finds the attempt that it knows.
  const isRetryable = and(eq(runs.id, id), inArray(runs.state, [...RETRYABLE]), eq(runs.attempt, run.attempt));
  const write = db
    .update(runs)
    .set({
      state: "queued",
      attempt: sql`${runs.attempt} + 1`,
      step: null,
      stepStartedAt: null,
      errorCode: null,
      errorMessage: null,
      finishedAt: null,
      notifiedAt: null,
    })
    .where(isRetryable)
    .returning({ id: runs.id, attempt: runs.attempt });
  const [started] = await auditedChange(context, write, auditedRun(run, "retry"), (happened) => [
    db
      .update(deliveries)
      .set({ state: "pending", rows: null, errorCode: null, errorMessage: null, at: nowMs })
      .where(and(eq(deliveries.runId, id), ne(deliveries.state, "succeeded"), happened)),
  ]);
  if (!started) throw new AppError("conflict", "Only a failed or cancelled run can be retried.");
  await startQueuedRun(env, started);
  return requireRun(db, caller, id, "change");
}
