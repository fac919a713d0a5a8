import type { WorkflowStep, WorkflowStepConfig } from "cloudflare:workers";
import { knownFailure, lastFailure, PassingFailure, type RunFailure } from "./run-failure.ts";

/** For what depends on our own stores only: they are back in a moment, or the run is taken up again later. */
export const INSIDE: WorkflowStepConfig = {
  retries: { limit: 8, delay: "1 second", backoff: "exponential" },
  timeout: "2 hours",
};
/** For what depends on others: a minute and more, then somebody is told. */
export const OUTSIDE: WorkflowStepConfig = {
  retries: { limit: 4, delay: "5 seconds", backoff: "exponential" },
  timeout: "2 hours",
};

/** Thrown when a run is found to have been cancelled: nothing more is done for it. */
export class Cancelled extends Error {}

/** What came of a step. */
export type Attempted<T> = { done: T } | { failed: RunFailure };

const CANCELLED: RunFailure = { code: "cancelled", message: "The run was cancelled." };

/**
 * One step. What is known to fail for good is its result, what may pass is tried again, and what has failed to the last is said by the
 * failure that the last attempt met.
 */
export async function attempt<T>(
  step: WorkflowStep,
  name: string,
  config: WorkflowStepConfig,
  work: () => Promise<T>,
): Promise<Attempted<T>> {
  const said = await tryStep(step, name, config, work);
  if ("failed" in said && said.failed.code === CANCELLED.code) throw new Cancelled();
  return said;
}

async function tryStep<T>(
  step: WorkflowStep,
  name: string,
  config: WorkflowStepConfig,
  work: () => Promise<T>,
): Promise<Attempted<T>> {
  try {
    // The result is text: what a step may answer is less than what TypeScript can say.
    const text = await step.do(name, config, async () => {
      try {
        return JSON.stringify({ done: await work() });
      } catch (error) {
        if (error instanceof Cancelled) return JSON.stringify({ failed: CANCELLED });
        const failure = knownFailure(error);
        if (!failure) throw error;
        const { code, message } = failure;
        if (failure.isPassing) throw new PassingFailure({ code, message }, { cause: error });
        return JSON.stringify({ failed: { code, message } });
      }
    });
    return JSON.parse(text) as Attempted<T>;
  } catch (error) {
    return { failed: lastFailure(error) };
  }
}

/** Ends the run where it has been cancelled. */
export function continueOnly(goesOn: boolean): void {
  if (!goesOn) throw new Cancelled();
}
