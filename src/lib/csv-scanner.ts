import { refuseCell, refuseColumns, refuseOpenQuote, refuseStrayQuote } from "./csv-refusals.ts";
import type { CellEvidence } from "./cell-evidence.ts";
import { characterEnd } from "./csv-encoding.ts";
import { readNumberIn } from "./csv-number.ts";
import { csvStart } from "./csv-sniff.ts";
import type { NumberMarks } from "./read-cell.ts";

export const CSV_COLUMNS_MAX = 4096;
export const CSV_CELL_BYTES_MAX = 64_000;

// Cells are cut from decoded pieces of this size: decoding each by itself costs several times as much.
const WINDOW_BYTES = 8192;
const QUOTE = 34;
const LF = 10;
const CR = 13;

/** A row of a CSV, to be read before the next one is asked for. */
export interface CsvRow {
  /** The line on which the row begins; the first line of the file is 1. */
  readonly line: number;
  /** How many fields it has; fields count from 0. */
  readonly length: number;
  isEmpty(field: number): boolean;
  /** The field, unquoted. It may share memory with a piece of the file: copy what is kept for long with `keepText`. */
  text(field: number): string;
  /** What `readNumber` makes of the field, without making a string of most of them. */
  number(field: number, marks: NumberMarks): number | null;
  /** Shows the field to who finds out how its column is written. */
  show(field: number, to: CellEvidence): void;
}

/** Reads the rows of a CSV in valid UTF-8 one after the other, in place. */
export class CsvScanner implements CsvRow {
  line = 0;
  length = 0;

  readonly #bytes: Uint8Array;
  readonly #delimiter: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #at: number;
  #nextLine = 1;

  // Where each field of the row lies, and how many doubled quotes it holds.
  #starts = new Uint32Array(64);
  #ends = new Uint32Array(64);
  #doubled = new Uint32Array(64);
  #isQuoted = false;

  #window = "";
  #windowStart = 0;
  #windowEnd = 0;

  constructor(bytes: Uint8Array, delimiter: string) {
    this.#bytes = bytes;
    this.#delimiter = delimiter.charCodeAt(0);
    const start = csvStart(bytes);
    this.#at = start.at;
    this.#nextLine = start.line;
  }

  isEmpty(field: number): boolean {
    return this.#starts[field] === this.#ends[field];
  }

  text(field: number): string {
    const text = this.#cut(this.#starts[field] ?? 0, this.#ends[field] ?? 0);
    return this.#doubled[field] === 0 ? text : text.replaceAll('""', '"');
  }

  number(field: number, marks: NumberMarks): number | null {
    return readNumberIn(this.#bytes, this.#starts[field] ?? 0, this.#ends[field] ?? 0, marks);
  }

  show(field: number, to: CellEvidence): void {
    to.add(this.#bytes, this.#starts[field] ?? 0, this.#ends[field] ?? 0, this.line);
  }

  /**
   * Goes on to the next row; false after the last one. Lines that are empty or blank are passed over.
   * Throws CsvError for quotes that do not match and for cells and rows beyond the limits.
   */
  next(): boolean {
    while (this.#at < this.#bytes.length) {
      this.line = this.#nextLine;
      this.#readRow();
      if (this.length > 1 || this.#isQuoted || this.text(0).trim() !== "") return true;
    }
    return false;
  }

  #readRow(): void {
    const bytes = this.#bytes;
    const end = bytes.length;
    const delimiter = this.#delimiter;
    let at = this.#at;
    this.length = 0;
    this.#isQuoted = false;
    for (;;) {
      if (bytes[at] === QUOTE) at = this.#readQuoted(at);
      else {
        const start = at;
        while (at < end) {
          const byte = bytes[at];
          if (byte === delimiter || byte === LF || byte === CR) break;
          at++;
        }
        this.#addField(start, at, 0);
      }
      if (bytes[at] !== delimiter) break;
      at++;
    }
    if (at < end) {
      at += bytes[at] === CR && bytes[at + 1] === LF ? 2 : 1;
      this.#nextLine++;
    }
    this.#at = at;
  }

  /** Reads the quoted field at `open` and gives the place behind it, which holds a delimiter, a line break or nothing. */
  #readQuoted(open: number): number {
    const bytes = this.#bytes;
    const end = bytes.length;
    const openLine = this.#nextLine;
    let doubled = 0;
    let close = open + 1;
    for (; close < end; close++) {
      const byte = bytes[close];
      if (byte === QUOTE) {
        if (bytes[close + 1] !== QUOTE) break;
        doubled++;
        close++;
      } else if (byte === LF || (byte === CR && bytes[close + 1] !== LF)) this.#nextLine++;
    }
    if (close >= end) refuseOpenQuote(openLine);
    let after = close + 1;
    while ((bytes[after] === 32 || bytes[after] === 9) && bytes[after] !== this.#delimiter) after++;
    const byte = bytes[after];
    if (after < end && byte !== this.#delimiter && byte !== LF && byte !== CR) {
      refuseStrayQuote(openLine, this.#nextLine);
    }
    this.#isQuoted = true;
    this.#addField(open + 1, close, doubled);
    return after;
  }

  #addField(start: number, end: number, doubled: number): void {
    const index = this.length;
    // One more than the limit, for a delimiter at the very end of a row.
    if (index > CSV_COLUMNS_MAX) refuseColumns(this.line, CSV_COLUMNS_MAX);
    if (end - start - doubled > CSV_CELL_BYTES_MAX) refuseCell(this.line);
    if (index === this.#starts.length) this.#growFields();
    this.#starts[index] = start;
    this.#ends[index] = end;
    this.#doubled[index] = doubled;
    this.length = index + 1;
  }

  #growFields(): void {
    this.#starts = doubledSize(this.#starts);
    this.#ends = doubledSize(this.#ends);
    this.#doubled = doubledSize(this.#doubled);
  }

  #cut(start: number, end: number): string {
    if (start < this.#windowStart || end > this.#windowEnd) {
      this.#windowStart = start;
      this.#windowEnd = characterEnd(this.#bytes, Math.max(start + WINDOW_BYTES, end));
      this.#window = this.#decoder.decode(this.#bytes.subarray(start, this.#windowEnd));
    }
    const isAscii = this.#window.length === this.#windowEnd - this.#windowStart;
    if (isAscii) return this.#window.slice(start - this.#windowStart, end - this.#windowStart);
    return this.#decoder.decode(this.#bytes.subarray(start, end));
  }
}

function doubledSize(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
