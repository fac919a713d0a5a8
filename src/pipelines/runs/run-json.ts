import { z } from "zod";
import { iso } from "../../lib/time.ts";
import { destinationWords } from "../definitions/destination-words.ts";
import { destinationFields } from "../definitions/pipeline-json.ts";
import { RUN_STATES, RUN_STEPS, RUN_TRIGGERS, type RunFiles } from "../schema.ts";
import type { Run, RunDelivery } from "./queries.ts";
import { deliveryErrorText } from "./run-words.ts";

const errorSchema = z.object({ code: z.string(), message: z.string() });
const fileSchema = z.object({
  rows: z.number().int(),
  bytes: z.number().int().describe("Of the CSV"),
  url: z.string(),
});

const deliverySchema = z.object({
  connection_id: z.string(),
  connection_name: z.string().nullable().describe("Null when the connection is gone"),
  destination: destinationFields.describe("As it was when the run was queued"),
  summary: z.string().describe("The destination in a few words"),
  state: z.enum(["pending", "running", "succeeded", "failed"]),
  rows: z.number().int().nullable(),
  at: z.iso.datetime().nullable().describe("When it last changed"),
  notes: z.array(z.string()).describe("What is to be known of it, such as columns that have other names in a database"),
  error: errorSchema.nullable(),
});

export const runSchema = z.object({
  id: z.string(),
  pipeline: z.object({ id: z.string(), name: z.string() }),
  deployment_id: z.string(),
  state: z.enum(RUN_STATES).describe("skipped: a slot that was missed and is not run later"),
  trigger: z.enum(RUN_TRIGGERS),
  slot: z.iso.datetime().nullable().describe("Of the schedule; null when somebody asked for the run"),
  attempt: z.number().int().describe("1, and one more with each retry"),
  version: z.number().int().nullable().describe("The version of the deployment that predicts; null before it began"),
  step: z.enum(RUN_STEPS).nullable().describe("What it is at; null while it is not running"),
  rows_total: z.number().int().nullable().describe("Of the source; null until they are counted"),
  rows_done: z.number().int(),
  rows_failed: z.number().int(),
  rate: z.number().nullable().describe("Rows a second, while it is predicting; null when it is not known"),
  remaining_seconds: z.number().int().nullable().describe("Of predicting, at that rate; null when it is not known"),
  files: z.object({
    main: fileSchema.nullable(),
    challenger: fileSchema.nullable(),
    errors: fileSchema.nullable(),
  }),
  warnings: z
    .array(
      z.object({
        feature: z.string().optional(),
        code: z.string(),
        count: z.number().int().optional().describe("Cells that it is about; absent where it is about none"),
        first: z
          .object({ line: z.number().int().describe("Of the source, from 1"), text: z.string() })
          .optional()
          .describe("The first of these cells"),
        message: z.string(),
      }),
    )
    .describe("What was noticed of the source, with which the rows are predicted all the same"),
  deliveries: z.array(deliverySchema).describe("In the order of the pipeline's destinations"),
  error: errorSchema.nullable(),
  created_at: z.iso.datetime(),
  started_at: z.iso.datetime().nullable(),
  finished_at: z.iso.datetime().nullable(),
});

/** A run as the API answers it; `origin` is where its files are found. */
export function runJson(run: Run, origin: string, nowMs: number): z.infer<typeof runSchema> {
  const { id, pipeline, deploymentId, state, trigger, slot, attempt, version, step } = run;
  const { rowsTotal, rowsDone, rowsFailed, createdAt, startedAt, finishedAt } = run;
  return {
    id,
    pipeline: { id: pipeline.id, name: pipeline.name },
    deployment_id: deploymentId,
    state,
    trigger,
    slot: iso(slot),
    attempt,
    version,
    step: state === "running" ? step : null,
    rows_total: rowsTotal,
    rows_done: rowsDone,
    rows_failed: rowsFailed,
    ...paceOf(run, nowMs),
    files: {
      main: fileJson(run, "main", origin),
      challenger: fileJson(run, "challenger", origin),
      errors: fileJson(run, "errors", origin),
    },
    warnings: run.warnings,
    deliveries: run.deliveries.map(deliveryJson),
    error: errorJson(run),
    created_at: iso(createdAt),
    started_at: iso(startedAt),
    finished_at: iso(finishedAt),
  };
}

/**
 * How fast a run predicts, in rows a second since it began to, and how many seconds are left. A retry skips rows, which says nothing of
 * its pace.
 */
export function paceOf(run: Run, nowMs: number): { rate: number | null; remaining_seconds: number | null } {
  const { state, step, stepStartedAt, attempt, rowsTotal, rowsDone } = run;
  const isKnown = state === "running" && step === "predicting" && attempt === 1 && rowsDone > 0;
  const seconds = stepStartedAt === null ? 0 : (nowMs - stepStartedAt) / 1_000;
  if (!isKnown || seconds <= 0) return { rate: null, remaining_seconds: null };
  const rate = rowsDone / seconds;
  const left = rowsTotal === null ? null : Math.max(0, Math.ceil((rowsTotal - rowsDone) / rate));
  return { rate: Number(rate.toPrecision(3)), remaining_seconds: left };
}

function fileJson({ id, files }: Run, kind: keyof RunFiles, origin: string): z.infer<typeof fileSchema> | null {
  const file = files?.[kind];
  return file ? { rows: file.rows, bytes: file.bytes, url: `${origin}/api/v1/runs/${id}/files/${kind}` } : null;
}

function deliveryJson(delivery: RunDelivery): z.infer<typeof deliverySchema> {
  const { connectionId, connectionName, destination, state, rows, at, notes } = delivery;
  return {
    connection_id: connectionId,
    connection_name: connectionName,
    destination,
    summary: destinationWords(destination),
    state,
    rows,
    at: iso(at),
    notes: notes ?? [],
    error: errorJson({ ...delivery, errorMessage: deliveryErrorText(delivery) }),
  };
}

function errorJson({ errorCode, errorMessage }: { errorCode: string | null; errorMessage: string | null }) {
  return errorCode === null ? null : { code: errorCode, message: errorMessage ?? "" };
}
