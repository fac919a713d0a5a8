const ATTEMPTS = 4;
const PAUSE_MS = 50;

/**
 * Does what may be done again, up to four times, with pauses that grow from 50 ms: for single writes of a store that now and then fails
 * one, where whoever stands above would have to do much more again. Throws what the last attempt threw.
 */
export async function tryAgain<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await scheduler.wait(PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}
