import { CsvError } from "./csv-error.ts";

/**
 * What readers of CSV say of a row that cannot be read, the one that holds a file whole and the one that has it pass by alike. Each
 * throws.
 */
export function refuseCell(line: number): never {
  throw new CsvError(
    "csv_cell_too_large",
    `The row on line ${line} has a cell of more than 64 kB. Shorten it, leave that column out, or close a quote that is open there.`,
    { line },
  );
}

export function refuseColumns(line: number, columnsMax: number): never {
  throw new CsvError(
    "csv_too_many_columns",
    `Line ${line} has more than ${columnsMax} columns, which is the limit. Leave out columns that the models do not use.`,
    { line },
  );
}

export function refuseOpenQuote(line: number): never {
  throw new CsvError(
    "csv_unclosed_quote",
    `The quote that opens a cell on line ${line} is never closed. Close it, or write a quote that belongs to the text as "" inside a quoted cell.`,
    { line },
  );
}

export function refuseStrayQuote(openLine: number, closeLine: number): never {
  throw new CsvError(
    "csv_stray_quote",
    `The quoted cell that begins on line ${openLine} goes on after its closing quote on line ${closeLine}. Write a quote that belongs to the text as "" inside a quoted cell.`,
    { line: openLine },
  );
}
