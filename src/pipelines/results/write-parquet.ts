import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { ModelRole } from "../../engine/sessions.ts";
import {
  type ResultColumn,
  type ResultFile,
  resultParquetKey,
  type RunResult,
} from "../../inference/batch/run-result.ts";
import { GiveWay } from "../../lib/give-way.ts";
import { writeObject } from "../sources/object-writer.ts";
import type { CsvBatch } from "../../lib/csv-stream-batch.ts";
import { type PlacedColumn, resultBatches, resultColumns, resultFile } from "./result-rows.ts";
import { RowGroup } from "./row-group.ts";

const DECIMAL_DIGITS = 38;
/** Of CSV and typed cells: what is made of them takes as much again, and the part of the upload 8 MiB. */
const GROUP_BYTES_MIN = 4_000_000;
/** What the file's footer takes for each column of a row group until it is written. */
const CHUNK_BYTES = 1_000;

/** https://github.com/apache/parquet-format/blob/master/LogicalTypes.md */
const STORED_AS: Record<ResultColumn["type"], Partial<SchemaElement>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  number: { type: "DOUBLE" },
  integer: { type: "INT64" },
  boolean: { type: "BOOLEAN" },
  decimal: { type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, converted_type: "DECIMAL" },
  date: { type: "INT32", converted_type: "DATE" },
  timestamp: { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" } },
  datetime: { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "MICROS" } },
};

/**
 * Writes the CSV of a model's predictions again as Parquet, with the types of its columns: doubles, 64-bit integers, decimals, booleans,
 * dates, times and text; a cell that is empty, or no value of the type, is null. The same CSV gives the same bytes, so that repeating is
 * safe; nothing is under the key before all of it is. Memory does not grow with the rows. Throws DeliveryError where there is no such
 * file.
 */
export async function writeParquet(store: R2Bucket, result: RunResult, role: ModelRole): Promise<void> {
  const columns = resultColumns(result, role);
  const { rows, bytes } = resultFile(result, role);
  const name = `${role} of ${result.runId}`;
  const batches = resultBatches(store, result, role, columns);
  await writeObject(store, resultParquetKey(result.runId, role), parquetOf({ name, columns, rows, bytes, batches }));
}

/** A CSV that is to be written as Parquet. */
export interface ParquetSource extends Pick<ResultFile, "rows" | "bytes"> {
  /** For who looks for a fault. */
  name: string;
  columns: readonly PlacedColumn[];
  /** With the `numbers` of the columns that are numeric. */
  batches: AsyncIterable<CsvBatch>;
}

/** The file in pieces, each to be used before the next one is asked for. */
export async function* parquetOf(source: ParquetSource): AsyncGenerator<Uint8Array, void, undefined> {
  const { columns } = source;
  const bytes = new ByteWriter();
  // To compress costs more time than to store what it would save.
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaOf(columns),
    codec: "UNCOMPRESSED",
    statistics: false,
  });
  const group = new RowGroup(columns, groupRows(source));
  const written = (): Uint8Array => {
    const piece = bytes.getBytes();
    bytes.index = 0;
    return piece;
  };
  const way = new GiveWay();
  let rows = 0;
  for await (const batch of source.batches) {
    rows += batch.rows;
    for (let next = 0; next < batch.rows;) {
      next = group.add(batch, next);
      if (!group.isFull) continue;
      await writeGroup(writer, group);
      yield written();
    }
    await way.now();
  }
  if (group.rows > 0) await writeGroup(writer, group);
  if (rows !== source.rows)
    throw new Error(`The CSV of ${source.name} has ${rows} rows and should have ${source.rows}.`);
  await writer.finish();
  yield written();
}

async function writeGroup(writer: ParquetWriter, group: RowGroup): Promise<void> {
  await writer.write({ columnData: group.columnData(), rowGroupSize: group.rows });
  group.clear();
}

function schemaOf(columns: readonly PlacedColumn[]): SchemaElement[] {
  const elements = columns.map(({ name, type, precision, scale }): SchemaElement => ({
    name,
    repetition_type: "OPTIONAL",
    ...STORED_AS[type],
    ...(type === "decimal" && { precision: precision ?? DECIMAL_DIGITS, scale: scale ?? 0 }),
  }));
  return [{ name: "root", num_children: columns.length }, ...elements];
}

/** Rows of a row group: as many as fit into memory, and of a very large file so many that the footer fits in too. */
function groupRows({ columns, rows, bytes }: ParquetSource): number {
  const rowBytes = bytes / Math.max(1, rows) + 8 * columns.length;
  const footerBalanced = Math.sqrt(rows * rowBytes * columns.length * CHUNK_BYTES);
  return Math.max(1, Math.min(rows, Math.floor(Math.max(GROUP_BYTES_MIN, footerBalanced) / rowBytes)));
}
