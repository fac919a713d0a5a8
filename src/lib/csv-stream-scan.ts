import { refuseCell, refuseColumns, refuseOpenQuote, refuseStrayQuote } from "./csv-refusals.ts";
import { readNumberIn } from "./csv-number.ts";
import { CSV_CELL_BYTES_MAX, CSV_COLUMNS_MAX } from "./csv-scanner.ts";
import type { NumberMarks } from "./read-cell.ts";

export const QUOTE = 34;
const LF = 10;
const CR = 13;
const MINUS = 45;
// Both parts of a decimal fraction are exact below 2^53 and 10^22, so that one division rounds correctly.
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, power) => Number(`1e${power}`));

export interface ScanSettings {
  delimiter: string;
  /** By column, how its numbers are written; with a point where it says nothing. */
  marks: readonly NumberMarks[];
  /** Fields of a row that are noted; further ones are counted only. */
  fieldsNoted: number;
  /** By column: where its numbers go, by row; null for a column whose numbers are not wanted. */
  numbers: readonly (Float64Array | null)[];
}

/**
 * Finds the fields of rows in bytes that end in the middle of one, and reads plain numbers on the way. The dialect is the one of
 * CsvScanner, which reads whole files.
 */
export class RowScan {
  /** The line on which the next row begins. */
  nextLine: number;
  /** Of the row that was read last: its fields, whether one of them is quoted, and where the last one begins. */
  length = 0;
  isQuoted = false;
  lastStart = 0;
  /** At least 0x80 once a byte outside ASCII was read. */
  seen = 0;

  readonly #delimiter: number;
  readonly #marks: readonly NumberMarks[];
  /** By field, the sign before decimals; -1 where it is the delimiter, so that only quoted cells have decimals. */
  readonly #signs: Int16Array;
  readonly #fieldsNoted: number;
  readonly #numbers: readonly (Float64Array | null)[];
  #bytes: Uint8Array = new Uint8Array();
  #end = 0;
  #isFinal = false;

