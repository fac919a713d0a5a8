import { z } from "zod";
import { notifyJson, notifySchema } from "../../alerts/notify-input.ts";
import { iso } from "../../lib/time.ts";
import { DATE_ORDERS } from "../results/typed-text.ts";
import { nextSlots } from "../schedules/schedule.ts";
import { RUN_STATES, type Schedule, type Source } from "../schema.ts";
import type { Pipeline } from "./queries.ts";

const NEXT_RUNS = 5;
const DEPLOYMENT_REMOVED =
  "Its deployment was deleted, so it no longer runs. Give it another deployment and enable it, or delete it.";

const dates = z.enum(DATE_ORDERS).optional();
const sourceSchema: z.ZodType<Source> = z.union([
  z.object({ kind: z.literal("dataset"), dataset_id: z.string(), dates }),
  z.object({ kind: z.literal("query"), connection_id: z.string(), sql: z.string(), dates }),
  z.object({ kind: z.literal("object"), connection_id: z.string(), key: z.string(), dates }),
  z.object({ kind: z.literal("url"), url: z.string(), dates }),
]);

/** The fields of a destination as answers tell it; which there are is told by the kind of its connection. */
export const destinationFields = z.object({
  connection_id: z.string(),
  table: z.string().optional(),
  mode: z.enum(["append", "replace", "upsert"]).optional(),
  key_columns: z.array(z.string()).optional(),
  run_columns: z.boolean().optional(),
  key_pattern: z.string().optional(),
  format: z.enum(["csv", "parquet"]).optional(),
  challenger: z.boolean().optional(),
});

const scheduleSchema = z.object({
  cron: z.string(),
  timezone: z.string(),
  starts_at: z.iso.datetime().optional(),
  ends_at: z.iso.datetime().optional(),
});

export const pipelineSchema = z.object({
  id: z.string(),
  project_id: z.string(),
  name: z.string(),
  deployment_id: z.string(),
  deployment: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
  source: sourceSchema,
  destinations: z.array(destinationFields),
  schedule: scheduleSchema.nullable(),
  enabled: z.boolean(),
  notify: notifySchema.nullable(),
  next_runs: z.array(z.iso.datetime()).describe("The next five times of the schedule; none while it is disabled"),
  stopped_reason: z.string().nullable().describe("Why it can no longer run; null if it can"),
  last_run: z.object({ id: z.string(), state: z.enum(RUN_STATES), at: z.iso.datetime() }).nullable(),
  created_at: z.iso.datetime(),
  created_by: z.string(),
});

export const savedPipelineSchema = pipelineSchema.extend({
  signing_secret: z.string().nullable().describe("For a new webhook; shown only once"),
});

/** A pipeline as the API answers it. */
export function pipelineJson(pipeline: Pipeline, nowMs: number): z.infer<typeof pipelineSchema> {
  const { id, projectId, name, deploymentId, deployment, source, destinations, schedule, enabled } = pipeline;
  const { notifyBy, notifyTo, lastRun, createdAt, createdBy } = pipeline;
  const isStopped = deployment.deletedAt !== null;
  return {
    id,
    project_id: projectId,
    name,
    deployment_id: deploymentId,
    deployment: { id: deployment.id, slug: deployment.slug, name: deployment.name },
    source,
    destinations,
    schedule: schedule && scheduleJson(schedule),
    enabled,
    notify: notifyBy === null || notifyTo === null ? null : notifyJson({ notifyBy, notifyTo }),
    next_runs: schedule && enabled && !isStopped ? nextSlots(schedule, nowMs, NEXT_RUNS).map((ms) => iso(ms)) : [],
    stopped_reason: isStopped ? DEPLOYMENT_REMOVED : null,
    last_run: lastRun && { id: lastRun.id, state: lastRun.state, at: iso(lastRunAt(lastRun)) },
    created_at: iso(createdAt),
    created_by: createdBy,
  };
}

function scheduleJson({ cron, timezone, starts_at: startsAt, ends_at: endsAt }: Schedule): Schedule {
  return {
    cron,
    timezone,
    ...(startsAt !== undefined && { starts_at: iso(Date.parse(startsAt)) }),
    ...(endsAt !== undefined && { ends_at: iso(Date.parse(endsAt)) }),
  };
}

/** When a run was heard of last: its end, else its beginning, else when it was asked for. */
function lastRunAt({ createdAt, startedAt, finishedAt }: NonNullable<Pipeline["lastRun"]>): number {
  return finishedAt ?? startedAt ?? createdAt;
}
