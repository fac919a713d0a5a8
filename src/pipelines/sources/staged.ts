import type { CellType, ShownCell } from "../../lib/cell-evidence.ts";
import type { NumberMarks } from "../../lib/read-cell.ts";
import type { SourceType } from "./source-type.ts";

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
  /** By column, what its cells are. Absent in layouts that were noted before it was looked at. */
  cells?: ColumnCells[];
  /** Only in such layouts: numbers are written 1,5. */
  decimalComma?: boolean;
  rows: number;
  bytes: number;
  /** At most 500, in order, without a gap. */
  ranges: RowRange[];
}

/** What the cells of a column are, and how its numbers are written. */
export interface ColumnCells {
  type: CellType;
  marks: NumberMarks;
  /** Whole numbers beyond what a double holds exactly may be among them. */
  isLong?: true;
  /** Numbers with thousands in groups. */
  grouped?: { count: number; first: ShownCell };
  /** Numbers that may be read wrongly, because the file writes decimals in two ways. */
  unclear?: { count: number; first: ShownCell };
  /** Numbers such as 1.234, where no cell of the file says what parts its decimals. */
  unsettled?: { count: number; first: ShownCell };
}

/** By column, how the numbers of a layout are written. */
export function marksOf({
  columns,
  cells,
  decimalComma = false,
}: Pick<CsvLayout, "columns" | "cells" | "decimalComma">): NumberMarks[] {
  return columns.map((_, column) => cells?.[column]?.marks ?? (decimalComma ? "comma" : "point"));
}

/** The rows of a source as one CSV in the store. */
export interface Staged extends CsvLayout {
  key: string;
  /** What the source declares of each column; null where it does not. Absent: it declares nothing. */
  types?: (SourceType | null)[];
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
