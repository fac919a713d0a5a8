import { eq } from "drizzle-orm";
import { HEAP_BUDGET_BYTES } from "../../config.ts";
import type { Database } from "../../db.ts";
import { predictRows } from "../../engine/predict-rows.ts";
import type { Answers } from "../../engine/read-answers.ts";
import { pickRows, type Rows } from "../../engine/rows.ts";
import { Session } from "../../engine/runtime.ts";
import { AppError, isAppError } from "../../errors.ts";
import { readVerified, servingKey } from "../model-files.ts";
import { models } from "../schema.ts";

/** What a model says to rows that were recorded; a row is in one of the two lists. */
export interface Replay {
  answered: { rows: number[]; answers: Answers }[];
  failed: { row: number; message: string }[];
}

/** A run cannot be interrupted, so this bounds how long others in the isolate wait for one. */
const ROWS_PER_RUN = 64;

/**
 * Predicts `rows` with a model, in a session of its own. Where the model does not take rows together each is asked alone, so that only
 * the culprits fail. Throws AppError `not_found`, `model_load` or `model_memory` when the model cannot be had at all.
 */
export async function replayRows(env: Env, db: Database, modelId: string, rows: Rows): Promise<Replay> {
  const model = await db.select().from(models).where(eq(models.id, modelId)).get();
  if (!model) throw new AppError("not_found", "Model not found.");
  const bytes = await readVerified(env.STORE, servingKey(modelId), model.servingSha256);
  let session = await Session.load(bytes, HEAP_BUDGET_BYTES);
  const replay: Replay = { answered: [], failed: [] };
  const predict = async (numbers: number[]): Promise<void> => {
    if (session.isBroken) {
      session.release();
      session = await Session.load(bytes, HEAP_BUDGET_BYTES);
    }
    try {
      const answers = predictRows(session, model.plan, pickRows(rows, numbers));
      // An object without a prototype does not go from one object to another.
      replay.answered.push({ rows: numbers, answers: { ...answers, extra: { ...answers.extra } } });
    } catch (error) {
      if (!isAppError(error)) throw error;
      if (numbers.length > 1) for (const number of numbers) await predict([number]);
      else replay.failed.push({ row: numbers[0] ?? 0, message: error.message });
    }
  };
  try {
    for (let from = 0; from < rows.count; from += ROWS_PER_RUN) {
      await predict(Array.from({ length: Math.min(ROWS_PER_RUN, rows.count - from) }, (_, index) => from + index));
      await scheduler.wait(0);
    }
  } finally {
    session.release();
  }
  return replay;
}
