import { and, asc, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Caller } from "../../access/caller.ts";
import type { Database } from "../../db.ts";
import { AppError } from "../../errors.ts";
import { requireProject } from "../../projects/queries.ts";
import { datasetParts, datasets } from "../schema.ts";
import { fileKey } from "./dataset-files.ts";
import { BODY_BYTES_MAX, DATASET_BYTES_MAX, PART_BYTES_MIN, PARTS_MAX } from "./dataset-limits.ts";
import { type datasetInput, insertDataset } from "./insert-dataset.ts";
import { type DatasetRow, requireDataset } from "./queries.ts";

interface Ports {
  store: R2Bucket;
  db: Database;
  caller: Caller;
}

/** Begins a dataset that comes in parts; the caller must be a contributor of the project. */
export async function startUpload(
  { store, db, caller }: Ports,
  projectIdOrSlug: string,
  input: z.output<typeof datasetInput>,
  nowMs: number,
): Promise<DatasetRow> {
  const dataset = await insertDataset(db, caller, projectIdOrSlug, input, nowMs);
  const { uploadId } = await store.createMultipartUpload(fileKey(dataset.id));
  await db.update(datasets).set({ uploadId }).where(eq(datasets.id, dataset.id));
  return { ...dataset, uploadId };
}

/** Bytes of a part, with their number known beforehand. */
export interface PartBody {
  bytes: number;
  content: ReadableStream | ArrayBuffer;
}

/**
 * Takes part `part`, from 1; one that is sent again replaces what came before. 409 once the upload is complete, 413 for more than
 * 100 MB, 422 for a number that no part has.
 */
export async function putPart(
  { store, db, caller }: Ports,
  projectIdOrSlug: string,
  id: string,
  part: number,
  readBody: () => Promise<PartBody>,
): Promise<{ part: number; bytes: number }> {
  const { uploadId } = await requireUpload(db, caller, projectIdOrSlug, id);
  if (part > PARTS_MAX)
    throw new AppError("invalid_input", `A dataset has at most ${PARTS_MAX} parts. Send larger ones.`);
  const { bytes, content } = await readBody();
  if (bytes > BODY_BYTES_MAX) throw new AppError("too_large", `A part may have ${BODY_BYTES_MAX / 1_000_000} MB.`);
  if (bytes === 0) throw new AppError("invalid_input", "The part is empty. Send bytes, or leave it out.");
  const { etag } = await store.resumeMultipartUpload(fileKey(id), uploadId).uploadPart(part, content);
  await db
    .insert(datasetParts)
    .values({ datasetId: id, part, etag, bytes })
    .onConflictDoUpdate({ target: [datasetParts.datasetId, datasetParts.part], set: { etag, bytes } });
  return { part, bytes };
}

/**
 * Puts the parts together; the dataset is `running` then. Repeating is safe. 409 naming what is wrong with the parts: none may be
 * missing, and all but the last one are equally large, 5 MiB or more. 413 past 5 GB.
 */
export async function completeUpload(
  { store, db, caller }: Ports,
  projectIdOrSlug: string,
  id: string,
): Promise<{ dataset: DatasetRow; isNew: boolean }> {
  const dataset = await requireOfProject(db, caller, projectIdOrSlug, id);
  if (dataset.state !== "pending") return { dataset, isNew: false };
  const { uploadId } = await requireUpload(db, caller, projectIdOrSlug, id);
  const parts = await db
    .select()
    .from(datasetParts)
    .where(eq(datasetParts.datasetId, id))
    .orderBy(asc(datasetParts.part));
  const bytes = sizeOf(parts);
  await assemble(store, id, uploadId, parts, bytes);
  const [completed] = await db
    .update(datasets)
    .set({ state: "running", bytes, uploadId: null })
    .where(and(eq(datasets.id, id), eq(datasets.state, "pending"), sql`${datasets.name} <> ''`))
    .returning();
  if (completed) await db.delete(datasetParts).where(eq(datasetParts.datasetId, id));
  return { dataset: completed ?? (await requireDataset(db, caller, id, "change")), isNew: completed !== undefined };
}

type Part = typeof datasetParts.$inferSelect;

function sizeOf(parts: readonly Part[]): number {
  const [first] = parts;
  if (!first) throw new AppError("conflict", "No part has arrived. Send them with PUT .../parts/{k}, from 1.");
  for (const [index, { part, bytes }] of parts.entries()) {
    if (part !== index + 1)
      throw new AppError("conflict", `Part ${index + 1} is missing. Send it and complete the upload again.`);
    const isLast = index === parts.length - 1;
    if (bytes > first.bytes || (!isLast && bytes !== first.bytes)) {
      throw new AppError(
        "conflict",
        `Part ${part} has ${bytes} bytes and part 1 has ${first.bytes}. Make all parts equal; only the last one may be smaller.`,
      );
    }
  }
  if (parts.length > 1 && first.bytes < PART_BYTES_MIN) {
    throw new AppError(
      "conflict",
      `The parts have ${first.bytes} bytes; but for the last one they need ${PART_BYTES_MIN} (5 MiB) or more. Send larger ones.`,
    );
  }
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (bytes > DATASET_BYTES_MAX) throw new AppError("too_large", "A dataset may have 5 GB. Split it.");
  return bytes;
}

async function assemble(
  store: R2Bucket,
  id: string,
  uploadId: string,
  parts: readonly Part[],
  bytes: number,
): Promise<void> {
  try {
    const uploaded = parts.map(({ part, etag }) => ({ partNumber: part, etag }));
    await store.resumeMultipartUpload(fileKey(id), uploadId).complete(uploaded);
  } catch (cause) {
    // A call before this one may have come as far as this and no further.
    if ((await store.head(fileKey(id)))?.size === bytes) return;
    console.error(`dataset ${id} was not put together`, cause);
    throw new AppError(
      "conflict",
      "The parts could not be put together: one of them was sent twice at the same time. Send the parts again.",
    );
  }
}

async function requireUpload(
  db: Database,
  caller: Caller,
  projectIdOrSlug: string,
  id: string,
): Promise<{ uploadId: string }> {
  const { state, uploadId } = await requireOfProject(db, caller, projectIdOrSlug, id);
  if (state !== "pending" || uploadId === null)
    throw new AppError("conflict", "This upload is complete already, or its dataset was not begun in parts.");
  return { uploadId };
}

async function requireOfProject(
  db: Database,
  caller: Caller,
  projectIdOrSlug: string,
  id: string,
): Promise<DatasetRow> {
  const project = await requireProject(db, caller, projectIdOrSlug, "change");
  const dataset = await requireDataset(db, caller, id, "change");
  if (dataset.projectId !== project.id) throw new AppError("not_found", "This project has no dataset with this id.");
  return dataset;
}
