import { and, eq, inArray, type SQL } from "drizzle-orm";
import { requireUser } from "../../access/authorize.ts";
import type { Caller } from "../../access/caller.ts";
import { writeAudit } from "../../audit/audit.ts";
import type { Database } from "../../db.ts";
import { AppError } from "../../errors.ts";
import { deliveries, runs } from "../schema.ts";
import { auditedRun } from "./audited-run.ts";
import { requireRun, type Run } from "./queries.ts";
import { type RunAttempt, stopRun } from "./run-instance.ts";

const ACTIVE = ["queued", "running"] as const;

/** Cancels a run that has not ended, for contributors of its project; what has been delivered stays. 409 when it has ended. */
export async function cancelRun(
  { env, db }: { env: Pick<Env, "RUN_WORKFLOW">; db: Database },
  caller: Caller,
  id: string,
  nowMs: number,
): Promise<Run> {
  const run = await requireRun(db, caller, id, "change");
  const [, cancelled] = await db.batch(cancelStatements(db, eq(runs.id, id), nowMs));
  if (cancelled.length === 0) throw new AppError("conflict", "The run has already ended.");
  await stopWorkflows(env, cancelled);
  await writeAudit(db, requireUser(caller), auditedRun(run, "cancel"), nowMs);
  return requireRun(db, caller, id, "change");
}

/** The statements that cancel those of the runs which have not ended. For `db.batch`; the second returns them. */
export function cancelStatements(db: Database, which: SQL, nowMs: number) {
  const isActive = and(which, inArray(runs.state, [...ACTIVE]));
  const active = db.select({ id: runs.id }).from(runs).where(isActive);
  return [
    db
      .update(deliveries)
      .set({
        state: "failed",
        errorCode: "cancelled",
        errorMessage:
          "The run was cancelled during this delivery. The data may have arrived. A retry of the run settles this.",
        at: nowMs,
      })
      .where(and(inArray(deliveries.runId, active), eq(deliveries.state, "running"))),
    db
      .update(runs)
      .set({ state: "cancelled", step: null, stepStartedAt: null, finishedAt: nowMs })
      .where(isActive)
      .returning({ id: runs.id, attempt: runs.attempt }),
  ] as const;
}

/** Ends the workflows of runs that are cancelled. One that cannot be ended now ends by itself: a workflow goes on with running runs only. */
export async function stopWorkflows(env: Pick<Env, "RUN_WORKFLOW">, cancelled: readonly RunAttempt[]): Promise<void> {
  for (const run of cancelled) {
    try {
      await stopRun(env, run);
    } catch (error) {
      console.error(`the workflow of run ${run.id} was not stopped`, error);
    }
  }
}
