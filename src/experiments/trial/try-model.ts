import { eq } from "drizzle-orm";
import { HEAP_BUDGET_BYTES } from "../../config.ts";
import type { Database } from "../../db.ts";
import { joinAnswers, predictRows } from "../../engine/predict-rows.ts";
import type { Answers } from "../../engine/read-answers.ts";
import { Session } from "../../engine/runtime.ts";
import type { ServingPlan } from "../../engine/serving-plan.ts";
import { AppError } from "../../errors.ts";
import type { Finding } from "../../onnx/finding.ts";
import { judgeAnswers } from "./judge-answers.ts";
import { readStoredProfile } from "../create-version.ts";
import type { ModelMetrics } from "../metrics/metrics.ts";
import { holdoutKey, readVerified, referenceKey, servingKey, trialKey } from "../model-files.ts";
import { measureModel } from "./measure-model.ts";
import { type ExperimentRow, type ModelRow, type VersionRow } from "../queries.ts";
import { experiments, experimentVersions, models } from "../schema.ts";
import { completeRows, tableRows } from "../training/table-rows.ts";
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
const FIRST_RUN_ROWS = 16;
const ROWS_PER_RUN = 500;
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
  const session = await Session.load(bytes, HEAP_BUDGET_BYTES);
  try {
    const loadMs = Date.now() - startedAt;
    const { table, source } = await readRows(env, version);
    const complete = completeRows(table, model.plan);
    if (complete.length === 0) {
      throw new AppError(
        "model_run",
        "No row of the reference has a value in every column that the model needs, so it cannot be tried. Its tensors cannot hold missing values; export it with float inputs, or fill the gaps.",
      );
    }
    const tried = predictTable(session, model.plan, table, complete);
    const judged = judgeAnswers(session, { model, experiment, table, ...tried });
    const measured = measureModel(experiment, table, tried.rowNumbers, judged.answers, source);
    await keepDistribution(env, db, modelId, { source, ...measured.distribution });
    const dropped = table.rows - complete.length;
    return {
      plan: judged.plan,
      report: [
        ...model.report,
        ...judged.findings,
        ...measured.findings,
        ...(dropped > 0 ? [rowsLeftOut(dropped)] : []),
      ],
      metrics: measured.metrics,
      heapBytes: session.memoryBytes,
      loadMs,
    };
  } finally {
    session.release();
  }
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

async function readRows(
  env: Env,
  version: VersionRow,
): Promise<{ table: TrainingTable; source: "holdout" | "training" }> {
  const { schema } = await readStoredProfile(env.STORE, version.id);
  const holdout = version.holdoutRows === null ? null : await env.STORE.get(holdoutKey(version.id));
  const source = holdout ? "holdout" : "training";
  const object = holdout ?? (await env.STORE.get(referenceKey(version.id)));
  if (!object) throw new Error(`the reference of version ${version.id} is missing from the store`);
  const bytes = new Uint8Array(await object.arrayBuffer());
  return {
    table: readTrainingTable(bytes, schema, { file: holdout ? "holdout" : "reference", maxRows: TRIAL_ROWS_MAX }),
    source,
  };
}

/** The answers to the complete rows, and their numbers in the table; fewer when the model is slow. */
function predictTable(
  session: Session,
  plan: ServingPlan,
  table: TrainingTable,
  complete: readonly number[],
): { answers: Answers; rowNumbers: number[] } {
  const pieces: Answers[] = [];
  const rowNumbers: number[] = [];
  const startedAt = Date.now();
  let from = 0;
  // The first run is a small one: it shows whether the model takes the rows at all, and how long they take.
  let size = FIRST_RUN_ROWS;
  while (from < complete.length && Date.now() - startedAt < TRIAL_MS_MAX) {
    const numbers = complete.slice(from, from + size);
    pieces.push(predictRows(session, plan, tableRows(table, plan, numbers)));
    rowNumbers.push(...numbers);
    from += size;
    size = ROWS_PER_RUN;
  }
  return { answers: joinAnswers(pieces), rowNumbers };
}
