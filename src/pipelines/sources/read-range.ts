import { largeChunks } from "../../lib/large-chunks.ts";
import type { CsvBatch } from "../../lib/csv-stream-batch.ts";
import { readCsvPiece } from "../../lib/csv-stream.ts";
import { SourceError } from "./source-error.ts";
import { marksOf, type RowRange, type Staged } from "./staged.ts";

/**
 * The rows of one range, up to 10,000 at a time, with the line of the file on which each begins; a batch is to be read before the
 * next one is asked for. `numeric` names columns, from 0, whose `numbers` are wanted. Throws SourceError where the file is gone.
 */
export async function* readRange(
  store: R2Bucket,
  staged: Pick<Staged, "key" | "columns" | "delimiter" | "cells" | "decimalComma">,
  range: Pick<RowRange, "offset" | "length" | "firstLine">,
  numeric: readonly number[] = [],
): AsyncGenerator<CsvBatch, void, undefined> {
  const { offset, length, firstLine } = range;
  const object = await store.get(staged.key, { range: { offset, length } });
  if (!object)
    throw new SourceError("source_gone", "The rows of this run are no longer in the store. Start a new run.");
  const { columns, delimiter } = staged;
  yield* readCsvPiece(
    largeChunks(object.body),
    { columns: columns.length, delimiter, marks: marksOf(staged), firstLine },
    numeric,
  );
}
