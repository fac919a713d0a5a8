import { and, eq, notExists, sql } from "drizzle-orm";
import { writeAudit } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import { requireInstanceAdmin } from "./authorize.ts";
import type { Caller } from "./caller.ts";
import { evictUser } from "./credential-cache.ts";
import { anAdminStays, lastAdmin } from "./keep-admin.ts";
import { noSuchUser, userColumns } from "./queries.ts";
import { users } from "./schema.ts";
import { userChange, userFacts } from "./user-change.ts";

/**
 * Deletes a user with sessions, tokens and memberships. What the user made stays. For admins of the instance. 404 when there is no
 * such user; 409 for the last admin of the instance and for the only admin of a project, whose name the refusal carries.
 */
export async function deleteUser(db: Database, caller: Caller, id: string, nowMs: number): Promise<void> {
  requireInstanceAdmin(caller);
  const [[user], alone, deleted] = await db.batch([
    db.select(userColumns).from(users).where(eq(users.id, id)),
    soleAdminProjects(db, id),
    db
      .delete(users)
      .where(and(eq(users.id, id), anAdminStays(id), notExists(soleAdminProjects(db, id))))
      .returning({ id: users.id }),
  ]);
  evictUser(id);
  if (!user) throw noSuchUser();
  if (deleted.length === 0) throw alone.length > 0 ? soleAdmin(alone.map(({ name }) => name)) : lastAdmin();
  await writeAudit(db, caller, userChange("user.delete", user, { before: userFacts(user) }), nowMs);
}

// `members` and `projects` belong to projects, which builds on access: they are named here and not imported.
function soleAdminProjects(db: Database, userId: string) {
  return db
    .select({ name: sql<string>`"projects"."name"` })
    .from(sql`"members" inner join "projects" on "projects"."id" = "members"."projectId"`)
    .where(
      sql`"members"."userId" = ${userId} and "members"."role" = 'admin' and "projects"."deletedAt" is null
        and not exists (
          select 1 from "members" as "others" where "others"."projectId" = "members"."projectId"
            and "others"."userId" <> ${userId} and "others"."role" = 'admin')`,
    )
    .orderBy(sql`"projects"."createdAt"`, sql`"projects"."id"`);
}

// More names than that nobody reads in a message.
const NAMES_MAX = 10;

function soleAdmin(names: string[]): AppError {
  const shown = names.slice(0, NAMES_MAX).join(", ");
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : "";
  return new AppError(
    "conflict",
    `This user is the only admin of: ${shown}${more}. Make somebody else admin there first, or deactivate the user instead.`,
    { extra: { projects: names } },
  );
}
