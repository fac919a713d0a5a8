import { and, eq, isNotNull, lt, or } from "drizzle-orm";
import type { Database } from "../../db.ts";
import { deleteFiles } from "../../experiments/model-files.ts";
import { DAY_MS } from "../../lib/time.ts";
import { projects } from "../../projects/schema.ts";
import { datasetParts, datasets } from "../schema.ts";
import { datasetPrefix, fileKey } from "./dataset-files.ts";

const PER_TICK = 10;
/** R2 keeps the parts of an upload for so long. */
const UPLOAD_DAYS = 7;

/**
 * Removes what is left of deleted datasets, of those of deleted projects, and of uploads that were not completed within a week: files
 * first, then the rows, so that what was cut off is found again. Repeating is safe.
 */
export async function purgeDatasets(env: Pick<Env, "STORE">, db: Database, nowMs: number): Promise<void> {
  const due = await db
    .select({ id: datasets.id, uploadId: datasets.uploadId })
    .from(datasets)
    .innerJoin(projects, eq(projects.id, datasets.projectId))
    .where(
      or(
        eq(datasets.name, ""),
        isNotNull(projects.deletedAt),
        and(eq(datasets.state, "pending"), lt(datasets.createdAt, nowMs - UPLOAD_DAYS * DAY_MS)),
      ),
    )
    .limit(PER_TICK);
  for (const { id, uploadId } of due) {
    if (uploadId !== null) await abortUpload(env.STORE, id, uploadId);
    await deleteFiles(env.STORE, datasetPrefix(id));
    await db.batch([
      db.delete(datasetParts).where(eq(datasetParts.datasetId, id)),
      db.delete(datasets).where(eq(datasets.id, id)),
    ]);
    // Reading it may have gone on until it saw that the row is gone.
    await deleteFiles(env.STORE, datasetPrefix(id));
  }
}

async function abortUpload(store: R2Bucket, id: string, uploadId: string): Promise<void> {
  try {
    await store.resumeMultipartUpload(fileKey(id), uploadId).abort();
  } catch (error) {
    // R2 lets go of uploads by itself after a week; then there is none to abort.
    console.warn(`upload of dataset ${id}`, error);
  }
}
