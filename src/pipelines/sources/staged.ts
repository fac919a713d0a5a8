/** A range of whole rows of a CSV, to be read by itself. */
export interface RowRange {
  /** In bytes from the start of the file. */
  offset: number;
  length: number;
  /** Rows before it; the header is none. */
  firstRow: number;
  rows: number;
  /** The line of the file on which it begins, from 1: quoted cells may hold line breaks. */
  firstLine: number;
}

/** How a CSV is written, and where its rows lie. */
export interface CsvLayout {
  columns: string[];
  delimiter: string;
  decimalComma: boolean;
  rows: number;
  bytes: number;
  /** At most 500, in order, without a gap. */
  ranges: RowRange[];
}

/** The rows of a source as one CSV in the store. */
export interface Staged extends CsvLayout {
  key: string;
}

/** Where a run keeps the rows that it was started on. */
export function sourceKey(runId: string): string {
  return `runs/${runId}/source.csv`;
}

/** A Parquet file on its way to becoming the CSV. */
export function sourceParquetKey(runId: string): string {
  return `runs/${runId}/source.parquet`;
}

/** What `stage` found out; it is there once the CSV is whole. */
export function stagedKey(runId: string): string {
  return `runs/${runId}/staged.json`;
}
