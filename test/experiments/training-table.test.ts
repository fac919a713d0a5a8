import { describe, expect, test } from "vitest";
import type { FeatureSchema, StatedSchema, Target } from "../../src/experiments/training/feature.ts";
import { inferSchema } from "../../src/experiments/training/infer-schema.ts";
import { cellAt } from "../../src/experiments/training/training-columns.ts";
import { readTrainingTable } from "../../src/experiments/training/training-table.ts";
import type { TableOptions, TrainingTable } from "../../src/experiments/training/training-table.ts";

const TARGET: Target = { name: "y", kind: "label" };

function schemaOf(csv: string, target: Target | null = TARGET, stated: StatedSchema = {}): FeatureSchema {
  return inferSchema(new TextEncoder().encode(csv), target, stated).schema;
}

function tableOf(csv: string, schema: FeatureSchema, options: TableOptions = {}): TrainingTable {
  return readTrainingTable(new TextEncoder().encode(csv), schema, options);
}

/** The rows of a table, the target last. */
function rowsOf(table: TrainingTable): unknown[][] {
  const columns = table.target === null ? table.columns : [...table.columns, table.target];
  return Array.from({ length: table.rows }, (_, row) => columns.map((column) => cellAt(column, row)));
}

const LONG = "a text that is longer than a category would be: number";
const CSV = `n,c,b,t,y\n1.5,red,True,"${LONG} 1\nnext line",1.0\nNA,,false,${LONG} ü2,0\n-3,blue,,,\n`;

describe("a training table", () => {
  test("holds each column in its kind, missing cells as missing", () => {
    const table = tableOf(CSV, schemaOf(CSV));
    expect(table.columns.map((column) => column.kind)).toEqual(["numeric", "categorical", "boolean", "text"]);
    expect(rowsOf(table)).toEqual([
      [1.5, "red", true, `${LONG} 1\nnext line`, "1"],
      [null, null, false, `${LONG} ü2`, "0"],
      [-3, "blue", null, null, null],
    ]);
    expect(table.rowsOfFile).toBe(3);
    expect(table.notes).toEqual([]);
  });

  test("remembers how booleans are spelled", () => {
    const [, , column] = tableOf(CSV, schemaOf(CSV)).columns;
    expect(column).toMatchObject({ spelling: { true: "True", false: "false" } });
  });

  test("reads a numeric target and decimal commas", () => {
    const csv = "x;y\n1,5;2,5\n0,25;?\n";
    expect(rowsOf(tableOf(csv, schemaOf(csv, { name: "y", kind: "numeric" })))).toEqual([
      [1.5, 2.5],
      [0.25, null],
    ]);
  });

  test("makes numeric labels with a decimal comma canonical", () => {
    const csv = "x;y\n1,5;1,0\n0,25;2\n";
    expect(rowsOf(tableOf(csv, schemaOf(csv)))).toEqual([
      [1.5, "1"],
      [0.25, "2"],
    ]);
  });

  test("puts stated categories first and notes others", () => {
    const csv = "c,x\nS,1\nM,2\nXL,3\n";
    const table = tableOf(csv, schemaOf(csv, null, { categories: { c: ["S", "L", "M"] } }));
    expect(table.columns[0]).toMatchObject({ dictionary: ["S", "L", "M", "XL"], codes: Int32Array.of(0, 2, 3) });
    expect(table.notes.map((note) => note.code)).toEqual(["unseen_category"]);
    expect(table.notes[0]?.message).toContain('"XL" on line 4');
  });

  test("counts a cell as missing that is nothing of the stated kind", () => {
    const csv = "n,b\n1,1\nx,0.0\n3,maybe\n";
    const schema = schemaOf(csv, null, { kinds: { n: "numeric", b: "boolean" } });
    expect(rowsOf(tableOf(csv, schema))).toEqual([
      [1, true],
      [null, false],
      [3, null],
    ]);
  });

  test("refuses categories without end", () => {
    const csv = `c,x\n${Array.from({ length: 50_001 }, (_, index) => `c${index},1`).join("\n")}`;
    const schema = schemaOf(csv, null, { kinds: { c: "categorical" } });
    expect(() => tableOf(csv, schema)).toThrow("more than 50,000 different values");
  });
});

describe("a holdout", () => {
  const schema = schemaOf("a,b,y\n1,x,0\n2,z,1\n");

  test("may order its columns otherwise and have further ones, which are noted", () => {
    const table = tableOf("y,extra,b,a\n1,9,x,5\n", schema, { file: "holdout" });
    expect(rowsOf(table)).toEqual([[5, "x", "1"]]);
    expect(table.notes.map((note) => note.message)).toEqual(["Ignored columns of the holdout: extra."]);
  });

  test("is refused when it lacks columns, all of them named", () => {
    expect(() => tableOf("a,c\n1,2\n", schema, { file: "holdout" })).toThrow(
      "The holdout lacks the columns b, y of the training reference.",
    );
  });

  test("has the codes of the reference's labels however they are spelled, and names what does not fit", () => {
    const table = tableOf("a,b,y\n1,x,1\nmany,x,2\nNA,x,0.0\n", schema, { file: "holdout" });
    expect(table.target).toMatchObject({ dictionary: ["0", "1"], codes: Int32Array.of(1, -1, 0) });
    expect(table.notes.map((note) => note.code)).toEqual(["not_a_number", "unseen_label"]);
    expect(table.notes[1]?.message).toMatch(/First: "2" on line 3\. Labels: 2\.$/);
  });
});

describe("a sample", () => {
  const csv = `x,t\n${Array.from({ length: 10 }, (_, index) => `${index},${LONG} ${index}`).join("\n")}`;

  test("takes rows evenly from the first on", () => {
    const table = tableOf(csv, schemaOf(csv, null), { maxRows: 4 });
    expect(table).toMatchObject({ rows: 4, rowsOfFile: 10 });
    expect(rowsOf(table)).toEqual([0, 2, 5, 7].map((index) => [index, `${LONG} ${index}`]));
    expect(table.notes[0]?.message).toBe("The reference has 10 rows; 4 of them, evenly spread, are used.");
  });

  test("is the whole file when that is small enough", () => {
    expect(tableOf(csv, schemaOf(csv, null), { maxRows: 10 })).toMatchObject({ rows: 10, notes: [] });
    expect(tableOf(csv, schemaOf(csv, null), { maxRows: 99 }).rows).toBe(10);
  });
});
