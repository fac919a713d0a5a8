import type { Caller } from "../../access/caller.ts";
import { LIMITS } from "../../config.ts";
import type { Database } from "../../db.ts";
import { AppError, type ErrorCode } from "../../errors.ts";
import type { NamedDataset, OfferedDataset, ProjectDatasets } from "../../experiments/project-datasets.ts";
import { sniffDelimiter } from "../../lib/csv-sniff.ts";
import { csvOfRows } from "../sources/csv-rows.ts";
import { openParquet, storedFile } from "../sources/parquet-file.ts";
import { SourceError } from "../sources/source-error.ts";
import { fileKey } from "./dataset-files.ts";
import { type DatasetRow, findDataset, listDatasets } from "./queries.ts";

/** Datasets as the training data of experiments. */
export const trainingDatasets: ProjectDatasets = { offered, readCsv };

async function offered(db: Database, caller: Caller, projectId: string): Promise<OfferedDataset[]> {
  const page = { limit: LIMITS.listItemsMax, cursor: null };
  const { items } = await listDatasets(db, caller, projectId, page);
  return items
    .filter((dataset) => dataset.state === "succeeded" && csvBytesMin(dataset) <= LIMITS.uploadBytesMax)
    .map(({ id, name, rows }) => ({ id, name, rows }));
}

async function readCsv(
  { db, store }: { db: Database; store: R2Bucket },
  projectId: string,
  { id, field }: NamedDataset,
  bytesMax: number,
): Promise<Uint8Array> {
  const refuse = (code: ErrorCode, message: string): never => {
    throw new AppError(code, message, { errors: [{ path: field, message }] });
  };
  const dataset = await findDataset(db, projectId, id);
  if (!dataset) return refuse("invalid_input", "Dataset not found in this project.");
  if (dataset.state === "failed")
    return refuse("invalid_input", "This dataset could not be read. Upload a corrected file and use that one.");
  if (dataset.state !== "succeeded")
    return refuse("conflict", "This dataset is still being read. Wait until its state is succeeded.");
  if (csvBytesMin(dataset) > bytesMax) return refuse("too_large", tooLarge(dataset));
  try {
    const bytes = await (dataset.format === "csv" ? storedCsv(store, id) : parquetAsCsv(store, id, bytesMax));
    return bytes ?? refuse("too_large", tooLarge(dataset));
  } catch (error) {
    if (error instanceof SourceError) return refuse("invalid_input", error.message);
    throw error;
  }
}

/** What the CSV has at the least: each cell of a Parquet file becomes a delimiter or line break and its text. */
function csvBytesMin({ format, bytes, rows, columns }: DatasetRow): number {
  return format === "csv" ? bytes : (rows ?? 0) * (columns?.length ?? 0);
}

function tooLarge({ name }: DatasetRow): string {
  return `As CSV, training data and holdout together may have at most ${LIMITS.uploadBytesMax / 1_000_000} MB, and ${name} is too large. Use a dataset with a sample of its rows.`;
}

async function storedCsv(store: R2Bucket, id: string): Promise<Uint8Array> {
  const object = await store.get(fileKey(id));
  if (!object) throw gone();
  return new Uint8Array(await object.arrayBuffer());
}

/** Null as soon as it has more than `bytesMax`: what does not fit is never held. */
async function parquetAsCsv(store: R2Bucket, id: string, bytesMax: number): Promise<Uint8Array | null> {
  const stored = await storedFile(store, fileKey(id));
  if (!stored) throw gone();
  const { columns, batches } = await openParquet(stored);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of csvOfRows(columns, batches())) {
    length += piece.length;
    if (length > bytesMax) return null;
    pieces.push(piece);
  }
  const csv = new Uint8Array(await new Blob(pieces).arrayBuffer());
  // What reads training data finds the delimiter by itself, and these commas must be what it finds.
  if (sniffDelimiter(csv) === ",") return csv;
  throw new SourceError(
    "parquet_names",
    "Column names in this Parquet file contain semicolons or tabs, which look like delimiters in a CSV. Rename these columns.",
  );
}

function gone(): SourceError {
  return new SourceError("source_gone", "The file of this dataset is no longer in the store. Upload it again.");
}