  constructor({ delimiter, marks, fieldsNoted, numbers }: ScanSettings, firstLine: number) {
    this.nextLine = firstLine;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#marks = marks;
    this.#signs = Int16Array.from(numbers, (_, field) => {
      const sign = marks[field]?.startsWith("comma") ? 44 : 46;
      return sign === this.#delimiter ? -1 : sign;
    });
    this.#fieldsNoted = fieldsNoted;
    this.#numbers = numbers;
  }

  /** Takes bytes up to `end`, where one more byte must have room: a line feed is put there, so that every loop finds an end. */
  use(bytes: Uint8Array, end: number, isFinal: boolean): void {
    bytes[end] = LF;
    this.#bytes = bytes;
    this.#end = end;
    this.#isFinal = isFinal;
  }

  /**
   * Reads the row at `start`: the places where its fields end go to `ends` from `base` on, its numbers to their columns at `row`.
   * Returns the place behind the row, or -1 when the bytes end before it does. Throws CsvError for quotes that do not match and
   * for cells and rows beyond the limits.
   */
  readRow(start: number, ends: Uint32Array, base: number, row: number): number {
    const bytes = this.#bytes;
    const delimiter = this.#delimiter;
    const fieldsNoted = this.#fieldsNoted;
    const numbers = this.#numbers;
    // What ends here is not whole unless nothing comes behind it.
    const openEnd = this.#isFinal ? bytes.length + 1 : this.#end;
    const line = this.nextLine;
    let at = start;
    let field = 0;
    let cell = start;
    this.isQuoted = false;
    for (;;) {
      cell = at;
      const values = numbers[field] ?? null;
      if (values === null) at = bytes[cell] === QUOTE ? this.#readQuoted(cell, line) : this.#readText(cell, line);
      else at = this.#readNumber(cell, line, values, row, field);
      if (at >= openEnd) at = -1;
      if (at < 0) break;
      if (field < fieldsNoted) ends[base + field] = at;
      field++;
      if (bytes[at] !== delimiter) break;
      // One more than the limit, for a delimiter at the very end of a row.
      if (field > CSV_COLUMNS_MAX) refuseColumns(line, CSV_COLUMNS_MAX);
      at++;
    }
    this.length = field;
    this.lastStart = cell;
    if (at >= 0) at = this.#endRow(at);
    if (at < 0) this.nextLine = line;
    return at;
  }

  #readText(cell: number, line: number): number {
    const bytes = this.#bytes;
    const delimiter = this.#delimiter;
    let at = cell;
    let seen = 0;
    for (;;) {
      const byte = bytes[at] ?? LF;
      // A line break is below every delimiter but the tab.
      if (byte === delimiter || (byte <= CR && (byte === LF || byte === CR))) break;
      seen |= byte;
      at++;
    }
    if (seen >= 0x80) this.seen = seen;
    if (at - cell > CSV_CELL_BYTES_MAX) refuseCell(line);
    return at;
  }

  /** Digits with a sign and a fraction, as nearly all numbers are written, are read at once; anything else as the exact way does. */
  #readNumber(cell: number, line: number, values: Float64Array, row: number, field: number): number {
    const bytes = this.#bytes;
    let at = cell;
    let byte = bytes[at] ?? LF;
    const isNegative = byte === MINUS;
    if (isNegative) byte = bytes[++at] ?? LF;
    const first = at;
    let mantissa = 0;
    while (byte >= 48 && byte <= 57) {
      mantissa = mantissa * 10 + byte - 48;
      byte = bytes[++at] ?? LF;
    }
    let digits = at - first;
    let size = mantissa;
    if (byte === this.#signs[field] && digits <= EXACT_DIGITS) {
      const point = at;
      byte = bytes[++at] ?? LF;
      while (byte >= 48 && byte <= 57) {
        mantissa = mantissa * 10 + byte - 48;
        byte = bytes[++at] ?? LF;
      }
      const decimals = at - point - 1;
      digits += decimals;
      size = mantissa / (POWERS_OF_TEN[decimals] ?? 1);
    }
    const isWhole = byte === this.#delimiter || byte === LF || byte === CR;
    if (!isWhole || digits === 0 || digits > EXACT_DIGITS) return this.#readUnusual(cell, line, values, row, field);
    values[row] = isNegative ? 0 - size : size;
    return at;
  }

  #readUnusual(cell: number, line: number, values: Float64Array, row: number, field: number): number {
    if (this.#bytes[cell] !== QUOTE) {
      const at = this.#readText(cell, line);
      values[row] = this.#unusualNumber(cell, at, field);
      return at;
    }
    const at = this.#readQuoted(cell, line);
    if (at >= 0) values[row] = this.#unusualNumber(cell + 1, closingQuote(this.#bytes, at), field);
    return at;
  }

  #unusualNumber(start: number, end: number, field: number): number {
    if (start >= end) return Number.NaN;
    return readNumberIn(this.#bytes, start, end, this.#marks[field] ?? "point") ?? Number.NaN;
  }

  /** The place behind the quoted cell at `open`, which holds a delimiter, a line break or nothing; -1 when the bytes end in it. */
  #readQuoted(open: number, line: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    const openLine = this.nextLine;
    let doubled = 0;
    let seen = 0;
    let at = open + 1;
    for (; at < end; at++) {
      const byte = bytes[at] ?? 0;
      seen |= byte;
      if (byte === QUOTE) {
        if (at + 1 >= end || bytes[at + 1] !== QUOTE) break;
        doubled++;
        at++;
      } else if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) this.nextLine++;
    }
    if (seen >= 0x80) this.seen = seen;
    if (at >= end && this.#isFinal) refuseOpenQuote(openLine);
    if (at - open - 1 - doubled > CSV_CELL_BYTES_MAX) refuseCell(line);
    let after = at + 1;
    while (after < end && (bytes[after] === 32 || bytes[after] === 9) && bytes[after] !== this.#delimiter) after++;
    if (after >= end && !this.#isFinal) return -1;
    const byte = bytes[after];
    if (after < end && byte !== this.#delimiter && byte !== LF && byte !== CR) {
      refuseStrayQuote(openLine, this.nextLine);
    }
    this.isQuoted = true;
    return after;
  }

  #endRow(at: number): number {
    const end = this.#end;
    if (at >= end) return end;
    if (this.#bytes[at] === CR) {
      // Whether a line feed belongs to it shows only in what comes next.
      if (at + 1 >= end && !this.#isFinal) return -1;
      if (at + 1 < end && this.#bytes[at + 1] === LF) at++;
    }
    this.nextLine++;
    return at + 1;
  }
}

/** The place of the quote that closes the quoted cell which ends at `end`: blanks may stand between. */
export function closingQuote(bytes: Uint8Array, end: number): number {
  let at = end - 1;
  while (bytes[at] !== QUOTE) at--;
  return at;
}
