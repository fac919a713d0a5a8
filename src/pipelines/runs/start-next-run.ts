import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../db.ts";
import { runs } from "../schema.ts";
import { startRun } from "./run-instance.ts";

/** The condition that no other run of the same pipeline goes on, and none that is older waits: a pipeline does one run at a time. */
const hasTurn: SQL = sql`not exists (select 1 from ${runs} as other where other."pipelineId" = "runs"."pipelineId" and other.id <> "runs".id
  and (other.state = 'running' or (other.state = 'queued' and (other."createdAt", other.id) < ("runs"."createdAt", "runs".id))))`;

/** The condition that a run goes on or may begin now. */
export const mayGoOn: SQL = sql`("runs".state = 'running' or ("runs".state = 'queued' and ${hasTurn}))`;

/** The condition that a run waits for another one of its pipeline. */
export const waitsForAnother: SQL = sql`("runs".state = 'queued' and not (${hasTurn}))`;

/**
 * Starts the run whose turn it is among those of the pipeline that `runId` is of; without one that waits, nothing. Repeating is safe. Never
 * throws: one that does not start now stays queued, and the clock starts it.
 */
export async function startNextRun(env: Pick<Env, "RUN_WORKFLOW">, db: Database, runId: string): Promise<void> {
  try {
    const samePipeline = sql`"runs"."pipelineId" = (select its."pipelineId" from ${runs} as its where its.id = ${runId})`;
    const [next] = await db
      .select({ id: runs.id, attempt: runs.attempt })
      .from(runs)
      .where(and(samePipeline, eq(runs.state, "queued"), hasTurn))
      .limit(1);
    if (next) await startRun(env, next);
  } catch (error) {
    console.error(`the run after ${runId} was not started at once`, error);
  }
}
