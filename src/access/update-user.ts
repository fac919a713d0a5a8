import { and, eq, inArray, isNotNull, sql } from "drizzle-orm";
import { z } from "zod";
import { auditStatement, type Change, changedFields } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import { instanceRoleInput, nameInput } from "./account-input.ts";
import { requireInstanceAdmin } from "./authorize.ts";
import type { Caller } from "./caller.ts";
import { evictUser } from "./credential-cache.ts";
import { anAdminStays, lastAdmin } from "./keep-admin.ts";
import { managedUsers, noSuchUser, userColumns } from "./queries.ts";
import { invitations, personalTokens, sessions, users } from "./schema.ts";
import { userChange } from "./user-change.ts";
import type { ManagedUser, User } from "./user-json.ts";

export const userChangesInput = z.object({
  name: nameInput.optional(),
  role: instanceRoleInput.optional(),
  active: z
    .boolean("active is true or false.")
    .optional()
    .describe("false ends all sessions, personal tokens and links of the user; true gives none of them back"),
});

/**
 * Changes name, role or state of a user; repeating is harmless. For admins of the instance. 404 when there is no such user,
 * 409 when the instance would be left without an admin who can sign in.
 */
export async function updateUser(
  db: Database,
  caller: Caller,
  id: string,
  input: z.output<typeof userChangesInput>,
  nowMs: number,
): Promise<ManagedUser> {
  requireInstanceAdmin(caller);
  const takesAdminAway = input.role === "member" || input.active === false;
  const isUser = eq(users.id, id);
  const deactivated = db
    .select({ id: users.id })
    .from(users)
    .where(and(isUser, isNotNull(users.deactivatedAt)));
  const [[before], [written], , , , [after]] = await db.batch([
    db.select(userColumns).from(users).where(isUser),
    db
      .update(users)
      .set({
        // Without a change the row is still written: an update wants a column.
        name: input.name ?? sql`${users.name}`,
        ...(input.role && { role: input.role }),
        ...(input.active === true && { deactivatedAt: null }),
        ...(input.active === false && { deactivatedAt: sql`coalesce(${users.deactivatedAt}, ${nowMs})` }),
      })
      .where(and(isUser, takesAdminAway ? anAdminStays(id) : undefined))
      .returning({ id: users.id }),
    db.delete(sessions).where(inArray(sessions.userId, deactivated)),
    db.delete(personalTokens).where(inArray(personalTokens.userId, deactivated)),
    db.delete(invitations).where(inArray(invitations.userId, deactivated)),
    managedUsers(db).where(isUser),
  ]);
  evictUser(id);
  if (!before) throw noSuchUser();
  if (!written || !after) throw lastAdmin();
  const [first, ...others] = changesOf(before, after).map((change) => auditStatement(db, caller, change, nowMs));
  if (first) await db.batch([first, ...others]);
  return after;
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
