import { and, eq, inArray, ne, or, sql } from "drizzle-orm";
import { requireUser } from "../access/authorize.ts";
import type { Caller } from "../access/caller.ts";
import { auditedChange } from "../audit/audited-change.ts";
import { isAllowed } from "../access/rights.ts";
import type { Database } from "../db.ts";
import { AppError } from "../errors.ts";
import type { VerbContext } from "../verb-context.ts";
import { type ExperimentRow, requireExperiment } from "./queries.ts";
import { experiments, experimentVersions, models } from "./schema.ts";
import { inUseError, usesWhere } from "./uses.ts";

/**
 * Deletes an experiment of which no deployment uses a model: from here on nothing of it is found, and `purgeExperiments` removes its
 * versions, models and files. Contributors may delete what they made, as long as nobody else added to it; admins everything.
 * 409 `conflict` names the deployments that use it; then nothing is deleted. 404 on repetition.
 */
export async function deleteExperiment(ctx: VerbContext, input: { experiment: string }): Promise<void> {
  const { db, caller } = ctx;
  const { id, projectId, name, task, target } = await requireDeletable(db, caller, input.experiment);
  // Deployments come after experiments in the order of imports, so their table is named here and not imported. In the write itself,
  // so that a deployment that is made at the same moment keeps its models.
  const isUsed = sql`exists (select 1 from deployments where "experimentId" = ${id} and "purgedAt" is null)`;
  const versionIds = db
    .select({ id: experimentVersions.id })
    .from(experimentVersions)
    .where(eq(experimentVersions.experimentId, id));
  const [marked] = await auditedChange(
    ctx,
    db
      .update(experiments)
      .set({ name: "", description: "", target: null })
      .where(and(eq(experiments.id, id), ne(experiments.name, ""), sql`not ${isUsed}`))
      .returning({ id: experiments.id }),
    {
      projectId,
      action: "experiment.delete",
      object: { kind: "experiment", id, name },
      before: { task, ...(target === null ? {} : { target }) },
    },
    (happened) => [
      // Until it is removed a model must not be deployed any more.
      db
        .update(models)
        .set({ state: "failed", errorCode: "not_found", errorMessage: "The model is being deleted." })
        .where(and(inArray(models.versionId, versionIds), happened)),
    ],
  );
  if (marked) return;
  const uses = await usesWhere(db, sql`deployments."experimentId" = ${id}`);
  // Nothing that uses it, and yet not marked: somebody else has just deleted it, or has just let it go.
  if (uses.length === 0) await requireExperiment(db, caller, id, "change");
  throw inUseError("experiment", uses);
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
