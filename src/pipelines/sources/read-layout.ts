import { CellEvidence } from "../../lib/cell-evidence.ts";
import { CsvStream, type CsvStreamOptions } from "../../lib/csv-stream.ts";
import { decideMarks } from "../../lib/decide-marks.ts";
import { RowRanges } from "./row-ranges.ts";
import type { ColumnCells, CsvLayout } from "./staged.ts";

/** Reads a CSV once, in constant memory, and says how it is written and where its rows lie. Throws CsvError for a broken one. */
export async function readLayout(
  chunks: AsyncIterable<Uint8Array>,
  options: CsvStreamOptions = {},
): Promise<CsvLayout> {
  const stream = await CsvStream.open(chunks, options);
  const ranges = new RowRanges();
  const evidence = stream.header.columns.map(() => new CellEvidence());
  for await (const batch of stream.batches()) {
    ranges.add(batch);
    batch.show(evidence);
  }
  const cells = decideMarks(evidence, stream.header.delimiter).map(
    ({ marks, grouped, unclear, unsettled }, column): ColumnCells => ({
      type: evidence[column]?.type ?? "text",
      marks,
      ...(evidence[column]?.isLong && { isLong: true }),
      ...(grouped && { grouped }),
      ...(unclear && { unclear }),
      ...(unsettled && { unsettled }),
    }),
  );
  return { ...stream.header, cells, rows: stream.rows, bytes: stream.endOffset, ranges: ranges.end(stream.endOffset) };
}
