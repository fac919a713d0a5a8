import { and, eq, gt, inArray, isNull } from "drizzle-orm";
import { z } from "zod";
import { changedFields } from "../audit/audit.ts";
import { auditedChange } from "../audit/audited-change.ts";
import { AppError } from "../errors.ts";
import { sha256Hex } from "../lib/hash.ts";
import type { VerbContext } from "../verb-context.ts";
import { nameInput, passwordInput } from "./account-input.ts";
import { evictUser } from "./credential-cache.ts";
import { limitGuesses } from "./limit-guesses.ts";
import { hashPassword } from "./password.ts";
import { invitations, sessions, users } from "./schema.ts";
import { openSession } from "./session.ts";
import { userChange } from "./user-change.ts";

export const acceptanceInput = z.object({ name: nameInput, password: passwordInput });

/** An invitation that opens, with the user whom it is for. */
export interface OpenInvitation {
  tokenHash: string;
  user: { id: string; email: string; name: string };
}

/**
 * The invitation with this secret. 404 with one and the same answer for one that is unknown, used up, replaced or expired, and
 * for a deactivated user's; 429 after ten attempts a minute from one address.
 */
export async function openInvitation(ctx: VerbContext, { secret }: { secret: string }): Promise<OpenInvitation> {
  const { db, nowMs } = ctx;
  const { address } = ctx.caller;
  await limitGuesses(ctx.env.SIGN_IN_LIMIT, address ? [`invitation:${address}`] : []);
  const tokenHash = await sha256Hex(secret);
  const user = await db
    .select({ id: users.id, email: users.email, name: users.name })
    .from(invitations)
    .innerJoin(users, eq(users.id, invitations.userId))
    .where(and(eq(invitations.tokenHash, tokenHash), gt(invitations.expiresAt, nowMs), isNull(users.deactivatedAt)))
    .get();
  if (!user) throw opensNothing();
  return { tokenHash, user };
}

/**
 * Uses the invitation up: sets name and password, ends what sessions the user had, and gives the text for the cookie of a new one.
 * 404 where somebody was faster; of two calls at the same time one succeeds.
 */
export async function acceptInvitation(
  ctx: VerbContext,
  { tokenHash, user, name, password }: OpenInvitation & z.output<typeof acceptanceInput>,
): Promise<string> {
  const { db, nowMs } = ctx;
  const passwordHash = hashPassword(password);
  const isOpen = and(eq(invitations.tokenHash, tokenHash), gt(invitations.expiresAt, nowMs));
  const invited = db.select({ id: invitations.userId }).from(invitations).where(isOpen);
  const [accepted] = await auditedChange(
    {
      ...ctx,
      caller: { kind: "user", userId: user.id, email: user.email, via: "session", address: ctx.caller.address ?? null },
    },
    db
      .update(users)
      .set({ name, passwordHash })
      .where(and(inArray(users.id, invited), isNull(users.deactivatedAt)))
      .returning({ id: users.id }),
    userChange("user.accept_invitation", user, changedFields({ name: user.name }, { name })),
    (happened) => [
      db.delete(sessions).where(and(eq(sessions.userId, user.id), happened)),
      db.delete(invitations).where(and(eq(invitations.tokenHash, tokenHash), happened)),
    ],
  );
  if (!accepted) throw opensNothing();
  evictUser(user.id);
  return openSession(ctx, { user, passwordHash });
}

function opensNothing(): AppError {
  return new AppError(
    "not_found",
    "This link is not valid: it is mistyped, was already used, has expired, or was replaced by a newer one. " +
      "Ask an admin of the instance for a new link.",
  );
}
