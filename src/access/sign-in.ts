import { eq } from "drizzle-orm";
import { AppError } from "../errors.ts";
import type { VerbContext } from "../verb-context.ts";
import { guessKeys, limitGuesses } from "./limit-guesses.ts";
import { verifyPassword } from "./password.ts";
import { users } from "./schema.ts";
import { openSession } from "./session.ts";

/**
 * Opens a session for the user with this email and password and gives the text for its cookie.
 * 401 with one and the same answer, after the same work, for a wrong password, an unknown account, a deactivated
 * one and one without a password; 429 after ten attempts a minute from one address or on one account.
 */
export async function signIn(ctx: VerbContext, input: { email: string; password: string }): Promise<string> {
  const email = input.email.trim().toLowerCase();
  await limitGuesses(ctx.env.SIGN_IN_LIMIT, guessKeys(email, ctx.caller.address ?? null));
  const user = await ctx.db.select().from(users).where(eq(users.email, email)).get();
  const isRight = verifyPassword(input.password, user?.passwordHash ?? null);
  if (!user || !isRight || user.deactivatedAt !== null) {
    throw new AppError("unauthorized", "Wrong e-mail address or password. Check both and try again.");
  }
  return openSession(ctx, { user, passwordHash: user.passwordHash });
}
