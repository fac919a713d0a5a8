import { env } from "cloudflare:workers";
import { parquetMetadata, parquetReadObjects, parquetSchema } from "hyparquet";
import { describe, expect, it } from "vitest";
import { resultParquetKey, type RunResult } from "../../../src/inference/batch/run-result.ts";
import { openParquet } from "../../../src/pipelines/sources/parquet-file.ts";
import { writeParquet } from "../../../src/pipelines/results/write-parquet.ts";
import { ADDED, idOf, source, writtenRun } from "./result-files.ts";

async function writtenParquet(run: RunResult): Promise<ArrayBuffer> {
  await writeParquet(env.STORE, run, "main");
  const object = await env.STORE.get(resultParquetKey(run.runId, "main"));
  if (!object) throw new Error("Nothing was written.");
  return object.arrayBuffer();
}

function runOf(lines: (runId: string) => string[]): Promise<RunResult> {
  return writtenRun((id) => ({
    main: {
      columns: [
        source("x", "number"),
        source("n", "integer"),
        source("yes", "boolean"),
        source("größe, t", "text"),
        ...ADDED,
      ],
      header: 'x,n,yes,"größe, t",prediction_id,prediction,probability_no\n',
      lines: lines(id),
    },
  }));
}

describe("the Parquet file of a run", () => {
  it("has the rows of the CSV with the types of the columns", async () => {
    const run = await runOf((id) => [
      `1.5,7,true,plain,${idOf(id, 0)},no,0.75`,
      `,,,,${idOf(id, 1)},,`,
      `n/a,2.5,maybe,"a ""b"", c\nd",${idOf(id, 2)},"1,5",1e-7`,
      `-0.1,-9223372036854775808,0,Köln 東京,${idOf(id, 5)},yes,0.30000000000000004`,
      `1e300,9007199254740993,TRUE,x,${idOf(id, 36)},yes,1`,
      `1,9223372036854775808,1,x,${idOf(id, 37)},yes,1`,
      `1,1e3,1,x,${idOf(id, 38)},yes,1`,
    ]);
    const file = await writtenParquet(run);
    const fields = parquetSchema(parquetMetadata(file)).children.map(({ element }) => element);
    expect(
      fields.map(({ name, type, converted_type, repetition_type }) => [name, type, converted_type, repetition_type]),
    ).toEqual([
      ["x", "DOUBLE", undefined, "OPTIONAL"],
      ["n", "INT64", undefined, "OPTIONAL"],
      ["yes", "BOOLEAN", undefined, "OPTIONAL"],
      ["größe, t", "BYTE_ARRAY", "UTF8", "OPTIONAL"],
      ["prediction_id", "BYTE_ARRAY", "UTF8", "OPTIONAL"],
      ["prediction", "BYTE_ARRAY", "UTF8", "OPTIONAL"],
      ["probability_no", "DOUBLE", undefined, "OPTIONAL"],
    ]);
    const id = (row: number) => idOf(run.runId, row);
    const rows = await parquetReadObjects({ file });
    expect(rows.map((row) => Object.values(row))).toEqual([
      [1.5, 7n, true, "plain", id(0), "no", 0.75],
      [null, null, null, null, id(1), null, null],
      [null, null, null, 'a "b", c\nd', id(2), "1,5", 1e-7],
      [-0.1, -9223372036854775808n, false, "Köln 東京", id(5), "yes", 0.30000000000000004],
      [1e300, 9007199254740993n, true, "x", id(36), "yes", 1],
      [1, null, true, "x", id(37), "yes", 1],
      [1, 1000n, true, "x", id(38), "yes", 1],
    ]);
  });

  it("is written in row groups and parts of an upload, and gives the same bytes again", async () => {
    // More than the 8 MiB of a part, and of several row groups.
    const count = 12_000;
    const text = "y".repeat(800);
    const run = await runOf((id) =>
      Array.from(
        { length: count },
        (_, row) => `${row / 8},${row},${row % 2},${row} ${text},${idOf(id, row)},p${row % 3},${row % 9 ? 0.5 : ""}`,
      ),
    );
    const file = await writtenParquet(run);
    expect(file.byteLength).toBeGreaterThan(8_388_608);
    const groups = parquetMetadata(file).row_groups.map((group) => Number(group.num_rows));
    expect(groups.length).toBeGreaterThan(2);
    expect(groups.reduce((sum, rows) => sum + rows, 0)).toBe(count);
    const rows = await parquetReadObjects({ file });
    const wrong = rows.filter(
      (cells, row) =>
        cells["x"] !== row / 8 ||
        cells["n"] !== BigInt(row) ||
        cells["yes"] !== (row % 2 === 1) ||
        cells["größe, t"] !== `${row} ${text}` ||
        cells["prediction_id"] !== idOf(run.runId, row) ||
        cells["probability_no"] !== (row % 9 ? 0.5 : null),
    );
    expect(wrong).toEqual([]);
    const again = await writtenParquet(run);
    const [first, second] = await Promise.all([file, again].map((bytes) => crypto.subtle.digest("SHA-256", bytes)));
    expect(second).toEqual(first);
  });

  it("has the columns also where there are no rows", async () => {
    const file = await writtenParquet(await runOf(() => []));
    expect(parquetSchema(parquetMetadata(file)).children.length).toBe(7);
    expect(await parquetReadObjects({ file })).toEqual([]);
  });

  it("is not there when the CSV is not whole", async () => {
    const run = await runOf((id) => [`1,1,1,x,${idOf(id, 0)},a,1`]);
    await expect(writeParquet(env.STORE, { ...run, main: { ...run.main, rows: 2 } }, "main")).rejects.toThrow(
      "has 1 rows and should have 2",
    );
    expect(await env.STORE.head(resultParquetKey(run.runId, "main"))).toBeNull();
    await expect(writeParquet(env.STORE, run, "challenger")).rejects.toMatchObject({ code: "wrong_destination" });
  });
});

