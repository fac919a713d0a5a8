export type CsvErrorCode =
  | "csv_empty"
  | "csv_header_only"
  | "csv_encoding"
  | "csv_ragged"
  | "csv_duplicate_header"
  | "csv_empty_header"
  | "csv_unclosed_quote"
  | "csv_stray_quote"
  | "csv_cell_too_large"
  | "csv_too_many_columns";

export interface CsvErrorDetails {
  /** The first line of the file is 1; absent where the file as a whole is meant. */
  line?: number;
  /** csv_ragged: columns of the header, fields of the row at `line`, and how many such rows the file has. */
  expected?: number;
  got?: number;
  rows?: number;
  /** csv_duplicate_header: the names that occur more than once. */
  names?: string[];
}

/** The CSV cannot be read. `message` is a plain sentence for the person who uploaded it: line, cause and cure. */
export class CsvError extends Error {
  override readonly name = "CsvError";
  readonly code: CsvErrorCode;
  readonly details: CsvErrorDetails;

  constructor(code: CsvErrorCode, message: string, details: CsvErrorDetails = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}
