import { DurableObject } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { database } from "../../db.ts";
import type { Rows } from "../../engine/rows.ts";
import { AppError, isAppError } from "../../errors.ts";
import { models } from "../schema.ts";
import { type Replay, replayRows } from "./replay-rows.ts";
import { tryModel } from "./try-model.ts";

interface Job {
  modelId: string;
  attempts: number;
}

/** A trial that stopped its object this often is not made again: the model is what stopped it. */
const ATTEMPTS_MAX = 2;

/**
 * Tries one uploaded model: loads it and predicts the reference rows, in an object that does nothing else. The alarm
 * carries it through a crash, and an attempt is noted before it is made, so that a model that kills its object is found out.
 */
export class ModelTrial extends DurableObject<Env> {
  /** Begins the trial and returns at once; the model's state says how it went. Repeating is safe. */
  async begin(modelId: string): Promise<void> {
    await this.ctx.storage.put<Job>("job", { modelId, attempts: 0 });
    await this.ctx.storage.setAlarm(Date.now());
  }

  /** Predicts rows that were recorded, for a preview; keeps nothing. Throws as replayRows does. */
  async replay(modelId: string, rows: Rows): Promise<Replay> {
    return replayRows(this.env, database(this.env), modelId, rows);
  }

  override async alarm(): Promise<void> {
    const job = await this.ctx.storage.get<Job>("job");
    if (!job) return;
    const attempts = job.attempts + 1;
    await this.ctx.storage.put<Job>("job", { ...job, attempts });
    await this.ctx.storage.sync();
    await this.#try(job.modelId, attempts);
    await this.ctx.storage.deleteAll();
  }

  async #try(modelId: string, attempts: number): Promise<void> {
    const db = database(this.env);
    try {
      if (attempts > ATTEMPTS_MAX) {
        throw new AppError(
          "model_run",
          "The model stopped the engine in every trial: it uses too much memory or does not end. Export a smaller model.",
        );
      }
      await db.update(models).set({ state: "running" }).where(eq(models.id, modelId));
      const outcome = await tryModel(this.env, db, modelId);
      await db
        .update(models)
        .set({ state: "succeeded", ...outcome })
        .where(eq(models.id, modelId));
    } catch (error) {
      // Anything but a refusal is a fault of ours or of the platform: the alarm repeats, and the attempts are counted.
      if (!isAppError(error)) throw error;
      await db
        .update(models)
        .set({ state: "failed", errorCode: error.code, errorMessage: error.message })
        .where(eq(models.id, modelId));
    }
  }
}
