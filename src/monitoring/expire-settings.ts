import { inArray, isNotNull } from "drizzle-orm";
import type { Database } from "../db.ts";
import { deployments } from "../deployments/schema.ts";
import { monitoringSettings } from "./schema.ts";

/** Deletes the monitoring settings of removed deployments. Repeating is safe. */
export async function expireSettings(db: Database): Promise<void> {
  const removed = db.select({ id: deployments.id }).from(deployments).where(isNotNull(deployments.deletedAt));
  await db.delete(monitoringSettings).where(inArray(monitoringSettings.deploymentId, removed));
}
