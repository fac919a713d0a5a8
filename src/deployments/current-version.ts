import { and, eq, isNull } from "drizzle-orm";
import type { Database } from "../db.ts";
import { deployments } from "./schema.ts";

/** The number of the version that answers now, as the store says; null when the deployment has been removed. */
export async function readCurrentVersion(db: Database, deploymentId: string): Promise<number | null> {
  const row = await db
    .select({ currentVersion: deployments.currentVersion })
    .from(deployments)
    .where(and(eq(deployments.id, deploymentId), isNull(deployments.deletedAt)))
    .get();
  return row?.currentVersion ?? null;
}
