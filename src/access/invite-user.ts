import { and, eq, isNull, sql } from "drizzle-orm";
import { writeAudit } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import { sha256Hex } from "../lib/hash.ts";
import { DAY_MS, iso } from "../lib/time.ts";
import { requireInstanceAdmin } from "./authorize.ts";
import type { Caller } from "./caller.ts";
import { requireManagedUser } from "./queries.ts";
import { invitations, users } from "./schema.ts";
import { randomBase62 } from "./secret-text.ts";
import { userChange } from "./user-change.ts";

const INVITATION_MS = 7 * DAY_MS;

/** A link that sets a password once. The secret is known only to who was shown it. */
export interface Invitation {
  secret: string;
  /** SHA-256 of the secret: what is stored. */
  tokenHash: string;
  /** UTC ms. */
  expiresAt: number;
}

/** A new secret of 256 random bits that opens for seven days, once it is written down. */
export async function newInvitation(nowMs: number): Promise<Invitation> {
  const secret = randomBase62();
  return { secret, tokenHash: await sha256Hex(secret), expiresAt: nowMs + INVITATION_MS };
}

/** The address of an invitation. */
export function invitationUrl(origin: string, { secret }: Pick<Invitation, "secret">): string {
  return `${origin}/invitations/${secret}`;
}

/** The statement that writes an invitation down in the place of the one before; it writes none for a user who is not active. */
export function invitationStatement(
  db: Database,
  userId: string,
  { tokenHash, expiresAt }: Invitation,
  createdBy: string,
  nowMs: number,
) {
  const row = {
    userId: users.id,
    tokenHash: sql<string>`${tokenHash}`.as("tokenHash"),
    createdBy: sql<string>`${createdBy}`.as("createdBy"),
    createdAt: sql<number>`${nowMs}`.as("createdAt"),
    expiresAt: sql<number>`${expiresAt}`.as("expiresAt"),
  };
  const active = and(eq(users.id, userId), isNull(users.deactivatedAt));
  return db
    .insert(invitations)
    .select(db.select(row).from(users).where(active))
    .onConflictDoUpdate({
      target: invitations.userId,
      set: { tokenHash, createdBy, createdAt: nowMs, expiresAt },
    })
    .returning({ userId: invitations.userId });
}

/**
 * Makes a link by which the user sets a password: the first one, or a new one. The link before it dies; a password that is set
 * goes on working until the link is used. For admins of the instance. 404 when there is no such user, 409 for a deactivated one.
 */
export async function inviteUser(db: Database, caller: Caller, userId: string, nowMs: number): Promise<Invitation> {
  const { userId: createdBy } = requireInstanceAdmin(caller);
  const user = await requireManagedUser(db, caller, userId);
  const invitation = await newInvitation(nowMs);
  const written = await invitationStatement(db, user.id, invitation, createdBy, nowMs);
  if (written.length === 0) {
    throw new AppError(
      "conflict",
      "This user is deactivated, so that no link would let them in. Reactivate them first.",
    );
  }
  const after = { expires_at: iso(invitation.expiresAt) };
  await writeAudit(db, caller, userChange("user.invite", user, { after }), nowMs);
  return invitation;
}
