/** Pauses of one gathering: a call is held up by no more than these, one to two ms each. */
const PAUSES_MAX = 4;
/** So many pauses are made even when nobody comes: who is busy answering others lets nobody in. */
const PAUSES_MIN = 2;
/** What is left of an expectation that was not met. It falls by steps: one small batch is no sign yet that the callers have gone. */
const KEPT_EXPECTATION = 0.75;

/**
 * Calls that wait to go on together. What is done for several at once costs about as much as for one, so it pays to let a batch
 * fill up. How far is told by how many calls were at hand at once lately: callers that wait for their answer before they call
 * again are soon all here, and nobody waits for a caller who is alone.
 */
export class WaitingCalls<Call> {
  readonly #pause: () => Promise<void>;
  readonly #shareOf: (call: Call) => number;
  #calls: Call[] = [];
  #expected = 1;
  #onEnough: (() => void) | null = null;

  /**
   * `pause` lets calls in that have arrived but were not delivered yet. `shareOf` says what part of a batch a call fills, 1 being
   * a whole one.
   */
  constructor(pause: () => Promise<void>, shareOf: (call: Call) => number) {
    this.#pause = pause;
    this.#shareOf = shareOf;
  }

  get count(): number {
    return this.#calls.length;
  }

  push(call: Call): void {
    this.#calls.push(call);
    if (this.#calls.length >= this.#expected) this.#onEnough?.();
  }

  /** Waits until as many calls are here as are to be expected, or until none comes any more. */
  async gather(): Promise<void> {
    let seen = 0;
    for (
      let pauses = 0;
      pauses < PAUSES_MAX && (this.count > seen || pauses < PAUSES_MIN) && this.count < this.#expected;
      pauses += 1
    ) {
      seen = this.count;
      await this.#pauseOrEnough();
    }
  }

  /** Takes the oldest calls, as many as fit one batch, and at least one. */
  take(): Call[] {
    let filled = 0;
    let taken = 0;
    for (const call of this.#calls) {
      filled += this.#shareOf(call);
      if (taken > 0 && filled > 1) break;
      taken += 1;
    }
    return this.#calls.splice(0, taken);
  }

  takeAll(): Call[] {
    return this.#calls.splice(0);
  }

  /** To be told when calls have their answers: how many were at hand just then, those that wait and those under way. */
  noteAtHand(count: number): void {
    this.#expected = Math.max(count, Math.floor(this.#expected * KEPT_EXPECTATION));
  }

  #pauseOrEnough(): Promise<void> {
    // Made so, and not by `new Promise`, because a call of another request may resolve it; see callHost.
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#onEnough = resolve;
    this.#pause().then(resolve, reject);
    return promise;
  }
}
