import { and, eq, lt } from "drizzle-orm";
import type { Database } from "../../db.ts";
import { notifyRun } from "./notify-run.ts";
import { runs } from "../schema.ts";
import { type RunAttempt, runStatus, startRun, wakeRun } from "./run-instance.ts";
import { finishRun } from "./run-progress.ts";
import { mayGoOn, startNextRun } from "./start-next-run.ts";

/** Who has just stored a run is about to start it. */
const START_PATIENCE_MS = 30_000;
const PER_TICK = 50;

/**
 * Starts runs that were stored and not started, because what stored them died in between, and ends those whose workflow has ended without
 * saying so. Repeating is safe.
 */
export async function resumeRuns(env: Env, db: Database, nowMs: number): Promise<void> {
  const open = await db
    .select({ id: runs.id, attempt: runs.attempt })
    .from(runs)
    .where(and(mayGoOn, lt(runs.createdAt, nowMs - START_PATIENCE_MS)))
    .orderBy(runs.createdAt)
    .limit(PER_TICK);
  for (const run of open) {
    try {
      await resumeRun(env, db, run, nowMs);
    } catch (error) {
      // One that cannot be looked at must not keep the others waiting; the next tick tries again.
      console.error(`run ${run.id} was not resumed`, error);
    }
  }
}

async function resumeRun(env: Env, db: Database, run: RunAttempt, nowMs: number): Promise<void> {
  const status = await runStatus(env, run);
  if (status === null) await startRun(env, run);
  if (status !== "complete" && status !== "errored" && status !== "terminated") return;
  // Its last step may have been under way when it was looked for: a retry has another attempt, and is left alone.
  const row = await db.select({ attempt: runs.attempt }).from(runs).where(eq(runs.id, run.id)).get();
  if (row?.attempt !== run.attempt) return;
  const message = "The run was interrupted by a server error. Retry it. Finished work is kept.";
  await finishRun(db, run.id, { code: "interrupted", message }, nowMs);
  await startNextRun(env, db, run.id);
  await notifyRun(env, db, run.id, nowMs);
}

/** Has all unfinished runs go on after the machine was switched off: the runtime of one machine does not do that by itself. */
export async function wakeRuns(env: Env, db: Database): Promise<void> {
  const open = await db.select({ id: runs.id, attempt: runs.attempt }).from(runs).where(mayGoOn);
  for (const run of open) {
    try {
      await wakeRun(env, run);
    } catch (error) {
      console.error(`run ${run.id} was not woken`, error);
    }
  }
}
