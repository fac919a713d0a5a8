import { and, asc, eq, getTableColumns, isNotNull, lte, sql } from "drizzle-orm";
import type { Database } from "../../db.ts";
import { newId } from "../../lib/id.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import { canRun, insertRunStatements, insertSkippedStatement, skipWaitingStatements } from "../runs/insert-run.ts";
import { startNextRun } from "../runs/start-next-run.ts";
import { pipelines } from "../schema.ts";
import { dueSlots } from "./schedule.ts";

const PER_TICK = 200;
/** A Worker has six connections at a time. */
const AT_A_TIME = 5;

/**
 * Starts a run for each pipeline that is due, for the newest of its slots that have come; the others that it missed are stored as skipped,
 * and so is a slot that still waits for a run to end. A run whose pipeline has another one under way begins when that has ended.
 * Repeating is safe, at the same time too: slots are taken by a write that succeeds once. A pipeline that cannot be started keeps no other
 * waiting, and is tried again at the next tick.
 */
export async function startDueRuns(env: Pick<Env, "RUN_WORKFLOW">, db: Database, nowMs: number): Promise<void> {
  // Nothing is read here that may be broken: a row that cannot be read must not keep the others waiting.
  const due = await db
    .select({ id: pipelines.id })
    .from(pipelines)
    .where(and(isNotNull(pipelines.nextSlot), lte(pipelines.nextSlot, nowMs), eq(pipelines.enabled, true), canRun))
    .orderBy(asc(pipelines.nextSlot), asc(pipelines.id))
    .limit(PER_TICK);
  await inParallel(due, AT_A_TIME, async ({ id }) => {
    try {
      await startDueRun(env, db, id, nowMs);
    } catch (error) {
      console.error(`pipeline ${id} was not started`, error);
    }
  });
}

async function startDueRun(
  env: Pick<Env, "RUN_WORKFLOW">,
  db: Database,
  pipelineId: string,
  nowMs: number,
): Promise<void> {
  const { nextSlot, schedule } = getTableColumns(pipelines);
  const pipeline = await db.select({ nextSlot, schedule }).from(pipelines).where(eq(pipelines.id, pipelineId)).get();
  if (!pipeline?.schedule || pipeline.nextSlot === null) return;
  const due = dueSlots(pipeline.schedule, pipeline.nextSlot, nowMs);
  if (due.run === null) return;
  // Whoever takes the slot moves it: of two ticks at once the other one finds it moved, and stores nothing.
  const isStillDue = sql`${pipelines.nextSlot} = ${pipeline.nextSlot} and ${pipelines.enabled} = 1 and ${canRun}`;
  const run = { id: newId("run"), pipelineId, trigger: "schedule", slot: due.run } as const;
  const [, , , [inserted]] = await db.batch([
    ...skipWaitingStatements(db, pipelineId, isStillDue, nowMs),
    insertSkippedStatement(db, pipelineId, due.skipped, isStillDue, nowMs),
    ...insertRunStatements(db, run, isStillDue, nowMs),
    db
      .update(pipelines)
      .set({ nextSlot: due.next })
      .where(and(eq(pipelines.id, pipelineId), isStillDue)),
  ]);
  if (inserted) await startNextRun(env, db, inserted.id);
}
