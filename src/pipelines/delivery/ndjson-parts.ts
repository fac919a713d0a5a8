import { type DeliveredColumn, isMissing, cellText } from "./delivered-file.ts";
import { DeliveryError } from "./delivery-error.ts";

const encoder = new TextEncoder();

/** Lines of JSON, whole ones; `isLast`: nothing comes after it. */
export interface NdjsonPart {
  text: string;
  rows: number;
  isLast: boolean;
}

/**
 * Rows as lines of JSON objects, in parts of at most `bytesMax` bytes of UTF-8. Where it is cut depends on the rows only, not on the
 * batches in which they come. Without rows there is one part, an empty one. Throws DeliveryError for a row that is larger than a part.
 */
export async function* ndjsonParts(
  batches: AsyncIterable<unknown[][]>,
  columns: readonly DeliveredColumn[],
  bytesMax: number,
): AsyncGenerator<NdjsonPart> {
  const starts = columns.map(({ name }, index) => `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`);
  let part = { text: "", rows: 0 };
  let bytes = 0;
  for await (const batch of batches) {
    for (const row of batch) {
      let line = "";
      for (const [index, start] of starts.entries()) line += start + jsonCell(row[index]);
      line += "}\n";
      const lineBytes = encoder.encode(line).byteLength;
      if (lineBytes > bytesMax)
        throw new DeliveryError(
          "bad_value",
          `A row is larger than ${bytesMax / 1_000_000} MB. Remove columns with long texts from the source.`,
        );
      if (bytes + lineBytes > bytesMax) {
        yield { ...part, isLast: false };
        part = { text: "", rows: 0 };
        bytes = 0;
      }
      part.text += line;
      part.rows += 1;
      bytes += lineBytes;
    }
  }
  yield { ...part, isLast: true };
}

function jsonCell(value: unknown): string {
  if (isMissing(value)) return "null";
  return typeof value === "number" || typeof value === "boolean" ? String(value) : JSON.stringify(cellText(value));
}
