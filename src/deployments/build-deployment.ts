import { and, eq, isNull } from "drizzle-orm";
import type { Database } from "../db.ts";
import type { HostName } from "./host-name.ts";
import { type DeploymentRow, forgetDeployment } from "./find-deployment.ts";
import { hostStub } from "./reach-host.ts";
import { deployments } from "./schema.ts";

/**
 * Warms the first host of a deployment and says how it went: `deployed`, or `failed` with the error. Repeating is safe: only a
 * deployment that is still `building` changes its state.
 */
export async function buildDeployment(
  env: Env,
  db: Database,
  deployment: DeploymentRow,
  host: HostName,
): Promise<void> {
  const status = await hostStub(env, host).warm();
  const broken = status.running
    ? status.challenger?.running === false
      ? `Challenger: ${status.challenger.reason ?? ""}`
      : null
    : status.reason;
  await db
    .update(deployments)
    .set(
      broken === null
        ? { deployed: "deployed" }
        : { deployed: "failed", errorCode: "model_load", errorMessage: broken },
    )
    .where(and(eq(deployments.id, deployment.id), eq(deployments.deployed, "building"), isNull(deployments.deletedAt)));
  forgetDeployment(deployment);
}
