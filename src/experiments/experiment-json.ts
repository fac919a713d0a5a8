import { z } from "zod";
import { plannedOutputs } from "../engine/serving-plan.ts";
import { iso } from "../lib/time.ts";
import { FEATURE_KINDS } from "./training/feature.ts";
import type { ExperimentRow, ModelRow, VersionRow } from "./queries.ts";
import { STATES, TASKS } from "./schema.ts";

const errorSchema = z.object({ code: z.string(), message: z.string() }).nullable();

export const experimentSchema = z.object({
  id: z.string(),
  project_id: z.string(),
  name: z.string(),
  description: z.string(),
  task: z.enum(TASKS),
  target: z.string().nullable(),
  created_at: z.iso.datetime(),
  created_by: z.string(),
});

/** An experiment as the API answers it. */
export function experimentJson(row: ExperimentRow): z.infer<typeof experimentSchema> {
  const { id, name, description, task, target } = row;
  return {
    id,
    project_id: row.projectId,
    name,
    description,
    task,
    target,
    created_at: iso(row.createdAt),
    created_by: row.createdBy,
  };
}

const referenceSchema = z.object({
  rows: z.number().int(),
  missing: z.number().int(),
  example: z.union([z.number(), z.string(), z.boolean()]).nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  mean: z.number().nullable(),
  std: z.number().nullable(),
  median: z.number().nullable(),
  integer: z.boolean(),
  categories: z.array(z.object({ value: z.string(), count: z.number().int() })).nullable(),
  other: z.number().int(),
  unreadable: z
    .object({ count: z.number().int(), first: z.object({ line: z.number().int(), text: z.string() }) })
    .nullable()
    .describe(
      "Cells that could not be read and count as missing; null where all could, and where they were not counted",
    ),
});

export const versionSchema = z.object({
  id: z.string(),
  experiment_id: z.string(),
  number: z.number().int(),
  state: z.enum(STATES),
  error: errorSchema,
  rows: z.number().int(),
  holdout_rows: z.number().int().nullable(),
  features: z.array(z.object({ name: z.string(), kind: z.enum(FEATURE_KINDS), reference: referenceSchema })),
  notes: z.array(z.string()),
  created_at: z.iso.datetime(),
  created_by: z.string(),
});

/** A version of an experiment as the API answers it. */
export function versionJson(row: VersionRow): z.infer<typeof versionSchema> {
  const { id, number, state, rows, notes } = row;
  return {
    id,
    experiment_id: row.experimentId,
    number,
    state,
    error: errorOf(row),
    rows,
    holdout_rows: row.holdoutRows,
    features: row.features.map(({ name, kind, reference }) => ({
      name,
      kind,
      reference: { ...reference, unreadable: reference.unreadable ?? null },
    })),
    notes,
    created_at: iso(row.createdAt),
    created_by: row.createdBy,
  };
}

export const modelSchema = z.object({
  id: z.string(),
  version_id: z.string(),
  name: z.string(),
  state: z.enum(STATES),
  error: errorSchema,
  report: z.array(
    z.object({ level: z.enum(["info", "repaired", "warning", "error"]), code: z.string(), message: z.string() }),
  ),
  inputs: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      dims: z.array(z.number().nullable()).describe("null: the number of rows"),
      columns: z.array(z.string()),
    }),
  ),
  outputs: z.array(z.object({ name: z.string(), role: z.enum(["label", "probabilities", "value", "score", "extra"]) })),
  classes: z.array(z.string()).nullable(),
  metrics: z
    .object({
      rows: z.number().int(),
      source: z.enum(["holdout", "training"]),
      values: z.record(z.string(), z.number().nullable()),
      confusion: z.object({ labels: z.array(z.string()), counts: z.array(z.array(z.number().int())) }).optional(),
    })
    .nullable(),
  stated_metrics: z.record(z.string(), z.number()).nullable(),
  bytes: z.number().int(),
  sha256: z.string(),
  heap_bytes: z.number().int().nullable(),
  load_ms: z.number().nullable(),
  created_at: z.iso.datetime(),
  created_by: z.string(),
});

/** A model as the API answers it. */
export function modelJson(row: ModelRow): z.infer<typeof modelSchema> {
  const { id, name, state, report, plan, metrics, bytes, sha256 } = row;
  const { label, probabilities, value, score } = plan.outputs;
  return {
    id,
    version_id: row.versionId,
    name,
    state,
    error: errorOf(row),
    report,
    inputs: plan.inputs.map(({ name: input, type, dims, columns }) => ({ name: input, type, dims, columns })),
    outputs: plannedOutputs(plan).map((output) => ({
      name: output,
      role:
        output === label
          ? "label"
          : output === value
            ? "value"
            : output === score
              ? "score"
              : output === probabilities && !plan.scoresOnly
                ? "probabilities"
                : "extra",
    })),
    classes: plan.classes?.shown ?? null,
    metrics: metrics ?? null,
    stated_metrics: row.statedMetrics ?? null,
    bytes,
    sha256,
    heap_bytes: row.heapBytes,
    load_ms: row.loadMs,
    created_at: iso(row.createdAt),
    created_by: row.createdBy,
  };
}

function errorOf(row: { errorCode: string | null; errorMessage: string | null }): z.infer<typeof errorSchema> {
  return row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? "" };
}
