import { characterEnd } from "./csv-encoding.ts";
import { CsvError } from "./csv-error.ts";
import type { CellEvidence } from "./cell-evidence.ts";
import { readNumberIn } from "./csv-number.ts";
import type { RowShapes } from "./csv-row-shapes.ts";
import { closingQuote, QUOTE, RowScan } from "./csv-stream-scan.ts";
import type { NumberMarks } from "./read-cell.ts";

export const BATCH_ROWS_MAX = 10_000;
// Cells are cut from decoded pieces of this size: decoding each by itself costs several times as much.
const WINDOW_BYTES = 8192;

export interface BatchSettings {
  columns: number;
  delimiter: string;
  /** By column, how its numbers are written; with a point where it says nothing. */
  marks: readonly NumberMarks[];
  /** Columns, from 0, of which `numbers` is wanted. */
  numeric: readonly number[];
  /** Judges the number of fields of each row; null where that has been done before. */
  shapes: RowShapes | null;
  /** Fields of the header: of rows like it one is judged for all. */
  fieldsUsual: number;
  firstLine: number;
  rowsMax: number;
}

/** Up to 10,000 rows of a CSV, in columns. What it holds is there until the next batch is asked for. */
export class CsvBatch {
  rows = 0;
  readonly columns: number;

  readonly #settings: BatchSettings;
  readonly #scan: RowScan;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #numbers: (Float64Array | null)[];
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #lines: Float64Array;
  #bytes: Uint8Array = new Uint8Array();
  #end = 0;
  #position = 0;
  #hasUsual = false;
  #isMisfit = false;

  #window = "";
  #windowStart = 0;
  #windowEnd = 0;

