export type ColumnType = "text" | "number" | "integer" | "boolean";

export interface DeliveredColumn {
  name: string;
  type: ColumnType;
}

/** The file of a run, as it is handed over: nothing of it is held whole in memory. */
export interface DeliveredFile {
  columns: readonly DeliveredColumn[];
  /** How many rows it has: what is delivered must be as many. */
  rowCount: number;
  /** Its rows from the first one, in batches of at most 10,000, cells in the order of `columns`; null, undefined and NaN are missing. Each call reads anew. */
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
}

/** Whether a cell holds nothing. */
export function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined || (typeof value === "number" && !Number.isFinite(value));
}

/** The text of a cell that is no number and no boolean. */
export function cellText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? "");
}
