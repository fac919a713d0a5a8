import type { ColumnSource } from "hyparquet-writer";
import type { CsvBatch } from "../../lib/csv-stream-batch.ts";
import { readTruth } from "../../lib/read-cell.ts";
import { integerOf, truthAsNumber } from "./result-cells.ts";
import type { PlacedColumn } from "./result-rows.ts";
import { daysOf, microsOf, unscaledOf } from "./typed-text.ts";

type ParquetCell = string | number | boolean | bigint | null;

const INT64_MAX = 2n ** 63n - 1n;

/** Rows of a result file in columns, as Parquet is written: used again for each row group. */
export class RowGroup {
  rows = 0;
  readonly #rowsMax: number;
  readonly #columns: readonly PlacedColumn[];
  /** By column; null for those that are no numbers. NaN is a missing one. */
  readonly #numbers: readonly (Float64Array | null)[];
  /** By column; empty for numbers. */
  #cells: ParquetCell[][];

  constructor(columns: readonly PlacedColumn[], rowsMax: number) {
    this.#columns = columns;
    this.#rowsMax = rowsMax;
    this.#numbers = columns.map(({ type }) => (type === "number" ? new Float64Array(rowsMax) : null));
    this.#cells = columns.map(() => []);
  }

  get isFull(): boolean {
    return this.rows === this.#rowsMax;
  }

  /** Takes rows of a batch from `from` on, as many as there is room for, and returns the first one that it did not take. */
  add(batch: CsvBatch, from: number): number {
    const to = Math.min(batch.rows, from + this.#rowsMax - this.rows);
    const others: [PlacedColumn, ParquetCell[], Float64Array | null][] = [];
    for (const [index, column] of this.#columns.entries()) {
      const values = this.#numbers[index];
      const numbers = column.type === "integer" || values ? batch.numbers(column.at) : null;
      if (values && numbers) this.#addNumbers(values, batch, column.at, from, to);
      else others.push([column, this.#cells[index] ?? [], numbers]);
    }
    // Row by row: text is cut out of windows that move forward.
    for (let row = from; row < to; row += 1) {
      for (const [column, cells, numbers] of others) {
        const { at } = column;
        if (numbers) cells.push(wholeNumber(batch, row, at, numbers[row] ?? Number.NaN));
        else cells.push(otherCell(column, batch.text(row, at)));
      }
    }
    this.rows += to - from;
    return to;
  }

  #addNumbers(values: Float64Array, batch: CsvBatch, column: number, from: number, to: number): void {
    values.set(batch.numbers(column).subarray(from, to), this.rows);
    for (let row = from, at = this.rows; row < to; row += 1, at += 1)
      if (Number.isNaN(values[at])) values[at] = truthAsNumber(batch, row, column) ?? Number.NaN;
  }

  /** What was added, to be written before more is. */
  columnData(): ColumnSource[] {
    return this.#columns.map(({ name, role }, index) => {
      const numbers = this.#numbers[index]?.subarray(0, this.rows);
      const data = numbers ? withNulls(numbers) : (this.#cells[index] ?? []);
      // Identifiers of one run differ at their ends only.
      return { name, data, ...(role === "prediction_id" && { encoding: "DELTA_BYTE_ARRAY" }) };
    });
  }

  clear(): void {
    this.rows = 0;
    this.#cells = this.#columns.map(() => []);
  }
}

/** A cell of a column that is no number, as Parquet stores it: days, microseconds, units of a decimal. */
function otherCell({ type, scale = 0 }: PlacedColumn, text: string): ParquetCell {
  switch (type) {
    case "boolean":
      return readTruth(text);
    case "date":
      return daysOf(text);
    case "timestamp":
    case "datetime":
      return microsOf(text);
    case "decimal":
      return unscaledOf(text, scale);
    default:
      return text || null;
  }
}

function withNulls(numbers: Float64Array): Float64Array | (number | null)[] {
  if (!numbers.some(Number.isNaN)) return numbers;
  return Array.from(numbers, (number) => (Number.isNaN(number) ? null : number));
}

/** Null for what is missing, has a fraction, or does not fit into 64 bits. */
function wholeNumber(batch: CsvBatch, row: number, column: number, number: number): bigint | null {
  if (Number.isSafeInteger(number)) return BigInt(number);
  if (!Number.isInteger(number)) return null;
  const exact = integerOf(batch.text(row, column)) ?? BigInt(number);
  return exact <= INT64_MAX && exact >= -INT64_MAX - 1n ? exact : null;
}
