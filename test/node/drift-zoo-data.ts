import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Column, Rows } from "../../src/engine/rows.ts";
import { inferSchema } from "../../src/experiments/training/infer-schema.ts";
import { profileTable } from "../../src/experiments/training/profile.ts";
import { readTrainingTable, type TrainingTable } from "../../src/experiments/training/training-table.ts";
import { cellAt, type TrainingColumn } from "../../src/experiments/training/training-columns.ts";
import { columnFold } from "../../src/windows/fold-column.ts";
import { referenceColumns } from "../../src/windows/reference.ts";
import type { ReferenceColumn, Tally } from "../../src/windows/reference-column.ts";
import { emptyTally } from "../../src/windows/tally.ts";

/** Two periods of a data set: the first one as training reference, the second as what is sent to a model later. */
export interface DriftSet {
  columns: ReferenceColumn[];
  reference: Rows;
  current: Rows;
  /** What others computed from the rows themselves, by column; columns that they did not compare are not in it. */
  golden: ReadonlyMap<string, { psi: number }>;
}

/** The first line of a file and those after it. */
interface Csv {
  header: string;
  lines: string[];
}

interface Periods {
  golden: string;
  read(file: (name: string) => string): [Csv, Csv];
}

const WINE_HEADER = "fixed,volatile,citric,sugar,chlorides,free,total,density,ph,sulphates,alcohol,quality";
const YEAR = 3;

const SETS = {
  "bike, earlier and later hours": {
    golden: "drift_bike.json",
    read: (file) => [csvOf(file("bike_hour_train.csv")), csvOf(file("bike_hour_test.csv"))],
  },
  "bike, 2011 and 2012": {
    golden: "drift_bike_2011_2012.json",
    read: (file) => {
      const train = csvOf(file("bike_hour_train.csv"));
      const all = [...train.lines, ...csvOf(file("bike_hour_test.csv")).lines];
      const ofYear = (year: string) => all.filter((line) => line.split(",")[YEAR] === year);
      return [
        { ...train, lines: ofYear("0") },
        { ...train, lines: ofYear("1") },
      ];
    },
  },
  "electricity, first and last third": {
    golden: "drift_elec.json",
    read: (file) => {
      const { header, lines } = csvOf(file("elec.csv"));
      const third = lines.length / 3;
      return [
        { header, lines: lines.slice(0, third) },
        { header, lines: lines.slice(2 * third) },
      ];
    },
  },
  "California, reference and analysis": {
    golden: "drift_california.json",
    read: (file) => [
      csvOf(file("nannyml_california_housing_reference.csv")),
      csvOf(file("nannyml_california_housing_analysis.csv")),
    ],
  },
  "spam, train and test": {
    golden: "drift_spam.json",
    read: (file) => [csvOf(file("pranavg__train_tfidf.csv")), csvOf(file("pranavg__test_tfidf.csv"))],
  },
  "wine, red and white": {
    golden: "drift_wine.json",
    read: (file) => [
      csvOf(`${WINE_HEADER}\n${file("winequality-red.csv")}`),
      csvOf(`${WINE_HEADER}\n${file("winequality-white.csv")}`),
    ],
  },
} satisfies Record<string, Periods>;

export type DriftSetName = keyof typeof SETS;

export const DRIFT_SETS = Object.keys(SETS) as DriftSetName[];

/** A random split of one data set: nothing has changed between its two parts. */
export const WITHOUT_DRIFT: DriftSetName = "spam, train and test";

const Golden = z.object({
  columns: z.record(
    z.string(),
    z.union([z.object({ psi: z.number() }), z.object({ kind: z.literal("categorical, too many values") })]),
  ),
});

export interface DriftSetOptions {
  /** Takes that many rows of the reference, evenly spread. */
  referenceRows?: number;
  /** Instead of the later period: the first one is halved at random, one half being the reference, the other what comes later. */
  halve?: () => number;
}

/** Reads a data set of the zoo. Only columns of the golden file are features; row numbers and timestamps are not. */
export function readDriftSet(
  zooDir: string,
  name: DriftSetName,
  { referenceRows, halve }: DriftSetOptions = {},
): DriftSet {
  const periods: Periods = SETS[name];
  const read = periods.read((file) => readFileSync(join(zooDir, "data", file), "utf8"));
  const [first, second] = halve ? halvesOf(read[0], halve) : read;
  const golden = Golden.parse(JSON.parse(readFileSync(join(zooDir, "golden", periods.golden), "utf8"))).columns;
  const not_features = first.header.split(",").filter((column) => !Object.hasOwn(golden, column));
  const { schema } = inferSchema(bytesOf(first), null, { not_features });
  const table = readTrainingTable(
    bytesOf(first),
    schema,
    referenceRows === undefined ? {} : { maxRows: referenceRows },
  );
  return {
    columns: referenceColumns(profileTable(table)),
    reference: rowsOfTable(table),
    current: rowsOfTable(readTrainingTable(bytesOf(second), schema, { file: "holdout" })),
    golden: new Map(Object.entries(golden).flatMap(([column, of]) => ("psi" in of ? [[column, of]] : []))),
  };
}

/** The rows counted by the bins of the reference, a tally for each of its columns, as the host of a deployment counts them. */
export function countRows(columns: readonly ReferenceColumn[], rows: Rows): Tally[] {
  return columns.map((column) => {
    const tally = emptyTally(column.binning);
    const values = rows.columns.get(column.name);
    if (!values) throw new Error(`no column ${column.name}`);
    columnFold(column)(values, tally);
    return tally;
  });
}

function csvOf(text: string): Csv {
  const [header = "", ...lines] = text.split(/\r?\n/);
  return { header, lines: lines.filter((line) => line !== "") };
}

function halvesOf({ header, lines }: Csv, random: () => number): [Csv, Csv] {
  const shuffled = shuffle([...lines], random);
  const half = Math.floor(lines.length / 2);
  return [
    { header, lines: shuffled.slice(0, half) },
    { header, lines: shuffled.slice(half) },
  ];
}

/** Puts the items into a random order, in place. */
export function shuffle<T>(items: T[], random: () => number): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const item = items[last] as T;
    items[last] = items[other] as T;
    items[other] = item;
  }
  return items;
}

function bytesOf({ header, lines }: Csv): Uint8Array {
  return new TextEncoder().encode([header, ...lines].join("\n"));
}

function rowsOfTable({ rows, columns }: TrainingTable): Rows {
  return { count: rows, columns: new Map(columns.map((column) => [column.name, valuesOf(column, rows)])) };
}

function valuesOf(column: TrainingColumn, rows: number): Column {
  if (column.kind === "numeric") return { numbers: column.numbers };
  return { texts: Array.from({ length: rows }, (_, row) => cellAt(column, row)?.toString() ?? null) };
}
