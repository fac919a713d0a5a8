import { isMissing, cellText } from "./delivered-file.ts";

/** Of one statement: below the smallest `max_allowed_packet` that servers come with (4 MB), also in UTF-8 of three bytes a character. */
const CHUNK_CHARS_MAX = 1_000_000;

/** Rows as the lists of an `insert ... values`, in texts of about 1 MB; `literal` quotes a text. A missing cell is null. */
export async function* valueLists(
  batches: AsyncIterable<unknown[][]>,
  columnCount: number,
  literal: (text: string) => string,
): AsyncGenerator<string> {
  for await (const batch of batches) {
    let text = "";
    for (const row of batch) {
      text += text === "" ? "(" : ",(";
      for (let index = 0; index < columnCount; index += 1)
        text += (index === 0 ? "" : ",") + sqlCell(row[index], literal);
      text += ")";
      if (text.length < CHUNK_CHARS_MAX) continue;
      yield text;
      text = "";
    }
    if (text !== "") yield text;
  }
}

function sqlCell(value: unknown, literal: (text: string) => string): string {
  if (isMissing(value)) return "null";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return literal(cellText(value).toWellFormed());
}
