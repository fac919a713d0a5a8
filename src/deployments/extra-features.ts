import { inArray } from "drizzle-orm";
import type { Database } from "../db.ts";
import { extraColumns } from "../engine/serving-plan.ts";
import { models } from "../experiments/schema.ts";
import type { DeploymentVersion } from "./queries.ts";

/** The features that only the challenger of a version needs: it skips calls without them. None without a challenger. */
export async function extraFeatures(
  db: Database,
  { main, challenger }: Pick<DeploymentVersion, "main" | "challenger">,
): Promise<string[]> {
  if (!challenger) return [];
  const found = await db
    .select({ id: models.id, plan: models.plan })
    .from(models)
    .where(inArray(models.id, [main.id, challenger.id]));
  const planOf = (id: string) => found.find((row) => row.id === id)?.plan;
  const [mainPlan, challengerPlan] = [planOf(main.id), planOf(challenger.id)];
  return mainPlan && challengerPlan ? extraColumns(mainPlan, challengerPlan) : [];
}
