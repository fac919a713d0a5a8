import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import { AppError } from "../../errors.ts";
import type { VerbContext } from "../../verb-context.ts";
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
  context: VerbContext,
  { content, ...input }: z.output<typeof datasetInput> & { project: string; content: AsyncIterable<Uint8Array> },
): Promise<DatasetRow> {
  const { env, db } = context;
  const dataset = await insertDataset(context, input);
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) throw bodyTooLarge();
      yield chunk;
    }
  }
  try {
    await writeObject(env.STORE, fileKey(dataset.id), counted());
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