  constructor(settings: BatchSettings) {
    const { columns, delimiter, marks, numeric, firstLine, rowsMax } = settings;
    this.#settings = settings;
    this.columns = columns;
    this.#starts = new Uint32Array(rowsMax);
    this.#lines = new Float64Array(rowsMax);
    this.#ends = new Uint32Array(rowsMax * columns);
    this.#numbers = Array.from({ length: columns }, (_, column) =>
      numeric.includes(column) ? new Float64Array(rowsMax) : null,
    );
    this.#scan = new RowScan({ delimiter, marks, fieldsNoted: columns, numbers: this.#numbers }, firstLine);
  }

  /** The line on which the next row begins. */
  get nextLine(): number {
    return this.#scan.nextLine;
  }

  /** Fields of the row that was read last, with those that have no column. */
  get fields(): number {
    return this.#scan.length;
  }

  /** The line on which a row begins; the first line of the file is 1. */
  line(row: number): number {
    return this.#lines[row] ?? 0;
  }

  /** Where a row begins, in bytes from the start of the stream. */
  offset(row: number): number {
    return this.#position + (this.#starts[row] ?? 0);
  }

  /** The row as it is written, from its first cell to the end of its last one. Shares memory with the batch. */
  raw(row: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[row] ?? 0, this.#cellEnd(row, this.columns - 1));
  }

  isEmpty(row: number, column: number): boolean {
    const start = this.#cellStart(row, column);
    const end = this.#cellEnd(row, column);
    return start === end || (this.#bytes[start] === QUOTE && closingQuote(this.#bytes, end) === start + 1);
  }

  /** The cell, unquoted; "" is a missing one. It may share memory with others: copy what is kept for long with `keepText`. */
  text(row: number, column: number): string {
    const start = this.#cellStart(row, column);
    const end = this.#cellEnd(row, column);
    if (this.#bytes[start] !== QUOTE) return this.#cut(start, end);
    return this.#cut(start + 1, closingQuote(this.#bytes, end)).replaceAll('""', '"');
  }

  /** What `readNumber` makes of the cell: null for a missing cell and for text that is not a number. */
  number(row: number, column: number): number | null {
    const start = this.#cellStart(row, column);
    const end = this.#cellEnd(row, column);
    const marks = this.#settings.marks[column] ?? "point";
    if (this.#bytes[start] !== QUOTE) return readNumberIn(this.#bytes, start, end, marks);
    return readNumberIn(this.#bytes, start + 1, closingQuote(this.#bytes, end), marks);
  }

  /** Shows all cells to who finds out how each column is written. */
  show(to: readonly CellEvidence[]): void {
    const bytes = this.#bytes;
    for (let row = 0; row < this.rows; row++) {
      let start = this.#starts[row] ?? 0;
      const line = this.#lines[row] ?? 0;
      for (let column = 0; column < this.columns; column++) {
        const end = this.#ends[row * this.columns + column] ?? 0;
        const isQuoted = bytes[start] === QUOTE;
        to[column]?.add(bytes, isQuoted ? start + 1 : start, isQuoted ? closingQuote(bytes, end) : end, line);
        start = end + 1;
      }
    }
  }

  /** `number` of each row of a column that was named as numeric: NaN where it is null. Throws for another column. */
  numbers(column: number): Float64Array {
    const values = this.#numbers[column];
    if (!values) throw new Error(`The numbers of column ${column} were not requested.`);
    return values.subarray(0, this.rows);
  }

  /**
   * Reads whole rows of `bytes` from `start` to `end`, where one more byte must have room, and returns the place behind them.
   * `position` is where the bytes lie in the stream. Once rows do not fit together it counts and gives none.
   */
  read(bytes: Uint8Array, start: number, end: number, isFinal: boolean, position: number): number {
    const scan = this.#scan;
    const { columns, rowsMax } = this.#settings;
    scan.use(bytes, end, isFinal);
    scan.seen = 0;
    this.#bytes = bytes;
    this.#position = position;
    this.#windowEnd = 0;
    this.#window = "";
    this.rows = 0;
    let at = start;
    while (at < end && this.rows < rowsMax) {
      const line = scan.nextLine;
      const next = scan.readRow(at, this.#ends, this.rows * columns, this.rows);
      if (next < 0) break;
      if (!this.#isBlank(at, next)) this.#admit(at, next, line);
      at = next;
    }
    this.#end = at;
    // Bytes of an incomplete row may be among those seen: then this only looks once too often.
    if (scan.seen >= 0x80) refuseInvalidUtf8(this.#decoder, bytes.subarray(start, at), scan.nextLine);
    return at;
  }

  #isBlank(start: number, next: number): boolean {
    const { length, isQuoted } = this.#scan;
    if (length > 1 || isQuoted) return false;
    const byte = this.#bytes[start] ?? 0;
    if (byte > 32 && byte < 0x80) return false;
    // A cell that is not UTF-8 is not blank either.
    return new TextDecoder().decode(this.#bytes.subarray(start, next)).trim() === "";
  }

  #admit(start: number, next: number, line: number): void {
    const { length } = this.#scan;
    const { columns, fieldsUsual, shapes } = this.#settings;
    if (shapes === null) {
      if (length < columns) throw new Error(`Line ${line} has ${length} fields instead of ${columns}.`);
    } else if (!this.#hasUsual || length !== fieldsUsual || (length > columns && !this.#isLastEmpty(next))) {
      const isEmpty = () => this.#isLastEmpty(next);
      if (!shapes.admit({ line, length, isEmpty })) this.#isMisfit = true;
    }
    if (length === fieldsUsual && (length === columns || this.#isLastEmpty(next))) this.#hasUsual = true;
    if (this.#isMisfit) return;
    this.#starts[this.rows] = start;
    this.#lines[this.rows] = line;
    this.rows++;
  }

  #isLastEmpty(next: number): boolean {
    const start = this.#scan.lastStart;
    const byte = this.#bytes[start];
    if (start >= next || byte === 10 || byte === 13) return true;
    return byte === QUOTE && this.#bytes[start + 1] === QUOTE && this.#bytes[start + 2] !== QUOTE;
  }

  #cellStart(row: number, column: number): number {
    if (column === 0) return this.#starts[row] ?? 0;
    return (this.#ends[row * this.columns + column - 1] ?? 0) + 1;
  }

  #cellEnd(row: number, column: number): number {
    return this.#ends[row * this.columns + column] ?? 0;
  }

  #cut(start: number, end: number): string {
    if (start < this.#windowStart || end > this.#windowEnd) {
      this.#windowStart = start;
      const whole = this.#bytes.subarray(0, this.#end);
      this.#windowEnd = characterEnd(whole, Math.max(start + WINDOW_BYTES, end));
      this.#window = this.#decoder.decode(whole.subarray(start, this.#windowEnd));
    }
    const isAscii = this.#window.length === this.#windowEnd - this.#windowStart;
    if (isAscii) return this.#window.slice(start - this.#windowStart, end - this.#windowStart);
    return this.#decoder.decode(this.#bytes.subarray(start, end));
  }
}

/** Throws csv_encoding naming the line; `nextLine` is the one behind the bytes. */
function refuseInvalidUtf8(decoder: TextDecoder, rows: Uint8Array, nextLine: number): void {
  if (decodes(decoder, rows)) return;
  const starts = lineStarts(rows);
  const bad = starts.findIndex((start, index) => !decodes(decoder, rows.subarray(start, starts[index + 1])));
  const line = nextLine - (starts.length - 1) + bad;
  throw new CsvError(
    "csv_encoding",
    `Line ${line} is not valid UTF-8. Save it as CSV in UTF-8 (Excel calls that "CSV UTF-8") and send it again.`,
    { line },
  );
}

function lineStarts(bytes: Uint8Array): number[] {
  const starts = [0];
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === 13 && bytes[at + 1] === 10) at++;
    else if (bytes[at] !== 10 && bytes[at] !== 13) continue;
    starts.push(at + 1);
  }
  return starts;
}

function decodes(decoder: TextDecoder, bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
