import type { ModelRole } from "../../engine/sessions.ts";
import { resultLines } from "../../inference/batch/result-csv.ts";
import type { ResultColumn, ResultFile, RunResult } from "../../inference/batch/run-result.ts";
import type { CsvBatch } from "../../lib/csv-stream-batch.ts";
import { readCsvPiece } from "../../lib/csv-stream.ts";
import { DeliveryError } from "../delivery/delivery-error.ts";

/** A column of a result file, and its place among the columns of it. */
export interface PlacedColumn extends ResultColumn {
  at: number;
}

/** The result file of a model; throws DeliveryError where the version does not have that model. */
export function resultFile(result: RunResult, role: ModelRole): ResultFile {
  const file = result[role];
  if (file !== null) return file;
  throw new DeliveryError(
    "wrong_destination",
    `Version ${result.version} has no challenger, so its predictions have no file. Deliver the main model's.`,
  );
}

/** The columns of a result file in order. */
export function resultColumns(result: RunResult, role: ModelRole): PlacedColumn[] {
  return resultFile(result, role).columns.map((column, at) => ({ ...column, at }));
}

/** What is said where the predictions of a run are gone. */
export function gone(): DeliveryError {
  return new DeliveryError("incomplete", "The predictions of this run are no longer in the store. Start a new run.");
}

/**
 * The rows of a result file, up to 10,000 at a time; a batch is to be read before the next one is asked for. It has the `numbers` of those
 * columns of `read` that are numeric. None for a file without rows.
 */
export async function* resultBatches(
  store: R2Bucket,
  result: RunResult,
  role: ModelRole,
  read: readonly PlacedColumn[],
): AsyncGenerator<CsvBatch, void, undefined> {
  const columns = resultColumns(result, role).length;
  const piece = { columns, delimiter: ",", marks: [], firstLine: 2 };
  const numeric = read.filter(isNumeric).map(({ at }) => at);
  yield* readCsvPiece(resultLines(store, result, role, gone), piece, numeric);
}

/** Whether `CsvBatch.numbers` of a column is wanted. */
export function isNumeric({ type }: Pick<ResultColumn, "type">): boolean {
  return type === "number" || type === "integer";
}
