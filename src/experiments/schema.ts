import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { projects } from "../projects/schema.ts";
import type { ServingPlan, Task } from "../engine/serving-plan.ts";
import type { Finding } from "../onnx/finding.ts";
import type { ModelMetrics } from "./metrics/metrics.ts";
import type { FeatureSummary } from "./version-features.ts";

export const TASKS = [
  "regression",
  "binary_classification",
  "multiclass_classification",
  "anomaly_detection",
] as const satisfies readonly Task[];

/** Work in progress, everywhere the same. */
export const STATES = ["pending", "running", "succeeded", "failed"] as const;

export const experiments = sqliteTable(
  "experiments",
  {
    id: text().primaryKey(),
    projectId: text()
      .notNull()
      .references(() => projects.id),
    name: text().notNull(),
    description: text().notNull().default(""),
    task: text({ enum: TASKS }).notNull(),
    /** The column that the models predict; null: unknown, hence no metrics. */
    target: text(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [index("experiments_project").on(table.projectId, table.createdAt)],
);

export const experimentVersions = sqliteTable(
  "experiment_versions",
  {
    id: text().primaryKey(),
    experimentId: text()
      .notNull()
      .references(() => experiments.id),
    number: integer().notNull(),
    state: text({ enum: STATES }).notNull(),
    errorCode: text(),
    errorMessage: text(),
    rows: integer().notNull(),
    holdoutRows: integer(),
    features: text({ mode: "json" }).$type<FeatureSummary[]>().notNull(),
    /** What was noticed while reading the files, in sentences. */
    notes: text({ mode: "json" }).$type<string[]>().notNull(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
  },
  // (experiment, number) is what makes two versions uploaded at once get two numbers.
  (table) => [uniqueIndex("experiment_versions_number").on(table.experimentId, table.number)],
);

export const models = sqliteTable(
  "models",
  {
    id: text().primaryKey(),
    versionId: text()
      .notNull()
      .references(() => experimentVersions.id),
    name: text().notNull(),
    state: text({ enum: STATES }).notNull(),
    errorCode: text(),
    errorMessage: text(),
    report: text({ mode: "json" }).$type<Finding[]>().notNull(),
    /** How rows become tensors and outputs become answers. */
    plan: text({ mode: "json" }).$type<ServingPlan>().notNull(),
    /** On the holdout, else on the training rows; null without a target or before the trial. */
    metrics: text({ mode: "json" }).$type<ModelMetrics>(),
    /** What the user's own evaluation said. */
    statedMetrics: text({ mode: "json" }).$type<Record<string, number>>(),
    /** Of the file as it was uploaded, external data included. */
    bytes: integer().notNull(),
    sha256: text().notNull(),
    /** Of the repaired file that the hosts load; they verify it. */
    servingSha256: text().notNull(),
    servingBytes: integer().notNull(),
    /** WASM memory that the model took when it was tried; null until then. */
    heapBytes: integer(),
    loadMs: integer(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [index("models_version").on(table.versionId, table.createdAt)],
);
