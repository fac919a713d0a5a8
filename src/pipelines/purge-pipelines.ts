import { and, eq, inArray, isNotNull, isNull, lt, notExists, or, sql } from "drizzle-orm";
import type { Database } from "../db.ts";
import { deployments } from "../deployments/schema.ts";
import { deleteFiles } from "../experiments/model-files.ts";
import { runPrefix } from "../inference/batch/run-result.ts";
import { MINUTE_MS } from "../lib/time.ts";
import { cancelStatements, stopWorkflows } from "./runs/cancel-run.ts";
import { deliveries, pipelines, runs } from "./schema.ts";

const RUNS_PER_TICK = 20;
/** What a run has under way when it is stopped may still write a file for a while. */
const SETTLED_AFTER_MS = 10 * MINUTE_MS;

/**
 * Removes the pipelines and runs of removed deployments: runs are stopped at once, and go with their files ten minutes after their end;
 * their pipelines, and those that were deleted, go when they have no runs any more. Files go first, then the rows, so that what was cut off is found again. Repeating is safe.
 */
export async function purgePipelines(
  env: Pick<Env, "STORE" | "RUN_WORKFLOW">,
  db: Database,
  nowMs: number,
): Promise<void> {
  const removed = db.select({ id: deployments.id }).from(deployments).where(isNotNull(deployments.deletedAt));
  const ofRemoved = inArray(runs.deploymentId, removed);
  await stopSome(env, db, nowMs);
  const isSettled = or(isNull(runs.finishedAt), lt(runs.finishedAt, nowMs - SETTLED_AFTER_MS));
  const hasEnded = inArray(runs.state, ["succeeded", "failed", "cancelled", "skipped"]);
  const due = await db
    .select({ id: runs.id })
    .from(runs)
    .where(and(ofRemoved, hasEnded, isSettled))
    .limit(RUNS_PER_TICK);
  for (const { id } of due) {
    await deleteFiles(env.STORE, runPrefix(id));
    await db.batch([db.delete(deliveries).where(eq(deliveries.runId, id)), db.delete(runs).where(eq(runs.id, id))]);
  }
  await removePipelines(db);
}

/** Stops runs of removed deployments that have not ended. */
async function stopSome(env: Pick<Env, "RUN_WORKFLOW">, db: Database, nowMs: number): Promise<void> {
  const active = await db
    .select({ id: runs.id })
    .from(runs)
    .innerJoin(deployments, eq(deployments.id, runs.deploymentId))
    .where(and(isNotNull(deployments.deletedAt), inArray(runs.state, ["queued", "running"])))
    .limit(RUNS_PER_TICK);
  if (active.length === 0) return;
  const ids = active.map(({ id }) => id);
  const [, stopped] = await db.batch(cancelStatements(db, inArray(runs.id, ids), nowMs));
  await stopWorkflows(env, stopped);
}

/** A pipeline that had another deployment before keeps its row with the runs of that one, until somebody gives it another or deletes it. */
async function removePipelines(db: Database): Promise<void> {
  const removed = db.select({ id: deployments.id }).from(deployments).where(isNotNull(deployments.deletedAt));
  const itsRuns = db
    .select({ one: sql`1` })
    .from(runs)
    .where(eq(runs.pipelineId, pipelines.id));
  const isDone = or(inArray(pipelines.deploymentId, removed), isNotNull(pipelines.deletedAt));
  await db.delete(pipelines).where(and(isDone, notExists(itsRuns)));
}
