import type { WaitingCall } from "./micro-batch.ts";

/** Pauses of one gathering: an answer is held up by no more than these, about 2 ms each. */
const PAUSES_MAX = 4;

/**
 * The calls that wait for the next batch. A batch costs about as much as three calls, whatever is in it, so it pays to let it
 * fill up. How far is told by how many calls were at hand at once lately: callers that wait for their answer before they call
 * again are soon all here, and nobody waits for a caller who is alone.
 */
export class WaitingCalls {
  readonly #pause: () => Promise<void>;
  #calls: WaitingCall[] = [];
  #expected = 1;
  #onEnough: (() => void) | null = null;

  /** `pause` lets calls in that have arrived but were not delivered yet. */
  constructor(pause: () => Promise<void>) {
    this.#pause = pause;
  }

  get count(): number {
    return this.#calls.length;
  }

  push(call: WaitingCall): void {
    this.#calls.push(call);
    if (this.#calls.length >= this.#expected) this.#onEnough?.();
  }

  /** Waits until as many calls are here as are to be expected, or none came during a pause. */
  async gather(): Promise<void> {
    let seen = 0;
    for (let pauses = 0; pauses < PAUSES_MAX && this.count > seen && this.count < this.#expected; pauses += 1) {
      seen = this.count;
      await this.#pauseOrEnough();
    }
  }

  /** Takes the oldest calls, as many as have `rowsMax` rows together, and at least one. */
  take(rowsMax: number): WaitingCall[] {
    let rows = 0;
    let taken = 0;
    for (const call of this.#calls) {
      rows += call.rows.count;
      if (taken > 0 && rows > rowsMax) break;
      taken += 1;
    }
    return this.#calls.splice(0, taken);
  }

  takeAll(): WaitingCall[] {
    return this.#calls.splice(0);
  }

  /** To be told when the answers to `batch` have become durable: who waits by now came while those were at hand. */
  noteAnswered(batch: readonly WaitingCall[]): void {
    this.#expected = batch.length + this.count;
  }

  #pauseOrEnough(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onEnough = resolve;
      this.#pause().then(resolve, reject);
    });
  }
}
