import { authorize, requireUser } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import { type Right, type Target, verdict } from "../access/rights.ts";
import type { DeploymentRow } from "./find-deployment.ts";

type Owned = Pick<DeploymentRow, "id" | "projectId" | "access" | "createdBy">;

/** A contributor may delete what it made, an admin of the project anything; 403 otherwise. */
export function requireMayDelete(caller: Caller, deployment: Owned): void {
  requireUser(caller);
  authorize(caller, rightToDelete(caller, deployment), targetOf(deployment));
}

/** Whether requireMayDelete would let the caller pass: for showing or hiding what deletes. */
export function mayDelete(caller: Caller, deployment: Owned): boolean {
  return verdict(caller, rightToDelete(caller, deployment), targetOf(deployment)) === "allowed";
}

function rightToDelete(caller: Caller, { createdBy }: Owned): Right {
  return caller.kind === "user" && caller.userId === createdBy ? "change" : "manage";
}

function targetOf({ id, projectId, access }: Owned): Target {
  return { projectId, deployment: { id, access } };
}
