import { and, asc, eq, sql } from "drizzle-orm";
import type { z } from "zod";
import { AppError } from "../../errors.ts";
import { requireProject } from "../../projects/queries.ts";
import type { VerbContext } from "../../verb-context.ts";
import { datasetParts, datasets } from "../schema.ts";
import { writeObject } from "../sources/object-writer.ts";
import { fileKey, partKey } from "./dataset-files.ts";
import { BODY_BYTES_MAX, DATASET_BYTES_MAX, PART_BYTES_MIN, PARTS_MAX } from "./dataset-limits.ts";
import { type datasetInput, insertDataset } from "./insert-dataset.ts";
import { type DatasetRow, requireDataset } from "./queries.ts";

/** An upload: a dataset that has been begun, and its project. */
interface Upload {
  project: string;
  dataset: string;
}

/** Begins a dataset that comes in parts; the caller must be a contributor of the project. */
export async function startUpload(
  context: VerbContext,
  input: z.output<typeof datasetInput> & { project: string },
): Promise<DatasetRow> {
  const { env, db } = context;
  const dataset = await insertDataset(context, input);
  const { uploadId } = await env.STORE.createMultipartUpload(fileKey(dataset.id));
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
  context: VerbContext,
  { part, readBody, ...upload }: Upload & { part: number; readBody: () => Promise<PartBody> },
): Promise<{ part: number; bytes: number }> {
  const { id, uploadId } = await requireOpen(context, upload);
  const { STORE: store } = context.env;
  if (part > PARTS_MAX)
    throw new AppError("invalid_input", `A dataset has at most ${PARTS_MAX} parts. Send larger parts.`);
  const { bytes, content } = await readBody();
  if (bytes > BODY_BYTES_MAX)
    throw new AppError("too_large", `A part may have at most ${BODY_BYTES_MAX / 1_000_000} MB.`);
  if (bytes === 0) throw new AppError("invalid_input", "The part is empty. Send bytes, or leave it out.");
  const etag = bytes < PART_BYTES_MIN ? KEPT : await sendPart(store, id, uploadId, part, content);
  if (etag === KEPT) await store.put(partKey(id, part), content);
  await context.db
    .insert(datasetParts)
    .values({ datasetId: id, part, etag, bytes })
    .onConflictDoUpdate({ target: [datasetParts.datasetId, datasetParts.part], set: { etag, bytes } });
  return { part, bytes };
}

/**
 * Puts the parts together; the dataset is `running` then. Repeating is safe. 409 naming what is wrong with the parts: none may be
 * missing, and unless all of them are smaller than 5 MiB, all but the last one are equally large. 413 past 5 GB.
 */
export async function completeUpload(
  context: VerbContext,
  upload: Upload,
): Promise<{ dataset: DatasetRow; isNew: boolean }> {
  const { db, caller, env } = context;
  const { STORE: store } = env;
  const dataset = await requireOfProject(context, upload);
  if (dataset.state !== "pending") return { dataset, isNew: false };
  const { id, uploadId } = await requireOpen(context, upload);
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
  if (completed) {
    await db.delete(datasetParts).where(eq(datasetParts.datasetId, id));
    await deleteKept(store, id, parts);
  }
  return { dataset: completed ?? (await requireDataset(db, caller, id, "change")), isNew: completed !== undefined };
}

type Part = typeof datasetParts.$inferSelect;

function sizeOf(parts: readonly Part[]): number {
  const [first] = parts;
  if (!first) throw new AppError("conflict", "No part has arrived. Send them with PUT .../parts/{k}, from 1.");
  const areKept = parts.every(isKept);
  for (const [index, { part, bytes }] of parts.entries()) {
    if (part !== index + 1)
      throw new AppError("conflict", `Part ${index + 1} is missing. Send it and complete the upload again.`);
    const isLast = index === parts.length - 1;
    if (!areKept && (bytes > first.bytes || (!isLast && bytes !== first.bytes))) {
      throw new AppError(
        "conflict",
        `Part ${part} has ${bytes} bytes and part 1 has ${first.bytes}. All parts but the last must have the same size, or all must be smaller than ${PART_BYTES_MIN} bytes (5 MiB).`,
      );
    }
  }
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (bytes > DATASET_BYTES_MAX) throw new AppError("too_large", "A dataset may have at most 5 GB. Split it.");
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
    if (parts.every(isKept)) await writeObject(store, fileKey(id), keptBytes(store, id, parts));
    else await completeParts(store, id, uploadId, parts);
  } catch (cause) {
    // A call before this one may have come as far as this and no further.
    if ((await store.head(fileKey(id)))?.size === bytes) return;
    console.error(`dataset ${id} was not put together`, cause);
    throw new AppError(
      "conflict",
      "The parts could not be combined, because one was sent twice at the same time. Send the parts again.",
    );
  }
}

async function completeParts(store: R2Bucket, id: string, uploadId: string, parts: readonly Part[]): Promise<void> {
  const uploaded: R2UploadedPart[] = [];
  for (const part of parts) {
    const etag = isKept(part)
      ? await sendPart(store, id, uploadId, part.part, await (await keptPart(store, id, part)).arrayBuffer())
      : part.etag;
    uploaded.push({ partNumber: part.part, etag });
  }
  await store.resumeMultipartUpload(fileKey(id), uploadId).complete(uploaded);
}

/**
 * R2 takes parts below 5 MiB only as the last one: until all have come, a small one is kept as an object, and has this for an etag. An
 * upload of R2's that then stays empty ends there after a week.
 */
const KEPT = "";

function isKept({ etag }: Part): boolean {
  return etag === KEPT;
}

async function sendPart(
  store: R2Bucket,
  id: string,
  uploadId: string,
  part: number,
  content: PartBody["content"],
): Promise<string> {
  return (await store.resumeMultipartUpload(fileKey(id), uploadId).uploadPart(part, content)).etag;
}

async function keptPart(store: R2Bucket, id: string, { part }: Part): Promise<R2ObjectBody> {
  const object = await store.get(partKey(id, part));
  if (!object) throw new Error(`part ${part} of dataset ${id} is not in the store`);
  return object;
}

async function* keptBytes(store: R2Bucket, id: string, parts: readonly Part[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield new Uint8Array(await (await keptPart(store, id, part)).arrayBuffer());
}

async function deleteKept(store: R2Bucket, id: string, parts: readonly Part[]): Promise<void> {
  const keys = parts.filter(isKept).map(({ part }) => partKey(id, part));
  // As many as one call takes.
  for (let at = 0; at < keys.length; at += 1_000) await store.delete(keys.slice(at, at + 1_000));
}

async function requireOpen(context: VerbContext, upload: Upload): Promise<{ id: string; uploadId: string }> {
  const { id, state, uploadId } = await requireOfProject(context, upload);
  if (state !== "pending" || uploadId === null)
    throw new AppError("conflict", "This upload is already complete, or the dataset was not uploaded in parts.");
  return { id, uploadId };
}

async function requireOfProject({ db, caller }: VerbContext, upload: Upload): Promise<DatasetRow> {
  const project = await requireProject(db, caller, upload.project, "change");
  const dataset = await requireDataset(db, caller, upload.dataset, "change");
  if (dataset.projectId !== project.id) throw new AppError("not_found", "Dataset not found in this project.");
  return dataset;
}
