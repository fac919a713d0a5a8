import { and, eq, notExists, sql } from "drizzle-orm";
import { auditedChange } from "../audit/audited-change.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { VerbContext } from "../verb-context.ts";
import { evictUser } from "./credential-cache.ts";
import { anAdminStays, lastAdmin } from "./keep-admin.ts";
import { requireManagedUser } from "./queries.ts";
import { users } from "./schema.ts";
import { userChange, userFacts } from "./user-change.ts";

/**
 * Deletes a user with sessions, tokens and memberships. What the user made stays. For admins of the instance. 404 when there is no
 * such user; 409 for the last admin of the instance and for the only admin of a project, whose name the refusal carries.
 */
export async function deleteUser(ctx: VerbContext, { user: id }: { user: string }): Promise<void> {
  const { db, caller } = ctx;
  const user = await requireManagedUser(db, caller, id);
  const [deleted] = await auditedChange(
    ctx,
    db
      .delete(users)
      .where(and(eq(users.id, id), anAdminStays(id), notExists(soleAdminProjects(db, id))))
      .returning({ id: users.id }),
    userChange("user.delete", user, { before: userFacts(user) }),
  );
  evictUser(id);
  if (deleted) return;
  const alone = await soleAdminProjects(db, id);
  if (alone.length > 0) throw soleAdmin(alone.map(({ name }) => name));
  // Somebody else may have deleted the user meanwhile.
  await requireManagedUser(db, caller, id);
  throw lastAdmin();
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
    `This user is the only admin of: ${shown}${more}. Make another member admin there first, or deactivate the user instead.`,
    { extra: { projects: names } },
  );
}
