import { index, integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { deployments } from "../deployments/schema.ts";

/**
 * What hosts have counted: for each host an hour or a day of its records. Only the host writes its rows, whole, so a push that is
 * repeated changes nothing; a day holds what its hours hold.
 */
export const monitoringWindows = sqliteTable(
  "monitoring_windows",
  {
    deploymentId: text()
      .notNull()
      .references(() => deployments.id),
    span: text({ enum: ["hour", "day"] }).notNull(),
    /** Start of the span, UTC ms. */
    start: integer().notNull(),
    version: integer().notNull(),
    /** Region and shard, as in prediction ids. */
    host: text().notNull(),
    source: text({ enum: ["online", "batch"] }).notNull(),
    /** The experiment version by whose bins the features are counted. */
    referenceId: text().notNull(),
    rows: integer().notNull(),
    /** Time that both models ran, ms, as far as it was measured: CPU of the process is shared out by it. */
    computeMs: real().notNull(),
    /** Counts, as counts.ts writes them. */
    features: text().notNull(),
    answers: text().notNull(),
    usage: text().notNull(),
    /** Grows with each change of the host's window: an older push that comes late is not taken. */
    revision: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.deploymentId, table.span, table.start, table.version, table.host, table.source] }),
    index("monitoring_windows_start").on(table.span, table.start),
  ],
);
