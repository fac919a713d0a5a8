import type { CsvBatch } from "../../lib/csv-stream-batch.ts";
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
        if (number === undefined) return type === "boolean" ? booleanOf(batch.text(row, at)) : textOf(batch, row, at);
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

/** true, false, 1 or 0, in upper or lower case; else null. */
export function booleanOf(text: string): boolean | null {
  switch (text.trim().toLowerCase()) {
    case "true":
    case "1":
      return true;
    case "false":
    case "0":
      return false;
    default:
      return null;
  }
}

/** A whole number in digits, exactly: identifiers go beyond what a double holds. Null where it is written otherwise. */
export function integerOf(text: string): bigint | null {
  const digits = text.trim();
  return /^[+-]?\d+$/.test(digits) ? BigInt(digits.replace("+", "")) : null;
}
