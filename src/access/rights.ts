import type { Caller, ProjectRole } from "./caller.ts";

export type AccessLevel = "public" | "instance" | "project";

/**
 * What one may do with a deployment or in a project.
 * predict: predict, the form, /about, /inputs, /outputs, its docs · send_actuals · read: everything of the project, records included ·
 * change: create and change · delete: what one may change and made oneself; for an admin of the project anything ·
 * manage: members, and the project itself.
 */
export type Right = "predict" | "send_actuals" | "read" | "change" | "delete" | "manage";

export interface Target {
  projectId: string;
  /** The deployment that is asked for, where the right is about one. */
  deployment?: { id: string; access: AccessLevel };
  /** Id of the user who made what the right is about. `delete` asks for it: without it, only admins may. */
  createdBy?: string;
}

/**
 * `allowed`, or the way in which it is refused: `unauthorized` (nobody is signed in, and signing in could help),
 * `forbidden` (the caller may know that it exists), `hidden` (the caller may not: answer 404).
 */
export type Decision = "allowed" | "unauthorized" | "forbidden" | "hidden";

const RANK: Record<ProjectRole, number> = { end_user: 1, viewer: 2, contributor: 3, admin: 4 };
// Actuals change what the charts say, so a viewer may not send them, a contributor may.
const RANK_FOR: Record<Exclude<Right, "predict" | "delete">, number> = {
  read: 2,
  send_actuals: 3,
  change: 3,
  manage: 4,
};

/** The rights table of the contract, whole. Pure: the same arguments give the same decision. */
export function decide(caller: Caller, right: Right, target: Target): Decision {
  const { deployment } = target;
  if (caller.kind === "key") {
    // Anybody may know of a public deployment; of others, a key knows only its own.
    if (deployment?.id !== caller.deploymentId) return deployment?.access === "public" ? "forbidden" : "hidden";
    return right === "predict" || right === "send_actuals" ? "allowed" : "forbidden";
  }
  if (caller.kind === "nobody") {
    return right === "predict" && deployment?.access === "public" ? "allowed" : "unauthorized";
  }
  const role = caller.instanceRole === "admin" ? "admin" : caller.roles.get(target.projectId);
  const rank = role ? RANK[role] : 0;
  // Project-wide predict means "is a member at all"; for a deployment the access level decides.
  const mayPredict = deployment !== undefined && (deployment.access !== "project" || rank >= RANK.end_user);
  if (right === "predict") return mayPredict || (!deployment && rank >= RANK.end_user) ? "allowed" : "hidden";
  const isOwn = target.createdBy === caller.userId;
  const needed = right === "delete" ? RANK_FOR[isOwn ? "change" : "manage"] : RANK_FOR[right];
  if (rank >= needed) return "allowed";
  return mayPredict || rank >= RANK.end_user ? "forbidden" : "hidden";
}

/** Whether the caller may: for showing or hiding what would be refused. `authorize` is what refuses. */
export function isAllowed(caller: Caller, right: Right, target: Target): boolean {
  return decide(caller, right, target) === "allowed";
}
