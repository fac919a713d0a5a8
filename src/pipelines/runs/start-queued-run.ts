import { type RunAttempt, startRun } from "./run-instance.ts";

/** Starts the workflow of a run that is stored as queued. Never throws: one that does not start now stays queued, and the clock starts it. */
export async function startQueuedRun(env: Pick<Env, "RUN_WORKFLOW">, run: RunAttempt): Promise<void> {
  try {
    await startRun(env, run);
  } catch (error) {
    console.error(`run ${run.id} was not started at once`, error);
  }
}
