import type { SQL } from "drizzle-orm";
import { z } from "zod";
import { nameInput } from "../access/account-input.ts";
import { requireUser } from "../access/authorize.ts";
import { evictUser } from "../access/credential-cache.ts";
import type { Change } from "../audit/audit.ts";
import { auditedChange } from "../audit/audited-change.ts";
import { LIMITS } from "../config.ts";
import { insertWhere } from "../insert-where.ts";
import { newId, randomText, slugify } from "../lib/id.ts";
import type { VerbContext } from "../verb-context.ts";
import type { Project } from "./project-json.ts";
import { members, projects } from "./schema.ts";

export const descriptionInput = z
  .string("description is text.")
  .trim()
  .max(LIMITS.descriptionLengthMax, `A description has at most ${LIMITS.descriptionLengthMax} characters.`);

export const projectInput = z.object({ name: nameInput, description: descriptionInput.default("") });

// Five random characters make 33 million names; more than a few tries mean that something else is wrong.
const SLUG_TRIES_MAX = 5;

/**
 * Creates a project with the calling user as its admin. Any user of the instance may; 401 and 403 for others. The slug comes from the
 * name, with a suffix when it is taken.
 */
export async function createProject(ctx: VerbContext, input: z.output<typeof projectInput>): Promise<Project> {
  const { db } = ctx;
  const { userId } = requireUser(ctx.caller);
  for (let attempt = 0; attempt < SLUG_TRIES_MAX; attempt += 1) {
    const project = newProject(ctx, input, userId, attempt === 0 ? "" : `-${randomText(5)}`);
    const [made] = await auditedChange(
      ctx,
      db.insert(projects).values(project).onConflictDoNothing({ target: projects.slug }).returning({ id: projects.id }),
      projectCreated(project),
      (happened) => [firstAdmin(ctx, project, happened)],
    );
    if (!made) continue;
    evictUser(userId);
    return { ...project, role: "admin" };
  }
  throw new Error(`No free slug was found for ${input.name} in ${SLUG_TRIES_MAX} tries`);
}

/** The row of a new project. */
export function newProject(
  { nowMs }: VerbContext,
  input: z.output<typeof projectInput>,
  adminId: string,
  slugSuffix = "",
): Omit<Project, "role"> {
  const slug = (slugify(input.name) || "project") + slugSuffix;
  return { id: newId("prj"), slug, ...input, createdBy: adminId, createdAt: nowMs, deletedAt: null };
}

/** What the audit log says of a new project. */
export function projectCreated({ id, slug, name, description, createdBy }: Omit<Project, "role">): Change {
  const after = { slug, ...(description === "" ? {} : { description }), admin: createdBy };
  return { projectId: id, action: "project.create", object: { kind: "project", id, name }, after };
}

/** The statement that makes who created the project its admin, where the project was `written`. */
export function firstAdmin({ db, nowMs }: VerbContext, { id, createdBy }: Omit<Project, "role">, written: SQL) {
  return insertWhere(db, members, { projectId: id, userId: createdBy, role: "admin", createdAt: nowMs }, written);
}
