import { resultLines } from "../../inference/batch/result-csv.ts";
import type { RunResult } from "../../inference/batch/run-result.ts";
import { readCsvPiece } from "../../lib/csv-stream.ts";
import { gone, isNumeric, type PlacedColumn } from "./result-rows.ts";
import { streamOf } from "./stream-of.ts";
import { parquetOf } from "./write-parquet.ts";

const COLUMNS: readonly PlacedColumn[] = [
  { name: "line", type: "integer", role: "source", at: 0 },
  { name: "row", type: "integer", role: "source", at: 1 },
  { name: "model", type: "text", role: "source", at: 2 },
  { name: "reason", type: "text", role: "source", at: 3 },
];

/**
 * The rows that were not answered as Parquet, made while it is read: nobody delivers them, so that it is not kept. Memory does not grow
 * with the rows. Throws DeliveryError, when read, where the file is gone.
 */
export function errorsParquet(store: R2Bucket, result: RunResult): ReadableStream<Uint8Array> {
  const piece = { columns: COLUMNS.length, delimiter: ",", marks: [], firstLine: 2 };
  const numeric = COLUMNS.filter(isNumeric).map(({ at }) => at);
  const batches = readCsvPiece(resultLines(store, result, "errors", gone), piece, numeric);
  const { rows, bytes } = result.errors;
  return streamOf(kept(parquetOf({ name: `errors of ${result.runId}`, columns: COLUMNS, rows, bytes, batches })));
}

/** What is handed out is somebody else's from here on. */
async function* kept(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of pieces) yield piece.slice();
}
