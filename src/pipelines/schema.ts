import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { deployments } from "../deployments/schema.ts";
import { projects } from "../projects/schema.ts";

export const CONNECTION_KINDS = ["postgres", "mysql", "s3", "http"] as const;
export const RUN_STATES = ["queued", "running", "succeeded", "failed", "cancelled", "skipped"] as const;
export const RUN_TRIGGERS = ["schedule", "manual", "api"] as const;
/** What a run is at, in this order. */
export const RUN_STEPS = ["staging", "predicting", "assembling", "delivering"] as const;
const DELIVERY_STATES = ["pending", "running", "succeeded", "failed"] as const;

/** A file of rows that pipelines read. */
export const datasets = sqliteTable(
  "datasets",
  {
    id: text().primaryKey(),
    projectId: text()
      .notNull()
      .references(() => projects.id),
    name: text().notNull(),
    format: text({ enum: ["csv", "parquet"] }).notNull(),
    /** `pending` while parts of an upload come in. */
    state: text({ enum: ["pending", "running", "succeeded", "failed"] }).notNull(),
    errorCode: text(),
    errorMessage: text(),
    /** Null until the file has been read. */
    rows: integer(),
    columns: text({ mode: "json" }).$type<string[]>(),
    bytes: integer().notNull(),
    /** The store's own id of an upload in parts; null otherwise. */
    uploadId: text(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [index("datasets_project").on(table.projectId, table.createdAt)],
);

/** Parts of an upload that have arrived: any of them may be sent again. */
export const datasetParts = sqliteTable(
  "dataset_parts",
  {
    datasetId: text()
      .notNull()
      .references(() => datasets.id),
    part: integer().notNull(),
    etag: text().notNull(),
    bytes: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.datasetId, table.part] })],
);

