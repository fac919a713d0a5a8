import { AppError } from "../errors.ts";
import type { AppContext } from "../http.ts";

// The period of SIGN_IN_LIMIT in wrangler.toml.
const PERIOD_SECONDS = 60;

/** Counts one guess under each key; 429 once one of them has had too many within the minute. */
export async function limitGuesses(limit: RateLimit, keys: readonly string[]): Promise<void> {
  const outcomes = await Promise.all(keys.map((key) => limit.limit({ key })));
  if (outcomes.every((outcome) => outcome.success)) return;
  throw new AppError("rate_limited", "Too many attempts. Wait a minute and try again.", {
    retryAfterSeconds: PERIOD_SECONDS,
  });
}

/** By what the guesses at an account's password are counted: the account and, where the platform tells it, the caller's address. */
export function guessKeys(email: string, address: string | null): string[] {
  const account = `account:${email}`;
  // Callers whose addresses nobody knows are not one caller: each could keep all the others out.
  return address === null ? [account] : [account, `address:${address}`];
}

/** The network address of the caller, as the proxy before the Worker says; null where none is trusted, as on one's own machine. */
export function addressOf(c: AppContext): string | null {
  return c.env.TRUST_PROXY === "1" ? (c.req.header("cf-connecting-ip") ?? null) : null;
}
