import { eq, or } from "drizzle-orm";
import type { Database } from "../../db.ts";
import { deploymentVersions } from "../../deployments/schema.ts";
import type { ServingPlan } from "../../engine/serving-plan.ts";
import { readStoredProfile } from "../../experiments/create-version.ts";
import { models } from "../../experiments/schema.ts";
import { loadAnswerReference } from "../../windows/reference.ts";

/** The labels that a plan itself names: those of its classes, and of the target that it was made for. */
export function plannedLabels({ classes, targetLabels = [] }: ServingPlan): string[] {
  return [...(classes?.shown ?? []), ...targetLabels];
}

/**
 * Every label that is a class of a deployment: of the models of all its versions, of what they answered when they were tried, and of the
 * targets that they were trained on. Null where nobody knows, as with a model that does not name its classes and has no target.
 */
export async function knownLabels(env: Env, db: Database, deploymentId: string): Promise<string[] | null> {
  const isServed = or(
    eq(models.id, deploymentVersions.mainModelId),
    eq(models.id, deploymentVersions.challengerModelId),
  );
  const served = await db
    .selectDistinct({ id: models.id, versionId: models.versionId, plan: models.plan })
    .from(deploymentVersions)
    .innerJoin(models, isServed)
    .where(eq(deploymentVersions.deploymentId, deploymentId));
  const labels = new Set<string>();
  for (const { id, versionId, plan } of served) {
    const target = plan.targetLabels ?? (await targetOf(env, versionId));
    if (plan.classes === null && target.length === 0) return null;
    const answers = await loadAnswerReference(env.STORE, id);
    const seen = answers?.column?.binning.categories ?? [];
    for (const label of [...plannedLabels(plan), ...target, ...seen]) labels.add(label);
  }
  return [...labels];
}

async function targetOf(env: Env, versionId: string): Promise<string[]> {
  const { schema } = await readStoredProfile(env.STORE, versionId);
  return schema.target?.labels ?? [];
}
