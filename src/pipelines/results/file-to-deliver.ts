import type { ModelRole } from "../../engine/sessions.ts";
import { parseBatchPredictionId } from "../../inference/batch/batch-prediction-id.ts";
import { csvLine } from "../../lib/csv-line.ts";
import { resultCsv } from "../../inference/batch/result-csv.ts";
import { type ResultColumn, resultParquetKey, type RunResult } from "../../inference/batch/run-result.ts";
import type { CsvBatch } from "../../lib/csv-stream-batch.ts";
import type { DeliveredColumn, DeliveredFile } from "../delivery/delivered-file.ts";
import { DeliveryError } from "../delivery/delivery-error.ts";
import { joinRows, type PlacedRows } from "./join-rows.ts";
import { resultCells } from "./result-cells.ts";
import { gone, type PlacedColumn, resultBatches, resultColumns, resultFile } from "./result-rows.ts";
import { streamOf } from "./stream-of.ts";

const PIECE_CHARACTERS = 262_144;
const ADDED_ROLES: ReadonlySet<ResultColumn["role"]> = new Set(["prediction", "probability", "extra"]);
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The file of a run, to be delivered: that of `model`, or with `challenger` that of main with what the challenger answered to the same rows
 * in columns challenger_<name> behind; a run without a challenger adds none. Reads from the store when it is asked to. Throws
 * DeliveryError where there is no such model, where a name is taken, and, when read, where the file is gone.
 */
export function fileToDeliver(
  store: R2Bucket,
  result: RunResult,
  { model, challenger }: { model: ModelRole; challenger: boolean },
): DeliveredFile {
  const columns = resultColumns(result, model);
  if (!challenger || result.challenger === null) return plainFile(store, result, model, columns);
  if (model !== "main") throw new Error("Columns of the challenger go along with the file of main only.");
  return joinedFile(store, result, columns);
}

function plainFile(store: R2Bucket, result: RunResult, model: ModelRole, columns: PlacedColumn[]): DeliveredFile {
  return {
    columns: columns.map(deliveredColumn),
    rowCount: resultFile(result, model).rows,
    async *rows() {
      for await (const batch of resultBatches(store, result, model, columns)) yield resultCells(batch, columns);
    },
    bytes: (format) => (format === "csv" ? resultCsv(store, result, model, gone) : parquetBody(store, result, model)),
  };
}

function deliveredColumn({ name, type, precision, scale }: PlacedColumn): DeliveredColumn {
  return { name, type, ...(precision !== undefined && { precision }), ...(scale !== undefined && { scale }) };
}

async function parquetBody(
  store: R2Bucket,
  { runId }: RunResult,
  model: ModelRole,
): Promise<ReadableStream<Uint8Array>> {
  const object = await store.get(resultParquetKey(runId, model));
  if (!object) throw gone();
  return object.body;
}

function joinedFile(store: R2Bucket, result: RunResult, columns: PlacedColumn[]): DeliveredFile {
  const added = resultColumns(result, "challenger").filter(({ role }) => ADDED_ROLES.has(role));
  const addedAs = added.map((column) => ({ ...deliveredColumn(column), name: `challenger_${column.name}` }));
  refuseTaken(columns, addedAs);
  const all = [...columns.map(deliveredColumn), ...addedAs];
  return {
    columns: all,
    rowCount: result.main.rows,
    async *rows() {
      const main = placedRows(store, result, "main", columns, (batch) => resultCells(batch, columns));
      const challenger = placedRows(store, result, "challenger", added, (batch) => resultCells(batch, added));
      const nothing = added.map(() => null);
      for await (const joined of joinRows(main, challenger))
        yield joined.map(([cells, match]) => [...cells, ...(match ?? nothing)]);
    },
    async bytes(format) {
      if (format === "parquet")
        throw new Error("The main file with the challenger's columns is not available as Parquet.");
      const names = csvLine(all.map(({ name }) => name));
      const main = placedRows(store, result, "main", [], rawRows);
      const challenger = placedRows(store, result, "challenger", [], (batch) => lines(batch, added));
      return streamOf(joinedCsv(names, joinRows(main, challenger), csvLine(added.map(() => ""))));
    },
  };
}

function refuseTaken(columns: readonly DeliveredColumn[], added: readonly DeliveredColumn[]): void {
  const names = new Set(columns.map(({ name }) => name));
  const taken = added.find(({ name }) => names.has(name));
  if (taken)
    throw new DeliveryError(
      "schema_changed",
      `The source already has a column "${taken.name}", which the challenger would add. Rename it in the source, or deliver without the challenger.`,
    );
}

/** What `read` makes of the rows of a result file, with their places; it may use the `numbers` of those `columns` that are numeric. */
async function* placedRows<Row>(
  store: R2Bucket,
  result: RunResult,
  role: ModelRole,
  columns: readonly PlacedColumn[],
  read: (batch: CsvBatch) => Row[],
): AsyncGenerator<PlacedRows<Row>, void, undefined> {
  const idAt = resultColumns(result, role).findIndex((column) => column.role === "prediction_id");
  let last = -1;
  for await (const batch of resultBatches(store, result, role, columns)) {
    const places = Array.from({ length: batch.rows }, (_, row) => {
      const place = parseBatchPredictionId(batch.text(row, idAt))?.row ?? -1;
      if (place <= last) throw new Error(`The rows of ${role} of ${result.runId} are not in the order of the source.`);
      last = place;
      return place;
    });
    yield { places, rows: read(batch) };
  }
}

function rawRows(batch: CsvBatch): string[] {
  return Array.from({ length: batch.rows }, (_, row) => UTF8.decode(batch.raw(row)));
}

function lines(batch: CsvBatch, columns: readonly PlacedColumn[]): string[] {
  return Array.from({ length: batch.rows }, (_, row) => csvLine(columns.map(({ at }) => batch.text(row, at))));
}

/** The lines of both, joined; `nothing` ends those to which there is no match. */
async function* joinedCsv(
  header: string,
  batches: AsyncIterable<[string, string | null][]>,
  nothing: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  let text = header;
  for await (const batch of batches) {
    for (const [line, match] of batch) {
      text += `${line},${match ?? nothing}`;
      if (text.length < PIECE_CHARACTERS) continue;
      yield encoder.encode(text);
      text = "";
    }
  }
  yield encoder.encode(text);
}
