import { and, eq, inArray, type SQL } from "drizzle-orm";
import { auditedChange } from "../../audit/audited-change.ts";
import type { Database } from "../../db.ts";
import { AppError } from "../../errors.ts";
import type { VerbContext } from "../../verb-context.ts";
import { deliveries, runs } from "../schema.ts";
import { auditedRun } from "./audited-run.ts";
import { requireRun, type Run } from "./queries.ts";
import { type RunAttempt, stopRun } from "./run-instance.ts";
import { startNextRun } from "./start-next-run.ts";

const ACTIVE = ["queued", "running"] as const;

/** Cancels a run that has not ended, for contributors of its project; what has been delivered stays. 409 when it has ended. */
export async function cancelRun(context: VerbContext, { run: id }: { run: string }): Promise<Run> {
  const { env, db, caller, nowMs } = context;
  const run = await requireRun(db, caller, id, "change");
  const [runWrite, deliveriesWrite] = cancelStatements(db, eq(runs.id, id), nowMs);
  const cancelled = await auditedChange(context, runWrite, auditedRun(run, "cancel"), () => [deliveriesWrite]);
  if (cancelled.length === 0) throw new AppError("conflict", "The run has already ended.");
  await stopWorkflows(env, cancelled);
  await startNextRun(env, db, id);
  return requireRun(db, caller, id, "change");
}

/** The statements that cancel those of the runs which have not ended. For `db.batch`, in this order; the first returns them. */
export function cancelStatements(db: Database, which: SQL | undefined, nowMs: number) {
  const cancelled = db
    .select({ id: runs.id })
    .from(runs)
    .where(and(which, eq(runs.state, "cancelled")));
  return [
    db
      .update(runs)
      .set({ state: "cancelled", step: null, stepStartedAt: null, finishedAt: nowMs })
      .where(and(which, inArray(runs.state, [...ACTIVE])))
      .returning({ id: runs.id, attempt: runs.attempt }),
    // No delivery of a run that was cancelled before is running.
    db
      .update(deliveries)
      .set({
        state: "failed",
        errorCode: "cancelled",
        errorMessage:
          "The run was cancelled during this delivery. The data may have arrived. A retry of the run settles this.",
        at: nowMs,
      })
      .where(and(inArray(deliveries.runId, cancelled), eq(deliveries.state, "running"))),
  ] as const;
}

/**
 * Ends the workflows of runs that are cancelled. One that cannot be ended now ends by itself: a workflow goes on with running runs only.
 */
export async function stopWorkflows(env: Pick<Env, "RUN_WORKFLOW">, cancelled: readonly RunAttempt[]): Promise<void> {
  for (const run of cancelled) {
    try {
      await stopRun(env, run);
    } catch (error) {
      console.error(`the workflow of run ${run.id} was not stopped`, error);
    }
  }
}
