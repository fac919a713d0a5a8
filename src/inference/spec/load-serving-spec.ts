import { and, eq } from "drizzle-orm";
import type { Database } from "../../db.ts";
import { deployments, deploymentVersions } from "../../deployments/schema.ts";
import { experimentVersions, models } from "../../experiments/schema.ts";
import { servingKey } from "../../experiments/model-files.ts";
import { servedFeatures, type ServedModel, type ServingSpec } from "./serving-spec.ts";

/** What answering for a version needs, read from the metadata; null when there is no such version or it is being removed. */
export async function loadServingSpec(
  db: Database,
  deploymentId: string,
  version: number,
): Promise<ServingSpec | null> {
  const [row] = await db
    .select({ version: deploymentVersions, typePolicy: deployments.typePolicy, deletedAt: deployments.deletedAt })
    .from(deploymentVersions)
    .innerJoin(deployments, eq(deployments.id, deploymentVersions.deploymentId))
    .where(and(eq(deploymentVersions.deploymentId, deploymentId), eq(deploymentVersions.number, version)));
  if (!row || row.deletedAt !== null) return null;
  const main = await loadModel(db, row.version.mainModelId);
  const challenger = row.version.challengerModelId === null ? null : await loadModel(db, row.version.challengerModelId);
  if (!main) return null;
  return {
    deploymentId,
    version,
    typePolicy: row.typePolicy,
    features: servedFeatures(main, challenger),
    main: main.served,
    challenger: challenger?.served ?? null,
  };
}

/** A spec of one model by itself, for trying it on recorded rows; it belongs to no version. Null when there is no such model. */
export async function loadCandidateSpec(
  db: Database,
  deploymentId: string,
  modelId: string,
): Promise<ServingSpec | null> {
  const main = await loadModel(db, modelId);
  if (!main) return null;
  return {
    deploymentId,
    version: 0,
    typePolicy: "best_effort",
    features: servedFeatures(main, null),
    main: main.served,
    challenger: null,
  };
}

async function loadModel(db: Database, modelId: string) {
  const [row] = await db
    .select({
      model: models,
      features: experimentVersions.features,
      number: experimentVersions.number,
      rows: experimentVersions.rows,
    })
    .from(models)
    .innerJoin(experimentVersions, eq(experimentVersions.id, models.versionId))
    .where(eq(models.id, modelId));
  if (!row) return null;
  const { model, features, number, rows } = row;
  const served: ServedModel = {
    id: model.id,
    name: model.name,
    plan: model.plan,
    sha256: model.servingSha256,
    objectKey: servingKey(model.id),
    heapBytes: model.heapBytes ?? 0,
    experimentVersion: { id: model.versionId, number, rows },
  };
  return { served, plan: model.plan, features };
}
