import { z } from "zod";
import { listQuery } from "../list-cursor.ts";
import { LIMITS } from "../config.ts";
import { TASKS } from "../experiments/schema.ts";
import { inputSchema, outputSchema } from "./spec/describe-deployment.ts";
import { answerSchema, outputValue } from "./read/record-json.ts";

const row = z.record(z.string(), z.unknown());
const single = z.object({ features: row });
const rows = z.array(row).min(1).max(LIMITS.rowsPerCallMax);
const several = z.object({ rows });
/** The bodies of clients of other servers: MLflow, KServe v1, and records as pandas writes them. */
const ofOthers = [
  z.object({ dataframe_records: rows }),
  z.object({
    dataframe_split: z.object({
      columns: z.array(z.string()),
      data: z.array(z.array(z.unknown())),
      index: z.unknown().optional(),
    }),
  }),
  z.object({ instances: rows }),
  rows,
] as const;

const predictionSchema = z.object({
  prediction_id: z.string(),
  prediction: outputValue,
  probabilities: z.record(z.string(), z.number().nullable()).nullable(),
  version: z.number().int(),
  model: z.object({ id: z.string(), name: z.string() }),
  extra: z.record(z.string(), z.unknown()).optional(),
  warnings: z.array(z.object({ feature: z.string(), code: z.string(), message: z.string() })),
});

/** What predict takes. */
export const predictBody = z.union([single, several, ...ofOthers]);

/** What predict answers: one row, or several. */
export const predictAnswer = z.union([
  predictionSchema,
  z.object({
    predictions: z.array(predictionSchema),
    version: z.number().int(),
    model: predictionSchema.shape.model,
  }),
]);

/** Of the calls that predict. */
export const idempotencyHeaders = z.object({
  "Idempotency-Key": z
    .string()
    .min(1)
    .max(LIMITS.idempotencyKeyLengthMax)
    .optional()
    .describe("The same key and body get the same answer for 24 h, and are recorded once; 409 with another body"),
});

/** What GET /about answers. */
export const aboutSchema = z.object({
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  task: z.enum(TASKS),
  version: z.number().int(),
  type_policy: z.string(),
  access: z.string(),
});

/** What GET /inputs answers: the same list under two names. */
export const inputsSchema = z.object({
  items: z.array(inputSchema),
  features: z.array(inputSchema).describe("The same as `items`"),
  next_cursor: z.null().describe("All are on one page"),
});

/** What GET /outputs answers. */
export const outputsSchema = z.object({
  items: z.array(outputSchema),
  outputs: z.array(outputSchema).describe("The same as `items`"),
  next_cursor: z.null().describe("All are on one page"),
});

/** What POST /actuals takes as JSON. */
export const actualsBody = z.object({
  items: z
    .array(z.object({ prediction_id: z.string(), actual: z.union([z.number(), z.string(), z.boolean()]) }))
    .max(10_000),
});

/** What POST /actuals answers. */
export const actualsAnswer = z.object({
  accepted: z.number().int(),
  unknown: z.array(z.string()).describe("Ids that are not predictions of this deployment"),
  refused: z
    .array(z.object({ prediction_id: z.string(), code: z.literal("unknown_label"), message: z.string() }))
    .describe("Labels that are not classes of this deployment"),
});

/** By what the list of records is narrowed. */
export const recordQuery = z.object({
  from: z.iso.datetime({ offset: true, local: true }).or(z.iso.date()).optional().describe("Recorded then or later"),
  to: z.iso.datetime({ offset: true, local: true }).or(z.iso.date()).optional().describe("Recorded before"),
  version: z.coerce.number().int().min(1).optional(),
  source: z.enum(["online", "batch", "all"], "source is online, batch or all.").default("all"),
  disagree: z
    .enum(["true", "false"])
    .optional()
    .describe(
      "true: only rows on which main and challenger disagree (another label, or numbers that differ by more than 0.05 of the target's standard deviation). false: all rows (the default)",
    ),
  ...listQuery.shape,
});

/** What a preview answers. */
export const previewSchema = z.object({
  n: z.number().int().describe("Rows that both have answered"),
  changed: z.number().int(),
  failed: z.object({ count: z.number().int(), messages: z.array(z.string()) }),
  not_compared: z.number().int().describe("Rows that the candidate can answer and the current version cannot"),
  added_features: z.array(z.string()).describe("Features that the recorded rows do not have"),
  tolerance: z.number().nullable().describe("Largest difference at which numbers count as equal; null for labels"),
  examples: z.array(
    z.object({
      prediction_id: z.string(),
      at: z.iso.datetime(),
      version: z.number().int(),
      features: z.record(z.string(), z.unknown()),
      current: answerSchema,
      candidate: answerSchema,
      difference: z.number(),
    }),
  ),
  distribution: z.union([
    z.object({
      kind: z.literal("numeric"),
      edges: z.array(z.number()),
      current: z.array(z.number()),
      candidate: z.array(z.number()),
    }),
    z.object({
      kind: z.literal("categorical"),
      labels: z.array(z.string()),
      current: z.array(z.number()),
      candidate: z.array(z.number()),
    }),
  ]),
});
