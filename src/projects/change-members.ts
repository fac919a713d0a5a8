import { and, eq, or, sql, type SQL } from "drizzle-orm";
import type { Caller, ProjectRole } from "../access/caller.ts";
import { evictUser } from "../access/credential-cache.ts";
import { users } from "../access/schema.ts";
import { type Change, writeAudit } from "../audit/audit.ts";
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
  const before = await roleOf(db, project.id, user.id);
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
  if (before !== role) {
    const change = { ...changeOf(project.id, user), action: "member.set", after: { role } } satisfies Change;
    await writeAudit(db, caller, { ...change, ...(before && { before: { role: before } }) }, nowMs);
  }
  return { id: user.id, user, role, createdAt: written.createdAt };
}

/** Takes a user out of the project. For its admins. 404 for who is no member, 409 for the last admin. */
export async function removeMember(
  db: Database,
  caller: Caller,
  idOrSlug: string,
  idOrEmail: string,
  nowMs: number,
): Promise<void> {
  const project = await requireProject(db, caller, idOrSlug, "manage");
  const user = await requireMemberUser(db, idOrEmail);
  const [removed] = await db
    .delete(members)
    .where(and(isMember(project.id, user.id), isNotLastAdmin(project.id, user.id)))
    .returning({ role: members.role });
  evictUser(user.id);
  if (removed) {
    const change = { ...changeOf(project.id, user), action: "member.remove", before: removed } satisfies Change;
    return writeAudit(db, caller, change, nowMs);
  }
  if (await roleOf(db, project.id, user.id)) throw lastAdmin();
  throw new AppError("not_found", "This user is no member of the project.");
}

function isMember(projectId: string, userId: string): SQL | undefined {
  return and(eq(members.projectId, projectId), eq(members.userId, userId));
}

async function roleOf(db: Database, projectId: string, userId: string): Promise<ProjectRole | null> {
  const row = await db.select({ role: members.role }).from(members).where(isMember(projectId, userId)).get();
  return row?.role ?? null;
}

function changeOf(projectId: string, { id, email }: Member["user"]): Pick<Change, "projectId" | "object"> {
  return { projectId, object: { kind: "member", id, name: email } };
}

/**
 * In the write itself, so that two admins who step down at the same time cannot both succeed. A deactivated user can do nothing,
 * so it is no admin that a project could rely on.
 */
function isNotLastAdmin(projectId: string, userId: string): SQL {
  return sql`("members"."role" <> 'admin'
    or exists (select 1 from ${users} where ${users.id} = ${userId} and ${users.deactivatedAt} is not null)
    or exists (
      select 1 from ${members} as "others" join ${users} on ${users.id} = "others"."userId"
      where "others"."projectId" = ${projectId} and "others"."userId" <> ${userId} and "others"."role" = 'admin'
        and ${users.deactivatedAt} is null))`;
}

function lastAdmin(): AppError {
  return new AppError("conflict", "A project keeps at least one active admin. Make another member admin first.");
}

async function requireMemberUser(db: Database, idOrEmail: string): Promise<Member["user"]> {
  const user = await db
    .select({ id: users.id, email: users.email, name: users.name, deactivatedAt: users.deactivatedAt })
    .from(users)
    .where(or(eq(users.id, idOrEmail), eq(users.email, idOrEmail.trim().toLowerCase())))
    .get();
  if (!user)
    throw new AppError("not_found", "There is no user with this id or email. An admin of the instance can create one.");
  return { id: user.id, email: user.email, name: user.name, isActive: user.deactivatedAt === null };
}
