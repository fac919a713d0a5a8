import { csvLine } from "../../lib/csv-line.ts";
import { SourceError } from "./source-error.ts";

const PIECE_CHARACTERS = 262_144;

/** Writes rows as CSV with commas, in pieces of some 256 kB; null is an empty cell. */
export async function* csvOfRows(
  columns: readonly string[],
  batches: AsyncIterable<readonly (readonly (string | null)[])[]>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  let text = lineOf(columns);
  for await (const rows of withoutNul(columns, batches)) {
    for (const row of rows) {
      text += lineOf(row);
      if (text.length < PIECE_CHARACTERS) continue;
      yield encoder.encode(text);
      text = "";
    }
  }
  yield encoder.encode(text);
}

/** Passes the rows on; throws SourceError at the first cell with a NUL, which no CSV can hold, naming its column and row. */
export async function* withoutNul<Row extends readonly (string | null)[]>(
  columns: readonly string[],
  batches: AsyncIterable<readonly Row[]>,
): AsyncGenerator<readonly Row[], void, undefined> {
  let before = 0;
  for await (const rows of batches) {
    for (const [index, row] of rows.entries()) {
      const at = row.findIndex((text) => text?.includes("\0") === true);
      if (at >= 0)
        throw new SourceError(
          "source_nul",
          `Row ${before + index + 1} of the column "${columns[at]}" holds a NUL character, which a text cannot have. Remove it, or write the column as bytes.`,
        );
    }
    yield rows;
    before += rows.length;
  }
}

function lineOf(row: readonly (string | null)[]): string {
  // A line of blanks would be passed over.
  if (row.length === 1 && (row[0] ?? "").trim() === "") return `"${row[0] ?? ""}"\n`;
  return csvLine(row.map((text) => text ?? ""));
}
