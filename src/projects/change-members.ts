import { and, eq, or, sql, type SQL } from "drizzle-orm";
import type { ProjectRole } from "../access/caller.ts";
import { evictUser } from "../access/credential-cache.ts";
import { users } from "../access/schema.ts";
import type { Change } from "../audit/audit.ts";
import { auditedChange } from "../audit/audited-change.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { VerbContext } from "../verb-context.ts";
import { type Member, requireProject } from "./queries.ts";
import { members } from "./schema.ts";

/**
 * Gives a user, named by id or email, this role in the project: adds a member or changes one; repeating is harmless.
 * For admins of the project. 404 when there is no such user, 409 when the project would be left without an admin.
 */
export async function setMember(
  ctx: VerbContext,
  input: { project: string; user: string; role: ProjectRole },
): Promise<Member> {
  const { db, nowMs } = ctx;
  const { role } = input;
  const project = await requireProject(db, ctx.caller, input.project, "manage");
  const user = await requireMemberUser(db, input.user);
  const before = await findMembership(db, project.id, user.id);
  if (before?.role === role) return { id: user.id, user, ...before };
  const ofProject = { projectId: project.id, userId: user.id };
  const stays = role === "admin" ? undefined : isNotLastAdmin(project.id, user.id);
  const { createdAt } = members;
  const write = before
    ? db
        .update(members)
        .set({ role })
        .where(and(isMember(project.id, user.id, before.role), stays))
        .returning({ createdAt })
    : db
        .insert(members)
        .values({ ...ofProject, role, createdAt: nowMs })
        .onConflictDoNothing()
        .returning({ createdAt });
  const [written] = await auditedChange(ctx, write, {
    ...changeOf(project.id, user),
    action: "member.set",
    after: { role },
    ...(before && { before: { role: before.role } }),
  });
  evictUser(user.id);
  if (written) return { id: user.id, user, role, createdAt: written.createdAt };
  if (await isStill(db, project.id, user.id, before)) throw lastAdmin();
  return setMember(ctx, input);
}

/** Takes a user out of the project. For its admins. 404 for who is no member, 409 for the last admin. */
export async function removeMember(ctx: VerbContext, input: { project: string; user: string }): Promise<void> {
  const { db } = ctx;
  const project = await requireProject(db, ctx.caller, input.project, "manage");
  const user = await requireMemberUser(db, input.user);
  const before = await findMembership(db, project.id, user.id);
  if (!before) throw new AppError("not_found", "This user is not a member of the project.");
  const [removed] = await auditedChange(
    ctx,
    db
      .delete(members)
      .where(and(isMember(project.id, user.id, before.role), isNotLastAdmin(project.id, user.id)))
      .returning({ role: members.role }),
    { ...changeOf(project.id, user), action: "member.remove", before: { role: before.role } },
  );
  evictUser(user.id);
  if (removed) return;
  if (await isStill(db, project.id, user.id, before)) throw lastAdmin();
  return removeMember(ctx, input);
}

type Membership = Pick<Member, "role" | "createdAt">;

async function findMembership(db: Database, projectId: string, userId: string): Promise<Membership | undefined> {
  const { role, createdAt } = members;
  return db.select({ role, createdAt }).from(members).where(isMember(projectId, userId)).get();
}

/** Whether nobody has changed the membership since it was read: then it was the last admin's, else the change is to be tried again. */
async function isStill(db: Database, projectId: string, userId: string, before: Membership | undefined) {
  return before !== undefined && (await findMembership(db, projectId, userId))?.role === before.role;
}

function isMember(projectId: string, userId: string, role?: ProjectRole): SQL | undefined {
  return and(
    eq(members.projectId, projectId),
    eq(members.userId, userId),
    role === undefined ? undefined : eq(members.role, role),
  );
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
  if (!user) throw new AppError("not_found", "User not found. An admin of the instance can create one.");
  return { id: user.id, email: user.email, name: user.name, isActive: user.deactivatedAt === null };
}
