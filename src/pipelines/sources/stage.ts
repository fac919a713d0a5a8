import { CsvError } from "../../lib/csv-error.ts";
import type { CsvStreamOptions } from "../../lib/csv-stream.ts";
import { joinedBytes } from "../../lib/joined-bytes.ts";
import { largeChunks } from "../../lib/large-chunks.ts";
import { tryAgain } from "../../lib/try-again.ts";
import type { OpenedConnection } from "../connections/connection-input.ts";
import { READ_FROM, type Reading, readsFor } from "../connections/connection-kinds.ts";
import { datasetLayoutKey, fileKey } from "../datasets/dataset-files.ts";
import type { Source } from "../schema.ts";
import { csvOfRows } from "./csv-rows.ts";
import { joinCsv, type NamedFile } from "./join-csv.ts";
import { ObjectWriter, writeObject } from "./object-writer.ts";
import { openParquet, storedFile } from "./parquet-file.ts";
import { openCursor } from "./query-cursor.ts";
import { readLayout } from "./read-layout.ts";
import { SourceError } from "./source-error.ts";
import { type CsvLayout, sourceKey, sourceParquetKey, type Staged, stagedKey } from "./staged.ts";
import { storedObjects } from "./stored-objects.ts";
import { readUrl } from "./web-file.ts";

/** What `stage` needs of the house around it. */
export interface StagePorts {
  store: R2Bucket;
  runId: string;
  /** Aborted when nobody wants the rows any more: `stage` then throws its reason. */
  signal?: AbortSignal;
  fetch: typeof fetch;
  allowPrivate: boolean;
  /** A dataset of the pipeline's project; null when there is none. */
  dataset: (id: string) => Promise<{ id: string; format: "csv" | "parquet"; state: string } | null>;
  /** A connection of the pipeline's project, with its secret; throws where there is none. */
  connection: (id: string) => Promise<OpenedConnection>;
}

/**
 * Brings the rows of a source into one CSV in the store and notes where they lie; a dataset that is a CSV is used where it is. Memory
 * stays flat whatever the size. Done once for a run: repeating gives what was staged first, also when the source has changed since.
 * Throws SourceError with the sentence that says what to change.
 */
export async function stage(source: Source, ports: StagePorts): Promise<Staged> {
  const kept = await keptJson<Staged>(ports.store, stagedKey(ports.runId));
  if (kept !== null) return kept;
  const staged = await withSentences(bring(source, ports));
  const text = JSON.stringify(staged);
  await tryAgain(() => ports.store.put(stagedKey(ports.runId), text));
  return staged;
}

function bring(source: Source, ports: StagePorts): Promise<Staged> {
  switch (source.kind) {
    case "dataset":
      return bringDataset(source.dataset_id, ports);
    case "query":
      return bringQuery(source.connection_id, source.sql, ports);
    case "object":
      return bringObjects(source.connection_id, source.key, ports);
    case "url":
      return bringFiles([{ name: "The file", open: () => readUrl(source.url, ports) }], ports);
  }
}

async function bringDataset(id: string, ports: StagePorts): Promise<Staged> {
  const { store } = ports;
  const dataset = await ports.dataset(id);
  if (!dataset)
    throw new SourceError("dataset_missing", "The dataset of this pipeline is gone. Choose another source.");
  if (dataset.state !== "succeeded") {
    const isComing = dataset.state === "pending" || dataset.state === "running";
    const message = isComing
      ? "The dataset is still being read. Try again in a while."
      : "The dataset could not be read. Upload a corrected file.";
    throw new SourceError("dataset_state", message, isComing);
  }
  const key = fileKey(id);
  if (dataset.format === "parquet") return bringParquet(key, ports);
  const layout = await keptJson<CsvLayout>(store, datasetLayoutKey(id));
  // Of one that was noted before its cells were looked at, the file is read anew.
  if (layout?.cells) return { key, ...layout };
  const object = await store.get(key);
  if (!object)
    throw new SourceError("source_gone", "The file of the dataset is no longer in the store. Upload it again.");
  return { key, ...(await readLayout(largeChunks(object.body))) };
}

