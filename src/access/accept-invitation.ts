import { and, eq, exists, gt, inArray, isNull } from "drizzle-orm";
import { z } from "zod";
import { changedFields, writeAudit } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import { sha256Hex } from "../lib/hash.ts";
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
export async function openInvitation(
  db: Database,
  limit: RateLimit,
  { secret, address }: { secret: string; address: string | null },
  nowMs: number,
): Promise<OpenInvitation> {
  await limitGuesses(limit, address === null ? [] : [`invitation:${address}`]);
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
  db: Database,
  { tokenHash, user }: OpenInvitation,
  input: z.output<typeof acceptanceInput>,
  address: string | null,
  nowMs: number,
): Promise<string> {
  const passwordHash = hashPassword(input.password);
  const isOpen = and(eq(invitations.tokenHash, tokenHash), gt(invitations.expiresAt, nowMs));
  const invited = db.select({ id: invitations.userId }).from(invitations).where(isOpen);
  // The salt makes the hash one of a kind: it says that the write before it was this one.
  const wasSet = db
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, user.id), eq(users.passwordHash, passwordHash)));
  const [accepted] = await db.batch([
    db
      .update(users)
      .set({ name: input.name, passwordHash })
      .where(and(inArray(users.id, invited), isNull(users.deactivatedAt)))
      .returning({ id: users.id }),
    db.delete(sessions).where(and(eq(sessions.userId, user.id), exists(wasSet))),
    db.delete(invitations).where(eq(invitations.tokenHash, tokenHash)),
  ]);
  if (accepted.length === 0) throw opensNothing();
  evictUser(user.id);
  const actor = { kind: "user", userId: user.id, email: user.email, via: "session", address } as const;
  const change = changedFields({ name: user.name }, { name: input.name });
  await writeAudit(db, actor, userChange("user.accept_invitation", user, change), nowMs);
  return openSession(db, user.id, nowMs, { address, passwordHash });
}

function opensNothing(): AppError {
  return new AppError(
    "not_found",
    "This link opens nothing: it is mistyped, was used already, has expired, or was replaced by a newer one. " +
      "Ask an admin of the instance for a new link.",
  );
}
