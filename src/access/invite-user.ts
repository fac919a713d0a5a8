import type { SQL } from "drizzle-orm";
import type { Change } from "../audit/audit.ts";
import { auditedChange } from "../audit/audited-change.ts";
import { AppError } from "../errors.ts";
import { insertWhere } from "../insert-where.ts";
import { sha256Hex } from "../lib/hash.ts";
import { DAY_MS, iso } from "../lib/time.ts";
import type { VerbContext } from "../verb-context.ts";
import { requireInstanceAdmin } from "./authorize.ts";
import { isActive, requireManagedUser } from "./queries.ts";
import { invitations } from "./schema.ts";
import { randomBase62 } from "./secret-text.ts";
import { userChange } from "./user-change.ts";
import type { User } from "./user-json.ts";

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

/** The statement that writes an invitation down in the place of the one before, where `condition` holds. */
export function invitationStatement(
  { db, nowMs }: VerbContext,
  { tokenHash, expiresAt }: Invitation,
  { userId, createdBy }: { userId: string; createdBy: string },
  condition: SQL,
) {
  const fields = { tokenHash, createdBy, createdAt: nowMs, expiresAt };
  return insertWhere(db, invitations, { userId, ...fields }, condition).onConflictDoUpdate({
    target: invitations.userId,
    set: fields,
  });
}

/** What the audit log says of an invitation. */
export function invited(user: Pick<User, "id" | "email">, { expiresAt }: Invitation): Change {
  return userChange("user.invite", user, { after: { expires_at: iso(expiresAt) } });
}

/**
 * Makes a link by which the user sets a password: the first one, or a new one. The link before it dies; a password that is set
 * goes on working until the link is used. For admins of the instance. 404 when there is no such user, 409 for a deactivated one.
 */
export async function inviteUser(ctx: VerbContext, { user: userId }: { user: string }): Promise<Invitation> {
  const { db, caller, nowMs } = ctx;
  const { userId: createdBy } = requireInstanceAdmin(caller);
  const user = await requireManagedUser(db, caller, userId);
  const invitation = await newInvitation(nowMs);
  const write = invitationStatement(ctx, invitation, { userId, createdBy }, isActive(db, userId));
  const [written] = await auditedChange(
    ctx,
    write.returning({ userId: invitations.userId }),
    invited(user, invitation),
  );
  if (written) return invitation;
  throw new AppError("conflict", "This user is deactivated, so a link would not work. Reactivate the user first.");
}
