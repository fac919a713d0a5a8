import { and, eq, isNull, or } from "drizzle-orm";
import type { InferSelectModel } from "drizzle-orm";
import { authorize } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import type { Right } from "../access/rights.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import { deployments } from "./schema.ts";

export type DeploymentRow = InferSelectModel<typeof deployments>;

/** A deployment is asked for in thousands of calls a second; what is read here is at most this old. */
const AGE_MS_MAX = 2_000;
const ENTRIES_MAX = 500;
const entries = new Map<string, { deployment: DeploymentRow; readAt: number }>();

/** The deployment with this id or slug, as it is now; null when there is none or it has been removed. Asks for no right. */
export async function findDeployment(db: Database, idOrSlug: string): Promise<DeploymentRow | null> {
  const row = await db
    .select()
    .from(deployments)
    .where(and(or(eq(deployments.id, idOrSlug), eq(deployments.slug, idOrSlug)), isNull(deployments.deletedAt)))
    .get();
  return row ?? null;
}

/** As findDeployment, but from this isolate's memory when it read it at most 2 s ago. */
export async function findDeploymentCached(db: Database, idOrSlug: string, nowMs: number): Promise<DeploymentRow | null> {
  const entry = entries.get(idOrSlug);
  if (entry && nowMs - entry.readAt < AGE_MS_MAX) return entry.deployment;
  const deployment = await findDeployment(db, idOrSlug);
  entries.delete(idOrSlug);
  if (!deployment) return null;
  entries.set(idOrSlug, { deployment, readAt: nowMs });
  if (entries.size > ENTRIES_MAX) {
    const oldest = entries.keys().next();
    if (!oldest.done) entries.delete(oldest.value);
  }
  return deployment;
}

/** Makes a change felt at once in this isolate. */
export function forgetDeployment(deployment: Pick<DeploymentRow, "id" | "slug">): void {
  entries.delete(deployment.id);
  entries.delete(deployment.slug);
}

/** The deployment, for a caller who has the right to it: 401, 403 or 404 otherwise. */
export async function requireDeployment(db: Database, caller: Caller, idOrSlug: string, right: Right): Promise<DeploymentRow> {
  return allowed(await findDeployment(db, idOrSlug), caller, right);
}

/** As requireDeployment, from memory at most 2 s old: for calls that come in numbers. */
export async function requireDeploymentCached(
  db: Database,
  caller: Caller,
  idOrSlug: string,
  right: Right,
  nowMs: number,
): Promise<DeploymentRow> {
  return allowed(await findDeploymentCached(db, idOrSlug, nowMs), caller, right);
}

function allowed(deployment: DeploymentRow | null, caller: Caller, right: Right): DeploymentRow {
  if (!deployment) throw new AppError("not_found", "There is no deployment under that name, or you may not see it.");
  const { id, projectId, access } = deployment;
  authorize(caller, right, { projectId, deployment: { id, access } });
  return deployment;
}
