import { z } from "zod";
import { nameInput } from "../access/account-input.ts";
import { requireUser } from "../access/authorize.ts";
import { auditedChange } from "../audit/audited-change.ts";
import { newId } from "../lib/id.ts";
import { descriptionInput } from "../projects/create-project.ts";
import { requireProject } from "../projects/queries.ts";
import type { VerbContext } from "../verb-context.ts";
import { type ExperimentRow } from "./queries.ts";
import { experiments, TASKS } from "./schema.ts";

export const experimentInput = z.object({
  name: nameInput,
  task: z.enum(TASKS, `task must be one of ${TASKS.join(", ")}`),
  target: z
    .string()
    .trim()
    .max(500)
    .nullish()
    .transform((target) => (target ? target : null))
    .describe("The column that the models predict; without it, models have no metrics"),
  description: descriptionInput.default(""),
});

/** Creates an experiment in a project. The caller must be a contributor of it. */
export async function createExperiment(
  ctx: VerbContext,
  input: z.output<typeof experimentInput> & { project: string },
): Promise<ExperimentRow> {
  const { db, caller } = ctx;
  const { id: projectId } = await requireProject(db, caller, input.project, "change");
  const { userId: createdBy } = requireUser(caller);
  const { name, task, target, description } = input;
  const id = newId("exp");
  const row = { id, projectId, name, task, target, description, createdBy, createdAt: ctx.nowMs };
  await auditedChange(ctx, db.insert(experiments).values(row), {
    projectId,
    action: "experiment.create",
    object: { kind: "experiment", id, name },
    after: { task, ...(target === null ? {} : { target }) },
  });
  return row;
}
