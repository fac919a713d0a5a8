import { type SQL, sql } from "drizzle-orm";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";

/** A deployment that uses a model in one of its versions. */
export interface Use {
  name: string;
  /** 1: nothing of it answers any more, and it is about to let the model go. */
  isRemoved: number;
  /** Their numbers, with commas. */
  versions: string;
}

/**
 * The deployments that have a version for which `condition` holds; it may speak of `deployments` and `deployment_versions`, which
 * come after experiments in the order of imports and are named here, not imported. The versions of a removed deployment stay until
 * its records are purged, and hold their models for as long.
 */
export function usesWhere(db: Database, condition: SQL): Promise<Use[]> {
  return db.all<Use>(sql`
    select deployments.name as "name", deployments."deletedAt" is not null as "isRemoved",
      group_concat(deployment_versions.number, ', ') as "versions"
    from deployment_versions join deployments on deployments.id = deployment_versions."deploymentId"
    where ${condition} group by deployments.id order by deployments."createdAt"`);
}

/** The 409 that names the deployments which keep something from being deleted. */
export function inUseError(what: "model" | "experiment", uses: readonly Use[]): AppError {
  const live = uses.filter((use) => !use.isRemoved);
  const [thing, used] = what === "model" ? ["this model", "The model is"] : ["a model of it", "Models of it are"];
  if (live.length === 0) {
    return new AppError("conflict", `A deployment that used ${thing} is just being removed. Try again in a minute.`);
  }
  const names = live.map(({ name, versions }) => `"${name}" (version ${versions})`).join(", ");
  const [by, those] =
    live.length === 1 ? ["the deployment", "that deployment"] : ["the deployments", "those deployments"];
  return new AppError(
    "conflict",
    `${used} used by ${by} ${names}. Versions that one can roll back to count too. Delete ${those} first.`,
  );
}
