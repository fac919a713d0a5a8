import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import type { OpenedDatabase } from "../../../src/pipelines/connections/connection-input.ts";
import { deliver } from "../../../src/pipelines/delivery/deliver.ts";
import { deliverToMysql } from "../../../src/pipelines/delivery/deliver-mysql.ts";
import type { TableDestination } from "../../../src/pipelines/delivery/destination-kind.ts";
import { randomText } from "../../../src/lib/id.ts";
import { fileOf, newRun, refusalOf, SCORES, scores, scoresWith } from "./delivered.ts";

const server = inject("mysql");

describe.skipIf(server === null)("a table of MariaDB or MySQL", () => {
  const { password, ...elsewhere } = server ?? inject("postgres");
  // A database of this file's own, whose connections it may end.
  const settings = { ...elsewhere, database: `deliveries_${randomText(10)}` };
  const connection: OpenedDatabase = { id: "con_1", kind: "mysql", settings, secret: { password } };
  let sql: Connection;
  let table: string;
  let quotedTable: string;

  beforeAll(async () => {
    const { createConnection } = await import("mysql2/promise");
    const { host, port, user } = settings;
    sql = await createConnection({ host, port, user, password, disableEval: true, supportBigNumbers: true });
    await sql.query(`create database ${settings.database}`);
    await sql.query(`use ${settings.database}`);
  });

  beforeEach(() => {
    table = `scores ${randomText(10)} \`x\`; drop`;
    quotedTable = `\`${table.replaceAll("`", "``")}\``;
  });

  afterAll(async () => {
    await sql.query(`drop database ${settings.database}`);
    await sql.end();
  });

  function to(mode: TableDestination["mode"], more: Partial<TableDestination> = {}): TableDestination {
    return { connection_id: "con_1", table, mode, ...more };
  }

  async function rowsOf(text: string, values: string[] = []): Promise<Record<string, unknown>[]> {
    const [rows] = await sql.query(text, values);
    return rows as Record<string, unknown>[];
  }

  async function tally(): Promise<unknown> {
    const [row] = await rowsOf(
      `select count(*) as n, group_concat(distinct score order by score) as scores from ${quotedTable}`,
    );
    return [row?.["n"], row?.["scores"]];
  }

  async function notes(run: string): Promise<unknown> {
    return (await rowsOf("select count(*) as n from tiltyard_deliveries where run_id = ?", [run]))[0]?.["n"];
  }

  it("is made by the types of the columns, and holds each row as it was", async () => {
    const rows = [
      ["9007199254740993", `it's "quoted" \\ é 🙂\n\t\0, \\'; --`, 0.1, true],
      [-1, "", 1e-300, false],
      [null, null, Number.NaN, undefined],
    ];
    expect(await deliver(to("append"), connection, fileOf(SCORES, rows), newRun())).toEqual({ rows: 3 });
    const types = await rowsOf(
      "select data_type as type from information_schema.columns where table_schema = database() and table_name = ? order by ordinal_position",
      [table],
    );
    expect(types.map(({ type }) => type)).toEqual(["bigint", "mediumtext", "double", "tinyint"]);
    const stored = await rowsOf(`select cast(id as char) as id, name, score, churns from ${quotedTable}`);
    expect(stored.map((row) => Object.values(row))).toEqual([
      ["9007199254740993", `it's "quoted" \\ é 🙂\n\t\0, \\'; --`, 0.1, 1],
      ["-1", "", 1e-300, 0],
      [null, null, null, null],
    ]);
  });

  it("says what the server says, also what the driver has no name for", async () => {
    // 1906: a value for a column that the server computes itself.
    await sql.query(
      `create table ${quotedTable} (id bigint, name mediumtext, score double, churns boolean as (score > 1) stored)`,
    );
    expect(await refusalOf(deliver(to("append"), connection, fileOf(SCORES, scores(2, 1)), newRun()))).toMatchObject({
      code: "refused",
      retryable: false,
      message: expect.stringContaining("generated column 'churns'"),
    });
  });

  it("holds each row once when the delivery is repeated, one after the other or at the same time", async () => {
    const run = newRun();
    const attempt = () => deliver(to("append"), connection, fileOf(SCORES, scores(2_500, 1), 1_000), run);
    expect(await Promise.all([attempt(), attempt()])).toEqual([{ rows: 2_500 }, { rows: 2_500 }]);
    expect(await attempt()).toEqual({ rows: 2_500 });
    expect(await tally()).toEqual([2_500, "1"]);
    expect(await notes(run.id)).toBe(1);
  });

  it("is replaced so that readers see the old rows or the new ones, also when its columns change", async () => {
    await deliver(to("replace"), connection, fileOf(SCORES, scores(3_000, 1)), newRun());
    const seen = new Set<string>();
    let isReading = true;
    const reader = (async () => {
      while (isReading) {
        seen.add(JSON.stringify(await tally()));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    const slowly = () => new Promise<void>((resolve) => setTimeout(resolve, 40));
    await deliver(to("replace"), connection, scoresWith(5_000, 2, slowly), newRun());
    const wider = scores(4_000, 3).map((row) => [...row, "x"]);
    const run = newRun();
    const changed = fileOf([...SCORES, { name: "Extra", type: "text" }], wider, 500);
    await deliver(to("replace"), connection, changed, run);
    await deliver(to("replace"), connection, changed, run);
    isReading = false;
    await reader;
    expect(await tally()).toEqual([4_000, "3"]);
    expect(['[3000,"1"]', '[5000,"2"]', '[4000,"3"]']).toEqual(expect.arrayContaining([...seen]));
    expect(seen.size).toBeGreaterThan(1);
    expect(await rowsOf("show tables like 'tiltyard\\_%\\_%'")).toEqual([]);
  });

  it("is the same after an upsert and after the same upsert again", async () => {
    const byName = to("upsert", { key_columns: ["name"] });
    for (const _ of [1, 2]) await deliver(byName, connection, fileOf(SCORES, scores(1_500, 1), 400), newRun());
    expect(await tally()).toEqual([1_500, "1"]);
    await deliver(byName, connection, fileOf(SCORES, scores(1_000, 2, 1_000)), newRun());
    const counts = await rowsOf(`select score, count(*) as n from ${quotedTable} group by score order by score`);
    expect(counts).toEqual([
      { score: 1, n: 1_000 },
      { score: 2, n: 1_000 },
    ]);
    const twice = [
      [1, "a", 1, true],
      [1, "A", 2, true],
      [2, "a", 3, true],
    ];
    await deliver(byName, connection, fileOf(SCORES, twice), newRun());
    expect(await rowsOf(`select id, name from ${quotedTable} where name in ('a', 'A') order by id`)).toEqual([
      { id: 1, name: "A" },
      { id: 2, name: "a" },
    ]);
  });

  it.each(["append", "replace", "upsert"] as const)(
    "is left as it was when the connection is killed at any moment of %s",
    async (mode) => {
      const keys = mode === "upsert" ? { key_columns: ["id"] } : {};
      await deliver(to(mode, keys), connection, fileOf(SCORES, scores(100, 1)), newRun());
      const own = (await rowsOf("select connection_id() as id"))[0]?.["id"];
      for (const moment of [0, 1, 4, 9]) {
        const run = newRun();
        const killed = scoresWith(10_000, 2, async (batch) => {
          if (batch !== moment) return;
          for (const { id } of await rowsOf("select id from information_schema.processlist where db = database()"))
            if (id !== own) await sql.query(`kill ${Number(id)}`);
        });
        expect(await refusalOf(deliver(to(mode, keys), connection, killed, run))).toMatchObject({
          code: "unreachable",
          retryable: true,
        });
        expect(await tally()).toEqual([100, "1"]);
        expect(await notes(run.id)).toBe(0);
        if (moment === 9)
          expect(await deliver(to(mode, keys), connection, fileOf(SCORES, scores(50, 3)), run)).toEqual({ rows: 50 });
      }
    },
  );

  it("is refused with what to do: a missing column, a value that does not fit, a missing right, an engine without transactions", async () => {
    await sql.query(`create table ${quotedTable} (id int, name text, score double)`);
    const attempt = (rows: unknown[][]) => refusalOf(deliver(to("append"), connection, fileOf(SCORES, rows), newRun()));
    expect(await attempt(scores(1, 1))).toMatchObject({
      code: "schema_changed",
      message: expect.stringContaining('"churns"'),
    });
    await sql.query(`alter table ${quotedTable} add churns boolean`);
    expect(await attempt([["x1", "a", 1, true]])).toMatchObject({ code: "bad_value", retryable: false });
    expect(await tally()).toEqual([0, null]);
    const user = `reader_${randomText(8)}`;
    await sql.query(`create user ${user}@'%' identified by 'p'`);
    await sql.query(`grant select on ${settings.database}.* to ${user}@'%'`);
    const reader: OpenedDatabase = { ...connection, settings: { ...settings, user }, secret: { password: "p" } };
    expect(await refusalOf(deliver(to("append"), reader, fileOf(SCORES, scores(1, 1)), newRun()))).toMatchObject({
      code: "no_right",
    });
    await sql.query(`alter table ${quotedTable} engine = MyISAM`);
    expect(await attempt(scores(1, 1))).toMatchObject({
      code: "schema_changed",
      message: expect.stringContaining("InnoDB"),
    });
  });

  it("is told which rows are there twice where an upsert finds some", async () => {
    await sql.query(`create table ${quotedTable} (id int, name text, score double, churns boolean)`);
    await sql.query(`insert into ${quotedTable} values (1, 'a', 1, true), (1, 'b', 1, true)`);
    const upsert = to("upsert", { key_columns: ["id"] });
    expect(await refusalOf(deliver(upsert, connection, fileOf(SCORES, scores(3, 2)), newRun()))).toMatchObject({
      code: "in_the_way",
      retryable: false,
      message: expect.stringMatching(/rows with the same "id".*Remove duplicates/),
    });
  });

  it("is not waited for longer than told, when it is locked or when its host says nothing", async () => {
    await deliver(to("append"), connection, fileOf(SCORES, scores(1, 1)), newRun());
    await sql.query(`lock tables ${quotedTable} write`);
    const limits = { connectMs: 1_000, statementMs: 1_000 };
    const locked = await refusalOf(
      deliverToMysql(to("append"), connection, fileOf(SCORES, scores(1, 2)), newRun(), limits),
    );
    await sql.query("unlock tables");
    expect(locked).toMatchObject({ code: "timeout", retryable: true });
    const silent: OpenedDatabase = {
      ...connection,
      settings: { ...settings, host: "127.0.0.1", port: inject("silentPort") },
    };
    expect(await refusalOf(deliverToMysql(to("append"), silent, fileOf(SCORES, []), newRun(), limits))).toMatchObject({
      code: "timeout",
      retryable: true,
    });
    expect(await tally()).toEqual([1, "1"]);
  });
});
