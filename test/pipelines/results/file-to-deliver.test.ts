import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { rangeKey, resultParquetKey } from "../../../src/inference/batch/run-result.ts";
import { fileToDeliver } from "../../../src/pipelines/results/file-to-deliver.ts";
import { ADDED, idOf, source, textOf, writtenRun } from "./result-files.ts";

const MAIN = { model: "main", challenger: false } as const;
const JOINED = { model: "main", challenger: true } as const;

async function rowsOf(file: { rows(): AsyncIterable<unknown[][]> }): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const batch of file.rows()) {
    expect(batch.length).toBeLessThanOrEqual(10_000);
    rows.push(...batch);
  }
  return rows;
}

describe("the file of a run", () => {
  it("gives its cells by the types of the columns, and null for what holds nothing of that type", async () => {
    const columns = [source("a b", "number"), source("n", "integer"), source("yes", "boolean"), source("t", "text")];
    const run = await writtenRun((id) => ({
      main: {
        columns: [...columns, ...ADDED],
        header: '"a b",n,yes,t,prediction_id,prediction,probability_no\n',
        lines: [
          `1.5,7,true,plain,${idOf(id, 0)},no,0.75`,
          `,,,,${idOf(id, 1)},,`,
          `n/a,x,maybe,"a ""b"", c\nd",${idOf(id, 2)},"1,5",1e-7`,
          `"-3",-0,0,Köln 東京,${idOf(id, 5)},yes,0.30000000000000004`,
          `1e400,2.5,TRUE, x ,${idOf(id, 36)},NULL,5e-324`,
          `0,9007199254740993,1,"",${idOf(id, 37)},=1,1`,
        ],
      },
    }));
    const file = fileToDeliver(env.STORE, run, MAIN);
    expect(file.rowCount).toBe(6);
    expect(file.columns).toEqual([
      { name: "a b", type: "number" },
      { name: "n", type: "integer" },
      { name: "yes", type: "boolean" },
      { name: "t", type: "text" },
      { name: "prediction_id", type: "text" },
      { name: "prediction", type: "text" },
      { name: "probability_no", type: "number" },
    ]);
    const rows = [
      [1.5, 7, true, "plain", idOf(run.runId, 0), "no", 0.75],
      [null, null, null, null, idOf(run.runId, 1), null, null],
      [null, null, null, 'a "b", c\nd', idOf(run.runId, 2), "1,5", 1e-7],
      [-3, 0, false, "Köln 東京", idOf(run.runId, 5), "yes", 0.30000000000000004],
      [null, 2.5, true, " x ", idOf(run.runId, 36), "NULL", 5e-324],
      // Twice the largest whole number of a double and one: 9007199254740992 is another.
      [0, 9007199254740993n, true, null, idOf(run.runId, 37), "=1", 1],
    ];
    expect(await rowsOf(file)).toEqual(rows);
    expect(await rowsOf(file)).toEqual(rows);
  });

  it("is read in batches when it is large, whole and in order", async () => {
    const count = 25_003;
    const run = await writtenRun((id) => ({
      main: {
        columns: [source("n", "integer"), source("t", "text"), ...ADDED],
        header: "n,t,prediction_id,prediction,probability_no\n",
        lines: Array.from({ length: count }, (_, row) => `${row},"x,${row}",${idOf(id, row)},p${row % 3},0.5`),
      },
    }));
    const rows = await rowsOf(fileToDeliver(env.STORE, run, MAIN));
    expect(rows.length).toBe(count);
    for (const [row, cells] of rows.entries())
      if (cells[0] !== row || cells[1] !== `x,${row}` || cells[3] !== `p${row % 3}`) expect(cells).toBe(row);
  });

  it("passes the bytes of the store on, those of the challenger too", async () => {
    const run = await writtenRun((id) => ({
      main: { columns: ADDED, header: "prediction_id,prediction,probability_no\n", lines: [`${idOf(id, 0)},a,1`] },
      challenger: {
        columns: ADDED,
        header: "prediction_id,prediction,probability_no\n",
        lines: [`${idOf(id, 3)},b,0`],
      },
    }));
    await env.STORE.put(resultParquetKey(run.runId, "challenger"), "PAR1");
    const main = fileToDeliver(env.STORE, run, MAIN);
    expect(await textOf(main.bytes("csv"))).toBe(
      `prediction_id,prediction,probability_no\n${idOf(run.runId, 0)},a,1\n`,
    );
    const challenger = fileToDeliver(env.STORE, run, { model: "challenger", challenger: false });
    expect(await textOf(challenger.bytes("parquet"))).toBe("PAR1");
    expect(await rowsOf(challenger)).toEqual([[idOf(run.runId, 3), "b", 0]]);
    await expect(main.bytes("parquet")).rejects.toMatchObject({ name: "DeliveryError", code: "incomplete" });
    await env.STORE.delete(rangeKey(run.runId, 0, "main"));
    await expect(rowsOf(main)).rejects.toMatchObject({
      code: "incomplete",
      message: expect.stringContaining("Start a new run"),
    });
  });

  it("has no rows where nothing was answered", async () => {
    const run = await writtenRun(() => ({
      main: {
        columns: [source('q"', "text"), ...ADDED],
        header: '"q""",prediction_id,prediction,probability_no\n',
        lines: [],
      },
    }));
    expect(await rowsOf(fileToDeliver(env.STORE, run, MAIN))).toEqual([]);
  });

  it("is refused for a challenger that the version does not have", async () => {
    const run = await writtenRun(() => ({ main: { columns: ADDED, header: "", lines: [] } }));
    expect(() => fileToDeliver(env.STORE, run, { model: "challenger", challenger: false })).toThrow(
      "Version 3 has no challenger",
    );
    expect(fileToDeliver(env.STORE, run, JOINED).columns.map(({ name }) => name)).toEqual(
      ADDED.map(({ name }) => name),
    );
  });
});

