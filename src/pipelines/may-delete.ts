import { authorize, requireUser } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import { type Right, verdict } from "../access/rights.ts";

interface Owned {
  projectId: string;
  createdBy: string;
}

/** A contributor may delete what they made, an admin of the project anything; 401, 403 or 404 otherwise. */
export function requireMayDelete(caller: Caller, owned: Owned): void {
  requireUser(caller);
  authorize(caller, rightToDelete(caller, owned), { projectId: owned.projectId });
}

/** Whether requireMayDelete would let the caller pass: for showing or hiding what deletes. */
export function mayDelete(caller: Caller, owned: Owned): boolean {
  return verdict(caller, rightToDelete(caller, owned), { projectId: owned.projectId }) === "allowed";
}

function rightToDelete(caller: Caller, { createdBy }: Owned): Right {
  return caller.kind === "user" && caller.userId === createdBy ? "change" : "manage";
}
