import { AppError } from "../errors.ts";
import type { VerbContext } from "../verb-context.ts";
import { requireSwitchable } from "./add-version.ts";
import type { DeploymentRow } from "./find-deployment.ts";
import { findVersion } from "./queries.ts";
import { type SwitchInput, switchVersion } from "./switch-version.ts";

/**
 * Makes another version that exists the current one again, with the care of a switch; the current one: no change. For contributors.
 * 404 for a version that there is not, 422 when its models do not load any more, 409 when another switch was faster.
 */
export async function rollback(ctx: VerbContext, input: SwitchInput & { version: number }): Promise<DeploymentRow> {
  const { version, region } = input;
  const deployment = await requireSwitchable(ctx, input.deployment);
  if (!(await findVersion(ctx.db, deployment.id, version))) {
    throw new AppError("not_found", `The deployment has no version ${version}.`);
  }
  if (version === deployment.currentVersion) return deployment;
  return switchVersion(ctx, deployment, { action: "deployment.rollback", version, region });
}
