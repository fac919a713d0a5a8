import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../db.ts";
import { deployments } from "../../deployments/schema.ts";
import { insertWhere } from "../../insert-where.ts";
import { newId } from "../../lib/id.ts";
import { projects } from "../../projects/schema.ts";
import { deliveries, pipelines, type RUN_TRIGGERS, runs } from "../schema.ts";
import { waitsForAnother } from "./start-next-run.ts";

/** A run that is to be. */
export interface NewRun {
  id: string;
  pipelineId: string;
  trigger: (typeof RUN_TRIGGERS)[number];
  /** UTC ms; null when somebody asked for it. */
  slot: number | null;
}

/**
 * The statements that store a run as queued, with a pending delivery for each destination that the pipeline has at that moment. For
 * `db.batch`. The first returns the run's id, or nothing where `condition` is false of the pipeline, or the slot has a run already; then
 * nothing is stored.
 */
export function insertRunStatements(
  db: Database,
  { id, pipelineId, trigger, slot }: NewRun,
  condition: SQL,
  nowMs: number,
) {
  const run = { ...newRun(pipelineId), id, trigger, slot, state: "queued", createdAt: nowMs } as const;
  const delivery = {
    runId: id,
    position: sql`destination.key`,
    connectionId: sql`destination.value ->> '$.connection_id'`,
    destination: sql`destination.value`,
    state: "pending",
  } as const;
  const ofPipeline = eq(pipelines.id, pipelineId);
  const isStored = sql`exists (select 1 from ${runs} where ${runs.id} = ${id})`;
  const destinations = sql`${pipelines}, json_each(${pipelines.destinations}) as destination`;
  return [
    // Idempotency key: the pipeline and its slot.
    insertWhere(db, runs, run, and(ofPipeline, condition), sql`${pipelines}`)
      .onConflictDoNothing()
      .returning({ id: runs.id }),
    insertWhere(db, deliveries, delivery, and(ofPipeline, isStored), destinations),
  ] as const;
}

/**
 * The statement that stores slots as skipped, where `condition` is true of the pipeline. They stand in lists where their slots were. One
 * parameter holds all of them: D1 binds at most 100 a statement.
 */
export function insertSkippedStatement(
  db: Database,
  pipelineId: string,
  slots: readonly number[],
  condition: SQL,
  nowMs: number,
) {
  const list = JSON.stringify(slots.map((slot) => ({ id: newId("run"), slot })));
  const slot = sql`missed.value ->> '$.slot'`;
  const run = {
    ...newRun(pipelineId),
    id: sql`missed.value ->> '$.id'`,
    trigger: "schedule",
    slot,
    state: "skipped",
    createdAt: slot,
    finishedAt: nowMs,
  } as const;
  const missed = sql`${pipelines}, json_each(${list}) as missed`;
  return insertWhere(db, runs, run, and(eq(pipelines.id, pipelineId), condition), missed).onConflictDoNothing();
}

/**
 * The statements that skip the slots of a pipeline which wait for another run of it, and drop what they were to deliver, where
 * `condition` is true of the pipeline: a newer slot comes instead. For `db.batch`, in this order. Retries are kept: somebody asked for
 * them.
 */
export function skipWaitingStatements(db: Database, pipelineId: string, condition: SQL, nowMs: number) {
  const ofPipeline = and(eq(runs.pipelineId, pipelineId), eq(runs.trigger, "schedule"), eq(runs.attempt, 1));
  const isMet = sql`exists (select 1 from ${pipelines} where ${pipelines.id} = ${pipelineId} and ${condition})`;
  const skipped = db
    .select({ id: runs.id })
    .from(runs)
    .where(and(ofPipeline, eq(runs.state, "skipped")));
  return [
    db
      .update(runs)
      .set({ state: "skipped", finishedAt: nowMs })
      .where(and(ofPipeline, waitsForAnother, isMet)),
    db.delete(deliveries).where(inArray(deliveries.runId, skipped)),
  ] as const;
}

/** What is the same of all runs that have not begun. */
function newRun(pipelineId: string) {
  return { pipelineId, deploymentId: sql`${pipelines.deploymentId}`, attempt: 1, rowsDone: 0, rowsFailed: 0 } as const;
}

/** The condition that a pipeline can run: neither it nor its deployment nor its project is gone. */
export const canRun: SQL = sql`(${pipelines.deletedAt} is null
  and exists (select 1 from ${deployments} where ${deployments.id} = ${pipelines.deploymentId} and ${deployments.deletedAt} is null)
  and exists (select 1 from ${projects} where ${projects.id} = ${pipelines.projectId} and ${projects.deletedAt} is null))`;
