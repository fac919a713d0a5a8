import { eq } from "drizzle-orm";
import type { Database } from "../../db.ts";
import type { ModelRow } from "../queries.ts";
import { models } from "../schema.ts";

/** Most trials end within a second; who uploads by hand then sees the end at once. */
const PATIENCE_MS = 8_000;
const PAUSE_MS = 100;

/** The model once its trial has ended, or as it stands after 8 s: the trial goes on in any case. */
export async function waitForTrial(db: Database, model: ModelRow): Promise<ModelRow> {
  let current = model;
  for (let waited = 0; waited < PATIENCE_MS && !hasEnded(current); waited += PAUSE_MS) {
    await scheduler.wait(PAUSE_MS);
    current = (await db.select().from(models).where(eq(models.id, model.id)).get()) ?? current;
  }
  return current;
}

function hasEnded({ state }: ModelRow): boolean {
  return state === "succeeded" || state === "failed";
}
