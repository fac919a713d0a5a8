import { z } from "zod";
import { requireUser } from "../../access/authorize.ts";
import { auditedChange } from "../../audit/audited-change.ts";
import { LIMITS } from "../../config.ts";
import type { PlannedInput, ServingPlan } from "../../engine/serving-plan.ts";
import { parseInput } from "../../endpoint.ts";
import { AppError, invalid } from "../../errors.ts";
import { sha256Hex } from "../../lib/hash.ts";
import { newId } from "../../lib/id.ts";
import { checkModel } from "../../onnx/check-model.ts";
import type { Finding } from "../../onnx/finding.ts";
import type { ModelFacts } from "../../onnx/model-facts.ts";
import { OnnxError } from "../../onnx/onnx-error.ts";
import { readModel } from "../../onnx/read-model.ts";
import { repairModel } from "../../onnx/repair.ts";
import type { VerbContext } from "../../verb-context.ts";
import { readStoredProfile } from "../create-version.ts";
import { findOutputRoles } from "./find-output-roles.ts";
import { mapInputs } from "./map-inputs.ts";
import { deleteFiles, externalKey, modelPrefix, originalKey, servingKey } from "../model-files.ts";
import { parseMapping } from "./parse-mapping.ts";
import { type ExperimentRow, type ModelRow, requireVersion, type VersionRow } from "../queries.ts";
import { models } from "../schema.ts";
import type { UploadedFile } from "../upload.ts";

export interface ModelInput {
  file: UploadedFile;
  /** Weights that the exporter wrote into files of their own. */
  external: UploadedFile[];
  name: string | null;
  /** YAML or JSON, as it was sent. */
  mapping: string | null;
  /** What the user's own evaluation said: kept and shown beside ours. */
  metrics: unknown;
}

const statedMetrics = z.record(z.string().max(120), z.number()).nullable();

/**
 * Takes a model in: looks at it, repairs what can be repaired, settles which columns feed it and what its outputs say, keeps the
 * files, and hands it to the trial that loads and runs it. Throws 422 `model_refused` with the report for what looking can tell;
 * what only trying can tell becomes the state `failed` of the model that is returned.
 */
export async function importModel(
  ctx: VerbContext,
  { experiment: experimentId, version: number, ...input }: ModelInput & { experiment: string; version: number },
): Promise<ModelRow> {
  const { env, db, caller } = ctx;
  const { experiment, version } = await requireVersion(db, caller, experimentId, number, "change");
  const metrics = parseInput(statedMetrics, input.metrics, "metrics");
  const name = modelName(input);
  const bytes = input.file.bytes.byteLength + input.external.reduce((sum, file) => sum + file.bytes.byteLength, 0);
  if (bytes > LIMITS.modelBytesMax) {
    throw new AppError(
      "too_large",
      `A model may be at most ${LIMITS.modelBytesMax / 1_000_000} MB with its external data. This one has ${Math.ceil(bytes / 1_000_000)} MB.`,
    );
  }
  const looked = lookAt(experiment, version, input, await targetLabels(env.STORE, experiment, version));
  const id = newId("mdl");
  await keepFiles(env.STORE, id, input, looked.bytes);
  const row = {
    id,
    versionId: version.id,
    name,
    state: "pending" as const,
    report: looked.report,
    plan: looked.plan,
    statedMetrics: metrics,
    bytes,
    sha256: await sha256Hex(input.file.bytes),
    servingSha256: await sha256Hex(looked.bytes),
    servingBytes: looked.bytes.byteLength,
    createdBy: requireUser(caller).userId,
    createdAt: ctx.nowMs,
  };
  const model = await keepRow(ctx, experiment, version, row);
  await env.MODEL_TRIAL.getByName(id).begin(id);
  return model;
}

/** Without its row nobody would find the files again, so they go when it cannot be written. */
async function keepRow(
  ctx: VerbContext,
  { id: experimentId, projectId }: ExperimentRow,
  { number }: VersionRow,
  row: typeof models.$inferInsert,
): Promise<ModelRow> {
  const { env, db } = ctx;
  try {
    const [model] = await auditedChange(ctx, db.insert(models).values(row).returning(), {
      projectId,
      action: "model.add",
      object: { kind: "model", id: row.id, name: row.name },
      after: { experiment_id: experimentId, version: number, bytes: row.bytes, sha256: row.sha256 },
    });
    if (model) return model;
    throw new Error(`model ${row.id} was inserted and not returned`);
  } catch (error) {
    await deleteFiles(env.STORE, modelPrefix(row.id));
    // Where the experiment was deleted meanwhile, that is what the caller is told.
    await requireVersion(db, ctx.caller, experimentId, number, "change");
    throw error;
  }
}