async function bringQuery(connectionId: string, sql: string, ports: StagePorts): Promise<Staged> {
  const connection = await ports.connection(connectionId);
  if (!readsFor(connection, "query")) throw wrongKind("query");
  const cursor = await openCursor(connection, sql, { signal: ports.signal });
  try {
    return await writeCsv(csvOfRows(cursor.columns, cursor.batches), ports, { delimiter: "," });
  } finally {
    await cursor.close();
  }
}

async function bringObjects(connectionId: string, pattern: string, ports: StagePorts): Promise<Staged> {
  const connection = await ports.connection(connectionId);
  if (!readsFor(connection, "object")) throw wrongKind("object");
  const objects = storedObjects(connection, pattern, ports.fetch);
  const keys = await objects.keys();
  return bringFiles(
    keys.map((key) => ({ name: key, open: () => objects.read(key) })),
    ports,
  );
}

function wrongKind(by: Reading): SourceError {
  const message = `The connection of this source leads to no ${READ_FROM[by]}. Choose another connection.`;
  return new SourceError("connection_kind", message);
}

/** One file of either format, or several CSVs. */
async function bringFiles(files: readonly NamedFile[], ports: StagePorts): Promise<Staged> {
  const [first] = files;
  if (!first) throw new SourceError("object_missing", "The source names no file.");
  const opened = await peeked(await first.open());
  if (!opened.isParquet)
    return writeCsv(
      files.length === 1 ? opened.bytes : joinCsv([{ ...first, open: async () => opened.bytes }, ...files.slice(1)]),
      ports,
    );
  if (files.length > 1) {
    throw new SourceError(
      "objects_parquet",
      `${first.name} is a Parquet file, and of these a source has one. Name a single key, or write CSV.`,
    );
  }
  const key = sourceParquetKey(ports.runId);
  await writeObject(ports.store, key, opened.bytes);
  const staged = await bringParquet(key, ports);
  await ports.store.delete(key);
  return staged;
}

async function bringParquet(key: string, ports: StagePorts): Promise<Staged> {
  const stored = await storedFile(ports.store, key);
  if (!stored) throw new SourceError("source_gone", "The file is no longer in the store. Upload it again.");
  const file = await openParquet(stored);
  return writeCsv(csvOfRows(file.columns, file.batches()), ports, { delimiter: "," });
}

/** Writes the CSV and reads it in one go. */
async function writeCsv(
  chunks: AsyncIterable<Uint8Array>,
  ports: StagePorts,
  options: CsvStreamOptions = {},
): Promise<Staged> {
  const key = sourceKey(ports.runId);
  const writer = new ObjectWriter(ports.store, key);
  async function* written(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of chunks) {
      ports.signal?.throwIfAborted();
      await writer.write(chunk);
      yield chunk;
    }
  }
  try {
    const layout = await readLayout(written(), options);
    await writer.finish();
    return { key, ...layout };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Looks at the first bytes, which a Parquet file begins with `PAR1`. */
async function peeked(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ isParquet: boolean; bytes: AsyncIterable<Uint8Array> }> {
  const source = chunks[Symbol.asyncIterator]();
  let head = new Uint8Array();
  while (head.length < 4) {
    const next = await source.next();
    if (next.done === true) break;
    head = joinedBytes(head, next.value);
  }
  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    yield head;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  }
  return { isParquet: new TextDecoder("latin1").decode(head.subarray(0, 4)) === "PAR1", bytes: bytes() };
}

/** What `stage` or a dataset has put there itself, so that it needs no checking. */
async function keptJson<Kept>(store: R2Bucket, key: string): Promise<Kept | null> {
  const object = await store.get(key);
  return object === null ? null : object.json<Kept>();
}

async function withSentences(staging: Promise<Staged>): Promise<Staged> {
  try {
    return await staging;
  } catch (error) {
    if (error instanceof CsvError) throw new SourceError(error.code, error.message, false, { cause: error });
    throw error;
  }
}
