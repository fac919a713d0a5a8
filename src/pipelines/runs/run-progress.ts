import { and, eq, exists, inArray, isNull, sql } from "drizzle-orm";
import type { Database } from "../../db.ts";
import { deploymentHosts, deployments } from "../../deployments/schema.ts";
import { runName } from "../../deployments/host-name.ts";
import { projects } from "../../projects/schema.ts";
import { deliveries, pipelines, runs, type RunFiles, type RunWarning, type Source, type RUN_STEPS } from "../schema.ts";
import type { RunFailure } from "./run-failure.ts";
import { mayGoOn } from "./start-next-run.ts";

/** What a run is to do: fixed when it begins, and the same at each attempt. */
export interface RunTask {
  runId: string;
  projectId: string;
  deploymentId: string;
  version: number;
  /** When it began first, UTC ms. */
  at: number;
  source: Source;
}

/**
 * Begins a run, or an attempt at it: the version that is current now is its version to the end. Null when it is not to run: it was
 * cancelled, or its deployment has been removed; "waiting" while another run of its pipeline is before it. Repeating is safe.
 */
export async function beginRun(db: Database, runId: string, nowMs: number): Promise<RunTask | "waiting" | null> {
  const isOpen = and(eq(runs.id, runId), inArray(runs.state, ["queued", "running"]));
  const current = sql<number>`(select "currentVersion" from "deployments" where "deployments"."id" = ${runs.deploymentId})`;
  await db
    .update(runs)
    .set({
      state: "running",
      version: sql`coalesce(${runs.version}, ${current})`,
      startedAt: sql`coalesce(${runs.startedAt}, ${sql.raw(String(nowMs))})`,
    })
    .where(and(isOpen, mayGoOn));
  const row = await db
    .select({
      state: runs.state,
      version: runs.version,
      at: runs.startedAt,
      source: pipelines.source,
      projectId: pipelines.projectId,
      deploymentId: runs.deploymentId,
    })
    .from(runs)
    .innerJoin(pipelines, eq(pipelines.id, runs.pipelineId))
    .innerJoin(deployments, eq(deployments.id, runs.deploymentId))
    .innerJoin(projects, eq(projects.id, pipelines.projectId))
    .where(and(isOpen, isNull(deployments.deletedAt), isNull(projects.deletedAt)))
    .get();
  if (row?.state === "queued") return "waiting";
  if (!row || row.version === null || row.at === null) return null;
  const { version, at, source, projectId, deploymentId } = row;
  const task = { runId, version, at, source, projectId, deploymentId };
  // Before it has records: a removal that comes later finds them.
  await db
    .insert(deploymentHosts)
    .values({
      name: runName(task),
      deploymentId: task.deploymentId,
      versionNumber: task.version,
      createdAt: nowMs,
      runAt: task.at,
    })
    .onConflictDoNothing();
  return task;
}

/** Notes what a run is at. False when it is to stop: it has been cancelled. */
export async function noteStep(
  db: Database,
  runId: string,
  step: (typeof RUN_STEPS)[number],
  nowMs: number,
): Promise<boolean> {
  return update(db, runId, { step, stepStartedAt: nowMs });
}

/** Notes how many rows there are, and what was noticed of their columns. */
export async function noteStaged(
  db: Database,
  runId: string,
  { rows, warnings }: { rows: number; warnings: RunWarning[] },
): Promise<boolean> {
  const files = { main: null, challenger: null, errors: null, warnings };
  return update(db, runId, { rowsTotal: rows, ...(warnings.length > 0 && { files }) });
}

/** Notes how many rows have been predicted, those that failed among them: what was noted never becomes less. False: it is to stop. */
export async function noteRowsDone(
  db: Database,
  runId: string,
  { rows, failed }: { rows: number; failed: number },
): Promise<boolean> {
  return update(db, runId, {
    rowsDone: sql<number>`max(${runs.rowsDone}, ${sql.raw(String(rows))})`,
    rowsFailed: sql<number>`max(${runs.rowsFailed}, ${sql.raw(String(failed))})`,
  });
}

/** Notes which files there are, beside what was noticed of the source. */
export async function noteFiles(
  db: Database,
  runId: string,
  files: RunFiles,
  warnings: RunWarning[],
): Promise<boolean> {
  return update(db, runId, { files: { ...files, ...(warnings.length > 0 && { warnings }) } });
}

type Change = Parameters<ReturnType<Database["update"]>["set"]>[0];

async function update(db: Database, runId: string, change: Change): Promise<boolean> {
  const changed = await db
    .update(runs)
    .set(change)
    .where(and(eq(runs.id, runId), eq(runs.state, "running")))
    .returning({ id: runs.id });
  return changed.length > 0;
}

/** Ends a run that is running: with a failure, or well. One that was cancelled stays so. Repeating is safe. */
export async function finishRun(db: Database, runId: string, failure: RunFailure | null, nowMs: number): Promise<void> {
  await db
    .update(runs)
    .set({
      state: failure ? "failed" : "succeeded",
      errorCode: failure?.code ?? null,
      errorMessage: failure?.message ?? null,
      step: null,
      stepStartedAt: null,
      finishedAt: nowMs,
    })
    .where(and(eq(runs.id, runId), inArray(runs.state, ["queued", "running"])));
}

export type DeliveryRow = typeof deliveries.$inferSelect;

/** The deliveries of a run, in the order of its destinations. */
export async function listDeliveries(db: Database, runId: string): Promise<DeliveryRow[]> {
  return db.select().from(deliveries).where(eq(deliveries.runId, runId)).orderBy(deliveries.position);
}

/** Notes how a delivery of a running run stands; of one that has been cancelled nothing is noted any more. */
export async function noteDelivery(
  db: Database,
  { runId, position }: Pick<DeliveryRow, "runId" | "position">,
  said: { state: DeliveryRow["state"]; rows: number | null; failure: RunFailure | null; notes?: string[] | undefined },
  nowMs: number,
): Promise<void> {
  const { state, rows, failure, notes = [] } = said;
  await db
    .update(deliveries)
    .set({
      state,
      rows,
      errorCode: failure?.code ?? null,
      errorMessage: failure?.message ?? null,
      notes: notes.length > 0 ? notes : null,
      at: nowMs,
    })
    .where(
      and(
        eq(deliveries.runId, runId),
        eq(deliveries.position, position),
        exists(
          db
            .select({ id: runs.id })
            .from(runs)
            .where(and(eq(runs.id, runId), eq(runs.state, "running"))),
        ),
      ),
    );
}
