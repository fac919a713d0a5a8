import { largeChunks } from "../../lib/large-chunks.ts";
import { and, asc, eq, lt } from "drizzle-orm";
import type { Database } from "../../db.ts";
import { CsvError } from "../../lib/csv-error.ts";
import { MINUTE_MS } from "../../lib/time.ts";
import { datasets } from "../schema.ts";
import { withoutNul } from "../sources/csv-rows.ts";
import { openParquet, storedFile } from "../sources/parquet-file.ts";
import { readLayout } from "../sources/read-layout.ts";
import { SourceError } from "../sources/source-error.ts";
import { attemptsKey, datasetLayoutKey, fileKey } from "./dataset-files.ts";
import { type DatasetRow, readDataset } from "./queries.ts";

interface Ports {
  store: R2Bucket;
  db: Database;
}

/** A file that breaks what reads it off does so again. */
const ATTEMPTS_MAX = 5;
/** Longer than the request that has uploaded it goes on. */
const ABANDONED_MS = 5 * MINUTE_MS;
/** A reading that began within it may still go on: another tick of the clock must not begin a second one, and count as one more attempt. */
const READING_MS_MAX = 10 * MINUTE_MS;
const LOOKED_AT_PER_TICK = 10;

/**
 * Reads the file of a `running` dataset once, from its first byte to its last, and notes rows and columns, or what is wrong with it
 * and on which line. Memory stays flat. Repeating is safe.
 */
export async function inspectDataset(ports: Ports, id: string): Promise<void> {
  const { store, db } = ports;
  const dataset = await readDataset(db, id);
  if (dataset?.state !== "running") return;
  const found = await foundIn(store, dataset);
  await db
    .update(datasets)
    .set(found)
    .where(and(eq(datasets.id, id), eq(datasets.state, "running")));
}

/** Goes on with datasets whose reading broke off, one a tick. */
export async function resumeDatasets(env: Pick<Env, "STORE">, db: Database, nowMs: number): Promise<void> {
  const due = await db
    .select({ id: datasets.id })
    .from(datasets)
    .where(and(eq(datasets.state, "running"), lt(datasets.createdAt, nowMs - ABANDONED_MS)))
    .orderBy(asc(datasets.createdAt))
    .limit(LOOKED_AT_PER_TICK);
  for (const { id } of due) {
    const lastAttempt = await env.STORE.head(attemptsKey(id));
    if (lastAttempt && lastAttempt.uploaded.getTime() > nowMs - READING_MS_MAX) continue;
    await inspectDataset({ store: env.STORE, db }, id);
    return;
  }
}

type Found = Pick<DatasetRow, "state" | "rows" | "columns" | "errorCode" | "errorMessage">;

async function foundIn(store: R2Bucket, dataset: DatasetRow): Promise<Found> {
  try {
    await countAttempt(store, dataset.id);
    const { rows, columns } = await (dataset.format === "csv" ? readCsvFile : readParquetFile)(store, dataset.id);
    return { state: "succeeded", rows, columns, errorCode: null, errorMessage: null };
  } catch (error) {
    if (!(error instanceof CsvError || error instanceof SourceError)) throw error;
    return { state: "failed", rows: null, columns: null, errorCode: error.code, errorMessage: error.message };
  }
}

async function countAttempt(store: R2Bucket, id: string): Promise<void> {
  const before = await store.get(attemptsKey(id));
  const attempts = before === null ? 0 : Number(await before.text());
  if (attempts >= ATTEMPTS_MAX) {
    throw new SourceError(
      "dataset_unreadable",
      `Reading the file failed ${attempts} times. Upload it again, if necessary in smaller files.`,
    );
  }
  await store.put(attemptsKey(id), String(attempts + 1));
}

async function readCsvFile(store: R2Bucket, id: string): Promise<{ rows: number; columns: string[] }> {
  const object = await store.get(fileKey(id));
  if (!object) throw gone();
  const layout = await readLayout(largeChunks(object.body));
  await store.put(datasetLayoutKey(id), JSON.stringify(layout));
  return layout;
}

/** All of it: a damaged page would else be found by a run. */
async function readParquetFile(store: R2Bucket, id: string): Promise<{ rows: number; columns: string[] }> {
  const stored = await storedFile(store, fileKey(id));
  if (!stored) throw gone();
  const { columns, batches } = await openParquet(stored);
  let rows = 0;
  for await (const batch of withoutNul(columns, batches())) rows += batch.length;
  if (rows === 0) throw new SourceError("parquet_empty", "The Parquet file has no rows. Add rows and upload it again.");
  return { rows, columns };
}

function gone(): SourceError {
  return new SourceError("source_gone", "The file is missing from the store. Upload it again.");
}
