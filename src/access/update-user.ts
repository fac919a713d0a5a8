import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { type Change, changedFields } from "../audit/audit.ts";
import { auditedChange } from "../audit/audited-change.ts";
import type { VerbContext } from "../verb-context.ts";
import { instanceRoleInput, nameInput } from "./account-input.ts";
import { evictUser } from "./credential-cache.ts";
import { anAdminStays, lastAdmin } from "./keep-admin.ts";
import { requireManagedUser } from "./queries.ts";
import { invitations, personalTokens, sessions, users } from "./schema.ts";
import { userChange } from "./user-change.ts";
import type { ManagedUser, User } from "./user-json.ts";

export const userChangesInput = z.object({
  name: nameInput.optional(),
  role: instanceRoleInput.optional(),
  active: z
    .boolean("active must be true or false.")
    .optional()
    .describe("false ends all sessions, personal tokens and links of the user; true does not restore them"),
});

/**
 * Changes name, role or state of a user; repeating is harmless. For admins of the instance. 404 when there is no such user,
 * 409 when the instance would be left without an admin who can sign in.
 */
export async function updateUser(
  ctx: VerbContext,
  input: z.output<typeof userChangesInput> & { user: string },
): Promise<ManagedUser> {
  const { db, caller, nowMs } = ctx;
  const { user: id } = input;
  const before = await requireManagedUser(db, caller, id);
  const { active } = input;
  const after = {
    name: input.name ?? before.name,
    role: input.role ?? before.role,
    deactivatedAt: active === undefined ? before.deactivatedAt : active ? null : (before.deactivatedAt ?? nowMs),
  };
  const [change, ...others] = changesOf(before, { ...before, ...after });
  if (!change) return before;
  const isAsRead = and(
    eq(users.id, id),
    eq(users.name, before.name),
    eq(users.role, before.role),
    sql`${users.deactivatedAt} is ${before.deactivatedAt}`,
  );
  const isAdmin = after.role === "admin" && after.deactivatedAt === null;
  const [written] = await auditedChange(
    ctx,
    db
      .update(users)
      .set(after)
      .where(and(isAsRead, isAdmin ? undefined : anAdminStays(id)))
      .returning({ id: users.id }),
    [change, ...others],
    (happened) =>
      after.deactivatedAt === null
        ? []
        : [sessions, personalTokens, invitations].map((table) =>
            db.delete(table).where(and(eq(table.userId, id), happened)),
          ),
  );
  evictUser(id);
  const now = await requireManagedUser(db, caller, id);
  if (written) return now;
  if (changesOf(before, now).length === 0) throw lastAdmin();
  // Somebody else changed the user meanwhile: what is said of before and after has to be true.
  return updateUser(ctx, input);
}

function changesOf(before: User, after: User): Change[] {
  const changes: Change[] = [];
  const { before: old, after: now } = changedFields(
    { name: before.name, role: before.role },
    { name: after.name, role: after.role },
  );
  if (Object.keys(now).length > 0) changes.push(userChange("user.update", after, { before: old, after: now }));
  const [wasActive, isActive] = [before.deactivatedAt === null, after.deactivatedAt === null];
  if (wasActive && !isActive) changes.push(userChange("user.deactivate", after));
  if (!wasActive && isActive) changes.push(userChange("user.reactivate", after));
  return changes;
}
