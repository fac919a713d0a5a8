import { eq } from "drizzle-orm";
import { z } from "zod";
import { nameInput } from "../access/account-input.ts";
import type { Caller } from "../access/caller.ts";
import { auditStatement, changedFields } from "../audit/audit.ts";
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
  changes: z.output<typeof projectChanges>,
  nowMs: number,
): Promise<Project> {
  const project = await requireProject(db, caller, idOrSlug, "manage");
  const { name, description } = changes;
  const wanted = { ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }) };
  const { name: nameBefore, description: descriptionBefore } = project;
  const { before, after } = changedFields({ name: nameBefore, description: descriptionBefore }, wanted);
  if (Object.keys(after).length === 0) return project;
  const object = { kind: "project", id: project.id, name: project.name };
  await db.batch([
    db.update(projects).set(after).where(eq(projects.id, project.id)),
    auditStatement(db, caller, { projectId: project.id, action: "project.update", object, before, after }, nowMs),
  ]);
  return { ...project, ...after };
}
