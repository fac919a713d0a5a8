import { hidden } from "../../access/authorize.ts";
import type { Database } from "../../db.ts";
import type { DeploymentRow } from "../../deployments/find-deployment.ts";
import { AppError } from "../../errors.ts";
import { loadServingSpec } from "./load-serving-spec.ts";
import type { ServingSpec } from "./serving-spec.ts";

/** A version never changes, so its spec is kept as long as the isolate lives; the oldest goes when there are too many. */
const SPECS_MAX = 200;
const specs = new Map<string, ServingSpec>();

/** What the version of a deployment serves; null when there is no such version. */
export async function findServingSpec(
  db: Database,
  deploymentId: string,
  version: number,
): Promise<ServingSpec | null> {
  const key = `${deploymentId}/${version}`;
  const present = specs.get(key);
  if (present) return present;
  const spec = await loadServingSpec(db, deploymentId, version);
  if (!spec) return null;
  specs.set(key, spec);
  if (specs.size > SPECS_MAX) {
    const oldest = specs.keys().next();
    if (!oldest.done) specs.delete(oldest.value);
  }
  return spec;
}

/** The spec of the current version; 503 while the deployment is being built or has failed. */
export async function servingSpecOf(db: Database, deployment: DeploymentRow): Promise<ServingSpec> {
  if (deployment.deployed !== "deployed") {
    const why = deployment.deployed === "building" ? "is being built" : "could not be built";
    throw new AppError("not_running", `The deployment ${why}.`, {
      retryAfterSeconds: deployment.deployed === "building" ? 2 : 60,
    });
  }
  const spec = await findServingSpec(db, deployment.id, deployment.currentVersion);
  if (!spec) throw hidden();
  return spec;
}
