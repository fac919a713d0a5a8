import { AppError } from "../errors.ts";
import type { AppContext } from "../http.ts";

// The period of SIGN_IN_LIMIT in wrangler.toml.
const PERIOD_SECONDS = 60;

/** Counts one guess under each key; 429 once one of them has had too many within the minute. */
export async function limitGuesses(limit: RateLimit, keys: string[]): Promise<void> {
  const outcomes = await Promise.all(keys.map((key) => limit.limit({ key })));
  if (outcomes.every((outcome) => outcome.success)) return;
  throw new AppError("rate_limited", "Too many attempts. Wait a minute and try again.", {
    retryAfterSeconds: PERIOD_SECONDS,
  });
}

/** The network address of the caller; the same text for all where the platform does not say. */
export function addressOf(c: AppContext): string {
  return c.req.header("cf-connecting-ip") ?? "unknown";
}
