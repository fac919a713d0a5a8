import { and, eq, ne } from "drizzle-orm";
import { z } from "zod";
import { auditedChange } from "../audit/audited-change.ts";
import { AppError } from "../errors.ts";
import { sha256Hex } from "../lib/hash.ts";
import type { VerbContext } from "../verb-context.ts";
import { currentPasswordInput, passwordInput } from "./account-input.ts";
import { requireUser } from "./authorize.ts";
import { guessKeys, limitGuesses } from "./limit-guesses.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import { invitations, sessions, users } from "./schema.ts";
import { userChange } from "./user-change.ts";

export const passwordChangeInput = z.object({ current_password: currentPasswordInput, new_password: passwordInput });

export type PasswordChange = z.output<typeof passwordChangeInput> & {
  /** Text of the cookie by which the caller is signed in: this session stays. Absent: all end. */
  keptSession?: string | undefined;
};

/**
 * Gives the calling user a new password and ends the user's other sessions and any open link; personal tokens stay. 403 for a wrong
 * current password; 429 after ten attempts a minute, counted together with those to sign in.
 */
export async function changePassword(ctx: VerbContext, input: PasswordChange): Promise<void> {
  const { db } = ctx;
  const { userId, email, address = null } = requireUser(ctx.caller);
  await limitGuesses(ctx.env.SIGN_IN_LIMIT, guessKeys(email, address));
  const stored = await db.select({ passwordHash: users.passwordHash }).from(users).where(eq(users.id, userId)).get();
  if (!stored || !verifyPassword(input.current_password, stored.passwordHash)) throw wrongPassword();
  const keptHash = input.keptSession === undefined ? "" : await sha256Hex(input.keptSession);
  const [changed] = await auditedChange(
    ctx,
    db
      .update(users)
      .set({ passwordHash: hashPassword(input.new_password) })
      .where(and(eq(users.id, userId), eq(users.passwordHash, stored.passwordHash)))
      .returning({ id: users.id }),
    userChange("user.change_password", { id: userId, email }),
    (happened) => [
      db.delete(sessions).where(and(eq(sessions.userId, userId), ne(sessions.tokenHash, keptHash), happened)),
      db.delete(invitations).where(and(eq(invitations.userId, userId), happened)),
    ],
  );
  // Another change was faster: what was given is not the current password any more.
  if (!changed) throw wrongPassword();
}

function wrongPassword(): AppError {
  const message = "This is not your current password. Check it and try again.";
  return new AppError("forbidden", message, { errors: [{ path: "current_password", message }] });
}
