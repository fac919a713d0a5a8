import { z } from "zod";
import type { Database } from "../../db.ts";
import type { OutputValue } from "../../engine/read-answers.ts";
import { plannedColumns } from "../../engine/serving-plan.ts";
import { checkModels, modelChoice } from "../../deployments/deploy.ts";
import { type DeploymentRow, requireDeployment } from "../../deployments/find-deployment.ts";
import { findVersion, listDeploymentVersions } from "../../deployments/queries.ts";
import { AppError, isAppError } from "../../errors.ts";
import { findTargetSpread } from "../../experiments/target-spread.ts";
import type { VerbContext } from "../../verb-context.ts";
import { coerceRows } from "../spec/coerce-rows.ts";
import { type AnswerDistribution, compareAnswers, distributionOf, numbersOf } from "../records/compare-answers.ts";
import { listRecords, type PredictionRecord } from "../read/list-records.ts";
import { loadCandidateSpec } from "../spec/load-serving-spec.ts";
import { type PackedRows, unpackRows } from "../spec/packed-rows.ts";
import { answerAt, type StoredAnswer } from "../records/records.ts";
import type { ServingSpec } from "../spec/serving-spec.ts";

const ROWS_DEFAULT = 500;
const ROWS_MAX = 2_000;
const EXAMPLES = 10;
/** Of the target's standard deviation: numbers closer than this are the same answer, here as in the comparison with a challenger. */
const SAME_SHARE = 0.05;

export const previewInput = z.union(
  [
    z.object({ version: z.int().min(1), rows: rowsInput() }),
    z.object({ main: modelChoice, challenger: modelChoice.nullish(), rows: rowsInput() }),
  ],
  "Send {main: {version, model_id}} for new models, or {version: n} for an existing version.",
);

function rowsInput() {
  return z.int().min(1).max(ROWS_MAX).default(ROWS_DEFAULT);
}

/** A recorded row, with what the current version answers to it and what the candidate would. */
export interface PreviewExample {
  record: PredictionRecord;
  current: StoredAnswer;
  candidate: StoredAnswer;
  distance: number;
}

export interface Preview {
  /** Rows that both have answered; the other counts are of these. */
  n: number;
  changed: number;
  /** Rows that the candidate could not answer, and why, for the first few. */
  failed: { count: number; messages: string[] };
  /** Rows of other versions that the current one cannot answer, while the candidate can: there is nothing to compare. */
  notCompared: number;
  /** Features of the candidate that the recorded rows do not have: it took them as missing. */
  addedFeatures: string[];
  /** Difference up to which numbers count as the same; null where answers are labels. */
  tolerance: number | null;
  distribution: AnswerDistribution;
  /** Those that change most, the largest first. */
  examples: PreviewExample[];
}

/**
 * What a switch would change: the newest recorded rows, replayed through the main model of the candidate, beside what the current
 * version answers to them. Changes and records nothing.
 * For contributors. 404 for a version that there is not, 422 for models that do not fit or do not load.
 */
export async function previewSwitch(
  { env, db, caller, nowMs }: VerbContext,
  input: z.output<typeof previewInput> & { deployment: string },
): Promise<Preview> {
  const deployment = await requireDeployment(db, caller, input.deployment, "change");
  const spec = await candidateSpec(db, deployment, input);
  const query = { fromMs: 0, toMs: nowMs + 1, version: null, source: "online", disagree: false } as const;
  const { items } = await listRecords(env, db, deployment.id, query, { limit: input.rows, cursor: null });
  const placed = [...items.entries()];
  const candidates = await replay(env, spec, placed);
  const candidate = { modelId: spec.main.id, replayed: candidates };
  const currents = await currentAnswers({ env, db }, deployment, placed, candidate);
  const rows = items.flatMap((record, index) => {
    const [now, then] = [currents.get(index), candidates.answers.get(index)];
    return now && then ? [{ record, current: now, candidate: then }] : [];
  });
  const nowAnswered = rows.map(({ current }) => current.prediction);
  const tolerance = nowAnswered.some((prediction) => numbersOf(prediction) !== null)
    ? SAME_SHARE * ((await findTargetSpread(env, db, spec.main.id)) ?? spreadOf(nowAnswered))
    : null;
  const compared = rows.map((row) => ({ ...row, ...compareAnswers(row.current, row.candidate, tolerance ?? 0) }));
  const changed = compared.filter((row) => row.changed);
  return {
    n: rows.length,
    changed: changed.length,
    failed: { count: items.length - candidates.answers.size, messages: candidates.messages },
    notCompared: candidates.answers.size - rows.length,
    addedFeatures: addedFeatures(spec, items),
    tolerance,
    distribution: distributionOf(
      nowAnswered,
      rows.map((row) => row.candidate.prediction),
    ),
    examples: changed.sort((one, other) => other.distance - one.distance).slice(0, EXAMPLES),
  };
}

