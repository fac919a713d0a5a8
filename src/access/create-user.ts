import { z } from "zod";
import { writeAudit } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import { newId } from "../lib/id.ts";
import { iso } from "../lib/time.ts";
import { emailInput, instanceRoleInput, nameInput, passwordInput } from "./account-input.ts";
import { requireInstanceAdmin } from "./authorize.ts";
import type { Caller } from "./caller.ts";
import { type Invitation, invitationStatement, newInvitation } from "./invite-user.ts";
import { hashPassword, NO_PASSWORD } from "./password.ts";
import { users } from "./schema.ts";
import { userChange, userFacts } from "./user-change.ts";
import type { User } from "./user-json.ts";

export const userInput = z.object({
  email: emailInput,
  name: nameInput,
  password: passwordInput.optional().describe("Without one the user gets an invitation"),
  role: instanceRoleInput.default("member"),
});

/**
 * Creates a user of the instance. One without a password cannot sign in before the invitation is accepted whose secret
 * this answer carries. 403 unless an admin of the instance calls; 409 when the email is taken.
 */
export async function createUser(
  db: Database,
  caller: Caller,
  input: z.output<typeof userInput>,
  nowMs: number,
): Promise<{ user: User; invitation: Invitation | null }> {
  const { userId: createdBy } = requireInstanceAdmin(caller);
  const { password, ...given } = input;
  const user = { id: newId("usr"), ...given, createdAt: nowMs, deactivatedAt: null };
  const passwordHash = password === undefined ? NO_PASSWORD : hashPassword(password);
  const insert = db
    .insert(users)
    .values({ ...user, passwordHash })
    .onConflictDoNothing({ target: users.email })
    .returning({ id: users.id });
  const invitation = password === undefined ? await newInvitation(nowMs) : null;
  // The invitation finds no user where the email was taken.
  const [inserted] = invitation
    ? await db.batch([insert, invitationStatement(db, user.id, invitation, createdBy, nowMs)])
    : [await insert];
  if (inserted.length === 0) {
    throw new AppError("conflict", `There is a user with the email ${user.email} already.`, {
      errors: [{ path: "email", message: "There is a user with this email already." }],
    });
  }
  await writeAudit(db, caller, userChange("user.create", user, { after: userFacts(user) }), nowMs);
  if (invitation) {
    const after = { expires_at: iso(invitation.expiresAt) };
    await writeAudit(db, caller, userChange("user.invite", user, { after }), nowMs);
  }
  return { user, invitation };
}
