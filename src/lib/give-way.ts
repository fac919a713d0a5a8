const AFTER_MS = 20;

/**
 * For long work in a loop: lets others have the thread each 20 ms. Where one thread does everything, calls and pages wait no longer than
 * that; where the clock stands still during work, nobody else is on the thread, and nothing is given.
 */
export class GiveWay {
  #sinceMs = Date.now();

  /** To be called between two pieces of the work. */
  async now(): Promise<void> {
    if (Date.now() - this.#sinceMs < AFTER_MS) return;
    await scheduler.wait(0);
    this.#sinceMs = Date.now();
  }
}
