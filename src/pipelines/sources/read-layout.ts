import { CsvStream, type CsvStreamOptions } from "../../lib/csv-stream.ts";
import { RowRanges } from "./row-ranges.ts";
import type { CsvLayout } from "./staged.ts";

/** Reads a CSV once, in constant memory, and says how it is written and where its rows lie. Throws CsvError for a broken one. */
export async function readLayout(
  chunks: AsyncIterable<Uint8Array>,
  options: CsvStreamOptions = {},
): Promise<CsvLayout> {
  const stream = await CsvStream.open(chunks, options);
  const ranges = new RowRanges();
  for await (const batch of stream.batches()) ranges.add(batch);
  return { ...stream.header, rows: stream.rows, bytes: stream.endOffset, ranges: ranges.end(stream.endOffset) };
}
