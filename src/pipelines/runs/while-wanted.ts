import { eq } from "drizzle-orm";
import { waitUntil } from "cloudflare:workers";
import type { Database } from "../../db.ts";
import { runs } from "../schema.ts";
import { Cancelled } from "./run-step.ts";

const LOOK_MS = 2_000;

/**
 * Does a part of a run that may wait for others for long. The signal is aborted, with `Cancelled`, within seconds after the run has been
 * cancelled, though it may have been taken up again since: what is going on elsewhere for it is to be ended then.
 */
export async function whileWanted<T>(
  db: Database,
  runId: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const isOver = Promise.withResolvers<void>();
  const looking = lookAgain(db, runId, controller, isOver.promise);
  const done = work(controller.signal).finally(() => isOver.resolve());
  // The workflow of a cancelled run is ended at once: there must be time left to notice, and to tidy up.
  waitUntil(Promise.allSettled([done, looking]));
  return done;
}

async function lookAgain(
  db: Database,
  runId: string,
  controller: AbortController,
  isOver: Promise<void>,
): Promise<void> {
  const over = isOver.then(() => true);
  const begun = await runningAttempt(db, runId);
  while (!(await Promise.race([over, scheduler.wait(LOOK_MS).then(() => false)]))) {
    const running = await runningAttempt(db, runId);
    // What could not be read may be the next time.
    if (running !== undefined && begun !== undefined && running !== begun) return controller.abort(new Cancelled());
  }
}

/** Which attempt at a run is running; null: none. Undefined where the database does not say. */
async function runningAttempt(db: Database, runId: string): Promise<number | null | undefined> {
  try {
    const run = await db
      .select({ state: runs.state, attempt: runs.attempt })
      .from(runs)
      .where(eq(runs.id, runId))
      .get();
    return run?.state === "running" ? run.attempt : null;
  } catch (error) {
    console.warn("whether a run goes on could not be read", error);
    return undefined;
  }
}
