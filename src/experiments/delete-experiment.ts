import { and, eq, exists, inArray, ne, or, sql } from "drizzle-orm";
import { requireUser } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import { writeAudit } from "../audit/audit.ts";
import { isAllowed } from "../access/rights.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import { type ExperimentRow, requireExperiment } from "./queries.ts";
import { experiments, experimentVersions, models } from "./schema.ts";
import { inUseError, usesWhere } from "./uses.ts";

/**
 * Deletes an experiment of which no deployment uses a model: from here on nothing of it is found, and `purgeExperiments` removes its
 * versions, models and files. Contributors may delete what they made, as long as nobody else added to it; admins everything.
 * 409 `conflict` names the deployments that use it; then nothing is deleted. 404 on repetition.
 */
export async function deleteExperiment(
  { db, caller, nowMs }: { db: Database; caller: Caller; nowMs: number },
  experimentId: string,
): Promise<void> {
  const experiment = await requireDeletable(db, caller, experimentId);
  const { id, projectId, name, task, target } = experiment;
  // Deployments come after experiments in the order of imports, so their table is named here and not imported. In the write itself,
  // so that a deployment that is made at the same moment keeps its models.
  const isUsed = sql`exists (select 1 from deployments where "experimentId" = ${id} and "purgedAt" is null)`;
  const [marked] = await db.batch([
    db
      .update(experiments)
      .set({ name: "", description: "", target: null })
      .where(and(eq(experiments.id, id), ne(experiments.name, ""), sql`not ${isUsed}`))
      .returning({ id: experiments.id }),
    // Until it is removed a model must not be deployed any more.
    db
      .update(models)
      .set({ state: "failed", errorCode: "not_found", errorMessage: "The model is being deleted." })
      .where(inArray(models.versionId, versionsOfDeleted(db, id))),
  ]);
  if (marked.length === 0) {
    const uses = await usesWhere(db, sql`deployments."experimentId" = ${id}`);
    // Nothing that uses it, and yet not marked: somebody else has just deleted it, or has just let it go.
    if (uses.length === 0) await requireExperiment(db, caller, id, "change");
    throw inUseError("experiment", uses);
  }
  const object = { kind: "experiment", id, name };
  const before = { task, ...(target === null ? {} : { target }) };
  await writeAudit(db, caller, { projectId, action: "experiment.delete", object, before }, nowMs);
}

/** The experiment, for a caller who may delete it: 401, 403 or 404 otherwise. */
export async function requireDeletable(db: Database, caller: Caller, experimentId: string): Promise<ExperimentRow> {
  const experiment = await requireExperiment(db, caller, experimentId, "delete");
  if (isAllowed(caller, "manage", experiment)) return experiment;
  const { userId } = requireUser(caller);
  const ofOthers = await db
    .select({ id: experimentVersions.id })
    .from(experimentVersions)
    .leftJoin(models, eq(models.versionId, experimentVersions.id))
    .where(
      and(
        eq(experimentVersions.experimentId, experiment.id),
        or(ne(experimentVersions.createdBy, userId), ne(models.createdBy, userId)),
      ),
    )
    .limit(1);
  if (ofOthers.length === 0) return experiment;
  throw new AppError(
    "forbidden",
    "The experiment holds versions or models that others made. Ask an admin of the project to delete it.",
  );
}

/** The versions of the experiment where it has been marked, and none where it has not. */
function versionsOfDeleted(db: Database, experimentId: string) {
  const isDeleted = db
    .select({ id: experiments.id })
    .from(experiments)
    .where(and(eq(experiments.id, experimentId), eq(experiments.name, "")));
  return db
    .select({ id: experimentVersions.id })
    .from(experimentVersions)
    .where(and(eq(experimentVersions.experimentId, experimentId), exists(isDeleted)));
}
