import type { DateOrder } from "../results/typed-text.ts";
import type { ResultColumn } from "../../inference/batch/run-result.ts";

export type ColumnType = ResultColumn["type"];

export type DeliveredColumn = Pick<ResultColumn, "name" | "type" | "precision" | "scale">;

/** The file of a run, as it is handed over: nothing of it is held whole in memory. */
export interface DeliveredFile {
  columns: readonly DeliveredColumn[];
  /** How many rows it has: what is delivered must be as many. */
  rowCount: number;
  /**
   * Its rows from the first one, in batches of at most 10,000, cells in the order of `columns`; null, undefined and NaN are missing. Each
   * call reads anew.
   */
  rows(): AsyncIterable<unknown[][]>;
  /** Its bytes in that format, from the first one. */
  bytes(format: "csv" | "parquet"): Promise<ReadableStream<Uint8Array>>;
}

/** What is delivered, by which a repeated delivery is known again. */
export interface DeliveryRun {
  /** Of the run. */
  id: string;
  /** Place among the pipeline's destinations. */
  position: number;
  /** When the run began: {date} of a key pattern is its day, UTC. */
  startedAtMs: number;
  /** How the source writes dates such as 01/02/2024; undefined: nobody has said. */
  dates?: DateOrder | undefined;
  /** Of the deployment, and the name of its main model. */
  version?: number;
  model?: string;
}

/** What came of a delivery. */
export interface Delivered {
  rows: number;
  /** What is to be known of it, in sentences. */
  notes?: string[];
}

/** Whether a cell holds nothing. */
export function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined || (typeof value === "number" && !Number.isFinite(value));
}

/** The text of a cell that is no number and no boolean; dates and times come as ISO 8601. */
export function cellText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? "");
}
