import { and, eq, inArray, isNotNull, isNull, lt, notExists, or, sql } from "drizzle-orm";
import type { Database } from "../db.ts";
import { deployments } from "../deployments/schema.ts";
import { deleteFiles } from "../experiments/model-files.ts";
import { runPrefix } from "../inference/batch/run-result.ts";
import { MINUTE_MS } from "../lib/time.ts";
import { projects } from "../projects/schema.ts";
import { cancelStatements, stopWorkflows } from "./runs/cancel-run.ts";
import { deliveries, pipelines, runs } from "./schema.ts";

const RUNS_PER_TICK = 20;
/** What a run has under way when it is stopped may still write a file for a while. */
const SETTLED_AFTER_MS = 10 * MINUTE_MS;

/**
 * Removes the runs of removed deployments: they are stopped at once, and go with their files ten minutes after their end. Their pipelines
 * are disabled, and wait for another deployment. Pipelines that were deleted, or whose project was, go when they have no runs any more.
 * Files go first, then the rows, so that what was cut off is found again. Repeating is safe.
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
  await disablePipelines(db);
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
  const [stopped] = await db.batch(cancelStatements(db, inArray(runs.id, ids), nowMs));
  await stopWorkflows(env, stopped);
}

/** What people wrote in a pipeline outlives its deployment; slots of the time without one are not made up for. */
async function disablePipelines(db: Database): Promise<void> {
  const removed = db.select({ id: deployments.id }).from(deployments).where(isNotNull(deployments.deletedAt));
  await db
    .update(pipelines)
    .set({ enabled: false, nextSlot: null })
    .where(and(inArray(pipelines.deploymentId, removed), eq(pipelines.enabled, true), isNull(pipelines.deletedAt)));
}

/** Those that were deleted, or whose project was, and that have no runs left. */
async function removePipelines(db: Database): Promise<void> {
  const deleted = db.select({ id: projects.id }).from(projects).where(isNotNull(projects.deletedAt));
  const itsRuns = db
    .select({ one: sql`1` })
    .from(runs)
    .where(eq(runs.pipelineId, pipelines.id));
  const isDone = or(inArray(pipelines.projectId, deleted), isNotNull(pipelines.deletedAt));
  await db.delete(pipelines).where(and(isDone, notExists(itsRuns)));
}
