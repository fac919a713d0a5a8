import { refuseInvalidUtf8, textStart } from "./csv-encoding.ts";
import { CsvError } from "./csv-error.ts";
import { CellEvidence } from "./cell-evidence.ts";
import { parsePlainIn } from "./csv-number.ts";
import { RowShapes } from "./csv-row-shapes.ts";
import { CSV_COLUMNS_MAX, CsvScanner } from "./csv-scanner.ts";
import { sniffDelimiter } from "./csv-sniff.ts";
import { type ColumnMarks, decideMarks } from "./decide-marks.ts";
import type { CsvRow } from "./csv-scanner.ts";
import type { CsvDelimiter } from "./csv-sniff.ts";

export interface CsvOptions {
  /** Found by looking when absent. */
  delimiter?: CsvDelimiter;
}

export interface CsvHeader {
  /** Names of the columns, without surrounding blanks, in the order of the file. */
  columns: string[];
  delimiter: CsvDelimiter;
}

export interface CsvInfo extends CsvHeader {
  /** Rows of data: without the header and blank lines. */
  rows: number;
}

/**
 * Reads the header of a CSV in UTF-8 (a byte order mark is passed over) and how the file is written.
 * Throws CsvError: csv_empty, csv_encoding, csv_duplicate_header, csv_empty_header, csv_too_many_columns, or what its
 * first rows have wrong.
 */
export function readCsvHeader(bytes: Uint8Array, options: CsvOptions = {}): CsvHeader {
  // First what the file is: UTF-16 and workbooks are told apart from text that is damaged.
  textStart(bytes);
  refuseInvalidUtf8(bytes);
  const delimiter = options.delimiter ?? sniffDelimiter(bytes);
  const scanner = new CsvScanner(bytes, delimiter);
  if (!scanner.next()) throw new CsvError("csv_empty", "The file is empty. Upload a CSV with a header row and data.");
  const columns = fieldsOf(scanner, scanner.length).map((name) => name.trim());
  if (columns.length > 1 && columns.at(-1) === "") columns.pop();
  checkNames(columns, scanner.line);
  return { columns, delimiter };
}

/**
 * Calls `onRow` with the fields of each row of data, as many as there are columns, and the line on which the row begins;
 * an empty string is a missing cell. Quoted fields may hold delimiters, line breaks and doubled quotes; rows end with
 * LF, CRLF or CR; blank lines are passed over. A delimiter at the very end is tolerated when every row has it.
 * Fields may share memory with a window of the file: keep one beyond the call with `keepText`.
 *
 * Throws CsvError. Rows that do not fit the header end the calls of `onRow`; the error comes after the last row, so that
 * it can say how many there are. A file with no row of data is csv_header_only.
 */
export function readCsv(
  bytes: Uint8Array,
  options: CsvOptions,
  onRow: (fields: string[], line: number) => void,
): CsvInfo {
  return visitCsv(bytes, options, (row, header) => onRow(fieldsOf(row, header.columns.length), row.line));
}

/** `readCsv` for large files: `onRow` gets a view of the row, which makes strings only of the fields it is asked for. */
export function visitCsv(
  bytes: Uint8Array,
  options: CsvOptions,
  onRow: (row: CsvRow, header: CsvHeader) => void,
): CsvInfo {
  const header = readCsvHeader(bytes, options);
  const scanner = new CsvScanner(bytes, header.delimiter);
  scanner.next();
  const shapes = new RowShapes(header.columns.length, scanner.length);
  let rows = 0;
  while (scanner.next()) {
    rows++;
    if (shapes.admit(scanner)) onRow(scanner, header);
  }
  shapes.refuse();
  if (rows === 0) {
    throw new CsvError("csv_header_only", "The file has a header row and no data. Add rows and upload it again.");
  }
  return { ...header, rows };
}

/** How the numbers of each column are written: a pass over the whole file. Throws CsvError as `visitCsv` does. */
export function readCsvMarks(bytes: Uint8Array, options: CsvOptions = {}): ColumnMarks[] {
  const evidence: CellEvidence[] = [];
  const { columns, delimiter } = visitCsv(bytes, options, (row, header) => {
    for (let field = 0; field < header.columns.length; field++)
      row.show(field, (evidence[field] ??= new CellEvidence()));
  });
  return decideMarks(
    columns.map((_, field) => evidence[field] ?? new CellEvidence()),
    delimiter,
  );
}

/**
 * The number that `text` is as a whole: sign, digits, fraction and exponent, with blanks around it; else null.
 * Not numbers: "", hexadecimal, 1_000, NaN, Infinity, and what overflows. With `decimalComma` 1,5 is one and 1.5 is not.
 */
export function parseNumber(text: string, decimalComma = false): number | null {
  const length = text.length;
  const codes = length <= SCRATCH.length ? SCRATCH : new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    codes[at] = code < 128 ? code : 255;
  }
  const number = parsePlainIn(codes, 0, length, decimalComma);
  return number !== null && Number.isFinite(number) ? number : null;
}

const SCRATCH = new Uint8Array(64);

function fieldsOf(row: CsvRow, length: number): string[] {
  const fields: string[] = [];
  for (let field = 0; field < length; field++) fields.push(row.text(field));
  return fields;
}

function checkNames(columns: string[], line: number): void {
  if (columns.length > CSV_COLUMNS_MAX) {
    throw new CsvError(
      "csv_too_many_columns",
      `The file has ${columns.length} columns; the limit is ${CSV_COLUMNS_MAX}. Leave out columns that the models do not use.`,
      { line },
    );
  }
  const empty = columns.indexOf("");
  if (empty !== -1) {
    const hint = empty === 0 ? " (pandas writes its row index so: save with index=False)" : "";
    throw new CsvError(
      "csv_empty_header",
      `Column ${empty + 1} has no name in the header row${hint}. Name it or leave it out.`,
      {
        line,
      },
    );
  }
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of columns) (seen.has(name) ? twice : seen).add(name);
  if (twice.size > 0) {
    const names = [...twice];
    const shown = names.slice(0, 10).join(", ");
    throw new CsvError(
      "csv_duplicate_header",
      `The header row has these names more than once: ${shown}${names.length > 10 ? ", ..." : ""}. Rename them; if the file has no header row, add one.`,
      { line, names },
    );
  }
}
