import { and, eq, getTableColumns, isNull, or } from "drizzle-orm";
import type { InferSelectModel } from "drizzle-orm";
import { authorize, hidden } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import type { Right, Target } from "../access/rights.ts";
import type { Database } from "../db.ts";
import { FreshCache } from "../lib/fresh-cache.ts";
import { projects } from "../projects/schema.ts";
import { deployments } from "./schema.ts";

export type DeploymentRow = InferSelectModel<typeof deployments>;

/** A deployment is asked for in thousands of calls a second: what is read here is up to 4 s old. */
const cache = new FreshCache<DeploymentRow>({ freshMs: 2_000, keepMs: 4_000, entriesMax: 500 });

/** The deployment with this id or slug, as it is now; null when there is none, or it or its project has been removed. Asks for no right. */
export async function findDeployment(db: Database, idOrSlug: string): Promise<DeploymentRow | null> {
  const isNamed = or(eq(deployments.id, idOrSlug), eq(deployments.slug, idOrSlug));
  const row = await db
    .select(getTableColumns(deployments))
    .from(deployments)
    .innerJoin(projects, eq(projects.id, deployments.projectId))
    .where(and(isNamed, isNull(deployments.deletedAt), isNull(projects.deletedAt)))
    .get();
  return row ?? null;
}

/** Makes a change felt at once in this isolate. */
export function forgetDeployment({ id }: Pick<DeploymentRow, "id">): void {
  cache.deleteWhere((deployment) => deployment.id === id);
}

/** The same for all deployments of a project that has been deleted. */
export function forgetDeploymentsOf(projectId: string): void {
  cache.deleteWhere((deployment) => deployment.projectId === projectId);
}

/** The deployment, for a caller who has the right to it: 401, 403 or 404 otherwise. */
export async function requireDeployment(
  db: Database,
  caller: Caller,
  idOrSlug: string,
  right: Right,
): Promise<DeploymentRow> {
  return allowed(await findDeployment(db, idOrSlug), caller, right);
}

/** What reading from memory needs: `waitUntil` takes the work of reading again behind the answer. */
export interface CacheReader {
  db: Database;
  nowMs: number;
  waitUntil: (work: Promise<void>) => void;
}

/**
 * As requireDeployment, from this isolate's memory where it was read in the last 4 s: for calls that come in numbers. One call in
 * 2 s reads again, behind its answer, by `waitUntil`.
 */
export async function requireDeploymentCached(
  { caller, ...reader }: CacheReader & { caller: Caller },
  idOrSlug: string,
  right: Right,
): Promise<DeploymentRow> {
  return allowed(await findDeploymentCached(reader, idOrSlug), caller, right);
}

/** As findDeployment, from the same memory. */
export async function findDeploymentCached(
  { db, nowMs, waitUntil }: CacheReader,
  idOrSlug: string,
): Promise<DeploymentRow | null> {
  const cached = cache.get(idOrSlug, nowMs);
  if (cached?.isDue) waitUntil(refresh(db, idOrSlug, nowMs));
  return cached?.value ?? readDeployment(db, idOrSlug, nowMs);
}

async function readDeployment(db: Database, idOrSlug: string, nowMs: number): Promise<DeploymentRow | null> {
  const deployment = await findDeployment(db, idOrSlug);
  if (deployment) cache.set(idOrSlug, deployment, nowMs);
  else cache.delete(idOrSlug);
  return deployment;
}

async function refresh(db: Database, idOrSlug: string, nowMs: number): Promise<void> {
  try {
    await readDeployment(db, idOrSlug, nowMs);
  } catch (error) {
    // The copy ages out by itself, and the next call then reads in the foreground.
    console.warn("a deployment could not be read again", error);
  }
}

function allowed(deployment: DeploymentRow | null, caller: Caller, right: Right): DeploymentRow {
  if (!deployment) throw hidden(caller);
  authorize(caller, right, targetOf(deployment));
  return deployment;
}

/** The deployment as the rights know it. */
export function targetOf(deployment: Pick<DeploymentRow, "id" | "projectId" | "access" | "createdBy">): Target {
  const { id, projectId, access, createdBy } = deployment;
  return { projectId, deployment: { id, access }, createdBy };
}
