import { eq } from "drizzle-orm";
import type { Database } from "../db.ts";
import { readStoredProfile } from "./create-version.ts";
import { models } from "./schema.ts";

/** Standard deviation of the target in the training reference of a model's version; null where there is no numeric target. */
export async function findTargetSpread(env: Env, db: Database, modelId: string): Promise<number | null> {
  const model = await db.select({ versionId: models.versionId }).from(models).where(eq(models.id, modelId)).get();
  if (!model) return null;
  const { target } = (await readStoredProfile(env.STORE, model.versionId)).profile;
  return target && "std" in target ? target.std : null;
}
