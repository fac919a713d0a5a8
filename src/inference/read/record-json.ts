import { z } from "zod";
import { iso } from "../../lib/time.ts";
import type { PredictionRecord } from "./list-records.ts";

/** What a model says of one row. */
export const outputValue = z.unknown().describe("A label, a number, or a list of numbers");

export const answerSchema = z.object({
  prediction: outputValue,
  probabilities: z.record(z.string(), z.number().nullable()).nullable(),
});
export const recordSchema = z.object({
  prediction_id: z.string(),
  at: z.iso.datetime(),
  version: z.number().int(),
  features: z.record(z.string(), z.unknown()),
  main: answerSchema,
  challenger: answerSchema
    .extend({ state: z.enum(["pending", "ok", "error", "skipped"]), reason: z.string().nullable() })
    .nullable(),
  actual: z.union([z.number(), z.string()]).nullable().describe("The true value, once it is known"),
  latency_ms: z.number(),
  source: z.enum(["online", "batch"]),
});

/** A record as the API answers it. */
export function recordJson(record: PredictionRecord): z.infer<typeof recordSchema> {
  return {
    prediction_id: record.predictionId,
    at: iso(record.at),
    version: record.version,
    features: record.features,
    main: record.main,
    challenger: record.challenger,
    actual: record.actual,
    latency_ms: record.latencyMs,
    source: record.source,
  };
}
