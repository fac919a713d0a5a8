import { and, eq, isNull } from "drizzle-orm";
import { auditedChange } from "../audit/audited-change.ts";
import { AppError } from "../errors.ts";
import type { VerbContext } from "../verb-context.ts";
import { requireProject } from "./queries.ts";
import { projects } from "./schema.ts";

type Forget = (projectId: string) => void;

const forgetful: Forget[] = [];

/**
 * Has `forget` called when a project has been deleted here: for domains that build on projects and keep something of them in memory,
 * which would answer for seconds more. Other isolates learn of it as those copies age.
 */
export function whenProjectIsDeleted(forget: Forget): void {
  forgetful.push(forget);
}

/**
 * Deletes a project for everybody: from here on nothing of it is found. What it holds is removed by the jobs of the clock.
 * For its admins; 401, 403 or 404 for others, and 404 on repetition.
 */
export async function deleteProject(ctx: VerbContext, input: { project: string }): Promise<void> {
  const { db, nowMs } = ctx;
  const { id, slug, name } = await requireProject(db, ctx.caller, input.project, "manage");
  const [deleted] = await auditedChange(
    ctx,
    db
      .update(projects)
      .set({ deletedAt: nowMs })
      .where(and(eq(projects.id, id), isNull(projects.deletedAt)))
      .returning({ id: projects.id }),
    { projectId: id, action: "project.delete", object: { kind: "project", id, name }, before: { slug } },
  );
  if (!deleted) throw new AppError("not_found", "This project was just deleted.");
  for (const forget of forgetful) forget(id);
}
