import { env } from "cloudflare:workers";
import { runCron } from "../../src/cron.ts";
import { MINUTE_MS } from "../../src/lib/time.ts";

/** Cron ticks, a minute apart, from the moment it is made. */
export class Clock {
  #nowMs = Date.now();

  get nowMs(): number {
    return this.#nowMs;
  }

  /** One tick, `minutes` after the one before. */
  async tick(minutes = 1): Promise<void> {
    this.#nowMs += minutes * MINUTE_MS;
    await runCron(env, this.#nowMs);
  }

  /** The tick before once more, as a platform may deliver it. */
  async tickAgain(): Promise<void> {
    await runCron(env, this.#nowMs);
  }
}