describe("decimals, dates and times in the Parquet file of a run", () => {
  it("are what they were in the source, and readable as such", async () => {
    const run = await writtenRun((id) => ({
      main: {
        columns: [
          { ...source("price", "decimal"), precision: 20, scale: 2 },
          source("day", "date"),
          source("at", "timestamp"),
          source("local", "datetime"),
          ...ADDED,
        ],
        header: "price,day,at,local,prediction_id,prediction,probability_no\n",
        lines: [
          `12.50,2024-02-29,2024-01-01T10:00:00.123456Z,2024-01-01T10:00:00,${idOf(id, 0)},no,0.75`,
          `-123456789012345678.09,1969-12-31,1969-12-31T23:59:59Z,,${idOf(id, 1)},no,0.75`,
          `n/a,infinity,,n/a,${idOf(id, 2)},no,0.75`,
        ],
      },
    }));
    const file = await writtenParquet(run);
    const fields = parquetSchema(parquetMetadata(file)).children.map(({ element }) => element);
    expect(
      fields
        .slice(0, 4)
        .map(({ type, converted_type, logical_type, precision, scale }) => [
          type,
          converted_type ?? logical_type,
          precision,
          scale,
        ]),
    ).toEqual([
      ["FIXED_LEN_BYTE_ARRAY", "DECIMAL", 20, 2],
      ["INT32", "DATE", undefined, undefined],
      ["INT64", expect.objectContaining({ type: "TIMESTAMP", isAdjustedToUTC: true }), undefined, undefined],
      ["INT64", expect.objectContaining({ type: "TIMESTAMP", isAdjustedToUTC: false }), undefined, undefined],
    ]);
    const { columns, batches } = await openParquet({
      byteLength: file.byteLength,
      slice: (from, to) => file.slice(from, to),
    });
    const rows: (string | null)[][] = [];
    for await (const batch of batches()) rows.push(...batch.map((row) => row.slice(0, 4)));
    expect([columns.slice(0, 4), rows]).toEqual([
      ["price", "day", "at", "local"],
      [
        ["12.50", "2024-02-29", "2024-01-01T10:00:00.123456Z", "2024-01-01T10:00:00"],
        ["-123456789012345678.09", "1969-12-31", "1969-12-31T23:59:59Z", null],
        [null, null, null, null],
      ],
    ]);
  });
});
