import { and, eq, exists, ne } from "drizzle-orm";
import { z } from "zod";
import { writeAudit } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import { sha256Hex } from "../lib/hash.ts";
import { currentPasswordInput, passwordInput } from "./account-input.ts";
import type { UserCaller } from "./caller.ts";
import { guessKeys, limitGuesses } from "./limit-guesses.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import { invitations, sessions, users } from "./schema.ts";
import { userChange } from "./user-change.ts";

export const passwordChangeInput = z.object({ current_password: currentPasswordInput, new_password: passwordInput });

export interface PasswordChange {
  currentPassword: string;
  newPassword: string;
  /** Text of the cookie by which the caller is signed in: this session stays. Absent: all end. */
  keptSession?: string | undefined;
}

/**
 * Gives the user a new password and ends the user's other sessions and any open link; personal tokens stay. 403 for a wrong
 * current password; 429 after ten attempts a minute, counted together with those to sign in.
 */
export async function changePassword(
  db: Database,
  limit: RateLimit,
  caller: UserCaller,
  { currentPassword, newPassword, keptSession }: PasswordChange,
  nowMs: number,
): Promise<void> {
  const { userId, email } = caller;
  await limitGuesses(limit, guessKeys(email, caller.address ?? null));
  const stored = await db.select({ passwordHash: users.passwordHash }).from(users).where(eq(users.id, userId)).get();
  if (!stored || !verifyPassword(currentPassword, stored.passwordHash)) throw wrongPassword();
  const passwordHash = hashPassword(newPassword);
  const keptHash = keptSession === undefined ? "" : await sha256Hex(keptSession);
  const wasSet = db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, userId), eq(users.passwordHash, passwordHash)));
  const [changed] = await db.batch([
    db
      .update(users)
      .set({ passwordHash })
      .where(and(eq(users.id, userId), eq(users.passwordHash, stored.passwordHash)))
      .returning({ id: users.id }),
    db.delete(sessions).where(and(eq(sessions.userId, userId), ne(sessions.tokenHash, keptHash), exists(wasSet))),
    db.delete(invitations).where(and(eq(invitations.userId, userId), exists(wasSet))),
  ]);
  // Another change was faster: what was given is not the current password any more.
  if (changed.length === 0) throw wrongPassword();
  await writeAudit(db, caller, userChange("user.change_password", { id: userId, email }), nowMs);
}

function wrongPassword(): AppError {
  const message = "This is not your current password. Check it and try again.";
  return new AppError("forbidden", message, { errors: [{ path: "current_password", message }] });
}
