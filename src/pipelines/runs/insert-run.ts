import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../db.ts";
import { deployments } from "../../deployments/schema.ts";
import { newId } from "../../lib/id.ts";
import { projects } from "../../projects/schema.ts";
import { deliveries, type Destination, pipelines, type RUN_TRIGGERS, runs } from "../schema.ts";

/** A run that is to be. */
export interface NewRun {
  id: string;
  pipelineId: string;
  trigger: (typeof RUN_TRIGGERS)[number];
  /** UTC ms; null when somebody asked for it. */
  slot: number | null;
}

/**
 * The statements that store a run as queued, with a pending delivery for each destination that the pipeline has at that moment. For `db.batch`. The
 * first returns the run's id, or nothing where `condition` is false of the pipeline, or the slot has a run already; then nothing is stored.
 */
export function insertRunStatements(
  db: Database,
  { id, pipelineId, trigger, slot }: NewRun,
  condition: SQL,
  nowMs: number,
) {
  const run = db
    .select(
      runColumns({
        id: sql`${id}`,
        trigger: sql`${trigger}`,
        slot: sql`${slot}`,
        state: sql`'queued'`,
        createdAt: sql`${nowMs}`,
        finishedAt: sql`null`,
      }),
    )
    .from(pipelines)
    .where(and(eq(pipelines.id, pipelineId), condition));
  const waiting = db
    .select({
      runId: sql<string>`${id}`.as("runId"),
      position: sql<number>`destination.key`.as("position"),
      connectionId: sql<string>`destination.value ->> '$.connection_id'`.as("connectionId"),
      destination: sql<Destination>`destination.value`.as("destination"),
      state: sql<"pending">`'pending'`.as("state"),
      rows: sql<null>`null`.as("rows"),
      errorCode: sql<null>`null`.as("errorCode"),
      errorMessage: sql<null>`null`.as("errorMessage"),
      at: sql<null>`null`.as("at"),
    })
    .from(pipelines)
    .innerJoin(sql`json_each(${pipelines.destinations}) as destination`, sql`true`)
    .where(sql`${pipelines.id} = ${pipelineId} and exists (select 1 from ${runs} where ${runs.id} = ${id})`);
  return [
    // Idempotency key: the pipeline and its slot.
    db.insert(runs).select(run).onConflictDoNothing().returning({ id: runs.id }),
    db.insert(deliveries).select(waiting),
  ] as const;
}

/**
 * The statement that stores slots as skipped, where `condition` is true of the pipeline. They stand in lists where their slots were. One parameter
 * holds all of them: D1 binds at most 100 a statement.
 */
export function insertSkippedStatement(
  db: Database,
  pipelineId: string,
  slots: readonly number[],
  condition: SQL,
  nowMs: number,
) {
  const list = JSON.stringify(slots.map((slot) => ({ id: newId("run"), slot })));
  const skipped = db
    .select(
      runColumns({
        id: sql`missed.value ->> '$.id'`,
        trigger: sql`'schedule'`,
        slot: sql`missed.value ->> '$.slot'`,
        state: sql`'skipped'`,
        createdAt: sql`missed.value ->> '$.slot'`,
        finishedAt: sql`${nowMs}`,
      }),
    )
    .from(pipelines)
    .innerJoin(sql`json_each(${list}) as missed`, sql`true`)
    .where(and(eq(pipelines.id, pipelineId), condition));
  return db.insert(runs).select(skipped).onConflictDoNothing();
}

interface Given {
  id: SQL;
  trigger: SQL;
  slot: SQL;
  state: SQL;
  createdAt: SQL;
  finishedAt: SQL;
}

/** All columns of a run that has not begun, in the order of the table, as drizzle wants them of a select that is inserted. */
function runColumns({ id, trigger, slot, state, createdAt, finishedAt }: Given) {
  const nothing = (name: string) => sql<null>`null`.as(name);
  return {
    id: sql<string>`${id}`.as("id"),
    pipelineId: sql<string>`${pipelines.id}`.as("pipelineId"),
    deploymentId: sql<string>`${pipelines.deploymentId}`.as("deploymentId"),
    trigger: sql<NewRun["trigger"]>`${trigger}`.as("trigger"),
    slot: sql<number | null>`${slot}`.as("slot"),
    state: sql<"queued" | "skipped">`${state}`.as("state"),
    version: nothing("version"),
    attempt: sql<number>`1`.as("attempt"),
    step: nothing("step"),
    stepStartedAt: nothing("stepStartedAt"),
    rowsTotal: nothing("rowsTotal"),
    rowsDone: sql<number>`0`.as("rowsDone"),
    rowsFailed: sql<number>`0`.as("rowsFailed"),
    files: nothing("files"),
    errorCode: nothing("errorCode"),
    errorMessage: nothing("errorMessage"),
    createdAt: sql<number>`${createdAt}`.as("createdAt"),
    startedAt: nothing("startedAt"),
    finishedAt: sql<number | null>`${finishedAt}`.as("finishedAt"),
    notifiedAt: nothing("notifiedAt"),
  };
}

/** The condition that a pipeline can run: neither it nor its deployment nor its project is gone. */
export const canRun: SQL = sql`(${pipelines.deletedAt} is null
  and exists (select 1 from ${deployments} where ${deployments.id} = ${pipelines.deploymentId} and ${deployments.deletedAt} is null)
  and exists (select 1 from ${projects} where ${projects.id} = ${pipelines.projectId} and ${projects.deletedAt} is null))`;
