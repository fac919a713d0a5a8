import { eq } from "drizzle-orm";
import { z } from "zod";
import { nameInput } from "../access/account-input.ts";
import { changedFields } from "../audit/audit.ts";
import { auditedChange } from "../audit/audited-change.ts";
import type { VerbContext } from "../verb-context.ts";
import { descriptionInput } from "./create-project.ts";
import type { Project } from "./project-json.ts";
import { requireProject } from "./queries.ts";
import { projects } from "./schema.ts";

export const projectChanges = z.object({ name: nameInput.optional(), description: descriptionInput.optional() });

/** Changes name and description; what is left out stays. The slug stays too, so that links go on working. For its admins. */
export async function updateProject(
  ctx: VerbContext,
  input: z.output<typeof projectChanges> & { project: string },
): Promise<Project> {
  const { db } = ctx;
  const project = await requireProject(db, ctx.caller, input.project, "manage");
  const { id, name, description } = project;
  const wanted = { name: input.name ?? name, description: input.description ?? description };
  const { before, after } = changedFields({ name, description }, wanted);
  if (Object.keys(after).length === 0) return project;
  await auditedChange(ctx, db.update(projects).set(after).where(eq(projects.id, id)), {
    projectId: id,
    action: "project.update",
    object: { kind: "project", id, name },
    before,
    after,
  });
  return { ...project, ...after };
}
