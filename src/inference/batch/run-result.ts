import type { ModelRole } from "../../engine/sessions.ts";
import { tryAgain } from "../../lib/try-again.ts";

/** What a column of a result file holds. */
export interface ResultColumn {
  name: string;
  /** `timestamp` is a moment in UTC, `datetime` one of a clock whose zone is not told. */
  type: "text" | "number" | "integer" | "boolean" | "decimal" | "date" | "timestamp" | "datetime";
  /** Of a decimal: digits in all, and those of them behind the point. */
  precision?: number;
  scale?: number;
  /** Whence it comes: `source` columns stand first, as they were read; the others are ours. */
  role: "source" | "prediction_id" | "prediction" | "probability" | "extra";
}

/** Some rows of a result file that lie together: what is read to find one of them. */
export interface ResultBlock {
  /** The range whose lines they are among. */
  range: number;
  /** In bytes from the start of these lines, and the length of it. */
  offset: number;
  length: number;
  rows: number;
  /** Place of its first row among the rows of the source, from 0; rows that failed are missing in between. */
  firstRow: number;
  /** Rows on which both models disagree. */
  disagreements: number;
}

/**
 * A CSV of predictions: commas, a header, rows in the order of the source. It is not one object of the store: its lines stay where each
 * range has written them, and are read one behind the other.
 */
export interface ResultFile {
  columns: ResultColumn[];
  rows: number;
  /** Of the whole file, with its header. */
  bytes: number;
  /** Bytes of the lines of each range; 0: the range has written none. */
  ranges: number[];
  blocks: ResultBlock[];
}

/** What a batch run has made, written once all its ranges have been predicted. */
export interface RunResult {
  runId: string;
  deploymentId: string;
  version: number;
  /** When the run began, UTC ms: the time of all its records. */
  at: number;
  /** Of the source. */
  rows: number;
  main: ResultFile;
  /** Null: the version has no challenger. */
  challenger: ResultFile | null;
  /** `line,row,model,reason` of each row that a model did not answer. */
  errors: { rows: number; bytes: number; ranges: number[] };
}

/** A file of a run. */
export type ResultPart = ModelRole | "errors";

/** Everything of a run lies under it. */
export function runPrefix(runId: string): string {
  return `runs/${runId}/`;
}

/** Everything that ranges have written lies under it. */
function rangesPrefix(runId: string): string {
  return `${runPrefix(runId)}ranges/`;
}

/** The lines of a range for one of the files. */
export function rangeKey(runId: string, range: number, part: ResultPart): string {
  return `${rangesPrefix(runId)}${range}/${part}.csv`;
}

/** What came of a range: written when its lines are. */
export function rangeReportKey(runId: string, range: number): string {
  return `${rangesPrefix(runId)}${range}/report.json`;
}

/** What a model answered, as Parquet. */
export function resultParquetKey(runId: string, role: ModelRole): string {
  return `${runPrefix(runId)}${role}.parquet`;
}

function resultKey(runId: string): string {
  return `${runPrefix(runId)}result.json`;
}

/** Says that the files of a run are whole, and what is in them. */
export async function writeRunResult(store: R2Bucket, result: RunResult): Promise<void> {
  const text = JSON.stringify(result);
  await tryAgain(() => store.put(resultKey(result.runId), text));
}

/** Whether the CSVs of a run are whole. */
export async function hasRunResult(store: R2Bucket, runId: string): Promise<boolean> {
  return (await store.head(resultKey(runId))) !== null;
}

/** What a run has made; null before its files are whole. */
export async function readRunResult(store: R2Bucket, runId: string): Promise<RunResult | null> {
  const object = await store.get(resultKey(runId));
  return object === null ? null : object.json<RunResult>();
}
