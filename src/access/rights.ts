import type { Caller, ProjectRole } from "./caller.ts";

export type AccessLevel = "public" | "instance" | "project";

/**
 * What one may do with a deployment or in a project.
 * predict: predict, the form, /about, /inputs, /outputs, its docs · send_actuals · read: everything of the project, records included ·
 * change: create and change, and delete what one made · manage: members, any deletion, the project itself.
 */
export type Right = "predict" | "send_actuals" | "read" | "change" | "manage";

export interface Target {
  projectId: string;
  /** The deployment that is asked for, where the right is about one. */
  deployment?: { id: string; access: AccessLevel };
}

/**
 * `allowed`, or the way in which it is refused: `unauthorized` (nobody is signed in, and signing in could help),
 * `forbidden` (the caller may know that it exists), `hidden` (the caller may not: answer 404).
 */
export type Verdict = "allowed" | "unauthorized" | "forbidden" | "hidden";

const RANK: Record<ProjectRole, number> = { end_user: 1, viewer: 2, contributor: 3, admin: 4 };
const RANK_FOR: Record<Exclude<Right, "predict" | "send_actuals">, number> = { read: 2, change: 3, manage: 4 };

/** The rights table of the contract, whole. Pure: the same arguments give the same verdict. */
export function verdict(caller: Caller, right: Right, target: Target): Verdict {
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
  // Actuals change what the charts say, so a viewer may not send them, a contributor may.
  const needed = right === "send_actuals" ? RANK.contributor : RANK_FOR[right];
  if (rank >= needed) return "allowed";
  return mayPredict || rank >= RANK.end_user ? "forbidden" : "hidden";
}
