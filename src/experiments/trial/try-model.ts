import { eq } from "drizzle-orm";
import { HEAP_BUDGET_BYTES, RECORD_BYTES_MAX } from "../../config.ts";
import type { Database } from "../../db.ts";
import { joinAnswers, predictRows, sliceAnswers } from "../../engine/predict-rows.ts";
import type { Answers } from "../../engine/read-answers.ts";
import { Session } from "../../engine/runtime.ts";
import type { ServingPlan } from "../../engine/serving-plan.ts";
import { AppError, isAppError } from "../../errors.ts";
import type { Finding } from "../../onnx/finding.ts";
import { judgeAnswers } from "./judge-answers.ts";
import { logitPlan } from "./logit-plan.ts";
import { settleOutputs } from "./settle-outputs.ts";
import { readStoredProfile } from "../create-version.ts";
import type { ModelMetrics } from "../metrics/metrics.ts";
import { holdoutKey, readVerified, referenceKey, servingKey, trialKey } from "../model-files.ts";
import { measureModel } from "./measure-model.ts";
import { type ExperimentRow, type ModelRow, type VersionRow } from "../queries.ts";
import { experiments, experimentVersions, models } from "../schema.ts";
import type { FeatureSchema } from "../training/feature.ts";
import { completeRows, schemaFor, tableRows, textExamples } from "../training/table-rows.ts";
import { readTrainingTable, type TrainingTable } from "../training/training-table.ts";

/** What a trial that went well says of a model. */
export interface TrialOutcome {
  plan: ServingPlan;
  report: Finding[];
  metrics: ModelMetrics | null;
  heapBytes: number;
  loadMs: number;
}

/** Rows that a model is tried on: enough for its metrics, few enough for an object's CPU time. */
const TRIAL_ROWS_MAX = 10_000;
const ROWS_PER_RUN = 500;
/** Of a model that runs row by row: between so many the clock is looked at. */
const ROWS_ALONE = 50;
/** A slow model is tried on fewer rows: an invocation has 30 s of CPU. */
const TRIAL_MS_MAX = 15_000;

/**
 * Loads a model with the engine's whole budget as its limit, predicts the holdout (else the training reference), and says what came
 * out. Throws AppError `model_load`, `model_memory` or `model_run` for what the model does wrong.
 */
export async function tryModel(env: Env, db: Database, modelId: string): Promise<TrialOutcome> {
  const { model, version, experiment } = await findTrial(db, modelId);
  const bytes = await readVerified(env.STORE, servingKey(modelId), model.servingSha256);
  const startedAt = Date.now();
  const loaded = new LoadedModel(bytes);
  try {
    await loaded.session();
    const loadMs = Date.now() - startedAt;
    const { table, schema, source } = await readRows(env, version, model.plan);
    const complete = completeRows(table, model.plan);
    if (complete.length === 0) {
      throw new AppError(
        "model_run",
        "No row of the reference has a value in every column that the model needs, so it cannot be tried. Its tensors cannot hold missing values; export it with float inputs, or fill the gaps.",
      );
    }
    const settled = await settleOutputs(() => loaded.session(), model.plan, table, complete);
    let tried = await predictTable(loaded, settled.plan, table, complete, settled.rowsPerRun);
    const logit = logitPlan(settled.plan, tried.answers);
    if (logit) tried = await predictTable(loaded, logit.plan, table, complete, settled.rowsPerRun);
    refuseLargeAnswers(tried.answers);
    const session = await loaded.session();
    const plan = logit?.plan ?? settled.plan;
    const judged = judgeAnswers(session, plan, { table, ...tried });
    const isSeparated = judged.plan.batchRows !== plan.batchRows || judged.plan.rowsAlone === true;
    const final = isSeparated
      ? await predictTable(loaded, judged.plan, table, complete, settled.rowsPerRun)
      : { ...tried, answers: judged.answers };
    const measured = measureModel(experiment, table, final.rowNumbers, final.answers, source);
    await keepDistribution(env, db, modelId, { source, ...measured.distribution });
    const dropped = table.rows - complete.length;
    return {
      plan: { ...judged.plan, ...withExamples(textExamples(schema, model.plan, table)) },
      report: [
        ...model.report,
        ...settled.findings,
        ...(logit ? [logit.finding] : []),
        ...judged.findings,
        ...measured.findings,
        ...(dropped > 0 ? [rowsLeftOut(dropped)] : []),
      ],
      metrics: measured.metrics,
      heapBytes: session.memoryBytes,
      loadMs,
    };
  } finally {
    loaded.release();
  }
}

