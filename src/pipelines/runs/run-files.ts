import { AppError } from "../../errors.ts";
import { resultCsv } from "../../inference/batch/result-csv.ts";
import { readRunResult, resultParquetKey } from "../../inference/batch/run-result.ts";
import { slugify } from "../../lib/id.ts";
import { CONTENT_TYPES } from "../delivery/deliver-s3.ts";
import { errorsParquet } from "../results/errors-parquet.ts";
import type { RunFiles } from "../schema.ts";
import type { Run } from "./queries.ts";

export const RUN_FILES = ["main", "challenger", "errors"] as const satisfies readonly (keyof RunFiles)[];
export type RunFile = (typeof RUN_FILES)[number];
export const FILE_FORMATS = ["csv", "parquet"] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** A file of a run as it lies in the store. */
export interface OpenedFile {
  body: ReadableStream<Uint8Array>;
  /** Null where it is made while it is read. */
  bytes: number | null;
  contentType: string;
  /** Letters, digits and hyphens: `nightly-scores-2026-05-04-0600-main.csv`. */
  name: string;
}

/** Opens a file of a run. 404 when the run has none: it is not finished, or there is no challenger. */
export async function openRunFile(store: R2Bucket, run: Run, file: RunFile, format: FileFormat): Promise<OpenedFile> {
  const opened = run.files?.[file] ? await openPart(store, run.id, file, format) : null;
  if (!opened) throw new AppError("not_found", reasonOf(run, file));
  return { ...opened, contentType: CONTENT_TYPES[format], name: nameOf(run, file, format) };
}

async function openPart(
  store: R2Bucket,
  runId: string,
  file: RunFile,
  format: FileFormat,
): Promise<Pick<OpenedFile, "body" | "bytes"> | null> {
  if (file !== "errors" && format === "parquet") {
    const object = await store.get(resultParquetKey(runId, file));
    return object && { body: object.body, bytes: object.size };
  }
  const result = await readRunResult(store, runId);
  const part = result?.[file];
  if (!result || !part) return null;
  if (file === "errors" && format === "parquet") return { body: errorsParquet(store, result), bytes: null };
  const gone = () => new AppError("not_found", "The file of this run is gone.");
  return { body: await resultCsv(store, result, file, gone), bytes: part.bytes };
}

function reasonOf({ state, files }: Run, file: RunFile): string {
  if (files === null)
    return state === "queued" || state === "running"
      ? "The run has not finished this file yet. Look at its state and ask again."
      : "The run ended before its files were made.";
  if (file === "challenger") return "There was no challenger in this run, so it has no such file.";
  return "The file of this run is gone.";
}

function nameOf({ pipeline, slot, startedAt, createdAt }: Run, file: RunFile, format: FileFormat): string {
  const [date = "", time = ""] = new Date(slot ?? startedAt ?? createdAt).toISOString().split("T");
  return `${slugify(pipeline.name) || "pipeline"}-${date}-${time.slice(0, 5).replace(":", "")}-${file}.${format}`;
}
