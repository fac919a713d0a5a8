import { and, eq, isNotNull, isNull, getTableColumns } from "drizzle-orm";
import { type Database, database } from "./db.ts";
import { forgetDeployment } from "./deployments/find-deployment.ts";
import { purgeDeployments, removeDeployment } from "./deployments/remove-deployment.ts";
import { resumeBuilding } from "./deployments/resume-building.ts";
import { deployments } from "./deployments/schema.ts";
import { purgeExperiments } from "./experiments/purge-experiments.ts";
import { whenProjectIsDeleted } from "./projects/delete-project.ts";
import { purgeProjects } from "./projects/purge-projects.ts";
import { projects } from "./projects/schema.ts";

const REMOVED_PER_TICK = 20;

/** One tick of the clock: every job is safe to repeat, and one that fails keeps none of the others from running. */
export async function runCron(env: Env, nowMs: number): Promise<void> {
  const db = database(env);
  const jobs = {
    resumeBuilding: () => resumeBuilding(env, db, nowMs),
    // What a deleted project held goes from the outside in; each job waits until the one before it is done with a thing.
    removeDeploymentsOfDeletedProjects: () => removeDeploymentsOfDeletedProjects(db, nowMs),
    purgeDeployments: () => purgeDeployments(env, db, nowMs),
    purgeExperiments: () => purgeExperiments(env, db),
    purgeProjects: () => purgeProjects(db),
  };
  for (const [name, job] of Object.entries(jobs)) {
    try {
      await job();
    } catch (error) {
      console.error(`cron job ${name}`, error);
    }
  }
}

async function removeDeploymentsOfDeletedProjects(db: Database, nowMs: number): Promise<void> {
  const left = await db
    .select(getTableColumns(deployments))
    .from(deployments)
    .innerJoin(projects, eq(projects.id, deployments.projectId))
    .where(and(isNotNull(projects.deletedAt), isNull(deployments.deletedAt)))
    .limit(REMOVED_PER_TICK);
  for (const deployment of left) await removeDeployment(db, deployment, nowMs);
}

whenProjectIsDeleted(async (db, projectId) => {
  const held = await db
    .select({ id: deployments.id })
    .from(deployments)
    .where(and(eq(deployments.projectId, projectId), isNull(deployments.deletedAt)));
  for (const deployment of held) forgetDeployment(deployment);
});
