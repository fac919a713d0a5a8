import { and, desc, eq, inArray, isNull, or } from "drizzle-orm";
import { authorize } from "../access/authorize.ts";
import type { Caller, ProjectRole, UserCaller } from "../access/caller.ts";
import { behindCursor, listPage, type ListPage } from "../list-cursor.ts";
import type { Right } from "../access/rights.ts";
import { users } from "../access/schema.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { PageRequest } from "../http.ts";
import type { Project } from "./project-json.ts";
import { members, projects } from "./schema.ts";

type ProjectRow = Omit<Project, "role">;

/** The projects of which the user is a member, newest first; for an admin of the instance, all of them. */
export async function listProjects(db: Database, user: UserCaller, page: PageRequest): Promise<ListPage<Project>> {
  const mine = db.select({ id: members.projectId }).from(members).where(eq(members.userId, user.userId));
  const rows = await db
    .select()
    .from(projects)
    .where(
      and(
        isNull(projects.deletedAt),
        user.instanceRole === "admin" ? undefined : inArray(projects.id, mine),
        behindCursor(projects.createdAt, projects.id, page),
      ),
    )
    .orderBy(desc(projects.createdAt), desc(projects.id))
    .limit(page.limit + 1);
  const { items, nextCursor } = listPage(rows, page);
  return { items: items.map((row) => ({ ...row, role: roleIn(user, row.id) })), nextCursor };
}

/** The project with this id or slug; null when there is none or it has been deleted. Asks for no right: `requireProject` does. */
export async function findProject(db: Database, idOrSlug: string): Promise<ProjectRow | null> {
  const found = await db
    .select()
    .from(projects)
    .where(and(or(eq(projects.id, idOrSlug), eq(projects.slug, idOrSlug)), isNull(projects.deletedAt)))
    .get();
  return found ?? null;
}

/** The names of at most 100 projects by id; absent where one is gone. Asks for no right. */
export async function projectNames(db: Database, ids: string[]): Promise<Map<string, string>> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return new Map();
  const rows = await db
    .select({ id: projects.id, name: projects.name })
    .from(projects)
    .where(and(inArray(projects.id, wanted), isNull(projects.deletedAt)));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/**
 * The project with this id or slug, for a caller who has the right in it.
 * 401 for nobody, 404 when it does not exist or the caller may not know of it, 403 when its role does not suffice.
 */
export async function requireProject(db: Database, caller: Caller, idOrSlug: string, right: Right): Promise<Project> {
  const found = await findProject(db, idOrSlug);
  // A project that does not exist is refused like one that nobody is a member of.
  authorize(caller, right, { projectId: found?.id ?? "" });
  if (!found || caller.kind !== "user") {
    throw new AppError("not_found", "Not found, or you do not have access.");
  }
  return { ...found, role: roleIn(caller, found.id) };
}

export interface Member {
  user: { id: string; email: string; name: string; isActive: boolean };
  role: ProjectRole;
  createdAt: number;
  /** The user's: what lists are ordered by. */
  id: string;
}

/** The members of the project, newest first. Viewers may read them. */
export async function listMembers(
  db: Database,
  caller: Caller,
  idOrSlug: string,
  page: PageRequest,
): Promise<ListPage<Member>> {
  const project = await requireProject(db, caller, idOrSlug, "read");
  const rows = await selectMembers(db)
    .where(and(eq(members.projectId, project.id), behindCursor(members.createdAt, members.userId, page)))
    .orderBy(desc(members.createdAt), desc(members.userId))
    .limit(page.limit + 1);
  return listPage(rows.map(memberOf), page);
}

/** One member of the project, for who may read it; 404 when the user is none. */
export async function requireMember(db: Database, caller: Caller, idOrSlug: string, userId: string): Promise<Member> {
  const project = await requireProject(db, caller, idOrSlug, "read");
  const row = await selectMembers(db)
    .where(and(eq(members.projectId, project.id), eq(members.userId, userId)))
    .get();
  if (!row) throw new AppError("not_found", "This user is not a member of the project.");
  return memberOf(row);
}

function selectMembers(db: Database) {
  return db
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      deactivatedAt: users.deactivatedAt,
      role: members.role,
      createdAt: members.createdAt,
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId));
}

type MemberRow = Awaited<ReturnType<typeof selectMembers>>[number];

function memberOf({ id, email, name, deactivatedAt, role, createdAt }: MemberRow): Member {
  return { id, user: { id, email, name, isActive: deactivatedAt === null }, role, createdAt };
}

function roleIn(user: UserCaller, projectId: string): ProjectRole {
  if (user.instanceRole === "admin") return "admin";
  // A membership that began while this request ran is not among the caller's roles yet.
  return user.roles.get(projectId) ?? "end_user";
}
