import { isMissing, cellText } from "./delivered-file.ts";

/** Of the text of one statement's parameter: bounds memory here and on the server. */
const CHUNK_CHARS_MAX = 4_000_000;

/** The key of column `index` in the objects of `jsonChunks`: short, as each row repeats it. */
export function jsonKey(index: number): string {
  return `c${index.toString(36)}`;
}

/** Arrays of JSON objects, one a row with a key a column, in texts of about 4 MB; a missing cell is null. */
export async function* jsonChunks(batches: AsyncIterable<unknown[][]>, columnCount: number): AsyncGenerator<string> {
  const starts = Array.from({ length: columnCount }, (_, index) => `${index === 0 ? "{" : ","}"${jsonKey(index)}":`);
  for await (const batch of batches) {
    let text = "[";
    for (const row of batch) {
      if (text.length > 1) text += ",";
      for (let index = 0; index < columnCount; index += 1) text += (starts[index] ?? "") + jsonCell(row[index]);
      text += "}";
      if (text.length < CHUNK_CHARS_MAX) continue;
      yield `${text}]`;
      text = "[";
    }
    if (text.length > 1) yield `${text}]`;
  }
}

function jsonCell(value: unknown): string {
  if (isMissing(value)) return "null";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return JSON.stringify(storable(cellText(value)));
}

/** PostgreSQL stores no NUL and no half of a surrogate pair: the sign for what cannot be shown stands there instead. */
function storable(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}