async function candidateSpec(
  db: Database,
  deployment: DeploymentRow,
  input: z.output<typeof previewInput>,
): Promise<ServingSpec> {
  const modelId = "version" in input ? await mainOfVersion(db, deployment, input.version) : input.main.model_id;
  if ("main" in input) await checkModels(db, deployment.experimentId, input.main, input.challenger ?? null);
  const spec = await loadCandidateSpec(db, deployment.id, modelId);
  if (!spec) throw new AppError("not_found", "Model not found.");
  return spec;
}

async function mainOfVersion(db: Database, { id }: DeploymentRow, number: number): Promise<string> {
  const version = await findVersion(db, id, number);
  if (!version) throw new AppError("not_found", `The deployment has no version ${number}.`);
  return version.mainModelId;
}

/** A record, and its place among those that are compared. */
type Placed = readonly [index: number, record: PredictionRecord];

interface Replayed {
  /** By place. */
  answers: ReadonlyMap<number, StoredAnswer>;
  /** The first reasons why some have none. */
  messages: string[];
}

/**
 * What the current version answers, by place. Recorded answers of its main model are that already; the rows of other models are
 * replayed, unless the candidate is that model. What it cannot answer has no answer here, also where the model cannot be had at all.
 */
async function currentAnswers(
  { env, db }: { env: Env; db: Database },
  { id, currentVersion }: DeploymentRow,
  placed: readonly Placed[],
  candidate: { modelId: string; replayed: Replayed },
): Promise<Map<number, StoredAnswer>> {
  const mainIds = new Map((await listDeploymentVersions(db, id)).map(({ number, main }) => [number, main.id]));
  const mainId = mainIds.get(currentVersion) ?? "";
  const isOfMain = ([, { version }]: Placed): boolean => mainIds.get(version) === mainId;
  const answers = new Map(placed.filter(isOfMain).map(([index, { main }]) => [index, main]));
  const others = placed.filter((one) => !isOfMain(one));
  if (others.length === 0) return answers;
  const replayed =
    mainId === candidate.modelId ? candidate.replayed : await replayIfPossible(env, db, id, mainId, others);
  for (const [index] of others) {
    const answer = replayed.answers.get(index);
    if (answer) answers.set(index, answer);
  }
  return answers;
}

/** Whoever switches away from a model that does not load any more wants the preview all the same. */
async function replayIfPossible(
  env: Env,
  db: Database,
  deploymentId: string,
  modelId: string,
  placed: readonly Placed[],
): Promise<Replayed> {
  const spec = await loadCandidateSpec(db, deploymentId, modelId);
  if (!spec) return NO_ANSWERS;
  try {
    return await replay(env, spec, placed);
  } catch (error) {
    if (isAppError(error)) return NO_ANSWERS;
    throw error;
  }
}

const NO_ANSWERS: Replayed = { answers: new Map(), messages: [] };

const MESSAGES_MAX = 3;

/** What the main model of a spec says to recorded rows. */
async function replay(env: Env, spec: ServingSpec, placed: readonly Placed[]): Promise<Replayed> {
  const packed: PackedRows[] = [];
  const indices: number[] = [];
  const messages = new Set<string>();
  for (const [index, { features }] of placed) {
    try {
      packed.push(coerceRows(spec, [features], () => "features").rows);
      indices.push(index);
    } catch (error) {
      if (!isAppError(error)) throw error;
      messages.add(error.message);
    }
  }
  const answers = new Map<number, StoredAnswer>();
  if (packed.length > 0) {
    const trial = env.MODEL_TRIAL.getByName(`preview/${spec.deploymentId}`);
    const { answered, failed } = await trial.replay(spec.main.id, unpackRows(spec.features, packed));
    for (const piece of answered) {
      piece.rows.forEach((row, position) => {
        const index = indices[row];
        if (index !== undefined) answers.set(index, answerAt(piece.answers, position));
      });
    }
    for (const { message } of failed) messages.add(message);
  }
  return { answers, messages: [...messages].slice(0, MESSAGES_MAX) };
}

function addedFeatures(spec: ServingSpec, records: readonly PredictionRecord[]): string[] {
  const recorded = new Set(records.flatMap(({ features }) => Object.keys(features)));
  return records.length === 0 ? [] : plannedColumns(spec.main.plan).filter((name) => !recorded.has(name));
}

/** Standard deviation of the answers, where the target's is not known. */
function spreadOf(predictions: readonly OutputValue[]): number {
  const values = predictions.flatMap((prediction) => numbersOf(prediction) ?? []);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
