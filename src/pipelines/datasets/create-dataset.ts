import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import type { Caller } from "../../access/caller.ts";
import type { Database } from "../../db.ts";
import { AppError } from "../../errors.ts";
import { datasets } from "../schema.ts";
import { writeObject } from "../sources/object-writer.ts";
import { fileKey } from "./dataset-files.ts";
import { BODY_BYTES_MAX } from "./dataset-limits.ts";
import { type datasetInput, insertDataset } from "./insert-dataset.ts";
import type { DatasetRow } from "./queries.ts";

/**
 * Makes a dataset of the bytes that come in, which go to R2 as they come; the caller must be a contributor. It is `running` then:
 * `inspectDataset` reads it. 413 past 100 MB; nothing is left of a body that broke off.
 */
export async function createDataset(
  { store, db }: { store: R2Bucket; db: Database },
  caller: Caller,
  projectIdOrSlug: string,
  input: z.output<typeof datasetInput>,
  body: AsyncIterable<Uint8Array>,
  nowMs: number,
): Promise<DatasetRow> {
  const dataset = await insertDataset(db, caller, projectIdOrSlug, input, nowMs);
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) throw bodyTooLarge();
      yield chunk;
    }
  }
  try {
    await writeObject(store, fileKey(dataset.id), counted());
  } catch (error) {
    await db.delete(datasets).where(eq(datasets.id, dataset.id));
    throw error;
  }
  const [uploaded] = await db
    .update(datasets)
    .set({ state: "running", bytes })
    .where(and(eq(datasets.id, dataset.id), eq(datasets.state, "pending")))
    .returning();
  if (!uploaded) throw new AppError("conflict", "The dataset was deleted during the upload.");
  return uploaded;
}

export function bodyTooLarge(): AppError {
  return new AppError(
    "too_large",
    `A dataset may have at most ${BODY_BYTES_MAX / 1_000_000} MB in one request. Send larger datasets in parts: POST .../datasets/uploads.`,
  );
}