/** A database, store or address outside that pipelines read from or deliver to. */
export const connections = sqliteTable(
  "connections",
  {
    id: text().primaryKey(),
    projectId: text()
      .notNull()
      .references(() => projects.id),
    name: text().notNull(),
    kind: text({ enum: CONNECTION_KINDS }).notNull(),
    settings: text({ mode: "json" }).$type<Record<string, unknown>>().notNull(),
    /** Sealed with the operator's key and bound to this row; never read back by anybody. */
    sealedSecret: text().notNull(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [index("connections_project").on(table.projectId, table.createdAt)],
);

/** Where the rows of a pipeline come from. */
export type Source = (
  | { kind: "dataset"; dataset_id: string }
  | { kind: "query"; connection_id: string; sql: string }
  | { kind: "object"; connection_id: string; key: string }
  | { kind: "url"; url: string }
) & {
  /** How it writes dates such as 01/02/2024; absent: nobody has said, and they stay texts. */
  dates?: "day_first" | "month_first" | undefined;
};

/** Where the predictions of a pipeline go. */
export type Destination = (
  | {
      connection_id: string;
      table: string;
      mode: "append" | "replace" | "upsert";
      key_columns?: string[];
      run_columns?: boolean;
    }
  | { connection_id: string; key_pattern: string; format: "csv" | "parquet" }
  | { connection_id: string }
) & {
  /** What the challenger said goes along: as columns, or as a file of its own where the key pattern holds {model}. */
  challenger?: boolean;
};

/** When a pipeline runs: a cron expression in a time zone, within bounds. */
export interface Schedule {
  cron: string;
  timezone: string;
  starts_at?: string;
  ends_at?: string;
}

export const pipelines = sqliteTable(
  "pipelines",
  {
    id: text().primaryKey(),
    projectId: text()
      .notNull()
      .references(() => projects.id),
    deploymentId: text()
      .notNull()
      .references(() => deployments.id),
    name: text().notNull(),
    source: text({ mode: "json" }).$type<Source>().notNull(),
    destinations: text({ mode: "json" }).$type<Destination[]>().notNull(),
    schedule: text({ mode: "json" }).$type<Schedule>(),
    enabled: integer({ mode: "boolean" }).notNull(),
    /** The next slot of the schedule that has not been started, UTC ms; null: there is none. */
    nextSlot: integer(),
    /** Who is notified when a run ends; null: nobody. */
    notifyBy: text({ enum: ["webhook", "email"] }),
    notifyTo: text(),
    /** Signs what a webhook is sent; sealed with the operator's key and bound to this row. */
    sealedSecret: text(),
    /** The address under which it was made, changed or run by hand last: links in messages lead there. */
    origin: text().notNull().default(""),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
    /** Set: it runs no more; its runs stay readable until they are purged. */
    deletedAt: integer(),
  },
  (table) => [
    index("pipelines_project").on(table.projectId, table.createdAt),
    index("pipelines_deployment").on(table.deploymentId),
    index("pipelines_due").on(table.nextSlot),
  ],
);

export const runs = sqliteTable(
  "runs",
  {
    id: text().primaryKey(),
    pipelineId: text()
      .notNull()
      .references(() => pipelines.id),
    deploymentId: text()
      .notNull()
      .references(() => deployments.id),
    trigger: text({ enum: RUN_TRIGGERS }).notNull(),
    /** The slot of the schedule that it is for, UTC ms; null when somebody asked for it. */
    slot: integer(),
    state: text({ enum: RUN_STATES }).notNull(),
    /** The deployment's version that was current when it began: used to its end. */
    version: integer(),
    /** Counts up with each retry; a retry is a workflow of its own that skips what is done. */
    attempt: integer().notNull(),
    /** What it is at and since when, UTC ms, while it is running. */
    step: text({ enum: RUN_STEPS }),
    stepStartedAt: integer(),
    rowsTotal: integer(),
    rowsDone: integer().notNull(),
    rowsFailed: integer().notNull(),
    /** What of the run lies in R2, and what was noticed of its source; without files it has warnings alone. */
    files: text({ mode: "json" }).$type<RunFiles & { warnings?: RunWarning[] }>(),
    errorCode: text(),
    errorMessage: text(),
    createdAt: integer().notNull(),
    startedAt: integer(),
    finishedAt: integer(),
    /** When somebody was told how it ended; null: not yet, or nobody is to be told. */
    notifiedAt: integer(),
  },
  (table) => [
    // One run for each slot, however often the clock ticks.
    uniqueIndex("runs_slot").on(table.pipelineId, table.slot),
    index("runs_pipeline").on(table.pipelineId, table.createdAt),
    index("runs_deployment").on(table.deploymentId, table.createdAt),
    index("runs_state").on(table.state),
  ],
);

/** The files of a run, by what they hold; bytes of the CSV. */
export interface RunFiles {
  main: { rows: number; bytes: number } | null;
  challenger: { rows: number; bytes: number } | null;
  errors: { rows: number; bytes: number } | null;
}

/** What is to be known of a run that goes on all the same. */
export interface RunWarning {
  /** Of the model; absent where it is about none. */
  feature?: string;
  /** A stable word. */
  code: string;
  /** Cells that it is about, and the first of them; absent where it is about none. */
  count?: number;
  first?: { line: number; text: string };
  message: string;
}

export const deliveries = sqliteTable(
  "deliveries",
  {
    runId: text()
      .notNull()
      .references(() => runs.id),
    /** Place among the pipeline's destinations. */
    position: integer().notNull(),
    connectionId: text().notNull(),
    /** As it was when the run began. */
    destination: text({ mode: "json" }).$type<Destination>().notNull(),
    state: text({ enum: DELIVERY_STATES }).notNull(),
    rows: integer(),
    errorCode: text(),
    /** The sentence that says what to do. */
    errorMessage: text(),
    /** What is to be known of what was delivered, in sentences; null: nothing, or a delivery that did not note it. */
    notes: text({ mode: "json" }).$type<string[]>(),
    /** When it last changed, UTC ms. */
    at: integer(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.position] })],
);
