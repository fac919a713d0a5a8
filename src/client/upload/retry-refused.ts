import { Refused } from "./refused.ts";

/** Waited before each further attempt, in ms. */
const PAUSES_MS = [1000, 3000, 9000];

/**
 * What `attempt` resolves with, after up to three further attempts while it is refused for a reason that may pass. `onPause` is told
 * before each wait. The last refusal, and one that cannot pass, is thrown.
 */
export async function retryRefused<T>(
  attempt: () => Promise<T>,
  onPause: (refusal: Refused, pauseMs: number) => void,
  wait: (ms: number) => Promise<void>,
): Promise<T> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Refused && error.mayPass)) throw error;
      onPause(error, pauseMs);
      await wait(pauseMs);
    }
  }
  return attempt();
}
