import { asc, eq } from "drizzle-orm";
import { type Database, database } from "../db.ts";
import { type DeploymentRow, requireDeployment } from "../deployments/find-deployment.ts";
import { deploymentVersions } from "../deployments/schema.ts";
import { AppError } from "../errors.ts";
import { type Call, callableDeployment } from "../inference/answer-predict.ts";

/** The model that a path names, and the version in it where there is one. */
export interface ModelPath {
  name: string;
  version: string | undefined;
}

/** The deployment, for a caller who may predict with it. A version that is named must be the current one: 404 or 409 otherwise. */
export async function requireCurrent(call: Call, { name, version }: ModelPath): Promise<DeploymentRow> {
  const deployment = await callableDeployment(call, name);
  if (version === undefined || version === String(deployment.currentVersion)) return deployment;
  // What is remembered may be a few seconds behind a switch.
  const db = database(call.env);
  const present = await requireDeployment(db, call.caller, name, "predict");
  if (version === String(present.currentVersion)) return present;
  const isThere = (await versionNumbers(db, present.id)).map(String).includes(version);
  throw isThere ? notCurrent(version, present.currentVersion) : noVersion(version, present.currentVersion);
}

/** 409: only the current version answers. */
export function notCurrent(version: string, current: number): AppError {
  return new AppError(
    "conflict",
    `Only the current version answers, and that is ${current}, not ${version}. Call version ${current}, or leave the version out.`,
  );
}

/** 404, which says what there is. */
export function noVersion(version: string, current: number): AppError {
  return new AppError(
    "not_found",
    `There is no version "${version.slice(0, 60)}" of this model. The current one is ${current}.`,
  );
}

/** The numbers of a deployment's versions, ascending. */
export async function versionNumbers(db: Database, deploymentId: string): Promise<number[]> {
  const rows = await db
    .select({ number: deploymentVersions.number })
    .from(deploymentVersions)
    .where(eq(deploymentVersions.deploymentId, deploymentId))
    .orderBy(asc(deploymentVersions.number));
  return rows.map(({ number }) => number);
}
