import { z } from "zod";
import { auditedChange } from "../audit/audited-change.ts";
import { AppError } from "../errors.ts";
import { newId } from "../lib/id.ts";
import type { VerbContext } from "../verb-context.ts";
import { emailInput, instanceRoleInput, nameInput, passwordInput } from "./account-input.ts";
import { requireInstanceAdmin } from "./authorize.ts";
import { invited, type Invitation, invitationStatement, newInvitation } from "./invite-user.ts";
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
  ctx: VerbContext,
  input: z.output<typeof userInput>,
): Promise<{ user: User; invitation: Invitation | null }> {
  const { db, nowMs } = ctx;
  const { userId: createdBy } = requireInstanceAdmin(ctx.caller);
  const { password, ...given } = input;
  const user = { id: newId("usr"), ...given, createdAt: nowMs, deactivatedAt: null };
  const passwordHash = password === undefined ? NO_PASSWORD : hashPassword(password);
  const invitation = password === undefined ? await newInvitation(nowMs) : null;
  const [inserted] = await auditedChange(
    ctx,
    db
      .insert(users)
      .values({ ...user, passwordHash })
      .onConflictDoNothing({ target: users.email })
      .returning({ id: users.id }),
    [userChange("user.create", user, { after: userFacts(user) }), ...(invitation ? [invited(user, invitation)] : [])],
    (happened) => (invitation ? [invitationStatement(ctx, invitation, { userId: user.id, createdBy }, happened)] : []),
  );
  if (inserted) return { user, invitation };
  throw new AppError("conflict", `A user with the e-mail address ${user.email} already exists.`, {
    errors: [{ path: "email", message: "A user with this e-mail address already exists." }],
  });
}
