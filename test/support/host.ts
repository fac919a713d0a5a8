import { env } from "cloudflare:workers";
import type { TestDeployment } from "./deployment.ts";

/** The host that answers the first version of a deployment on one machine. */
export function hostOf(deployment: Pick<TestDeployment, "id">) {
  return env.DEPLOYMENT_HOST.getByName(`${deployment.id}/1/local/0`);
}
