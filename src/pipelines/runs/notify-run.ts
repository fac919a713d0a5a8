import { and, eq, inArray, isNull } from "drizzle-orm";
import { type Delivered, type OutgoingMessage, type Recipient, sendMessage } from "../../alerts/send-message.ts";
import type { Database } from "../../db.ts";
import { secretPlace } from "../definitions/pipeline-notify.ts";
import { pipelines, runs } from "../schema.ts";
import { findRun } from "./queries.ts";
import { runMessage } from "./run-message.ts";

/** Pauses between attempts to tell: a receiver that is down for longer is not waited for. */
const PAUSES_MS = [1_000, 5_000];

/**
 * Tells who is to be told how a run ended: once for each attempt at the run that failed or succeeded. Repeating is safe, also at the same
 * time: who tells it has noted so before. Never throws: a message that does not arrive, tried three times under one id, changes nothing
 * of the run.
 */
export async function notifyRun(
  env: Env,
  db: Database,
  runId: string,
  nowMs: number,
  pausesMs: readonly number[] = PAUSES_MS,
): Promise<void> {
  try {
    await notify(env, db, runId, nowMs, pausesMs);
  } catch (error) {
    console.error(`nobody was told how run ${runId} ended`, error);
  }
}

async function notify(
  env: Env,
  db: Database,
  runId: string,
  nowMs: number,
  pausesMs: readonly number[],
): Promise<void> {
  const run = await findRun(db, runId);
  if (!run || run.notifiedAt !== null) return;
  const pipeline = await db.select().from(pipelines).where(eq(pipelines.id, run.pipelineId)).get();
  if (!pipeline || pipeline.deletedAt !== null || pipeline.notifyBy === null || pipeline.notifyTo === null) return;
  const [claimed] = await db
    .update(runs)
    .set({ notifiedAt: nowMs })
    .where(
      and(
        eq(runs.id, runId),
        eq(runs.attempt, run.attempt),
        isNull(runs.notifiedAt),
        inArray(runs.state, ["failed", "succeeded"]),
      ),
    )
    .returning({ id: runs.id });
  if (!claimed) return;
  const { id, notifyBy, notifyTo, sealedSecret, origin } = pipeline;
  const recipient = { notifyBy, notifyTo, sealedSecret, secretPlace: secretPlace(id) };
  const message = runMessage(run, origin, `${runId}-${run.attempt}`, nowMs);
  const { ok, detail } = await sendRepeatedly(env, recipient, message, nowMs, pausesMs);
  if (!ok) console.warn(`message ${message.id} did not arrive: ${detail}`);
}

async function sendRepeatedly(
  env: Env,
  recipient: Recipient,
  message: OutgoingMessage,
  nowMs: number,
  pausesMs: readonly number[],
): Promise<Delivered> {
  let said = await sendMessage(env, recipient, message, nowMs);
  for (const pauseMs of pausesMs) {
    if (said.ok) return said;
    await scheduler.wait(pauseMs);
    said = await sendMessage(env, recipient, message, nowMs + pauseMs);
  }
  return said;
}
