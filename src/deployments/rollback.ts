import type { Caller } from "../access/caller.ts";
import { requireUser } from "../access/authorize.ts";
import { writeAudit } from "../audit/audit.ts";
import { AppError } from "../errors.ts";
import { requireSwitchable } from "./add-version.ts";
import type { DeploymentRow } from "./find-deployment.ts";
import { findVersion } from "./queries.ts";
import { switchVersion, type SwitchPorts } from "./switch-version.ts";

/**
 * Makes another version that exists the current one again, with the care of a switch; the current one: no change. For contributors.
 * 404 for a version that there is not, 422 when its models do not load any more, 409 when another switch was faster.
 */
export async function rollback(
  ports: SwitchPorts,
  caller: Caller,
  idOrSlug: string,
  number: number,
  nowMs: number,
): Promise<DeploymentRow> {
  const { db } = ports;
  const deployment = await requireSwitchable(db, caller, idOrSlug);
  if (!(await findVersion(db, deployment.id, number))) {
    throw new AppError("not_found", `The deployment has no version ${number}.`);
  }
  if (number === deployment.currentVersion) return deployment;
  const switched = await switchVersion(ports, deployment, number);
  await writeAudit(
    db,
    requireUser(caller),
    {
      projectId: deployment.projectId,
      action: "deployment.rollback",
      object: { kind: "deployment", id: deployment.id, name: deployment.name },
      before: { version: deployment.currentVersion },
      after: { version: number },
    },
    nowMs,
  );
  return switched;
}
