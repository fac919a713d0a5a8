import { and, eq, isNull, lt } from "drizzle-orm";
import type { Database } from "../db.ts";
import { MINUTE_MS } from "../lib/time.ts";
import { buildDeployment } from "./build-deployment.ts";
import { deployments } from "./schema.ts";

const PER_TICK = 5;

/** Builds again what was left `building` for a minute: its Worker died on the way. Repeating is safe. */
export async function resumeBuilding(env: Env, db: Database, nowMs: number): Promise<void> {
  const left = await db
    .select()
    .from(deployments)
    .where(
      and(
        eq(deployments.deployed, "building"),
        isNull(deployments.deletedAt),
        lt(deployments.createdAt, nowMs - MINUTE_MS),
      ),
    )
    .limit(PER_TICK);
  for (const deployment of left) {
    await buildDeployment(env, db, deployment, {
      deploymentId: deployment.id,
      version: deployment.currentVersion,
      region: "local",
      shard: 0,
    });
  }
}
