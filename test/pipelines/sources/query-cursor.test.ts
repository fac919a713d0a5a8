import { env } from "cloudflare:workers";
import { createConnection } from "mysql2/promise";
import postgres from "postgres";
import { beforeAll, describe, expect, inject, it } from "vitest";
import type { OpenedDatabase } from "../../../src/pipelines/connections/connection-input.ts";
import { openCursor } from "../../../src/pipelines/sources/query-cursor.ts";
import { SourceError } from "../../../src/pipelines/sources/source-error.ts";
import { stage } from "../../../src/pipelines/sources/stage.ts";
import type { DatabaseAddress } from "../../support/databases.ts";

const TABLE = "tiltyard_source_rows";
const ROWS = 5_000;

function connectionTo(kind: "postgres" | "mysql", { password, ...settings }: DatabaseAddress): OpenedDatabase {
  return { id: "con_1", kind, settings, secret: { password } };
}

async function rowsOf(connection: OpenedDatabase, sql: string) {
  const cursor = await openCursor(connection, sql);
  try {
    const rows: (string | null)[][] = [];
    for await (const batch of cursor.batches) rows.push(...batch);
    return { columns: cursor.columns, rows };
  } finally {
    await cursor.close();
  }
}

async function refusal(connection: OpenedDatabase, sql: string): Promise<SourceError> {
  try {
    await rowsOf(connection, sql);
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
  throw new Error("The query gave rows.");
}

/** What holds for every database that has a table of `ROWS` rows, `id` from 1. */
function behavesAsSource(connection: OpenedDatabase): void {
  const all = `select id, name from ${TABLE} order by id`;

  it("gives all rows of a query, piece by piece, in its order", async () => {
    const { columns, rows } = await rowsOf(connection, all);
    expect(columns).toEqual(["id", "name"]);
    expect(rows).toEqual(Array.from({ length: ROWS }, (_, index) => [String(index + 1), `name, "${index + 1}"`]));
  });

  it("becomes the CSV of a run, and is not asked again when that is repeated", async () => {
    const ports = {
      store: env.STORE,
      runId: `run_${connection.kind}`,
      fetch,
      allowPrivate: true,
      dataset: async () => null,
      connection: async () => connection,
    };
    const staged = await stage({ kind: "query", connection_id: "con_1", sql: all }, ports);
    expect(staged).toMatchObject({ columns: ["id", "name"], delimiter: ",", rows: ROWS });
    const csv = await (await env.STORE.get(staged.key))?.text();
    expect(csv?.slice(0, 38)).toBe('id,name\n1,"name, ""1"""\n2,"name, ""2""');
    expect(await stage({ kind: "query", connection_id: "con_1", sql: "not asked" }, ports)).toEqual(staged);
  });

  it.each([
    ["wrong SQL", "selekt 1", "query_refused"],
    ["a change", `delete from ${TABLE}`, "query_refused"],
    ["an end of the transaction before a change", `commit; delete from ${TABLE}`, "query_refused"],
    ["no rows", `select * from ${TABLE} where id < 0`, "query_empty"],
  ])("refuses %s, and changes nothing", async (_, sql, code) => {
    expect(await refusal(connection, sql)).toMatchObject({ code, isRetryable: false });
    expect((await rowsOf(connection, `select count(*) from ${TABLE}`)).rows).toEqual([[String(ROWS)]]);
  });

  it("can be tried again where nobody answers", async () => {
    const closed = { ...connection, settings: { ...connection.settings, port: inject("closedPort") } };
    expect(await refusal(closed, all)).toMatchObject({ code: "query_unreachable", isRetryable: true });
  });
}

const postgresAddress: DatabaseAddress | undefined = inject("postgres");
const mysqlAddress: DatabaseAddress | null | undefined = inject("mysql");

describe.skipIf(!postgresAddress)("a query on PostgreSQL", () => {
  if (!postgresAddress) return;
  const connection = connectionTo("postgres", postgresAddress);

  beforeAll(async () => {
    const { host, port, database, user, password } = postgresAddress;
    const sql = postgres({ host, port, database, user, password, max: 1, onnotice: () => undefined });
    await sql.unsafe(`drop table if exists ${TABLE}`);
    await sql.unsafe(
      `create table ${TABLE} as select i as id, format('name, "%s"', i) as name from generate_series(1, ${ROWS}) i`,
    );
    await sql.end();
  });

  behavesAsSource(connection);

  it("gives values as exact text", async () => {
    const { rows } = await rowsOf(
      connection,
      `select 12345678901234567890.12::numeric, 9007199254740993::int8, 0.1::float4, 'NaN'::float8, true, null::text,
        timestamp '2024-02-29 12:34:56.000001', timestamptz '2024-02-29 12:34:56+01', date '2024-02-29', '{"a": 1}'::jsonb`,
    );
    expect(rows).toEqual([
      [
        "12345678901234567890.12",
        "9007199254740993",
        "0.1",
        null,
        "true",
        null,
        "2024-02-29T12:34:56.000001",
        "2024-02-29T11:34:56Z",
        "2024-02-29",
        '{"a": 1}',
      ],
    ]);
  });

  it("says what went wrong in the middle of the rows", async () => {
    const sql = `select 1 / (id - 4500) as x from ${TABLE} order by id`;
    const error = await refusal(connection, sql);
    expect(error.message).toContain("division by zero");
  });
});

const PROCEDURES = [
  ["tiltyard_one", `select id, name from ${TABLE} where id <= 3 order by id`],
  ["tiltyard_two", "begin select 1 as a; select 2 as b, 3 as c; end"],
  ["tiltyard_none", "set @x = 1"],
  ["tiltyard_empty", `select id from ${TABLE} where id < 0`],
] as const;

describe.skipIf(!mysqlAddress)("a query on MySQL or MariaDB", () => {
  if (!mysqlAddress) return;
  const connection = connectionTo("mysql", mysqlAddress);

  beforeAll(async () => {
    const { host, port, database, user, password } = mysqlAddress;
    const client = await createConnection({ host, port, database, user, password, disableEval: true });
    await client.query(`drop table if exists ${TABLE}`);
    await client.query(
      `create table ${TABLE} (id int primary key, name varchar(100), flags bit(10) not null default 517) engine = innodb`,
    );
    const values = Array.from({ length: ROWS }, (_, index) => `(${index + 1}, 'name, "${index + 1}"')`);
    await client.query(`insert into ${TABLE} (id, name) values ${values.join(", ")}`);
    for (const [name, body] of PROCEDURES) {
      await client.query(`drop procedure if exists ${name}`);
      await client.query(`create procedure ${name}() ${body}`);
    }
    await client.end();
  });

  behavesAsSource(connection);

  it("gives values as exact text", async () => {
    const { rows } = await rowsOf(
      connection,
      `select cast('12345678901234567890.12' as decimal(30, 2)), 9007199254740993, null, cast('2024-02-29 12:34:56.000001' as datetime(6)),
        cast('2024-02-29' as date), x'ff00', 'ä'`,
    );
    expect(rows).toEqual([
      ["12345678901234567890.12", "9007199254740993", null, "2024-02-29T12:34:56.000001", "2024-02-29", "ff00", "ä"],
    ]);
    expect((await rowsOf(connection, `select flags from ${TABLE} limit 1`)).rows).toEqual([["517"]]);
  });

  it("may be a procedure that gives one table", async () => {
    const { columns, rows } = await rowsOf(connection, "call tiltyard_one()");
    expect(columns).toEqual(["id", "name"]);
    expect(rows).toEqual([1, 2, 3].map((id) => [String(id), `name, "${id}"`]));
  });

  it.each([
    ["call tiltyard_two()", "query_refused"],
    ["call tiltyard_none()", "query_empty"],
    ["call tiltyard_empty()", "query_empty"],
    ["set @x = 1", "query_empty"],
    ["do sleep(0)", "query_empty"],
  ])("%s is refused with what to give instead", async (sql, code) => {
    const error = await refusal(connection, sql);
    expect(error).toMatchObject({ code, isRetryable: false });
    expect(error.message).toContain("Give a SELECT");
  });
});
