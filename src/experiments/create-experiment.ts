import { z } from "zod";
import { nameInput } from "../access/account-input.ts";
import type { Caller } from "../access/caller.ts";
import { requireUser } from "../access/authorize.ts";
import { auditStatement } from "../audit/audit.ts";
import type { Database } from "../db.ts";
import { newId } from "../lib/id.ts";
import { descriptionInput } from "../projects/create-project.ts";
import { requireProject } from "../projects/queries.ts";
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
    .describe("The column that the models predict; without it there are no metrics"),
  description: descriptionInput.default(""),
});

/** Creates an experiment in a project. The caller must be a contributor of it. */
export async function createExperiment(
  db: Database,
  caller: Caller,
  projectIdOrSlug: string,
  input: z.output<typeof experimentInput>,
  nowMs: number,
): Promise<ExperimentRow> {
  const project = await requireProject(db, caller, projectIdOrSlug, "change");
  const row = {
    id: newId("exp"),
    projectId: project.id,
    ...input,
    createdBy: requireUser(caller).userId,
    createdAt: nowMs,
  };
  const { id, projectId, name, task, target } = row;
  const object = { kind: "experiment", id, name };
  await db.batch([
    db.insert(experiments).values(row),
    auditStatement(
      db,
      caller,
      { projectId, action: "experiment.create", object, after: { task, ...(target === null ? {} : { target }) } },
      nowMs,
    ),
  ]);
  return row;
}
