import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { nameInput } from "../access/account-input.ts";
import { requireUser } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import { evictUser } from "../access/credential-cache.ts";
import { type Actor, writeAudit } from "../audit/audit.ts";
import { LIMITS } from "../config.ts";
import type { Database } from "../db.ts";
import { newId, randomText, slugify } from "../lib/id.ts";
import type { Project } from "./project-json.ts";
import { members, projects } from "./schema.ts";

export const descriptionInput = z
  .string("description is text.")
  .trim()
  .max(LIMITS.descriptionLengthMax, `A description has at most ${LIMITS.descriptionLengthMax} characters.`);

export const projectInput = z.object({ name: nameInput, description: descriptionInput.default("") });

// Five random characters make 33 million names; more than a few tries mean that something else is wrong.
const SLUG_TRIES_MAX = 5;

/** Creates a project with the calling user as its admin. Any user of the instance may; 401 and 403 for others. */
export async function createProject(
  db: Database,
  caller: Caller,
  input: z.output<typeof projectInput>,
  nowMs: number,
): Promise<Project> {
  const user = requireUser(caller);
  return insertProject(db, user, user.userId, input, nowMs);
}

/** Creates a project and its first admin in one step. The slug comes from the name, with a suffix when it is taken. */
export async function insertProject(
  db: Database,
  actor: Actor,
  adminId: string,
  input: z.output<typeof projectInput>,
  nowMs: number,
): Promise<Project> {
  const base = slugify(input.name) || "project";
  for (let attempt = 0; attempt < SLUG_TRIES_MAX; attempt += 1) {
    const slug = attempt === 0 ? base : `${base}-${randomText(5)}`;
    const project = { id: newId("prj"), slug, ...input, createdBy: adminId, createdAt: nowMs, deletedAt: null };
    const [inserted] = await db.batch([
      db.insert(projects).values(project).onConflictDoNothing({ target: projects.slug }).returning({ id: projects.id }),
      // Only when the line above made the project: its slug may have been taken.
      db.insert(members).select(
        db
          .select({
            projectId: projects.id,
            userId: sql<string>`${adminId}`.as("userId"),
            role: sql<"admin">`'admin'`.as("role"),
            createdAt: sql<number>`${nowMs}`.as("createdAt"),
          })
          .from(projects)
          .where(eq(projects.id, project.id)),
      ),
    ]);
    if (inserted.length === 0) continue;
    evictUser(adminId);
    const { id, name, description } = project;
    const object = { kind: "project", id, name };
    const after = { slug, ...(description === "" ? {} : { description }), admin: adminId };
    await writeAudit(db, actor, { projectId: id, action: "project.create", object, after }, nowMs);
    return { ...project, role: "admin" };
  }
  throw new Error(`No free slug was found for ${base} in ${SLUG_TRIES_MAX} tries`);
}
