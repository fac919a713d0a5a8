import { eq } from "drizzle-orm";
import { z } from "zod";
import { nameInput } from "../access/account-input.ts";
import type { Caller } from "../access/caller.ts";
import type { Database } from "../db.ts";
import { descriptionInput } from "./create-project.ts";
import type { Project } from "./project-json.ts";
import { requireProject } from "./queries.ts";
import { projects } from "./schema.ts";

export const projectChanges = z.object({ name: nameInput.optional(), description: descriptionInput.optional() });

/** Changes name and description; what is left out stays. The slug stays too, so that links go on working. For its admins. */
export async function updateProject(
  db: Database,
  caller: Caller,
  idOrSlug: string,
  { name, description }: z.output<typeof projectChanges>,
): Promise<Project> {
  const project = await requireProject(db, caller, idOrSlug, "manage");
  const changes = { ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }) };
  if (Object.keys(changes).length === 0) return project;
  await db.update(projects).set(changes).where(eq(projects.id, project.id));
  return { ...project, ...changes };
}
