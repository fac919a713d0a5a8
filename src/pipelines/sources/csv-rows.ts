import { csvLine } from "../../lib/csv-line.ts";

const PIECE_CHARACTERS = 262_144;

/** Writes rows as CSV with commas, in pieces of some 256 kB; null is an empty cell. */
export async function* csvOfRows(
  columns: readonly string[],
  batches: AsyncIterable<readonly (readonly (string | null)[])[]>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  let text = lineOf(columns);
  for await (const rows of batches) {
    for (const row of rows) {
      text += lineOf(row);
      if (text.length < PIECE_CHARACTERS) continue;
      yield encoder.encode(text);
      text = "";
    }
  }
  yield encoder.encode(text);
}

function lineOf(row: readonly (string | null)[]): string {
  // A line of blanks would be passed over.
  if (row.length === 1 && (row[0] ?? "").trim() === "") return `"${row[0] ?? ""}"\n`;
  return csvLine(row.map((text) => text ?? ""));
}
