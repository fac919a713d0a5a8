import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { experiments, models } from "../experiments/schema.ts";
import { projects } from "../projects/schema.ts";

export const deployments = sqliteTable(
  "deployments",
  {
    id: text().primaryKey(),
    /** Unique on the instance and never used again: a removed deployment keeps its row as a tombstone. */
    slug: text().notNull().unique(),
    projectId: text()
      .notNull()
      .references(() => projects.id),
    experimentId: text()
      .notNull()
      .references(() => experiments.id),
    name: text().notNull(),
    description: text().notNull().default(""),
    access: text({ enum: ["public", "instance", "project"] }).notNull(),
    typePolicy: text({ enum: ["best_effort", "strict"] }).notNull(),
    deployed: text({ enum: ["building", "deployed", "failed"] }).notNull(),
    errorCode: text(),
    errorMessage: text(),
    currentVersion: integer().notNull(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
    /** Set: nothing of it answers any more, and the removal job has work to do until it is purged. */
    deletedAt: integer(),
    purgedAt: integer(),
  },
  (table) => [index("deployments_project").on(table.projectId, table.createdAt)],
);

export const deploymentVersions = sqliteTable(
  "deployment_versions",
  {
    id: text().primaryKey(),
    deploymentId: text()
      .notNull()
      .references(() => deployments.id),
    number: integer().notNull(),
    mainModelId: text()
      .notNull()
      .references(() => models.id),
    challengerModelId: text().references(() => models.id),
    note: text().notNull().default(""),
    challengerSuspendedAt: integer(),
    challengerSuspendedReason: text(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
  },
  (table) => [
    uniqueIndex("deployment_versions_number").on(table.deploymentId, table.number),
    index("deployment_versions_main").on(table.mainModelId),
    index("deployment_versions_challenger").on(table.challengerModelId),
  ],
);

/** Every Durable Object that may hold records of a deployment: written before the object's first record, so that removal finds them all. */
export const deploymentHosts = sqliteTable(
  "deployment_hosts",
  {
    name: text().primaryKey(),
    deploymentId: text()
      .notNull()
      .references(() => deployments.id),
    versionNumber: integer().notNull(),
    createdAt: integer().notNull(),
    /** The object's own id, under which the platform reports what it cost. */
    objectId: text(),
    /** Since when the host holds counts that are not in the store yet, UTC ms; null when all are. */
    unpushedSince: integer(),
    /** When the batch run began whose records it has, UTC ms; null for a host that answers calls. */
    runAt: integer(),
  },
  (table) => [index("deployment_hosts_deployment").on(table.deploymentId, table.versionNumber)],
);

/**
 * Whether the current version answers calls, as was seen last: by its traffic, else by a probe. Of each deployment that has been looked
 * at.
 */
export const deploymentStatus = sqliteTable(
  "deployment_status",
  {
    deploymentId: text()
      .primaryKey()
      .references(() => deployments.id),
    /** The version that was looked at: another one is looked at anew, and at once. */
    version: integer().notNull(),
    running: integer({ mode: "boolean" }).notNull(),
    /** Since when it is so, UTC ms. */
    since: integer().notNull(),
    /** Why it is not running; null when it is. */
    reason: text(),
    checkedAt: integer().notNull(),
    /** When it is to be probed, unless there is traffic before. */
    nextProbeAt: integer().notNull(),
    /** Looks in a row that found it not running. */
    failures: integer().notNull(),
  },
  (table) => [index("deployment_status_next").on(table.nextProbeAt)],
);
