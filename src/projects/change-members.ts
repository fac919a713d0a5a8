import { and, eq, or, sql, type SQL } from "drizzle-orm";
import type { Caller, ProjectRole } from "../access/caller.ts";
import { evictUser } from "../access/credential-cache.ts";
import { users } from "../access/schema.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import { type Member, requireProject } from "./queries.ts";
import { members } from "./schema.ts";

/**
 * Gives a user, named by id or email, this role in the project: adds a member or changes one; repeating is harmless.
 * For admins of the project. 404 when there is no such user, 409 when the project would be left without an admin.
 */
export async function setMember(
  db: Database,
  caller: Caller,
  idOrSlug: string,
  idOrEmail: string,
  role: ProjectRole,
  nowMs: number,
): Promise<Member> {
  const project = await requireProject(db, caller, idOrSlug, "manage");
  const user = await requireMemberUser(db, idOrEmail);
  const [written] = await db
    .insert(members)
    .values({ projectId: project.id, userId: user.id, role, createdAt: nowMs })
    .onConflictDoUpdate({
      target: [members.projectId, members.userId],
      set: { role },
      ...(role === "admin" ? {} : { setWhere: isNotLastAdmin(project.id, user.id) }),
    })
    .returning({ createdAt: members.createdAt });
  if (!written) throw lastAdmin();
  evictUser(user.id);
  return { id: user.id, user, role, createdAt: written.createdAt };
}

/** Takes a user out of the project. For its admins. 404 for who is no member, 409 for the last admin. */
export async function removeMember(db: Database, caller: Caller, idOrSlug: string, idOrEmail: string): Promise<void> {
  const project = await requireProject(db, caller, idOrSlug, "manage");
  const user = await requireMemberUser(db, idOrEmail);
  const isMember = and(eq(members.projectId, project.id), eq(members.userId, user.id));
  const removed = await db
    .delete(members)
    .where(and(isMember, isNotLastAdmin(project.id, user.id)))
    .returning({ userId: members.userId });
  evictUser(user.id);
  if (removed.length > 0) return;
  const remains = await db.select({ role: members.role }).from(members).where(isMember).get();
  if (remains) throw lastAdmin();
  throw new AppError("not_found", "This user is no member of the project.");
}

/** In the write itself, so that two admins who step down at the same time cannot both succeed. */
function isNotLastAdmin(projectId: string, userId: string): SQL {
  return sql`("members"."role" <> 'admin' or exists (
    select 1 from ${members} as "others"
    where "others"."projectId" = ${projectId} and "others"."userId" <> ${userId} and "others"."role" = 'admin'))`;
}

function lastAdmin(): AppError {
  return new AppError("conflict", "A project keeps at least one admin. Make another member admin first.");
}

async function requireMemberUser(db: Database, idOrEmail: string): Promise<Member["user"]> {
  const user = await db
    .select({ id: users.id, email: users.email, name: users.name })
    .from(users)
    .where(or(eq(users.id, idOrEmail), eq(users.email, idOrEmail.trim().toLowerCase())))
    .get();
  if (!user)
    throw new AppError("not_found", "There is no user with this id or email. An admin of the instance can create one.");
  return user;
}
