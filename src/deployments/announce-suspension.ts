import { and, eq, isNull } from "drizzle-orm";
import type { Database } from "../db.ts";
import { deploymentVersions } from "./schema.ts";

/** Makes the deployment page say that the challenger of a version is suspended, and since when. The first host to say so counts. */
export async function announceSuspension(
  db: Database,
  version: { deploymentId: string; version: number },
  health: { suspendedAt: number | null; suspendedReason: string | null },
): Promise<void> {
  await db
    .update(deploymentVersions)
    .set({ challengerSuspendedAt: health.suspendedAt, challengerSuspendedReason: health.suspendedReason })
    .where(
      and(
        eq(deploymentVersions.deploymentId, version.deploymentId),
        eq(deploymentVersions.number, version.version),
        isNull(deploymentVersions.challengerSuspendedAt),
      ),
    );
}