describe("the file of main with what the challenger answered", () => {
  const columns = [source("n", "integer"), source("t", "text"), ...ADDED];
  const challengerColumns = [
    ...columns.slice(0, 3),
    { name: "prediction", type: "number" as const, role: "prediction" as const },
    { name: "leaf, deep", type: "text" as const, role: "extra" as const },
  ];

  /** Rows of the source that main and the challenger have answered. */
  function runOf(main: number[], challenger: number[]) {
    return writtenRun((id) => ({
      main: {
        columns,
        header: "n,t,prediction_id,prediction,probability_no\n",
        lines: main.map((row) => `${row},"t ""${row}"" ü" ,${idOf(id, row)},m${row},0.5`),
      },
      challenger: {
        columns: challengerColumns,
        header: 'n,t,prediction_id,prediction,"leaf, deep"\n',
        lines: challenger.map((row) => `${row},"t ""${row}"" ü",${idOf(id, row)},${row / 4},"[${row},1]"`),
      },
    }));
  }

  it("follows row by row, with nothing where the challenger did not answer", async () => {
    const run = await runOf([0, 2, 3, 35, 36, 40], [1, 2, 36, 37, 38]);
    const file = fileToDeliver(env.STORE, run, JOINED);
    expect(file.columns.slice(5)).toEqual([
      { name: "challenger_prediction", type: "number" },
      { name: "challenger_leaf, deep", type: "text" },
    ]);
    const id = (row: number) => idOf(run.runId, row);
    expect(await rowsOf(file)).toEqual([
      [0, 't "0" ü', id(0), "m0", 0.5, null, null],
      [2, 't "2" ü', id(2), "m2", 0.5, 0.5, "[2,1]"],
      [3, 't "3" ü', id(3), "m3", 0.5, null, null],
      [35, 't "35" ü', id(35), "m35", 0.5, null, null],
      [36, 't "36" ü', id(36), "m36", 0.5, 9, "[36,1]"],
      [40, 't "40" ü', id(40), "m40", 0.5, null, null],
    ]);
    expect(await textOf(file.bytes("csv"))).toBe(
      [
        'n,t,prediction_id,prediction,probability_no,challenger_prediction,"challenger_leaf, deep"',
        `0,"t ""0"" ü" ,${id(0)},m0,0.5,,`,
        `2,"t ""2"" ü" ,${id(2)},m2,0.5,0.5,"[2,1]"`,
        `3,"t ""3"" ü" ,${id(3)},m3,0.5,,`,
        `35,"t ""35"" ü" ,${id(35)},m35,0.5,,`,
        `36,"t ""36"" ü" ,${id(36)},m36,0.5,9,"[36,1]"`,
        `40,"t ""40"" ü" ,${id(40)},m40,0.5,,`,
        "",
      ].join("\n"),
    );
    await expect(file.bytes("parquet")).rejects.toThrow("not available as Parquet");
  });

  it("is joined over the borders of batches, wherever rows are missing", async () => {
    const all = Array.from({ length: 30_000 }, (_, row) => row);
    const run = await runOf(
      all.filter((row) => row % 7 !== 3 && (row < 5_000 || row > 5_100)),
      all.filter((row) => row % 5 !== 1 && row > 12_000 && row < 29_000),
    );
    const rows = await rowsOf(fileToDeliver(env.STORE, run, JOINED));
    expect(rows.length).toBe(run.main.rows);
    const wrong = rows.filter(([n, , , , , prediction]) => {
      const row = Number(n);
      return prediction !== (row % 5 !== 1 && row > 12_000 && row < 29_000 ? row / 4 : null);
    });
    expect(wrong).toEqual([]);
    const csv = await textOf(fileToDeliver(env.STORE, run, JOINED).bytes("csv"));
    expect(csv.split("\n").length).toBe(rows.length + 2);
    expect(csv).toContain(`,m20000,0.5,5000,"[20000,1]"\n`);
  });

  it("has nothing in its columns where the challenger answered no row", async () => {
    const run = await runOf([4], []);
    const cells = [4, 't "4" ü', idOf(run.runId, 4), "m4", 0.5, null, null];
    expect(await rowsOf(fileToDeliver(env.STORE, run, JOINED))).toEqual([cells]);
  });

  it("lets go of both files when it is left early", async () => {
    const run = await runOf([0, 1, 2], [0, 1, 2]);
    const file = fileToDeliver(env.STORE, run, JOINED);
    for await (const batch of file.rows()) {
      expect(batch.length).toBe(3);
      break;
    }
    await (await file.bytes("csv")).cancel();
    expect((await rowsOf(file)).length).toBe(3);
  });

  it("is refused where the source has a column of that name, and where rows are out of order", async () => {
    const taken = [source("challenger_prediction", "text"), ...ADDED];
    const run = await writtenRun(() => ({
      main: { columns: taken, header: "challenger_prediction,prediction_id,prediction,probability_no\n", lines: [] },
      challenger: {
        columns: taken,
        header: "challenger_prediction,prediction_id,prediction,probability_no\n",
        lines: [],
      },
    }));
    const refused = () => fileToDeliver(env.STORE, run, JOINED);
    expect(refused).toThrow(
      expect.objectContaining({ code: "schema_changed", message: expect.stringContaining('"challenger_prediction"') }),
    );
    const disordered = await runOf([2, 1], [1]);
    await expect(rowsOf(fileToDeliver(env.STORE, disordered, JOINED))).rejects.toThrow("order of the source");
  });
});
