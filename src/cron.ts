import { database } from "./db.ts";
import { purgeDeployments } from "./deployments/remove-deployment.ts";
import { resumeBuilding } from "./deployments/resume-building.ts";

/** One tick of the clock: every job is safe to repeat, and one that fails keeps none of the others from running. */
export async function runCron(env: Env, nowMs: number): Promise<void> {
  const db = database(env);
  const jobs = {
    resumeBuilding: () => resumeBuilding(env, db, nowMs),
    purgeDeployments: () => purgeDeployments(env, db, nowMs),
  };
  for (const [name, job] of Object.entries(jobs)) {
    try {
      await job();
    } catch (error) {
      console.error(`cron job ${name}`, error);
    }
  }
}
