import { and, eq, isNotNull, or, sql } from "drizzle-orm";
import type { Database } from "../db.ts";
import { projects } from "../projects/schema.ts";
import { deleteFiles, modelPrefix, versionPrefix } from "./model-files.ts";
import { experiments, experimentVersions, models } from "./schema.ts";

const EXPERIMENTS_PER_TICK = 5;
/** Versions and models together. Each takes four calls of the platform, and an invocation has a thousand. */
const PARTS_PER_TICK = 100;

/**
 * Removes what is left of deleted experiments and of those of deleted projects: files first, then the rows, so that what was cut off is
 * found again. Waits for deployments that are still being removed. An experiment that the tombstone of a deployment refers to stays
 * as an empty row. Repeating is safe.
 */
export async function purgeExperiments(env: Pick<Env, "STORE">, db: Database): Promise<void> {
  const due = await db
    .select({ id: experiments.id })
    .from(experiments)
    .innerJoin(projects, eq(projects.id, experiments.projectId))
    .where(
      and(
        or(eq(experiments.name, ""), isNotNull(projects.deletedAt)),
        sql`not ${isHeld}`,
        or(sql`"experiments"."name" <> ''`, hasVersions, sql`not ${isReferred}`),
      ),
    )
    .limit(EXPERIMENTS_PER_TICK);
  let partsLeft = PARTS_PER_TICK;
  for (const { id } of due) {
    if (partsLeft > 0) partsLeft = await purgeExperiment(env.STORE, db, id, partsLeft);
  }
}

// Deployments come after experiments in the order of imports, so their table is named here and not imported.
const isHeld = sql`exists (select 1 from deployments
  where deployments."experimentId" = "experiments"."id" and deployments."purgedAt" is null)`;

const isReferred = sql`exists (select 1 from deployments where deployments."experimentId" = "experiments"."id")`;

const hasVersions = sql`exists (select 1 from "experiment_versions"
  where "experiment_versions"."experimentId" = "experiments"."id")`;

/**
 * Removes up to `partsMax` models and versions of an experiment, and itself once it has none. Returns how many parts it left of
 * `partsMax`.
 */
async function purgeExperiment(store: R2Bucket, db: Database, id: string, partsMax: number): Promise<number> {
  await db
    .update(experiments)
    .set({ name: "", description: "", target: null, createdBy: "" })
    .where(eq(experiments.id, id));
  const ofModels = await db
    .select({ id: models.id })
    .from(models)
    .innerJoin(experimentVersions, eq(experimentVersions.id, models.versionId))
    .where(eq(experimentVersions.experimentId, id))
    .limit(partsMax);
  for (const model of ofModels) {
    const remove = () => db.delete(models).where(eq(models.id, model.id));
    await removePart(store, modelPrefix(model.id), remove);
  }
  let partsLeft = partsMax - ofModels.length;
  if (partsLeft === 0) return 0;
  const versions = await db
    .select({ id: experimentVersions.id })
    .from(experimentVersions)
    .where(eq(experimentVersions.experimentId, id))
    .limit(partsLeft);
  for (const version of versions) {
    const remove = () => db.delete(experimentVersions).where(eq(experimentVersions.id, version.id));
    await removePart(store, versionPrefix(version.id), remove);
  }
  partsLeft -= versions.length;
  if (partsLeft > 0) await db.delete(experiments).where(and(eq(experiments.id, id), sql`not ${isReferred}`));
  return partsLeft;
}

/** The files twice: a trial that is under way may write one more until it sees that the row is gone. */
async function removePart(store: R2Bucket, prefix: string, removeRow: () => Promise<unknown>): Promise<void> {
  await deleteFiles(store, prefix);
  await removeRow();
  await deleteFiles(store, prefix);
}
