import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { deployments } from "../deployments/schema.ts";
import type { MonitoringSettings } from "./settings.ts";

/** How the drift of a deployment is judged where that was changed; a deployment without a row has the defaults. */
export const monitoringSettings = sqliteTable("monitoring_settings", {
  deploymentId: text()
    .primaryKey()
    .references(() => deployments.id),
  settings: text({ mode: "json" }).notNull().$type<MonitoringSettings>(),
  updatedAt: integer().notNull(),
  updatedBy: text().notNull(),
});
