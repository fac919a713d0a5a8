import { DurableObject } from "cloudflare:workers";
import { database } from "../../db.ts";
import { loadSession, type ModelRole } from "../../engine/sessions.ts";
import { AppError } from "../../errors.ts";
import { readVerified } from "../../experiments/model-files.ts";
import { loadFoldPlan } from "../../inference/records/fold-plan.ts";
import { loadServingSpec } from "../../inference/spec/load-serving-spec.ts";
import { type RangeJob, type RangePorts, predictRange } from "./predict-range.ts";

/** A version of a deployment, and which of the hosts that share its ranges. */
export interface BatchHostName {
  deploymentId: string;
  version: number;
  shard: number;
}

/** What the run is told of a range; all else lies in the store. */
export interface RangeOutcome {
  rows: number;
  failed: number;
}

/** The host of a shard. */
export function batchHost(
  env: Pick<Env, "BATCH_HOST">,
  { deploymentId, version, shard }: BatchHostName,
): DurableObjectStub<BatchHost> {
  return env.BATCH_HOST.getByName(`${deploymentId}/${version}/${shard}`);
}

/**
 * Predicts ranges of batch runs, one after the other, apart from the hosts that answer calls: these are never held up. It stores nothing
 * of its own.
 */
export class BatchHost extends DurableObject<Env> {
  #served: Promise<RangePorts> | null = null;
  #last: Promise<unknown> = Promise.resolve();

  /** Predicts a range; repeating is safe. Throws AppError where the version is gone or its main model cannot be loaded. */
  predictRange(name: BatchHostName, job: RangeJob): Promise<RangeOutcome> {
    // One at a time: each takes memory of its own.
    const predicted = this.#last.then(() => this.#predict(name, job));
    // Whoever asked for it is told how it went; the next one begins in any case.
    this.#last = predicted.catch(() => undefined);
    return predicted;
  }

  async #predict(name: BatchHostName, job: RangeJob): Promise<RangeOutcome> {
    const report = await predictRange(await this.#serve(name), job);
    return { rows: report.rows, failed: report.rows - report.main.rows };
  }

  #serve(name: BatchHostName): Promise<RangePorts> {
    this.#served ??= loadRangePorts(this.env, name).catch((error: unknown) => {
      this.#served = null;
      throw error;
    });
    return this.#served;
  }
}

/** What predicting ranges of a version needs. Throws AppError where the version is gone. */
export async function loadRangePorts(
  env: Env,
  { deploymentId, version }: Pick<BatchHostName, "deploymentId" | "version">,
): Promise<RangePorts> {
  const db = database(env);
  const spec = await loadServingSpec(db, deploymentId, version);
  if (!spec) throw new AppError("not_found", "The deployment was deleted.");
  const session = (role: ModelRole) => {
    const model = role === "main" ? spec.main : spec.challenger;
    if (!model) throw new Error("the version has no challenger");
    const read = () => readVerified(env.STORE, model.objectKey, model.sha256);
    return loadSession(model.sha256, role, model.heapBytes, read);
  };
  return { store: env.STORE, spec, session, plan: await loadFoldPlan(env, db, spec) };
}
