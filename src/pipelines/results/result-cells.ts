import type { CsvBatch } from "../../lib/csv-stream-batch.ts";
import { isTrueOrFalse, readTruth } from "../../lib/read-cell.ts";
import { isNumeric, type PlacedColumn } from "./result-rows.ts";

/** A cell by the type of its column; null: it holds nothing, or nothing of that type. */
export type ResultCell = string | number | bigint | boolean | null;

/** The cells of these columns, row by row; the batch must have been read with the `numbers` of those that are numeric. */
export function resultCells(batch: CsvBatch, columns: readonly PlacedColumn[]): ResultCell[][] {
  const numbers = columns.map((column) => (isNumeric(column) ? batch.numbers(column.at) : null));
  const rows: ResultCell[][] = [];
  for (let row = 0; row < batch.rows; row += 1) {
    rows.push(
      columns.map(({ at, type }, index) => {
        const number = numbers[index]?.[row];
        if (number === undefined) return type === "boolean" ? readTruth(batch.text(row, at)) : textOf(batch, row, at);
        if (Number.isNaN(number)) return truthAsNumber(batch, row, at);
        if (!Number.isFinite(number)) return null;
        return type === "integer" && !Number.isSafeInteger(number)
          ? (integerOf(batch.text(row, at)) ?? number)
          : number;
      }),
    );
  }
  return rows;
}

/** A cell of text; null where it is empty. It may share memory with others of the batch. */
export function textOf(batch: CsvBatch, row: number, column: number): string | null {
  return batch.text(row, column) || null;
}

/** What models read in a cell of a column of numbers that is not written as one: true is 1, false is 0. Null for all others. */
export function truthAsNumber(batch: CsvBatch, row: number, column: number): number | null {
  if (batch.isEmpty(row, column)) return null;
  const text = batch.text(row, column);
  return isTrueOrFalse(text) ? Number(readTruth(text)) : null;
}

/** A whole number in digits, exactly: identifiers go beyond what a double holds. Null where it is written otherwise. */
export function integerOf(text: string): bigint | null {
  const digits = text.trim();
  return /^[+-]?\d+$/.test(digits) ? BigInt(digits.replace("+", "")) : null;
}
