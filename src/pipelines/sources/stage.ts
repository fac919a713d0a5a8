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
import { DeclaredTypes } from "./declared-types.ts";
import { joinCsv, type NamedFile } from "./join-csv.ts";
import { joinParquet } from "./join-parquet.ts";
import { ObjectWriter, writeObject } from "./object-writer.ts";
import { openParquet, storedFile } from "./parquet-file.ts";
import { openCursor } from "./query-cursor.ts";
import { readLayout } from "./read-layout.ts";
import { SourceError } from "./source-error.ts";
import type { SourceType } from "./source-type.ts";
import { type ColumnCells, type CsvLayout, sourceKey, sourceParquetKey, type Staged, stagedKey } from "./staged.ts";
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
    refuseDouble(cursor.columns);
    return await writeRows(cursor, cursor.batches, ports);
  } finally {
    await cursor.close();
  }
}

/** What no result file can have twice. */
function refuseDouble(columns: readonly string[]): void {
  const double = columns.find((name, index) => columns.indexOf(name) !== index);
  if (double === undefined) return;
  throw new SourceError(
    "query_columns",
    `The query gives two columns called "${double}". Name the columns that you need, one of them by another name, as in: select a.id, b.id as b_id.`,
  );
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

/** One file or several, of either format; those that are empty are passed over. */
async function bringFiles(files: readonly NamedFile[], ports: StagePorts): Promise<Staged> {
  const { first, opened, rest } = await firstFilled(files);
  if (!opened.isParquet)
    return writeCsv(
      files.length === 1 ? opened.bytes : joinCsv([{ ...first, open: async () => opened.bytes }, ...rest]),
      ports,
    );
  const key = sourceParquetKey(ports.runId);
  const keep = async (name: string, { isParquet, isEmpty, bytes }: Peeked): Promise<boolean> => {
    if (isEmpty) return false;
    if (!isParquet)
      throw new SourceError(
        "objects_differ",
        `${name} is no Parquet file, and ${first.name} is one. Name files of one format.`,
      );
    await writeObject(ports.store, key, bytes);
    return true;
  };
  const joined = await joinParquet(ports.store, key, [
    { name: first.name, keep: () => keep(first.name, opened) },
    ...rest.map(({ name, open }) => ({ name, keep: async () => keep(name, await peeked(await open())) })),
  ]);
  return writeRows(joined, joined.batches, ports);
}

/** The first file that is not empty, or the last one, opened, and those behind it. */
async function firstFilled(
  files: readonly NamedFile[],
): Promise<{ first: NamedFile; opened: Peeked; rest: readonly NamedFile[] }> {
  for (const [index, first] of files.entries()) {
    const opened = await peeked(await first.open());
    const rest = files.slice(index + 1);
    if (!opened.isEmpty || rest.length === 0) return { first, opened, rest };
  }
  throw new SourceError("object_missing", "The source names no file.");
}

async function bringParquet(key: string, ports: StagePorts): Promise<Staged> {
  const stored = await storedFile(ports.store, key);
  if (!stored) throw new SourceError("source_gone", "The file is no longer in the store. Upload it again.");
  const file = await openParquet(stored);
  return writeRows(file, file.batches(), ports);
}

/** Rows that are no CSV yet, with what is declared of their columns. */
async function writeRows(
  { columns, types }: { columns: string[]; types: (SourceType | null)[] },
  batches: AsyncIterable<(string | null)[][]>,
  ports: StagePorts,
): Promise<Staged> {
  const declared = new DeclaredTypes(types);
  const staged = await writeCsv(csvOfRows(columns, declared.watched(batches)), ports, { delimiter: "," });
  return { ...staged, ...withPoints(staged, declared.types), types: declared.types };
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

interface Peeked {
  isParquet: boolean;
  isEmpty: boolean;
  bytes: AsyncIterable<Uint8Array>;
}

/** Looks at the first bytes, which a Parquet file begins with `PAR1`. */
async function peeked(chunks: AsyncIterable<Uint8Array>): Promise<Peeked> {
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
  const isParquet = new TextDecoder("latin1").decode(head.subarray(0, 4)) === "PAR1";
  return { isParquet, isEmpty: head.length === 0, bytes: bytes() };
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

/** Numbers that a source declares are written with a point, whatever the texts beside them look like. */
function withPoints({ cells }: Pick<Staged, "cells">, types: readonly (SourceType | null)[]): Pick<Staged, "cells"> {
  if (!cells) return {};
  return {
    cells: cells.map((column, at): ColumnCells => {
      const isNumber = ["integer", "number", "decimal"].includes(types[at]?.type ?? "text");
      return isNumber ? { type: column.type, marks: "point", ...(column.isLong && { isLong: true }) } : column;
    }),
  };
}
