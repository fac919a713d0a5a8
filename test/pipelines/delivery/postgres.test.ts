import { describe, expect, it } from "vitest";
import { deliver } from "../../../src/pipelines/delivery/deliver.ts";
import { randomText } from "../../../src/lib/id.ts";
import { fileOf, newRun, refusalOf, SCORES, scores, scoresWith } from "./delivered.ts";
import { postgresTarget } from "./postgres-target.ts";

const target = postgresTarget();
const { sql, connection, to, tally, tableIsThere, notes } = target;

describe("a table of PostgreSQL", () => {
  it("is made by the types of the columns, and holds each row as it was", async () => {
    const rows = [
      [9_007_199_254_740_991, `it's "quoted" \\ é 🙂\n\t, {}`, 0.1, true],
      [-1, "", 1e-300, false],
      [null, null, Number.NaN, undefined],
      [0, "\\u0000 not a NUL", 5e-324, true],
    ];
    expect(await deliver(to("append"), connection, fileOf(SCORES, rows), newRun())).toEqual({ rows: 4 });
    const types =
      await sql`select column_name, data_type from information_schema.columns where table_name = ${target.table} order by ordinal_position`;
    expect(types.map((row) => [row["column_name"], row["data_type"]])).toEqual([
      ["id", "bigint"],
      ["name", "text"],
      ["score", "double precision"],
      ["churns", "boolean"],
    ]);
    const stored = await sql`select id::text, name, score, churns from ${sql(target.table)} order by ctid`;
    expect(stored.map((row) => [row["id"], row["name"], row["score"], row["churns"]])).toEqual([
      ["9007199254740991", `it's "quoted" \\ é 🙂\n\t, {}`, 0.1, true],
      ["-1", "", 1e-300, false],
      [null, null, null, null],
      ["0", "\\u0000 not a NUL", 5e-324, true],
    ]);
  });

  it("gets what PostgreSQL cannot store as the sign for it", async () => {
    await deliver(to("append"), connection, fileOf(SCORES, [[1, "a\0b\uD800", 1, true]]), newRun());
    const [row] = await sql`select name from ${sql(target.table)}`;
    expect(row?.["name"]).toBe("a\uFFFDb\uFFFD");
  });

  it("may stand in a schema of its own, with names that need quotes", async () => {
    const schema = `of "${randomText(8)}"`;
    await sql`create schema ${sql(schema)}`;
    const columns = [{ name: `probability_"it's"; --`, type: "number" as const }];
    await deliver(to("append", { table: `${schema}.out` }), connection, fileOf(columns, [[0.5]]), newRun());
    const rows = await sql.unsafe(`select * from "${schema.replaceAll('"', '""')}".out`);
    expect([...rows]).toEqual([{ [`probability_"it's"; --`]: 0.5 }]);
  });

  it("holds each row once when the delivery is repeated, one after the other or at the same time", async () => {
    const run = newRun();
    const attempt = () => deliver(to("append"), connection, fileOf(SCORES, scores(2_500, 1), 1_000), run);
    expect(await Promise.all([attempt(), attempt(), attempt()])).toEqual([
      { rows: 2_500 },
      { rows: 2_500 },
      { rows: 2_500 },
    ]);
    expect(await attempt()).toEqual({ rows: 2_500 });
    expect(await tally()).toEqual({ rows: 2_500, scores: [1] });
    expect(await notes(run.id)).toBe(1);
    await deliver(to("append"), connection, fileOf(SCORES, scores(10, 2)), newRun());
    expect(await tally()).toEqual({ rows: 2_510, scores: [1, 2] });
  });

  it("takes values by the types that its own columns have", async () => {
    await sql`create table ${sql(target.table)} (id numeric(12, 2), name varchar(20), score text, churns text, more text default 'x')`;
    await deliver(to("append"), connection, fileOf(SCORES, [[7, "a", 0.25, true]]), newRun());
    expect([...(await sql`select * from ${sql(target.table)}`)]).toEqual([
      { id: "7.00", name: "a", score: "0.25", churns: "true", more: "x" },
    ]);
  });
});