/** The model under trial: loaded, and loaded anew after a run that stopped it. */
class LoadedModel {
  readonly #bytes: Uint8Array;
  #session: Session | null = null;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  async session(): Promise<Session> {
    if (this.#session?.isBroken) this.release();
    this.#session ??= await Session.load(this.#bytes, HEAP_BUDGET_BYTES);
    return this.#session;
  }

  release(): void {
    this.#session?.release();
    this.#session = null;
  }
}

/** An answered call is a recorded call, so an answer that no record holds could never be given. */
function refuseLargeAnswers(answers: Answers): void {
  const bytes = JSON.stringify(sliceAnswers(answers, 0, 1)).length;
  if (bytes <= RECORD_BYTES_MAX) return;
  throw new AppError(
    "model_run",
    `The answer to one row takes ${Math.ceil(bytes / 100_000) / 10} MB, and a record holds ${RECORD_BYTES_MAX / 1_000_000} MB. Export the model with fewer outputs, or with smaller ones.`,
  );
}

/** Whoever deletes a model deletes the row before the files, so that what is written here after the row went is ours to remove. */
async function keepDistribution(env: Env, db: Database, modelId: string, distribution: object): Promise<void> {
  await env.STORE.put(trialKey(modelId), JSON.stringify(distribution));
  const present = await db.select({ id: models.id }).from(models).where(eq(models.id, modelId)).get();
  if (present) return;
  await env.STORE.delete(trialKey(modelId));
  throw new AppError("not_found", "The model was deleted during its trial.");
}

function rowsLeftOut(count: number): Finding {
  return {
    level: "warning",
    code: "rows_with_gaps",
    message: `${count} rows of the reference have a missing value where the model's tensors cannot hold one; they were left out of the trial, and calls with such a gap will be refused.`,
  };
}

async function findTrial(
  db: Database,
  modelId: string,
): Promise<{ model: ModelRow; version: VersionRow; experiment: ExperimentRow }> {
  const row = await db
    .select({ model: models, version: experimentVersions, experiment: experiments })
    .from(models)
    .innerJoin(experimentVersions, eq(experimentVersions.id, models.versionId))
    .innerJoin(experiments, eq(experiments.id, experimentVersions.experimentId))
    .where(eq(models.id, modelId))
    .get();
  if (!row) throw new AppError("not_found", "The model was deleted before its trial.");
  return row;
}

function withExamples(examples: [string, string][]): Pick<ServingPlan, "textExamples"> {
  return examples.length > 0 ? { textExamples: examples } : {};
}

async function readRows(
  env: Env,
  version: VersionRow,
  plan: ServingPlan,
): Promise<{ table: TrainingTable; schema: FeatureSchema; source: "holdout" | "training" }> {
  const { schema } = await readStoredProfile(env.STORE, version.id);
  const holdout = version.holdoutRows === null ? null : await env.STORE.get(holdoutKey(version.id));
  const source = holdout ? "holdout" : "training";
  const object = holdout ?? (await env.STORE.get(referenceKey(version.id)));
  if (!object) throw new Error(`the reference of version ${version.id} is missing from the store`);
  const bytes = new Uint8Array(await object.arrayBuffer());
  const options = { file: holdout ? "holdout" : "reference", maxRows: TRIAL_ROWS_MAX } as const;
  return { table: readTrainingTable(bytes, schemaFor(schema, plan), options), schema, source };
}

interface Predicted {
  answers: Answers;
  /** Of the answered rows, in the table. */
  rowNumbers: number[];
  /** Rows that fit into one run. */
  rowsPerRun: number;
}

/** The answers to the complete rows; to fewer when the model is slow. */
async function predictTable(
  loaded: LoadedModel,
  plan: ServingPlan,
  table: TrainingTable,
  complete: readonly number[],
  rowsPerRun: number,
): Promise<Predicted> {
  const pieces: Answers[] = [];
  const rowNumbers: number[] = [];
  const startedAt = Date.now();
  let from = 0;
  // The first run is a small one: it shows how long the rows take.
  let size = rowsPerRun;
  let sizeMax = plan.batchRows === null && !plan.rowsAlone ? ROWS_PER_RUN : ROWS_ALONE;
  while (from < complete.length && Date.now() - startedAt < TRIAL_MS_MAX) {
    const numbers = complete.slice(from, from + size);
    const session = await loaded.session();
    try {
      pieces.push(predictRows(session, plan, tableRows(table, plan, numbers)));
    } catch (error) {
      if (!isAppError(error) || error.code !== "model_memory" || numbers.length === 1) throw error;
      sizeMax = size = numbers.length >>> 1;
      continue;
    }
    rowNumbers.push(...numbers);
    from += numbers.length;
    size = sizeMax;
  }
  return { answers: joinAnswers(pieces), rowNumbers, rowsPerRun: sizeMax };
}