function modelName(input: ModelInput): string {
  const name = (input.name ?? input.file.name.replace(/\.onnx$/i, "").trim()) || "model";
  if (name.length <= LIMITS.nameLengthMax) return name;
  if (input.name === null) return name.slice(0, LIMITS.nameLengthMax);
  const message = `A name may have at most ${LIMITS.nameLengthMax} characters.`;
  throw invalid("name", message);
}

interface Looked {
  bytes: Uint8Array;
  plan: ServingPlan;
  report: Finding[];
}

/** The labels of the target in the training reference; none for a target of numbers, and without one. */
async function targetLabels(store: R2Bucket, { target }: ExperimentRow, { id }: VersionRow): Promise<string[]> {
  if (target === null) return [];
  const { schema } = await readStoredProfile(store, id);
  return schema.target?.labels ?? [];
}

/** All that can be said without running the model. */
function lookAt(experiment: ExperimentRow, version: VersionRow, input: ModelInput, labels: string[]): Looked {
  const mapping =
    input.mapping === null ? { inputs: new Map<string, string[]>(), classNames: null } : parseMapping(input.mapping);
  let report: Finding[] = [];
  try {
    const facts = readModel(input.file.bytes);
    report = checkModel(facts);
    refuseOnError(report);
    const external = new Map(input.external.map((file) => [file.name, file.bytes]));
    const repaired = repairModel(input.file.bytes, facts, external);
    const served = repaired.bytes === input.file.bytes ? facts : readModel(repaired.bytes);
    const inputs = mapInputs(served, version.features, mapping);
    const outputs = findOutputRoles(served, experiment.task, repaired.classLabels, mapping.classNames, labels);
    report = [
      ...checkedAgain(facts, served, inputs.inputs, report),
      ...repaired.findings,
      ...inputs.findings,
      ...outputs.findings,
    ];
    refuseOnError(report);
    const plan: ServingPlan = {
      task: experiment.task,
      inputs: inputs.inputs,
      batchRows: inputs.batchRows,
      outputs: outputs.outputs,
      classes: outputs.classes,
      ...(labels.length > 0 && { targetLabels: labels }),
    };
    return { bytes: repaired.bytes, plan, report };
  } catch (error) {
    if (!(error instanceof OnnxError)) throw error;
    throw refused([...report, { level: "error", code: error.code, message: error.message }]);
  }
}

/**
 * The findings of the model as it is served, where the check of the file as it came could not know all: sizes that stood in
 * external data, and defaults that the mapping replaces by columns, so that each call decides them. Else `findings` as they are.
 */
function checkedAgain(
  facts: ModelFacts,
  served: ModelFacts,
  inputs: readonly PlannedInput[],
  findings: Finding[],
): Finding[] {
  const mapped = new Set(inputs.map((input) => input.name));
  const replaced = new Set(
    served.inputs.filter((input) => input.hasDefault && mapped.has(input.name)).map((input) => input.name),
  );
  if (replaced.size === 0 && facts.externalData.length === 0) return findings;
  return checkModel({
    ...served,
    inputs: served.inputs.map((input) => (replaced.has(input.name) ? { ...input, hasDefault: false } : input)),
    initializers: served.initializers.filter((tensor) => !replaced.has(tensor.name)),
  });
}

function refuseOnError(report: Finding[]): void {
  if (report.some((finding) => finding.level === "error")) throw refused(report);
}

function refused(report: Finding[]): AppError {
  const errors = report.filter((finding) => finding.level === "error");
  const [first] = errors;
  const more =
    errors.length > 1
      ? ` There ${errors.length === 2 ? "is 1 more reason" : `are ${errors.length - 1} more reasons`} in the report.`
      : "";
  return new AppError("model_refused", `${first?.message ?? "The model cannot be served."}${more}`, {
    errors: errors.map((finding) => ({ path: "file", message: finding.message })),
    extra: { report },
  });
}

async function keepFiles(store: R2Bucket, id: string, input: ModelInput, serving: Uint8Array): Promise<void> {
  await Promise.all([
    store.put(originalKey(id), input.file.bytes),
    store.put(servingKey(id), serving),
    ...input.external.map((file) => store.put(externalKey(id, file.name), file.bytes)),
  ]);
}