describe("replace", () => {
  it("shows readers the old rows or the new ones, never something between", async () => {
    await deliver(to("replace"), connection, fileOf(SCORES, scores(3_000, 1)), newRun());
    const seen: unknown[] = [];
    let isReading = true;
    const reader = (async () => {
      while (isReading) {
        seen.push(await tally());
        // oxlint-disable-next-line no-await-in-loop -- gives way to the delivery
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    await deliver(
      to("replace"),
      connection,
      scoresWith(5_000, 2, () => new Promise((resolve) => setTimeout(resolve, 40))),
      newRun(),
    );
    const changed = [...SCORES, { name: "extra", type: "text" as const }];
    const wider = scores(4_000, 3).map((row) => [...row, "x"]);
    await deliver(to("replace"), connection, fileOf(changed, wider, 500), newRun());
    isReading = false;
    await reader;
    const states = [...new Set(seen.map((state) => JSON.stringify(state)))];
    expect(await tally()).toEqual({ rows: 4_000, scores: [3] });
    const whole = [
      { rows: 3_000, scores: [1] },
      { rows: 5_000, scores: [2] },
      { rows: 4_000, scores: [3] },
    ].map((state) => JSON.stringify(state));
    expect(whole).toEqual(expect.arrayContaining(states));
    expect(seen.length).toBeGreaterThan(20);
  });

  it("keeps rights, views and indexes of a table whose columns fit", async () => {
    await deliver(to("replace"), connection, fileOf(SCORES, scores(3, 1)), newRun());
    const view = `view ${randomText(8)}`;
    await sql`create view ${sql(view)} as select sum(score) as total from ${sql(target.table)}`;
    await deliver(to("replace"), connection, fileOf(SCORES, scores(3, 5)), newRun());
    expect([...(await sql`select total from ${sql(view)}`)]).toEqual([{ total: 15 }]);
    const wider = [...SCORES, { name: "extra", type: "text" as const }];
    const refused = await refusalOf(
      deliver(to("replace"), connection, fileOf(wider, [[1, "a", 1, true, "x"]]), newRun()),
    );
    expect(refused).toMatchObject({ code: "in_the_way", retryable: false });
    expect(await tally()).toEqual({ rows: 3, scores: [5] });
  });
});

describe("upsert", () => {
  it("gives the same table twice, and new values to rows that are there", async () => {
    const byId = to("upsert", { key_columns: ["id"] });
    for (const _ of [1, 2]) await deliver(byId, connection, fileOf(SCORES, scores(1_500, 1), 400), newRun());
    expect(await tally()).toEqual({ rows: 1_500, scores: [1] });
    await deliver(byId, connection, fileOf(SCORES, scores(1_000, 2, 1_000)), newRun());
    const counts = await sql`select score, count(*)::int as n from ${sql(target.table)} group by score order by score`;
    expect(counts.map((row) => [row["score"], row["n"]])).toEqual([
      [1, 1_000],
      [2, 1_000],
    ]);
    const indexes = await sql`select count(*)::int as n from pg_indexes where tablename = ${target.table}`;
    expect(indexes[0]?.["n"]).toBe(1);
  });

  it("keeps the last of rows with the same key", async () => {
    const rows = [
      [1, "a", 1, true],
      [2, "b", 1, true],
      [1, "c", 3, false],
      [1, "d", 2, true],
    ];
    await deliver(to("upsert", { key_columns: ["id"] }), connection, fileOf(SCORES, rows), newRun());
    expect([...(await sql`select id::int, name from ${sql(target.table)} order by id`)]).toEqual([
      { id: 1, name: "d" },
      { id: 2, name: "b" },
    ]);
  });

  it("refuses rows without a key, unknown key columns, and a table that holds keys twice", async () => {
    const byId = to("upsert", { key_columns: ["id"] });
    const noKey = fileOf(SCORES, [
      [1, "a", 1, true],
      [null, "b", 1, true],
    ]);
    expect(await refusalOf(deliver(byId, connection, noKey, newRun()))).toMatchObject({
      code: "bad_value",
      message: expect.stringContaining("Row 2"),
    });
    expect(await tableIsThere()).toBe(false);
    const unknown = to("upsert", { key_columns: ["nobody"] });
    expect(await refusalOf(deliver(unknown, connection, fileOf(SCORES, []), newRun()))).toMatchObject({
      code: "schema_changed",
    });
    await deliver(to("append"), connection, fileOf(SCORES, [...scores(2, 1), ...scores(2, 1)]), newRun());
    expect(await refusalOf(deliver(byId, connection, fileOf(SCORES, scores(1, 1)), newRun()))).toMatchObject({
      code: "in_the_way",
    });
  });
});
