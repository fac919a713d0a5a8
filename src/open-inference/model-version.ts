import { and, eq } from "drizzle-orm";
import { type Database, database } from "../db.ts";
import { type DeploymentRow, requireDeployment } from "../deployments/find-deployment.ts";
import { deploymentVersions } from "../deployments/schema.ts";
import { AppError } from "../errors.ts";
import { type Call, callableDeployment } from "../inference/call/answer-predict.ts";

/** The model that a path names, and the version in it where there is one. */
export interface ModelPath {
  name: string;
  version: string | undefined;
}

/**
 * The deployment, for a caller who may predict with it, and whether what the path names is its current version. 401, 403 or 404, the
 * last also for a version that there is not.
 */
export async function findVersion(
  call: Call,
  { name, version }: ModelPath,
): Promise<{ deployment: DeploymentRow; isCurrent: boolean }> {
  const deployment = await callableDeployment(call, name);
  if (version === undefined || version === String(deployment.currentVersion)) return { deployment, isCurrent: true };
  // What is remembered may be a few seconds behind a switch.
  const db = database(call.env);
  const present = await requireDeployment(db, call.caller, name, "predict");
  if (version === String(present.currentVersion)) return { deployment: present, isCurrent: true };
  if ((await findVersionNumber(db, present.id, version)) === null) throw noVersion(version, present.currentVersion);
  return { deployment: present, isCurrent: false };
}

/** The deployment, for a caller who may predict with it. A version that is named must be the current one: 404 or 409 otherwise. */
export async function requireCurrent(call: Call, path: ModelPath): Promise<DeploymentRow> {
  const { deployment, isCurrent } = await findVersion(call, path);
  if (!isCurrent) throw notCurrent(path.version ?? "", deployment.currentVersion);
  return deployment;
}

/** 409: only the current version answers. */
export function notCurrent(version: string, current: number): AppError {
  return new AppError("conflict", notCurrentText(version, current));
}

/** Why a version that there is does not answer. */
export function notCurrentText(version: string, current: number): string {
  return `Version ${version} is not current. Call version ${current}, or leave the version out.`;
}

/** 404, which says what there is. */
export function noVersion(version: string, current: number): AppError {
  return new AppError("not_found", `Version "${version.slice(0, 60)}" not found. The current version is ${current}.`);
}

/** The number of the deployment's version that a path names as `version`; null when there is none. */
export async function findVersionNumber(db: Database, deploymentId: string, version: string): Promise<number | null> {
  const number = Number(version);
  // Only the number as we write it: 02 and 2.0 name none.
  if (!Number.isSafeInteger(number) || String(number) !== version) return null;
  const row = await db
    .select({ number: deploymentVersions.number })
    .from(deploymentVersions)
    .where(and(eq(deploymentVersions.deploymentId, deploymentId), eq(deploymentVersions.number, number)))
    .get();
  return row?.number ?? null;
}
