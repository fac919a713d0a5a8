import { eq } from "drizzle-orm";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import { guessKeys, limitGuesses } from "./limit-guesses.ts";
import { verifyPassword } from "./password.ts";
import { users } from "./schema.ts";
import { openSession } from "./session.ts";

export interface SignInAttempt {
  email: string;
  password: string;
  /** Network address of the caller, where it is known: guesses are counted by it and by account. */
  address: string | null;
}

/**
 * Opens a session for the user with this email and password and gives the text for its cookie.
 * 401 with one and the same answer, after the same work, for a wrong password, an unknown account, a deactivated
 * one and one without a password; 429 after ten attempts a minute from one address or on one account.
 */
export async function signIn(db: Database, limit: RateLimit, attempt: SignInAttempt, nowMs: number): Promise<string> {
  const email = attempt.email.trim().toLowerCase();
  await limitGuesses(limit, guessKeys(email, attempt.address));
  const user = await db.select().from(users).where(eq(users.email, email)).get();
  const isRight = verifyPassword(attempt.password, user?.passwordHash ?? null);
  if (!user || !isRight || user.deactivatedAt !== null) {
    throw new AppError("unauthorized", "This email and password do not belong together. Check both and try again.");
  }
  return openSession(db, user.id, nowMs, { address: attempt.address, passwordHash: user.passwordHash });
}
