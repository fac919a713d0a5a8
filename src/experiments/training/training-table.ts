import { AppError } from "../../errors.ts";
import { readCsvMarks, visitCsv } from "../../lib/csv.ts";
import type { Finding } from "../../onnx/finding.ts";
import { listOf } from "./feature.ts";
import type { FeatureSchema } from "./feature.ts";
import { bytesPerRow, featureFiller, targetFiller } from "./fill-columns.ts";
import type { TargetColumn, TrainingColumn } from "./training-columns.ts";

/** The rows of a training reference or a holdout by column: each column holds `rows` cells. */
export interface TrainingTable {
  rows: number;
  /** Rows of the file; more than `rows` when the table is a sample of them. */
  rowsOfFile: number;
  /** In the order of the schema. */
  columns: TrainingColumn[];
  target: TargetColumn | null;
  /** What the user should know about how this file was read; of the reference, `inferSchema` has said the rest. */
  notes: Finding[];
}

export interface TableOptions {
  /** What the file is, for messages; a reference is the default. */
  file?: "reference" | "holdout";
  /** A larger file is sampled evenly: always the same rows of the same file. */
  maxRows?: number;
}

// An isolate has 128 MB, of which the file takes up to 25 and its texts as much again.
const TABLE_BYTES_MAX = 48_000_000;

/**
 * Reads a training reference, or a holdout, by the schema of the reference. Columns are found by name: their order may
 * differ, further ones are passed over with a note. Cells that are nothing of their column's kind are missing. Row k of a
 * table of n rows is row floor(k * rowsOfFile / n) of the file; a table beyond 48 MB is a sample, too, and a note says so.
 *
 * Throws CsvError for the file, AppError invalid_input for columns that it lacks and for categories without end.
 */
export function readTrainingTable(bytes: Uint8Array, schema: FeatureSchema, options: TableOptions = {}): TrainingTable {
  const file = options.file ?? "reference";
  const { columns, rows: rowsOfFile } = visitCsv(bytes, {}, () => {});
  const { features, target } = schema;
  checkColumns(columns, schema, file);

  const kinds = [...features, ...(target === null ? [] : [target])].map((column) => column.kind);
  const roomRows = Math.floor(TABLE_BYTES_MAX / Math.max(1, bytesPerRow(kinds)));
  const rows = Math.min(rowsOfFile, Math.max(1, Math.min(options.maxRows ?? rowsOfFile, roomRows)));

  const written = readCsvMarks(bytes);
  const marksOf = (name: string) => written[columns.indexOf(name)]?.marks ?? "point";
  const featureFillers = features.map((feature) => featureFiller(feature, rows, marksOf(feature.name)));
  const lastFiller = target === null ? null : targetFiller(target, rows, marksOf(target.name));
  const fillers = lastFiller === null ? featureFillers : [...featureFillers, lastFiller];
  const fields = fillers.map((filler) => columns.indexOf(filler.column.name));
  let row = 0;
  let rowOfFile = 0;
  visitCsv(bytes, {}, (cells) => {
    if (rowOfFile++ !== Math.floor((row * rowsOfFile) / rows)) return;
    for (let index = 0; index < fillers.length; index++) fillers[index]?.fill(row, cells, fields[index] ?? -1);
    row++;
  });

  const notes = [...furtherColumns(columns, schema, file), ...sampleNotes(rows, rowsOfFile, file)];
  // About cells of the wrong kind in the reference, inferSchema has spoken; it does not know of stated categories.
  const misfits = fillers.flatMap((filler) => filler.notes());
  notes.push(...misfits.filter((note) => file === "holdout" || note.code === "unseen_category"));
  const table = featureFillers.map((filler) => filler.column);
  return { rows, rowsOfFile, columns: table, target: lastFiller?.column ?? null, notes };
}

function checkColumns(columns: string[], schema: FeatureSchema, file: string): void {
  const known = new Set(columns);
  const wanted = schema.features.map((feature) => feature.name);
  if (schema.target !== null) wanted.push(schema.target.name);
  const absent = wanted.filter((name) => !known.has(name));
  if (absent.length === 0) return;
  const what = absent.length === 1 ? "the column" : "the columns";
  throw new AppError(
    "invalid_input",
    `The ${file} lacks ${what} ${listOf(absent)} of the training reference. Add ${absent.length === 1 ? "it" : "them"} and upload the file again.`,
    { errors: absent.map((name) => ({ path: `${file}.${name}`, message: `Column ${name} not found.` })) },
  );
}

function furtherColumns(columns: string[], schema: FeatureSchema, file: string): Finding[] {
  const known = new Set([...schema.features.map((feature) => feature.name), ...schema.notFeatures]);
  const further = columns.filter((name) => !known.has(name) && name !== schema.target?.name);
  if (further.length === 0) return [];
  const message = `Ignored columns of the ${file}: ${listOf(further)}.`;
  return [{ level: "info", code: "further_columns", message }];
}

function sampleNotes(rows: number, rowsOfFile: number, file: string): Finding[] {
  if (rows === rowsOfFile) return [];
  const message = `The ${file} has ${rowsOfFile.toLocaleString("en-US")} rows; ${rows.toLocaleString("en-US")} of them, evenly spread, are used.`;
  return [{ level: "info", code: "sampled_rows", message }];
}
