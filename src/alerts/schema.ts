import { sql } from "drizzle-orm";
import { index, integer, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { deployments } from "../deployments/schema.ts";

export const ALERT_KINDS = ["drift", "errors", "latency", "performance", "not_running"] as const;
export type AlertKindId = (typeof ALERT_KINDS)[number];

/** What a deployment is watched for, whom to tell, and how it stood when it was looked at last. */
export const alerts = sqliteTable(
  "alerts",
  {
    id: text().primaryKey(),
    deploymentId: text()
      .notNull()
      .references(() => deployments.id),
    kind: text({ enum: ALERT_KINDS }).notNull(),
    threshold: real().notNull(),
    /** Of `performance`: which metric has the threshold. */
    metric: text(),
    notifyBy: text({ enum: ["webhook", "email"] }).notNull(),
    /** A URL or an e-mail address. */
    notifyTo: text().notNull(),
    /** What signs the messages of a webhook, sealed for this row. */
    sealedSecret: text(),
    /** Under which origin the instance was reached when the alert was made: messages link there. */
    origin: text().notNull(),
    createdBy: text().notNull(),
    createdAt: integer().notNull(),
    state: text({ enum: ["ok", "firing", "unknown"] }).notNull(),
    /** Since when it is in this state. */
    since: integer().notNull(),
    /** Looks in a row that found a firing alert fine. */
    fineLooks: integer().notNull().default(0),
    lastValue: real(),
    /** What the last look found, in a sentence. */
    lastDetail: text(),
    lastCheckedAt: integer(),
    /** Why the last look failed, and why the last message did not arrive; null where they did not fail. */
    checkError: text(),
    deliveryError: text(),
  },
  (table) => [
    index("alerts_deployment").on(table.deploymentId, table.createdAt),
    index("alerts_checked").on(table.lastCheckedAt),
  ],
);

/** One time during which an alert fired. */
export const alertIncidents = sqliteTable(
  "alert_incidents",
  {
    id: text().primaryKey(),
    alertId: text()
      .notNull()
      .references(() => alerts.id, { onDelete: "cascade" }),
    startedAt: integer().notNull(),
    /** Null: it lasts. */
    resolvedAt: integer(),
    /** With which it began. */
    value: real().notNull(),
  },
  (table) => [
    // An alert has one incident at a time: of two looks at the same moment, one opens it.
    uniqueIndex("alert_incidents_open")
      .on(table.alertId)
      .where(sql`${table.resolvedAt} is null`),
    index("alert_incidents_alert").on(table.alertId, table.startedAt),
  ],
);

/**
 * The outbox: messages are written with the incident that they tell of, and sent afterwards until one attempt succeeds or all have
 * failed.
 */
export const alertDeliveries = sqliteTable(
  "alert_deliveries",
  {
    /** The receiver sees it: the same on each attempt. */
    id: text().primaryKey(),
    alertId: text()
      .notNull()
      .references(() => alerts.id, { onDelete: "cascade" }),
    incidentId: text()
      .notNull()
      .references(() => alertIncidents.id, { onDelete: "cascade" }),
    event: text({ enum: ["firing", "resolved"] }).notNull(),
    /** The message as JSON: what a webhook is sent, and an e-mail is made of. */
    message: text().notNull(),
    state: text({ enum: ["pending", "delivered", "given_up"] }).notNull(),
    attempts: integer().notNull().default(0),
    nextAttemptAt: integer().notNull(),
    lastError: text(),
    createdAt: integer().notNull(),
  },
  (table) => [
    // Idempotency key: an incident is told once when it begins and once when it ends.
    uniqueIndex("alert_deliveries_event").on(table.incidentId, table.event),
    index("alert_deliveries_due").on(table.state, table.nextAttemptAt),
    index("alert_deliveries_alert").on(table.alertId, table.state),
  ],
);
