import { z } from "zod";
import { nameInput } from "../../access/account-input.ts";
import { notifyInput } from "../../alerts/notify-input.ts";
import { iso } from "../../lib/time.ts";
import { DATE_ORDERS } from "../results/typed-text.ts";
import type { Schedule, Source } from "../schema.ts";
import { DESTINATIONS_MAX, KEY_COLUMNS_MAX } from "./pipeline-limits.ts";

const SQL_LENGTH_MAX = 50_000;
const TEXT_LENGTH_MAX = 2_000;

function text(message: string, lengthMax = TEXT_LENGTH_MAX) {
  return z.string(message).trim().min(1, message).max(lengthMax, `At most ${lengthMax} characters.`);
}

const connectionId = text("Give the id of a connection of this project.");

const dates = z
  .enum(DATE_ORDERS, "dates must be day_first or month_first.")
  .optional()
  .describe(
    "How the source writes dates such as 01/02/2024. Left out: they stay texts, and are not delivered as dates",
  );

const sourceInput: z.ZodType<Source> = z.discriminatedUnion(
  "kind",
  [
    z.object({ kind: z.literal("dataset"), dataset_id: text("Give the id of a dataset of this project."), dates }),
    z.object({
      kind: z.literal("query"),
      connection_id: connectionId,
      sql: text("Give the query that reads the rows.", SQL_LENGTH_MAX),
      dates,
    }),
    z.object({
      kind: z.literal("object"),
      connection_id: connectionId,
      key: text("Give the key of the object, such as exports/customers.csv; * matches any characters, / too."),
      dates,
    }),
    z.object({ kind: z.literal("url"), url: text("Give the URL of a CSV or Parquet file."), dates }),
  ],
  "kind must be one of dataset, query, object, url.",
);

/** A destination as it comes in: which of the fields it needs is told by the kind of its connection. */
export const destinationInput = z.object({
  connection_id: connectionId,
  table: z.string("table must be a text.").trim().nullish().describe("For a database: table or schema.table"),
  mode: z.enum(["append", "replace", "upsert"], "mode must be append, replace or upsert.").nullish(),
  key_columns: z
    .array(text("Give the name of a column.", 200), "key_columns must be a list of names.")
    .max(KEY_COLUMNS_MAX, `At most ${KEY_COLUMNS_MAX} columns.`)
    .nullish()
    .describe("For upsert: the columns that identify a row"),
  run_columns: z
    .boolean("run_columns must be true or false.")
    .nullish()
    .describe(
      "For a database: whether rows also carry run_id, predicted_at, deployment_version and model. Default: true for append",
    ),
  key_pattern: z
    .string("key_pattern must be a text.")
    .trim()
    .nullish()
    .describe("For a store: {date}, {run} and {model} are replaced, as in predictions/{date}/{model}.csv"),
  format: z.enum(["csv", "parquet"], "format must be csv or parquet.").nullish(),
  challenger: z
    .boolean("challenger must be true or false.")
    .nullish()
    .describe("Whether to deliver the challenger's answers too"),
});

export type DestinationInput = z.output<typeof destinationInput>;

/** Whatever offset a time is written with, it is kept as all others are. */
const moment = z.iso
  .datetime({ offset: true, error: "must be a time such as 2026-05-04T06:00:00Z." })
  .transform((text) => iso(Date.parse(text)))
  .nullish();

const scheduleInput = z
  .object(
    {
      cron: text("Give a cron expression of five fields, such as 0 6 * * 1.", 200),
      timezone: text("Give a time zone, such as Europe/Paris.", 100),
      starts_at: moment,
      ends_at: moment,
    },
    "schedule must be {cron, timezone, starts_at?, ends_at?} or null.",
  )
  .transform(({ cron, timezone, starts_at, ends_at }): Schedule => ({
    cron,
    timezone,
    ...(starts_at && { starts_at }),
    ...(ends_at && { ends_at }),
  }));

const deploymentId = text("Give the id or slug of a deployment of this project.");
const destinationsInput = z
  .array(destinationInput, "destinations must be a list.")
  .max(DESTINATIONS_MAX, `A pipeline has at most ${DESTINATIONS_MAX} destinations.`);
const enabledInput = z.boolean("enabled must be true or false.");

/** What a pipeline is made of. */
export const pipelineInput = z.object({
  name: nameInput,
  deployment_id: deploymentId,
  source: sourceInput,
  destinations: destinationsInput.default([]),
  schedule: scheduleInput.nullish(),
  enabled: enabledInput.default(true).describe("Whether the schedule starts runs. Manual runs are always possible"),
  notify: notifyInput.nullish().describe("Who is notified when a run ends"),
});

/** What of a pipeline is to change: what is absent stays. */
export const pipelineChange = z.object({
  name: nameInput.optional(),
  deployment_id: deploymentId.optional(),
  source: sourceInput.optional(),
  destinations: destinationsInput.optional(),
  schedule: scheduleInput.nullable().optional(),
  enabled: enabledInput.optional(),
  notify: notifyInput.nullable().optional(),
});

export type PipelineInput = z.output<typeof pipelineInput>;
export type PipelineChange = z.output<typeof pipelineChange>;
